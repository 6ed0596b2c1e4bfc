"""Chapter 07: batch norm in a small Inception net, and kernels of several sizes against one size at the same cost."""

from functools import partial

from benchmarks.claims import Claim, fitted
from utils import data
from utils.models.inception import SMALL_3X3

RECIPE = {"epochs": 5, "batch_size": 128, "optimizer": "adamw", "channels_last": True}
RATES = (1e-2, 3e-3, 3e-2)  # the first is the best for both, with batch norm and without


def with_and_without(rates):
    """Variants with and without batch norm at each learning rate."""
    return {
        f"{label}, lr {lr:g}": fitted("inception_small", {"batch_norm": norm}, **RECIPE, lr=lr)
        for label, norm in (("batch norm", True), ("without", False))
        for lr in rates
    }


CLAIMS = [
    Claim(
        "inception_batch_norm",
        chapter=7,
        says="Batch norm lifts the small Inception net: best against best of three learning rates.",
        data=data.colour_digits,
        variants=with_and_without(RATES),
        quick=True,
    ),
    Claim(
        "inception_kernels",
        chapter=7,
        says="Four paths against 3 x 3 paths alone: as many maps, as many multiply-adds, both with batch norm.",
        data=data.colour_digits,
        variants={
            "four paths": fitted("inception_small", {"batch_norm": True}, **RECIPE, lr=RATES[0]),
            "3 x 3 alone": fitted("inception_small", {"batch_norm": True, "widths": SMALL_3X3}, **RECIPE, lr=RATES[0]),
        },
    ),
    Claim(
        "inception_batch_norm_cifar10",
        chapter=7,
        says="Batch norm lifts the small Inception net on photographs too.",
        data=partial(data.cifar10, "subset"),
        variants=with_and_without((1e-2, 3e-3)),
    ),
]
