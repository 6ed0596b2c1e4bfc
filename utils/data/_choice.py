"""Which version of a data set a learner asks for, and what the course answers."""

from difflib import get_close_matches
from functools import cache


def check_size(size, sizes, dataset):
    """Raise ValueError, with a suggestion, unless `size` is one of `sizes`."""
    if size not in sizes:
        close = get_close_matches(str(size).lower(), sizes, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Choose one of: {', '.join(map(repr, sizes))}."
        raise ValueError(f"{dataset} has no size {size!r}. {hint}")


@cache
def tell(line):
    """Print a line, once per process: which data was chosen is news only the first time."""
    print(line)
