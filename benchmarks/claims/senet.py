"""Chapter 10: what squeeze and excitation does for a small ResNet, by reduction ratio."""

from benchmarks.claims import Claim, fitted
from utils import data

RECIPE = {"epochs": 8, "lr": 0.01, "optimizer": "adamw"}

CLAIMS = [
    Claim(
        "senet_reduction",
        chapter=10,
        says="ResNet-8 with and without SE on colour digits, by reduction ratio.",
        data=data.colour_digits,
        variants={
            "without SE": fitted("resnet8", **RECIPE),
            **{f"reduction {r}": fitted("se_resnet8", {"reduction": r}, **RECIPE) for r in (2, 4, 16)},
        },
        quick=True,
    ),
]
