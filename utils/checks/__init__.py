"""Checks of the exercises, one module a chapter: `from utils.checks import ch04 as check`, then `check.name(answer)`.

A check takes the learner's function (or network), calls it on seeded cases and returns a `Result`: right, wrong and
why, or not attempted yet. How a check is written: `utils/checks/_harness.py`.
"""
