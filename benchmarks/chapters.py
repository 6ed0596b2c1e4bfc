"""How long does a chapter run, and how much memory does it take with the server? Ours: 60 s, and Binder's 2 GB.

    python benchmarks/chapters.py          # every chapter
    python benchmarks/chapters.py 04 07    # these; what was measured of the others stays

Each chapter runs from top to bottom in a fresh kernel, offline and on one thread, as the build runs it, while the
memory of the kernel and of what it starts is read five times a second. Pages that several processes share are counted
once, as a container counts them (Linux's "proportional set size"; elsewhere shared pages are counted as often as they
are shared). To the peak is added what JupyterLab's server holds while the chapter is open. The part that `import torch,
torchvision` takes is told apart: PyPI's build for Linux brings CUDA along and is larger than the build for the CPU that
Binder gets from conda-forge, so that the sums are upper bounds. The exit status is 1 where a chapter is over a limit.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from benchmarks import _common
from tests.browser.lab import serving
from tools.building.course import ROOT, Course
from tools.building.execute import execute
from tools.building.notebook import draft

LIMIT_MB, LIMIT_SECONDS, LIMIT_COURSE = 2000, 60, 600
MEGABYTE, PAUSE = 10**6, 0.2  # bytes, seconds
IMPORT = "import torch, torchvision; print(flush=True); input()"


def held(process):
    """Bytes of memory that are this process's: its share of what it shares where the system tells, else all of it."""
    memory = process.memory_full_info()
    return getattr(memory, "pss", memory.rss)


def held_together(processes):
    """Megabytes that these processes and all that they started hold; those that have ended hold none."""
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            for one in [process, *process.children(recursive=True)]:
                with suppress(psutil.Error):
                    total += held(one)
    return total / MEGABYTE


@contextmanager
def peak():
    """Watches what this process starts; yields a list of one number, the most megabytes that it held so far."""
    most, done = [0.0], threading.Event()
    before = set(psutil.Process().children())

    def watch():
        while not done.wait(PAUSE):
            most[0] = max(most[0], held_together(set(psutil.Process().children()) - before))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def chapter(course, header):
    """{"seconds", "kernel_mb"} of a chapter: from the start of its kernel to its last cell, and the kernel's peak."""
    start = time.perf_counter()
    with peak() as most:
        execute(course, header, draft(course, header))
    print(f"{header.name}: {most[0]:.0f} MB", file=sys.stderr, flush=True)
    return {"seconds": round(time.perf_counter() - start, 1), "kernel_mb": round(most[0])}


def server():
    """Megabytes of JupyterLab's server, once it has given out its page and a chapter."""
    with serving(ROOT, Path(tempfile.mkdtemp())) as url:
        for page in ("lab", "api/contents/chapters/01_convolution_by_hand.ipynb"):
            urllib.request.urlopen(f"{url}/{page}").read()
        return round(held_together(psutil.Process().children()))


def imports():
    """Megabytes of a Python that has imported PyTorch and nothing else."""
    command = [sys.executable, "-c", IMPORT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as python:
        python.stdout.readline()
        megabytes = held_together([psutil.Process(python.pid)])
        python.communicate("\n")
    return round(megabytes)


def main(numbers):
    """Measures chapters `numbers` (list of str), all where there are none; returns the exit status."""
    course = Course.load(ROOT)
    headers = [course.by_number[int(number)] for number in numbers] or course.headers
    earlier = _common.RESULTS / "chapters.json"
    kept = json.loads(earlier.read_text())["chapters"] if numbers and earlier.is_file() else {}
    with _common.watched() as load:
        context = {"server_mb": server(), "import_torch_mb": imports()}
        chapters = kept | {header.name: chapter(course, header) for header in headers}
    return report(dict(sorted(chapters.items())), {**context, **load})


def report(chapters, context):
    """Writes the table; 1 where a chapter with its server, or the whole course, is over a limit, else 0."""
    server_mb, torch_mb = context["server_mb"], context["import_torch_mb"]
    table = [["chapter", "seconds", "kernel, peak MB", "of these import torch", "server MB", "together"]]
    for name, row in chapters.items():
        memory = [row["kernel_mb"], torch_mb, server_mb, row["kernel_mb"] + server_mb]
        table.append([name, f"{row['seconds']:.0f}", *map(str, memory)])
    seconds = [row["seconds"] for row in chapters.values()]
    together = max(row["kernel_mb"] for row in chapters.values()) + server_mb
    table.append(["all, one after another", f"{sum(seconds):.0f}", "", "", "", f"at most {together}"])
    limits = {"mb": LIMIT_MB, "seconds": LIMIT_SECONDS, "seconds_of_all": LIMIT_COURSE}
    met = together <= LIMIT_MB and max(seconds) <= LIMIT_SECONDS and sum(seconds) <= LIMIT_COURSE
    _common.write("chapters", {**context, "limits": limits, "met": met, "chapters": chapters}, table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
