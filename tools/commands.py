"""The commands of the course: what each does, which NAME=VALUE options it takes."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools import environment, lab, suite
from tools.building import address
from tools.course import hand_over
from tools.environment import Choice, CourseError, Environment
from tools.presenting import stage

Options = Mapping[str, str]
COURSE = Environment()
# Benchmarks that take hours, or whose results a chapter shows: each is run by itself, and its chapter built again.
FINDINGS = ("accuracy", "cheques", "retrieval", "zoo")
PUBLISHED = """Every address is now that of {repository}. What is left to do:
  1. commit, and push to github.com/{repository}, which must be public;
  2. push the tag of this version too: notebooks opened elsewhere fetch `utils` from it
     (git tag vX.Y.Z with the version of pyproject.toml, git push --tags);
  3. in the repository's settings, Pages, choose GitHub Actions as the source: the workflow `site` publishes there."""


@dataclass(frozen=True)
class Command:
    """One command: `action(options)` returns the exit status; `options` maps a name to an example and what it does."""

    action: Callable[[Options], int]
    summary: str
    options: Options


# Every command begins with a set-up, so all of them take these.
SETUP = {
    "TORCH": "cpu: PyTorch without CUDA, 2.5 GB in place of 7 (Linux)",
    "VERSIONS": "lowest or newest that pyproject.toml allows, or pinned: what CI proved",
    "PYTHON": "the Python to set up with, such as python3.12",
    "SPACE": "GB of free disk that are enough, if the estimate is wrong",
}


def ready(options: Options) -> bool:
    """Make the virtual environment, or bring it up to date, if need be.

    Returns:
        True if anything was installed.

    Raises:
        CourseError: that could not be done.
    """
    try:
        space = float(options["SPACE"]) if "SPACE" in options else None
    except ValueError:
        raise CourseError(f"SPACE={options['SPACE']} is no number of gigabytes. For example: SPACE=4") from None
    choice = Choice(options.get("TORCH", ""), options.get("VERSIONS", ""))
    return environment.ensure(COURSE, choice, "PYTHON" in options, space)


def python(options: Options, *arguments: str) -> int:
    """Exit status of the virtual environment's Python with these arguments, in the course's folder."""
    ready(options)
    return subprocess.call([str(COURSE.python), *arguments], cwd=COURSE.root)


def setup(options: Options) -> int:
    """Set up, and see to a browser for the tests; a machine without one can still learn."""
    if ready(options) and python(options, "-m", "tools.chromium"):
        print("No Chromium could be had: the browser tests will be skipped. Everything else works.")
    print("The course is set up.")
    return 0


def open_lab(options: Options) -> int:
    """Open JupyterLab; it takes this process's place, so this returns only by raising."""
    ready(options)
    command = lab.command(COURSE.python, COURSE.root, options.get("PORT", ""))
    print("JupyterLab opens in your browser. Stop it with Ctrl-C here.", flush=True)
    os.chdir(COURSE.root)
    hand_over(command, {**environment.KEEP_MEMORY, **os.environ})


def test(options: Options) -> int:
    """Run the test suite."""
    ready(options)
    return suite.run(COURSE.python, *(options.get(name, "") for name in ("STAGE", "DEVICE", "CHAPTERS")))


def check(options: Options) -> int:
    """Run the checks that take seconds."""
    ready(options)
    return suite.run(COURSE.python, "check")


def build(options: Options) -> int:
    """Build the notebooks that are not up to date."""
    force = ["--force"] if options.get("FORCE", "") not in {"", "0"} else []
    return python(options, "tools/build.py", *options.get("CHAPTERS", "").split(), *force)


def solutions(options: Options) -> int:
    """Write the solved notebooks."""
    return python(options, "tools/build.py", "--solutions")


def data(options: Options) -> int:
    """Make the committed data again."""
    return python(options, "tools/make_data.py")


def bench(options: Options) -> int:
    """Run the benchmarks of speed, then write the report; one that misses its target keeps no other from running."""
    scripts = {script.stem: script for script in sorted((COURSE.root / "benchmarks").glob("[a-z]*.py"))}
    speeds = [name for name in scripts if name not in FINDINGS and name != "report"]
    chosen = options.get("BENCHMARKS", "").split() or speeds
    if unknown := [name for name in chosen if name not in scripts]:
        raise CourseError(f"There is no benchmark {unknown[0]!r}. BENCHMARKS are some of: {', '.join(scripts)}.")
    return max([python(options, str(scripts[name])) for name in [*chosen, "report"]])


def mutants(options: Options) -> int:
    """Plant faults in `utils`, and write the page that says which of them the tests notice."""
    sample = ["--sample", options["SAMPLE"]] if "SAMPLE" in options else []
    return python(options, "-m", "tools.mutants", *sample, *options.get("ROOMS", "").split())


def present(options: Options) -> int:
    """Open a chapter as a talk in JupyterLab, which takes this process's place: this returns only by raising."""
    chapter = options.get("CHAPTER", "")
    if not chapter.isdecimal():
        raise CourseError("Which chapter is the talk of? For example: make present CHAPTER=04")
    settings = stage.prepare(COURSE.root / "build" / "present" / "lab", options.get("THEME", ""))
    if python(options, "-m", "tools.presenting.rehearse", chapter):
        raise CourseError("The talk was not opened. What has failed above would have failed on stage.")
    (notebook,) = (COURSE.root / "build" / "present").glob(f"{int(chapter):02}_*.ipynb")
    command = stage.command(COURSE.python, COURSE.root, notebook, options.get("PORT", ""))
    print(
        "The talk opens in your browser; docs/instructor.md says which keys it knows. Ctrl-C here ends it.", flush=True
    )
    os.chdir(COURSE.root)
    hand_over(command, {**environment.KEEP_MEMORY, **os.environ, **settings})


def slides(options: Options) -> int:
    """Make the talks as web pages."""
    return python(options, "-m", "tools.publishing.deck")


def site(options: Options) -> int:
    """Make the course as web pages."""
    return python(options, "-m", "tools.publishing.website")


def publish(options: Options) -> int:
    """Write the repository's address wherever it is shown, then check that none was missed."""
    try:
        address.stamp(COURSE.root, options.get("REPO", ""))
    except ValueError as error:
        raise CourseError(str(error)) from None
    if status := python(options, "tools/build.py") or python(options, "tools/build.py", "--check"):
        return status
    print(PUBLISHED.format(repository=options["REPO"]))
    return 0


def show_help(options: Options) -> int:
    """Print the commands and their options."""
    prefix = "py tools\\course.py" if os.name == "nt" else "make"
    width = len(prefix) + max(map(len, COMMANDS)) + 3
    for name, command in COMMANDS.items():
        print(f"  {prefix + ' ' + name:<{width}}{command.summary}")
        for option, meaning in command.options.items():
            print(f"  {'':<{width}}  {option}={meaning}")
    print("\n  Each of them sets up first where that is needed, and then takes these too:")
    for option, meaning in SETUP.items():
        print(f"  {'':<{width}}  {option}={meaning}")
    return 0


COMMANDS = {
    "setup": Command(setup, "create .venv and install the course into it (about 2 minutes)", {}),
    "lab": Command(open_lab, "open JupyterLab at the course", {"PORT": "8889: the port it listens on"}),
    "test": Command(
        test,
        "prove the course: every test, every notebook, every explorer",
        {
            "STAGE": f"{'|'.join(suite.STAGES)}: only that stage",
            "CHAPTERS": '"04 07": without what belongs to the other chapters',
            "DEVICE": "cuda or mps: the device to test on",
        },
    ),
    "check": Command(check, "lint, stale notebooks, layout: seconds", {}),
    "build": Command(
        build,
        "turn chapters/source into notebooks, where they changed",
        {"CHAPTERS": '"04 07": only these', "FORCE": "1: also those that did not change"},
    ),
    "solutions": Command(solutions, "write the solved notebooks to build/solved", {}),
    "data": Command(data, "make the committed data and its checksums again", {}),
    "bench": Command(bench, "run the benchmarks of speed", {"BENCHMARKS": "train_loop peers: only these"}),
    "mutants": Command(
        mutants,
        "plant faults in utils, count those that the tests notice (half an hour)",
        {"ROOMS": '"layers train": only these', "SAMPLE": "200: how many faults a room, or all"},
    ),
    "present": Command(
        present,
        "rehearse a chapter, open it as a talk in JupyterLab",
        {"CHAPTER": "04: which one", "THEME": "light or dark", "PORT": "8889: the port it listens on"},
    ),
    "slides": Command(slides, "make the talks as web pages without Python or network: build/slides", {}),
    "site": Command(site, "make the course as web pages, with search and the talks: build/site", {}),
    "publish": Command(
        publish, "write the repository's address wherever it is shown", {"REPO": "owner/name on GitHub"}
    ),
    "help": Command(show_help, "print this", {}),
}


def parse(arguments: list[str]) -> tuple[Command, dict[str, str]]:
    """The command that `arguments` name, and its options: NAME=VALUE among them, else from the environment.

    Raises:
        CourseError: no such command or option.
    """
    words = [argument for argument in arguments if "=" not in argument] or ["help"]
    if len(words) > 1 or words[0] not in COMMANDS:
        raise CourseError(f"There is no command {' '.join(words)!r}. Commands: {', '.join(COMMANDS)}.")
    command = COMMANDS[words[0]]
    known = {**command.options, **SETUP}
    given = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    if unknown := sorted(set(given) - set(known)):
        raise CourseError(f"{words[0]} has no option {', '.join(unknown)}. It takes {', '.join(known)}.")
    from_environment = {name: os.environ[name] for name in known if os.environ.get(name)}
    return command, {**from_environment, **given}


def run(arguments: list[str]) -> int:
    """Run the command; returns the exit status, and shows what the reader can put right without a traceback."""
    try:
        command, options = parse(arguments)
        return command.action(options)
    except CourseError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
