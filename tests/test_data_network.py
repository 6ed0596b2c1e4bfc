"""What the download asks of the network, without one, and what a learner reads of the answer."""

import io
from urllib.error import HTTPError, URLError

import pytest
from tqdm.auto import tqdm

from utils import data
from utils.data import _download


class Answer(io.BytesIO):
    """What urlopen returns: the whole file, or (status 206) the part that was asked for."""

    def __init__(self, content, status, length):
        super().__init__(content)
        self.status, self.length = status, length

    def read(self, size):
        self.length = None if self.length is None else 0
        return super().read(size)


@pytest.mark.parametrize(
    ("have", "status", "length", "headers", "bar"),
    [
        (b"", 200, 6, {}, (0, 6)),
        (b"abc", 206, 3, {"Range": "bytes=3-"}, (3, 6)),
        (b"xyz", 200, 6, {"Range": "bytes=3-"}, (0, 6)),
        (b"", 200, None, {}, (0, None)),
    ],
)
def test_what_is_asked_for_and_how_far_the_bar_goes(tmp_path, monkeypatch, have, status, length, headers, bar):
    asked, bars, part = [], [], tmp_path / "file.gz.part"
    if have:
        part.write_bytes(have)

    def urlopen(request, timeout):
        asked.append((request.full_url, dict(request.header_items()), timeout))
        return Answer(b"abcdef"[3 * (status == 206) :], status, length)

    def bar_of(**settings):
        bars.append(settings)
        return tqdm(**settings, disable=True)

    monkeypatch.setattr(_download, "urlopen", urlopen)
    monkeypatch.setattr("tqdm.auto.tqdm", bar_of)
    _download._continue("http://a/file.gz", part)
    assert part.read_bytes() == b"abcdef"
    assert asked == [("http://a/file.gz", {"User-agent": "convnet-course", **headers}, 15)]
    assert bars == [{"desc": "file.gz", "initial": bar[0], "total": bar[1], "unit": "B", "unit_scale": True}]


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (HTTPError("http://a", 503, "Busy", None, None), "the server answers 503 Busy"),
        (URLError(TimeoutError()), "no answer for 15 seconds"),
        (TimeoutError(), "no answer for 15 seconds"),
        (URLError("no route"), "no route"),
        (ConnectionResetError("cut"), "cut"),
    ],
)
def test_a_problem_of_the_network_in_words(problem, words):
    assert _download._in_words(problem) == words


def test_tries_go_round_all_addresses_with_pauses_between_them(tmp_path, monkeypatch):
    tried, pauses = [], []

    def attempt(address, part, md5):
        tried.append((address, part.name, md5))
        raise ConnectionResetError(f"cut {len(tried)}")

    monkeypatch.setattr(_download, "_attempt", attempt)
    monkeypatch.setattr(_download.time, "sleep", pauses.append)
    with pytest.raises(data.DownloadError, match="a: cut 5\n  b: cut 6\nCheck"):
        _download.fetch(["a", "b"], tmp_path / "file.gz", "0")
    assert tried == [("a", "file.gz.part", "0"), ("b", "file.gz.part", "0")] * 3
    assert pauses == [0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("load", "name", "folder"),
    [(data.mnist, "Full MNIST", "MNIST/raw"), (data.cifar10, "Full CIFAR-10", "cifar-10-batches-py")],
)
def test_what_is_missing_is_named_with_the_place_where_it_was_looked_for(load, name, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(data.DownloadError) as missing:
        load("full")
    assert str(missing.value).startswith(f"{name} is not on this computer (looked in {tmp_path / folder}), and COURSE")
