"""Checks of chapter 09, ResNet. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks import _ch09_blocks as blocks
from utils.checks import _ch09_slips as slips
from utils.checks._harness import Mistake, build, compare, exercise, run, same_network, tensor
from utils.models.resnet import BasicBlock, Bottleneck

__all__ = [
    "bottleneck",
    "bottleneck_weights",
    "count_layers",
    "grouped_paths",
    "residual_block",
    "shortcut_block",
    "stochastic_depth",
]


@exercise("A residual block")
def residual_block(answer):
    """answer(channels) -> nn.Module, (B, C, H, W) -> the same shape, against the course's BasicBlock."""
    for channels, size in [(4, (5, 7)), (3, (6, 4))]:
        same_network(
            build(answer, channels),
            BasicBlock(channels, channels),
            tensor((2, channels, *size), seed=channels),
            case=f"{channels} channels",
            mistakes=blocks.wrong_basic(channels, channels),
        )


@exercise("A block that changes the shape")
def shortcut_block(answer):
    """answer(c_in, c_out, stride) -> nn.Module, (B, c_in, H, W) -> (B, c_out, H / stride, W / stride)."""
    for c_in, c_out, stride in [(4, 8, 2), (4, 4, 1), (3, 6, 1), (5, 5, 2)]:
        network, X = build(answer, c_in, c_out, stride), tensor((2, c_in, 6, 8), seed=c_out)
        _require_sizes_that_meet(network, X, c_in, c_out, stride)
        same_network(
            network,
            BasicBlock(c_in, c_out, stride),
            X,
            case=f"{c_in} channels to {c_out}, stride {stride}",
            mistakes=blocks.wrong_basic(c_in, c_out, stride),
        )


def _require_sizes_that_meet(network, X, c_in, c_out, stride):
    """Say why main path and shortcut cannot be added, where they cannot and the reason is known."""
    try:
        run(network, X)
    except Mistake:
        convs = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
        short = [layer for layer in convs if layer.kernel_size == (1, 1)]
        strides = [layer.stride[0] for layer in convs if layer.kernel_size != (1, 1)]
        case = f"{c_in} channels to {c_out}, stride {stride}"
        if not short and c_in != c_out:
            raise Mistake(
                "The channels change, and your shortcut has no 1 x 1 convolution for that.", case=case
            ) from None
        if not short and stride != 1:
            raise Mistake(
                "The maps get smaller, and your shortcut has no 1 x 1 convolution for that.", case=case
            ) from None
        if short and short[0].stride[0] != stride:
            raise Mistake("The 1 x 1 convolution on the shortcut needs the stride of the block.", case=case) from None
        if strides.count(1) != len(strides) - (stride != 1):
            raise Mistake("Only the first convolution has the stride; the second has stride 1.", case=case) from None
        raise


@exercise("A bottleneck")
def bottleneck(answer):
    """answer(c_in, width, stride) -> nn.Module, (B, c_in, H, W) -> (B, 4 width, H / stride, W / stride)."""
    for c_in, width, stride in [(8, 3, 2), (16, 4, 1), (6, 2, 1)]:
        same_network(
            build(answer, c_in, width, stride),
            Bottleneck(c_in, width, stride),
            tensor((2, c_in, 6, 8), seed=width),
            case=f"{c_in} channels in, width {width}, stride {stride}",
            mistakes=blocks.wrong_bottleneck(c_in, width, stride),
        )


@exercise("Count the layers")
def count_layers(answer):
    """answer(block, depths) -> int: the number in a ResNet's name, from its row of the table."""
    basic, three = ("basic", 2), ("bottleneck", 3)
    for (block, each), depths in [(basic, (3, 4, 6, 3)), (three, (2, 2, 3)), (basic, (3, 3, 3)), (three, (1, 2))]:
        compare(
            run(answer, block, depths),
            each * sum(depths) + 2,
            mistakes=slips.of_count(each, sum(depths), len(depths)),
        )


@exercise("Weights of a stage")
def bottleneck_weights(answer):
    """answer(c_in, width, blocks) -> int: convolution weights of a stage of bottlenecks, with the shortcut's."""
    for sizes in [(24, 10, 3), (64, 64, 3), (256, 128, 4)]:
        compare(run(answer, *sizes), slips.stage(*sizes), mistakes=slips.of_stage(*sizes))


@exercise("A sum of paths")
def grouped_paths(answer):
    """answer(X, down, middle, up, groups) -> the sum of the paths of a grouped bottleneck, against F.conv2d."""
    for channels, width, groups in [(5, 9, 3), (6, 4, 2), (8, 8, 8)]:
        path = width // groups
        weights = [(width, channels, 1, 1), (width, path, 3, 3), (channels, width, 1, 1)]
        X = tensor((2, channels, 4, 5), seed=channels)
        down, middle, up = (tensor(shape, seed=seed) for seed, shape in enumerate(weights, 1))
        compare(
            run(answer, X, down, middle, up, groups),
            F.conv2d(F.conv2d(F.conv2d(X, down), middle, padding=1, groups=groups), up),
            case=f"{channels} channels, {groups} paths of {path}",
            atol=1e-4,
            rtol=1e-4,
            mistakes=slips.of_paths(X, down, middle, up, groups),
        )


@exercise("Stochastic depth")
def stochastic_depth(answer):
    """answer(X, branch, survive, training) -> (B, C, H, W): Huang et al. (2016), with a draw for each image."""
    X, branch = tensor((12, 2, 1, 2), seed=1), tensor((12, 2, 1, 2), seed=2).abs() + 1
    always = {
        "`survive` is the probability to keep the branch. You dropped it with this probability.": X,
        "X is missing: the shortcut always stays.": branch,
    }
    compare(run(answer, X, branch, 1.0, True), X + branch, mistakes=always)
    for survive in (0.75, 0.5):
        got, expected = run(answer, X, branch, survive, False), X + survive * branch
        if isinstance(got, torch.Tensor) and got.shape == X.shape:
            slips.require_settled(got, X, branch)
        compare(got, expected, mistakes=slips.of_evaluation(X, branch, survive))
    kept = _kept(answer, survive=0.2)
    slips.require_whole_branches(kept, 0.2)
    slips.require_share(kept, 0.2)


def _kept(answer, survive, images=2000):
    """What share of the branch is in every value that comes out in training: (images, values)."""
    X, branch = tensor((images, 2, 2, 2), seed=3), tensor((images, 2, 2, 2), seed=4).abs() + 1
    got = run(answer, X, branch, survive, True)
    if not isinstance(got, torch.Tensor) or got.shape != X.shape:
        raise Mistake(f"In training the result has the shape of X, {tuple(X.shape)}.", got=got)
    return ((got - X) / branch).flatten(1)
