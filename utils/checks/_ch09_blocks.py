"""Residual blocks with a right or a wrong turn: for the checks of chapter 09 to recognise."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Turn:
    """What a block does; the defaults are right.

    Attributes:
        adds: how main path and shortcut become one: (main, shortcut) -> X.
        begins: number of main-path convolutions behind which the shortcut begins.
        silent: numbers of convolutions without the ReLU that belongs behind them.
        relu_before, relu_after: a ReLU before, after the addition.
        norm_after: the last batch norm stands behind the addition.
        strided: number of the convolution that has the stride, None for the right one.
        biased: the main path's convolutions have a bias.
        norms: numbers of convolutions with a batch norm; None for all.
        short: "needed", "always", "never", "skipping" (every second pixel, zeros for new channels).
        short_kernel: size of the kernel on the shortcut.
        short_norm, short_relu, short_bias: what its convolution carries.
    """

    adds: Callable = torch.add
    begins: int = 0
    silent: tuple = ()
    relu_before: bool = False
    relu_after: bool = True
    norm_after: bool = False
    strided: int | None = None
    biased: bool = False
    norms: tuple | None = None
    short: str = "needed"
    short_kernel: int = 1
    short_norm: bool = True
    short_relu: bool = False
    short_bias: bool = False


class Turned(nn.Module):
    """A block of convolutions X (B, c_in, H, W) -> (B, c_out, H', W') that takes a turn.

    Args:
        widths: channels before the first and behind each convolution.
        kernels: size of each convolution's kernel.
        stride: of the block.
        right: number, from 1, of the convolution that should have the stride.
        turn: Turn.
    """

    def __init__(self, widths, kernels, stride=1, right=1, turn=None):
        super().__init__()
        self.turn, self.stride, strided = turn or Turn(), stride, (turn and turn.strided) or right
        layers = [
            nn.Conv2d(c_in, c_out, k, stride if i == strided else 1, k // 2, bias=self.turn.biased)
            for i, (c_in, c_out, k) in enumerate(zip(widths, widths[1:], kernels, strict=False), 1)
        ]
        with_norm = range(1, len(layers) + 1) if self.turn.norms is None else self.turn.norms
        norms = [nn.BatchNorm2d(c) if i in with_norm else nn.Identity() for i, c in enumerate(widths[1:], 1)]
        self.layers, self.norms = nn.ModuleList(layers), nn.ModuleList(norms)
        self.short = self._shortcut(widths[0], widths[-1])

    def _shortcut(self, c_in, c_out):
        """The module on the shortcut."""
        turn = self.turn
        needed = self.stride != 1 or c_in != c_out
        if turn.short == "never" or (turn.short == "needed" and not needed):
            return nn.Identity()
        if turn.short == "skipping":
            return Skipping(self.stride, c_out - c_in)
        kernel, stride = turn.short_kernel, self.stride
        layers = [nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=turn.short_bias)]
        layers += [nn.BatchNorm2d(c_out)] if turn.short_norm else []
        return nn.Sequential(*layers, *([nn.ReLU()] if turn.short_relu else []))

    def forward(self, X):
        turn, start, last = self.turn, X, len(self.layers)
        for i, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True), 1):
            X = layer(X)
            X = X if turn.norm_after and i == last else norm(X)
            X = F.relu(X) if (i < last and i not in turn.silent) or (i == last and turn.relu_before) else X
            start = X if i == turn.begins else start
        X = turn.adds(X, self.short(start))
        X = self.norms[-1](X) if turn.norm_after else X
        return F.relu(X) if turn.relu_after else X


class Skipping(nn.Module):
    """The shortcut without parameters: every `stride`-th pixel, and zeros for the channels that are new."""

    def __init__(self, stride, new):
        super().__init__()
        self.stride, self.new = stride, new

    def forward(self, X):
        return F.pad(X[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new))


# message -> turn that any block may take
SLIPS = {
    "The input is never added: this is a plain block. Add X (or what the shortcut makes of it) before the last "
    "ReLU.": Turn(adds=lambda main, short: main, short="never"),
    "Your shortcut has layers, but nothing adds what they give.": Turn(adds=lambda main, short: main),
    "Nothing comes after the addition. The block ends with a ReLU.": Turn(relu_after=False),
    "The last ReLU stands before the addition. Add first, then ReLU.": Turn(relu_before=True, relu_after=False),
    "There is a ReLU before the addition, so the main path can add but never take away. Only one ReLU at the end, "
    "after the addition.": Turn(relu_before=True),
    "The last batch norm stands after the addition. It belongs before: conv, BN, add, ReLU.": Turn(norm_after=True),
    "You multiplied main path and shortcut. They are added.": Turn(adds=torch.mul),
    "You put main path and shortcut side by side. They are added.": Turn(
        adds=lambda main, short: torch.cat([main, short], 1)
    ),
    "You added the input twice.": Turn(adds=lambda main, short: main + 2 * short),
    "You subtracted the shortcut. It is added.": Turn(adds=torch.sub),
    "Your convolutions have biases. The batch norm after them makes those useless: bias=False.": Turn(biased=True),
    "The last convolution has no batch norm. It comes before the addition.": Turn(norms=(1,)),
    "There is no batch norm. Put one after each convolution.": Turn(norms=()),
}
PROJECTION_SLIPS = {
    "Your shortcut has a convolution even where stride is 1 and the channels stay. There it should be X itself.": Turn(
        short="always"
    ),
    "The convolution on your shortcut has no batch norm after it. Put one there.": Turn(short_norm=False),
    "The convolution on your shortcut is 3 x 3. A 1 x 1 is enough: it only has to match the shape.": Turn(
        short_kernel=3
    ),
    "There is a ReLU on your shortcut. Leave it out: a convolution and a batch norm are enough.": Turn(short_relu=True),
    "The convolution on your shortcut has a bias. The batch norm after it makes that useless: bias=False.": Turn(
        short_bias=True
    ),
    "You shortened the shortcut by leaving pixels out and padded it with zeros. The paper tried that too (its option "
    "A); here a 1 x 1 convolution is asked for.": Turn(short="skipping"),
}


def wrong_basic(c_in, c_out, stride=1):
    """Wrong turns of a basic block: message -> function that makes the network."""
    turns = SLIPS | PROJECTION_SLIPS | _between(2)
    turns["The stride belongs to the first convolution, not to the second."] = Turn(strided=2)

    def basic(turn):
        return Turned((c_in, c_out, c_out), (3, 3), stride, right=1, turn=turn)

    return {message: partial(basic, turn) for message, turn in turns.items()}


def wrong_bottleneck(c_in, width, stride):
    """Wrong turns of a bottleneck: message -> function that makes the network."""
    turns = SLIPS | PROJECTION_SLIPS | _between(3)
    turns[
        "The stride is in the first 1 x 1. The paper has it there, but then three of four pixels are never looked at: "
        "put it into the 3 x 3."
    ] = Turn(strided=1)

    def shaped(widths, kernels=(1, 3, 1), turn=None):
        return Turned((c_in, *widths), kernels, stride, right=2, turn=turn)

    narrow, wide = width, 4 * width
    wrong = {message: partial(shaped, (narrow, narrow, wide), turn=turn) for message, turn in turns.items()}
    return wrong | {
        "Your block ends with `width` channels. The last 1 x 1 should widen to 4 * width.": partial(
            shaped, (narrow,) * 3
        ),
        "You widen too early: the 3 x 3 has `width` channels on both sides.": partial(shaped, (narrow, wide, wide)),
        "Nothing is narrow here: the first 1 x 1 goes down to `width` channels.": partial(shaped, (wide,) * 3),
        "All three of your convolutions are 3 x 3. The first and the last should be 1 x 1.": partial(
            shaped, (narrow, narrow, wide), (3, 3, 3)
        ),
    }


def _between(count):
    """Slips that a block of so many convolutions can make between them: message -> turn."""
    slips = {
        "There is no ReLU between the convolutions. Put one after each of them but the last.": Turn(
            silent=tuple(range(1, count))
        )
    }
    if count > 2:
        slips |= {f"The ReLU after convolution {i} is missing.": Turn(silent=(i,)) for i in range(1, count)}
    where = "Your shortcut begins after the first convolution. It should begin at the block's input."
    return slips | {where: Turn(begins=1, short="never")}
