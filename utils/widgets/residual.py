"""The depth explorer: a plain and a residual net of the same depth, before training, side by side (chapter 09)."""

import numpy as np
import torch
import torch.nn.functional as F
import traitlets
from torch import nn

from utils import viz
from utils.models.resnet import ORDERINGS, Block, conv, kaiming, last_activation
from utils.widgets._base import Explorer
from utils.widgets._controls import choice, slider, tick

MOST_BLOCKS, WIDTH, POINTS = 30, 32, 256
KINDS = {"plain": False, "residual": True}


class DepthExplorer(Explorer):
    """Choose a depth; see what a fresh plain and a fresh residual net compute, and the gradient in each layer.

    Both take one number and give one number. Their blocks are those of the course's ResNets, with 1 x 1 convolutions:
    the inputs are the pixels of one row.

    Args:
        **settings: blocks (1 to 30, two layers each), ordering (one of `ORDERINGS`), batch_norm, seed (1 to 9) of the
            random weights.

    Raises:
        traitlets.TraitError: a setting is out of range.
    """

    scripts = ("residual.js",)
    figure_size = (10, 5)

    blocks = traitlets.Int(10, min=1, max=MOST_BLOCKS).tag(setting=True)
    ordering = traitlets.Enum(ORDERINGS, "post").tag(setting=True)
    batch_norm = traitlets.Bool(True).tag(setting=True)
    seed = traitlets.Int(1, min=1, max=9).tag(setting=True)

    def controls(self):
        """Blocks, ordering, batch norm, random weights."""
        return [
            slider(self, "blocks", 1, MOST_BLOCKS, "blocks of two layers"),
            choice(self, "ordering", ORDERINGS, "ordering"),
            tick(self, "batch_norm", "batch norm"),
            slider(self, "seed", 1, 9, "weights"),
        ]

    def compute(self, settings):
        """What both nets compute before training, and the gradients of a loss.

        Returns:
            x, target (256,); for each kind plain and residual: <kind>_output (256,), <kind>_norms (2 blocks,), the
            Euclidean norm of the loss's gradient in the weights of each layer, and <kind>_agreement (1,), the
            correlation of the outputs for neighbouring inputs.
        """
        x = inputs()
        arrays = {"x": x.flatten(), "target": target(x).flatten()}
        for kind, residual in KINDS.items():
            output, norms = response(tower(residual=residual, **settings), x)
            arrays |= {f"{kind}_output": output, f"{kind}_norms": norms, f"{kind}_agreement": [agreement(output)]}
        return arrays

    def describe(self):
        arrays = self.compute(self.settings)

        def said(kind):
            first, last = arrays[f"{kind}_norms"][[0, -1]]
            return (
                f"{kind}: gradient {first:.3g} in the first layer, {last:.3g} in the last, neighbouring inputs agree "
                f"by {arrays[f'{kind}_agreement'][0]:.2f}"
            )

        norm = "" if self.batch_norm else " without batch norm"
        return (
            f"Two nets of {2 * self.blocks} layers{norm} before training, ordering {self.ordering}. "
            f"{said('plain').capitalize()}; {said('residual')}."
        )

    def draw(self, figure, arrays):
        axes = figure.subplots(2, 2, width_ratios=[1.2, 1])
        both = np.concatenate([arrays[f"{kind}_norms"] for kind in KINDS])
        for (left, right), kind in zip(axes, KINDS, strict=True):
            left.plot(arrays["x"], arrays["target"], "--", color=viz.INPUT, linewidth=1.5)
            left.plot(arrays["x"], arrays[f"{kind}_output"], color=viz.FEATURE_MAP)
            left.set(title=f"{kind}: what it computes before training", ylabel="output")
            norms = arrays[f"{kind}_norms"]
            right.bar(range(1, len(norms) + 1), norms, color=viz.GRADIENT)
            right.set(title=f"{kind}: gradient in each layer", ylabel="norm", yscale="log")
            right.set_ylim(both.min() / 3, both.max() * 3)
        axes[1, 0].set_xlabel("input (dashed: what is to be learned)")
        axes[1, 1].set_xlabel("layer, from the input on")


def inputs():
    """The inputs from -1 to 1 as pixels of one row: float32 (1, 1, 1, 256)."""
    return torch.linspace(-1, 1, POINTS).view(1, 1, 1, POINTS)


def target(x):
    """What the loss asks for: a wave, of the shape of x."""
    return torch.sin(5 * x)


def tower(blocks, residual, ordering="post", batch_norm=True, seed=1):
    """A net from one number to one number: (1, 1, 1, n) -> the same shape, He's initial weights.

    Args:
        blocks: number of blocks of two layers.
        residual: with shortcuts, or plain.
        ordering: one of `ORDERINGS`.
        batch_norm: False leaves batch norm out of every block.
        seed: of the weights.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [
            Block([conv(WIDTH, WIDTH, 1), conv(WIDTH, WIDTH, 1)], 1, ordering=ordering, residual=residual)
            for _ in range(blocks)
        ]
        net = nn.Sequential(nn.Conv2d(1, WIDTH, 1), *layers, last_activation(ordering, WIDTH), nn.Conv2d(WIDTH, 1, 1))
        net[1:-2].apply(kaiming)
    for block in () if batch_norm else layers:
        block.bn1, block.bn2 = nn.Identity(), nn.Identity()
    return net


def response(net, x):
    """Outputs of a fresh net (n,), and the gradient's norm in each layer of its blocks (2 blocks,), as arrays."""
    output = net(x)
    weights = [weight for name, weight in net.named_parameters() if ".conv" in name]
    gradients = torch.autograd.grad(F.mse_loss(output, target(x)), weights)
    return output.detach().flatten().numpy(), np.array([gradient.norm().item() for gradient in gradients])


def agreement(output):
    """Correlation of the outputs for neighbouring inputs (float): near 1 for a smooth curve, near 0 for noise."""
    return float(np.corrcoef(output[:-1], output[1:])[0, 1])
