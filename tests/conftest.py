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


@pytest.fixture(autouse=True)
def _no_figure_is_left():
    """Close what a test has drawn, without importing pyplot for those that draw nothing."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
