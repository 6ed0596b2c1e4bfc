"""Training that ends early (Stop button, divergence), what is shown meanwhile, and the History that is kept."""

import json
import math
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from tiny_training import TEST, Noise, fit, press_stop, same_bits, tiny_net, weights
from torch import nn

from utils import train
from utils.train.progress import Progress, in_notebook


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


def recorded(epochs, tested=True):
    """A History of made-up numbers."""
    history = train.History()
    for n in range(1, epochs + 1):
        row = {"train_loss": 1 / n, "train_accuracy": 0.5, "lr": 0.1, "seconds": 2, "images_per_second": 35}
        history.record(**row, **({"test_loss": 0.25, "test_accuracy": 0.9} if tested else {}))
    return history


def test_a_history_is_a_table_that_leaves_the_middle_out():
    assert repr(recorded(1, tested=False)).splitlines() == [
        "History of 1 epoch",
        "epoch train_loss train_accuracy        lr",
        "    1     1.0000         0.5000       0.1",
    ]
    history = recorded(2)
    history.stopped = "Stopped."
    assert repr(history).splitlines() == [
        "History of 2 epochs",
        "epoch train_loss train_accuracy test_loss test_accuracy        lr",
        "    1     1.0000         0.5000    0.2500        0.9000       0.1",
        "    2     0.5000         0.5000    0.2500        0.9000       0.1",
        "Stopped.",
    ]
    assert repr(train.History()) == "History of 0 epochs"
    assert "..." not in repr(recorded(21))
    long = repr(recorded(30)).splitlines()
    assert [line.split()[0] for line in long[2:]] == [*map(str, range(1, 11)), "...", *map(str, range(21, 31))]


def test_the_curves_of_a_history():
    axes = recorded(3).plot()
    assert [line.get_label() for line in axes[0].lines] == ["train images", "test images"]
    assert [(line.get_linestyle(), line.get_marker()) for line in axes[0].lines] == [("--", "o"), ("-", "o")]
    assert axes[1].lines[1].get_xydata().tolist() == [[1, 0.9], [2, 0.9], [3, 0.9]]
    assert [ax.get_xlabel() for ax in axes] == ["epoch", "epoch"]
    assert axes[0].get_legend() is not None
    assert axes[0].get_label() == "Loss over 3 epochs: train from 1.000 to 0.333, test from 0.250 to 0.250."
    assert axes[1].get_label() == "Accuracy over 3 epochs: train from 0.500 to 0.500, test from 0.900 to 0.900."
    assert axes[0].figure.get_size_inches().tolist() == [9, 3.5]
    assert all(tick == int(tick) for tick in axes[0].get_xticks())
    mine = axes[0].figure.subplots(1, 2)
    assert recorded(1, tested=False).plot(mine) is mine
    assert train.History().plot()[0].get_label() == "Loss over 0 epochs: nothing recorded yet."


def test_histories_are_equal_where_their_numbers_are():
    assert recorded(2) == recorded(2)
    assert recorded(2) != recorded(3)
    assert recorded(2) != recorded(2).to_dict()
    with pytest.raises(ValueError, match="shorter"):
        train.History.from_dict(recorded(2).to_dict() | {"lr": [0.1]})
    with pytest.raises(TypeError, match=r"recorded with train_loss, train_accuracy, .* not speed"):
        train.History().record(speed=1)


class Bar:
    """Stands in for tqdm's bar, and keeps what it was told."""

    def __init__(self, **settings):
        self.settings, self.disable, self.ticks, self.said, self.closed = settings, settings["disable"], 0, [], False

    def update(self):
        self.ticks += 1

    def write(self, text):
        self.said.append(text)

    def close(self):
        self.closed = True


@pytest.mark.parametrize(
    ("shown", "terminal", "switched_off", "watched"),
    [(True, True, "", True), (True, False, "", False), (False, True, "", False), (True, True, "1", False)],
)
def test_the_bar_is_there_while_someone_can_watch_it(monkeypatch, capsys, shown, terminal, switched_off, watched):
    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("TQDM_DISABLE", switched_off)
    with Progress(shown, False, epochs=12, steps=5, done=2) as progress:
        progress.tick()
        progress.epoch(recorded(3, tested=False))
    settings = {"total": 60, "initial": 10, "disable": not watched, "leave": False, "unit": "batch"}
    assert (progress.bar.settings, progress.bar.ticks, progress.bar.closed) == (settings, 1, True)
    line = "epoch  3/12   train loss 0.3333, accuracy 50.00 %"
    assert progress.bar.said == [line] * watched
    assert capsys.readouterr().out == (line + "\n") * (shown and not watched)


def test_in_a_notebook_the_curves_are_one_picture_that_changes(monkeypatch):
    pictures, updates = [], []
    kernel = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))

    def display(figure, display_id):
        pictures.append((figure, display_id))
        return SimpleNamespace(update=updates.append)

    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    with Progress(True, True, epochs=2, steps=1) as progress:
        assert not progress.bar.disable
        assert progress.bar.settings["initial"] == 0
        progress.epoch(recorded(1))
        progress.epoch(recorded(2))
    assert [(len(figure.axes), display_id) for figure, display_id in pictures] == [(2, True)]
    assert [len(figure.axes[0].lines[0].get_xdata()) for figure in updates] == [2]
    assert pyplot.get_fignums() == [], "a figure left open is shown a second time at the end of the cell"
    with Progress(True, False, epochs=2, steps=1) as progress:
        progress.epoch(recorded(1))
    assert len(pictures) == 1
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not in_notebook()
