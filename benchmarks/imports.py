"""What does `import` cost, for the course and each of its rooms?

    python benchmarks/imports.py

Each import runs in a fresh Python, in turns; what Python alone takes to start is taken off.
"""

import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks import _common
from tools.course import ROOT

REPEATS = 7
LIMIT = 0.1  # seconds, of `import utils`
NOTHING, COURSE = "nothing", "utils"


def rooms():
    """Names of the packages and modules of `utils`, sorted."""
    found = [path for path in Path(ROOT, "utils").iterdir() if path.is_dir() or path.suffix == ".py"]
    return sorted(f"utils.{path.stem}" for path in found if not path.name.startswith(("_", ".")))


def python(line):
    """What a fresh Python prints that runs one line."""
    return subprocess.run([sys.executable, "-c", line], check=True, capture_output=True, text=True, cwd=ROOT).stdout


def main():
    """Measure, write results/imports.*, and return the exit status: 1 where `import utils` is slow or brings torch."""
    names = [COURSE, *rooms(), "torch"]
    tasks = {NOTHING: partial(python, "pass")} | {name: partial(python, f"import {name}") for name in names}
    _common.interleaved(tasks, 1)  # compiles, and brings files into memory
    with _common.watched() as load:
        seconds = _common.interleaved(tasks, REPEATS)
    start = statistics.median(seconds[NOTHING])
    table, result = [["import", f"seconds, median (range) of {REPEATS}", "brings torch"]], {}
    for name in names:
        own = [max(0.0, value - start) for value in seconds[name]]
        torch_too = python(f"import sys, {name}; print('torch' in sys.modules)").strip() == "True"
        result[name] = {"seconds": statistics.median(own), "torch": torch_too}
        table.append([name, _common.spread(own, ".3f"), "yes" if torch_too else "no"])
    met = result[COURSE]["seconds"] < LIMIT and not result[COURSE]["torch"]
    _common.write("imports", {"imports": result, "limit": LIMIT, "met": met, **load}, table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
