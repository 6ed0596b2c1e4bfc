"""The windows that a reader of lines learns from: a digit among neighbours, or the paper between two."""

from dataclasses import replace

import numpy as np
import torch

from utils.data import distort
from utils.data.cheques.hands import Hand, on_paper
from utils.data.cheques.lines import DARK, FIELD

NOTHING = 10  # class of a window that has no digit in its middle
STEP = 4  # pixels between the windows of LeNet: two poolings of 2
FARTHEST = 20  # pixels from the middle at which a digit is still put


def with_nothing(split):
    """A split of digits in the field of 32 x 32, with an eleventh class for nothing.

    Args:
        split: Split of 28 x 28 digits.

    Returns:
        Split with the same digits; `Windows` makes those of the new class.
    """
    return replace(split.padded((FIELD - split.images.shape[-1]) // 2), classes=[*split.classes, "nothing"])


class Windows:
    """Turn single digits into windows of a line, for `train.fit(augment=...)`: X, y -> X, y.

    Windows of a line lie 4 pixels apart. A digit belongs to the one window whose middle is nearest, at most 2 pixels
    away; every other window has nothing in its middle, even where it shows the digit nearly whole. Half of the windows
    made here have a digit in the middle, the others lie anywhere near.

    Args:
        hand: Hand that the lines are written in; of its rules, texture and noise each window gets a random part.
        stroke: largest change of the stroke width, in pixels.
        alone: probability that a neighbour is missing, on each side.
    """

    def __init__(self, hand=Hand(gap=(-2.0, 12.0), baseline=2.0), stroke=0.0, alone=0.2):  # noqa: B008 (it is frozen)
        self.hand, self.stroke, self.alone = hand, stroke, alone

    def __repr__(self):
        return f"Windows({self.hand}, stroke={self.stroke}, alone={self.alone})"

    def __call__(self, X, y):
        """X float (B, 1, 32, 32) in [0, 1], y int64 (B,) -> windows of the same shape, and their classes (B,)."""
        B = len(X)
        X = self._written(X)
        who = torch.stack([torch.arange(B), torch.randperm(B), torch.randperm(B)])  # digit, left and right neighbour
        offset = torch.where(torch.rand(B) < 0.5, torch.randint(-1, 3, (B,)), torch.randint(-FARTHEST, FARTHEST, (B,)))
        places = self._places(*borders(X), who) + offset
        seen = torch.stack([moved(X[digit], place) for digit, place in zip(who, places, strict=True)]).amax(0)
        here = (places > -STEP / 2) & (places <= STEP / 2)
        labels = torch.where(here.any(0), y[who.gather(0, here.int().argmax(0)[None])[0]], NOTHING)
        return on_paper(seen, self.hand, strength=torch.rand(B)), labels

    def _written(self, X):
        """Single digits as this hand writes them."""
        B, hand = len(X), self.hand
        if self.stroke:
            X = distort.stroke(X, between((-self.stroke, self.stroke), B))
        dy = between((-hand.baseline, hand.baseline), B)
        if hand.moves_whole_pixels:
            return moved(X.transpose(2, 3), dy.round()).transpose(2, 3)
        size = torch.exp(between(np.log(hand.size), B))
        return distort.affine(X, dy=dy, scale=size, slant=between(hand.slant, B))

    def _places(self, first, last, who):
        """Pixels from the middle of each of the three (3, B), the digit itself at 0; who is missing is out of sight."""
        B = who.shape[1]
        digit, left, right = who
        gaps = between(self.hand.gap, 2 * B).view(2, B).round()
        before = first[digit] - gaps[0] - 1 - last[left]
        behind = last[digit] + gaps[1] + 1 - first[right]
        beside = torch.stack([before, behind]).masked_fill(torch.rand(2, B) < self.alone, 3 * FIELD)
        return torch.cat([torch.zeros(1, B), beside])


def between(pair, n):
    """n numbers drawn evenly between the two of a pair: float32 (n,)."""
    return pair[0] + (pair[1] - pair[0]) * torch.rand(n)


def borders(X):
    """First and last column of the ink in each picture (B, 1, H, W): two float tensors (B,)."""
    inked = (X.amax((1, 2)) > DARK).float()
    return inked.argmax(1).float(), X.shape[-1] - 1 - inked.flip(1).argmax(1).float()


def moved(X, dx):
    """Pictures (B, C, H, W), each moved to the right by its own whole number of pixels (B,); paper comes in."""
    width = X.shape[-1]
    source = torch.arange(width) - dx.long()[:, None]
    outside = (source < 0) | (source >= width)
    source = source.clamp(0, width - 1)[:, None, None].expand_as(X)
    return X.gather(3, source).masked_fill(outside[:, None, None], 0)
