"""What the two ways of drawing a network share: colours, texts, arrows. Lengths are in inches."""

from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from utils.viz.palette import FEATURE_MAP, INPUT

FILL = {
    "input": INPUT,
    "conv": FEATURE_MAP,
    "pool": "#7fb8d8",
    "dense": "#44546a",
    "block": FEATURE_MAP,
    "join": "#ffffff",
    "other": "#c9c9c9",
    "small": "#c9c9c9",
}


def is_map(box):
    """True if feature maps (C, H, W) come out of a box, more than one pixel each."""
    return len(box.shape) == 3 and max(box.shape[1:]) > 1


def shape_text(shape):
    """Shape as it stands in a diagram: (6, 28, 28) -> "6 × 28 × 28", a map of one pixel as its number of channels."""
    sides = shape if any(side > 1 for side in shape[1:]) else shape[:1]
    return " × ".join(f"{side:,}" for side in sides)


def lines_of(box):
    """Texts of a box without its name and shape: the operation, then what was merged in, two to a line if short."""
    lines = box.operation.text.split("\n")
    room = False
    for extra in box.extras:
        if room and len(lines[-1]) + len(extra) <= 15:
            lines[-1], room = f"{lines[-1]}, {extra}", False
        else:
            lines.append(extra)
            room = True
    return lines


def arrow(ax, points, flat=0.0):
    """Smooth arrow through points, running level for `flat` to both sides of each point between its ends."""
    (x, y), *rest = points
    vertices, codes = [(x, y)], [Path.MOVETO]
    for number, (right, level) in enumerate(rest):
        inner = flat if number < len(rest) - 1 else 0.0
        bend = (x + right - inner) / 2
        vertices += [(bend, y), (bend, level), (right - inner, level)]
        codes += [Path.CURVE4] * 3
        if inner:
            vertices.append((right + inner, level))
            codes.append(Path.LINETO)
        x, y = right + inner, level
    style = {"arrowstyle": "-|>", "mutation_scale": 11, "color": "#666666", "linewidth": 1.3}
    ax.add_patch(FancyArrowPatch(path=Path(vertices, codes), **style))
