"""Writes docs/feedback.md, what a learner reads for each wrong answer: `python -m tests.wrong_answers`."""

from tests.wrong_answers import feedback

feedback.PAGE.write_text(feedback.page(), "utf-8")
