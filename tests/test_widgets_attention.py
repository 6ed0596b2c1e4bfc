"""The attention map in Python: what it shows is the attention of the model, and what does not exist is refused."""

import numpy as np
import pytest
import torch
import traitlets

from utils import data, models, widgets

torch.set_num_threads(1)
DIGITS = data.mnist("embedded")[1].subset(30)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return models.create("vit_small", heads=2)


@pytest.fixture
def explorer(model):
    explorer = widgets.attention_map(model, DIGITS, image=3, patch=10)
    yield explorer
    explorer.close()


def shown(explorer, name):
    """An array as the browser receives it."""
    sent = getattr(explorer._canvas, name)
    return np.frombuffer(sent["data"], sent["dtype"]).reshape(sent["shape"])


@pytest.mark.parametrize(("image", "block", "patch"), [(3, 1, 10), (7, 2, 48), (29, 2, 0)])
def test_shows_the_row_of_the_patch_that_looks(explorer, model, image, block, patch):
    explorer._canvas.wish = {"image": image, "block": block, "patch": patch, "serial": 1}
    with torch.no_grad():
        expected = model.attention(DIGITS.normalised([image]))[0, block - 1, :, patch].view(2, 7, 7)
    np.testing.assert_allclose(shown(explorer, "weights"), expected, atol=1e-6)
    np.testing.assert_allclose(shown(explorer, "mean"), expected.mean(0), atol=1e-6)
    np.testing.assert_array_equal(shown(explorer, "picture"), DIGITS.images[image, 0])
    assert shown(explorer, "label")[0] == DIGITS.labels[image]
    row, column = divmod(patch, 7)
    assert f"row {row + 1}, column {column + 1}, the heads of block {block}" in explorer.describe()
    row, column = divmod(int(expected[1].argmax()), 7)
    assert f"head 2 at ({row + 1}, {column + 1})" in explorer.describe()


def test_static_picture_has_a_panel_for_the_digit_and_each_head(explorer, model):
    model.train()
    assert len(explorer.static().axes) == 3
    assert model.training


def test_what_does_not_exist_is_refused(explorer, model):
    with pytest.raises(ValueError, match="needs a model with attention"):
        widgets.attention_map(models.create("lenet"), DIGITS)
    for wrong in ({"image": 30}, {"block": 3}, {"block": 0}, {"patch": 49}, {"patch": -1}):
        with pytest.raises(traitlets.TraitError):
            explorer.change(wrong)
