"""A drawn amount made into a line that looks as if MNIST's writers had written it."""

import numpy as np

from utils.data.cheques.lines import FIELD, MARGIN, WIDTH

TALL = 20  # pixels: height of MNIST's digits


def fit_line(picture):
    """Scale a drawn amount until it is 20 pixels high, as MNIST's digits are, and lay it in the middle of a line.

    Args:
        picture: (H, W), paper 0 and ink up to 255, any size and place; uint8 or float.

    Returns:
        uint8 (32, 224), its darkest ink 255.

    Raises:
        ValueError: there is no ink, or the amount is too long for a line.
    """
    from PIL import Image

    picture = np.asarray(picture, np.float32)
    if picture.ndim != 2 or not picture.any():
        raise ValueError("There is no ink in the picture: paper is 0, ink up to 255. Write an amount first.")
    rows, columns = (np.flatnonzero(picture.any(axis)) for axis in (1, 0))
    ink = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = max(1, round(ink.shape[1] * TALL / ink.shape[0]))
    if width > WIDTH - 2 * MARGIN:
        raise ValueError(
            f"This amount is {ink.shape[1] / ink.shape[0]:.0f} times as wide as high, too long for a line. "
            "Write fewer digits, or larger and closer ones."
        )
    small = np.asarray(Image.fromarray(ink).resize((width, TALL), Image.Resampling.BOX))
    line = np.zeros((FIELD, WIDTH), np.uint8)
    top, left = (FIELD - TALL) // 2, (WIDTH - width) // 2
    line[top : top + TALL, left : left + width] = (small * (255 / small.max())).round()
    return line
