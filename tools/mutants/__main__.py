"""python -m tools.mutants [--sample N|all] [ROOM ...]: mutate rooms of `utils`, write docs/mutants.md.

The exit status is 1 where a room misses its target, or a mutant survived that has no reason in survivors.toml.
"""

import argparse
import os
import subprocess
import sys

from tools import guests
from tools.environment import CourseError
from tools.mutants import report, run
from tools.mutants.rooms import ROOMS

MUTMUT, SAMPLE = "mutmut==3.8.1", 50


def environment():
    """Python of an environment with mutmut, made once (raises CourseError where there can be none)."""
    if os.name == "nt":
        raise CourseError("mutmut needs a system with fork: Linux, macOS, or WSL on Windows.")
    try:
        return guests.python_in(run.HOME / "environment", [[MUTMUT]])
    except subprocess.CalledProcessError:
        raise CourseError(f"{MUTMUT} could not be installed. Is this machine connected?") from None


def size(word):
    """Number of mutants to draw from "all" (None) or a number from 1 on (raises CourseError)."""
    if word == "all":
        return None
    if not word.isdecimal() or int(word) < 1:
        raise CourseError(f"SAMPLE={word} is neither a number from 1 on nor all.")
    return int(word)


def main(arguments):
    """Run, write the page, print what is left to do; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description="Plant faults in utils.")
    parser.add_argument("--sample", default=str(SAMPLE), help=f"mutants a room, or all (default {SAMPLE})")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(ROOMS)} (default all of them)")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.rooms) - set(ROOMS)):
        raise CourseError(f"There is no room {', '.join(unknown)}. Rooms: {', '.join(ROOMS)}.")
    sample, python = size(options.sample), environment()
    outcomes, reasons = report.stored()
    for room in options.rooms or ROOMS:
        outcomes[room] = run.examine(room, python, sample)
        print(f"{report.HEADING}\n{report.row(room, outcomes[room])}", flush=True)
        outcomes = {name: outcomes[name] for name in ROOMS if name in outcomes}
        report.store(outcomes)
        report.PAGE.write_text(report.text(outcomes, reasons), "utf-8", newline="\n")
    return verdict({room: outcomes[room] for room in options.rooms or ROOMS}, reasons)


def verdict(outcomes, reasons):
    """Print what is left to do; returns the exit status."""
    if todo := report.unexplained(outcomes, reasons):
        print(f"\nThese survived: write a test, or say why in {report.REASONS}:\n\n{todo}")
    below = [room for room, outcome in outcomes.items() if report.score(outcome) < report.LEAST]
    if below:
        print(f"\nBelow {report.LEAST:.0%}: {', '.join(below)}")
    return int(bool(todo or below))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CourseError as error:
        sys.exit(f"\n{error}")
