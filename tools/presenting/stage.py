"""JupyterLab as the room sees it: the talk begun, large type, dark or light, the keys of a presenter's remote."""

import json
import shutil
from pathlib import Path

from tools import lab
from tools.environment import CourseError

_THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# Wherever the focus is, in an explorer or nowhere: the remote of somebody who walks about must always work.
_IN_TALK = "body[data-jp-deck-mode='presenting']"
_KEYS = {"PageDown": "deck:forward", "PageUp": "deck:back"}


def prepare(folder: Path, theme: str) -> dict[str, str]:
    """Write Lab's settings for a talk below `folder`, made anew.

    Args:
        folder: for nothing else.
        theme: "light", "dark", or "" for light.

    Returns:
        environment variables with which Lab finds them; nobody's own settings can disturb a talk.

    Raises:
        CourseError: there is no such theme.
    """
    if theme and theme not in _THEMES:
        raise CourseError(f"THEME={theme} is not known. THEME is light or dark.")
    shutil.rmtree(folder, ignore_errors=True)
    for plugin, settings in _settings(_THEMES[theme or "light"]).items():
        path = folder / "settings" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings, indent=2), "utf-8")
    custom = folder / "config" / "custom"
    custom.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("custom.css"), custom)
    return {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }


def _settings(theme: str) -> dict[str, dict]:
    keys = [{"command": name, "args": {}, "keys": [key], "selector": _IN_TALK} for key, name in _KEYS.items()]
    return {
        "@jupyterlab/apputils-extension/themes": {"theme": theme},
        "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "codeCellConfig": {"lineWrap": True}},
        "@jupyterlab/shortcuts-extension/shortcuts": {"shortcuts": keys},
        "jupyterlab-slideshow/plugin": {"active": True},
    }


def command(python: Path, root: Path, notebook: Path, port: str = "") -> list[str]:
    """Command that opens the talk in `notebook`, a file below `root`; else as `lab.command`."""
    page = f"/lab/tree/{notebook.relative_to(root).as_posix()}"
    return [*lab.command(python, root, port, page), "--LabApp.custom_css=True"]
