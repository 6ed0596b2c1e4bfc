"""The demonstration of 1995: a digit that moves, and every layer of LeNet with it (chapter 04)."""

import numpy as np
import torch
import traitlets
from torch.nn import functional as F

from utils import data
from utils.data import distort
from utils.models.lenet5 import RBF
from utils.viz import palette
from utils.widgets._base import Explorer, picture_on
from utils.widgets._controls import fine_slider, slider
from utils.widgets.shift import answers

PAD = 96  # pixels on a side of the drawing
FIELD = 32  # pixels on a side of what the networks see
# Layer and, for each kind of LeNet, the module whose output is shown; columns of maps on the screen.
LAYERS = {
    "C1": (("act1",), 3),
    "S2": (("act2", "s2"), 3),
    "C3": (("act3",), 4),
    "S4": (("act4", "s4"), 4),
    "C5": (("act5",), 12),
    "F6": (("act6",), 7),
}
STILL = {"dx": 0, "dy": 0, "angle": 0, "scale": 100, "stroke": 0.0, "noise": 0}


def _replay():
    """Settings of each moment: across the field in three rows, then turned, then near and far."""
    rows = [(-7, range(-9, 10)), (0, range(9, -10, -1)), (7, range(-9, 10))]
    slide = [{"dx": dx, "dy": dy} for dy, columns in rows for dx in columns]
    turn = [{"angle": angle} for angle in (*range(0, 41, 8), *range(32, -41, -8), *range(-32, 1, 8))]
    zoom = [{"scale": scale} for scale in (*range(100, 59, -8), *range(68, 141, 8), *range(132, 99, -8))]
    return [{**STILL, **moment} for moment in (*slide, *turn, *zoom, {})]


class LeNetDemo(Explorer):
    """Draw a digit or pick one, shift, turn, scale and blur it, and watch every layer of LeNet and its ten outputs.

    Args:
        nets: {name: (model, split)}. Each model is a `lenet` or `lenet5_1998` of size 32; its split says how pixels are
            normalised for it (.mean, .std). The digits to pick from are those of the first split.
        **settings: index (which digit), net (name of the one whose layers are shown), dx, dy (shift in pixels, right
            and down), angle (degrees, anticlockwise), scale (percent), stroke (change of the stroke width in pixels),
            noise (standard deviation in percent of full ink), drawing (96 * 96 bytes, ink 255), source ("digit" or
            "drawing").

    Raises:
        ValueError: a model is no LeNet for 32 x 32 pixels, or there is none.
        traitlets.TraitError: a setting is out of range.
    """

    scripts = ("_ink.js", "demonstration.js")
    figure_size = (11, 5.2)

    index = traitlets.Int(0, min=0).tag(setting=True)
    net = traitlets.Unicode().tag(setting=True)
    source = traitlets.Enum(["digit", "drawing"], "digit").tag(setting=True)
    drawing = traitlets.CBytes(bytes(PAD * PAD)).tag(setting=True, blob=True)
    dx = traitlets.Int(0, min=-10, max=10).tag(setting=True)
    dy = traitlets.Int(0, min=-10, max=10).tag(setting=True)
    angle = traitlets.Int(0, min=-60, max=60).tag(setting=True)
    scale = traitlets.Int(100, min=40, max=160).tag(setting=True)
    stroke = traitlets.Float(0.0, min=-2, max=2).tag(setting=True)
    noise = traitlets.Int(0, min=0, max=60).tag(setting=True)

    def __init__(self, nets, **settings):
        if not nets:
            raise ValueError("lenet_demo needs a network: {name: (model, split)}.")
        self.nets, (_, self.split) = nets, next(iter(nets.values()))
        sample = _framed(self.split.images[:100], FIELD).float() / 255
        self._limits = {name: self._limit(name, sample) for name in nets}
        super().__init__(**{"net": next(iter(nets)), **settings})

    def _limit(self, name, X):
        """For each layer, the colour map and the largest value of the digits X (B, 1, 32, 32) in [0, 1]."""
        found = layers_of(name, *self.nets[name], X)
        ramps = {layer: "signed" if values.min() < 0 else "sequential" for layer, values in found.items()}
        return {layer: [ramp, float(np.abs(found[layer]).max())] for layer, ramp in ramps.items() if layer in LAYERS}

    @traitlets.validate("index")
    def _is_a_digit(self, proposal):
        if proposal.value < len(self.split):
            return proposal.value
        raise traitlets.TraitError(f"index: there are {len(self.split)} digits, so the last is {len(self.split) - 1}.")

    @traitlets.validate("net")
    def _is_a_net(self, proposal):
        if proposal.value in self.nets:
            return proposal.value
        raise traitlets.TraitError(f"net: there is no {proposal.value!r}. Choose one of: {', '.join(self.nets)}.")

    @traitlets.observe("index")
    def _show_the_digit(self, change):
        self.source = "digit"

    def controls(self):
        """Which digit, and its distortions."""
        digits = slider(self, "index", 0, len(self.split) - 1, "test digit")
        digits.layout.width = "300px"
        return [
            digits,
            slider(self, "dx", -10, 10, "shift right"),
            slider(self, "dy", -10, 10, "shift down"),
            slider(self, "angle", -60, 60, "rotation °"),
            slider(self, "scale", 40, 160, "scale %"),
            fine_slider(self, "stroke", -2, 2, 0.5, "stroke width"),
            slider(self, "noise", 0, 60, "noise %"),
        ]

    def constants(self):
        """Names, limits of the colours, moments of the replay, and the bitmaps of nets that compare with some."""
        bitmaps = {name: model.output.centres.tolist() for name, (model, _) in self.nets.items() if _compares(model)}
        columns = {layer: count for layer, (_, count) in LAYERS.items()}
        return {"nets": list(self.nets), "limits": self._limits, "columns": columns, "bitmaps": bitmaps, "pad": PAD} | {
            "replay": _replay(),
            "still": STILL,
        }

    def compute(self, settings):
        """The digit on its way through the chosen network, and the answers of all.

        Returns:
            prepared uint8 (28, 28): the digit as MNIST has it; field uint8 (32, 32): distorted, what the networks see;
            C1 (6, 28, 28), S2, C3, S4, C5 (120,), F6 (84,): behind the nonlinearity; outputs (10,) of the chosen
            network; answers (networks, 10): their softmax, for each network; label (1,), -1 for a drawing.

        Raises:
            ValueError: the drawing is empty.
        """
        digit, label = self._digit(settings)
        X = self._distorted(_framed(digit, FIELD)[None, None].float() / 255, settings)
        found = {name: layers_of(name, *net, X) for name, net in self.nets.items()}
        shown = {layer: values[0] for layer, values in found[settings["net"]].items()}
        shares = torch.from_numpy(np.concatenate([values["outputs"] for values in found.values()])).softmax(1).numpy()
        pixels = (255 * X[0, 0]).round().byte().numpy()
        return {"prepared": digit.numpy(), "field": pixels, **shown, "answers": shares, "label": [label]}

    def _digit(self, settings):
        """The digit before it is distorted, uint8 (28, 28), and its label."""
        if settings["source"] == "drawing":
            return torch.from_numpy(data.centre_digit(_unpacked(settings["drawing"]))), -1
        return _framed(self.split.images[settings["index"], 0], 28), int(self.split.labels[settings["index"]])

    def _distorted(self, X, settings):
        X = distort.stroke(X, settings["stroke"])
        X = distort.affine(X, settings["dx"], settings["dy"], settings["angle"], settings["scale"] / 100)
        return distort.noise(X, settings["noise"] / 100, torch.Generator().manual_seed(0)).clamp(0, 1)

    def describe(self):
        what = "A drawn digit"
        if self.source == "digit":
            name = self.split.classes[int(self.split.labels[self.index])]
            what = f"Digit {self.index} of {self.split.name} ({name})"
        changes = [f"{name} {value:g}" for name, value in self.settings.items() if STILL.get(name, value) != value]
        return (
            f"{what}, {', '.join(changes) or 'as it is'}: input, feature maps C1, S2, C3, S4, units C5, F6 of "
            f"{self.net}, and the answers of {', '.join(self.nets)}."
        )

    def draw(self, figure, arrays):
        above, below = figure.subfigures(2, 1, height_ratios=[1, 1.1])
        first, *rest = above.subplots(1, 1 + len(self.nets), width_ratios=[1, *[1.4] * len(self.nets)])
        picture_on(first, arrays["field"], "input", "pixels", 255)
        for ax, name, shares in zip(rest, self.nets, arrays["answers"], strict=True):
            best, label = int(shares.argmax()), arrays["label"][0]
            role = palette.FEATURE_MAP if label < 0 else palette.RIGHT if best == label else palette.WRONG
            ax.bar(range(10), shares, color=[role if i == best else palette.INPUT for i in range(10)])
            ax.set(title=f"{name}: {best}", ylim=(0, 1), xticks=range(10), yticks=[0, 1], ylabel="probability")
        for ax, (layer, (_, columns)) in zip(below.subplots(1, 6), LAYERS.items(), strict=True):
            ramp, largest = self._limits[self.net][layer]
            values = arrays[layer]
            maps = values if values.ndim == 3 else values.reshape(-1, 1, 1)
            size = " × ".join(map(str, values.shape))
            picture_on(ax, tiled(maps, columns), f"{layer}\n{size}", ramp, largest)


def layers_of(name, model, split, X):
    """What each layer of a LeNet makes of X (B, 1, 32, 32) in [0, 1].

    Returns:
        dict of arrays: C1, S2, C3, S4 (B, maps, H, W), C5 (B, 120), F6 (B, 84), outputs (B, 10).

    Raises:
        ValueError: the model is no LeNet for 32 x 32 pixels.
    """
    caught = {}
    handles = [
        layer.register_forward_hook(lambda _, inputs, output, part=part: caught.update({part: output}))
        for part, layer in model.named_children()
    ]
    try:
        answers(model, (X - split.mean[0]) / split.std[0])
    except RuntimeError as problem:
        raise ValueError(f"{name} does not read 32 x 32 pixels (size=32): {str(problem).splitlines()[0]}.") from None
    finally:
        for handle in handles:
            handle.remove()
    parts = {layer: next((part for part in names if part in caught), None) for layer, (names, _) in LAYERS.items()}
    if missing := [layer for layer, part in parts.items() if part is None]:
        raise ValueError(f"{name} is no LeNet: it has no {', '.join(missing)}. Try models.create('lenet', size=32).")
    found = {layer: caught[part].float().cpu() for layer, part in parts.items()} | {"outputs": caught["output"].cpu()}
    return {layer: (values.flatten(1) if layer in ("C5", "F6") else values).numpy() for layer, values in found.items()}


def tiled(maps, columns):
    """Maps (N, H, W) side by side with a pixel between them: (rows, cols), NaN where there is no map."""
    N, H, W = maps.shape
    gap = int(H > 1)
    sheet = np.full((-(-N // columns) * (H + gap), columns * (W + gap)), np.nan)
    for number, values in enumerate(maps):
        row, column = divmod(number, columns)
        sheet[row * (H + gap) :, column * (W + gap) :][:H, :W] = values
    return sheet[: len(sheet) - gap, : sheet.shape[1] - gap]


def _framed(images, side):
    """Images (..., H, W) with paper around them, or without their margin, so that they are `side` pixels wide."""
    return F.pad(images, [(side - images.shape[-1]) // 2] * 4)


def _compares(model):
    return isinstance(model.output, RBF)


def _unpacked(drawing):
    """Ink uint8 (96, 96) of the bytes from the browser."""
    if len(drawing) != PAD * PAD:
        raise ValueError(f"A drawing has {PAD} x {PAD} bytes, not {len(drawing)}.")
    return np.frombuffer(drawing, np.uint8).reshape(PAD, PAD)
