"""JupyterLab in headless Chromium: serve a folder, open a notebook, run it, see what it did."""

import ast
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import TimeoutError as NotInTime

from tools import lab
from tools.course import ROOT

SCREENSHOTS = Path(ROOT, "build", "screenshots")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # root may not use it, and containers lack what it needs; the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
SETTINGS = {
    # Lab drops cells that are off screen from the page; the tests look at all of them.
    "notebook-extension/tracker": {"windowingMode": "none"},
}
FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
)
START_SECONDS = 60
SIZE = {"width": 1280, "height": 900}
OUTSIDE = re.compile(r"^(https?|wss?)://(?!127\.0\.0\.1[:/])")

# The toolbar says "idle" before there is a kernel, and cells that are run then do nothing: wait for the session.
KERNEL_ANSWERS = """async () => {
    const notebook = window.jupyterapp.shell.currentWidget;
    await notebook.context.ready;
    await notebook.sessionContext.ready;
    await notebook.sessionContext.session.kernel.info;
}"""
# Runs the cells at these places; where there is no list, clears all outputs and runs all cells.
START_CELLS = """async places => {
    const commands = window.jupyterapp.commands;
    const notebook = window.jupyterapp.shell.currentWidget.content;
    window.cellsRan = false;
    const all = async () => {
        await commands.execute("notebook:clear-all-cell-outputs");
        await commands.execute("notebook:run-all-cells");
    };
    const some = async () => {
        for (const place of places) {
            notebook.activeCellIndex = place;
            notebook.deselectAll();
            await commands.execute("notebook:run-cell");
        }
    };
    (places ? some() : all()).finally(() => { window.cellsRan = true; });
}"""
CELLS_RAN = """() => {
    const status = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status;
    return window.cellsRan && status === "idle";
}"""
# Runs code beside the notebook's cells; resolves to what it printed.
IN_KERNEL = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code, store_history: false });
    let text = "";
    future.onIOPub = message => { text += message.content.text ?? message.content.evalue ?? ""; };
    await future.done;
    return text;
}"""
REPLACE_CELLS = """sources => {
    const notebook = window.jupyterapp.shell.currentWidget.content.model.sharedModel;
    notebook.insertCells(0, sources.map(source => ({ cell_type: "code", source, metadata: {} })));
    notebook.deleteCellRange(sources.length, notebook.cells.length);
}"""
FORGET = """
from ipywidgets import Widget
Widget.close_all()
get_ipython().run_line_magic("reset", "-f")
"""
ONE_EPOCH = """
from utils import train
_fit = train.fit
train.fit = lambda *arguments, **options: _fit(*arguments, **{**options, "epochs": 1})
"""
CONTENT = "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON()"


@contextlib.contextmanager
def serving(root: Path, scratch: Path, arguments: Sequence[str] = (), **variables: str) -> Iterator[str]:
    """Serve `root` as `make lab` does, on a free loopback port, with nobody's settings.

    Args:
        root: folder that holds the notebooks; Lab may write to it.
        scratch: empty folder for the server's settings and its log.
        arguments: more of them for Lab.
        variables: more of them for its environment.

    Yields:
        the server's address, such as "http://127.0.0.1:12345".

    Raises:
        RuntimeError: it did not start; the message ends with its log.
    """
    port, log = free_port(), scratch / "server.log"
    command = [
        *lab.command(Path(sys.executable), root, str(port)),
        "--no-browser",
        "--expose-app-in-browser",  # lets the tests reach Lab's own objects as window.jupyterapp
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=",
        *arguments,
    ]
    environment = {**_environment(scratch), **variables}
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _environment(scratch: Path) -> dict[str, str]:
    folders = {name: scratch / name.lower() for name in FOLDERS}
    for plugin, settings in SETTINGS.items():
        file = folders["JUPYTERLAB_SETTINGS_DIR"] / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))
    inherited = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # the kernel draws inline
    return {**inherited, **{name: str(folder) for name, folder in folders.items()}}


def _wait_until_it_answers(url: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/api/status", timeout=2):
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start within {START_SECONDS} s:\n{log.read_text()[-2000:]}")


def write_notebook(path, *sources):
    """Write an unexecuted notebook with these code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source.strip()) for source in sources])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def built_on(sources, last):
    """Places of the cells that make the names which the cell at `last` uses, and so on back, and its own.

    Args:
        sources: of all cells in their order, "" where a cell holds no code.
        last: the place of the one that is wanted.
    """
    places, wanted = [], set()
    for place in range(last, -1, -1):
        made, used = names(sources[place])
        if place == last or made & wanted:
            places.append(place)
            wanted |= used
    return places[::-1]


def names(source):
    """Names that a cell makes, and names that it uses: two sets."""
    made, used = set(), set()
    for node in ast.walk(ast.parse(TransformerManager().transform_cell(source))):
        if isinstance(node, ast.Name):
            (made if isinstance(node.ctx, ast.Store) else used).add(node.id)
        elif isinstance(node, ast.alias):
            made.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
    return made, used


class Tab:
    """A browser tab with JupyterLab in it.

    Attributes:
        page: Playwright's page, for whatever this class has no method for.
        console_errors: what the page reported as errors, texts in the order they came.
        outside: addresses beyond this machine that the page asked for; none of these requests leaves.
    """

    def __init__(self, browser: Browser, server: str, width: int = SIZE["width"], height: int = SIZE["height"]):
        # One context for all tabs: what Lab consists of is fetched and compiled once.
        context = browser.contexts[0] if browser.contexts else browser.new_context()
        self.page: Page = context.new_page()
        self.page.set_viewport_size({"width": width, "height": height})
        self.console_errors: list[str] = []
        self.outside: list[str] = []
        self._server = server
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.console_errors.append(message.text))
        self.page.route(OUTSIDE, self._refuse)

    def _refuse(self, route: Route) -> None:
        self.outside.append(route.request.url)
        route.abort()

    def open(self, notebook: str) -> None:
        """Open `notebook`, a path below the served folder, and wait for its kernel."""
        self.page.goto(f"{self._server}/lab/tree/{notebook}?reset")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook").wait_for()
        self.page.evaluate(KERNEL_ANSWERS)

    def run_all(self, seconds: float = 120) -> None:
        """Clear all outputs, run the notebook from top to bottom, wait until the kernel is idle again.

        Raises:
            AssertionError: a code cell was not run, because one before it failed, say.
            playwright TimeoutError: it took longer than `seconds`.
        """
        self._run(None, seconds)
        skipped = [cell["source"] for cell in self.code_cells() if cell["source"] and cell["execution_count"] is None]
        assert not skipped, f"cells were not run: {skipped}"

    def run_instead(self, *sources: str) -> None:
        """Put other code cells into the open notebook, and run them in its kernel, which forgets what it held.

        Raises:
            as `run_all`.
        """
        self.page.evaluate(REPLACE_CELLS, [source.strip() for source in sources])
        self.page.evaluate(IN_KERNEL, FORGET)
        self.run_all()

    def run_explorers(self, seconds: float = 60) -> None:
        """Run the cells that show an explorer, and those which make the names that they use.

        Networks are trained for one epoch at most: what is to be seen of an explorer does not depend on that.

        Raises:
            as `run_all`.
        """
        cells = self.page.evaluate(CONTENT)["cells"]
        sources = [cell["source"] if cell["cell_type"] == "code" else "" for cell in cells]
        shown = [place for place, source in enumerate(sources) if re.search(r"^widgets\.", source, re.MULTILINE)]
        self.page.evaluate(IN_KERNEL, ONE_EPOCH)
        self._run(sorted({place for last in shown for place in built_on(sources, last)}), seconds)

    def _run(self, places: list[int] | None, seconds: float) -> None:
        self.page.evaluate(START_CELLS, places)
        self.page.wait_for_function(CELLS_RAN, timeout=1000 * seconds)
        assert not self.errors(), f"cells failed: {self.errors()}"

    def code_cells(self) -> list[dict]:
        """The open notebook's code cells as nbformat's dictionaries, with outputs."""
        return [cell for cell in self.page.evaluate(CONTENT)["cells"] if cell["cell_type"] == "code"]

    def errors(self) -> list[str]:
        """Name and message of each error among the outputs."""
        outputs = [output for cell in self.code_cells() for output in cell["outputs"]]
        return [f"{out['ename']}: {out['evalue']}" for out in outputs if out["output_type"] == "error"]

    def screenshot(self, name: str) -> Path:
        """Save what the tab shows as build/screenshots/<name>.png; returns that path."""
        path = SCREENSHOTS / f"{name}.png"
        try:
            self.page.screenshot(path=path)
        except NotInTime:  # a Chromium that gets no processor may miss its frame, and then waits for the next for ever
            self.page.bring_to_front()
            self.page.screenshot(path=path)
        return path
