"""Reads chapters/source/NN_slug.py: jupytext's percent format under a YAML header.

The format is read here, and not by jupytext, because importing jupytext and reading sixteen chapters with it takes
longer than the two seconds that a build may take when nothing changed, and because it does not say in which line a cell
stands. tests/test_build.py holds the two to the same answer.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import yaml

FILE_NAME = re.compile(r"(\d\d)_[a-z0-9_]+")
FIELDS = {"title": str, "question": str, "minutes": int, "builds_on": list, "goals": list}
_OTHER_TOOLS = {"jupyter"}  # jupytext's own header field, which a Lab may add
_MARKER = re.compile(r"# %%(?P<markdown> \[markdown\])?(?P<metadata>.*)")
_KEY = re.compile(r"\s*([A-Za-z_][\w.-]*)=")


class SourceError(Exception):
    """A chapter's source breaks the rules. Each problem says where, what is wrong, and what to do.

    Args:
        path: Path of the source.
        problems: pairs of a line number (from 1) and a sentence.
    """

    def __init__(self, path, problems):
        self.path = path
        self.problems = [f"chapters/source/{path.name}:{line}: {text}" for line, text in problems]
        super().__init__("\n".join(self.problems))


class _Unreadable(Exception):  # noqa: N818 (its arguments, line and sentence, become part of a SourceError)
    """A cell that cannot be read."""


@dataclass(frozen=True)
class Header:
    """What a chapter's first lines say about it; `name` is the stem of its files, such as "04_lenet"."""

    path: Path
    number: int
    title: str
    question: str
    minutes: int
    builds_on: tuple
    goals: tuple

    @property
    def name(self):
        """Stem of the chapter's files (str)."""
        return self.path.stem

    @property
    def heading(self):
        """Number and title, as they stand above the chapter and in links to it (str)."""
        return f"{self.number} · {self.title}"


@dataclass(frozen=True)
class Cell:
    """One cell of a source: kind "code" or "markdown", text, metadata, and the line (from 1) where the text begins."""

    kind: str
    text: str
    metadata: dict
    line: int

    @cached_property
    def tags(self):
        """The cell's tags (frozenset of str)."""
        return frozenset(self.metadata.get("tags", ()))

    @property
    def slide_type(self):
        """Slide type of the cell, None where it continues the slide before it."""
        return self.metadata.get("slideshow", {}).get("slide_type")


@dataclass(frozen=True)
class Chapter:
    """A chapter's source, read: header, cells, and the whole text."""

    header: Header
    cells: tuple
    text: str


def read_header(path):
    """The header of the source at `path` (Header).

    Raises:
        SourceError: the name, the YAML or a field is not as the chapters' is.
    """
    match = FILE_NAME.fullmatch(path.stem)
    if not match:
        raise SourceError(path, [(1, "a source is named NN_slug.py, like 04_lenet.py, in small letters. Rename it.")])
    fields, _ = _split_header(path, path.read_text(encoding="utf-8"))
    problems = list(_field_problems(fields))
    if problems:
        raise SourceError(path, [(1, problem) for problem in problems])
    return Header(
        path=path,
        number=int(match[1]),
        **{name: tuple(fields[name]) if kind is list else fields[name] for name, kind in FIELDS.items()},
    )


def read_chapter(path):
    """The chapter at `path` (Chapter). Its cells are read, not yet judged: `rules.problems` does that.

    Raises:
        SourceError: the header or a cell's first line cannot be read.
    """
    header = read_header(path)
    text = path.read_text(encoding="utf-8")
    _, first = _split_header(path, text)
    lines = text.splitlines()
    problems, cells = [], []
    if any(line.strip() for line in lines[first : next(_markers(lines, first), len(lines))]):
        problems.append((first + 1, "text before the first cell. Begin each cell with a line `# %%`."))
    starts = [*_markers(lines, first), len(lines)]
    for start, end in pairwise(starts):
        try:
            cells.append(_read_cell(lines, start, end))
        except _Unreadable as error:
            problems.append(error.args)
    if problems:
        raise SourceError(path, problems)
    return Chapter(header, tuple(cells), text)


def _split_header(path, text):
    """The header's fields (dict), and the index of the first line after it."""
    lines = text.splitlines()
    try:
        if lines[0] != "# ---":
            raise ValueError
        end = lines.index("# ---", 1)
    except (IndexError, ValueError):
        advice = "the source must begin with a YAML header between two lines `# ---`. See CONTRIBUTING.md."
        raise SourceError(path, [(1, advice)]) from None
    try:
        fields = yaml.safe_load("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[1:end]))
    except yaml.YAMLError as error:
        line = error.problem_mark.line + 2 if getattr(error, "problem_mark", None) else 1
        advice = f"the header is no YAML ({getattr(error, 'problem', error)}). Put a text that holds a colon in quotes."
        raise SourceError(path, [(line, advice)]) from None
    return fields if isinstance(fields, dict) else {}, end + 1


def _field_problems(fields):
    for name, kind in FIELDS.items():
        value = fields.get(name)
        if value is None:
            yield f"the header has no `{name}`. Add a line `# {name}: ...`."
        elif not isinstance(value, kind) or isinstance(value, bool):
            yield f"`{name}` in the header must be a {kind.__name__}, not {value!r}."
    if unknown := set(fields) - set(FIELDS) - _OTHER_TOOLS:
        yield f"the header has the unknown field(s) {', '.join(sorted(unknown))}. It knows {', '.join(FIELDS)}."
    if isinstance(fields.get("minutes"), int) and fields["minutes"] <= 0:
        yield f"`minutes` must be more than 0, not {fields['minutes']}."
    if isinstance(fields.get("goals"), list):
        if not 3 <= len(fields["goals"]) <= 5:
            yield f"a chapter has three to five goals, this one has {len(fields['goals'])}."
        for goal in fields["goals"]:
            if not isinstance(goal, str):
                yield f"each goal is a sentence, not {goal!r}. Put a text that holds a colon in quotes."
    if isinstance(fields.get("builds_on"), list):
        for number in fields["builds_on"]:
            if not isinstance(number, int):
                yield f"`builds_on` lists the numbers of earlier chapters, not {number!r}."


def _markers(lines, first):
    return (index for index in range(first, len(lines)) if _MARKER.fullmatch(lines[index]))


def _read_cell(lines, start, end):
    """The cell whose marker is `lines[start]`; raises _Unreadable where marker or Markdown cannot be read."""
    marker = _MARKER.fullmatch(lines[start])
    metadata = _read_metadata(marker["metadata"], start + 1)
    first = start + 1
    while first < end and not lines[first].strip():
        first += 1
    body = "\n".join(lines[first:end]).rstrip()
    if not marker["markdown"]:
        return Cell("code", body, metadata, first + 1)
    for number, line in enumerate(body.splitlines(), first + 1):
        if not line.startswith("#"):
            raise _Unreadable(number, f"a line of a Markdown cell does not begin with `# `: {line!r}. Comment it out.")
    text = "\n".join(line[1:].removeprefix(" ") for line in body.splitlines())
    return Cell("markdown", text, metadata, first + 1)


def _read_metadata(text, line):
    """Metadata as jupytext writes it behind the marker in this line: key=JSON, separated by blanks."""
    metadata, position, text = {}, 0, text.rstrip()
    while position < len(text):
        try:
            key = _KEY.match(text, position)
            if not key:
                raise ValueError
            metadata[key[1]], position = json.JSONDecoder().raw_decode(text, key.end())
        except ValueError:  # JSONDecodeError is one, too
            example = '`# %% tags=["check"]` or `# %% [markdown] slideshow={"slide_type": "slide"}`'
            problem = f"cannot read {text[position:].strip()!r} after `# %%`. Write it like {example}."
            raise _Unreadable(line, problem) from None
    return metadata
