"""Pictures, kernels and feature maps: what goes into a network, what it learns, what it sees."""

import numpy as np

from utils.viz.arrays import require_rank, titles_for, to_numpy, to_pictures
from utils.viz.axes import colour_bar, frame, panel_grid, size_text
from utils.viz.captions import describe, note
from utils.viz.palette import FEATURE_MAP, KERNEL, PIXELS, SEQUENTIAL, colour_range

_MOST, _WIDEST = 64, 12  # panels that a figure, and a row, can hold and still be read


def image_grid(images, titles=None, columns=None):
    """Draw pictures side by side.

    Bytes are shown from 0 to 255 and floats in [0, 1] as they are. Other floats (normalised pictures) are stretched
    from the smallest to the largest value of all the pictures together, and the figure says so.

    Args:
        images: array, tensor, list or dict of pictures, (N, H, W), (N, C, H, W), (N, H, W, C) with C 1 or 3, or one
            picture. (3, H, W) is one colour picture. The keys of a dict become titles.
        titles: one for each picture.
        columns: pictures in a row.

    Returns:
        array of Axes (N,).

    Raises:
        ValueError: nothing to draw, a wrong shape, NaN, or as many titles as there are not pictures.
    """
    if titles is None and isinstance(images, dict):
        titles = list(images)
    pictures = to_pictures(images)
    titles = titles_for(titles, len(pictures))
    low, high, unit = pixel_range(pictures)
    large = {1: 4.2, 2: 3.6}.get(len(pictures), 2.6)
    axes = panel_grid(len(pictures), columns, **_panel([p.shape for p in pictures], titles, 1.25, large))
    for ax, picture, title in zip(axes, pictures, titles, strict=True):
        ax.imshow(_stretched(picture, low, high), cmap=PIXELS, vmin=low, vmax=high)
        ax.set_title(title, pad=4)
        frame(ax)
    if not unit:
        note(axes[0].figure, f"Black is {low:.3g}, white is {high:.3g}.".replace("-", "−"))
    named = f": {', '.join(titles)}" if any(titles) else ""
    describe(axes[0], f"{_counted(len(pictures), 'picture')} of {size_text(pictures[0].shape[:2])} pixels{named}.")
    return axes


def compare(before, after, titles=("before", "after")):
    """Draw pictures in pairs, one pair a column: above as they were, below what became of them.

    Args:
        before, after: as many pictures each, in any form that `image_grid` takes.
        titles: what to call the two rows.

    Returns:
        array of Axes (2 N,), the upper row first.

    Raises:
        ValueError: the numbers of pictures differ, or as for `image_grid`.
    """
    upper, lower = to_pictures(before, titles[0]), to_pictures(after, titles[1])
    if len(upper) != len(lower):
        raise ValueError(f"{len(upper)} pictures {titles[0]} and {len(lower)} {titles[1]}: give as many of each.")
    if len(upper) == 1:
        return image_grid(upper + lower, titles)
    axes = image_grid(upper + lower, columns=len(upper))
    for row, title in zip((axes[0], axes[len(upper)]), titles, strict=True):
        row.set_ylabel(title)
    describe(axes[0], f"{len(upper)} pictures, above {titles[0]}, below {titles[1]}.")
    return axes


def kernels(weight, titles=None, columns=None):
    """Draw the kernels of a convolution: blue negative, white zero, red positive, one range for all.

    Args:
        weight: (K, K), (N, K, K) or (Cout, Cin, K, K). With several input channels each row is one output channel.
            A figure holds 64 kernels: from more, the first are drawn, and the figure says so.
        titles: one for each kernel drawn.
        columns: kernels in a row.

    Returns:
        array of Axes.

    Raises:
        ValueError: another rank, nothing to draw, NaN.
    """
    weight = to_numpy(weight, "weight")
    require_rank(weight, (2, 3, 4), "weight", "kernels (K, K), (N, K, K) or (Cout, Cin, K, K)")
    shape = weight.shape
    if weight.ndim == 4 and shape[1] > 1:
        weight, columns = weight[: max(1, min(6, _MOST // shape[1])), :_WIDEST], columns or min(shape[1], _WIDEST)
    stack = weight.reshape(-1, *shape[-2:])
    total = int(np.prod(shape[:-2]))
    axes = _scaled_grid(stack, total, titles, columns, "kernel", KERNEL, signed=True)
    if weight.ndim == 4 and shape[1] > 1:
        some = f"{len(stack)} of {total} kernels. " if total > len(stack) else ""
        note(axes[0].figure, f"{some}Rows: output channels, columns: input channels.")
    return axes


def feature_maps(maps, titles=None, columns=None):
    """Draw the feature maps of one picture, all on one range: white zero, dark blue largest, red and blue if signed.

    Args:
        maps: (C, H, W), (1, C, H, W) or (H, W). A figure holds 64 maps: from more, the first are drawn, and the
            figure says so.
        titles: one for each map drawn.
        columns: maps in a row.

    Returns:
        array of Axes.

    Raises:
        ValueError: several pictures, another rank, nothing to draw, NaN.
    """
    maps = to_numpy(maps, "maps")
    if maps.ndim == 4 and len(maps) == 1:
        maps = maps[0]
    require_rank(maps, (2, 3), "maps", "the feature maps (C, H, W) of one picture")
    stack = maps.reshape(-1, *maps.shape[-2:])
    return _scaled_grid(stack, len(stack), titles, columns, "feature map", FEATURE_MAP, signed=False)


def pixel_range(pictures):
    """Lowest and highest value to show, and whether they are the pictures' own unit: (low, high, bool)."""
    if all(picture.dtype == np.uint8 for picture in pictures):
        return (0, 255, True) if max(picture.max() for picture in pictures) > 1 else (0, 1, True)
    low, high = min(float(p.min()) for p in pictures), max(float(p.max()) for p in pictures)
    if low >= 0 and high <= 1:
        return 0.0, 1.0, True
    return low, high if high > low else low + 1, False


def _stretched(picture, low, high):
    """A colour picture on [0, 1], as matplotlib wants it; a grey one as it is."""
    return picture if picture.ndim == 2 else (picture.astype(np.float32) - low) / (high - low)


def _panel(shapes, titles, small, large):
    """Options of `panel_grid`: panels `small` inches wide for digits, `large` for photographs, and room for titles."""
    tallest, widest = max(shape[0] for shape in shapes), max(shape[1] for shape in shapes)
    width = small if max(tallest, widest) <= 64 else large
    height = width * min(2.0, tallest / widest)
    letters = max(len(line) for title in titles for line in title.split("\n"))
    lines = max(title.count("\n") + 1 if title else 0 for title in titles)
    width = max(width, 0.1 * letters)
    return {"width": width, "height": height, "head": 0.27 * lines, "most": max(1, int(11 / width))}


def _scaled_grid(stack, total, titles, columns, what, colour, signed):
    """Grid of matrices with one colour bar; the first _MOST of them."""
    stack = stack[:_MOST]
    titles = titles_for(titles, len(stack))
    cmap, low, high = colour_range(stack, signed)
    small = 1.1 if len(stack) <= 32 else 0.8
    size = _panel([stack.shape[1:]], titles, small, large=2.6 if len(stack) <= 12 else 1.4)
    axes = panel_grid(len(stack), columns, **size | {"most": min(8, size["most"])}, margin=0.9)
    for ax, matrix, title in zip(axes, stack, titles, strict=True):
        shown = ax.imshow(matrix, cmap=cmap, vmin=low, vmax=high)
        ax.set_title(title, pad=4)
        frame(ax)
    colour_bar(axes, shown, 0.9, colour)
    some = f"{len(stack)} of " if total > len(stack) else ""
    if some:
        note(axes[0].figure, f"The first {some}{total}.")
    signs = "white is zero" if cmap == SEQUENTIAL else "blue negative, white zero, red positive"
    what = f"{some}{_counted(total, what)} of {size_text(stack.shape[1:])}"
    describe(axes[0], f"{what}, from {stack.min():.2g} to {stack.max():.2g}: {signs}.")
    return axes


def _counted(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"
