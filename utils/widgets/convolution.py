"""The convolution stepper: one window at a time, every product and sum in sight (chapter 01)."""

import ipywidgets
import numpy as np
import traitlets

from utils import layers, viz
from utils.widgets._base import Explorer, Matrix
from utils.widgets._controls import presets, slider

SIGNAL = [[1, 1, 1, 4, 7, 7, 7, 3, 3]]
IMAGE = [
    [0, 0, 0, 0, 0, 0],
    [0, 7, 7, 7, 7, 0],
    [0, 0, 0, 5, 7, 0],
    [0, 0, 3, 7, 0, 0],
    [0, 0, 7, 3, 0, 0],
    [0, 0, 7, 0, 0, 0],
]
KERNELS = {
    "1-D": {
        "difference": [[-1, 1]],
        "centred difference": [[-1, 0, 1]],
        "second difference": [[1, -2, 1]],
        "mean of 3": [[1 / 3, 1 / 3, 1 / 3]],
        "copy": [[1]],
    },
    "2-D": {
        "vertical edges": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
        "horizontal edges": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
        "diagonal edges": [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]],
        "mean of 2 × 2": [[0.25, 0.25], [0.25, 0.25]],
        "mean of 3 × 3": [[1 / 9, 1 / 9, 1 / 9]] * 3,
        "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        "copy": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    },
}


class ConvStepper(Explorer):
    """Slide a kernel over a signal or a small image and see each window, product and sum.

    Args:
        x: signal (L,) or image (H, W), at most 12 long; None for an example.
        kernel: (K,) for a signal or (Kh, Kw) for an image, at most 5 long; None for an example.
        **settings: mode ("1-D" or "2-D"; by default what x or kernel is), stride, dilation (1 to 3), padding (0 to 2,
            around an image), pad_left, pad_right (0 to 2, beside a signal).

    Raises:
        traitlets.TraitError: a value out of these ranges.
    """

    scripts = ("_steps.js", "convolution.js")

    mode = traitlets.Enum(["1-D", "2-D"], "2-D").tag(setting=True)
    signal = Matrix(SIGNAL).tag(setting=True)
    signal_kernel = Matrix(KERNELS["1-D"]["difference"], largest=5).tag(setting=True)
    image = Matrix(IMAGE).tag(setting=True)
    image_kernel = Matrix(KERNELS["2-D"]["vertical edges"], largest=5).tag(setting=True)
    stride = traitlets.Int(1, min=1, max=3).tag(setting=True)
    dilation = traitlets.Int(1, min=1, max=3).tag(setting=True)
    padding = traitlets.Int(0, min=0, max=2).tag(setting=True)
    pad_left = traitlets.Int(0, min=0, max=2).tag(setting=True)
    pad_right = traitlets.Int(0, min=0, max=2).tag(setting=True)

    def __init__(self, x=None, kernel=None, **settings):
        mode = settings.setdefault("mode", "1-D" if _is_row(x) or _is_row(kernel) else "2-D")
        kind = "signal" if mode == "1-D" else "image"
        given = {kind: x, f"{kind}_kernel": kernel}
        super().__init__(**settings, **{name: value for name, value in given.items() if value is not None})

    def controls(self):
        """Mode, named kernels, padding, stride, dilation."""
        mode = ipywidgets.ToggleButtons(options=["1-D", "2-D"], style={"button_width": "52px"})
        traitlets.link((self, "mode"), (mode, "value"))
        only = {
            "1-D": [
                presets(self, "signal_kernel", KERNELS["1-D"], "kernel"),
                slider(self, "pad_left", 0, 2, "pad left"),
                slider(self, "pad_right", 0, 2, "pad right"),
            ],
            "2-D": [presets(self, "image_kernel", KERNELS["2-D"], "kernel"), slider(self, "padding", 0, 2, "padding")],
        }

        def show(change=None):
            for name, controls in only.items():
                for control in controls:
                    control.layout.display = None if name == self.mode else "none"

        show()
        self.observe(show, "mode")
        steps = [slider(self, "stride", 1, 3, "stride"), slider(self, "dilation", 1, 3, "dilation")]
        return [mode, *only["1-D"], *only["2-D"], *steps]

    def compute(self, settings):
        """Padded input (H, W), products (windows, Kh, Kw) in reading order, output (Hout, Wout).

        Raises:
            ValueError: the kernel is larger than the padded input.
        """
        x, kernel, pads = operands(settings)
        stride, dilation = settings["stride"], settings["dilation"]
        output = layers.conv2d(x, kernel, stride=stride, padding=pads, dilation=dilation)
        padded = layers.pad2d(x, kernel.shape, pads)
        windows = layers.sliding_windows(padded, kernel.shape, stride, dilation)
        products = (windows * kernel).reshape(-1, *kernel.shape)
        return {"padded": padded, "products": products, "output": output}

    def describe(self):
        x, kernel, pads = operands(self.settings)
        flat = self.mode == "1-D"
        what = f"a signal of {x.size} numbers" if flat else f"an image of {x.shape[0]} by {x.shape[1]} numbers"
        padding = f"padding {pads[1][0]} left and {pads[1][1]} right" if flat else f"padding {self.padding}"
        rows = "; ".join(" ".join(f"{weight:g}" for weight in row) for row in kernel.round(3))
        return (
            f"A {self.mode} convolution: {what} and the kernel [{rows}], stride {self.stride}, {padding}, "
            f"dilation {self.dilation}."
        )

    def draw(self, figure, arrays):
        kernel, (Hout, Wout) = operands(self.settings)[1], arrays["output"].shape
        row, column = divmod(min(self.position, Hout * Wout - 1), Wout)
        span = [self.dilation * (k - 1) + 1 for k in kernel.shape]
        window = (row * self.stride, column * self.stride, *span)
        layout = {"nrows": 4} if self.mode == "1-D" else {"ncols": 4, "width_ratios": [2, 1.1, 1.1, 2]}
        axes = figure.subplots(**layout)
        viz.numbers(arrays["padded"], axes[0], "input", "input", highlight=window)
        viz.numbers(kernel, axes[1], "kernel", "kernel")
        viz.numbers(arrays["products"][row * Wout + column], axes[2], "window × kernel")
        viz.numbers(arrays["output"], axes[3], "output", "feature_map", highlight=(row, column))


def _is_row(values):
    try:
        return values is not None and np.ndim(values) == 1
    except ValueError:  # rows of different lengths: the setting refuses them and says why
        return False


def operands(settings):
    """What the mode that is shown convolves: x (H, W), kernel (Kh, Kw), padding as two (before, after) pairs."""
    if settings["mode"] == "1-D":
        pads = ((0, 0), (settings["pad_left"], settings["pad_right"]))
        return np.array(settings["signal"]), np.array(settings["signal_kernel"]), pads
    return np.array(settings["image"]), np.array(settings["image_kernel"]), ((settings["padding"],) * 2,) * 2
