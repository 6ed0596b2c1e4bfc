"""The Inception family: counts of ground truth, one block by hand, Inception v3 against torchvision."""

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from utils import complexity, models
from utils.models.inception import CHANNELS, GoogLeNet, InceptionBlock
from utils.models.inception_resnet import (
    ResidualMixed,
    residual_a,
    residual_b,
    residual_c,
    v4_block_a,
    v4_block_b,
    v4_block_c,
)
from utils.models.inception_v3 import block_c

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def weights(module):
    """Number of weights of the convolutions, biases and batch norm left out."""
    return sum(p.numel() for p in module.parameters() if p.ndim == 4)


def size(module):
    """Number of parameters."""
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("module", "params", "macs"),
    [
        (InceptionBlock(192, CHANNELS["3a"]), 163_328, 128_049_152),
        (nn.Conv2d(192, 256, 3, padding=1), 442_368, 346_816_512),
        (nn.Conv2d(192, 256, 5, padding=2), 1_228_800, 963_379_200),
    ],
    ids=["block 3a", "one 3x3", "one 5x5"],
)
def test_cost_of_the_block_and_of_single_convolutions(module, params, macs):
    assert weights(module) == params
    assert complexity.count(module, (192, 28, 28))["macs"] == macs


def test_six_convolutions_of_block_3a():
    found = [p.numel() for p in InceptionBlock(192, CHANNELS["3a"]).parameters() if p.ndim == 4]
    assert found == [12_288, 18_432, 110_592, 3_072, 12_800, 6_144]


@pytest.mark.parametrize("batch_norm", [False, True])
def test_block_is_four_paths_stacked(batch_norm):
    block, X = InceptionBlock(5, (2, 3, 4, 1, 6, 7), batch_norm=batch_norm).eval(), torch.randn(2, 5, 9, 8)
    convs = [module for module in block.modules() if isinstance(module, nn.Conv2d)]

    def relu(conv, x):
        return F.relu(F.conv2d(x, conv.weight, conv.bias, padding=conv.weight.shape[-1] // 2) / scale)

    scale = (1 + 1e-5) ** 0.5 if batch_norm else 1  # a fresh batch norm in evaluation divides by this alone
    one, three_in, three, five_in, five, pool = convs
    pooled = F.max_pool2d(X, 3, 1, padding=1)
    paths = [relu(one, X), relu(three, relu(three_in, X)), relu(five, relu(five_in, X)), relu(pool, pooled)]
    torch.testing.assert_close(block(X), torch.cat(paths, 1))


def test_factorised_block_has_two_3x3_for_the_5x5():
    plain, factorised = (InceptionBlock(8, (0, 0, 0, 12, 12, 0), factorised=flag) for flag in (False, True))
    assert weights(plain) == 8 * 12 + 25 * 12 * 12
    assert weights(factorised) == 8 * 12 + 18 * 12 * 12
    X = torch.zeros(1, 8, 15, 15, requires_grad=True)
    for block in (plain, factorised):
        (gradient,) = torch.autograd.grad(block(X)[0, :, 7, 7].sum(), X)
        rows, columns = gradient.abs().sum((0, 1)).nonzero(as_tuple=True)
        assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 9, 5, 9)


def test_paths_may_be_left_out_but_not_all():
    assert InceptionBlock(4, (0, 2, 3, 0, 0, 0))(torch.zeros(1, 4, 5, 5)).shape == (1, 3, 5, 5)
    with pytest.raises(ValueError, match="leaves no path"):
        InceptionBlock(4, (0, 8, 0, 8, 0, 0))


def test_googlenet_widths_and_sizes():
    with torch.device("meta"):
        net, heads = GoogLeNet(), GoogLeNet(auxiliary=True)
        cousin = torchvision.models.googlenet(init_weights=False, aux_logits=False)
        cousin_with_heads = torchvision.models.googlenet(init_weights=False, aux_logits=True)
    widths = [block.out_channels for stage in (net.stage3, net.stage4, net.stage5) for block in stage]
    assert widths == [256, 480, 512, 512, 512, 528, 832, 832, 1024]
    assert size(net) == 6_998_552
    # a head: 1x1 to 128, 2,048 to 1,024, 1,024 to 1,000
    assert size(heads) - size(net) == sum(c * 128 + 128 + 2049 * 1024 + 1025 * 1000 for c in (512, 528))
    assert (size(cousin), size(cousin_with_heads)) == (6_624_904, 13_004_888)
    assert round(complexity.count(cousin, (3, 224, 224))["macs"] / 1e9, 3) == 1.498


def test_googlenet_answers_with_its_heads_only_in_training():
    with torch.device("meta"):
        net, X = GoogLeNet(classes=7, auxiliary=True), torch.empty(2, 3, 224, 224)
    assert [logits.shape for logits in net.train()(X)] == [(2, 7)] * 3
    assert net.eval()(X).shape == (2, 7)


def test_inception_v3_takes_torchvisions_weights_and_gives_its_outputs():
    theirs = torchvision.models.inception_v3(weights=None, init_weights=False, aux_logits=True).eval()
    ours = models.create("inception_v3").eval()
    ours.load_state_dict(theirs.state_dict())  # strict: every name and shape agrees
    theirs.load_state_dict(ours.state_dict())
    X = torch.randn(1, 3, 299, 299)
    with torch.no_grad():
        torch.testing.assert_close(ours(X), theirs(X), atol=1e-5, rtol=1e-5)


def test_inception_v3_sizes():
    with torch.device("meta"):
        net, bare = models.create("inception_v3"), models.create("inception_v3", auxiliary=False)
        X = torch.empty(2, 3, 299, 299)
    assert (size(net), size(bare)) == (27_161_264, 23_834_568)
    assert round(complexity.count(bare, (3, 299, 299))["macs"] / 1e9, 3) == 5.713
    assert [logits.shape for logits in net.train()(X)] == [(2, 1000)] * 2
    assert bare.train()(X).shape == (2, 1000)


def test_rows_and_columns_of_v3_see_whole_squares():
    with torch.device("meta"):
        table = complexity.layer_table(block_c(8, 4), (8, 17, 17))
    reach = table.set_index("layer")["receptive field"]
    assert reach["branch7x7_3.conv"] == 7
    assert reach["branch7x7dbl_5.conv"] == 13


BN = 2  # parameters of a batch norm for each channel


@pytest.mark.parametrize(
    ("make", "c_in", "side", "params"),
    [
        (v4_block_a, 384, 35, 384 * (96 + 64 + 64 + 96) + 9 * (2 * 64 * 96 + 96 * 96) + BN * (5 * 96 + 2 * 64)),
        (v4_block_b, 1024, 17, 2_936_256),
        (v4_block_c, 1536, 8, 4_553_088),
        (
            residual_a,
            320,
            35,
            320 * 96 + 9 * (32 * 32 + 32 * 48 + 48 * 64) + BN * (4 * 32 + 48 + 64) + (128 + 1) * 320,
        ),
        (
            residual_b,
            1088,
            17,
            1088 * 320 + 7 * (128 * 160 + 160 * 192) + BN * (192 + 128 + 160 + 192) + (384 + 1) * 1088,
        ),
        (
            residual_c,
            2080,
            8,
            2080 * 384 + 3 * (192 * 224 + 224 * 256) + BN * (2 * 192 + 224 + 256) + (448 + 1) * 2080,
        ),
    ],
)
def test_later_blocks_keep_shape_and_have_the_size_of_their_tables(make, c_in, side, params):
    with torch.device("meta"):
        block, X = make(), torch.empty(2, c_in, side, side)
    assert block(X).shape == X.shape
    assert size(block) == params


def test_residual_block_adds_a_scaled_correction():
    block, X = ResidualMixed(6, 0.25, branch1x1=[(4, 1)]).eval(), torch.randn(2, 6, 5, 5)
    with torch.no_grad():
        correction = block.project(block.mixed(X))
        torch.testing.assert_close(block(X), F.relu(X + 0.25 * correction))
        block.scale = 0
        torch.testing.assert_close(block(X), F.relu(X))
