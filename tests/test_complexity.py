"""Counts and receptive fields: published numbers, worked ones, and gradients as the oracle of what a layer sees."""

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from utils import complexity, models


def columns(model, shape, *names):
    """Rows of the table with these columns, None for what is not known."""
    rows = complexity.layer_table(model, shape)[list(names)].values
    return [tuple(None if value is pd.NA else value for value in row) for row in rows]


class InceptionBlock(nn.Module):
    """Block 3a of GoogLeNet without biases: Szegedy et al. (2015), table 1."""

    def __init__(self):
        super().__init__()
        self.path1 = nn.Conv2d(192, 64, 1, bias=False)
        self.path2 = nn.Sequential(nn.Conv2d(192, 96, 1, bias=False), nn.Conv2d(96, 128, 3, padding=1, bias=False))
        self.path3 = nn.Sequential(nn.Conv2d(192, 16, 1, bias=False), nn.Conv2d(16, 32, 5, padding=2, bias=False))
        self.path4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(192, 32, 1, bias=False))
        self.after = nn.Conv2d(256, 1, 3, bias=False)

    def forward(self, X):
        return self.after(torch.cat([self.path1(X), self.path2(X), self.path3(X), self.path4(X)], dim=1))


class Functional(nn.Module):
    """Functions in place of layers, a shared layer, a gate over the whole map, a strided slice, a branch in Python."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.gate = nn.Linear(2, 2)

    def forward(self, X):
        X = F.relu(self.conv(X))
        if X.shape[-1] > 4:
            X = F.max_pool2d(X, 2)
        X = self.conv(X)[:, :, ::2, ::2]
        return torch.sigmoid(self.gate(X.mean((2, 3))))[..., None, None] * X


def test_lenet_layer_by_layer():
    rows = columns(models.create("lenet"), (1, 28, 28), "layer", "output shape", "params", "MACs", "activation memory")
    assert rows[0] == ("c1", (6, 28, 28), 156, 117_600, 4 * 6 * 28 * 28)
    assert rows[3] == ("c3", (16, 10, 10), 2_416, 240_000, 4 * 1600)
    assert rows[6] == ("flatten", (400,), 0, 0, 0)
    assert rows[-1] == ("output", (10,), 850, 840, 40)
    assert len(rows) == 12


def test_receptive_fields_of_lenet():
    rows = columns(models.create("lenet"), (1, 28, 28), "layer", "receptive field", "jump")
    assert [row for row in rows if row[0] in ("c1", "s2", "c3", "s4", "flatten", "c5", "output")] == [
        ("c1", 5, 1),
        ("s2", 6, 2),
        ("c3", 14, 2),
        ("s4", 16, 4),
        ("flatten", 16, None),
        ("c5", 32, None),
        ("output", 32, None),
    ]


def test_vgg16_fills_no_memory_and_sees_212_pixels():
    with torch.device("meta"):
        model = models.create("vgg16")
    rows = columns(model, (3, 224, 224), "type", "receptive field", "jump")
    assert [row for row in rows if row[0] == "MaxPool2d"][-1] == ("MaxPool2d", 212, 32)
    assert complexity.count(model, (3, 224, 224))["macs"] == 15_470_264_320


def test_paths_that_join_count_the_longest():
    model = InceptionBlock()
    counted = complexity.count(model, (192, 28, 28))
    after = 256 * 9
    assert counted["params"] - after == 163_328
    assert counted["macs"] - after * 26 * 26 == 128_049_152
    seen = dict(columns(model, (192, 28, 28), "layer", "receptive field"))
    assert [seen[name] for name in ("path1", "path2.1", "path3.1", "path4.1", "after")] == [1, 3, 5, 3, 7]


def test_table_adds_up_to_the_count():
    for model, shape in [(InceptionBlock(), (192, 28, 28)), (models.create("resnet20"), (3, 32, 32))]:
        table, counted = complexity.layer_table(model, shape), complexity.count(model, shape)
        assert table["params"].sum() == counted["params"]
        assert table["MACs"].sum() == counted["macs"]
        assert table["activation memory"].sum() == counted["activation_bytes"]


def test_functions_slices_and_shared_layers():
    table = complexity.layer_table(Functional(), (2, 16, 16))
    assert list(table["layer"]) == ["conv", "conv", "gate"]
    assert list(table["params"]) == [38, 0, 6]
    assert list(table["MACs"])[:2] == [2 * 9 * 2 * (256 + 64) // 2] * 2
    # 3, then 3 + 1 (pool), then + 2 * 2; the gate sees 4 maps' jumps of 4 more
    assert list(table["receptive field"]) == [3, 8, 8 + 3 * 4]


def test_a_gate_lets_every_pixel_see_the_whole_map():
    model = nn.Sequential(Functional(), nn.Conv2d(2, 1, 2))
    assert columns(model, (2, 16, 16), "receptive field", "jump")[-1] == (20 + 4, 4)


def test_gates_paths_and_groups_have_known_receptive_fields():
    for name in ("se_resnet8", "googlenet_paper", "alexnet_two_towers"):
        with torch.device("meta"):
            model = models.create(name)
        seen = complexity.layer_table(model, (3, 224, 224))["receptive field"]
        assert not seen.isna().any(), name


def test_unknown_operations_leave_the_field_empty():
    class Turned(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 3)

        def forward(self, X):
            return self.conv(self.conv(X).transpose(2, 3))

    assert columns(Turned(), (1, 9, 9), "receptive field", "jump") == [(3, 1), (None, None)]


layers = st.lists(
    st.tuples(st.sampled_from(["conv", "max", "average"]), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2)),
    min_size=1,
    max_size=4,
)


def stack(chain):
    made = []
    for kind, kernel, stride, dilation in chain:
        if kind == "conv":
            made.append(nn.Conv2d(1, 1, kernel, stride, dilation=dilation))
        else:
            made.append(
                nn.MaxPool2d(kernel, stride, dilation=dilation) if kind == "max" else nn.AvgPool2d(kernel, stride)
            )
    return nn.Sequential(*made)


@given(layers)
def test_receptive_field_is_what_the_gradient_reaches(chain):
    # With positive weights and average pooling every pixel of the field has a gradient; a max pool passes one pixel
    # only, so its stand-in here sums its window.
    model = stack(chain)
    formula = [(k, s, 1 if kind == "average" else d) for kind, k, s, d in chain]
    X = torch.zeros(1, 1, 64, 64, dtype=torch.float64, requires_grad=True)
    out = X
    for kernel, stride, dilation in formula:
        out = F.conv2d(out, torch.ones(1, 1, kernel, kernel, dtype=torch.float64), stride=stride, dilation=dilation)
    out[0, 0, 1, 1].backward()
    reached = X.grad[0, 0].nonzero()
    side = int(reached.max(0).values[0] - reached.min(0).values[0]) + 1
    table = complexity.layer_table(model, (1, 64, 64))
    assert complexity.receptive_field(formula) == side == table["receptive field"].iloc[-1]


@given(
    st.integers(1, 3), st.integers(1, 3), st.sampled_from([1, 2, 3]), st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.integers(1, 2), st.booleans(),
)  # fmt: skip
def test_cost_formula_is_what_is_measured(c_in, c_out, groups, kernel, stride, bias):
    layer = nn.Conv2d(c_in * groups, c_out * groups, kernel, stride, groups=groups, bias=bias)
    table = complexity.layer_table(layer, (c_in * groups, 7, 9))
    size = table["output shape"][0][1:]
    formula = complexity.conv_cost(c_in * groups, c_out * groups, kernel, size, groups, bias)
    assert formula == {"params": table["params"][0], "macs": table["MACs"][0]}
    assert formula["params"] == sum(p.numel() for p in layer.parameters())


def test_table_1_of_the_inception_chapter_by_formula():
    assert complexity.conv_cost(192, 256, 3, 28, bias=False) == {"params": 442_368, "macs": 346_816_512}
    assert complexity.conv_cost(192, 256, 5, 28, bias=False) == {"params": 1_228_800, "macs": 963_379_200}


def test_the_model_stays_as_it_was():
    model = models.create("lenet_bn").train()
    model.s2.eval()
    calls = []
    model.c1.register_forward_hook(lambda *args: calls.append(args))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    random = torch.get_rng_state()
    complexity.count(model, (1, 28, 28))
    complexity.layer_table(model, (1, 28, 28))
    assert calls == []
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(p.device.type == "cpu" and p.grad is None for p in model.parameters())


def test_frozen_parameters_are_counted_apart():
    model = models.create("lenet")
    model.c1.requires_grad_(False)
    counted = complexity.count(model, (1, 28, 28))
    assert (counted["params"], counted["frozen_params"]) == (61_706 - 156, 156)
    assert counted["parameter_bytes"] == 4 * 61_706


def test_activations_of_layers_in_place_count_once():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True), nn.Dropout(), nn.Flatten())
    assert complexity.count(model, (1, 8, 8))["activations"] == 4 * 6 * 6
    model[1] = nn.ReLU()
    assert complexity.count(model.double(), (1, 8, 8))["activation_bytes"] == 8 * 2 * 4 * 6 * 6


def test_a_module_with_parameters_of_its_own_beside_its_layers_has_a_row():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.scale = nn.Conv2d(1, 2, 3), nn.Parameter(torch.ones(2, 1, 1))

        def forward(self, X):
            return self.scale * self.conv(X)

    rows = columns(Scaled(), (1, 6, 6), "layer", "params", "MACs", "activation memory")
    assert sorted(rows) == [("(model)", 2, 0, 0), ("conv", 20, 2 * 9 * 16, 4 * 2 * 16)]


def test_attention_counts_all_its_parameters():
    model = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    table = complexity.layer_table(model, (5, 8))
    assert table["params"].sum() == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("model", "shape", "error", "words"),
    [
        ("lenet", (64, 1, 28, 28), ValueError, "without the batch"),
        ("lenet", (28, 28), ValueError, "channels, height, width"),
        ("lenet", 28, ValueError, "channels, height, width"),
        ("lenet", (3, 28, 28), ValueError, "'c1' has in_channels=1 and got 3"),
        ("lenet", (1, 20, 20), ValueError, "'c5' has in_features=400 and got 144"),
        ("lenet", (1, 4, 4), ValueError, "'c3' got .6, 2, 2.. PyTorch says"),
        ("lenet", (1, 0, 28), ValueError, "positive integers"),
        ("lenet", "1x28x28", ValueError, "positive integers"),
        (None, (1, 28, 28), TypeError, "Expected a model"),
    ],
)
def test_wrong_image_shapes_are_explained(model, shape, error, words):
    with pytest.raises(error, match=words):
        complexity.count(models.create(model) if model else "lenet", shape)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: complexity.receptive_field([(3,)]), r"layers\[0\] must be"),
        (lambda: complexity.receptive_field([(3, 1), (3, 0)]), r"layers\[1\] must be a positive integer, not 0"),
        (lambda: complexity.conv_cost(0, 8, 3, 28), "^in_channels must be a positive integer, not 0"),
        (lambda: complexity.conv_cost(3, True, 3, 28), "^out_channels must be a positive integer, not True"),
        (lambda: complexity.conv_cost(3, 8, 3, 28, groups=0), "^groups must be a positive integer, not 0"),
        (lambda: complexity.conv_cost(3, 8, 0, 28), "kernel must be"),
        (lambda: complexity.conv_cost(3, 8, 3, 28.0), "out_size must be"),
        (lambda: complexity.conv_cost(3, 8, (3, 3, 3), 28), "height, width"),
        (lambda: complexity.conv_cost(3, 8, 3, 28, groups=2), "groups=2 must divide both 3"),
        (lambda: complexity.throughput(nn.Flatten(), (1, 4, 4), batch_size=0), "batch_size"),
    ],
)
def test_formulas_refuse_what_makes_no_sense(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_throughput_measures_and_leaves_the_mode():
    model = models.create("lenet_bn").train()
    mean = model.bn1.running_mean.clone()
    speed = complexity.throughput(model, (1, 28, 28), batch_size=2, seconds=0.01)
    assert 0 < speed["low"] <= speed["images_per_second"] <= speed["high"]
    assert speed["passes"] >= 3
    assert model.training
    assert torch.equal(model.bn1.running_mean, mean)
