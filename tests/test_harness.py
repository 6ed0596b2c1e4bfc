"""The harness of the checks: what a result says, what an answer is handed, and that the notebook stays as it was."""

import random
import sys
import types

import numpy as np
import pytest
import torch
from slide_check import judged, slide, solution
from torch import nn

from utils.checks import _harness
from utils.checks._harness import Mistake, array, as_is, exercise, integers, run, tensor


def stub(signal, kernel):
    raise NotImplementedError("Your turn: replace this line.")


def test_right_not_attempted_and_wrong():
    right, none = slide(solution), slide(stub)
    wrong = slide(lambda signal, kernel: np.convolve(signal, kernel, "valid"))
    assert [r.status for r in (right, none, wrong)] == ["passed", "not attempted", "failed"]
    assert "3 calls" in right.message
    assert "NotImplementedError" in none.message
    assert wrong.message == "You flipped the kernel."
    assert "kernel=[" in wrong.case
    assert wrong.expected != wrong.got != ""


def test_stub_that_is_half_written_or_a_lambda_is_not_attempted():
    def half(signal, kernel):
        padded = signal + 1
        raise NotImplementedError(padded)

    assert slide(half).status == "not attempted"


def test_not_implemented_from_elsewhere_is_a_mistake():
    unwritten = nn.Module()  # PyTorch raises NotImplementedError for a module without forward
    result = slide(lambda signal, kernel: unwritten(signal))
    assert result.status == "failed"
    assert "NotImplementedError" in result.message


def test_the_notebooks_random_numbers_and_settings_stay():
    def disturbs(signal, kernel):
        random.random(), np.random.rand(), torch.rand(3)
        torch.manual_seed(5)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        np.seterr(all="raise")
        return solution(signal, kernel)

    def state():
        settings = (
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.get_num_threads(),
            tuple(np.geterr().values()),
        )
        return random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist(), settings

    before = state()
    assert slide(disturbs).status == "passed"
    assert state() == before


def test_random_answers_are_drawn_alike_in_every_run():
    seen = []
    for _ in range(2):
        slide(lambda signal, kernel: seen.append(torch.rand(2).tolist()) or solution(signal, kernel))
    assert seen[:3] == seen[3:]


def test_cases_are_the_same_everywhere():
    assert array((2, 2), seed=0).tolist() == [[0.13, -0.13], [0.64, 0.1]]
    assert tensor((2, 3), seed=0).dtype == torch.float32
    assert torch.equal(tensor((2, 2), seed=0).double().round(decimals=2), torch.from_numpy(array((2, 2), seed=0)))
    drawn = integers((100,), seed=1, low=0, high=10)
    assert (drawn.min(), drawn.max(), drawn.dtype) == (0, 9, np.int64)


def test_as_is_hands_over_the_object_itself():
    weight = tensor((2,), seed=0).requires_grad_()

    def answer(w):
        (w**2).sum().backward()

    assert run(answer, as_is(weight)) is None
    torch.testing.assert_close(weight.grad, 2 * weight.detach())


def test_keywords_reach_the_answer_and_are_copied():
    values = [1, 2]
    with pytest.raises(Mistake, match="changed its input `items`"):
        run(lambda a, items: items.append(a) or items, 3, items=values)
    assert values == [1, 2]


def test_card_is_escaped_and_readable_without_colours():
    card = slide(lambda signal, kernel: print("<b>") or solution(signal, kernel) + 5)._repr_html_()
    assert "Slide &lt;once&gt;: not right yet" in card
    assert "&lt;b&gt;" in card
    assert "<b>" not in card
    assert "✗" in card
    assert "expected" in card
    assert "✓" in slide(solution)._repr_html_()


def test_text_puts_expected_beside_got():
    lines = repr(judged(np.negative)).splitlines()
    heading = next(line for line in lines if "expected" in line and "got" in line)
    below = lines[lines.index(heading) + 1]
    assert below.index("[", 3) == heading.index("got")


def test_a_check_that_fails_itself_says_so():
    @exercise("Broken")
    def broken(answer):
        """Fails for any answer."""
        return run(answer).no_such_attribute

    result = broken(lambda: 1)
    assert result.status == "failed"
    assert result.message.startswith(_harness.STUMBLED)


def test_a_module_shows_its_checks_only(monkeypatch):
    module = types.ModuleType("chapter")
    monkeypatch.setitem(sys.modules, "chapter", module)
    exec('from utils.checks._harness import exercise\n@exercise("A")\ndef second(a): "doc"\n', vars(module))
    exec('@exercise("B")\ndef first(a): "doc"\n', vars(module))
    assert dir(module) == ["first", "second"]
    assert module.first.__doc__ == "doc"
