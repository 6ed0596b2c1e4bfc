"""The augmentation explorer: one picture, a slider for each change, and what training would see of it (chapter 11)."""

from dataclasses import fields
from functools import cache

import ipywidgets
import numpy as np
import torch
import traitlets
from torch.nn import functional as F

from utils import data
from utils.data import augment
from utils.widgets._base import Explorer
from utils.widgets._controls import choice, decimal, slider, tick

ROWS, COLUMNS, GAP = 4, 6, 2  # of the sheet of samples; the gap in pixels
PAPER = 255
PICTURES = ["cat", "cup", "digit", "colour digit"]
CHANGES = [field.name for field in fields(augment.Random)]


class AugmentationExplorer(Explorer):
    """Show 24 random samples of one picture; each slider is an argument of `utils.data.augment.Random`.

    Args:
        **settings: picture ("cat", "cup", "digit" or "colour digit"), seed (another one draws other samples), one_draw
            (True: one draw for all samples, as a transform makes it that is given a batch), and the arguments of
            `augment.Random`: flip (0 to 1), shift (0 to 8), angle (0 to 90), scale (1 to 2), translate (0 to 8), shear
            (0 to 45), perspective (0 to 0.45), brightness (0 to 0.5), contrast (1 to 4), noise (0 to 0.4), cutout (0
            to 32).

    Raises:
        traitlets.TraitError: a value out of these ranges.
    """

    scripts = ("distortions.js",)
    figure_size = (10, 4.4)

    picture = traitlets.Enum(PICTURES, "cat").tag(setting=True)
    seed = traitlets.Int(0, min=0).tag(setting=True)
    one_draw = traitlets.Bool(False).tag(setting=True)
    flip = traitlets.Float(0.0, min=0.0, max=1.0).tag(setting=True)
    shift = traitlets.Int(0, min=0, max=8).tag(setting=True)
    angle = traitlets.Int(0, min=0, max=90).tag(setting=True)
    scale = traitlets.Float(1.0, min=1.0, max=2.0).tag(setting=True)
    translate = traitlets.Float(0.0, min=0.0, max=8.0).tag(setting=True)
    shear = traitlets.Int(0, min=0, max=45).tag(setting=True)
    perspective = traitlets.Float(0.0, min=0.0, max=0.45).tag(setting=True)
    brightness = traitlets.Float(0.0, min=0.0, max=0.5).tag(setting=True)
    contrast = traitlets.Float(1.0, min=1.0, max=4.0).tag(setting=True)
    noise = traitlets.Float(0.0, min=0.0, max=0.4).tag(setting=True)
    cutout = traitlets.Int(0, min=0, max=32).tag(setting=True)

    def controls(self):
        """The picture, a slider for each change, and one draw for all."""
        return [
            choice(self, "picture", PICTURES, "picture"),
            decimal(self, "flip", 0, 1, 0.1, "flip"),
            slider(self, "shift", 0, 8, "crop and pad"),
            slider(self, "angle", 0, 90, "rotation, degrees"),
            decimal(self, "scale", 1, 2, 0.05, "scale"),
            decimal(self, "translate", 0, 8, 0.5, "translate"),
            slider(self, "shear", 0, 45, "shear, degrees"),
            decimal(self, "perspective", 0, 0.45, 0.05, "perspective"),
            decimal(self, "brightness", 0, 0.5, 0.05, "intensity"),
            decimal(self, "contrast", 1, 4, 0.1, "contrast"),
            decimal(self, "noise", 0, 0.4, 0.02, "noise"),
            slider(self, "cutout", 0, 32, "cutout"),
            tick(self, "one_draw", "one draw for the whole batch"),
            self._reset_button(),
        ]

    def compute(self, settings):
        """The picture and its samples.

        Returns:
            picture uint8 (H, W, 3); sheet uint8 (rows and columns of samples with white lines between, 3).
        """
        image = picture(settings["picture"])
        changed = augment.Random(**{name: settings[name] for name in CHANGES})
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings["seed"])
            draws = 1 if settings["one_draw"] else ROWS * COLUMNS
            samples = changed(image.expand(draws, -1, -1, -1)).expand(ROWS * COLUMNS, -1, -1, -1)
        return {"picture": pixels(image[None])[0], "sheet": sheet(pixels(samples))}

    def constants(self):
        """The samples on the sheet."""
        return {"samples": ROWS * COLUMNS}

    def describe(self):
        active = [f"{name} {getattr(self, name):g}" for name in CHANGES if getattr(self, name) != _default(name)]
        draws = "one draw for all of them" if self.one_draw else "each with its own draw"
        return f"A {self.picture} and {ROWS * COLUMNS} samples of it, {draws}: {', '.join(active) or 'no change'}."

    def draw(self, figure, arrays):
        titles = {"picture": self.picture, "sheet": f"{ROWS * COLUMNS} samples"}
        for ax, (name, title) in zip(figure.subplots(1, 2, width_ratios=[1, 1.9]), titles.items(), strict=True):
            ax.imshow(arrays[name])
            ax.set(title=title, xticks=[], yticks=[])
            ax.spines[:].set_visible(False)

    def _reset_button(self):
        button = ipywidgets.Button(description="No change", layout={"width": "max-content"})
        button.on_click(lambda _: self.change({name: _default(name) for name in CHANGES}))
        return button


@cache
def picture(name):
    """A picture by its name in PICTURES: float32 (C, H, W) in [0, 1]."""
    if name == "digit":
        digits, _ = data.mnist("embedded")
        return digits.images[int((digits.labels == 2).nonzero()[3])].float() / 255
    if name == "colour digit":
        digits, _ = data.colour_digits()
        return digits.images[int((digits.labels == 4).nonzero()[5])].float() / 255
    photo = torch.from_numpy(data.photos()[{"cat": "chelsea", "cup": "coffee"}[name]]).float() / 255
    side = min(photo.shape[:2])
    left = (photo.shape[1] - side) // 3  # the cat looks out of the left half
    square = photo[:side, left : left + side].permute(2, 0, 1)
    return F.interpolate(square[None], size=64, mode="area")[0]


def pixels(X):
    """Images float (B, 1 or 3, H, W) in [0, 1] as colours: uint8 (B, H, W, 3)."""
    colours = (255 * X).round().clamp(0, 255).to(torch.uint8).expand(-1, 3, -1, -1)
    return colours.permute(0, 2, 3, 1).numpy()


def sheet(samples):
    """Samples uint8 (ROWS * COLUMNS, H, W, 3) side by side, with lines of paper between: uint8 (.., .., 3)."""
    _, H, W, _ = samples.shape
    framed = np.pad(samples, ((0, 0), (0, GAP), (0, GAP), (0, 0)), constant_values=PAPER)
    rows = framed.reshape(ROWS, COLUMNS, H + GAP, W + GAP, 3).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(rows.reshape(ROWS * (H + GAP), COLUMNS * (W + GAP), 3)[:-GAP, :-GAP])


def _default(name):
    return getattr(augment.Random, name)
