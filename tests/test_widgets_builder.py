"""The VGG builder: every number is that of utils.complexity on the network itself, and reaches the browser exactly."""

import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import complexity, widgets
from utils.models.vgg import DEPTHS
from utils.widgets.builder import PLANS, network

torch.set_num_threads(1)
PUBLISHED = {  # parameters, multiply-adds in billions
    "VGG-11": (132_863_336, 7.609),
    "VGG-13": (133_047_848, 11.308),
    "VGG-16": (138_357_544, 15.470),
    "VGG-19": (143_667_240, 19.632),
}


@pytest.fixture
def explorer():
    """The explorer as the chapter opens it."""
    explorer = widgets.vgg_builder()
    yield explorer
    explorer.close()


def shown(explorer, name):
    """An array as the browser receives it; counts put together from their two parts."""
    sent = getattr(explorer._canvas, name)
    array = np.frombuffer(sent["data"], sent["dtype"]).reshape(sent["shape"]).astype(int)
    return array if name in ("shapes", "reach") else array @ [1_000_000, 1]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks_by_name(explorer, name):
    explorer.children[0].children[0].value = name
    params, macs = shown(explorer, "totals")
    assert (params, round(macs / 1e9, 3)) == PUBLISHED[name]
    assert f"{params:,} parameters" in explorer.describe()


counts, channels = st.tuples(*[st.integers(1, 4)] * 5), st.tuples(*[st.integers(8, 40)] * 5)


@given(st.integers(1, 5), counts, channels, st.sampled_from([32, 96]), st.booleans())
@settings(max_examples=12, deadline=None)
def test_any_network_costs_what_complexity_counts(blocks, convs, widths, side, batch_norm):
    plan = {f"convs{n}": count for n, count in enumerate(convs, 1)} | {f"width{n}": w for n, w in enumerate(widths, 1)}
    plan |= {"blocks": blocks, "side": side, "hidden": 64, "classes": 10, "batch_norm": batch_norm}
    explorer = widgets.vgg_builder(**plan)
    table = complexity.layer_table(network(plan), (3, side, side))
    pools, dense = table[table["type"] == "MaxPool2d"], table[table["type"] == "Linear"]
    assert shown(explorer, "totals").tolist() == [table["params"].sum(), table["MACs"].sum()]
    assert shown(explorer, "reach").tolist() == pools["receptive field"].tolist()
    assert shown(explorer, "shapes").tolist()[:blocks] == [list(shape) for shape in pools["output shape"]]
    assert shown(explorer, "params").tolist()[blocks:] == dense["params"].tolist()
    explorer.close()


def test_choosing_a_network_computes_once_and_any_change_makes_it_your_own(explorer, monkeypatch):
    calls, compute, names = [], explorer.compute, explorer.children[0].children[0]
    assert names.value == "VGG-16"
    monkeypatch.setattr(explorer, "compute", lambda settings: calls.append(settings) or compute(settings))
    names.value = "small VGG"
    assert len(calls) == 1
    assert PLANS["small VGG"].items() <= explorer.settings.items()
    explorer._canvas.wish = {"width2": 72, "serial": 1}
    assert names.value not in PLANS


def test_one_block_less_costs_more_parameters(explorer):
    before = shown(explorer, "totals")[0]
    explorer.blocks = 4
    assert shown(explorer, "totals")[0] > 3 * before


def test_it_opens_on_vgg16_of_the_table(explorer):
    assert tuple(explorer.settings[f"convs{n}"] for n in range(1, 6)) == DEPTHS[16]


@pytest.mark.parametrize("wrong", [{"blocks": 6}, {"convs2": 0}, {"width5": 513}, {"side": 100}, {"hidden": 5}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        widgets.vgg_builder(**wrong)
