"""Chapter 10: what squeeze and excitation does for a small ResNet, by reduction ratio, on two sets of pictures."""

from functools import partial

from benchmarks.claims import Claim, fitted
from utils import data

REDUCTIONS = (2, 4, 8, 16)
PLAIN = "without SE"


def variants(reductions, **fit_options):
    """ResNet-8, and the same net with a gate in each block for each reduction ratio (dict of runs)."""
    gated = {f"reduction {r}": fitted("se_resnet8", {"reduction": r}, **fit_options) for r in reductions}
    return {PLAIN: fitted("resnet8", **fit_options), **gated}


CLAIMS = [
    Claim(
        "senet_reduction",
        chapter=10,
        says="ResNet-8 with and without SE on colour digits, by reduction ratio.",
        data=data.colour_digits,
        variants=variants(REDUCTIONS, epochs=8, lr=0.01, optimizer="adamw"),
        seeds=(0, 1, 2, 3, 4),
        quick=True,
    ),
    Claim(
        "senet_cifar10",
        chapter=10,
        says="ResNet-8 with and without SE on a part of CIFAR-10.",
        data=partial(data.cifar10, "subset"),
        variants=variants((4,), epochs=8, lr=0.01, optimizer="adamw"),
    ),
]
