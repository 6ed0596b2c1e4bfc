"""The cost explorer in Lab: moved by keyboard and mouse, its numbers compared with what PyTorch counts."""

import re

import pytest
import torch
from playwright.sync_api import expect

from tests.test_widgets_costs import network
from utils import complexity, models

pytestmark = [pytest.mark.browser, pytest.mark.chapter(5)]


@pytest.fixture
def costs(run_cells):
    """The explorer, open in a notebook."""
    tab = run_cells("from utils import widgets\nwidgets.cost_explorer()")
    return tab.page.get_by_role("group", name="Cost explorer")


def says(costs, net, side=224):
    """Expect every row, and the last line, to hold the costs of `net`."""
    table = complexity.layer_table(net, (3, side, side))
    table = table[table["params"] > 0]
    rows = costs.get_by_role("option")
    for number, (params, macs) in enumerate(zip(table["params"], table["MACs"], strict=True)):
        expect(rows.nth(number)).to_contain_text(f"{params:,}")
        expect(rows.nth(number)).to_contain_text(f"{macs:,}")
    sums = f"{table['params'].sum():,} parameters.*{table['MACs'].sum():,} multiply-adds"
    expect(costs.locator(".x-total")).to_have_text(re.compile(sums))


def test_sliders_lists_and_ticks_change_every_row(desk, costs):
    box = desk.page.locator(".explorer-box")

    def slide(label, *keys):
        row = box.locator(".widget-slider").filter(has=desk.page.get_by_text(label, exact=True))
        row.locator(".noUi-handle").focus()
        for key in keys:
            desk.page.keyboard.press(key)

    with torch.device("meta"):
        says(costs, models.create("alexnet_two_towers"))
    expect(costs.locator(".x-total")).to_contain_text("988 × LeNet")
    desk.screenshot("cost_explorer")
    box.get_by_role("checkbox", name="two towers").uncheck()
    with torch.device("meta"):
        says(costs, models.create("alexnet_one_tower"))
    box.get_by_label("classes", exact=True).select_option("10")
    slide("conv1 kernel", "ArrowLeft", "ArrowLeft")
    slide("conv1 stride", "ArrowRight")
    says(costs, network(224, 9, 5, False, 10))
    slide("image side", "Home")
    expect(costs.locator(".x-message")).to_contain_text("Take a larger image")
    slide("image side", "End")
    says(costs, network(512, 9, 5, False, 10), side=512)
    desk.screenshot("cost_explorer_moved")


def test_a_row_explains_its_sum(desk, costs):
    formula = costs.locator(".x-formula")
    expect(formula).to_contain_text("conv1: 96 × (11 × 11 × 3 + 1) = 34,944 parameters")
    costs.get_by_role("option", name=re.compile("^conv2")).click()
    expect(formula).to_contain_text("conv2: 256 × (5 × 5 × 48 + 1) = 307,456 parameters")
    expect(formula).to_contain_text("256 × 5 × 5 × 48 × 27 × 27 places = 223,948,800 multiply-adds")
    costs.get_by_role("listbox").focus()
    desk.page.keyboard.press("End")
    desk.page.keyboard.press("ArrowUp")
    expect(formula).to_contain_text("dense7: 4096 × (4096 + 1) = 16,781,312 parameters")
    expect(costs.get_by_role("option", selected=True)).to_contain_text("dense7")
