"""How values and results are shown to a learner: every kind of value has its words, and a card its parts."""

import numpy as np
import pytest
import torch
from torch import nn

from utils.checks import _guard
from utils.checks._result import FAILED, NOT_ATTEMPTED, PASSED, Result
from utils.checks._shield import Printed
from utils.checks._values import cut, difference, pair, short, shown, to_array, type_name

FULL = Result("Slide <once>", FAILED, "Look at `kernel[0]`.\nIt is 1 < 2.", "f(x=[1 2])", "[1.\n 22.]", "3", "a & b\nc")


def test_a_result_is_a_page_of_text():
    assert repr(FULL).splitlines() == [
        "✗ Slide <once>: not right yet",
        "  Look at `kernel[0]`.",
        "  It is 1 < 2.",
        "  Case: f(x=[1 2])",
        "  expected   got",
        "  [1.        3",
        "   22.]",
        "  You printed:",
        "  a & b",
        "  c",
    ]
    assert repr(Result("Add", PASSED, "Right.")) == "✓ Add: right\n  Right."
    assert repr(Result("Add", NOT_ATTEMPTED, "Write.")) == "○ Add: not attempted yet\n  Write."
    tall = repr(Result("Add", FAILED, "No.", expected="1", got="2\n3")).splitlines()
    assert tall[2:] == ["  expected   got", "  1          2", "             3"]
    assert "got" in repr(Result("Add", FAILED, "No.", got="2"))
    assert "got" in repr(Result("Add", FAILED, "No.", expected="2"))


def test_a_result_is_a_card_with_the_same_words():
    card = FULL._repr_html_()
    parts = [
        'role="group" aria-label="Slide &lt;once&gt;: not right yet"', "border-left: 6px solid #D55E00",
        "<strong>✗ Slide &lt;once&gt;: not right yet</strong>",
        "Look at <code>kernel[0]</code>.\nIt is 1 &lt; 2.", "Case: <code>f(x=[1 2])</code>",
        "<em>expected</em><pre", ">[1.\n 22.]</pre>", "<em>got</em><pre", ">3</pre>",
        "<em>you printed</em><pre", ">a &amp; b\nc</pre>",
    ]  # fmt: skip
    assert [part for part in parts if part not in card] == []
    assert card.count("<div") == card.count("</div>")
    assert card.count("overflow-x: auto; background: transparent; color: inherit") == 3, (
        "wide ones scroll, in any theme"
    )
    plain = Result("Add", PASSED, "Right.")._repr_html_()
    assert "#009E73" in plain
    assert not [word for word in ("Case", "expected", "got", "printed", "None", "XX") if word in plain]
    assert "#7f7f7f" in Result("Add", NOT_ATTEMPTED, "Write.")._repr_html_()
    assert "<em>got</em>" in Result("Add", FAILED, "No.", got="2")._repr_html_()
    assert "<em>expected</em>" in Result("Add", FAILED, "No.", expected="2")._repr_html_()


@pytest.mark.parametrize(
    ("value", "name", "line"),
    [
        (np.array([1.0, 2.5]), "a NumPy array", "[1. 2.5]"),
        (torch.tensor([1, 2]), "a PyTorch tensor", "[1 2]"),
        (nn.Parameter(torch.ones(1)), "a PyTorch parameter", "[1.]"),
        (np.zeros((3, 4)), "a NumPy array", "[[0. 0. 0. 0.] [0. 0. 0. 0.] [0. 0. 0. 0.]]"),
        (np.zeros(13), "a NumPy array", "array of shape (13,)"),
        (np.zeros((1, 1, 1)), "a NumPy array", "array of shape (1, 1, 1)"),
        (torch.zeros(13), "a PyTorch tensor", "tensor of shape (13,)"),
        (torch.zeros(2, device="meta"), "a PyTorch tensor", "tensor of shape (2,)"),
        ([1, (2, "a")], "a list", "[1, (2, 'a')]"),
        (tuple(range(7)), "a tuple", "(0, 1, 2, 3, 4, 5, ...)"),
        (list(range(6)), "a list", "[0, 1, 2, 3, 4, 5]"),
        ({"a": 1}, "a dict", "a dict"),
        ("x" * 58, "a text", "'" + "x" * 58 + "'"),
        ("x" * 59, "a text", "'" + "x" * 59 + " ..."),
        (True, "a truth value", "True"),
        (3, "a whole number", "3"),
        (2.5, "a number", "2.5"),
        (np.float32(2), "a NumPy number (float32)", "2."),
        (2j, "a NumPy number (complex)", "0.+2.j"),
        (None, "None", "None"),
        (nn.ReLU(), "an object of class ReLU", "an object of class ReLU"),
        (nn.ReLU, "the class ReLU", "the class ReLU"),
    ],
)  # fmt: skip
def test_every_kind_of_value_has_its_words(value, name, line):
    assert type_name(value) == name
    assert short(value) == line


def test_what_is_shown_of_one_value():
    assert shown(None) == ""
    assert shown("a\nb") == "a\nb"
    assert shown({"a": [1, 2], "k" * 50: 3}) == f"a: [1, 2]\n{'k' * 40} ...: 3"
    assert shown(np.array([0.123456, 2])) == "[0.1235 2.    ]"
    assert shown(np.array(["a"])) == "array of <U1, shape (1,)"
    assert shown(np.zeros(72)).startswith("[0.")
    assert shown(np.zeros(73)).splitlines() == ["[0:6] of shape (73,)", "[0. 0. 0. 0. 0. 0.]"]
    assert cut("x" * 400) == "x" * 400
    assert cut("x" * 401) == "x" * 400 + " ..."


def test_two_values_are_shown_where_they_differ_most():
    right, got = np.zeros((9, 12)), np.zeros((9, 12))
    got[8, 11], got[0, 0] = np.nan, 5
    assert [text.splitlines()[0] for text in pair(right, got)] == ["[3:9, 6:12] of shape (9, 12)"] * 2
    of_other_shape = pair(right, np.ones(80))
    assert [text.splitlines()[0] for text in of_other_shape] == ["[0:6, 0:6] of shape (9, 12)", "[0:6] of shape (80,)"]
    assert pair("tanh", 3) == ("tanh", "3")
    assert pair((1, 2), None) == ("(1, 2)", "")
    assert pair(np.zeros((0, 2)), np.zeros((0, 2))) == ("[]", "[]")


def test_a_difference_counts_nan_against_a_number_as_the_largest():
    gap = difference(np.array([1, np.nan, np.inf, np.nan]), np.array([3, np.nan, np.inf, 1]))
    assert gap.tolist() == [2, 0, 0, np.inf]
    assert difference(np.array([1j]), np.array([-1j])).tolist() == [2]
    assert difference(np.array([True]), np.array([False])).tolist() == [1]


def test_tensors_of_every_kind_become_arrays():
    assert to_array(torch.tensor([1.5], dtype=torch.bfloat16, requires_grad=True)).tolist() == [1.5]
    assert to_array(torch.tensor([1j]).conj()).tolist() == [-1j]
    assert to_array(torch.ones(2, device="meta")) is None
    assert to_array("text") is None


def test_prints_are_kept_up_to_two_thousand_characters():
    printed = Printed()
    assert printed.write("x" * 1_999) == 1_999
    assert (printed.write("yz\n"), printed.writable()) == (3, True)
    assert printed.text() == "x" * 1_999 + "y\n... and 2 more characters"
    short_one = Printed()
    short_one.write("a\n\n")
    assert short_one.text() == "a"


def test_a_call_is_described_in_one_line():
    assert _guard.describe_call(pair, ["a", "b"], [1, [2, None]]) == "pair(a=1, b=[2, None])"
    assert _guard.describe_call(nn.ReLU(), ["argument 1"], [1]) == "ReLU(argument 1=1)"
    long = _guard.describe_call(pair, ["a"] * 100, [1] * 100)
    assert (len(long), long[-4:]) == (244, " ...")
