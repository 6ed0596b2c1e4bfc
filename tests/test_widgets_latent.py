"""The latent walk in Python: what it draws is what the decoder makes of the codes, on the line and off it."""

import io

import numpy as np
import pytest
import torch
import traitlets
from PIL import Image

from utils import data, models, viz, widgets
from utils.widgets._base import small_png
from utils.widgets.latent import Plane

torch.set_num_threads(1)
DIGITS = data.mnist("embedded")[1].subset(60)
X = DIGITS.images / 255


@pytest.fixture(params=[2, 5])
def model(request):
    torch.manual_seed(0)
    return models.create("autoencoder", code=request.param).eval()


@pytest.fixture
def explorer(model):
    explorer = widgets.latent_walk(model, DIGITS, start=3, end=8)
    yield explorer
    explorer.close()


def shown(explorer, name):
    """An array as the browser receives it."""
    sent = getattr(explorer._canvas, name)
    return np.frombuffer(sent["data"], sent["dtype"]).reshape(sent["shape"])


def drawn(model, codes):
    with torch.no_grad():
        return (255 * model.decoder(codes)[:, 0]).round().numpy()


def test_a_line_is_walked_through_the_whole_code(explorer, model):
    with torch.no_grad():
        codes = model.encoder(X)
    explorer._canvas.wish = {"share": 25, "serial": 1}
    code = codes[3] + 0.25 * (codes[8] - codes[3])
    np.testing.assert_allclose(shown(explorer, "drawing"), drawn(model, code[None])[0], atol=1)
    along = torch.stack([codes[3] + i / 8 * (codes[8] - codes[3]) for i in range(9)])
    np.testing.assert_allclose(shown(explorer, "walk"), drawn(model, along), atol=1)
    mixed = torch.stack([X[3, 0] + i / 8 * (X[8, 0] - X[3, 0]) for i in range(9)])
    np.testing.assert_allclose(shown(explorer, "mixed") / 255, mixed, atol=0.6 / 255)
    np.testing.assert_allclose(
        shown(explorer, "place"), 0.75 * shown(explorer, "ends")[0] + 0.25 * shown(explorer, "ends")[1], atol=1e-4
    )
    near = (codes - code).norm(dim=1).argmin()
    assert shown(explorer, "near")[0] == near
    np.testing.assert_array_equal(shown(explorer, "neighbour"), DIGITS.images[near, 0])


def test_a_code_of_two_numbers_is_its_own_place():
    torch.manual_seed(0)
    model = models.create("autoencoder", code=2).eval()
    explorer = widgets.latent_walk(model, DIGITS)
    with torch.no_grad():
        np.testing.assert_allclose(shown(explorer, "points"), model.encoder(X), atol=1e-5)
    explorer._canvas.wish = {"x": 0.3, "y": -0.7, "serial": 1}
    assert explorer.mode == "point"
    np.testing.assert_allclose(shown(explorer, "place"), [0.3, -0.7], atol=1e-6)
    expected = drawn(model, torch.tensor([[0.3, -0.7]]))[0]
    np.testing.assert_allclose(shown(explorer, "drawing"), expected, atol=1)
    explorer.close()


def test_plane_of_longer_codes_holds_most_of_their_variance():
    torch.manual_seed(0)
    codes = torch.randn(200, 4) * torch.tensor([0.1, 3.0, 0.2, 2.0]) + 1
    plane = Plane(codes)
    assert plane.axes.abs()[:, [1, 3]].amax(1).min() > 0.95
    places = torch.randn(7, 2)
    torch.testing.assert_close(plane.down(plane.up(places)), places, atol=1e-5, rtol=1e-5)
    assert torch.equal(Plane(codes).axes, plane.axes)
    assert (plane.axes.gather(1, plane.axes.abs().argmax(1, keepdim=True)) > 0).all()


@pytest.mark.parametrize(
    ("changes", "mode"),
    [
        ({"x": 1.0}, "point"),
        ({"x": 1.0, "share": 7}, "line"),
        ({"mode": "point", "share": 7, "x": 2.0}, "point"),
        ({"x": 2.0, "mode": "line", "start": 4}, "line"),
    ],
)
def test_what_was_touched_last_decides_and_a_named_mode_decides_for_all(explorer, changes, mode):
    explorer._canvas.wish = {**changes, "serial": 1}
    assert explorer.mode == mode
    assert explorer._canvas.answer["settings"]["mode"] == mode


def test_every_place_lies_within_the_frame_and_modes_stay():
    torch.manual_seed(0)
    model = models.create("autoencoder").train()
    explorer = widgets.latent_walk(model, DIGITS)
    left, right, bottom, top = explorer.constants()["frame"]
    points = shown(explorer, "points")
    assert left < points[:, 0].min() < points[:, 0].max() < right
    assert bottom < points[:, 1].min() < points[:, 1].max() < top
    assert all(module.training for module in model.modules())
    explorer.close()


def test_what_cannot_be_walked_is_refused(model):
    with pytest.raises(ValueError, match="needs an encoder and a decoder"):
        widgets.latent_walk(models.create("lenet"), DIGITS)
    with pytest.raises(ValueError, match="longer code"):
        widgets.latent_walk(models.create("autoencoder", code=1), DIGITS)
    with pytest.raises(traitlets.TraitError, match="there are 60 images"):
        widgets.latent_walk(model, DIGITS, end=60)


def test_the_stored_picture_keeps_the_colours_that_mean_something(model):
    explorer = widgets.latent_walk(model, data.mnist("embedded")[1], start=3, end=8)
    picture = np.asarray(Image.open(io.BytesIO(small_png(explorer.static()))).convert("RGB")).astype(int)
    orange = np.array([int(viz.KERNEL[i : i + 2], 16) for i in (1, 3, 5)])
    explorer.close()
    assert abs(picture - orange).max(2).min() < 20
