"""What the learner asks for through the environment, and what the course does with nonsense."""

import hashlib
import os
import platform
import random
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tools.environment import KEEP_MEMORY
from utils import runtime

ROOT = Path(__file__).resolve().parent.parent


def draw():
    return random.random(), np.random.rand(), torch.rand(1).item()


def test_a_seed_fixes_all_three_generators():
    runtime.seed_everything(3)
    first = draw()
    runtime.seed_everything(np.int64(3))
    second = draw()
    runtime.seed_everything(4)
    third = draw()
    assert first == second
    assert all(a != b for a, b in zip(first, third, strict=True))


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, "1", None, True])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match="seed must be an integer"):
        runtime.seed_everything(seed)


def test_device_prefers_the_argument_then_the_environment_then_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    assert runtime.device() == torch.device("cpu")
    monkeypatch.setenv("COURSE_DEVICE", "cuda:1")
    assert runtime.device() == torch.device("cuda:1")
    assert runtime.device("cpu") == torch.device("cpu")
    assert runtime.device("auto") == torch.device("cuda")
    assert runtime.device(torch.device("cuda")) == torch.device("cuda")


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "meta", "xla"])
def test_what_is_no_device_is_refused(name):
    with pytest.raises(ValueError, match="no device of this course"):
        runtime.device(name)


def test_a_device_that_the_machine_lacks_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="1 CUDA device"):
        runtime.device("cuda:1")
    with pytest.raises(RuntimeError, match="no Apple GPU"):
        runtime.device("mps")


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("yes", True), ("TRUE ", True), ("0", False), ("", False)]
)
def test_offline(monkeypatch, value, expected):
    monkeypatch.setenv("COURSE_OFFLINE", value)
    assert runtime.offline() is expected


def test_offline_refuses_what_is_neither_yes_nor_no(monkeypatch):
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    assert runtime.offline() is False
    monkeypatch.setenv("COURSE_OFFLINE", "maybe")
    with pytest.raises(ValueError, match="'maybe' says neither yes nor no"):
        runtime.offline()


def test_data_dir_is_a_cache_folder_unless_named(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    assert runtime.data_dir().is_absolute()
    assert "convnet-course" in str(runtime.data_dir())
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "elsewhere"))
    assert runtime.data_dir() == tmp_path / "elsewhere"
    monkeypatch.setenv("COURSE_DATA", "~/digits")
    assert runtime.data_dir() == Path.home() / "digits"


def test_a_relative_data_dir_means_the_same_at_the_root_and_in_a_notebook(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", "data")
    for folder in (ROOT, ROOT / "chapters"):
        monkeypatch.chdir(folder)
        assert runtime.data_dir() == ROOT / "data"
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    assert runtime.data_dir() == tmp_path / "data"


def test_every_shipped_file_has_its_checksum_and_every_checksum_its_file():
    listed = dict(reversed(line.split()) for line in (ROOT / "data" / "SHA256SUMS").read_text().splitlines())
    present = {
        path.relative_to(ROOT / "data").as_posix()
        for path in (ROOT / "data").rglob("[!.]*")
        if path.is_file() and path.name not in ("README.md", "SHA256SUMS")
    }
    assert present == set(listed)
    for name, checksum in listed.items():
        assert hashlib.sha256(runtime.shipped(name).read_bytes()).hexdigest() == checksum


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the shipped data that a test may damage."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.setattr(runtime, "shipped_dir", lambda: tmp_path / "data")
    return tmp_path / "data"


def test_a_shipped_file_that_is_damaged_is_named(copy):
    digits = copy / "mnist_5k.npz"
    assert runtime.shipped("mnist_5k.npz") == digits
    content = bytearray(digits.read_bytes())
    content[1000] ^= 1
    digits.write_bytes(content)
    with pytest.raises(ValueError, match=r"mnist_5k\.npz is damaged.*git checkout"):
        runtime.shipped("mnist_5k.npz")
    digits.unlink()
    with pytest.raises(FileNotFoundError, match=r"mnist_5k\.npz is missing.*git checkout"):
        runtime.shipped("mnist_5k.npz")


@pytest.mark.parametrize("name", ["mnist5k.npz", "../pyproject.toml", "SHA256SUMS"])
def test_only_listed_files_are_shipped(name):
    with pytest.raises(FileNotFoundError, match="ships no file"):
        runtime.shipped(name)


def test_an_installed_package_finds_its_own_data_and_says_when_it_lost_it(tmp_path):
    package = tmp_path / "utils"
    (package / "_data").mkdir(parents=True)
    for name in ("__init__.py", "runtime.py"):
        shutil.copy(ROOT / "utils" / name, package)
    ask = [sys.executable, "-c", "from utils import runtime; print(runtime.shipped_dir())"]
    lost = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True)
    assert lost.returncode == 1
    assert "Install the course again" in lost.stderr
    (package / "_data" / "SHA256SUMS").touch()
    found = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()) == package / "_data"


FREED = """
import ctypes, sys
from utils import runtime

if sys.argv[1:]:
    assert runtime.keep_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
class Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in ("arena", *"bcdefghij")]
libc.mallinfo2.restype = Mallinfo2
before = libc.mallinfo2().arena
libc.free(libc.malloc(30_000_000))
print(libc.mallinfo2().arena - before)
"""


def kept(*choice, **environment):
    """Bytes that the allocator of a fresh process still has for it, of 30 MB that were taken and freed."""
    environment |= {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    command = [sys.executable, "-c", FREED, *choice]
    return int(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver() < ("glibc", "2.33"), reason="this system's allocator does not tell")
def test_memory_that_a_step_frees_is_there_for_the_next_one():
    assert kept() < 1_000_000 < 29_000_000 < kept("keep_memory")
    assert kept(**KEEP_MEMORY) > 29_000_000, "make lab sets these names"
    assert kept("keep_memory", MALLOC_TRIM_THRESHOLD_="0") < 1_000_000, "what the environment says stays"


def test_make_lab_keeps_as_much_memory():
    assert {name: int(size) for name, size in KEEP_MEMORY.items()} == runtime.KEPT_MEMORY


def test_no_memory_is_kept_where_the_system_cannot(monkeypatch):
    runtime.keep_memory.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not runtime.keep_memory()
    runtime.keep_memory.cache_clear()


def test_import_is_instant_and_loads_no_torch():
    ask = "import sys, utils.runtime; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", ask]).returncode == 0


@pytest.fixture
def colab(monkeypatch):
    """A machine that takes itself for Google Colab and lacks anywidget; records what happens on it."""
    seen = SimpleNamespace(pip=[], widgets=False, pip_status=0)
    output = SimpleNamespace(enable_custom_widget_manager=lambda: setattr(seen, "widgets", True))
    monkeypatch.setitem(sys.modules, "google", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace(output=output))

    def pip(command):
        seen.pip.append(command[4:])
        return SimpleNamespace(returncode=seen.pip_status)

    def distribution(name):
        if name in ("anywidget", "jupyterlab", "ruff"):
            raise metadata.PackageNotFoundError(name)

    needed = ["torch>=99", "anywidget>=0.9", "jupyterlab>=4", 'ruff>=0.6; extra == "test"']
    monkeypatch.setattr(runtime.subprocess, "run", pip)
    monkeypatch.setattr(runtime.metadata, "requires", lambda name: needed)
    monkeypatch.setattr(runtime.metadata, "distribution", distribution)
    return seen


def test_colab_gets_what_it_lacks_and_keeps_its_torch(colab):
    runtime.prepare_colab()
    assert colab.pip == [["--quiet", "anywidget>=0.9"]]
    assert colab.widgets


def test_a_failed_installation_on_colab_is_told(colab):
    colab.pip_status = 1
    with pytest.raises(RuntimeError, match="could not install anywidget"):
        runtime.prepare_colab()
