"""Chapter 15: a tiny vision transformer beside a tiny ResNet, on digits as they are and with their patches shuffled."""

from dataclasses import replace
from functools import partial

from benchmarks.claims import Claim, fitted
from utils import data, models
from utils.models.vit import shuffle_patches

RESNET = partial(models.create, "resnet8", width=6, channels=1)  # about the multiply-adds of the transformer
RECIPE = {"epochs": 6, "batch_size": 32, "optimizer": "adamw"}
RATES = {"ResNet": 0.01, "vision transformer": 0.006}


def shuffled(run):
    """The same variant on images whose patches were all put into one other order."""

    def on_shuffled(train_set, test_set, seed):
        halves = (replace(half, images=shuffle_patches(half.images)) for half in (train_set, test_set))
        return run(*halves, seed)

    return on_shuffled


VARIANTS = {
    "ResNet": fitted(RESNET, lr=RATES["ResNet"], **RECIPE),
    "vision transformer": fitted("vit_small", lr=RATES["vision transformer"], **RECIPE),
}

CLAIMS = [
    Claim(
        "patches_and_windows",
        chapter=15,
        says="On 4,000 digits a ResNet beats a transformer of its size; shuffled patches harm the ResNet alone.",
        data=partial(data.mnist, "embedded"),
        variants={**VARIANTS, **{f"{name}, patches shuffled": shuffled(run) for name, run in VARIANTS.items()}},
        quick=True,
    ),
]
