"""Things that cost and things that pay: named bubbles in a plane, their names kept apart."""

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from utils.viz.arrays import require_rank, titles_for, to_numpy
from utils.viz.axes import panel
from utils.viz.captions import describe, note
from utils.viz.palette import FEATURE_MAP, INPUT

_SMALLEST, _LARGEST = 3.0, 17.0  # radii in points of nothing and of the largest size
_LETTER, _LINE = 5.1, 12.0  # mean width and height of the names' letters, in points
_AROUND = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]  # sides to which a name may go


def bubbles(points, sizes=None, ax=None, title="", xlabel="", ylabel="", xscale="linear", size_label="", front=()):
    """Draw one bubble for each name, with its name beside it where there is room.

    Args:
        points: {name: (x, y)}.
        sizes: {name: number from 0 on}: the area of a bubble is in proportion to it. By default all are equal.
        xscale: "linear" or "log".
        size_label: what the area stands for, with its unit.
        front: names of points to join by a dashed line, from left to right.

    Returns:
        Axes.

    Raises:
        ValueError: nothing to draw, NaN, a point without a size.
    """
    places = to_numpy(list(points.values()), "points")
    require_rank(places, (2,), "points", "one pair (x, y) for each name")
    names = titles_for(points, len(places))
    if sizes is not None and (missing := [name for name in points if name not in sizes]):
        raise ValueError(f"sizes: there is none for {missing[0]!r}. Give one for each name in points.")
    amounts = to_numpy([1.0 if sizes is None else sizes[name] for name in points], "sizes")
    radii = np.maximum(_SMALLEST, _LARGEST * np.sqrt(amounts / amounts.max())) if sizes else np.full(len(names), 5.0)
    ax = panel(ax, (9, 5.2))
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel, xscale=xscale)
    ax.scatter(*places.T, s=(2 * radii) ** 2, color=FEATURE_MAP, alpha=0.55, edgecolor="white", zorder=3)
    if xscale == "log":
        ax.xaxis.set(major_locator=LogLocator(subs=(1, 2, 5)), major_formatter=StrMethodFormatter("{x:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    ax.margins(0.13)
    ax.grid(True)
    if len(front):
        joined = sorted(points[name] for name in front)
        ax.plot(*zip(*joined, strict=True), "--", color=INPUT, linewidth=1.5, zorder=2)
    _names(ax, names, places, radii)
    if sizes is not None and size_label:
        note(ax.figure, f"Area: {size_label}, {amounts.min():,.4g} to {amounts.max():,.4g}.")
    told = (f"{name} {x:.4g}, {y:.4g}" for name, (x, y) in zip(names, places.tolist(), strict=True))
    describe(ax, f"{ylabel or 'y'} against {xlabel or 'x'}: {'; '.join(told)}.")
    return ax


def _names(ax, names, places, radii):
    """Write each name on that side of its bubble where it covers least of what is there already."""
    ax.figure.figure.draw_without_rendering()  # only now is it known where on the page the points lie
    centres = ax.transData.transform(places) * 72 / ax.figure.dpi
    frame = ax.get_window_extent().bounds
    left, low, width, height = (side * 72 / ax.figure.dpi for side in frame)
    page = np.array([left, low, left + width, low + height])
    taken = [np.array([*(c - r), *(c + r)]) for c, r in zip(centres, radii, strict=True)]
    for name, place, centre, radius in zip(names, places, centres, radii, strict=True):
        choices = [_box(centre, radius, side, name) for side in _AROUND]
        costs = [sum(_overlap(box, other) for other in taken) + 5 * _outside(box, page) for box in choices]
        best = int(np.argmin(costs))
        taken.append(choices[best])
        middle = (choices[best][:2] + choices[best][2:]) / 2 - centre
        style = {"textcoords": "offset points", "ha": "center", "va": "center", "fontsize": 9, "zorder": 4}
        style["path_effects"] = [withStroke(linewidth=2.5, foreground="white")]  # lines pass behind the letters
        ax.annotate(name, place, tuple(middle), **style)


def _box(centre, radius, side, name):
    """Rectangle (left, low, right, high) in points of a name on one side of a bubble."""
    half = np.array([_LETTER * len(name) / 2, _LINE / 2])
    diagonal = 0.75 if all(side) else 1.0
    middle = centre + np.array(side) * (diagonal * radius + 3 + half)
    return np.concatenate([middle - half, middle + half])


def _overlap(box, other):
    """Area that two rectangles share."""
    sides = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
    return float(np.prod(np.maximum(sides, 0)))


def _outside(box, page):
    """Area of a rectangle that lies off the page."""
    return float(np.prod(box[2:] - box[:2])) - _overlap(box, page)
