"""How long until LeNet reads 99 % of MNIST's test digits? The tutorials' recipe and the course's, in turns.

    COURSE_DATA=... python benchmarks/time_to_99.py

tutorial          LeNet, Adam at 0.001 throughout, batches of 64 from a DataLoader; evaluated after each epoch, and
                  ended when it is there
course            LeNet with batch norm, Adam in one cycle up to 0.02, batches of 256, two epochs, in float32
course, bfloat16  the same with channels_last and bfloat16, which speed LeNet up but do not pay with batch norm

Evaluation counts; reading the files, which are in the disk's cache, does not. The exit status is 1 where a seed misses
99 %, or where the course's recipe is not as much sooner as was promised.
"""

import statistics
import sys
from functools import partial
from itertools import chain

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader

from benchmarks import _common
from benchmarks import train_loop as loops
from utils import data, models, runtime, train

GOAL, SEEDS, SOONER, MOST_EPOCHS = 0.99, (0, 1, 2), 5, 20
RECIPE = {"epochs": 2, "batch_size": 256, "lr": 0.02}


def tutorial(train_set, test_set, seed):
    """Train by the tutorials' recipe until the goal is reached: test accuracy after each epoch."""
    runtime.seed_everything(seed)
    model, reached = models.create("lenet"), [0.0]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    while reached[-1] < GOAL and len(reached) <= MOST_EPOCHS:
        model.train()
        for X, y in DataLoader(train_set, 64, shuffle=True):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X), y)
            loss.backward()
            optimizer.step()
            loss.item()
        reached.append(loops.accuracy(model, test_set))
    return reached[1:]


def course(train_split, test_split, seed, **options):
    """Train by the course's recipe, whole: test accuracy after each epoch."""
    runtime.seed_everything(seed)
    model = models.create("lenet_bn")
    return train.fit(model, train_split, test_split, seed=seed, progress=False, **RECIPE, **options).test_accuracy


def race(recipes):
    """Follow each recipe, in turns, once a seed: (seconds, accuracies after each epoch), dicts of name to lists."""
    reached = {name: [] for name in recipes}

    def follow(name):
        reached[name].append(recipes[name](seed=SEEDS[len(reached[name])]))

    return _common.interleaved({name: partial(follow, name) for name in recipes}, len(SEEDS)), reached


def main():
    """Measure, write results/time_to_99.*, and return the exit status."""
    sets, splits = loops.torchvision_mnist(), data.mnist("full")
    loops.bound(*splits)  # warms up caches and thread pools
    with _common.watched() as load:
        seconds, reached = race(
            {
                "tutorial": partial(tutorial, *sets),
                "course": partial(course, *splits),
                "course, bfloat16": partial(course, *splits, **loops.FAST),
            }
        )
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    sooner = {name: medians["tutorial"] / medians[name] for name in medians}
    met = all(run[-1] >= GOAL for run in chain(*reached.values())) and sooner["course"] >= SOONER
    table = [["recipe", f"seconds, median (range) of {len(SEEDS)} seeds", "epochs", "test accuracy", "times sooner"]]
    for name, runs in reached.items():
        epochs, last = (
            _common.spread([len(run) for run in runs], ".0f"),
            _common.spread([run[-1] for run in runs], ".4f"),
        )
        table.append([name, _common.spread(seconds[name], ".1f"), epochs, last, f"{sooner[name]:.1f}"])
    result = {"goal": GOAL, "recipe": RECIPE, "seconds": seconds, "accuracy": reached, "sooner": sooner, "met": met}
    _common.write("time_to_99", {**result, **load}, table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
