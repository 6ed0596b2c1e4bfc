"""The latent walk in a real browser: by keyboard, mouse, sliders and buttons, against the autoencoder itself."""

import numpy as np
import pytest
import torch

from tests.browser.driven import Driven, soon
from utils import data, models
from utils.widgets.latent import Plane

pytestmark = [pytest.mark.browser, pytest.mark.chapter(14)]
SIZE = 360  # CSS pixels of the map
OPEN = """import torch
from utils import data, models, widgets
torch.manual_seed(0)
model = models.create("autoencoder", code={code})
widgets.latent_walk(model, data.mnist("embedded")[1], start=3, end=8)"""


class Truth:
    """The same autoencoder and its codes, here."""

    def __init__(self, code):
        torch.manual_seed(0)
        self.model, self.split = models.create("autoencoder", code=code).eval(), data.mnist("embedded")[1]
        self.X = self.split.images / 255
        with torch.no_grad():
            self.codes = self.model.encoder(self.X)
        self.plane = Plane(self.codes)
        self.points = self.plane.down(self.codes)
        low, high = self.points.amin(0), self.points.amax(0)
        self.low, self.high = low - 0.04 * (high - low), high + 0.04 * (high - low)

    def on_screen(self, places):
        """Where places on the map are, as shares of its width and height."""
        share = (places - self.low) / (self.high - self.low)
        return torch.stack([share[..., 0], 1 - share[..., 1]], -1)

    def drawing(self, code):
        with torch.no_grad():
            return (255 * self.model.decoder(code[None])[0, 0]).round().numpy()

    def line(self, start, end, share):
        return torch.lerp(self.codes[start], self.codes[end], share)


def draws(explorer, truth, code):
    """The decoder's picture of this code is on the screen, and the nearest image beside it."""
    found = explorer.pixels("Drawing")
    assert np.abs(found[..., 0].astype(int) - truth.drawing(code)).max() <= 1
    near = int((truth.codes - code).norm(dim=1).argmin())
    np.testing.assert_array_equal(explorer.pixels("Nearest image")[..., 0], truth.split.images[near, 0])


def here(explorer):
    """The place of the orange point as shares of the map."""
    point = explorer.root.locator(".x-here")
    return [float(point.get_attribute(name)) / SIZE for name in ("cx", "cy")]


@pytest.mark.parametrize("code", [2, 16])
def test_follows_keyboard_mouse_sliders_and_buttons(run_cells, code):
    truth = Truth(code)
    tab = run_cells(OPEN.format(code=code))
    explorer = Driven(tab, "Latent walk", 0)
    soon(lambda: draws(explorer, truth, truth.line(3, 8, 0.5)))
    assert explorer.root.locator("svg g text").count() == len(truth.split) + 2
    explorer.slide("way from A to B, %", "Home")
    soon(lambda: draws(explorer, truth, truth.codes[3]))
    explorer.slide("digit A", "ArrowRight", "ArrowRight")
    soon(lambda: draws(explorer, truth, truth.codes[5]))
    for i in (0, 4, 8):
        strip = explorer.pixels(f"From A to B, decoded, picture {i + 1}")[..., 0]
        assert np.abs(strip.astype(int) - truth.drawing(truth.line(5, 8, i / 8))).max() <= 1

    drag_the_point(explorer, truth)
    near = explorer.root.evaluate("root => root.explorer.arrays.near.values[0]")
    explorer.root.get_by_role("button", name="Set B here").click()
    soon(lambda: explorer.settings()["end"] == near and explorer.settings()["mode"] == "line")
    draws(explorer, truth, truth.codes[near])
    drag_the_handle(explorer, truth)
    tab.screenshot(f"explorer_latent_walk_{code}")

    walks_to_the_end(explorer, truth)


def walks_to_the_end(explorer, truth):
    """The button leads from A to B, and is a button to walk again after that."""
    explorer.root.get_by_role("button", name="Walk").click()
    soon(lambda: explorer.settings()["share"] == 100, seconds=20)
    end = explorer.settings()["end"]
    soon(lambda: draws(explorer, truth, truth.codes[end]))
    explorer.root.get_by_role("button", name="▶ Walk").wait_for()


def drag_the_point(explorer, truth):
    """By mouse to a place, and from there by an arrow key."""
    explorer.drag((0.9, 0.1), (0.3, 0.6))
    soon(lambda: np.testing.assert_allclose(here(explorer), (0.3, 0.6), atol=0.01))
    settings = explorer.settings()
    assert settings["mode"] == "point"
    draws(explorer, truth, truth.plane.up(torch.tensor([settings["x"], settings["y"]])))
    explorer.press("ArrowRight")
    soon(lambda: np.testing.assert_allclose(here(explorer), (0.32, 0.6), atol=0.01))
    explorer.press("Home")
    soon(lambda: explorer.settings()["mode"] == "line" and explorer.settings()["share"] == 50)
    explorer.press("ArrowDown")
    soon(lambda: explorer.settings()["mode"] == "point")


def drag_the_handle(explorer, truth):
    """A is taken to another digit, one that stands alone on the map."""
    start = explorer.settings()["start"]
    places = truth.on_screen(truth.points)
    apart = torch.cdist(places, places).fill_diagonal_(1)
    target = int(apart.amin(1).argmax())
    explorer.drag(places[start].tolist(), places[target].tolist())
    soon(lambda: explorer.settings()["start"] == target)
    draws(explorer, truth, truth.line(target, explorer.settings()["end"], explorer.settings()["share"] / 100))
