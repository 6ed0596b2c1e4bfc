"""Seeds, device, folders and the offline switch: what the machine is, and what the learner asked of it.

Environment variables, each read when it is needed:

    COURSE_DEVICE    cpu, cuda, cuda:1 or mps: the device that `device()` returns
    COURSE_DATA      folder of the full data sets (default: a cache folder of the user)
    COURSE_OFFLINE   1: never touch the network
"""

import hashlib
import json
import os
import random
import re
import subprocess
import sys
from difflib import get_close_matches
from functools import cache
from importlib import metadata
from pathlib import Path

_NOT_ON_COLAB = {"ipykernel", "jupyterlab", "jupyterlab-slideshow"}  # its own notebook is in their place
# Bytes of what was freed that Linux's allocator keeps for the next time, and the largest block that it treats so, by
# the names under which a process reads them from its environment when it starts.
KEPT_MEMORY = {"MALLOC_TRIM_THRESHOLD_": 512 * 2**20, "MALLOC_MMAP_THRESHOLD_": 32 * 2**20}
_MALLOPT = {"MALLOC_TRIM_THRESHOLD_": -1, "MALLOC_MMAP_THRESHOLD_": -3}  # their numbers in glibc's malloc.h
_YES, _NO = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def seed_everything(seed):
    """Seed Python's, NumPy's and PyTorch's random numbers, on every device.

    Args:
        seed: int in [0, 2**32).

    Raises:
        ValueError: the seed is not such an integer.
    """
    import numpy as np
    import torch

    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer from 0 to 2**32 - 1, not {seed!r}. Try seed_everything(0).")
    random.seed(int(seed))
    np.random.seed(int(seed))
    torch.manual_seed(int(seed))


def device(prefer=None):
    """The device to compute on: `prefer`, else COURSE_DEVICE, else the CPU.

    The CPU is the default on purpose: the stored outputs were made there, and the embedded data is small.

    Args:
        prefer: None, a name ("cpu", "cuda", "cuda:1", "mps", or "auto" for the fastest one found), or a torch.device.

    Returns:
        torch.device.

    Raises:
        ValueError: the name is no device.
        RuntimeError: this machine does not have the device.
    """
    import torch

    name = str(prefer or os.environ.get("COURSE_DEVICE") or "cpu")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        found = torch.device(name)
    except RuntimeError:
        found = None
    if found is None or found.type not in {"cpu", "cuda", "mps"}:
        raise ValueError(f"{name!r} is no device of this course. Use 'cpu', 'cuda', 'mps' or 'auto'.")
    if found.type == "cuda" and (found.index or 0) >= torch.cuda.device_count():
        raise RuntimeError(f"This machine has {torch.cuda.device_count()} CUDA device(s), so no {name!r}. Try 'cpu'.")
    if found.type == "mps" and not torch.backends.mps.is_available():
        raise RuntimeError("This machine has no Apple GPU that PyTorch can use (mps). Try 'cpu'.")
    return found


@cache
def keep_memory():
    """Let Linux's allocator keep up to half a GB of what this process frees, for its next steps.

    Of itself it gives freed memory back to the system, and takes it anew, page by page, in the next step of training:
    the same sums then take up to half as long again. `make lab` starts its notebooks so; this is for those that start
    elsewhere (Colab, Binder, a script). What the environment sets stays as it is; other systems are left alone.

    Returns:
        bool: whether both thresholds are set now.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl, the library of Alpine Linux, has none
    wanted = {name: size for name, size in KEPT_MEMORY.items() if name not in os.environ}
    return mallopt is not None and all(mallopt(_MALLOPT[name], size) for name, size in wanted.items())


def offline():
    """True if COURSE_OFFLINE asks to stay off the network (raises ValueError where its value is no yes or no)."""
    value = os.environ.get("COURSE_OFFLINE", "").strip().lower()
    if value in _YES | _NO:
        return value in _YES
    raise ValueError(f"COURSE_OFFLINE={value!r} says neither yes nor no. Use COURSE_OFFLINE=1 or leave it unset.")


def data_dir():
    """Folder of the full data sets: COURSE_DATA, else a cache folder of the user (absolute Path; may not exist yet).

    A relative COURSE_DATA counts from the working directory if it is there, else from the course's root: a command
    given at the root starts notebooks whose working directory is chapters/.
    """
    chosen = os.environ.get("COURSE_DATA", "").strip()
    if not chosen:
        import platformdirs

        return Path(platformdirs.user_cache_dir("convnet-course"))
    here, root = Path(chosen).expanduser().absolute(), Path(__file__).resolve().parent.parent
    if here.exists() or not (root / "pyproject.toml").is_file():
        return here
    return (root / Path(chosen).expanduser()).resolve()


def report(data=None, images_per_second=None):
    """Print, in a few lines, what this course runs on: versions, device, data and speed.

    Args:
        data: a training split, to be named and counted; None leaves the line out.
        images_per_second: training speed as measured by `train.fit`; None leaves the line out.
    """
    import platform

    import torch

    chosen = device()
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else platform.machine()
    versions = {module: metadata.version(module) for module in ("torch", "torchvision", "jupyterlab")}
    print(f"Python {platform.python_version()},", ", ".join(f"{module} {v}" for module, v in versions.items()))
    print(f"device: {chosen} ({name}), {torch.get_num_threads()} threads, network {'off' if offline() else 'allowed'}")
    if data is not None:
        print(f"data:   {data.name}, {len(data):,} images to learn from, full data sets looked for in {data_dir()}")
    if images_per_second is not None:
        print(f"speed:  LeNet trains on {images_per_second:,.0f} images a second here")


@cache
def shipped_dir():
    """Folder of the small data and weights that come with the course (Path).

    Raises:
        FileNotFoundError: the installation lost them.
    """
    package = Path(__file__).resolve().parent
    for folder in (package.parent / "data", package / "_data"):  # in a checkout; in an installed wheel
        if (folder / "SHA256SUMS").is_file():
            return folder
    raise FileNotFoundError(
        f"The course's own data is missing beside {package}. Install the course again (make setup, or pip install)."
    )


def results(name):
    """What `benchmarks/NAME.py` measured, with hardware and versions: the parsed benchmarks/results/NAME.json.

    Raises:
        FileNotFoundError: nothing was measured under this name.
    """
    package = Path(__file__).resolve().parent
    for folder in (package.parent / "benchmarks" / "results", package / "_results"):
        if (path := folder / f"{name}.json").is_file():
            return json.loads(path.read_text())
    raise FileNotFoundError(f"There are no results of benchmarks/{name}.py. Run it, or restore benchmarks/results.")


def shipped(name):
    """Path of a file that comes with the course, once its checksum has been found right.

    Args:
        name: as in data/SHA256SUMS, such as "mnist_5k.npz" or "weights/lenet.safetensors".

    Raises:
        FileNotFoundError: the course ships no such file, or the installation lost it.
        ValueError: the file is damaged.
    """
    lines = (shipped_dir() / "SHA256SUMS").read_text().splitlines()
    checksums = {file: checksum for checksum, file in (line.split(maxsplit=1) for line in lines)}
    if name not in checksums:
        close = get_close_matches(str(name), checksums, n=1) or sorted(checksums)
        raise FileNotFoundError(f"The course ships no file {name!r}. Did you mean {' or '.join(close)}?")
    path = shipped_dir() / name
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. Restore it (git checkout -- data) or install the course again.")
    if hashlib.sha256(path.read_bytes()).hexdigest() != checksums[name]:
        raise ValueError(
            f"{path} is damaged: its checksum is not the one in SHA256SUMS. Restore it (git checkout -- data) or "
            "install the course again; if you remade it on purpose, run `make data`."
        )
    return path


def prepare_colab():
    """On Google Colab: install the packages it lacks, let it draw the explorers, and keep memory between steps.

    What is installed there stays as it is, PyTorch first of all: it fits the GPU and the driver of that machine.

    Raises:
        RuntimeError: a package could not be installed.
    """
    from google.colab import output

    keep_memory()
    missing = [requirement for requirement in metadata.requires("convnet-course") or () if _is_missing(requirement)]
    if missing and subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *missing]).returncode:
        raise RuntimeError(f"pip could not install {', '.join(missing)}; it says why above. Run this cell again.")
    output.enable_custom_widget_manager()


def _is_missing(requirement):
    """True if Colab needs the package of a requirement such as "anywidget>=0.9", and has no version of it."""
    name = re.match(r"[\w.-]+", requirement)[0]
    if "extra ==" in requirement or name in _NOT_ON_COLAB:
        return False
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return True
    return False
