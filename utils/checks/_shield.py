"""Keeps a learner's code from disturbing the notebook, the oracles, and the machine's memory."""

import io
import os
import random
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

try:
    import resource
except ImportError:  # Windows
    resource = None

_SEED = 0
_PRINT_LIMIT = 2_000  # characters of a learner's prints that a card shows
_GIB = 2**30

# What oracles are made of. A replaced function of these is put back before it can judge an answer.
_SPACES = [torch, nn, nn.functional, np, torch.Tensor, *{c for c in vars(nn).values() if isinstance(c, type)}]


def _functions(space):
    """Functions of a module or class, name -> function; a class's inherited ones too, as they can be shadowed."""
    owners = reversed(space.__mro__[:-1]) if isinstance(space, type) else [space]
    return {name: value for owner in owners for name, value in list(vars(owner).items()) if _works(value)}


def _works(value):
    """Whether the value is a function, a class or a property."""
    return callable(value) or hasattr(type(value), "__get__")


_ORIGINALS = [(space, _functions(space)) for space in _SPACES]


def restore_functions():
    """Put PyTorch's and NumPy's own functions back where they were replaced.

    Returns:
        list of (module or class, name, replacement), which `put_back` takes.
    """
    replaced = []
    for space, originals in _ORIGINALS:
        for name, value in list(vars(space).items()):
            if name in originals and originals[name] is not value:
                replaced.append((space, name, value))
                setattr(space, name, originals[name])
    return replaced


def put_back(replaced):
    """Undo `restore_functions`: the notebook keeps what its owner replaced."""
    for space, name, value in replaced:
        setattr(space, name, value)


@contextmanager
def sheltered():
    """Seeded random numbers, gradients on, one thread; these, NumPy's warnings and torch's default type put back after.

    Small cases are quicker on one thread, much quicker where others use the machine too, and their sums come out the
    same everywhere.
    """
    python, numpy, pytorch = random.getstate(), np.random.get_state(), torch.get_rng_state()
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    try:
        random.seed(_SEED)
        np.random.seed(_SEED)
        torch.default_generator.manual_seed(_SEED)
        torch.set_num_threads(1)
        with torch.enable_grad(), np.errstate():
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(pytorch)
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)


@contextmanager
def memory_limit():
    """Let the code inside take a few GiB and no more (Linux): beyond that it gets a MemoryError, not a dead kernel.

    The limit counts addresses, of which every thread reserves some, hence the share for each processor. A GPU's driver
    reserves far more than that, so where there is one, there is no limit.
    """
    if resource is None or torch.cuda.is_available() or not os.path.exists("/proc/self/statm"):
        yield
        return
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = now + 4 * _GIB + (os.cpu_count() or 1) * _GIB // 4
    ceilings = [limit, *(value for value in (soft, hard) if value != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_AS, (min(ceilings), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class Printed(io.TextIOBase):
    """A standard output that keeps the first characters and counts the rest."""

    def __init__(self):
        super().__init__()
        self._kept, self._total = "", 0

    def write(self, text):
        """Take text as a file does; returns its length."""
        self._kept += text[: max(0, _PRINT_LIMIT - len(self._kept))]
        self._total += len(text)
        return len(text)

    def writable(self):
        """True: this is an output."""
        return True

    def close(self):
        """Do nothing: an answer that closes its output must not silence the next one."""

    def text(self):
        """What was printed, with a last line on how much was left out."""
        rest = self._total - len(self._kept)
        return self._kept.rstrip("\n") + (f"\n... and {rest:,} more characters" if rest else "")
