"""The talk's notebook, and the states that a rehearsal keeps: what is in them, what is drawn anew, what fails."""

import json
import subprocess
import sys

import pytest

from tests.launch.test_slides import QUESTIONS, code, text
from tools.building.course import ROOT
from tools.presenting import rehearse, state

CELLS = [
    code("import math\ndef twice(x): return 2 * x\nclass Net: pass"),
    text("# One", "slide"),
    code("a = twice(3)\nnet = Net(); net.weights = [1, 2]\nparameters = net.weights\nhalf = lambda x: x / 2"),
    text("# Two", "slide"),
    code("net.weights.append(3)\nhandle = (line for line in 'ab')\n_hidden = 1"),
    text("# Three", "slide"),
]
# What somebody does on stage whose kernel was restarted: the way back of the third slide, and on with its cells.
ON_STAGE = """
import json, pathlib, sys
from IPython.core.interactiveshell import InteractiveShell
from tools.presenting import rehearse
folder, cells, slide = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3]
talk = rehearse.talk({"cells": cells}, str(folder))
if slide == "rehearse":
    rehearse.rehearse(talk, folder)
else:
    shell = InteractiveShell.instance()
    (back,) = [cell["source"] for cell in talk["cells"] if cell.get("id") == f"way-back-{slide}"]
    for source in (back, sys.argv[4]):
        shell.run_cell(source).raise_error()
"""


def in_a_fresh_kernel(*arguments):
    """What IPython prints that does something on stage, in a process of its own."""
    command = [sys.executable, "-c", ON_STAGE, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory):
    """(folder of the states, cells as JSON) of a talk of three slides."""
    folder, cells = tmp_path_factory.mktemp("talk") / "states", json.dumps(CELLS)
    done = in_a_fresh_kernel(folder, cells, "rehearse")
    assert done.returncode == 0, done.stderr
    return folder, cells


@pytest.mark.parametrize(
    ("slide", "question", "answer"),
    [
        (2, "net.weights, a, half(a), math.pi > 3", "([1, 2], 6, 3.0, True)"),
        (3, "net.weights, parameters is net.weights, type(net) is Net, twice(5)", "([1, 2, 3], True, True, 10)"),
    ],
)
def test_a_slide_begins_as_it_did_in_the_rehearsal(rehearsed, slide, question, answer):
    said = in_a_fresh_kernel(*rehearsed, slide, f"print(({question}))").stdout
    assert f"Back at slide {slide} after" in said
    assert answer in said


def test_what_a_cell_did_later_is_not_there_and_what_cannot_be_kept_is_named(rehearsed):
    assert "NameError" in in_a_fresh_kernel(*rehearsed, 1, "net").stdout
    assert "Run again the cells that make handle." in in_a_fresh_kernel(*rehearsed, 3, "").stdout
    assert "Run again" not in in_a_fresh_kernel(*rehearsed, 2, "").stdout


def test_a_cell_that_fails_fails_the_rehearsal(tmp_path):
    done = in_a_fresh_kernel(tmp_path, json.dumps([text("# One", "slide"), code("1 / 0")]), "rehearse")
    assert done.returncode != 0
    assert "The rehearsal failed: ZeroDivisionError" in done.stderr
    assert "in the cell\n1 / 0" in done.stderr


def test_what_follows_a_slides_text_comes_a_step_later_and_a_way_back_stands_before_it():
    talk = rehearse.talk({"cells": CELLS}, "states")["cells"]
    kinds = [cell["metadata"].get("slideshow", {}).get("slide_type") for cell in talk]
    assert kinds == [None, "skip", "slide", "fragment", "skip", "slide", "fragment", "skip", "slide"]
    assert "back_to('states', 2)" in talk[4]["source"]
    assert "slideshow" not in CELLS[2]["metadata"]


def test_what_is_neither_shown_nor_run_is_left_out():
    hidden = [text("aside", "skip"), code("def f(): ...", kind="skip", tags=["exercise"]), code("x = 1", kind="skip")]
    talk = rehearse.talk({"cells": [text("# One", "slide"), *hidden]}, "states")["cells"]
    assert [cell["source"] for cell in talk[1:]] == ["# One", "x = 1"]


def test_a_quiz_is_a_slide_for_each_question_and_its_answer_a_step_later():
    script = f"var questionsabc={json.dumps(QUESTIONS)};"
    quiz = code(
        "quiz.show()", {"output_type": "display_data", "data": {"application/javascript": script}}, tags=["quiz"]
    )
    talk = rehearse.talk({"cells": [text("## Quiz", "slide"), quiz]}, "states")["cells"]
    shown = [cell["source"] for cell in talk if "way-back" not in cell["metadata"].get("tags", ())]
    assert [source.split("\n")[0] for source in shown] == [
        "## Quiz", "## A question", "- **4** Yes.", "## A question", "- **a** "
    ]  # fmt: skip
    assert "1. a\n1. b" in shown[3]


def test_only_definitions_are_run_again():
    source = "import math\nx = f()\ng = lambda x: 1\nprint(2)\nclass A:\n    pass\n@wraps\ndef h(): return x"
    assert state.definitions(source).splitlines() == [
        "import math", "g = lambda x: 1", "class A:", "    pass", "@wraps", "def h():", "    return x"
    ]  # fmt: skip
    assert state.definitions("%matplotlib inline") == ""
