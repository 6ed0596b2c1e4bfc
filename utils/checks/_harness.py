"""How the check of an exercise is written: all that a `utils/checks/chNN.py` imports.

    import torch.nn.functional as F

    from utils.checks._harness import array, compare, exercise, run

    @exercise("Slide, multiply, add")                   # title on the card; the function's name is the check's name
    def convolve_1d(answer):
        '''Response along the signal, zero-padded on the left. (What `check.convolve_1d?` shows.)'''
        for n, k in [(8, 2), (9, 3), (5, 1)]:           # several sizes: "right for the shown example" must fail
            signal, kernel = array(n, seed=n), array(k, seed=k)
            right = np.correlate(np.pad(signal, (k - 1, 0)), kernel, "valid")
            got = run(answer, signal, kernel)           # copies go in; anything that goes wrong becomes feedback
            compare(got, right, mistakes={
                "You flipped the kernel. Libraries do not.": np.convolve(signal, kernel)[:n],
                "You padded both sides: the kernel's centre is its right element.": lambda: slow(signal, kernel),
            })

`check.convolve_1d(answer)` then returns a `Result`, for whatever the learner passes.

    exercise(title, seconds=5)      makes a check of a function that raises Mistake where the answer is wrong
    run(answer, *args, **kwargs)    calls the answer; the stub, exceptions, endless loops, changed inputs, a missing
                                    return end the check with feedback. Describes the call: no `case` needed
    as_is(value)                    an argument that is handed over itself and may be changed (a model to train; a
                                    tensor whose .grad is read after). With one, the answer may return None
    compare(got, expected, case="", atol=1e-5, rtol=1e-5, mistakes={message: wrong value})
                                    type, kind of numbers, shape, NaN, values; numbers, arrays, tensors, texts, and
                                    tuples, lists, dicts of them. An expected tensor with a gradient asks for one
    Mistake(message, expected=None, got=None, case="")
                                    to raise for anything else. Look at `got` only after `compare` has accepted its type
    build(answer, *args, **kwargs)  the learner's nn.Module from its class, function or instance; call it with `run`
    same_network(network, reference, X, mistakes={message: wrong network})
                                    same parameter shapes, and same outputs once both have the same weights
    same_parameters(network, reference)
                                    the shapes alone
    array(shape, seed), tensor(shape, seed), integers(shape, seed, low, high)
                                    cases: float64, float32, int64; the same on every machine

While a check runs, random numbers are seeded and put back after, prints are kept for the card, and functions of PyTorch
and NumPy that were replaced in the notebook are the original ones: oracles may be used as they are.
Wrong answers that prove the check go to `tests/wrong_answers/chNN.py`. Messages say what is wrong and where to look.
"""

import contextlib
import functools
import sys

import numpy as np
import torch

from . import _shield
from ._compare import compare
from ._guard import _SESSIONS, Session, as_is, run
from ._networks import build, same_network, same_parameters
from ._result import FAILED, NOT_ATTEMPTED, PASSED, Mistake, NotAttempted, Result
from ._values import cut, pair, shown

__all__ = [
    "Mistake", "Result", "array", "as_is", "build", "compare", "exercise", "integers", "run", "same_network",
    "same_parameters", "tensor",
]  # fmt: skip

# Begins the message where the check itself failed: a fault of the course. test_checks.py accepts no such message.
STUMBLED = "This check could not judge your answer"


def exercise(title, seconds=5):
    """Decorator: make a check `name(answer) -> Result` of a function that raises where the answer is wrong.

    Args:
        title: what the card is headed with.
        seconds: longest time that one call of the answer may take.
    """

    def decorate(judge):
        @functools.wraps(judge)
        def check(answer):
            session, printed = Session(judge.__name__, seconds), _shield.Printed()
            with _running(session, printed):
                verdict = _verdict(judge, answer, session)
            return Result(title, **verdict, printed=printed.text())

        _publish(check)
        return check

    return decorate


def array(shape, seed):
    """Normally distributed numbers with two decimals, which read well on a card: float64 array of the shape."""
    return np.random.default_rng(seed).normal(size=shape).round(2)


def tensor(shape, seed):
    """The same as a float32 tensor of the shape."""
    return torch.from_numpy(array(shape, seed)).float()


def integers(shape, seed, low=-3, high=4):
    """Whole numbers from `low` to `high` - 1: int64 array of the shape."""
    return np.random.default_rng(seed).integers(low, high, size=shape)


@contextlib.contextmanager
def _running(session, printed):
    """The surroundings of a check: sheltered, with the original functions, its prints kept."""
    replaced = _shield.restore_functions()
    _SESSIONS.append(session)
    try:
        with _shield.sheltered(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield
    finally:
        _SESSIONS.pop()
        _shield.put_back(replaced)


def _verdict(judge, answer, session):
    """What the judge says, as the fields of a `Result`."""
    try:
        judge(answer)
    except NotAttempted:
        return {"status": NOT_ATTEMPTED, "message": "Write your answer in place of `raise NotImplementedError`."}
    except Mistake as mistake:
        expected, got = "", ""
        if mistake.expected is not None:
            expected, got = pair(mistake.expected, mistake.got)
        elif mistake.got is not None:
            got = shown(mistake.got)
        case = mistake.case or session.last
        return {"status": FAILED, "message": mistake.message, "case": case, "expected": expected, "got": got}
    except Exception as error:
        message = f"{STUMBLED} ({type(error).__name__}: {cut(str(error))}). Does it return what the exercise asks for?"
        return {"status": FAILED, "message": message, "case": session.last}
    calls = f"every one of {session.calls} calls" if session.calls > 1 else f"{session.calls} call"
    return {"status": PASSED, "message": f"Your answer is right in {calls}."}


def _publish(check):
    """List the check in its module's `__all__` and `dir()`: what a learner sees after `check.` and Tab."""
    module = sys.modules[check.__module__].__dict__
    names = module.setdefault("__all__", [])
    if check.__name__ not in names:
        names.append(check.__name__)
    module["__dir__"] = lambda: sorted(names)
