"""Calls a learner's code: on copies, for a limited time, with its exceptions turned into feedback."""

import copy
import inspect
import linecache
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from . import _shield
from ._clock import OutOfTime, call_within
from ._result import Mistake, NotAttempted
from ._values import cut, same, short

_FRAMES = 3  # lines of the learner's own code that a message shows, the innermost ones
_UTILS = Path(__file__).resolve().parents[1]
# Frames in these folders are not the learner's: the course, the standard library, installed packages.
_LIBRARIES = tuple({str(_UTILS), *sysconfig.get_paths().values(), *(str(Path(m.__file__).parent) for m in (np, torch))})


@dataclass
class Session:
    """One check while it runs.

    Attributes:
        name: name of the check, as in `check.name(answer)`.
        seconds: longest time of one call.
        calls: number of calls made so far.
        last: the last call in one line, "convolve_1d(signal=[0 2 2], kernel=[-1 1])".
    """

    name: str = "name"
    seconds: float = 5.0
    calls: int = 0
    last: str = field(default="")


_SESSIONS = [Session()]  # the last one is running; the first serves calls outside a check


def current():
    """The check that is running."""
    return _SESSIONS[-1]


@dataclass(frozen=True)
class as_is:  # noqa: N801 (reads as a verb in a call)
    """Marks an argument of `run` that the answer gets itself, not a copy, and may change: a model it trains, a tensor
    whose gradient the check reads."""

    value: object


def run(answer, *args, **kwargs):
    """Call the answer as the learner's own code, and return what it returned.

    Arguments are handed over as copies, and random numbers are seeded before every call.

    Args:
        answer: the learner's function, or a network that `build` returned.
        *args, **kwargs: its arguments; wrap one in `as_is` where the answer may change it.

    Raises:
        NotAttempted: the answer is the stub.
        Mistake: it is no function, raised an exception, ran too long, changed an argument, or returned nothing.
    """
    session = current()
    _require_function(answer, session.name)
    originals = [*args, *kwargs.values()]
    free = [isinstance(value, as_is) for value in originals]
    handed = [value.value if keep else copy.deepcopy(value) for value, keep in zip(originals, free, strict=True)]
    names = _argument_names(answer, len(args), kwargs)
    session.last = describe_call(
        answer, names, [v.value if keep else v for v, keep in zip(originals, free, strict=True)]
    )
    returned = guarded(answer, handed[: len(args)], dict(zip(kwargs, handed[len(args) :], strict=True)))
    for name, value, original, keep in zip(names, handed, originals, free, strict=True):
        if not keep and not same(value, original):
            raise Mistake(
                f"Your code changed its input `{name}`. Its caller may still need the old values: work on a copy.",
                expected=original,
                got=value,
            )
    if returned is None and not any(free):
        raise Mistake("Your function returned nothing (None). Is its last line a `return`?")
    return returned


def guarded(function, args, kwargs):
    """Call code of the learner's within its limits of time and memory; raises `NotAttempted` or `Mistake`."""
    session = current()
    session.calls += 1
    try:
        with _shield.sheltered(), _shield.memory_limit():
            return call_within(session.seconds, lambda: function(*args, **kwargs))
    except OutOfTime:
        raise Mistake(
            f"Your code was stopped after {session.seconds:g} seconds. Is there a loop that never ends?"
        ) from None
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: nothing of the learner's may end the kernel
        raise _feedback(error) from None
    finally:
        _shield.restore_functions()


def describe_call(function, names, values):
    """One line of text: "convolve_1d(signal=[0 2 2], kernel=[-1 1])"."""
    arguments = [f"{name}={short(value)}" for name, value in zip(names, values, strict=True)]
    return cut(f"{_name(function)}({', '.join(arguments)})", 240)


def _name(function):
    return str(getattr(function, "__name__", type(function).__name__))


def _require_function(answer, name):
    if isinstance(answer, type):
        raise Mistake(f"This check takes a function; you passed {short(answer)}.")
    if not callable(answer):
        raise Mistake(
            f"This check takes your function itself, without brackets behind it: `check.{name}({name})`. "
            f"You passed {short(answer)}."
        )


def _argument_names(function, count, kwargs):
    """Names of the positional arguments, then of the keywords; "argument 1" where the function does not tell."""
    try:
        target = function.forward if isinstance(function, nn.Module) else function
        parameters = inspect.signature(target).parameters.values()
        named = [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        named = []
    unnamed = [f"argument {i + 1}" for i in range(len(named), count)]
    return [*named[:count], *unnamed, *kwargs]


def _feedback(error):
    """The learner's exception as `NotAttempted` or as a `Mistake` that quotes the learner's own lines."""
    frames = _frames(error)
    own = [frame for frame in frames if not _is_library(frame[0])]
    if isinstance(error, NotImplementedError) and frames and frames[-1] in own and _raises(frames[-1], error):
        return NotAttempted()
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        what = f"Your code was ended by {type(error).__name__} before it returned anything."
    else:
        what = f"Your code raised {type(error).__name__}: {_text(error)}".rstrip(": ")
    lines = [f"  in {name}, line {line}:  {_source(path, line)}".rstrip(": ") for path, line, name in own[-_FRAMES:]]
    return Mistake("\n".join([what, *lines]))


def _frames(error):
    """(file, line, function) of every frame below this module's, outermost first."""
    found, step = [], error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        found.append((code.co_filename, step.tb_lineno, code.co_name))
        step = step.tb_next
    return found


def _is_library(path):
    return path.startswith(("<frozen", "<__array_function__")) or path.startswith(_LIBRARIES)


def _source(path, line):
    return linecache.getline(path, line).strip()


def _raises(frame, error):
    """Whether the learner's own line raises, as a stub does: PyTorch raises NotImplementedError too, from C++."""
    line = _source(*frame[:2])
    return "NotImplementedError" in line if line else True


def _text(error):
    try:
        return cut(str(error))
    except BaseException:  # an exception of the learner's own class may do anything
        return ""
