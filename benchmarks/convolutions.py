"""The ladder of chapter 01: one convolution, from loops in Python to PyTorch, in turns in one process.

    python benchmarks/convolutions.py

A kernel of 3 x 3 over one image of 128 x 128, and 16 kernels over a batch of 8 images with 3 channels, which the loops
would take too long for.
"""

import statistics
import sys
from functools import partial

import numpy as np
import torch
from torch.nn import functional as F

from benchmarks import _common
from utils import layers

REPEATS = 7
CASES = {
    "one kernel, one image": ((1, 1, 128, 128), (1, 1, 3, 3), ["loops", "windows", "im2col"]),
    "16 kernels, a batch of 8": ((8, 3, 128, 128), (16, 3, 3, 3), ["windows", "im2col"]),
}


def ladder(image_shape, weight_shape, methods):
    """{name of an implementation: function without arguments}."""
    generator = np.random.default_rng(0)
    X, weight = (generator.standard_normal(shape, dtype=np.float32) for shape in (image_shape, weight_shape))
    rungs = {method: partial(layers.conv2d, X, weight, method=method) for method in methods}
    return rungs | {"PyTorch": partial(F.conv2d, torch.from_numpy(X), torch.from_numpy(weight))}


def main():
    """Measure and write results/convolutions.*."""
    torch.set_num_threads(1)
    table = [["problem", "implementation", f"milliseconds, median (range) of {REPEATS}", "times PyTorch's"]]
    result = {}
    with _common.watched() as load:
        for problem, case in CASES.items():
            rungs = ladder(*case)
            _common.interleaved(rungs, 1)  # warms up
            seconds = _common.interleaved(rungs, REPEATS)
            fastest = statistics.median(seconds["PyTorch"])
            result[problem] = {name: statistics.median(values) for name, values in seconds.items()}
            for name, median in result[problem].items():
                milliseconds = _common.spread([1000 * value for value in seconds[name]])
                table.append([problem, name, milliseconds, f"{median / fastest:,.1f}"])
    _common.write("convolutions", {"seconds": result, **load}, table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
