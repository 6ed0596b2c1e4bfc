"""From a chapter's source to its notebook, not executed: what the learner reads, cell by cell.

A notebook is a plain dict in the form of nbformat 4.5, so that a stored one is compared with `==`.
"""

import hashlib
import json
from dataclasses import dataclass, field

from tools.building import rules
from tools.building.exercises import keep_solution, strip_solution
from tools.building.source import SourceError, read_chapter

_COLAB = """\
# On Google Colab, this cell fetches the course. Anywhere else it does nothing.
from importlib.util import find_spec
if find_spec("google") and find_spec("google.colab"):
    if not find_spec("utils"):
        %pip install --quiet --no-deps {archive}
    if not find_spec("utils"):
        raise SystemExit("The course could not be fetched; pip says above why. Run this cell again, or try Binder.")
    from utils import runtime; runtime.prepare_colab()"""

# Tags of the generated cells that show the address of the course. Neither ids nor digests depend on it, so that
# `make publish` changes addresses and nothing else.
_ADDRESSED = {"about", "colab"}

_SOLVED_CHECK = """\
_judged = {call}
assert _judged.status == "passed", _judged.message
_judged"""


@dataclass
class Draft:
    """A notebook before it runs: `notebook` (dict), and for each of its cells the line of the source it came from.

    Generated cells belong to line 1, the header.
    """

    notebook: dict
    lines: list = field(default_factory=list)


def draft(course, header, solved=False):
    """The notebook of one chapter (Draft), with stubs, or with the solutions in their place.

    Raises:
        SourceError: the source breaks the rules.
    """
    chapter = read_chapter(header.path)
    if found := rules.problems(chapter):
        raise SourceError(header.path, found)
    pairs = [
        (_markdown(_title(header), "title", "slide"), 1),
        (_markdown(_about(course, header), "about", "skip"), 1),
        (_code(_COLAB.format(archive=course.archive), ["colab"], "skip"), 1),
        *_body(chapter, solved),
        (_markdown(_navigation(course, header), "navigation", "skip"), 1),
    ]
    cells = [cell for cell, _ in pairs]
    _name_cells(cells)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
        "course": {"source": _digest(chapter.text), "cells": digest_of_cells(cells)},
    }
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return Draft(notebook, [line for _, line in pairs])


def authored(cell):
    """What the source decides about a stored cell: all but outputs and counts (dict)."""
    return {key: value for key, value in cell.items() if key not in ("outputs", "execution_count")}


def digest_of_cells(cells):
    """SHA-256 of all that the source decides about these cells (str): a cell edited by hand changes it."""
    return _digest(json.dumps([authored(cell) for cell in cells if not _shows_address(cell)], sort_keys=True))


def _shows_address(cell):
    return bool(_ADDRESSED.intersection(cell["metadata"].get("tags", ())))


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _body(chapter, solved):
    """The chapter's own cells with their lines; hints and solution folded under each check."""
    solution, hints, left_out = None, 0, False
    for cell, after in zip(chapter.cells, [*chapter.cells[1:], None], strict=True):
        if "hint" in cell.tags:
            hints += 1
            yield _markdown(_folded(f"Hint {hints}", cell.text), "hint", "skip"), cell.line
        elif "check" in cell.tags:
            hints = 0
            yield _code(_SOLVED_CHECK.format(call=cell.text) if solved else cell.text, ["check"], "skip"), cell.line
        else:
            left_out = _left_out_of_slides(cell, left_out)
            yield _plain(cell, solved, left_out), cell.line
        if "exercise" in cell.tags:
            solution = f"```python\n{keep_solution(cell.text)}\n```"
        elif cell.tags & {"check", "hint"} and (after is None or "hint" not in after.tags):
            yield _markdown(_folded("Solution", solution), "solution", "skip"), cell.line


def _left_out_of_slides(cell, before):
    """Whether code without a slide type is left out of the talk here: it goes with the text that it follows."""
    if cell.kind == "markdown" and cell.slide_type != "notes":
        return cell.slide_type == "skip"
    return before or "setup" in cell.tags


def _plain(cell, solved, left_out):
    """A cell as the author wrote it, save that an exercise loses its solution and a quiz hides its questions."""
    if cell.kind == "markdown":
        text = _aside(cell.text) if cell.slide_type == "notes" else cell.text
        return _markdown(text, None, cell.slide_type)
    text = (keep_solution if solved else strip_solution)(cell.text)
    made = _code(text, sorted(cell.tags), cell.slide_type or ("skip" if left_out else None))
    if "quiz" in cell.tags:
        made["metadata"] |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return made


def _markdown(text, tag, slide_type):
    return {"cell_type": "markdown", "id": "", "metadata": _metadata([tag] if tag else [], slide_type), "source": text}


def _code(text, tags, slide_type):
    empty = {"execution_count": None, "outputs": []}
    return {"cell_type": "code", "id": "", "metadata": _metadata(tags, slide_type), "source": text, **empty}


def _metadata(tags, slide_type):
    metadata = {"tags": tags} if tags else {}
    return metadata | ({"slideshow": {"slide_type": slide_type}} if slide_type else {})


def _name_cells(cells):
    """Ids by content, so that an edit changes one id and not those of all later cells."""
    seen = {}
    for cell in cells:
        content = cell["metadata"]["tags"][0] if _shows_address(cell) else cell["source"]
        digest = _digest(cell["cell_type"] + content)[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _title(header):
    goals = "\n".join(f"- {goal}" for goal in header.goals)
    return f"# {header.heading}\n\n**{header.question}**\n\nYou will be able to\n\n{goals}"


def _about(course, header):
    earlier = [course.by_number.get(number, number) for number in header.builds_on]
    links = ", ".join(f"chapter {other}" if isinstance(other, int) else _link(other) for other in earlier)
    time = f"About {header.minutes} minutes." + (f" Builds on {links}." if links else "")
    # words, not badges: their pictures would be fetched from other machines whenever a Lab opens the chapter
    launchers = course.launchers(f"chapters/{header.name}.ipynb").items()
    links = ", ".join(f"[{place}]({address})" for place, address in launchers)
    return f"{time}\n\nOpen in {links}.\n\n{_navigation(course, header)}"


def _navigation(course, header):
    before, after = course.neighbours(header)
    parts = [f"← {_link(before)}" if before else "", "[Contents](../README.md)", f"{_link(after)} →" if after else ""]
    return " | ".join(part for part in parts if part)


def _link(header):
    return f"[{header.heading}]({header.name}.ipynb)"


def _aside(text):
    """Speaker notes, set apart: who reads alone should see that they are not meant."""
    lines = f"**Speaker notes**\n\n{text}".splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _folded(summary, text):
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
