"""Builds the chapters' notebooks from their sources. An unchanged tree builds nothing.

    tools/build.py                 what is stale
    tools/build.py 04 07           these chapters, where stale
    tools/build.py --force [04]    also what is not stale; only outputs of cells tagged `timing` may change
    tools/build.py --check         says in seconds what is stale or broken, and executes nothing
    tools/build.py --solutions     writes build/solved/NN_slug.ipynb, the solutions in place
    tools/build.py new 17 slug     a new chapter: source, checks, wrong answers

For tests: `exercises(4)` are the exercises of a chapter, each with its stub and its solution.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.building import check, instructor, readme, rules, skeleton, solved, storage
from tools.building import exercises as _exercises
from tools.building.course import ROOT, Course
from tools.building.execute import ExecutionError, execute
from tools.building.notebook import draft
from tools.building.source import SourceError, read_chapter

BUDGET = 60  # seconds, for a whole chapter
_FAILURES = (SourceError, ExecutionError, ValueError)


def exercises(number, root=ROOT):
    """The exercises of chapter `number`: dict from the check's name to its Exercise, in order.

    Raises:
        KeyError: there is no such chapter.
        SourceError: its source breaks the rules.
    """
    chapter = read_chapter(Course.load(root).by_number[number].path)
    if found := rules.problems(chapter):
        raise SourceError(chapter.header.path, found)
    return _exercises.of_chapter(chapter)


def chapter_numbers(root=ROOT):
    """Numbers of the chapters that have a source (list of int, sorted)."""
    return sorted(Course.load(root).by_number)


def build(course, header, force=False):
    """Builds one chapter where it is stale, or where `force` asks for it; returns what was done (str), "" for nothing.

    A change of prose keeps the outputs, since every code cell is as it was; any change of code runs the whole chapter
    again. A failure leaves the old notebook as it was.

    Raises:
        SourceError: the source breaks the rules.
        ExecutionError: a cell failed.
    """
    path = course.notebook_path(header)
    made, stored = draft(course, header), _stored(path)
    same_code = stored is not None and _code_of(stored) == _code_of(made.notebook) and check.is_complete(stored)
    if same_code and not force:
        if check.is_current(stored, made.notebook):
            return ""
        _copy_outputs(stored, made.notebook)
        done = "prose only, the outputs are kept"
    else:
        start = time.monotonic()
        execute(course, header, made)
        done = _summary(time.monotonic() - start, _changed(stored, made) if same_code else [])
    storage.write(path, made.notebook)
    return done


def _summary(seconds, changed):
    """What an execution did (str); `changed` lists the lines whose outputs should have stayed and did not."""
    notes = [f"executed in {seconds:.0f} s"]
    if seconds > BUDGET:
        notes.append(f"over the {BUDGET} s that a chapter may take")
    if changed:
        notes.append(f"other outputs than before in line {', '.join(changed)} of its source, not tagged `timing`")
    return "; ".join(notes)


def _stored(path):
    """The stored notebook; None where there is none, or where it is beyond reading."""
    try:
        return storage.read(path)
    except ValueError:
        return None


def _code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _code_of(notebook):
    """What decides about the outputs: text and tags of the code cells, but not what Colab's says."""
    code = [(cell["source"], cell["metadata"].get("tags", ())) for cell in _code_cells(notebook)]
    return [("" if "colab" in tags else text, tags) for text, tags in code]


def _copy_outputs(stored, wanted):
    for cell, before in zip(_code_cells(wanted), _code_cells(stored), strict=True):
        cell["outputs"], cell["execution_count"] = before["outputs"], before["execution_count"]


def _changed(stored, made):
    """Lines of the cells, not tagged `timing`, in which a forced build found other outputs (list of str)."""
    lines = [line for cell, line in zip(made.notebook["cells"], made.lines, strict=True) if cell["cell_type"] == "code"]
    return [
        str(line)
        for cell, before, line in zip(_code_cells(made.notebook), _code_cells(stored), lines, strict=True)
        if cell["outputs"] != before["outputs"] and "timing" not in cell["metadata"].get("tags", ())
    ]


def main(argv=None, root=ROOT):
    """The command line; returns the exit status."""
    wanted = _arguments(argv)
    try:
        if wanted.chapters[:1] == ["new"]:
            return _new(wanted.chapters[1:], root)
        course = Course.load(root)
        headers = _chosen(course, wanted.chapters)
    except ValueError as error:
        return _report([str(error)])
    if wanted.check:
        return _report(check.problems(course))
    if wanted.solutions:
        return _for_each(headers, lambda header: f"-> {solved.write_solved(course, header).relative_to(root)}")
    status = _for_each(headers, lambda header: build(course, header, wanted.force))
    try:
        if readme.update(course):
            print("README.md: contents and badges brought up to date")
        if instructor.update(course):
            print("docs/instructor.md: table of the talks brought up to date")
    except ValueError as error:
        status = _report([str(error)])
    return _report([str(error) for error in course.broken]) or status


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapters", nargs="*", metavar="NN", help="chapters to build (default: all); or: new NN slug")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--force", action="store_true", help="build also what is not stale")
    mode.add_argument("--check", action="store_true", help="say what is stale or broken, execute nothing")
    mode.add_argument("--solutions", action="store_true", help="write the solved notebooks to build/solved")
    return parser.parse_args(argv)


def _chosen(course, numbers):
    """Headers of the chapters with these numbers, of all where there are none."""
    for number in numbers:
        if not number.isdigit() or int(number) not in course.by_number:
            known = ", ".join(f"{known:02}" for known in course.by_number)
            raise ValueError(f"There is no chapter {number!r} that can be read. There are: {known or 'none'}.")
    return [course.by_number[int(number)] for number in numbers] or course.headers


def _for_each(headers, work):
    """Does `work` on each chapter, reports, goes on after a failure; returns the exit status."""
    status = 0
    for header in headers:
        try:
            if done := work(header):
                print(f"{header.name}: {done}", flush=True)
        except _FAILURES as error:
            status = _report([str(error)])
    return status


def _new(words, root):
    if len(words) != 2:
        raise ValueError("A new chapter needs a number and a slug: tools/build.py new 17 vision_transformer")
    for path in skeleton.create(root, *words):
        print(f"wrote {path.relative_to(root)}")
    return 0


def _report(problems):
    """Prints problems, if any; returns the exit status."""
    for problem in problems:
        print(problem, file=sys.stderr, flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
