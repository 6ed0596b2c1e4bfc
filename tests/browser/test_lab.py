"""The ground under every other browser test: a notebook runs in Lab, a slider moves, the figure follows."""

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Tab, write_notebook

pytestmark = pytest.mark.browser

SLIDER = """
import matplotlib.pyplot as plt
from ipywidgets import IntSlider, interactive

def draw(height=1):
    plt.figure(figsize=(3, 2))
    plt.bar([0], [height])
    plt.ylim(0, 10)
    plt.show()
    print("height", height)

interactive(draw, height=IntSlider(value=1, min=1, max=10))
"""


def test_slider_moves_figure(run_cells):
    tab = run_cells(SLIDER)
    figure, handle = tab.page.locator(".widget-interact img"), tab.page.locator(".widget-slider .noUi-handle")
    before = figure.get_attribute("src")
    handle.focus()
    for _ in range(4):
        tab.page.keyboard.press("ArrowRight")
    expect(tab.page.locator(".widget-readout")).to_have_text("5")
    expect(tab.page.locator(".widget-interact")).to_contain_text("height 5")
    expect(figure).not_to_have_attribute("src", before)
    expect(tab.page.get_by_text("Jupyter news")).to_have_count(0)  # `make lab` asks nothing
    tab.screenshot("slider")


def test_failing_cell_is_noticed(course, tab):
    write_notebook(course / "fails.ipynb", "1 + 1", "1 / 0", "2 + 2")
    tab.open("fails.ipynb")
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        tab.run_all()


def test_page_errors_and_outside_requests_are_noticed(browser, server):
    tab = Tab(browser, server)
    tab.page.evaluate("() => { console.error('broken'); return fetch('http://outside.invalid/').catch(() => null); }")
    tab.page.close()
    assert tab.console_errors[0] == "broken"
    assert tab.outside == ["http://outside.invalid/"]
