"""The course's virtual environment: `.venv`, made once, kept up to date, repaired where it was interrupted."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from tools import versions
from tools.course import ROOT, dotted, suits

TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
GIGABYTE = 10**9
# What utils.runtime.keep_memory says, for notebooks: from the start, and for their own loops too. Other systems ignore
# it. Written out, for nothing that sets the course up may depend on the course.
KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(512 * 2**20), "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20)}

# Size of a finished .venv, and of what pip keeps in the temporary folder meanwhile, measured, with some room.
SPACE_CUDA, SPACE_CPU, SPACE_UPDATE, SPACE_TEMPORARY = 8.0, 2.5, 0.5, 3.0


class CourseError(Exception):
    """Something that the reader can put right: shown as it is, without a traceback."""


@dataclass(frozen=True)
class Choice:
    """What the reader may choose of an installation; "" leaves a choice as it was made before.

    Attributes:
        torch: "cpu" for PyTorch without CUDA (at first: PyPI's build).
        versions: "lowest" or "newest" that pyproject.toml allows, or "pinned" in constraints.txt (at first: that).
    """

    torch: str = ""
    versions: str = ""

    def after(self, stamp: Mapping[str, str]) -> "Choice":
        """This choice, with that of a `stamp` where it leaves one open (raises CourseError if either is none)."""
        torch = self.torch or stamp.get("torch", "")
        chosen = self.versions or stamp.get("versions", "") or versions.PINNED
        if torch not in {"", "cpu"}:
            raise CourseError(f"TORCH={torch} is not known. TORCH=cpu installs it without CUDA; else leave it out.")
        if chosen not in versions.CHOICES:
            raise CourseError(
                f"VERSIONS={chosen} is not known. VERSIONS=lowest and VERSIONS=newest install either end of what "
                "pyproject.toml allows, VERSIONS=pinned what CI proved; else leave it out."
            )
        return Choice(torch, chosen)


AS_BEFORE = Choice()


@dataclass(frozen=True)
class Environment:
    """Where the virtual environment of the course in the folder `root` has its parts."""

    root: Path = Path(ROOT)

    @property
    def folder(self) -> Path:
        """The virtual environment itself."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def stamp(self) -> Path:
        """File that says what was installed, and whether that came to its end."""
        return self.folder / "course-setup.json"

    @property
    def log(self) -> Path:
        """All that pip said."""
        return self.folder / "course-setup.log"

    def site_packages(self) -> list[Path]:
        """The folders that hold its packages."""
        return [*self.folder.glob("lib/python*/site-packages"), *self.folder.glob("Lib/site-packages")]

    def read_stamp(self) -> dict:
        """The stamp's content, {} where there is none that can be read."""
        try:
            return json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def write_stamp(self, choice: "Choice", key: str) -> None:
        """Record what was chosen, and with a `key` that everything which it stands for is installed."""
        self.stamp.write_text(json.dumps({**asdict(choice), "key": key}), "utf-8")

    def version(self) -> tuple[int, ...] | None:
        """(major, minor) of its Python, None where there is none that starts."""
        probe = [str(self.python), "-c", "import sys, pip; print(*sys.version_info[:2])"]
        try:
            answer = subprocess.run(probe, capture_output=True, text=True, timeout=60)
            return tuple(int(part) for part in answer.stdout.split()) or None
        except (OSError, ValueError, subprocess.SubprocessError):
            return None


def ensure(
    environment: Environment, choice: Choice = AS_BEFORE, python_chosen: bool = False, space: float | None = None
) -> bool:
    """Make the virtual environment, or bring it up to date; at once if nothing changed.

    Args:
        environment: which one.
        choice: the build of PyTorch and the versions; other versions than before replace a `.venv` whole.
        python_chosen: the Python that runs this was named by the reader, so replace a `.venv` of another version.
        space: gigabytes to ask of the disk in place of the estimate.

    Returns:
        True if anything was installed.

    Raises:
        CourseError: it could not be done; the message says why and what to try.
    """
    stamp = environment.read_stamp()
    choice = choice.after(stamp)
    version = environment.version()
    remake = version is None or not suits(version) or (python_chosen and version != sys.version_info[:2])
    remake = remake or choice.versions != stamp.get("versions", versions.PINNED)
    key = fingerprint(environment.root, choice, sys.version_info[:2] if remake else version)
    if not remake and stamp.get("key") == key:
        return False
    check_space(environment, choice.torch, space)
    if remake:
        create(environment)
    environment.write_stamp(choice, key="")
    install(environment, choice)
    environment.write_stamp(choice, key)
    return True


def fingerprint(root: Path, choice: Choice, version: tuple[int, ...]) -> str:
    """Hash of everything that decides what is installed: the two lists, Python, what was chosen, the folder."""
    parts = [(root / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    parts += [*map(str.encode, astuple(choice)), dotted(version).encode(), os.fsencode(root)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def check_space(environment: Environment, torch: str, asked: float | None = None) -> None:
    """Raise CourseError where the disk has no room for what is to be installed.

    Args:
        environment: what is to be installed into.
        torch: "cpu" or "".
        asked: gigabytes the reader says are enough, for either folder.
    """
    cuda = sys.platform == "linux" and torch != "cpu"
    has_torch = any((packages / "torch").is_dir() for packages in environment.site_packages())
    here = SPACE_UPDATE if has_torch else SPACE_CUDA if cuda else SPACE_CPU
    temporary = 0 if has_torch else SPACE_TEMPORARY if cuda else SPACE_CPU / 2
    for folder, needed in ((environment.root, here), (Path(tempfile.gettempdir()), temporary)):
        needed, free = asked or needed, shutil.disk_usage(folder).free / GIGABYTE
        if free < needed:
            smaller = "\nPyTorch without CUDA needs much less: make setup TORCH=cpu" if cuda and not has_torch else ""
            raise CourseError(
                f"The disk of {folder} has {free:.1f} GB free; setting up needs about {needed:.1f} GB there.{smaller}\n"
                "Make room (TMPDIR names another temporary folder), or say how many GB are enough: make setup SPACE=4"
            )


def create(environment: Environment) -> None:
    """Make an empty virtual environment with pip, in place of what is there (raises CourseError)."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise CourseError(
            f"Python {dotted(sys.version_info[:2])} ({sys.executable}) comes without its module venv.\n"
            f"On Debian and Ubuntu: sudo apt install python{dotted(sys.version_info[:2])}-venv, then make setup again."
        )
    print(f"Making {environment.folder} with Python {dotted(sys.version_info[:3])}", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(environment.folder)]
    made = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if made.returncode:
        raise CourseError(
            f"The virtual environment {environment.folder} could not be made:\n{(made.stderr or made.stdout).strip()}\n"
            "Delete that folder, see that this one may be written to, then make setup again."
        )


def install(environment: Environment, choice: Choice) -> None:
    """Install the course and what it needs, as chosen (raises CourseError)."""
    print("Installing the course and what it needs (some minutes the first time)", flush=True)
    remove_half_installed(environment)
    environment.log.unlink(missing_ok=True)
    if choice.versions == versions.LOWEST:
        versions.write_lowest(environment.root)
    for arguments in pip_steps(choice):
        run_pip(environment, arguments)
    probe = [str(environment.python), "-c", "import torch, torchvision, jupyterlab, utils"]
    answer = subprocess.run(probe, cwd=environment.root, capture_output=True, text=True, errors="replace")
    if answer.returncode:
        raise CourseError(
            f"Everything was installed, but does not start: {answer.stderr.strip().splitlines()[-1]}\n"
            f"Delete {environment.folder} and make setup again."
        )


def remove_half_installed(environment: Environment) -> None:
    """Delete what a killed pip left: packages without the list of files, which pip writes last, and its backups."""
    for packages in environment.site_packages():
        halves = [info for info in packages.glob("*.dist-info") if not (info / "RECORD").is_file()]
        for leftover in [*halves, *packages.glob("~*")]:
            shutil.rmtree(leftover, ignore_errors=True)


def pip_steps(choice: Choice) -> Iterator[list[str]]:
    """Arguments of `pip install`, one list a step.

    PyTorch's own index holds the build without CUDA. It mirrors only some versions of other packages, so that torch
    and torchvision come from there alone, and the second step adds what they need. Elsewhere than on Linux PyPI's
    build has no CUDA anyway.
    """
    held = versions.PIP_OPTIONS[choice.versions]
    if choice.torch == "cpu" and sys.platform == "linux":
        yield ["--no-deps", *held, "--index-url", TORCH_CPU_INDEX, "torch", "torchvision"]
    yield [*held, "-e", ".[test,browser]"]


def run_pip(environment: Environment, arguments: list[str]) -> None:
    """Run `pip install`: all that it says goes to a file, the milestones to the reader.

    Raises:
        CourseError: pip failed; says why, plainly, and where to read the rest.
    """
    # Python compiles a module when it is first imported; compiling all seven million lines now takes half a minute.
    options = ["--no-compile", "--disable-pip-version-check"]
    command = [str(environment.python), "-m", "pip", "install", *options, *arguments]
    said = []
    with (
        environment.log.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=environment.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as pip,
    ):
        for line in pip.stdout:
            said.append(line)
            log.write(line)
            if milestone := re.match(r"\s*(Downloading \S+ \(.*[MG]B\)|Installing collected packages|ERROR.*)", line):
                print(f"  {milestone[1]}", flush=True)
    if pip.returncode:
        raise CourseError(f"{why_pip_failed(''.join(said))}\nAll that pip said is in {environment.log}.")


def why_pip_failed(said: str) -> str:
    """Plain account of pip's errors, and what to try (str).

    Args:
        said: all that pip wrote.
    """
    again = "Then make setup again: it goes on from what is there."
    if "No space left on device" in said:
        return f"The disk is full. Make room, or set TMPDIR to a folder with room. {again}"
    if missing := re.search(r"(?:No matching distribution found for|satisfies the requirement) ([^\s;(]+)", said):
        return (
            f"A package could not be fetched: {missing[1]}\n"
            "Is this machine connected? Behind a proxy, set HTTPS_PROXY. If it is, the index that pip asks has no "
            f"build of it for this machine and Python (on Windows, Python must be the 64-bit one). {again}"
        )
    if "ResolutionImpossible" in said:
        return "Two packages ask for versions that exclude each other (above). Is constraints.txt as it was released?"
    errors = re.findall(r"^\s*((?:ERROR|error|\w+Error): .+)", said, re.MULTILINE)
    cause = next((error for error in reversed(errors) if "Error: " in error), (errors or ["no reason was given"])[-1])
    return f"A package could not be installed: {cause}\nIf that does not tell, check the connection. {again}"
