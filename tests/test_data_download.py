"""Full MNIST and the download underneath, from a small server of our own that fails in every way a real one does."""

import errno
import gzip
import json
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import torchvision.datasets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utils import data
from utils.data import _download, _mnist

TRAIN, TEST = 30, 20


pytest_plugins = "data_server"
pytestmark = pytest.mark.usefixtures("empty_data_folder")


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


def small_mnist():
    """Unpacked files of a tiny MNIST, by name."""
    random = np.random.RandomState(0)
    files = {}
    for half, n in (("train", TRAIN), ("t10k", TEST)):
        files[f"{half}-images-idx3-ubyte"] = idx(random.randint(0, 256, (n, 28, 28)).astype(np.uint8))
        files[f"{half}-labels-idx1-ubyte"] = idx((np.arange(n) % 10).astype(np.uint8))
    return files


@pytest.fixture
def mnist(server, monkeypatch):
    """A server with a tiny MNIST; the first of two mirrors is "a/". Returns its unpacked files."""
    raw = small_mnist()
    packed = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in raw.items()}
    server.files = {mirror + name: content for mirror in ("a/", "b/") for name, content in packed.items()}
    published = torchvision.datasets.MNIST
    monkeypatch.setattr(published, "mirrors", [f"{server.url}a/", f"{server.url}b/"])
    monkeypatch.setattr(published, "resources", [(name, server.md5(content)) for name, content in packed.items()])
    monkeypatch.setattr(_mnist, "FILES", {name: server.md5(content) for name, content in raw.items()})
    return raw


@pytest.fixture
def raw_folder(tmp_path):
    return tmp_path / "data" / "MNIST" / "raw"


def put(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def listing(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


FIRST = "train-images-idx3-ubyte"


def assert_is_small_mnist(splits, raw):
    train, test = splits
    assert (len(train), len(test)) == (TRAIN, TEST)
    assert train.images.numpy().tobytes() == raw[FIRST][16:]
    assert test.labels.tolist() == [k % 10 for k in range(TEST)]


# ---- MNIST


def test_full_is_downloaded_once_and_torchvision_reads_it_too(server, mnist, raw_folder, tmp_path, capsys):
    assert_is_small_mnist(data.mnist("full"), mnist)
    assert [path for path, _ in server.asked] == [f"a/{name}.gz" for name in mnist]
    assert {path.name for path in raw_folder.iterdir()} - {".lock"} == set(mnist), "packed or half files are left"
    theirs = torchvision.datasets.MNIST(tmp_path / "data", train=True, download=False)
    assert theirs.data.numpy().tobytes() == mnist[FIRST][16:]
    capsys.readouterr()
    assert_is_small_mnist(data.mnist("full"), mnist)
    assert_is_small_mnist(data.mnist("auto"), mnist)
    assert len(server.asked) == 4, "what is on disk was downloaded again"
    assert capsys.readouterr().out == f"MNIST: all 70,000 digits, from {raw_folder}.\n"


def test_what_was_cut_off_is_continued(server, mnist):
    server.faults[f"a/{FIRST}.gz"] = "cut"
    assert_is_small_mnist(data.mnist("full"), mnist)
    half = len(server.files[f"a/{FIRST}.gz"]) // 2
    assert server.asked[:2] == [(f"a/{FIRST}.gz", None), (f"b/{FIRST}.gz", f"bytes={half}-")]


def test_a_later_call_continues_what_an_earlier_one_left(server, mnist, raw_folder):
    packed = server.files[f"a/{FIRST}.gz"]
    put(raw_folder, {f"{FIRST}.gz.part": packed[:100]})
    assert_is_small_mnist(data.mnist("full"), mnist)
    assert server.asked[0] == (f"a/{FIRST}.gz", "bytes=100-")


@pytest.mark.parametrize("fault", ["wrong", "slow", "gone"])
def test_where_one_mirror_fails_the_next_is_asked(server, mnist, monkeypatch, fault):
    monkeypatch.setattr(_download, "TIMEOUT", 0.3 if fault == "slow" else 15)
    server.faults[f"a/{FIRST}.gz"] = fault
    assert_is_small_mnist(data.mnist("full"), mnist)
    assert [path for path, _ in server.asked[:2]] == [f"a/{FIRST}.gz", f"b/{FIRST}.gz"]


REASONS = {
    "wrong": "wrong checksum",
    "slow": "no answer for 0.3 seconds",
    "gone": "answers 404",
    "cut": "before the end",
}


@pytest.mark.parametrize(("fault", "reason"), REASONS.items())
def test_where_every_mirror_fails_the_error_says_what_was_tried(server, mnist, raw_folder, monkeypatch, fault, reason):
    monkeypatch.setattr(_download, "ROUNDS", 1)
    monkeypatch.setattr(_download, "TIMEOUT", 0.3 if fault == "slow" else 15)
    server.faults = {f"{mirror}/{FIRST}.gz": f"always {fault}" for mirror in "ab"}
    with pytest.raises(data.DownloadError) as failed:
        data.mnist("full")
    message = str(failed.value)
    assert message.startswith(f"Could not download {FIRST}.gz.\n")
    assert [line.count(reason) for line in message.splitlines()[1:3]] == [1, 1]
    assert str(raw_folder / f"{FIRST}.gz") in message
    assert not (raw_folder / FIRST).exists()
    assert len(data.mnist("auto")[0]) == 4000


def test_where_nothing_listens_the_error_says_so(server, mnist, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [f"http://127.0.0.1:{free.getsockname()[1]}/"])
    with pytest.raises(data.DownloadError, match="refused"):
        data.mnist("full")


@pytest.mark.parametrize("damage", ["missing", "half", "flipped", "longer", "empty"])
def test_damaged_and_missing_files_are_named_and_only_they_are_replaced(server, mnist, raw_folder, capsys, damage):
    name, content = "t10k-labels-idx1-ubyte", mnist["t10k-labels-idx1-ubyte"]
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    put(raw_folder, mnist)
    damaged = {"half": content[:14], "flipped": flipped, "longer": content + b"!", "empty": b""}
    (raw_folder / name).unlink()
    put(raw_folder, {name: damaged[damage]} if damage in damaged else {})

    assert len(data.mnist("auto")[0]) == 4000
    line = capsys.readouterr().out
    assert (name in line) == (damage != "missing"), "auto must name a damaged file"
    assert server.asked == []
    assert_is_small_mnist(data.mnist("full"), mnist)
    assert (raw_folder / name if damage != "missing" else raw_folder).as_posix() in capsys.readouterr().out
    assert [path for path, _ in server.asked] == [f"a/{name}.gz"]


def test_a_packed_file_put_there_by_hand_is_used(server, mnist, raw_folder):
    put(raw_folder, {f"{name}.gz": server.files[f"a/{name}.gz"] for name in mnist})
    assert_is_small_mnist(data.mnist("full"), mnist)
    assert server.asked == []


def test_a_folder_with_valid_files_is_only_read(mnist, raw_folder):
    put(raw_folder, mnist)
    before = listing(raw_folder)
    for size in ("auto", "full"):
        assert_is_small_mnist(data.mnist(size), mnist)
    assert listing(raw_folder) == before, "a read-only folder would have refused this"


def test_a_folder_that_cannot_be_written_is_named(mnist, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file"))
    with pytest.raises(data.DownloadError, match=r"Cannot write to .*file.*Set COURSE_DATA"):
        data.mnist("full")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_full_or_locked_disk_is_not_taken_for_a_network_problem(server, mnist, raw_folder, monkeypatch, code):
    def fail(address, part):
        raise OSError(code, "no")

    monkeypatch.setattr(_download, "_continue", fail)
    with pytest.raises(data.DownloadError, match=f"Cannot write to {raw_folder}"):
        data.mnist("full")


def test_offline_opens_no_socket_and_says_what_to_do(mnist, raw_folder, monkeypatch):
    def no_socket(*_, **__):
        raise AssertionError("the network was touched")

    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "create_connection", no_socket)
    assert len(data.mnist()[0]) == 4000
    for load in (data.mnist, data.cifar10, data.colour_digits):
        with pytest.raises(data.DownloadError, match=r"not on this computer.*COURSE_OFFLINE=1 forbids"):
            load("full")
    put(raw_folder, mnist | {FIRST: b"half"})
    with pytest.raises(data.DownloadError, match=f"{FIRST} is half a file or damaged.*COURSE_OFFLINE"):
        data.mnist("full")
    put(raw_folder, mnist)
    assert_is_small_mnist(data.mnist("full"), mnist)


PROGRAM = """
import json, sys
from types import SimpleNamespace as Fake
from utils import data
from utils.data import _mnist
mirrors, resources, _mnist.FILES = json.loads(sys.argv[1])
# In place of torchvision, which takes seconds to load, what is needed of it.
sys.modules["torchvision"] = Fake(datasets=Fake(MNIST=Fake(mirrors=mirrors, resources=resources)))
print("ready", flush=True)
sys.stdin.readline()
print(len(data.mnist("full")[0]))
"""


def test_two_programs_at_once_download_each_file_once(server, mnist, raw_folder):
    server.delay = 0.2
    published = torchvision.datasets.MNIST
    setting = json.dumps([published.mirrors, published.resources, _mnist.FILES])
    ask = [sys.executable, "-c", PROGRAM, setting]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(ask, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    assert [program.stdout.readline() for program in both] == ["ready\n"] * 2
    for program in both:
        program.stdin.write("go\n")
        program.stdin.flush()
    answers = [program.communicate(timeout=60) for program in both]
    assert [program.returncode for program in both] == [0, 0], answers
    assert [out.splitlines()[-1] for out, _ in answers] == [str(TRAIN)] * 2
    assert sorted(path for path, _ in server.asked) == sorted(f"a/{name}.gz" for name in mnist)


def test_who_waits_for_another_download_is_told(tmp_path, capsys):
    held = threading.Event()

    def other():
        with _download.lock(tmp_path):
            held.set()
            time.sleep(1.2)

    threading.Thread(target=other).start()
    held.wait()
    with _download.lock(tmp_path):
        assert capsys.readouterr().out == f"Another program is downloading into {tmp_path}: waiting for it.\n"


# ---- fetch

CONTENT = bytes(np.random.RandomState(1).bytes(5000))
LEFT = st.one_of(st.integers(0, 5000).map(lambda n: CONTENT[:n]), st.binary(max_size=50), st.just(CONTENT + b"more"))


@given(left=LEFT, fault=st.sampled_from(["", "cut", "no range", "wrong"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_lies_there_the_right_file_comes_out(server, tmp_path, left, fault):
    server.files, server.faults = {"file": CONTENT}, {"file": fault}
    path = tmp_path / "file"
    path.unlink(missing_ok=True)
    path.with_name("file.part").write_bytes(left)
    _download.fetch([f"{server.url}file"], path, server.md5(CONTENT))
    assert path.read_bytes() == CONTENT
    assert not path.with_name("file.part").exists()


def test_a_server_without_range_sends_the_file_anew(server, tmp_path):
    server.files, server.faults = {"file": CONTENT}, {"file": "always no range"}
    (tmp_path / "file.part").write_bytes(CONTENT[:10])
    _download.fetch([f"{server.url}file"], tmp_path / "file", server.md5(CONTENT))
    assert server.asked == [("file", "bytes=10-")]
