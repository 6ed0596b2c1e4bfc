"""The tool that plants faults: what it leaves out, how it counts, and that every survivor has a reason that holds."""

import ast

import pytest

from tools.course import ROOT
from tools.environment import CourseError
from tools.mutants import __main__ as program
from tools.mutants import report, run, source
from tools.mutants.rooms import ROOMS

MODULE = '''
@exercise("Add", seconds=3)
@shown
def add(a, b):
    """The sum."""
    return a + b


class Kept:
    @property
    def size(self):
        return 1
'''


def function(text):
    return ast.parse(text).body[0]


class TestSource:
    def test_a_decorator_becomes_an_assignment_that_does_the_same(self):
        plain = source.undecorated(MODULE)
        order = []
        names = {
            "exercise": lambda title, seconds: lambda f: order.append((title, seconds)) or f,
            "shown": lambda f: order.append("shown") or f,
        }
        exec(plain, names)
        assert order == ["shown", ("Add", 3)]
        assert names["add"](1, 2) == 3
        assert names["Kept"]().size == 1
        assert not [node for node in ast.parse(plain).body if getattr(node, "decorator_list", [])]

    @pytest.mark.parametrize(
        ("mutant", "text"),
        [
            ("def f(x):\n  raise ValueError(f'XX{x} is too largeXX')", True),
            ("def f(x):\n  raise ValueError(None)", False),
            ("def f(x):\n  raise ValueError(f'{x + 1} is too large')", False),
            ("def f(x):\n  raise TypeError(f'{x} is too large')", False),
        ],
    )
    def test_the_wording_of_an_error_is_text_and_its_values_are_not(self, mutant, text):
        original = function("def f(x):\n  raise ValueError(f'{x} is too large')")
        assert source.only_text(original, function(mutant)) is text

    @pytest.mark.parametrize(("word", "text"), [("two words", True), ("word", False), (", ", False)])
    def test_elsewhere_only_several_words_are_text(self, word, text):
        original, mutant = (function(f"def f(x):\n  return g(x, {w!r})") for w in (word, f"XX{word}XX"))
        assert source.only_text(original, mutant) is text

    def test_mutants_are_paired_with_their_original_and_the_change_is_told(self):
        written = "def x_f__mutmut_orig(a):\n  b = a\n  return a + b\ndef x_f__mutmut_12(a):\n  b = a\n  return a - b"
        (name, pair), *others = source.variants(written).items()
        assert (name, others) == ("x_f__mutmut_12", [])
        assert [one.name for one in pair] == ["f", "f"]
        assert source.change(*pair) == ("return a + b", "return a - b")

    @pytest.mark.parametrize(("mangled", "where"), [("x__f", "_f"), ("xǁSplitǁsubset", "Split.subset")])
    def test_a_survivor_is_named_as_python_names_it(self, mangled, where):
        pair = function("def f(a):\n  return a"), function("def f(a):\n  return b")
        found = run.described(f"utils.data._split.{mangled}__mutmut_3", pair)
        assert found == run.Survivor(f"utils.data._split.{where}", "return a", "return b")


class TestReport:
    ONE = run.Survivor("utils.a.f", "x < 1", "x <= 1")

    def outcome(self, killed=80, survivors=(ONE,)):
        return run.Outcome(300, 100, killed + 19 + len(survivors), killed, 19, survivors)

    def test_what_takes_too_long_was_noticed(self):
        assert report.score(self.outcome()) == 0.99

    def test_interval_is_wilsons(self):
        low, high = report.interval(8, 10)
        assert (round(low, 3), round(high, 3)) == (0.490, 0.943)  # Newcombe, 1998
        assert report.interval(50, 50)[1] == pytest.approx(1)

    def test_a_survivor_without_a_reason_is_asked_for_one(self, capsys):
        outcomes = {"layers": self.outcome()}
        assert 'was = "x < 1"' in report.unexplained(outcomes, {})
        assert program.verdict(outcomes, {}) == 1
        assert 'where = "utils.a.f"' in capsys.readouterr().out
        assert program.verdict(outcomes, {self.ONE: "equal"}) == 0
        assert capsys.readouterr().out == ""

    def test_a_low_score_fails(self, capsys):
        others = tuple(run.Survivor("utils.a.f", str(n), "") for n in range(60))
        outcomes = {"data": self.outcome(survivors=others)}
        assert program.verdict(outcomes, dict.fromkeys(others, "why")) == 1
        assert "Below 85%: data" in capsys.readouterr().out


class TestStored:
    def test_page_is_that_of_the_stored_results(self):
        assert report.PAGE.read_text("utf-8") == report.text(*report.stored()), "make mutants writes it anew"

    def test_every_room_that_was_examined_reached_its_target(self):
        outcomes, reasons = report.stored()
        assert set(outcomes) <= set(ROOMS)
        assert program.verdict(outcomes, reasons) == 0

    def test_every_reason_belongs_to_a_survivor(self):
        outcomes, reasons = report.stored()
        assert set(reasons) == {one for outcome in outcomes.values() for one in outcome.survivors}
        assert all(len(why.split()) > 2 for why in reasons.values())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["attic"], "no room attic"), (["--sample", "0"], "neither a number"), (["--sample", "few"], "nor all")],
)
def test_wrong_words_are_answered_plainly(arguments, says):
    with pytest.raises(CourseError, match=says):
        program.main(arguments)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_files_and_tests(room):
    for pattern in (*ROOMS[room].sources, *ROOMS[room].tests):
        assert list(run.Path(ROOT).glob(pattern)), pattern
