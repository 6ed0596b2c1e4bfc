"""The map of the course: what each chapter builds on."""

import textwrap

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from utils.viz.captions import describe
from utils.viz.layout import place
from utils.viz.palette import INK
from utils.viz.sketch import arrow

_STEP, _LANE, _WIDTH, _HEIGHT = 1.24, 0.95, 1.02, 0.78  # inches: column to column, lane to lane, size of a box


def course_map(chapters, ax=None):
    """Draw chapters from left to right, with an arrow from each to those that build on it.

    Args:
        chapters: {number: (title, numbers of the chapters that it builds on)}; these come before it.
        ax: Axes to draw on; by default a figure of the right size.

    Returns:
        Axes.

    Raises:
        ValueError: a chapter builds on one that does not come before it, or there is none.
    """
    places, ways = place(_checked(chapters), most=len(chapters))
    lanes = [spot.lane for spot in places] + [lane for way in ways.values() for _, lane in way]
    size = (_STEP * (1 + max(spot.column for spot in places)), _LANE * (max(lanes) - min(lanes)) + _HEIGHT + 0.1)
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="none")
        ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, size[0]), ylim=(0, size[1]), aspect="equal")
    ax.set_axis_off()
    _draw(ax, chapters, places, ways, bottom=min(lanes))
    told = [f"{n} {title}" + _builds_on(needed) for n, (title, needed) in chapters.items()]
    describe(ax, f"Map of {len(chapters)} chapters: {'; '.join(told)}.")
    return ax


def _checked(chapters):
    """For each chapter the positions of those that it builds on."""
    if not chapters:
        raise ValueError("chapters: nothing to draw. Give {number: (title, numbers of the chapters it builds on)}.")
    order = {number: index for index, number in enumerate(chapters)}
    for number, (title, needed) in chapters.items():
        if any(order.get(other, len(order)) >= order[number] for other in needed):
            raise ValueError(f"Chapter {number} ({title}) builds on {needed}: list these chapters before it.")
    return [[order[other] for other in needed] for _, needed in chapters.values()]


def _draw(ax, chapters, places, ways, bottom):
    def point(column, lane):
        return _STEP * (column + 0.5), _LANE * (lane - bottom) + _HEIGHT / 2 + 0.05

    for (_, after), way in ways.items():
        (x, y), *between = [point(*spot) for spot in way]
        end, level = point(places[after].column, places[after].lane)
        arrow(ax, [(x + _WIDTH / 2, y), *between, (end - _WIDTH / 2 - 0.02, level)], flat=_WIDTH / 2)
    for (number, (title, _)), spot in zip(chapters.items(), places, strict=True):
        x, y = point(spot.column, spot.lane)
        style = {"boxstyle": "round,pad=0,rounding_size=0.08", "facecolor": "#eef3f8", "edgecolor": INK, "zorder": 2}
        ax.add_patch(FancyBboxPatch((x - _WIDTH / 2, y - _HEIGHT / 2), _WIDTH, _HEIGHT, **style))
        ax.text(x, y + 0.25, f"{number:02d}", ha="center", va="center", size=10, weight="bold", color=INK, zorder=3)
        ax.text(x, y - 0.1, textwrap.fill(title, 13), ha="center", va="center", size=9, color=INK, zorder=3)


def _builds_on(numbers):
    return f" builds on {' and '.join(map(str, numbers))}" if numbers else ""
