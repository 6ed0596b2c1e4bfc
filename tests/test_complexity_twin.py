"""Shapes without weights: what a copy of a model keeps, and what is said where an image does not fit."""

import pytest
import torch
from torch import nn

from utils.complexity import twin

CONV, DENSE = nn.Conv2d(1, 2, 3), nn.Linear(400, 120)


@pytest.mark.parametrize(
    ("reached", "reason"),
    [
        (("c1", CONV, (3, 8, 8)), "layer 'c1' has in_channels=1 and got 3."),
        (("c1", CONV, (1, 2, 2)), "layer 'c1' got (1, 2, 2). PyTorch says: too small."),
        (("c1", CONV, (3, 8)), "layer 'c1' got (3, 8). PyTorch says: too small."),
        (("f5", DENSE, (144,)), "layer 'f5' has in_features=400 and got 144, so try another image size."),
        (("f5", DENSE, (7, 144)), "layer 'f5' has in_features=400 and got 144, so try another image size."),
        (("f5", DENSE, (400,)), "layer 'f5' got (400,). PyTorch says: too small."),
        (None, "too small\nmore."),
    ],
)
def test_why_an_image_does_not_go_through(reached, reason):
    error = twin.explained(RuntimeError("too small\nmore"), reached, torch.empty(1, 3, 8, 8, device="meta"))
    assert isinstance(error, ValueError)
    assert str(error) == f"An image of shape (3, 8, 8) does not go through this model: {reason}"


def test_a_copy_has_the_shapes_and_types_and_nothing_else():
    model = nn.Sequential(nn.Conv2d(1, 2, 3).half(), nn.BatchNorm2d(2))
    model[0].weight.requires_grad_(False)
    model[1].weight = nn.Parameter(model[1].bias)  # shared
    model.register_forward_hook(print)
    model.register_forward_pre_hook(print)
    copy = twin.weightless(model)
    for one, other in zip(model.state_dict().values(), copy.state_dict().values(), strict=True):
        assert (one.shape, one.dtype, other.device.type) == (other.shape, other.dtype, "meta")
    assert [p.requires_grad for p in copy.parameters()] == [p.requires_grad for p in model.parameters()]
    assert model.training
    assert not any(module.training or module._forward_hooks or module._forward_pre_hooks for module in copy.modules())


@pytest.mark.parametrize("shape", [(3, 8, 8), [3, 8, 8], torch.Size((3, 8, 8))])
def test_an_image_has_the_type_of_the_weights(shape):
    image = twin.image_for(nn.Conv2d(3, 1, 1).double(), shape)
    assert (image.shape, image.dtype, image.device.type) == ((1, 3, 8, 8), torch.float64, "meta")
    assert twin.image_for(nn.ReLU(), shape).dtype == torch.float32
    assert twin.image_for(nn.ReLU(), 7).shape == (1, 7)
    with pytest.raises(TypeError, match=r"not str\. Try models\.create"):
        twin.image_for("lenet", shape)
    with pytest.raises(ValueError, match=r"such as \(1, 28, 28\), got \(3, 1\.5\)"):
        twin.image_for(nn.ReLU(), (3, 1.5))
    with pytest.raises(ValueError, match=r"You gave \(2, 3, 8, 8\)"):
        twin.image_for(nn.ReLU(), (2, 3, 8, 8))
    with pytest.raises(ValueError, match="positive integers"):
        twin.image_for(nn.ReLU(), ())
