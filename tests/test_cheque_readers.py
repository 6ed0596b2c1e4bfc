"""The shipped readers of lines do what benchmarks/cheques.py measured and chapter 12 says."""

import math

import pytest
import torch

from benchmarks import cheques as benchmark
from utils import data, runtime
from utils.data import cheques

torch.set_num_threads(1)
STORED = runtime.results("cheques")
FEWER = 120


@pytest.fixture(scope="module")
def found():
    """The same measurement on fewer amounts, others than those of the stored one."""
    return benchmark.accuracies(data.mnist_test_digits(), FEWER, seed=7)


@pytest.mark.parametrize("level", cheques.LEVELS)
@pytest.mark.parametrize("reader", STORED["accuracy"])
def test_stored_accuracies_are_found_again(found, reader, level):
    kept = STORED["accuracy"][reader][level]["whole"]
    share = min(max(kept, 0.03), 0.97)  # a spread even where all, or none, were right
    noise = math.sqrt(share * (1 - share) * (1 / FEWER + 1 / benchmark.AMOUNTS))
    assert found[reader][level]["whole"] == pytest.approx(kept, abs=3.5 * noise)


def test_what_the_chapter_promises():
    neat, rough = (STORED["accuracy"][name] for name in benchmark.READERS)
    assert neat["tidy"]["whole"] >= 0.95
    assert neat["tidy"]["digits"] > 2000
    for level in ("noisy", "printed paper", "all of it"):
        assert rough[level]["whole"] > neat[level]["whole"] + 0.2
    for form in STORED["cheques"].values():
        assert form["boxes found"] >= 0.99 * form["cheques"]


def test_one_pass_saves_what_the_chapter_says():
    gains = STORED["speed"]["times_one_pass"]
    assert gains["line, windows one by one"] >= 5
    assert gains["cheque, windows in batches"] >= 5
    assert 2 < gains["line, windows in one batch"] < gains["line, windows one by one"]


def test_every_way_gives_the_same_answers():
    ways = benchmark.tasks(data.mnist_test_digits())
    with torch.inference_mode():
        one_pass = ways["line, one pass"]()[0][0, :, 0].T
        torch.testing.assert_close(ways["line, windows in one batch"]()[0], one_pass, atol=1e-4, rtol=1e-4)
        single = torch.cat(ways["line, windows one by one"]()[: len(one_pass)])
        torch.testing.assert_close(single, one_pass, atol=1e-4, rtol=1e-4)
        page = ways["cheque, one pass"]()[0].permute(1, 2, 0)
        rows = torch.stack(ways["cheque, windows in batches"]())
    torch.testing.assert_close(rows, page, atol=1e-4, rtol=1e-4)


def test_judging_counts_whole_amounts_and_single_mistakes():
    verdict = benchmark.judged(["12", "34", "5"], ["12", "35", "56"])
    assert verdict["whole"] == pytest.approx(1 / 3)
    assert {kind: verdict[kind] for kind in ("misread", "missed", "invented")} == {
        "misread": 1,
        "missed": 1,
        "invented": 0,
    }
    assert verdict["digits"] == 6
