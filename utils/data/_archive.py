"""Data sets stored as one .npz: train_images, train_labels, test_images, test_labels."""

import zipfile

import numpy as np

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


def read(path):
    """The four arrays of `path`, images as uint8 (N, C, H, W): a tuple in the order of ARRAYS.

    Raises:
        ValueError: the file is damaged or holds something else; the message names it.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            train_images, train_labels, test_images, test_labels = (archive[name] for name in ARRAYS)
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as problem:
        raise ValueError(f"{path} is damaged ({problem}). Put a good copy in its place, or delete it.") from None
    return _channels_first(train_images), train_labels, _channels_first(test_images), test_labels


def _channels_first(images):
    """(N, H, W) or (N, H, W, C) to contiguous (N, C, H, W)."""
    return images[:, None] if images.ndim == 3 else np.ascontiguousarray(images.transpose(0, 3, 1, 2))
