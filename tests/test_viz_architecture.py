"""Diagrams of networks: every box, shape and line is what the network does."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from utils import models, viz
from utils.viz.captions import alt_text
from utils.viz.layout import place
from utils.viz.trace import boxes


class Block(nn.Module):
    """A residual block with functions in its forward pass, and a gate."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.norm = nn.BatchNorm2d(8)
        self.gate = nn.Linear(8, 8)

    def forward(self, X):
        out = self.norm(self.conv2(F.relu(self.conv1(X))))
        out = out * torch.sigmoid(self.gate(F.adaptive_avg_pool2d(out, 1).flatten(1)))[..., None, None]
        out += X
        return F.relu(out)


class Parts(nn.Sequential):
    """Two blocks behind a wrapped convolution."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.body = nn.Sequential(Block(), Block())
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(8, 5))


def outline(model, shape, depth=None):
    return [(box.operation.text, box.extras, box.inputs, box.shape) for box in boxes(model, shape, depth)]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_boxes_of_lenet():
    assert outline(models.create("lenet"), (1, 28, 28)) == [
        ("input", [], [], (1, 28, 28)),
        ("conv 5×5", ["ReLU"], [0], (6, 28, 28)),
        ("max pool 2×2", [], [1], (6, 14, 14)),
        ("conv 5×5", ["ReLU"], [2], (16, 10, 10)),
        ("max pool 2×2", [], [3], (16, 5, 5)),
        ("dense", ["ReLU"], [4], (120,)),
        ("dense", ["ReLU"], [5], (84,)),
        ("dense", [], [6], (10,)),
    ]


def test_paths_that_split_and_join():
    assert outline(Block(), (8, 6, 6)) == [
        ("input", [], [], (8, 6, 6)),
        ("conv 3×3", ["ReLU"], [0], (8, 6, 6)),
        ("conv 3×3\ndepthwise", ["batch norm"], [1], (8, 6, 6)),
        ("global\naverage pool", [], [2], (8, 1, 1)),
        ("dense", ["Sigmoid"], [3], (8,)),
        ("×", [], [2, 4], (8, 6, 6)),
        ("+", ["ReLU"], [5, 0], (8, 6, 6)),
    ]


def test_channels_that_are_split_have_a_box():
    class Half(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, X):
            left, right = X.chunk(2, dim=1)
            return torch.cat([left, self.conv(right)], dim=1)

    assert outline(Half(), (6, 4, 4))[1:] == [
        ("split in 2", [], [0], (3, 4, 4)),
        ("conv 1×1", [], [1], (3, 4, 4)),
        ("concat", [], [1, 2], (6, 4, 4)),
    ]


def test_depth_closes_what_lies_deeper():
    closed = outline(Parts(), (3, 17, 17), depth=1)
    assert [row[0] for row in closed] == ["input", "conv 3×3\nstride 2", "2 × Block", "Sequential"]
    assert closed[1][1] == ["batch norm", "ReLU"]  # a wrapped convolution is opened at any depth
    assert [row[0] for row in outline(Parts(), (3, 17, 17), depth=2)][2:4] == ["Block", "Block"]
    assert len(outline(Parts(), (3, 17, 17))) == 2 + 2 * 6 + 2


def test_a_closed_path_names_its_few_layers():
    path = nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU()), nn.Sequential(nn.Conv2d(8, 8, 5), nn.ReLU()))
    assert outline(nn.Sequential(path), (3, 9, 9), depth=1)[1] == ("conv 1×1\nconv 5×5", [], [0], (8, 5, 5))


def test_repeated_layers_of_a_long_network_are_drawn_once():
    with torch.device("meta"):
        ax = viz.architecture(models.create("vgg19"), (3, 224, 224))
    assert sum("4 × conv 3×3" in text for text in texts(ax)) == 3
    assert "2 × dense\nReLU, dropout 0.5" in texts(ax)


def test_small_steps_stay_boxes_where_paths_split_behind_them():
    class Before(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.norm, self.act = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()

        def forward(self, X):
            X = self.conv(X)
            return X + self.act(self.norm(X))

    rows = outline(Before(), (4, 5, 5))
    assert [(text, extras, inputs) for text, extras, inputs, _ in rows[1:]] == [
        ("conv 3×3", [], [0]),
        ("batch norm", ["ReLU"], [1]),
        ("+", [], [1, 2]),
    ]


def test_shapes_are_those_of_the_modules():
    with torch.device("meta"):
        model = models.create("resnet18").eval()
    shapes = {}
    for name, module in model.named_modules():
        module.register_forward_hook(lambda m, i, out, name=name: shapes.update({name: tuple(out.shape[1:])}))
    model(torch.empty(1, 3, 224, 224, device="meta"))
    found = [box for box in boxes(model, (3, 224, 224), 2) if box.name]
    assert len(found) == 12
    assert all(box.shape == shapes[box.name] for box in found)


def test_the_model_stays_as_it_was():
    model = models.create("lenet_bn").train()
    model.s2.eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    modes, random = [module.training for module in model.modules()], torch.get_rng_state()
    viz.architecture(model, (1, 28, 28))
    with pytest.raises(ValueError, match="layer 'c1'"):
        viz.architecture(model, (2, 28, 28))
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


def test_lenet_reads_at_a_glance():
    ax = viz.architecture(models.create("lenet"), (1, 28, 28))
    written = texts(ax)
    for text in ("c1", "6 × 28 × 28", "conv 5×5\nReLU", "s4", "16 × 5 × 5", "flatten\n400", "output", "10"):
        assert text in written
    windows = [patch for patch in ax.patches if not patch.get_fill() and patch.get_edgecolor()[:3] != (1, 1, 1)]
    assert len(windows) == 2  # two convolutions
    assert "c3: conv 5×5, ReLU, 16 × 10 × 10" in alt_text(ax.figure)
    assert max(ax.figure.get_size_inches() * ax.figure.dpi) <= 1280


@pytest.mark.parametrize(
    ("model", "shape"),
    [(models.create("lenet_bn"), (1, 28, 28)), (Block(), (8, 6, 6)), (Parts(), (3, 17, 17))],
    ids=["chain", "branches", "rows"],
)
def test_texts_do_not_overlap_and_stay_inside(model, shape):
    ax = viz.architecture(model, shape)
    ax.figure.canvas.draw()
    spots = [text.get_window_extent() for text in ax.texts]
    for number, spot in enumerate(spots):
        assert spot.x0 >= 0
        assert spot.x1 <= ax.figure.bbox.width
        assert not any(spot.overlaps(other) for other in spots[number + 1 :])


def test_a_deep_network_is_drawn_as_deep_as_can_be_read():
    with torch.device("meta"):
        model = models.create("resnet50")
    ax = viz.architecture(model, (3, 224, 224))
    assert texts(ax).count("Bottleneck") == 16
    assert ax.figure.get_size_inches()[1] * ax.figure.dpi <= 740


@st.composite
def graphs(draw):
    inputs = [[]]
    for box in range(1, draw(st.integers(2, 12))):
        inputs.append(sorted(draw(st.sets(st.integers(max(0, box - 4), box - 1), min_size=1, max_size=3))))
    return inputs


@given(graphs(), st.integers(3, 8))
def test_boxes_keep_apart_and_lines_run_forward(inputs, most):
    places, ways = place(inputs, most)
    spots = {}
    for spot in places:
        spots.setdefault((spot.row, spot.column), []).append(spot.lane)
    for lanes in spots.values():
        lanes.sort()
        assert all(b - a >= 1 - 1e-9 for a, b in pairwise(lanes))
    for box, before in enumerate(inputs):
        for i in before:
            assert (places[i].row, places[i].column) < (places[box].row, places[box].column)
            columns = [column for column, _ in ways[i, box]]
            assert columns == list(range(columns[0], places[box].column))
            for column, lane in ways[i, box][1:]:  # a line that passes a column does not touch its boxes
                assert all(abs(lane - other) > 0.6 for other in spots[places[box].row, column])
