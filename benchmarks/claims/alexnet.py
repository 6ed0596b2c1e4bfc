"""Chapter 05: what ReLU, max pooling, dropout and batch normalisation do for a small AlexNet."""

from torch import nn

from benchmarks.claims import Claim, fitted
from utils import data

RECIPE = {"epochs": 8, "batch_size": 128, "lr": 2e-3, "optimizer": "adamw"}

CLAIMS = [
    Claim(
        "alexnet_activation",
        chapter=5,
        says="With ReLU the small AlexNet learns; with sigmoids it does not begin to, at any of four learning rates.",
        data=data.colour_digits,
        variants={
            "ReLU": fitted("alexnet_small", **RECIPE),
            **{
                f"sigmoid, lr {lr:g}": fitted("alexnet_small", {"activation": nn.Sigmoid}, **{**RECIPE, "lr": lr})
                for lr in (2e-4, 1e-3, 2e-3, 1e-2)
            },
        },
    ),
]
