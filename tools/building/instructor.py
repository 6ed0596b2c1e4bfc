"""The generated part of docs/instructor.md: how long each talk is, what to ask first, what to show live."""

import re

from tools.building import storage
from tools.publishing import slides

_BLOCK = re.compile(r"<!-- talks:begin -->\n.*?<!-- talks:end -->", re.DOTALL)
_MINUTES_A_SLIDE = 4 / 3
_EXPLORER = re.compile(r"\bwidgets\.(?!_)\w+\(")


def rendered(course):
    """docs/instructor.md as it should be (str); None where the course has no such page.

    Raises:
        ValueError: the page lacks its pair of markers.
    """
    path = course.root / "docs" / "instructor.md"
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    if len(_BLOCK.findall(text)) != 1:
        raise ValueError("docs/instructor.md must hold `<!-- talks:begin -->` and `<!-- talks:end -->` once. Add them.")
    return _BLOCK.sub(lambda _: f"<!-- talks:begin -->\n{_table(course)}\n<!-- talks:end -->", text)


def update(course):
    """Brings docs/instructor.md up to date; True if that changed it."""
    text = rendered(course)
    return text is not None and storage.refresh(course.root / "docs" / "instructor.md", text)


def _table(course):
    rows = ["| | Chapter | Slides | Minutes | Ask first | Show live |", "|--:|---|--:|--:|---|---|"]
    for header in course.headers:
        notebook = storage.read(course.notebook_path(header))
        if notebook is not None:
            shown = slides.of_notebook(notebook)
            minutes = 5 * round(_MINUTES_A_SLIDE * len(shown) / 5)
            rows.append(
                f"| {header.number} | {header.title} | {len(shown)} | {minutes} | {header.question} | {_live(shown)} |"
            )
    return "\n".join(rows)


def _live(shown):
    """Headings of the slides with an explorer."""
    return "; ".join(
        f"*{slide.heading.removeprefix('Try it: ') or 'the explorer'}*"
        for slide in shown
        if any(cell["cell_type"] == "code" and _EXPLORER.search(cell["source"]) for cell in slide.cells)
    )
