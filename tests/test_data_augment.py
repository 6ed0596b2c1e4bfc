"""Augmentation with a draw for each image: every change against a slower way to say the same."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from torchvision.transforms import v2

from utils import data
from utils.data import augment, distort

torch.set_num_threads(1)

ALL = {
    "flip": 0.5,
    "shift": 3,
    "angle": 20.0,
    "scale": 1.3,
    "translate": 2.5,
    "shear": 15.0,
    "perspective": 0.3,
    "brightness": 0.3,
    "contrast": 2.0,
    "noise": 0.2,
    "cutout": 8,
}


def images(B, C=3, H=11, W=8, seed=0):
    return torch.rand(B, C, H, W, generator=torch.Generator().manual_seed(seed))


@given(st.integers(1, 5), st.integers(1, 3), st.integers(0, 4), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_shift_moves_each_image_by_its_own_pixels(B, C, pad, seed):
    X, draw = images(B, C, seed=seed), torch.Generator().manual_seed(seed)
    dx, dy = torch.randint(-pad, pad + 1, (2, B), generator=draw)
    expected = [ndimage.shift(x, (0, down, right), order=0) for x, right, down in zip(X, dx, dy, strict=True)]
    np.testing.assert_array_equal(augment.shift(X, dx, dy), np.stack(expected))


def test_flip_mirrors_the_chosen_and_leaves_its_input():
    X = images(4)
    before = X.clone()
    flipped = augment.flip(X, torch.tensor([True, False, False, True]))
    assert torch.equal(X, before)
    assert torch.equal(flipped[[0, 3]], X[[0, 3]].flip(3))
    assert torch.equal(flipped[[1, 2]], X[[1, 2]])


@pytest.mark.parametrize("change", [{"angle": 30.0}, {"dx": 2.0, "dy": -1.0}, {"angle": -50.0, "scale": 1.4}])
def test_warp_equals_distort_affine(change):
    X = images(2, 1, 21, 21)
    angle, scale = change.get("angle", 0) * math.pi / 180, change.get("scale", 1)
    cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
    dx, dy = change.get("dx", 0), change.get("dy", 0)
    back = torch.tensor([[cos, -sin, -(cos * dx - sin * dy)], [sin, cos, -(sin * dx + cos * dy)], [0, 0, 1]])
    expected = distort.affine(X, **change)
    torch.testing.assert_close(augment.warp(X, back.expand(2, 3, 3)), expected, atol=1e-4, rtol=1e-4)


def test_warp_through_a_homography_by_hand():
    X = torch.arange(25.0).view(1, 1, 5, 5) / 25
    tilt = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0.1, 0, 1]])
    got = augment.warp(X, tilt[None])
    # the pixel right of the middle comes from (1, 0) / 1.1, the one left of it from (-1, 0) / 0.9
    assert got[0, 0, 2, 3].item() == pytest.approx((12 + 1 / 1.1) / 25, abs=1e-5)
    assert got[0, 0, 2, 1].item() == pytest.approx((12 - 1 / 0.9) / 25, abs=1e-5)


def test_light_keeps_the_mean_of_each_image_at_contrast_2():
    X = images(3) * 0.2 + 0.4
    changed = augment.light(X, contrast=torch.tensor([2.0, 1.0, 0.5]))
    torch.testing.assert_close(changed.mean((1, 2, 3)), X.mean((1, 2, 3)))
    torch.testing.assert_close(changed.std((1, 2, 3)), X.std((1, 2, 3)) * torch.tensor([2.0, 1.0, 0.5]))
    torch.testing.assert_close(augment.light(X, brightness=0.1), X + 0.1)
    assert augment.light(X, brightness=1.0).max() == 1


def test_cutout_is_a_square_somewhere_else_in_each_image():
    torch.manual_seed(0)
    X = torch.ones(200, 2, 12, 15)
    holes = augment.cutout(X, 4) == 0
    assert torch.equal(holes[:, 0], holes[:, 1])
    sizes = holes[:, 0].sum((1, 2))
    assert sizes.max() == 16
    assert sizes.min() >= 4, "in a corner a quarter of it is left"
    assert len({tuple(hole.nonzero()[0].tolist()) for hole in holes[:, 0]}) > 50
    assert holes.any(0)[0].all(), "every pixel may be hit"


@pytest.mark.parametrize(("name", "value"), ALL.items())
def test_each_change_draws_for_every_image_anew(name, value):
    torch.manual_seed(1)
    X = images(1, 1, 16, 16).expand(32, -1, -1, -1)
    changed = augment.Random(**{name: value})(X)
    assert (changed.shape, changed.dtype) == (X.shape, X.dtype)
    assert 0 <= changed.min() <= changed.max() <= 1
    different = len({image.numpy().tobytes() for image in changed})
    assert different == 2 if name == "flip" else different > 12


def test_all_changes_together_repeat_with_the_seed():
    X, changed = images(6), augment.Random(**ALL)
    before = X.clone()
    torch.manual_seed(3)
    first = changed(X)
    torch.manual_seed(3)
    assert torch.equal(first, changed(X))
    assert torch.equal(X, before), "the batch itself is left alone"


def test_nothing_chosen_changes_nothing_and_draws_nothing():
    X, state = images(3), torch.get_rng_state()
    assert augment.Random()(X) is X
    assert torch.equal(torch.get_rng_state(), state)


def test_sizes_are_drawn_evenly_on_both_sides_of_1():
    torch.manual_seed(0)
    X = torch.zeros(500, 1, 41, 41)
    X[:, :, 11:30, 11:30] = 1
    areas = augment.Random(scale=1.5)(X).sum((1, 2, 3)) / 361
    assert 1 / 1.5**2 - 0.05 < areas.min() < 0.55
    assert 2 < areas.max() < 1.5**2 + 0.05
    assert areas.log().mean().abs() < 0.1


# X (3 channels of 21 x 21), and what is measured of each image that comes out
DOT, RAMP, TWO = torch.zeros(1, 1, 21, 21), torch.arange(21.0).div(20).expand(1, 1, 21, 21), torch.zeros(1, 1, 21, 21)
DOT[..., 9:12, 15:18] = 1
TWO[..., :10], TWO[..., 11:], TWO[..., 10] = 0.4, 0.6, 0.5


def centre(axis):
    """Centre of mass along an axis, in pixels from the middle."""
    return lambda Y: (Y.sum((1, 5 - axis)) @ (torch.arange(21.0) - 10)) / Y.sum((1, 2, 3))


LIMITS = {
    "brightness": (0.3, torch.full((1, 1, 21, 21), 0.5), lambda Y: Y[:, 0, 4, 4], 0.2, 0.8),
    "contrast": (2.0, TWO, lambda Y: Y[:, 0, 0, 20].sub(0.5).div(0.1).log2(), -1, 1),
    "translate": (1.5, DOT, centre(2), -1.5, 1.5),
    "translate ": (1.5, DOT, lambda Y: centre(3)(Y) - 6, -1.5, 1.5),
    "angle": (30.0, DOT, lambda Y: torch.atan2(centre(2)(Y), centre(3)(Y)).rad2deg(), -30, 30),
    "shear": (20.0, DOT.transpose(2, 3), lambda Y: torch.atan(centre(3)(Y) / 6).rad2deg(), -20, 20),
    "scale": (1.2, DOT, lambda Y: (centre(3)(Y) / 6).log() / math.log(1.2), -1, 1),
    "perspective": (0.3, RAMP, lambda Y: 5 / (20 * Y[:, 0, 10, 15] - 10) - 1, -0.3 / 2.1, 0.3 / 2.1),
    "perspective ": (0.3, RAMP.transpose(2, 3), lambda Y: 5 / (20 * Y[:, 0, 15, 10] - 10) - 1, -0.3 / 2.1, 0.3 / 2.1),
    "noise": (0.1, torch.full((1, 1, 21, 21), 0.5), lambda Y: Y.flatten(1).std(1), 0, 0.1),
    "shift": (2, DOT, lambda Y: centre(3)(Y) - 6, -2, 2),
}


@pytest.mark.parametrize("name", LIMITS)
def test_what_is_drawn_goes_evenly_to_its_limits_and_no_further(name):
    value, X, measure, low, high = LIMITS[name]
    torch.manual_seed(0)
    drawn = measure(augment.Random(**{name.strip(): value})(X.repeat(400, 1, 1, 1)))
    room = 0.08 * (high - low)
    assert low - room < drawn.min() < low + room
    assert high - room < drawn.max() < high + room
    assert abs(drawn.mean() - (low + high) / 2) < room


def test_the_share_of_flipped_images_and_the_size_of_what_is_cut_out():
    torch.manual_seed(0)
    X = RAMP.repeat(400, 1, 1, 1)
    assert 0.2 < (augment.Random(flip=0.25)(X)[:, 0, 0, 0] == 1).float().mean() < 0.3
    assert (augment.Random(flip=1)(X)[:, 0, 0, 0] == 1).all()
    holes = (augment.Random(cutout=5)(torch.ones(400, 2, 21, 21)) == 0).float()
    assert torch.equal(holes[:, 0], holes[:, 1])
    assert set(holes[:, 0].amax(2).sum(1).tolist()) == set(holes[:, 0].amax(1).sum(1).tolist()) == {3, 4, 5}
    assert (holes[:, 0].mean(0) > 0).all(), "every pixel may be hit"


def test_what_is_left_out_changes_nothing():
    assert repr(augment.Random()) == (
        "Random(flip=0.0, shift=0, angle=0.0, scale=1.0, translate=0.0, shear=0.0, perspective=0.0, brightness=0.0, "
        "contrast=1.0, noise=0.0, cutout=0)"
    )
    X = images(2)
    torch.testing.assert_close(augment.light(X), X)


def test_a_v2_transform_draws_once_for_a_batch_and_each_image_gets_its_own_with_each():
    torch.manual_seed(0)
    X = images(1).expand(16, -1, -1, -1)
    once, own = v2.RandomAffine(40), augment.each(v2.RandomAffine(40))
    assert len({image.numpy().tobytes() for image in once(X)}) == 1
    assert len({image.numpy().tobytes() for image in own(X)}) > 8


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"flip": 1.5}, "flip must be 0 or more and at most 1"),
        ({"scale": 0.8}, "scale must be 1 or more"),
        ({"shift": -1}, "shift must be a whole number, 0 or more"),
        ({"shift": 2.5}, "shift must be a whole number"),
        ({"perspective": 0.5}, "perspective"),
        ({"noise": float("nan")}, "noise"),
    ],
)
def test_numbers_out_of_range_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        augment.Random(**options)


def test_training_takes_it():
    train_split, _ = data.mnist("embedded")
    changed = train_split.subset(20).changed(augment.Random(shift=2, angle=10.0))
    assert changed.images.shape == (20, 1, 28, 28)
