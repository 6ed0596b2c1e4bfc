"""The stored answers about codes and pixels: complete, as the script stands, and saying what chapter 14 says."""

import pytest
import torch

from benchmarks import retrieval
from utils import runtime

torch.set_num_threads(1)
STORED = runtime.results("retrieval")


def test_stored_results_are_those_of_the_script():
    for question, variants in retrieval.questions().items():
        assert list(STORED[question]) == list(variants)
        for metrics in STORED[question].values():
            assert all(len(metric["runs"]) == len(retrieval.SEEDS) for metric in metrics.values())
    assert STORED["margins"] == retrieval.margins(STORED["retrieval"])
    assert STORED["machine"]["processor"]


def test_codes_of_distorted_digits_find_clearly_more_than_everything_else():
    assert all(margin["clear"] and margin["difference"] > 0.02 for margin in STORED["margins"].values())


def test_table_for_readers_is_that_of_the_stored_results():
    table = (retrieval._common.RESULTS / "retrieval.md").read_text()
    results = {question: STORED[question] for question in retrieval.questions()}
    for row in retrieval.table(results):
        assert f"| {' | '.join(row)} |" in table


@pytest.mark.parametrize("name", ["pixels", "pixels, by cosine", "pixels, means of 2 x 2", "16 principal components"])
def test_search_without_training_is_measured_as_stored(name):
    digits, test_digits = retrieval.data.mnist("embedded")
    found = retrieval.searched(retrieval.VECTORS[name], digits, test_digits, 0)
    for metric, value in found.items():
        assert value == pytest.approx(STORED["retrieval"][name][metric]["mean"], abs=0.001)


def test_labels_that_vote_are_as_many_as_promised():
    digits, test_digits = retrieval.data.mnist("embedded")
    found = retrieval.voted(retrieval.VECTORS["pixels"], 100, digits, test_digits, 0)
    stored = STORED["few_labels"]["100 labels, nearest by pixels"]["accuracy"]["runs"][0]
    assert found["accuracy"] == pytest.approx(stored, abs=0.003)
