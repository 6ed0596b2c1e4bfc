"""The set-up and its door: what they decide, and what they say where something is missing."""

import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tools import course, environment
from tools.environment import Choice, CourseError, Environment

ROOT = Path(course.ROOT)
OLD_PYTHONS = ("2.7", "3.6", "3.8", "3.9")
Usage = namedtuple("Usage", "total used free")


def old_python(version):
    """Path of that old Python, on PATH or among pyenv's; skips the test where there is none."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = [str(path) for path in versions.glob(f"{version}.*/bin/python{version}")]
    if not (found or (found := [path] if (path := shutil.which(f"python{version}")) else [])):
        pytest.skip(f"no Python {version} here")
    return found[0]


@pytest.fixture
def folder(tmp_path):
    """A course of two files, in a folder whose name has a space and an umlaut."""
    root = tmp_path / "mein Kürs"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "constraints.txt").write_text("numpy==2\n")
    return Environment(root)


@pytest.fixture
def installed(folder, monkeypatch):
    """That course with a virtual environment that says it is up to date, and a list of what is done to it."""
    done = []
    monkeypatch.setattr(Environment, "version", lambda self: sys.version_info[:2])
    monkeypatch.setattr(environment, "create", lambda environment: done.append("create"))
    monkeypatch.setattr(
        environment, "install", lambda environment, choice: done.append(f"install {choice.torch}".strip())
    )
    folder.folder.mkdir()
    assert environment.ensure(folder)
    done.clear()
    return folder, done


class TestDoor:
    @pytest.mark.parametrize("version", OLD_PYTHONS)
    def test_old_python_says_what_is_needed(self, version):
        alone = {**os.environ, "PATH": "/nonexistent"}
        told = subprocess.run(
            [old_python(version), "tools/course.py", "lab"], cwd=ROOT, env=alone, capture_output=True, text=True
        )
        assert told.returncode == 1
        assert "needs Python 3.10 to 3.13" in told.stderr
        assert f"is Python {version}." in told.stderr
        assert "Traceback" not in told.stderr

    def test_old_python_hands_over_to_one_that_suits(self, tmp_path):
        name = f"python{course.dotted(sys.version_info[:2])}"
        (tmp_path / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (tmp_path / name).chmod(0o755)
        told = subprocess.run(
            [old_python("3.8"), "tools/course.py", "help"],
            cwd=ROOT,
            env={**os.environ, "PATH": f"{tmp_path}:/bin:/usr/bin"},
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0, told.stderr
        assert "make lab" in told.stdout

    @pytest.mark.parametrize(
        ("version", "suits"), [((3, 9, 18), False), ((3, 10), True), ((3, 13, 2), True), ((3, 14), False)]
    )
    def test_which_pythons_suit(self, version, suits):
        assert course.suits(version) is suits

    def test_advice_names_the_python_that_was_found(self):
        assert "/opt/python3.9 is Python 3.9.18." in course.advice((3, 9, 18, "final", 0), "/opt/python3.9")

    def test_launcher_needs_only_the_standard_library(self):
        probe = "import tools.commands, sys; print(*{name.split('.')[0] for name in sys.modules})"
        bare = subprocess.run([sys.executable, "-S", "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
        assert set(bare.stdout.split()) <= sys.stdlib_module_names | {"tools", "__main__", "__mp_main__"}


class TestStamp:
    def test_nothing_is_done_twice(self, installed):
        folder, done = installed
        assert not environment.ensure(folder)
        assert done == []

    @pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
    def test_a_changed_list_installs_again(self, installed, name):
        folder, done = installed
        (folder.root / name).write_text("changed")
        assert environment.ensure(folder)
        assert done == ["install"]

    def test_a_moved_folder_installs_again(self, installed):
        folder, done = installed
        moved = Environment(folder.root.with_name("elsewhere"))
        folder.root.rename(moved.root)
        assert environment.ensure(moved)
        assert done == ["install"]

    def test_an_interrupted_set_up_is_done_again_with_the_same_choice(self, installed, monkeypatch):
        folder, done = installed

        def interrupted(environment, choice):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(environment, "install", interrupted)
            with pytest.raises(KeyboardInterrupt):
                environment.ensure(folder, Choice(torch="cpu"))
        assert environment.ensure(folder)
        assert done == ["install cpu"]

    @pytest.mark.parametrize("found", [None, (3, 9)])
    def test_a_broken_or_old_environment_is_made_anew(self, installed, monkeypatch, found):
        folder, done = installed
        monkeypatch.setattr(Environment, "version", lambda self: found)
        environment.ensure(folder)
        assert done == ["create", "install"]

    def test_another_python_replaces_it_only_if_named(self, installed, monkeypatch):
        folder, done = installed
        other = (3, 10) if sys.version_info[:2] != (3, 10) else (3, 11)
        monkeypatch.setattr(Environment, "version", lambda self: other)
        environment.ensure(folder)
        assert done == ["install"]
        environment.ensure(folder, python_chosen=True)
        assert done == ["install", "create", "install"]

    def test_other_versions_replace_it_and_are_remembered(self, installed):
        folder, done = installed
        assert environment.ensure(folder, Choice(versions="lowest"))
        assert not environment.ensure(folder)
        assert environment.ensure(folder, Choice(torch="cpu"))
        assert folder.read_stamp()["versions"] == "lowest"
        assert environment.ensure(folder, Choice(versions="pinned"))
        assert done == ["create", "install", "install cpu", "create", "install cpu"]

    def test_a_stamp_that_cannot_be_read_counts_as_none(self, installed):
        folder, _ = installed
        folder.stamp.write_text('{"torch": ')
        assert environment.ensure(folder)
        assert json.loads(folder.stamp.read_text())["key"]

    def test_a_virtual_environment_without_pip_does_not_count(self, tmp_path):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
        assert Environment(tmp_path).version() is None

    @pytest.mark.parametrize(
        ("choice", "says"),
        [
            (Choice(torch="gpu"), r"TORCH=gpu is not known\. TORCH=cpu installs"),
            (Choice(versions="oldest"), r"VERSIONS=oldest is not known\. VERSIONS=lowest and VERSIONS=newest install"),
        ],
    )
    def test_unknown_choices(self, folder, choice, says):
        with pytest.raises(CourseError, match=says):
            environment.ensure(folder, choice)


class TestInstall:
    @pytest.mark.skipif(
        sys.platform != "linux", reason="only Linux has two builds of torch on PyPI and PyTorch's index"
    )
    def test_torch_without_cuda_comes_first_and_alone(self):
        first, second = environment.pip_steps(Choice("cpu", "pinned"))
        assert first[-2:] == ["torch", "torchvision"]
        assert first[first.index("--index-url") + 1] == "https://download.pytorch.org/whl/cpu"
        assert "--no-deps" in first
        assert [second] == list(environment.pip_steps(Choice("", "pinned")))
        assert second == ["-c", "constraints.txt", "-e", ".[test,browser]"]

    def test_lowest_versions_are_the_bounds_of_pyproject(self, folder, monkeypatch):
        asked = []
        monkeypatch.setattr(environment, "run_pip", lambda environment, arguments: asked.append(arguments))
        monkeypatch.setattr(Environment, "python", Path(sys.executable))
        folder.folder.mkdir()
        (folder.root / "pyproject.toml").write_text('dependencies = ["numpy>=2.0", "ruff>=0.17,<0.18"]\n')
        environment.install(folder, Choice("", "lowest"))
        assert asked == [["-c", ".venv/course-lowest.txt", "-e", ".[test,browser]"]]
        assert (folder.root / asked[0][1]).read_text() == "numpy==2.0\nruff==0.17\n"

    def test_newest_versions_are_held_by_nothing(self):
        assert list(environment.pip_steps(Choice("", "newest"))) == [["-e", ".[test,browser]"]]

    def test_a_short_disk_is_said_before_anything_is_made(self, folder, monkeypatch):
        monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**11, 99 * 10**9, 10**9))
        with pytest.raises(CourseError, match=r"has 1\.0 GB free; setting up needs about \d\.\d GB") as told:
            environment.ensure(folder)
        assert "make setup SPACE=" in str(told.value)
        assert ("TORCH=cpu" in str(told.value)) is (sys.platform == "linux")
        assert not folder.folder.exists()

    def test_space_and_an_existing_torch_need_less(self, folder, monkeypatch):
        monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**11, 99 * 10**9, 10**9))
        environment.check_space(folder, "", asked=0.5)
        (folder.folder / "lib/python3.12/site-packages/torch").mkdir(parents=True)
        environment.check_space(folder, "")

    def test_a_python_without_venv_is_said(self, folder, monkeypatch):
        monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(CourseError, match=r"without its module venv.*\n.*apt install python3\.\d+-venv"):
            environment.create(folder)

    def test_a_folder_that_cannot_be_written_is_said(self, folder):
        folder.folder.write_text("a file where the folder should be")
        with pytest.raises(CourseError, match=r"could not be made"):
            environment.create(folder)

    def test_a_package_that_cannot_be_fetched_is_named(self, folder, monkeypatch, tmp_path):
        monkeypatch.setattr(Environment, "python", Path(sys.executable))
        folder.folder.mkdir()
        with pytest.raises(CourseError, match=r"could not be fetched: no-such-package==1\.0(.|\n)*HTTPS_PROXY"):
            environment.run_pip(folder, ["--dry-run", "--no-index", "no-such-package==1.0"])
        assert "no-such-package" in folder.log.read_text()

    @pytest.mark.parametrize(
        ("said", "plain"),
        [
            ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
            ("ERROR: ResolutionImpossible: for help visit", "exclude each other"),
            ("ERROR: No matching distribution found for torch==2.14.1; x", "fetched: torch==2.14.1\n"),
            ("WARNING: Retrying\nERROR: Failed building wheel for x", "installed: ERROR: Failed building wheel for x"),
            ("  OSError: no such folder\nerror: metadata-generation-failed", "installed: OSError: no such folder"),
            ("", "no reason was given"),
        ],
    )
    def test_what_pip_says_is_put_plainly(self, said, plain):
        assert plain in environment.why_pip_failed(said)

    def test_half_installed_packages_are_removed(self, folder):
        packages = folder.folder / "lib/python3.12/site-packages"
        for name in ("whole-1.dist-info", "half-1.dist-info", "~umpy"):
            (packages / name).mkdir(parents=True)
        (packages / "whole-1.dist-info/RECORD").touch()
        environment.remove_half_installed(folder)
        assert [path.name for path in packages.iterdir()] == ["whole-1.dist-info"]
