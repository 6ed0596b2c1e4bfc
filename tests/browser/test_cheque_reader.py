"""The cheque reader in a real browser: typed and drawn amounts, the map under them, what is read."""

import inspect

import numpy as np
import pytest

from tests.browser.driven import Driven, looks_like, soon
from tests.browser.strokes import STROKES
from utils.viz import palette

pytestmark = [pytest.mark.browser, pytest.mark.chapter(12)]
SIDE, FIRST, APART = 0.062, 0.13, 0.1  # a drawn digit as shares of the pad's width, and where digits stand


def cheque_reader():
    """The explorer with the shipped readers; its source is what the notebook runs."""
    from utils import data, models, train, widgets
    from utils.models.sliding import fully_convolutional

    def reader(name):
        net = models.create("lenet_bn", size=32, classes=11)
        return fully_convolutional(train.load_weights(net, name), (1, 32, 32))

    readers = {"neighbours": reader("lenet_line"), "neighbours + distortions": reader("lenet_line_distorted")}
    return widgets.cheque_reader(readers, data.mnist_test_digits(), amount="31415")


@pytest.fixture(scope="module")
def expected():
    """The same explorer in this process."""
    return cheque_reader()


@pytest.fixture
def driven(run_cells):
    """The explorer, open in a notebook."""
    tab = run_cells(f"{inspect.getsource(cheque_reader)}\n\ncheque_reader()")
    return Driven(tab, "Cheque reader", 0)


def agrees(driven, expected):
    """Line, map and reading on the screen are what Python computes for the settings shown."""
    settings = driven.settings()
    arrays = expected.compute({**expected.settings, **settings})
    looks_like(driven.pixels("Line"), arrays["line"], palette.PIXELS, 0, 255)
    looks_like(driven.pixels("Map of answers"), arrays["shares"], palette.SEQUENTIAL, 0, 1)
    read = "".join(map(str, arrays["digits"]))
    assert driven.text(".x-verdict").startswith(f"Read: {read or 'nothing'}.")
    assert [text.strip() for text in driven.root.locator(".x-found b").all_inner_texts()] == list(read)
    return read


def test_the_reading_is_marked_on_the_map(driven, expected):
    assert soon(lambda: agrees(driven, expected)) == "31415"
    marks = driven.root.locator(".x-answer-marks i")
    frame, mark = driven.root.get_by_role("img", name="Map of answers").bounding_box(), marks.first.bounding_box()
    column = expected.compute(expected.settings)["columns"][0]
    assert mark["x"] - frame["x"] == pytest.approx(column * 14, abs=1.5)
    assert mark["y"] - frame["y"] == pytest.approx(3 * 14, abs=1.5)
    driven.tab.screenshot("cheque_reader_typed")


def test_typed_amounts_by_keyboard_sliders_and_lists(driven, expected):
    field = driven.root.get_by_label("Amount", exact=True)
    field.fill("20485")
    soon(lambda: driven.settings()["amount"] == "20485")
    soon(lambda: agrees(driven, expected))
    driven.root.get_by_role("button", name="Other writers").click()
    soon(lambda: driven.settings()["writer"] == 1)
    for label, name in (("gap (pixels)", "gap"), ("slant °", "slant"), ("noise %", "noise")):
        before = driven.settings()[name]
        driven.slide(label, "ArrowRight", "ArrowRight")
        soon(lambda name=name, before=before: driven.settings()[name] == before + 2)
        soon(lambda: agrees(driven, expected))
    driven.box.get_by_label("printed paper").check()
    soon(lambda: driven.settings()["printed"])
    driven.choose("reader", "neighbours + distortions")
    soon(lambda: driven.settings()["reader"] == "neighbours + distortions")
    soon(lambda: agrees(driven, expected))
    driven.tab.screenshot("cheque_reader_printed")
    field.fill("12a")
    soon(lambda: "digits 0 to 9" in driven.text(".x-message"))


def draw(driven, amount):
    """Draw an amount on the pad, digit after digit."""
    box = driven.root.locator(".x-ink").bounding_box()
    side = SIDE * box["width"]
    for number, digit in enumerate(amount):
        left = box["x"] + (FIRST + APART * number) * box["width"]
        top = box["y"] + (box["height"] - 1.4 * side) / 2
        for stroke in STROKES[int(digit)]:
            points = [(left + x * side * 1.4, top + y * side * 1.4) for x, y in stroke]
            driven.page.mouse.move(*points[0])
            driven.page.mouse.down()
            for point in points[1:]:
                driven.page.mouse.move(*point, steps=2)
            driven.page.mouse.up()


def test_drawn_amounts_are_read(driven, expected):
    driven.choose("reader", "neighbours + distortions")
    right = []
    for amount in ("0123", "4567", "8920"):
        driven.root.get_by_role("button", name="Clear").click()
        soon(lambda: driven.settings()["source"] == "typed")
        draw(driven, amount)
        soon(lambda: driven.settings()["source"] == "drawn")
        driven.page.wait_for_timeout(800)
        text = driven.text(".x-verdict")
        print(f"drawn {amount}: {text}")
        read = text.removeprefix("Read: ").split(".")[0]
        right += [sum(a == b for a, b in zip(amount, read, strict=False)) if len(read) == len(amount) else 0]
        driven.tab.screenshot(f"cheque_reader_drawn_{amount}")
    assert np.sum(right) >= 8, f"of 12 drawn digits, in amounts of the right length: {right}"
