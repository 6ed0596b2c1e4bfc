"""Checks of chapter 13, The model zoo. `check.name(answer)` judges the learner's `answer`."""

import torch.nn.functional as F

from utils.checks import _ch13_slips as slips
from utils.checks._harness import Mistake, build, compare, exercise, run, same_network, tensor

__all__ = ["InvertedResidual", "channel_shuffle", "dense_channels", "pareto", "separable_cost", "vote"]


@exercise("Channels of a DenseNet")
def dense_channels(answer):
    """answer(c_in, growth, depths) -> list of int, after each block and transition, for several tables."""
    for c_in, growth, depths in [(64, 32, (6, 12, 24, 16)), (10, 6, (2, 3)), (9, 4, (5,)), (24, 12, (3, 3, 3))]:
        compare(
            run(answer, c_in, growth, depths),
            slips.channels(c_in, growth, depths),
            case=f"c_in={c_in}, growth={growth}, depths={depths}",
            mistakes=slips.wrong_channels(c_in, growth, depths),
        )


@exercise("The cost of a separable convolution")
def separable_cost(answer):
    """answer(c_in, c_out, kernel, height, width) -> (parameters, multiply-adds), biases left out."""
    for c_in, c_out, kernel, height, width in [(64, 64, 3, 28, 28), (32, 80, 5, 14, 10), (7, 3, 3, 4, 9)]:
        size = (c_in, c_out, kernel)
        weights = slips.separable_weights(*size)
        compare(
            run(answer, *size, height, width),
            (weights, weights * height * width),
            case=f"c_in={c_in}, c_out={c_out}, kernel={kernel}, {height} x {width}",
            mistakes=slips.wrong_costs(*size, height, width),
        )


@exercise("The inverted residual")
def InvertedResidual(answer):  # noqa: N802 (the name of the learner's class)
    """answer(c_in, c_out, stride, expansion) -> nn.Module, against MobileNet v2's block, with and without the sum."""
    for size in [(4, 4, 1, 3), (4, 4, 2, 3), (3, 5, 1, 2), (6, 4, 2, 6)]:
        network = build(answer, *size)
        same_network(
            network,
            slips.Block(*size),
            6 * tensor((2, size[0], 7, 9), seed=sum(size)),  # large enough for ReLU6 to matter
            case="c_in={}, c_out={}, stride={}, expansion={}".format(*size),
            mistakes=slips.wrong_blocks(*size),
        )


@exercise("The channel shuffle")
def channel_shuffle(answer):
    """answer(X (B, C, H, W), groups) -> the same shape, against F.channel_shuffle."""
    for shape, groups in [((1, 12, 1, 2), 3), ((1, 6, 2, 3), 2), ((2, 6, 3, 1), 3), ((2, 4, 2, 2), 1)]:
        X = tensor(shape, seed=shape[1] + groups)
        compare(
            run(answer, X, groups),
            F.channel_shuffle(X, groups),
            case=f"X {shape}, {groups} group{'s' * (groups > 1)}",
            mistakes=slips.wrong_shuffles(X, groups),
        )


@exercise("Which networks are not beaten?")
def pareto(answer):
    """answer({name: (speed, accuracy)}) -> list of names, in the order of the dict."""
    for points in slips.POINTS:
        got = run(answer, points)
        if isinstance(got, (set, dict)):
            raise Mistake("Return a list of names, in the order in which they stand in `points`.", got=got)
        compare(got, slips.unbeaten(points), case=f"points={points}", mistakes=slips.wrong_fronts(points))


@exercise("A vote")
def vote(answer):
    """answer(probabilities (M, B, K)) -> classes (B,) int64: the most votes, ties by the mean probability."""
    for probabilities in [slips.BALLOTS, *(tensor(shape, seed=7).softmax(2) for shape in [(5, 40, 4), (3, 30, 6)])]:
        compare(
            run(answer, probabilities),
            slips.elected(probabilities),
            case=f"probabilities {tuple(probabilities.shape)}",
            mistakes=slips.wrong_votes(probabilities),
        )
