"""Mutates one room in a copy of the course, and runs its tests on a sample of the mutants."""

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.course import ROOT
from tools.environment import CourseError
from tools.mutants import source
from tools.mutants.rooms import ROOMS

HOME = Path(ROOT, "build", "mutants")
COPIED = ("utils", "tests", "tools", "benchmarks", "chapters/source", "data", "docs")
CONFIGURATION = """
[tool.mutmut]
source_paths = ["utils"]
only_mutate = {sources}
also_copy = ["tools", "benchmarks", "chapters", "data", "docs"]
pytest_add_cli_args_test_selection = {tests}
process_isolation = "forkserver"  # PyTorch that has run does not survive a fork
timeout_multiplier = 2.0
timeout_constant = 15.0
use_setproctitle = false
"""
# mutmut has no command that only plants; `run` finds these and goes on from them.
PLANT = "from mutmut import __main__ as m; m.makedirs('mutants'); m.copy_src_dir(); m.create_mutants(1)"
# Exit status of pytest under a mutant, as mutmut stores it: 5 and 33 mean that no test runs the code at all.
SURVIVED, TIMED_OUT = {0, 5, 33}, {36, 24, -24, 152, 255, -9}


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed: where it is (dotted name of the function), what stood there, what stands there."""

    where: str
    was: str
    now: str


@dataclass(frozen=True)
class Outcome:
    """What came of one room: numbers of mutants, and those that survived."""

    mutants: int
    only_text: int
    sampled: int
    killed: int
    timed_out: int
    survivors: tuple[Survivor, ...]

    def to_dict(self):
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored):
        """The Outcome that `to_dict` gave."""
        return cls(**{**stored, "survivors": tuple(Survivor(**one) for one in stored["survivors"])})


def examine(room, python, sample):
    """Mutate a room, and run its tests on some of the mutants.

    Args:
        room: a name in ROOMS.
        python: path of an interpreter that has mutmut.
        sample: how many mutants to draw, None for all.

    Returns:
        Outcome.

    Raises:
        CourseError: mutmut failed, for example because a test fails without any mutant.
    """
    folder = HOME / room
    prepare(folder, ROOMS[room])
    call(folder, python, "-c", PLANT)
    functions = planted(folder)
    worth = [name for name, pair in functions.items() if not source.only_text(*pair)]
    drawn = sorted(worth, key=lot)[:sample]
    statuses = tested(folder, python, drawn)
    late = [name for name, status in statuses.items() if status in TIMED_OUT]
    if late:  # once more: a machine that stood still looks the same
        statuses |= tested(folder, python, late)
    timed_out = sum(status in TIMED_OUT for status in statuses.values())
    survivors = [name for name, status in sorted(statuses.items()) if status in SURVIVED]
    return Outcome(
        mutants=len(functions),
        only_text=len(functions) - len(worth),
        sampled=len(drawn),
        killed=len(drawn) - timed_out - len(survivors),
        timed_out=timed_out,
        survivors=tuple(described(name, functions[name]) for name in survivors),
    )


def lot(name):
    """Where a mutant stands in the draw, by its name: code that changes elsewhere does not draw others."""
    return hashlib.sha256(name.encode()).hexdigest()


def prepare(folder, room):
    """Copy the course into an empty `folder`, without decorators in the files to mutate, and tell mutmut what to do."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(Path(ROOT, name), folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for pattern in room.sources:
        for path in folder.glob(pattern):
            path.write_text(source.undecorated(path.read_text("utf-8")), "utf-8")
    tests = [path.relative_to(folder).as_posix() for pattern in room.tests for path in sorted(folder.glob(pattern))]
    settings = CONFIGURATION.format(sources=json.dumps(room.sources), tests=json.dumps(tests))
    (folder / "pyproject.toml").write_text(Path(ROOT, "pyproject.toml").read_text("utf-8") + settings, "utf-8")


def call(folder, *command):
    """Run a program of mutmut in `folder`; what it says goes to a file there (raises CourseError where it fails)."""
    said = folder / "said.txt"
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "COURSE_DATA"}}
    environment = {**clean, "OMP_NUM_THREADS": "1", "COURSE_OFFLINE": "1"}
    with said.open("w", encoding="utf-8") as log:
        status = subprocess.call(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    if status:
        raise CourseError(f"mutmut failed; what it said is in {said}. Do the tests pass without it?")


def planted(folder):
    """{full name of a mutant: (original, mutant)} of all files that mutmut has mutated in `folder`."""
    found = {}
    for stored in sorted((folder / "mutants" / "utils").rglob("*.py.meta")):
        path = stored.with_suffix("")
        module = ".".join(path.relative_to(folder / "mutants").with_suffix("").parts).removesuffix(".__init__")
        for name, pair in source.variants(path.read_text("utf-8")).items():
            found[f"{module}.{name}"] = pair
    return found


def tested(folder, python, names):
    """{full name of a mutant: exit status of its tests}, for those named (raises CourseError where any is missing)."""
    call(folder, python.with_name("mutmut"), "run", "--max-children", "1", *names)
    found = {}
    for stored in (folder / "mutants" / "utils").rglob("*.py.meta"):
        found |= json.loads(stored.read_text("utf-8"))["exit_code_by_key"]
    if any(found[name] is None for name in names):
        raise CourseError(f"mutmut stopped early; what it said is in {folder / 'said.txt'}.")
    return {name: found[name] for name in names}


def described(name, pair):
    """Survivor of a mutant's full name and its pair of functions."""
    module, _, mangled = name.rpartition(".")
    return Survivor(f"{module}.{source.plain(mangled)}", *source.change(*pair))
