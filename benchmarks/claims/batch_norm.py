"""Chapter 08: what batch normalisation does for LeNet on colour digits, by learning rate, batch size and noise."""

import torch
from torch import nn

from benchmarks.claims import Claim, fitted
from utils import data, models

NETS = {"without": "lenet", "with": "lenet_bn"}
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BATCHES = (2, 4, 8, 32, 128, 512)
PARTS = (2, 4, 8, 16, 32, 64, 128, 256, 512)
COLOUR = {"channels": 3, "size": 32}


class InParts(nn.Module):
    """Normalise each part of a training batch by itself, as devices without synchronisation do.

    Args:
        norm: batch normalisation.
        images: size of a part.
    """

    def __init__(self, norm, images):
        super().__init__()
        self.norm, self.images = norm, images

    def forward(self, X):
        return torch.cat([self.norm(part) for part in X.split(self.images)]) if self.training else self.norm(X)


class Unsettled(nn.Module):
    """Undo what batch normalisation is said to be for: give every channel another mean and scale in each step.

    After the idea of Santurkar, Tsipras, Ilyas and Madry (2018), section 2: behind the normalisation each channel gets
    a shift and a scale that are drawn anew in every step, so that what the next layer sees never settles.

    Args:
        norm: batch normalisation.
    """

    def __init__(self, norm):
        super().__init__()
        self.norm = norm

    def forward(self, X):
        X = self.norm(X)
        if not self.training:
            return X
        shift, scale = torch.randn(2, 1, X.shape[1], *[1] * (X.ndim - 2)) * 0.5
        return X * (1 + scale) + shift


def replaced(wrap, *arguments):
    """A function that builds LeNet with batch norm, each normalisation put into `wrap`."""

    def build():
        network = models.create("lenet_bn", **COLOUR)
        for name, layer in list(network.named_children()):
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                setattr(network, name, wrap(layer, *arguments))
        return network

    return build


def by_rate(name, lr):
    """Plain SGD with momentum at a constant rate."""
    return fitted(NETS[name], COLOUR, epochs=3, batch_size=64, lr=lr, optimizer="sgd", schedule="constant")


def by_batch(name, batch_size):
    """Adam, its rate growing with the root of the batch size."""
    return fitted(NETS[name], COLOUR, epochs=3, batch_size=batch_size, lr=1e-3 * (batch_size / 32) ** 0.5)


def in_steps_of_512(model, options=None):
    """The same 64 steps for all; only what is normalised together differs."""
    return fitted(model, options, epochs=8, batch_size=512, lr=0.004)


def unsettled(model, options=None):
    """A rate at which LeNet without batch norm trains well too."""
    return fitted(model, options, epochs=4, batch_size=64, lr=0.02, optimizer="sgd")


CLAIMS = [
    Claim(
        "batch_norm_learning_rate",
        chapter=8,
        says="With batch norm LeNet trains at learning rates at which it does not without.",
        data=data.colour_digits,
        variants={f"{name} batch norm, lr {lr:g}": by_rate(name, lr) for lr in RATES for name in NETS},
        quick=True,
    ),
    Claim(
        "batch_norm_batch_size",
        chapter=8,
        says="Batch norm with batches of 2 to 512, each beside the same net without it.",
        data=data.colour_digits,
        variants={f"{name} batch norm, batch {size}": by_batch(name, size) for size in BATCHES for name in NETS},
    ),
    Claim(
        "batch_norm_parts",
        chapter=8,
        says="Batches of 512 in every run, normalised in parts of 2 to 512 images.",
        data=data.colour_digits,
        variants={
            "without batch norm": in_steps_of_512("lenet", COLOUR),
            **{f"parts of {images}": in_steps_of_512(replaced(InParts, images)) for images in PARTS},
        },
    ),
    Claim(
        "batch_norm_unsettled",
        chapter=8,
        says="Batch norm helps also where noise keeps moving what the next layer sees.",
        data=data.colour_digits,
        variants={
            "without batch norm": unsettled("lenet", COLOUR),
            "with batch norm": unsettled("lenet_bn", COLOUR),
            "with batch norm and shifting noise": unsettled(replaced(Unsettled)),
        },
    ),
]
