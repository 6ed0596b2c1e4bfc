"""What all tests share: no network, no windows, one thread, and hypothesis draws the same cases every time."""

import os
import sys

import pytest
from hypothesis import settings

# Set before torch and matplotlib are imported, and handed on to the processes that tests start.
os.environ.update(COURSE_OFFLINE="1", MPLBACKEND="Agg", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

# A busy machine is no failure (deadline), and what fails here must fail on the next machine too (derandomize).
settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")


def pytest_addoption(parser):
    parser.addoption("--chapters", default="", help='"4 7": leave out the tests that belong to other chapters')


def pytest_collection_modifyitems(config, items):
    """Leaves out what belongs to other chapters, by its parameter `chapter` or by pytest.mark.chapter(numbers)."""
    wanted = {int(number) for number in config.getoption("--chapters").split()}
    if not wanted:
        return
    others = [item for item in items if (about := _chapters(item)) and not about & wanted]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


def _chapters(item):
    marked = {number for marker in item.iter_markers("chapter") for number in marker.args}
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return marked | ({int(parameters["chapter"])} if "chapter" in parameters else set())


@pytest.fixture(autouse=True)
def _no_figure_is_left():
    """Close what a test has drawn, without importing pyplot for those that draw nothing."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
