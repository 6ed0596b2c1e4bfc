"""Every check of every chapter: the solution passes, the stub is not attempted, each wrong answer fails in words of its
own."""

import importlib
import re
import sys
from functools import cache

import pytest

from tests.wrong_answers import feedback
from tools import build
from utils.checks import _harness
from utils.checks._harness import STUMBLED

CHAPTERS = build.chapter_numbers()
FEWEST_LATE, FEWEST, LAST_CORE = 4, 5, 11  # wrong answers of an exercise; chapters 00 to 11 are the course as ordered


@cache
def checks(chapter):
    """The chapter's checks, name -> function."""
    module = importlib.import_module(f"utils.checks.ch{chapter:02}")
    return {name: getattr(module, name) for name in module.__all__}


@cache
def wrong_answers(chapter):
    """Its wrong answers, name of the check -> {what is wrong: answer}."""
    return importlib.import_module(f"tests.wrong_answers.ch{chapter:02}").WRONG


exercises = cache(build.exercises)
CHECKS = [pytest.param(n, name, id=f"{n:02}-{name}") for n in CHAPTERS for name in checks(n)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exercises_checks_and_wrong_answers_belong_together(chapter):
    assert set(exercises(chapter)) == set(checks(chapter)) == set(wrong_answers(chapter))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_learner_sees_the_checks_and_nothing_else(chapter):
    module = importlib.import_module(f"utils.checks.ch{chapter:02}")
    assert dir(module) == sorted(checks(chapter))
    assert all(check.__doc__ for check in checks(chapter).values())


@pytest.mark.parametrize(("chapter", "name"), CHECKS)
def test_the_solution_passes(chapter, name):
    result = checks(chapter)[name](exercises(chapter)[name].answer(solved=True))
    assert result.status == "passed", repr(result)


@pytest.mark.parametrize(("chapter", "name"), CHECKS)
def test_the_stub_is_not_attempted(chapter, name):
    result = checks(chapter)[name](exercises(chapter)[name].answer(solved=False))
    assert result.status == "not attempted", repr(result)


@pytest.fixture
def known(monkeypatch):
    """The mistakes that the checks know by name, gathered while they are tried: {message}."""
    messages = set()

    def compare(*arguments, mistakes=None, **options):
        messages.update(mistakes or {})
        return _harness.compare(*arguments, mistakes=mistakes, **options)

    for name, module in list(sys.modules.items()):
        if re.match(r"utils\.checks\._?ch\d", name) and hasattr(module, "compare"):
            monkeypatch.setattr(module, "compare", compare)
    return messages


@pytest.mark.parametrize(("chapter", "name"), CHECKS)
def test_each_wrong_answer_fails_in_its_own_words(chapter, name, known):
    answers = wrong_answers(chapter)[name]
    assert len(answers) >= (FEWEST if chapter <= LAST_CORE else FEWEST_LATE)
    said, messages = {}, {}
    for mistake, answer in answers.items():
        result = checks(chapter)[name](answer)
        assert result.status == "failed", f"{mistake!r}: {result!r}"
        assert STUMBLED not in result.message, f"{mistake!r}: {result!r}"
        # Numbers alone are no words: "3 of 8 values are wrong" and "4 of 8 values are wrong" tell a learner the same.
        words = re.sub(r"\d+", "#", result.message)
        assert words not in said, f"{mistake!r} and {said[words]!r} are told the same: {result.message}"
        said[words] = mistake
        messages[mistake] = result.message
    assert not known - set(messages.values()), "No wrong answer makes these mistakes: is what they say ever read?"
    now, stored = feedback.table(chapter, name, messages), feedback.stored(chapter, name)
    assert feedback.words(now) == feedback.words(stored), "Other words: run `python -m tests.wrong_answers`, and look."
