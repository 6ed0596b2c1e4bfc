"""Curves, bars and distributions: signals, histories of training, measurements over seeds."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import EngFormatter

from utils.viz.arrays import require_rank, titles_for, to_numpy
from utils.viz.axes import Panels, panel
from utils.viz.captions import describe, note
from utils.viz.grids import written
from utils.viz.palette import FEATURE_MAP, GRADIENT, INK, INPUT, KERNEL, RIGHT, WRONG

_COLOURS = (FEATURE_MAP, KERNEL, RIGHT, GRADIENT, WRONG, "#56B4E9", INPUT, "#000000")
_DASHES = ("-", "--", "-.", ":")
_MARKERS = "osD^v<>P"
_MOST_WRITTEN = 24  # readings whose values are written beside their stems


def steps(signal, ax=None, label="value", title="", xlabel="position", role_colour=INPUT):
    """Draw a 1-D signal as one stem for each reading, its value written above.

    Args:
        signal: (n,).
        label: what was read, with its unit: the label of the vertical axis.
        role_colour: colour of the stems, one of the palette of `viz`.

    Returns:
        Axes.

    Raises:
        ValueError: another rank, nothing to draw, NaN.
    """
    signal = to_numpy(signal, "signal")
    require_rank(signal, (1,), "signal", "one row of readings (n,)")
    ax = panel(ax, (max(4.0, min(11.0, 0.7 * len(signal) + 1)), 3))
    ax.vlines(range(len(signal)), 0, signal, color=role_colour, linewidth=3)
    ax.plot(signal, "o", color=role_colour, markersize=9)
    ax.axhline(0, color=INK, linewidth=1)
    if len(signal) <= _MOST_WRITTEN:
        _write_values(ax, signal)
    ax.margins(y=0.25)
    ax.set(title=title, xlabel=xlabel, ylabel=label)
    values = ", ".join(written(value) for value in signal[:_MOST_WRITTEN].tolist())
    more = ", ..." if len(signal) > _MOST_WRITTEN else ""
    describe(ax, f"{len(signal)} readings of {label}{_after(title)}: {values}{more}.")
    return ax


def lines(series, x=None, ax=None, title="", xlabel="", ylabel="", xscale="linear", yscale="linear"):
    """Draw curves, each with its mean and spread where it was measured several times.

    Args:
        series: {label: (n,)} or {label: (seeds, n)}: from several rows the mean is drawn, and a band from the smallest
            to the largest. NaN leaves a gap. A bare (n,) array is one curve without a legend.
        x: (n,) numbers, by default 0, 1, 2, ...
        xscale, yscale: "linear" or "log".

    Returns:
        Axes.

    Raises:
        ValueError: nothing to draw, or curves of another length than `x`.
    """
    series = series if isinstance(series, dict) else {"": series}
    measured = {name: np.atleast_2d(to_numpy(values, name or "series", False)) for name, values in series.items()}
    x = _checked_x(measured, x)
    ax = panel(ax)
    for number, (label, curve) in enumerate(measured.items()):
        _curve(ax, x, curve, label, number)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    ax.grid(True)
    if any(measured):
        ax.legend()
    seeds = max(len(curve) for curve in measured.values())
    if seeds > 1:
        note(ax.figure, f"Lines: mean of {seeds} runs. Bands: smallest to largest.")
    describe(ax, _lines_alt(measured, x, title, xlabel, ylabel))
    return ax


def curves(history, quantities=("loss", "accuracy")):
    """Draw loss and accuracy by epoch: training dashed, test solid.

    Args:
        history: a History of `utils.train`, its `to_dict()`, or {label: history} to compare several.
        quantities: what to draw, one panel each: names that the histories have with "train_" and "test_" before them.

    Returns:
        array of Axes, one for each quantity.

    Raises:
        ValueError: no epoch was trained, or the histories lack a quantity.
    """
    histories = history if isinstance(history, dict) and "train_loss" not in history else {"": history}
    found = {label: {q: _splits(h, q, label) for q in quantities} for label, h in histories.items()}
    if not found:
        raise ValueError("history: nothing to draw. Train first, e.g. history = train.fit(model, ...).")
    _, axes = plt.subplots(1, len(quantities), figsize=(5 * len(quantities), 3.8), squeeze=False)
    for ax, quantity in zip(axes[0], quantities, strict=True):
        for number, (label, splits) in enumerate(found.items()):
            _history_curve(ax, splits[quantity], label, _COLOURS[number % len(_COLOURS)])
        ax.set(xlabel="epoch", ylabel=quantity)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(True)
        describe(ax, _curves_alt(quantity, {label: splits[quantity] for label, splits in found.items()}))
    axes[0, 0].legend()
    return axes[0].view(Panels)


def bars(values, errors=None, ax=None, title="", xlabel="", colours=None, form="{:,.4g}"):
    """Draw one horizontal bar for each name, its number written at its end.

    Args:
        values: {name: number}.
        errors: {name: half the length of the error bar}, in the unit of the values.
        xlabel: what is measured, with its unit.
        colours: one colour, or {name: colour}.
        form: format of the written numbers.

    Returns:
        Axes.

    Raises:
        ValueError: nothing to draw, NaN.
    """
    heights = to_numpy(list(values.values()), "values")
    require_rank(heights, (1,), "values", "one number for each name")
    names = titles_for(values, len(heights))
    colour = [colours.get(name, INPUT) for name in values] if isinstance(colours, dict) else colours or FEATURE_MAP
    spread = None if errors is None else [errors.get(name, 0) for name in values]
    ax = panel(ax, (8, 0.45 * len(names) + 1.1))
    drawn = ax.barh(names, heights, xerr=spread, color=colour, capsize=4)
    texts = [form.format(height) for height in heights.tolist()]
    ax.bar_label(drawn, texts, padding=5)
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.axvline(0, color=INK, linewidth=1)
    ax.set(title=title, xlabel=xlabel)
    if abs(heights).max() >= 1e4:
        ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    pairs = ", ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    describe(ax, f"Bars{_after(title)}{_after(xlabel)}: {pairs}.")
    return ax


def histogram(values, ax=None, bins=40, title="", xlabel="value", ylabel="count"):
    """Draw how often values occur, several sets over each other on the same bins.

    Args:
        values: array of any shape, or {label: array}.

    Returns:
        Axes.

    Raises:
        ValueError: nothing to draw, NaN.
    """
    sets = values if isinstance(values, dict) else {"": values}
    sets = {label: to_numpy(v, label or "values").ravel() for label, v in sets.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(sets.values())), bins)
    ax = panel(ax)
    for colour, (label, sample) in zip(cycle(_COLOURS), sets.items(), strict=False):
        ax.hist(sample, edges, histtype="stepfilled", alpha=0.45, color=colour, edgecolor=colour, label=label)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if any(sets):
        ax.legend()
    told = [f"{label or 'values'} mean {s.mean():.3g}, standard deviation {s.std():.3g}" for label, s in sets.items()]
    describe(ax, f"Histogram{_after(title)} of {xlabel}: {'; '.join(told)}.")
    return ax


def _write_values(ax, signal):
    for place, value in enumerate(signal.tolist()):
        side, offset = ("bottom", 9) if value >= 0 else ("top", -9)
        ax.annotate(written(value), (place, value), (0, offset), textcoords="offset points", ha="center", va=side)
    ax.set_xticks(range(len(signal)))


def _checked_x(measured, x):
    """`x` (n,), or 0 to n - 1, found to fit every curve (seeds, n)."""
    if not measured:
        raise ValueError("series: nothing to draw, there is no curve in it.")
    x = to_numpy(np.arange(max(curve.shape[-1] for curve in measured.values())) if x is None else x, "x")
    for label, curve in measured.items():
        require_rank(curve, (2,), label or "series", "one curve (n,) or one a seed (seeds, n)")
        if curve.shape[1] != len(x):
            raise ValueError(f"{label or 'series'}: {curve.shape[1]} values, but x has {len(x)}. Give as many of each.")
    return x


def _curve(ax, x, curve, label, number):
    colour = _COLOURS[number % len(_COLOURS)]
    marker = _MARKERS[number % len(_MARKERS)] if len(x) <= 20 else None
    ax.plot(x, curve.mean(axis=0), _DASHES[number % 4], color=colour, marker=marker, label=label)
    if len(curve) > 1:
        ax.fill_between(x, curve.min(axis=0), curve.max(axis=0), color=colour, alpha=0.2, linewidth=0)


def _lines_alt(measured, x, title, xlabel, ylabel):
    ends = [f"{name or 'curve'} from {c[:, 0].mean():.3g} to {c[:, -1].mean():.3g}" for name, c in measured.items()]
    span = f"{ylabel or 'values'} against {xlabel or 'position'} from {x[0]:.3g} to {x[-1]:.3g}"
    return f"Curves{_after(title)}: {span}: {'; '.join(ends)}."


def _after(text):
    """Text behind a comma, nothing where there is none."""
    return f", {text}" if text else ""


def _splits(history, quantity, label):
    """{"train": (epochs,), "test": (epochs,)} of one quantity, without what was not recorded."""
    get = history.get if isinstance(history, dict) else lambda name, default: getattr(history, name, default)
    splits = {split: get(f"{split}_{quantity}", None) for split in ("train", "test")}
    splits = {split: to_numpy(v, quantity, finite=False) for split, v in splits.items() if v is not None and len(v)}
    if not splits:
        name = f"history {label!r}" if label else "history"
        raise ValueError(f"{name}: no epoch with {quantity}. Train first, or choose other quantities.")
    return splits


def _history_curve(ax, splits, label, colour):
    for split, values in splits.items():
        style = {"linestyle": "--", "linewidth": 1.5} if split == "train" else {"linestyle": "-", "marker": "o"}
        epochs = np.arange(1, len(values) + 1)
        ax.plot(epochs, values, color=colour, label=f"{label} {split}".strip(), **style)


def _curves_alt(quantity, by_label):
    ends, epochs = [], 0
    for label, splits in by_label.items():
        for split, values in splits.items():
            ends.append(f"{label} {split} from {values[0]:.3g} to {values[-1]:.3g}".strip())
            epochs = max(epochs, len(values))
    return f"{quantity.capitalize()} over {epochs} epochs: {'; '.join(ends)}."
