"""A whole cheque: print, handwriting, a date, a number, and somewhere on it the box with the amount."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from utils.data.cheques.hands import TIDY, on_paper
from utils.data.cheques.lines import FIELD, WIDTH, write

HEIGHT, BREADTH = 176, 416  # pixels of a cheque
INSET = 5  # from the outer edge of the box to the line inside
BOX = (FIELD + 2 * INSET, WIDTH + 2 * INSET)  # outer height and width of the amount's box, the same on every form
FRAME = 2  # pixels of its frame
PRINT = 0.8  # darkness of what is printed


@dataclass(frozen=True, eq=False)
class Cheque:
    """A cheque as it comes from a scanner.

    Attributes:
        image: uint8 (176, 416), paper 0 and ink 255.
        text: the digits of the amount.
        box: (top, left), row and column of the outer corner of the amount's box; its size is BOX.
        mean, std: tuples of one float, those of the digits' split.
    """

    image: torch.Tensor
    text: str
    box: tuple
    mean: tuple
    std: tuple


def cheque(digits, text, hand=TIDY, seed=0):
    """Fill in a cheque.

    The box lies anywhere in the right middle: forms differ, and scanners shift. A date and a cheque number, in digits
    too, lie outside it.

    Args:
        digits: Split of 28 x 28 digits.
        text: the digits of the amount.
        hand: Hand; its texture and noise cover the whole form.
        seed: int that fixes everything.

    Returns:
        Cheque.

    Raises:
        ValueError: as for `write`.
    """
    random = np.random.default_rng([seed, 2])
    top, left = int(random.integers(44, 96)), int(random.integers(110, BREADTH - BOX[1] - 8))
    ink = _form(random)
    for low, corner in ((10**5, (4, BREADTH - 160)), (10**6, (HEIGHT - 34, 8))):  # the date, the number
        _lay(ink, _digits(digits, str(random.integers(low, 10 * low)), TIDY, seed + low), corner)
    ink[top : top + BOX[0], left : left + BOX[1]] = 0
    _frame(ink[top : top + BOX[0], left : left + BOX[1]])
    amount = write(digits, [text], replace(hand, texture=0.0, noise=0.0), seed).images[0, 0].numpy() / 255
    _lay(ink, amount, (top + INSET, left + INSET))
    X = torch.from_numpy(ink)[None, None]
    X = on_paper(X, replace(hand, rules=0.0), torch.Generator().manual_seed(seed))
    return Cheque((255 * X[0, 0]).round().byte(), text, (top, left), digits.mean, digits.std)


def _form(random):
    """Print, and the handwriting that nobody reads: float32 (176, 416)."""
    from PIL import Image, ImageDraw

    page = Image.new("L", (BREADTH, HEIGHT))
    pen, printed = ImageDraw.Draw(page), round(255 * PRINT)
    for text, corner in (("BANK OF DIGITS", (10, 10)), ("Pay to the order of", (10, 36)), ("Signature", (250, 160))):
        pen.text(corner, text, fill=printed)
    for row, first, last in ((46, 130, 400), (154, 250, 404)):
        pen.line([(first, row), (last, row)], fill=printed)
    pen.line(_scribble(random, 140, 38, 8), fill=255, width=2)
    pen.line(_scribble(random, 270, 146, 6), fill=255, width=2)
    return np.asarray(page, np.float32) / 255


def _scribble(random, left, row, loops):
    """Points of a hasty word: loops of random height along a row."""
    angle = np.linspace(0, 2 * np.pi * loops, 24 * loops)
    height = np.repeat(random.uniform(3, 9, loops), 24)
    x = left + 2.2 * angle + 4 * np.cos(angle)
    return list(zip(x.tolist(), (row - height * np.sin(angle)).tolist(), strict=True))


def _digits(digits, text, hand, seed):
    """Small digits without the empty line around them: float (rows, columns)."""
    line = write(digits, [text], hand, seed).images[0, 0].numpy() / 255
    inked = np.flatnonzero(line.max(0))
    return line[:, inked[0] : inked[-1] + 1]


def _lay(ink, part, corner):
    """Write a part over what is there, its top left corner at `corner`."""
    top, left = corner
    place = ink[top : top + part.shape[0], left : left + part.shape[1]]
    np.maximum(place, part, out=place)


def _frame(place):
    """Print a frame around a place of the form."""
    place[:FRAME] = place[-FRAME:] = PRINT
    place[:, :FRAME] = place[:, -FRAME:] = PRINT
