"""Data sets stored as one .npz: train_images, train_labels, test_images, test_labels."""

import zipfile

import numpy as np

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


def read(path):
    """The arrays of `path` by name (dict).

    Raises:
        ValueError: the file is damaged or holds something else, named in the message.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as problem:
        raise ValueError(f"{path} is damaged ({problem}). Delete it and put a good copy in its place.") from None
