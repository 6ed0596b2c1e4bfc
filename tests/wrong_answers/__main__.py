"""Prints, as Markdown, what a learner reads for each wrong answer: `python -m tests.wrong_answers [04 07 ...]`."""

import importlib
import sys

from tools import build


def rows(chapter):
    """(check, what is wrong, message) of every wrong answer of a chapter."""
    module = importlib.import_module(f"utils.checks.ch{chapter:02}")
    for name, answers in importlib.import_module(f"tests.wrong_answers.ch{chapter:02}").WRONG.items():
        for mistake, answer in answers.items():
            yield name, mistake, getattr(module, name)(answer).message


def main(arguments):
    """Print the table of each chapter that is asked for, or of all."""
    for chapter in map(int, arguments) if arguments else build.chapter_numbers():
        print(f"\n## Chapter {chapter:02}\n\n| check | wrong answer | what the learner reads |\n|---|---|---|")
        for row in rows(chapter):
            print("|", " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in row), "|")


main(sys.argv[1:])
