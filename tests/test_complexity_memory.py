"""The memory that a computation takes: sampled while it runs, and no longer."""

import threading
import time

import numpy as np
import pytest

from utils import complexity


def test_peak_memory_sees_what_is_freed_again():
    with complexity.peak_memory() as report:
        block = np.ones(40_000_000, dtype=np.uint8)
        time.sleep(0.5)  # many samples, and some on a busy machine
        del block
    assert 35e6 < report["peak"] - report["before"] < 80e6


def test_peak_memory_stops_watching_where_the_block_fails():
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="on purpose"), complexity.peak_memory() as report:
        raise RuntimeError("on purpose")
    assert report["peak"] >= report["before"]
    assert threading.active_count() == before
