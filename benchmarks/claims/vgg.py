"""Chapter 06: what batch normalisation does for a small VGG, and two 3 x 3 convolutions against one of 5 x 5."""

from benchmarks.claims import Claim, fitted
from utils import data

RECIPE = {"epochs": 4, "batch_size": 128, "optimizer": "adamw", "channels_last": True}


def _rated(rates, **options):
    """Both variants at every learning rate, so that neither is judged at the other's best one."""
    return {
        f"{'with' if norm else 'without'} batch norm, lr {lr:g}": fitted(
            "vgg_small", {"batch_norm": norm, **options}, **RECIPE, lr=lr
        )
        for norm in (False, True)
        for lr in rates
    }


def _kernels(convs, kernel):
    options = {"convs": (convs,) * 3, "kernel": kernel, "batch_norm": True}
    return fitted("vgg_small", options, **RECIPE, lr=3e-3)


CLAIMS = [
    Claim(
        "vgg_batch_norm",
        chapter=6,
        says="Batch normalisation lifts the small VGG on colour digits, each at its own best learning rate.",
        data=data.colour_digits,
        variants=_rated((1e-3, 3e-3, 1e-2)),
        quick=True,
    ),
    Claim(
        "vgg_kernels",
        chapter=6,
        says="Blocks of two 3 x 3 convolutions against blocks of one 5 x 5 or one 3 x 3, all with batch norm.",
        data=data.colour_digits,
        variants={"two 3 x 3": _kernels(2, 3), "one 5 x 5": _kernels(1, 5), "one 3 x 3": _kernels(1, 3)},
    ),
    Claim(
        "vgg_batch_norm_cifar10",
        chapter=6,
        says="Batch normalisation lifts a VGG of half the width on photographs, each at its own best learning rate.",
        data=data.cifar10,
        variants=_rated((1e-3, 3e-3), widths=(16, 32, 64)),
    ),
]
