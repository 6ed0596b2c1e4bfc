"""What a chapter's source must look like: each rule yields (line, what is wrong and what to do about it)."""

import ast
import re

from tools.building import names
from tools.building.exercises import BEGIN, END, check_call, strip_solution

LONGEST_CELL, LONGEST_SETUP = 20, 5
CHECKED = "nbval-check-output"
CHECKED_COMMENT = "# NBVAL_CHECK_OUTPUT"
CODE_TAGS = {"setup", "exercise", "check", "quiz", "timing", CHECKED}
MARKDOWN_TAGS = {"hint"}
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes"}
_MAGIC = re.compile(r"\s*(# )?[%!][%\w]")


def problems(chapter):
    """All that is wrong with a chapter (list of (line, sentence)), sorted by line."""
    found = []
    for rule in (_metadata, _code, _setup, _markers, _exercise):
        found += [problem for cell in chapter.cells for problem in rule(cell)]
    found += _order(chapter.cells)
    if not found:  # what leans on well-formed exercises and code
        found += _exercise_names(chapter.cells)
        found += _later_names(chapter.cells)
    return sorted(set(found))


def is_checked(text, tags):
    """True if nbval compares what the cell with this text and these tags prints."""
    return CHECKED in tags or CHECKED_COMMENT in text.splitlines()


def _metadata(cell):
    known = CODE_TAGS if cell.kind == "code" else MARKDOWN_TAGS
    for tag in cell.tags - known:
        yield cell.line, f"a {cell.kind} cell has the tag {tag!r}. Use one of {', '.join(sorted(known))}."
    if unknown := set(cell.metadata) - {"tags", "slideshow"}:
        yield cell.line, f"unknown cell metadata {sorted(unknown)}. A cell has `tags` and `slideshow`, nothing else."
    if cell.slide_type == "-":
        yield cell.line, 'slide type "-" makes the cell vanish. A cell that continues its slide has no slide type.'
    elif cell.slide_type not in SLIDE_TYPES | {None}:
        yield cell.line, f"slide type {cell.slide_type!r} is none of {', '.join(sorted(SLIDE_TYPES))}."
    if not cell.text.strip():
        yield cell.line, "the cell is empty. Fill it or take it away."
    if cell.kind == "markdown" and re.match(r"# ", cell.text):
        yield cell.line, "the build writes the chapter's title, from the header. Begin sections with `## `."
    if "timing" in cell.tags and is_checked(cell.text, cell.tags):
        yield cell.line, "timings differ from run to run and cannot be checked. Take one of the two tags away."


def _code(cell):
    if cell.kind != "code":
        return
    lines = cell.text.splitlines()
    magic = next((index for index, line in enumerate(lines) if _MAGIC.match(line)), None)
    if magic is not None:
        yield (
            cell.line + magic,
            "a magic or shell command. Chapters are plain Python, so that every tool can read them.",
        )
        return
    try:
        ast.parse(cell.text)
    except SyntaxError as error:
        yield cell.line + (error.lineno or 1) - 1, f"no valid Python ({error.msg})."
    shown = len(strip_solution(cell.text).splitlines())
    if shown > LONGEST_CELL:
        yield (
            cell.line,
            f"a code cell of {shown} lines, the most is {LONGEST_CELL}. Split it, or move parts to `utils`.",
        )


def _setup(cell):
    if "setup" not in cell.tags:
        return
    if (count := len(cell.text.splitlines())) > LONGEST_SETUP:
        yield cell.line, f"a setup cell of {count} lines, the most is {LONGEST_SETUP}. Import only what is used."
    try:
        body = ast.parse(cell.text).body
    except SyntaxError:
        return
    for statement in body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield (
                cell.line + statement.lineno - 1,
                "the setup cell holds imports only. Move this line to a cell of its own.",
            )


def _markers(cell):
    """Markers of the solution come in pairs, with something in between."""
    inside = 0  # line of the marker that is open
    for line, text in enumerate(cell.text.splitlines(), cell.line):
        if BEGIN not in text and END not in text:
            continue
        if text.strip() not in (BEGIN, END):
            yield line, f"a marker stands alone in its line, exactly as `{BEGIN}` or `{END}`."
        elif (text.strip() == BEGIN) == bool(inside):
            yield line, f"{text.strip()} without its partner. They come in pairs: {BEGIN}, then {END}."
        elif inside == line - 1:
            yield line, "an empty solution. Write it between the markers."
        inside = line if text.strip() == BEGIN else 0
    if inside:
        yield inside, f"{BEGIN} without {END}. Add `{END}` after the solution, indented in the same way."


def _exercise(cell):
    """An exercise, and nothing else, has a solution, and its stub does no harm."""
    marked = BEGIN in cell.text
    if "exercise" not in cell.tags:
        if marked:
            yield cell.line, 'solution markers in a cell that is no exercise. Tag it: `# %% tags=["exercise"]`.'
        return
    if not marked:
        yield cell.line, f"an exercise without a solution. Put `{BEGIN}` and `{END}` around what the learner writes."
    elif _raises_when_run(strip_solution(cell.text)):
        yield cell.line, "the stub would stop the notebook. Write the exercise as a function, or a class with methods."
    if is_checked(cell.text, cell.tags):
        yield cell.line, f"an exercise cannot be tagged {CHECKED}: its output changes once it is solved."


def _raises_when_run(stub):
    """True if the stub raises as soon as its cell runs: outside every function."""
    try:
        pending = [ast.parse(stub)]
    except SyntaxError:
        return False  # _code reports the syntax
    while pending:
        for node in ast.iter_child_nodes(pending.pop()):
            if isinstance(node, ast.Raise):
                return True
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                pending.append(node)
    return False


def _order(cells):
    """Setup first and once; after each exercise its check, after that its hints."""
    code = [cell for cell in cells if cell.kind == "code"]
    if not code or "setup" not in code[0].tags:
        yield (code[0].line if code else 1), 'the first code cell is the setup cell. Tag it: `# %% tags=["setup"]`.'
    for cell in code[1:]:
        if "setup" in cell.tags:
            yield cell.line, "a second setup cell. Put all imports into the first."
    names_seen = set()
    for before, cell in zip([None, *code], [*code, None], strict=True):
        expected = before is not None and "exercise" in before.tags
        if expected and (cell is None or "check" not in cell.tags):
            yield (
                before.line,
                'an exercise without its check. Add a cell `# %% tags=["check"]` with `check.name(answer)`.',
            )
        if cell is not None and "check" in cell.tags:
            yield from _check(cell, expected, names_seen)
    yield from _hints(cells)


def _check(cell, follows_exercise, names_seen):
    if not follows_exercise:
        yield cell.line, "a check without an exercise. It comes right after the exercise's cell."
    if is_checked(cell.text, cell.tags):
        yield cell.line, f"a check cannot be tagged {CHECKED}: its output changes once the exercise is solved."
    try:
        name, _ = check_call(cell)
    except ValueError as error:
        yield cell.line, str(error)
        return
    if name in names_seen:
        yield cell.line, f"check.{name} is called a second time. Each exercise has a check of its own."
    names_seen.add(name)


def _hints(cells):
    for before, cell in zip([None, *cells], cells, strict=False):
        if "hint" in cell.tags and (before is None or not before.tags & {"check", "hint"}):
            yield cell.line, "a hint comes right after a check, or after another hint."


def _exercise_names(cells):
    """An exercise leans on the setup cell only, so that it can be judged, and solved, alone."""
    given = names.defined(cells_with(cells, "setup")[0].text)
    for cell in cells_with(cells, "exercise"):
        if missing := names.used(cell.text) - given:
            yield (
                cell.line,
                (
                    f"an exercise uses only names of the setup cell, not {', '.join(sorted(missing))}. "
                    "Hand them in as arguments, or import them in the setup cell."
                ),
            )


def _later_names(cells):
    """No cell but the check uses what a learner wrote: the stub would stop the notebook there."""
    learners = set()
    for cell in cells:
        if cell.kind != "code" or "check" in cell.tags:
            continue
        if "exercise" in cell.tags:
            learners |= names.defined(cell.text)
            continue
        if leaned_on := names.used(cell.text) & learners:
            yield (
                cell.line,
                (
                    f"the cell uses {', '.join(sorted(leaned_on))}, which the learner writes. "
                    "Later cells never depend on an answer: use the reference from `utils`."
                ),
            )
        learners -= names.defined(cell.text)


def cells_with(cells, tag):
    """The cells that carry a tag (list)."""
    return [cell for cell in cells if tag in cell.tags]
