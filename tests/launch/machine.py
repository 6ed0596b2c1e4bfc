"""A machine on which the course was never installed: a fresh Python, with the packages that the test chooses.

They are those of the Python that runs the tests, linked one by one. Nothing is fetched: pip may not use the network.
"""

import os
import shutil
import site
import subprocess
import venv
from pathlib import Path

COURSE = ("utils", "convnet_course", "_convnet_course")


class Machine:
    """Such a machine in the empty folder `folder`; `without`: beginnings of the names of packages that it lacks."""

    def __init__(self, folder, without=()):
        self.folder = folder
        venv.create(folder / "venv", with_pip=False, symlinks=os.name != "nt")
        self.bin = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.bin / ("python.exe" if os.name == "nt" else "python")
        (self.site_packages,) = [*folder.glob("venv/lib/python*/site-packages"), *folder.glob("venv/Lib/site-packages")]
        self.packages = folder / "packages"
        self.offered = folder / "offered"
        for made in (self.packages, self.offered):
            made.mkdir()
        self._link_packages((*COURSE, *without))
        (self.site_packages / "linked.pth").write_text(f"{self.packages}\n")

    def _link_packages(self, without):
        for source in (Path(path) for path in site.getsitepackages()):
            for entry in source.iterdir() if source.is_dir() else ():
                target = self.packages / entry.name
                if not entry.name.startswith(without) and not target.exists():
                    _link(entry, target)

    def run(self, command, cwd, **variables):
        """What came of a command (subprocess.CompletedProcess, its words as text); it must not use the network."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        return subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            cwd=cwd,
            env={**inherited, **self.offline_pip(), "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", **variables},
            timeout=300,
        )

    def offline_pip(self):
        """Settings with which pip takes what it lacks from the folder `offered`, and nothing from elsewhere (dict)."""
        return {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.offered),
            "PIP_NO_BUILD_ISOLATION": "0",  # 0 switches the isolation off: hatchling is linked, and there is no network
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def installed(self):
        """What pip has installed here: names (set of str) as in those of the .dist-info folders."""
        return {path.name.split("-")[0] for path in self.site_packages.glob("*.dist-info")}


def _link(source, target):
    """A link where the system allows one, else a copy."""
    try:
        target.symlink_to(source)
    except OSError:  # Windows without the right to make links
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
