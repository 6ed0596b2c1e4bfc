"""An explorer in its notebook, moved by keyboard and mouse and read off the screen: what their tests share."""

import base64
import time

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib import colormaps

CELL_TEXTS = "cells => cells.map(cell => cell.value ?? cell.textContent)"
# As text: a list of a million numbers takes seconds to reach the test.
PIXELS = """canvas => {
    const { width, height } = canvas;
    const bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return { shape: [height, width, 4], data: btoa(text) };
}"""


class Driven:
    """One explorer on the screen."""

    def __init__(self, tab, label, nth):
        self.tab, self.page = tab, tab.page
        self.root = tab.page.get_by_role("group", name=label, exact=True).nth(nth)
        self.box = self.root.locator("xpath=ancestor::*[contains(@class, 'explorer-box')][1]")
        self.root.scroll_into_view_if_needed()

    def settings(self):
        """What the explorer says that it shows."""
        return self.root.evaluate("root => root.explorer.settings")

    def numbers(self, role):
        """The numbers of a grid as they are written in its cells, in reading order."""
        texts = self.root.locator(f".x-{role}:visible .x-cell").evaluate_all(CELL_TEXTS)
        return np.array([float(text.replace("−", "-").replace("∞", "inf")) for text in texts])

    def pixels(self, label):
        """Colours on a canvas: uint8 (H, W, 3)."""
        return drawn(self.root, label)[..., :3]

    def text(self, part):
        """Text of one part of the explorer."""
        return self.root.locator(part).inner_text()

    def press(self, *keys, on=".x-hold"):
        """Focus a part and press keys."""
        self.root.locator(on).first.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def slide(self, label, *keys):
        """Move a slider by the keyboard."""
        row = self.box.locator(".widget-slider").filter(has=self.page.get_by_text(label, exact=True))
        row.locator(".noUi-handle").focus()
        for key in keys:
            self.page.keyboard.press(key)

    def choose(self, label, option):
        """Choose from a drop-down list."""
        self.box.get_by_label(label, exact=True).locator("visible=true").select_option(option)

    def drag(self, start, end, on=".x-hold"):
        """Drag the mouse over a part, from and to places given as shares of its width and height."""
        box = self.root.locator(on).first.bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        self.page.mouse.move(*places[1], steps=6)
        self.page.mouse.up()


def drawn(root, label):
    """Colours on a canvas inside a locator: uint8 (H, W, 4)."""
    found = root.get_by_role("img", name=label, exact=True).evaluate(PIXELS)
    return np.frombuffer(base64.b64decode(found["data"]), np.uint8).reshape(found["shape"])


def soon(check, seconds=10):
    """Call `check` until it neither fails nor returns False; returns what it returns, or raises its last failure."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = check()
            assert found is not False
            return found
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def close(found, expected):
    """Numbers on the screen, written with two decimals, against exact ones."""
    expected = np.ravel(expected)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=0.00501)


def coloured(values, ramp, low, high):
    """What a picture of numbers must look like: uint8 (H, W, 3)."""
    return colormaps[ramp](np.clip((np.asarray(values) - low) / (high - low), 0, 1), bytes=True)[..., :3]


def looks_like(found, values, ramp, low, high):
    """Pixels on the screen against numbers: a step of the colour map is allowed, more is not."""
    expected = coloured(values, ramp, low, high)
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= 6


def conv(image, kernel, **options):
    """PyTorch's convolution of one image with one kernel, of nested lists or arrays."""
    X, weight = (torch.tensor(np.array(values), dtype=torch.float64)[None, None] for values in (image, kernel))
    return F.conv2d(X, weight, **options)[0, 0].numpy()
