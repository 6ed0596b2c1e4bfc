"""MNIST: 28x28 grey digits (LeCun, Cortes, Burges: The MNIST database of handwritten digits)."""

import gzip

import numpy as np
import torch

from .. import runtime
from . import _archive, _download
from ._choice import check_size, tell
from ._split import Split, pair

CLASSES = [str(digit) for digit in range(10)]
# The published files, unpacked, and their MD5 checksums (torchvision lists those of the packed files).
FILES = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def mnist(size="auto"):
    """Handwritten digits, 28x28, one channel, ten classes.

    Args:
        size: "embedded": 4,000 + 1,000 digits that come with the course, all from the training half of MNIST;
            "full": 60,000 + 10,000, downloaded (11 MB) into `runtime.data_dir()` unless they are there;
            "auto": full if it is on disk, else embedded, and a line says which. It never downloads.

    Returns:
        (train, test), two `Split`s.

    Raises:
        ValueError: there is no such size.
        utils.data.DownloadError: full is wanted, not on disk, and cannot be downloaded.
    """
    check_size(size, ("auto", "full", "embedded"), "mnist")
    if size == "embedded":
        return _embedded()
    folder = runtime.data_dir() / "MNIST" / "raw"
    if size == "full":
        return _download.read_or_install("Full MNIST", folder, _read, _install)
    try:
        splits = _read(folder)
    except FileNotFoundError:
        tell("MNIST: the 5,000 embedded digits. mnist(size='full') downloads all 70,000.")
    except (OSError, _download.DamagedFileError) as problem:
        tell(f"MNIST: the 5,000 embedded digits, since {problem}. mnist(size='full') replaces it.")
    else:
        tell(f"MNIST: all 70,000 digits, from {folder}.")
        return splits
    return _embedded()


def mnist_test_digits():
    """2,000 digits of MNIST's own test set, 200 of each class, that come with the course.

    The digits of `mnist("embedded")` are all from MNIST's training half. These are not: a network that was trained
    on all 60,000 training digits, such as the shipped ones, has not seen them. .mean and .std are those of the 60,000.

    Returns:
        Split of 2,000 images (N, 1, 28, 28), classes mixed.
    """
    with np.load(runtime.shipped("mnist_test_2k.npz"), allow_pickle=False) as archive:
        images, labels = torch.from_numpy(archive["images"][:, None]), torch.from_numpy(archive["labels"]).long()
        mean, std = (tuple(archive[name].tolist()) for name in ("mean", "std"))
    return Split(images, labels, list(CLASSES), mean, std, "MNIST test, 2,000 digits")


def _embedded():
    return pair("MNIST (embedded)", CLASSES, *_archive.read(runtime.shipped("mnist_5k.npz")))


def _install(folder):
    """Download the files that are missing or damaged, packed, from torchvision's list of mirrors, and unpack them."""
    from torchvision import datasets

    packed_md5 = dict(datasets.MNIST.resources)
    for name, md5 in FILES.items():
        if not _download.is_good(folder / name, md5):
            packed = folder / f"{name}.gz"
            addresses = [mirror + packed.name for mirror in datasets.MNIST.mirrors]
            _download.fetch(addresses, packed, packed_md5[packed.name])
            with gzip.open(packed) as stream:
                _download.place(stream, folder / name, md5)
            packed.unlink()


def _read(folder):
    """Full MNIST as (train, test); images stay the bytes that were read (no copy)."""
    arrays = [_parse(_download.read_checked(folder / name, md5)) for name, md5 in FILES.items()]
    arrays[0], arrays[2] = arrays[0][:, None], arrays[2][:, None]
    return pair("MNIST", CLASSES, *arrays)


def _parse(content):
    """The array in the bytes of an IDX file: 0, 0, 8 (uint8), number of axes, int32 lengths (big-endian), data."""
    axes = int(content[3])
    start = 4 + 4 * axes
    return content[start:].reshape(content[4:start].view(">i4"))
