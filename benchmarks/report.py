"""Writes benchmarks/README.md, the report of what was measured, from the tables in results/.

python benchmarks/report.py
"""

import sys
from pathlib import Path

from benchmarks import _common

README = Path(__file__).with_name("README.md")
INTRODUCTION = """# What was measured

Two promises stand behind these tables: training wastes next to nothing of what the hardware gives, and a chapter fits
into a minute and into the 2 GB of a free Binder. Each table was made by the script that it names, in one run: rivals
take turns in one process and in changing order, so that a machine that slows down does so for all of them and none
always inherits the same one's memory; the medians are over rounds. What a step frees is kept for the next one, for
rivals too, as `make lab` and `fit` have it (`utils.runtime.keep_memory`). Ratios travel between machines, seconds do
not. Where other programs used more than a twentieth of the machine meanwhile, the table says *disturbed*: then believe
its order, not its digits. No test asserts a time.

`make bench` measures every speed here in one run, half an hour (full MNIST where `COURSE_DATA` has it). What a chapter
shows as its finding, accuracies above all, takes hours and is run script by script: `python benchmarks/accuracy.py`.
This page is written by `python benchmarks/report.py` from `results/`, and `make test` compares the two.
"""
SECTIONS = [
    (
        "What does the loop waste?",
        "`fit` keeps the data set on the device as one tensor of bytes, cuts batches out of it and asks for the loss "
        "once an epoch. As it comes (*default*) it computes in float32 as the tutorial loop does; *fit* is asked for "
        "channels_last and bfloat16 too. The bound is that arithmetic alone: as many steps on one batch that lies "
        "ready, and an evaluation in batches as large.",
        "train_loop",
    ),
    (
        "Beside other training loops",
        "The same network, optimiser and digits; each rival loads data as its own documentation shows. Compare *fit, "
        "default* with them for the loop alone: all compute in float32. *fit* has channels_last and bfloat16 besides, "
        "which the rivals could be given as well.",
        "peers",
    ),
    (
        "How good, how soon?",
        "The recipes that the chapters use on MNIST, three seeds each.",
        "recipes",
    ),
    (
        "How long until 99 %?",
        "All 60,000 digits, a loop and a recipe against a loop and a recipe: the tutorials' (Adam at 0.001, batches of "
        "64, until the goal is reached) and the course's two epochs with batch norm and one cycle of the learning "
        "rate. channels_last and bfloat16 do not pay here: batch norm is computed in float32.",
        "time_to_99",
    ),
    (
        "How does it grow?",
        "An exponent of 1 is proportional. Data and depth must not cost more than that, larger batches must not cost "
        "at all, and the width at most its square.",
        "growth",
    ),
    (
        "What does augmentation cost?",
        "Measured with LeNet, the network for which it would show most.",
        "augmentation",
    ),
    (
        "From loops to a library",
        "The implementations of chapter 01: what each step of the ladder buys.",
        "convolutions",
    ),
    (
        "How long does a learner wait?",
        "From a key or the mouse to new pixels on the screen, in Chromium, kernel included where it is needed.",
        "explorers",
    ),
    ("Time and memory of each chapter", "From the start of the kernel to the last cell, on one thread.", "chapters"),
    (
        "What does an import cost?",
        "PyTorch takes seconds to import, so whatever can do without it does.",
        "imports",
    ),
    (
        "The networks of chapter 13",
        "Published accuracy against speed and memory here.",
        "zoo",
    ),
    ("Reading cheques", "Amounts written with digits of MNIST's test half.", "cheques"),
    ("Looking for digits that look alike", "Codes of autoencoders against plain pixels.", "retrieval"),
]
LONG = """## Is better better?

Every claim of a chapter that one thing learns better than another has at least three seeds, and is called clear only
where the runs do not overlap and the means lie more than two standard deviations apart. The table is long:
[results/accuracy.md](results/accuracy.md). `python benchmarks/accuracy.py --quick` measures one claim a chapter again.
"""


def text():
    """The report (str), as the stored results make it."""
    parts = [INTRODUCTION]
    for title, about, name in SECTIONS:
        table = (_common.RESULTS / f"{name}.md").read_text("utf-8").strip()
        parts.append(f"## {title}\n\n{about}\n\n{table}\n")
    return "\n".join([*parts, LONG])


def main():
    """Write it."""
    README.write_text(text(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
