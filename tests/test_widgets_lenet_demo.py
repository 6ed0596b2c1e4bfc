"""The LeNet demonstration in Python: every layer it shows is what PyTorch computes for the digit that it shows."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import traitlets

from utils import data, models, widgets
from utils.data import distort
from utils.widgets import demonstration

torch.set_num_threads(1)
DIGITS = data.mnist_test_digits().padded(2)
MOVED = {"dx": 3, "dy": -2, "angle": 20, "scale": 80, "stroke": 1.0, "noise": 10}
BRANCHES = {"modern": ["act1", "s2", "act3", "s4", "act5", "act6"], "1998": [f"act{i}" for i in range(1, 7)]}


@pytest.fixture(scope="module")
def nets():
    torch.manual_seed(0)
    modern, old = models.create("lenet", size=32), models.create("lenet5_1998", size=32)
    return {"modern": (modern, DIGITS), "1998": (old, DIGITS.scaled(-0.1, 1.175))}


@pytest.fixture
def demo(nets):
    demo = widgets.lenet_demo(nets)
    yield demo
    demo.close()


def shown(explorer, name):
    """An array as the browser receives it."""
    sent = getattr(explorer._canvas, name)
    return np.frombuffer(sent["data"], sent["dtype"]).reshape(sent["shape"])


@pytest.mark.parametrize("name", ["modern", "1998"])
@pytest.mark.parametrize("changes", [{}, MOVED])
def test_layers_are_those_of_the_network(demo, nets, name, changes):
    demo._canvas.wish = {"net": name, "index": 5, **changes, "serial": 1}
    X = distort.stroke(DIGITS.images[5:6].float() / 255, demo.stroke)
    X = distort.affine(X, demo.dx, demo.dy, demo.angle, demo.scale / 100)
    X = distort.noise(X, demo.noise / 100, torch.Generator().manual_seed(0))
    np.testing.assert_allclose(shown(demo, "field") / 255, X[0, 0], atol=0.5 / 255 + 1e-6)
    model, split = nets[name]
    X = (X - split.mean[0]) / split.std[0]
    expected = {}
    with torch.inference_mode():
        for part, layer in model.named_children():
            X = expected[part] = layer(X)
    for layer, part in zip(demonstration.LAYERS, BRANCHES[name], strict=True):
        np.testing.assert_allclose(shown(demo, layer), expected[part][0].squeeze(), atol=1e-4)
    np.testing.assert_allclose(shown(demo, "outputs"), X[0], atol=1e-3)
    np.testing.assert_allclose(shown(demo, "answers")[list(nets).index(name)], X[0].softmax(0), atol=1e-4)
    assert shown(demo, "label")[0] == int(DIGITS.labels[5])


@pytest.mark.parametrize("change", [{name: value} for name, value in MOVED.items()])
def test_every_slider_moves_every_layer_of_every_network(demo, change):
    for net in demo.nets:
        demo._canvas.wish = {"net": net, **demonstration.STILL, "serial": 1}
        before = {layer: shown(demo, layer) for layer in ("field", *demonstration.LAYERS, "outputs", "answers")}
        demo._canvas.wish = {**change, "serial": 2}
        assert not [layer for layer, values in before.items() if np.array_equal(values, shown(demo, layer))]


def test_a_drawing_is_prepared_as_mnist_was(demo):
    drawing = np.zeros((96, 96), np.uint8)
    drawing[5:50, 70:78] = 255
    demo._canvas.wish = {"drawing": drawing.tobytes(), "source": "drawing", "serial": 1}
    np.testing.assert_array_equal(shown(demo, "prepared"), data.centre_digit(drawing))
    np.testing.assert_array_equal(shown(demo, "field")[2:-2, 2:-2], shown(demo, "prepared"))
    assert shown(demo, "label")[0] == -1
    assert "A drawn digit, as it is" in demo.describe()
    assert demo.static().axes
    demo.index = 3
    assert demo.source == "digit"
    assert shown(demo, "label")[0] == int(DIGITS.labels[3])


def test_an_empty_or_broken_drawing_is_answered_in_words(demo):
    demo._canvas.wish = {"source": "drawing", "serial": 1}
    assert "no ink" in demo._canvas.answer["message"]
    demo._canvas.wish = {"drawing": b"abc", "serial": 2}
    assert "not 3" in demo._canvas.answer["message"]


def test_digits_of_28_pixels_get_a_margin(nets):
    demo = widgets.lenet_demo({"modern": (nets["modern"][0], data.mnist_test_digits())}, index=2)
    np.testing.assert_array_equal(shown(demo, "field"), F.pad(DIGITS.images[2, 0, 2:-2, 2:-2], (2, 2, 2, 2)))
    assert shown(demo, "prepared").shape == (28, 28)


def test_replay_crosses_the_field_and_ends_where_it_began(demo):
    replay = demo._canvas.answer["constants"]["replay"]
    assert replay[-1] == demonstration.STILL
    assert {(moment["dx"], moment["dy"]) for moment in replay} >= {
        (dx, dy) for dx in range(-9, 10) for dy in (-7, 0, 7)
    }
    for before, after in pairwise(replay):
        assert max(abs(after[name] - before[name]) for name in ("dx", "angle", "scale")) <= 9
    for moment in replay:
        demo._canvas.wish = {**moment, "serial": 1}
        assert {name: demo.settings[name] for name in moment} == moment


def test_modes_of_the_networks_stay(nets):
    modern = nets["modern"][0].train()
    widgets.lenet_demo(nets)
    assert modern.training
    assert not modern._forward_hooks
    assert not any(layer._forward_hooks for layer in modern)


def test_what_is_no_lenet_is_refused():
    with pytest.raises(ValueError, match="MLP is no LeNet: it has no C1, S2"):
        widgets.lenet_demo({"MLP": (models.create("mlp", pixels=32 * 32), DIGITS)})
    with pytest.raises(ValueError, match="small does not read 32 x 32 pixels"):
        widgets.lenet_demo({"small": (models.create("lenet"), DIGITS)})
    with pytest.raises(ValueError, match="needs a network"):
        widgets.lenet_demo({})


@pytest.mark.parametrize(("wrong", "hint"), [({"index": 2000}, "there are 2000"), ({"net": "VGG"}, "modern, 1998")])
def test_settings_out_of_range_are_refused(nets, wrong, hint):
    with pytest.raises(traitlets.TraitError, match=hint):
        widgets.lenet_demo(nets, **wrong)
