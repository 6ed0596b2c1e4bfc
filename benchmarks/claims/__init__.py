"""What the chapters claim about accuracy: one file a family of networks, each with its list CLAIMS.

    CLAIMS = [
        Claim(
            "alexnet_activation",
            chapter=5,
            says="ReLU learns where the sigmoid does not.",
            data=data.colour_digits,
            variants={
                "ReLU": fitted("alexnet_small", epochs=5, lr=1e-3),
                "sigmoid": fitted("alexnet_small", {"activation": nn.Sigmoid}, epochs=5, lr=1e-3),
            },
            quick=True,
        )
    ]

A new file is found by itself. `benchmarks/accuracy.py` measures the claims and keeps what it found.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from utils import models, runtime, train


class Claim(NamedTuple):
    """A comparison of variants, each measured with every seed.

    Fields:
        name: unique, snake_case; the key in results/accuracy.json.
        chapter: number of the chapter that makes the claim.
        says: the claim in a sentence.
        data: function without arguments that returns (train, test).
        variants: {label: run}, where run(train, test, seed) returns {metric: float} with "accuracy" (on test) among
            the metrics, as `fitted` makes; the first variant is the one that others are compared with.
        seeds: at least three.
        quick: `--quick` measures the first two variants again, with one seed: one claim a chapter, a minute or two.
    """

    name: str
    chapter: int
    says: str
    data: Callable
    variants: dict
    seeds: tuple = (0, 1, 2)
    quick: bool = False


def fitted(model, options=None, **fit_options):
    """A variant: train a fresh network and test it.

    Args:
        model: name in `utils.models`, or a function that returns a network.
        options: of the network (dict).
        **fit_options: of `utils.train.fit`.

    Returns:
        function of (train, test, seed) that returns {"accuracy", "loss" (both on test), "train_accuracy",
        "train_loss" (on all training images, after the last epoch), "seconds" (of training)}.
    """

    def run(train_set, test_set, seed):
        runtime.seed_everything(seed)
        build = model if callable(model) else partial(models.create, model)
        network = build(**(options or {}))
        history = train.fit(network, train_set, seed=seed, progress=False, **fit_options)
        seen, unseen = train.evaluate(network, train_set), train.evaluate(network, test_set)
        on_train = {f"train_{metric}": value for metric, value in seen.items()}
        return {**unseen, **on_train, "seconds": sum(history.seconds)}

    return run


def registry():
    """All claims by name, in the order of the chapters: {name: Claim}.

    Raises:
        ValueError: a claim has another one's name, fewer than three seeds, or fewer than two variants.
    """
    found = {}
    for module in iter_modules(__path__):
        for claim in import_module(f"{__name__}.{module.name}").CLAIMS:
            if claim.name in found:
                raise ValueError(f"Two claims are called {claim.name!r}. Rename the one in {module.name}.py.")
            if len(claim.seeds) < 3 or len(claim.variants) < 2:
                raise ValueError(f"{claim.name!r} needs at least three seeds and two variants to compare.")
            found[claim.name] = claim
    return dict(sorted(found.items(), key=lambda item: item[1].chapter))
