"""The one address of the course: [tool.course] repository in pyproject.toml. Everything that shows it is made from it.

Only the standard library, so that `make publish` can stamp it before anything is installed.
"""

import re

PLACEHOLDER = "owner/name"
_SETTING = re.compile(r'^(repository = )"[^"\n]*"$', re.MULTILINE)
# GitHub's own rule: letters, digits and single hyphens for an owner; also dots and underscores for a repository
_REPOSITORY = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*/[A-Za-z0-9._-]+")
# Where an address of the course itself is written. A link to somebody else's repository is none of these.
_SHOWN = re.compile(
    r"(?:mybinder\.org/v2/gh/|colab\.research\.google\.com/github/|github\.com/(?=[\w.-]+/[\w.-]+/archive/))"
    r"(?P<repository>[\w.-]+/[\w.-]+)"
    r"|//(?P<owner>owner)\.github\.io/(?P<name>name)"  # others have pages of their own there, which one may link
)
_SUFFIXES = (".md", ".ipynb", ".py", ".toml", ".yml", ".yaml", ".html", ".js", ".json")
# The tests write addresses of courses that do not exist; the tools write them with names in braces.
_FOLDERS = ("chapters", "docs", "binder", ".github", "utils")


def stamp(root, repository):
    """Write `repository` ("owner/name") into pyproject.toml of the course under `root` (Path).

    Raises:
        ValueError: it is no name of a repository, or pyproject.toml has no place for one.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise ValueError(f"REPO={repository} is no repository. Give owner and name: make publish REPO=ada/convnets")
    path = root / "pyproject.toml"
    text, changed = _SETTING.subn(rf'\1"{repository}"', path.read_text(encoding="utf-8"))
    if changed != 1:
        raise ValueError(f'pyproject.toml must hold one line repository = "{PLACEHOLDER}" under [tool.course].')
    path.write_text(text, encoding="utf-8", newline="\n")


def problems(course):
    """Addresses that are not the course's own: left over from before, or written by hand (list of str)."""
    published = course.repository != PLACEHOLDER
    found = []
    for path in _files(course.root):
        shown = {_repository(match) for match in _SHOWN.finditer(path.read_text(encoding="utf-8"))}
        for other in sorted(shown - {course.repository}):
            what = "the placeholder" if published and other == PLACEHOLDER else other
            found.append(
                f"{path.relative_to(course.root).as_posix()}: shows the address of {what}, but the course is "
                f"{course.repository}. Run make publish REPO={course.repository}."
            )
    return found


def _files(root):
    """Files that may show the address, sorted."""
    below = [path for folder in _FOLDERS for path in (root / folder).rglob("*")]
    files = [path for path in [*root.glob("*"), *below] if path.suffix in _SUFFIXES and path.is_file()]
    return sorted(path for path in files if ".ipynb_checkpoints" not in path.parts)


def _repository(match):
    return match["repository"] or f"{match['owner']}/{match['name']}"
