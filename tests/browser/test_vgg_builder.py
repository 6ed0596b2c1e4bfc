"""The VGG builder in Lab: moved by keyboard and mouse, its numbers compared with what PyTorch counts."""

import re

import pytest
import torch
from playwright.sync_api import expect

from utils import complexity, models
from utils.models.vgg import VGG

pytestmark = [pytest.mark.browser, pytest.mark.chapter(6)]


@pytest.fixture
def builder(run_cells):
    """The explorer, open in a notebook."""
    tab = run_cells("from utils import widgets\nwidgets.vgg_builder()")
    return tab.page.get_by_role("group", name="VGG builder")


def says(builder, net, side=224):
    """Expect the explorer's last line to hold the costs of `net`."""
    counted = complexity.count(net, (3, side, side))
    costs = f"{counted['params']:,} parameters, {counted['macs']:,} multiply-adds"
    expect(builder.locator(".x-total")).to_have_text(re.compile(costs))


def test_sliders_change_the_network(desk, builder):
    box = desk.page.locator(".explorer-box")
    with torch.device("meta"):
        says(builder, models.create("vgg16"))
        desk.screenshot("vgg_builder")
        box.get_by_label("start from").select_option("VGG-11")
        says(builder, models.create("vgg11"))
        builder.get_by_label("Block 1, convolutions").focus()
        desk.page.keyboard.press("ArrowRight")
        says(builder, VGG((2, 1, 2, 2, 2)))
        slider = builder.get_by_label("Block 5, channels").bounding_box()
        desk.page.mouse.click(slider["x"] + 1, slider["y"] + slider["height"] / 2)
        expect(builder.get_by_text("8 channels", exact=True)).to_be_visible()
        says(builder, VGG((2, 1, 2, 2, 2), (64, 128, 256, 512, 8)))
        box.get_by_label("image side").select_option("96")
        says(builder, VGG((2, 1, 2, 2, 2), (64, 128, 256, 512, 8), side=3), side=96)


def test_a_block_less_and_what_the_last_one_sees(desk, builder):
    desk.page.locator(".explorer-box .widget-slider .noUi-handle").focus()
    desk.page.keyboard.press("ArrowLeft")
    with torch.device("meta"):
        net = VGG((2, 2, 3, 3), (64, 128, 256, 512), side=14)
        says(builder, net)
    expect(builder.get_by_label("Block 5, channels")).to_be_disabled()
    builder.get_by_role("option", name="block 4").click()
    reach = complexity.layer_table(net, (3, 224, 224)).query("type == 'MaxPool2d'")["receptive field"].iloc[-1]
    expect(builder.locator(".x-formula")).to_contain_text(f"sees {reach} × {reach} pixels")
    desk.screenshot("vgg_builder_moved")
