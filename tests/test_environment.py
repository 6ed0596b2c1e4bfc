"""One list of dependencies, four files: pyproject.toml says it, the others must not say anything else."""

import stat
import sys
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools import course, versions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(course.ROOT)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# What conda-forge calls the packages whose name there is another one.
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]


def requirements(texts):
    """{canonical name: SpecifierSet} of PEP 508 requirements."""
    parsed = [Requirement(text) for text in texts]
    return {canonicalize_name(requirement.name): requirement.specifier for requirement in parsed}


def conda_environment():
    """environment.yml: its requirements from conda, without python and pip, and those from pip."""
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = requirements(
        entry for entry in entries if isinstance(entry, str) and not entry.startswith("python=") and entry != "pip"
    )
    (pip,) = [entry["pip"] for entry in entries if isinstance(entry, dict)]
    return conda, requirements(pip)


def pins(python):
    """{canonical name: exact version} that constraints.txt gives for this version of Python."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    parsed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    here = {**default_environment(), "python_version": python}
    chosen = [requirement for requirement in parsed if not requirement.marker or requirement.marker.evaluate(here)]
    names = [canonicalize_name(requirement.name) for requirement in chosen]
    assert len(names) == len(set(names)), f"constraints.txt pins something twice for Python {python}"
    return dict(zip(names, (str(requirement.specifier).removeprefix("==") for requirement in chosen), strict=True))


def direct():
    """{canonical name: SpecifierSet} of all that the course asks for, its extras with it."""
    extras = PROJECT["optional-dependencies"].values()
    wanted = requirements([*PROJECT["dependencies"], *(text for extra in extras for text in extra)])
    del wanted["convnet-course"]  # the extra `test` takes in `build`
    return wanted


def test_conda_has_the_dependencies_of_pyproject():
    conda, pip = conda_environment()
    wanted = requirements(PROJECT["dependencies"])
    assert conda == {CONDA_NAMES.get(name, name): ranges for name, ranges in wanted.items() if name not in pip}
    assert pip == {name: wanted[name] for name in pip}


def test_binder_has_the_same_environment():
    assert (ROOT / "binder/environment.yml").read_bytes() == (ROOT / "environment.yml").read_bytes()


def test_binder_installs_the_course():
    script = ROOT / "binder/postBuild"
    assert "pip install --no-deps" in script.read_text()
    assert script.stat().st_mode & stat.S_IXUSR, "Binder ignores a postBuild that is not executable"


def test_pythons_of_conda_and_launcher_suit_pyproject():
    supported = SpecifierSet(PROJECT["requires-python"])
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (conda,) = [entry.removeprefix("python=") for entry in entries if str(entry).startswith("python=")]
    assert supported.contains(conda)
    minors = [(3, minor) for minor in range(6, 20)]
    assert [version for version in minors if course.suits(version)] == [
        version for version in minors if supported.contains(course.dotted(version))
    ]


@pytest.mark.parametrize("python", PYTHONS)
def test_constraints_pin_every_dependency_within_its_range(python):
    wanted = direct()
    pinned = pins(python)
    assert set(wanted) <= set(pinned)
    assert [name for name, ranges in wanted.items() if not ranges.contains(pinned[name])] == []


def test_every_dependency_has_a_lower_bound_that_can_be_installed_alone():
    wanted = direct()
    lowest = versions.lowest((ROOT / "pyproject.toml").read_text())
    assert set(lowest) == set(wanted)
    assert [name for name, version in lowest.items() if f">={version}" not in str(wanted[name]).split(",")] == []


def test_workflow_tests_every_supported_python():
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())["jobs"]
    matrix = jobs["test"]["strategy"]["matrix"]
    assert matrix["python"] == PYTHONS
    ends = {(job["python"], job["versions"]) for job in matrix["include"]}
    assert ends >= {(PYTHONS[0], versions.LOWEST), (PYTHONS[-1], versions.NEWEST)}
    assert matrix["versions"] == [versions.PINNED]
