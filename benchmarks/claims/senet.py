"""Chapter 10: what squeeze and excitation does for a small ResNet, by reduction ratio, and how its gates start."""

from torch import nn

from benchmarks.claims import Claim, fitted
from utils import data, models
from utils.models.senet import SqueezeExcitation

RECIPE = {"epochs": 8, "lr": 0.01, "optimizer": "adamw"}
NARROW = {"width": 8, "reduction": 4}


def opened(**options):
    """SE-ResNet-8 whose gates all start at 0.95, whatever the picture; as built they start near 0.5."""
    network = models.create("se_resnet8", **options)
    for module in network.modules():
        if isinstance(module, SqueezeExcitation):
            nn.init.zeros_(module.fc2.weight)
            nn.init.constant_(module.fc2.bias, 3.0)  # sigmoid(3) = 0.95
    return network


def on_few(epochs):
    """Narrow networks on 1,000 images, for so many epochs: without SE, with it, and with gates that start open."""

    def run(*network):
        fit = fitted(*network, epochs=epochs, batch_size=50, lr=0.01, optimizer="adamw")
        return lambda train, test, seed: fit(train.subset(1000), test, seed)

    return {
        "without SE": run("resnet8", {"width": 8}),
        "with SE": run("se_resnet8", NARROW),
        "with SE, gates start open": run(opened, NARROW),
    }


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
    Claim(
        "senet_start",
        chapter=10,
        says="After 6 epochs on 1,000 digits a ResNet-8 with SE lies behind, and less so if its gates start open.",
        data=data.colour_digits,
        variants=on_few(epochs=6),
    ),
    Claim(
        "senet_longer",
        chapter=10,
        says="The same networks after 24 epochs.",
        data=data.colour_digits,
        variants=on_few(epochs=24),
    ),
]
