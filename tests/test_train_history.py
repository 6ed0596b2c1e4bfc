"""Training that ends early (Stop button, divergence), what is shown meanwhile, and the History that is kept."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_training import TEST, Noise, fit, press_stop, same_bits, tiny_net, weights
from torch import nn

from utils import train


def test_stop_button_keeps_model_and_history(capsys):
    model, whole = tiny_net(), tiny_net()
    expected = fit(whole, epochs=5, augment=Noise())
    before = weights(model)
    history = fit(model, epochs=5, augment=Noise(batch=12, action=press_stop))  # 5 batches an epoch: in the third
    for column in ("train_loss", "test_accuracy", "lr"):
        assert getattr(history, column) == getattr(expected, column)[:2]
    assert not same_bits(weights(model), before)
    assert "stopped after 2 of 5 epochs" in history.stopped
    assert history.stopped in capsys.readouterr().out
    assert history.stopped in repr(history)
    assert train.evaluate(model, TEST)["loss"] > 0
    assert not model.training


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_training_and_explains(value, capsys):
    spoilt = Noise(batch=8)
    spoilt.action = lambda: setattr(spoilt, "spoil", True)

    def augment(X):
        X = spoilt(X)
        return X * value if hasattr(spoilt, "spoil") else X

    model, whole = tiny_net(), tiny_net()
    history = fit(model, epochs=5, lr=0.05, schedule="constant", augment=augment)
    fit(whole, epochs=1, lr=0.05, schedule="constant", augment=Noise())
    assert len(history.train_loss) == 1, "batch 8 is in the second epoch"
    assert same_bits(weights(model), weights(whole)), "the model goes back to the end of the first epoch"
    for words in ("epoch 2 of 5", "batch 3 of 5", "lower learning rate", "lr=0.01"):
        assert words in history.stopped
    assert history.stopped in capsys.readouterr().out


def test_divergence_that_shows_only_in_the_evaluation(capsys):
    class Fragile(nn.Module):
        def __init__(self):
            super().__init__()
            self.net, self.evaluations = tiny_net(), 0

        def forward(self, X):
            self.evaluations += not self.training
            return self.net(X) * (math.nan if self.evaluations > 2 else 1)  # two checks come before the first epoch

    history = fit(Fragile())
    assert len(history) == 0
    assert "loss on the test images became nan" in history.stopped


def test_progress_says_one_line_an_epoch_without_timings(capsys):
    history = fit(tiny_net(), progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("epoch 2/2")
    assert f"accuracy {100 * history.test_accuracy[1]:.2f} %" in lines[1]
    fit(tiny_net(), progress=False)
    assert capsys.readouterr() == ("", "")


@settings(max_examples=25)
@given(st.integers(0, 30), st.booleans(), st.text(max_size=20))
def test_history_survives_json(epochs, tested, stopped):
    history = train.History()
    for epoch in range(epochs):
        row = {"train_loss": 1 / (epoch + 1), "train_accuracy": 0.5, "lr": 0.1, "seconds": 2, "images_per_second": 35}
        history.record(**row, **({"test_loss": 0.3, "test_accuracy": 0.9} if tested else {}))
    history.stopped = stopped
    again = train.History.from_dict(json.loads(json.dumps(history.to_dict())))
    assert again == history
    assert repr(again) == repr(history)
    assert len(repr(history).splitlines()) <= 23 + len(stopped.splitlines())


def test_history_draws_itself_with_words_for_those_who_cannot_see():
    import matplotlib

    matplotlib.use("agg")
    axes = fit(tiny_net(), epochs=3).plot()
    assert [ax.get_ylabel() for ax in axes] == ["cross-entropy (nats)", "accuracy"]
    assert [len(ax.lines) for ax in axes] == [2, 2]
    assert all("train from" in ax.get_label() and "test from" in ax.get_label() for ax in axes)
    train.History().plot()
    matplotlib.pyplot.close("all")


def test_history_refuses_half_an_epoch():
    with pytest.raises(TypeError, match="images_per_second"):
        train.History().record(train_loss=1.0)
