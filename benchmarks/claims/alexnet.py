"""Chapter 05: what ReLU, max pooling, dropout and batch normalisation do for a small AlexNet."""

import numpy as np
from skimage.feature import hog
from sklearn.svm import LinearSVC
from torch import nn

from benchmarks.claims import Claim, fitted
from utils import data


def small(lr=1e-3, epochs=8, **options):
    """A small AlexNet, trained as in chapter 05 but for what is given here."""
    return fitted("alexnet_small", options, epochs=epochs, batch_size=128, lr=lr, optimizer="adamw")


def hog_svm(train, test, seed):
    """Histograms of oriented gradients and a linear SVM, as in chapter 05: {"accuracy", "train_accuracy"}."""
    features = [
        np.array([hog(X, pixels_per_cell=(8, 8), cells_per_block=(2, 2), channel_axis=0) for X in split.images.numpy()])
        for split in (train, test)
    ]
    svm = LinearSVC(C=0.1, random_state=seed).fit(features[0], train.labels)
    return {"accuracy": svm.score(features[1], test.labels), "train_accuracy": svm.score(features[0], train.labels)}


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
        "alexnet_cifar10",  # 0.001 is the better of 0.001 and 0.002 for the net without batch norm
        chapter=5,
        says="On photographs batch norm lifts the small AlexNet, at the lr that suits it without, and past HOG.",
        data=cifar10,
        variants={
            "small AlexNet": small(epochs=6),
            "small AlexNet with batch norm": small(epochs=6, batch_norm=True),
            "HOG and a linear SVM": hog_svm,
        },
    ),
]
