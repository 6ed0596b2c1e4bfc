"""Wrong answers that learners give in chapter 12, each named for the mistake it makes."""

from itertools import groupby

import torch
from torch import nn

from utils.checks import _ch12_slips as slips


def _weight(arrange, **options):
    def answer(dense, shape):
        weight = arrange(dense.weight.detach(), len(dense.weight), *shape)
        return slips.convolution(dense, shape, weight=weight, **options)

    return answer


def _turned(dense, shape):
    C, H, W = shape
    conv = nn.Conv2d(C, dense.out_features, (W, H))
    conv.load_state_dict({"weight": dense.weight.view(-1, C, W, H), "bias": dense.bias})
    return conv


def _of_one_pixel(dense, shape):
    return nn.Conv2d(shape[0], dense.out_features, 1)


def _field(layers):
    return slips.places(10**4, layers)[0][1]


def _places(**turn):
    return lambda width, layers: slips.places(width, layers, **{name: f(layers) for name, f in turn.items()})


def _one_too_many(width, layers):
    step = slips.places(10**4, layers)[1][0]
    first, end = slips.places(width, layers)[-1]
    return [*slips.places(width, layers), (first + step, end + step)]


def _unmerged(answers, nothing):
    return [digit for digit in answers if digit != nothing]


def _without_single_windows(answers, nothing):
    runs = [(digit, len(list(run))) for digit, run in groupby(answers)]
    return [digit for digit, length in runs if digit != nothing and length > 1]


def _by_order_of_digits(written, read):
    shared = sum(min(written.count(digit), read.count(digit)) for digit in set(written))
    return max(len(written), len(read)) - shared


def _outline(height, width):
    return slips.frame(height, width, beside=False)


def _whole_inside(height, width):
    inside = 1.0 * (_outline(height, width) == 0)
    return _outline(height, width) - inside / inside.sum()


def _corners_twice(height, width):
    line = torch.zeros(height, width)
    for side in (line[:2], line[-2:], line[:, :2], line[:, -2:]):
        side += 1
    return line / line.sum() - slips.frame(height, width).clamp(max=0).abs()


WRONG = {
    "dense_to_conv": {
        "forgets the bias": lambda dense, shape: slips.convolution(dense, shape, bias=False),
        "channels last": _weight(lambda weight, N, C, H, W: weight.view(N, H, W, C).permute(0, 3, 1, 2)),
        "flips the kernel": _weight(lambda weight, N, C, H, W: weight.view(N, C, H, W).flip(2, 3)),
        "strides by the kernel": lambda dense, shape: slips.convolution(dense, shape, stride=shape[1:]),
        "pads": lambda dense, shape: slips.convolution(dense, shape, padding=(shape[1] // 2, shape[2] // 2)),
        "height and width swapped": _turned,
        "kernels of one pixel": _of_one_pixel,
        "new weights": lambda dense, shape: nn.Conv2d(shape[0], dense.out_features, shape[1:]),
        "gives the dense layer back": lambda dense, shape: dense,
        "gives the weight only": lambda dense, shape: dense.weight.view(-1, *shape),
    },
    "window_places": {
        "adds the strides": _places(step=lambda layers: sum(stride for _, stride in layers)),
        "the last stride only": _places(step=lambda layers: max(stride for _, stride in layers)),
        "every pixel": _places(step=lambda layers: 1),
        "a field without jumps": _places(field=lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers)),
        "the sum of the kernels": _places(field=lambda layers: sum(kernel for kernel, _ in layers)),
        "drops the last": lambda width, layers: slips.places(width, layers)[:-1],
        "one too many": _one_too_many,
        "last pixel included": lambda width, layers: [(a, b - 1) for a, b in slips.places(width, layers)],
        "middles": lambda width, layers: [(a + b) / 2 for a, b in slips.places(width, layers)],
        "side by side": _places(step=_field),
    },
    "collapse": {
        "drops before it merges": lambda answers, nothing: [d for d, _ in groupby(_unmerged(answers, nothing))],
        "does not merge": _unmerged,
        "keeps the nothings": lambda answers, nothing: [digit for digit, _ in groupby(answers)],
        "each digit once": lambda answers, nothing: list(dict.fromkeys(_unmerged(answers, nothing))),
        "sorts": lambda answers, nothing: sorted(slips.read(answers, nothing)),
        "needs two windows": _without_single_windows,
        "from right to left": lambda answers, nothing: slips.read(answers, nothing)[::-1],
        "0 is no digit": lambda answers, nothing: [digit for digit in slips.read(answers, nothing) if digit],
        "gives a text": lambda answers, nothing: "".join(map(str, slips.read(answers, nothing))),
    },
    "best_path": {
        "all above 0": lambda gain, least: [t for t, value in enumerate(gain) if value > 0],
        "largest first": slips.greedy,
        "from the left": slips.from_the_left,
        "one column too far": lambda gain, least: slips.path(gain, least + 1),
        "too close": lambda gain, least: slips.path(gain, max(1, least - 1)),
        "counts from 1": lambda gain, least: [t + 1 for t in slips.path(gain, least)],
        "last first": lambda gain, least: slips.path(gain, least)[::-1],
        "the score": lambda gain, least: sum(gain[t] for t in slips.path(gain, least)),
        "negative gains": lambda gain, least: slips.path([abs(value) for value in gain], least),
        "a tensor": lambda gain, least: torch.tensor(slips.path(gain, least)),
    },
    "count_mistakes": {
        "as far as both go": slips.different,
        "place by place": lambda written, read: slips.different(written, read) + abs(len(written) - len(read)),
        "misread counts twice": lambda written, read: slips.distance(written, read, swap=2),
        "lengths": lambda written, read: abs(len(written) - len(read)),
        "without order": _by_order_of_digits,
        "what is right": lambda written, read: max(len(written), len(read)) - slips.distance(written, read),
        "right or wrong": lambda written, read: int(written != read),
        "a share": lambda written, read: slips.distance(written, read) / len(written),
    },
    "frame_kernel": {
        "nothing taken off": _outline,
        "not balanced": lambda height, width: slips.frame(height, width, mean=False),
        "a filled box": lambda height, width: torch.full((height, width), 1 / (height * width)),
        "the whole inside": _whole_inside,
        "corners twice": _corners_twice,
        "one pixel wide": lambda height, width: slips.frame(height, width, thick=1),
        "signs turned": lambda height, width: -slips.frame(height, width),
        "height and width swapped": lambda height, width: slips.frame(width, height),
    },
}
