"""The small networks of chapter 15: attention against PyTorch's, patches, made kernels, and a game that is played."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from utils import models
from utils.models.vit import Attention, shuffle_patches

torch.set_num_threads(1)


@settings(max_examples=15, deadline=None)
@given(heads=st.sampled_from([1, 2, 4]), B=st.integers(1, 3), N=st.integers(1, 6))
def test_attention_equals_pytorch(heads, B, N):
    torch.manual_seed(0)
    ours, theirs = Attention(8, heads), nn.MultiheadAttention(8, heads, batch_first=True)
    weights = zip(theirs.parameters(), ours.parameters(), strict=True)
    with torch.no_grad():
        for their, our in weights:
            their.copy_(our)
    X = torch.randn(B, N, 8)
    expected, shares = theirs(X, X, X, average_attn_weights=False)
    torch.testing.assert_close(ours(X), expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.weights(X)[0], shares, atol=1e-5, rtol=1e-5)


def test_tokens_are_the_patches_row_by_row():
    torch.manual_seed(0)
    net, X = models.create("vit_small", size=12, patch=4, channels=2), torch.randn(2, 2, 12, 12)
    patches = F.unfold(X, 4, stride=4).transpose(1, 2)
    expected = F.linear(patches, net.embed.weight.flatten(1), net.embed.bias) + net.positions
    torch.testing.assert_close(net.tokens(X), expected, atol=1e-5, rtol=1e-5)


def test_attention_of_every_block_is_what_the_forward_pass_uses():
    torch.manual_seed(0)
    net, X, seen = models.create("vit_small", depth=3).eval(), torch.randn(2, 1, 28, 28), []
    for block in net.blocks:
        block.attention.register_forward_pre_hook(lambda module, args: seen.append(module.weights(args[0])[0]))
    with torch.no_grad():
        net(X)
        used, found = torch.stack(seen, dim=1), net.attention(X)
    assert found.shape == (2, 3, 4, 49, 49)
    torch.testing.assert_close(found, used)
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 3, 4, 49))


def test_a_transformer_whose_positions_move_along_reads_shuffled_patches():
    torch.manual_seed(0)
    net, X = models.create("vit_small").eval(), torch.randn(2, 1, 28, 28)
    shuffled = shuffle_patches(X)
    order = shuffle_patches(torch.arange(49).view(1, 1, 7, 7), patch=1).flatten()
    with torch.no_grad():
        expected = net(X)
        assert not torch.allclose(net(shuffled), expected, atol=1e-3)
        net.positions.copy_(net.positions[:, order].clone())
        torch.testing.assert_close(net(shuffled), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("shape", [(2, 3, 8, 12), (1, 1, 4, 4)])
def test_shuffling_moves_whole_patches(shape):
    X = torch.arange(torch.Size(shape).numel()).view(shape)
    before, after = (F.unfold(Y.double(), 4, stride=4).transpose(1, 2) for Y in (X, shuffle_patches(X, seed=3)))
    order = [before[0].tolist().index(patch) for patch in after[0].tolist()]
    assert sorted(order) == list(range(before.shape[1]))
    assert torch.equal(after, before[:, order])


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not tile"):
        models.create("vit_small", patch=5)
    with pytest.raises(ValueError, match="heads that divide"):
        models.create("vit_small", width=30)


def test_kernels_are_made_from_codes_and_the_convnet_uses_them():
    torch.manual_seed(0)
    net, X = models.create("hyper_convnet", layers=3, width=5, code=2).eval(), torch.randn(2, 1, 28, 28)
    assert net.kernels().shape == (3, 5, 5, 3, 3)
    middle = net.kernels((net.codes[:1] + net.codes[1:2]) / 2)
    torch.testing.assert_close(middle[0], net.kernels()[:2].mean(0))
    with torch.no_grad():
        before = net(X)
        net.codes[2] += 1
        assert not torch.allclose(net(X), before)
        net.maker.weight.zero_()
        net.maker.bias.zero_()
        torch.testing.assert_close(net(X)[0], net(X)[1])  # kernels of zeros see no image


def test_players_move_against_each_other():
    torch.manual_seed(0)
    G, D = models.create("digit_generator"), models.create("digit_discriminator")
    Z, real = torch.randn(16, 16), torch.rand(16, 1, 28, 28) * 2 - 1
    fake = G(Z)
    assert fake.abs().max() <= 1
    by_D = torch.optim.Adam(D.parameters(), lr=2e-3)
    for _ in range(5):
        loss = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
        by_D.zero_grad()
        loss.backward()
        by_D.step()
    assert D(real).mean() > D(fake).mean()
    assert all(p.grad is None for p in G.parameters())
