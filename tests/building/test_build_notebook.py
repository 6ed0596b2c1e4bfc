"""What the learner reads: the notebook before it runs, the outputs after, the solved notebook, a new chapter."""

import importlib.util
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from tests.building import toy_course as toy
from tools import build
from tools.building import solved, storage


def test_hints_and_solution_are_folded_under_the_check(root):
    cells = toy.drafted(root)
    at = cells.index(toy.tagged(cells, "check")[0])
    assert "factor * number" not in cells[at - 1]["source"]
    first, second, solution = (cell["source"] for cell in cells[at + 1 : at + 4])
    assert first == "<details><summary>Hint 1</summary>\n\nThink of **two**.\n\n</details>"
    assert second.startswith("<details><summary>Hint 2</summary>")
    assert solution.startswith("<details><summary>Solution</summary>\n\n```python\ndef double(number):")
    assert "return factor * number\n```" in solution
    assert "###" not in solution


def test_an_exercise_without_hints_still_has_its_solution(root):
    toy.write_chapter(root, "01_double", toy.source(toy.SETUP, toy.EXERCISE.split("# %% [markdown] tags")[0]))
    assert [cell["metadata"]["tags"] for cell in toy.drafted(root)[-3:]] == [["check"], ["solution"], ["navigation"]]


def test_the_top_says_what_the_header_says_and_links_the_neighbours(root):
    title, about = toy.drafted(root, 3)[:2]
    assert title["source"].startswith("# 3 · Plain\n\n**Why: Plain?**\n\nYou will be able to\n\n- double\n- halve")
    assert "About 5 minutes. Builds on [1 · Doubling](01_double.ipynb), chapter 2." in about["source"]
    assert "← [1 · Doubling](01_double.ipynb) | [Contents](../README.md)" in about["source"]
    assert "mybinder.org/v2/gh/ada/course/v1.2?urlpath=lab/tree/chapters/03_plain.ipynb" in about["source"]
    assert "colab.research.google.com/github/ada/course/blob/v1.2/chapters/03_plain.ipynb" in about["source"]
    last = toy.drafted(root, 1)[-1]
    assert last["source"] == "[Contents](../README.md) | [3 · Plain](03_plain.ipynb) →"


def test_slides_keep_their_types_and_generated_cells_are_skipped(root):
    types = [cell["metadata"].get("slideshow", {}).get("slide_type") for cell in toy.drafted(root)]
    assert types == [
        *("slide", "skip", "skip", "skip"),  # title, about, Colab, setup
        *("slide", None, "skip", "skip", "skip", "skip"),  # text, exercise, check, two hints, solution
        *("notes", None, None, None, None, None, "skip"),  # as written, then navigation
    ]


def test_code_goes_with_the_text_before_it(root):
    aside = '\n# %% [markdown] slideshow={"slide_type": "skip"}\n# Aside.\n\n# %%\nprint(1)\n'
    back = '\n# %% [markdown] slideshow={"slide_type": "slide"}\n# Back.\n\n# %%\nprint(2)\n'
    toy.write_chapter(root, "01_double", toy.source(toy.SETUP, toy.EXERCISE, toy.SHOWN) + aside + back)
    types = [cell["metadata"].get("slideshow", {}).get("slide_type") for cell in toy.drafted(root)]
    assert types[-5:] == ["skip", "skip", "slide", None, "skip"]


MORE = "\n# %%\nprint(total)\n"


def test_speaker_notes_are_set_apart(root):
    notes = next(cell for cell in toy.drafted(root) if cell["metadata"].get("slideshow") == {"slide_type": "notes"})
    assert notes["source"] == "> **Speaker notes**\n>\n> Say it slowly.\n>\n> Then wait."


def test_ids_are_unique_and_an_edit_changes_one(root):
    before = [cell["id"] for cell in toy.drafted(root)]
    toy.write_chapter(
        root,
        "01_double",
        toy.source(toy.SETUP, toy.EXERCISE, toy.SHOWN).replace("slowly", "twice") + MORE,
    )
    after = [cell["id"] for cell in toy.drafted(root)]
    assert len(set(after)) == len(after)
    assert sum(a != b for a, b in zip(before[:-1], after[:-2], strict=True)) == 1
    again = '\n# %%\nprint("hello")\n' * 2
    toy.write_chapter(root, "03_plain", toy.source(toy.SETUP, again))
    first, second = (cell["id"] for cell in toy.drafted(root, 3)[-3:-1])
    assert second == f"{first}-2"


def run_colab_cell(root, found):
    """Runs the generated first cell where the packages `found` exist; returns calls of pip and of prepare_colab.

    tests/launch runs it in a Python of its own, with a real pip.
    """
    cell = toy.tagged(toy.drafted(root), "colab")[0]["source"]
    assert len(cell.splitlines()) <= 8
    code = TransformerManager().transform_cell(cell.replace("from importlib.util import find_spec", "pass"))
    pip, prepared, found = [], [], set(found)

    def run_line_magic(name, line):
        pip.append(f"{name} {line}")
        found.add("utils")

    fake = SimpleNamespace(runtime=SimpleNamespace(prepare_colab=lambda: prepared.append(True)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "utils", fake)
        shell = SimpleNamespace(run_line_magic=run_line_magic)
        exec(code, {"find_spec": found.__contains__, "get_ipython": lambda: shell})
    return pip, len(prepared)


def test_the_first_cell_fetches_the_release_on_colab_only(root):
    assert run_colab_cell(root, {"utils"}) == ([], 0)
    assert run_colab_cell(root, {"google"}) == ([], 0)  # protobuf, and others, live in `google` too
    assert run_colab_cell(root, {"google", "google.colab", "utils"}) == ([], 1)
    pip, prepared = run_colab_cell(root, {"google", "google.colab"})
    assert prepared == 1
    assert pip == ["pip install --quiet --no-deps https://github.com/ada/course/archive/refs/tags/v1.2.zip"]


def test_a_solved_notebook_has_answers_old_outputs_and_checks_that_must_pass(root):
    course = toy.pretend_built(root)
    path = solved.write_solved(course, course.by_number[1])
    assert path == root / "build" / "solved" / "01_double.ipynb"
    cells = storage.read(path)["cells"]
    assert "return factor * number" in toy.tagged(cells, "exercise")[0]["source"]
    (checked,) = toy.tagged(cells, "nbval-check-output")
    assert checked["outputs"][0]["text"] == "10\n"
    assert all(cell["execution_count"] for cell in cells if cell["cell_type"] == "code")
    judged = toy.tagged(cells, "check")[0]["source"]
    passed, failed = (
        SimpleNamespace(double=lambda _, status=status: SimpleNamespace(status=status, message="no"))
        for status in ("passed", "failed")
    )
    exec(judged, {"check": passed, "double": None})
    with pytest.raises(AssertionError, match="no"):
        exec(judged, {"check": failed, "double": None})


def test_a_stale_notebook_is_not_solved(root, capsys):
    toy.pretend_built(root)
    toy.write_chapter(root, "01_double", toy.source(toy.SETUP, toy.EXERCISE))
    assert build.main(["--solutions"], root) == 1
    assert "01_double.ipynb is stale" in capsys.readouterr().err


@pytest.mark.notebooks
@pytest.mark.parametrize(("solution", "passed"), [("factor * number", True), ("factor + number", False)])
def test_nbval_fails_a_solved_notebook_whose_check_does_not_pass(root, solution, passed):
    toy.write_chapter(root, "01_double", toy.source(toy.SETUP, toy.EXERCISE.replace("factor * number", solution)))
    course = toy.pretend_built(root)
    notebook = solved.write_solved(course, course.by_number[1])
    options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=60", "-p", "no:cacheprovider"]
    nbval = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(notebook)],
        env=os.environ | {"PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert nbval.returncode == (0 if passed else 1), nbval.stdout
    assert ("twice three is six" in nbval.stdout) != passed
    assert f"{4 if passed else 3} passed" in nbval.stdout


def load(path, monkeypatch):
    """The module at `path`, imported until the test ends."""
    spec = importlib.util.spec_from_file_location(f"toy_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_a_new_chapter_follows_the_rules_and_its_checks_hold(root, monkeypatch):
    assert build.main(["new", "17", "vision_transformer"], root) == 0
    exercises = build.exercises(17, root)
    judge = load(root / "utils" / "checks" / "ch17.py", monkeypatch)
    wrong = load(root / "tests" / "wrong_answers" / "ch17.py", monkeypatch).WRONG
    assert wrong.keys() == exercises.keys()
    for name, exercise in exercises.items():
        names = {}
        exec(exercise.solution, names)
        assert getattr(judge, name)(names[exercise.target]).status == "passed"
        exec(exercise.stub, names)
        assert getattr(judge, name)(names[exercise.target]).status == "not attempted"
        verdicts = [getattr(judge, name)(answer) for answer in wrong[name].values()]
        assert {verdict.status for verdict in verdicts} == {"failed"}
        assert len({verdict.message for verdict in verdicts}) == len(verdicts) >= 4


def test_a_new_chapter_overwrites_nothing(root, capsys):
    assert build.main(["new", "1", "again"], root) == 1
    assert "Chapter 01 exists: chapters/source/01_double.py" in capsys.readouterr().err
    assert build.main(["new", "18", "Vision-T"], root) == 1
    assert "is no name of a chapter" in capsys.readouterr().err
    assert build.main(["new", "18"], root) == 1
    assert "needs a number and a slug" in capsys.readouterr().err
