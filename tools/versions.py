"""The versions that are installed: those that CI proved, or either end of what pyproject.toml allows."""

import re
from pathlib import Path

PINNED, LOWEST, NEWEST = CHOICES = ("pinned", "lowest", "newest")
LOWEST_LIST = ".venv/course-lowest.txt"
# Arguments of `pip install` that hold it to a choice, in the course's folder. Without any it takes the newest.
PIP_OPTIONS = {PINNED: ["-c", "constraints.txt"], LOWEST: ["-c", LOWEST_LIST], NEWEST: []}


def lowest(pyproject: str) -> dict[str, str]:
    """{package: lowest version allowed} of everything that the course itself asks for.

    Python 3.10 cannot read TOML, and nothing is installed yet that could; but a requirement is always a string of its
    own, such as "numpy>=2.0".

    Args:
        pyproject: text of pyproject.toml.
    """
    return dict(re.findall(r'"([\w.-]+)>=([\w.]+)[^"]*"', pyproject))


def write_lowest(root: Path) -> None:
    """Write constraints for pip that allow only the lowest versions; what those need in turn is left to pip.

    Args:
        root: the course's folder, which has a virtual environment.
    """
    bounds = lowest((root / "pyproject.toml").read_text("utf-8"))
    lines = [f"{name}=={version}\n" for name, version in bounds.items()]
    (root / LOWEST_LIST).write_text("".join(lines), "utf-8")
