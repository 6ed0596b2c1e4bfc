"""The channel explorer in a real browser: by keyboard, mouse and sliders, against a network with its gates changed."""

import re

import numpy as np
import pytest

from tests.browser.driven import Driven, looks_like, soon
from utils import data, models, train, widgets

pytestmark = [pytest.mark.browser, pytest.mark.chapter(10)]

SETUP = """from utils import data, models, train, widgets
net = train.load_weights(models.create("se_resnet20", width=8, reduction=4), "se_resnet20").eval()
widgets.channel_gates(net, data.colour_digits()[1], picture=100, block=3)"""


@pytest.fixture(scope="module")
def reference():
    """The same explorer here, to compute what must be on the screen."""
    net = train.load_weights(models.create("se_resnet20", width=8, reduction=4), "se_resnet20").eval()
    return widgets.channel_gates(net, data.colour_digits()[1])


def shares(explorer, label):
    """Percentages of a list of bars, in [0, 1]."""
    texts = explorer.root.get_by_role("list", name=label, exact=True).locator("span:last-child").all_inner_texts()
    return np.array([float(text.removesuffix(" %")) / 100 for text in texts])


def shows(explorer, reference, channel, **settings):
    """Probabilities, the chosen gate, its maps and the picture are those of these settings."""
    arrays = reference.compute({"picture": 100, "block": 3, "factors": {}} | settings)
    for label, name in (("As trained", "trained"), ("Now", "now")):
        np.testing.assert_allclose(shares(explorer, label), arrays[name], atol=0.0051)
    numbers = re.findall(r"\d+(?:\.\d+)?", explorer.text(".x-formula"))
    assert int(numbers[1]) == channel
    assert float(numbers[2]) == pytest.approx(arrays["said"][channel], abs=0.00051)
    assert float(numbers[4]) == pytest.approx(arrays["used"][channel], abs=0.00051)
    np.testing.assert_array_equal(explorer.pixels("Picture"), arrays["picture"])
    limit = np.abs(arrays["maps"][channel]).max() * max(1, arrays["used"][channel])
    looks_like(explorer.pixels("Map behind the gate"), arrays["scaled"][channel], "RdBu_r", -limit, limit)


def test_gates_follow_keyboard_mouse_and_sliders(run_cells, reference):
    tab = run_cells(SETUP)
    explorer = Driven(tab, "Channel explorer", 0)
    soon(lambda: shows(explorer, reference, 0))

    explorer.press(*["ArrowRight"] * 6, "0")
    soon(lambda: shows(explorer, reference, 6, factors={"3.6": 0}))
    assert shares(explorer, "Now").argmax() == 8
    tab.screenshot("explorer_channel_gates")

    explorer.press("ArrowUp", "ArrowUp")
    soon(lambda: shows(explorer, reference, 6, factors={"3.6": 0.5}))
    explorer.root.locator("rect[data-channel='2']").click()
    soon(lambda: shows(explorer, reference, 2, factors={"3.6": 0.5}))
    explorer.root.get_by_role("button", name="Boost × 2").click()
    soon(lambda: shows(explorer, reference, 2, factors={"3.6": 0.5, "3.2": 2}))

    explorer.slide("block", "ArrowRight")
    soon(lambda: shows(explorer, reference, 2, block=4, factors={"3.6": 0.5, "3.2": 2}))
    explorer.slide("test digit", "ArrowRight")
    soon(lambda: shows(explorer, reference, 2, picture=101, block=4, factors={"3.6": 0.5, "3.2": 2}))
    explorer.press("Home")
    soon(lambda: shows(explorer, reference, 2, picture=101, block=4))
