"""A network without branches: stacks of feature maps, and the windows that slide over them."""

import math

from matplotlib.patches import Rectangle

from utils.viz.layout import place
from utils.viz.palette import INK, KERNEL
from utils.viz.sketch import FILL, arrow, is_map, lines_of, shape_text

_STEP, _MOST = 1.5, 8  # inches from stack to stack; stacks in a row
_FACE, _MIDDLE, _BELOW = 1.1, 1.02, 1.86  # largest map; from the top of a row to the maps' middle, to the shapes
_PLATE = 0.045  # shift from one map of a stack to the next


class Chain:
    """Drawing of boxes that follow one another. `size`: (width, height) in inches; `draw(ax)` draws it in inches."""

    def __init__(self, found):
        self._found = found
        self._places, _ = place([box.inputs for box in found], _MOST)
        self._tops = self._row_tops()
        self.size = (_STEP * (1 + max(spot.column for spot in self._places)), self._tops[0])
        vectors = [math.prod(box.shape) for box in found if not is_map(box)]
        self._longest = max([*vectors, 2])
        self._largest = max([max(box.shape[1:]) for box in found if is_map(box)], default=1)
        self._fronts = [self._front(box, spot) for box, spot in zip(found, self._places, strict=True)]

    def draw(self, ax):
        """Draw stacks, windows, arrows and texts."""
        for index, box in enumerate(self._found):
            self._stack(ax, box, self._fronts[index])
            self._texts(ax, box, self._places[index])
            if index:
                self._joint(ax, index)

    def _row_tops(self):
        """Heights of the upper ends of the rows, the first row's is the height of the drawing."""
        lines = {}
        for box, spot in zip(self._found, self._places, strict=True):
            lines[spot.row] = max(lines.get(spot.row, 0), len(lines_of(box)))
        heights = [_BELOW + 0.22 + 0.17 * lines[row] for row in sorted(lines)]
        return [sum(heights[row:]) for row in range(len(heights))]

    def _front(self, box, spot):
        """(left, bottom, width, height) of the front map, or of the bar that stands for a vector."""
        x, y = _STEP * (spot.column + 0.5), self._tops[spot.row] - _MIDDLE
        if is_map(box):
            height, width = (max(0.16, _FACE * (pixels / self._largest) ** 0.45) for pixels in box.shape[1:])
        else:
            height, width = 0.35 + math.log(math.prod(box.shape) + 1) / math.log(self._longest + 1), 0.15
        return x - width / 2, y - height / 2, width, height

    def _stack(self, ax, box, front):
        left, bottom, width, height = front
        for shift in reversed(_shifts(box)):
            plate = Rectangle((left + shift, bottom + shift), width, height, edgecolor="white", linewidth=0.8)
            ax.add_patch(plate).set_facecolor(FILL[box.operation.kind])

    def _texts(self, ax, box, spot):
        x, top = _STEP * (spot.column + 0.5), self._tops[spot.row]
        ax.text(x, top - 0.15, box.name or box.operation.kind, ha="center", va="center", size=10.5, color="#555555")
        ax.text(x, top - _BELOW, shape_text(box.shape), ha="center", va="center", size=10, weight="bold", color=INK)
        if box.operation.kind != "input":
            lines = "\n".join(lines_of(box))
            ax.text(x, top - _BELOW - 0.13, lines, ha="center", va="top", size=10, color=INK, linespacing=1.15)

    def _joint(self, ax, index):
        """The window of a convolution or pooling on the map before it, else an arrow."""
        before, after = self._found[index - 1], self._found[index]
        if self._places[index].row != self._places[index - 1].row:
            left, bottom, _, height = self._fronts[index]
            arrow(ax, [(0.0, bottom + height / 2), (left + _shifts(after)[0] - 0.05, bottom + height / 2)])
        elif after.operation.window and is_map(before):
            self._window(ax, index)
        else:
            self._plain_arrow(ax, index)

    def _window(self, ax, index):
        """Outline of the window on the map, and two lines from it to one value of the next map."""
        before, after = self._found[index - 1], self._found[index]
        left, bottom, width, height = self._fronts[index - 1]
        rows, columns = (min(1.0, k / n) for k, n in zip(after.operation.window, before.shape[1:], strict=True))
        rows, columns = max(0.1, rows * height), max(0.1, columns * width)
        convolves = after.operation.kind == "conv"
        corner = (left + 0.55 * width - columns / 2, bottom + 0.45 * height - rows / 2)
        colour = KERNEL if convolves else "white"
        ax.add_patch(Rectangle(corner, columns, rows, fill=False, edgecolor=colour, linewidth=2, zorder=4))
        left, bottom, width, height = self._fronts[index]
        tip = (left + 0.3 * width, bottom + 0.45 * height)
        for y in (corner[1], corner[1] + rows):
            ray = ([corner[0] + columns, tip[0]], [y, tip[1]])
            ax.plot(*ray, "-", color=KERNEL if convolves else "#9a9a9a", linewidth=1, zorder=4)

    def _plain_arrow(self, ax, index):
        before, after = self._found[index - 1], self._found[index]
        left, bottom, width, height = self._fronts[index - 1]
        y = bottom + height / 2
        start = left + width + _shifts(before)[-1] + 0.05
        end = self._fronts[index][0] + _shifts(after)[0] - 0.05
        arrow(ax, [(start, y), (end, y)])
        if is_map(before) and after.operation.kind == "dense":
            count = f"flatten\n{math.prod(before.shape):,}"
            ax.text((start + end) / 2, y + 0.08, count, ha="center", va="bottom", size=9.5, color="#555555")


def _shifts(box):
    """Shifts of the maps of a stack from its middle: more maps for more channels, at most 7."""
    maps = min(7, 1 + round(0.75 * math.log2(box.shape[0]))) if is_map(box) else 1
    return [_PLATE * (number - (maps - 1) / 2) for number in range(maps)]
