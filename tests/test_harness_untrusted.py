"""The harness against answers that fail, hang, lie or meddle: each gets a sentence, none breaks the notebook."""

import signal
import sys
import threading
import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from slide_check import judged, slide, solution
from torch import nn

from utils.checks import _harness


# What goes wrong, and words that the learner must read.
def raises(signal, kernel):
    return signal[100]


def exits(signal, kernel):
    sys.exit("bye")


def interrupts(signal, kernel):
    raise KeyboardInterrupt


class Unspeakable(BaseException):
    """An exception that cannot be turned into text."""

    def __str__(self):
        raise RuntimeError("no")


def raises_unspeakable(signal, kernel):
    raise Unspeakable


def recurses(signal, kernel):
    return recurses(signal, kernel)


def forgets_return(signal, kernel):
    solution(signal, kernel)


def changes_input(signal, kernel):
    kernel *= 2
    return solution(signal, kernel / 2)


def takes_too_few(signal):
    return signal


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raises, ["IndexError", "in raises, line", "return signal[100]"]),
        (exits, ["SystemExit"]),
        (interrupts, ["KeyboardInterrupt"]),
        (raises_unspeakable, ["Unspeakable"]),
        (recurses, ["RecursionError"]),
        (forgets_return, ["None", "return"]),
        (changes_input, ["changed its input `kernel`"]),
        (takes_too_few, ["TypeError", "positional argument"]),
        (solution(np.ones(3), np.ones(2)), ["check.slide(slide)", "[2. 2.]"]),
        (None, ["You passed None"]),
        (nn.Linear, ["the class Linear"]),
        (lambda signal, kernel: np.ones(10**11), ["MemoryError"]),
        (lambda signal, kernel: torch.ones(10**11), ["RuntimeError", "allocate"]),
    ],
)
def test_every_accident_is_told(answer, words):
    if "allocate" in words and (sys.platform != "linux" or torch.cuda.is_available()):
        pytest.skip("memory is limited on Linux without a GPU only")
    result = slide(answer)
    assert result.status == "failed"
    assert [word for word in words if word not in result.message] == []
    assert __file__ not in result.message


def test_a_message_quotes_the_learners_lines_only():
    def helper(signal):
        return np.dot(signal, "text")

    result = slide(lambda signal, kernel: helper(signal))
    assert "in helper, line" in result.message
    assert "numpy" not in result.message.split("in helper")[1]
    assert "_harness" not in result.message


def loops(signal, kernel):
    while True:
        pass


def loops_and_swallows(signal, kernel):
    while True:
        try:  # noqa: SIM105 (what a learner may write)
            sum(range(100))
        except:  # noqa: E722
            pass


def sleeps_and_swallows(signal, kernel):
    while True:
        try:  # noqa: SIM105
            time.sleep(60)
        except:  # noqa: E722
            pass


@pytest.mark.parametrize("answer", [loops, loops_and_swallows, sleeps_and_swallows])
def test_an_endless_loop_is_cut_off(answer):
    trace, start = sys.gettrace(), time.monotonic()
    result = slide(answer)
    assert "stopped after 0.3 seconds" in result.message
    assert time.monotonic() - start < 5
    assert sys.gettrace() is trace
    time.sleep(0.2)  # an alarm that was left on would end the test here


@pytest.mark.parametrize("answer", [loops, loops_and_swallows])
def test_an_endless_loop_is_cut_off_outside_the_main_thread(answer):
    results = []
    thread = threading.Thread(target=lambda: results.append(slide(answer)))
    thread.start()
    thread.join(30)
    assert "stopped after 0.3 seconds" in results[0].message


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such timer")
@pytest.mark.parametrize("answer", [solution, loops])
def test_an_alarm_of_the_notebooks_own_survives(answer):
    rung = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    signal.setitimer(signal.ITIMER_REAL, 30)
    try:
        slide(answer)
        assert 20 < signal.getitimer(signal.ITIMER_REAL)[0] <= 30
        signal.raise_signal(signal.SIGALRM)
        assert rung == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_prints_are_kept_and_ten_megabytes_are_cut():
    def talks(signal, kernel):
        print("size", len(signal))
        print("x" * 10_000_000)
        sys.stdout.close()
        return solution(signal, kernel)

    result = slide(talks)
    assert result.status == "passed"
    assert result.printed.startswith("size 7\nxxx")
    assert "more characters" in result.printed.splitlines()[-1]
    assert len(repr(result)) < 3_000
    print("standard output is back")


class Liar:
    """Says yes to every comparison, and has every attribute."""

    shape, dtype, ndim, size = (7,), np.dtype(float), 1, 7

    def __eq__(self, other):
        return True

    __hash__ = None

    def __getattr__(self, name):
        return lambda *args, **kwargs: self

    def __array__(self, *args, **kwargs):
        raise AssertionError("the harness asked a liar")

    __repr__ = __len__ = __iter__ = __bool__ = __float__ = __array__


class LyingArray(np.ndarray):
    """A NumPy array that says yes to every comparison."""

    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    __hash__ = None


class LyingTensor(torch.Tensor):
    """A tensor that answers every operation itself."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return torch.ones(())


@pytest.mark.parametrize(
    "lie",
    [
        lambda right: Liar(),
        lambda right: np.zeros_like(right).view(LyingArray),
        lambda right: np.array([Liar()] * len(right), dtype=object),
        lambda right: torch.zeros(len(right)).as_subclass(LyingTensor),
        lambda right: [Liar()] * len(right),
        lambda right: type("float", (float,), {"__eq__": lambda self, other: True})(1),
    ],
)
def test_a_lying_object_does_not_pass(lie):
    result = judged(lie)
    assert result.status == "failed"
    assert _harness.STUMBLED not in result.message
    assert repr(result)


@pytest.mark.parametrize("during", [False, True])
def test_replaced_functions_do_not_fool_the_oracle(monkeypatch, during):
    zeros, yes = (lambda *args, **kwargs: torch.zeros(1, 1, 7)), (lambda *args, **kwargs: True)

    def replace():
        monkeypatch.setattr(F, "conv1d", zeros)
        monkeypatch.setattr(torch.Tensor, "numpy", lambda self: np.zeros(7))
        monkeypatch.setattr(np, "isclose", lambda *args, **kwargs: np.ones(7, dtype=bool))
        monkeypatch.setattr(np, "allclose", yes)

    def answer(signal, kernel):
        if during:
            replace()
        return np.zeros(len(signal) - len(kernel) + 1)

    if not during:
        replace()
    assert slide(answer).status == "failed"
    assert (
        F.conv1d is zeros
    ) != during  # what the learner replaced in the notebook stays; what the answer did is undone
