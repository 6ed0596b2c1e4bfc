"""Checks of chapter 07, Inception. `check.name(answer)` judges the learner's `answer`."""

import torch.nn.functional as F
from torch import nn

from utils.checks import _ch07_slips as slips
from utils.checks._harness import Mistake, build, compare, exercise, run, same_network, tensor

__all__ = [
    "InceptionBlock",
    "asymmetric_parameters",
    "block_cost",
    "evolve_step",
    "pixel_linear",
    "same_padding",
]


@exercise("Padding that keeps the size")
def same_padding(answer):
    """answer(kernel_size, dilation) -> (rows, columns) of padding; odd kernels, not all of them square."""
    for (height, width), dilation in [((5, 5), 1), ((1, 7), 1), ((7, 3), 1), ((3, 5), 4), ((1, 1), 3)]:
        rows, columns = dilation * (height - 1), dilation * (width - 1)
        got = run(answer, (height, width), dilation)
        if isinstance(got, tuple) and any(isinstance(side, float) for side in got):
            raise Mistake("A layer takes whole numbers as padding, and yours are floats. Divide with //.", got=got)
        compare(
            got,
            (rows // 2, columns // 2),
            case=f"kernel_size=({height}, {width}), dilation={dilation}",
            mistakes={
                "You padded as much as is lost in all. Half of it goes on each side.": (rows, columns),
                "You left the dilation out: a kernel of side K reaches over dilation * (K - 1) + 1 pixels.": (
                    (height - 1) // 2,
                    (width - 1) // 2,
                ),
                "You padded both directions by the height. The width may be another one.": (rows // 2, rows // 2),
                "You padded both directions by the width. The height may be another one.": (columns // 2, columns // 2),
                "Rows and columns are swapped: the padding of the height comes first.": (columns // 2, rows // 2),
                "You took half the dilated kernel, rounded up: that is one pixel too many.": (
                    rows // 2 + 1,
                    columns // 2 + 1,
                ),
                "You stretched the kernel to dilation * K. Between K weights there are only K - 1 gaps.": (
                    dilation * height // 2,
                    dilation * width // 2,
                ),
            },
        )


@exercise("A 1x1 convolution is a dense layer at each pixel")
def pixel_linear(answer):
    """answer(X, weight, bias) -> (B, c_out, H, W), against F.conv2d with the weight as a 1x1 kernel."""
    for shape, c_out, seed in [((1, 3, 2, 2), 3, 0), ((2, 3, 4, 5), 2, 1), ((3, 2, 1, 6), 4, 2)]:
        X, weight, bias = tensor(shape, seed=seed), tensor((c_out, shape[1]), seed=seed + 5), tensor(c_out, seed + 9)
        B, _, H, W = shape
        pixels = F.linear(X.permute(0, 2, 3, 1), weight, bias)
        expected = pixels.permute(0, 3, 1, 2)
        compare(
            run(answer, X, weight, bias),
            expected,
            case=f"X {shape}, weight {tuple(weight.shape)}",
            mistakes={
                "The bias is missing: each output channel has one number to add.": expected - bias[:, None, None],
                "The channels stand last. Put them back on axis 1: (B, c_out, H, W).": pixels,
                "The values are right and sit in wrong places: reshape does not move axes. Use permute.": (
                    pixels.reshape(B, c_out, H, W)
                ),
                "You cut X into pixels with reshape, which mixes channels and places. Use permute first.": F.linear(
                    X.reshape(B, H, W, -1), weight, bias
                ).permute(0, 3, 1, 2),
                "A dense layer has no activation of its own: leave ReLU to the next layer.": F.relu(expected),
                "You averaged over the picture. Each pixel is treated by itself.": expected.mean((2, 3), keepdim=True),
                "Height and width are swapped.": expected.transpose(2, 3),
                **_square(X, weight, bias),
            },
        )


def _square(X, weight, bias):
    """The slip that only a square weight allows."""
    if weight.shape[0] != weight.shape[1]:
        return {}
    wrong = F.conv2d(X, weight.T[..., None, None], bias)
    return {"You used the weight's columns. Row k holds the weights of output channel k.": wrong}


@exercise("The cost of an Inception block")
def block_cost(answer):
    """answer(c_in, channels, height, width) -> (parameters, multiply-adds), biases left out."""
    for c_in, channels, height, width in [
        (192, (64, 96, 128, 16, 32, 32), 28, 28),
        (256, (128, 128, 192, 32, 96, 64), 14, 28),
        (20, (3, 5, 7, 2, 11, 13), 6, 9),
    ]:
        compare(
            run(answer, c_in, channels, height, width),
            slips.cost(c_in, channels, height * width),
            case=f"c_in={c_in}, channels={channels}, {height} x {width}",
            mistakes=slips.wrong_costs(c_in, channels, height, width),
        )


@exercise("The Inception block")
def InceptionBlock(answer):  # noqa: N802 (the name of the learner's class)
    """answer(c_in, channels) -> nn.Module, against the block of the chapter: X (B, c_in, H, W), not square."""
    for c_in, channels in [(6, (8, 8, 8, 8, 8, 8)), (5, (4, 3, 6, 2, 5, 3))]:
        same_network(
            build(answer, c_in, channels),
            slips.Block(c_in, channels),
            tensor((2, c_in, 6, 9), seed=c_in),
            case=f"c_in={c_in}, channels={channels}",
            mistakes=slips.wrong_blocks(c_in, channels),
        )


@exercise("A row and a column in place of a square")
def asymmetric_parameters(answer):
    """answer(c_in, c_out, n) -> int, against the weights of two nn.Conv2d without biases."""
    for c_in, c_out, n in [(128, 128, 7), (160, 192, 7), (96, 64, 3)]:
        row, column = nn.Conv2d(c_in, c_out, (1, n), bias=False), nn.Conv2d(c_out, c_out, (n, 1), bias=False)
        compare(
            run(answer, c_in, c_out, n),
            row.weight.numel() + column.weight.numel(),
            case=f"c_in={c_in}, c_out={c_out}, n={n}",
            mistakes={
                "That is the square kernel, n x n, which we want to replace.": c_in * c_out * n * n,
                "You counted the row alone. The column comes after it.": c_in * c_out * n,
                "Both have c_in inputs in your count. The column reads what the row gives: c_out channels.": (
                    2 * c_in * c_out * n
                ),
                "You multiplied the two layers. One comes after the other: their weights add up.": (
                    c_in * c_out * n * c_out * c_out * n
                ),
                "You counted biases. Leave them out here.": c_in * c_out * n + c_out * c_out * n + 2 * c_out,
                "Your kernels are flat. Each output channel has a kernel for every input channel.": 2 * n * c_out,
                "The row keeps c_in channels in your count. It already gives c_out.": c_in * c_in * n
                + c_in * c_out * n,
            },
        )


@exercise("One step of evolution")
def evolve_step(answer):
    """answer(population, drawn, mutate, fitness) -> the next population, the oldest genome first."""
    for scores, drawn in [
        ([40, 70, 20, 80, 90], [1, 3, 2]),
        ([30, 10, 50, 60, 20], [4, 2]),
        ([90, 40, 60, 50, 70], [0, 1, 4]),
    ]:
        population = [((i, 2 * i), score) for i, score in enumerate(scores)]
        compare(
            run(answer, population, drawn, slips.mutate, slips.fitness),
            slips.next_population(population, drawn),
            case=f"population={population}, drawn={drawn}",
            mistakes=slips.wrong_populations(population, drawn),
        )
