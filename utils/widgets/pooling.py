"""The pooling stepper: what one window keeps of a small image, and who gets the gradient (chapter 03)."""

from math import comb

import numpy as np
import traitlets

from utils import layers, viz
from utils.viz.grids import written
from utils.widgets._base import Explorer, Matrix
from utils.widgets._controls import choice, slider, tick

IMAGE = [
    [1, 3, 2, 1, 0, 2],
    [4, 6, 5, 0, 1, 1],
    [2, 8, 7, 2, 3, 0],
    [0, 1, 2, 9, 4, 1],
    [3, 0, 1, 5, 6, 2],
    [1, 2, 0, 3, 2, 7],
]
OPERATIONS = ["max", "average", "weighted", "L2"]


class PoolingStepper(Explorer):
    """Slide a pooling window over a small image: the window's numbers, the one that comes out, and the gradient.

    Args:
        image: (H, W), at most 12 long; None for an example.
        **settings: operation ("max", "average", "weighted" or "L2"), window and stride (1 to 4), padding (0 to 2),
            count_include_pad (does an average count padded zeros?), gradient (show how much of an upstream gradient
            of 1 each pixel of the window gets).

    Raises:
        traitlets.TraitError: a value out of these ranges.
    """

    scripts = ("_steps.js", "pooling.js")

    image = Matrix(IMAGE).tag(setting=True)
    operation = traitlets.Enum(OPERATIONS, "max").tag(setting=True)
    window = traitlets.Int(2, min=1, max=4).tag(setting=True)
    stride = traitlets.Int(2, min=1, max=4).tag(setting=True)
    padding = traitlets.Int(0, min=0, max=2).tag(setting=True)
    count_include_pad = traitlets.Bool(True).tag(setting=True)
    gradient = traitlets.Bool(False).tag(setting=True)

    def __init__(self, image=None, **settings):
        super().__init__(**settings, **({} if image is None else {"image": image}))

    def controls(self):
        """Operation, window, stride, padding, whether zeros count, and the gradient."""
        counts = tick(self, "count_include_pad", "count the padding")

        def show(change=None):
            counts.layout.display = None if self.operation == "average" else "none"

        show()
        self.observe(show, "operation")
        return [
            choice(self, "operation", OPERATIONS, "pooling"),
            slider(self, "window", 1, 4, "window"),
            slider(self, "stride", 1, 4, "stride"),
            slider(self, "padding", 0, 2, "padding"),
            counts,
            tick(self, "gradient", "gradient"),
        ]

    def compute(self, settings):
        """Everything about every window, in reading order.

        Returns:
            padded (H, W), output (Hout, Wout), weights (K, K) of a weighted mean, divisors (windows,) of a mean, and
            shares (windows, K, K): the gradient that each pixel gets where the window's output gets 1.

        Raises:
            ValueError: the window is larger than the padded image, or the padding as large as the window.
        """
        x, side, stride = np.array(settings["image"]), settings["window"], settings["stride"]
        output = pool(x, settings)  # first, for it refuses settings that do not work
        fill = -np.inf if settings["operation"] == "max" else 0
        padded = layers.pad2d(x, side, settings["padding"], value=fill)
        windows = layers.sliding_windows(padded, side, stride).reshape(-1, side, side)
        real = layers.pad2d(np.ones_like(x), side, settings["padding"], value=float(settings["count_include_pad"]))
        counted = layers.sliding_windows(real, side, stride).reshape(-1, side, side)
        return {
            "padded": padded,
            "output": output,
            "weights": bell(side),
            "divisors": counted.sum((1, 2)),
            "shares": shares(settings["operation"], windows, counted),
        }

    def describe(self):
        return (
            f"{self.operation[0].upper()}{self.operation[1:]} pooling of an image of {len(self.image)} by "
            f"{len(self.image[0])} numbers: window {self.window} by {self.window}, stride {self.stride}, "
            f"padding {self.padding}."
        )

    def draw(self, figure, arrays):
        Hout, Wout = arrays["output"].shape
        row, column = divmod(min(self.position, Hout * Wout - 1), Wout)
        corner, side = (row * self.stride, column * self.stride), self.window
        padded = np.where(np.isfinite(arrays["padded"]), arrays["padded"], 0)
        seen = padded[corner[0] : corner[0] + side, corner[1] : corner[1] + side]
        axes = figure.subplots(1, 3, width_ratios=[2, 1.1, 1.6])
        figure.get_layout_engine().set(wspace=0.08)
        viz.numbers(padded, axes[0], "input", "input", highlight=(*corner, side, side), padding=self.padding)
        kept = f"the window,\nits {self.operation} is {written(arrays['output'][row, column])}"
        viz.numbers(seen, axes[1], kept, "input", largest=padded.max() or 1)
        viz.numbers(arrays["output"], axes[2], "output", "feature_map", highlight=(row, column))


def bell(side):
    """Weights (side, side) of a mean that counts the middle of a window most: products of binomial coefficients."""
    row = [comb(side - 1, i) for i in range(side)]
    return np.outer(row, row).astype(float)


def pool(x, settings):
    """The pooled image (Hout, Wout) of x (H, W).

    Raises:
        ValueError: the window fits nowhere, the padding is too large, or there is padding for L2 pooling.
    """
    side, stride, padding = settings["window"], settings["stride"], settings["padding"]
    if settings["operation"] == "max":
        return layers.max_pool2d(x, side, stride, padding)
    if settings["operation"] == "average":
        return layers.avg_pool2d(x, side, stride, padding, settings["count_include_pad"])
    if settings["operation"] == "weighted":
        return layers.weighted_pool2d(x, bell(side), stride, padding)
    if padding:
        raise ValueError("L2 pooling takes no padding (F.lp_pool2d has none). Set the padding to 0.")
    return layers.lp_pool2d(x, 2, side, stride)


def shares(operation, windows, counted):
    """What each pixel of each window (N, K, K) gets of an upstream gradient of 1; `counted`: the pixels of a mean."""
    if operation == "max":
        flat = windows.reshape(len(windows), -1)
        return (np.arange(flat.shape[1]) == flat.argmax(1)[:, None]).astype(float).reshape(windows.shape)
    if operation == "L2":
        return windows / np.maximum(np.linalg.norm(windows, axis=(1, 2), keepdims=True), 1e-12)
    weights = counted if operation == "average" else np.broadcast_to(bell(windows.shape[1]), windows.shape)
    return weights / weights.sum((1, 2), keepdims=True)
