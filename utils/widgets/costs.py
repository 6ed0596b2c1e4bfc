"""The cost explorer: what each layer of AlexNet costs, and what the first layer decides for all others (chapter 05)."""

from typing import NamedTuple

import numpy as np
import traitlets

from utils import viz
from utils.models.alexnet import PAPER
from utils.widgets._base import Explorer
from utils.widgets._controls import choice, slider, tick

CLASSES = [10, 100, 1000, 10_000]
LENET = (61_706, 416_520)  # parameters and multiply-adds of the modern LeNet, to compare with
PADDING, HIDDEN = 2, 4096  # of conv1; units of the first two dense layers


class Layer(NamedTuple):
    """A layer with weights: inputs that one output sees per pixel of its kernel, kernel (0: dense), output."""

    name: str
    inputs: int
    kernel: int
    height: int
    width: int
    outputs: int

    @property
    def window(self):
        """Numbers that one output is a weighted sum of."""
        return self.inputs * max(self.kernel, 1) ** 2

    @property
    def params(self):
        """Weights and biases."""
        return self.outputs * (self.window + 1)

    @property
    def macs(self):
        """Multiply-adds for one image."""
        return self.outputs * self.window * self.height * self.width


class CostExplorer(Explorer):
    """Change AlexNet's input, first layer, towers and classes, and see shapes, parameters and multiply-adds follow.

    Args:
        **settings: side of the image (32 to 512 pixels), kernel (1 to 15) and stride (1 to 8) of conv1, towers (True
            cuts conv2, conv4, conv5 in two groups), classes (10, 100, 1000 or 10000).

    Raises:
        traitlets.TraitError: a setting is out of range.
    """

    scripts = ("_costs.js", "costs.js")
    figure_size = (11, 3.4)

    side = traitlets.Int(224, min=32, max=512).tag(setting=True)
    kernel = traitlets.Int(11, min=1, max=15).tag(setting=True)
    stride = traitlets.Int(4, min=1, max=8).tag(setting=True)
    towers = traitlets.Bool(True).tag(setting=True)
    classes = traitlets.Enum(CLASSES, 1000).tag(setting=True)

    def controls(self):
        """Image, first layer, towers and classes."""
        side = slider(self, "side", 32, 512, "image side")
        side.layout.width = "260px"
        return [
            side,
            slider(self, "kernel", 1, 15, "conv1 kernel"),
            slider(self, "stride", 1, 8, "conv1 stride"),
            choice(self, "classes", CLASSES, "classes"),
            tick(self, "towers", "two towers"),
        ]

    def compute(self, settings):
        """The cost of every layer.

        Returns:
            windows (8, 5): inputs, kernel, height, width, outputs of each layer; params, macs (8, 2) and totals (2, 2)
            as `split_counts` gives them; times (2,): parameters and multiply-adds as multiples of LeNet's.

        Raises:
            ValueError: the image is so small that a layer has nothing to work on.
        """
        layers = plan(**settings)
        params, macs = [layer.params for layer in layers], [layer.macs for layer in layers]
        totals = np.array([sum(params), sum(macs)])
        return {
            "windows": np.array([layer[1:] for layer in layers]),
            "params": split_counts(params),
            "macs": split_counts(macs),
            "totals": split_counts(totals),
            "times": totals / LENET,
        }

    def constants(self):
        """Names of the layers."""
        return {"names": [layer.name for layer in plan(224, 11, 4, True, 1000)]}

    def describe(self):
        towers = "two towers" if self.towers else "one tower"
        return (
            f"Parameters and multiply-adds of each layer of AlexNet with {towers} and {self.classes:,} classes for "
            f"images of {self.side} by {self.side}, conv1 of {self.kernel} by {self.kernel} with stride {self.stride}."
        )

    def draw(self, figure, arrays):
        axes = figure.subplots(1, 2, gridspec_kw={"wspace": 0.12})
        for ax, name, title, colour in zip(
            axes, ("params", "macs"), ("parameters", "multiply-adds"), (viz.KERNEL, viz.FEATURE_MAP), strict=True
        ):
            costs = arrays[name] @ [1_000_000, 1]
            bars = dict(zip(self.constants()["names"], costs.tolist(), strict=True))
            viz.bars(bars, ax=ax, title=f"{int(costs.sum()):,} {title}", xlabel=title, colours=colour, form="{:,.0f}")
            ax.margins(x=0.45)  # room for numbers of nine digits


def plan(side, kernel, stride, towers, classes):
    """The eight layers with weights, for square images of `side` pixels (list of Layer).

    Raises:
        ValueError: a map vanishes on the way.
    """
    groups, side, inputs, layers = 2 if towers else 1, side + 2 * PADDING, 3, []
    kernels, split, pooled = (kernel, 5, 3, 3, 3), (1, groups, 1, groups, groups), (True, True, False, False, True)
    for number, (outputs, size, parts, pool) in enumerate(zip(PAPER, kernels, split, pooled, strict=True), 1):
        if number == 1:
            side = smaller(side, size, stride, "conv1")
        layers.append(Layer(f"conv{number}", inputs // parts, size, side, side, outputs))
        side = smaller(side, 3, 2, f"the pooling after conv{number}") if pool else side
        inputs = outputs
    widths = (inputs * side**2, HIDDEN, HIDDEN, classes)
    dense = zip((6, 7, 8), widths[:-1], widths[1:], strict=True)
    return [*layers, *(Layer(f"dense{number}", n, 0, 1, 1, outputs) for number, n, outputs in dense)]


def smaller(side, kernel, stride, name):
    """Side of the map that a window of `kernel` gives; the ValueError of a map that it does not fit names the layer."""
    if side < kernel:
        raise ValueError(
            f"{name} slides a window of {kernel} x {kernel} over a map of {side} x {side}: it does not fit. "
            "Take a larger image, or a smaller stride."
        )
    return (side - kernel) // stride + 1


def split_counts(counts):
    """Whole numbers as (rows, 2) of millions and the rest: the browser gets float32, exact up to 16,777,216 only."""
    return np.stack(np.divmod(np.array(counts), 1_000_000), axis=-1)
