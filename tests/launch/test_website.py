"""The course as web pages: each opened in Chromium with nothing else to be reached, and looked at by axe-core."""

import itertools
import re

import pytest

from tests.building import toy_course as toy
from tests.launch import axe
from tests.launch.pages import CutPage, served
from tools.building.course import ROOT, Course
from tools.environment import CourseError
from tools.publishing import links, website

pytestmark = pytest.mark.slow

COURSE = Course.load(ROOT)
CHAPTERS = [f"chapters/{header.name}.html" for header in COURSE.headers]
PAGES = ["index.html", "docs/instructor.html", "search.html"]
# The page of the search has no article, and the header for printing repeats the title of those that have one.
HEADINGS = """() => {
    const text = document.querySelector("article") ?? document.querySelector("main");
    return [...text.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((node) => +node.tagName[1]);
}"""
NO_ALT = "[...document.images].filter((image) => !image.alt.trim()).map((image) => image.outerHTML.slice(0, 90))"


@pytest.fixture(scope="module")
def site(workshop, tmp_path_factory):
    """Folder of the built site."""
    folder = tmp_path_factory.mktemp("site") / "html"
    website.build(COURSE, workshop, folder)
    return folder


@pytest.fixture(scope="module")
def address(site):
    """Where the site is served."""
    with served(site) as base:
        yield base


@pytest.fixture
def reader(browser, address):
    """Opens pages of the site; in the end none may have complained, or asked for anything outside."""
    opened = []

    def open_it(name, **options):
        opened.append(CutPage(browser, address, 1280, 900, **options))
        opened[-1].page.goto(address + name)
        return opened[-1].page

    yield open_it
    for page in opened:
        page.close()


# In the dark only what is built differently: a page is looked at for many seconds.
DARK = (1, 4)
SEEN = [(name, theme) for name in PAGES for theme in ("light", "dark")]
for header, name in zip(COURSE.headers, CHAPTERS, strict=True):
    themes = ("light", "dark") if header.number in DARK else ("light",)
    SEEN += [pytest.param(name, theme, marks=pytest.mark.chapter(header.number)) for theme in themes]


@pytest.mark.parametrize(("name", "theme"), SEEN)
def test_a_page_is_whole_and_open_to_all(reader, workshop, name, theme):
    page = reader(name, color_scheme=theme)
    page.wait_for_function("!window.MathJax || MathJax.startup.promise.then(() => true)")
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert page.evaluate(NO_ALT) == []
    levels = page.evaluate(HEADINGS)
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert axe.serious(page, workshop) == []


def test_the_neighbours_are_linked(reader):
    page = reader(CHAPTERS[1])
    assert page.locator("a.left-prev").get_attribute("href") == f"{COURSE.headers[0].name}.html"
    assert page.locator("a.right-next").get_attribute("href") == f"{COURSE.headers[2].name}.html"


def test_the_launch_buttons_lead_where_the_badges_lead(reader):
    page = reader(CHAPTERS[4])
    found = page.locator(".dropdown-launch-buttons a").evaluate_all("links => links.map(link => link.href)")
    wanted = COURSE.launchers(f"chapters/{COURSE.headers[4].name}.ipynb").values()
    assert {re.sub(r"%2F", "/", link) for link in found} == set(wanted)


def test_the_search_finds_a_chapter(reader, address):
    page = reader("search.html?q=Prewitt")
    page.locator("#search-results li a").first.wait_for()
    results = page.locator("#search-results li a").evaluate_all("links => links.map(link => link.href)")
    assert any("02_edges" in link for link in results)


def test_explorers_are_pictures_and_a_quiz_answers(reader):
    page = reader(f"chapters/{COURSE.by_number[1].name}.html")
    assert page.locator("img.figure").count() > 20
    assert page.locator(".jupyter-widgets, .noUi-handle").count() == 0
    page.locator(".MCButton").first.click()
    assert page.locator(".Feedback").first.inner_text()


def test_the_talks_are_there_too(reader):
    page = reader("slides/index.html")
    assert page.locator("ol a").count() == len(CHAPTERS)


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "index.html").write_text('<h1 id="x">B</h1><a href="../a.html#top">a</a>')
    (tmp_path / "a.html").write_text(
        '<p id="top"><a href="b">1</a><a href="b/#x">2</a><a href="#top">3</a><a href="https://example.org/x">4</a>'
        '<a href="b/#y">5</a><img src="c.png"><a href="#up">6</a>'
    )
    assert links.broken(tmp_path) == ["a.html: #up", "a.html: b/#y", "a.html: c.png"]


@pytest.fixture
def toy_site(tmp_path):
    """A miniature course that could become a site."""
    root = tmp_path / "toy"
    toy.make(root)
    (root / "docs").mkdir()
    (root / "docs" / "instructor.md").write_text("# Teaching\n")
    readme = root / "README.md"
    readme.write_text(f"{readme.read_text()}\n## Begin\n")
    return root


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# %% [markdown]\n# See [there](nowhere.ipynb).\n", "nowhere.ipynb"),
        ("# %% [markdown]\n# #### Deep\n", "header"),
    ],
)
def test_a_broken_page_fails_the_build(toy_site, workshop, text, complaint):
    toy.write_chapter(toy_site, "01_double", toy.source(toy.SETUP, toy.EXERCISE, "\n" + text))
    with pytest.raises(CourseError, match=complaint):
        website.build(toy.pretend_built(toy_site), workshop, toy_site / "site")
