"""Several processes that train together: what each computes on, and what they tell each other. (That they learn the
same as one is tested with real ones in test_train_cli.py.)"""

import pytest
import torch
import torch.distributed as dist
from tiny_training import tiny_net

from utils.train import processes
from utils.train.resident import batch_slices


@pytest.fixture
def pretended(monkeypatch):
    """The second of three processes; what it sends is doubled, as if another had sent the same."""
    sent = []
    monkeypatch.setattr(dist, "is_initialized", lambda: True)
    monkeypatch.setattr(dist, "get_rank", lambda: 1)
    monkeypatch.setattr(dist, "get_world_size", lambda: 3)
    monkeypatch.setattr(dist, "all_reduce", lambda tensor: tensor.mul_(2))
    monkeypatch.setattr(dist, "broadcast", lambda tensor, source: sent.append((tensor, source)))
    monkeypatch.setattr(dist, "all_gather_object", lambda states, state: states.__setitem__(slice(None), [state] * 3))
    return sent


def test_one_process_takes_all_and_tells_nobody():
    model, numbers = tiny_net(), torch.tensor([1.0, 2.0])
    assert processes.place() == (0, 1)
    assert processes.share(torch.arange(5)).tolist() == [0, 1, 2, 3, 4]
    assert processes.weight(5, 5) == 1
    assert processes.joined(model) is model
    assert processes.total(numbers).tolist() == [1, 2]
    assert processes.gathered("state") == ["state"]
    processes.share_buffers(model)


def test_one_of_three_takes_its_share_and_tells_the_others(pretended):
    model, state = tiny_net(), {"seed": 1}
    assert processes.place() == (1, 3)
    assert processes.share(torch.arange(8)).tolist() == [1, 4, 7]
    assert processes.weight(3, 8) == 9 / 8
    assert processes.total(torch.tensor([1.0, 2.0])).tolist() == [2, 4]
    assert processes.gathered(state) == [state] * 3
    processes.share_buffers(model)
    assert [source for _, source in pretended] == [0] * 3
    assert [tensor is buffer for (tensor, _), buffer in zip(pretended, model.buffers(), strict=True)] == [True] * 3


@pytest.mark.parametrize("count", [2, 3, 4])
def test_shares_are_disjoint_and_their_weighted_means_make_the_mean_of_the_batch(count, monkeypatch):
    batch, values = torch.arange(10), torch.randn(10, dtype=torch.float64)
    seen, mean = [], 0.0
    for rank in range(count):
        monkeypatch.setattr(processes, "place", lambda rank=rank: (rank, count))
        mine = processes.share(batch)
        seen += mine.tolist()
        mean += float(values[mine].mean()) * processes.weight(len(mine), len(batch)) / count
    assert sorted(seen) == batch.tolist()
    assert mean == pytest.approx(float(values.mean()))


def test_no_process_is_left_without_images():
    assert [rows.stop - rows.start for rows in batch_slices(67, 32, least=8)] == [32, 35]
    assert [rows.stop - rows.start for rows in batch_slices(67, 32)] == [32, 32, 3]
