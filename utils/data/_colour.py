"""Colour digits: MNIST-M (Ganin et al., 2016, Domain-Adversarial Training of Neural Networks), made here."""

import numpy as np

from ._choice import check_size
from ._mnist import CLASSES, mnist
from ._photos import photos
from ._split import pair

SIDE = 32  # pixels; as in CIFAR-10
# No background of the test half is met in training, so learning the backgrounds does not pay.
BACKGROUNDS = {"train": ("astronaut", "coffee", "hubble", "retina", "ihc"), "test": ("chelsea", "rocket")}


def colour_digits(size="embedded"):
    """Digits before colour photographs, 3x32x32, ten classes: |digit - random crop of a photograph|.

    The digits are those of `mnist(size)`, padded by two pixels; the same call always gives the same images.

    Args:
        size: "embedded" (4,000 + 1,000), "full" (60,000 + 10,000) or "auto", as in `mnist`.

    Returns:
        (train, test), two `Split`s.

    Raises:
        As `mnist`.
    """
    check_size(size, ("embedded", "full", "auto"), "colour_digits")
    train, test = mnist(size)
    return pair(
        train.name.replace("MNIST", "Colour digits").removesuffix(" train"),
        CLASSES,
        _blend(train.images.numpy(), BACKGROUNDS["train"], seed=0),
        train.labels.numpy(),
        _blend(test.images.numpy(), BACKGROUNDS["test"], seed=1),
        test.labels.numpy(),
    )


def _blend(digits, names, seed):
    """|digit - crop| for digits uint8 (N, 1, 28, 28) and crops of the named photographs: uint8 (N, 3, 32, 32)."""
    margin = (SIDE - digits.shape[-1]) // 2
    padded = np.pad(digits, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    crops = _crops(len(digits), names, seed)
    return np.maximum(crops, padded) - np.minimum(crops, padded)  # absolute difference, without leaving uint8


def _crops(n, names, seed):
    """Random crops of the named photographs, which come up equally often: uint8 (n, 3, 32, 32)."""
    random = np.random.RandomState(seed)  # NumPy promises that its numbers never change
    chosen = random.randint(len(names), size=n)
    crops = np.empty((n, 3, SIDE, SIDE), np.uint8)
    for number, name in enumerate(names):
        windows = np.lib.stride_tricks.sliding_window_view(photos()[name], (SIDE, SIDE), axis=(0, 1))
        places = np.flatnonzero(chosen == number)
        rows, columns = (random.randint(limit, size=len(places)) for limit in windows.shape[:2])
        crops[places] = windows[rows, columns]
    return crops
