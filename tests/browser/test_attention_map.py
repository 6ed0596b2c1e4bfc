"""The attention map in a real browser: by keyboard, mouse and slider, against the transformer itself."""

import re

import pytest
import torch

from tests.browser.driven import Driven, looks_like, soon
from utils import data, models
from utils.viz.palette import SEQUENTIAL

pytestmark = [pytest.mark.browser, pytest.mark.chapter(15)]
OPEN = """import torch
from utils import data, models, widgets
torch.manual_seed(0)
widgets.attention_map(models.create("vit_small"), data.mnist("embedded")[1], image=5)"""


class Truth:
    """The same transformer here."""

    def __init__(self):
        torch.manual_seed(0)
        self.model, self.split = models.create("vit_small").eval(), data.mnist("embedded")[1]

    def weights(self, image, block, patch):
        with torch.no_grad():
            found = self.model.attention(self.split.normalised([image]))
        return found[0, block - 1, :, patch].view(4, 7, 7)


def shows(explorer, truth, image, block, patch):
    """Every head's map and the line of numbers belong to this patch."""
    weights = truth.weights(image, block, patch)
    for i, head in enumerate(weights):
        looks_like(explorer.pixels(f"Head {i + 1}"), head, SEQUENTIAL, 0, weights.max())
    text = explorer.text(".x-formula")
    assert text.startswith(f"From row {patch // 7 + 1}, column {patch % 7 + 1}, block {block} looks most")
    found = re.findall(r"head (\d) at row (\d), column (\d) \(([\d.]+) %\)", text)
    for i, (head, row, column, percent) in enumerate(found):
        assert int(head) == i + 1
        place = weights[i, int(row) - 1, int(column) - 1].item()
        assert place == pytest.approx(weights[i].max().item(), abs=1e-6)
        assert float(percent) == pytest.approx(100 * place, abs=0.0501)
    assert len(found) == 4


def test_follows_keyboard_mouse_and_slider(run_cells):
    truth = Truth()
    tab = run_cells(OPEN)
    explorer = Driven(tab, "Attention map", 0)
    soon(lambda: shows(explorer, truth, 5, 1, 0))
    explorer.press("ArrowRight", "ArrowDown", "ArrowDown")
    soon(lambda: shows(explorer, truth, 5, 1, 15))
    explorer.press("End", "ArrowDown")  # stays in the last row
    soon(lambda: shows(explorer, truth, 5, 1, 48))
    explorer.drag((0.5, 0.2), (0.5, 0.5))
    soon(lambda: shows(explorer, truth, 5, 1, 24))
    explorer.slide("block", "ArrowRight")
    soon(lambda: shows(explorer, truth, 5, 2, 24))
    explorer.slide("picture", "ArrowRight")
    soon(lambda: shows(explorer, truth, 6, 2, 24))
    assert (explorer.pixels("Picture")[..., 0] == truth.split.images[6, 0].numpy()).all()
    tab.screenshot("explorer_attention_map")
