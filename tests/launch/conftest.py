"""The releases that the tests open elsewhere, each made once."""

import shutil
import subprocess
import sys

import pytest

from tests.browser.conftest import browser  # noqa: F401  (the fixture)
from tests.launch.release import commit, copy_tree
from tools.publishing.workshop import Workshop


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """A copy of what git keeps of the course, in a folder named as in GitHub's archive; not to be changed."""
    return copy_tree(tmp_path_factory.mktemp("release") / "convnets-0.1.0")


@pytest.fixture(scope="session")
def sources(tree, tmp_path_factory):
    """The release as pip can install it: {"zip", "wheel", "git", "broken"} -> address without the network."""
    folder = tmp_path_factory.mktemp("sources")
    archive = shutil.make_archive(str(folder / "v0.1.0"), "zip", tree.parent, tree.name)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=tree, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    repository = commit(shutil.copytree(tree, folder / "repository"))
    return {
        "zip": f"file://{archive}",
        "wheel": wheel.as_uri(),
        "git": f"git+{repository.as_uri()}",
        "broken": (folder / "v9.9.9.zip").as_uri(),
    }


@pytest.fixture(scope="session")
def workshop():
    """The environment of repo2docker and Sphinx; where it was not made, the test is skipped."""
    made = Workshop()
    if not made.is_ready():
        pytest.skip("needs .venv-publish: python -m tools.publishing.workshop")
    return made
