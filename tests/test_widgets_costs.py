"""The cost explorer counts what utils.complexity counts, for the net that its settings describe."""

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from utils import complexity, models, widgets
from utils.widgets.costs import LENET, plan

torch.set_num_threads(1)


def network(side, kernel, stride, towers, classes):
    """AlexNet as PyTorch builds it, without weights; its dense part fits the maps."""
    groups = 2 if towers else 1
    with torch.device("meta"):
        features = nn.Sequential(
            *(nn.Conv2d(3, 96, kernel, stride=stride, padding=2), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(96, 256, 5, padding=2, groups=groups), nn.MaxPool2d(3, 2)),
            nn.Conv2d(256, 384, 3, padding=1),
            nn.Conv2d(384, 384, 3, padding=1, groups=groups),
            *(nn.Conv2d(384, 256, 3, padding=1, groups=groups), nn.MaxPool2d(3, 2), nn.Flatten()),
        )
        inputs = features(torch.empty(1, 3, side, side)).shape[1]
        return nn.Sequential(features, nn.Linear(inputs, 4096), nn.Linear(4096, 4096), nn.Linear(4096, classes))


@pytest.mark.parametrize(
    "settings",
    [(224, 11, 4, True, 1000), (224, 11, 4, False, 10), (97, 3, 1, True, 100), (512, 7, 5, False, 10_000)],
)
def test_costs_are_those_of_the_network(settings):
    layers = plan(*settings)
    table = complexity.layer_table(network(*settings), (3, settings[0], settings[0]))
    table = table[table["params"] > 0]
    assert [layer.params for layer in layers] == table["params"].tolist()
    assert [layer.macs for layer in layers] == table["MACs"].tolist()


def test_totals_of_the_paper():
    explorer = widgets.cost_explorer()
    sums = explorer.compute(explorer.settings)["totals"] @ [1_000_000, 1]
    explorer.close()
    two_towers = complexity.count(models.create("alexnet_two_towers"), (3, 224, 224))
    assert sums.tolist() == [two_towers["params"], two_towers["macs"]] == [60_965_224, 724_406_816]


def test_lenet_is_the_courses_own():
    lenet = complexity.count(models.create("lenet"), (1, 28, 28))
    assert (lenet["params"], lenet["macs"]) == LENET


def test_numbers_reach_the_browser_whole():
    explorer = widgets.cost_explorer(side=512, stride=1, towers=False)
    params = explorer.compute(explorer.settings)["params"].astype(np.float32).astype(int) @ [1_000_000, 1]
    assert params.tolist() == [layer.params for layer in plan(**explorer.settings)]
    assert params.max() > 2**24
    explorer.close()


def test_an_image_that_is_too_small_is_explained():
    explorer = widgets.cost_explorer(side=32)
    assert "the pooling after conv5" in explorer._canvas.answer["message"]
    assert "larger image" in explorer._canvas.answer["message"]
    assert explorer.static().texts
    explorer.close()


@pytest.mark.parametrize("wrong", [{"side": 31}, {"kernel": 0}, {"stride": 9}, {"classes": 7}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        widgets.cost_explorer(**wrong)
