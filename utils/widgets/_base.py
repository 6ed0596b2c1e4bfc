"""What all explorers share: settings in, arrays out, one picture in the browser and one for paper.

The path of a change: a slider, a key or the mouse changes a setting (a trait); Python computes (`Explorer.compute`);
the arrays travel as bytes to the canvas, whose JavaScript draws them and computes nothing. While an answer is under
way the browser keeps only the newest wish (ipywidgets allows one message on its way), so a fast mouse never piles up
work for the kernel.
"""

import io
from base64 import b64encode
from contextlib import contextmanager

import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure
from PIL import Image

from utils import viz
from utils.viz import palette
from utils.widgets._canvas import Canvas


class Matrix(traitlets.TraitType):
    """A setting that is a small matrix of finite numbers, kept as a list of rows; anything array-like may be given."""

    info_text = "a matrix of numbers"

    def __init__(self, default, largest=12, **options):
        self.largest = largest
        super().__init__(default_value=default, **options)

    def validate(self, obj, value):
        """Rows of floats, or a TraitError that says what is wrong."""
        try:
            matrix = np.atleast_2d(np.asarray(value, dtype=float))
        except (TypeError, ValueError):
            raise traitlets.TraitError(
                f"{self.name}: expected numbers in rows of equal length, got {value!r}."
            ) from None
        if matrix.ndim != 2 or not 1 <= matrix.size or max(matrix.shape) > self.largest:
            raise traitlets.TraitError(
                f"{self.name}: expected at most {self.largest} rows and columns, so that every number can be read; "
                f"got shape {matrix.shape}. Take a part of it, e.g. image[:8, :8]."
            )
        if not np.isfinite(matrix).all():
            raise traitlets.TraitError(f"{self.name}: NaN or infinity cannot be drawn. Replace it by a number.")
        return matrix.tolist()


class Explorer(ipywidgets.VBox):
    """Sliders above a live picture. Subclasses name their settings, compute, and draw a static figure.

    A setting is a trait tagged `setting=True`: assign to it (`explorer.stride = 2`) and the picture follows. Bytes that
    come from the browser (a drawing, a file) are tagged `blob=True` and are not sent back.
    """

    scripts = ()  # JavaScript files of this package, the explorer's own last
    figure_size = (9, 4)  # of the static figure, in inches

    def __init__(self, **settings):
        self._held = False
        self._canvas = Canvas(*self.scripts)
        with self._hold():
            super().__init__(**settings)
        row = ipywidgets.HBox(self.controls()).add_class("explorer-controls")
        self.children = [row, self._canvas]
        self.add_class("explorer-box")
        self.observe(self._answer, names=list(self.traits(setting=True)))
        self._canvas.observe(self._obey, names="wish")
        self._answer()

    @property
    def settings(self):
        """The settings by name: numbers, words and lists (dict)."""
        return {name: getattr(self, name) for name in self.traits(setting=True)}

    @property
    def position(self):
        """Which window is shown, counted row by row from 0."""
        return self._canvas.position

    @position.setter
    def position(self, position):
        self._canvas.position = position

    def controls(self):
        """The ipywidgets above the picture, tied to settings (list)."""
        return []

    def compute(self, settings):
        """Everything that the picture shows, for these settings.

        Returns:
            dict of arrays; the same names for all settings.

        Raises:
            ValueError: these settings have no answer; the message is shown to the learner.
        """
        raise NotImplementedError

    def constants(self):
        """What the picture needs besides the arrays and never changes: names, limits (dict)."""
        return {}

    def describe(self):
        """What the picture shows now, in a sentence: the alt text of the figure."""
        raise NotImplementedError

    def draw(self, figure, arrays):
        """Draw the static picture of `arrays`, as `compute` returns them, into an empty matplotlib Figure."""
        raise NotImplementedError

    def static(self):
        """The explorer as it stands, as a matplotlib Figure (one that pyplot does not keep open)."""
        figure = Figure(figsize=self.figure_size, layout="constrained")
        try:
            self.draw(figure, self.compute(self.settings))
        except ValueError as error:
            figure.text(0.5, 0.5, str(error), ha="center", va="center", wrap=True)
        return viz.caption(figure, self.describe(), alt=self.describe())

    def close(self):
        """Close the explorer with its sliders and its picture."""
        for part in self.children:
            for child in getattr(part, "children", ()):
                child.close()
            part.close()
        super().close()

    def _answer(self, change=None):
        """Compute for the present settings and show it; a ValueError becomes a line of text in the picture."""
        if self._held:
            return
        try:
            arrays, message = self.compute(self.settings), ""
        except ValueError as error:
            arrays, message = {}, str(error)
        answer = {
            "settings": {n: value for n, value in self.settings.items() if n not in self.traits(blob=True)},
            "arrays": list(arrays),
            "message": message,
            "constants": self.constants(),
            "serial": self._canvas.answer.get("serial", 0) + 1,
            "wish": self._canvas.wish.get("serial", 0),
        }
        self._canvas.show(answer, arrays)

    def _obey(self, change):
        """Take over the settings that were changed in the picture; what is no setting or no valid value is left."""
        allowed = self.traits(setting=True)
        self.change({name: value for name, value in change.new.items() if name in allowed})

    def change(self, settings):
        """Set several settings, a dict of name to value, and answer once.

        Raises:
            traitlets.TraitError: a value is out of range.
        """
        with self._hold():
            for name, value in settings.items():
                setattr(self, name, value)
        self._answer()

    @contextmanager
    def _hold(self):
        """Change several settings, and answer once."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def __repr__(self):
        return f"{type(self).__name__}: {self.describe()}"

    def _repr_mimebundle_(self, **kwargs):
        """The live view for a Lab, and beside it the static picture for places without widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["image/png"] = b64encode(small_png(self.static())).decode("ascii")
        bundle["text/plain"] = repr(self)
        return bundle, {"image/png": {"alt": self.describe()}}


def small_png(figure):
    """PNG of a figure in 256 colours (bytes): a third of the usual size, for it is stored in every notebook."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=100)
    picture = Image.open(full).convert("RGB")
    picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1).save(small, "PNG", optimize=True)
    return small.getvalue()


def picture_on(ax, values, title, ramp, largest):
    """Draw values (H, W) on the Axes of a static figure: "pixels" and "sequential" from 0, "signed" around 0."""
    names = {"pixels": palette.PIXELS, "sequential": palette.SEQUENTIAL, "signed": palette.SIGNED}
    ax.imshow(values, cmap=names[ramp], vmin=-largest if ramp == "signed" else 0, vmax=largest)
    ax.set(title=title, xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="#bbbbbb")
