"""Squeeze and excitation: the block is torchvision's and timm's, in outputs and gradients; sizes by formula."""

import copy

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from utils import complexity, models
from utils.models.senet import SqueezeExcitation

torch.set_num_threads(1)


def filled(block):
    """The block with random weights and biases, large enough for gates far from one half."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.normal_(0, 2, generator=generator)
    return block


def same_way_there_and_back(ours, theirs, shape):
    """Outputs, and gradients for X and for all parameters, are equal to 1e-5."""
    X = torch.randn(shape, generator=torch.Generator().manual_seed(2))
    upstream = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    found = []
    for block in (ours, theirs):
        image = X.clone().requires_grad_()
        output = block(image)
        found.append((output, *torch.autograd.grad(output, (image, *block.parameters()), upstream)))
    names = ["output", "X", *(name for name, _ in ours.named_parameters())]
    for name, mine, reference in zip(names, *found, strict=True):
        torch.testing.assert_close(mine, reference, atol=1e-5, rtol=1e-5, msg=lambda text, name=name: f"{name}: {text}")
    assert found[0][0].std() > 0.01


@pytest.mark.parametrize(("channels", "reduction", "shape"), [(32, 4, (2, 32, 5, 7)), (16, 16, (3, 16, 1, 4))])
def test_block_is_torchvisions(channels, reduction, shape):
    theirs = filled(torchvision.ops.SqueezeExcitation(channels, channels // reduction))
    ours = SqueezeExcitation(channels, reduction)
    ours.load_state_dict(theirs.state_dict())
    same_way_there_and_back(ours, theirs, shape)


@pytest.mark.parametrize(("channels", "reduction", "shape"), [(32, 4, (2, 32, 5, 7)), (16, 16, (3, 16, 1, 4))])
def test_block_is_timms(channels, reduction, shape):
    from timm.layers import SEModule  # some seconds to import, so only here

    theirs = filled(SEModule(channels, rd_channels=channels // reduction))
    ours = SqueezeExcitation(channels, reduction)
    ours.load_state_dict(theirs.state_dict())
    same_way_there_and_back(ours, theirs, shape)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 50), st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))
def test_one_gate_for_each_image_and_channel(channels, reduction, batch, height, width):
    block = filled(SqueezeExcitation(channels, reduction))
    X = torch.randn(batch, channels, height, width)
    gates = block.excitation(X)
    assert gates.shape == (batch, channels, 1, 1)
    assert ((gates >= 0) & (gates <= 1)).all()
    torch.testing.assert_close(block(X), X * gates)
    hidden = max(1, channels // reduction)
    assert sum(p.numel() for p in block.parameters()) == 2 * channels * hidden + hidden + channels


def test_gates_know_what_but_not_where():
    block, X = filled(SqueezeExcitation(8, 2)), torch.randn(2, 8, 6, 6)
    shuffled = X.flatten(2)[..., torch.randperm(36)].view_as(X)
    torch.testing.assert_close(block.excitation(shuffled), block.excitation(X))
    assert not torch.allclose(block.excitation(X)[0], block.excitation(X)[1])


@pytest.mark.parametrize("reduction", [0, -4])
def test_reduction_below_one_is_refused(reduction):
    with pytest.raises(ValueError, match="at least 1"):
        SqueezeExcitation(8, reduction)


WIDTHS = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3  # of the gates in SE-ResNet-50


@pytest.mark.parametrize("reduction", [4, 16, 32])
def test_size_of_se_resnet50_is_resnet50_and_the_gates(reduction):
    gates = sum(2 * c * (c // reduction) + c // reduction + c for c in WIDTHS)
    with torch.device("meta"):
        gated, bare = models.create("se_resnet50", reduction=reduction), models.create("resnet50")
    assert [m.fc1.in_channels for m in gated.modules() if isinstance(m, SqueezeExcitation)] == WIDTHS
    counted = [complexity.count(net, (3, 224, 224)) for net in (gated, bare)]
    assert counted[0]["params"] - counted[1]["params"] == gates
    assert counted[0]["macs"] - counted[1]["macs"] == sum(2 * c * (c // reduction) for c in WIDTHS)
    if reduction == 16:
        assert (counted[0]["params"], counted[1]["params"], gates) == (28_088_024, 25_557_032, 2_530_992)


@pytest.mark.parametrize(("name", "bare"), [("se_resnet18", "resnet18"), ("se_resnet20", "resnet20")])
def test_open_gates_leave_the_resnet(name, bare):
    """With every gate at 1 (a bias of 100 before the sigmoid) the net is the ResNet whose weights it has."""
    torch.manual_seed(0)
    gated, plain = models.create(name), models.create(bare)
    missing = gated.load_state_dict(plain.state_dict(), strict=False).missing_keys
    assert missing
    assert all(".gate." in key for key in missing)
    for gate in (module for module in gated.modules() if isinstance(module, SqueezeExcitation)):
        nn.init.constant_(gate.fc2.bias, 100.0)
    X = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(gated.eval()(X), plain.eval()(X), atol=1e-5, rtol=1e-5)


def test_gate_stands_before_the_addition():
    block = models.create("se_resnet8").eval().layer1[0]
    filled(block.gate)
    X = torch.randn(2, 16, 8, 8)
    bare = copy.deepcopy(block)
    bare.gate = nn.Identity()
    torch.testing.assert_close(block(X), torch.relu(block.gate(bare.main(X)) + X))
