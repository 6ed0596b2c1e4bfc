"""DenseNet, ShuffleNet and MobileNet: torchvision's weights and outputs, gradients, and each block by hand."""

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from utils import complexity, models
from utils.models.densenet import DenseBlock, Transition
from utils.models.mobilenet import InvertedResidual, depthwise_separable
from utils.models.shufflenet import ShuffleUnit, channel_shuffle

torch.set_num_threads(1)
SHARED = ("densenet121", "mobilenet_v2", "shufflenet_v2_x1_0")  # with torchvision


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def counted(module):
    """Number of trainable parameters."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


@pytest.fixture(params=SHARED)
def pair(request):
    """The course's net and torchvision's with its random weights, both in evaluation mode, with lived-in statistics."""
    ours, theirs = models.create(request.param), torchvision.models.get_model(request.param, weights=None)
    for layer in theirs.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_mean, -0.2, 0.2)
            nn.init.uniform_(layer.running_var, 0.8, 1.2)
    ours.load_state_dict(theirs.state_dict())  # strict: every name and shape agrees
    theirs.load_state_dict(ours.state_dict())
    return ours.eval(), theirs.eval()


def test_takes_torchvisions_weights_and_gives_its_outputs_and_gradients(pair):
    X, upstream = torch.randn(2, 3, 64, 96), torch.randn(2, 1000)
    results = []
    for net in pair:
        logits = net(X)
        parameters = dict(net.named_parameters())
        gradients = torch.autograd.grad(logits, list(parameters.values()), upstream)
        results.append((logits, dict(zip(parameters, gradients, strict=True))))
    (ours, our_gradients), (theirs, their_gradients) = results
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
    for name, gradient in their_gradients.items():
        scale = gradient.abs().max().clamp(min=1e-3)
        torch.testing.assert_close(our_gradients[name] / scale, gradient / scale, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", SHARED)
def test_costs_are_torchvisions(name):
    with torch.device("meta"):
        ours, theirs = (
            complexity.count(make(name), (3, 224, 224)) for make in (models.create, torchvision.models.get_model)
        )
    meta = torchvision.models.get_model_weights(name).IMAGENET1K_V1.meta
    assert {key: ours[key] for key in ("params", "macs")} == {key: theirs[key] for key in ("params", "macs")}
    assert (ours["params"], round(ours["macs"] / 1e9, 3)) == (meta["num_params"], meta["_ops"])


def test_dense_block_keeps_its_input_and_adds_each_layers_channels():
    block, X = DenseBlock(5, growth=3, depth=2).eval(), torch.randn(2, 5, 6, 7)
    first, second = block.children()
    one = first(X)
    two = second(torch.cat([X, one], 1))
    torch.testing.assert_close(block(X), torch.cat([X, one, two], 1))
    assert block.out_channels == 11


def test_dense_layer_and_transition_by_hand():
    layer, X = DenseBlock(4, growth=2, depth=1).denselayer1.eval(), torch.randn(1, 4, 5, 5)
    scale = (1 + 1e-5) ** 0.5  # a fresh batch norm in evaluation divides by this alone
    inside = F.conv2d(F.relu(X / scale), layer.conv1.weight)
    torch.testing.assert_close(layer(X), F.conv2d(F.relu(inside / scale), layer.conv2.weight, padding=1))
    assert counted(layer) == 2 * 4 + 4 * 8 + 2 * 8 + 9 * 8 * 2
    transition = Transition(4, 2).eval()
    expected = F.avg_pool2d(F.conv2d(F.relu(X / scale), transition.conv.weight), 2)
    torch.testing.assert_close(transition(X), expected)


def test_depthwise_separable_convolution_by_hand():
    pair, X = depthwise_separable(3, 8, stride=2).eval(), torch.randn(2, 3, 7, 6)
    (depthwise, _, _), (pointwise, _, _) = pair
    scale = (1 + 1e-5) ** 0.5
    channels = [F.conv2d(X[:, c : c + 1], depthwise.weight[c : c + 1], stride=2, padding=1) for c in range(3)]
    middle = F.relu(torch.cat(channels, 1) / scale)
    torch.testing.assert_close(pair(X), F.relu(F.conv2d(middle, pointwise.weight) / scale))


@pytest.mark.parametrize(("c_out", "stride", "adds"), [(6, 1, True), (6, 2, False), (4, 1, False)])
def test_inverted_residual_adds_only_where_shapes_agree(c_out, stride, adds):
    block, X = InvertedResidual(6, c_out, stride, expansion=3).eval(), torch.randn(2, 6, 8, 8)
    torch.testing.assert_close(block(X), X + block.conv(X) if adds else block.conv(X))
    assert counted(block) == 6 * 18 + 9 * 18 + 18 * c_out + 2 * (18 + 18 + c_out)
    assert isinstance(block.conv[-1], nn.BatchNorm2d)  # linear: no activation behind the last 1 x 1


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_channel_shuffle_is_pytorchs(groups):
    X = torch.randn(2, 6, 3, 4)
    assert torch.equal(channel_shuffle(X, groups), F.channel_shuffle(X, groups))
    assert torch.equal(channel_shuffle(channel_shuffle(X, groups), 6 // groups), X)


def test_shuffle_unit_lets_half_the_channels_pass():
    unit, X = ShuffleUnit(8, 8, stride=1).eval(), torch.randn(2, 8, 5, 4)
    assert torch.equal(unit(X)[:, 0::2], X[:, :4])
    assert torch.equal(unit(X)[:, 1::2], unit.branch2(X[:, 4:]))
    down = ShuffleUnit(6, 10, stride=2).eval()
    assert down(torch.randn(1, 6, 7, 8)).shape == (1, 10, 4, 4)


@pytest.mark.parametrize("channels", [(8, 7, 2), (8, 10, 1)])
def test_shuffle_unit_refuses_channels_that_do_not_fit(channels):
    with pytest.raises(ValueError, match="c_out"):
        ShuffleUnit(*channels)
