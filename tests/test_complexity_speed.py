"""The speed of a forward pass, by a clock that the tests turn."""

from itertools import count
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from utils import complexity
from utils.complexity import speed


class Watched(nn.Module):
    """Keeps what it is shown, and in which mode."""

    def __init__(self):
        super().__init__()
        self.weight, self.seen = nn.Parameter(torch.ones(1, dtype=torch.float64)), []

    def forward(self, X):
        self.seen.append((X, self.training, torch.is_inference_mode_enabled()))
        return X


@pytest.fixture
def ticks(monkeypatch):
    """A clock on which every look takes a quarter of a second."""
    ticks = count(100, 0.25)
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(ticks))


def test_images_a_second_of_at_least_three_passes(ticks):
    model = Watched()
    exactly = {"images_per_second": 8, "low": 8, "high": 8, "passes": 3}
    assert complexity.throughput(model, (1, 5, 6), batch_size=2, seconds=0) == exactly
    assert len(model.seen) == 4, "the first pass is not timed"
    for X, training, inference in model.seen:
        assert (X.shape, X.dtype) == ((2, 1, 5, 6), torch.float64)
        assert (training, inference) == (False, True)
        assert 0 <= X.min() < 0.2 < 0.8 < X.max() <= 1
        assert X is model.seen[0][0]


def test_what_is_left_out_is_four_images_and_one_second(ticks):
    model = Watched()
    assert complexity.throughput(model, (1, 2, 2)) == {"images_per_second": 16, "low": 16, "high": 16, "passes": 3}
    assert len(model.seen[0][0]) == 4
    assert complexity.throughput(model, (1, 2, 2), seconds=4)["passes"] == 6  # 3 looks a pass from the fourth on


def test_the_median_and_the_slowest_and_fastest_pass(monkeypatch):
    monkeypatch.setattr(speed, "_timed", lambda model, X, seconds: [1, 4, 2, 0.5])
    found = complexity.throughput(nn.Flatten(), (3,), batch_size=4)
    assert found == {"images_per_second": 3, "low": 1, "high": 8, "passes": 4}


@pytest.mark.parametrize(("device", "waited"), [("cuda", ["cuda:0"]), ("mps", ["mps"]), ("cpu", [])])
def test_an_accelerator_is_waited_for(monkeypatch, device, waited):
    done = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: done.append(str(device)))
    monkeypatch.setattr(torch.mps, "synchronize", lambda: done.append("mps"))
    place = torch.device("cuda:0" if device == "cuda" else device)
    speed._finished(SimpleNamespace(is_cuda=device == "cuda", device=place))
    assert done == waited
