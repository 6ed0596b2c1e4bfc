"""Data sets and photographs of the course, as uint8 tensors that stay in memory.

    from utils import data
    train, test = data.mnist()          # full MNIST where it is on disk, else the 5,000 embedded digits
    X = train.normalised(slice(0, 16))  # float32 (16, 1, 28, 28), ready for a network
    data.photos()["coffee"]             # uint8 (400, 600, 3)

A whole split in one tensor costs a byte a pixel (MNIST: 47 MB) and a batch of it one indexing operation, so training
needs no worker processes. `Split.loader` gives the usual `DataLoader` where the point is to teach one.
"""

from . import augment, cheques, distort
from ._cifar import cifar10
from ._colour import colour_digits
from ._digits import centre_digit
from ._download import DownloadError
from ._mnist import mnist, mnist_test_digits
from ._photos import photos
from ._split import Split

__all__ = [
    "DownloadError",
    "Split",
    "augment",
    "centre_digit",
    "cheques",
    "cifar10",
    "colour_digits",
    "distort",
    "mnist",
    "mnist_test_digits",
    "photos",
]
