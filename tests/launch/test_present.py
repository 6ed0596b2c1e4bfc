"""The talk as `make present` opens it: walked through by keyboard, an explorer moved, the way back taken."""

import itertools
import re
import shutil
import subprocess
import sys

import pytest

from tests.browser.lab import KERNEL_ANSWERS, Tab, serving
from tools.building import storage
from tools.building.course import ROOT, Course
from tools.presenting import rehearse, stage

pytestmark = pytest.mark.slow

COURSE = Course.load(ROOT)
LOOKED_AT = [number for number in (1, 9) if number in COURSE.by_number]
REHEARSED = 1
REHEARSE = """import pathlib, sys
from tools.presenting.rehearse import Course, prepare
prepare(Course.load(pathlib.Path(sys.argv[1])), int(sys.argv[2]))"""
SIZES = {"1280x720": (1280, 720), "1920x1080": (1920, 1080)}
NOTEBOOK = "window.jupyterapp.shell.currentWidget.content"
BEGUN = "document.body.dataset.jpDeckMode === 'presenting' && document.querySelector('.jp-Deck .jp-deck-mod-visible')"
# [place, "slide" or "fragment"] of each step of the talk
STEPS = f"""() => {NOTEBOOK}.model.sharedModel.cells.flatMap((cell, place) => {{
    const kind = cell.getMetadata("slideshow")?.slide_type;
    return ["slide", "fragment"].includes(kind) ? [[place, kind]] : [];
}})"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))"
# What the slide shows and something clips, the screen or what lies around it; outputs that one would have to scroll.
CUT_OFF = """() => new Promise((done) => {
    const selector = ["img", ".jp-OutputArea-output", ".cm-line", "h1", "h2", "h3", "p", "li"]
        .map((part) => `.jp-Deck .jp-Cell.jp-deck-mod-visible ${part}`).join();
    const observer = new IntersectionObserver((seen) => {
        observer.disconnect();
        done(seen.filter(({ boundingClientRect: whole }) => whole.height).flatMap((entry) => {
            const { target, boundingClientRect: whole, intersectionRect: shown } = entry;
            const scrolled = target.matches(".jp-OutputArea-output") ? target.scrollWidth - target.clientWidth : 0;
            const over = Math.max(whole.width - shown.width, whole.height - shown.height, scrolled);
            return over > 2 ? [`${target.tagName} ${over.toFixed(0)} px: ${target.innerText?.slice(0, 40)}`] : [];
        }));
    });
    document.querySelectorAll(selector).forEach((part) => observer.observe(part));
})"""


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """(address, {chapter: path of its talk below it}) of a Lab on stage; one chapter is rehearsed there."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "chapters", root / "chapters")
    shutil.copy(ROOT / "pyproject.toml", root)
    talks = {number: write_talk(root, number) for number in LOOKED_AT}
    variables = stage.prepare(tmp_path_factory.mktemp("stage") / "lab", "light")
    with serving(root, tmp_path_factory.mktemp("server"), ["--LabApp.custom_css=True"], **variables) as url:
        yield url, talks


def write_talk(root, number):
    """The path, below `root`, of the talk of chapter `number`, with the stored outputs or those of a rehearsal."""
    if number == REHEARSED:  # by itself, as `make present` does: the rehearsal takes the place of __main__
        subprocess.run([sys.executable, "-c", REHEARSE, str(root), str(number)], cwd=ROOT, check=True)
    header = COURSE.by_number[number]
    path = root / "build" / "present" / f"{header.name}.ipynb"
    if not path.exists():
        storage.write(path, rehearse.talk(storage.read(COURSE.notebook_path(header)), "never rehearsed"))
    return path.relative_to(root).as_posix()


@pytest.fixture(scope="module")
def tabs(browser, room):
    """{chapter: tab in which its talk has begun}; in the end none may have a complaint."""
    opened = {}
    for number, path in room[1].items():
        opened[number] = Tab(browser, room[0], *SIZES["1280x720"])
        opened[number].open(path)
        opened[number].page.wait_for_function(BEGUN)
    yield opened
    for tab in opened.values():
        tab.page.close()
        assert not tab.console_errors
        assert not tab.outside


def whole_slides(tab):
    """Presses Page Down from the first step to the last; yields the place of each cell that makes a slide whole."""
    steps = tab.page.evaluate(STEPS)
    for (place, _), (_, following) in itertools.pairwise([*steps, (None, "slide")]):
        tab.page.wait_for_function(f"{NOTEBOOK}.activeCellIndex === {place}")
        if following == "slide":
            yield place
        tab.page.keyboard.press("PageDown")


def in_front(tabs, chapter):
    """The tab of a chapter's talk, shown: Chromium paints no other, nor sends it keys."""
    tabs[chapter].page.bring_to_front()
    tabs[chapter].page.wait_for_function("document.hasFocus()")
    return tabs[chapter]


def jump(tab, place):
    """Goes to the step of the cell at `place` at once, as a click on it outside the talk does."""
    tab.page.evaluate(f"{NOTEBOOK}.activeCellIndex = {place}")
    tab.page.evaluate(PAINTED)


def look(tab, name, always=True):
    """What is cut off on the slide that is shown, which is saved as a picture: `always`, or where something is."""
    tab.page.evaluate(PAINTED)
    found = tab.page.evaluate(CUT_OFF)
    if found or always:
        tab.screenshot(name)
    return found


@pytest.mark.chapter(1)
def test_a_remote_goes_back_too(tabs):
    tab = in_front(tabs, 1)
    first, second, third = [place for place, _ in tab.page.evaluate(STEPS)[:3]]
    jump(tab, first)
    for key, place in (("PageDown", second), ("PageDown", third), ("PageUp", second), ("PageUp", first)):
        tab.page.keyboard.press(key)
        tab.page.wait_for_function(f"{NOTEBOOK}.activeCellIndex === {place}")


@pytest.mark.parametrize("chapter", LOOKED_AT)
def test_every_slide_is_whole(tabs, chapter):
    tab, name, places, faults = in_front(tabs, chapter), COURSE.by_number[chapter].name, [], {}
    for place in whole_slides(tab):
        places.append(place)
        faults[place, "1280x720"] = look(tab, f"talk_{name}_1280x720_{len(places):02}")
    width, height = SIZES["1920x1080"]  # a change of size is the slowest thing that Lab does
    tab.page.set_viewport_size({"width": width, "height": height})
    for shown, place in enumerate(places, 1):
        jump(tab, place)
        faults[place, "1920x1080"] = look(tab, f"talk_{name}_1920x1080_{shown:02}", always=shown % 10 == 1)
    assert {where: found for where, found in faults.items() if found} == {}
    assert len(places) >= 20


@pytest.mark.chapter(1)
def test_the_way_back_restores_a_slide_in_seconds_and_its_explorer_moves(tabs):
    tab = in_front(tabs, 1)
    page = tab.page
    page.set_viewport_size(dict(zip(("width", "height"), SIZES["1280x720"], strict=True)))
    source = f"{NOTEBOOK}.model.sharedModel.cells.findIndex((cell) => cell.source.includes('conv_stepper(image'))"
    jump(tab, page.evaluate(source))
    page.keyboard.press("Escape")  # the talk ends at the slide; the cell above it is the way back
    page.wait_for_function("!document.body.dataset.jpDeckMode")
    restart(page)
    for _ in range(3):  # upwards past the slide's text
        page.keyboard.press("ArrowUp")
        if "back_to(" in page.evaluate(f"{NOTEBOOK}.activeCell.model.sharedModel.source"):
            break
    page.keyboard.press("Shift+Enter")
    answer = page.locator(".jp-OutputArea-output", has_text=re.compile("Back at slide"))
    answer.wait_for()
    assert float(re.search(r"after ([\d.]+) s", answer.inner_text())[1]) < 10
    page.evaluate("window.jupyterapp.commands.execute('deck:start')")
    page.wait_for_function(BEGUN)
    page.keyboard.press("PageDown")  # from the text to the code
    page.keyboard.press("Control+Enter")
    move_explorer(tab)


def restart(page):
    """Restarts the kernel by the keys that the instructor's page names."""
    page.keyboard.press("0")
    page.keyboard.press("0")
    page.get_by_role("button", name="Confirm Kernel Restart").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Confirm Kernel Restart").wait_for(state="detached")
    page.evaluate(KERNEL_ANSWERS)


def move_explorer(tab):
    """Moves the explorer on the slide by keyboard alone, and sees its numbers follow."""
    page = tab.page
    explorer = page.locator(".jp-deck-mod-visible .x-root").first
    explorer.wait_for()
    before = explorer.inner_text()
    handle = page.locator(".jp-deck-mod-visible .noUi-handle:visible").first
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("([node, before]) => node.innerText !== before", arg=[explorer.element_handle(), before])
    assert look(tab, "talk_explorer_moved") == []
