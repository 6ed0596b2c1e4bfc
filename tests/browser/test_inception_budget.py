"""The channel budget in Lab: moved by keyboard and mouse, its numbers compared with what PyTorch counts."""

import re

import pytest
import torch
from playwright.sync_api import expect

from utils import complexity
from utils.models.inception import CHANNELS, InceptionBlock

pytestmark = [pytest.mark.browser, pytest.mark.chapter(7)]


def counted(number):
    """A count as the explorer writes it: in full, or in millions."""
    return f"{number:,}" if number < 1e7 else f"{number / 1e6:.2f} M"


def row(c_in, channels, side):
    """What the first line of the table must say of a block."""
    with torch.device("meta"):
        block = InceptionBlock(c_in, channels)
    weights = sum(p.numel() for p in block.parameters() if p.ndim == 4)
    macs = complexity.count(block, (c_in, side, side))["macs"]
    return re.compile(f"this block ?{counted(weights)} weights ?{re.escape(counted(macs))} multiply-adds")


def test_budget_follows_its_sliders(run_cells):
    tab = run_cells("from utils import widgets\nwidgets.inception_budget()")
    budget = tab.page.get_by_role("group", name="Channel budget of an Inception block")
    first, stack = budget.locator(".x-totals .x-row").first, budget.locator(".x-title").last
    expect(first).to_have_text(row(192, CHANNELS["3a"], 28))
    expect(stack).to_have_text("The stack: 64 + 128 + 32 + 32 = 256 maps")
    tab.screenshot("inception_budget")

    five = budget.get_by_label("Path 3, 1×1 in front, channels")
    five.focus()
    tab.page.keyboard.press("ArrowRight")
    expect(first).to_have_text(row(192, (64, 96, 128, 24, 32, 32), 28))
    three = budget.get_by_label("Path 2, 3×3, channels")
    box = three.bounding_box()
    tab.page.mouse.click(box["x"] + 1, box["y"] + box["height"] / 2)
    expect(stack).to_have_text("The stack: 64 + 0 + 32 + 32 = 128 maps")
    expect(first).to_have_text(row(192, (64, 96, 0, 24, 32, 32), 28))

    _another_block(tab, first, stack)
    for path in ("Path 1, 1×1", "Path 2, 3×3", "Path 3, 5×5", "Path 4, 1×1 behind"):
        budget.get_by_label(f"{path}, channels").focus()
        tab.page.keyboard.press("Home")
    expect(budget.locator(".x-message")).to_contain_text("leaves no path")
    tab.screenshot("inception_budget_moved")


def _another_block(tab, first, stack):
    """GoogLeNet's last block is chosen, and the size of its maps moved by one."""
    tab.page.locator(".explorer-box").get_by_label("block", exact=True).select_option("GoogLeNet 5b")
    expect(first).to_have_text(row(832, CHANNELS["5b"], 7))
    expect(stack).to_have_text("The stack: 384 + 384 + 128 + 128 = 1024 maps")
    handles = tab.page.locator(".explorer-box .widget-slider .noUi-handle")
    handles.last.focus()
    tab.page.keyboard.press("ArrowRight")
    expect(first).to_have_text(row(832, CHANNELS["5b"], 8))
