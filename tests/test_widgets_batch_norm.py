"""The batch norm explorer computes what nn.BatchNorm1d computes: outputs in both modes, and the buffers."""

import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from utils import widgets
from utils.widgets.normalisation import MEAN, VARIANCE, population, running

torch.set_num_threads(1)


def pytorch(batch_size, momentum, eps, gamma, beta, trained):
    """A layer that has seen `trained` batches, the output of the last one, and all batches as tensors (N, B, 1)."""
    layer = nn.BatchNorm1d(1, eps=eps, momentum=momentum, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.fill_(gamma)
        layer.bias.fill_(beta)
    batches = torch.from_numpy(population())[:, :batch_size, None]
    output = [layer(batch) for batch in batches[:trained]][-1]
    return layer, output, batches


@settings(max_examples=25, deadline=None)
@given(
    batch_size=st.integers(2, 64),
    momentum=st.floats(0, 1),
    eps=st.sampled_from([1e-5, 0.1, 10.0]),
    gamma=st.floats(0, 3),
    beta=st.floats(-3, 3),
    trained=st.integers(1, 60),
    evaluated=st.integers(1, 60),
)
def test_equals_pytorch(trained, evaluated, **options):
    layer, output, batches = pytorch(trained=trained, **options)
    explorer = widgets.batch_norm(trained=trained, evaluated=evaluated, **options)
    arrays = explorer.compute(explorer.settings)
    np.testing.assert_allclose(arrays["y"], output[:, 0].detach(), atol=1e-9)
    np.testing.assert_allclose(arrays["running_mean"][-1], layer.running_mean.item(), atol=1e-9)
    np.testing.assert_allclose(arrays["running_var"][-1], layer.running_var.item(), atol=1e-9)

    explorer.mode = "evaluation"
    arrays = explorer.compute(explorer.settings)
    expected = layer.eval()(batches[trained + evaluated - 1])[:, 0]
    np.testing.assert_allclose(arrays["y"], expected.detach(), atol=1e-9)
    assert len(arrays["running_mean"]) == trained + 1
    explorer.close()


def test_running_average_by_hand():
    assert running(0.0, [5.0, 8.0], 0.1).tolist() == pytest.approx([0, 0.5, 1.25])


def test_population_is_the_one_that_is_named():
    assert population().mean() == pytest.approx(MEAN, abs=0.1)
    assert population().var() == pytest.approx(VARIANCE, abs=0.2)


def test_description_tells_the_numbers_that_are_drawn():
    explorer = widgets.batch_norm(batch_size=4, trained=7, momentum=1.0)
    arrays = explorer.compute(explorer.settings)
    assert f"running mean is {arrays['batch_means'][-1]:.2f}" in explorer.describe()
    assert "batch of 4" in explorer.describe()
    assert len(explorer.static().axes) == 2
    explorer.close()


@pytest.mark.parametrize(
    "wrong", [{"batch_size": 1}, {"momentum": 1.5}, {"eps": 0.0}, {"mode": "test"}, {"trained": 0}, {"gamma": -1.0}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        widgets.batch_norm(**wrong)
