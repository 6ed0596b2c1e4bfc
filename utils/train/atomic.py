"""Files that are there as a whole or not at all."""

import os
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


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
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.part")  # not mkstemp: others may read the result
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # the content must be on the disk before the name points at it
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
