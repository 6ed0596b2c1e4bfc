"""A training that was done is taken from its file, whole; any other is done."""

import pytest
import torch

from tests import tiny_training, trained_once
from utils import runtime, train


@pytest.fixture
def fit(tmp_path):
    """(`utils.train.fit` that looks into a folder first, a list with an entry for each real training)."""
    done = []

    def counted(*arguments, **options):
        done.append(options)
        return train.fit(*arguments, **options)

    return trained_once.once(counted, tmp_path / "trained"), done


def trained(fit, **options):
    """A fresh network, its history, and a random number drawn afterwards."""
    runtime.seed_everything(0)
    model = tiny_training.tiny_net()
    history = fit(model, tiny_training.TRAIN, progress=False, **{"epochs": 1, **options})
    return model, history, torch.rand(1)


def test_the_second_time_gives_the_same_without_training(fit):
    fit, done = fit
    (first, history, chance), (second, again, chance_again) = (trained(fit, channels_last=True) for _ in range(2))
    assert len(done) == 1
    assert again.to_dict() == history.to_dict()
    assert torch.equal(chance, chance_again)
    assert [module.training for module in first.modules()] == [module.training for module in second.modules()]
    for one, other in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.equal(one, other)
        assert one.stride() == other.stride()


@pytest.mark.parametrize("change", [{"epochs": 2}, {"lr": 0.02}, {"seed": 1}])
def test_another_option_is_another_training(fit, change):
    fit, done = fit
    trained(fit)
    trained(fit, **change)
    assert len(done) == 2


def test_other_weights_are_another_training(fit):
    fit, done = fit
    model, _, _ = trained(fit)
    fit(model, tiny_training.TRAIN, progress=False, epochs=1)
    assert len(done) == 2


def test_what_a_notebook_defines_is_always_trained(fit):
    fit, done = fit
    for _ in range(2):
        trained(fit, optimizer=lambda parameters, lr=0.1: torch.optim.SGD(parameters, lr))
    assert len(done) == 2
