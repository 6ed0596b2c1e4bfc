"""A Chromium for the browser tests: the one that is there, else Debian's, else Playwright's own.

.venv/bin/python -m tools.chromium    # prints its path, after fetching one if need be; exit status 1 if there is none
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
FETCH_SECONDS = 600


def find() -> str | None:
    """Path of a Chromium on this machine that starts, None if there is none."""
    return next((path for path in _candidates() if _starts(path)), None)


def find_or_fetch() -> str | None:
    """The same, after fetching one if need be: by apt for root on Debian and its kin, else by Playwright."""
    found = find()
    for command in () if found else _ways_to_fetch():
        print("No Chromium here. Fetching one:", " ".join(command), file=sys.stderr, flush=True)
        try:
            subprocess.run(command, stdout=sys.stderr, timeout=FETCH_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr)
        if found := find():
            break
    return found


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path  # where Playwright would have put its own


def _starts(path: str) -> bool:
    try:  # Ubuntu's chromium-browser may be a stub that only says to install the snap
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _ways_to_fetch() -> Iterator[list[str]]:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        install = "apt-get install -y -q --no-install-recommends chromium fonts-liberation"
        yield ["sh", "-c", f"export DEBIAN_FRONTEND=noninteractive; apt-get update -q; {install}"]
    yield [sys.executable, "-m", "playwright", "install", "chromium"]


if __name__ == "__main__":
    chromium = find_or_fetch()
    print(f"Chromium for the browser tests: {chromium or 'none'}")
    sys.exit(chromium is None)
