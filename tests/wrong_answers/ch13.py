"""Wrong answers that learners give in chapter 13, each named for the mistake it makes."""

import torch
from torch import nn


def _channels(keeps=True, every_layer=True, transition=lambda i, last: i < last, halves=2, list_both=True, start=()):
    def answer(c_in, growth, depths):
        found = [c_in] if start else []
        for i, depth in enumerate(depths):
            c_in = c_in * keeps + growth * (depth if every_layer else 1)
            found.append(c_in)
            if transition(i, len(depths) - 1):
                c_in //= halves
                found += [c_in] * list_both
        return found

    return answer


def _one_number(c_in, growth, depths):
    return _channels()(c_in, growth, depths)[-1]


def _cost(params, macs=lambda params, height, width: params * height * width, swapped=False):
    def answer(c_in, c_out, kernel, height, width):
        count = params(c_in, c_out, kernel)
        both = count, macs(count, height, width)
        return both[::-1] if swapped else both

    return answer


def _separable(c_in, c_out, kernel):
    return kernel**2 * c_in + c_in * c_out


def _block(
    activation=nn.ReLU6, end=(), groups=lambda inner: inner, adds=lambda fits: fits, strides="-s-", norm=True, wide=None
):
    class Answer(nn.Module):
        def __init__(self, c_in, c_out, stride, expansion):
            super().__init__()
            inner = (wide or (lambda c_in, c_out: c_in))(c_in, c_out) * expansion
            steps = [stride if mark == "s" else 1 for mark in strides]
            self.parts = nn.Sequential(
                nn.Conv2d(c_in, inner, 1, steps[0], bias=False),
                *([nn.BatchNorm2d(inner)] if norm else []),
                activation(),
                nn.Conv2d(inner, inner, 3, steps[1], padding=1, groups=groups(inner), bias=False),
                *([nn.BatchNorm2d(inner)] if norm else []),
                activation(),
                nn.Conv2d(inner, c_out, 1, steps[2], bias=False),
                *([nn.BatchNorm2d(c_out)] if norm else []),
                *(layer() for layer in end),
            )
            self.adds = adds(stride == 1 and c_in == c_out)

        def forward(self, X):
            return X + self.parts(X) if self.adds else self.parts(X)

    return Answer


def _shuffle(cut=lambda C, groups: (groups, C // groups), change=lambda X: X.transpose(1, 2)):
    def answer(X, groups):
        B, C, H, W = X.shape
        return change(X.view(B, *cut(C, groups), H, W)).reshape(B, C, H, W)

    return answer


def _shuffle_in_place(X, groups):
    X.copy_(_shuffle()(X, groups))
    return X


def _front(beats):
    def answer(points):
        return [name for name, p in points.items() if not any(beats(q, p) for q in points.values())]

    return answer


def _beats(q, p):
    return q[0] >= p[0] and q[1] >= p[1] and q != p


def _extremes(points):
    fastest = max(points, key=lambda name: points[name][0])
    best = max(points, key=lambda name: points[name][1])
    return [name for name in points if name in (fastest, best)]


def _votes(probabilities):
    return nn.functional.one_hot(probabilities.argmax(2), probabilities.shape[2]).sum(0)


def _vote_with_mean_in_doubt(probabilities):
    votes = _votes(probabilities)
    tied = (votes == votes.max(1, keepdim=True).values).sum(1) > 1
    return torch.where(tied, probabilities.mean(0).argmax(1), votes.argmax(1))


def _vote_with_the_first_in_doubt(probabilities):
    votes = _votes(probabilities)
    tied = (votes == votes.max(1, keepdim=True).values).sum(1) > 1
    return torch.where(tied, probabilities[0].argmax(1), votes.argmax(1))


WRONG = {
    "dense_channels": {
        "loses the input": _channels(keeps=False),
        "adds the growth once a block": _channels(every_layer=False),
        "has a transition behind the last block": _channels(transition=lambda i, last: True),
        "does not halve": _channels(halves=1),
        "leaves the transitions out of the list": _channels(list_both=False),
        "neither halves nor lists the transitions": _channels(halves=1, list_both=False),
        "lists the transitions only": lambda c_in, growth, depths: _channels()(c_in, growth, depths)[1::2],
        "begins with the input": _channels(start=(1,)),
        "returns the last number": _one_number,
    },
    "separable_cost": {
        "counts the ordinary convolution": _cost(lambda c_in, c_out, kernel: kernel**2 * c_in * c_out),
        "counts the depthwise step": _cost(lambda c_in, c_out, kernel: kernel**2 * c_in),
        "counts the 1 x 1": _cost(lambda c_in, c_out, kernel: c_in * c_out),
        "lets each depthwise kernel see all channels": _cost(
            lambda c_in, c_out, kernel: kernel**2 * c_in**2 + c_in * c_out
        ),
        "gives the depthwise step c_out channels": _cost(lambda c_in, c_out, kernel: kernel**2 * c_out + c_in * c_out),
        "multiplies the steps": _cost(lambda c_in, c_out, kernel: kernel**2 * c_in * c_in * c_out),
        "does not square the kernel": _cost(lambda c_in, c_out, kernel: kernel * c_in + c_in * c_out),
        "forgets the places": _cost(_separable, macs=lambda params, height, width: params),
        "counts places along one side": _cost(_separable, macs=lambda params, height, width: params * height),
        "counts biases": _cost(lambda c_in, c_out, kernel: _separable(c_in, c_out, kernel) + c_in + c_out),
        "returns the multiply-adds first": _cost(_separable, swapped=True),
    },
    "InvertedResidual": {
        "ends in a ReLU6": _block(end=[nn.ReLU6]),
        "uses ReLU": _block(activation=nn.ReLU),
        "is not depthwise": _block(groups=lambda inner: 1),
        "never adds": _block(adds=lambda fits: False),
        "always adds": _block(adds=lambda fits: True),
        "strides in the first 1 x 1": _block(strides="s--"),
        "never strides": _block(strides="---"),
        "has no batch norm": _block(norm=False),
        "has no activation": _block(activation=nn.Identity),
        "widens c_out": _block(wide=lambda c_in, c_out: c_out),
    },
    "channel_shuffle": {
        "only reshapes": _shuffle(change=lambda X: X),
        "cuts the wrong way": _shuffle(cut=lambda C, groups: (C // groups, groups)),
        "swaps whole groups": _shuffle(change=lambda X: X.flip(1)),
        "turns the channels round": lambda X, groups: X.flip(1),
        "turns each group round": _shuffle(change=lambda X: X.flip(2)),
        "takes two groups": _shuffle(cut=lambda C, groups: (2, C // 2)),
        "shuffles the pixels too": _shuffle(change=lambda X: X.permute(0, 2, 1, 4, 3)),
        "rolls the channels": lambda X, groups: X.roll(X.shape[1] // groups, 1),
        "writes into its input": _shuffle_in_place,
    },
    "pareto": {
        "asks for better in both": _front(lambda q, p: q[0] > p[0] and q[1] > p[1]),
        "asks for better in one": _front(lambda q, p: q[0] > p[0] or q[1] > p[1]),
        "lets each beat itself": _front(lambda q, p: q[0] >= p[0] and q[1] >= p[1]),
        "wants small numbers": _front(lambda q, p: q[0] <= p[0] and q[1] <= p[1] and q != p),
        "keeps the extremes": _extremes,
        "sorts by speed": lambda points: sorted(_front(_beats)(points), key=lambda name: points[name]),
        "sorts by name": lambda points: sorted(_front(_beats)(points)),
        "returns the beaten": lambda points: [name for name in points if name not in _front(_beats)(points)],
        "returns a set": lambda points: set(_front(_beats)(points)),
        "keeps one of two equals": lambda points: list(
            {points[name]: name for name in reversed(_front(_beats)(points))}.values()
        )[::-1],
    },
    "vote": {
        "averages the probabilities": lambda probabilities: probabilities.mean(0).argmax(1),
        "multiplies the probabilities": lambda probabilities: probabilities.log().sum(0).argmax(1),
        "gives ties to the smallest class": lambda probabilities: _votes(probabilities).argmax(1),
        "gives ties to the largest class": lambda probabilities: (
            _votes(probabilities) + torch.arange(probabilities.shape[2]) / probabilities.shape[2]
        ).argmax(1),
        "takes the mean of all classes in doubt": _vote_with_mean_in_doubt,
        "takes the first network in doubt": _vote_with_the_first_in_doubt,
        "follows the surest": lambda probabilities: probabilities.max(0).values.argmax(1),
        "asks one network": lambda probabilities: probabilities[0].argmax(1),
        "takes the median": lambda probabilities: probabilities.argmax(2).median(0).values,
        "returns all opinions": lambda probabilities: probabilities.argmax(2),
        "returns the number of votes": lambda probabilities: _votes(probabilities).max(1).values,
        "returns the votes": _votes,
        "returns floats": lambda probabilities: (_votes(probabilities) + probabilities.mean(0) / 2).argmax(1).float(),
    },
}
