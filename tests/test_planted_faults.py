"""Faults planted on purpose: the suite must pass without each, and fail with it, for the right reason."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.building import toy_course as toy
from tools import build, suite

pytestmark = pytest.mark.notebooks

ROOT = Path(__file__).resolve().parents[1]
SHOWS = '\n# %% tags=["nbval-check-output"]\nfrom utils import tally\nprint(tally.total(5))\n'
TALLY = "def total(n):\n    return sum(range(n))\n"


def pytest_in(folder, *arguments):
    """Exit status of pytest in a folder whose `utils` comes before the installed one, and what it said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def spoil(path, old, new):
    """Replace a text that a file holds once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course of one chapter, executed: one checked cell prints what a function of its `utils` returns."""
    root = tmp_path_factory.mktemp("built")
    toy.make(root)
    (root / "utils" / "tally.py").write_text(TALLY)
    toy.write_chapter(root, "03_plain", toy.source(toy.SETUP, SHOWS, title="Plain"))
    (root / "chapters" / "source" / "01_double.py").unlink()
    (root / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "nbval.cfg", root / "tests")
    assert build.main([], root) == 0
    return root


@pytest.fixture
def course(built, tmp_path):
    """A copy of that course, to be spoilt."""
    return shutil.copytree(built, tmp_path / "course")


@pytest.fixture
def tree(tmp_path):
    """A copy of this course's own code, tests and pages, with its first chapter, to be spoilt."""
    for name in ("utils", "tools", "tests", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    first = build.Course.load(ROOT).headers[0].path
    (tmp_path / "chapters" / "source").mkdir(parents=True)
    shutil.copy(first, tmp_path / "chapters" / "source")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def change_stored_output(course):
    spoil(course / "chapters" / "03_plain.ipynb", '"10\\n"', '"11\\n"')


def break_function(course):
    spoil(course / "utils" / "tally.py", "range(n)", "range(n + 1)")


@pytest.mark.parametrize(
    ("fault", "seen"),
    [(None, []), (change_stored_output, ["11", "10"]), (break_function, ["10", "15"])],
)
def test_nbval_sees(course, fault, seen):
    if fault:
        fault(course)
    status, said = pytest_in(course, *suite.NBVAL, "chapters")
    assert status == (1 if fault else 0), said
    assert ("1 failed" in said) == bool(fault)
    assert not fault or ("Cell outputs differ" in said and all(value in said for value in seen)), said


def test_the_quick_check_sees_a_stale_notebook(course, capsys):
    assert build.main(["--check"], course) == 0
    spoil(course / "chapters" / "source" / "03_plain.py", "total(5)", "total(6)")
    assert build.main(["--check"], course) == 1
    assert "03_plain.ipynb: is stale" in capsys.readouterr().err


OFF_BY_LITTLE = """
_right = conv2d
def conv2d(*arguments, **options):
    return _right(*arguments, **options) + 1e-6
"""
ACCEPTS_ALL = """
@exercise("Spoilt")
def {name}(answer):
    "Accepts everything."
"""


def append(path, text):
    """Write a text at the end of a file."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_unit_tests_see_a_broken_function_and_only_that(tree):
    append(tree / "utils" / "layers" / "__init__.py", OFF_BY_LITTLE)
    status, said = pytest_in(tree, "tests/test_layers.py", "-k", "windows or max_pooling_is_pytorchs")
    assert status == 1, said
    assert "FAILED tests/test_layers.py::test_conv2d_is_pytorchs[windows]" in said
    assert "Not equal to tolerance" in said
    assert "1 failed" in said
    assert "1 passed" in said


def test_the_tests_of_the_checks_see_a_check_that_accepts_everything(tree):
    from utils.checks import ch00

    spoilt, sound = ch00.__all__[:2]
    append(tree / "utils" / "checks" / "ch00.py", ACCEPTS_ALL.format(name=spoilt))
    status, said = pytest_in(tree, "tests/test_checks.py", "-k", f"00-{spoilt} or 00-{sound}")
    assert status == 1, said
    assert f"FAILED tests/test_checks.py::test_the_stub_is_not_attempted[00-{spoilt}]" in said
    assert f"FAILED tests/test_checks.py::test_each_wrong_answer_fails_in_its_own_words[00-{spoilt}]" in said
    assert "2 failed, 4 passed" in said  # the solution passes a check that accepts everything


# Looks as if torch had been imported, and takes no time.
NO_TORCH = "import sys\nsys.modules['torch'] = None"
# file of utils, what is added at its end, the test of the layout that must fail, and what it must say.
LAYOUT_FAULTS = [
    ("layers/__init__.py", "from utils import models", "imports_follow_the_arrows", "may not import utils.models"),
    ("runtime.py", "from os import *", "nothing_is_imported_with_a_star", "utils/runtime.py"),
    ("runtime.py", "\n" * 300, "modules_are_short", "utils/runtime.py"),
    ("runtime.py", "def long():\n    'Long.'" + "\n    print()" * 26, "functions_are_short", "long: 26 lines"),
    ("runtime.py", "def bare():\n    pass", "what_is_public_is_documented", "bare"),
    ("runtime.py", f"HOME = '{os.sep}home{os.sep}someone'", "no_path_of_one_machine", "utils/runtime.py:"),
    ("runtime.py", "import utils.no_such", "every_module_of_utils_is_importable_alone", "'utils.no_such'"),
    ("__init__.py", NO_TORCH, "utils_itself_is_imported_at_once_and_without_torch", "'True'"),
]


def test_the_layout_test_sees_each_fault(tree):
    for file, fault, _, _ in LAYOUT_FAULTS:
        append(tree / "utils" / file, f"\n{fault}\n")
    status, said = pytest_in(tree, "tests/test_layout.py")
    assert status == 1, said
    for _, _, test, words in LAYOUT_FAULTS:
        assert f"FAILED tests/test_layout.py::test_{test}" in said
        assert words in said, said
