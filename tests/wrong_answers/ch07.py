"""Wrong answers that learners give in chapter 07, each named for the mistake it makes."""

import torch.nn.functional as F
from torch import nn

from utils.checks import _ch07_slips as slips


def _lost(kernel_size, dilation):
    return tuple(dilation * (side - 1) for side in kernel_size)


def _pixels(X, weight, bias):
    return F.linear(X.permute(0, 2, 3, 1), weight, bias)


def _cost(c_in, channels, height, width, weights, places=None):
    return weights, weights * (height * width if places is None else places)


def _right_weights(c_in, channels):
    return slips.cost(c_in, channels, 1)[0]


def _without_reductions(c_in, channels, height, width):
    a, b1, b2, c1, c2, d = channels
    return _cost(c_in, channels, height, width, c_in * a + 9 * b1 * b2 + 25 * c1 * c2 + c_in * d)


def _wide_kernels(c_in, channels, height, width):
    a, _, b2, _, c2, d = channels
    return _cost(c_in, channels, height, width, c_in * (a + 9 * b2 + 25 * c2 + d))


def _without_the_pool_path(c_in, channels, height, width):
    return _cost(c_in, channels, height, width, _right_weights(c_in, channels) - c_in * channels[-1])


def _flat_kernels(c_in, channels, height, width):
    a, b1, b2, c1, c2, d = channels
    return _cost(c_in, channels, height, width, c_in * (a + b1 + c1 + d) + 3 * b1 * b2 + 5 * c1 * c2)


def _class(**slip):
    return lambda c_in, channels: slips.Block(c_in, channels, **slip)


class _HalvingPool(slips.Block):
    def __init__(self, c_in, channels):
        super().__init__(c_in, channels)
        self.paths[3][0] = nn.MaxPool2d(3, padding=1)


class _OneReduction(slips.Block):
    """The 3x3 reads X itself."""

    def __init__(self, c_in, channels):
        super().__init__(c_in, channels)
        self.paths[1] = nn.Sequential(nn.Conv2d(c_in, channels[2], 3, padding=1), nn.ReLU())


def _step(**slip):
    return lambda population, drawn, mutate, fitness: slips.next_population(population, drawn, **slip)


def _worst_goes(population, drawn, mutate, fitness):
    scores = [score for _, score in population]
    return slips.next_population(population, drawn, gone=scores.index(min(scores)))


def _in_place(population, drawn, mutate, fitness):
    following = slips.next_population(population, drawn)
    population[:] = following
    return following


def _nobody_goes(population, drawn, mutate, fitness):
    return [*population, slips.next_population(population, drawn)[-1]]


def _childless(population, drawn, mutate, fitness):
    parent = max((population[i] for i in drawn), key=lambda one: one[1])[0]
    return [*population[1:], (parent, fitness(parent))]


def _parents_score(population, drawn, mutate, fitness):
    genome, score = max((population[i] for i in drawn), key=lambda one: one[1])
    return [*population[1:], (mutate(genome), score)]


def _parent_goes(population, drawn, mutate, fitness):
    parent = max((population[i] for i in drawn), key=lambda one: one[1])
    child = mutate(parent[0])
    return [*(one for one in population if one != parent), (child, fitness(child))]


def _youngest_first(population, drawn, mutate, fitness):
    return [slips.next_population(population, drawn)[-1], *population[:-1]]


def _genome_only(population, drawn, mutate, fitness):
    return [*population[1:], slips.next_population(population, drawn)[-1][0]]


WRONG = {
    "same_padding": {
        "pads all that is lost on each side": _lost,
        "ignores the dilation": lambda kernel_size, dilation: tuple((side - 1) // 2 for side in kernel_size),
        "uses the height twice": lambda kernel_size, dilation: (_lost(kernel_size, dilation)[0] // 2,) * 2,
        "uses the width twice": lambda kernel_size, dilation: (_lost(kernel_size, dilation)[1] // 2,) * 2,
        "columns first": lambda kernel_size, dilation: tuple(x // 2 for x in _lost(kernel_size, dilation))[::-1],
        "rounds up": lambda kernel_size, dilation: tuple(x // 2 + 1 for x in _lost(kernel_size, dilation)),
        "stretches the last tap too": lambda kernel_size, dilation: tuple(dilation * side // 2 for side in kernel_size),
        "gives floats": lambda kernel_size, dilation: tuple(x / 2 for x in _lost(kernel_size, dilation)),
    },
    "pixel_linear": {
        "forgets the bias": lambda X, weight, bias: F.conv2d(X, weight[..., None, None]),
        "leaves the channels last": _pixels,
        "reshapes back": lambda X, weight, bias: _pixels(X, weight, bias).reshape(len(X), len(weight), *X.shape[2:]),
        "reshapes at first": lambda X, weight, bias: F.linear(
            X.reshape(len(X), *X.shape[2:], -1), weight, bias
        ).permute(0, 3, 1, 2),
        "averages over the picture": lambda X, weight, bias: F.linear(X.mean((2, 3)), weight, bias)[..., None, None],
        "adds a ReLU": lambda X, weight, bias: F.relu(_pixels(X, weight, bias).permute(0, 3, 1, 2)),
        "swaps height and width": lambda X, weight, bias: _pixels(X, weight, bias).permute(0, 3, 2, 1),
        "transposes the weight": lambda X, weight, bias: F.conv2d(X, weight.T[..., None, None], bias),
        "works in place": lambda X, weight, bias: _pixels(X.add_(1).sub_(2), weight, bias).permute(0, 3, 1, 2),
    },
    "block_cost": {
        "counts biases": lambda c_in, channels, height, width: (
            _right_weights(c_in, channels) + sum(channels),
            _right_weights(c_in, channels) * height * width,
        ),
        "kernels read all channels": _wide_kernels,
        "forgets the reductions": _without_reductions,
        "forgets the pool's 1x1": _without_the_pool_path,
        "takes 3 for 3x3": _flat_kernels,
        "multiply-adds are the parameters": lambda c_in, channels, height, width: _cost(
            c_in, channels, height, width, _right_weights(c_in, channels), 1
        ),
        "squares the height": lambda c_in, channels, height, width: _cost(
            c_in, channels, height, width, _right_weights(c_in, channels), height**2
        ),
        "counts FLOPs": lambda c_in, channels, height, width: _cost(
            c_in, channels, height, width, _right_weights(c_in, channels), 2 * height * width
        ),
        "swaps the two": lambda c_in, channels, height, width: slips.cost(c_in, channels, height * width)[::-1],
    },
    "InceptionBlock": {
        "5x5 before 3x3": _class(order=(0, 2, 1, 3)),
        "pool first": _class(order=(3, 0, 1, 2)),
        "average pooling": _class(pool="average"),
        "no pooling": _class(pool="none"),
        "no ReLU behind the reductions": _class(reduce_activation=False),
        "no ReLU at the end": _class(activation=False),
        "no ReLU": _class(reduce_activation=False, activation=False),
        "3x3 in place of 5x5": _class(five=3),
        "adds the paths up": slips.Summed,
        "pool with its own stride": _HalvingPool,
        "no reduction in front of the 3x3": _OneReduction,
    },
    "asymmetric_parameters": {
        "the square": lambda c_in, c_out, n: c_in * c_out * n * n,
        "the row alone": lambda c_in, c_out, n: c_in * c_out * n,
        "c_in twice": lambda c_in, c_out, n: 2 * c_in * c_out * n,
        "multiplies": lambda c_in, c_out, n: c_in * c_out * n * c_out * c_out * n,
        "with biases": lambda c_in, c_out, n: c_in * c_out * n + c_out * c_out * n + 2 * c_out,
        "flat kernels": lambda c_in, c_out, n: 2 * n * c_out,
        "keeps c_in in the middle": lambda c_in, c_out, n: c_in * c_in * n + c_in * c_out * n,
    },
    "evolve_step": {
        "the worst goes": _worst_goes,
        "best of all": lambda population, drawn, mutate, fitness: slips.next_population(
            population, range(len(population))
        ),
        "worst of the drawn": _step(pick=min),
        "first of the drawn": lambda population, drawn, mutate, fitness: slips.next_population(population, drawn[:1]),
        "nobody goes": _nobody_goes,
        "the parent's score": _parents_score,
        "no mutation": _childless,
        "the parent goes": _parent_goes,
        "the youngest first": _youngest_first,
        "changes the list": _in_place,
        "the genome without its score": _genome_only,
    },
}
