"""How much memory does a chapter take, its kernel and the server together? Free Binder gives 2 GB.

    python benchmarks/memory.py          # every chapter
    python benchmarks/memory.py 04 07    # these; what was measured of the others stays

Each chapter runs in a fresh kernel from top to bottom, while the resident memory of the kernel and of what it starts is
read ten times a second. To its peak is added what JupyterLab's server holds while the chapter is open. The part that
`import torch, torchvision` takes is told apart: PyPI's build for Linux brings CUDA along and is larger than the build
for the CPU that Binder gets from conda-forge, so that the sums are upper bounds. The exit status is 1 where one is over
2 GB.
"""

import json
import subprocess
import sys
import tempfile
import threading
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from benchmarks import _common
from tests.browser.lab import serving
from tools.building.course import ROOT, Course
from tools.building.execute import execute
from tools.building.notebook import draft

LIMIT, MEGABYTE, PAUSE = 2000, 10**6, 0.1  # megabytes, bytes, seconds
IMPORT = "import torch, torchvision; print(flush=True); input()"


def resident(processes):
    """Megabytes that these processes and all that they started hold in memory; those that have ended hold none."""
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
    return total / MEGABYTE


@contextmanager
def peak():
    """Watches what this process starts; yields a list of one number, the most megabytes that it held so far."""
    most, done = [0.0], threading.Event()
    before = set(psutil.Process().children())

    def watch():
        while not done.wait(PAUSE):
            most[0] = max(most[0], resident(set(psutil.Process().children()) - before))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def chapter(course, header):
    """Peak megabytes of a chapter's kernel."""
    with peak() as most:
        execute(course, header, draft(course, header))
    return round(most[0])


def server():
    """Megabytes of JupyterLab's server, once it has given out its page and a chapter."""
    with serving(ROOT, Path(tempfile.mkdtemp())) as url:
        for page in ("lab", "api/contents/chapters/01_convolution_by_hand.ipynb"):
            urllib.request.urlopen(f"{url}/{page}").read()
        return round(resident(psutil.Process().children()))


def imports():
    """Megabytes of a Python that has imported PyTorch and nothing else."""
    command = [sys.executable, "-c", IMPORT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as python:
        python.stdout.readline()
        held = resident([psutil.Process(python.pid)])
        python.communicate("\n")
    return round(held)


def main(numbers):
    """Measures chapters `numbers` (list of str), all where there are none; returns the exit status."""
    course = Course.load(ROOT)
    headers = [course.by_number[int(number)] for number in numbers] or course.headers
    earlier = _common.RESULTS / "memory.json"
    kept = json.loads(earlier.read_text())["kernel_mb"] if numbers and earlier.is_file() else {}
    fixed = {"server_mb": server(), "import_torch_mb": imports(), "limit_mb": LIMIT}
    kernels = kept | {header.name: chapter(course, header) for header in headers}
    return report(dict(sorted(kernels.items())), fixed)


def report(kernels, context):
    """Writes the table; 1 where a chapter with its server is over the limit, else 0."""
    table = [["chapter", "kernel, peak MB", "of these import torch", "server MB", "together"]]
    server_mb, torch_mb = context["server_mb"], context["import_torch_mb"]
    for name, kernel in kernels.items():
        table.append([name, str(kernel), str(torch_mb), str(server_mb), str(kernel + server_mb)])
    _common.write("memory", {**context, "kernel_mb": kernels}, table)
    return int(any(kernel + server_mb > LIMIT for kernel in kernels.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
