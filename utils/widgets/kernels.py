"""The kernel lab: a kernel to edit, a picture to try it on, and one pixel of the result explained (chapter 02)."""

from functools import cache

import numpy as np
import traitlets

from utils import data, layers, viz
from utils.widgets._base import Explorer, Matrix, picture_on
from utils.widgets._controls import choice, presets
from utils.widgets._upload import SIDE, grey, read_picture, reduced

_BELL = np.array([1, 4, 6, 4, 1])
KERNELS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "Prewitt, vertical edges": [[-1, 0, 1]] * 3,
    "Prewitt, horizontal edges": [[-1] * 3, [0] * 3, [1] * 3],
    "Sobel, vertical edges": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "Sobel, horizontal edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "Scharr, vertical edges": [[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]],
    "Scharr, horizontal edges": [[-3, -10, -3], [0, 0, 0], [3, 10, 3]],
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "mean 3 × 3": np.full((3, 3), 1 / 9).tolist(),
    "Gaussian 3 × 3": [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "mean 5 × 5": np.full((5, 5), 1 / 25).tolist(),
    "Gaussian 5 × 5": (np.outer(_BELL, _BELL) / 256).tolist(),
    "Laplacian of Gaussian": [[0, 0, 1, 0, 0], [0, 1, 2, 1, 0], [1, 2, -16, 2, 1], [0, 1, 2, 1, 0], [0, 0, 1, 0, 0]],
}
SHOWN = {"as it fits": "fit", "signed": "signed", "absolute": "absolute", "as a picture": "picture"}
PAD = 96  # pixels on a side of the drawing
GIVEN, DRAWING, OWN = "the given picture", "a drawing of yours", "a picture of yours"


@cache
def photo(name):
    """A photograph of `utils.data.photos`, grey and small: uint8 (H, W)."""
    return reduced(grey(data.photos()[name]))


class KernelLab(Explorer):
    """Try a kernel, by name or number by number, on a photograph, on a picture of the learner's own, or on a drawing.

    Args:
        picture: name of a photograph, or an array (H, W) or (H, W, 3) of uint8, made grey and at most 264 pixels long.
        kernel: (3, 3) or (5, 5); None for Prewitt's for vertical edges.
        **settings: show ("fit", "signed", "absolute" or "picture"), row and col of the pixel that is explained,
            upload (bytes of an image file), drawing (96 * 96 bytes).

    Raises:
        traitlets.TraitError: another size of kernel, or no such photograph.
        ValueError: the array is no picture.
    """

    scripts = ("_ink.js", "kernels.js")
    figure_size = (9, 3.2)

    kernel = Matrix(KERNELS["Prewitt, vertical edges"], largest=5).tag(setting=True)
    picture = traitlets.Unicode("camera").tag(setting=True)
    show = traitlets.Enum([*SHOWN.values()], "fit").tag(setting=True)
    row = traitlets.Int(86, min=0, max=SIDE - 1).tag(setting=True)
    col = traitlets.Int(86, min=0, max=SIDE - 1).tag(setting=True)
    upload = traitlets.CBytes(b"").tag(setting=True, blob=True)
    drawing = traitlets.CBytes(bytes(PAD * PAD)).tag(setting=True, blob=True)

    def __init__(self, picture="camera", kernel=None, **settings):
        self._given = None if isinstance(picture, str) else reduced(grey(np.asarray(picture)))
        settings["picture"] = picture if self._given is None else GIVEN
        super().__init__(**settings, **({} if kernel is None else {"kernel": kernel}))

    @traitlets.validate("picture")
    def _is_a_picture(self, proposal):
        if proposal.value in self._pictures():
            return proposal.value
        known = ", ".join(self._pictures())
        raise traitlets.TraitError(f"picture: there is no {proposal.value!r}. Choose one of: {known}.")

    @traitlets.validate("kernel")
    def _is_odd(self, proposal):
        if np.shape(proposal.value) in ((3, 3), (5, 5)):
            return proposal.value
        raise traitlets.TraitError(f"kernel: expected 3 by 3 or 5 by 5 numbers, got shape {np.shape(proposal.value)}.")

    def _pictures(self):
        """Names of what a kernel can be tried on."""
        return [*([] if self._given is None else [GIVEN]), *data.photos(), DRAWING, OWN]

    def controls(self):
        """Picture, named kernel, and how the result is shown."""
        return [
            choice(self, "picture", self._pictures(), "picture"),
            presets(self, "kernel", KERNELS, "kernel"),
            choice(self, "show", SHOWN.items(), "result"),
        ]

    def constants(self):
        """What the picture is called that the learner draws or uploads."""
        return {"drawing": DRAWING, "upload": OWN}

    def compute(self, settings):
        """The picture, what the kernel makes of it, and the sum behind one pixel.

        The picture's outermost pixels are repeated around it, so that the result has its size.

        Returns:
            picture uint8 (H, W); result (H, W), of pixels in [0, 1]; window and products (K, K) and place (2,), the row
            and column, of the pixel that is explained.

        Raises:
            ValueError: the upload is no picture, or there is none.
        """
        picture, kernel = self._load(settings), np.array(settings["kernel"])
        padded = np.pad(picture / 255, len(kernel) // 2, mode="edge")
        place = [min(settings[axis], size - 1) for axis, size in zip(("row", "col"), picture.shape, strict=True)]
        window = padded[place[0] : place[0] + len(kernel), place[1] : place[1] + len(kernel)]
        result = layers.conv2d(padded, kernel)
        return {"picture": picture, "result": result, "window": window, "products": window * kernel, "place": place}

    def _load(self, settings):
        """The picture that the settings name, uint8 (H, W)."""
        name = settings["picture"]
        if name == GIVEN:
            return self._given
        if name == DRAWING:
            return np.frombuffer(settings["drawing"], np.uint8).reshape(PAD, PAD)
        if name == OWN:
            if not settings["upload"]:
                raise ValueError("Upload a picture of yours: the button is under the picture. Or drop a file on it.")
            return read_picture(settings["upload"])
        return photo(name)

    def describe(self):
        rows = "; ".join(" ".join(f"{weight:g}" for weight in row) for row in np.round(self.kernel, 3))
        return f'The kernel [{rows}] on the picture "{self.picture}", and what comes out.'

    def draw(self, figure, arrays):
        axes = figure.subplots(1, 3, width_ratios=[1.3, 1, 1.3])
        picture_on(axes[0], arrays["picture"], "picture", "pixels", 255)
        viz.numbers(self.kernel, axes[1], "kernel", "kernel")
        result = arrays["result"]
        signed = self.show == "signed" or (self.show == "fit" and result.min() < 0)
        if self.show == "absolute" or signed:
            ramp, values = ("signed", result) if signed else ("sequential", abs(result))
            picture_on(axes[2], values, f"result, up to {abs(result).max():.2g}", ramp, abs(result).max() or 1)
        else:
            picture_on(axes[2], result, "result", "pixels", 1)
