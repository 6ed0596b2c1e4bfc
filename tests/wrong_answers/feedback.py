"""What a learner reads for each wrong answer, as the page docs/feedback.md: written anew, and compared with what is.

Numbers are left out of the comparison, they differ between processors; so are the words of exceptions, which are those
of PyTorch's version.
"""

import importlib
import re

from tools.building.course import ROOT, Course

PAGE = ROOT / "docs" / "feedback.md"
INTRODUCTION = """# What a learner reads

Every check of the course is tried on wrong answers that learners give, each named for its mistake. This is what it
says to each. `python -m tests.wrong_answers` writes this page, and tests/test_checks.py compares it with what is said:
whoever changes a check sees here, in the difference, what changes for a learner.
"""
RAISED = re.compile(r"(Your code raised \w+):.*", re.DOTALL)
NUMBER = re.compile(r"-?\d[\d.,]*(e[+-]?\d+)?")


def words(message):
    """A message without its numbers and without an exception's own words."""
    return NUMBER.sub("#", RAISED.sub(r"\1", message))


def row(mistake, message):
    """The line of a table (str) for a wrong answer and the message that it gets."""
    first, *_ = message.splitlines()  # what follows an exception is the place in the learner's code
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in (mistake, first)) + " |"


def table(chapter, name, messages):
    """Heading and table of one check; `messages` is {mistake: message}."""
    head = f"\n### {chapter:02} `{name}`\n\n| wrong answer | what the learner reads |\n|---|---|\n"
    return head + "".join(f"{row(mistake, message)}\n" for mistake, message in messages.items())


def said(chapter, name):
    """{mistake: message} of the wrong answers of a check, each tried now."""
    check = getattr(importlib.import_module(f"utils.checks.ch{chapter:02}"), name)
    answers = importlib.import_module(f"tests.wrong_answers.ch{chapter:02}").WRONG[name]
    return {mistake: check(answer).message for mistake, answer in answers.items()}


def page():
    """The whole page (str)."""
    parts = [INTRODUCTION]
    for chapter, header in sorted(Course.load().by_number.items()):
        parts.append(f"\n## {chapter:02} {header.title}\n")
        names = importlib.import_module(f"tests.wrong_answers.ch{chapter:02}").WRONG
        parts += [table(chapter, name, said(chapter, name)) for name in names]
    return "".join(parts)


def stored(chapter, name):
    """The table of a check as the page has it (str), "" where it has none."""
    found = re.search(rf"\n### {chapter:02} `{name}`\n.*?(?=\n#|\Z)", PAGE.read_text("utf-8"), re.DOTALL)
    return found.group() if found else ""
