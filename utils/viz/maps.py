"""Maps: points in the plane, each drawn as the name of its class."""

import numpy as np

from utils.viz.arrays import require_rank, to_numpy
from utils.viz.axes import panel
from utils.viz.captions import describe
from utils.viz.palette import CLASSES, INK


def class_map(points, labels, classes=None, marked=None, ax=None, title="", xlabel="", ylabel=""):
    """Draw points in the plane, each as the name of its class in the colour of its class.

    Args:
        points: (N, 2), x and y.
        labels: (N,) integers, the class of each point.
        classes: K short names, by default 0 to K - 1; at most ten classes.
        marked: indices of points to draw a ring around.
        ax: Axes to draw on.

    Returns:
        Axes.

    Raises:
        ValueError: points are not (N, 2), a label is missing or has no name, or there are more than ten classes.
    """
    points, labels = to_numpy(points, "points"), to_numpy(labels, "labels")
    classes = [str(name) for name in (range(int(labels.max()) + 1) if classes is None else classes)]
    _check(points, labels, classes)
    ax = panel(ax, (7, 6))
    for label, name in enumerate(classes):
        x, y = points[labels == label].T
        ax.scatter(x, y, s=34, marker=f"${name}$", color=CLASSES[label], linewidths=0)
    if marked is not None:
        x, y = points[to_numpy(marked, "marked")].T
        ax.scatter(x, y, s=160, facecolors="none", edgecolors=INK, linewidths=1.4)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    middles = (f"{name} around {_middle(points[labels == i])}" for i, name in enumerate(classes) if i in labels)
    describe(ax, f"A map of {len(points)} points of {len(classes)} classes: {', '.join(middles)}.")
    return ax


def _check(points, labels, classes):
    require_rank(points, (2,), "points", "points (N, 2)")
    if points.shape[1] != 2 or labels.shape != (len(points),):
        raise ValueError(
            f"points and labels: expected (N, 2) and (N,), got {points.shape} and {labels.shape}. "
            "Longer codes have no place in the plane: take two of their directions."
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= len(classes):
        raise ValueError(f"labels: expected integers from 0 to {len(classes) - 1}, one for each name.")
    if len(classes) > len(CLASSES):
        raise ValueError(f"classes: {len(CLASSES)} colours can be told apart, not {len(classes)}. Draw fewer classes.")


def _middle(points):
    x, y = np.median(points, axis=0)
    return f"({x:.1f}, {y:.1f})"
