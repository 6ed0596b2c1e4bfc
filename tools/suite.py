"""`make test`: the stages of the test suite, in two lanes side by side, each counted, a table at the end."""

import os
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tools.course import ROOT
from tools.environment import KEEP_MEMORY, CourseError

RESULTS = Path(ROOT, "build", "test-results")
# Two processes of one thread each: on two cores that beats one of two threads, and each holds a whole PyTorch in
# memory, so that one a core would be too many elsewhere. loadscope keeps the cells of a notebook together, in order.
PARALLEL = ("-n", "2", "--dist", "loadscope")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
NBVAL = (
    "--nbval-lax",
    "--nbval-current-env",
    "--nbval-cell-timeout=120",
    "--nbval-sanitize-with=tests/nbval.cfg",
)
# Every kernel of the suite begins with it: what the stub of a chapter has trained, the solved notebook need not train.
# The names that it leaves behind would be the notebook's.
TRAINED_ONCE = """import runpy as _runpy
_runpy.run_path({0!r} + "/tests/trained_once.py")["install"](get_ipython(), {1!r})
del _runpy
"""
# What `make check` runs: name and arguments of the virtual environment's Python.
CHECKS = {
    "lint": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "notebooks up to date": ("tools/build.py", "--check"),
    "layout": ("-m", "pytest", "-q", "tests/test_layout.py"),
}


@dataclass(frozen=True)
class Tally:
    """How many tests of a stage passed, failed and were skipped, in how many seconds."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""

    def __add__(self, other: "Tally") -> "Tally":
        counts = (self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)
        return Tally(*counts, self.seconds + other.seconds)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass(frozen=True)
class Runner:
    """Starts the commands of a stage with the Python of the virtual environment, for all chapters or some of them."""

    python: Path
    environment: Mapping[str, str]
    chapters: tuple[int, ...] = ()
    label: str = ""

    def run(self, *arguments: str, **variables: str) -> int:
        """Exit status of Python with these arguments, in the course's folder, each line of its words passed on."""
        with subprocess.Popen(
            [str(self.python), *arguments],
            cwd=ROOT,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout:
                self.say(line.rstrip("\n"))
        return process.returncode

    def say(self, line: str) -> None:
        """Print a line, with the stage it belongs to where several run at once."""
        print(f"{self.label:<9} | {line}" if self.label else line, flush=True)

    def pytest(self, stage: str, *arguments: str, **variables: str) -> Tally:
        """Run pytest and count what it reports."""
        report = RESULTS / f"{stage}.xml"
        report.unlink(missing_ok=True)
        status = self.run("-m", "pytest", "-q", f"--junitxml={report}", *arguments, **variables)
        return count(report, status)

    def tests(self, stage: str, *arguments: str, **variables: str) -> Tally:
        """Run tests of Python files on two processes: those that belong to no chapter, and those of the chapters."""
        chosen = [f"--chapters={' '.join(map(str, self.chapters))}"] if self.chapters else []
        return self.pytest(stage, *arguments, *chosen, *PARALLEL, **variables, **ONE_THREAD)

    def notebooks(self, stage: str, folder: str) -> Tally:
        """Run the notebooks in a folder, each cell, and compare outputs."""
        paths = [str(path) for n in self.chapters for path in Path(ROOT, folder).glob(f"{n:02}_*.ipynb")]
        return self.pytest(stage, *NBVAL, *PARALLEL, *(paths or [folder]), **ONE_THREAD)


def count(report: Path, status: int) -> Tally:
    """Tally of one pytest run.

    Args:
        report: the JUnit file it wrote, which may be missing.
        status: its exit status. Neither 0 (passed), 1 (some failed) nor 5 (no test) means that pytest itself broke.
    """
    try:
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return Tally(failed=1, note=f"pytest ended with status {status} and no report")
    total, failed, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    failed += errors
    note = "" if status in {0, 1, 5} else f"pytest ended with status {status}"
    if status and not failed:
        failed = 1 if total or note else 0
    return Tally(max(total - failed - skipped, 0), failed, skipped, note=note)


def check(runner: Runner) -> Tally:
    """Lint, format, stale notebooks, layout: seconds."""
    tally = Tally()
    for name, arguments in CHECKS.items():
        failed = bool(runner.run(*arguments))
        runner.say(f"{name}: {'failed' if failed else 'passed'}")
        tally += Tally(passed=int(not failed), failed=int(failed))
    return tally


def unit(runner: Runner) -> Tally:
    """Everything in tests/ that needs no browser, and no tools of publishing."""
    elsewhere = ("--ignore=tests/browser", "--ignore=tests/launch", "--ignore=tests/test_layout.py")
    return runner.tests("unit", "tests", *elsewhere, MPLBACKEND="Agg")


def notebooks(runner: Runner) -> Tally:
    """The chapters as a learner opens them, each cell run and the exact outputs compared."""
    return runner.notebooks("notebooks", "chapters")


def solved(runner: Runner) -> Tally:
    """The chapters with every exercise solved."""
    if runner.run("tools/build.py", "--solutions"):
        return Tally(failed=1, note="the solved notebooks could not be built")
    return runner.notebooks("solved", "build/solved")


def browser(runner: Runner) -> Tally:
    """JupyterLab in Chromium. Without one the tests are skipped, and under CI that is a failure."""
    runner.run("-m", "tools.chromium")
    return complete(runner.tests("browser", "tests/browser"))


def launch(runner: Runner) -> Tally:
    """Binder, Colab, the talk and the site, as far as this machine can prove them; skipped without npm or Chromium."""
    runner.run("-m", "tools.publishing.workshop")
    return complete(runner.tests("launch", "tests/launch"))


def complete(tally: Tally) -> Tally:
    """The same tally, failed under CI where tests were skipped because the machine lacks something."""
    if tally.skipped and os.environ.get("CI") == "true":
        return replace(tally, failed=tally.failed + 1, note="no test of this stage may be skipped in CI")
    return tally


STAGES: dict[str, Callable[[Runner], Tally]] = {
    "check": check,
    "unit": unit,
    "notebooks": notebooks,
    "solved": solved,
    "browser": browser,
    "launch": launch,
}
# These mostly wait, for a server to start or a page to be drawn: they run beside the others, which compute.
WAITING = ("browser", "launch")


def run(python: Path, stage: str = "", device: str = "", chapters: str = "") -> int:
    """Run the suite, or one stage of it, and print what came of it.

    Args:
        python: interpreter of the virtual environment.
        stage: one of STAGES, "" for all.
        device: COURSE_DEVICE for the tests.
        chapters: numbers such as "04 07": what belongs to another chapter is left out; "" for all.

    Returns:
        exit status: 0 if every stage ran tests and none failed.

    Raises:
        CourseError: no such stage, or no such chapter.
    """
    numbers = chosen(chapters)
    if stage and stage not in STAGES:
        raise CourseError(f"There is no stage {stage!r}. STAGE is one of: {', '.join(STAGES)}.")
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="course-test-") as empty:
        runner = Runner(python, clean_environment(Path(empty), device), numbers)
        start = time.perf_counter()
        tallies = run_lanes([[stage]] if stage else lanes(), runner)
    report(tallies, time.perf_counter() - start)
    return int(any(tally.failed for tally in tallies.values()))


def chosen(chapters: str) -> tuple[int, ...]:
    """Numbers of the chapters in a text such as "04 07" (raises CourseError where one is none)."""
    for word in chapters.split():
        if not (word.isdecimal() and list(Path(ROOT, "chapters").glob(f"{int(word):02}_*.ipynb"))):
            raise CourseError(f'There is no chapter {word}. For example: make test CHAPTERS="04 07"')
    return tuple(int(word) for word in chapters.split())


def lanes() -> list[list[str]]:
    """The stages that run one after another in each lane."""
    return [[name for name in STAGES if (name in WAITING) == waiting] for waiting in (False, True)]


def run_lanes(names: Sequence[Sequence[str]], runner: Runner) -> dict[str, Tally]:
    """Tally of each stage, by name in the order of STAGES; the lanes run side by side."""

    def run_lane(lane: Sequence[str]) -> dict[str, Tally]:
        return {name: run_stage(name, replace(runner, label=name if len(names) > 1 else "")) for name in lane}

    with ThreadPoolExecutor(len(names)) as pool:
        found = {name: tally for lane in pool.map(run_lane, names) for name, tally in lane.items()}
    return {name: found[name] for name in STAGES if name in found}


def run_stage(name: str, runner: Runner) -> Tally:
    """Tally of one stage, with its time; a stage without a test has failed."""
    runner.say(f"=== {name}: {STAGES[name].__doc__.splitlines()[0]}")
    start = time.perf_counter()
    tally = STAGES[name](runner)
    if not tally.passed + tally.failed + tally.skipped:
        tally = replace(tally, failed=1, note="no test ran")
    return replace(tally, seconds=time.perf_counter() - start)


def clean_environment(empty: Path, device: str) -> dict[str, str]:
    """Environment in which nothing depends on the machine: no network, no full data, nobody's Jupyter settings.

    Args:
        empty: an empty folder for all that.
        device: COURSE_DEVICE, "" for the CPU.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COURSE_", "JUPYTER")) and name not in {"PYTHONPATH", "MPLBACKEND"}
    }
    names = ("COURSE_DATA", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    folders = {name: str(empty / name.lower()) for name in names}
    for folder in folders.values():
        os.mkdir(folder)
    startup = Path(folders["IPYTHONDIR"], "profile_default", "startup")
    startup.mkdir(parents=True)
    (startup / "trained_once.py").write_text(TRAINED_ONCE.format(ROOT, str(empty / "trained")), "utf-8")
    device_too = {"COURSE_DEVICE": device} if device else {}
    return {**KEEP_MEMORY, **kept, **folders, "COURSE_OFFLINE": "1", **device_too}


def report(tallies: Mapping[str, Tally], seconds: float) -> None:
    """Print the table of the stages, then the sum alone on the last line.

    Args:
        tallies: by name of the stage.
        seconds: from the first stage's start to the last one's end, less than their sum where lanes ran side by side.
    """
    whole = replace(sum(tallies.values(), Tally()), seconds=seconds)
    print(f"\n{'stage':<10} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for name, tally in {**tallies, "whole": whole}.items():
        row = f"{name:<10} {tally.passed:>7} {tally.failed:>7} {tally.skipped:>8} {tally.seconds:>8.1f}"
        print(f"{row}   {tally.note}".rstrip())
    print(f"\n{whole}", flush=True)
