"""Diagrams of networks, drawn from the model itself, so that they cannot be wrong."""

from dataclasses import replace
from itertools import groupby

import matplotlib.pyplot as plt

from utils.viz.branches import Branches
from utils.viz.captions import describe
from utils.viz.chain import Chain
from utils.viz.sketch import shape_text
from utils.viz.trace import boxes

_MOST_BOXES = 24  # in a diagram whose depth is not given
_MOST_TOLD = 40  # in an alt text


def architecture(model, input_shape, depth=None, ax=None, title=""):
    """Draw a network from the model: what happens to one image, with the shape that comes out of every step.

    A network without branches is drawn as stacks of feature maps, with the window of each convolution (orange) and
    pooling on the map that it slides over; sides and numbers of maps are to a compressed scale. Where paths split and
    join, it is drawn as boxes in lanes. Activations, normalisation and dropout stand with the layer before them.

    Args:
        model: nn.Module; it is not changed.
        input_shape: shape of one image, without the batch, e.g. (1, 28, 28).
        depth: how deep to look into nested modules; 1 draws each of the model's own children as one box. By default as
            deep as 24 boxes allow. Modules with a single convolution or dense layer are always opened.
        ax: Axes to draw on; by default a figure of the right size.

    Returns:
        Axes.

    Raises:
        ValueError: the image does not go through the model, or `depth` is less than 1.
    """
    if depth is not None and depth < 1:
        raise ValueError(f"depth must be at least 1, not {depth}: it counts how deep to look into nested modules.")
    found = _readable(model, input_shape) if depth is None else boxes(model, input_shape, depth)
    chain = _is_chain(found)
    scene = Chain(found) if chain else Branches(found)
    if ax is None:
        _, ax = plt.subplots(figsize=scene.size, layout="none")
        ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, scene.size[0]), ylim=(0, scene.size[1]), aspect="equal")
    ax.set_axis_off()
    scene.draw(ax)
    ax.set_title(title)
    describe(ax, _told(type(model).__name__, found, chain))
    return ax


def _readable(model, input_shape):
    """Boxes of the model at the greatest depth that leaves few enough of them, repeated ones drawn once."""
    deepest = max(name.count(".") + 1 for name, _ in model.named_modules())
    for depth in range(deepest, 0, -1):
        found = boxes(model, input_shape, depth)
        found = found if len(found) <= _MOST_BOXES else _repeats_once(found)
        if len(found) <= _MOST_BOXES:
            break
    return found


def _repeats_once(found):
    """Boxes of a chain with equal neighbours drawn as one, "4 × conv 3×3"; a graph stays as it is."""
    if not _is_chain(found):
        return found
    runs = [list(run) for _, run in groupby(found, key=lambda box: (box.operation, tuple(box.extras), box.shape))]
    kept = []
    for index, (first, *others) in enumerate(runs):
        text = f"{len(others) + 1} × {first.operation.text}" if others else first.operation.text
        name = f"{first.name} …" if others else first.name
        kept.append(
            replace(first, name=name, operation=replace(first.operation, text=text), inputs=[index - 1][:index])
        )
    return kept


def _is_chain(found):
    return all(box.inputs == [index - 1] for index, box in enumerate(found) if index)


def _told(name, found, chain):
    """Alt text: what every box does; numbered where paths split, with the boxes that it follows."""
    steps = []
    for index, box in enumerate(found[:_MOST_TOLD]):
        step = ", ".join([*box.operation.text.split("\n"), *box.extras, shape_text(box.shape)])
        follows = f" after {' and '.join(map(str, box.inputs))}" if index and box.inputs != [index - 1] else ""
        label = f"{box.name}: " if chain and box.name else "" if chain else f"{index} "
        steps.append(f"{label}{step}{follows}")
    more = f"; and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
    return f"Diagram of {name}: {'; '.join(steps)}{more}."
