"""The memory that a computation takes: sampled while it runs, and no longer."""

import mmap
import threading
import time

import numpy as np
import pytest

from utils import complexity


def test_peak_memory_sees_what_is_freed_again():
    # Straight from the system: the allocator might hand out memory that earlier tests left resident.
    with complexity.peak_memory() as report, mmap.mmap(-1, 40_000_000) as block:
        np.frombuffer(block, dtype=np.uint8).fill(1)
        time.sleep(0.5)  # many samples, and some on a busy machine
    assert 35e6 < report["peak"] - report["before"] < 80e6


def test_peak_memory_stops_watching_where_the_block_fails():
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="on purpose"), complexity.peak_memory() as report:
        raise RuntimeError("on purpose")
    assert report["peak"] >= report["before"]
    assert threading.active_count() == before
