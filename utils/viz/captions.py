"""Captions under a figure, and the alt text that stands for it where it cannot be seen.

The alt text of a figure is kept as its matplotlib label (`Figure.set_label`), that of one panel as the label of its
Axes: matplotlib draws neither.
"""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

_CAPTION, _NOTE = "course caption", "course note"
_POINTS_A_LETTER = 6.2  # mean width of DejaVu Sans at 11 points


def caption(ax_or_fig, text, alt=None):
    """Write a caption under the figure and set its alt text.

    Args:
        ax_or_fig: Axes (one, or an array of them) or Figure.
        text: caption, one or two sentences; replaces an earlier one.
        alt: what the figure shows, for readers who cannot see it. By default the description that the drawing
            function left, or the caption where there is none.

    Returns:
        The first argument.

    Raises:
        ValueError: the caption or the alt text is empty.
    """
    if not str(text).strip() or (alt is not None and not str(alt).strip()):
        raise ValueError("A caption and an alt text need words: say what to look for in the figure.")
    figure = figure_of(ax_or_fig)
    _below(figure, _CAPTION, str(text), size=11)
    if alt or not alt_text(figure):
        figure.set_label(str(alt or text))
    return ax_or_fig


def note(figure, text):
    """Write what colours or ranges mean in small grey letters between the figure and its caption."""
    _below(figure, _NOTE, text, size=10, color="#555555")


def describe(ax, alt):
    """Set the alt text of one panel; its figure joins those of its panels."""
    ax.set_label(alt)


def alt_text(figure):
    """Alt text of a figure: its own, else those of its panels in drawing order, joined ("" where there is none)."""
    if figure.get_label():
        return str(figure.get_label())
    labels = [str(ax.get_label()) for ax in figure.axes]
    return " ".join(label for label in labels if label and not label.startswith("<"))  # "<colorbar>" is matplotlib's


def figure_of(ax_or_fig):
    """Figure that an Axes, an array or list of Axes, or a Figure belongs to.

    Raises:
        TypeError: it is none of these.
    """
    first = ax_or_fig
    while isinstance(first, (list, tuple, np.ndarray)) and len(first):
        first = first[0]
    figure = first if isinstance(first, Figure) else getattr(first, "figure", None)
    if not isinstance(figure, Figure):
        raise TypeError(
            f"Expected Axes or a Figure, not {type(ax_or_fig).__name__}. Pass what a viz function returned."
        )
    return figure


def _below(figure, kind, text, **style):
    """Put wrapped text under everything drawn so far, a note above a caption."""
    for old in [artist for artist in figure.texts if artist.get_gid() == kind]:
        old.remove()
    lines = _wrapped(" ".join(text.split()), max(30, int(figure.get_figwidth() * 72 / _POINTS_A_LETTER)))
    figure.text(0.5, 0, lines, ha="center", va="top", gid=kind, **style)
    offset = 4
    for text_below in sorted((a for a in figure.texts if a.get_gid() in (_NOTE, _CAPTION)), key=_order):
        move = ScaledTranslation(0, -offset / 72, figure.dpi_scale_trans)
        text_below.set_transform(figure.transFigure + move)
        offset += 8 + 1.3 * text_below.get_fontsize() * (1 + text_below.get_text().count("\n"))


def _wrapped(text, most):
    """Text in as few lines of at most `most` letters as it needs, all about equally long."""
    few = len(textwrap.wrap(text, most))
    widths = range(min(most, -(-len(text) // few)), most + 1)
    return next(filled for width in widths if (filled := textwrap.fill(text, width)).count("\n") < few)


def _order(artist):
    return artist.get_gid() != _NOTE
