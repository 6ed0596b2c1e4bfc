"""The table of measured claims: what is stored is a claim's, is merged one by one, and is judged by its spread."""

import json

import pytest

from benchmarks import accuracy, claims
from benchmarks.claims import Claim, fitted
from tests.tiny_training import tiny_split

CHAPTERS_WITH_CLAIMS = {claim.chapter for claim in claims.registry().values()}


def fixed(*accuracies):
    """A variant that gets these accuracies with the seeds 0, 1, 2."""
    return lambda train, test, seed: {"accuracy": accuracies[seed], "seconds": 1.0}


def make(name="made_up", chapter=5, **variants):
    """A claim whose results are known."""
    split = tiny_split()
    return Claim(name, chapter, "One is better.", lambda: (split, split), variants)


@pytest.fixture
def results(tmp_path, monkeypatch):
    """An empty folder of results."""
    monkeypatch.setattr(accuracy._common, "RESULTS", tmp_path)
    monkeypatch.setattr(accuracy, "JSON", tmp_path / "accuracy.json")
    monkeypatch.setattr(accuracy, "TABLE", tmp_path / "accuracy.md")
    return tmp_path


def test_every_stored_result_is_that_of_a_claim_as_it_stands():
    registry = claims.registry()
    for name, result in accuracy.stored().items():
        claim = registry[name]
        assert list(result["variants"]) == list(claim.variants), name
        assert (result["chapter"], result["seeds"]) == (claim.chapter, list(claim.seeds)), name
        assert result["machine"]["processor"], name
        assert result["compared"] == accuracy.compared(result["variants"]), name


def test_table_for_readers_is_that_of_the_stored_results():
    assert accuracy.TABLE.read_text() == accuracy.table(accuracy.stored())


@pytest.mark.parametrize("chapter", sorted(CHAPTERS_WITH_CLAIMS))
def test_one_quick_claim_a_chapter(chapter):
    assert sum(claim.quick for claim in claims.registry().values() if claim.chapter == chapter) == 1


def test_results_are_merged_claim_by_claim(results):
    accuracy.keep("later", accuracy.measure(make("later", 9, a=fixed(0.5, 0.5, 0.5), b=fixed(0.5, 0.6, 0.7))))
    accuracy.keep("first", accuracy.measure(make("first", 5, a=fixed(0.9, 0.9, 0.9), b=fixed(0.1, 0.2, 0.3))))
    accuracy.keep("later", accuracy.measure(make("later", 9, a=fixed(0.5, 0.5, 0.5), b=fixed(0.8, 0.8, 0.8))))
    stored = json.loads((results / "accuracy.json").read_text())["claims"]
    assert list(stored) == ["first", "later"]
    assert stored["later"]["variants"]["b"]["accuracy"]["runs"] == [0.8] * 3
    assert stored["first"]["variants"]["b"]["accuracy"] == {"runs": [0.1, 0.2, 0.3], "mean": 0.2, "std": 0.1}
    table = (results / "accuracy.md").read_text()
    assert "| b | 20.0% ± 10.0 (3 seeds) | -70.0 points, clear |" in table
    assert sorted(path.name for path in results.iterdir()) == ["accuracy.json", "accuracy.md"]


@pytest.mark.parametrize(
    ("a", "b", "clear"),
    [
        ((0.90, 0.91, 0.92), (0.80, 0.81, 0.82), True),
        ((0.90, 0.91, 0.92), (0.80, 0.81, 0.905), False),  # the runs overlap
        ((0.90, 0.94, 0.98), (0.80, 0.84, 0.88), False),  # apart, but the spread is large
        ((0.1, 0.1, 0.1), (0.1, 0.1, 0.1), False),
    ],
)
def test_clear_means_outside_the_noise(a, b, clear):
    a, b = accuracy.summary(a), accuracy.summary(b)
    assert accuracy.clear(a, b) is accuracy.clear(b, a) is clear


@pytest.mark.parametrize(("now", "fine"), [(0.52, True), (0.05, False), (1.0, False)])
def test_quick_check_measures_two_variants_and_compares(results, monkeypatch, capsys, now, fine):
    claim = make(a=fixed(0.5, 0.5, 0.56), b=fixed(0.4, 0.5, 0.6), c=fixed(0.1, 0.1, 0.1))
    accuracy.keep(claim.name, accuracy.measure(claim))
    again = claim._replace(quick=True, variants={**claim.variants, "a": fixed(now), "c": None})
    monkeypatch.setattr(accuracy, "registry", lambda: {claim.name: again})
    monkeypatch.setattr(accuracy.math, "sqrt", lambda value: 0.0)  # a test set without sampling error
    assert accuracy.main(["--quick"]) == (0 if fine else 1)
    assert ("agrees" if fine else "DIFFERS") in capsys.readouterr().out


def test_quick_check_of_what_was_never_measured_says_so(results, monkeypatch):
    monkeypatch.setattr(accuracy, "registry", lambda: {"made_up": make()._replace(quick=True)})
    with pytest.raises(SystemExit, match=r"Nothing is stored of made_up\. Measure it"):
        accuracy.main(["--quick"])


def test_a_claim_without_its_data_leaves_the_others_alone(results, monkeypatch, capsys):
    def missing():
        raise FileNotFoundError("CIFAR-10 is not on this computer.")

    fine = make("fine", a=fixed(0.5, 0.5, 0.5), b=fixed(0.5, 0.6, 0.7))
    both = {"none": fine._replace(name="none", data=missing), "fine": fine}
    monkeypatch.setattr(accuracy, "registry", lambda: both)
    assert accuracy.main([]) == 0
    assert list(accuracy.stored()) == ["fine"]
    assert "none: not measured. CIFAR-10 is not on this computer." in capsys.readouterr().err


def test_a_name_that_is_no_claim_is_refused(capsys):
    with pytest.raises(SystemExit):
        accuracy.main(["--claim", "nonsense"])
    assert "nonsense" in capsys.readouterr().err


def test_fitted_trains_a_fresh_network_and_gives_back_its_metrics():
    split = tiny_split()
    run = fitted("mlp", {"pixels": 64, "classes": 4}, epochs=1, batch_size=8)
    first, again, other = run(split, split, 0), run(split, split, 0), run(split, split, 1)
    assert set(first) == {"accuracy", "loss", "train_accuracy", "train_loss", "seconds"}
    assert first["loss"] == again["loss"] != other["loss"]
