"""Explorers in Python: what they compute is what PyTorch computes, and they leave nothing open behind them."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets.widgets.widget import _instances

from utils import data, models, runtime, widgets
from utils.layers.geometry import fold_windows
from utils.models.sliding import fully_convolutional
from utils.widgets._canvas import module

torch.set_num_threads(1)
NUMBERS = st.floats(-9, 9).map(lambda value: round(value, 2))
EXPLORERS = {
    "attention_map": {
        "model": models.create("vit_small", depth=9, width=8),
        "split": data.mnist("embedded")[1].subset(50),
    },
    "augmentation": {},
    "batch_norm": {},
    "channel_gates": {
        "model": models.create("se_resnet20", width=8).eval(),
        "split": data.colour_digits()[1].subset(50),
    },
    "cheque_reader": {
        "readers": {"LeNet": fully_convolutional(models.create("lenet", size=32, classes=11), (1, 32, 32))},
        "digits": data.mnist_test_digits(),
    },
    "conv_stepper": {},
    "cost_explorer": {},
    "depth_explorer": {},
    "inception_budget": {},
    "kernel_lab": {},
    "latent_walk": {"model": models.create("autoencoder", code=2), "split": data.mnist("embedded")[1].subset(50)},
    "lenet_demo": {"nets": {"LeNet": (models.create("lenet", size=32), data.mnist_test_digits())}},
    "pooling_stepper": {},
    "shift_explorer": {"model": models.create("lenet")},
    "vgg_builder": {},
    "zoo_chart": {"runs": {"stored": runtime.results("zoo")["rows"]}},
}


def matrices(low, high):
    """Matrices of numbers, low to high rows and columns."""
    sizes = st.tuples(st.integers(low, high), st.integers(low, high))
    return sizes.flatmap(
        lambda size: st.lists(st.lists(NUMBERS, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
    )


@pytest.fixture(params=sorted(EXPLORERS))
def explorer(request):
    """Each explorer in turn, as a chapter opens it."""
    explorer = getattr(widgets, request.param)(**EXPLORERS[request.param])
    yield explorer
    explorer.close()


def shown(explorer, name):
    """An array as the browser receives it."""
    sent = getattr(explorer._canvas, name)
    return np.frombuffer(sent["data"], sent["dtype"]).reshape(sent["shape"])


def nudge(explorer, step):
    """Change one whole-number setting of an explorer, within its limits; of a chart, the network that is picked."""
    whole = [(name, trait) for name, trait in explorer.traits(setting=True).items() if isinstance(trait, traitlets.Int)]
    if not whole:
        names = explorer.constants()["names"]
        explorer.net = names[(names.index(explorer.net) + 1) % len(names)]
        return
    name, trait = whole[step % len(whole)]
    most = 9 if trait.max is None else trait.max
    setattr(explorer, name, trait.min + (getattr(explorer, name) + 1 - trait.min) % (most - trait.min + 1))


def test_every_explorer_is_tested():
    assert sorted(EXPLORERS) == widgets.names()


def test_an_unknown_explorer_is_answered_with_the_known_ones():
    with pytest.raises(AttributeError, match="conv_stepper"):
        _ = widgets.convolution_stepper


def test_output_holds_the_live_view_and_a_picture_with_alt_text(explorer):
    bundle, metadata = explorer._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert bundle["image/png"].startswith("iVBOR")
    assert len(bundle["image/png"]) < 150_000
    assert len(metadata["image/png"]["alt"]) > 40
    assert metadata["image/png"]["alt"] in bundle["text/plain"]


def test_static_figure_has_axes_and_alt_text(explorer):
    figure = explorer.static()
    assert figure.axes
    assert figure.get_label() == explorer.describe()


def test_browser_receives_exactly_what_compute_returns(explorer):
    for step in range(6):
        nudge(explorer, step)
        answer = explorer._canvas.answer
        json.dumps(answer)
        assert answer["settings"] == {n: v for n, v in explorer.settings.items() if not isinstance(v, bytes)}
        if not answer["message"]:
            for name, array in explorer.compute(explorer.settings).items():
                np.testing.assert_allclose(shown(explorer, name), array, rtol=1e-6, atol=1e-6)


def test_nothing_is_left_open_after_200_moves(explorer):
    figures, alive = plt.get_fignums(), len(_instances)
    for step in range(200):
        nudge(explorer, step)
        if step % 50 == 0:
            explorer.static()
    assert plt.get_fignums() == figures
    assert len(_instances) == alive


def test_close_closes_sliders_and_picture_too():
    explorer = widgets.conv_stepper()
    parts = [*explorer.children, *explorer.children[0].children]
    explorer.close()
    assert [part.comm for part in parts] == [None] * len(parts)


def test_a_wish_of_several_settings_is_computed_once(explorer, monkeypatch):
    calls = []
    monkeypatch.setattr(explorer, "compute", lambda settings: calls.append(settings) or {})
    explorer._canvas.wish = {**explorer.settings, "serial": 7, "no_such_setting": 1}
    assert len(calls) == 1
    assert explorer._canvas.answer["wish"] == 7


def test_a_grey_pixel_is_shown_as_itself():
    line = next(line for line in module().splitlines() if line.startswith("const RAMPS = "))
    ramps = json.loads(line.removeprefix("const RAMPS = ").rstrip(";"))
    assert ramps["pixels"] == [[level] * 3 for level in range(256)]


# The convolution stepper


@given(matrices(1, 7), matrices(1, 4), *[st.integers(1, 3)] * 2, st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_conv_stepper_equals_torch(x, kernel, stride, dilation, padding):
    explorer = widgets.conv_stepper()
    try:
        changed = {"image": x, "image_kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding}
        explorer._canvas.wish = {**changed, "mode": "2-D", "serial": 1}
        X, weight = (torch.tensor(matrix, dtype=torch.float64)[None, None] for matrix in (x, kernel))
        spans = [dilation * (k - 1) + 1 for k in weight.shape[2:]]
        if any(span > n + 2 * padding for span, n in zip(spans, X.shape[2:], strict=True)):
            assert "fits nowhere" in explorer._canvas.answer["message"]
            return
        expected = F.conv2d(X, weight, stride=stride, padding=padding, dilation=dilation)[0, 0]
        np.testing.assert_allclose(shown(explorer, "output"), expected, atol=2e-4)
        np.testing.assert_allclose(shown(explorer, "products").sum((1, 2)), expected.ravel(), atol=2e-4)
    finally:
        explorer.close()


@given(st.lists(NUMBERS, min_size=1, max_size=12), st.lists(NUMBERS, min_size=1, max_size=5), st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_conv_stepper_pads_each_side_of_a_signal_by_itself(x, kernel, left):
    explorer = widgets.conv_stepper(x, kernel, pad_left=left, pad_right=2)
    signal = F.pad(torch.tensor(x, dtype=torch.float64), (left, 2))
    if len(signal) >= len(kernel):
        expected = F.conv1d(signal[None, None], torch.tensor(kernel, dtype=torch.float64)[None, None])[0]
        np.testing.assert_allclose(shown(explorer, "output"), expected, atol=2e-4)
    explorer.close()


def test_conv_stepper_takes_tensors_and_follows_its_arguments():
    explorer = widgets.conv_stepper(torch.arange(5.0), stride=2)
    assert explorer.mode == "1-D"
    assert explorer.signal == [[0, 1, 2, 3, 4]]
    assert widgets.conv_stepper(kernel=torch.ones(2, 2)).mode == "2-D"


@pytest.mark.parametrize(
    "wrong", [{"x": [[1, 2], [3]]}, {"x": np.full((3, 3), np.nan)}, {"x": np.ones((20, 20))}, {"stride": 0}]
)
def test_conv_stepper_refuses_what_it_cannot_show(wrong):
    with pytest.raises(traitlets.TraitError):
        widgets.conv_stepper(**wrong)


# The pooling stepper


def torch_pooling(X, operation, window, stride, padding, counts):
    """The pooled (1, 1, Hout, Wout) of X, by PyTorch."""
    if operation == "max":
        return F.max_pool2d(X, window, stride, padding)
    if operation == "average":
        return F.avg_pool2d(X, window, stride, padding, count_include_pad=counts)
    if operation == "L2":
        return F.lp_pool2d(X, 2, window, stride)
    row = torch.tensor([[1.0], [1, 1], [1, 2, 1], [1, 3, 3, 1]][window - 1], dtype=X.dtype)
    return F.conv2d(X, (torch.outer(row, row) / row.sum() ** 2)[None, None], stride=stride, padding=padding)


@given(
    matrices(1, 7),
    st.sampled_from(["max", "average", "weighted", "L2"]),
    *[st.integers(1, 4)] * 2,
    st.integers(0, 2),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_pooling_stepper_and_its_gradient_equal_torch(x, operation, window, stride, padding, counts):
    changed = {"image": x, "operation": operation, "window": window, "stride": stride, "count_include_pad": counts}
    explorer = widgets.pooling_stepper(**changed, padding=padding)
    fits = min(len(x), len(x[0])) + 2 * padding >= window and padding < window and not (operation == "L2" and padding)
    assert bool(explorer._canvas.answer["message"]) == (not fits)
    if fits and 2 * padding <= window:  # PyTorch wants at most half a window of padding
        X = torch.tensor(x, dtype=torch.float64)[None, None].requires_grad_()
        expected = torch_pooling(X, operation, window, stride, padding, counts)
        np.testing.assert_allclose(shown(explorer, "output"), expected[0, 0].detach(), atol=2e-4)
        expected.sum().backward()
        shares = shown(explorer, "shares").reshape(*expected.shape[2:], window, window)
        back = fold_windows(shares, X.shape[2:], stride, padding)
        if operation != "max":  # where numbers tie, any of them may win
            np.testing.assert_allclose(back, X.grad[0, 0], atol=2e-4)
        assert back.sum() == pytest.approx(X.grad.sum().item(), abs=1e-3)
    explorer.close()


# The shift explorer


@pytest.fixture(scope="module")
def digits():
    return data.mnist(size="embedded")[1]


@given(st.integers(0, 999), *[st.integers(-10, 10)] * 2, st.integers(2, 7))
@settings(max_examples=30, deadline=None)
def test_shift_explorer_equals_torch(digits, index, dx, dy, window):
    model = EXPLORERS["shift_explorer"]["model"]
    explorer = widgets.shift_explorer(model, digits, index=index, dx=dx, dy=dy, window=window)
    normalised, empty = digits.normalised(index), -digits.mean[0] / digits.std[0]
    moved = F.pad(normalised, (dx, -dx, dy, -dy), value=empty)
    with torch.inference_mode():
        expected = model.eval()(moved).softmax(1)[0]
    np.testing.assert_allclose(shown(explorer, "probabilities"), expected, atol=1e-5)
    np.testing.assert_allclose(shown(explorer, "right")[dx + 10], expected[digits.labels[index]], atol=1e-5)
    X = (moved * digits.std[0] + digits.mean[0]).clamp(min=0)
    np.testing.assert_allclose(shown(explorer, "picture"), (X[0, 0] * 255).round(), atol=0.01)
    np.testing.assert_allclose(shown(explorer, "max"), F.max_pool2d(X, window)[0, 0], atol=1e-5)
    np.testing.assert_allclose(shown(explorer, "average"), F.avg_pool2d(X, window)[0, 0], atol=1e-5)
    side = 28 // window * window
    np.testing.assert_allclose(shown(explorer, "strided"), X[0, 0, :side:window, :side:window], atol=1e-5)
    explorer.close()


def test_shift_explorer_leaves_the_model_in_its_mode_and_says_what_changed(digits):
    model = models.create("lenet").train()
    explorer = widgets.shift_explorer(model, digits)
    assert model.training
    assert shown(explorer, "changes").tolist() == [0, 0, 0]
    explorer.dx = 10
    assert (shown(explorer, "changes") > 0.5).all()


def test_shift_explorer_works_without_a_model_and_in_colour():
    images, channels = torch.randint(0, 255, (2, 3, 32, 32), dtype=torch.uint8), (0.5, 0.5, 0.5)
    split = data.Split(images, torch.tensor([0, 1]), ["a", "b"], channels, channels, "noise")
    explorer = widgets.shift_explorer(split=split, index=1, dx=2)
    assert explorer._canvas.answer["arrays"] == ["picture", "max", "average", "strided", "changes"]
    assert explorer.static().axes
    with pytest.raises(traitlets.TraitError, match="there are 2 pictures"):
        explorer.index = 2


def test_shift_explorer_can_leave_the_maps_out(digits):
    explorer = widgets.shift_explorer(models.create("mlp"), digits, maps=False)
    assert explorer._canvas.answer["arrays"] == ["picture", "probabilities", "label", "right"]
    assert len(explorer.static().axes) == 2
    assert len(explorer.controls()) == 1, "no slider for the window of maps that are not shown"
    assert repr(explorer).endswith("of class 0, not moved; what the network makes of it.")
    with pytest.raises(ValueError, match="Nothing to show"):
        widgets.shift_explorer(split=digits, maps=False)


# The kernel lab; its uploads are in test_widgets_upload.py
