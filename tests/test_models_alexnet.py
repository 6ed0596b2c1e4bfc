"""AlexNet: torchvision's weights fit and give its outputs; the towers are apart where the paper says so."""

import pytest
import torch
import torchvision
from torch import nn

from utils import complexity, models

torch.set_num_threads(1)


def test_outputs_are_torchvisions():
    torch.manual_seed(0)
    theirs = torchvision.models.alexnet(weights=None).eval()
    with torch.no_grad():
        for weight in theirs.parameters():
            scale = (6 / weight[0].numel()) ** 0.5 if weight.ndim > 1 else 0.5
            weight.uniform_(-scale, scale)
    with torch.device("meta"):
        ours = models.create("alexnet").eval()
    ours.load_state_dict(theirs.state_dict(), assign=True)
    X = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        expected = theirs(X)
        assert expected.std() > 0.01
        torch.testing.assert_close(ours(X), expected, atol=1e-5, rtol=1e-5)
        small = torch.randn(1, 3, 100, 72)  # other sizes go through the adaptive pooling
        torch.testing.assert_close(ours(small), theirs(small), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "sides"), [("alexnet_two_towers", [55, 27, 13, 6]), ("alexnet_textbook", [54, 26, 12, 5])]
)
def test_sides_of_the_maps(name, sides):
    with torch.device("meta"):
        table = complexity.layer_table(models.create(name), (3, 224, 224))
    maps = [shape[1] for shape in table["output shape"] if len(shape) == 3]
    assert list(dict.fromkeys(maps)) == sides


def test_which_layers_see_both_towers():
    with torch.device("meta"):
        net = models.create("alexnet_two_towers")
    convs = [layer for layer in net.features if isinstance(layer, nn.Conv2d)]
    assert [conv.groups for conv in convs] == [1, 2, 1, 2, 2]
    assert [conv.out_channels for conv in convs] == [96, 256, 384, 384, 256]


def test_dropout_stands_before_the_first_two_dense_layers():
    with torch.device("meta"):
        net = models.create("alexnet", dropout=0.3)
    kinds = [type(layer).__name__ for layer in net.classifier]
    assert kinds == ["Dropout", "Linear", "ReLU", "Dropout", "Linear", "ReLU", "Linear"]
    assert [layer.p for layer in net.classifier if isinstance(layer, nn.Dropout)] == [0.3, 0.3]


def test_the_small_net_takes_the_parts_of_the_ablations():
    net = models.create("alexnet_small", activation=nn.Sigmoid, pool=nn.AvgPool2d, dropout=0.0, batch_norm=True)
    kinds = [type(layer) for layer in net]
    assert kinds.count(nn.Sigmoid) == 7
    assert kinds.count(nn.AvgPool2d) == 3
    assert kinds.count(nn.BatchNorm2d) == 5
    assert nn.ReLU not in kinds
    assert nn.MaxPool2d not in kinds
