"""What a check says: the `Result` a learner sees, and the exceptions that end a check early."""

import re
from dataclasses import dataclass
from html import escape

PASSED, FAILED, NOT_ATTEMPTED = "passed", "failed", "not attempted"

# status -> (sign, words, colour): sign and words carry the meaning, the colour only repeats it.
_LOOK = {
    PASSED: ("✓", "right", "#009E73"),
    FAILED: ("✗", "not right yet", "#D55E00"),
    NOT_ATTEMPTED: ("○", "not attempted yet", "#7f7f7f"),
}


class Mistake(Exception):  # noqa: N818 (an answer of the check, not an error of the program)
    """The answer is wrong, and this is why.

    Args:
        message: a sentence or two for the learner: what is wrong, and what to look at.
        expected, got: values shown beside each other: arrays, tensors, numbers, or text as it should stand; None hides
            them.
        case: the case that failed; empty: the last call made with `run`.
    """

    def __init__(self, message, *, expected=None, got=None, case=""):
        super().__init__(message)
        self.message, self.expected, self.got, self.case = message, expected, got, case


class NotAttempted(Exception):  # noqa: N818
    """The answer is still the stub."""


@dataclass(frozen=True)
class Result:
    """Outcome of one check: a card in a notebook, plain text elsewhere.

    Attributes:
        title: title of the exercise.
        status: "passed", "failed" or "not attempted".
        message: what the learner should read.
        case: the case that failed, or "".
        expected, got: the two values as text, or "".
        printed: what the answer printed while it was judged, cut where it is long.
    """

    title: str
    status: str
    message: str
    case: str = ""
    expected: str = ""
    got: str = ""
    printed: str = ""

    def __repr__(self):
        sign, words, _ = _LOOK[self.status]
        parts = [f"{sign} {self.title}: {words}", _indent(self.message)]
        if self.case:
            parts.append(_indent(f"Case: {self.case}"))
        if self.expected or self.got:
            parts.append(_indent(_side_by_side(self.expected, self.got)))
        if self.printed:
            parts.append(_indent(f"You printed:\n{self.printed}"))
        return "\n".join(parts)

    def _repr_html_(self):
        sign, words, colour = _LOOK[self.status]
        rows = [f"<div><strong>{sign} {escape(self.title)}: {words}</strong></div>", _paragraph(self.message)]
        if self.case:
            rows.append(f"<div>Case: <code>{escape(self.case)}</code></div>")
        if self.expected or self.got:
            blocks = _block("expected", self.expected) + _block("got", self.got)
            rows.append(f'<div style="display: flex; flex-wrap: wrap; gap: 0 2em">{blocks}</div>')
        if self.printed:
            rows.append(_block("you printed", self.printed))
        # Text and background are the theme's own, so the card reads in a light and in a dark notebook.
        style = f"border-left: 6px solid {colour}; padding: 0.4em 1em; margin: 0.4em 0"
        return f'<div role="group" aria-label="{escape(self.title)}: {words}" style="{style}">{"".join(rows)}</div>'


def _indent(text):
    return "\n".join(f"  {line}" for line in text.splitlines())


def _side_by_side(left, right):
    """Two blocks of text as two columns headed `expected` and `got`."""
    left_lines, right_lines = ["expected", *left.splitlines()], ["got", *right.splitlines()]
    height, width = max(len(left_lines), len(right_lines)), max(map(len, left_lines))
    left_lines += [""] * (height - len(left_lines))
    right_lines += [""] * (height - len(right_lines))
    return "\n".join(f"{a:<{width}}   {b}".rstrip() for a, b in zip(left_lines, right_lines, strict=True))


def _paragraph(text):
    code = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text))
    return f'<div style="white-space: pre-wrap">{code}</div>'


def _block(heading, text):
    style = "margin: 0; overflow-x: auto; background: transparent; color: inherit"
    return f'<div><em>{heading}</em><pre style="{style}">{escape(text)}</pre></div>'
