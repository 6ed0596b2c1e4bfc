"""Files from the network: resumed where they were cut off, checked, and put in their place whole."""

import errno
import hashlib
import os
import shutil
import time
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np

from .. import runtime

TIMEOUT = 15  # seconds without a byte before an address counts as silent
ROUNDS = 3  # times that every address is tried
PAUSE = 1  # seconds between two tries
CHUNK = 1 << 16  # bytes
NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC}


class DownloadError(RuntimeError):
    """A file could not be fetched or stored; the message says what was tried and what can be done."""


class DamagedFileError(ValueError):
    """A file is there, but half or changed; the message names it."""


def read_checked(path, md5):
    """All bytes of a file as a uint8 array (n,).

    Raises:
        FileNotFoundError: there is none.
        DamagedFileError: its MD5 checksum is not `md5`.
    """
    content = np.fromfile(path, dtype=np.uint8)
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        raise DamagedFileError(f"{path} is half a file or damaged: its MD5 checksum is not {md5}")
    return content


def is_good(path, md5):
    """True if `path` holds the file with this MD5 checksum."""
    try:
        read_checked(path, md5)
    except (FileNotFoundError, DamagedFileError):
        return False
    return True


def read_or_install(dataset, folder, read, install):
    """What `read(folder)` returns, after `install(folder)` where files are missing or damaged.

    Only one process at a time installs; the others wait and find the files there.

    Args:
        dataset: its name in messages.
        folder: Path; neither read nor written to but by the two functions, unless something must be installed.
        read: raises FileNotFoundError or DamagedFileError unless every file is there and right.
        install: replaces, by way of `fetch`, the files that are not.

    Raises:
        DownloadError: COURSE_OFFLINE forbids to download, or what `fetch` and `lock` raise.
    """
    try:
        return read(folder)
    except (FileNotFoundError, NotADirectoryError):
        problem = f"{dataset} is not on this computer (looked in {folder})"
    except DamagedFileError as damage:
        problem = str(damage)
    if runtime.offline():
        raise DownloadError(
            f"{problem}, and COURSE_OFFLINE=1 forbids to download it. Unset COURSE_OFFLINE, set COURSE_DATA to a "
            "folder that has it, or use the data that comes with the course."
        )
    print(f"{problem}: downloading it.")
    with lock(folder):
        install(folder)
    return read(folder)


def lock(folder):
    """Make `folder` and hold it against other processes: `with lock(folder): ...`.

    Raises:
        DownloadError: nothing can be written there.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = FileLock(folder / ".lock")
        try:
            return held.acquire(timeout=1)
        except Timeout:
            print(f"Another program is downloading into {folder}: waiting for it.")
            return held.acquire()
    except OSError as problem:
        raise _unwritable(folder, problem) from None


def fetch(addresses, path, md5):
    """Make sure that `path` holds the file with this MD5 checksum, downloading what is missing of it.

    What arrived before a connection broke lies beside it as `NAME.part` and is continued, by the next try, the next
    address or the next call. `path` itself appears only once the checksum is right.

    Args:
        addresses: URLs of the same file, best first.
        path: Path in a folder that exists and is locked.
        md5: expected checksum, 32 hexadecimal digits.

    Raises:
        DownloadError: no address gave the right file, or the disk can't take it.
    """
    if is_good(path, md5):
        return
    part, failures = path.with_name(f"{path.name}.part"), {}
    for attempt, address in enumerate(list(addresses) * ROUNDS):
        time.sleep(PAUSE if attempt else 0)
        try:
            _attempt(address, part, md5)
        except (OSError, HTTPException, DamagedFileError) as problem:
            if getattr(problem, "errno", None) in NOT_WRITABLE:
                raise _unwritable(part.parent, problem) from None
            failures[address] = _in_words(problem)
        else:
            return os.replace(part, path)
    tried = "\n".join(f"  {address}: {reason}" for address, reason in failures.items())
    raise DownloadError(
        f"Could not download {path.name}.\n{tried}\nCheck the connection and run this again: it goes on where it "
        f"stopped. Or fetch the file another way and put it at {path}."
    )


def place(stream, path, md5):
    """Write a binary stream to `path`, which appears only once it is whole and its MD5 checksum is right.

    Raises:
        DamagedFileError: the stream holds something else.
        DownloadError: the disk can't take it.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with open(part, "wb") as sink:
            shutil.copyfileobj(stream, sink)
        read_checked(part, md5)
        os.replace(part, path)
    except OSError as problem:
        raise _unwritable(path.parent, problem) from None


def _attempt(address, part, md5):
    """Download what `part` lacks from one address; a whole file with wrong content is thrown away."""
    if not is_good(part, md5):
        _continue(address, part)
    try:
        read_checked(part, md5)
    except DamagedFileError:
        part.unlink()
        raise DamagedFileError("sends a file with the wrong checksum") from None


def _continue(address, part):
    """Append to `part` what it lacks, or begin again where the server cannot do that."""
    from tqdm.auto import tqdm

    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "convnet-course"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urlopen(Request(address, headers=headers), timeout=TIMEOUT)
    except HTTPError as problem:
        if problem.code == 416:  # nothing after byte `have`: what we have is not the beginning of this file
            part.unlink()
        raise
    if answer.status != 206:  # the server sends the file from its first byte
        have = 0
    total = None if answer.length is None else have + answer.length
    progress = tqdm(desc=part.stem, initial=have, total=total, unit="B", unit_scale=True)
    with answer, open(part, "ab") as sink, progress:
        sink.truncate(have)
        while chunk := answer.read(CHUNK):
            progress.update(sink.write(chunk))
    if answer.length:
        raise ConnectionResetError(f"the connection closed {answer.length:,} bytes before the end")


def _in_words(problem):
    """A network problem as a learner can read it."""
    if isinstance(problem, HTTPError):
        return f"the server answers {problem.code} {problem.reason}"
    cause = problem.reason if isinstance(problem, URLError) else problem
    return f"no answer for {TIMEOUT} seconds" if isinstance(cause, TimeoutError) else str(cause)


def _unwritable(folder, problem):
    return DownloadError(
        f"Cannot write to {folder} ({problem.strerror or problem}). Set COURSE_DATA to a folder that you may write to, "
        "with enough room on its disk."
    )
