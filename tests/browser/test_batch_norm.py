"""The batch norm explorer in a real browser: by keyboard, mouse and lists, against PyTorch's layer."""

import re

import pytest
import torch
from torch import nn

from tests.browser.driven import Driven, soon
from utils.widgets.normalisation import population

pytestmark = [pytest.mark.browser, pytest.mark.chapter(8)]


def numbers(text):
    """The numbers in a line as the explorer writes them."""
    return [float(number.replace("−", "-")) for number in re.findall(r"[−]?\d+(?:\.\d+)?", text)]


def after(trained, batch_size=8, momentum=0.1):
    """PyTorch's layer that has seen the first batches, and all batches (N, B, 1)."""
    layer = nn.BatchNorm1d(1, momentum=momentum, dtype=torch.float64)
    batches = torch.from_numpy(population())[:, :batch_size, None]
    for batch in batches[:trained]:
        layer(batch)
    return layer, batches


def trained_on(trained, batch_size=8):
    """The layer after its last training batch, and what it gave for that batch."""
    layer, batches = after(trained - 1, batch_size)
    output = layer(batches[trained - 1])
    return layer, output


def shows(explorer, layer, output):
    """The running statistics on the screen, and the output of the first value, are those of the layer."""
    for name in ("mean", "var"):
        label = "Running mean" if name == "mean" else "Running variance"
        found = explorer.root.get_by_role("img", name=re.compile(f"^{label}")).locator(".x-label").text_content()
        assert numbers(found) == [pytest.approx(getattr(layer, f"running_{name}").item(), abs=0.00051)]
    assert numbers(explorer.text(".x-formula"))[-1] == pytest.approx(output.flatten()[0].item(), abs=0.0051)


def test_follows_keyboard_mouse_sliders_and_lists(run_cells):
    tab = run_cells("from utils import widgets\nwidgets.batch_norm()")
    explorer = Driven(tab, "Batch norm explorer", 0)
    soon(lambda: shows(explorer, *trained_on(1)))
    explorer.press("ArrowRight", "ArrowRight")
    soon(lambda: shows(explorer, *trained_on(3)))
    explorer.root.get_by_role("button", name="+ 10").click()
    soon(lambda: shows(explorer, *trained_on(13)))
    explorer.slide("batch size", "ArrowRight", "ArrowRight")
    soon(lambda: shows(explorer, *trained_on(13, batch_size=10)))

    explorer.choose("mode", "evaluation")
    soon(lambda: explorer.text(".x-title >> nth=0") == "Batch 1 in evaluation")
    explorer.press("ArrowRight")
    layer, batches = after(13, batch_size=10)
    soon(lambda: shows(explorer, layer, layer.eval()(batches[14])))
    tab.screenshot("explorer_batch_norm")

    explorer.root.locator("circle[data-row=x]").nth(4).click()
    soon(lambda: "Value" in explorer.text(".x-formula") and "Value 1," not in explorer.text(".x-formula"))
    explorer.press("Home")
    explorer.choose("mode", "training")
    soon(lambda: explorer.settings()["trained"] == 1)
