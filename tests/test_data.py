"""The data that comes with the course, and the words when something else is asked for."""

import importlib.util
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import data, runtime
from utils.data import _colour, _mnist

pytest_plugins = "data_server"
pytestmark = pytest.mark.usefixtures("empty_data_folder")
ROOT = Path(__file__).resolve().parent.parent


def test_embedded_mnist_is_what_the_readme_says():
    train, test = data.mnist("embedded")
    assert (train.images.shape, test.images.shape) == ((4000, 1, 28, 28), (1000, 1, 28, 28))
    assert torch.bincount(train.labels).tolist() == [400] * 10
    assert torch.bincount(test.labels).tolist() == [100] * 10
    assert train.classes == list("0123456789")
    assert (train.mean, train.std) == (test.mean, test.std)
    assert train.mean + train.std == pytest.approx((0.1316, 0.3088), abs=1e-4)
    assert abs(train.normalised().mean()) < 1e-5
    assert len(np.unique(torch.cat([train.images, test.images]).flatten(1).numpy(), axis=0)) == 5000
    assert min(torch.bincount(test.labels[:100])) >= 2, "the first test digits must show every class"
    assert (runtime.shipped_dir() / "mnist_5k.npz").stat().st_size < 1_000_000


def test_embedded_mnist_can_be_made_again(tmp_path):
    spec = importlib.util.spec_from_file_location("make_data", ROOT / "tools" / "make_data.py")
    make_data = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_data)
    remade = make_data.embedded_mnist()
    with np.load(runtime.shipped("mnist_5k.npz")) as stored:
        assert set(stored.files) == set(remade)
        assert all(np.array_equal(stored[name], remade[name]) for name in remade)
    for copy in ("a", "b"):
        (tmp_path / copy).mkdir()
        np.savez_compressed(tmp_path / copy / "digits.npz", **remade)
        make_data.write_checksums(tmp_path / copy)
    assert (tmp_path / "a/SHA256SUMS").read_bytes() == (tmp_path / "b/SHA256SUMS").read_bytes()


def test_the_real_test_digits_are_what_the_readme_says():
    digits = data.mnist_test_digits()
    assert digits.images.shape == (2000, 1, 28, 28)
    assert torch.bincount(digits.labels).tolist() == [200] * 10
    assert digits.mean + digits.std == pytest.approx((0.1307, 0.3081), abs=1e-4), "those of the 60,000 training digits"
    assert min(torch.bincount(digits.labels[:100])) >= 2, "the first digits must show every class"
    everything = torch.cat([digits.images, *(half.images for half in data.mnist("embedded"))]).flatten(1).numpy()
    assert len(np.unique(everything, axis=0)) == 7000, "none of them is among the embedded digits"


def test_auto_takes_the_embedded_digits_and_says_so_once(capsys):
    for _ in range(2):
        assert len(data.mnist()[0]) == 4000
    assert capsys.readouterr().out == "MNIST: the 5,000 embedded digits. mnist(size='full') downloads all 70,000.\n"


@pytest.mark.parametrize("load", [data.mnist, data.cifar10, data.colour_digits])
@pytest.mark.parametrize(
    ("size", "hint"), [("Full", "Did you mean 'full'"), ("huge", "Choose one of: "), (5, "'full'")]
)
def test_an_unknown_size_is_refused_with_a_suggestion(load, size, hint):
    with pytest.raises(ValueError, match=hint):
        load(size)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 99))
@settings(max_examples=25)
def test_idx_files_of_any_shape_are_read(shape, seed):
    array = np.random.RandomState(seed).randint(0, 256, shape).astype(np.uint8)
    content = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">i4").tobytes() + array.tobytes()
    np.testing.assert_array_equal(_mnist._parse(np.frombuffer(content, np.uint8)), array)


def test_photographs_come_from_the_package_and_match_scikit_image():
    from skimage import data as theirs

    ours = data.photos()
    assert len(ours) == 17
    for photo in ours.values():
        assert photo.dtype == np.uint8
        assert photo.ndim == 2 or photo.shape[2:] == (3,)
    for name, theirs_name in {"coffee": "coffee", "hubble": "hubble_deep_field", "clock": "clock"}.items():
        np.testing.assert_array_equal(ours[name], getattr(theirs, theirs_name)())
    assert ours["horse"].shape == theirs.horse().shape


def test_a_photograph_may_be_written_to_without_harm():
    photo = data.photos()["coins"]
    photo[:] = 0
    assert data.photos()["coins"].any()


@pytest.mark.parametrize(
    ("name", "hint"), [("cofee", "Did you mean coffee"), ("zebra crossing", "There are: astronaut, brick, camera")]
)
def test_an_unknown_photograph_is_refused_with_a_suggestion(name, hint):
    with pytest.raises(KeyError, match=hint):
        data.photos()[name]


def test_colour_digits_are_made_fast_and_always_the_same():
    began = time.perf_counter()
    first = data.colour_digits()
    assert time.perf_counter() - began < 2
    for grey, colour, again in zip(data.mnist("embedded"), first, data.colour_digits("auto"), strict=True):
        assert colour.images.shape == (len(grey), 3, 32, 32)
        assert torch.equal(colour.labels, grey.labels)
        assert torch.equal(colour.images, again.images)
    assert [half.name for half in first] == ["Colour digits (embedded) train", "Colour digits (embedded) test"]


@pytest.fixture
def maps(monkeypatch):
    """Photographs that say of each pixel where it is: (row, column, number of the photograph)."""
    names = [*_colour.BACKGROUNDS["train"], *_colour.BACKGROUNDS["test"]]
    rows, columns = np.mgrid[:40, :60]
    pictures = {name: np.dstack([rows, columns, rows * 0 + k]).astype(np.uint8) for k, name in enumerate(names)}
    monkeypatch.setattr(_colour, "photos", lambda: pictures)


def test_crops_are_windows_from_all_over_the_photographs(maps):
    crops = _colour._crops(2000, ("coffee", "rocket"), seed=0)
    rows, columns = crops[:, 0, 0, 0], crops[:, 1, 0, 0]
    np.testing.assert_array_equal(crops[:, 0] - rows[:, None, None], np.mgrid[:32, :32][:1].repeat(2000, 0))
    np.testing.assert_array_equal(crops[:, 1] - columns[:, None, None], np.mgrid[:32, :32][1:].repeat(2000, 0))
    assert set(rows) == set(range(40 - 31))
    assert set(columns) == set(range(60 - 31))
    picture = crops[:, 2, 0, 0]
    np.testing.assert_array_equal(crops[:, 2], np.broadcast_to(picture[:, None, None], (2000, 32, 32)))
    assert dict(zip(*np.unique(picture, return_counts=True), strict=True)) == pytest.approx({1: 1000, 6: 1000}, abs=100)


def test_no_background_of_the_test_half_is_met_in_training(maps):
    train, test = (set(half.images[:, 2, 0, 0].tolist()) for half in data.colour_digits())
    assert (train, test) == ({0, 1, 2, 3, 4}, {5, 6})


def test_the_blend_is_the_absolute_difference():
    digits = np.random.RandomState(0).randint(0, 256, (50, 1, 28, 28)).astype(np.uint8)
    crops = _colour._crops(50, ("coffee", "rocket"), seed=3)
    padded = np.pad(digits, ((0, 0), (0, 0), (2, 2), (2, 2))).astype(int)
    np.testing.assert_array_equal(_colour._blend(digits, ("coffee", "rocket"), seed=3), abs(crops - padded))
    assert not np.array_equal(crops, _colour._crops(50, ("coffee", "rocket"), seed=4))


def test_importing_data_loads_only_what_it_needs():
    slow = {"torchvision", "skimage", "PIL", "filelock", "matplotlib"}
    ask = f"import sys, utils.data; print(*sorted({slow} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout == "\n"
