"""Chapter 05: what ReLU, max pooling, dropout and batch normalisation do for a small AlexNet."""

from torch import nn

from benchmarks.claims import Claim, fitted
from utils import data


def small(lr=1e-3, epochs=8, **options):
    """A small AlexNet, trained as in chapter 05 but for what is given here."""
    return fitted("alexnet_small", options, epochs=epochs, batch_size=128, lr=lr, optimizer="adamw")


def cifar10():
    """The subset of CIFAR-10, whatever else is on disk."""
    return data.cifar10("subset")


CLAIMS = [
    Claim(
        "alexnet_ablations",
        chapter=5,
        says="Max pooling beats average pooling by far; sigmoids do not begin to learn; dropout is inside the noise.",
        data=data.colour_digits,
        variants={
            "ReLU, max pooling, dropout": small(),
            "average pooling": small(pool=nn.AvgPool2d),
            "no dropout": small(dropout=0.0),
            "sigmoid": small(activation=nn.Sigmoid),
            "sigmoid, ten times the lr": small(activation=nn.Sigmoid, lr=1e-2),
        },
        quick=True,
    ),
    Claim(
        "alexnet_batch_norm_cifar10",
        chapter=5,
        says="Batch normalisation lifts the small AlexNet on CIFAR-10, each at the better of two learning rates.",
        data=cifar10,
        variants={
            f"{name}, lr {lr:g}": small(lr=lr, epochs=4, batch_norm=norm)
            for name, norm in (("plain", False), ("batch norm", True))
            for lr in (1e-3, 2e-3)
        },
    ),
]
