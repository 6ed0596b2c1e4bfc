"""ResNet: torchvision's weights fit, its outputs and gradients come out; orderings by formula; plain nets."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from utils import models
from utils.models.resnet import ORDERINGS, TABLE, BasicBlock, Bottleneck, CifarResNet, ResNet

torch.set_num_threads(1)

EXCHANGED = ["resnet18", "resnet50", "resnext50_32x4d"]


def shake(network, seed=0):
    """The network with batch norm parameters and statistics away from 1 and 0, where slips would hide."""
    generator = torch.Generator().manual_seed(seed)
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            for tensor, low in ((norm.weight, 0.5), (norm.bias, -0.5)):
                tensor.data.uniform_(low, low + 1, generator=generator)
            for tensor, low in ((norm.running_mean, -0.5), (norm.running_var, 0.5)):
                tensor.uniform_(low, low + 1, generator=generator)
    return network


def twins(name):
    """Torchvision's network with random weights, and ours with the same ones."""
    torch.manual_seed(0)
    theirs = shake(torchvision.models.get_model(name, weights=None))
    ours = models.create(name)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


@pytest.mark.parametrize("name", EXCHANGED)
def test_outputs_are_torchvisions(name):
    theirs, ours = twins(name)
    X = torch.randn(2, 3, 64, 48)
    with torch.inference_mode():
        expected = theirs.eval()(X)
        assert expected.std() > 0.01
        torch.testing.assert_close(ours.eval()(X), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", EXCHANGED)
def test_gradients_and_running_statistics_are_torchvisions(name):
    theirs, ours = twins(name)
    X, y = torch.randn(4, 3, 64, 48), torch.tensor([3, 999, 0, 500])
    losses = [F.cross_entropy(network(X), y) for network in (theirs, ours)]
    for loss in losses:
        loss.backward()
    assert losses[0].item() == pytest.approx(losses[1].item(), abs=1e-5)
    expected, got = ({key: p.grad for key, p in network.named_parameters()} for network in (theirs, ours))
    assert expected.keys() == got.keys()
    for key, gradient in expected.items():
        largest = gradient.abs().max()
        assert largest > 0
        assert (got[key] - gradient).abs().max() <= 1e-5 * largest, key
    torch.testing.assert_close(dict(ours.named_buffers()), dict(theirs.named_buffers()), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", [*TABLE, "resnext50_32x4d"])
def test_state_dict_has_torchvisions_names_and_shapes(name):
    with torch.device("meta"):
        ours, theirs = models.create(name), torchvision.models.get_model(name, weights=None)
    shapes = [{key: tensor.shape for key, tensor in net.state_dict().items()} for net in (ours, theirs)]
    assert shapes[0] == shapes[1]


def layers_on_the_way(network):
    """Convolutions and dense layers from image to logits, those on shortcuts left out."""
    weighted = ((key, layer) for key, layer in network.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear)))
    return sum("downsample" not in key for key, layer in weighted)


@pytest.mark.parametrize("depth", [8, 14, 20, 32, 44, 56, 18, 34, 50, 101, 152])
def test_the_name_counts_the_layers(depth):
    with torch.device("meta"):
        assert layers_on_the_way(models.create(f"resnet{depth}")) == depth


def by_formula(ordering, block, X):
    """A basic block of the same weights, written out: (main path, shortcut) and the sum, ordering by ordering."""
    c1, c2, n1, n2 = block.conv1, block.conv2, block.bn1, block.bn2
    short = X if block.downsample is None else block.downsample(X)
    if ordering == "post":
        return F.relu(n2(c2(F.relu(n1(c1(X))))) + short)
    if ordering == "bn_after_addition":
        return F.relu(n2(c2(F.relu(n1(c1(X)))) + short))
    if ordering == "relu_before_addition":
        return F.relu(n2(c2(F.relu(n1(c1(X)))))) + short
    if ordering == "relu_only_pre":
        return n2(c2(F.relu(n1(c1(F.relu(X)))))) + short
    return c2(F.relu(n2(c1(F.relu(n1(X)))))) + short


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize(("c_in", "stride"), [(8, 1), (8, 2), (4, 1)])
def test_orderings_by_formula(ordering, c_in, stride):
    torch.manual_seed(0)
    block = shake(BasicBlock(c_in, 8, stride, ordering=ordering)).eval()
    X = torch.randn(2, c_in, 7, 6)
    output = block(X)
    assert output.shape == (2, 8, -(-7 // stride), -(-6 // stride))
    torch.testing.assert_close(output, by_formula(ordering, block, X))


def test_orderings_differ():
    torch.manual_seed(0)
    X, outputs = torch.randn(2, 8, 6, 6), {}
    block = BasicBlock(8, 8)
    for ordering in ORDERINGS:
        other = shake(BasicBlock(8, 8, ordering=ordering))
        other.load_state_dict(block.state_dict())
        outputs[ordering] = other(X)
    for first in ORDERINGS:
        assert [name for name in ORDERINGS if torch.allclose(outputs[first], outputs[name], atol=1e-3)] == [first]


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_a_block_whose_last_layer_is_zero_passes_its_input_on(block):
    X = torch.rand(2, 16, 5, 5)
    for ordering, last in {"post": "bn", "pre": "conv"}.items():
        one = block(16, 16 // block.expansion, ordering=ordering)
        nn.init.zeros_(getattr(one, f"{last}{one.depth}").weight)
        torch.testing.assert_close(one(X), X)


@pytest.mark.parametrize("depth", [8, 20])
def test_a_plain_net_is_the_residual_net_without_its_shortcuts(depth):
    torch.manual_seed(0)
    residual, plain = models.create(f"resnet{depth}").eval(), models.create(f"plain{depth}").eval()
    missing = plain.load_state_dict(residual.state_dict(), strict=False)
    assert not missing.missing_keys
    assert all("downsample" in key for key in missing.unexpected_keys)
    X = torch.randn(2, 3, 32, 32)
    out = F.relu(plain.bn1(plain.conv1(X)))
    for stage in (plain.layer1, plain.layer2, plain.layer3):
        for block in stage:
            out = F.relu(block.bn2(block.conv2(F.relu(block.bn1(block.conv1(out))))))
    torch.testing.assert_close(plain(X), plain.fc(out.mean((2, 3))))


def test_grouped_paths_are_a_sum_of_32_small_ones():
    """Xie et al. (2017), figure 3: without batch norm between, a grouped bottleneck is the sum of its paths."""
    torch.manual_seed(0)
    block = Bottleneck(64, 64, groups=32, base_width=4)
    X = torch.randn(2, 64, 6, 6)
    down, middle, up = block.conv1.weight, block.conv2.weight, block.conv3.weight
    assert down.shape[0] == 128
    paths = [slice(4 * i, 4 * i + 4) for i in range(32)]
    total = sum(F.conv2d(F.conv2d(F.conv2d(X, down[i]), middle[i], padding=1), up[:, i]) for i in paths)
    torch.testing.assert_close(block.conv3(block.conv2(block.conv1(X))), total, atol=1e-4, rtol=1e-4)


def test_what_cannot_be_built_is_refused():
    with pytest.raises(ValueError, match="no ordering 'after'"):
        BasicBlock(4, 4, ordering="after")
    with pytest.raises(ValueError, match="Use Bottleneck"):
        BasicBlock(4, 4, groups=2)
    with pytest.raises(ValueError, match=r"6 n \+ 2"):
        CifarResNet(21)


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_every_ordering_makes_a_whole_net(ordering):
    torch.manual_seed(0)
    small = CifarResNet(8, ordering=ordering)
    small(torch.randn(2, 3, 32, 32)).sum().backward()
    assert all(p.grad is not None for p in small.parameters())
    with torch.device("meta"):
        big = ResNet(Bottleneck, (1, 1, 1, 1), ordering=ordering)
        assert big.eval()(torch.empty(1, 3, 64, 64)).shape == (1, 1000)
