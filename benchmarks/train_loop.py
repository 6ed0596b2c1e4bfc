"""How much time does a training loop waste? One epoch of LeNet on full MNIST and its evaluation, in turns.

    COURSE_DATA=... python benchmarks/train_loop.py

tutorial   torchvision's MNIST through ToTensor and Normalize, a DataLoader, loss.item() in each step: the loop that
           most tutorials show
default    utils.train.fit as it comes: float32, the layout of the tutorial
fit        utils.train.fit(channels_last=True, bf16=True): images stored pixel by pixel, and products of 16 bits, which
           the processors of today are built for (one without bfloat16 is slower so); evaluated in float32
bound      forward, backward and step on one fixed batch, and forward alone for the evaluation, as often and in batches
           as large as fit's, with both too: what no loop can do without

The exit status is 1 where `fit` misses a target.
"""

import statistics
import sys

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from benchmarks import _common
from utils import data, models, runtime, train
from utils.train.evaluation import images_at_a_time
from utils.train.resident import batch_slices

BATCH, EVALUATION_BATCH, REPEATS, LR = 256, 512, 21, 0.01
FAST = {"channels_last": True, "bf16": True}
TARGETS = {"tutorial": 0.40, "bound": 1.05}  # fit's time may be at most this share of theirs


def sgd(parameters, lr=LR):
    """The optimiser of all three loops."""
    return torch.optim.SGD(parameters, lr, momentum=0.9)


def lenet():
    """The same untrained LeNet for all three."""
    runtime.seed_everything(0)
    return models.create("lenet")


def tutorial(train_set, test_set):
    """The loop of the tutorials: accuracy on the test set."""
    model = lenet()
    optimizer = sgd(model.parameters())
    model.train()
    running_loss = 0.0
    for X, y in DataLoader(train_set, BATCH, shuffle=True):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    return accuracy(model, test_set)


def accuracy(model, test_set):
    """Share of the images that the model names right, as the tutorials measure it (float)."""
    model.eval()
    with torch.no_grad():
        right = sum((model(X).argmax(1) == y).sum().item() for X, y in DataLoader(test_set, EVALUATION_BATCH))
    return right / len(test_set)


def fit(train_split, test_split, **options):
    """The course's loop: accuracy on the test set."""
    options |= {
        "epochs": 1,
        "batch_size": BATCH,
        "lr": LR,
        "optimizer": sgd,
        "schedule": "constant",
        "progress": False,
    }
    return train.fit(lenet(), train_split, test_split, **options).test_accuracy[0]


def bound(train_split, test_split):
    """Only the arithmetic: as many steps of the same sizes, on images that lie ready."""
    stored = {"memory_format": torch.channels_last}
    model = lenet().to(**stored)
    optimizer = sgd(model.parameters())
    X, y = train_split.normalised(slice(0, BATCH)).to(**stored), train_split.labels[:BATCH]
    for rows in batch_slices(len(train_split), BATCH):
        n = rows.stop - rows.start
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            loss = F.cross_entropy(model(X[:n]), y[:n])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.inference_mode():
        for rows in batch_slices(len(test_split), images_at_a_time(X.device)):
            model(X[: rows.stop - rows.start])


def torchvision_mnist():
    """Full MNIST as the tutorials read it: (train, test)."""
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    return [datasets.MNIST(runtime.data_dir(), train=half, transform=transform) for half in (True, False)]


def main():
    """Measure, write results/train_loop.*, and return the exit status."""
    splits = data.mnist("full")
    sets = torchvision_mnist()
    reached = {}
    tasks = {
        "tutorial": lambda: reached.update(tutorial=tutorial(*sets)),
        "default": lambda: reached.update(default=fit(*splits)),
        "fit": lambda: reached.update(fit=fit(*splits, **FAST)),
        "bound": lambda: bound(*splits),
    }
    bound(*splits)  # warms up caches and thread pools
    with _common.watched() as load:
        seconds = _common.interleaved(tasks, REPEATS)
    # Ratios within a round: what slows the machine down for a while slows both.
    ratios = {other: [a / b for a, b in zip(seconds["fit"], seconds[other], strict=True)] for other in TARGETS}
    medians = {other: statistics.median(values) for other, values in ratios.items()}
    met = all(medians[other] <= target for other, target in TARGETS.items())
    result = {"seconds": seconds, "fit_against": medians, "targets": TARGETS, "met": met, "accuracy": reached}
    table = [["loop", f"seconds, median (range) of {REPEATS}", "fit against it", "at most", "test accuracy"]]
    for name, values in seconds.items():
        against = [_common.spread(ratios[name]), f"{TARGETS[name]:.2f}"] if name in ratios else ["", ""]
        table.append([name, _common.spread(values), *against, f"{reached[name]:.4f}" if name in reached else ""])
    _common.write("train_loop", {**result, **load}, table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
