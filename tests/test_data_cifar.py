"""CIFAR-10, full from a server of our own and as the subset in one .npz."""

import io
import pickle
import struct
import tarfile

import numpy as np
import pytest
import torchvision.datasets

from utils import data
from utils.data import _archive, _cifar

pytest_plugins = "data_server"
pytestmark = pytest.mark.usefixtures("empty_data_folder")


class Python2Pickler(pickle._Pickler):
    """Writes text and bytes alike as Python 2's one kind of string, as the published batches have them."""

    def save_string(self, value):
        content = value.encode("latin1") if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)

    dispatch = pickle._Pickler.dispatch | {str: save_string, bytes: save_string}


def dumps(value):
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(value)
    return file.getvalue()


def small_cifar():
    """Batches of a tiny CIFAR-10 by name, and the images and labels of each."""
    random = np.random.RandomState(0)
    arrays = {
        name: (random.randint(0, 256, (4, 3072)).astype(np.uint8), random.randint(0, 10, 4).tolist())
        for name in ("data_batch_1", "data_batch_2", "test_batch")
    }
    return arrays, {
        name: dumps({"data": images, "labels": labels, "filenames": ["x"]}) for name, (images, labels) in arrays.items()
    }


@pytest.fixture
def cifar(server, monkeypatch):
    """A server with a tiny CIFAR-10 archive that also holds what nobody asked for; returns (arrays, publish)."""
    published = torchvision.datasets.CIFAR10
    arrays, batches = small_cifar()

    def publish(batches):
        files = batches | {"batches.meta": pickle.dumps({"label_names": list("abc")})}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, content in ({"../evil": b"x"} | files).items():
                member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        server.files = {"cifar.tar.gz": packed.getvalue()}
        sums = {name: server.md5(content) for name, content in files.items()}
        monkeypatch.setattr(published, "url", f"{server.url}cifar.tar.gz")
        monkeypatch.setattr(published, "tgz_md5", server.md5(packed.getvalue()))
        monkeypatch.setattr(published, "train_list", [[name, sums[name]] for name in sums if name.startswith("data")])
        monkeypatch.setattr(published, "test_list", [["test_batch", sums["test_batch"]]])
        monkeypatch.setattr(published, "meta", published.meta | {"md5": sums["batches.meta"]})

    publish(batches)
    return arrays, batches, publish


def test_cifar_is_downloaded_and_read_back(server, cifar, tmp_path, capsys):
    arrays, batches, _ = cifar
    server.faults["cifar.tar.gz"] = "cut"
    train, test = data.cifar10("full")
    expected = np.concatenate([arrays["data_batch_1"][0], arrays["data_batch_2"][0]])
    np.testing.assert_array_equal(train.images.flatten(1), expected)
    assert train.labels.tolist() == arrays["data_batch_1"][1] + arrays["data_batch_2"][1]
    assert test.labels.tolist() == arrays["test_batch"][1]
    assert server.asked[1][1].startswith("bytes=")
    folder = tmp_path / "data" / "cifar-10-batches-py"
    assert {path.name for path in folder.iterdir()} - {".lock"} == {*batches, "batches.meta"}
    assert not (tmp_path / "data" / "evil").exists()
    np.testing.assert_array_equal(
        torchvision.datasets.CIFAR10(tmp_path / "data").data[0], train.images[0].permute(1, 2, 0)
    )
    capsys.readouterr()
    assert len(data.cifar10()[0]) == 8
    assert len(server.asked) == 2
    assert "CIFAR-10: all 60,000" in capsys.readouterr().out


def test_a_damaged_cifar_is_named_and_replaced(server, cifar, tmp_path, capsys):
    data.cifar10("full")
    batch = tmp_path / "data" / "cifar-10-batches-py" / "data_batch_2"
    batch.write_bytes(batch.read_bytes()[:-1])
    with pytest.raises(FileNotFoundError, match="cifar10_subset"):
        data.cifar10("auto")
    assert "data_batch_2 is half a file or damaged" in capsys.readouterr().out
    assert len(data.cifar10("full")[0]) == 8
    _cifar._install(batch.parent)
    assert len(server.asked) == 2, "nothing was missing, so nothing was to be asked for"


class Evil:
    def __reduce__(self):
        return print, ("this must not run",)


def test_a_batch_that_would_run_code_is_refused(cifar, capsys):
    _, batches, publish = cifar
    publish(batches | {"test_batch": pickle.dumps({"data": Evil(), "labels": []})})
    with pytest.raises(ValueError, match=r"asks for builtins\.print"):
        data.cifar10("full")
    assert "must not run" not in capsys.readouterr().out


def subset_file(path, side=8):
    """A file like cifar10_subset.npz; returns its arrays."""
    random = np.random.RandomState(0)
    arrays = {}
    for half, n in (("train", 20), ("test", 10)):
        arrays[f"{half}_images"] = random.randint(0, 256, (n, side, side, 3)).astype(np.uint8)
        arrays[f"{half}_labels"] = (np.arange(n) % 10).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)
    return arrays


def test_the_cifar_subset_is_read_channels_first_and_announced(tmp_path, capsys):
    arrays = subset_file(tmp_path / "data" / "cifar10_subset.npz")
    for size in ("subset", "auto"):
        for half, got in zip(("train", "test"), data.cifar10(size), strict=True):
            np.testing.assert_array_equal(got.images.permute(0, 2, 3, 1), arrays[f"{half}_images"])
            assert got.labels.tolist() == arrays[f"{half}_labels"].tolist()
            assert got.images.is_contiguous()
    assert capsys.readouterr().out.startswith("CIFAR-10: the subset of")


@pytest.mark.parametrize("size", ["auto", "subset"])
def test_where_there_is_no_cifar_the_colour_digits_are_named(size):
    with pytest.raises(FileNotFoundError, match=r"cifar10_subset\.npz.*data\.colour_digits\(\)"):
        data.cifar10(size)


@pytest.mark.parametrize("damage", ["half", "flipped", "array missing", "empty"])
def test_a_damaged_npz_is_named(tmp_path, damage):
    path = tmp_path / "data" / "cifar10_subset.npz"
    arrays = subset_file(path)
    content = path.read_bytes()
    if damage == "array missing":
        np.savez(path, **{name: array for name, array in arrays.items() if name != "test_labels"})
    elif damage == "flipped":
        path.write_bytes(content[:1000] + bytes([content[1000] ^ 255]) + content[1001:])
    else:
        path.write_bytes(content[: len(content) // 2] if damage == "half" else b"")
    with pytest.raises(ValueError, match=r"cifar10_subset\.npz is damaged .* good copy"):
        _archive.read(path)
