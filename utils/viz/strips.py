"""A line of digits, and under it what a network says at every place of it."""

import matplotlib.pyplot as plt
import numpy as np

from utils.viz.arrays import require_rank, titles_for, to_numpy
from utils.viz.axes import Panels
from utils.viz.captions import describe
from utils.viz.palette import KERNEL, PIXELS, SEQUENTIAL


def line_answers(line, shares, middles, rows=None, path=(), text="", axes=None):
    """Draw a line of digits over its map of answers, each column under the middle of its window.

    Args:
        line: (H, W), the picture.
        shares: (K, T), probabilities: one column for each window.
        middles: (T,) middle of each window in pixels from the left edge, evenly spaced.
        rows: names of the K classes.
        path: columns that a reading goes through; they are framed.
        text: what was read, one letter for each column of the path; written over the line.
        axes: two Axes, one over the other; None for a new figure.

    Returns:
        array of two Axes.

    Raises:
        ValueError: the numbers of columns and middles differ, or the ranks are others.
    """
    line, shares, middles = to_numpy(line, "line"), to_numpy(shares, "shares"), to_numpy(middles, "middles")
    require_rank(line, (2,), "line", "a picture (H, W)")
    require_rank(shares, (2,), "shares", "probabilities (K, T)")
    if middles.shape != shares.shape[1:]:
        raise ValueError(f"shares has {shares.shape[1]} columns, middles {middles.shape}: give as many of each.")
    names = titles_for(range(len(shares)) if rows is None else rows, len(shares), "rows")
    above, below = _two_axes(line.shape, len(shares)) if axes is None else axes
    above.imshow(line, cmap=PIXELS, vmin=0, extent=(0, line.shape[1], line.shape[0], 0), aspect="auto")
    above.set(yticks=[])
    above.tick_params(labelbottom=False)
    step = middles[1] - middles[0] if len(middles) > 1 else 1
    extent = (middles[0] - step / 2, middles[-1] + step / 2, len(shares) - 0.5, -0.5)
    below.imshow(shares, cmap=SEQUENTIAL, vmin=0, vmax=1, extent=extent, aspect="auto", interpolation="nearest")
    below.set(xlim=(0, line.shape[1]), xlabel="pixels from the left", ylabel="answer")
    below.set_yticks(range(len(shares)), names)
    _mark(above, below, shares, middles, list(path), text, step)
    what = f"A line of digits over the answers of {len(middles)} windows"
    describe(above, f"{what}; read as {text}." if text else f"{what}.")
    return np.array([above, below]).view(Panels)


def _two_axes(size, classes):
    """A new figure: the line, wide enough to be read, and the map under it."""
    height = min(3.0, 9.6 * size[0] / size[1])
    _, axes = plt.subplots(
        2, 1, figsize=(10, height + 0.23 * classes + 0.5), height_ratios=[height, 0.23 * classes], sharex=True
    )
    return axes


def _mark(above, below, shares, middles, path, text, step):
    """Frame the columns of the path, and write what was read over the line."""
    for place, column in enumerate(path):
        row = shares[:-1, column].argmax() if len(shares) > 1 else 0
        left = middles[column] - step / 2
        below.add_patch(plt.Rectangle((left, row - 0.5), step, 1, fill=False, edgecolor=KERNEL, linewidth=2.5))
        above.axvline(middles[column], color=KERNEL, linewidth=1.2, alpha=0.8)
        if place < len(text):
            above.text(middles[column], -1.5, text[place], ha="center", va="bottom", size=15, color="#222222")
