"""The VGG builder in Lab: moved by keyboard and mouse, its numbers compared with what PyTorch counts."""

import re

import pytest
import torch
from playwright.sync_api import expect

from tests.browser.test_lab import write_notebook
from utils import complexity, models
from utils.models.vgg import VGG

pytestmark = pytest.mark.browser


def totals(net, side):
    """What the last line of the explorer has to say of a network."""
    counted = complexity.count(net, (3, side, side))
    return re.compile(f"{counted['params']:,} parameters, {counted['macs']:,} multiply-adds")


def test_builder_follows_its_sliders(course, tab):
    write_notebook(course / "builder.ipynb", "from utils import widgets\nwidgets.vgg_builder()")
    tab.open("builder.ipynb")
    tab.run_all()
    builder = tab.page.get_by_role("group", name="VGG builder")
    total, box = builder.locator(".x-total"), tab.page.locator(".explorer-box")
    with torch.device("meta"):
        expect(total).to_have_text(totals(models.create("vgg16"), 224))
        tab.screenshot("vgg_builder")

        box.get_by_label("start from").select_option("VGG-11")
        expect(total).to_have_text(totals(models.create("vgg11"), 224))
        builder.get_by_label("Block 1, convolutions").focus()
        tab.page.keyboard.press("ArrowRight")
        net = VGG((2, 1, 2, 2, 2))
        expect(total).to_have_text(totals(net, 224))

        slider = builder.get_by_label("Block 5, channels").bounding_box()
        tab.page.mouse.click(slider["x"] + 1, slider["y"] + slider["height"] / 2)
        expect(builder.get_by_text("8 channels", exact=True)).to_be_visible()
        net = VGG((2, 1, 2, 2, 2), (64, 128, 256, 512, 8))
        expect(total).to_have_text(totals(net, 224))

        box.locator(".widget-slider .noUi-handle").focus()
        tab.page.keyboard.press("ArrowLeft")
        net = VGG((2, 1, 2, 2), (64, 128, 256, 512), side=14)
        expect(total).to_have_text(totals(net, 224))
    expect(builder.get_by_label("Block 5, channels")).to_be_disabled()
    builder.get_by_role("option", name="block 4").click()
    reach = complexity.layer_table(net, (3, 224, 224)).query("type == 'MaxPool2d'")["receptive field"].iloc[-1]
    expect(builder.locator(".x-formula")).to_contain_text(f"sees {reach} × {reach} pixels")
    tab.screenshot("vgg_builder_moved")
