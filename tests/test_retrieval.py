"""Nearest neighbours against plain loops, precision and votes by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import retrieval

torch.set_num_threads(1)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 9), st.integers(1, 5), st.integers(0, 99))
def test_nearest_is_what_a_loop_finds(Q, N, D, seed):
    torch.manual_seed(seed)
    questions, collection = torch.randn(Q, D), torch.randn(N, D)
    found = retrieval.nearest(questions, collection, N)
    for question, row in zip(questions, found, strict=True):
        distances = [(question - one).norm().item() for one in collection]
        assert row.tolist() == sorted(range(N), key=distances.__getitem__)
    assert torch.equal(retrieval.nearest(questions, collection, 1), found[:, :1])


def test_images_are_vectors_of_their_pixels():
    torch.manual_seed(0)
    X = torch.rand(5, 1, 4, 4)
    assert torch.equal(retrieval.nearest(X, X, 3), retrieval.nearest(X.flatten(1), X.flatten(1), 3))
    assert retrieval.nearest(X, X, 1)[:, 0].tolist() == [0, 1, 2, 3, 4]


def test_precision_by_hand():
    found = torch.tensor([[1, 1, 2], [3, 3, 3], [0, 0, 0]])
    assert retrieval.precision(found, torch.tensor([1, 3, 2])) == pytest.approx(5 / 9)


@pytest.mark.parametrize(
    ("found", "winner"),
    [([7, 1, 1], 1), ([4, 9, 2], 4), ([3, 8, 8, 3, 5], 3), ([8, 3, 5, 3, 8], 8), ([0, 6, 6, 0, 6], 6), ([5], 5)],
)
def test_votes_by_hand(found, winner):
    assert retrieval.vote(torch.tensor([found, found])).tolist() == [winner, winner]


@pytest.mark.parametrize(
    ("k", "width", "hint"), [(0, 3, "k must be from 1 to 4"), (5, 3, "not 5"), (2, 2, "3 numbers")]
)
def test_what_cannot_be_searched_is_refused(k, width, hint):
    with pytest.raises(ValueError, match=hint):
        retrieval.nearest(torch.rand(2, 3), torch.rand(4, width), k)
