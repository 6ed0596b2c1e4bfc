"""Wrong turns in chapter 12 and the results they lead to: for its checks to recognise."""

from itertools import groupby

import torch
from torch import nn


def convolution(dense, shape, *, weight=None, bias=True, **options):
    """The convolution of a dense layer behind maps (C, H, W); the further options are wrong turns."""
    C, H, W = shape
    made = nn.Conv2d(C, dense.out_features, (H, W), bias=bias, **options)
    with torch.no_grad():
        made.weight.copy_(dense.weight.view(-1, C, H, W) if weight is None else weight)
        if bias:
            made.bias.copy_(dense.bias)
    return made


def wrong_convolutions(dense, shape):
    """Message -> convolution that a mistake leads to."""
    C, H, W = shape
    N, weight = dense.out_features, dense.weight.detach()
    plain = weight.view(N, C, H, W)
    made = {
        "The bias is missing: copy it, too.": convolution(dense, shape, bias=False),
        "The weights sit in wrong places: flattening goes channel by channel, so view them as (N, C, H, W).": (
            convolution(dense, shape, weight=weight.view(N, H, W, C).permute(0, 3, 1, 2))
        ),
        "You turned the kernels round. Libraries multiply without flipping (chapter 01).": convolution(
            dense, shape, weight=plain.flip(2, 3)
        ),
        "Your kernel jumps by its own size. It has to look at every place: stride 1.": convolution(
            dense, shape, stride=(H, W)
        ),
        "You padded. A window that hangs over the edge is none that the dense layer ever saw.": convolution(
            dense, shape, padding=(H // 2, W // 2)
        ),
    }
    if H != W:
        turned = nn.Conv2d(C, N, (W, H))
        turned.load_state_dict({"weight": weight.view(N, C, W, H), "bias": dense.bias.detach()})
        made["Height and width of the kernel are swapped: shape is (C, H, W)."] = turned
    return made


def places(width, layers, *, field=None, step=None):
    """(first, behind the last) pixel of each window along a line; `field` and `step` may be wrong ones."""
    reach, jump = 1, 1
    for kernel, stride in layers:
        reach += (kernel - 1) * jump
        jump *= stride
    field, step = field or reach, step or jump
    return [(first, first + field) for first in range(0, width - field + 1, step)]


def wrong_places(width, layers):
    """Message -> list of windows."""
    right = places(width, layers)
    field, step = right[0][1], places(width + 99, layers)[1][0]
    return {
        "The step of the pass is the product of all strides, not their sum.": places(
            width, layers, step=sum(stride for _, stride in layers)
        ),
        "The step of the pass is the product of all strides. You took that of one layer.": places(
            width, layers, step=max(stride for _, stride in layers)
        ),
        "You moved by one pixel. Every stride on the way makes the step of the pass larger.": places(
            width, layers, step=1
        ),
        "Your field is too small. A layer adds (kernel - 1) times the product of the strides before it.": (
            places(width, layers, field=1 + sum(kernel - 1 for kernel, _ in layers))
        ),
        "You added the kernels up. Windows overlap: a layer adds kernel - 1, times the strides before it.": (
            places(width, layers, field=sum(kernel for kernel, _ in layers))
        ),
        "The last window is missing: it may end exactly where the line ends.": right[:-1],
        "Your last window hangs over the end of the line. Leave it out.": [
            *right,
            (right[-1][0] + step, right[-1][0] + step + field),
        ],
        "Your second number is the last pixel of the window. Give the one after it.": [(a, b - 1) for a, b in right],
        "Give where each window begins and ends, not its middle.": [(a + b) / 2 for a, b in right],
        "Your windows stand side by side. They may overlap: the step is the product of all strides.": places(
            width, layers, step=field
        ),
    }


def read(answers, nothing):
    """Repetitions said once, nothings left out."""
    return [digit for digit, _ in groupby(answers) if digit != nothing]


def wrong_readings(answers, nothing):
    """Message -> list of digits."""
    kept = [digit for digit in answers if digit != nothing]
    runs = [(digit, len(list(run))) for digit, run in groupby(answers)]
    return {
        "You left the nothings out before you merged: then two equal digits become one. Merge first.": [
            digit for digit, _ in groupby(kept)
        ],
        "You did not merge: a digit that two windows see is one digit.": kept,
        "The nothings are still there: leave them out at the end.": [digit for digit, _ in groupby(answers)],
        "Each digit may come several times in an amount: you kept only its first place.": list(dict.fromkeys(kept)),
        "The order of the amount is lost: do not sort.": sorted(read(answers, nothing)),
        "You dropped digits that only one window sees. They count, too.": [
            digit for digit, length in runs if digit != nothing and length > 1
        ],
        "You read from right to left. Keep the order of the columns.": read(answers, nothing)[::-1],
        "You returned a text. Return a list of digits.": "".join(map(str, read(answers, nothing))),
        "0 is a digit: only `nothing` is left out.": [digit for digit in read(answers, nothing) if digit != 0],
    }


def path(gain, least):
    """Columns of the best path, by dynamic programming."""
    best, taken = [0.0], []
    for t, value in enumerate(gain):
        score = value + best[max(0, t + 1 - least)]
        taken.append(score > best[-1])
        best.append(max(best[-1], score))
    columns, t = [], len(gain) - 1
    while t >= 0:
        if taken[t]:
            columns.append(t)
        t -= least if taken[t] else 1
    return columns[::-1]


def greedy(gain, least):
    """The largest gain first, then the largest that is far enough from all chosen ones."""
    chosen = []
    for t in sorted(range(len(gain)), key=lambda t: -gain[t]):
        if gain[t] > 0 and all(abs(t - other) >= least for other in chosen):
            chosen.append(t)
    return sorted(chosen)


def from_the_left(gain, least):
    """The first gain above 0, then the next that is far enough."""
    chosen = []
    for t, value in enumerate(gain):
        if value > 0 and (not chosen or t - chosen[-1] >= least):
            chosen.append(t)
    return chosen


def wrong_paths(gain, least):
    """Message -> list of columns."""
    right = path(gain, least)
    return {
        "You took every gain above 0. Digits that stand too close are one digit seen twice.": [
            t for t, value in enumerate(gain) if value > 0
        ],
        "You took the largest gain first. Two smaller ones beside it may be worth more together.": (
            greedy(gain, least)
        ),
        "You went from left to right and took what came first. A later column may be worth more.": from_the_left(
            gain, least
        ),
        "Columns `least` apart are far enough from each other; you asked for one more.": path(gain, least + 1),
        "You let columns lie too close together. They must be at least `least` apart.": path(gain, max(1, least - 1)),
        "You counted the columns from 1. Count from 0.": [t + 1 for t in right],
        "The order is turned round: following back, you met the last one first.": right[::-1],
        "That is the score of the best path. Return its columns.": sum(gain[t] for t in right),
        "You took negative gains, too: there, reading nothing is better.": path([abs(value) for value in gain], least),
    }


def distance(written, read, swap=1):
    """Fewest single mistakes between two texts; a misread digit costs `swap`."""
    row = list(range(len(read) + 1))
    for i, right in enumerate(written, 1):
        following = [i]
        for j, got in enumerate(read, 1):
            following.append(min(row[j - 1] + swap * (right != got), row[j] + 1, following[j - 1] + 1))
        row = following
    return row[-1]


def different(written, read):
    """Places at which two texts differ, as far as both go."""
    return sum(a != b for a, b in zip(written, read, strict=False))


def wrong_counts(written, read):
    """Message -> number of mistakes."""
    shared = sum(min(written.count(digit), read.count(digit)) for digit in set(written))
    longest = max(len(written), len(read))
    return {
        "You compared place by place, and forgot what is left over of the longer text.": different(written, read),
        "You compared place by place. One missed digit then makes everything behind it wrong, though it was read.": (
            different(written, read) + abs(len(written) - len(read))
        ),
        "A misread digit is one mistake, not one missed and one invented.": distance(written, read, swap=2),
        "You compared lengths only. Digits can be misread too.": abs(len(written) - len(read)),
        "You compared which digits occur, without their order. The order counts too.": longest - shared,
        "You counted what is right. Count the mistakes.": longest - distance(written, read),
        "You returned the share of mistakes. Return their number.": distance(written, read) / len(written),
        "Whether they are equal is not enough: count the mistakes.": int(written != read),
    }


def frame(height, width, *, thick=2, beside=True, mean=True):
    """Kernel of a frame; the further options are wrong turns."""

    def filled(margin):
        kernel = torch.zeros(height, width)
        kernel[margin : height - margin, margin : width - margin] = 1
        return kernel

    line, inside = filled(0) - filled(thick), filled(thick) - filled(2 * thick)
    if mean:
        line, inside = line / line.sum(), inside / inside.sum()
    return line - inside if beside else line


def wrong_frames(height, width):
    """Message -> kernel."""
    box = torch.full((height, width), 1 / (height * width))
    line = torch.zeros(height, width)
    line[:2] += 1
    line[-2:] += 1
    line[:, :2] += 1
    line[:, -2:] += 1
    outline = frame(height, width, beside=False)
    rest = 1.0 * (outline == 0)
    return {
        "You subtracted nothing, so evenly dark paper answers as well as a frame. Subtract the mean along its inner "
        "side.": (outline),
        "Divide by the number of pixels, on the line and beside it: otherwise they do not balance.": (
            frame(height, width, mean=False)
        ),
        "That is a filled box. Only the frame is printed.": box,
        "You subtracted the whole inside. Handwriting lies there: only the two pixels beside the line count.": (
            outline - rest / rest.sum()
        ),
        "The corners count twice in your kernel. Each pixel counts once.": line / line.sum()
        - frame(height, width).clamp(max=0).abs(),
        "Your frame is one pixel wide. It should be two, and so should the strip beside it.": frame(
            height, width, thick=1
        ),
        "The signs are turned round: ink is positive here, so the line has to be positive too.": -frame(height, width),
        "Height and width are swapped.": frame(width, height),
    }
