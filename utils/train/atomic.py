"""Files that are there as a whole or not at all."""

import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path):
    """Open a file for writing that takes the place of `path` at the end of the `with` statement, in one step.

    Whoever opens `path` meanwhile finds the old content. Where the body raises or the process is killed, the old
    content stays.

    Args:
        path: Path; its folder must exist.

    Yields:
        binary file.
    """
    path = Path(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # the content must be on the disk before the name points at it
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
