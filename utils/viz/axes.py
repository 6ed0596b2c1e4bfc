"""Axes to draw on: one panel, or a grid of panels of the right size."""

import math

import matplotlib.pyplot as plt
import numpy as np

_GAP = 0.1  # inches between panels


class Panels(np.ndarray):
    """Array of Axes that prints nothing at the end of a notebook cell: the figure says it all."""

    def _ipython_display_(self):
        return None


def panel(ax, figsize=(8, 4.5)):
    """`ax`, or one new Axes of this size in inches."""
    return ax if ax is not None else plt.subplots(figsize=figsize)[1]


def panel_grid(count, columns=None, width=1.3, height=1.3, head=0.0, most=8, margin=0.0):
    """Axes for `count` panels in a grid, placed by hand: many panels would keep matplotlib's own layout busy.

    Args:
        count: number of panels.
        columns: panels in a row; by default up to `most`, in rows of about the same length.
        width, height: size of one panel in inches.
        head: inches above each panel, for its title.
        margin: inches kept on the right for a colour bar.

    Returns:
        Panels (count,) of Axes.

    Raises:
        ValueError: `columns` is less than 1.
    """
    columns = math.ceil(count / math.ceil(count / most)) if columns is None else min(columns, count)
    if columns < 1:
        raise ValueError(f"columns must be at least 1, not {columns}.")
    across, down = width + _GAP, height + head + _GAP
    figure_width, figure_height = columns * across - _GAP + margin, math.ceil(count / columns) * down - _GAP
    figure = plt.figure(figsize=(figure_width, figure_height), layout="none")
    axes = np.empty(count, dtype=object)
    for number in range(count):
        row, column = divmod(number, columns)
        bottom = figure_height - row * down - head - height
        box = (column * across / figure_width, bottom / figure_height, width / figure_width, height / figure_height)
        axes[number] = figure.add_axes(box)
    return axes.view(Panels)


def colour_bar(axes, shown, margin, colour):
    """Colour bar for all panels of a grid, in the margin on its right, framed in `colour`."""
    figure = axes[0].figure
    width, height = figure.get_size_inches()
    top = axes[0].get_position().y1
    bottom = max(axes[-1].get_position().y0, top - 3 / height)
    left = 1 - (margin - 0.15) / width
    bar = figure.colorbar(shown, cax=figure.add_axes((left, bottom, 0.18 / width, top - bottom)))
    bar.outline.set_edgecolor(colour)


def frame(ax, colour=None):
    """Take the ticks away and draw a thin frame, in `colour` or grey."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=colour or "#bbbbbb", linewidth=2.5 if colour else 0.8)


def size_text(shape):
    """Size of an array in words: (28, 28) -> "28x28"."""
    return "x".join(str(side) for side in shape)
