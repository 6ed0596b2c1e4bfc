"""What `compare`, `same_network` and `run` say, word for word: a learner reads nothing else."""

import numpy as np
import pytest
import torch
from slide_check import complaint
from torch import nn

from utils.checks import _guard, _harness, _networks
from utils.checks._harness import Mistake, as_is, build, compare, exercise, run, same_network, same_parameters

GRID, SQUARE = np.arange(12.0).reshape(3, 4), np.arange(9.0).reshape(3, 3)
ARRAY, TENSOR = "Turn a list into one with np.array, a tensor with .numpy().", "Stay in PyTorch: no .item(), no NumPy."


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (GRID.tolist(), GRID, f"You returned a list; a NumPy array is expected. {ARRAY}"),
        (torch.ones(3), GRID, f"You returned a PyTorch tensor of shape (3,); a NumPy array is expected. {ARRAY}"),
        (GRID, torch.ones(3), f"You returned a NumPy array of shape (3, 4); a PyTorch tensor is expected. {TENSOR}"),
        ([1], 1, "You returned a list; one number is expected. Take it out of a list or array."),
        (None, "a", "You returned None."),
        (None, 1, "You returned None; one number is expected. Is a `return` missing?"),
        ("b", "a", "You returned a text, but not the expected one."),
        ("a", None, "You returned a text, but not the expected one."),
        (3, (1, 2), "You returned a whole number; 2 values are expected."),
        (3, [1, 2], "You returned a whole number; a list of 2 values is expected."),
        (GRID, [1, 2], "You returned a NumPy array; a list of 2 values is expected. `.tolist()` makes one."),
        ((1, 2, 3), (1, 2), "You returned 3 values; 2 are expected."),
        (3, {"a": 1, "b": 2}, "You returned a whole number; a dict with the keys 'a', 'b' is expected."),
        ({"c": 1}, {"a": 1, "b": 2}, "Your dict lacks the key 'a'."),
        ({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2}, "Your dict has 3 keys; only 'a', 'b' are expected."),
        ({"a": (1, 2)}, {"a": (1, 3)}, "At the key 'a': Value 2 of 2: The number is not right."),
        (torch.ones(2).to("meta"), torch.ones(2), "Your tensor is on the device meta; it is expected on cpu."),
        (GRID > 3, GRID, "Your result holds truth values (bool); floats (float64) are expected."),
        (GRID.astype("U1"), GRID, "Your result holds objects (<U1); floats (float64) are expected."),
        (True, 1, "Your result holds truth values (bool); whole numbers (int64) are expected."),
        (1j, 1.0, "Your result holds complex numbers (complex128); floats (float64) are expected."),
        (GRID[0], GRID, "Your result has shape (4,); shape (3, 4) is expected."),
        (np.nan, 1.0, "Your result is NaN, not a number. Look for a zero divided by zero, or the logarithm of a zero."),
        (np.array([np.nan, 1]), np.array([2.0, 1]), "1 of 2 values are NaN, not a number. Look for a zero divided"),
        (np.array([1.0, 2]), np.array([np.nan, 2]), "1 of 2 values are wrong, most of all the one at [0]."),
        (GRID + np.eye(3, 4) * [1, 2, 3, 4], GRID, "3 of 12 values are wrong, most of all the one at [2, 2]."),
        (np.flip(SQUARE, -1), SQUARE, "The values are right but in reverse order along the last axis."),
        (
            np.array([3.0, 2, 1]),
            np.array([1.0, 2, 3]),
            "The values are right but in reverse order along the last axis.",
        ),
        (-2.0, 2.0, "The values are right except for their sign: look for a minus too many or too few."),
        (0.5 * SQUARE, SQUARE, "Every value is 0.5 times what is expected: look for a factor too many or too few."),
        (~np.array([True, False]), np.array([True, False]), "2 of 2 values are wrong"),
    ],
)
def test_the_words_for_a_wrong_value(got, expected, words):
    assert complaint(got, expected).startswith(words)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.array([2.0, 0, 1]), np.array([1.0, 0, 0])),  # a zero became something: no factor
        (np.array([2.0, 4, 9]), np.array([1.0, 2, 3])),
        (np.array([0.0, 0]), np.array([1.0, 2])),
        (np.array([2.0, 0]), np.array([1.0, 0])),  # one number has any factor
        (np.array([np.inf, np.inf]), np.array([1.0, 2])),
    ],
)
def test_a_factor_is_seen_only_where_all_values_have_it(got, expected):
    assert "times" not in complaint(got, expected)


def test_a_factor_is_seen_through_rounding_and_zeros():
    assert "3 times" in complaint(np.array([3.00001, 6, 0]), np.array([1.0, 2, 0]))
    assert "2 times" in complaint(np.array([2, 4]), np.array([1, 2]))


def test_how_near_is_near_enough():
    assert complaint(1 + 1.9e-5, 1.0) == ""
    assert complaint(1 + 2.2e-5, 1.0) != ""
    assert complaint(0.9e-5, 0.0) == ""
    assert complaint(1.1e-5, 0.0) != ""
    assert complaint(1.1e-5, 0.0, atol=1e-4) == ""
    assert complaint(1001.0, 1000.0, rtol=1e-2) == ""
    mistakes = {"slip": 2.0}
    assert complaint(2.00002, 1.0, mistakes=mistakes) == "slip"
    assert complaint(2.0003, 1.0, mistakes=mistakes) != "slip"
    assert complaint(2.0003, 1.0, atol=1e-3, mistakes=mistakes) == "slip"
    assert complaint(2.003, 1.0, rtol=1e-2, mistakes=mistakes) == "slip"


@pytest.mark.parametrize(
    ("got", "wrong", "known"),
    [
        ([1, 2], (1, 2), True), ([1, 2, 3], (1, 2), False), ({"a": 1}, {"a": 1.0}, True), ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 2}, False), ("b", "b", True), ("b", "c", False), ("b", 1, False), (1, "b", False),
        (np.array([np.nan]), np.array([np.nan]), True), (np.ones(2), np.ones(3), False),
        (np.ones((1, 2)), np.ones(2), False), (np.array(["b"]), np.array(["b"]), False), (object(), object(), False),
    ],
)  # fmt: skip
def test_what_counts_as_a_known_mistake(got, wrong, known):
    assert (complaint(got, "right", mistakes={"known": wrong}) == "known") == known


def test_a_mistake_shows_both_values_and_its_case():
    with pytest.raises(Mistake) as known:
        compare(2, 1, case="the second", mistakes={"slip": 2})
    with pytest.raises(Mistake) as unknown:
        compare(3, 1, case="the second", mistakes={"slip": 2})
    for raised, got in ((known, 2), (unknown, 3)):
        assert (raised.value.expected, raised.value.got, raised.value.case) == (1, got, "the second")
    weight = torch.ones(1, requires_grad=True)
    with pytest.raises(Mistake, match="cannot flow back") as lost:
        compare(weight.detach(), weight, case="the second")
    assert lost.value.case == "the second"


def test_networks_in_words():
    with pytest.raises(Mistake) as many:
        same_parameters(nn.Sequential(*(nn.Linear(2, 3) for _ in range(500))), nn.Linear(2, 3, bias=False), case="B")
    assert many.value.message == (
        "Your network has 4,500 parameters; 6 are expected. Extra shapes: 499 x (3, 2), 500 x (3,)."
    )
    assert many.value.case == "B"
    with pytest.raises(Mistake) as biases:
        same_parameters(nn.Linear(2, 3), nn.Linear(2, 3, bias=False))
    assert biases.value.message.endswith(
        "Extra shapes: (3,). A shape with one number is that of a bias or of batch normalisation."
    )
    with pytest.raises(Mistake, match=r"Missing shapes: \(3,\)\. A shape with one number"):
        same_parameters(nn.Linear(2, 3, bias=False), nn.Linear(2, 3))
    with pytest.raises(Mistake, match=r"Extra shapes: 2 x \(3,\)\. Missing shapes: 2 x \(4,\)\.$"):
        same_parameters(nn.BatchNorm1d(3), nn.BatchNorm1d(4))
    frozen = nn.Linear(2, 3)
    frozen.bias.requires_grad_(False)
    same_parameters(frozen, nn.Linear(2, 3, bias=False))
    with pytest.raises(Mistake, match=r"takes a network: an nn\.Module, or the class of one\. You passed 3"):
        build(3)
    with pytest.raises(Mistake, match=r"Your code gave 3\. Is the class derived from nn\.Module"):
        build(lambda width: 3, 4)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (nn.Sequential, "the class Sequential. Call it"),
        ([nn.ReLU()], "a list. Put its layers into one network"),
        (torch.ones(2), "a PyTorch tensor. Return the module itself"),
        (None, "None. Is a `return` missing?"),
    ],
)
def test_what_to_do_about_something_that_is_no_network(given, words):
    with pytest.raises(Mistake) as raised:
        build(lambda: given)
    assert words in raised.value.message


def test_a_network_is_judged_in_evaluation_mode_with_weights_that_depend_on_shapes_alone():
    def net(width=4, momentum=0.1):
        return nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width, momentum=momentum), nn.Dropout(0.5))

    X = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    trained = net()
    trained(X)  # running statistics of its own
    reference = net()
    kept = [tensor.clone() for tensor in reference.state_dict().values()]
    same_network(build(trained), reference, X)
    same_network(build(net, width=4), reference, X)
    assert all(map(torch.equal, kept, reference.state_dict().values()))
    assert reference.training
    with pytest.raises(Mistake) as named:
        same_network(build(net, 5), reference, X, case="wide", mistakes={"other": net(6), "five": lambda: net(5)})
    assert (named.value.message, named.value.case) == ("five", "wide")
    with pytest.raises(Mistake, match="30 parameters; 24 are expected") as shapes:
        same_network(build(net, 5), reference, X, case="wide")
    assert shapes.value.case == "wide"
    doubled = nn.Sequential(*net(), nn.Hardtanh(-0.1, 0.1))
    with pytest.raises(Mistake, match="values are wrong") as values:
        same_network(build(doubled), reference, X, case="cut")
    assert values.value.case == "cut"


class Scaled(nn.Module):
    """A layer whose output is a little wrong."""

    def __init__(self, factor):
        super().__init__()
        self.layer, self.factor = nn.Linear(3, 2), factor

    def forward(self, X):
        return self.layer(X) * self.factor


def test_how_near_a_network_must_come():
    X, right = torch.ones(2, 3), Scaled(1)
    same_network(build(Scaled, 1 + 1e-4), right, X)
    with pytest.raises(Mistake):
        same_network(build(Scaled, 1.001), right, X)
    same_network(build(Scaled, 1.001), right, X, rtol=1e-2)
    same_network(build(Scaled, 1.001), right, X, atol=1e-1)


def test_a_call_is_told_by_its_arguments():
    seen = []

    @exercise("Add")
    def add(answer):
        """Sums."""
        seen.append((_guard.current().name, _guard.current().seconds))
        compare(run(answer, 1, np.ones(2), more=as_is([3])), 7)

    assert add(lambda first, second, more: 7).message == "Your answer is right in 1 call."
    assert add(lambda *numbers, more: 6).case == "<lambda>(argument 1=1, argument 2=[1. 1.], more=[3])"
    assert add(max).status == "failed"
    assert seen == [("add", 5)] * 3
    assert add(add).message.startswith("Your code raised TypeError")


def test_the_innermost_lines_of_the_learners_own_are_quoted():
    def deepest(x):
        return 1 / 0  # here

    def deep(x):
        return deepest(x)

    def middle(x):
        return deep(x)

    @exercise("Divide")
    def divide(answer):
        """Never."""
        run(answer, 1)

    what, *lines = divide(lambda x: middle(x)).message.splitlines()
    assert what == "Your code raised ZeroDivisionError: division by zero"
    assert [line.split(", line")[0] for line in lines] == ["  in middle", "  in deep", "  in deepest"]
    assert lines[2].endswith(":  return 1 / 0  # here")
    assert divide(lambda x: exec("1 / 0")).message.splitlines()[-1].startswith("  in <module>, line 1")


def test_a_check_that_stumbles_says_what_over():
    @exercise("Broken")
    def broken(answer):
        """Fails for any answer."""
        raise ValueError("x" * 500)

    message = broken(1).message
    assert message.startswith(f"{_harness.STUMBLED} (ValueError: {'x' * 400} ...)")
    shown = exercise("Told")(lambda answer: (_ for _ in ()).throw(Mistake("No.", got=[1, 2])))
    assert (shown(1).expected, shown(1).got) == ("", "[1, 2]")


def test_cases_that_are_drawn_by_default():
    drawn = _harness.integers((1000,), seed=0)
    assert (drawn.min(), drawn.max()) == (-3, 3)
    assert drawn[:6].tolist() == _harness.integers((1000,), seed=0)[:6].tolist()
    assert _harness.array(3, 1).tolist() == [0.35, 0.82, 0.33]


def test_a_mistake_without_a_case_has_the_last_call_for_one():
    @exercise("Judge")
    def judge(answer):
        """Never right."""
        run(answer, 1)
        raise Mistake("No.")

    assert judge(lambda x: x).case == "<lambda>(x=1)"
    assert judge(lambda x: x).got == ""


def test_the_common_weights_neither_vanish_nor_explode():
    deep = nn.Sequential(*(part for _ in range(15) for part in (nn.Linear(64, 64, bias=False), nn.Identity())))
    out = _networks._output(nn.Sequential(deep, nn.BatchNorm1d(64)), torch.randn(8, 64))
    assert 0.1 < out.std(0).mean() < 10
