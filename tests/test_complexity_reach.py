"""Receptive fields of single operations, worked by hand: each axis for itself, and nothing where no rule is known."""

import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from utils import complexity


class Then(nn.Module):
    """A 1x1 convolution, a function, and a convolution that sees 3 x 2 of what comes out."""

    def __init__(self, function, channels=1):
        super().__init__()
        self.before, self.function, self.after = nn.Conv2d(1, 1, 1), function, nn.Conv2d(channels, 1, (3, 2))

    def forward(self, X):
        return self.after(self.function(self.before(X)))


def seen(model, shape):
    """(receptive field, jump) of the last layer, None where it is not known."""
    row = complexity.layer_table(model, shape).iloc[-1]
    return tuple(None if pd.isna(row[name]) else int(row[name]) for name in ("receptive field", "jump"))


# What one output of the convolution behind sees: the larger of side + 2 * jump down and side + jump across.
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda X: X, (3, 1)),
        (lambda X: F.max_pool2d(X, 4), (4 + 2 * 4, 4)),
        (lambda X: F.max_pool2d(X, [4], [3]), (4 + 2 * 3, 3)),
        (lambda X: F.max_pool2d(X, 4, 1), (4 + 2, 1)),
        (lambda X: F.max_pool2d(X, (1, 5), (1, 3)), (5 + 3, 3)),
        (lambda X: F.max_pool2d(X, 2, 1, 0, 3), (4 + 2, 1)),
        (lambda X: F.avg_pool2d(X, 3), (3 + 2 * 3, 3)),
        (lambda X: F.avg_pool2d(X, 2, (1, 5)), (2 + 5, 5)),
        (lambda X: F.avg_pool2d(X, 3, 1, 1, False, True), (3 + 2, 1)),
        (
            lambda X: F.adaptive_avg_pool2d(X, (3, 2)),
            (8 + 8, 8),
        ),  # rows 0-4, 4-9, 9-13; columns 0-7, 8-15
        (lambda X: F.adaptive_max_pool2d(X, (5, 4)), (4 + 2 * 2, 4)),
        (lambda X: X[:, :, ::3], (1 + 2 * 3, 3)),
        (lambda X: X[..., ::4], (1 + 4, 4)),
        (lambda X: X[:, :, 2:, 1:], (3, 1)),
        (lambda X: F.pad(X, (1, 2, 3, 4)), (3, 1)),
        (lambda X: X.amax((2, 3), keepdim=True) * X, (16 + 1, 1)),
        (lambda X: X.sum((-2, -1), keepdim=True) + X, (16 + 1, 1)),
        (lambda X: X.mean() * X, (16 + 1, 1)),
        (lambda X: F.relu(X).clone(), (3, 1)),
        (lambda X: torch.cat([F.max_pool2d(X, 5, 1, 2), X], dim=1).sum(1, keepdim=True), (5 + 2, 1)),
        (lambda X: X.transpose(0, 1), (3, 1)),
        (lambda X: X.transpose(-1, -2), (None, None)),
        (lambda X: X.transpose(1, 2).transpose(1, 2), (None, None)),
        (lambda X: X.flip(2), (None, None)),
        (lambda X: X.roll(1, 2), (None, None)),
        (lambda X: X.permute(0, 1, 3, 2), (None, None)),
        (lambda X: F.interpolate(X, scale_factor=2), (None, None)),
        (lambda X: F.conv_transpose2d(X, torch.ones(1, 1, 2, 2, device="meta"), stride=2), (None, None)),
    ],
)
def test_what_a_convolution_sees_behind_an_operation(function, expected):
    assert seen(Then(function), (1, 14, 16)) == expected


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(12 * 13, 1)), (15, None)),
        (nn.Sequential(nn.MaxPool2d(3, 4), nn.Flatten(), nn.Linear(9, 1)), (3 + 2 + 2 * 4, None)),
        (nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(1, 1, 1)), (15, None)),
    ],
)
def test_a_dense_layer_sees_what_all_outputs_see_together(behind, expected):
    assert seen(nn.Sequential(nn.Conv2d(1, 1, 3), behind), (1, 14, 15)) == expected


def test_a_gate_may_go_through_convolutions_on_its_one_pixel_and_through_no_larger_ones():
    class Gate(nn.Module):
        def __init__(self, side):
            super().__init__()
            self.side, self.conv = side, nn.Conv2d(1, 1, 1)

        def forward(self, X):
            return self.conv(X.mean((2, 3), keepdim=True).expand(1, 1, self.side, self.side))

    assert seen(Gate(1), (1, 6, 7)) == (7, None)
    assert seen(Gate(2), (1, 6, 7)) == (None, None)


def test_rows_of_a_batch_of_tokens_are_no_image():
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.dense = nn.Conv2d(1, 4, 2, 2), nn.Linear(4, 3)

        def forward(self, X):
            return self.dense(self.conv(X).flatten(2).transpose(1, 2))

    assert seen(Tokens(), (1, 8, 8)) == (None, None)


def test_the_first_of_several_results_counts():
    class Both(nn.Module):
        def forward(self, X):
            return F.max_pool2d(X, 3), X

    assert seen(nn.Sequential(nn.Conv2d(1, 1, 1), Both()), (1, 9, 9)) == (3, 3)
