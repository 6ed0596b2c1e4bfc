"""The live picture: an anywidget that receives arrays as bytes and draws them in the browser."""

import json
from functools import cache
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from utils.viz import palette

_FOLDER = Path(__file__).parent


@cache
def module(*names):
    """One JavaScript module (anywidget takes a single file) of files of this package, after the course's colours."""
    ramps = {"signed": palette.SIGNED, "sequential": palette.SEQUENTIAL, "pixels": palette.PIXELS}
    places = np.linspace(0, 1, 256)
    steps = {name: np.rint(255 * colormaps[ramp](places)[:, :3]).astype(int) for name, ramp in ramps.items()}
    roles = {role: [round(255 * part) for part in to_rgb(colour)] for role, colour in palette.ROLES.items()}
    constants = {"COLOURS": roles, "RAMPS": {name: step.tolist() for name, step in steps.items()}}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    return "\n".join([*lines, *((_FOLDER / name).read_text(encoding="utf-8") for name in names)])


@cache
def style_sheet():
    """_style.css after the course's colours as CSS variables (--kernel, --feature_map, ...)."""
    colours = "".join(f"--{role}: {colour}; " for role, colour in palette.ROLES.items())
    return f".explorer-box, .x-root {{ {colours}}}\n" + (_FOLDER / "_style.css").read_text(encoding="utf-8")


def packed(array):
    """An array as the browser reads it: {"shape", "dtype", "data"}, numbers as float32, pixels as uint8."""
    array = np.asarray(array)
    array = array if array.dtype == np.uint8 else array.astype("<f4")
    return {"shape": list(array.shape), "dtype": array.dtype.name, "data": array.tobytes()}


class Canvas(anywidget.AnyWidget):
    """The live picture: shows the last answer, and passes on what the learner wishes."""

    answer = traitlets.Dict().tag(sync=True)  # settings, names of the arrays, message; set after the arrays
    wish = traitlets.Dict().tag(sync=True, echo_update=False)  # settings that the learner changed in the picture
    position = traitlets.Int(0).tag(sync=True)  # which window is shown, counted row by row; costs no computing

    def __init__(self, *scripts):
        self._esm = module("_draw.js", *scripts)
        self._css = style_sheet()
        super().__init__()

    def show(self, answer, arrays):
        """Send the arrays that changed, and the answer, in one message."""
        missing = {name: traitlets.Dict().tag(sync=True) for name in arrays if not self.has_trait(name)}
        self.add_traits(**missing)
        with self.hold_sync():
            for name, array in arrays.items():
                setattr(self, name, packed(array))
            self.answer = answer
