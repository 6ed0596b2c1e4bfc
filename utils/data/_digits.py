"""A drawn digit made into one that looks like MNIST's."""

import numpy as np

BOX, FIELD = 20, 28  # pixels


def centre_digit(picture):
    """Prepare a picture of one digit as MNIST's were: shrunk to fit 20 x 20, centre of mass in the middle of 28 x 28.

    Args:
        picture: (H, W), paper 0 and ink up to 255, any size and place; uint8 or float.

    Returns:
        uint8 (28, 28), its darkest ink 255.

    Raises:
        ValueError: it is no picture (H, W), or there is no ink in it.
    """
    picture = np.asarray(picture, dtype=np.float32)
    if picture.ndim != 2:
        raise ValueError(f"A digit is a picture (H, W) of ink on paper, not an array of shape {picture.shape}.")
    if not np.isfinite(picture).all() or picture.min(initial=0) < 0 or not picture.any():
        raise ValueError("There is no ink in the picture: paper is 0, ink up to 255. Draw a digit first.")
    return _centred(_fitted(picture[_inked(picture)]))


def _inked(picture):
    """The smallest window that holds all ink (two slices)."""
    rows, columns = (np.flatnonzero(picture.any(axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _fitted(ink):
    """Scale so that the longer side is BOX pixels; grey levels come from averaging, as in MNIST."""
    from PIL import Image

    scale = BOX / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    small = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX))
    return small * (255 / max(small.max(), 1e-6))


def _centred(small):
    """Lay (h, w) into the field, its centre of mass in the middle as nearly as whole pixels and the field let."""
    field = np.zeros((FIELD, FIELD), np.uint8)
    place = []
    for axis, side in enumerate(small.shape):
        mass = small.sum(1 - axis)
        centre = (mass @ (np.arange(side) + 0.5)) / mass.sum()
        start = int(np.clip(np.ceil(FIELD / 2 - centre), 0, FIELD - side))  # 14.0 to 15.0 from the edge, as MNIST
        place.append(slice(start, start + side))
    field[tuple(place)] = small.clip(0, 255).round()
    return field
