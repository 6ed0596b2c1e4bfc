"""The values of docs/jupyterhub.md: valid, enough memory for what was measured, one folder of data, read only."""

import re
from pathlib import Path

import yaml

from tools.course import ROOT
from utils import runtime

PAGE = Path(ROOT, "docs", "jupyterhub.md").read_text("utf-8")
VALUES = yaml.safe_load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
STUDENT = VALUES["singleuser"]


def megabytes(text):
    """Megabytes of a size as Kubernetes and JupyterHub write it, in powers of 1024."""
    return int(text.removesuffix("G")) * 1024**3 / 10**6


def test_memory_is_enough_for_every_chapter_as_measured():
    measured = runtime.results("chapters")
    peaks = [row["kernel_mb"] + measured["server_mb"] for row in measured["chapters"].values()]
    assert max(peaks) < megabytes(STUDENT["memory"]["limit"])
    below = sum(peak < megabytes(STUDENT["memory"]["guarantee"]) for peak in peaks)
    assert below > len(peaks) / 2


def test_data_are_where_the_course_looks_and_read_only():
    (volume,) = STUDENT["storage"]["extraVolumes"]
    (mount,) = STUDENT["storage"]["extraVolumeMounts"]
    assert volume["name"] == mount["name"]
    assert volume["persistentVolumeClaim"]["readOnly"] is mount["readOnly"] is True
    assert STUDENT["extraEnv"]["COURSE_DATA"] == mount["mountPath"]
    assert all(isinstance(value, str) for value in STUDENT["extraEnv"].values())  # YAML would make a number of 1


def test_students_work_does_not_hide_the_chapters():
    user = re.search(r"repo2docker .*--user-name (\w+)", PAGE)[1]  # whose home repo2docker puts the course into
    assert STUDENT["storage"]["homeMountPath"].startswith(f"/home/{user}/")
    first = STUDENT["defaultUrl"].removeprefix("/lab/tree/")
    assert Path(ROOT, first).is_file()
