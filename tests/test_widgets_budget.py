"""The channel budget: costs are those of ground truth and of PyTorch, and what the browser gets is exact."""

import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from utils import widgets
from utils.models.inception import CHANNELS, GoogLeNet, InceptionBlock
from utils.widgets.budget import NAMED, PLACES, WIDTHS

torch.set_num_threads(1)


@pytest.fixture
def explorer():
    """The explorer as the chapter opens it."""
    explorer = widgets.inception_budget()
    yield explorer
    explorer.close()


def shown(explorer, name):
    """An array as the browser receives it."""
    sent = getattr(explorer._canvas, name)
    return np.frombuffer(sent["data"], sent["dtype"]).reshape(sent["shape"])


def test_block_3a_costs_what_is_published(explorer):
    assert explorer.compute(explorer.settings)["weights"] == [12_288, 18_432, 110_592, 3_072, 12_800, 6_144]
    # Exact though they travel as float32: each is a multiple of a large power of two.
    expected = [[163_328, 128_049_152], [442_368, 346_816_512], [1_228_800, 963_379_200]]
    assert shown(explorer, "totals").astype(int).tolist() == expected


widths = st.integers(0, 40)


@given(st.tuples(widths, st.integers(8, 40), widths, st.integers(8, 40), widths, widths), st.integers(8, 64))
@settings(max_examples=25, deadline=None)
def test_any_block_costs_what_pytorch_counts(channels, c_in):
    explorer = widgets.inception_budget(**dict(zip(WIDTHS, channels, strict=True)), c_in=c_in, side=5)
    try:
        if not channels[0] + channels[2] + channels[4] + channels[5]:
            assert "leaves no path" in explorer._canvas.answer["message"]
            return
        with torch.device("meta"), FlopCounterMode(display=False) as counter:
            InceptionBlock(c_in, channels)(torch.empty(1, c_in, 5, 5))
        assert shown(explorer, "macs").sum() == counter.get_total_flops() // 2
        assert shown(explorer, "totals")[0, 1] == counter.get_total_flops() // 2
    finally:
        explorer.close()


def test_named_blocks_are_those_of_googlenet():
    with torch.device("meta"):
        net, X = GoogLeNet(), torch.empty(1, 3, 224, 224)
    seen = {}
    for name, block in [pair for stage in (net.stage3, net.stage4, net.stage5) for pair in stage.named_children()]:
        block.register_forward_hook(lambda block, inputs, output, name=name: seen.update({name: inputs[0].shape}))
    net(X)
    assert {name: (shape[1], shape[2]) for name, shape in seen.items()} == PLACES


def test_choosing_a_block_computes_once_and_sets_everything(explorer, monkeypatch):
    calls, compute = [], explorer.compute
    monkeypatch.setattr(explorer, "compute", lambda settings: calls.append(settings) or compute(settings))
    explorer.children[0].children[0].value = "GoogLeNet 5b"
    assert len(calls) == 1
    assert tuple(explorer.settings[name] for name in WIDTHS) == CHANNELS["5b"]
    explorer.one = 100
    assert explorer.children[0].children[0].value not in NAMED


@pytest.mark.parametrize("wrong", [{"three": 513}, {"five_reduced": 0}, {"side": 3}, {"c_in": 4000}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        widgets.inception_budget(**wrong)
