"""MNIST: 28x28 grey digits (LeCun, Cortes, Burges)."""

from .. import runtime
from . import _archive
from ._split import pair

DIGITS = [str(digit) for digit in range(10)]


def mnist(size="auto"):
    arrays = _archive.read(runtime.shipped("mnist_5k.npz"))
    images = (arrays[half][:, None] for half in ("train_images", "test_images"))
    train_images, test_images = images
    return pair("MNIST (embedded)", DIGITS, train_images, arrays["train_labels"], test_images, arrays["test_labels"])
