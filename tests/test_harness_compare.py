"""`compare`, `same_network` and how values are shown: each difference has its own words."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from slide_check import complaint
from torch import nn

from utils.checks._harness import Mistake, build, run, same_network, same_parameters, tensor
from utils.checks._values import pair, same, shown

GRID = np.arange(12.0).reshape(3, 4)
SQUARE = np.arange(9.0).reshape(3, 3)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (GRID.astype(np.float32), GRID),
        (GRID + 1e-7, GRID),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        (5, 5.0), (np.int64(5), 5), (5.0, 5), (torch.tensor(5.0), 5), (np.array(5), 5),
        (nn.Parameter(torch.ones(2)), torch.ones(2)),
        (torch.ones(2, dtype=torch.bfloat16), torch.ones(2)),
        ([1, 2], (1, 2)), ((GRID, "a"), (GRID, "a")), ({"a": 1}, {"a": 1}), ("same", "same"), (None, None),
        (True, True), (np.zeros((0, 3)), np.zeros((0, 3))),
    ],
)  # fmt: skip
def test_right_values_are_accepted(got, expected):
    assert complaint(got, expected) == ""


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (GRID.tolist(), GRID, "a list; a NumPy array is expected"),
        (torch.tensor(GRID), GRID, "a PyTorch tensor of shape (3, 4); a NumPy array"),
        (GRID, torch.tensor(GRID), "a PyTorch tensor is expected"),
        (5.0, torch.tensor(5.0), "no .item()"),
        (np.ones(1), 1.0, "shape (1,); one number"),
        (GRID.astype(int), GRID, "whole numbers (int64); floats"),
        (GRID > 3, GRID, "truth values"),
        (1, True, "whole numbers"),
        (GRID.astype(complex), GRID, "complex numbers"),
        (GRID.T, GRID, "shape (4, 3); shape (3, 4)"),
        (np.full((3, 4), np.nan), GRID, "12 of 12 values are NaN"),
        (float("nan"), 1.0, "NaN"),
        (torch.ones(2, device="meta"), torch.ones(2), "device meta"),
        (torch.eye(2).to_sparse(), torch.eye(2), "sparse"),
        (-SQUARE, SQUARE, "sign"),
        (SQUARE.T, SQUARE, "transposed"),
        (SQUARE[:, ::-1], SQUARE, "reverse order along the last axis"),
        (SQUARE[::-1], SQUARE, "upside down"),
        (4 * SQUARE, SQUARE, "4 times"),
        (SQUARE + np.eye(3), SQUARE, "3 of 9 values are wrong"),
        (4, 5, "not right"),
        ((1, 2), (1, 2, 3), "2 values; 3 are expected"),
        (6, (1, 2), "a whole number; 2 values"),
        ((1, 3), (1, 2), "Value 2 of 2: The number is not right"),
        ({"a": 1}, {"a": 1, "b": 2}, "lacks the key 'b'"),
        ({"a": 1, "b": 2}, {"a": 1}, "has 2 keys"),
        ({"a": 2}, {"a": 1}, "At the key 'a'"),
        ([1], {"a": 1}, "a dict with the keys 'a'"),
        ("relu", "tanh", "not the expected one"),
        (3, "tanh", "a whole number"),
    ],
)  # fmt: skip
def test_each_difference_has_its_words(got, expected, words):
    assert words in complaint(got, expected)


@given(arrays.arrays(np.float64, arrays.array_shapes(max_dims=4, max_side=5), elements=st.floats(-9, 9)), st.data())
def test_one_wrong_value_is_never_overlooked(right, data):
    place = tuple(data.draw(st.integers(0, n - 1)) for n in right.shape)
    wrong = right.copy()
    wrong[place] += data.draw(st.sampled_from([-1, 0.01, 1, 100]))
    assert complaint(right.copy(), right) == ""
    assert complaint(wrong, right) != ""


def test_known_mistakes_come_first_and_are_passed_over_where_they_are_right():
    mistakes = {"one": lambda: GRID + 1, "tall": GRID.T, "same": GRID}
    assert complaint(GRID + 1, GRID, mistakes=mistakes) == "one"
    assert complaint(GRID.T, GRID, mistakes=mistakes) == "tall"
    assert complaint(torch.tensor(GRID + 1), GRID, mistakes=mistakes) == "one"
    assert complaint(GRID, GRID, mistakes=mistakes) == ""
    assert "2 times" in complaint(2 * GRID, GRID, mistakes=mistakes)
    assert complaint((1, 3), (1, 2), mistakes={"third": (1, 3)}) == "third"


def test_a_lost_gradient_is_told():
    weight = torch.ones(2, requires_grad=True)
    assert complaint(2 * weight, 2 * weight) == ""
    assert complaint((2 * weight).detach(), (2 * weight).detach()) == ""
    assert "gradient" in complaint((2 * weight).detach(), 2 * weight)


def test_large_arrays_are_shown_around_the_largest_difference():
    right = np.zeros((2, 30, 40))
    got = right.copy()
    got[1, 20, 35] = 7
    expected_text, got_text = pair(right, got)
    assert got_text.splitlines()[0] == expected_text.splitlines()[0] == "[1, 17:23, 32:38] of shape (2, 30, 40)"
    assert "7." in got_text
    assert len(got_text) < 400


def test_what_is_shown_is_short_whatever_it_is():
    for value in ("x" * 10_000, list(range(10_000)), {i: i for i in range(1000)}, np.ones((100,) * 3), object()):
        assert len(shown(value)) <= 600


def test_same_sees_every_bit():
    assert same([np.array([np.nan]), {"a": torch.ones(2)}], [np.array([np.nan]), {"a": torch.ones(2)}])
    assert not same(np.array([0.0]), np.array([-0.0]))
    assert not same(np.ones(2), np.ones(2, dtype=np.float32))
    assert not same([1, 2], [1, 2, 3])
    assert not same({"a": 1}, {"a": 2})
    layer = nn.Linear(2, 2)
    assert same(layer, layer)
    assert not same(layer, nn.Linear(2, 2))


class Block(nn.Module):
    """Two convolutions; the flags make the mistakes."""

    def __init__(self, channels=3, bias=False, relu=True, late_first=False):
        super().__init__()
        layers = [nn.Conv2d(channels, 4, 3, padding=1, bias=bias), nn.Conv2d(4, 5, 3, padding=1, bias=bias)]
        order = reversed(range(2)) if late_first else range(2)
        for i in order:
            self.add_module(f"layer{i}", layers[i])
        self.act = nn.ReLU() if relu else nn.Identity()

    def forward(self, X):
        return self.layer1(self.act(self.layer0(X)))


class Unwritten(nn.Module):
    """A stub."""

    def __init__(self, channels):
        super().__init__()
        raise NotImplementedError


X = tensor((2, 3, 5, 6), seed=1)


def judged(answer, mistakes=None):
    """What `same_network` says of an answer built with 3 channels; "" where it accepts."""
    try:
        same_network(build(answer, 3), Block(3), X, mistakes=mistakes)
    except Mistake as mistake:
        return mistake.message
    return ""


def test_networks_are_judged_by_what_they_compute():
    assert judged(Block) == ""
    assert judged(lambda c: Block(c, late_first=True)) == ""
    assert judged(Block(3)) == ""
    assert "values are wrong" in judged(lambda c: Block(c, relu=False))
    assert judged(lambda c: Block(c, relu=False), {"No ReLU.": lambda: Block(3, relu=False)}) == "No ReLU."
    bias = judged(lambda c: Block(c, bias=True))
    assert "297 parameters; 288 are expected" in bias
    assert "(4,), (5,)" in bias
    assert "that of a bias" in bias


def test_what_is_no_network_is_told():
    assert "nn.Module is expected" in judged(lambda c: 3)
    assert "You passed 3" in judged(3)
    assert "AttributeError" in judged(
        type("Forgot", (nn.Module,), {"__init__": lambda self, c: setattr(self, "l", nn.ReLU())})
    )


def test_a_learners_network_keeps_its_weights():
    net = Block(3)
    before = [p.clone() for p in net.parameters()]
    judged(net)
    assert all(map(torch.equal, before, net.parameters()))
    assert run(build(net), X).shape == (2, 5, 5, 6)


def test_same_parameters_lists_what_is_missing_and_what_is_too_much():
    with pytest.raises(Mistake, match=r"Extra shapes: \(4, 2, 3, 3\)\. Missing shapes: \(4, 3, 3, 3\)"):
        same_parameters(Block(2), Block(3))
    same_parameters(Block(3, relu=False), Block(3))
