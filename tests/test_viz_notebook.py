"""Captions, alt text, style and palette: what surrounds the figures, up to a real notebook kernel."""

import subprocess
import sys
import textwrap

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from utils import viz
from utils.viz.captions import _wrapped, alt_text, figure_of
from utils.viz.palette import ROLES
from utils.viz.style import picture


def test_caption_stands_below_and_replaces_itself():
    ax = viz.lines({"a": np.ones((2, 3))})  # leaves a note
    viz.caption(ax, "First.")
    assert viz.caption(ax, "One sentence about the figure. " * 6, alt="A flat line.") is ax
    note, caption = sorted(ax.figure.texts, key=lambda text: -text.get_window_extent().y1)
    assert note.get_text().startswith("Lines")
    assert caption.get_text().count("\n") >= 1
    assert caption.get_window_extent().y1 <= note.get_window_extent().y0
    assert note.get_window_extent().y1 <= ax.figure.bbox.y0
    assert caption.get_window_extent().width <= ax.figure.bbox.width
    assert alt_text(ax.figure) == "A flat line."


def test_alt_text_joins_panels_and_falls_back_to_the_caption():
    axes = viz.number_row({"a": [1], "b": [2]})
    assert alt_text(figure_of(axes)) == "1x1 numbers 'a': 1. 1x1 numbers 'b': 2."
    figure, ax = plt.subplots()
    viz.caption(ax, "By hand.")
    assert alt_text(figure) == "By hand."
    assert picture(plt.figure()) is None


def separation(matrix):
    """Smallest distance (CIELAB) of two colours of the palette, seen through a matrix on linear RGB."""
    from skimage.color import rgb2lab

    rgb = np.array([to_rgb(colour) for colour in ROLES.values()])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(matrix).T, 0, 1)
    seen = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = rgb2lab(seen[None])[0]
    distances = np.linalg.norm(lab[:, None] - lab, axis=-1)
    return distances, float(distances[~np.eye(len(rgb), dtype=bool)].min())


def test_palette_survives_deuteranopia():
    # Machado, Oliveira, Fernandes (2009), severity 1. A difference of 2.3 is just noticed.
    deuteranopia = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    distances, smallest = separation(deuteranopia)
    assert smallest > 4 * 2.3
    assert distances[list(ROLES).index("right"), list(ROLES).index("wrong")] > 20 * 2.3
    assert separation(np.eye(3))[1] > 30


def test_import_is_quick_and_brings_no_torch():
    code = "import sys; from utils import viz; viz.numbers; print(sorted({'torch', 'pandas'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_style_is_applied_and_names_are_listed():
    viz.use_course_style()
    assert matplotlib.rcParams["savefig.bbox"] == "tight"
    assert {"numbers", "caption", "KERNEL", "use_course_style"} <= set(dir(viz))
    with pytest.raises(AttributeError, match="no attribute 'plot'"):
        viz.plot  # noqa: B018


def test_alt_text_reaches_the_notebook():
    import nbclient
    import nbformat

    cells = [
        "import os; os.environ['MPLBACKEND'] = 'module://matplotlib_inline.backend_inline'\nfrom utils import viz",
        "viz.caption(viz.numbers([1, 2]), 'Two numbers.', alt='One, two.')",
        "viz.number_row({'a': [1], 'b': [2]})",
        "import matplotlib.pyplot as plt\n%matplotlib inline\nplt.plot([1, 2]);",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    _, captioned, row, plain = ([output for output in cell.outputs] for cell in notebook.cells)
    assert [[output.output_type for output in cell] for cell in (captioned, row, plain)] == [["display_data"]] * 3
    assert captioned[0].metadata["image/png"] == {"alt": "One, two."}
    assert row[0].metadata["image/png"] == {"alt": "1x1 numbers 'a': 1. 1x1 numbers 'b': 2."}
    assert plain[0].metadata["image/png"] == {}
    viz.caption(viz.numbers([1, 2]), "Two numbers.", alt="One, two.")
    assert captioned[0].data["image/png"].strip() == picture(plt.gcf())[0].strip()  # another process, the same bytes


@given(st.text("ab ", min_size=1, max_size=200).map(str.split).filter(bool), st.integers(30, 90))
def test_captions_keep_their_words_in_as_few_lines_as_fit(words, most):
    text = " ".join(words)
    lines = _wrapped(text, most).split("\n")
    assert "".join(lines).replace(" ", "") == "".join(words)
    assert max(map(len, lines)) <= most
    assert len(lines) == len(textwrap.wrap(text, most))
