"""Runs a notebook in a fresh kernel: offline, on the CPU, on the embedded data, each time with the same result."""

import os
import re
import tempfile

from tools.building.outputs import OutputError, tidy
from tools.environment import KEEP_MEMORY

CELL_TIMEOUT = 300  # seconds; a whole chapter may take 60
_THREADS = "1"  # fixed: the sum of many floats depends on how threads share it; tests run two notebooks at once
_TAIL = 12  # lines of a traceback that are shown: the last say most
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_IN_CELL = re.compile(r"\s*Cell In\[\d+\], line (\d+)")


class ExecutionError(Exception):
    """A cell failed, or printed what cannot be stored; the message names the line of the source."""


def execute(course, header, draft):
    """Runs `draft.notebook` and puts tidied outputs and counts 1..n into it, in place.

    Raises:
        ExecutionError: a cell failed.
    """
    import nbformat

    notebook = nbformat.from_dict(draft.notebook)
    failure = _run(course, notebook)
    for cell, line in zip(notebook.cells, draft.lines, strict=True):
        if cell.cell_type != "code":
            continue
        place = f"chapters/source/{header.path.name}"
        if error := next((output for output in cell.outputs if output.output_type == "error"), None):
            traceback = _ANSI.sub("", "\n".join(error.traceback)).splitlines()
            raise ExecutionError("\n    ".join([f"{place}:{_failed(traceback, line)}: failed.", *traceback[-_TAIL:]]))
        try:
            tidy(cell, str(course.root))
        except OutputError as error:
            raise ExecutionError(f"{place}:{line}: this cell {error}.") from None
    if failure:
        raise ExecutionError(f"chapters/source/{header.path.name}: {failure}")
    draft.notebook["cells"] = notebook.cells


def _run(course, notebook):
    """Runs the cells as far as they go; a sentence where the kernel was lost or too slow, else None."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    with tempfile.TemporaryDirectory() as empty:
        try:
            _client(course, notebook).execute(env=_environment(course, empty))
        except CellExecutionError:
            return None  # the failed cell holds the error, and knows its line
        except CellTimeoutError:
            return f"a cell took more than {CELL_TIMEOUT} s. A whole chapter may take 60 s."
        except DeadKernelError:
            return "the kernel died. Out of memory? A chapter may take 2 GB."
    return None


def _client(course, notebook):
    """nbclient's runner, with a kernel of this Python, whatever "python3" a user's Jupyter has registered."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient

    return NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])),
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # not that it listens on TCP, as kernels do
        resources={"metadata": {"path": str(course.folder)}},
    )


def _environment(course, empty):
    """Of the user's environment, what changes no output."""
    paths = [str(course.root), os.environ.get("PYTHONPATH", "")]
    return {
        **KEEP_MEMORY,
        **os.environ,
        "COURSE_OFFLINE": "1",
        "COURSE_DATA": os.path.join(empty, "data"),
        "COURSE_DEVICE": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
        "IPYTHONDIR": os.path.join(empty, "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": _THREADS,
        "MKL_NUM_THREADS": _THREADS,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "TZ": "UTC",
    }


def _failed(traceback, first):
    """Line of the source at which a cell that begins in line `first` failed, told by its traceback."""
    within = [int(match[1]) for line in traceback if (match := _IN_CELL.match(line))]
    return first + within[0] - 1 if within else first
