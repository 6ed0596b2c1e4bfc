"""A machine like Google Colab: PyTorch is installed, and some of what the course needs is not."""

import json
import re
import zipfile

from tests.launch.machine import Machine

# Colab has none of these. Its own notebook stands in for Lab, so that the course must not ask for that one.
MISSING = {"anywidget": "99.0", "captum": "99.0", "jupyterquiz": "99.0"}
OUTPUT = """\
import os, pathlib
def enable_custom_widget_manager():
    with pathlib.Path(os.environ["FAKE_COLAB_LOG"]).open("a") as log:
        log.write("widgets enabled\\n")
"""
# Runs the cells as IPython does, and reports on the last line of its output.
RUN = """\
import json, os
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
succeeded = [shell.run_cell(cell).success for cell in json.loads(os.environ["FAKE_COLAB_CELLS"])]
print()
print(json.dumps(succeeded))
"""


class FakeColab(Machine):
    """Such a machine in the empty folder `folder`; `is_colab=False` gives it everything but google.colab."""

    def __init__(self, folder, is_colab=True):
        super().__init__(folder, without=(*MISSING, "jupyterlab-", "jupyterlab_slideshow", "google"))
        self.log = folder / "log.txt"
        self.log.touch()
        if is_colab:
            colab = self.packages / "google" / "colab"
            colab.mkdir(parents=True)
            (colab / "__init__.py").touch()
            (colab / "output.py").write_text(OUTPUT)
        for name, version in MISSING.items():
            _empty_wheel(self.offered, name, version)

    def run_cells(self, *cells):
        """Runs cells one after another; returns (list of bool, which succeeded; str, all that was shown)."""
        variables = {"FAKE_COLAB_LOG": str(self.log), "FAKE_COLAB_CELLS": json.dumps(cells)}
        done = self.run([self.python, "-c", RUN], self.folder, IPYTHONDIR=str(self.folder / "ipython"), **variables)
        assert done.returncode == 0, done.stderr
        shown, _, succeeded = done.stdout.rstrip().rpartition("\n")
        return json.loads(succeeded), re.sub(r"\x1b\[[0-9;]*m", "", shown + done.stderr)


def _empty_wheel(folder, name, version):
    """Writes a package without content that pip can install."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", f"__version__ = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
