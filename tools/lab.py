"""`make lab`: JupyterLab, opened at the course's first chapter."""

import os
import socket
from pathlib import Path
from urllib.parse import quote

from tools.environment import CourseError

# No question about news, no look for a newer JupyterLab: the course works offline, and asks nobody anything.
QUIET = (
    f"--LabApp.app_settings_dir={Path(__file__).with_name('lab_settings')}",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)


def command(python: Path, root: Path, port: str = "", page: str = "") -> list[str]:
    """Command that serves `root` in JupyterLab.

    Args:
        python: interpreter of the virtual environment.
        root: the course's folder.
        port: number of the port as text; "" for 8888 or the next free one.
        page: what it opens, an address below the server's; "" for the first chapter.

    Raises:
        CourseError: that port is none, or is in use.
    """
    arguments = [str(python), "-m", "jupyterlab", f"--ServerApp.root_dir={root}", *QUIET]
    arguments.append(f"--LabApp.default_url={page or first_page(root)}")
    if port:
        arguments += [f"--ServerApp.port={free(port)}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")  # in a container one is root
    return arguments


def first_page(root: Path) -> str:
    """Address, below the server's, of the first chapter of the course in `root`; the launcher if there is none."""
    chapters = sorted((root / "chapters").glob("[0-9][0-9]_*.ipynb"))
    return f"/lab/tree/chapters/{quote(chapters[0].name)}" if chapters else "/lab"


def free(port: str) -> int:
    """`port` as a number, if this machine lets us listen there (raises CourseError)."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CourseError(f"PORT={port} is no port. Give a number from 1024 to 65535: make lab PORT=8889")
    with socket.socket() as listener:
        if os.name != "nt":  # a port that was just given up counts as free, as it does for JupyterLab
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(port)))
        except OSError as error:
            raise CourseError(
                f"Port {port} cannot be used: {error.strerror}. Take another (make lab PORT={int(port) % 65535 + 1}), "
                "or leave PORT out: JupyterLab then finds a free one."
            ) from None
    return int(port)
