"""Amounts on lines: random ones, or those that are asked for."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from utils.data import distort
from utils.data.cheques.hands import TIDY, on_paper

FIELD, WIDTH = 32, 224  # pixels: height of a line and side of a reader's field; width of a line
MARGIN = 12  # least paper before and behind an amount
DARK = 0.25  # ink from here on counts where gaps are measured


@dataclass(frozen=True, eq=False)
class Lines:
    """Amounts on lines.

    Attributes:
        images: uint8 (N, 1, 32, 224), paper 0 and ink 255.
        texts: list of N str, the digits of each amount.
        centres: list of N lists of float, the middle of each digit's field in pixels from the left edge.
        mean, std: tuples of one float, those of the digits' split.
    """

    images: torch.Tensor
    texts: list
    centres: list
    mean: tuple
    std: tuple

    def __len__(self):
        return len(self.texts)

    def normalised(self, index=slice(None)):
        """Lines as a network takes them: float32 (B, 1, 32, 224); `index` is a slice or a list."""
        return (self.images[index].float() / 255 - self.mean[0]) / self.std[0]


def amounts(digits, n, hand=TIDY, seed=0, length=(3, 6)):
    """Random amounts; none begins with 0.

    Args:
        digits: Split of 28 x 28 digits, such as `data.mnist_test_digits()`.
        n: how many.
        hand: Hand.
        seed: int that fixes all of them.
        length: fewest and most digits of an amount.

    Returns:
        Lines.
    """
    random = np.random.default_rng(seed)
    counts = random.integers(length[0], length[1] + 1, n)
    firsts, rests = random.integers(1, 10, n), [random.integers(0, 10, count - 1) for count in counts]
    texts = ["".join(map(str, [first, *rest])) for first, rest in zip(firsts, rests, strict=True)]
    return write(digits, texts, hand, seed)


def write(digits, texts, hand=TIDY, seed=0):
    """Write given amounts, each digit by another writer.

    Args:
        digits, hand, seed: as for `amounts`.
        texts: list of str of digits.

    Returns:
        Lines.

    Raises:
        ValueError: a text is empty, holds something else than digits, or does not fit on the line.
    """
    for text in texts:
        if not (text and text.isascii() and text.isdigit()):
            raise ValueError(f"An amount is written in the digits 0 to 9, not {text!r}.")
    random = np.random.default_rng([seed, 1])
    fields = iter(_fields(digits, texts, hand, random))
    lines = [_line([next(fields) for _ in text], hand, random, text) for text in texts]
    ink = torch.from_numpy(np.stack([line for line, _ in lines]))[:, None]
    X = on_paper(ink, hand, torch.Generator().manual_seed(seed))
    return Lines((255 * X).round().byte(), list(texts), [centres for _, centres in lines], digits.mean, digits.std)


def _fields(digits, texts, hand, random):
    """A field for each digit of all texts, as the hand writes it: float32 (n, 32, 32)."""
    by_class = [torch.nonzero(digits.labels == label)[:, 0].numpy() for label in range(10)]
    chosen = [random.choice(by_class[int(digit)]) for text in texts for digit in text]
    X = F.pad(digits.images[chosen].float() / 255, [(FIELD - digits.images.shape[-1]) // 2] * 4)
    down = random.uniform(-hand.baseline, hand.baseline, len(X))
    if hand.moves_whole_pixels:
        return distort.affine(X, dy=torch.from_numpy(down.round()))[:, 0].numpy()
    size = np.exp(random.uniform(*np.log(hand.size), len(X)))
    slant = np.repeat(random.uniform(*hand.slant, len(texts)), [len(text) for text in texts])
    dy, scale, slant = map(torch.from_numpy, (down, size, slant))
    return distort.affine(X, dy=dy, scale=scale, slant=slant)[:, 0].numpy()


def _line(fields, hand, random, text):
    """One amount on empty paper: ink float32 (32, 224), and the middle of each digit's field."""
    borders = [np.flatnonzero(field.max(0) > DARK)[[0, -1]] for field in fields]
    gaps = random.uniform(*hand.gap, len(fields)).round().astype(int)
    lefts, end = [], 0  # of each field, counted from the first ink
    for (first, last), gap in zip(borders, gaps, strict=True):
        lefts.append(end - first)
        end += last + 1 - first + gap
    room = WIDTH - 2 * MARGIN - (end - gaps[-1])
    if room < 0:
        raise ValueError(f"{text!r} does not fit on a line of {WIDTH} pixels. Write fewer digits, or smaller ones.")
    start = MARGIN + int(random.integers(room + 1))
    ink = np.zeros((FIELD, WIDTH + 2 * FIELD), np.float32)  # a field may hang over the edge, its ink does not
    for left, field in zip(lefts, fields, strict=True):
        place = ink[:, FIELD + start + left :][:, :FIELD]
        np.maximum(place, field, out=place)
    return ink[:, FIELD:-FIELD], [float(start + left + FIELD / 2) for left in lefts]
