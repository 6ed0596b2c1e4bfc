"""Wrong answers that learners give in chapter 09, each named for the mistake it makes."""

import torch
import torch.nn.functional as F

from tests.wrong_answers import _ch09_blocks as blocks


def _layers(each=None, extra=2, of=sum, shortcuts=False):
    def answer(block, depths):
        one = {"basic": 2, "bottleneck": 3}[block] if each is None else each
        return one * of(depths) + extra + shortcuts * (len(depths) - (block == "basic"))

    return answer


def _stage(first_in=None, later_in=None, kernel=9, expansion=4, shortcuts=1, biases=0):
    def answer(c_in, width, blocks_):
        out, total = expansion * width, 0
        for i in range(blocks_):
            entering = c_in if i == 0 or later_in == "c_in" else out
            total += entering * width + kernel * width * width + width * out
            total += entering * out if i < (blocks_ if shortcuts == "all" else shortcuts) else 0
            total += biases * (2 * width + out)
        return total + biases * out

    return answer


def _paths(choose=lambda i, width: slice(i * width, (i + 1) * width), together=sum, relu=False, padding=1, short=0):
    def answer(X, down, middle, up, groups):
        found, width = [], len(down) // groups
        for i in range(groups):
            rows = choose(i, width)
            maps = F.conv2d(X, down[rows])
            maps = F.conv2d(maps.relu() if relu else maps, middle[rows], padding=padding)
            found.append(F.conv2d(maps.relu() if relu else maps, up[:, rows]))
        return together(found) + (X if short else 0)

    return answer


def _draw(X, survive, shape=None):
    return (torch.rand(shape or (len(X), 1, 1, 1)) < survive).float()


def _depth(training, evaluation):
    def answer(X, branch, survive, training_):
        return training(X, branch, survive) if training_ else evaluation(X, branch, survive)

    return answer


def _right_training(X, branch, survive):
    return X + _draw(X, survive) * branch


def _right_evaluation(X, branch, survive):
    return X + survive * branch


WRONG = {
    "residual_block": {
        "never adds": blocks.Plain,
        "forgets the last ReLU": blocks.NoReluAtTheEnd,
        "ReLU before the sum": blocks.ReluBeforeTheSum,
        "ReLU before and after the sum": blocks.ReluBeforeAndAfter,
        "batch norm after the sum": blocks.NormAfterTheSum,
        "no ReLU between the convolutions": blocks.NoReluBetween,
        "multiplies": blocks.Multiplied,
        "concatenates": blocks.Concatenated,
        "begins the shortcut behind the first convolution": blocks.BeginsTooLate,
        "convolutions with biases": blocks.WithBiases,
        "no second batch norm": blocks.OneNorm,
        "uses one batch norm twice": blocks.SharedNorm,
        "forgets the padding": blocks.WithoutPadding,
        "projects where nothing changes": blocks.AlwaysProjects,
        "passes an instance's output": blocks.Basic(3)(torch.zeros(1, 3, 4, 4)),
    },
    "shortcut_block": {
        "never adds": blocks.Plain,
        "projects always": blocks.AlwaysProjects,
        "projects only when the channels change": blocks.ProjectsForChannelsOnly,
        "projects only when the size changes": blocks.ProjectsForStrideOnly,
        "projects without stride": blocks.ProjectsWithoutStride,
        "projects without batch norm": blocks.ProjectsWithoutNorm,
        "projects with a 3 x 3": blocks.ProjectsBy3x3,
        "ReLU on the shortcut": blocks.ProjectsWithRelu,
        "zeros for new channels": blocks.ZeroPadded,
        "stride in the second convolution": blocks.StrideInTheSecond,
        "stride in both convolutions": blocks.StrideInBoth,
        "forgets the last ReLU": blocks.NoReluAtTheEnd,
    },
    "bottleneck": {
        "never adds": blocks.BottlePlain,
        "stride in the first 1 x 1": blocks.BottleStrideFirst,
        "never widens": blocks.BottleNeverWidens,
        "widens too early": blocks.BottleWidensEarly,
        "never narrows": blocks.BottleWithoutNeck,
        "three times 3 x 3": blocks.BottleAll3x3,
        "no ReLU behind the 3 x 3": blocks.BottleSilentMiddle,
        "no ReLU between the convolutions": blocks.BottleWithoutRelu,
        "ReLU before the sum": blocks.BottleReluBeforeTheSum,
        "projects always": blocks.BottleAlwaysProjects,
        "never projects": blocks.BottleWithoutProjection,
    },
    "count_layers": {
        "forgets both ends": _layers(extra=0),
        "forgets the dense layer": _layers(extra=1),
        "counts blocks": _layers(each=1),
        "two a block": _layers(each=2),
        "three a block": _layers(each=3),
        "counts pooling": _layers(extra=4),
        "counts the shortcuts": _layers(shortcuts=True),
        "counts stages": _layers(of=len),
    },
    "bottleneck_weights": {
        "forgets the shortcut": _stage(shortcuts=0),
        "a convolution on every shortcut": _stage(shortcuts="all"),
        "every block with the first one's input": _stage(later_in="c_in"),
        "times the first block": lambda c_in, width, count: count * _stage()(c_in, width, 1),
        "one block only": lambda c_in, width, count: _stage()(c_in, width, 1),
        "no expansion": _stage(expansion=1),
        "3 x 3 as one weight": _stage(kernel=1),
        "3 x 3 as three weights": _stage(kernel=3),
        "counts biases": _stage(biases=1),
        "counts batch norm": _stage(biases=2),
    },
    "grouped_paths": {
        "mean of the paths": _paths(together=lambda found: sum(found) / len(found)),
        "adds the shortcut": _paths(short=1),
        "last path only": _paths(together=lambda found: found[-1]),
        "first path only": _paths(together=lambda found: found[0]),
        "forgets the last path": _paths(together=lambda found: sum(found[:-1])),
        "concatenates": _paths(together=lambda found: torch.cat(found, 1)),
        "every third channel": lambda X, down, middle, up, groups: _paths(
            choose=lambda i, width: slice(i, None, groups)
        )(X, down, middle, up, groups),
        "ReLU in each path": _paths(relu=True),
        "forgets the padding": _paths(padding=0),
        "leaves the groups out": lambda X, down, middle, up, groups: F.conv2d(
            F.conv2d(F.conv2d(X, down), middle, padding=1), up
        ),
    },
    "stochastic_depth": {
        "never drops": _depth(lambda X, branch, survive: X + branch, _right_evaluation),
        "drops in evaluation too": _depth(_right_training, _right_training),
        "does not scale in evaluation": _depth(_right_training, lambda X, branch, survive: X + branch),
        "scales the shortcut too": _depth(_right_training, lambda X, branch, survive: survive * (X + branch)),
        "scales by the probability to drop": _depth(
            _right_training, lambda X, branch, survive: X + (1 - survive) * branch if survive != 0.5 else X + branch
        ),
        "leaves the branch out in evaluation": _depth(_right_training, lambda X, branch, survive: X),
        "forgets the shortcut": _depth(
            lambda X, branch, survive: _draw(X, survive) * branch, lambda X, branch, survive: survive * branch
        ),
        "divides in evaluation": _depth(_right_training, lambda X, branch, survive: X + branch / survive),
        "divides in training": _depth(
            lambda X, branch, survive: X + _draw(X, survive) * branch / survive, _right_evaluation
        ),
        "one draw for the batch": _depth(
            lambda X, branch, survive: X + _draw(X, survive, (1, 1, 1, 1)) * branch, _right_evaluation
        ),
        "drops single values": _depth(
            lambda X, branch, survive: X + _draw(X, survive, X.shape) * branch, _right_evaluation
        ),
        "drops the shortcut too": _depth(
            lambda X, branch, survive: _draw(X, survive) * (X + branch), _right_evaluation
        ),
        "turns the probability round": _depth(
            lambda X, branch, survive: X + _draw(X, 1 - survive) * branch, _right_evaluation
        ),
        "scales in training": _depth(_right_evaluation, _right_evaluation),
    },
}
