"""A network whose paths split and join: boxes with their texts inside, and lines between them."""

from matplotlib.patches import FancyBboxPatch

from utils.viz.layout import place
from utils.viz.palette import INK
from utils.viz.sketch import FILL, arrow, lines_of, shape_text

_STEP, _LANE, _MOST = 1.7, 0.98, 7  # inches from column to column and lane to lane; columns in a row
_WIDTH, _HEIGHT, _GAP = 1.36, 0.78, 0.4  # of a box; between two rows
_SIGN = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": INK, "linewidth": 1.2}
_DARK_TEXT = ("pool", "join", "other", "small")


class Branches:
    """Drawing of boxes in columns and lanes. `size`: (width, height) in inches; `draw(ax)` draws it in inches."""

    def __init__(self, found):
        self._found = found
        self._places, self._ways = place([box.inputs for box in found], _MOST)
        self._margin = 0.3 if any(spot.row for spot in self._places) else 0.0  # for lines from the row before
        self._middles, height = [], 0.1
        for low, high in self._spans():
            self._middles.append(height + _LANE * high + _HEIGHT / 2)
            height += _LANE * (high - low) + _HEIGHT + _GAP
        columns = 1 + max(spot.column for spot in self._places)
        self.size = (self._margin + _STEP * columns, height - _GAP + 0.1)

    def draw(self, ax):
        """Draw lines, then boxes over their ends."""
        for (before, after), way in self._ways.items():
            self._line(ax, before, after, way)
        for box, spot in zip(self._found, self._places, strict=True):
            draw = _sign if _is_sign(box) else _box
            draw(ax, box, *self._point(spot.row, spot.column, spot.lane))

    def _spans(self):
        """Lowest and highest lane of each row."""
        lanes = {}
        for spot in self._places:
            lanes.setdefault(spot.row, []).append(spot.lane)
        for (_, after), way in self._ways.items():
            lanes[self._places[after].row] += [lane for _, lane in way]
        return [(min(lanes[row]), max(lanes[row])) for row in sorted(lanes)]

    def _point(self, row, column, lane):
        return self._margin + _STEP * (column + 0.5), self.size[1] - self._middles[row] + _LANE * lane

    def _line(self, ax, before, after, way):
        """Line from a box, or from the left edge of the row where the box is in an earlier row."""
        start, end = self._places[before], self._places[after]
        (_, lane), *between = way
        x, y = self._point(end.row, start.column, lane)
        x = x + self._half(before) if start.row == end.row else 0.0
        left, level = self._point(end.row, end.column, end.lane)
        points = [self._point(end.row, *point) for point in between]
        arrow(ax, [(x, y), *points, (left - self._half(after) - 0.02, level)], flat=_WIDTH / 2)

    def _half(self, index):
        return 0.2 if _is_sign(self._found[index]) else _WIDTH / 2


def _is_sign(box):
    return box.operation.kind == "join" and len(box.operation.text) == 1


def _sign(ax, box, x, y):
    """Sum or product: a sign in a circle."""
    ax.text(x, y, box.operation.text, ha="center", va="center", size=16, color=INK, zorder=3, bbox=_SIGN)
    texts = "\n".join([shape_text(box.shape), *box.extras])
    ax.text(x, y - 0.24, texts, ha="center", va="top", size=9, color=INK)


def _box(ax, box, x, y):
    style = {"boxstyle": "round,pad=0,rounding_size=0.08", "linewidth": 1.2, "edgecolor": INK, "zorder": 2}
    corner = (x - _WIDTH / 2, y - _HEIGHT / 2)
    ax.add_patch(FancyBboxPatch(corner, _WIDTH, _HEIGHT, facecolor=FILL[box.operation.kind], **style))
    colour = INK if box.operation.kind in _DARK_TEXT else "white"
    centred = {"ha": "center", "va": "center", "size": 9, "color": colour, "zorder": 3}
    ax.text(x, y + 0.1, "\n".join(lines_of(box)), linespacing=1.1, **centred)
    ax.text(x, y - 0.27, shape_text(box.shape), weight="bold", **centred)
