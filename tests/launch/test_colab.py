"""The first cell of a chapter on a machine like Google Colab: a fresh Python, a real pip, a fake google.colab.

What only the real one proves: that Colab shows the notebook, that GitHub serves the archive, that explorers are drawn.
"""

from pathlib import Path

import pytest

from tests.launch.fake_colab import MISSING, FakeColab
from tools.building import storage
from tools.building.course import Course
from tools.course import ROOT

pytestmark = pytest.mark.slow

COURSE = Course.load(Path(ROOT))
# What chapters ask of an installed course: its data, its weights, what was measured, checks that are loaded by name.
USE = """
import pathlib, torch, utils
from utils import data, models, runtime
from utils.checks import ch04
train, test = data.mnist(size="embedded")
assert (len(train), len(test)) == (4000, 1000)
listed = [line.split()[1] for line in (runtime.shipped_dir() / "SHA256SUMS").read_text().splitlines()]
assert any(name.startswith("weights/") for name in listed) and all(runtime.shipped(name).is_file() for name in listed)
assert runtime.results("accuracy")
assert models.create("lenet")(train.normalised(slice(2))).shape == (2, 10)
pathlib.Path("where").write_text(torch.__file__ + chr(10) + utils.__file__)
"""


def first_cell(source):
    """The Colab cell of chapter 04 as it is stored, its address replaced by one that needs no network."""
    notebook = storage.read(COURSE.notebook_path(COURSE.by_number[4]))
    (cell,) = [cell["source"] for cell in notebook["cells"] if "colab" in cell["metadata"].get("tags", ())]
    assert cell.count(COURSE.archive) == 1
    return cell.replace(COURSE.archive, source)


@pytest.mark.parametrize("kind", ["zip", "wheel", "git"])
def test_the_course_is_fetched_once_and_torch_is_left_alone(kind, sources, tmp_path):
    colab = FakeColab(tmp_path)
    cell = first_cell(sources[kind])
    succeeded, shown = colab.run_cells(cell, USE)
    assert succeeded == [True, True], shown
    assert colab.installed() == {"convnet_course", *MISSING}
    torch, utils = (Path(line) for line in (tmp_path / "where").read_text().splitlines())
    assert torch.is_relative_to(colab.packages)
    assert utils.is_relative_to(colab.site_packages)
    before = {path: path.stat().st_mtime_ns for path in colab.site_packages.iterdir()}
    assert colab.run_cells(cell)[0] == [True]  # after a restart of the kernel: nothing is fetched again
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert colab.log.read_text() == "widgets enabled\n" * 2


def test_a_source_that_cannot_be_had_is_told_plainly(sources, tmp_path):
    colab = FakeColab(tmp_path)
    succeeded, shown = colab.run_cells(first_cell(sources["broken"]))
    assert succeeded == [False]
    assert "SystemExit: The course could not be fetched; pip says above why." in shown
    assert "v9.9.9.zip" in shown
    assert "Traceback" not in shown
    assert colab.installed() == set()


def test_elsewhere_the_cell_does_nothing(sources, tmp_path):
    machine = FakeColab(tmp_path, is_colab=False)
    succeeded, shown = machine.run_cells(first_cell(sources["broken"]))
    assert succeeded == [True]
    assert not shown.strip()
    assert machine.installed() == set()
