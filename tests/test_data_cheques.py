"""Amounts, windows and whole cheques: what is written is what they say, where they say."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import data
from utils.data import cheques
from utils.data.cheques.lines import DARK
from utils.data.cheques.windows import borders

torch.set_num_threads(1)
DIGITS = data.mnist_test_digits()


def patches(lines):
    """The field of 28 pixels around each digit of the first line."""
    return [lines.images[0, 0, 2:30, int(middle) - 14 : int(middle) + 14] for middle in lines.centres[0]]


def test_random_amounts_are_of_the_asked_length_and_never_begin_with_0():
    lines = cheques.amounts(DIGITS, 300, seed=4)
    assert lines.images.shape == (300, 1, 32, 224)
    assert lines.images.dtype == torch.uint8
    assert {len(text) for text in lines.texts} == {3, 4, 5, 6}
    assert all(text[0] != "0" for text in lines.texts)
    assert {digit for text in lines.texts for digit in text} == set("0123456789")
    assert [len(centres) for centres in lines.centres] == [len(text) for text in lines.texts]


def test_every_digit_is_a_real_one_of_its_class_at_its_place():
    lines = cheques.write(DIGITS, ["31940"], replace(cheques.TIDY, baseline=0.0), seed=2)
    for patch, digit in zip(patches(lines), "31940", strict=True):
        ink = patch[:, 10:18] > 128  # its middle; neighbours may look in at the sides
        same = DIGITS.images[DIGITS.labels == int(digit), 0]
        assert ((same[:, :, 10:18] > 128) == ink).all((1, 2)).any()


@given(st.sampled_from(list(cheques.LEVELS)), st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_seeds_fix_everything(level, seed):
    first, again = (cheques.amounts(DIGITS, 2, cheques.LEVELS[level], seed=seed) for _ in range(2))
    assert first.texts == again.texts
    assert torch.equal(first.images, again.images)
    other = cheques.amounts(DIGITS, 2, cheques.LEVELS[level], seed=seed + 1)
    assert not torch.equal(first.images, other.images)


@pytest.mark.parametrize("gap", [6, 0, -3])
def test_gaps_are_counted_between_the_ink(gap):
    hand = replace(cheques.TIDY, gap=(gap, gap), baseline=0.0)
    lines = cheques.write(DIGITS, ["0000"], hand, seed=1)
    inked = (lines.images[0, 0] > 255 * DARK).any(0)
    ends = np.flatnonzero(np.diff(inked.int().numpy()))
    pauses = np.diff(ends)[1::2]
    assert set(pauses.tolist()) == ({gap} if gap > 0 else set())


def test_size_slant_and_baseline_change_the_ink():
    plain = cheques.write(DIGITS, ["808"], seed=3).images
    for change in ({"size": (0.7, 0.7)}, {"slant": (25.0, 25.0)}, {"baseline": 5.0}):
        changed = cheques.write(DIGITS, ["808"], replace(cheques.TIDY, **change), seed=3).images
        assert not torch.equal(plain, changed), change
    small = cheques.write(DIGITS, ["808"], replace(cheques.TIDY, size=(0.7, 0.7)), seed=3).images
    high, low = ((image[0, 0] > 80).any(1).sum() for image in (plain, small))
    assert 0.55 * high < low < 0.85 * high


def test_paper_lies_under_the_ink_and_noise_over_it():
    blank = torch.zeros(2, 1, 32, 64)
    full = torch.ones(2, 1, 32, 64)
    printed = cheques.on_paper(blank, cheques.Hand(rules=0.6, texture=0.4), torch.Generator().manual_seed(0))
    assert printed[:, 0, [3, 28]].min() >= 0.6 - 1e-6
    assert 0.15 < printed[:, 0, 5:27].mean() < 0.25
    assert torch.equal(cheques.on_paper(full, cheques.Hand(rules=0.6, texture=0.4)), full)
    half = cheques.on_paper(blank, cheques.Hand(rules=0.6), strength=torch.tensor([0.0, 0.5]))
    assert half.amax((1, 2, 3)).tolist() == pytest.approx([0, 0.3])
    grey = cheques.on_paper(0.5 * full, cheques.Hand(noise=0.1), torch.Generator().manual_seed(0))
    assert float(grey.std()) == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize(
    ("text", "words"), [("", "digits 0 to 9"), ("12a", "not '12a'"), ("٣", "digits 0 to 9"), ("0" * 20, "does not fit")]
)
def test_what_cannot_be_written_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        cheques.write(DIGITS, [text])


def test_windows_show_neighbours_and_are_labelled_by_their_middle():
    torch.manual_seed(0)
    split = cheques.with_nothing(DIGITS)
    X, y = split.images[:1000].float() / 255, split.labels[:1000]
    windows, labels = cheques.Windows()(X, y)
    assert windows.shape == X.shape
    assert (windows.min(), windows.max()) == (0, 1)
    assert 0.3 < (labels == cheques.NOTHING).float().mean() < 0.55
    assert ((labels == y) | (labels == cheques.NOTHING)).float().mean() > 0.85, "others are neighbours in the middle"
    empty = windows.amax((1, 2, 3)) < DARK
    assert (labels[empty] == cheques.NOTHING).all()


def test_a_digit_belongs_to_one_window_in_four():
    torch.manual_seed(0)
    alone = cheques.Windows(replace(cheques.TIDY, baseline=0.0), alone=1.0)
    split = cheques.with_nothing(DIGITS)
    X, y = split.images[:600].float() / 255, split.labels[:600]
    windows, labels = alone(X, y)
    first, _ = borders(X)
    shift = borders(windows)[0] - first
    whole = windows.sum((1, 2, 3)) == X.sum((1, 2, 3))
    assert set(shift[whole & (labels != cheques.NOTHING)].tolist()) == {-1, 0, 1, 2}
    assert not {-1, 0, 1, 2} & set(shift[whole & (labels == cheques.NOTHING)].tolist())


def test_random_part_of_the_paper_for_every_window():
    torch.manual_seed(0)
    split = cheques.with_nothing(DIGITS)
    X, y = split.images[:200].float() / 255, split.labels[:200]
    windows, _ = cheques.Windows(cheques.ROUGH, stroke=1.0)(X, y)
    corner = windows[:, 0, :2].flatten(1).mean(1)
    assert corner.std() > 0.05
    assert "gap=(-4.0, 12.0)" in repr(cheques.Windows(cheques.ROUGH))


def test_a_cheque_has_its_amount_in_its_box():
    cheque = cheques.cheque(DIGITS, "2048", seed=5)
    top, left = cheque.box
    height, width = cheques.BOX
    assert cheque.image.shape == (176, 416)
    box = cheque.image[top : top + height, left : left + width]
    assert (box[[0, 1, -2, -1]] == 204).all()
    assert (box[:, [0, 1, -2, -1]] == 204).all()
    inside = box[cheques.INSET : -cheques.INSET, cheques.INSET : -cheques.INSET]
    assert torch.equal(inside, cheques.write(DIGITS, ["2048"], seed=5).images[0, 0])
    assert len({cheques.cheque(DIGITS, "2048", seed=seed).box for seed in range(8)}) > 5


def test_noise_covers_the_whole_form_and_rules_only_the_line():
    hand = cheques.LEVELS["printed paper"]
    cheque = cheques.cheque(DIGITS, "77", hand, seed=1)
    assert (cheque.image[-4:, 200:240] > 0).float().mean() > 0.9
    top, left = cheque.box
    row = cheque.image[top + cheques.INSET + 3]
    assert (row[left + 10 : left + 200] >= 153 - 1).all()
    assert (row[:left] < 153).float().mean() > 0.9
