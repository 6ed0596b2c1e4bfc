"""A new chapter: a source, its checks, and the wrong answers that prove them, small but whole."""

from pathlib import Path
from string import Template

from tools.building.source import FILE_NAME

_TEMPLATES = Path(__file__).with_name("templates")


def create(root, number, slug):
    """Writes the three files of a new chapter, "17" and "vision_transformer" say, under `root`; returns their Paths.

    Raises:
        ValueError: number or slug is none, or the chapter exists.
    """
    number = number.zfill(2)
    name = f"{number}_{slug}"
    if not FILE_NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name of a chapter. Use two digits and small letters: new 17 vision_transformer"
        )
    targets = _targets(root, number, name)
    existing = [*(root / "chapters" / "source").glob(f"{number}_*.py"), *filter(Path.exists, targets.values())]
    if existing:
        raise ValueError(f"Chapter {number} exists: {existing[0].relative_to(root)}. Take another number.")
    title = slug.replace("_", " ").capitalize()
    for template, path in targets.items():
        text = Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(number=number, title=title)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(targets.values())


def _targets(root, number, name):
    """Where each template goes (dict from its file name to a Path)."""
    return {
        "source.txt": root / "chapters" / "source" / f"{name}.py",
        "checks.txt": root / "utils" / "checks" / f"ch{number}.py",
        "wrong_answers.txt": root / "tests" / "wrong_answers" / f"ch{number}.py",
    }
