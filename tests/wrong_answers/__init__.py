"""Wrong answers, one module a chapter: WRONG = {name of the check: {what is wrong: answer}}.

They prove the checks: `tests/test_checks.py` wants each to fail, with a message of its own.
`python -m tests.wrong_answers` prints what a learner would read for each.
"""
