"""`make publish` on a copy of the whole course: the check passes, and the difference is addresses alone."""

import re
import subprocess

import pytest

from tests.launch.release import commit, copy_tree
from tools import build
from tools.building import address, check
from tools.building.course import Course

ADDRESS = re.compile(r"(owner|example)(/name|/convnets|\.github\.io/name|\.github\.io/convnets)")


@pytest.fixture
def copy(tmp_path):
    """A copy of the course in a git repository of its own."""
    return commit(copy_tree(tmp_path / "course"))


def test_the_difference_shows_only_addresses(copy, monkeypatch):
    monkeypatch.setattr(build, "execute", lambda course, header, _: pytest.fail(f"{header.name} was executed"))
    assert check.problems(Course.load(copy)) == [], "the course is stale before it is published: make build"
    address.stamp(copy, "example/convnets")
    assert build.main([], copy) == 0
    assert check.problems(Course.load(copy)) == []
    difference = subprocess.run(["git", "diff", "-U0"], cwd=copy, capture_output=True, text=True, check=True).stdout
    lines = [line for line in difference.splitlines() if re.match(r"[-+](?![-+])", line)]
    removed, added = ([ADDRESS.sub("ADDRESS", line[1:]) for line in lines if line[0] == sign] for sign in "-+")
    assert removed == added
    assert len(added) >= 2 * len(Course.load(copy).headers)
    assert all("ADDRESS" in line for line in added)
