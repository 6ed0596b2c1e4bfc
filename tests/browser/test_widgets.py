"""Explorers in their chapters, in a real browser: moved by keyboard and mouse, and read off the screen.

What is expected is computed here, or in the chapter's kernel, with PyTorch; what is found is the text and the pixels
that Chromium shows.
"""

import io
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from tests.browser.driven import Driven, close, conv, looks_like, soon
from tests.browser.lab import IN_KERNEL, Tab
from tools.course import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.chapter(0, 1, 2, 3)]

# The rest of the chapter is hidden: without a graphics card Chromium would paint all of it after each step.
ALONE = ".jp-Cell:not(:has(.explorer-box)) { display: none }"


@pytest.fixture(scope="module")
def chapter(browser, server):
    """Opens a chapter and runs its explorers, once for all tests here: a tab, and the list of the page's errors."""
    tabs = {}

    def chapter(number):
        if number not in tabs:
            (notebook,) = Path(ROOT, "chapters").glob(f"{number}_*.ipynb")
            tab, errors = Tab(browser, server), []
            # Quizzes, which Lab runs by "eval", have errors of their own; those are not the explorers'.
            tab.page.on("pageerror", lambda error: "evalInContext" in error.stack or errors.append(error.stack))
            tab.open(f"chapters/{notebook.name}")
            tab.page.add_style_tag(content=ALONE)
            tab.run_explorers()
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
        assert tab.outside == []


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

    _settings_follow(stepper, image, kernel)
    stepper.tab.screenshot("explorer_convolution")


def _settings_follow(stepper, image, kernel):
    """Kernel, padding, stride and dilation are changed in turn, and the feature map with them."""
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


def _lab_shows(lab, padded, kernel, show="signed"):
    """The lab's result and sum are those of PyTorch's convolution of the `padded` picture with `kernel`."""
    result = conv(padded, kernel)
    limit = np.abs(result).max()
    look = {"signed": (result, "RdBu_r", -limit, limit), "absolute": (abs(result), "Blues", 0, limit)}
    soon(lambda: looks_like(lab.pixels("Result"), *look.get(show, (result, "gray", 0, 1))))
    row, col = (lab.settings()[axis] for axis in ("row", "col"))
    total = f"{result[row, col]:.2f}".rstrip("0").rstrip(".").replace("-", "−")
    soon(lambda: _equal(lab.text(".x-sum"), f"sum = {total} → result[{row}, {col}]"))


def test_kernel_lab_shows_what_torch_computes(explorer):
    lab = explorer("02", "Kernel lab")
    photo = lab.pixels("Picture")[..., 0]
    shows = partial(_lab_shows, lab, np.pad(photo / 255, 1, mode="edge"))

    shows([[-1, 0, 1]] * 3)
    lab.choose("kernel", "Sobel, horizontal edges")
    sobel = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    shows(sobel)
    for move in (lambda: lab.press("ArrowDown", "Shift+ArrowRight"), lambda: lab.drag((0.3, 0.3), (0.5, 0.62))):
        move()
        shows(sobel)
    lab.root.get_by_label("Kernel, row 2, column 2").fill("3")
    sobel[1][1] = 3
    shows(sobel)
    lab.choose("result", "absolute")
    shows(sobel, "absolute")
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


def test_shift_explorer_of_chapter_00_shows_the_digit_and_the_answer_alone(explorer):
    shift = explorer("00", "Shift explorer")
    assert not shift.root.get_by_text("Max pooling").first.is_visible()
    assert shift.box.get_by_role("slider").count() == 1, "only that of the picture"
    before = shift.pixels("Picture")
    shift.press("ArrowRight")
    soon(lambda: looks_like(shift.pixels("Picture"), np.roll(before[..., 0], 1, 1), "gray", 0, 255))
    assert "Answer" in shift.text(".x-panel:has(.x-shares) > .x-title")
    shift.tab.screenshot("explorer_shift_alone")


def _loads(text):
    found = json.loads(text.strip().splitlines()[-1])
    return found["p"], found["x"]
