"""A small check that the tests of the harness try their answers on, and what `compare` says."""

import numpy as np
import torch
import torch.nn.functional as F

from utils.checks._harness import Mistake, array, compare, exercise, run

KERNEL_SIZES = [1, 2, 3]


@exercise("Slide <once>", seconds=0.3)
def slide(answer):
    """Sums of neighbours along a signal."""
    for k in KERNEL_SIZES:
        signal, kernel = array(7, seed=k), array(k, seed=10 + k)
        right = F.conv1d(torch.from_numpy(signal)[None, None], torch.from_numpy(kernel)[None, None])[0, 0].numpy()
        flipped = np.convolve(signal, kernel, "valid")
        compare(run(answer, signal, kernel), right, mistakes={"You flipped the kernel.": flipped})


def solution(signal, kernel):
    return np.correlate(signal, kernel, "valid")


def judged(function):
    """The result where the answer is whatever `function` makes of the right value."""
    return slide(lambda signal, kernel: function(solution(signal, kernel)))


def complaint(got, expected, **options):
    """What `compare` says; "" where it accepts."""
    try:
        compare(got, expected, **options)
    except Mistake as mistake:
        return mistake.message
    return ""
