"""Environments beside the course's own, for programs that it does not depend on but measures itself with."""

import os
import subprocess
import sysconfig
import venv
from collections.abc import Iterable
from pathlib import Path


def python_in(home: Path, steps: Iterable[list[str]]) -> Path:
    """Interpreter of an environment in `home` that sees the packages of the one that runs this; made once.

    Args:
        home: folder of the environment.
        steps: arguments of `pip install`, one list a step.

    Raises:
        subprocess.CalledProcessError: pip failed, and has said why.
    """
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = home / "installed"
    if not done.is_file():
        venv.create(home, clear=True)  # without pip: the course's is seen, and installs here
        asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        packages = Path(subprocess.check_output(asked, text=True).strip())
        (packages / "course.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
        for step in steps:
            subprocess.run([python, "-m", "pip", "install", "--no-compile", "--quiet", *step], check=True)
        done.touch()
    return python
