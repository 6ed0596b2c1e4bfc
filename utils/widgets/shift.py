"""The shift explorer: move a picture, and see what pooling, striding and a network make of it (chapters 00, 03, 04)."""

from dataclasses import replace

import numpy as np
import torch
import traitlets

from utils import data, layers, viz
from utils.widgets._base import Explorer, picture_on
from utils.widgets._controls import slider

REACH = 10  # largest shift, in pixels


class ShiftExplorer(Explorer):
    """Move a picture with the mouse or the arrow keys; the pooled maps and the network's answer follow.

    Args:
        model: classifier of normalised images (B, C, H, W) to logits (B, K); None shows the maps alone.
        split: `utils.data.Split` to take pictures from; None for the MNIST test digits.
        maps: show the pooled maps; without them the picture and the network's answer are left.
        **settings: index (which picture), dx, dy (shift in pixels, right and down), window (2 to 7).

    Raises:
        ValueError: neither a model nor maps, so that nothing would follow the picture.
        traitlets.TraitError: no picture has this index, or a setting is out of range.
    """

    scripts = ("shift.js",)
    index = traitlets.Int(0, min=0).tag(setting=True)
    dx = traitlets.Int(0, min=-REACH, max=REACH).tag(setting=True)
    dy = traitlets.Int(0, min=-REACH, max=REACH).tag(setting=True)
    window = traitlets.Int(2, min=2, max=7).tag(setting=True)

    def __init__(self, model=None, split=None, maps=True, **settings):
        if model is None and not maps:
            raise ValueError("Nothing to show beside the picture. Give a model, or leave maps=True.")
        self.model, self.maps = model, maps
        self.figure_size = (11, 3) if maps else (7, 3)
        self.split = data.mnist()[1] if split is None else split
        super().__init__(**settings)

    @traitlets.validate("index")
    def _is_an_image(self, proposal):
        if proposal.value < len(self.split):
            return proposal.value
        raise traitlets.TraitError(
            f"index: there are {len(self.split)} pictures, so the last is {len(self.split) - 1}."
        )

    def controls(self):
        """Which picture, and the pooling window where there are maps."""
        pictures = slider(self, "index", 0, len(self.split) - 1, "picture")
        pictures.layout.width = "300px"
        return [pictures, slider(self, "window", 2, 7, "pooling window")] if self.maps else [pictures]

    def compute(self, settings):
        """The moved picture and what becomes of it.

        Returns:
            picture uint8 (H, W). With maps also max, average, strided: maps of it in [0, 1]; changes (3,): what share
            of each map changed against that of the picture in its place. With a model also probabilities (K,), label
            (1,), and right (2 * REACH + 1,): the probability of the true class for every dx at this dy.
        """
        image = self.split.images[settings["index"]]
        moved = shifted(image, settings["dx"], settings["dy"])
        arrays = {"picture": grey(moved).round().astype(np.uint8)}
        if self.maps:
            maps, still = (shrunk(grey(x) / 255, settings["window"]) for x in (moved, image))
            arrays |= maps | {"changes": [change(maps[name], still[name]) for name in maps]}
        return arrays if self.model is None else {**arrays, **self._answers(settings)}

    def _answers(self, settings):
        index, columns = settings["index"], range(-REACH, REACH + 1)
        everywhere = torch.stack([shifted(self.split.images[index], dx, settings["dy"]) for dx in columns])
        labels = self.split.labels[index].repeat(len(columns))
        probabilities = answers(self.model, replace(self.split, images=everywhere, labels=labels).normalised())
        label = int(labels[0])
        return {
            "probabilities": probabilities[settings["dx"] + REACH],
            "label": [label],
            "right": probabilities[:, label],
        }

    def constants(self):
        """Names of the classes, and the largest shift."""
        return {"classes": [str(name) for name in self.split.classes], "reach": REACH}

    def describe(self):
        name = self.split.classes[int(self.split.labels[self.index])]
        where = f"moved right by {self.dx} and down by {self.dy} pixels" if self.dx or self.dy else "not moved"
        parts = [f"Picture {self.index} of {self.split.name}, of class {name}, {where}"]
        if self.maps:
            parts.append(f"the same picture shrunk by {self.window} in three ways, and how much the move changed each")
        if self.model:
            parts.append("what the network makes of it")
        return "; ".join(parts) + "."

    def draw(self, figure, arrays):
        ratios = [1, *([1] * 3 if self.maps else []), *([1.2] if self.model else [])]
        axes = iter(figure.subplots(1, len(ratios), width_ratios=ratios))
        picture_on(next(axes), arrays["picture"], "picture", "pixels", 255)
        for name, part in zip(("max", "average", "strided"), arrays.get("changes", ()), strict=False):
            picture_on(next(axes), arrays[name], f"{name}\n{part:.0%} changed", "sequential", 1)
        if self.model:
            logits = np.log(np.maximum(arrays["probabilities"], 1e-12))
            viz.probabilities(logits, self.split.classes, next(axes), answer=arrays["label"][0])


def shifted(image, dx, dy):
    """An image tensor (..., H, W) moved right by dx and down by dy pixels; what comes in is 0."""
    H, W = image.shape[-2:]
    moved = torch.zeros_like(image)
    rows, columns = slice(max(dy, 0), H + min(dy, 0)), slice(max(dx, 0), W + min(dx, 0))
    moved[..., rows, columns] = image[..., max(-dy, 0) : H - max(dy, 0), max(-dx, 0) : W - max(dx, 0)]
    return moved


def grey(image):
    """The mean over the channels of an image tensor (C, H, W), as a float64 array (H, W)."""
    return image.double().mean(0).numpy()


def shrunk(x, window):
    """Three ways to make x (H, W) smaller by `window`: {"max", "average", "strided"} of maps of one size."""
    rows, columns = (n // window * window for n in x.shape)
    strided = x[:rows:window, :columns:window]
    return {"max": layers.max_pool2d(x, window), "average": layers.avg_pool2d(x, window), "strided": strided}


def change(now, before):
    """How different two non-negative maps are: 0 where they are equal, 1 where nothing of them overlaps."""
    return np.abs(now - before).sum() / max((now + before).sum(), 1e-12)


def answers(model, X):
    """Probabilities (B, K) of a classifier for normalised images, in evaluation mode; its mode is put back."""
    training, device = model.training, next((weight.device for weight in model.parameters()), "cpu")
    model.eval()
    try:
        with torch.inference_mode():
            return model(X.to(device)).float().softmax(1).cpu().numpy()
    finally:
        model.train(training)
