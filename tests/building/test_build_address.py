"""One address, stamped everywhere: what `make publish` changes, and what the check finds where it disagrees."""

import re

import pytest

from tests.building import toy_course as toy
from tools import build
from tools.building import address, check
from tools.building.course import Course


def publish(root, repository):
    """What `make publish` does, without the virtual environment."""
    address.stamp(root, repository)
    assert build.main([], root) == 0


def everything(root):
    """{name: text} of all files of the course."""
    files = [path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_publishing_changes_addresses_and_nothing_else(root, monkeypatch):
    toy.pretend_built(root)
    monkeypatch.setattr(build, "execute", lambda *_: pytest.fail("a kernel was started"))
    before = everything(root)
    publish(root, "eve/convnets.2")
    assert check.problems(Course.load(root)) == []
    after = everything(root)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"README.md", "pyproject.toml", "chapters/01_double.ipynb", "chapters/03_plain.ipynb"}
    back = {name: re.sub(r"eve/convnets\.2", "ada/course", text) for name, text in after.items()}
    assert {
        name: text.replace("eve.github.io/convnets.2", "ada.github.io/course") for name, text in back.items()
    } == before


def test_publishing_twice_changes_nothing_more(root):
    toy.pretend_built(root)
    publish(root, "eve/convnets")
    once = everything(root)
    publish(root, "eve/convnets")
    assert everything(root) == once


@pytest.mark.parametrize("name", ["", "convnets", "https://github.com/a/b", "a/b/c", "-a/b", "a b/c", 'a/b"\nx = "'])
def test_what_is_no_repository_is_refused_and_nothing_is_written(root, name):
    before = everything(root)
    with pytest.raises(ValueError, match="is no repository"):
        address.stamp(root, name)
    assert everything(root) == before


def test_a_project_without_the_setting_is_refused(root):
    (root / "pyproject.toml").write_text('[project]\nversion = "1"\n')
    with pytest.raises(ValueError, match="must hold one line repository"):
        address.stamp(root, "eve/convnets")


STRAY = [
    ("https://mybinder.org/v2/gh/{}/v1?urlpath=lab", "README.md"),
    ("https://colab.research.google.com/github/{}/blob/v1/x.ipynb", "docs/instructor.md"),
    ("pip install https://github.com/{}/archive/refs/tags/v1.zip", "chapters/source/03_plain.py"),
]


@pytest.mark.parametrize(("line", "name"), STRAY)
@pytest.mark.parametrize("other", ["owner/name", "mallory/course"])
def test_an_address_of_another_course_is_found_wherever_it_stands(root, line, name, other):
    toy.pretend_built(root)
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n# see {line.format(other)}\n")
    (found,) = [problem for problem in check.problems(Course.load(root)) if "shows the address" in problem]
    assert found.startswith(f"{name}: shows the address of {'the placeholder' if other == 'owner/name' else other}")
    assert "Run make publish REPO=ada/course" in found


def test_the_placeholder_of_the_site_is_found(root):
    toy.pretend_built(root)
    (root / "docs").mkdir()
    (root / "docs" / "instructor.md").write_text("<https://owner.github.io/name/04.html>, https://cs231n.github.io/a/")
    assert [problem.split(",")[0] for problem in address.problems(Course.load(root))] == [
        "docs/instructor.md: shows the address of the placeholder"
    ]


def test_before_publishing_the_placeholder_is_no_fault(root):
    toy.pretend_built(root)
    publish(root, address.PLACEHOLDER)
    assert check.problems(Course.load(root)) == []


def test_links_to_the_repositories_of_others_are_theirs(root):
    toy.pretend_built(root)
    (root / "CONTRIBUTING.md").write_text("As in https://github.com/pytorch/vision and https://cs231n.github.io/a/.\n")
    assert check.problems(Course.load(root)) == []
