"""Do the course's training recipes reach the accuracy that its chapters promise? Each over three seeds.

    COURSE_DATA=... python benchmarks/recipes.py

Full MNIST has 10,000 test digits: one standard error is 0.1 points at 99 %. The embedded digits have 1,000: 0.5 points
at 97 %. The exit status is 1 where a median misses what was promised.
"""

import statistics
import sys
from typing import NamedTuple

from benchmarks import _common
from utils import data, models, runtime, train

SEEDS = (0, 1, 2)


class Recipe(NamedTuple):
    """A network, its data, how it is trained, and the median test accuracy that is promised."""

    model: str
    size: str
    options: dict
    promised: float


RECIPES = {
    "LeNet, full MNIST": Recipe("lenet", "full", {"epochs": 3, "batch_size": 256, "lr": 0.01}, 0.990),
    "LeNet with batch norm, full MNIST": Recipe(
        "lenet_bn", "full", {"epochs": 3, "batch_size": 256, "lr": 0.02}, 0.992
    ),
    "LeNet, embedded digits": Recipe("lenet", "embedded", {"epochs": 8, "batch_size": 128, "lr": 0.01}, 0.965),
}


def follow(recipe, seed, progress=False):
    """Train a fresh network by a recipe (Adam, one-cycle schedule): (model, History)."""
    runtime.seed_everything(seed)
    model = models.create(recipe.model)
    history = train.fit(model, *data.mnist(recipe.size), seed=seed, progress=progress, **recipe.options)
    return model, history


def main():
    """Follow every recipe, write results/recipes.*, and return the exit status."""
    table = [["recipe", f"test accuracy, median (range) of {len(SEEDS)} seeds", "promised", "seconds"]]
    results = {}
    with _common.watched() as load:
        for name, recipe in RECIPES.items():
            histories = [follow(recipe, seed)[1] for seed in SEEDS]
            accuracy = [history.test_accuracy[-1] for history in histories]
            seconds = [sum(history.seconds) for history in histories]
            met = statistics.median(accuracy) >= recipe.promised
            results[name] = {**recipe._asdict(), "accuracy": accuracy, "seconds": seconds, "met": met}
            table.append(
                [name, _common.spread(accuracy, ".4f"), f"{recipe.promised:.3f}", _common.spread(seconds, ".1f")]
            )
    _common.write("recipes", {"seeds": SEEDS, "recipes": results, **load}, table)
    return 0 if all(result["met"] for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
