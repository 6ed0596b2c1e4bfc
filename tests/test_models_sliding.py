"""Networks without dense layers: the same answers as window after window, under the same names."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from utils import complexity, models
from utils.models.sliding import fully_convolutional

torch.set_num_threads(1)


def shaken(name, **options):
    """A network whose normalisation, if it has one, is not the identity."""
    torch.manual_seed(0)
    model = models.create(name, size=32, **options)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                for tensor in (layer.running_mean, layer.running_var, layer.weight, layer.bias):
                    tensor.uniform_(0.5, 1.5)
    return model.eval()


@given(st.integers(32, 60), st.integers(32, 90), st.sampled_from(["lenet", "lenet_bn"]))
@settings(max_examples=12, deadline=None)
def test_equals_every_window_to_1e_5(height, width, name):
    model = shaken(name, classes=11)
    X = torch.randn(2, 1, height, width, generator=torch.Generator().manual_seed(height * width))
    with torch.inference_mode():
        found = fully_convolutional(model, (1, 32, 32))(X)
        windows = X.unfold(2, 32, 4).unfold(3, 32, 4)  # (B, 1, down, across, 32, 32)
        B, _, down, across = windows.shape[:4]
        expected = model(windows.permute(0, 2, 3, 1, 4, 5).reshape(-1, 1, 32, 32))
    expected = expected.view(B, down, across, 11).permute(0, 3, 1, 2)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_trapezoids_maps_and_several_channels():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Dropout(), nn.Linear(4 * 2 * 5, 6, bias=False)).eval()
    twin = fully_convolutional(model, (3, 4, 7))
    assert twin[-1].bias is None
    assert twin[-1].kernel_size == (2, 5)
    X = torch.randn(1, 3, 4, 12)
    expected = torch.stack([model(X[..., i : i + 7])[0] for i in range(6)], 1)
    torch.testing.assert_close(twin(X)[0, :, 0], expected, atol=1e-5, rtol=0)


def test_weights_are_copied_names_and_mode_kept():
    model = models.create("lenet", size=32)
    twin = fully_convolutional(model, (1, 32, 32))
    assert twin.training
    assert [name for name, _ in twin.named_children()] == [n for n, _ in model.named_children() if n != "flatten"]
    assert complexity.count(twin, (1, 32, 32))["params"] == complexity.count(model, (1, 32, 32))["params"]
    before = model.c5.weight.clone()
    with torch.no_grad():
        twin.c5.weight.zero_()
    torch.testing.assert_close(model.c5.weight, before)
    assert not fully_convolutional(model.eval(), (1, 32, 32)).training


def test_padding_belongs_to_the_page():
    model = models.create("lenet").eval()  # pads its 28 pixels by 2
    twin = fully_convolutional(model, (1, 28, 28))
    X = torch.rand(1, 1, 28, 60, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(twin(X[..., :28])[..., 0, 0], model(X[..., :28]), atol=1e-5, rtol=0)
        assert (twin(X)[0, :, 0, 1] - model(X[..., 4:32])[0]).abs().max() > 1e-3


def test_what_cannot_be_turned_is_refused():
    with pytest.raises(TypeError, match=r"nn\.Sequential, not a Linear"):
        fully_convolutional(nn.Linear(3, 2), (1, 32, 32))
    with pytest.raises(ValueError, match=r"no nn\.Flatten"):
        fully_convolutional(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 32, 32))
