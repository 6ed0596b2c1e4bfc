"""The page docs/mutants.md: scores of the rooms, and a reason for each mutant that survived."""

import json
import math
from dataclasses import asdict
from pathlib import Path

from tools.course import ROOT
from tools.mutants.rooms import ROOMS
from tools.mutants.run import Outcome, Survivor

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

HERE = Path(__file__).parent
RESULTS, REASONS, PAGE = HERE / "results.json", HERE / "survivors.toml", Path(ROOT, "docs", "mutants.md")
LEAST = 0.85  # share of the mutants that the tests must notice, in each room
INTRODUCTION = """# Do the tests notice a fault?

mutmut plants small faults in `utils`, one at a time: another number, `<` for `<=`, an argument left out or None, a
string in other letters. The tests of the room run on each. A fault that makes one fail, or makes them run for many
times as long, was noticed.

`make mutants` writes this page. It draws mutants by lot, and the same again as long as their function is the same; the
interval is Wilson's, 95 %, for all mutants of the room. `make mutants ROOMS="layers train" SAMPLE=all` takes all of
two rooms.

What is left out, and what is not:

- *Only text*: the fault changes nothing but the wording of strings of several words, or of any string in a `raise`.
  A message that is gone, or has other numbers in it, counts.
- Functions under a decorator, which mutmut leaves out, are mutated too: the tool writes `name = decorator(name)` below
  them. Methods that are properties, and code outside of functions (tables, defaults of dataclasses), stay as they are.
- Only the tests that mirror the room run, not those of other rooms that use it, and no notebook.

*harness* is what every check of `utils.checks` runs on, without its clock: that looks at the frames of Python's stack,
and mutmut puts its own among them. *checks* are the judges of the chapters, and the
known slips that they compare an answer with.
"""
HEADING = "| room | mutants | only text | sampled | killed | timed out | survived | score | 95 % interval |"


def interval(hits, trials, z=1.96):
    """Wilson's interval of a share (low, high), for `hits` out of `trials` (Wilson, 1927)."""
    share, spread = hits / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return middle - half, middle + half


def score(outcome):
    """Share of the sampled mutants that the tests noticed."""
    return (outcome.killed + outcome.timed_out) / outcome.sampled


def row(room, outcome):
    """Line of the table."""
    low, high = interval(outcome.killed + outcome.timed_out, outcome.sampled)
    numbers = (outcome.mutants, outcome.only_text, outcome.sampled, outcome.killed, outcome.timed_out)
    cells = [room, *(f"{number:,}" for number in numbers), str(len(outcome.survivors))]
    return f"| {' | '.join([*cells, f'{score(outcome):.1%}', f'{low:.0%} to {high:.0%}'])} |"


def text(outcomes, reasons):
    """The page.

    Args:
        outcomes: {room: Outcome}.
        reasons: {Survivor: why nobody notices it}; a survivor without one is listed as such.
    """
    lines = [INTRODUCTION, HEADING, "|---" * HEADING.count(" | ") + "|---|"]
    lines += [row(room, outcome) for room, outcome in outcomes.items()]
    if missing := [room for room in ROOMS if room not in outcomes]:
        lines += ["", f"Not measured yet: {', '.join(missing)}."]
    lines += ["", "## What survived, and why"]
    for room, outcome in outcomes.items():
        lines += ["", f"### {room}", ""]
        lines += [
            f"- `{one.where}`: `{one.was or '(nothing)'}` became `{one.now or '(nothing)'}`. "
            f"{reasons.get(one, 'No reason was given yet.')}"
            for one in outcome.survivors
        ] or ["Nothing."]
    return "\n".join(lines) + "\n"


def stored():
    """({room: Outcome}, {Survivor: reason}) as the files beside this one have them."""
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    entries = tomllib.loads(REASONS.read_text("utf-8")).get("survivor", [])
    reasons = {Survivor(entry["where"], entry["was"], entry["now"]): entry["why"] for entry in entries}
    return {room: Outcome.from_dict(outcome) for room, outcome in results.items()}, reasons


def store(outcomes):
    """Write results.json."""
    plain = {room: outcome.to_dict() for room, outcome in outcomes.items()}
    RESULTS.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", "utf-8", newline="\n")


def unexplained(outcomes, reasons):
    """Entries for survivors.toml, each waiting for its reason (str), for the survivors that have none."""
    entries = []
    for one in (one for outcome in outcomes.values() for one in outcome.survivors if one not in reasons):
        fields = {**asdict(one), "why": ""}
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
        entries.append("\n".join(["[[survivor]]", *lines]))
    return "\n\n".join(entries)
