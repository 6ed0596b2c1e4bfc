"""What does augmentation cost? Training with and without it in turns, and microseconds an image of each change.

    python benchmarks/augmentation.py

The loop is `utils.train.fit` with LeNet, which is so fast that any augmentation must show: with a larger network the
share only falls. All of it runs in one thread and is timed in processor seconds. The exit status is 1 where shift and
flip add more than the target.
"""

import statistics
import sys
import time
from functools import partial

import torch
from torchvision.transforms import v2

from benchmarks import _common
from utils import data, models, runtime, train
from utils.data import augment

SHIFT_AND_FLIP = augment.Random(shift=4, flip=0.5)
TARGET = 1.30  # time with shift and flip against the plain loop
REPEATS, EPOCHS, BATCH = 5, 1, 128

CHANGES = {
    "flip": augment.Random(flip=0.5),
    "crop and pad": augment.Random(shift=4),
    "crop, pad and flip": SHIFT_AND_FLIP,
    "rotation, scale, shear": augment.Random(angle=15, scale=1.2, shear=10),
    "perspective": augment.Random(perspective=0.2),
    "intensity, contrast": augment.Random(brightness=0.2, contrast=1.5),
    "noise": augment.Random(noise=0.1),
    "cutout": augment.Random(cutout=8),
    "v2 crop, pad and flip, one draw a batch": v2.Compose([v2.RandomCrop(32, 4), v2.RandomHorizontalFlip()]),
    "v2 crop, pad and flip, each image": augment.each(v2.Compose([v2.RandomCrop(32, 4), v2.RandomHorizontalFlip()])),
    "v2 TrivialAugmentWide, each image": augment.each(v2.TrivialAugmentWide()),
}


def fit(split, channels, changes):
    """Train a fresh LeNet for EPOCHS."""
    runtime.seed_everything(0)
    net = models.create("lenet", channels=channels, size=split.images.shape[-1])
    train.fit(net, split, epochs=EPOCHS, batch_size=BATCH, augment=changes, progress=False)


def loops():
    """Both data sets with and without augmentation: {(data set, variant): function}."""
    sets = {"digits": data.mnist("embedded")[0], "colour digits": data.colour_digits()[0]}
    variants = {"plain": None, "shift and flip": SHIFT_AND_FLIP}
    return {
        (name, variant): partial(fit, split, split.images.shape[1], changes)
        for name, split in sets.items()
        for variant, changes in variants.items()
    }


def microseconds():
    """Median time of each change an image of a batch (BATCH, 3, 32, 32): {name: microseconds}."""
    X = torch.rand(BATCH, 3, 32, 32)
    seconds = _common.interleaved({name: partial(change, X) for name, change in CHANGES.items()}, 9, time.process_time)
    return {name: 1e6 * statistics.median(values) / BATCH for name, values in seconds.items()}


def main():
    """Measure, write results/augmentation.*, and return the exit status."""
    torch.set_num_threads(1)
    tasks = loops()
    next(iter(tasks.values()))()  # warms up caches and thread pools
    with _common.watched() as load:
        seconds = _common.interleaved(tasks, REPEATS, time.process_time)
        each = microseconds()
    table = [["what", f"time against the plain loop, median (range) of {REPEATS}", "microseconds an image"]]
    against = {}
    for name in dict.fromkeys(name for name, _ in tasks):
        pairs = zip(seconds[name, "shift and flip"], seconds[name, "plain"], strict=True)
        ratios = [with_it / without for with_it, without in pairs]  # within a round, which slows both alike
        against[name] = statistics.median(ratios)
        table.append([f"LeNet on {name}, shift and flip", _common.spread(ratios), ""])
    table += [[name, "", f"{value:.2g}"] for name, value in each.items()]
    met = max(against.values()) <= TARGET
    named = {f"{name}, {variant}": values for (name, variant), values in seconds.items()}
    result = {"seconds": named, "against_plain": against, "target": TARGET, "met": met, "microseconds_an_image": each}
    _common.write("augmentation", {**result, **load}, table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
