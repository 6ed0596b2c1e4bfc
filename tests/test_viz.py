"""Figures: what is written and drawn is what was given, in words too; bad input is refused before anything is drawn."""

import base64
import io
import subprocess
import sys
from types import SimpleNamespace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_rgb
from PIL import Image

from utils import models, viz
from utils.viz.captions import alt_text, figure_of
from utils.viz.palette import ROLES
from utils.viz.style import picture

HISTORY = {
    "train_loss": [2.0, 1.0, 0.5],
    "test_loss": [1.5, float("nan"), 0.75],
    "train_accuracy": [0.3, 0.6, 0.9],
    "test_accuracy": [0.4, 0.5, 0.8],
}
DIGITS = torch.arange(5 * 28 * 28).reshape(5, 1, 28, 28).remainder(251).to(torch.uint8)
SPLIT = SimpleNamespace(images=DIGITS, labels=torch.tensor([0, 1, 2, 0, 1]), classes=["a", "b", "c"])
LOGITS = torch.tensor([[5.0, 0, 0], [4, 1, 0], [0, 9, 0], [2, 0, 0], [0, 1, 0]])  # 1 and 2 are mistaken, 2 more surely
CHAPTERS = {0: ("Start", []), 1: ("Next", [0]), 2: ("Aside", [0]), 3: ("Both", [1, 2])}

# One call of every public function that draws, with gradients and odd types where they are allowed.
DRAWN = {
    "architecture": lambda: viz.architecture(models.create("lenet"), (1, 28, 28)),
    "bars": lambda: viz.bars({"LeNet": 61_706, "MLP": 101_770}, errors={"LeNet": 10.0}, xlabel="parameters"),
    "compare": lambda: viz.compare(DIGITS[:2], DIGITS[2:4]),
    "confusion_matrix": lambda: viz.confusion_matrix(SPLIT.labels, LOGITS, SPLIT.classes),
    "course_map": lambda: viz.course_map(CHAPTERS),
    "curves": lambda: viz.curves({"net": HISTORY, "other": SimpleNamespace(**HISTORY)}),
    "feature_maps": lambda: viz.feature_maps(torch.rand(1, 6, 5, 5, requires_grad=True)),
    "heatmap": lambda: viz.heatmap(np.eye(3), rows=["x", "y", "z"], columns=[1, 2, 3], label="share"),
    "histogram": lambda: viz.histogram({"a": np.arange(9.0), "b": torch.ones(3)}, xlabel="weight"),
    "image_grid": lambda: viz.image_grid({"one": DIGITS[0], "two": np.zeros((20, 30, 3))}),
    "kernels": lambda: viz.kernels(torch.nn.Conv2d(1, 4, 3).weight),
    "lines": lambda: viz.lines({"a": np.ones((3, 4)), "b": [1, 2, float("nan"), 4]}, ylabel="loss"),
    "mistakes": lambda: viz.mistakes(SPLIT, logits=LOGITS),
    "number_row": lambda: viz.number_row({"window": np.eye(3), "kernel": -np.eye(3), "sum": [[-3]]}, ["×", "="]),
    "numbers": lambda: viz.numbers(torch.eye(3, dtype=torch.bfloat16, requires_grad=True)),
    "probabilities": lambda: viz.probabilities(LOGITS[:1].requires_grad_(), SPLIT.classes, answer=1),
    "steps": lambda: viz.steps([0, 2, -1], label="brightness"),
}


@pytest.fixture(autouse=True)
def _closed_figures():
    plt.close("all")
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def the_axes(drawn):
    return list(drawn) if isinstance(drawn, np.ndarray) else [drawn]


# Every function


def test_every_public_function_is_drawn_here():
    assert set(DRAWN) == set(viz._FUNCTIONS) - {"caption"}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.filterwarnings("error")
def test_draws_one_figure_with_alt_text_and_returns_its_axes(name):
    axes = the_axes(DRAWN[name]())
    assert len(plt.get_fignums()) == 1
    assert all(isinstance(ax, Axes) and ax.figure is plt.gcf() for ax in axes)
    assert len(alt_text(plt.gcf())) > 20
    assert alt_text(plt.gcf()).endswith(".")
    data, metadata = picture(plt.gcf())
    assert metadata == {"alt": alt_text(plt.gcf())}
    width, height = Image.open(io.BytesIO(base64.b64decode(data))).size
    assert 100 < width <= 1280
    assert 30 < height <= 720


@pytest.mark.parametrize("name", ["architecture", "image_grid", "lines"])
def test_the_same_bytes_every_time(name):
    torch.manual_seed(0)
    DRAWN[name]()
    first = picture(plt.gcf())
    torch.manual_seed(0)
    DRAWN[name]()
    assert picture(plt.gcf()) == first


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: viz.numbers(np.eye(2), ax),
        lambda ax: viz.heatmap(np.eye(2), ax),
        lambda ax: viz.steps([1, 2], ax),
        lambda ax: viz.lines([1, 2], ax=ax),
        lambda ax: viz.bars({"a": 1}, ax=ax),
        lambda ax: viz.histogram([1, 2], ax),
        lambda ax: viz.probabilities([1.0, 2.0], ax=ax),
        lambda ax: viz.confusion_matrix([0, 1], [0, 1], ax=ax),
        lambda ax: viz.architecture(models.create("mlp"), (1, 28, 28), ax=ax),
        lambda ax: viz.course_map(CHAPTERS, ax),
    ],
)
def test_draws_on_axes_that_are_given(draw):
    _, ax = plt.subplots()
    assert draw(ax) is ax
    assert len(plt.get_fignums()) == 1


REFUSED = {
    "empty": (lambda: viz.numbers([]), "nothing to draw"),
    "ragged": (lambda: viz.numbers([[1], [1, 2]]), "different lengths"),
    "words": (lambda: viz.numbers(["a"]), "expected numbers"),
    "NaN": (lambda: viz.numbers([1, float("nan")]), "1 of 2 values are NaN or infinite"),
    "infinite": (lambda: viz.kernels(torch.full((1, 1, 3, 3), float("inf"))), "weight: 9 of 9"),
    "rank": (lambda: viz.numbers(np.zeros((1, 1, 2, 2))), r"got shape \(1, 1, 2, 2\)"),
    "too many": (lambda: viz.numbers(np.zeros((28, 28))), "28x28 numbers are too many"),
    "role": (lambda: viz.numbers([1], role="bias"), "role: 'bias' is none of input"),
    "window": (lambda: viz.numbers([1], highlight=(0, 0, 0, 1)), "highlight"),
    "operators": (lambda: viz.number_row({"a": [1], "b": [2]}, ["×", "="]), "1 gaps, but 2 signs"),
    "no matrices": (lambda: viz.number_row({}), "0 matrices"),
    "names": (lambda: viz.heatmap(np.eye(2), rows=["a"]), "rows: 1 for 2"),
    "signal": (lambda: viz.steps(np.eye(2)), "one row of readings"),
    "no image": (lambda: viz.image_grid([]), "nothing to draw"),
    "channels": (lambda: viz.image_grid(np.zeros((2, 16, 8, 8))), "viz.feature_maps"),
    "titles": (lambda: viz.image_grid(DIGITS, titles=["a"]), "titles: 1 for 5"),
    "columns": (lambda: viz.image_grid(DIGITS, columns=0), "columns must be at least 1"),
    "pairs": (lambda: viz.compare(DIGITS[:2], DIGITS[:3]), "2 pictures before and 3 after"),
    "two pictures' maps": (lambda: viz.feature_maps(np.zeros((2, 3, 4, 4))), "of one picture"),
    "kernels of 5 axes": (lambda: viz.kernels(np.zeros((1, 1, 1, 3, 3))), "Cout, Cin, K, K"),
    "no epoch": (lambda: viz.curves({"train_loss": [], "test_loss": []}), "no epoch"),
    "no history": (lambda: viz.curves({}), "nothing to draw"),
    "not recorded": (lambda: viz.curves(HISTORY, ["error"]), "no epoch with error"),
    "no curve": (lambda: viz.lines({}), "no curve"),
    "unlike x": (lambda: viz.lines({"a": [1, 2]}, x=[1, 2, 3]), "a: 2 values, but x has 3"),
    "no bar": (lambda: viz.bars({}), "nothing to draw"),
    "wrong class": (lambda: viz.confusion_matrix([0, 3], [0, 1], ["a", "b"]), "y: 0 to 3, but the classes are 0 to 1"),
    "float class": (lambda: viz.confusion_matrix([0.0], [0]), "classes are integers"),
    "pairs of classes": (lambda: viz.confusion_matrix([0, 1], [0]), "y has 2 labels and predicted 1"),
    "many logits": (lambda: viz.probabilities(LOGITS), "of one picture"),
    "no such answer": (lambda: viz.probabilities([1.0, 2.0], answer=2), "answer: 2 to 2"),
    "no logits": (lambda: viz.mistakes(SPLIT), "needs answers to judge"),
    "few logits": (lambda: viz.mistakes(SPLIT, logits=LOGITS[:2]), "5 pictures, 5 labels and 2 rows"),
    "wrong size": (lambda: viz.architecture(models.create("lenet"), (1, 20, 20)), "layer 'c5'"),
    "batch": (lambda: viz.architecture(models.create("lenet"), (3, 1, 28, 28)), "without the batch"),
    "depth": (lambda: viz.architecture(models.create("lenet"), (1, 28, 28), depth=0), "depth must be at least 1"),
    "chapter": (lambda: viz.course_map({1: ("One", [2])}), "list these chapters before it"),
    "no chapter": (lambda: viz.course_map({}), "nothing to draw"),
    "no caption": (lambda: viz.caption(viz.steps([1]), " "), "need words"),
    "no Axes": (lambda: viz.caption("figure", "words"), "Expected Axes or a Figure"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_and_leaves_no_figure(case):
    call, words = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=words):
        call()
    assert len(plt.get_fignums()) == (1 if case == "no caption" else 0)


# Numbers in cells


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(-999, 999), min_size=3, max_size=3), min_size=1, max_size=4))
def test_every_number_stands_in_its_cell(rows):
    _, ax = plt.subplots()
    viz.numbers(rows, ax)
    for text in ax.texts:
        x, y = text.get_position()
        assert text.get_text() == str(rows[y][x]).replace("-", "−")
    assert len(ax.texts) == 3 * len(rows)
    plt.close(ax.figure)


def test_numbers_are_written_as_short_as_they_can_be():
    assert texts(viz.numbers([1.0, -0.0, 0.5, 1 / 3, -0.001])) == ["1", "0", "0.5", "0.33", "0.00"]
    assert texts(viz.numbers([1, 2], decimals=1)) == ["1.0", "2.0"]


def test_zero_is_white_and_signs_have_two_colours():
    negative, zero, positive = viz.numbers([-2, 0, 2]).images[0].to_rgba(np.array([-2, 0, 2]))[:, :3]
    assert zero.min() > 0.95
    assert negative[2] > negative[0]
    assert positive[0] > positive[2]
    for matrix in ([0, 1], [0.0, 0.0]):
        image = viz.numbers(matrix).images[0]
        assert same_color(image.to_rgba(np.array([0.0]))[0], "white")


def test_window_role_and_padding_are_marked():
    ax = viz.numbers(np.zeros((5, 5)), role="input", highlight=(1, 2, 3, 2), padding=1)
    window = [patch for patch in ax.patches if same_color(patch.get_edgecolor(), viz.KERNEL)]
    assert [patch.get_bbox().bounds for patch in window] == [(1.5, 0.5, 2, 3)]
    assert sum(patch.get_hatch() is not None for patch in ax.patches) == 16
    assert all(same_color(spine.get_edgecolor(), viz.INPUT) for spine in ax.spines.values())
    assert "Window of 3x2 at row 1, column 2" in alt_text(ax.figure)


def test_rows_of_numbers_share_the_size_of_their_cells():
    axes = viz.number_row({"image": np.ones((4, 5)), "kernel": np.ones((2, 2)), "row": [1, 2, 3]}, ["∗", "="])
    plt.gcf().canvas.draw()
    cells = []
    for ax, shape in zip(axes, [(4, 5), (2, 2), (1, 3)], strict=True):
        box = ax.get_window_extent()
        cells += [box.height / shape[0], box.width / shape[1]]
    assert np.ptp(cells) < 1e-6
    assert [ax.get_title() for ax in axes] == ["image", "kernel", "row"]
    assert ["∗" in texts(axes[0]), "=" in texts(axes[1])] == [True, True]


# Pictures, kernels, maps


def test_channels_are_found_wherever_they_stand():
    red = np.zeros((3, 4, 6))
    red[0] = 1
    for image in (red, torch.from_numpy(red), red.transpose(1, 2, 0), red[None], [red], {"red": red}):
        (ax,) = viz.image_grid(image)
        shown = np.asarray(ax.images[0].get_array())
        assert shown.shape == (4, 6, 3)
        assert (shown == [1, 0, 0]).all()


def test_normalised_pictures_state_their_range():
    axes = viz.image_grid(np.linspace(-1.5, 2.5, 32).reshape(2, 1, 4, 4))
    assert [text.get_text() for text in axes[0].figure.texts] == ["Black is −1.5, white is 2.5."]
    assert [ax.images[0].get_clim() for ax in axes] == [(-1.5, 2.5)] * 2
    assert viz.image_grid(DIGITS)[0].figure.texts == []
    assert viz.image_grid(DIGITS.float() / 255)[0].images[0].get_clim() == (0, 1)


def test_compare_puts_pairs_in_columns():
    axes = viz.compare(DIGITS[:3], 255 - DIGITS[:3], titles=("digit", "negative"))
    assert (axes[0].get_ylabel(), axes[3].get_ylabel()) == ("digit", "negative")
    for above, below in zip(axes[:3], axes[3:], strict=True):
        assert above.get_position().x0 == below.get_position().x0
        assert above.get_position().y0 > below.get_position().y1
        assert (above.images[0].get_array() + below.images[0].get_array() == 255).all()


def test_kernels_share_a_range_with_zero_in_the_middle():
    weight = torch.zeros(2, 3, 5, 5)
    weight[0, 0, 0, 0], weight[1, 2, 4, 4] = -0.5, 2.0
    axes = viz.kernels(weight)
    assert len(axes) == 6
    assert {ax.images[0].get_clim() for ax in axes} == {(-2, 2)}
    assert axes[5].images[0].get_array()[4, 4] == 2
    assert axes[2].get_position().y0 > axes[3].get_position().y1  # a row is one output channel


def test_more_maps_than_fit_are_announced():
    axes = viz.feature_maps(np.ones((512, 3, 3)))
    assert len(axes) == 64
    assert [text.get_text() for text in axes[0].figure.texts] == ["The first 64 of 512."]
    assert axes[0].images[0].get_clim() == (0, 1)
    assert "36 of 384 kernels" in viz.kernels(np.ones((64, 6, 3, 3)))[0].figure.texts[0].get_text()


# Curves and bars


def test_curves_start_at_epoch_one_and_keep_gaps():
    loss, accuracy = viz.curves(HISTORY)
    assert [line.get_label() for line in loss.lines] == ["train", "test"]
    assert loss.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert accuracy.lines[1].get_ydata().tolist() == HISTORY["test_accuracy"]
    assert np.isnan(loss.lines[1].get_ydata()[1])
    assert (loss.get_xlabel(), loss.get_ylabel()) == ("epoch", "loss")
    assert all(float(tick).is_integer() for tick in loss.get_xticks())


def test_histories_are_told_apart_by_colour_and_label():
    loss, _ = viz.curves({"LeNet": HISTORY, "MLP": HISTORY})
    assert [text.get_text() for text in loss.get_legend().get_texts()] == [
        *("LeNet train", "LeNet test", "MLP train", "MLP test"),
    ]
    assert loss.lines[0].get_color() == loss.lines[1].get_color() != loss.lines[2].get_color()


def test_lines_show_mean_and_spread_over_seeds():
    ax = viz.lines({"net": [[0.0, 1], [2, 5]]}, x=[1, 10], xscale="log")
    assert ax.lines[0].get_ydata().tolist() == [1, 3]
    corners = ax.collections[0].get_paths()[0].vertices
    assert {tuple(corner) for corner in corners} >= {(1, 0), (1, 2), (10, 1), (10, 5)}
    assert "mean of 2 runs" in ax.figure.texts[0].get_text()
    assert ax.get_xscale() == "log"


def test_curves_differ_without_colour():
    ax = viz.lines({str(i): [i, i] for i in range(8)})
    assert len({(line.get_linestyle(), line.get_marker()) for line in ax.lines}) == 8


def test_bars_carry_their_numbers():
    ax = viz.bars({"LeNet": 61_706, "AlexNet": 61_100_840}, form="{:,.0f}", colours={"LeNet": viz.RIGHT})
    assert texts(ax) == ["61,706", "61,100,840"]
    assert [bar.get_width() for bar in ax.patches] == [61_706, 61_100_840]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["LeNet", "AlexNet"]
    assert same_color(ax.patches[0].get_facecolor(), viz.RIGHT)


def test_stems_stand_on_zero():
    ax = viz.steps([2, -1, 0.5], label="brightness")
    assert texts(ax) == ["2", "−1", "0.5"]
    assert [segment[:, 1].tolist() for segment in ax.collections[0].get_segments()] == [[0, 2], [0, -1], [0, 0.5]]
    assert ax.get_ylabel() == "brightness"


def test_histograms_share_their_bins():
    ax = viz.histogram({"a": [0.0, 1], "b": [9.0, 10]}, bins=10)
    outlines = [patch.get_path().vertices[:, 0] for patch in ax.patches]
    assert {corners.min() for corners in outlines} == {0}
    assert {corners.max() for corners in outlines} == {10}


# Answers


def test_confusion_matrix_counts_truth_in_rows():
    ax = viz.confusion_matrix([0, 0, 1, 2], [0, 2, 1, 2], ["cat", "dog", "hen"])
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (0, 0): "1",
        (2, 0): "1",
        (1, 1): "1",
        (2, 2): "1",
    }
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("truth", "answer")
    assert "cat is taken for hen" in alt_text(ax.figure)


def test_worst_mistakes_come_first():
    axes = viz.mistakes(SPLIT, logits=LOGITS)
    assert [ax.get_title().split(":")[0] for ax in axes] == ["b", "a"]
    assert axes[0].get_title() == "b: >99 %\nright: c, <1 %"
    assert (axes[0].images[0].get_array() == DIGITS[2, 0].numpy()).all()
    assert len(viz.mistakes(DIGITS, SPLIT.labels, LOGITS, count=1)) == 1


def test_no_mistake_is_said():
    (ax,) = viz.mistakes(SPLIT, logits=torch.eye(3)[SPLIT.labels])
    assert texts(ax) == ["No mistake among 5 pictures"]


def test_probabilities_are_the_softmax():
    ax = viz.probabilities(torch.tensor([1000.0, 1001.0, 990.0]), answer=0)
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(torch.tensor([0.0, 1, -10]).softmax(0).tolist())
    assert texts(ax) == ["27 %", "73 %", "<1 %"]
    colours = [bar.get_facecolor() for bar in ax.patches]
    assert [same_color(c, w) for c, w in zip(colours, (viz.RIGHT, viz.WRONG, viz.FEATURE_MAP), strict=True)] == [
        True
    ] * 3


# Captions, style, import


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
    assert set(DRAWN) <= set(dir(viz))
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
