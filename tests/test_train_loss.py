"""Training with another loss than cross-entropy."""

import pytest
import torch
from tiny_training import CLASSES, TEST, TRAIN, fit, same_bits, tiny_net, weights
from torch.nn import functional as F

from utils import train


def squared(outputs, y):
    """Mean squared distance to the one-hot labels, summed over the classes."""
    return (outputs - F.one_hot(y, CLASSES)).square().sum(1).mean()


def test_the_given_loss_is_the_one_that_is_minimised_and_recorded():
    model = tiny_net()
    history = fit(model, epochs=3, loss=squared)
    outputs = train.predict(model, TEST)
    assert history.test_loss[-1] == pytest.approx(float(squared(outputs, TEST.labels)), rel=1e-5)
    assert history.test_accuracy[-1] == train.evaluate(model, TEST)["accuracy"]
    assert history.train_loss[-1] < history.train_loss[0]
    other = tiny_net()
    fit(other, epochs=3)
    assert not same_bits(weights(model), weights(other))


def test_the_default_is_cross_entropy():
    one, two = tiny_net(), tiny_net()
    fit(one)
    fit(two, loss=F.cross_entropy)
    assert same_bits(weights(one), weights(two))


def test_a_constant_loss_leaves_the_weights_alone():
    model = tiny_net()
    before = weights(model)
    fit(model, epochs=1, optimizer="sgd", loss=lambda outputs, y: 0 * outputs.sum() + 1)
    after = weights(model)
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items() if "weight" in name)


def test_a_loss_that_is_no_function_is_refused():
    with pytest.raises(TypeError, match="loss must be a function of"):
        fit(tiny_net(), loss="cross_entropy")


def test_a_checkpoint_belongs_to_its_loss(tmp_path):
    fit(tiny_net(), epochs=1, checkpoint=tmp_path / "run")
    with pytest.raises(train.CheckpointError, match="loss was cross_entropy, now it is squared"):
        fit(tiny_net(), epochs=1, loss=squared, checkpoint=tmp_path / "run")


def test_the_split_of_the_training_set_takes_part_in_full():
    seen = []

    def counting(outputs, y):
        if torch.is_grad_enabled():
            seen.append(len(y))
        return F.cross_entropy(outputs, y)

    fit(tiny_net(), epochs=1, loss=counting)
    assert sum(seen) == len(TRAIN)
