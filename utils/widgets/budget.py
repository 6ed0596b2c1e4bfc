"""The channel budget of an Inception block: widths of the four paths to slide, what each path costs (chapter 07)."""

import ipywidgets
import torch
import traitlets
from torch import nn

from utils import viz
from utils.models.inception import CHANNELS, InceptionBlock
from utils.widgets._base import Explorer
from utils.widgets._controls import OWN, slider

WIDTHS = ("one", "three_reduced", "three", "five_reduced", "five", "pool")  # in the order of InceptionBlock's channels
WIDEST = 512
RIVALS = ("this block", "one 3×3", "one 5×5")
# block of GoogLeNet -> channels that come in, side of its maps
PLACES = {
    "3a": (192, 28),
    "3b": (256, 28),
    "4a": (480, 14),
    "4b": (512, 14),
    "4c": (512, 14),
    "4d": (512, 14),
    "4e": (528, 14),
    "5a": (832, 7),
    "5b": (832, 7),
}
NAMED = {f"GoogLeNet {name}": (*PLACES[name], *CHANNELS[name]) for name in CHANNELS}


class InceptionBudget(Explorer):
    """Slide the channels of the four paths; weights, multiply-adds and the width of the stack follow.

    Args:
        **settings: one, three, five, pool (output channels of the paths, 0 to 512, 0 leaves a path out),
            three_reduced, five_reduced (channels that the 1x1 in front leaves, 8 to 512), c_in (8 to 1024), side (of
            the square maps, 4 to 56). By default block 3a of GoogLeNet.

    Raises:
        traitlets.TraitError: a setting is out of range.
    """

    scripts = ("budget.js",)
    figure_size = (11, 4.4)

    one = traitlets.Int(64, min=0, max=WIDEST).tag(setting=True)
    three_reduced = traitlets.Int(96, min=8, max=WIDEST).tag(setting=True)
    three = traitlets.Int(128, min=0, max=WIDEST).tag(setting=True)
    five_reduced = traitlets.Int(16, min=8, max=WIDEST).tag(setting=True)
    five = traitlets.Int(32, min=0, max=WIDEST).tag(setting=True)
    pool = traitlets.Int(32, min=0, max=WIDEST).tag(setting=True)
    c_in = traitlets.Int(192, min=8, max=1024).tag(setting=True)
    side = traitlets.Int(28, min=4, max=56).tag(setting=True)

    def controls(self):
        """Blocks of GoogLeNet by name, input channels, side of the maps."""
        inputs = slider(self, "c_in", 8, 1024, "input channels")
        inputs.layout.width = "320px"
        return [self._named_blocks(), inputs, slider(self, "side", 4, 56, "side of the maps")]

    def _named_blocks(self):
        names = ("c_in", "side", *WIDTHS)
        control = ipywidgets.Dropdown(options=[*NAMED, OWN], description="block", layout={"width": "max-content"})

        def show(change=None):
            now = tuple(getattr(self, name) for name in names)
            control.value = next((key for key, values in NAMED.items() if values == now), OWN)

        def take(change):
            if change.new in NAMED:
                with self._hold():
                    self.set_trait("c_in", NAMED[change.new][0])
                    for name, value in zip(names, NAMED[change.new], strict=True):
                        setattr(self, name, value)
                self._answer()

        show()
        self.observe(lambda change: self._held or show(), list(names))
        control.observe(take, "value")
        return control

    def compute(self, settings):
        """Cost of the six convolutions and of the whole, counted on the block of the chapter, without biases.

        Returns:
            weights, macs (6,): of each convolution, in the order of WIDTHS, 0 where its path is left out; stack (4,):
            channels of the paths; totals (3, 2): weights and multiply-adds of the block, and of one 3x3 and one 5x5
            with as many outputs.

        Raises:
            ValueError: no path is left.
        """
        channels = [settings[name] for name in WIDTHS]
        places = settings["side"] ** 2
        with torch.device("meta"):
            block = InceptionBlock(settings["c_in"], channels)
        found = {path: [layer.weight.numel() for layer in convolutions(part)] for path, part in block.paths.items()}
        absent = {"path1": [0], "path2": [0, 0], "path3": [0, 0], "path4": [0]}
        weights = [number for path in absent for number in found.get(path, absent[path])]
        rivals = [settings["c_in"] * block.out_channels * kernel**2 for kernel in (3, 5)]
        return {
            "weights": weights,
            "macs": [number * places for number in weights],
            "stack": [channels[i] for i in (0, 2, 4, 5)],
            "totals": [[number, number * places] for number in (sum(weights), *rivals)],
        }

    def constants(self):
        """Names of the widths and of what the block is compared with, and the widest path."""
        return {"widths": WIDTHS, "rivals": RIVALS, "widest": WIDEST}

    def describe(self):
        return (
            f"Inception block on {self.c_in} maps of {self.side} by {self.side}: 1x1 to {self.one}; 1x1 to "
            f"{self.three_reduced} and 3x3 to {self.three}; 1x1 to {self.five_reduced} and 5x5 to {self.five}; pooling "
            f"and 1x1 to {self.pool}. It gives {self.one + self.three + self.five + self.pool} maps."
        )

    def draw(self, figure, arrays):
        paths, costs = figure.subplots(1, 2, width_ratios=[1.5, 1])
        self._draw_paths(paths, arrays)
        macs = {name: total[1] / 1e6 for name, total in zip(RIVALS, arrays["totals"], strict=True)}
        colours = dict(zip(RIVALS, (viz.FEATURE_MAP, viz.INPUT, viz.INPUT), strict=True))
        xlabel = "multiply-adds, millions"
        viz.bars(macs, ax=costs, title="the same outputs", xlabel=xlabel, form="{:,.1f}", colours=colours)

    def _draw_paths(self, ax, arrays):
        """Four rows of boxes, with the weights of each convolution, and the stack."""
        boxes = [
            [None, ("1×1", "one", 0)],
            [("1×1", "three_reduced", 1), ("3×3", "three", 2)],
            [("1×1", "five_reduced", 3), ("5×5", "five", 4)],
            [("max pool 3×3", None, None), ("1×1", "pool", 5)],
        ]
        style = {"boxstyle": "round,pad=0.5", "facecolor": "white"}
        for row, line in enumerate(boxes):
            ax.annotate("", (1.6, -row), (-0.6, -row), arrowprops={"arrowstyle": "->", "color": viz.INPUT}, zorder=0)
            for column, (kernel, name, i) in [(column, box) for column, box in enumerate(line) if box]:
                text = f"{kernel}, {getattr(self, name)}\n{arrays['weights'][i]:,} weights" if name else kernel
                edge = viz.KERNEL if name else viz.INPUT
                ax.text(column, -row, text, ha="center", va="center", fontsize=10, bbox={**style, "edgecolor": edge})
            ax.text(1.88, -row, f"{arrays['stack'][row]} maps", ha="center", va="center", color=viz.FEATURE_MAP)
        total, work = arrays["totals"][0]
        title = f"{self.c_in} maps in, {sum(arrays['stack'])} out: {total:,} weights, {work:,} multiply-adds"
        ax.set(xlim=(-0.65, 2.2), ylim=(-3.6, 0.6), title=title)
        ax.axis("off")


def convolutions(module):
    """The convolutions in a module, in order (list)."""
    return [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]
