"""LeNet-5 of 1998: its parameters, its table, its output layer and its loss, against the paper and plain NumPy."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from utils import models
from utils.models import lenet5

torch.set_num_threads(1)

# Table I as it is printed: a row for each map of S2, a column for each map of C3.
TABLE_I = """
X . . . X X X . . X X X X . X X
X X . . . X X X . . X X X X . X
X X X . . . X X X . . X . X X X
. X X X . . X X X X . . X . X X
. . X X X . . X X X X . X X . X
. . . X X X . . X X X X . X X X
"""


@pytest.fixture
def net():
    torch.manual_seed(0)
    return models.create("lenet5_1998")


def random(*shape, seed=0):
    return torch.from_numpy(np.random.RandomState(seed).randn(*shape))


def test_the_paper_s_count_of_parameters(net):
    counts = {name: sum(p.numel() for p in layer.parameters()) for name, layer in net.named_children()}
    expected = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164}
    assert {name: count for name, count in counts.items() if count} == expected
    assert sum(p.numel() for p in net.parameters() if p.requires_grad) == 60_000


def test_the_table_row_by_row():
    for seen, row in enumerate(TABLE_I.strip().splitlines()):
        assert [seen in maps for maps in lenet5.C3_TABLE] == [cell == "X" for cell in row.split()], f"row {seen}"


def test_a_map_of_c3_depends_on_the_maps_of_its_row_only(net):
    X = random(1, 6, 14, 14).float().requires_grad_()
    maps = net.c3(X)
    for number, seen in enumerate(lenet5.C3_TABLE):
        (gradient,) = torch.autograd.grad(maps[0, number].sum(), X, retain_graph=True)
        assert gradient[0].abs().amax((1, 2)).nonzero().flatten().tolist() == list(seen)


def test_c3_is_the_sum_over_its_connections(net):
    X = random(2, 6, 9, 8).float()
    first = 0
    for number, seen in enumerate(lenet5.C3_TABLE):
        kernels = net.c3.kernels[first : first + len(seen)]
        first += len(seen)
        expected = sum(F.conv2d(X[:, [j]], kernel[None, None]) for j, kernel in zip(seen, kernels, strict=True))
        torch.testing.assert_close(net.c3(X)[:, [number]], expected + net.c3.bias[number], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("table", [[(0, 6)], [(0,), (1, 1)], [(-1, 0)]])
def test_a_table_that_cannot_be_is_refused(table):
    with pytest.raises(ValueError, match=rf"Row {len(table) - 1} of the table must name different maps from 0 to 5"):
        lenet5.PartialConv2d(table, 6, 5)


def test_subsampling_is_sum_times_coefficient_plus_bias():
    X, layer = random(2, 3, 6, 5).float(), lenet5.Subsampling(3)
    with torch.no_grad():
        layer.coefficient.copy_(torch.tensor([0.5, -1.0, 2.0]).view(3, 1, 1))
        layer.bias.copy_(torch.tensor([0.0, 1.0, -3.0]).view(3, 1, 1))
    x = X.numpy()[:, :, :, :4]
    sums = x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]
    expected = sums * np.array([0.5, -1, 2]).reshape(3, 1, 1) + np.array([0, 1, -3]).reshape(3, 1, 1)
    np.testing.assert_allclose(layer(X).detach().numpy(), expected, atol=1e-5)


def test_squashing_function():
    squashed = lenet5.ScaledTanh()(torch.tensor([-1e9, -1.0, 0.0, 1.0, 1e9], dtype=torch.float64))
    assert squashed.tolist() == pytest.approx([-1.7159, -1, 0, 1, 1.7159], abs=1e-4)


def test_rbf_against_numpy():
    X, centres = random(5, 84), lenet5.bitmaps().numpy().reshape(10, 84)
    expected = [
        [-sum((x - w) ** 2 for x, w in zip(row, centre, strict=True)) for centre in centres] for row in X.numpy()
    ]
    np.testing.assert_allclose(lenet5.RBF().double()(X).numpy(), expected, rtol=1e-12)


def test_rbf_has_nothing_to_learn_and_its_bitmaps_are_far_apart():
    assert list(lenet5.RBF().parameters()) == []
    bitmaps = lenet5.bitmaps()
    assert bitmaps.shape == (10, 12, 7)
    assert set(bitmaps.flatten().tolist()) == {-1.0, 1.0}
    distances = -lenet5.RBF()(bitmaps.flatten(1))
    assert distances.diagonal().tolist() == [0.0] * 10
    assert distances[~torch.eye(10, dtype=torch.bool)].min() >= 40, "at least ten pixels differ"


@pytest.mark.parametrize("j", [0.1, 10.0, 84.0])
def test_map_loss_against_numpy(j):
    distances, y = 60 * random(7, 10).abs(), torch.tensor([0, 9, 3, 3, 5, 1, 7])
    terms = [row[d] + np.log(np.exp(-j) + np.exp(-row).sum()) for row, d in zip(distances.numpy(), y, strict=True)]
    assert float(lenet5.map_loss(-distances, y, j)) == pytest.approx(np.mean(terms), rel=1e-12)


def test_map_loss_with_a_large_j_is_cross_entropy():
    distances, y = 30 * random(7, 10).abs(), torch.tensor([0, 9, 3, 3, 5, 1, 7])
    torch.testing.assert_close(lenet5.map_loss(-distances, y, j=1e4), F.cross_entropy(-distances, y))


def test_map_loss_leaves_far_away_classes_alone():
    distances = torch.tensor([[2.0, 5.0, 200.0, *[300.0] * 7]], dtype=torch.float64, requires_grad=True)
    lenet5.map_loss(-distances, torch.tensor([0]), j=10.0).backward()
    right, near, far = distances.grad[0, :3].tolist()
    assert right > 0 > near, "the right distance should fall, a wrong one nearby should grow"
    assert abs(far) < 1e-12


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lenet5.ScaledTanh(), (2, 3)),
        (lenet5.Subsampling(2), (2, 2, 4, 5)),
        (lenet5.PartialConv2d([(0, 1), (1, 2), (0,)], 3, 2), (2, 3, 4, 3)),
        (lenet5.RBF(), (2, 84)),
    ],
)
def test_gradients(layer, shape):
    layer = layer.double()
    with torch.no_grad():
        for number, parameter in enumerate(layer.parameters()):
            parameter.copy_(random(*parameter.shape, seed=number))
    inputs = (random(*shape).requires_grad_(), *layer.parameters())
    assert torch.autograd.gradcheck(lambda X, *_: layer(X), inputs)


def test_gradient_of_the_loss():
    outputs = (-random(3, 10).abs()).requires_grad_()
    assert torch.autograd.gradcheck(partial(lenet5.map_loss, y=torch.tensor([0, 3, 9]), j=1.0), (outputs,))


def test_weights_start_within_the_paper_s_range(net):
    for name, inputs in {"c1": 25, "c5": 400, "f6": 120}.items():
        largest = getattr(net, name).weight.abs().max()
        assert 0.9 * 2.4 / inputs < largest <= 2.4 / inputs
    weight = net.c3.weight()
    for number, seen in enumerate(lenet5.C3_TABLE):
        assert 0.8 * 2.4 / (25 * len(seen)) < weight[number].abs().max() <= 2.4 / (25 * len(seen))


def test_both_sizes_are_the_same_net(net):
    large = models.create("lenet5_1998", size=32)
    large.load_state_dict(net.state_dict())
    X = random(2, 1, 28, 28).float()
    torch.testing.assert_close(net(X), large(F.pad(X, (2, 2, 2, 2), value=-0.1)))
    with pytest.raises(ValueError, match="28 x 28 or 32 x 32"):
        models.create("lenet5_1998", size=20)
