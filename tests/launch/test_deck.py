"""The talk without Python: every slide, opened from the folder as on a stick, with the network cut."""

import pytest

from tests.launch.pages import CutPage, served
from tools.building.course import ROOT, Course
from tools.publishing import deck

pytestmark = pytest.mark.slow

COURSE = Course.load(ROOT)
NUMBERS = [header.number for header in COURSE.headers if COURSE.notebook_path(header).is_file()]
LOOKED_AT = [number for number in (1, 9) if number in NUMBERS]  # every slide becomes a file in build/screenshots
SMALLEST = 12  # pixels of type on a screen of 1280 x 720
SIZES = {"1280x720": (1280, 720), "1920x1080": (1920, 1080)}
SMALL_TYPE = """(smallest) => {
    const slide = Reveal.getCurrentSlide(), found = [];
    for (const node of slide.querySelectorAll(".slide *")) {
        const words = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        if (!words || node.closest("mjx-container, sup, sub") || !node.checkVisibility()) continue;
        const size = parseFloat(getComputedStyle(node).fontSize);
        if (size < smallest) found.push(`${size.toFixed(1)} px: ${node.textContent.slice(0, 40)}`);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def talks(workshop, tmp_path_factory):
    """(folder, {chapter: number of slides}) of the deck."""
    folder = tmp_path_factory.mktemp("slides") / "deck"
    return folder, deck.build(COURSE, workshop, folder)


def name_of(number):
    return COURSE.by_number[number].name


def open_talk(browser, base, number, size="1280x720", **options):
    """A page that shows the first slide of a chapter."""
    opened = CutPage(browser, base, *SIZES[size], **options)
    opened.page.goto(f"{base}{name_of(number)}.html")
    opened.page.wait_for_function("window.deckReady")
    return opened


def walk(opened):
    """Presses Page Down from the first slide to the last; yields the number of each slide that comes to be shown."""
    yield (shown := 0)
    while not opened.page.evaluate("Reveal.isLastSlide() && !Reveal.availableFragments().next"):
        opened.page.keyboard.press("PageDown")
        now = opened.page.evaluate("Reveal.getIndices().h")
        if now != shown:
            assert now == shown + 1
            yield (shown := now)


def walk_and_look(browser, talks, number, size):
    """Faults of each slide of a chapter's talk, all of which are saved where the chapter is one to look at."""
    opened = open_talk(browser, f"{talks[0].as_uri()}/", number, size)
    faults = {}
    for shown in walk(opened):
        if found := opened.cut_off() + opened.page.evaluate(SMALL_TYPE, SMALLEST):
            faults[shown + 1] = found
        if number in LOOKED_AT:
            opened.screenshot(f"deck_{name_of(number)}_{size}_{shown + 1:02}")
    assert shown == talks[1][number] - 1
    opened.close()
    return faults


@pytest.mark.parametrize("chapter", NUMBERS)
def test_no_slide_is_cut_off_or_in_small_type(browser, talks, chapter):
    assert walk_and_look(browser, talks, chapter, "1280x720") == {}


@pytest.mark.parametrize("chapter", LOOKED_AT)
def test_a_large_screen_is_filled_too(browser, talks, chapter):
    assert walk_and_look(browser, talks, chapter, "1920x1080") == {}


def test_a_remote_goes_forth_and_back(browser, talks):
    opened = open_talk(browser, f"{talks[0].as_uri()}/", 1)
    places = []
    for key in ("PageDown", "PageDown", "PageUp", "ArrowRight", "ArrowLeft", "PageUp"):
        opened.page.keyboard.press(key)
        places.append(opened.page.evaluate("Reveal.getIndices().h"))
    assert places == [1, 2, 1, 2, 1, 0]
    opened.close()


def test_notes_are_hidden_until_asked_for_and_theme_turns(browser, talks):
    opened = open_talk(browser, f"{talks[0].as_uri()}/", 1, color_scheme="light")
    page = opened.page
    page.keyboard.press("PageDown")
    notes = page.locator("#spoken")
    assert not notes.is_visible()
    page.keyboard.press("n")
    assert "when did the lift move" in notes.inner_text()
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.keyboard.press("t")
    assert page.evaluate(background) != light
    opened.screenshot("deck_notes_dark")
    page.reload()
    page.wait_for_function("window.deckReady")
    assert page.evaluate(background) != light
    opened.close()


def test_the_speakers_window_shows_the_notes(browser, talks):
    with served(talks[0]) as base:
        opened = open_talk(browser, base, 1)
        with opened.page.expect_popup() as popup:
            opened.page.keyboard.press("s")
        opened.page.bring_to_front()
        opened.page.keyboard.press("PageDown")
        popup.value.get_by_text("when did the lift move").wait_for()
        opened.close()


def test_formulas_and_quiz_questions_are_there(browser, talks):
    opened = open_talk(browser, f"{talks[0].as_uri()}/", 4)
    assert opened.page.locator("mjx-container svg").count()
    assert not opened.page.locator("mjx-merror, [data-mjx-error]").count()
    assert opened.page.get_by_text("A question", exact=True).count() >= 3
    opened.close()


def test_the_contents_lead_to_every_talk(browser, talks):
    folder, counts = talks
    opened = CutPage(browser, f"{folder.as_uri()}/")
    opened.page.goto(f"{folder.as_uri()}/index.html")
    links = opened.page.locator("ol a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == [f"{name_of(number)}.html" for number in counts]
    assert all((folder / link).is_file() for link in links)
    opened.close()


def test_the_number_of_the_slide_is_right(browser, talks):
    opened = open_talk(browser, f"{talks[0].as_uri()}/", 1)
    total = talks[1][1]
    for shown in (1, 2, 3):
        assert opened.page.locator(".slide-number").inner_text().split() == [str(shown), "/", str(total)]
        opened.page.keyboard.press("PageDown")
    opened.close()
