"""Binder without Docker: the Dockerfile as repo2docker renders it, and its postBuild run in the order of that file.

What only the real one proves: that conda-forge has these packages together, how large the image is, that it starts.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.launch.machine import Machine
from tools.building.course import Course
from tools.course import ROOT

pytestmark = pytest.mark.slow


def rendered(workshop, folder):
    """The image that repo2docker would build of `folder` (dict)."""
    script = Path(__file__).with_name("binder_image.py")
    done = subprocess.run([workshop.python, script, folder], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def image(workshop, tree):
    """The image of the course."""
    return rendered(workshop, tree)


def test_repo2docker_takes_the_conda_environment_of_binder(image):
    assert (image["buildpack"], image["python"], image["post_build"]) == (
        "CondaBuildPack",
        "3.12",
        ["binder/postBuild"],
    )
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"' in image["dockerfile"]


def test_every_spec_is_one_for_conda(image):
    assert len(image["specs"]) > 15
    assert {spec: error for spec, error in image["specs"].items() if error} == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [("numpy >=", "numpy >>"), ("tqdm >=", "tqdm[ >="), ("- pip\n", "- 'a b c d'\n")],
)
def test_a_spec_that_is_none_is_found(workshop, tree, tmp_path, before, after):
    folder = tmp_path / "binder"
    shutil.copytree(tree / "binder", folder)
    text = (folder / "environment.yml").read_text()
    assert before in text
    (folder / "environment.yml").write_text(text.replace(before, after))
    assert any(rendered(workshop, tmp_path)["specs"].values())


def test_the_course_is_copied_before_postbuild_and_after_the_environment(image):
    lines = image["dockerfile"].splitlines()
    order = ["env update -p", "COPY --chown=1000:1000 src/ ${REPO_DIR}/", "RUN ./binder/postBuild"]
    places = [next(number for number, line in enumerate(lines) if step in line) for step in order]
    assert places == sorted(places)


@pytest.fixture(scope="module")
def binder(tree, tmp_path_factory):
    """(machine, home): a machine with the environment, the course copied to the home folder, postBuild run there."""
    machine = Machine(tmp_path_factory.mktemp("binder"), without=("jupyterlab_launcher",))
    home = Path(shutil.copytree(tree, machine.folder / "home" / "jovyan"))
    pip = machine.bin / "pip"  # conda brings this command; here pip is one of the linked packages
    pip.write_text(f'#!/bin/sh\nexec "{machine.python}" -m pip "$@"\n')
    pip.chmod(0o755)
    done = machine.run(["./binder/postBuild"], home, HOME=str(home))
    assert done.returncode == 0, done.stderr
    return machine, home


@pytest.mark.skipif(os.name == "nt", reason="Binder's machines run Linux")
def test_postbuild_leaves_the_course_installed_with_its_data(binder):
    machine, home = binder
    assert machine.installed() == {"convnet_course"}
    use = "from utils import data, runtime; print(runtime.shipped_dir(), len(data.mnist(size='embedded')[0]))"
    done = machine.run([machine.python, "-c", use], home / "chapters", HOME=str(home))
    assert done.returncode == 0, done.stderr
    folder, count = done.stdout.split()
    assert Path(folder).is_relative_to(machine.site_packages)
    assert count == "4000"


@pytest.mark.skipif(os.name == "nt", reason="Binder's machines run Linux")
def test_lab_is_told_to_ask_nobody_for_news(binder):
    machine, _ = binder
    overrides = machine.folder / "venv/share/jupyter/lab/settings/overrides.json"
    assert json.loads(overrides.read_text()) == json.loads(Path(ROOT, "tools/lab_settings/overrides.json").read_text())


@pytest.mark.skipif(os.name == "nt", reason="Binder's machines run Linux")
def test_the_badge_opens_a_chapter_that_is_there(binder):
    _, home = binder
    badge = re.search(r"mybinder\.org/v2/gh/[^)\s]*\?urlpath=lab/tree/(\S+?)\)", (home / "README.md").read_text())
    assert badge[1] == f"chapters/{Course.load(home).headers[0].name}.ipynb"
    assert (home / badge[1]).is_file()
