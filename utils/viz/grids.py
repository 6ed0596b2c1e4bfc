"""Matrices: small ones with every number written in its cell, larger ones as a heat map."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from utils.viz.arrays import require_rank, titles_for, to_numpy
from utils.viz.axes import Panels, frame, panel, size_text
from utils.viz.captions import describe
from utils.viz.palette import FEATURE_MAP, INK, KERNEL, PIXELS, ROLES, SIGNED, colour_range

_MOST_CELLS = 400
_CELL, _GAP = 0.5, 0.6  # inches: side of a cell, space between two matrices
_PICTURE = "pixels"  # the role of numbers that are shaded as a picture is


def numbers(array, ax=None, title="", role=None, highlight=None, padding=0, largest=None, decimals=None):
    """Draw a matrix with every value written in its cell.

    Signed values go from blue over white (zero) to red; others from white (zero) to the colour of the role. Pixels go
    from black (zero) to white.

    Args:
        array: (H, W), or (W,) drawn as one row; at most 400 values.
        ax: Axes to draw on.
        title: written above.
        role: what the numbers are, shown by the frame: "input", "kernel", "feature_map", "gradient", "right", "wrong";
            or "pixels".
        highlight: window outlined in the kernel's colour: (row, column) of one cell, or (row, column, height, width).
            It may hang over the edge.
        padding: so many outer rows and columns are padding: hatched, with grey figures.
        largest: value with the darkest colour (of pixels: white), so that several matrices share a range (by default
            the array's own).
        decimals: digits after the point, by default as few as tell the values apart, at most 2.

    Returns:
        Axes.

    Raises:
        ValueError: wrong rank, too many values, NaN, a highlight that is no window, or an unknown role.
    """
    array, window = _checked(array, role, highlight)
    cmap, low, high = _colours(array, role, largest)
    ax = panel(ax, (max(1.6, _CELL * array.shape[1]) + 0.3, max(0.6, _CELL * array.shape[0]) + 0.3))
    ax.imshow(array, cmap=cmap, vmin=low, vmax=high, aspect="equal")
    _lines_between_cells(ax, array.shape)
    _write(ax, array, cmap((array - low) / (high - low)), decimals, padding)
    _hatch(ax, array.shape, padding)
    frame(ax, ROLES.get(role))
    ax.set_title(title)
    if window:
        row, column, height, width = window
        box = Rectangle((column - 0.5, row - 0.5), width, height, fill=False, edgecolor=KERNEL, linewidth=4)
        ax.add_patch(box).set(clip_on=False, zorder=5)
    describe(ax, _numbers_alt(array, title, window, decimals))
    return ax


def number_row(arrays, operators=None, roles=None, highlights=None, paddings=None, largest=None):
    """Draw small matrices in a row with signs between them: a window, times a kernel, gives the products.

    Args:
        arrays: {title: matrix (H, W) or (W,)}.
        operators: signs between neighbours, one fewer than there are matrices, e.g. ["×", "="].
        roles: {title: role} as in `numbers`.
        highlights: {title: window} as in `numbers`.
        paddings: {title: padding} as in `numbers`.
        largest: {title: value with the darkest colour} as in `numbers`.

    Returns:
        array of Axes (N,).

    Raises:
        ValueError: as for `numbers`, or the operators do not fit between the matrices.
    """
    operators = [""] * (len(arrays) - 1) if operators is None else list(operators)
    if not arrays or len(operators) != len(arrays) - 1:
        raise ValueError(f"{len(arrays)} matrices have {len(arrays) - 1} gaps, but {len(operators)} signs are given.")
    roles, highlights, paddings, largest = (named or {} for named in (roles, highlights, paddings, largest))
    checked = [_checked(array, roles.get(title), highlights.get(title)) for title, array in arrays.items()]
    axes = _row_of_panels([matrix.shape for matrix, _ in checked])
    for ax, title, (matrix, window) in zip(axes, arrays, checked, strict=True):
        numbers(matrix, ax, title, roles.get(title), window, paddings.get(title, 0), largest.get(title))
    for ax, sign in zip(axes, operators, strict=False):
        middle = (_GAP * 36, 0)  # points right of the matrix: half the gap
        ax.annotate(sign, (1, 0.5), middle, "axes fraction", "offset points", ha="center", va="center", size=20)
    return axes


def heatmap(matrix, ax=None, rows=None, columns=None, title="", xlabel="", ylabel="", label=""):
    """Draw a matrix by colour, with a colour bar: white zero, dark blue largest; red and blue where it is signed.

    Args:
        matrix: (H, W) of any size.
        rows, columns: names of the rows and columns.
        label: what the colour bar measures, with its unit.

    Returns:
        Axes.

    Raises:
        ValueError: wrong rank, NaN, or names that do not fit the shape.
    """
    matrix = to_numpy(matrix, "matrix")
    require_rank(matrix, (2,), "matrix", "a matrix (H, W)")
    rows = rows if rows is None else titles_for(rows, len(matrix), "rows")
    columns = columns if columns is None else titles_for(columns, matrix.shape[1], "columns")
    cmap, low, high = colour_range(matrix)
    ax = panel(ax, (7, 5))
    shown = ax.imshow(matrix, cmap=cmap, vmin=low, vmax=high, aspect="auto")
    ax.figure.colorbar(shown, ax=ax, label=label)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if rows:
        ax.set_yticks(range(len(rows)), rows)
    if columns:
        ax.set_xticks(range(len(columns)), columns, rotation=0 if max(map(len, columns)) * len(columns) < 60 else 90)
    row, column = np.unravel_index(int(abs(matrix).argmax()), matrix.shape)
    place = f"{rows[row] if rows else f'row {row}'}, {columns[column] if columns else f'column {column}'}"
    what = f"Heat map{f' {title!r}' if title else ''} of {size_text(matrix.shape)} values"
    describe(ax, f"{what} from {matrix.min():.3g} to {matrix.max():.3g}; largest in size at {place}.")
    return ax


def written(value, decimals=None):
    """A number as it stands in a cell: integers without a point, no negative zero."""
    if decimals is None:
        decimals = 0 if float(value).is_integer() else 1 if abs(value * 10 - round(value * 10)) < 1e-6 else 2
    text = f"{value:.{decimals}f}"
    text = text.lstrip("-") if float(text) == 0 else text
    return text.replace("-", "−")


def _checked(array, role, highlight):
    """Matrix (H, W) and window (row, column, height, width) or None, both found good."""
    array = to_numpy(array, "array")
    require_rank(array, (1, 2), "array", "a matrix (H, W) or a row (W,)")
    array = np.atleast_2d(array)
    if array.size > _MOST_CELLS:
        raise ValueError(
            f"array: {size_text(array.shape)} numbers are too many to read. Cut out a part, e.g. array[:8, :8], "
            "or draw it with viz.heatmap or viz.image_grid."
        )
    if role is not None and role not in (*ROLES, _PICTURE):
        raise ValueError(f"role: {role!r} is none of {', '.join((*ROLES, _PICTURE))}.")
    if highlight is None:
        return array, None
    window = tuple(int(side) for side in highlight)
    if len(window) not in (2, 4) or min(window[2:], default=1) < 1:
        raise ValueError(f"highlight: expected (row, column) or (row, column, height, width), got {highlight}.")
    return array, window if len(window) == 4 else (*window, 1, 1)


def _colours(array, role, largest):
    """Colour map and range: (map, lowest, highest). The darkest ends stay unused, so that figures can be read."""
    _, low, high = colour_range(array)
    if role == _PICTURE:
        return colormaps[PIXELS], 0.0, largest or high
    high = 1.3 * (largest or high)
    if low < 0:
        return colormaps[SIGNED], -high, high
    return LinearSegmentedColormap.from_list("role", ["#ffffff", ROLES.get(role, FEATURE_MAP)]), 0.0, high


def _lines_between_cells(ax, shape):
    for x in range(1, shape[1]):
        ax.axvline(x - 0.5, color="#bbbbbb", linewidth=0.8)
    for y in range(1, shape[0]):
        ax.axhline(y - 0.5, color="#bbbbbb", linewidth=0.8)


def _write(ax, array, colours, decimals, padding):
    """Write every value, white on dark cells, smaller where the texts are long."""
    texts = [[written(value, decimals) for value in row] for row in array.tolist()]
    longest = max(len(text) for row in texts for text in row)
    size = {1: 15, 2: 15, 3: 13, 4: 11, 5: 9.5}.get(longest, 8)
    luminance = colours[..., :3] @ np.array([0.299, 0.587, 0.114])
    for (row, column), light in np.ndenumerate(luminance):
        colour = "#777777" if _is_padding(row, column, array.shape, padding) else INK if light > 0.5 else "white"
        ax.text(column, row, texts[row][column], ha="center", va="center", size=size, color=colour)


def _is_padding(row, column, shape, padding):
    inside = padding <= row < shape[0] - padding and padding <= column < shape[1] - padding
    return padding > 0 and not inside


def _hatch(ax, shape, padding):
    for row, column in np.ndindex(*shape):
        if _is_padding(row, column, shape, padding):
            cell = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="none", edgecolor="#cccccc", hatch="///")
            ax.add_patch(cell).set_linewidth(0)


def _numbers_alt(array, title, window, decimals):
    rows = "; ".join(" ".join(written(value, decimals) for value in row) for row in array.tolist())
    shape = f"{size_text(array.shape)} numbers{f' {title!r}' if title else ''}"
    values = f": {rows}" if array.size <= 64 else f" from {array.min():.3g} to {array.max():.3g}"
    where = f" Window of {window[2]}x{window[3]} at row {window[0]}, column {window[1]}." if window else ""
    return f"{shape}{values}.{where}"


def _row_of_panels(shapes):
    """Axes in a row, placed by hand so that the cells of all matrices are equally large."""
    tallest = max(shape[0] for shape in shapes) * _CELL
    total = sum(shape[1] for shape in shapes) * _CELL + _GAP * (len(shapes) - 1)
    figure = plt.figure(figsize=(total, tallest), layout="none")
    axes, left = [], 0.0
    for height, width in shapes:
        bottom = (tallest - height * _CELL) / 2
        box = (left / total, bottom / tallest, width * _CELL / total, height * _CELL / tallest)
        axes.append(figure.add_axes(box))
        left += width * _CELL + _GAP
    return np.array(axes).view(Panels)
