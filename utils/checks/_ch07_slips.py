"""What the checks of chapter 07 compare with: the block, its cost, a step of evolution, and the slips in each."""

import torch
from torch import nn


def cost(c_in, channels, places, *, read=None, sides=(1, 3, 5)):
    """(parameters, multiply-adds) of a block's six convolutions, without biases.

    Args:
        places: pixels of a map.
        read: channels that the convolutions of paths 2 and 3 read, where they are not those of the 1x1 before them.
        sides: of the kernels in paths 1, 2 and 3.
    """
    a, b1, b2, c1, c2, d = channels
    small, middle, large = sides
    first, second = read or (b1, c1)
    reductions = 0 if read else c_in * (b1 + c1)
    weights = c_in * (a * small**2 + d) + reductions + middle**2 * first * b2 + large**2 * second * c2
    return weights, weights * places


def wrong_costs(c_in, channels, height, width):
    """Slips in the cost of a block: message -> (parameters, multiply-adds)."""
    _, b1, _, c1, _, d = channels
    places = height * width
    right, work = cost(c_in, channels, places)
    flat = cost(c_in, channels, places, sides=(1, 3**0.5, 5**0.5))
    return {
        "You counted the biases. Leave them out here.": (right + sum(channels), work),
        "Your 3x3 and 5x5 read all c_in channels. They read what the 1x1 in front of them leaves.": cost(
            c_in, channels, places, read=(c_in, c_in)
        ),
        "The 1x1 convolutions in front of the 3x3 and the 5x5 are missing.": cost(
            c_in, channels, places, read=(b1, c1)
        ),
        "The 1x1 after the pooling is missing. Pooling itself costs nothing, the convolution after it does.": (
            right - c_in * d,
            work - c_in * d * places,
        ),
        "You took a kernel's side for its area. A side of 3 gives 9 weights for each pair of channels, a side of 5 "
        "gives 25.": tuple(map(round, flat)),
        "Your multiply-adds are the parameters. Each weight is used once at every pixel.": (right, right),
        "You squared the height. The map need not be square: height x width.": (right, right * height**2),
        "You counted multiplications and additions apart. One multiply-add is both.": (right, 2 * work),
        "The two numbers are swapped: parameters first.": (work, right),
    }


def _relu_conv(c_in, c_out, kernel, padding=None):
    return nn.Sequential(nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2 if padding is None else padding), nn.ReLU())


class Block(nn.Module):
    """The Inception block, and with options its slips: X (B, c_in, H, W) -> (B, channels, H, W).

    Args:
        order: of the paths in the stack.
        axis: along which they are stacked.
        pool: what path 4 begins with.
        reduce_activation: ReLU after the 1x1 convolutions in front of the 3x3 and the 5x5.
        activation: ReLU at the end of the paths.
        five: side of path 3's kernel.
    """

    def __init__(
        self, c_in, channels, order=(0, 1, 2, 3), axis=1, pool="max", reduce_activation=True, activation=True, five=5
    ):
        super().__init__()
        a, b1, b2, c1, c2, d = channels
        pools = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}
        first = nn.Identity() if pool == "none" else pools[pool](3, 1, padding=1)
        paths = [
            _relu_conv(c_in, a, 1),
            nn.Sequential(_relu_conv(c_in, b1, 1), _relu_conv(b1, b2, 3)),
            nn.Sequential(_relu_conv(c_in, c1, 1), _relu_conv(c1, c2, five)),
            nn.Sequential(first, _relu_conv(c_in, d, 1)),
        ]
        if not reduce_activation:
            paths[1][0][1] = paths[2][0][1] = nn.Identity()
        if not activation:
            for path in (paths[0], paths[1][1], paths[2][1], paths[3][1]):
                path[1] = nn.Identity()
        self.paths, self.order, self.axis = nn.ModuleList(paths), order, axis

    def forward(self, X):
        outputs = [path(X) for path in self.paths]
        return torch.cat([outputs[i] for i in self.order], dim=self.axis)


class Summed(Block):
    """Adds the paths up instead of stacking them, where they are equally wide."""

    def forward(self, X):
        return sum(path(X) for path in self.paths)


def wrong_blocks(c_in, channels):
    """Slips in the block: message -> network, or a function that makes it."""
    slips = {
        "You stacked the paths in another order. The order should be 1x1, 3x3, 5x5, pool.": {"order": (0, 2, 1, 3)},
        "You stacked the pool's path first. It comes last.": {"order": (3, 0, 1, 2)},
        "You averaged in path 4. It takes the maximum.": {"pool": "average"},
        "The pooling of path 4 is missing.": {"pool": "none"},
        "There is no ReLU after the 1x1 convolutions in front of the 3x3 and the 5x5.": {"reduce_activation": False},
        "There is no ReLU at the end of the paths: each of the six convolutions has one.": {"activation": False},
        "There is no ReLU at all: each of the six convolutions is followed by one.": {
            "reduce_activation": False,
            "activation": False,
        },
        "Your path 3 ends in a 3x3. It should end in a 5x5.": {"five": 3},
    }
    wrong = {message: lambda slip=slip: Block(c_in, channels, **slip) for message, slip in slips.items()}
    a, _, b2, _, c2, d = channels
    if a == b2 == c2 == d:
        wrong["You added the paths up. Stack them along the channels."] = lambda: Summed(c_in, channels)
    return wrong


def mutate(genome):
    """The child of a genome in the check's cases: its last number grows by ten."""
    return (*genome[:-1], genome[-1] + 10)


def fitness(genome):
    """A score from 100 on that tells children from all others."""
    return 100 + sum(genome)


def next_population(population, drawn, pick=max, gone=0, score=fitness):
    """The step, and with options its slips: who of the drawn is the parent, who goes, what the child scores."""
    parent = pick((population[i] for i in drawn), key=lambda one: one[1])
    child = mutate(parent[0])
    survivors = [one for i, one in enumerate(population) if i != gone]
    return [*survivors, (child, score(child))]


def wrong_populations(population, drawn):
    """Slips in a step of evolution: message -> population."""
    scores = [score for _, score in population]
    everyone = range(len(population))
    parent = max((population[i] for i in drawn), key=lambda one: one[1])
    child = mutate(parent[0])
    newest_first = [(child, fitness(child)), *population[:-1]]
    return {
        "You let the worst go. In this search the oldest goes: the first of the list.": next_population(
            population, drawn, gone=scores.index(min(scores))
        ),
        "Your parent is the best of all. It is the best of those that were drawn.": next_population(
            population, everyone
        ),
        "Your parent is the worst of the drawn ones. A larger score is better.": next_population(
            population, drawn, min
        ),
        "Your parent is the first of the drawn ones. Compare their scores.": next_population(population, drawn[:1]),
        "Nobody went: the population grew by one. The oldest has to go.": [*population, (child, fitness(child))],
        "The child got its parent's score. It has to earn its own: fitness(child).": next_population(
            population, drawn, score=lambda child: parent[1]
        ),
        "The parent was copied unchanged. The child is mutate(parent).": [
            *population[1:],
            (parent[0], fitness(parent[0])),
        ],
        "The youngest stands last: append the child, and let the first one go.": newest_first,
        "The child took its parent's place. The parent lives on; the oldest goes.": next_population(
            population, drawn, gone=population.index(parent)
        ),
        "The child stands there without its score. Append the pair (child, fitness(child)).": [*population[1:], child],
    }
