"""`make slides`: the talks of all chapters as web pages that need neither Python nor a network.

    .venv/bin/python -m tools.publishing.deck    # writes build/slides; open index.html in a browser

The same slides as in the Lab, with the stored outputs, and the explorers as the pictures of them. reveal.js and MathJax
come from npm and are copied beside the pages.
"""

import html
import shutil
import sys
from pathlib import Path
from string import Template

from tools.building import storage
from tools.building.course import ROOT, Course
from tools.environment import CourseError
from tools.publishing import markup, slides
from tools.publishing.workshop import Workshop

PARTS = Path(__file__).with_name("deck")
# What is copied from npm's packages: (package, file or folder, place below vendor/)
VENDORED = (
    ("reveal.js", "dist/reset.css", "reveal/reset.css"),
    ("reveal.js", "dist/reveal.css", "reveal/reveal.css"),
    ("reveal.js", "dist/reveal.js", "reveal/reveal.js"),
    ("reveal.js", "plugin/notes/notes.js", "reveal/notes.js"),
    ("reveal.js", "LICENSE", "reveal/LICENSE"),
    ("mathjax", "es5/tex-svg-full.js", "mathjax/tex-svg-full.js"),
    ("mathjax", "LICENSE", "mathjax/LICENSE"),
)


def build(course, workshop, target):
    """Writes the talks of all built chapters of `course` into the folder `target` (Path), which is made anew.

    Returns:
        dict from chapter number to the number of its slides.
    """
    shutil.rmtree(target, ignore_errors=True)
    for package, source, place in VENDORED:
        (target / "vendor" / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(workshop.package(package) / source, target / "vendor" / place)
    shutil.copy(PARTS / "deck.js", target)
    (target / "deck.css").write_text((PARTS / "deck.css").read_text("utf-8") + markup.code_colours(), "utf-8")
    counts = {}
    for header in course.headers:
        notebook = storage.read(course.notebook_path(header))
        if notebook is not None:
            shown = slides.of_notebook(notebook)
            counts[header.number] = len(shown)
            _write(target / f"{header.name}.html", "page.html", header.heading, "\n".join(map(section, shown)))
    _write(target / "index.html", "index.html", "The talks", _contents(course, counts))
    return counts


def section(slide):
    """One slide as reveal.js takes it (str): rows of what is said and what is shown, and the speaker's notes."""
    rows = [_row(*row) for row in _rows(slide.cells)] + [_row(markup.question(asked), "") for asked in slide.questions]
    notes = f'<aside class="notes">{markup.markdown(slide.notes)}</aside>' if slide.notes.strip() else ""
    return f'<section><div class="slide">{"".join(rows)}</div>{notes}</section>'


def _rows(cells):
    """(said, shown) HTML, a pair for the text that opens the slide, and then for each cell that shows something."""
    said = ""
    for index, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            said += markup.markdown(cell["source"])
            if index == 0:
                yield said, ""
                said = ""
            continue
        shown = "".join(map(markup.output, cell["outputs"]))
        yield said + markup.code(cell["source"]), shown
        said = ""
    if said:
        yield said, ""


def _row(said, shown):
    several = " several" if shown.count("<img") > 1 else ""
    parts = f'<div class="said">{said}</div>' + (f'<div class="shown{several}">{shown}</div>' if shown else "")
    return f'<div class="row{" both" if shown else ""}">{parts}</div>'


def _contents(course, counts):
    rows = [
        f'<li value="{header.number}"><a href="{header.name}.html">{html.escape(header.title)}</a> '
        f"<span>{html.escape(header.question)} {counts[header.number]} slides.</span></li>"
        for header in course.headers
        if header.number in counts
    ]
    return "\n".join(rows)


def _write(path, template, title, content):
    text = Template((PARTS / template).read_text("utf-8"))
    path.write_text(text.substitute(title=html.escape(title), content=content), "utf-8", newline="\n")


def main():
    """Builds the deck of this course; returns the exit status."""
    try:
        counts = build(Course.load(ROOT), Workshop().ensure(), ROOT / "build" / "slides")
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{sum(counts.values())} slides of {len(counts)} chapters: open build/slides/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
