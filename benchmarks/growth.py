"""How does the time of training grow with the data, the batch, the width and the depth?

    python benchmarks/growth.py

One epoch of `utils.train.fit` on random images, whose content costs nothing; each question changes one size and keeps
the others. The exponent p is the slope of a straight line through log(seconds) against log(size): seconds grow as
size ** p. A loop that wastes nothing has p = 1 for the data and for the depth, at most 0 for the batch (larger batches
share what a step costs), and at most 2 for the width, whose square the multiply-adds grow with.
"""

import statistics
import sys
from functools import partial

import numpy as np
import torch

from benchmarks import _common
from utils import models, runtime, train
from utils.data import Split

REPEATS = 3
SIZES = {
    "images": (4_000, 8_000, 16_000, 32_000, 60_000),
    "batch": (16, 32, 64, 128, 256, 512),
    "width": (8, 16, 32, 64),
    "depth": (8, 14, 20, 32, 44, 56),
}
AT_MOST = {"images": 1.1, "batch": 0.0, "width": 2.0, "depth": 1.1}  # exponents


def noise(n, channels, side):
    """A split of `n` random images with random labels."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (n, channels, side, side), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 10, (n,), generator=generator)
    return Split(images, labels, [str(k) for k in range(10)], (0.5,) * channels, (0.25,) * channels, f"noise {n}")


def epoch(name, options, split, batch_size):
    """Train a fresh network for one epoch."""
    runtime.seed_everything(0)
    train.fit(models.create(name, **options), split, epochs=1, batch_size=batch_size, lr=1e-4, progress=False)


def tasks():
    """{(question, size): function}."""
    most = noise(max(SIZES["images"]), 1, 28)
    digits, colour = most.subset(8_000), noise(512, 3, 32)
    made = {("images", n): partial(epoch, "lenet", {}, most.subset(n), 128) for n in SIZES["images"][:-1]}
    made["images", len(most)] = partial(epoch, "lenet", {}, most, 128)
    made |= {("batch", n): partial(epoch, "lenet", {}, digits, n) for n in SIZES["batch"]}
    made |= {("width", n): partial(epoch, "resnet8", {"width": n}, colour, 64) for n in SIZES["width"]}
    return made | {("depth", n): partial(epoch, f"resnet{n}", {}, colour, 64) for n in SIZES["depth"]}


def exponent(sizes, seconds):
    """(p, R squared) of seconds = constant * size ** p, by least squares on logarithms."""
    x, y = np.log(sizes), np.log(seconds)
    slope, start = np.polyfit(x, y, 1)
    left = y - (slope * x + start)
    return float(slope), float(1 - left @ left / ((y - y.mean()) @ (y - y.mean())))


def main():
    """Measure, write results/growth.*, and return the exit status: 1 where something grows faster than it may."""
    torch.set_num_threads(1)
    made = tasks()
    made["images", SIZES["images"][0]]()  # warms up
    with _common.watched() as load:
        seconds = _common.interleaved(made, REPEATS)
    table = [["what grows", "sizes", f"seconds an epoch, median of {REPEATS}", "exponent", "at most", "R squared"]]
    result = {}
    for question, sizes in SIZES.items():
        medians = [statistics.median(seconds[question, size]) for size in sizes]
        p, fit = exponent(sizes, medians)
        result[question] = {"sizes": sizes, "seconds": medians, "exponent": p, "r_squared": fit}
        lists = [", ".join(f"{size:,}" for size in sizes), ", ".join(f"{value:.2f}" for value in medians)]
        table.append([question, *lists, f"{p:.2f}", f"{AT_MOST[question]:.1f}", f"{fit:.3f}"])
    met = all(result[question]["exponent"] <= limit for question, limit in AT_MOST.items())
    _common.write("growth", {"grows": result, "at_most": AT_MOST, "met": met, **load}, table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
