"""The VGG builder: blocks, convolutions and widths to slide; shape, cost and receptive field follow (chapter 06)."""

from functools import partial

import torch
import traitlets
from torch import nn

from utils import viz
from utils.models.vgg import DEPTHS, VGG, WIDTHS
from utils.widgets._base import Explorer
from utils.widgets._controls import choice, named, slider, tick
from utils.widgets.costs import split_counts

MOST_BLOCKS, MOST_CONVS, WIDEST = 5, 4, 512
SIDES, HIDDEN, CLASSES = [32, 64, 96, 128, 160, 192, 224, 256], [64, 128, 256, 1024, 4096], [10, 100, 1000]


def _plan(convs, widths, side, hidden, classes):
    """Settings of a network (dict); blocks that it lacks keep one convolution each, for whoever adds them."""
    convs, blocks = [*convs, *[1] * (MOST_BLOCKS - len(convs))], len(convs)
    widths = [*widths, *[widths[-1]] * (MOST_BLOCKS - blocks)]
    numbered = {f"convs{n}": count for n, count in enumerate(convs, 1)}
    numbered |= {f"width{n}": width for n, width in enumerate(widths, 1)}
    return {"blocks": blocks, "side": side, "hidden": hidden, "classes": classes, **numbered}


PLANS = {f"VGG-{depth}": _plan(convs, WIDTHS, 224, 4096, 1000) for depth, convs in DEPTHS.items()}
PLANS["small VGG"] = _plan((2, 2, 2), (32, 64, 128), 32, 128, 10)

_Convs, _Width = partial(traitlets.Int, min=1, max=MOST_CONVS), partial(traitlets.Int, min=8, max=WIDEST)


class VGGBuilder(Explorer):
    """Slide the blocks of a VGG; the drawn stack, shapes, parameters, multiply-adds and receptive field follow.

    Args:
        **settings: blocks (1 to 5); convs1 to convs5 (1 to 4 convolutions in that block); width1 to width5 (8 to 512
            channels); side of the image (a multiple of 32 up to 256); hidden (64, 128, 256, 1024 or 4096 units in
            both hidden dense layers); classes (10, 100 or 1000); batch_norm. By default VGG-16.

    Raises:
        traitlets.TraitError: a setting is out of range.
    """

    scripts = ("_costs.js", "builder.js")
    figure_size = (11, 6)

    blocks = traitlets.Int(5, min=1, max=MOST_BLOCKS).tag(setting=True)
    convs1, convs2, convs3, convs4, convs5 = (_Convs(n).tag(setting=True) for n in DEPTHS[16])
    width1, width2, width3, width4, width5 = (_Width(width).tag(setting=True) for width in WIDTHS)
    side = traitlets.Enum(SIDES, 224).tag(setting=True)
    hidden = traitlets.Enum(HIDDEN, 4096).tag(setting=True)
    classes = traitlets.Enum(CLASSES, 1000).tag(setting=True)
    batch_norm = traitlets.Bool(False).tag(setting=True)

    def controls(self):
        """Published networks by name, number of blocks, image, dense layers, batch norm."""
        return [
            named(self, PLANS, "start from"),
            slider(self, "blocks", 1, MOST_BLOCKS, "blocks"),
            choice(self, "side", SIDES, "image side"),
            choice(self, "hidden", HIDDEN, "hidden units"),
            choice(self, "classes", CLASSES, "classes"),
            tick(self, "batch_norm", "batch norm"),
        ]

    def compute(self, settings):
        """Shape and cost behind every block and dense layer, counted on the network itself.

        Returns:
            shapes (blocks + 3, 3): channels, height, width; params, macs (blocks + 3, 2) and totals (2, 2) as
            `split_counts` gives them; reach (blocks,): receptive field in pixels.
        """
        net = network(settings)
        blocks, dense = block_costs(net, settings["side"]), dense_costs(net)
        rows = [*(row[:-1] for row in blocks), *dense]
        return {
            "shapes": [shape for shape, _, _ in rows],
            "params": split_counts([params for _, params, _ in rows]),
            "macs": split_counts([macs for _, _, macs in rows]),
            "totals": split_counts([sum(row[1] for row in rows), sum(row[2] for row in rows)]),
            "reach": [row[-1] for row in blocks],
        }

    def constants(self):
        """Limits of the sliders."""
        return {"mostBlocks": MOST_BLOCKS, "mostConvs": MOST_CONVS, "widest": WIDEST}

    def describe(self):
        convs, widths = plan_of(self.settings)
        arrays = self.compute(self.settings)
        params, macs = (arrays["totals"] @ [1_000_000, 1]).tolist()
        return (
            f"VGG with {_listed(convs)} convolutions of 3 by 3 in its blocks, {_listed(widths)} channels wide, for "
            f"{self.classes} classes: {params:,} parameters and {macs:,} multiply-adds for an image of {self.side} by "
            f"{self.side}. One output of the last block sees {arrays['reach'][-1]} by {arrays['reach'][-1]} pixels."
        )

    def draw(self, figure, arrays):
        stack, costs = figure.subfigures(2, 1, height_ratios=[1, 1.25])
        self._draw_stack(stack.subplots(), arrays)
        names = [*(f"block {n}" for n in range(1, self.blocks + 1)), "dense 1", "dense 2", "output"]
        axes = costs.subplots(1, 2, gridspec_kw={"wspace": 0.12})
        quantities = {"params": ("parameters", viz.KERNEL), "macs": ("multiply-adds", viz.FEATURE_MAP)}
        for ax, (name, (title, colour)) in zip(axes, quantities.items(), strict=True):
            numbers = (arrays[name] @ [1_000_000, 1]).tolist()
            title_, bars = f"{sum(numbers):,} {title}", dict(zip(names, numbers, strict=True))
            viz.bars(bars, ax=ax, title=title_, xlabel=title, colours=colour, form="{:,}")

    def _draw_stack(self, ax, arrays):
        """A plate for each convolution, as high as its map, and a thin one for the pooled map; their numbers below."""
        convs, widths = plan_of(self.settings)
        left, side = 0.0, self.side
        for n, (count, width) in enumerate(zip(convs, widths, strict=True)):
            middle = left + (count * 0.5 + 0.2) / 2
            for _ in range(count):
                _plate(ax, left, side / self.side, width, viz.FEATURE_MAP)
                left += 0.5
            side //= 2
            _plate(ax, left, side / self.side, 0, viz.INPUT)
            text = f"block {n + 1}\n{width} × {side} × {side}\nsees {arrays['reach'][n]} pixels"
            ax.text(middle, -0.62, text, ha="center", va="top", fontsize=10)
            left += 1.1
        units = f"dense\n{self.hidden}, {self.hidden},\n{self.classes}"
        ax.text(left + 0.3, -0.62, units, ha="center", va="top", fontsize=10)
        for units in (self.hidden, self.hidden, self.classes):
            ax.bar(left, 0.25 + units / 8192, 0.12, bottom=-(0.25 + units / 8192) / 2, color=viz.KERNEL)
            left += 0.3
        ax.set(xlim=(-0.4, left + 0.3), ylim=(-1.2, 0.55))
        ax.axis("off")


def plan_of(settings):
    """Convolutions and widths of the blocks in use (two tuples)."""
    numbers = range(1, settings["blocks"] + 1)
    return tuple(settings[f"convs{n}"] for n in numbers), tuple(settings[f"width{n}"] for n in numbers)


def network(settings):
    """The VGG of these settings, without weights, in evaluation mode; its head takes the maps as large as they come."""
    convs, widths = plan_of(settings)
    head = {"classes": settings["classes"], "hidden": settings["hidden"], "side": settings["side"] >> len(convs)}
    with torch.device("meta"):
        return VGG(convs, widths, settings["batch_norm"], **head).eval()


def block_costs(net, side):
    """(shape, parameters, multiply-adds, receptive field) behind each block for a colour image of this side."""
    X, reach, jump, params, macs, blocks = torch.empty(1, 3, side, side, device="meta"), 1, 1, 0, 0, []
    for layer in net.features:
        X = layer(X)
        params += sum(p.numel() for p in layer.parameters())
        if isinstance(layer, nn.Conv2d):
            macs += layer.weight.numel() * X.shape[2] * X.shape[3]
            reach += (layer.kernel_size[0] - 1) * jump
        elif isinstance(layer, nn.MaxPool2d):
            reach, jump = reach + (layer.kernel_size - 1) * jump, jump * layer.stride
            blocks.append((tuple(X.shape[1:]), params, macs, reach))
            params = macs = 0
    return blocks


def dense_costs(net):
    """(shape, parameters, multiply-adds) of each dense layer."""
    layers = [layer for layer in net.classifier if isinstance(layer, nn.Linear)]
    return [
        ((layer.out_features, 1, 1), layer.weight.numel() + layer.bias.numel(), layer.weight.numel())
        for layer in layers
    ]


def _listed(numbers):
    return ", ".join(map(str, numbers))


def _plate(ax, x, height, width, colour):
    ax.bar(x, height, 0.06 + 0.34 * width / WIDEST, bottom=-height / 2, color=colour, edgecolor="white", alpha=0.85)
