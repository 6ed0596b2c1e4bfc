"""The latent walk: a map of digits by their codes, and what the decoder draws at any place of it (chapter 14)."""

import numpy as np
import torch
import traitlets

from utils import data, viz
from utils.viz.palette import CLASSES, INK, KERNEL
from utils.widgets._base import Explorer, picture_on
from utils.widgets._controls import slider

STEPS = 9  # pictures in a row
MODES = ["line", "point"]


class LatentWalk(Explorer):
    """Pick two digits and walk from one code to the other, or drag a point over the map; the decoder draws.

    The codes are computed once, when the explorer is made. Codes of two numbers are the map; of longer ones it shows
    the two directions in which they vary most, and a point stands for the code in this plane.

    Args:
        model: autoencoder with .encoder, X (B, 1, H, W) in [0, 1] -> codes (B, D), and .decoder back, D at least 2.
        split: `utils.data.Split` whose images are on the map; None for the MNIST test digits.
        **settings: start, end (indices of two images), share (0 to 100: percent of the way between them), x, y (place
            on the map), mode ("line": draw at `share` of the way, "point": draw at x, y).

    Raises:
        ValueError: the model has no encoder or decoder, or its codes have a single number.
        traitlets.TraitError: no image has this index, or a setting is out of range.
    """

    scripts = ("latent.js",)
    figure_size = (11, 5.2)

    start = traitlets.Int(0, min=0).tag(setting=True)
    end = traitlets.Int(1, min=0).tag(setting=True)
    share = traitlets.Int(50, min=0, max=100).tag(setting=True)
    x = traitlets.Float(0.0).tag(setting=True)
    y = traitlets.Float(0.0).tag(setting=True)
    mode = traitlets.Enum(MODES, "line").tag(setting=True)

    def __init__(self, model, split=None, **settings):
        if not (hasattr(model, "encoder") and hasattr(model, "decoder")):
            raise ValueError('latent_walk needs an encoder and a decoder. Try models.create("autoencoder", code=2).')
        self.model, self.split = model, data.mnist()[1] if split is None else split
        self.images = self.split.images.float() / 255
        self.codes = self._through(model.encoder, self.images)
        if self.codes.ndim != 2 or self.codes.shape[1] < 2:
            raise ValueError(f"Codes (N, 2) or longer have a map, not {tuple(self.codes.shape)}. Take a longer code.")
        self.plane = Plane(self.codes)
        super().__init__(**settings)

    @traitlets.validate("start", "end")
    def _is_an_image(self, proposal):
        if proposal.value < len(self.split):
            return proposal.value
        raise traitlets.TraitError(
            f"{proposal.trait.name}: there are {len(self.split)} images, so the last is {len(self.split) - 1}."
        )

    @traitlets.observe("start", "end", "share")
    def _back_to_the_line(self, change):
        self.mode = "line"

    @traitlets.observe("x", "y")
    def _leave_the_line(self, change):
        self.mode = "point"

    def controls(self):
        """The two digits, and how far the walk has come."""
        last = len(self.split) - 1
        digits = [slider(self, name, 0, last, label) for name, label in (("start", "digit A"), ("end", "digit B"))]
        for digit in digits:
            digit.layout.width = "250px"
        return [*digits, slider(self, "share", 0, 100, "way from A to B, %")]

    def compute(self, settings):
        """What the decoder draws, and where.

        Returns:
            points (N, 2) and labels (N,): the map; ends (2, 2): the two digits on it; place (2,): where the drawing is;
            drawing uint8 (H, W); walk and mixed uint8 (9, H, W): from A to B decoded, and as mixed pictures;
            near (1,): index of the image whose code is closest to that of the drawing, neighbour uint8 (H, W): it.
        """
        both = [settings["start"], settings["end"]]
        if settings["mode"] == "line":
            code = torch.lerp(*self.codes[both], settings["share"] / 100)
        else:
            code = self.plane.up(torch.tensor([settings["x"], settings["y"]]))
        shares = torch.linspace(0, 1, STEPS)[:, None]
        drawn = self._through(self.model.decoder, torch.cat([code[None], torch.lerp(*self.codes[both], shares)]))
        near = int((self.codes - code).square().sum(1).argmin())
        return {
            "points": self.plane.down(self.codes),
            "labels": self.split.labels,
            "ends": self.plane.down(self.codes[both]),
            "place": self.plane.down(code),
            "drawing": pixels(drawn[0]),
            "walk": pixels(drawn[1:]),
            "mixed": pixels(torch.lerp(*self.images[both], shares[:, :, None, None])),
            "near": [near],
            "neighbour": pixels(self.images[near]),
        }

    def change(self, settings):
        """Set several settings and answer once, the mode last: it decides which of the others counts."""
        super().change(dict(sorted(settings.items(), key=lambda setting: setting[0] == "mode")))

    def _through(self, part, X):
        """Encoder or decoder in evaluation mode; its mode is put back."""
        training, device = part.training, next(part.parameters()).device
        part.eval()
        try:
            with torch.inference_mode():
                return torch.cat([part(some.to(device)).float().cpu() for some in X.split(512)])
        finally:
            part.train(training)

    def constants(self):
        """Names and colours of the classes, and the borders of the map: [left, right, bottom, top]."""
        points = self.plane.down(self.codes)
        low, high = points.amin(0), points.amax(0)
        margin = 0.04 * (high - low)
        (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
        return {"classes": [str(name) for name in self.split.classes], "frame": [left, right, bottom, top]} | {
            "colours": CLASSES
        }

    def describe(self):
        A, B = (self.split.classes[int(self.split.labels[index])] for index in (self.start, self.end))
        where = f"{self.share} % of the way" if self.mode == "line" else f"at ({self.x:.2f}, {self.y:.2f}) of the map"
        return (
            f"Map of {len(self.split)} images of {self.split.name} by their codes of {self.codes.shape[1]} numbers, "
            f"A (a {A}) and B (a {B}) marked; what the decoder draws {where}, and in nine steps from A to B."
        )

    def draw(self, figure, arrays):
        left, right = figure.subfigures(1, 2, width_ratios=[1, 1.25])
        ax = viz.class_map(arrays["points"], arrays["labels"], self.split.classes, ax=left.subplots())
        ax.set(xticks=[], yticks=[])
        ax.plot(*arrays["ends"].T, color=INK, linewidth=1.5)
        for name, place in zip("AB", arrays["ends"].tolist(), strict=True):
            ax.annotate(name, place, color="white", ha="center", va="center", bbox={"boxstyle": "circle", "fc": INK})
        ax.plot(*arrays["place"], "o", markersize=14, markerfacecolor=KERNEL, markeredgecolor=INK)
        above, below = right.subfigures(2, 1, height_ratios=[1.4, 1])
        label = self.split.classes[int(self.split.labels[arrays["near"][0]])]
        titles = {"drawing": "drawn by the decoder", "neighbour": f"nearest image: {label}"}
        for panel, (name, title) in zip(above.subplots(1, 2), titles.items(), strict=True):
            picture_on(panel, arrays[name], title, "pixels", 255)
        strips = {"walk": "codes, decoded", "mixed": "pictures, mixed"}
        for panel, (name, title) in zip(below.subplots(2, 1), strips.items(), strict=True):
            picture_on(panel, np.concatenate(list(arrays[name]), axis=1), f"A to B: {title}", "pixels", 255)


class Plane:
    """The plane of a map: for codes (N, 2) they themselves, else the two directions of largest variance.

    Args:
        codes: float tensor (N, D), D at least 2.
    """

    def __init__(self, codes):
        D = codes.shape[1]
        self.origin, self.axes = torch.zeros(D), torch.eye(D)[:2]
        if D > 2:
            self.origin = codes.mean(0)
            axes = torch.linalg.svd(codes - self.origin, full_matrices=False).Vh[:2]
            largest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
            self.axes = axes * largest.sign()  # a direction may as well be its opposite: always the same one

    def down(self, codes):
        """Codes (..., D) to places on the map (..., 2)."""
        return (codes - self.origin) @ self.axes.T

    def up(self, places):
        """Places on the map (..., 2) to codes (..., D)."""
        return self.origin + places @ self.axes


def pixels(X):
    """Images (..., 1, H, W) in [0, 1] as uint8 arrays (..., H, W)."""
    return (255 * X[..., 0, :, :]).round().clamp(0, 255).byte().numpy()
