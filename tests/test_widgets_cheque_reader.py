"""The cheque reader in Python: the line, the map under it and the amount are those of the reader that it shows."""

import numpy as np
import pytest
import torch
import traitlets

from utils import data, models, reading, widgets
from utils.data import cheques
from utils.models.sliding import fully_convolutional

torch.set_num_threads(1)
DIGITS = data.mnist_test_digits()
CHANGES = [{"gap": -4}, {"slant": 30}, {"noise": 40}, {"printed": True}, {"writer": 3}, {"amount": "7"}]


@pytest.fixture(scope="module")
def readers():
    torch.manual_seed(0)
    nets = {name: models.create("lenet", size=32, classes=11) for name in ("first", "second")}
    return {name: fully_convolutional(net, (1, 32, 32)) for name, net in nets.items()}


@pytest.fixture
def explorer(readers):
    explorer = widgets.cheque_reader(readers, DIGITS, amount="40731")
    yield explorer
    explorer.close()


def shown(explorer, name):
    """An array as the browser receives it."""
    sent = getattr(explorer._canvas, name)
    return np.frombuffer(sent["data"], sent["dtype"]).reshape(sent["shape"])


@pytest.mark.parametrize("change", [{}, *CHANGES, {"reader": "second"}])
def test_shows_what_the_reader_says_about_the_line(explorer, readers, change):
    explorer.change(change)
    line = shown(explorer, "line")
    X = (torch.from_numpy(line.copy())[None, None].float() / 255 - DIGITS.mean[0]) / DIGITS.std[0]
    with torch.inference_mode():
        log_probs = readers[explorer.reader](X)[0, :, 0].log_softmax(0)
    np.testing.assert_allclose(shown(explorer, "shares"), log_probs.exp(), atol=0.02)
    path = reading.best_path(torch.from_numpy(shown(explorer, "shares").copy()).log())
    assert shown(explorer, "columns").astype(int).tolist() == path.columns
    assert "".join(map(str, shown(explorer, "digits").astype(int))) == path.text
    assert "".join(map(str, shown(explorer, "written").astype(int))) == explorer.amount


@pytest.mark.parametrize("change", CHANGES)
def test_every_setting_changes_the_line(explorer, change):
    before = shown(explorer, "line").copy()
    explorer.change(change)
    assert not np.array_equal(before, shown(explorer, "line"))


def test_a_typed_line_is_what_the_cheques_write(explorer):
    hand = cheques.Hand(gap=(5, 5))
    assert np.array_equal(shown(explorer, "line"), cheques.write(DIGITS, ["40731"], hand, 0).images[0, 0])
    assert "40731" in explorer.describe()
    assert len(explorer.static().axes) == 2


def test_a_drawing_is_scaled_to_the_height_of_mnist(explorer):
    drawing = np.zeros((64, 448), np.uint8)
    drawing[10:55, 40:46] = drawing[10:55, 90:96] = 255
    explorer._canvas.wish = {"drawing": drawing.tobytes(), "source": "drawn", "serial": 1}
    line = shown(explorer, "line")
    assert np.array_equal(line, cheques.fit_line(drawing))
    assert np.flatnonzero(line.any(1)).tolist() == list(range(6, 26))
    assert shown(explorer, "written").size == 0
    assert "A drawn amount" in explorer.describe()


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"amount": "12a"}, "digits 0 to 9"),
        ({"amount": "12345678"}, "7 digits at most"),
        ({"source": "drawn"}, "no ink"),
        ({"source": "drawn", "drawing": b"abc"}, "not 3"),
    ],
)
def test_what_cannot_be_read_is_answered_in_words(explorer, wish, words):
    explorer._canvas.wish = {**wish, "serial": 1}
    assert words in explorer._canvas.answer["message"]


def test_long_drawings_are_refused():
    drawing = np.zeros((64, 448), np.uint8)
    drawing[30:40, 5:440] = 255
    with pytest.raises(ValueError, match="too long for a line"):
        cheques.fit_line(drawing)


def test_wrong_readers_and_settings_are_refused(readers):
    with pytest.raises(ValueError, match="needs a reader"):
        widgets.cheque_reader({}, DIGITS)
    with pytest.raises(traitlets.TraitError, match="first, second"):
        widgets.cheque_reader(readers, DIGITS, reader="third")
    with pytest.raises(traitlets.TraitError):
        widgets.cheque_reader(readers, DIGITS, gap=11)
