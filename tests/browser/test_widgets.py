"""Explorers in their chapters, in a real browser: moved by keyboard and mouse, and read off the screen.

What is expected is computed here, or in the chapter's kernel, with PyTorch; what is found is the text and the pixels
that Chromium shows.
"""

import io
import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib import colormaps
from PIL import Image

from tests.browser.lab import Tab
from tools.course import ROOT

pytestmark = pytest.mark.browser

# What the rest of a chapter may ask for: the badges in its head, and the quizzes' typesetting.
NOT_OURS = ("https://mybinder.org/", "https://colab.research.google.com/", "https://cdn.jsdelivr.net/npm/mathjax")
IN_KERNEL = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code, store_history: false });
    let text = "";
    future.onIOPub = message => { text += message.content.text ?? message.content.evalue ?? ""; };
    await future.done;
    return text;
}"""
CELL_TEXTS = "cells => cells.map(cell => cell.value ?? cell.textContent)"
PIXELS = """canvas => {
    const { width, height } = canvas;
    return { width, height, data: [...canvas.getContext("2d").getImageData(0, 0, width, height).data] };
}"""


@pytest.fixture(scope="module")
def chapter(browser, server):
    """Opens a chapter and runs it, once for all tests of this module: a tab, and the list of the page's errors."""
    tabs = {}

    def chapter(number):
        if number not in tabs:
            (notebook,) = Path(ROOT, "chapters").glob(f"{number}_*.ipynb")
            tab, errors = Tab(browser, server), []
            # Quizzes, which Lab runs by "eval", have errors of their own; those are not the explorers'.
            tab.page.on("pageerror", lambda error: "evalInContext" in error.stack or errors.append(error.stack))
            tab.open(f"chapters/{notebook.name}")
            tab.run_all()
            tabs[number] = tab, errors
        return tabs[number]

    yield chapter
    for tab, _ in tabs.values():
        tab.page.close()


@pytest.fixture
def explorer(chapter):
    """Gives explorers of a chapter; ends with the check that the page had no error and asked for nothing outside."""
    used = []

    def explorer(number, label, nth=0):
        used.append(chapter(number))
        return Driven(used[-1][0], label, nth)

    yield explorer
    for tab, errors in used:
        assert not errors
        assert [url for url in tab.outside if not url.startswith(NOT_OURS)] == []


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
        found = self.root.get_by_role("img", name=label, exact=True).evaluate(PIXELS)
        return np.array(found["data"], np.uint8).reshape(found["height"], found["width"], 4)[..., :3]

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


def test_convolution_stepper_follows_keyboard_mouse_and_slider(explorer):
    stepper = explorer("01", "Convolution stepper", nth=1)
    image, kernel = stepper.settings()["image"], stepper.settings()["image_kernel"]
    result = conv(image, kernel)
    soon(lambda: close(stepper.numbers("feature_map"), result))
    stepper.slide("dilation", "End")
    soon(lambda: "fits nowhere" in stepper.text(".x-message"))
    stepper.slide("dilation", "Home")
    soon(lambda: stepper.text(".x-message") == "")

    stepper.press("Home", "ArrowRight", "ArrowDown")
    window = np.array(image, float)[1:4, 1:4]
    soon(lambda: close(stepper.numbers("products"), window * kernel))
    assert f"= {result[1, 1]:g}".replace("-", "−") in stepper.text(".x-sum")

    stepper.drag((0.2, 0.2), (0.99, 0.99))
    soon(lambda: close(stepper.numbers("products"), np.array(image, float)[-3:, -3:] * kernel))

    kernel[0][2] = 2.5
    stepper.root.get_by_label("Kernel, row 1, column 3").fill("2.5")
    soon(lambda: close(stepper.numbers("feature_map"), conv(image, kernel)))
    stepper.slide("padding", "ArrowRight")
    soon(lambda: close(stepper.numbers("feature_map"), conv(image, kernel, padding=1)))
    stepper.slide("stride", "ArrowRight")
    soon(lambda: close(stepper.numbers("feature_map"), conv(image, kernel, padding=1, stride=2)))
    assert "/ 2⌋ + 1 = 3" in stepper.text(".x-formula")
    stepper.slide("dilation", "ArrowRight", "ArrowRight", "ArrowRight")
    soon(lambda: close(stepper.numbers("feature_map"), conv(image, kernel, padding=1, stride=2, dilation=3)))
    stepper.tab.screenshot("explorer_convolution")


def test_convolution_stepper_plays_a_signal(explorer):
    stepper = explorer("01", "Convolution stepper")
    (signal,), (kernel,) = stepper.settings()["signal"], stepper.settings()["signal_kernel"]
    result = conv([[0, *signal]], [kernel])
    soon(lambda: close(stepper.numbers("feature_map"), result))
    stepper.press("Home")
    stepper.root.get_by_role("button", name="Play").click()
    soon(lambda: float(stepper.text(".x-place").split()[1]) > 2)
    stepper.root.get_by_role("button", name="Pause").click()
    stepper.root.get_by_role("button", name="Flip kernel").click()
    soon(lambda: close(stepper.numbers("feature_map"), conv([[0, *signal]], [kernel[::-1]])))


def test_convolution_stepper_takes_another_signal(explorer):
    stepper = explorer("01", "Convolution stepper")
    (signal,) = stepper.settings()["signal"]
    stepper.choose("kernel", "second difference")
    stepper.slide("pad left", "Home")
    stepper.root.get_by_role("button", name="Edit input").click()
    stepper.root.get_by_label("Input to edit, row 1, column 2").fill("-4")
    stepper.root.get_by_label("Input to edit, row 1, column 3").fill("1,5")
    signal[1:3] = -4, 1.5
    soon(lambda: close(stepper.numbers("feature_map"), conv([signal], [[1, -2, 1]])))
    stepper.root.get_by_role("button", name="Edit input").click()
    soon(lambda: close(stepper.numbers("input"), signal))


def test_pooling_stepper_follows_keyboard_mouse_and_lists(explorer):
    stepper = explorer("03", "Pooling stepper")
    X = torch.tensor(stepper.settings()["image"], dtype=torch.float64)[None, None]
    soon(lambda: close(stepper.numbers("feature_map"), F.max_pool2d(X, 2)))
    stepper.press("ArrowRight")
    assert stepper.text(".x-sum").startswith("max(")
    stepper.choose("pooling", "average")
    stepper.slide("padding", "ArrowRight")
    soon(lambda: close(stepper.numbers("feature_map"), F.avg_pool2d(X, 2, padding=1)))
    stepper.box.get_by_role("checkbox", name="count the padding").uncheck()
    soon(lambda: close(stepper.numbers("feature_map"), F.avg_pool2d(X, 2, padding=1, count_include_pad=False)))
    stepper.slide("padding", "Home")
    stepper.choose("pooling", "L2")
    stepper.slide("window", "ArrowRight")
    soon(lambda: close(stepper.numbers("feature_map"), F.lp_pool2d(X, 2.0, 3, 2)))
    stepper.box.get_by_role("checkbox", name="gradient").check()
    stepper.drag((0.5, 0.5), (0.99, 0.99))
    window = X[0, 0, 2:5, 2:5]
    soon(lambda: close(stepper.numbers("gradient"), window / window.norm()))
    stepper.slide("padding", "ArrowRight")
    soon(lambda: "takes no padding" in stepper.text(".x-message"))
    stepper.tab.screenshot("explorer_pooling")


def test_kernel_lab_shows_what_torch_computes(explorer):
    lab = explorer("02", "Kernel lab")
    photo = lab.pixels("Picture")[..., 0]
    padded = np.pad(photo / 255, 1, mode="edge")

    def shows(kernel, show="signed"):
        result = conv(padded, kernel)
        limit = np.abs(result).max()
        look = {"signed": (result, "RdBu_r", -limit, limit), "absolute": (abs(result), "Blues", 0, limit)}
        soon(lambda: looks_like(lab.pixels("Result"), *look.get(show, (result, "gray", 0, 1))))
        row, col = (lab.settings()[axis] for axis in ("row", "col"))
        total = f"{result[row, col]:.2f}".rstrip("0").rstrip(".").replace("-", "−")
        soon(lambda: _equal(lab.text(".x-sum"), f"sum = {total} → result[{row}, {col}]"))

    shows([[-1, 0, 1]] * 3)
    lab.choose("kernel", "Sobel, horizontal edges")
    shows([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    lab.press("ArrowDown", "Shift+ArrowRight")
    shows([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    lab.drag((0.3, 0.3), (0.5, 0.62))
    shows([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    lab.root.get_by_label("Kernel, row 2, column 2").fill("3")
    shows([[-1, -2, -1], [0, 3, 0], [1, 2, 1]])
    lab.choose("result", "absolute")
    shows([[-1, -2, -1], [0, 3, 0], [1, 2, 1]], "absolute")
    lab.choose("kernel", "mean 3 × 3")
    lab.choose("result", "as it fits")
    shows(np.full((3, 3), 1 / 9), "picture")
    lab.tab.screenshot("explorer_kernels")


def test_kernel_lab_takes_a_drawing_and_a_file(explorer):
    lab = explorer("02", "Kernel lab")
    lab.choose("kernel", "Prewitt, vertical edges")
    lab.choose("result", "signed")
    lab.root.get_by_role("button", name="Draw").click()
    soon(lambda: lab.pixels("Picture").shape == (96, 96, 3))
    lab.drag((0.5, 0.2), (0.5, 0.8))
    drawn = soon(lambda: _with_ink(lab.pixels("Picture")[..., 0]))
    result = conv(np.pad(drawn / 255, 1, mode="edge"), [[-1, 0, 1]] * 3)
    soon(lambda: looks_like(lab.pixels("Result"), result, "RdBu_r", -np.abs(result).max(), np.abs(result).max()))

    for name, content, message in (("a.png", b"nonsense", "no picture"), ("b.png", _ramp(), "")):
        with lab.page.expect_file_chooser() as chooser:
            lab.root.get_by_role("button", name="Upload").click()
        chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": content})
        soon(lambda message=message: message in lab.text(".x-message"))
    soon(lambda: looks_like(lab.pixels("Picture"), np.tile(np.arange(200) / 255, (50, 1)), "gray", 0, 1))


def _equal(found, expected):
    assert " ".join(found.split()) == expected


def _with_ink(picture):
    assert picture.max() == 255
    return picture


def _ramp():
    """PNG of a picture (50, 200) that gets lighter to the right."""
    file = io.BytesIO()
    Image.fromarray(np.tile(np.arange(200, dtype=np.uint8), (50, 1))).save(file, "PNG")
    return file.getvalue()


ANSWER = """
import json, torch, torch.nn.functional as F
_X = F.pad(test_set.normalised({index}), ({dx}, -{dx}, {dy}, -{dy}), value=-test_set.mean[0] / test_set.std[0])
with torch.inference_mode():
    _p = nets["max"].eval()(_X).softmax(1)[0].tolist()
print(json.dumps({{"p": _p, "x": (_X[0, 0] * test_set.std[0] + test_set.mean[0]).clamp(0, 1).tolist()}}))
"""


def test_shift_explorer_follows_the_digit(explorer):
    shift = explorer("03", "Shift explorer")

    def shows(index, dx, dy, window=2):
        answer = shift.page.evaluate(IN_KERNEL, ANSWER.format(index=index, dx=dx, dy=dy))
        probabilities, picture = (np.array(part) for part in _loads(answer))
        X = torch.tensor(picture)[None]
        soon(lambda: looks_like(shift.pixels("Picture"), picture, "gray", 0, 1))
        soon(lambda: looks_like(shift.pixels("Max pooling"), F.max_pool2d(X, window)[0], "Blues", 0, 1))
        soon(lambda: looks_like(shift.pixels("Average pooling"), F.avg_pool2d(X, window)[0], "Blues", 0, 1))
        shares = shift.root.locator(".x-shares span:last-child").all_inner_texts()
        np.testing.assert_allclose([float(s.split()[0]) / 100 for s in shares], probabilities, atol=0.0051)
        assert f"Answer: {probabilities.argmax()}" in " ".join(shift.text(".x-panel:has(.x-shares) > .x-title").split())

    shows(0, 0, 0)
    shift.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp")
    shows(0, 3, -1)
    shift.drag((0.5, 0.5), (0.5 - 5 / 28, 0.5 + 2 / 28))
    shows(0, -2, 1)
    shift.slide("picture", "ArrowRight")
    shift.slide("pooling window", "ArrowRight", "ArrowRight")
    shows(1, -2, 1, window=4)
    shift.press("Home")
    shows(1, 0, 0, window=4)
    shift.tab.screenshot("explorer_shift")


def _loads(text):
    found = json.loads(text.strip().splitlines()[-1])
    return found["p"], found["x"]
