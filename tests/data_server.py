"""A small web server that fails in every way a real one does; fixtures for tests of data (a pytest plugin)."""

import hashlib
import re
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from utils.data import _choice, _download


class Server(ThreadingHTTPServer):
    """Serves `files` {path: bytes}. `faults` {path: fault} strikes once, or each time if it starts with "always "."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.faults, self.asked, self.delay = {}, {}, [], 0
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @staticmethod
    def md5(content):
        """MD5 checksum of bytes, as torchvision lists it."""
        return hashlib.md5(content).hexdigest()

    def fault(self, path):
        """What strikes this request ("": nothing)."""
        fault = self.faults.get(path, "")
        return fault.removeprefix("always ") if fault.startswith("always ") else self.faults.pop(path, "")


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self):
        """Answer as a real server does, Range included, but for the fault that is set on this path."""
        server, path, wanted = self.server, self.path[1:], self.headers.get("Range")
        server.asked.append((path, wanted))
        time.sleep(server.delay)
        fault, content = server.fault(path), server.files.get(path)
        if content is None or fault == "gone":
            return self.send_error(404)
        if fault == "slow":
            time.sleep(1)
        if fault == "wrong":
            content = bytes(len(content))
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and fault != "no range" else 0
        if start and start >= len(content):
            return self.send_error(416)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", len(content) - start)
        self.end_headers()
        end = (start + len(content)) // 2 if fault == "cut" else len(content)
        with suppress(ConnectionError):  # who waited too long has gone
            self.wfile.write(content[start:end])

    def log_message(self, *_):
        """Nothing: the tests look at `server.asked`."""


@pytest.fixture
def empty_data_folder(monkeypatch, tmp_path):
    """An empty COURSE_DATA, no pauses, the network allowed, every line told as if for the first time."""
    monkeypatch.setattr(_download, "PAUSE", 0)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    _choice.tell.cache_clear()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.shutdown()
    running.server_close()
