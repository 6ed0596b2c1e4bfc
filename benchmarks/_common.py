"""What every benchmark needs: the machine in words, fair timing, and results that say where they were measured."""

import gc
import json
import os
import platform
import statistics
import sys
import time
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path

import psutil
import torch

from utils import runtime

RESULTS = Path(__file__).parent / "results"
BUSY = 0.05  # share of the machine that others may use before a measurement counts as disturbed


def machine():
    """Hardware and versions (dict of str and numbers)."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "accelerator": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    } | {name: metadata.version(name) for name in ("torch", "torchvision", "numpy")}


def interleaved(tasks, repeats, clock=time.perf_counter):
    """Seconds that each task takes, measured in turns so that a machine that slows down does so for all of them.

    Memory that one step frees is kept for the next, as in the notebooks of `make lab`, for rivals too.

    Args:
        tasks: dict of name to function without arguments.
        repeats: rounds; each begins with another task, and every other one goes backwards: no task always follows the
            same one, whose memory and caches it would inherit.
        clock: time.process_time counts this process's work only, for what runs in one thread on a busy machine.

    Returns:
        dict of name to list of `repeats` floats.
    """
    runtime.keep_memory()
    names, seconds = list(tasks), {name: [] for name in tasks}
    for turn in range(repeats):
        first = turn // 2 % len(names)
        for name in (names[first:] + names[:first])[:: -1 if turn % 2 else 1]:
            gc.collect()
            start = clock()
            tasks[name]()
            seconds[name].append(clock() - start)
            print(f"round {turn + 1} of {repeats}: {name}: {seconds[name][-1]:.2f} s", file=sys.stderr, flush=True)
    return seconds


@contextmanager
def watched():
    """Measure what other processes take from the machine meanwhile; yields a dict to be filled at the end.

    Keys: "others", their share of all cores from 0 to 1, and "disturbed", True if that is more than BUSY.
    """
    report, ours, theirs, start = {}, _own_seconds(), _busy_seconds(), time.perf_counter()
    yield report
    spent = (_busy_seconds() - theirs) - (_own_seconds() - ours)
    report["others"] = round(max(0.0, spent / (time.perf_counter() - start) / os.cpu_count()), 3)
    report["disturbed"] = report["others"] > BUSY
    if report["disturbed"]:
        print(
            f"Other processes used {report['others']:.0%} of this machine: measure again on an idle one.",
            file=sys.stderr,
        )


def write(name, result, table):
    """Write results/NAME.json and results/NAME.md, with the machine beside the numbers, and print the table.

    Args:
        name: of the benchmark.
        result: dict of plain values.
        table: list of rows, each a list of str; the first is the heading.
    """
    RESULTS.mkdir(exist_ok=True)
    described = machine()
    (RESULTS / f"{name}.json").write_text(json.dumps({"machine": described, **result}, indent=1) + "\n", newline="\n")
    rows = [f"| {' | '.join(row)} |" for row in table]
    rows.insert(1, "|---" * len(table[0]) + "|")
    where = ", ".join(f"{key} {value}" for key, value in described.items())
    load = "**disturbed by other processes**, " if result.get("disturbed") else ""
    made = f"Made by `python benchmarks/{name}.py`: {load}{where}."
    text = "\n".join([*rows, "", made])
    (RESULTS / f"{name}.md").write_text(text + "\n", newline="\n")
    print(text)


def spread(values, form=".2f"):
    """Median and range in words: "1.23 (1.20 to 1.31)"."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def _processor():
    """Name of the processor; Linux knows it, the others give what they have."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _own_seconds():
    """Processor seconds of this process and of all that it started, those that ended included."""
    own, seconds = psutil.Process(), 0.0
    for process in [own, *own.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile: its parent has its time
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def _busy_seconds():
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0) - getattr(times, "guest", 0)
