"""utils.layers against PyTorch, in float64, over shapes and settings that hypothesis draws."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_oracles import agree, close, leaf

from utils import layers

torch.set_num_threads(1)
quick = settings(max_examples=60, deadline=None)


@st.composite
def convolutions(draw, method=None):
    """X, weight, bias and the options of a 2-D convolution that fits; with `loops`, small ones."""
    size = st.integers(1, 3)
    groups, per_group_in, per_group_out, B = (draw(size) for _ in range(4))
    kernel = draw(st.tuples(size, size))
    stride, dilation, padding = (draw(st.tuples(s, s)) for s in (size, st.integers(1, 2), st.integers(0, 3)))
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    H, W = (n + draw(st.integers(0, 2 if method == "loops" else 6)) for n in least)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = rng.normal(size=(B, groups * per_group_in, H, W))
    weight = rng.normal(size=(groups * per_group_out, per_group_in, *kernel))
    return X, weight, rng.normal(size=len(weight)), {
        "stride": stride, "padding": padding, "dilation": dilation, "groups": groups,
    }  # fmt: skip


@pytest.mark.parametrize("method", sorted(layers.METHODS))
def test_conv2d_is_pytorchs(method):
    @settings(max_examples=30 if method == "loops" else 60, deadline=None)
    @given(convolutions(method))
    def judge(case):
        X, weight, bias, options = case
        expected = F.conv2d(*map(torch.tensor, (X, weight, bias)), **options)
        close(layers.conv2d(X, weight, bias, method=method, **options), expected)

    judge()


@quick
@given(convolutions())
def test_conv2d_backward_is_autograds(case):
    X, weight, bias, options = case
    tensors = leaf(X), leaf(weight), leaf(bias)
    maps = F.conv2d(*tensors, **options)
    upstream = np.random.default_rng(0).normal(size=maps.shape)
    maps.backward(torch.tensor(upstream))
    for got, tensor in zip(layers.conv2d_backward(upstream, X, weight, **options), tensors, strict=True):
        close(got, tensor.grad)


@quick
@given(convolutions())
def test_conv1d_is_pytorchs(case):
    X, weight, bias, options = case
    X, weight = X[:, :, 0], weight[:, :, 0]
    options = {name: value[1] if isinstance(value, tuple) else value for name, value in options.items()}
    close(layers.conv1d(X, weight, bias, **options), F.conv1d(*map(torch.tensor, (X, weight, bias)), **options))


@quick
@given(convolutions())
def test_im2col_and_col2im_are_unfold_and_fold(case):
    X, weight, _, options = case
    options.pop("groups")
    columns = layers.im2col(X, weight.shape[2:], **options)
    close(columns, F.unfold(torch.tensor(X), weight.shape[2:], **options))
    folded = F.fold(torch.tensor(columns), X.shape[2:], weight.shape[2:], **options)
    close(layers.col2im(columns, X.shape[2:], weight.shape[2:], **options), folded)


@settings(max_examples=30, deadline=None)
@given(convolutions("loops"))
def test_conv_matrix_is_the_convolution(case):
    X, weight, _, options = case
    matrix = layers.conv_matrix(weight, X.shape[2:], **options)
    maps = layers.conv2d(X, weight, **options)
    close((X.reshape(len(X), -1) @ matrix.T).reshape(maps.shape), maps)


def test_conv_matrix_is_sparse_and_tied():
    kernel = np.arange(1, 10).reshape(3, 3)
    matrix = layers.conv_matrix(kernel, 4)
    assert matrix.shape == (4, 16)
    assert [sorted(row[row != 0]) for row in matrix] == [list(range(1, 10))] * 4


@pytest.mark.parametrize("padding", ["valid", "same", "full"])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 3), (4, 5)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_named_paddings(padding, kernel, dilation):
    rng = np.random.default_rng(1)
    X, weight = rng.normal(size=(2, 3, 9, 10)), rng.normal(size=(4, 3, *kernel))
    if padding == "full":
        expected = F.conv2d(
            torch.tensor(X), torch.tensor(weight), padding=[dilation * (k - 1) for k in kernel], dilation=dilation
        )
    else:
        expected = F.conv2d(torch.tensor(X), torch.tensor(weight), padding=padding, dilation=dilation)
    close(layers.conv2d(X, weight, padding=padding, dilation=dilation), expected)


def test_each_axis_may_have_a_padding_of_its_own():
    X, weight = np.random.default_rng(7).normal(size=(1, 6, 7)), np.ones((1, 1, 3, 5))
    expected = F.conv2d(*map(torch.tensor, (X, weight)), padding=(1, 8), dilation=(1, 2))
    close(layers.conv2d(X, weight, padding=("same", "full"), dilation=(1, 2)), expected)


@quick
@given(*(st.integers(1, 12) for _ in range(3)), st.integers(0, 5), st.integers(1, 4))
def test_output_size_counts_the_positions(n, kernel, stride, padding, dilation):
    span = dilation * (kernel - 1) + 1
    positions = range(0, n + 2 * padding - span + 1, stride)
    if len(positions):
        assert layers.output_size(n, kernel, stride, padding, dilation) == len(positions)
    else:
        with pytest.raises(ValueError, match="fits nowhere"):
            layers.output_size(n, kernel, stride, padding, dilation)


@pytest.mark.parametrize(
    ("settings_", "expected"),
    [((32, 5, 2), 14), ((28, 3), 26), ((8, 2, 1, (1, 0)), 8), ((28, 3, 1, "same"), 28), ((4, 3, 1, "full"), 6)],
)
def test_output_sizes_of_the_chapter(settings_, expected):
    assert layers.output_size(*settings_) == expected


def test_the_lamp_of_chapter_01():
    response = layers.conv1d([0, 0, 2, 2, 2, 1, 0, 0], [-1, 1], padding=(1, 0))
    assert response.tolist() == [0, 0, 2, 0, 0, -1, -1, 0]
    assert response.dtype == np.int64


def test_the_rank_of_the_image_is_kept():
    X, weight = np.ones((3, 6, 7)), np.ones((2, 3, 3, 3))
    assert layers.conv2d(X, weight).shape == (2, 4, 5)
    assert layers.conv2d(X[0], weight[0, 0]).shape == (4, 5)
    assert layers.conv2d_backward(np.ones((4, 5)), X[0], weight[0, 0]).input.shape == (6, 7)


@st.composite
def poolings(draw):
    """X (without ties), window, and stride and padding that PyTorch's pooling accepts."""
    size = st.integers(1, 4)
    window, stride = draw(st.tuples(size, size)), draw(st.none() | st.tuples(size, size))
    padding = tuple(draw(st.integers(0, k // 2)) for k in window)
    shape = draw(st.tuples(size, size)) + tuple(k + draw(st.integers(0, 6)) for k in window)
    X = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).normal(size=shape)
    return X, window, stride, padding


@quick
@given(poolings())
def test_max_pooling_is_pytorchs(case):
    X, *options = case
    agree(layers.max_pool2d, layers.max_pool2d_backward, lambda t: F.max_pool2d(t, *options), X, *options)


@quick
@given(poolings(), st.booleans())
def test_average_pooling_is_pytorchs(case, count_include_pad):
    X, *options = case
    agree(
        layers.avg_pool2d,
        layers.avg_pool2d_backward,
        lambda t: F.avg_pool2d(t, *options, count_include_pad=count_include_pad),
        X,
        *options,
        count_include_pad,
    )


@quick
@given(poolings(), st.sampled_from([1, 2, 3, 4]))
def test_lp_pooling_is_pytorchs(case, p):
    X, window, stride, _ = case
    X = np.abs(X) if p % 2 else X
    agree(
        layers.lp_pool2d,
        layers.lp_pool2d_backward,
        lambda t: F.lp_pool2d(t, float(p), window, stride),
        X,
        p,
        window,
        stride,
    )


@quick
@given(poolings())
def test_weighted_pooling_is_a_depthwise_convolution(case):
    X, window, stride, padding = case
    weights = np.random.default_rng(2).random(window) + 0.1
    kernel = torch.tensor(weights / weights.sum()).expand(X.shape[1], 1, *window)
    agree(
        layers.weighted_pool2d,
        layers.weighted_pool2d_backward,
        lambda t: F.conv2d(t, kernel, stride=stride or window, padding=padding, groups=X.shape[1]),
        X,
        weights,
        stride,
        padding,
    )


def test_global_pooling_is_adaptive_pooling_to_one():
    X = np.random.default_rng(3).normal(size=(2, 3, 5, 7))
    agree(layers.global_avg_pool2d, layers.global_avg_pool2d_backward, lambda t: F.adaptive_avg_pool2d(t, 1), X)
    agree(layers.global_max_pool2d, layers.global_max_pool2d_backward, lambda t: F.adaptive_max_pool2d(t, 1), X)


def test_ties_go_to_the_first_as_in_pytorch():
    X = np.ones((1, 1, 4, 4))
    agree(layers.max_pool2d, layers.max_pool2d_backward, lambda t: F.max_pool2d(t, 2), X, 2)


def test_integers_and_float32_keep_their_meaning():
    photo = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert layers.max_pool2d(photo - 15, 3, 1, 1).max() == (photo - 15).max()
    assert layers.avg_pool2d(photo, 2).tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert layers.weighted_pool2d(photo, [[1, 1], [1, 1]]).tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert layers.conv2d(photo, np.array([[200]], np.uint8)).max() == 3000  # no overflow of uint8
    small = photo.astype(np.float32)
    for method in layers.METHODS:
        assert layers.conv2d(photo, [[1, 2]], method=method).dtype == np.int64
        assert layers.conv2d(small, [[1, 2]], method=method).dtype == np.float32
    for result in (
        layers.conv2d(small, [[1, 2]]),
        layers.avg_pool2d(small, 2),
        layers.weighted_pool2d(small, [[1, 2]]),
        layers.avg_pool2d_backward(np.ones((2, 2)), photo, 2).astype(np.float32),
        layers.conv2d_backward(np.ones((4, 3), np.float32), small, [[1, 2]]).input,
    ):
        assert result.dtype == np.float32


def test_a_zero_window_has_no_l2_gradient():
    assert not layers.lp_pool2d_backward(np.ones((1, 1)), np.zeros((2, 2)), 2, 2).any()


def test_nothing_is_changed_in_place():
    rng = np.random.default_rng(4)
    X, weight = rng.normal(size=(1, 2, 5, 5)), rng.normal(size=(2, 2, 3, 3))
    kept = X.copy(), weight.copy()
    for method in layers.METHODS:
        layers.conv2d(X, weight, padding=1, method=method)[:] = 0
    layers.conv2d_backward(np.ones((1, 2, 3, 3)), X, weight).input[:] = 0
    layers.max_pool2d(X, 1)[:] = 0
    layers.global_max_pool2d(X)[:] = 0
    assert np.array_equal(X, kept[0])
    assert np.array_equal(weight, kept[1])
