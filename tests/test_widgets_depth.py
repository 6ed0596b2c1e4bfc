"""The depth explorer computes with the course's own blocks: against nets written out, and against what depth does."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import traitlets

from utils import widgets
from utils.models.resnet import ORDERINGS
from utils.widgets.residual import agreement, inputs, response, target, tower

torch.set_num_threads(1)


def written_out(net, x, residual):
    """The outputs of a net in the ordering "post", as matrix products over the points; asks nothing of its blocks."""
    points = F.linear(x.view(-1, 1), net[0].weight.flatten(1), net[0].bias)
    for block in net[1:-2]:
        out = points
        for layer, activated in ((block.conv1, True), (block.conv2, False)):
            out = out @ layer.weight.flatten(1).T
            out = (out - out.mean(0)) / (out.var(0, correction=0) + 1e-5).sqrt()
            out = out.relu() if activated else out
        points = (out + points if residual else out).relu()
    return F.linear(points, net[-1].weight.flatten(1), net[-1].bias).flatten()


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("blocks", [1, 4])
def test_equals_a_net_of_matrix_products(blocks, residual):
    net, x = tower(blocks, residual), inputs()
    output, norms = response(net, x)
    expected = written_out(net, x, residual)
    torch.testing.assert_close(torch.from_numpy(output), expected.detach(), atol=1e-4, rtol=1e-4)
    weights = [layer.weight for block in net[1:-2] for layer in (block.conv1, block.conv2)]
    gradients = torch.autograd.grad((expected - target(x).flatten()).square().mean(), weights)
    np.testing.assert_allclose(norms, [gradient.norm().item() for gradient in gradients], rtol=1e-3)


def test_depth_shatters_the_plain_net_and_not_the_residual_one():
    for seed in range(1, 10):
        arrays = widgets.depth_explorer(blocks=30, seed=seed)
        arrays = arrays.compute(arrays.settings)
        assert arrays["plain_agreement"][0] < 0.4 < 0.7 < arrays["residual_agreement"][0]
        plain, residual = (arrays[f"{kind}_norms"][1] / arrays[f"{kind}_norms"][-1] for kind in ("plain", "residual"))
        assert plain > max(1000, 10 * residual)


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_every_setting_has_an_answer(ordering, batch_norm):
    explorer = widgets.depth_explorer(blocks=3, ordering=ordering, batch_norm=batch_norm)
    arrays = explorer.compute(explorer.settings)
    assert all(np.isfinite(np.asarray(array)).all() for array in arrays.values())
    assert len(arrays["plain_norms"]) == len(arrays["residual_norms"]) == 6
    assert explorer.describe() == widgets.depth_explorer(**explorer.settings).describe()
    explorer.close()


def test_random_numbers_of_the_notebook_are_left_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    widgets.depth_explorer(blocks=1).close()
    torch.testing.assert_close(torch.rand(2), expected)


def test_agreement_of_a_line_and_of_noise():
    assert agreement(np.linspace(0, 1, 50)) == pytest.approx(1)
    assert abs(agreement(np.random.default_rng(0).normal(size=5000))) < 0.05


def test_picture_and_description_tell_the_same():
    explorer = widgets.depth_explorer(blocks=5)
    first = explorer.compute(explorer.settings)["residual_norms"][0]
    assert f"residual: gradient {first:.3g} in the first layer" in explorer.describe()
    assert len(explorer.static().axes) == 4
    explorer.close()


@pytest.mark.parametrize("wrong", [{"blocks": 0}, {"blocks": 31}, {"ordering": "after"}, {"seed": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        widgets.depth_explorer(**wrong)
