"""Wrong turns in chapter 13 and the results they lead to: for its checks to recognise."""

import torch
import torch.nn.functional as F
from torch import nn


def channels(c_in, growth, depths, keeps=1, halves=2, after_last=False, transitions=True, blocks=True, layers=1):
    """Channels after each block and transition; the defaults are right, the options are wrong turns."""
    found = []
    for i, depth in enumerate(depths):
        c_in = keeps * c_in + growth * depth**layers
        found += [c_in] * blocks
        if i < len(depths) - 1 or after_last:
            c_in //= halves
            found += [c_in] * transitions
    return found


def wrong_channels(c_in, growth, depths):
    """Message -> wrong list."""

    def wrong(**turn):
        return channels(c_in, growth, depths, **turn)

    return {
        "A block keeps what came in and adds to it: you left the input's channels out.": wrong(keeps=0),
        "Every layer of a block adds `growth` channels; you added them once for the whole block.": wrong(layers=0),
        "A transition stands between two blocks. There is none after the last.": wrong(after_last=True),
        "A transition halves the channels before the next block begins: yours does not.": wrong(halves=1),
        "Your transitions do not halve the channels, and they are missing from your list.": wrong(
            halves=1, transitions=False
        ),
        "Your list has the blocks only. Put the channels after each transition into it too.": wrong(transitions=False),
        "Your list has the transitions only. Put the channels after each block into it too.": wrong(blocks=False),
        "Your list begins with the input. Begin after the first block.": [c_in, *wrong()],
        "You returned the last number only. Return all of them as a list.": wrong()[-1],
    }


def separable_weights(c_in, c_out, kernel):
    """Weights of the depthwise and the pointwise convolution."""
    return kernel**2 * c_in + c_in * c_out


def wrong_costs(c_in, c_out, kernel, height, width):
    """Message -> (parameters, multiply-adds)."""
    places, area = height * width, kernel**2

    def cost(weights):
        return weights, weights * places

    right = separable_weights(c_in, c_out, kernel)
    return {
        "That is the ordinary convolution, which we want to replace.": cost(area * c_in * c_out),
        "You counted the depthwise step alone. The 1 x 1 that mixes the channels comes after it.": cost(area * c_in),
        "You counted the 1 x 1 alone. The depthwise step comes before it.": cost(c_in * c_out),
        "A depthwise kernel looks into one channel: kernel x kernel weights for each channel, not times c_in again.": (
            cost(area * c_in**2 + c_in * c_out)
        ),
        "The depthwise step has as many channels as come in, c_in. Only the 1 x 1 makes c_out of them.": cost(
            area * c_out + c_in * c_out
        ),
        "You multiplied the two steps. They come one after the other: their costs add up.": cost(
            area * c_in * c_in * c_out
        ),
        "You took the kernel's side for its area. A kernel has kernel x kernel weights.": cost(
            kernel * c_in + c_in * c_out
        ),
        "The parameters are right. For the multiply-adds, each weight is used at every one of height x width places.": (
            right,
            right,
        ),
        "You counted the places along one side only. There are height x width of them.": (right, right * height),
        "You counted biases. Leave them out here.": cost(right + c_in + c_out),
        "Return the parameters first, then the multiply-adds.": (right * places, right),
    }


class Block(nn.Module):
    """MobileNet v2's block; the defaults are right, the options are wrong turns."""

    def __init__(
        self,
        c_in,
        c_out,
        stride,
        expansion,
        activation=nn.ReLU6,
        last=nn.Identity,
        norm=nn.BatchNorm2d,
        depthwise=True,
        adds=True,
        stride_at=1,
        inner=None,
    ):
        super().__init__()
        inner = inner or c_in * expansion
        strides = [stride if i == stride_at else 1 for i in range(3)]
        groups = inner if depthwise else 1
        convs = [
            nn.Conv2d(c_in, inner, 1, strides[0], bias=False),
            nn.Conv2d(inner, inner, 3, strides[1], padding=1, groups=groups, bias=False),
            nn.Conv2d(inner, c_out, 1, strides[2], bias=False),
        ]
        after = [activation, activation, last]
        self.layers = nn.Sequential(
            *(part for conv, act in zip(convs, after, strict=True) for part in (conv, norm(conv.out_channels), act()))
        )
        self.residual = adds and stride == 1 and c_in == c_out

    def forward(self, X):
        return X + self.layers(X) if self.residual else self.layers(X)


def wrong_blocks(*size):
    """Message -> function that builds the wrong block."""
    _, c_out, _, expansion = size
    turns = {
        "There is an activation after the last 1 x 1. The narrow end is linear: batch norm, and nothing more.": {
            "last": nn.ReLU6
        },
        "There is a ReLU after the last 1 x 1. The narrow end is linear: batch norm, and nothing more.": {
            "last": nn.ReLU
        },
        "Your activations are ReLU. MobileNet v2 has ReLU6, which stops at 6.": {"activation": nn.ReLU},
        "Your 3 x 3 is not depthwise: give it groups equal to its channels.": {"depthwise": False},
        "Your block never adds its input. Add it where stride is 1 and c_in equals c_out.": {"adds": False},
        "The stride stands in the first 1 x 1. It belongs to the depthwise 3 x 3.": {"stride_at": 0},
        "You did not use the stride. It belongs to the depthwise 3 x 3.": {"stride_at": 3},
        "There is no batch norm. Put one after each of the three convolutions.": {"norm": nn.Identity},
        "There is no activation inside: one stands after the first 1 x 1, one after the 3 x 3.": {
            "activation": nn.Identity
        },
        "The inside of your block is expansion x c_out wide. It should be expansion x c_in.": {
            "inner": c_out * expansion
        },
    }
    return {message: lambda turn=turn: Block(*size, **turn) for message, turn in turns.items()}


def wrong_shuffles(X, groups):
    """Message -> wrong tensor."""
    B, C, H, W = X.shape
    size = C // groups
    return {
        "Nothing was shuffled: reshape alone keeps the order. Between the two reshapes two axes must be swapped.": X,
        "That is the way back. Cut the channels into `groups` groups of C // groups: (groups, C // groups).": (
            F.channel_shuffle(X, size)
        ),
        "The groups changed places, and stayed whole inside. Take one channel of each group in turn.": (
            X.view(B, groups, size, H, W).flip(1).reshape(B, C, H, W)
        ),
        "You turned the order of the channels round. Take one channel of each group in turn.": X.flip(1),
        "Each group was turned round by itself. Take one channel of each group in turn.": (
            X.view(B, groups, size, H, W).flip(2).reshape(B, C, H, W)
        ),
        "You shuffled with two groups. There are `groups` of them.": F.channel_shuffle(X, 2),
        "The channels are shuffled, and the pixels too: swap axes 1 and 2 of (B, groups, C // groups, H, W).": (
            X.view(B, groups, size, H, W).permute(0, 2, 1, 4, 3).reshape(B, C, H, W)
        ),
        "You moved the channels by one group. Take one channel of each group in turn.": X.roll(size, 1),
    }


# One that is best in both, a point that wins nothing by itself, ties in one number, and equal pairs.
POINTS = [
    {"slow": (1, 60), "best": (9, 90), "fast": (8, 80)},
    {"a": (10, 70), "b": (20, 60), "c": (5, 80), "d": (8, 65)},
    {"a": (10, 70), "b": (10, 60), "c": (30, 50), "d": (20, 50), "e": (15, 65)},
    {"a": (4, 70), "twin": (4, 70), "b": (3, 72), "c": (2, 75), "d": (1, 10)},
]


def unbeaten(points, beats=None):
    """Names of the points that no other beats."""

    def better(a, b):
        return a[0] >= b[0] and a[1] >= b[1] and a != b

    beats = beats or better
    return [name for name, p in points.items() if not any(beats(q, p) for q in points.values())]


def wrong_fronts(points):
    """Message -> wrong list."""
    right = unbeaten(points)
    fastest = max(points, key=lambda name: points[name][0])
    return {
        "Equal in one and better in the other is enough to beat: your rule asks for better in both.": unbeaten(
            points, lambda q, p: q[0] > p[0] and q[1] > p[1]
        ),
        "You dropped networks that are beaten in one of the two only. To be beaten, both must be as good or better.": (
            unbeaten(points, lambda q, p: q[0] > p[0] or q[1] > p[1])
        ),
        "Every network is as good as itself. To beat it, another must be better in at least one.": unbeaten(
            points, lambda q, p: q[0] >= p[0] and q[1] >= p[1]
        ),
        "You looked for the slow and the inaccurate. Larger is better, in both numbers.": unbeaten(
            points, lambda q, p: q[0] <= p[0] and q[1] <= p[1] and q != p
        ),
        "You kept the fastest and the most accurate only. Those between them may be unbeaten too.": [
            name for name in points if name in {fastest, max(points, key=lambda name: points[name][1])}
        ],
        "The names are right, their order is not: keep the order of `points`.": sorted(
            right, key=lambda name: points[name]
        ),
        "The names are right, and sorted. Keep the order of `points`.": sorted(right),
        "You kept one of two equal networks. Neither of them beats the other.": [
            name for i, name in enumerate(right) if points[name] not in [points[other] for other in right[:i]]
        ],
        "These are the networks that are beaten. Return the others.": [name for name in points if name not in right],
    }


def _ballots():
    """Three voters, six images, three classes: no two ways of counting agree on all of them."""
    outweighed = [[0.5, 0.4, 0.1], [0.5, 0.4, 0.1], [0.0, 0.9, 0.1]]  # the mean gives 1
    vetoed = [[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.0, 0.4, 0.6]]  # the product gives 1
    one_is_sure = [[0.55, 0.45, 0.0], [0.55, 0.45, 0.0], [0.2, 0.1, 0.7]]
    first_is_alone = [[0.2, 0.5, 0.3], [0.3, 0.1, 0.6], [0.2, 0.2, 0.6]]
    ties = [
        [[0.35, 0.25, 0.4], [0.5, 0.45, 0.05], [0.05, 0.9, 0.05]],
        [[0.4, 0.3, 0.3], [0.05, 0.9, 0.05], [0.3, 0.1, 0.6]],
    ]
    return torch.tensor([outweighed, vetoed, one_is_sure, first_is_alone, *ties]).transpose(0, 1).contiguous()


BALLOTS = _ballots()


def _counts(probabilities):
    return F.one_hot(probabilities.argmax(2), probabilities.shape[2]).sum(0)


def elected(probabilities):
    """Class with the most votes for each image; among equal ones the one with the largest mean probability."""
    return (_counts(probabilities) + probabilities.mean(0) / 2).argmax(1)


def wrong_votes(probabilities):
    """Message -> wrong classes."""
    counts, voters = _counts(probabilities), probabilities.argmax(2)
    tied = counts == counts.max(1, keepdim=True).values
    return {
        "You took the mean of the probabilities. Here every network has one vote, however sure it is.": (
            probabilities.mean(0).argmax(1)
        ),
        "You multiplied the probabilities. Here every network has one vote, however sure it is.": (
            probabilities.log().sum(0).argmax(1)
        ),
        "Ties go to the smallest class in your vote. They go to the tied class with the largest mean probability.": (
            counts.argmax(1)
        ),
        "Ties go to the largest class in your vote. They go to the tied class with the largest mean probability.": (
            probabilities.shape[2] - 1 - counts.flip(1).argmax(1)
        ),
        "With no clear winner you took the mean over all classes: only those with the most votes may win.": torch.where(
            tied.sum(1) > 1, probabilities.mean(0).argmax(1), counts.argmax(1)
        ),
        "Ties go to the first network in your vote, not to the class with the largest mean probability.": torch.where(
            tied.sum(1) > 1, voters[0], counts.argmax(1)
        ),
        "You followed the surest network of each image. Every network has one vote.": (
            probabilities.max(0).values.argmax(1)
        ),
        "That is the first network's opinion. Ask all of them.": voters[0],
        "You took the median of the classes. Classes are names: 2 does not lie between 1 and 3.": (
            voters.median(0).values
        ),
        "You returned every network's class. One answer for each image is wanted: (B,).": voters,
        "You returned how many votes there were. The class is wanted.": counts.max(1).values,
        "You returned the votes for every class. The class with the most is wanted: argmax over axis 1.": counts,
    }
