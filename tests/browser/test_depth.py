"""The depth explorer in a real browser: by keyboard, mouse and lists, against the nets that Python builds."""

import re

import numpy as np
import pytest

from tests.browser.driven import Driven, soon
from utils.widgets.residual import KINDS, agreement, inputs, response, tower

pytestmark = [pytest.mark.browser, pytest.mark.chapter(9)]


def spoken(text):
    """The numbers behind "plain", "residual" and "by" in a line of the explorer."""
    found = re.findall(r"(?:plain|residual|by) (−?[\d.]+(?:e[−+]?\d+)?)", text)
    return [float(number.replace("−", "-")) for number in found]


def shows(explorer, layer, **settings):
    """The explorer shows what nets of these settings give: the gradients of a layer, agreement, heights of the bars."""
    answers = {kind: response(tower(residual=residual, **settings), inputs()) for kind, residual in KINDS.items()}
    line = explorer.text(".x-formula")
    assert f"layer {layer} of {2 * settings['blocks']}:" in line
    assert spoken(line) == pytest.approx([norms[layer - 1] for _, norms in answers.values()], rel=0.05)
    for number, (output, norms) in enumerate(answers.values()):
        note = explorer.root.locator(".x-place").nth(number).inner_text()
        assert spoken(note) == [pytest.approx(agreement(output), abs=0.006)]
        bars = explorer.root.locator("svg").nth(2 * number + 1).locator("rect[data-layer]")
        heights = np.array(bars.evaluate_all("bars => bars.map(bar => Number(bar.getAttribute('height')))"))
        fit = np.polyfit(np.log10(norms), heights, 1)
        assert fit[0] > 0
        np.testing.assert_allclose(heights, np.polyval(fit, np.log10(norms)), atol=0.5)


def test_follows_keyboard_mouse_sliders_and_lists(run_cells):
    tab = run_cells("from utils import widgets\nwidgets.depth_explorer()")
    explorer = Driven(tab, "Depth explorer", 0)
    soon(lambda: shows(explorer, 1, blocks=10))
    explorer.press("ArrowRight", "ArrowRight")
    soon(lambda: shows(explorer, 3, blocks=10))
    explorer.slide("blocks of two layers", "ArrowRight", "ArrowRight")
    soon(lambda: shows(explorer, 3, blocks=12))
    tab.screenshot("explorer_depth")
    explorer.choose("ordering", "pre")
    soon(lambda: shows(explorer, 3, blocks=12, ordering="pre"))
    explorer.root.locator("svg").nth(3).locator("rect[data-pick='20']").click()
    soon(lambda: shows(explorer, 20, blocks=12, ordering="pre"))
    explorer.box.get_by_label("batch norm").uncheck()
    soon(lambda: shows(explorer, 20, blocks=12, ordering="pre", batch_norm=False))
    explorer.slide("weights", "ArrowRight")
    explorer.press("End")
    soon(lambda: shows(explorer, 24, blocks=12, ordering="pre", batch_norm=False, seed=2))
    tab.screenshot("explorer_depth_without_norm")
