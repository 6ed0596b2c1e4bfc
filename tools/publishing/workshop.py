"""The environment in which the talk and the site are made: `.venv-publish`, made once, kept up to date.

    .venv/bin/python -m tools.publishing.workshop    # makes it, prints where it is

It holds Sphinx and what it needs, repo2docker, and from npm what the pages bring along: reveal.js and MathJax.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path

from tools import environment
from tools.environment import CourseError, Environment

LISTS = Path(__file__).parent
NPM_SECONDS = 600


class Workshop(Environment):
    """The virtual environment `.venv-publish` of the course under `root`, npm's packages beside Python's."""

    @property
    def folder(self) -> Path:
        """The environment itself."""
        return self.root / ".venv-publish"

    def package(self, name: str) -> Path:
        """Folder of npm's package `name`."""
        return self.folder / "node_modules" / name

    def is_ready(self) -> bool:
        """True if everything that the lists name is installed."""
        return self.read_stamp().get("key") == self._key and self.version() is not None

    def ensure(self) -> "Workshop":
        """Make it, or bring it up to date, at once where nothing changed; returns itself.

        Raises:
            CourseError: that could not be done; the message says why.
        """
        if not self.is_ready():
            npm = shutil.which("npm")
            if npm is None:
                raise CourseError("The talk and the site need npm, which comes with Node.js: https://nodejs.org")
            environment.create(self)
            print("Fetching what the talk and the site are made with (a minute, once)", flush=True)
            environment.run_pip(self, ["-r", str(LISTS / "requirements.txt")])
            self._install_npm_packages(npm)
            self.write_stamp(environment.AS_BEFORE, self._key)
        return self

    def _install_npm_packages(self, npm: str) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(LISTS / name, self.folder)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=NPM_SECONDS)
        if done.returncode:
            raise CourseError(f"npm could not fetch reveal.js and its kin:\n{done.stderr.strip()}")

    @cached_property
    def _key(self) -> str:
        names = ("requirements.txt", "package-lock.json")
        parts = [*((LISTS / name).read_bytes() for name in names), os.fsencode(self.root), sys.version.encode()]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()


if __name__ == "__main__":
    try:
        print(f"The talk and the site are made in {Workshop().ensure().folder}")
    except CourseError as error:
        sys.exit(str(error))
