"""Split: what it gives, and what it refuses."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from utils import data
from utils.data import _split


def split(labels, channels=1, classes=3, seed=0):
    """A Split with these labels and random 4x5 images."""
    random = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (len(labels), channels, 4, 5), dtype=torch.uint8, generator=random)
    names = [f"class {k}" for k in range(classes)]
    return data.Split(images, torch.tensor(labels), names, (0.4,) * channels, (0.2,) * channels, "made up")


def test_normalised_is_the_formula_of_its_docstring():
    some = split([0, 1, 2, 1], channels=3)
    expected = ((some.images.double() / 255 - 0.4) / 0.2).float()
    for index in (None, slice(1, 3), [2, 0], torch.tensor([3, 3]), torch.tensor([True, False, True, False])):
        X = some.normalised(index)
        assert X.dtype == torch.float32
        torch.testing.assert_close(X, expected if index is None else expected[index])
    torch.testing.assert_close(some.normalised(2), expected[2:3])


def test_normalised_leaves_the_images_alone():
    some = split([0, 1])
    before = some.images.clone()
    some.normalised().add_(1)
    assert torch.equal(some.images, before)


@given(st.integers(1, 3), st.integers(1, 9), st.integers(0, 99))
def test_statistics_are_exact(channels, n, seed):
    images = split([0] * n, channels, seed=seed).images
    mean, std = _split.statistics(images)
    pixels = images.double().div(255).transpose(0, 1).flatten(1)
    np.testing.assert_allclose(mean, pixels.mean(1), rtol=0, atol=1e-12)
    np.testing.assert_allclose(std, pixels.std(1, correction=0), rtol=0, atol=1e-12)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60), st.data())
def test_a_subset_gives_every_class_its_share(labels, draw):
    whole = split(labels)
    n, seed = draw.draw(st.integers(1, len(labels))), draw.draw(st.integers(0, 9))
    part = whole.subset(n, seed)
    assert len(part) == n
    share = torch.bincount(whole.labels, minlength=3) * n / len(whole)
    assert (torch.bincount(part.labels, minlength=3) - share).abs().max() < 1
    assert torch.equal(part.images, whole.subset(n, seed).images)
    assert (part.mean, part.std, part.classes) == (whole.mean, whole.std, whole.classes)
    rows = whole.images.flatten(1).tolist()
    places = [rows.index(row) for row in part.images.flatten(1).tolist()]
    assert places == sorted(set(places)), "an image twice, or out of order"
    assert whole.labels[places].tolist() == part.labels.tolist()


def test_another_seed_draws_another_subset():
    whole = split([0, 1, 2] * 30)
    assert not torch.equal(whole.subset(30, seed=0).images, whole.subset(30, seed=1).images)


@pytest.mark.parametrize("n", [0, 4, -1, 1.5, True, "2"])
def test_a_subset_of_an_impossible_size_is_refused(n):
    with pytest.raises(ValueError, match="n must be a whole number from 1 to 3"):
        split([0, 1, 2]).subset(n)


def test_the_loader_gives_every_image_once_normalised_with_its_label():
    some = split([0, 1, 2, 1, 0, 2, 2])
    batches = list(some.loader(batch_size=3, shuffle=False))
    assert [len(y) for _, y in batches] == [3, 3, 1]
    X, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert torch.equal(X, some.normalised())
    assert torch.equal(y, some.labels)
    x, label = some.loader().dataset[5]
    assert torch.equal(x, some.normalised()[5])
    assert label == 2


def test_the_loader_shuffles_anew_each_epoch_and_the_same_for_the_same_seed():
    some = split(list(range(40)), classes=40)

    def epochs(seed):
        loader = some.loader(batch_size=16, seed=seed)
        return [torch.cat([y for _, y in loader]).tolist() for _ in range(2)]

    first, second = epochs(0)
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second
    assert epochs(0) == [first, second]
    assert epochs(1) != [first, second]


def test_a_split_prints_what_it_is():
    assert repr(split([0, 1], channels=3)) == "Split('made up': 2 images 3x4x5, 3 classes)"


IMAGES, LABELS = torch.zeros(2, 1, 3, 3, dtype=torch.uint8), torch.tensor([0, 1])
WRONG = {
    "float images": (TypeError, "uint8 tensor, not torch.float32", {"images": IMAGES.float()}),
    "an array": (TypeError, "uint8 tensor, not uint8", {"images": IMAGES.numpy()}),
    "a list of images": (TypeError, "uint8 tensor, not list", {"images": [0, 1]}),
    "a list of labels": (TypeError, "int64 tensor, not list", {"labels": [0, 1]}),
    "int32 labels": (TypeError, "int64 tensor, not torch.int32", {"labels": LABELS.int()}),
    "no channel axis": (ValueError, r"\(N, C, H, W\)", {"images": IMAGES[:, 0]}),
    "no images": (ValueError, "nothing empty", {"images": IMAGES[:0], "labels": LABELS[:0]}),
    "labels missing": (ValueError, r"labels of shape \(2,\), not \(1,\)", {"labels": LABELS[:1]}),
    "label too large": (ValueError, "expected 0 to 1", {"labels": LABELS + 1}),
    "label below zero": (ValueError, "from -1 to 0", {"labels": LABELS - 1}),
    "two means": (ValueError, "each of the 1 channels", {"mean": (0.1, 0.2)}),
    "constant channel": (ValueError, "std must be above 0", {"std": (0.0,)}),
}


@pytest.mark.parametrize(("error", "message", "changed"), WRONG.values(), ids=WRONG)
def test_a_split_refuses(error, message, changed):
    right = {"images": IMAGES, "labels": LABELS, "classes": ["a", "b"], "mean": (0.5,), "std": (0.5,), "name": "x"}
    assert len(data.Split(**right)) == 2
    with pytest.raises(error, match=message):
        data.Split(**right | changed)


def test_another_scale_for_the_same_images():
    some = split([0, 1, 2], channels=3)
    torch.testing.assert_close(some.scaled(-0.1, 1.175).normalised(), some.images / 255 * 1.275 - 0.1)
    with pytest.raises(ValueError, match="ink must be larger than paper"):
        some.scaled(1, 0)


def test_a_margin_of_paper():
    some = split([0, 1, 2], channels=3)
    padded = some.padded(2)
    assert padded.images.shape == (3, 3, 8, 9)
    assert torch.equal(padded.images[..., 2:-2, 2:-2], some.images)
    assert padded.images.sum() == some.images.sum()


def test_other_pixels_for_the_same_labels():
    some = split([0, 1, 2], channels=3)
    halved = some.changed(lambda X: X[..., :2] / 2)
    assert halved.images.shape == (3, 3, 4, 2)
    assert (halved.images * 2.0 - some.images[..., :2]).abs().max() <= 1
    assert torch.equal(halved.labels, some.labels)
    assert some.changed(lambda X: 3 * X - 1).images.unique()[[0, -1]].tolist() == [0, 255]
    assert torch.equal(some.changed(lambda X: X).images, some.images)


def test_what_is_left_out_of_a_split_s_methods():
    some = split([0, 1] * 100)
    assert torch.equal(some.subset(20).images, some.subset(20, seed=0).images)
    first, spelt_out = (list(loader) for loader in (some.loader(), some.loader(128, True, 0)))
    assert [len(y) for _, y in first] == [128, 72]
    assert all(torch.equal(X, other) for (X, _), (other, _) in zip(first, spelt_out, strict=True))
    assert not torch.equal(torch.cat([y for _, y in first]), some.labels), "shuffled"
    assert some.subset(20).name == f"{some.name}, 20 of 200"
    for n in (0, 201, True, 2.0):
        with pytest.raises(ValueError, match=f"^n must be a whole number from 1 to 200, not {n}"):
            some.subset(n)
