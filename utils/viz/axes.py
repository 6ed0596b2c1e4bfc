"""Axes to draw on: one panel, or a grid of panels of the right size."""

import math

import matplotlib.pyplot as plt
import numpy as np


class Panels(np.ndarray):
    """Array of Axes that prints nothing at the end of a notebook cell: the figure says it all."""

    def _ipython_display_(self):
        return None


def panel(ax, figsize=(8, 4.5)):
    """`ax`, or one new Axes of this size in inches."""
    return ax if ax is not None else plt.subplots(figsize=figsize)[1]


def panel_grid(count, columns=None, width=1.6, height=1.6, most=8, margin=0.0):
    """Axes for `count` panels in a grid, unused ones hidden.

    Args:
        count: number of panels.
        columns: panels in a row; by default up to `most`, in rows of about the same length.
        width, height: size of one panel in inches.
        margin: inches kept on the right for a colour bar.

    Returns:
        Panels (count,) of Axes.

    Raises:
        ValueError: `columns` is less than 1.
    """
    if columns is None:
        columns = math.ceil(count / math.ceil(count / most))
    if columns < 1:
        raise ValueError(f"columns must be at least 1, not {columns}.")
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    size = (max(2.4, width * columns) + margin, height * rows)
    _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax in axes.flat[count:]:
        ax.set_axis_off()
    return axes.flat[:count].view(Panels)


def frame(ax, colour=None):
    """Take the ticks away and draw a thin frame, in `colour` or grey."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=colour or "#bbbbbb", linewidth=2.5 if colour else 0.8)


def size_text(shape):
    """Size of an array in words: (28, 28) -> "28x28"."""
    return "x".join(str(side) for side in shape)
