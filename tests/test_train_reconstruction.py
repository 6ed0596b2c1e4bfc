"""Training to rebuild: it learns, it reads no label, the same seed gives the same network, mistakes are named."""

from dataclasses import replace

import pytest
import torch
from tiny_training import tiny_split
from torch import nn

from utils.train import reconstruct

torch.set_num_threads(1)


def tiny(side=8, code=6):
    """An autoencoder of dense layers for the pictures of `tiny_split`."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(side * side, code),
        nn.BatchNorm1d(code),
        nn.ReLU(),
        nn.Linear(code, side * side),
        nn.Sigmoid(),
        nn.Unflatten(1, (1, side, side)),
    )


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_error_falls_and_the_last_one_is_that_of_the_network():
    model, split = tiny(), tiny_split()
    errors = reconstruct(model, split, epochs=12, batch_size=16, progress=False)
    assert len(errors) == 12
    assert errors[-1] < 0.8 * errors[0]
    assert not model.training
    with torch.no_grad():
        error = (model(split.images / 255) - split.images / 255).square().mean().item()
    assert error == pytest.approx(errors[-1], rel=0.3)


def test_labels_play_no_part():
    split = tiny_split()
    other = replace(split, labels=split.labels.flip(0))
    runs = []
    for some in (split, other):
        model = tiny()
        runs.append((reconstruct(model, some, epochs=2, progress=False), weights(model)))
    assert runs[0][0] == runs[1][0]
    assert torch.equal(runs[0][1], runs[1][1])


def test_seed_fixes_order_and_spoiling_and_leaves_the_callers_numbers_alone():
    split, found = tiny_split(), []
    for seed in (0, 0, 1):
        torch.manual_seed(5)
        model = tiny()
        torch.manual_seed(5)
        errors = reconstruct(model, split, epochs=2, spoil=lambda X: X + torch.randn_like(X), seed=seed, progress=False)
        found.append((errors, torch.rand(1).item()))
    torch.manual_seed(5)
    assert {number for _, number in found} == {torch.rand(1).item()}
    assert found[0][0] == found[1][0] != found[2][0]


def test_model_sees_what_is_spoiled_and_must_give_what_was_not():
    """With everything erased the best answer is the mean picture; its error is the variance of the pixels."""
    split, seen = tiny_split(), []
    model = tiny()
    model.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    errors = reconstruct(model, split, epochs=60, batch_size=16, lr=0.03, spoil=torch.zeros_like, progress=False)
    assert not torch.cat(seen).any()
    X = split.images / 255
    variance = (X - X.mean(0)).square().mean().item()
    assert variance * 0.98 < errors[-1] < variance * 1.3


def test_stop_button_keeps_what_was_learnt(capsys):
    calls = []

    def spoil(X):
        calls.append(len(X))
        if len(calls) > len(tiny_split()) // 16 + 1:
            raise KeyboardInterrupt
        return X

    model = tiny()
    before = weights(model)
    errors = reconstruct(model, tiny_split(), epochs=5, batch_size=16, spoil=spoil, progress=False)
    assert len(errors) == 1
    assert not torch.equal(before, weights(model))
    assert "Stopped after 1 of 5 epochs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "error", "hint"),
    [
        ({"epochs": 0}, ValueError, "epochs"),
        ({"lr": -1}, ValueError, "lr"),
        ({"spoil": 3}, TypeError, "spoil must be a function"),
        ({"split": [1, 2]}, TypeError, "split must be a split"),
        ({"model": nn.Flatten}, TypeError, "class Flatten"),
        ({"model": nn.Identity()}, ValueError, "no parameter"),
        ({"model": nn.Conv2d(1, 1, 3)}, ValueError, "both must agree"),
    ],
)
def test_what_cannot_be_trained_is_refused(change, error, hint):
    arguments = {"model": tiny(), "split": tiny_split(), "epochs": 1, "progress": False} | change
    with pytest.raises(error, match=hint):
        reconstruct(**arguments)
