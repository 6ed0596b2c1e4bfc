"""The parts of lines and cheques: drawn amounts, moved windows, where things lie on a form."""

import numpy as np
import pytest
import torch

from utils import data
from utils.data import cheques
from utils.data.cheques import windows

torch.set_num_threads(1)
DIGITS = data.mnist_test_digits()


def test_a_drawn_amount_is_20_pixels_high_in_the_middle_of_a_line():
    picture = np.zeros((90, 300))
    picture[10:50, 30:230] = 100  # 40 high, 200 wide: half as large on the line
    picture[10:50, 80:100] = 50
    line = cheques.fit_line(picture)
    assert (line.shape, line.dtype) == ((32, 224), np.uint8)
    rows, columns = (np.flatnonzero(line.any(axis)) for axis in (1, 0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (6, 25, 62, 161)
    assert set(np.unique(line[6:26, 62:162])) == {128, 255}
    assert (line[6:26, 87:97] == 128).all()


def test_grey_levels_of_a_drawn_amount_are_averages():
    picture = np.zeros((40, 40), np.uint8)
    picture[:, ::4] = 80
    picture[:, 1::4] = 160
    line = cheques.fit_line(picture)
    assert line[6:26, 102:122].tolist() == [[255, 0] * 10] * 20
    assert (line.nonzero()[1].min(), line.nonzero()[1].max()) == (102, 120)


def test_one_stroke_and_what_cannot_be_a_line():
    stroke = np.zeros((100, 9))
    stroke[:, 4] = 7
    line = cheques.fit_line(stroke)
    assert (line[6:26, 111] == 255).all()
    assert line.sum() == 20 * 255
    assert cheques.fit_line(np.ones((1, 10))).any(0).sum() == 200, "as long as a line can be"
    with pytest.raises(ValueError, match="is 12 times as wide as high"):
        cheques.fit_line(np.ones((2, 23)))
    for nothing in (np.zeros((5, 5)), np.ones(5)):
        with pytest.raises(ValueError, match="no ink"):
            cheques.fit_line(nothing)


def test_pictures_move_by_whole_pixels_and_paper_comes_in():
    X = torch.arange(1.0, 13).view(1, 1, 2, 6).expand(4, 2, 2, 6)
    moved = windows.moved(X, torch.tensor([0.0, 2, -1, 7]))
    assert moved[0].tolist() == X[0].tolist()
    assert moved[1, 1].tolist() == [[0, 0, 1, 2, 3, 4], [0, 0, 7, 8, 9, 10]]
    assert moved[2, 0].tolist() == [[2, 3, 4, 5, 6, 0], [8, 9, 10, 11, 12, 0]]
    assert not moved[3].any()


def test_borders_of_the_ink():
    X = torch.zeros(2, 1, 3, 8)
    X[0, 0, 1, 2:5], X[1, 0, 2, 7], X[1, 0, 0, 0] = 0.3, 1, 0.25
    first, last = windows.borders(X)
    assert (first.tolist(), last.tolist()) == ([2, 7], [4, 7])


def test_neighbours_lie_a_gap_away_or_out_of_sight():
    hand = cheques.Hand(gap=(3.0, 3.0))
    first, last, who = torch.tensor([4.0, 6]), torch.tensor([10.0, 9]), torch.tensor([[0], [1], [1]])
    places = cheques.Windows(hand, alone=0.0)._places(first, last, who)
    # the left one's last ink, 3 columns of paper, the digit's first; the right one likewise
    assert places[:, 0].tolist() == [0, 4 - 3 - 1 - 9, 10 + 3 + 1 - 6]
    assert cheques.Windows(hand, alone=1.0)._places(first, last, who)[:, 0].tolist() == [0, 96, 96]


def test_places_on_a_form():
    page = cheques.cheque(DIGITS, "7", seed=3).image
    assert page[4:36, 256:].any(0)[0], "the date begins 160 pixels from the right"
    assert not page[4:28, 200:256].any()
    assert page[142:174, 8:].any(0)[0], "the number begins 8 pixels from the left"
    assert not page[142:174, :8].any()
    assert (page[46, 130:401] >= 204).all(), "the line for the payee"
    assert not page[46, [129, 401]].any()
    assert (page[154, 250:405] >= 204).all(), "and for the signature"


def test_the_field_of_a_reader_and_a_class_for_nothing():
    split = cheques.with_nothing(DIGITS)
    assert split.images.shape == (2000, 1, 32, 32)
    assert split.classes == [*DIGITS.classes, "nothing"]
    assert (cheques.NOTHING, cheques.BOX, cheques.WIDTH, cheques.FIELD) == (10, (42, 234), 224, 32)


def test_lines_as_a_network_takes_them():
    lines = cheques.amounts(DIGITS, 4, length=(2, 2))
    assert [len(text) for text in lines.texts] == [2, 2, 2, 2]
    expected = (lines.images / 255 - DIGITS.mean[0]) / DIGITS.std[0]
    torch.testing.assert_close(lines.normalised(), expected)
    torch.testing.assert_close(lines.normalised([1, 3]), expected[[1, 3]])
    assert (len(lines), lines.normalised().dtype) == (4, torch.float32)
