"""The course's matplotlib style, and figures that take their alt text with them into the notebook."""

import io
import sys
from binascii import b2a_base64
from pathlib import Path

import matplotlib

_STYLE_FILE = Path(__file__).with_name("course.mplstyle")


def use_course_style():
    """Apply course.mplstyle and, in a notebook, send each figure's alt text with its picture.

    `from utils import viz` calls it; call it again after you have changed matplotlib's settings.
    """
    matplotlib.rcParams.update(matplotlib.rc_params_from_file(_STYLE_FILE, use_default_template=False))
    shell = _notebook_shell()
    if shell is not None:
        _register(shell)


def _notebook_shell():
    """The running IPython shell if it draws figures inline, else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell if shell is not None and "inline" in matplotlib.get_backend() else None


def _register(shell):
    from matplotlib import pyplot
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    pyplot.switch_backend(matplotlib.get_backend())  # the inline backend registers its own formatter when it loads
    shell.display_formatter.formatters["image/png"].for_type(Figure, picture)
    # The figure is shown anyway: the text "<Axes: ...>" above it would say nothing.
    shell.display_formatter.ipython_display_formatter.for_type(Axes, lambda axes: None)


def picture(figure):
    """PNG of a figure for a notebook, the same bytes in every run: (base64 text, metadata with "alt").

    Returns None for an empty figure.
    """
    if not figure.axes and not figure.lines:
        return None
    from PIL import Image

    from utils.viz.captions import alt_text

    drawn, stored = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    # 256 colours chosen from the figure's own: a third of the bytes, and no difference that a reader sees.
    Image.open(drawn).convert("RGB").quantize(256, kmeans=1).save(stored, "png", optimize=True)
    alt = alt_text(figure)
    return b2a_base64(stored.getvalue(), newline=False).decode("ascii"), {"alt": alt} if alt else {}
