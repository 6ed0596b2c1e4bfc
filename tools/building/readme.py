"""The generated parts of README.md: the table of contents and the badges."""

import re

from tools.building import storage

_PICTURES = {
    "Binder": "https://mybinder.org/badge_logo.svg",
    "Colab": "https://colab.research.google.com/assets/colab-badge.svg",
}
_PART = "<!-- {name}:begin -->\n{text}\n<!-- {name}:end -->"


def rendered(course):
    """README.md as it should be (str).

    Raises:
        ValueError: README.md lacks a pair of markers.
    """
    text = (course.root / "README.md").read_text(encoding="utf-8")
    for name, part in (("badges", _badges(course)), ("contents", _contents(course))):
        block = re.compile(rf"<!-- {name}:begin -->\n.*?<!-- {name}:end -->", re.DOTALL)
        if len(block.findall(text)) != 1:
            raise ValueError(f"README.md must hold `<!-- {name}:begin -->` and `<!-- {name}:end -->` once. Add them.")
        text = block.sub(lambda _, name=name, part=part: _PART.format(name=name, text=part), text)
    return text


def update(course):
    """Brings README.md up to date; True if that changed it."""
    return storage.refresh(course.root / "README.md", rendered(course))


def _contents(course):
    rows = ["|   | Chapter | Question | Minutes |", "|--:|---|---|--:|"]
    for header in course.headers:
        link = f"[{header.title}](chapters/{header.name}.ipynb)"
        rows.append(f"| {header.number} | {link} | {header.question} | {header.minutes} |")
    return "\n".join(rows)


def _badges(course):
    first = f"chapters/{course.headers[0].name}.ipynb" if course.headers else "chapters"
    launchers = course.launchers(first).items()
    badges = [f"[![Open in {place}]({_PICTURES[place]})]({address})" for place, address in launchers]
    return " ".join([*badges, f"[Read it in the browser]({course.site})"])
