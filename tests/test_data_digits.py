"""Drawn digits prepared as MNIST's were, and distortions of digits."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from utils import data
from utils.data import distort

torch.set_num_threads(1)


@pytest.fixture(scope="module", name="X")
def digits_in_the_field():
    """40 test digits in the paper's field: float (40, 1, 32, 32) in [0, 1]."""
    return data.mnist_test_digits().padded(2).images[:40].float() / 255


def test_mnist_s_own_digits_are_prepared_already():
    digits = data.mnist_test_digits().images[:300, 0].numpy()
    change = [np.abs(data.centre_digit(digit).astype(int) - digit).max() for digit in digits]
    assert np.mean(np.array(change) <= 1) >= 0.99, "box, size and centre are MNIST's; the darkest ink becomes 255"


@given(st.integers(0, 299), st.integers(2, 5), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=25, deadline=None)
def test_size_and_place_of_the_drawing_do_not_matter(index, enlarged, top, left):
    digit = data.mnist_test_digits().images[index, 0].numpy()
    drawing = np.pad(digit.repeat(enlarged, 0).repeat(enlarged, 1), ((top, 5), (left, 0)))
    assert np.array_equal(data.centre_digit(drawing), data.centre_digit(digit))


def test_a_dot_and_a_line_fit_the_box():
    dot, line = np.zeros((2, 90, 70))
    dot[80, 3], line[:, 60] = 1.0, 7.0
    assert np.count_nonzero(data.centre_digit(dot)) == 400, "a dot fills the box of 20 x 20"
    rows, columns = np.nonzero(data.centre_digit(line))
    assert (rows.min(), rows.max(), set(columns)) == (4, 23, {14})


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.zeros((28, 28)), "no ink"),
        (np.zeros((0, 5)), "no ink"),
        (-np.ones((28, 28)), "no ink"),
        (np.full((28, 28), np.nan), "no ink"),
        (np.ones((1, 28, 28)), r"not an array of shape \(1, 28, 28\)"),
    ],
)
def test_what_is_no_digit_is_refused(picture, words):
    with pytest.raises(ValueError, match=words):
        data.centre_digit(picture)


def test_whole_shifts_move_pixels(X):
    moved = distort.affine(X, dx=5, dy=-3)
    torch.testing.assert_close(moved[..., :-3, 5:], X[..., 3:, :-5], atol=1e-5, rtol=0)
    assert moved[..., -3:, :].abs().max() < 1e-5
    assert moved[..., :5].abs().max() < 1e-5


def test_each_image_gets_its_own_distortion(X):
    dx, angle, scale = torch.linspace(-4, 4, 40), torch.linspace(-50, 50, 40), torch.linspace(0.5, 1.5, 40)
    together = distort.affine(X, dx=dx, angle=angle, scale=scale)
    for i in (0, 13, 39):
        alone = distort.affine(X[i : i + 1], dx=float(dx[i]), angle=float(angle[i]), scale=float(scale[i]))
        torch.testing.assert_close(together[i : i + 1], alone, atol=1e-5, rtol=0)


@given(
    angle=st.floats(-180, 180),
    scale=st.floats(0.5, 1.6),
    dx=st.floats(-6, 6),
    dy=st.floats(-6, 6),
    slant=st.floats(-40, 40),
    size=st.sampled_from([(32, 32), (24, 36)]),
)
@settings(max_examples=25, deadline=None)
def test_slant_rotation_scale_and_shift_against_scipy(angle, scale, dx, dy, slant, size):
    picture = torch.from_numpy(np.random.RandomState(0).rand(*size)).float()
    theta = math.radians(angle)
    back = np.array([[math.cos(theta), math.sin(theta)], [-math.sin(theta), math.cos(theta)]]) / scale  # (row, column)
    back = np.array([[1, 0], [math.tan(math.radians(slant)), 1]]) @ back
    middle = (np.array(size) - 1) / 2
    offset = middle - back @ (middle + np.array([dy, dx]))
    expected = ndimage.affine_transform(picture.numpy(), back, offset, order=1, mode="grid-constant")
    got = distort.affine(picture[None, None], dx=dx, dy=dy, angle=angle, scale=scale, slant=slant)[0, 0].numpy()
    np.testing.assert_allclose(got, expected, atol=1e-3)


def test_a_positive_angle_turns_anticlockwise():
    right = torch.zeros(1, 1, 9, 9)
    right[..., 4, 7] = 1
    assert distort.affine(right, angle=90)[0, 0, 1, 4] == pytest.approx(1, abs=1e-4)


def test_a_positive_slant_leans_to_the_right():
    upright = torch.zeros(1, 1, 21, 21)
    upright[..., 10] = 1
    leaning = distort.affine(upright, slant=45)[0, 0]
    assert [int(row.argmax()) for row in leaning[[5, 10, 15]]] == [15, 10, 5]


def test_stroke_width(X):
    bar = torch.zeros(1, 1, 9, 9)
    bar[..., 3:6] = 1
    assert [distort.stroke(bar, width).sum().item() / 9 for width in (-2, -1, 0, 1, 2)] == [1, 2, 3, 4, 5]
    ink = [distort.stroke(X, width).sum().item() for width in (-2, -0.7, 0, 0.3, 1, 2)]
    assert ink == sorted(ink)
    assert torch.equal(distort.stroke(X, 0), X)
    mixed = distort.stroke(X[:2], torch.tensor([-2.0, 2.0]))
    assert torch.equal(mixed, torch.cat([distort.stroke(X[:1], -2), distort.stroke(X[1:2], 2)]))


def test_noise(X):
    grey = torch.full((4, 1, 64, 64), 0.5)
    noisy = distort.noise(grey, torch.tensor([0.0, 0.05, 0.1, 5.0]), torch.Generator().manual_seed(0))
    assert noisy.flatten(1).std(1)[:3].tolist() == pytest.approx([0, 0.05, 0.1], rel=0.05)
    assert (noisy.min(), noisy.max()) == (0, 1)
    again = distort.noise(grey, torch.tensor([0.0, 0.05, 0.1, 5.0]), torch.Generator().manual_seed(0))
    assert torch.equal(noisy, again)


def test_random_distortions_stay_within_their_limits(X):
    still = distort.Random(shift=0, angle=0, scale=(1, 1), stroke=0, noise=0)
    torch.testing.assert_close(still(X), X, atol=1e-5, rtol=0)
    torch.manual_seed(0)
    dots = torch.zeros(500, 1, 33, 33)
    dots[..., 16, 16] = 1
    moved = distort.Random(shift=4, angle=0, scale=(1, 1), stroke=0, noise=0)(dots)
    rows, columns = ((moved.sum(axis).flatten(1) @ torch.arange(33.0)) - 16 for axis in (3, 2))
    for offsets in (rows, columns):
        assert offsets.abs().max() <= 4.001
        assert offsets.std() == pytest.approx(8 / math.sqrt(12), rel=0.1)
    first, second = distort.Random()(X), distort.Random()(X)
    assert first.shape == X.shape
    assert (first.min(), first.max()) >= (0, 0)
    assert first.max() <= 1
    assert not torch.equal(first, second)
    assert "shift=6.0" in repr(distort.Random())


STILL = {"shift": 0.0, "angle": 0.0, "scale": (1.0, 1.0), "stroke": 0.0, "noise": 0.0}


def drawn(**change):
    """400 images of a dot 10 pixels right of the middle, distorted, and their centres of mass, right and down."""
    dots = torch.zeros(400, 1, 41, 41)
    dots[..., 19:22, 29:32] = 1
    torch.manual_seed(0)
    images = distort.Random(**(STILL | change))(dots)
    middle = torch.arange(41.0) - 20
    return images, *((images.sum(axes) @ middle) / images.sum((1, 2, 3)) for axes in ((1, 2), (1, 3)))


def test_random_places_go_to_their_limits_and_no_further():
    images, across, down = drawn()
    assert torch.stack([across - 10, down]).abs().max() < 1e-3
    assert float(images.sum()) == pytest.approx(9 * 400)
    _, across, down = drawn(shift=4.0)
    for moves in (across - 10, down):
        assert (moves.min(), moves.max()) == (pytest.approx(-4, abs=0.2), pytest.approx(4, abs=0.2))
    assert (across - 10 - down).abs().max() > 4, "right and down are drawn apart"
    _, across, down = drawn(angle=30.0)
    turns = torch.atan2(-down, across).rad2deg()
    assert (turns.min(), turns.max()) == (pytest.approx(-30, abs=1), pytest.approx(30, abs=1))
    _, across, _ = drawn(scale=(0.5, 1.5))
    assert (across.min(), across.max()) == (pytest.approx(5, abs=0.2), pytest.approx(15, abs=0.3))
    assert across.median() == pytest.approx(10 * 0.75**0.5, abs=0.5)


def test_random_strokes_and_noise_go_to_their_limits_and_no_further():
    ink = drawn(stroke=1.0)[0].sum((1, 2, 3))
    assert (ink.min(), ink.max()) == (pytest.approx(5, abs=0.2), pytest.approx(15, abs=0.2))
    grey = distort.Random(**(STILL | {"noise": 0.1}))(torch.full((400, 1, 20, 20), 0.5))[..., 2:-2, 2:-2]
    spread = grey.flatten(1).std(1)
    assert (spread.min(), spread.max()) == (pytest.approx(0, abs=0.005), pytest.approx(0.1, abs=0.01))
    assert repr(distort.Random()) == "Random(shift=6.0, angle=40.0, scale=(0.6, 1.3), stroke=1.0, noise=0.3)"
