"""Figures show what they are given: numbers, ranges, order, colours."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import same_color
from viz_samples import DIGITS, HISTORY, LOGITS, SPLIT

from utils import viz
from utils.viz.captions import alt_text


def texts(ax):
    return [text.get_text() for text in ax.texts]


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


def test_pixels_are_as_light_as_in_the_picture():
    shown = viz.numbers([[0, 128, 255]], role="pixels", largest=255).images[0]
    assert np.diff(shown.to_rgba(np.array([0.0, 128, 255]))[:, 0]).min() > 0.4


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


def test_a_row_of_numbers_can_share_its_colours():
    ones, eights = viz.number_row({"ones": [1], "eights": [8]}, largest=dict.fromkeys(["ones", "eights"], 8))
    assert ones.images[0].get_clim() == eights.images[0].get_clim()


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


def test_bubbles_have_their_areas_and_names_do_not_cover_each_other():
    points = {f"network {i}": (10 + i % 3, 70 + 0.3 * (i // 3)) for i in range(9)}
    sizes = {name: 4.0 ** (i % 2) for i, name in enumerate(points)}
    ax = viz.bubbles(points, sizes, xscale="log", front=["network 2", "network 8"])
    (dots,) = ax.collections
    np.testing.assert_allclose(dots.get_offsets(), list(points.values()))
    np.testing.assert_allclose(dots.get_sizes() / dots.get_sizes()[0], list(sizes.values()), rtol=1e-6)
    assert len(ax.lines) == 1
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert [text.get_text() for text in ax.texts] == list(points)
    assert not [1 for i, box in enumerate(boxes) for other in boxes[:i] if box.overlaps(other)]


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


def test_answers_stand_under_the_middles_of_their_windows():
    shares = torch.zeros(11, 3)
    shares[10], shares[4, 1], shares[10, 1] = 1.0, 0.8, 0.2
    above, below = viz.line_answers(np.zeros((8, 40)), shares, [16, 20, 24], path=[1], text="4")
    assert below.get_images()[0].get_extent() == [14, 26, 10.5, -0.5]
    assert above.get_images()[0].get_extent() == [0, 40, 8, 0]
    frame = below.patches[0]
    assert (frame.get_x(), frame.get_width(), frame.get_y()) == (18, 4, 3.5), "around the 4 of the second window"
    assert [(text.get_text(), text.get_position()[0]) for text in above.texts] == [("4", 20)]
    with pytest.raises(ValueError, match="3 columns, middles"):
        viz.line_answers(np.zeros((8, 40)), shares, [16, 20])
