"""Checks of chapter 06, VGG blocks. `check.name(answer)` judges the learner's `answer`."""

import math

from torch import nn

from utils.checks._harness import Mistake, build, compare, exercise, run, same_network, tensor

__all__ = ["build_vgg", "kaiming_std", "parameter_shares", "reach_of_blocks", "stack_parameters", "vgg_block"]


def _reaches(convs, conv=2, pool=1, growth=2, first=1):
    """Receptive field after each block; conv, pool: jumps that one layer adds; growth: of the jump in each pooling."""
    side, jump, sides = first, 1, []
    for n in convs:
        side += n * conv * jump + pool * jump
        jump *= growth
        sides.append(side)
    return sides


@exercise("What a block sees")
def reach_of_blocks(answer):
    """answer(convs) -> list of int: the receptive field after each block, for several tables."""
    for convs in [(2, 2, 3, 3, 3), (1, 1, 2, 2, 2), (3,), (4, 1, 1)]:
        expected = _reaches(convs)
        before_pooling = [side - 2**n for n, side in enumerate(expected)]
        compare(
            run(answer, convs),
            expected,
            case=f"convs={convs}",
            mistakes={
                "The pooling is missing: its window of 2 adds one jump, as a kernel of 2 does.": _reaches(
                    convs, pool=0
                ),
                "You left out the last pooling of each block. Its output sees one jump more.": before_pooling,
                "You left out the jump: after each pooling, neighbouring outputs are twice as far apart.": _reaches(
                    convs, growth=1
                ),
                "A 3 x 3 kernel adds 2 jumps, not 3: one on each side of the middle.": _reaches(convs, conv=3),
                "A 3 x 3 kernel reaches out on both sides: it adds 2 jumps, not 1.": _reaches(convs, conv=1),
                "The pooling's window is 2 wide, so it adds one jump, not two.": _reaches(convs, pool=2),
                "You started at 0. One pixel sees itself: start at 1.": _reaches(convs, first=0),
                "You gave the last one only. Return the receptive field after each block.": expected[-1],
            },
        )


def _stack(c_in, c_out, layers, bias, first=None, area=9):
    first = c_in if first is None else first
    return area * c_out * (first + (layers - 1) * c_out) + bias * layers * c_out


@exercise("The price of a stack")
def stack_parameters(answer):
    """answer(c_in, c_out, reach, bias) -> int, for reaches from 3 to 11."""
    for c_in, c_out, reach, bias in [(64, 64, 5, False), (3, 16, 7, True), (8, 4, 3, True), (5, 6, 11, False)]:
        layers = (reach - 1) // 2
        right = _stack(c_in, c_out, layers, bias)
        compare(
            run(answer, c_in, c_out, reach, bias),
            right,
            case=f"c_in={c_in}, c_out={c_out}, reach={reach}, bias={bias}",
            mistakes={
                "That is one single kernel of reach x reach. Count the stack of 3 x 3 kernels.": (
                    reach**2 * c_in * c_out + bias * c_out
                ),
                "Only the first layer takes c_in channels. The later ones take the c_out of the layer before.": _stack(
                    c_in, c_out, layers, bias, first=c_in + (layers - 1) * (c_in - c_out)
                ),
                "The first layer takes c_in channels, not c_out.": _stack(c_in, c_out, layers, bias, first=c_out),
                "That is one layer too many: the first sees 3 pixels, and each further one 2 more.": _stack(
                    c_in, c_out, layers + 1, bias
                ),
                "You divided the reach by 3. The windows overlap: each further layer sees only 2 pixels more.": _stack(
                    c_in, c_out, max(reach // 3, 1), bias
                ),
                "You left out the biases: one for each output channel of each layer.": _stack(c_in, c_out, layers, 0),
                "You counted biases although bias=False asks for none.": _stack(c_in, c_out, layers, 1),
                "You counted one layer's biases. Each layer of the stack has its own.": (
                    _stack(c_in, c_out, layers, 0) + bias * c_out
                ),
                "Your kernels are flat: 9 weights for each pair of an input and an output channel.": (
                    9 * c_out * layers + bias * layers * c_out
                ),
            },
        )


def _relu(width):
    return nn.ReLU()


def _block(convs, c_in, c_out, after=(_relu,), kernel=3, padding=1, pool=None, pool_each=False):
    """Layers of a VGG block, or of a named way to get it wrong.

    after: what follows each convolution, functions of the number of channels; pool_each: pool after each, too.
    """
    pool = pool or nn.MaxPool2d(2)
    layers = []
    for i in range(convs):
        layers.append(nn.Conv2d(c_out if i else c_in, c_out, kernel, padding=padding))
        layers += [follow(c_out) for follow in after] + [pool] * pool_each
    return layers if pool_each else [*layers, pool]


_SLIPS = {
    "The maps lose their border: a 3 x 3 convolution needs padding=1 to keep the size.": {"padding": 0},
    "You pooled after each convolution. Pool once, at the end of the block.": {"pool_each": True},
    "You used average pooling. VGG takes the maximum.": {"pool": nn.AvgPool2d(2)},
    "Your pooling has stride 1. Windows of 2 x 2 lie side by side: stride 2, which is nn.MaxPool2d's default.": {
        "pool": nn.MaxPool2d(2, stride=1)
    },
    "Your pooling has windows of 3 x 3, as AlexNet has them. VGG's are 2 x 2, stride 2.": {"pool": nn.MaxPool2d(3, 2)},
    "There is no pooling at the end of the block.": {"pool": nn.Identity()},
    "Your kernels are 1 x 1. VGG's are 3 x 3.": {"kernel": 1, "padding": 0},
}
_NO_RELU = "There is no ReLU. Each convolution needs one after it."
_PLAIN_SLIPS = {
    **_SLIPS,
    _NO_RELU: {"after": ()},
    "Your block has batch norm, although batch_norm=False asks for none.": {"after": (nn.BatchNorm2d, _relu)},
}
_NORM_SLIPS = {
    **{message: {"after": (nn.BatchNorm2d, _relu), **slip} for message, slip in _SLIPS.items()},
    _NO_RELU: {"after": (nn.BatchNorm2d,)},
    "Batch norm is missing: batch_norm=True asks for it after each convolution.": {},
    "Batch norm stands after the ReLU. VGG has convolution, batch norm, ReLU.": {"after": (_relu, nn.BatchNorm2d)},
}


@exercise("The VGG block")
def vgg_block(answer):
    """answer(convs, c_in, c_out, batch_norm) -> nn.Module, equal to the block in parameters and in outputs."""
    for convs, c_in, c_out, norm in [(2, 3, 8, False), (1, 4, 6, False), (3, 2, 5, True)]:
        size = (convs, c_in, c_out)
        after = (nn.BatchNorm2d, _relu) if norm else (_relu,)
        same_network(
            build(answer, *size, norm),
            nn.Sequential(*_block(*size, after)),
            tensor((2, c_in, 19, 16), seed=convs),
            mistakes={
                message: lambda slip=slip, size=size: nn.Sequential(*_block(*size, **slip))
                for message, slip in (_NORM_SLIPS if norm else _PLAIN_SLIPS).items()
            },
        )


def _vgg(convs, widths, hidden, classes, middle=(_relu,), end=(), side=None, **slip):
    """A small VGG for images of 32 x 32, or a named way to get it wrong."""
    blocks = zip(convs, (3, *widths), widths, strict=False)
    side = side or 32 // 2 ** len(convs)
    return nn.Sequential(
        *(layer for block in blocks for layer in _block(*block, **slip)),
        *(nn.Flatten(), nn.Linear(widths[-1] * side * side, hidden), *(layer(hidden) for layer in middle)),
        *(nn.Linear(hidden, classes), *end),
    )


def _vgg_slips(convs, widths, hidden, classes):
    """Message -> function that builds the wrong network."""
    plan = (convs, widths, hidden, classes)
    return {
        "There is no ReLU after the convolutions.": lambda: _vgg(*plan, after=()),
        "There is no ReLU between the two dense layers.": lambda: _vgg(*plan, middle=()),
        "There is a ReLU after the logits. They may be negative: nothing follows them.": (
            lambda: _vgg(*plan, end=[nn.ReLU()])
        ),
        "The output is a softmax. The loss applies its own: return the logits.": (
            lambda: _vgg(*plan, end=[nn.Softmax(dim=1)])
        ),
        "Each of your blocks has a single convolution. `convs` says how many each one needs.": (
            lambda: _vgg((1,) * len(convs), *plan[1:])
        ),
        "All your blocks have as many convolutions as the first. `convs` has a number for each block.": (
            lambda: _vgg(convs[:1] * len(convs), *plan[1:])
        ),
        "You used average pooling. VGG takes the maximum.": lambda: _vgg(*plan, pool=nn.AvgPool2d(2)),
        "There is no pooling. It ends each block.": lambda: _vgg(*plan, side=32, pool=nn.Identity()),
    }


def _judge_joint(network, features):
    """Raise where what the blocks give cannot go into the first dense layer, which takes `features` numbers."""
    kinds = [type(module) for module in network.modules()]
    if isinstance(network, nn.Sequential) and nn.Flatten not in kinds:
        raise Mistake("Nothing flattens the maps: put nn.Flatten() between the last block and the first dense layer.")
    dense = next((module for module in network.modules() if isinstance(module, nn.Linear)), None)
    if nn.MaxPool2d in kinds and dense is not None and dense.in_features != features:
        raise Mistake(
            "The first dense layer takes the wrong number of inputs. Each block halves the side of 32 once; what "
            "is left is side x side numbers for each channel of the last block.",
            expected=f"in_features={features}",
            got=f"in_features={dense.in_features}",
        )


@exercise("A VGG from a table")
def build_vgg(answer):
    """answer(convs, widths, hidden, classes) -> nn.Module for images (B, 3, 32, 32), for several tables."""
    for plan in [((2, 1, 3), (4, 6, 8), 10, 5), ((1, 2), (5, 3), 7, 10)]:
        network, right = build(answer, *plan), _vgg(*plan)
        _judge_joint(network, next(layer for layer in right if isinstance(layer, nn.Linear)).in_features)
        same_network(network, right, tensor((2, 3, 32, 32), seed=6), mistakes=_vgg_slips(*plan))


def _counted(network):
    """{name: parameters} of the layers that have parameters of their own."""
    counts = {
        name: sum(p.numel() for p in module.parameters(recurse=False)) for name, module in network.named_modules()
    }
    return {name: count for name, count in counts.items() if count}


def _networks():
    nested = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    yield nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 5))
    yield nn.ModuleDict({"features": nested, "head": nn.Linear(4, 2, bias=False)})


@exercise("Where do the parameters sit?")
def parameter_shares(answer):
    """answer(model) -> {name of layer: share of all parameters}, for a flat and a nested network."""
    for network in _networks():
        counts, tensors = _counted(network), {name: p.numel() for name, p in network.named_parameters()}
        total = sum(counts.values())
        children = {name: sum(p.numel() for p in child.parameters()) for name, child in network.named_children()}
        weights = {name: module.weight.numel() for name, module in network.named_modules() if name in counts}
        wrong = {
            "These are counts. Divide each by the number of all parameters.": (counts, 1),
            "These are percentages. Return fractions that add up to 1.": (counts, total / 100),
            "These are shares of single tensors. Add up what belongs to one layer: its weight and its bias.": (
                tensors,
                total,
            ),
            "You counted the weights only. Biases are parameters too.": (weights, sum(weights.values())),
            "Layers without parameters, such as ReLU, are in your answer. Leave them out.": (
                {name: counts.get(name, 0) for name, module in network.named_modules() if not any(module.children())},
                total,
            ),
            "You looked at the outermost parts only. Go through `named_modules()`, which opens blocks too.": (
                {name: count for name, count in children.items() if count},
                total,
            ),
            "Blocks and the layers inside them are both in your answer, so shares add up to more than 1. Count each "
            "layer's own parameters: `module.parameters(recurse=False)`.": (
                {name: sum(p.numel() for p in m.parameters()) for name, m in network.named_modules()},
                total,
            ),
        }
        got = run(answer, network)
        right = {name: count / total for name, count in counts.items()}
        compare(got, right, mistakes={message: _shares(*counted) for message, counted in wrong.items()})


def _shares(counts, total):
    return {name: count / total for name, count in counts.items()}


@exercise("Kaiming's standard deviation")
def kaiming_std(answer):
    """answer(shape, mode) -> float, against the formula, for kernels that are not square."""
    for shape, mode in [
        ((32, 3, 5, 5), "fan_in"),
        ((64, 64, 3, 3), "fan_in"),
        ((8, 16, 1, 7), "fan_out"),
        ((10, 128), "fan_in"),
    ]:
        c_out, c_in, *kernel = shape
        area, fans = math.prod(kernel), {"fan_in": c_in, "fan_out": c_out}
        fan, other = fans[mode] * area, sum(fans.values()) * area - fans[mode] * area
        got = run(answer, shape, mode)
        if isinstance(got, float) and abs(got) > 1.5:
            raise Mistake("That grows with the fan. More inputs need smaller weights: divide.", got=got)
        compare(
            got,
            (2 / fan) ** 0.5,
            case=f"shape={shape}, mode={mode!r}",
            mistakes={
                "That is the variance. The standard deviation is its square root.": 2 / fan,
                "You left out the 2 that makes up for the half that ReLU throws away.": (1 / fan) ** 0.5,
                "You put the 2 outside the root. It belongs inside.": 2 / fan**0.5,
                "fan_in and fan_out are swapped: a weight is (Cout, Cin, height, width).": (2 / other) ** 0.5,
                "You left out the kernel's area: each output sums over height x width places of each channel.": (
                    (2 / fans[mode]) ** 0.5
                ),
                "You took one side of the kernel for its area. Multiply height by width.": (
                    2 / (fans[mode] * max([*kernel[:1], 1]))
                )
                ** 0.5,
                "You squared one side of the kernel. It need not be square: height x width.": (
                    (2 / (fans[mode] * max([*kernel[1:], 1]) ** 2)) ** 0.5
                ),
                "That is Xavier's initialisation, with the mean of both fans. Kaiming's takes one fan, and a 2 for "
                "the ReLU.": (2 / (fan + other)) ** 0.5,
            },
        )
