"""Two processes with half of each batch learn what one process learns with all of it."""

import json

import pytest
import torch
import torch.nn.functional as F

from tests.processes import Together
from utils import data, models, parallel, runtime

torch.set_num_threads(1)


@pytest.mark.slow
def test_two_processes_give_the_losses_of_one(tmp_path):
    one, two = (json.loads(Together(count, tmp_path / "log", parallel.main).finish()) for count in (1, 2))
    assert (one["processes"], two["processes"]) == (1, 2)
    assert two["losses"] == pytest.approx(one["losses"], abs=1e-4)
    assert one["losses"][-1] < one["losses"][0] - 0.5


def test_one_process_trains_as_a_plain_loop():
    runtime.seed_everything(0)
    model, (digits, _) = models.create("small_convnet", dropout=0.0), data.mnist("embedded")
    expected = []
    for start in (0, 32, 64):
        X, y = digits.normalised(slice(start, start + 32)), digits.labels[start : start + 32]
        loss = F.cross_entropy(model(X), y)
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.1 * p.grad
        expected.append(loss.item())
    assert parallel.train(steps=3, batch_size=32) == pytest.approx(expected, abs=1e-6)


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    monkeypatch.setattr(parallel, "place", lambda: (0, 3))
    with pytest.raises(ValueError, match="64 cannot be shared equally by 3"):
        parallel.train()
