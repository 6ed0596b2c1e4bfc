"""How long after a key or a mouse move does an explorer show the new picture? Measured in headless Chromium.

    python benchmarks/explorers.py

Each action is made by real key presses and mouse moves in a notebook in JupyterLab, kernel and browser on this machine.
Its time runs from the browser's time stamp of the event to the end of the first frame that shows the answer. The exit
status is 1 where a median misses the target.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks import _common
from tests.browser.lab import CHROMIUM_ARGUMENTS, Tab, serving
from tools import chromium

TARGET_MS, WARM_UP, REPEATS = 100, 6, 40  # even numbers: keys go to and fro
CELLS = [
    "from utils import data, models, widgets",
    "widgets.conv_stepper()",
    "widgets.pooling_stepper()",
    "widgets.kernel_lab()",
    'widgets.shift_explorer(models.create("lenet"), data.mnist("embedded")[1])',
    'nets = {name: (models.create(name, size=32), data.mnist_test_digits()) for name in ("lenet", "lenet5_1998")}\n'
    "widgets.lenet_demo(nets)",
]
WATCH_EVENTS = """() => {
    for (const kind of ["keydown", "pointermove"]) {
        document.addEventListener(kind, event => { window.lastEvent = event.timeStamp; }, true);
    }
}"""
PAINTED = "() => performance.getEntriesByName('explorer-painted').length > 0"
MILLISECONDS = "() => performance.getEntriesByName('explorer-painted')[0].startTime - window.lastEvent"


def actions(page):
    """What is measured: {explorer: {action: function of the repeat's number}}; every call changes the picture."""
    names = ("Convolution stepper", "Pooling stepper", "Kernel lab", "Shift explorer", "LeNet demonstration")
    convolution, pooling, kernels, shift, demo = (page.get_by_role("group", name=name, exact=True) for name in names)

    def keys(part, *alternate):
        return lambda turn: (part.focus(), page.keyboard.press(alternate[turn % len(alternate)]))

    def slider(explorer, label):
        box = explorer.locator("xpath=ancestor::*[contains(@class, 'explorer-box')][1]")
        row = box.locator(".widget-slider").filter(has=page.get_by_text(label, exact=True))
        return keys(row.locator(".noUi-handle"), "ArrowRight", "ArrowLeft")

    number = "Kernel, row 1, column 1"
    return {
        "convolution stepper": {
            "step of the window, arrow key": keys(convolution.locator(".x-hold"), "ArrowRight", "ArrowLeft"),
            "kernel number, arrow key": keys(convolution.get_by_label(number, exact=True), "ArrowUp", "ArrowDown"),
            "padding, slider": slider(convolution, "padding"),
        },
        "pooling stepper": {
            "step of the window, arrow key": keys(pooling.locator(".x-hold"), "ArrowRight", "ArrowLeft"),
            "window, slider": slider(pooling, "window"),
        },
        "kernel lab": {
            "other pixel, arrow key": keys(kernels.locator(".x-hold").first, "ArrowRight", "ArrowLeft"),
            "kernel number, arrow key": keys(kernels.get_by_label(number, exact=True), "ArrowUp", "ArrowDown"),
            "drawing, mouse": lambda turn: (
                turn == -WARM_UP and kernels.get_by_role("button", name="Draw").click(),
                stroke(page, kernels.locator(".x-hold").first, turn),
            ),
        },
        "shift explorer": {
            "shift with a network, arrow key": keys(shift.locator(".x-hold"), "ArrowRight", "ArrowLeft"),
            "pooling window, slider": slider(shift, "pooling window"),
        },
        "LeNet demonstration": {
            "shift of the digit, arrow key": keys(
                demo.get_by_role("application", name="Input"), "ArrowRight", "ArrowLeft"
            ),
            "rotation, slider": slider(demo, "rotation °"),
            "drawing, mouse": lambda turn: stroke(page, demo.locator(".x-ink"), turn),
        },
    }


def stroke(page, pad, turn):
    """Draw one short line on a pad, each time elsewhere; the time of its last move counts."""
    box = pad.bounding_box()
    x, y = box["x"] + 20 + 5 * turn % 110, box["y"] + 20 + 37 * turn % 110
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_function(PAINTED)
    page.evaluate("() => performance.clearMarks()")
    page.mouse.move(x + 20, y)
    page.wait_for_function(PAINTED)
    page.mouse.up()


def measured(page, act):
    """Milliseconds of each repeat (list of floats)."""
    found = []
    for turn in range(-WARM_UP, REPEATS):
        page.evaluate("() => performance.clearMarks()")
        act(turn)
        page.wait_for_function(PAINTED)
        if turn >= 0:
            found.append(round(page.evaluate(MILLISECONDS), 1))
        page.wait_for_timeout(60)  # nobody types faster, and nothing of this repeat is left for the next
    return found


def notebook(folder):
    """Write a notebook with every explorer; returns its name."""
    empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**empty, "id": f"cell-{i}", "source": source} for i, source in enumerate(CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "explorers.ipynb").write_text(json.dumps(content))
    return "explorers.ipynb"


def main():
    """Measure every action, write results/explorers.*, and return the exit status."""
    folders, results = (Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())), {}
    with serving(*folders) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=CHROMIUM_ARGUMENTS)
        tab = Tab(browser, server)
        tab.open(notebook(folders[0]))
        tab.run_all()
        tab.page.evaluate(WATCH_EVENTS)
        with _common.watched() as load:
            for explorer, acts in actions(tab.page).items():
                results[explorer] = {action: measured(tab.page, act) for action, act in acts.items()}
        software = {"browser": f"Chromium {browser.version}", "target_ms": TARGET_MS}
        browser.close()
    return report(results, {**software, **load})


def report(results, context):
    """Write the table; 1 where a median misses the target, else 0."""
    table, met = [["explorer", "action", f"ms, median (range) of {REPEATS}", "95 of 100 within"]], True
    for explorer, acts in results.items():
        for action, times in acts.items():
            slow = statistics.quantiles(times, n=20)[-1]
            met = met and statistics.median(times) < TARGET_MS
            table.append([explorer, action, _common.spread(times, ".0f"), f"{slow:.0f}"])
    rounded = {
        name: {act: [round(t, 1) for t in times] for act, times in acts.items()} for name, acts in results.items()
    }
    _common.write("explorers", {**context, "met": met, "milliseconds": rounded}, table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
