"""Is what the chapters call better better? Every claim over at least three seeds, with mean and spread.

    python benchmarks/accuracy.py                  # every claim again (an hour; claims on CIFAR-10 need COURSE_DATA)
    python benchmarks/accuracy.py --claim NAME ... # only these
    python benchmarks/accuracy.py --list           # their names, and what they say
    python benchmarks/accuracy.py --quick          # one claim a chapter, one seed: does the table still hold?

Results are kept claim by claim in results/accuracy.json, which chapters read with `runtime.results("accuracy")`, and as
a table in results/accuracy.md. A difference is called clear where the runs of both variants do not overlap and their
means lie more than two standard deviations of such a difference apart; otherwise it is inside the noise.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from datetime import date
from itertools import islice
from pathlib import Path

from filelock import FileLock

from benchmarks import _common
from benchmarks.claims import registry

JSON, TABLE = _common.RESULTS / "accuracy.json", _common.RESULTS / "accuracy.md"


def measure(claim):
    """Run all variants of a claim with all its seeds: what is kept of it in accuracy.json (dict)."""
    train, test = claim.data()
    variants = {}
    for label, run in claim.variants.items():
        runs = []
        for seed in claim.seeds:
            runs.append(run(train, test, seed))
            print(f"{claim.name}: {label}, seed {seed}: {runs[-1]['accuracy']:.2%}", file=sys.stderr, flush=True)
        variants[label] = {metric: summary([run[metric] for run in runs]) for metric in runs[0]}
    kept = {"chapter": claim.chapter, "says": claim.says, "data": train.name.removesuffix(" train")}
    kept |= {"train_images": len(train), "test_images": len(test), "seeds": list(claim.seeds), "variants": variants}
    return {**kept, "compared": compared(variants), "date": date.today().isoformat(), "machine": _common.machine()}


def summary(runs):
    """Runs, mean and sample standard deviation (dict), rounded to what can be measured."""
    return {
        "runs": [round(run, 5) for run in runs],
        "mean": round(statistics.mean(runs), 5),
        "std": round(statistics.stdev(runs), 5),
    }


def compared(variants):
    """Each later variant against the first: {label: {"against", "difference", "clear"}}, of accuracies in [0, 1]."""
    base, *others = variants
    return {
        label: {
            "against": base,
            "difference": round(variants[label]["accuracy"]["mean"] - variants[base]["accuracy"]["mean"], 5),
            "clear": clear(variants[label]["accuracy"], variants[base]["accuracy"]),
        }
        for label in others
    }


def clear(a, b):
    """True where two summaries differ by more than the noise (the rule in this file's first lines)."""
    overlap = min(a["runs"]) <= max(b["runs"]) and min(b["runs"]) <= max(a["runs"])
    return not overlap and abs(a["mean"] - b["mean"]) > 2 * math.hypot(a["std"], b["std"])


def keep(name, result):
    """Put one claim's result into accuracy.json, beside those of the others, and write the table anew."""
    _common.RESULTS.mkdir(exist_ok=True)
    with FileLock(Path(tempfile.gettempdir()) / "course_accuracy.lock"):  # several claims may be measured at once
        claims = {**stored(), name: result}
        claims = dict(sorted(claims.items(), key=lambda item: (item[1]["chapter"], item[0])))
        replace(JSON, json.dumps({"claims": claims}, indent=1) + "\n")
        replace(TABLE, table(claims))


def stored():
    """What accuracy.json holds: {name: result}."""
    return json.loads(JSON.read_text())["claims"] if JSON.is_file() else {}


def replace(path, text):
    """Write a file as a whole, so that nobody reads half of it."""
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(text, newline="\n")
    os.replace(fresh, path)


def table(claims):
    """All results as Markdown."""
    lines = [
        "| claim | data | variant | test accuracy, mean ± standard deviation | against the first |",
        "|---" * 5 + "|",
    ]
    for name, result in claims.items():
        for label, metrics in result["variants"].items():
            accuracy, rival = metrics["accuracy"], result["compared"].get(label)
            verdict = f"{100 * rival['difference']:+.1f} points, " if rival else ""
            verdict += ("clear" if rival["clear"] else "inside the noise") if rival else ""
            figure = f"{accuracy['mean']:.1%} ± {100 * accuracy['std']:.1f} ({len(accuracy['runs'])} seeds)"
            lines.append(f"| {name} | {result['data']} | {label} | {figure} | {verdict} |")
    made = "Made by `python benchmarks/accuracy.py`; machine, versions and date of each claim are in accuracy.json."
    return "\n".join([*lines, "", made, ""])


def agrees(claim):
    """Measure the first two variants once more, with the first seed: True where they lie within the stored spread.

    The spread is three standard deviations, of the seeds and of a test set of this size together: another processor
    rounds differently, and a training run carries such differences far.
    """
    train, test = claim.data()
    fine, start = True, time.perf_counter()
    for label, run in islice(claim.variants.items(), 2):
        kept = stored()[claim.name]["variants"][label]["accuracy"]
        got = run(train, test, claim.seeds[0])["accuracy"]
        sampling = math.sqrt(kept["mean"] * (1 - kept["mean"]) / len(test))
        allowed = 3 * math.hypot(kept["std"], sampling)
        fine = fine and abs(got - kept["mean"]) <= allowed
        print(f"{claim.name}: {label}: {got:.1%}, stored {kept['mean']:.1%} ± {allowed:.1%}", flush=True)
    print(
        f"chapter {claim.chapter}: {'agrees' if fine else 'DIFFERS'} ({time.perf_counter() - start:.0f} s)", flush=True
    )
    return fine


def options(arguments, claims):
    """The command line (argparse.Namespace); ends the program where it names no claim."""
    parser = argparse.ArgumentParser(description="Measure what the chapters claim about accuracy.")
    parser.add_argument("--claim", nargs="+", choices=sorted(claims), metavar="NAME", help="only these claims")
    parser.add_argument("--quick", action="store_true", help="compare one claim a chapter with the stored table")
    parser.add_argument("--list", action="store_true", help="print the claims")
    return parser.parse_args(arguments)


def main(arguments=None):
    """Measure claims, or compare them with what is stored; returns the exit status."""
    claims = registry()
    chosen = options(arguments, claims)
    if chosen.list:
        print("\n".join(f"{claim.chapter:02} {name}: {claim.says}" for name, claim in claims.items()))
        return 0
    names = chosen.claim or [name for name, claim in claims.items() if claim.quick or not chosen.quick]
    if chosen.quick:
        if unknown := set(names) - set(stored()):
            raise SystemExit(f"Nothing is stored of {', '.join(sorted(unknown))}. Measure it with --claim first.")
        return 0 if all([agrees(claims[name]) for name in names]) else 1
    for name in names:
        try:
            keep(name, measure(claims[name]))
        except FileNotFoundError as missing:
            print(f"{name}: not measured. {missing}", file=sys.stderr)
    print(TABLE.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
