"""CIFAR-10: 32x32 colour photographs of ten kinds of things (Krizhevsky, 2009)."""

import io
import pickle
import tarfile

import numpy as np

from .. import runtime
from . import _archive, _download
from ._choice import check_size, tell
from ._split import pair

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
# All that a pickled batch may name: a pickle can otherwise call any function.
ALLOWED = {"ndarray": np.ndarray, "dtype": np.dtype, "_reconstruct": np.empty(0).__reduce__()[0]}


def cifar10(size="auto"):
    """Colour photographs, 3x32x32, ten classes. None come with the course: offline, use `colour_digits`.

    Args:
        size: "full": 50,000 + 10,000, downloaded (170 MB) into `runtime.data_dir()` unless they are there;
            "subset": 10,000 + 2,000 from the file cifar10_subset.npz in that folder;
            "auto": full if it is on disk, else the subset, and a line says which. It never downloads.

    Returns:
        (train, test), two `Split`s.

    Raises:
        ValueError: there is no such size, or the subset is damaged.
        FileNotFoundError: the subset, or for "auto" both, are not on disk.
        utils.data.DownloadError: full is wanted, not on disk, and cannot be downloaded.
    """
    check_size(size, ("auto", "full", "subset"), "cifar10")
    folder = runtime.data_dir() / "cifar-10-batches-py"  # torchvision's layout
    if size == "full":
        return _download.read_or_install("Full CIFAR-10", folder, _read, _install)
    if size == "auto" and folder.is_dir():
        try:
            splits = _read(folder)
        except (OSError, _download.DamagedFileError) as problem:
            tell(f"CIFAR-10: the full set is not usable, since {problem}. cifar10(size='full') replaces it.")
        else:
            tell(f"CIFAR-10: all 60,000 photographs, from {folder}.")
            return splits
    return _subset(folder.with_name("cifar10_subset.npz"), say=size == "auto")


def _subset(path, say):
    if not path.is_file():
        raise FileNotFoundError(
            f"CIFAR-10 is not on this computer: there is no {path}. cifar10(size='full') downloads 170 MB. "
            "Without network, data.colour_digits() has colour images of the same size."
        )
    if say:
        tell(f"CIFAR-10: the subset of 12,000 photographs, from {path}.")
    return pair("CIFAR-10 (subset)", CLASSES, *_archive.read(path))


def _install(folder):
    """Download the archive and take from it the files that torchvision lists, and nothing else it may hold."""
    from torchvision.datasets import CIFAR10

    meta = CIFAR10.meta  # torchvision's own reader wants this file, this one does not
    listed = [*CIFAR10.train_list, *CIFAR10.test_list, (meta["filename"], meta["md5"])]
    wanted = [(name, md5) for name, md5 in listed if not _download.is_good(folder / name, md5)]
    if wanted:  # another process may have been faster
        packed = folder / CIFAR10.filename
        _download.fetch([CIFAR10.url], packed, CIFAR10.tgz_md5)
        with tarfile.open(packed) as archive:
            for name, md5 in wanted:
                _download.place(archive.extractfile(f"{folder.name}/{name}"), folder / name, md5)
        packed.unlink()


def _read(folder):
    """Full CIFAR-10 as (train, test)."""
    from torchvision.datasets import CIFAR10

    halves = []
    for listed in (CIFAR10.train_list, CIFAR10.test_list):
        batches = [_batch(_download.read_checked(folder / name, md5)) for name, md5 in listed]
        halves += [np.concatenate(part) for part in zip(*batches, strict=True)]
    return pair("CIFAR-10", CLASSES, *halves)


def _batch(content):
    """Images uint8 (N, 3, 32, 32) and labels int64 (N,) from the bytes of one pickled batch."""
    batch = _ArraysOnly(io.BytesIO(content), encoding="latin1").load()
    return batch["data"].reshape(-1, 3, 32, 32), np.array(batch["labels"])


class _ArraysOnly(pickle.Unpickler):
    """Unpickles NumPy arrays in plain containers and refuses everything else."""

    def find_class(self, module, name):
        if module.split(".")[0] == "numpy" and name in ALLOWED:
            return ALLOWED[name]
        raise _download.DamagedFileError(f"A CIFAR-10 batch asks for {module}.{name}, which no array needs")
