"""A data set and a network so small that a test can train them in a tenth of a second."""

import os
import random
import signal

import numpy as np
import torch
from torch import nn

from utils import data, train

torch.set_num_threads(1)
CLASSES = 4


def tiny_split(n=70, seed=0, channels=1):
    """n noisy 8x8 images; the class says which quarter is bright."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 120, (n, channels, 8, 8), dtype=torch.uint8, generator=generator)
    labels = torch.arange(n) % CLASSES
    for image, label in zip(images, labels, strict=True):
        image[:, 4 * (label // 2) :, 4 * (label % 2) :][:, :4, :4] += 100
    names = [f"quarter {k}" for k in range(CLASSES)]
    return data.Split(images, labels, names, (0.35,) * channels, (0.25,) * channels, "quarters")


TRAIN, TEST = tiny_split(), tiny_split(30, seed=1)


def tiny_net(seed=0, classes=CLASSES):
    """A convnet with everything that keeps state or draws random numbers: batch normalisation and dropout."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(36, classes),
    )


def fit(model, **options):
    """Two silent epochs of five batches, unless the options say otherwise."""
    return train.fit(model, TRAIN, TEST, **({"epochs": 2, "batch_size": 16, "progress": False} | options))


def weights(model):
    """Copy of all parameters and buffers."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same_bits(one, other):
    """True if two state dicts hold the same names and exactly the same numbers."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


class Noise:
    """An augmentation that draws from all three generators, and may do something drastic in a given batch."""

    def __init__(self, batch=None, action=None):
        self.batch, self.action, self.calls = batch, action, 0

    def __call__(self, X):
        self.calls += 1
        if self.calls == self.batch:
            self.action()
        return (X + 0.1 * torch.rand_like(X) + 0.1 * random.random() + 0.1 * np.random.rand()).clamp(0, 1)


def die():
    """End this process as the kernel ends one that has used up the memory: nothing is tidied."""
    os.kill(os.getpid(), signal.SIGKILL)


def press_stop():
    """What the Stop button of a notebook does."""
    raise KeyboardInterrupt
