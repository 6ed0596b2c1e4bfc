"""The course as a release: what git keeps, copied, zipped as GitHub does, or in a repository of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.course import ROOT

IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def copy_tree(target):
    """Copies the files that git keeps, or would keep once added, into the folder `target`; returns it."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git, and the course as a git repository")
    for name in filter(None, listed.split("\0")):
        if (source := Path(ROOT, name)).is_file():  # not what was deleted and not yet committed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


def commit(folder):
    """Makes a git repository of `folder`, with all its files in one commit; returns the folder."""
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "release"]):
        subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True)
    return folder
