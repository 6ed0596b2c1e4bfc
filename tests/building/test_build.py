"""Building: what runs again and what does not, what a failure leaves behind; and all that --check sees."""

import json

import pytest

from tests.building import toy_course as toy
from tools import build
from tools.building import check, storage
from tools.building.course import Course


@pytest.fixture
def no_kernel(monkeypatch):
    """Any execution fails the test."""
    monkeypatch.setattr(build, "execute", lambda *_: pytest.fail("a kernel was started"))


@pytest.mark.notebooks
def test_a_forced_build_changes_only_timings(root, capsys, monkeypatch):
    assert build.main(["1"], root) == 0
    first = toy.stored(root)
    code = [cell for cell in first["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert toy.tagged(first["cells"], "nbval-check-output")[0]["outputs"][0]["text"] == "10\n"
    texts = [output.get("text", "") for cell in code for output in cell["outputs"]]
    assert any(text.startswith("1 False chapters\n") for text in texts)
    assert "not attempted" in str(toy.tagged(first["cells"], "check")[0]["outputs"])
    assert first["metadata"]["language_info"].keys() == {"file_extension", "mimetype", "name"}
    assert "widgets" not in first["metadata"]
    for name, value in {"COURSE_OFFLINE": "0", "COURSE_DATA": "/elsewhere", "PYTHONHASHSEED": "5"}.items():
        monkeypatch.setenv(name, value)
    assert build.main(["1", "--force"], root) == 0
    assert "other outputs" not in capsys.readouterr().out
    second = toy.stored(root)
    (before,), (after,) = toy.tagged(first["cells"], "timing"), toy.tagged(second["cells"], "timing")
    assert before["outputs"] != after["outputs"]
    before["outputs"] = after["outputs"] = []
    assert json.dumps(first) == json.dumps(second)
    assert [str(problem) for problem in check.problems(Course.load(root)) if "01_double" in problem] == []


@pytest.mark.notebooks
def test_a_failing_cell_is_told_with_its_line_and_the_old_notebook_stays(root, capsys):
    toy.pretend_built(root)
    path = root / "chapters" / "03_plain.ipynb"
    before = path.read_bytes()
    text = toy.source(toy.SETUP, "\n# %%\nx = 1\n\nprint(x / 0)\n", title="Plain", builds_on="[1]")
    toy.write_chapter(root, "03_plain", text)
    line = text.splitlines().index("print(x / 0)") + 1
    assert build.main(["3"], root) == 1
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"chapters/source/03_plain.py:{line}: failed.")
    assert complaint.rstrip().endswith("ZeroDivisionError: division by zero")
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} == {"source", "01_double.ipynb", "03_plain.ipynb"}


def test_an_unchanged_tree_builds_nothing(root, no_kernel, capsys):
    toy.pretend_built(root)
    before = {path: path.stat().st_mtime_ns for path in (root / "chapters").glob("*.ipynb")}
    assert build.main([], root) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert "double" not in capsys.readouterr().out


def test_prose_keeps_the_outputs_and_reaches_the_neighbours(root, no_kernel, capsys):
    toy.pretend_built(root)
    text = toy.source(toy.SETUP, toy.EXERCISE, toy.SHOWN, title="Twice").replace("slowly", "aloud")
    toy.write_chapter(root, "01_double", text)
    assert build.main([], root) == 0
    assert capsys.readouterr().out.count("prose only") == 2
    assert "[1 · Twice](01_double.ipynb)" in toy.stored(root, "03_plain")["cells"][1]["source"]
    assert toy.tagged(toy.stored(root)["cells"], "nbval-check-output")[0]["outputs"]
    assert check.problems(Course.load(root)) == []


@pytest.mark.parametrize(
    ("before", "after"), [("range(5)", "range(6)"), ('["timing"]', "[]"), ("# %%\npictures", "# %%\n\n# x\npictures")]
)
def test_any_change_of_code_runs_the_chapter_again(root, monkeypatch, before, after):
    toy.pretend_built(root)
    ran = []
    monkeypatch.setattr(build, "execute", lambda course, header, made: ran.append(header.number))
    text = toy.source(toy.SETUP, toy.EXERCISE, toy.SHOWN)
    assert before in text
    toy.write_chapter(root, "01_double", text.replace(before, after))
    build.main([], root)
    assert ran == [1]


def test_a_cell_deleted_by_hand_comes_back(root, monkeypatch):
    toy.pretend_built(root)
    notebook = toy.stored(root)
    notebook["cells"].remove(toy.tagged(notebook["cells"], "colab")[0])
    storage.write(root / "chapters" / "01_double.ipynb", notebook)
    monkeypatch.setattr(build, "execute", lambda *_: None)
    assert build.main([], root) == 0
    assert toy.tagged(toy.stored(root)["cells"], "colab")


def test_a_broken_source_does_not_stop_the_others(root, capsys):
    toy.pretend_built(root)
    toy.write_chapter(root, "02_broken", "print(1)\n")
    toy.write_chapter(root, "02-worse", "print(1)\n")
    assert build.main([], root) == 1
    errors = capsys.readouterr().err
    assert "chapters/source/02_broken.py:1: the source must begin" in errors
    assert "chapters/source/02-worse.py:1: a source is named NN_slug.py" in errors
    assert build.main(["7"], root) == 1
    assert "There is no chapter '7' that can be read. There are: 01, 03." in capsys.readouterr().err


def test_two_chapters_of_one_number_are_refused(root, capsys):
    toy.write_chapter(root, "01_more", toy.source(toy.SETUP))
    assert build.main(["--check"], root) == 1
    assert "01_more.py:1: 01_double.py has the same number" in capsys.readouterr().err


def spoil_source(root, cells):
    toy.write_chapter(root, "01_double", toy.source(toy.SETUP, toy.EXERCISE, toy.SHOWN).replace("slowly", "aloud"))


def spoil_repository(root, cells):
    (root / "pyproject.toml").write_text(toy.PROJECT.replace("ada", "eve"))


def spoil_count(root, cells):
    toy.tagged(cells, "timing")[0]["execution_count"] = None


def spoil_checked(root, cells):
    toy.tagged(cells, "nbval-check-output")[0]["outputs"] = []


def spoil_by_hand(root, cells):
    cells[4]["source"] += " Edited."


def spoil_error(root, cells):
    toy.tagged(cells, "timing")[0]["outputs"] = [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]


def spoil_alt(root, cells):
    next(cell for cell in cells if "dot" in cell["source"])["outputs"][0]["metadata"] = {}


def spoil_size(root, cells):
    toy.tagged(cells, "timing")[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 1_300_000}]


def spoil_readme(root, cells):
    path = root / "README.md"
    path.write_text(path.read_text().replace("| 5 |", "| 6 |"))


def spoil_notebook(root, cells):
    (root / "chapters" / "09_lost.ipynb").write_text("{}")


SPOILT = [
    (spoil_source, "01_double.ipynb: is stale"),
    (spoil_repository, "03_plain.ipynb: is stale"),
    (spoil_count, "01_double.ipynb: cell 15 has the execution count None"),
    (spoil_checked, "01_double.ipynb: cell 12 is checked and has no output"),
    (spoil_by_hand, "01_double.ipynb: was edited by hand"),
    (spoil_error, "01_double.ipynb: cell 15 stores an error"),
    (spoil_alt, "01_double.ipynb: cell 14 has a figure without alt text"),
    (spoil_size, "01_double.ipynb: is 1.31 MB"),
    (spoil_readme, "README.md: contents or badges are stale"),
    (spoil_notebook, "09_lost.ipynb: has no source"),
]


@pytest.mark.parametrize(("spoil", "complaint"), SPOILT)
def test_check_names_the_fault(root, capsys, spoil, complaint):
    toy.pretend_built(root)
    assert build.main(["--check"], root) == 0
    notebook = toy.stored(root)
    spoil(root, notebook["cells"])
    storage.write(root / "chapters" / "01_double.ipynb", notebook)
    assert build.main(["--check"], root) == 1
    assert complaint in capsys.readouterr().err


def test_check_names_what_was_never_built_or_is_no_notebook(root, capsys):
    (root / "chapters" / "01_double.ipynb").write_text("<<<<<<< HEAD")
    assert build.main(["--check"], root) == 1
    errors = capsys.readouterr().err
    assert "01_double.ipynb is no notebook" in errors
    assert "03_plain.ipynb: was never built. Run tools/build.py 03." in errors


def test_readme_keeps_what_a_person_wrote_and_asks_for_its_markers(root, capsys):
    toy.pretend_built(root)
    text = (root / "README.md").read_text()
    assert "| 1 | [Doubling](chapters/01_double.ipynb) | Why: Doubling? | 5 |\n" in text
    assert "mybinder.org/v2/gh/ada/course" in text
    assert text.startswith("# Course\n")
    assert text.endswith("kept\n")
    (root / "README.md").write_text("# Course\n")
    assert build.main([], root) == 1
    assert "`<!-- badges:begin -->`" in capsys.readouterr().err
