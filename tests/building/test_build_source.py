"""Reading a chapter's source, judging it, and what it says about its exercises."""

import re

import jupytext
import pytest

from tests.building import toy_course as toy
from tools import build
from tools.building import names
from tools.building.exercises import keep_solution, strip_solution
from tools.building.source import SourceError, read_chapter


def test_a_source_is_read_as_jupytext_reads_it(root):
    path = root / "chapters" / "source" / "01_double.py"
    ours, theirs = read_chapter(path), jupytext.read(path, fmt="py:percent")
    theirs = [cell for cell in theirs.cells if cell.cell_type != "raw"]  # jupytext's form of the header
    assert [(cell.kind, cell.text) for cell in ours.cells] == [(cell.cell_type, cell.source) for cell in theirs]
    for cell, other in zip(ours.cells, theirs, strict=True):
        assert cell.metadata == {key: other.metadata[key] for key in ("tags", "slideshow") if key in other.metadata}


def test_a_cell_knows_its_line(root):
    path = root / "chapters" / "source" / "01_double.py"
    lines = path.read_text().splitlines()
    for cell in read_chapter(path).cells:
        assert lines[cell.line - 1].removeprefix("# ") == cell.text.splitlines()[0]


@pytest.mark.parametrize(
    ("before", "after", "line", "complaint"),
    [
        ("# minutes: 5\n", "", 1, "no `minutes`"),
        ("# minutes: 5\n", "# minutes: soon\n", 1, "`minutes` in the header must be a int"),
        ("#   - rest\n", "", 1, "three to five goals"),
        ('"Why: Doubling?"', "Why: Doubling?", 3, "colon in quotes"),
        ("# ---\n", "", 1, "must begin with a YAML header"),
        ("# ---\n\n", "# ---\nx = 1\n\n", 11, "before the first cell"),
        ('tags=["check"]', "tags=[check]", 28, "cannot read"),
        ("# Double a number.", "Double a number.", 17, "does not begin with `# `"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(root, before, after, line, complaint):
    text = toy.source(toy.SETUP, toy.EXERCISE)
    assert before in text
    toy.write_chapter(root, "01_double", text.replace(before, after, 1))
    with pytest.raises(SourceError, match=rf"chapters/source/01_double\.py:{line}: .*{re.escape(complaint)}"):
        read_chapter(root / "chapters" / "source" / "01_double.py")


FAULTS = {
    "a code cell has the tag 'excercise'": ('["exercise"]', '["excercise"]'),
    "unknown cell metadata": ('["exercise"]', '["exercise"] colour="red"'),
    "makes the cell vanish": ('"slide"', '"-"'),
    "is none of fragment": ('"slide"', '"page"'),
    "the build writes the chapter's title": ("## Your turn", "# Your turn"),
    "the cell is empty": ("check.double(double)", ""),
    "no valid Python": ("factor = 2", "factor = = 2"),
    "a magic or shell command": ("factor = 2", "!ls"),
    "a code cell of 24 lines": ("factor = 2", "factor = 2" + "\n    factor += 0" * 20),
    "a setup cell of 6 lines": ("import pictures", "import pictures" + "\nimport os" * 5),
    "imports only": ("toy_check as check", "toy_check as check\nprint(1)"),
    "the first code cell is the setup cell": ("# %% [markdown] slideshow", "# %% [markdown] slideshow"),
    "without its partner": ("    ### BEGIN SOLUTION\n", ""),
    "### BEGIN SOLUTION without": ("    ### END SOLUTION\n", ""),
    "an empty solution": ("    return factor * number\n", ""),
    "stands alone in its line": ("### BEGIN SOLUTION", "### BEGIN SOLUTION here"),
    "solution markers in a cell that is no exercise": ('tags=["exercise"]', ""),
    "the stub would stop the notebook": ("def double(number):", "if True:"),
    "an exercise cannot be tagged": ('["exercise"]', '["exercise", "nbval-check-output"]'),
    "a check cannot be tagged": ('["check"]', '["check", "nbval-check-output"]'),
    "timings differ": ('["check"]', '["timing", "nbval-check-output"]'),
    "an exercise without its check": ('tags=["check"]', ""),
    "a check without an exercise": ('# %% tags=["check"]', '# %%\nx = 1\n\n# %% tags=["check"]'),
    "is called a second time": ("# Multiply.\n", "# Multiply.\n" + toy.EXERCISE),
    "one call `check.name(answer)`": ("check.double(double)", "check.double(double(2))"),
    "a hint comes right after a check": (
        "# Multiply.",
        '# Multiply.\n\n# %%\nx = 1\n\n# %% [markdown] tags=["hint"]\n# x',
    ),
    "uses only names of the setup cell, not numpy": ("factor * number", "numpy.add(number, number)"),
    "the cell uses double, which the learner writes": ("# Multiply.\n", "# Multiply.\n\n# %%\ndouble(4)\n"),
}


@pytest.mark.parametrize("complaint", FAULTS)
def test_a_fault_in_a_source_is_named(root, complaint):
    before, after = FAULTS[complaint]
    setup = toy.SETUP if complaint != "the first code cell is the setup cell" else ""
    text = toy.source(setup, toy.EXERCISE)
    assert before in text or before in toy.SETUP
    toy.write_chapter(root, "01_double", text.replace(before, after, 1))
    with pytest.raises(SourceError) as caught:
        toy.drafted(root)
    assert any(complaint in problem for problem in caught.value.problems), caught.value


def test_an_exercise_may_use_built_ins_and_its_own_names_and_later_cells_may_define_the_name_again(root):
    own = toy.EXERCISE.replace("factor * number", "max(number, *[k for k in (number, 2 * number)])")
    again = "\n# %%\ndef double(number):\n    return pictures\n\n\ndouble(4)\n"
    toy.write_chapter(root, "01_double", toy.source(toy.SETUP, own, again))
    assert toy.drafted(root)


def test_names_come_from_the_symbol_table():
    code = "import os.path as p\nfrom a import b\nclass C(B):\n    x = q\n    def f(self, u=v): return u + w + p\n"
    code += "y = [len(z) for k in z], {k: [j for j in k] for k in z}, {i for i in z}"
    assert names.defined(code) == {"p", "b", "C", "y"}
    assert names.used(code) == {"B", "q", "v", "w", "z"}


TWO_GAPS = '''
class Net:
    """Kept."""
    def __init__(self):
        self.k = 1
        ### BEGIN SOLUTION
        self.n = 3
        ### END SOLUTION

    def forward(self):
        ### BEGIN SOLUTION
        n = self.n

        return n
        ### END SOLUTION
        # given, too
'''


def test_each_gap_becomes_one_line_and_the_rest_stays():
    stub = strip_solution(TWO_GAPS)
    assert stub.count("raise NotImplementedError(") == 2
    assert "self.n" not in stub
    assert all(
        given in stub for given in ('"""Kept."""', "        self.k = 1", "    def forward(self):", "# given, too")
    )
    with pytest.raises(NotImplementedError, match="Your turn"):
        exec(stub + "\nNet()", {})


def test_the_solution_is_the_source_without_markers():
    assert keep_solution(TWO_GAPS) == re.sub(r" *### .*\n", "", TWO_GAPS).rstrip("\n")


def test_exercises_give_stub_and_solution_to_tests(root, monkeypatch):
    (exercise,) = build.exercises(1, root).values()
    assert (exercise.name, exercise.target) == ("double", "double")
    monkeypatch.setattr(build.exercises.__globals__["_exercises"], "__name__", "x")
    setup_free = exercise.__class__(**(vars(exercise) | {"setup": "factor = 9"}))
    assert setup_free.answer()(4) == 8
    with pytest.raises(NotImplementedError):
        setup_free.answer(solved=False)(4)
