"""VGG: torchvision's weights fit and give its outputs and gradients; one table, one block, one way to begin."""

import pytest
import torch
import torchvision
from torch import nn

from utils import complexity, models
from utils.models.vgg import DEPTHS, VGG, WIDTHS, kaiming, vgg_block

torch.set_num_threads(1)


def twins(name):
    """Torchvision's network with random weights and ours with the same ones (shared, not copied), both to evaluate."""
    torch.manual_seed(0)
    with torch.device("meta"):
        theirs, ours = torchvision.models.get_model(name, weights=None), models.create(name)
    theirs.to_empty(device="cpu")
    with torch.no_grad():
        for key, tensor in theirs.state_dict().items():
            if tensor.ndim > 1:
                tensor.uniform_(-1, 1).mul_((6 / tensor[0].numel()) ** 0.5)
            elif tensor.is_floating_point():
                tensor.uniform_(0.5, 1.5) if "running_var" in key else tensor.uniform_(-0.5, 0.5)
    ours.load_state_dict(theirs.state_dict(), assign=True)
    return theirs.eval(), ours.eval()


@pytest.mark.parametrize("name", ["vgg11_bn", "vgg16"])
def test_outputs_are_torchvisions(name):
    theirs, ours = twins(name)
    X = torch.randn(2, 3, 64, 48)
    with torch.inference_mode():
        expected = theirs(X)
        assert expected.std() > 0.01
        torch.testing.assert_close(ours(X), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_gradients_of_vgg11_are_torchvisions():
    theirs, ours = twins("vgg11")
    X, y = torch.randn(2, 3, 32, 32), torch.tensor([3, 999])
    nn.functional.cross_entropy(theirs(X), y).backward()
    expected = {name: p.grad for name, p in theirs.named_parameters()}
    for p in theirs.parameters():
        p.grad = None

    def compare(name, p):
        """Compare in place as soon as there is a gradient, and let go of both: they are half a gigabyte each."""
        reference = expected.pop(name)
        largest = reference.abs().max()
        assert largest > 0
        assert reference.sub_(p.grad).abs_().max() <= 1e-5 * largest, name
        p.grad = None

    for name, p in ours.named_parameters():
        p.register_post_accumulate_grad_hook(lambda p, name=name: compare(name, p))
    nn.functional.cross_entropy(ours(X), y).backward()
    assert not expected


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("norm", ["", "_bn"])
def test_state_dict_has_torchvisions_names_and_shapes(depth, norm):
    with torch.device("meta"):
        ours, theirs = models.create(f"vgg{depth}{norm}"), getattr(torchvision.models, f"vgg{depth}{norm}")()
    shapes = [{name: tensor.shape for name, tensor in net.state_dict().items()} for net in (ours, theirs)]
    assert shapes[0] == shapes[1]
    with_weights = [layer for layer in ours.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    assert len(with_weights) == depth


def test_reach_and_shape_behind_each_block_of_vgg16():
    with torch.device("meta"):
        table = complexity.layer_table(models.create("vgg16"), (3, 224, 224))
    pools = table[table["type"] == "MaxPool2d"]
    assert pools["output shape"].tolist() == [(w, 224 >> n, 224 >> n) for n, w in enumerate(WIDTHS, 1)]
    assert pools["receptive field"].tolist() == [6, 16, 44, 100, 212]
    assert pools["jump"].tolist() == [2, 4, 8, 16, 32]


@pytest.mark.parametrize("kernel", [3, 5])
def test_block_keeps_the_size_then_halves_it(kernel):
    block = nn.Sequential(*vgg_block(2, 3, 8, batch_norm=True, kernel=kernel))
    assert block(torch.zeros(2, 3, 10, 7)).shape == (2, 8, 5, 3)
    assert [type(layer).__name__ for layer in block] == [*["Conv2d", "BatchNorm2d", "ReLU"] * 2, "MaxPool2d"]


def test_every_block_needs_a_width():
    with pytest.raises(ValueError, match="3 blocks in convs, 2 in widths"):
        VGG((1, 1, 1), (8, 16))


def test_small_vgg_takes_the_options_of_vgg():
    net = models.create("vgg_small", convs=(1, 1), widths=(4, 8), classes=3, channels=1, side=8)
    assert net(torch.zeros(2, 1, 32, 32)).shape == (2, 3)


def test_kaiming_keeps_the_size_of_a_signal_through_30_layers():
    torch.manual_seed(0)
    X = torch.randn(4, 32, 16, 16)
    convs = [nn.Conv2d(32, 32, 3, padding=1, padding_mode="circular", bias=False) for _ in range(30)]
    deep = nn.Sequential(*(layer for conv in convs for layer in (conv, nn.ReLU())))
    with torch.no_grad():
        assert deep(X).std() < 1e-4  # as PyTorch begins by itself
        assert 0.005 < deep.apply(kaiming)(X).square().mean() < 200
