"""Prepares the talk of a chapter: a notebook of its own, run once, with a way back at every slide.

    .venv/bin/python -m tools.presenting.rehearse 04    # writes build/present/04_lenet_on_mnist.ipynb

The notebook is the chapter's without what is neither shown nor run, such as exercises: the fewer cells, the quicker a
key answers. Slides that hold too much are cut as in the deck. Before each slide stands a cell, not shown in the talk,
that brings back the state with which the slide begins.
"""

import contextlib
import hashlib
import io
import json
import os
import sys
import time

from tools.building import storage
from tools.building.course import ROOT, Course
from tools.presenting import state
from tools.publishing import slides

_FOR_LEARNERS = {"exercise", "check", "colab"}  # tags of code that no later cell depends on
_BACK = """\
# The way back. If the kernel was restarted: run this cell, and go on with the slide below.
from tools.presenting.state import back_to
back_to({folder!r}, {slide})"""


def talk(notebook, folder):
    """The notebook of the talk: what is shown or run, slides cut where they hold too much, a way back before each.

    What goes on a slide after its text comes one step later, as a fragment: first the question, then the answer. Each
    question of a quiz is a slide.

    Args:
        notebook: the chapter's, as stored (dict); not changed.
        folder: where the states will lie (str).

    Returns:
        dict, a notebook whose code cells keep their outputs.
    """
    cells, shown = [], 0
    for cell in slides.with_long_slides_cut(_with_questions(filter(_is_needed, notebook["cells"]))):
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind == "slide":
            shown += 1
            cells.append(_way_back(folder, shown))
        elif kind is None and shown:
            cell = {**cell, "metadata": {**cell["metadata"], "slideshow": {"slide_type": "fragment"}}}
        cells.append(cell)
    return {**notebook, "cells": cells}


def _is_needed(cell):
    hidden = cell["metadata"].get("slideshow", {}).get("slide_type") == "skip"
    runs = cell["cell_type"] == "code" and not _FOR_LEARNERS.intersection(cell["metadata"].get("tags", ()))
    return runs or not hidden


def _with_questions(cells):
    """The cells, with a slide for each question in place of a quiz: what answers clicks would not fit on one."""
    for cell in cells:
        if "quiz" not in cell["metadata"].get("tags", ()):
            yield cell
            continue
        for number, question in enumerate(slides.questions(cell), 1):
            for kind, text in zip(("slide", "fragment"), slides.posed_and_told(question), strict=True):
                metadata = {"slideshow": {"slide_type": kind}}
                yield {"cell_type": "markdown", "id": f"{kind}-{number}", "metadata": metadata, "source": text}


def _way_back(folder, slide):
    metadata = {"tags": ["way-back"], "slideshow": {"slide_type": "skip"}}
    source = _BACK.format(folder=folder, slide=slide)
    return {
        "cell_type": "code",
        "id": f"way-back-{slide}",
        "metadata": metadata,
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


def rehearse(notebook, folder):
    """Runs the talk in this process, and keeps the state at each slide below `folder` (Path).

    Returns:
        seconds that it took, the ways back included.

    Raises:
        RuntimeError: a cell failed: better now than on stage.
    """
    from IPython.core.interactiveshell import InteractiveShell

    shell, sources, left_out, slide = InteractiveShell.instance(), [], {}, 0
    folder.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    for cell in notebook["cells"]:
        if "way-back" in cell["metadata"].get("tags", ()):
            slide += 1
            own = {name: value for name, value in shell.user_ns.items() if name not in shell.user_ns_hidden}
            left_out[slide] = state.keep(own, sources, folder / f"{slide:03}.pkl")
        elif cell["cell_type"] == "code":
            _run(shell, cell["source"])
            sources.append(cell["source"])
    (folder / "left_out.json").write_text(json.dumps(left_out), "utf-8")
    return time.perf_counter() - start


def _run(shell, source):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        result = shell.run_cell(source, store_history=False)
    if not result.success:
        error = result.error_before_exec or result.error_in_exec
        raise RuntimeError(f"The rehearsal failed: {type(error).__name__}: {error}\nin the cell\n{source}")


def prepare(course, number):
    """Writes the notebook of chapter `number`'s talk, and rehearses it where that was not done; returns its Path.

    Raises:
        ValueError: there is no such chapter, or it was never built.
        RuntimeError: a cell failed.
    """
    header = course.by_number.get(number)
    notebook = storage.read(course.notebook_path(header)) if header else None
    if notebook is None:
        raise ValueError(f"There is no chapter {number:02} that was built. make build builds it.")
    target = course.root / "build" / "present" / f"{header.name}.ipynb"
    made = talk(notebook, str(target.with_suffix("")))
    key = hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()
    marker = target.with_suffix("") / "rehearsed"
    if not (marker.is_file() and marker.read_text() == key):
        print(f"Rehearsing {header.name}: each cell runs once", flush=True)
        print(f"It took {rehearse(made, marker.parent):.0f} s, and every cell ran.", flush=True)
        marker.write_text(key)
    storage.write(target, made)
    return target


def main(number):
    """Prepares the talk of the chapter with this number (str) and prints its path; returns the exit status."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    try:
        print(prepare(Course.load(ROOT), int(number)))
    except (ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
