"""Reading: maps are what windows say, the best path is the best of all, mistakes are the fewest, boxes are found."""

from itertools import combinations, pairwise, product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import data, models, reading
from utils.data import cheques
from utils.models.sliding import fully_convolutional

torch.set_num_threads(1)
DIGITS = data.mnist_test_digits()


def random_map(columns, seed):
    """Log-probabilities (11, columns)."""
    return (2 * torch.randn(11, columns, generator=torch.Generator().manual_seed(seed))).log_softmax(0)


@given(st.integers(1, 7), st.integers(1, 4), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_best_path_is_the_best_of_all_paths(columns, least, seed):
    log_probs = random_map(columns, seed)
    path = reading.best_path(log_probs, least)
    best, digits = log_probs[:10].max(0)
    scores = []
    for count in range(columns + 1):
        for places in combinations(range(columns), count):
            if all(b - a >= least for a, b in pairwise(places)):
                chosen = set(places)
                score = sum(float(best[t] if t in chosen else log_probs[10, t]) for t in range(columns))
                scores.append((score - float(log_probs[10].sum()), places))
    score, places = max(scores)
    assert path.score == pytest.approx(score, abs=1e-4)
    assert tuple(path.columns) == places
    assert path.text == "".join(str(int(digits[t])) for t in places)


def test_one_digit_seen_twice_is_read_once_and_two_are_read_twice():
    sure = torch.full((11, 9), -9.0)
    sure[10] = 0
    for column, digit in ((1, 7), (2, 7), (5, 1), (7, 1)):
        sure[10, column], sure[digit, column] = -5.0, -0.1
    assert reading.best_path(sure).text == "711"
    assert reading.collapse(sure) == "711"
    sure[10, 6], sure[1, 6] = -5.0, -0.1
    assert reading.collapse(sure) == "71", "the simple way has lost the second 1"
    assert reading.best_path(sure).text == "711"


def test_an_empty_line_is_read_as_nothing():
    empty = torch.full((11, 6), -5.0)
    empty[10] = -0.01
    assert reading.best_path(empty) == ("", [], 0.0)
    assert reading.collapse(empty) == ""


@given(st.text("012", max_size=5), st.text("012", max_size=5))
@settings(max_examples=80, deadline=None)
def test_mistakes_are_the_fewest(written, read):
    found = reading.mistakes(written, read)
    assert found["missed"] - found["invented"] == len(written) - len(read)
    assert sum(found.values()) == fewest(written, read)


def fewest(written, read):
    """Edit distance by its definition, without a table."""
    if not written or not read:
        return len(written) + len(read)
    same = fewest(written[1:], read[1:]) + (written[0] != read[0])
    return min(same, fewest(written[1:], read) + 1, fewest(written, read[1:]) + 1)


def test_kinds_of_mistakes():
    assert reading.mistakes("40731", "4073") == {"misread": 0, "missed": 1, "invented": 0}
    assert reading.mistakes("4073", "41073") == {"misread": 0, "missed": 0, "invented": 1}
    assert reading.mistakes("4073", "4078") == {"misread": 1, "missed": 0, "invented": 0}


def test_map_of_answers_is_what_each_window_says():
    torch.manual_seed(0)
    net = models.create("lenet", size=32, classes=11).eval()
    X = cheques.amounts(DIGITS, 3, seed=0).normalised()
    found = reading.answers(fully_convolutional(net, (1, 32, 32)), X, batch_size=2)
    windows = reading.cut_windows(X)
    assert windows.shape == (3, 49, 1, 32, 32)
    with torch.inference_mode():
        expected = net(windows.flatten(0, 1)).log_softmax(1).view(3, 49, 11).transpose(1, 2)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    for t, middle in enumerate(reading.middles(224).int().tolist()):
        assert torch.equal(windows[0, t, 0], X[0, 0, :, middle - 16 : middle + 16])


def test_mode_is_kept_and_what_gives_no_map_is_refused():
    net = models.create("lenet", size=32, classes=11)
    reader = fully_convolutional(net, (1, 32, 32))
    reading.answers(reader, torch.zeros(1, 1, 32, 40))
    assert reader.training
    with pytest.raises(ValueError, match="one row of answers"):
        reading.answers(net, torch.zeros(1, 1, 32, 32))
    with pytest.raises(ValueError, match=r"got \(1, 11, 2, 3\)"):
        reading.answers(reader, torch.zeros(1, 1, 36, 40))


def test_box_kernel_answers_its_frame_and_no_even_paper():
    kernel = reading.box_kernel((20, 30))
    assert kernel.shape == (20, 30)
    assert float(kernel.sum()) == pytest.approx(0, abs=1e-6)
    frame = torch.zeros(20, 30)
    frame[:2], frame[-2:], frame[:, :2], frame[:, -2:] = 1, 1, 1, 1
    assert float((kernel * frame).sum()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("level", "seed"), product(("tidy", "noisy", "all of it"), range(8)))
def test_boxes_are_found(level, seed):
    cheque = cheques.cheque(DIGITS, "12345", cheques.LEVELS[level], seed=seed)
    assert reading.find_box(cheque.image, cheques.BOX) == cheque.box
