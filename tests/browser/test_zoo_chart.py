"""The chart of the model zoo in Lab: picked by mouse and keyboard, numbers and blocks compared with Python's."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.driven import Driven, soon
from tests.test_widgets_zoo_chart import ROWS
from utils import zoo

pytestmark = [pytest.mark.browser, pytest.mark.chapter(13)]


@pytest.fixture
def chart(run_cells):
    """The explorer of two made-up runs, open in a notebook."""
    source = f"from utils import widgets\nrows = {ROWS!r}\nwidgets.zoo_chart({{'all': rows, 'some': rows[:5]}})"
    tab = run_cells(source)
    return Driven(tab, "Model zoo", 0)


def row(name):
    """The measured row of a network."""
    return next(row for row in ROWS if row["name"] == name)


def says(chart, name, batch="1"):
    """The facts on the screen are those of the network."""
    facts, found = chart.root.locator(".x-facts"), row(name)
    expect(facts.locator(".x-title")).to_have_text(re.compile(f"^{name} {zoo.NETS[name].year}"))
    expect(facts).to_contain_text(f"{found['top1']:.1f}".removesuffix(".0") + " %")
    speed = f"{found['speed'][batch]['images_per_second']:.1f}".removesuffix(".0")
    expect(facts).to_contain_text(f"{speed} images a second, {batch} at a time")
    expect(facts).to_contain_text(f"{found['peak_mb'][batch]:.0f} MB")
    expect(chart.root.get_by_text(f"Its block: {zoo.NETS[name].idea}")).to_be_visible()


def test_mouse_and_keyboard_pick_networks(chart, desk):
    fastest = max(ROWS, key=lambda one: one["speed"]["1"]["images_per_second"])["name"]
    says(chart, fastest)
    chart.root.locator("circle[data-net=resnext50_32x4d]").click(force=True)
    says(chart, "resnext50_32x4d")
    expect(chart.root.locator(".x-block-diagram")).to_contain_text("32 groups")
    soon(lambda: chart.settings()["net"] == "resnext50_32x4d")
    desk.screenshot("zoo_chart")

    by_speed = [one["name"] for one in sorted(ROWS, key=lambda one: one["speed"]["1"]["images_per_second"])]
    by_accuracy = [one["name"] for one in sorted(ROWS, key=lambda one: one["top1"])]
    chart.press("ArrowLeft")
    slower = by_speed[by_speed.index("resnext50_32x4d") - 1]
    says(chart, slower)
    chart.press("ArrowUp")
    says(chart, by_accuracy[by_accuracy.index(slower) + 1])
    chart.press("Home")
    says(chart, by_speed[0])
    chart.press("End")
    says(chart, by_speed[-1])


def test_the_block_under_the_mouse_is_shown_without_picking_it(chart, desk):
    picked = chart.settings()["net"]
    chart.root.locator("circle[data-net=densenet121]").hover(force=True)
    says(chart, "densenet121")
    expect(chart.root.locator(".x-block-diagram rect")).to_have_count(8)
    chart.root.locator(".x-block-diagram").scroll_into_view_if_needed()
    desk.screenshot("zoo_chart_densenet")
    assert chart.settings()["net"] == picked
    desk.page.mouse.move(5, 5)
    says(chart, picked)


def test_another_run_and_batch_size(chart):
    chart.choose("images at a time", "8")
    says(chart, chart.settings()["net"], batch="8")
    chart.choose("measured", "some")
    expect(chart.root.locator("circle[data-net]")).to_have_count(5)
