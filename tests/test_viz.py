"""Every function that draws: one figure, its Axes, an alt text, the same bytes; bad input is refused before that."""

import base64
import io
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from PIL import Image
from viz_samples import DIGITS, HISTORY, LOGITS, SPLIT

from utils import models, viz
from utils.viz.captions import alt_text
from utils.viz.style import picture

CHAPTERS = {0: ("Start", []), 1: ("Next", [0]), 2: ("Aside", [0]), 3: ("Both", [1, 2])}

# One call of every public function that draws, with gradients and odd types where they are allowed.
DRAWN = {
    "architecture": lambda: viz.architecture(models.create("lenet"), (1, 28, 28)),
    "bubbles": lambda: viz.bubbles({"a": (1, 2), "b": (30, 4)}, {"a": 5, "b": 9}, ylabel="accuracy", front=["a", "b"]),
    "bars": lambda: viz.bars({"LeNet": 61_706, "MLP": 101_770}, errors={"LeNet": 10.0}, xlabel="parameters"),
    "class_map": lambda: viz.class_map(torch.rand(5, 2), SPLIT.labels, SPLIT.classes, marked=[1]),
    "compare": lambda: viz.compare(DIGITS[:2], DIGITS[2:4]),
    "confusion_matrix": lambda: viz.confusion_matrix(SPLIT.labels, LOGITS, SPLIT.classes),
    "course_map": lambda: viz.course_map(CHAPTERS),
    "curves": lambda: viz.curves({"net": HISTORY, "other": SimpleNamespace(**HISTORY)}),
    "feature_maps": lambda: viz.feature_maps(torch.rand(1, 6, 5, 5, requires_grad=True)),
    "heatmap": lambda: viz.heatmap(np.eye(3), rows=["x", "y", "z"], columns=[1, 2, 3], label="share"),
    "histogram": lambda: viz.histogram({"a": np.arange(9.0), "b": torch.ones(3)}, xlabel="weight"),
    "image_grid": lambda: viz.image_grid({"one": DIGITS[0], "two": np.zeros((20, 30, 3))}),
    "kernels": lambda: viz.kernels(torch.nn.Conv2d(1, 4, 3).weight),
    "line_answers": lambda: viz.line_answers(DIGITS[0, 0], torch.rand(11, 5), range(6, 23, 4), path=[1], text="7"),
    "lines": lambda: viz.lines({"a": np.ones((3, 4)), "b": [1, 2, float("nan"), 4]}, ylabel="loss"),
    "mistakes": lambda: viz.mistakes(SPLIT, logits=LOGITS),
    "number_row": lambda: viz.number_row({"window": np.eye(3), "kernel": -np.eye(3), "sum": [[-3]]}, ["×", "="]),
    "numbers": lambda: viz.numbers(torch.eye(3, dtype=torch.bfloat16, requires_grad=True)),
    "probabilities": lambda: viz.probabilities(LOGITS[:1].requires_grad_(), SPLIT.classes, answer=1),
    "steps": lambda: viz.steps([0, 2, -1], label="brightness"),
}


def the_axes(drawn):
    return list(drawn) if isinstance(drawn, np.ndarray) else [drawn]


# Every function


def test_every_public_function_is_drawn_here():
    assert set(DRAWN) == set(viz._FUNCTIONS) - {"caption"}


# What pyparsing says to a Matplotlib older than itself: nothing that the course could do otherwise.
PYPARSING = "'.*' (argument is )?deprecated"


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.filterwarnings("error", f"ignore:{PYPARSING}:DeprecationWarning")
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
    "no bubble": (lambda: viz.bubbles({}), "nothing to draw"),
    "a bubble without a size": (lambda: viz.bubbles({"a": (1, 2)}, {"b": 1}), "none for 'a'"),
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
