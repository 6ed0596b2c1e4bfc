"""The channel explorer shows the gates that the network computes, and the answer that it gives with them changed."""

import numpy as np
import pytest
import torch
import traitlets

from utils import data, models, train, widgets
from utils.models.senet import SqueezeExcitation

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def net():
    """The network of chapter 10, with the shipped weights."""
    return train.load_weights(models.create("se_resnet20", width=8, reduction=4), "se_resnet20").eval()


@pytest.fixture(scope="module")
def test_digits():
    return data.colour_digits()[1]


def gates_of(net):
    return [module for module in net.modules() if isinstance(module, SqueezeExcitation)]


def answer(net, X, number, channel, factor):
    """Probabilities (K,) with one channel of a gate scaled behind the block, without a hook."""
    gate, forward = gates_of(net)[number - 1], SqueezeExcitation.forward
    scale = torch.ones(gate.fc2.out_channels)
    scale[channel] = factor
    gate.forward = lambda X: forward(gate, X) * scale.view(1, -1, 1, 1)
    try:
        with torch.inference_mode():
            return net(X).softmax(1)[0]
    finally:
        del gate.forward


@pytest.mark.parametrize(("number", "channel", "factor"), [(1, 0, 2.0), (3, 6, 0.0), (6, 15, 0.5), (9, 31, 4.0)])
def test_answer_is_that_of_a_network_with_the_gate_changed(net, test_digits, number, channel, factor):
    explorer = widgets.channel_gates(net, test_digits, picture=100, block=number)
    X = test_digits.normalised(slice(100, 101))
    explorer.factors = {f"{number}.{channel}": factor}
    arrays = explorer.compute(explorer.settings)
    np.testing.assert_allclose(arrays["now"], answer(net, X, number, channel, factor), atol=1e-5)
    np.testing.assert_allclose(arrays["trained"], answer(net, X, number, channel, 1.0), atol=1e-5)
    np.testing.assert_allclose(arrays["scaled"], arrays["maps"] * arrays["used"][:, None, None], atol=1e-6)
    expected = arrays["said"].copy()
    expected[channel] *= factor
    np.testing.assert_allclose(arrays["used"], expected, atol=1e-6)
    explorer.close()


@pytest.mark.parametrize("number", [1, 5, 9])
def test_gates_are_those_of_the_block(net, test_digits, number):
    seen = []
    hook = gates_of(net)[number - 1].register_forward_hook(lambda layer, inputs, output: seen.extend([*inputs, output]))
    with torch.inference_mode():
        net(test_digits.normalised(slice(7, 8)))
    hook.remove()
    explorer = widgets.channel_gates(net, test_digits, picture=7, block=number)
    arrays = explorer.compute(explorer.settings)
    np.testing.assert_allclose(arrays["maps"], seen[0][0], atol=1e-6)
    np.testing.assert_allclose(arrays["scaled"], seen[1][0], atol=1e-5)
    np.testing.assert_array_equal(arrays["picture"], test_digits.images[7].permute(1, 2, 0))
    explorer.close()


def test_what_the_chapter_says_of_two_digits(net, test_digits):
    explorer = widgets.channel_gates(net, test_digits, block=3, factors={"3.6": 0})
    answers = {}
    for picture in (64, 100):
        explorer.picture = picture
        arrays = explorer.compute(explorer.settings)
        answers[picture] = (arrays["label"][0], arrays["trained"].argmax(), arrays["now"].argmax())
    assert answers == {64: (2, 8, 2), 100: (3, 3, 8)}
    explorer.close()


def test_the_network_is_left_as_it_was(net, test_digits):
    X = test_digits.normalised(slice(0, 4))
    with torch.inference_mode():
        before = net(X)
        widgets.channel_gates(net, test_digits, factors={"1.0": 0, "9.3": 4}).close()
        torch.testing.assert_close(net(X), before, atol=0, rtol=0)


def test_description_and_picture(net, test_digits):
    explorer = widgets.channel_gates(net, test_digits, picture=100, block=3, factors={"3.6": 0, "3.2": 1})
    assert explorer.factors == {"3.6": 0.0}
    assert "3.6 times 0" in explorer.describe()
    assert "answers 3 with 99%, now 8" in explorer.describe()
    assert len(explorer.static().axes) == 4
    explorer.close()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"picture": 1000}, "the last is 999"),
        ({"block": 10}, "the last is 9"),
        ({"block": 0}, "block"),
        ({"factors": {"3.8": 1.5}}, "no channel '3.8'"),
        ({"factors": {"3.7": 5}}, "from 0 to 4"),
        ({"factors": {"3.7": "much"}}, "from 0 to 4"),
    ],
)
def test_settings_out_of_range_are_refused(net, test_digits, wrong, words):
    with pytest.raises(traitlets.TraitError, match=words):
        widgets.channel_gates(net, test_digits, **wrong)


def test_only_networks_with_gates_and_at_rest(net, test_digits):
    with pytest.raises(ValueError, match="no gates"):
        widgets.channel_gates(models.create("resnet8").eval(), test_digits)
    with pytest.raises(ValueError, match=r"model\.eval\(\)"):
        widgets.channel_gates(models.create("se_resnet8"), test_digits)
