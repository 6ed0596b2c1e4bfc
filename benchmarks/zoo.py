"""How fast are torchvision's networks on this machine, and how much memory do they take?

    python benchmarks/zoo.py

The chart of chapter 13, all of it: every network of `utils.zoo`, in a process of its own, with one image and with a
batch. Then each is timed once more by `torch.utils.benchmark`; the exit status is 1 where the two orders disagree.
"""

import sys

import torch
from scipy.stats import spearmanr
from torch.utils.benchmark import Timer
from tqdm.auto import tqdm

from benchmarks import _common
from utils import zoo

LEAST_AGREEMENT = 0.9  # Spearman's rank correlation of both timings
SECONDS = 1.0


def timed_by_torch(model, X, seconds=SECONDS):
    """Images a second of model(X), the median of what PyTorch's own stopwatch takes (float)."""
    with torch.inference_mode():
        timer = Timer("model(X)", globals={"model": model, "X": X}, num_threads=torch.get_num_threads())
        return len(X) / timer.blocked_autorange(min_run_time=seconds).median


def timed_again(name):
    """`timed_by_torch` of one of torchvision's networks for one image."""
    side = zoo.published(name)["side"]
    return timed_by_torch(zoo.build(name), torch.rand(1, 3, side, side))


def agreement(speeds, others):
    """Spearman's rank correlation of two timings, dicts of the same names (float)."""
    return float(spearmanr(list(speeds.values()), [others[name] for name in speeds]).statistic)


def table(rows):
    """The rows of `zoo.survey` for readers, fastest first."""
    heading = ["network", "ImageNet top-1, %", "M params", "G MACs"]
    heading += [f"images a second, {batch} at a time (range)" for batch in zoo.BATCH_SIZES]
    lines = [[*heading, *(f"peak MB, {batch} at a time" for batch in zoo.BATCH_SIZES)]]
    for row in sorted(rows, key=lambda row: -row["speed"]["1"]["images_per_second"]):
        line = [row["name"], f"{row['top1']:.1f}", f"{row['params'] / 1e6:.1f}", f"{row['gmacs']:.2f}"]
        speeds = [row["speed"][str(batch)] for batch in zoo.BATCH_SIZES]
        line += [f"{s['images_per_second']:.1f} ({s['low']:.1f} to {s['high']:.1f})" for s in speeds]
        lines.append([*line, *(f"{row['peak_mb'][str(batch)]:.0f}" for batch in zoo.BATCH_SIZES)])
    return lines


def main():
    """Measure, write results/zoo.*, and return the exit status."""
    with _common.watched() as load:
        rows = zoo.survey(list(zoo.NETS), seconds=SECONDS)
        again = {name: zoo.alone(timed_again, name) for name in tqdm(zoo.NETS, desc="timed again")}
    found = agreement({row["name"]: row["speed"]["1"]["images_per_second"] for row in rows}, again)
    rounded = {name: round(speed, 3) for name, speed in again.items()}
    result = {"rows": rows, "timed_again": rounded, "spearman": round(found, 4), "met": found >= LEAST_AGREEMENT}
    _common.write("zoo", {**result, **load}, table(rows))
    print(f"Spearman's rank correlation with torch.utils.benchmark: {found:.3f} (at least {LEAST_AGREEMENT})")
    return 0 if result["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
