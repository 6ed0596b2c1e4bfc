"""The data that seeds make stay what they were: the course's claims were measured on them."""

import pytest
import torch
from torch.nn import functional as F

from utils import data
from utils.data import augment, cheques, distort

torch.set_num_threads(1)
DIGITS = data.mnist_test_digits()
NEARLY = {"rel": 2e-3}  # another PyTorch may round a grey level differently


def mean(images):
    """Mean grey level (float)."""
    return float(images.double().mean())


def test_amounts():
    tidy, rough = cheques.amounts(DIGITS, 3), cheques.amounts(DIGITS, 3, cheques.LEVELS["all of it"], seed=0)
    assert tidy.texts == rough.texts == ["300186", "39569", "17655"]
    assert tidy.centres[1:] == [[83, 102, 121, 150, 171], [47, 60, 79, 100, 123]]
    assert rough.centres[1:] == [[101, 121, 134, 155, 175], [140, 150, 163, 180, 195]]
    assert (mean(tidy.images), mean(rough.images)) == pytest.approx((19.7017, 71.9111), **NEARLY)
    assert (tidy.mean, tidy.std) == (DIGITS.mean, DIGITS.std)


def test_whole_cheques():
    paper, plain = cheques.cheque(DIGITS, "2048", cheques.LEVELS["all of it"]), cheques.cheque(DIGITS, "2048", seed=1)
    assert (paper.box, plain.box) == ((94, 115), (77, 138))
    for cheque, greys in ((paper, (66.1764, 64.4766, 70.7127)), (plain, (14.2721, 13.8659, 19.6279))):
        assert [*map(mean, (cheque.image, cheque.image[:30], cheque.image[-40:]))] == pytest.approx(greys, **NEARLY)
        assert (cheque.text, cheque.mean, cheque.std) == ("2048", DIGITS.mean, DIGITS.std)


def test_colour_digits():
    train, test = data.colour_digits()
    assert train.mean == pytest.approx((0.5069993, 0.3620971, 0.3153447), rel=1e-6)
    assert train.std == pytest.approx((0.3346228, 0.2834801, 0.2908837), rel=1e-6)
    assert test.images[:5].double().mean((0, 2, 3)).tolist() == pytest.approx((92.5256, 86.3721, 92.0590), rel=1e-5)
    assert (train.name, test.name) == ("Colour digits (embedded) train", "Colour digits (embedded) test")


EVERYTHING = augment.Random(
    angle=30, scale=1.5, translate=3, shear=20, perspective=0.3, brightness=0.3, contrast=2, noise=0.2, cutout=6,
    shift=3, flip=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "grey", "spread"), [(EVERYTHING, 0.2005, 0.2829), (distort.Random(), 0.1548, 0.2558)]
)
def test_augmented_digits(change, grey, spread):
    torch.manual_seed(0)
    X = change(DIGITS.images[:64].float() / 255)
    assert (mean(X), float(X.double().std())) == pytest.approx((grey, spread), **NEARLY)


@pytest.mark.parametrize(
    ("windows", "grey", "labels"),
    [
        (cheques.Windows(cheques.ROUGH, stroke=0.5), 0.2651, [10, 10, 10, 0, 10, 10, 3, 10, 10, 4, 7, 7, 8, 10, 10, 9]),
        (cheques.Windows(), 0.1456, [10, 10, 6, 10, 6, 8, 3, 10, 5, 4, 10, 10, 8, 5, 2, 10]),
    ],
)
def test_windows_of_a_line(windows, grey, labels):
    torch.manual_seed(0)
    X, y = windows(F.pad(DIGITS.images[:64].float() / 255, [2] * 4), DIGITS.labels[:64])
    assert mean(X) == pytest.approx(grey, **NEARLY)
    assert y[:16].tolist() == labels
