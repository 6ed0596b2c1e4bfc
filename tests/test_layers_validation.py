"""What utils.layers refuses, and that its messages say what to do."""

import re

import numpy as np
import pytest

from utils import layers

IMAGE, WEIGHT = np.ones((1, 2, 5, 6)), np.ones((3, 2, 3, 3))
WRONG = {
    "kernel larger than the image": (lambda: layers.conv2d([[1, 2]], np.ones((3, 3))), ValueError, "fits nowhere"),
    "window larger than the image": (lambda: layers.max_pool2d(IMAGE, 7), ValueError, "fits nowhere"),
    "stride 0": (lambda: layers.conv2d(IMAGE, WEIGHT, stride=0), ValueError, "stride must be at least 1"),
    "pooling stride 0": (lambda: layers.avg_pool2d(IMAGE, 2, 0), ValueError, "stride must be at least 1"),
    "stride 1.5": (lambda: layers.conv1d([1, 2], [1], stride=1.5), TypeError, "whole number"),
    "three strides": (lambda: layers.conv2d(IMAGE, WEIGHT, stride=(1, 1, 1)), ValueError, "one number or"),
    "dilation 0": (lambda: layers.conv2d(IMAGE, WEIGHT, dilation=0), ValueError, "dilation must be at least 1"),
    "negative padding": (lambda: layers.conv2d(IMAGE, WEIGHT, padding=-1), ValueError, "padding must be at least 0"),
    "unknown padding": (lambda: layers.conv2d(IMAGE, WEIGHT, padding="half"), ValueError, "'valid', 'same', 'full'"),
    "three paddings": (lambda: layers.conv2d(IMAGE, WEIGHT, padding=(1, 1, 1)), ValueError, "one value or"),
    "all padding": (lambda: layers.max_pool2d(IMAGE, 2, padding=2), ValueError, "smaller than the window"),
    "NaN": (lambda: layers.conv2d([[1, np.nan]], [[1]]), ValueError, r"X\[0, 1\] is nan.*nan_to_num"),
    "NaN in pooling": (lambda: layers.max_pool2d([[1, np.nan]], 1), ValueError, "nan_to_num"),
    "empty": (lambda: layers.conv2d(np.ones((0, 2, 5, 5)), WEIGHT), ValueError, "X is empty"),
    "empty signal": (lambda: layers.conv1d([], [1]), ValueError, "X is empty"),
    "wrong rank": (lambda: layers.conv2d(np.ones(5), [[1]]), ValueError, r"expected .*\(B, Cin, H, W\)"),
    "ranks apart": (lambda: layers.conv2d(IMAGE, np.ones((3, 3))), ValueError, "do not belong together"),
    "1-D ranks apart": (lambda: layers.conv1d([1, 2], np.ones((1, 1, 1))), ValueError, "do not belong together"),
    "float32 on float64": (lambda: layers.conv2d(IMAGE.astype("f"), WEIGHT), TypeError, "convert one of them"),
    "words": (lambda: layers.conv2d([["a"]], [[1]]), TypeError, "real numbers"),
    "channels": (lambda: layers.conv2d(np.ones((1, 3, 5, 5)), WEIGHT), ValueError, "X has 3 channels"),
    "groups": (lambda: layers.conv2d(IMAGE, WEIGHT, groups=2), ValueError, "must divide"),
    "bias": (lambda: layers.conv2d(IMAGE, WEIGHT, np.ones(2)), ValueError, r"expected \(3,\)"),
    "method": (lambda: layers.conv2d(IMAGE, WEIGHT, method="fft"), ValueError, "loops"),
    "upstream shape": (lambda: layers.conv2d_backward(np.ones((1, 3, 9, 9)), IMAGE, WEIGHT), ValueError, "must agree"),
    "pooled shape": (lambda: layers.max_pool2d_backward(np.ones((1, 2, 5, 6)), IMAGE, 2), ValueError, "must agree"),
    "columns": (lambda: layers.col2im(np.ones((1, 9, 5)), (4, 4), 3), ValueError, "do not fit"),
    "huge matrix": (lambda: layers.conv_matrix(np.ones((3, 3)), 224), ValueError, "49,284 x 50,176.*smaller"),
    "zero weights": (lambda: layers.weighted_pool2d(IMAGE, [[0, 0]]), ValueError, "not all zero"),
    "negative weight": (lambda: layers.weighted_pool2d(IMAGE, [[1, -1]]), ValueError, "must not be negative"),
    "p below 1": (lambda: layers.lp_pool2d(IMAGE, 0, 2), ValueError, "norm_type=2"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_errors_say_what_to_do(name):
    call, kind, words = WRONG[name]
    with pytest.raises(kind, match=words):
        call()


IN_1D, IN_2D = {"stride": 1, "dilation": 1}, {"stride": (1, 1), "dilation": (1, 1), "groups": 1}
WINDOWS = {"kernel_size": (3, 3), "stride": (1, 1), "dilation": (1, 1)}
# name of a function -> the call with keyword arguments, and those of them that are whole numbers of at least 1
SIZES = {
    "conv1d": (lambda **sizes: layers.conv1d(np.ones((1, 1, 5)), np.ones((1, 1, 3)), **sizes), {**IN_1D, "groups": 1}),
    "conv2d": (lambda **sizes: layers.conv2d(IMAGE, WEIGHT, **sizes), IN_2D),
    "conv2d_backward": (lambda **sizes: layers.conv2d_backward(np.ones((1, 3, 3, 4)), IMAGE, WEIGHT, **sizes), IN_2D),
    "conv_matrix": (
        lambda image_size=(4, 5), **sizes: layers.conv_matrix(WEIGHT, image_size, **sizes),
        {"image_size": (4, 5), "stride": (1, 1), "dilation": (1, 1)},
    ),
    "im2col": (lambda kernel_size=3, **sizes: layers.im2col(IMAGE, kernel_size, **sizes), WINDOWS),
    "col2im": (
        lambda image_size=(4, 4), kernel_size=3, **sizes: layers.col2im(
            np.ones((1, 9, 4)), image_size, kernel_size, **sizes
        ),
        {**WINDOWS, "image_size": (4, 4)},
    ),
    "sliding_windows": (lambda kernel_size=3, **sizes: layers.sliding_windows(IMAGE, kernel_size, **sizes), WINDOWS),
    "pad2d": (lambda kernel_size=3, **sizes: layers.pad2d(IMAGE, kernel_size, 1, **sizes), {"kernel_size": (3, 3)}),
    "output_size": (lambda n=5, kernel=3, **sizes: layers.output_size(n, kernel, **sizes), {"n": 5, **IN_1D}),
    "padding_pair": (lambda kernel=3, **sizes: layers.padding_pair("same", kernel, **sizes), {"kernel": 3}),
    "max_pool2d": (
        lambda kernel_size=3, **sizes: layers.max_pool2d(IMAGE, kernel_size, **sizes),
        {"kernel_size": (3, 3), "stride": (1, 1)},
    ),
    "avg_pool2d_backward": (
        lambda kernel_size=3, **sizes: layers.avg_pool2d_backward(np.ones((1, 2, 1, 2)), IMAGE, kernel_size, **sizes),
        {"kernel_size": (3, 3)},
    ),
}


def one_wrong(right, wrong):
    """`right` with one of its numbers replaced, for each of them."""
    if not isinstance(right, tuple):
        return [wrong]
    return [(wrong, right[1]), (right[0], wrong)]


@pytest.mark.parametrize(("function", "name"), [(f, name) for f, (_, sizes) in SIZES.items() for name in sizes])
def test_a_size_that_cannot_be_is_named(function, name):
    call, sizes = SIZES[function]
    call()
    for value in one_wrong(sizes[name], 0):
        with pytest.raises(ValueError, match=rf"^{name} must be at least 1, not 0\."):
            call(**{name: value})
    for value in one_wrong(sizes[name], 1.5):
        with pytest.raises(TypeError, match=rf"^{name} must be a whole number, not 1\.5"):
            call(**{name: value})


# what is wrong, its name in the message, and the shape that is asked for
SHAPES = {
    "X of conv1d": (lambda: layers.conv1d(np.ones((2, 5)), [1]), "X", "(L,) or (B, Cin, L)"),
    "kernel of conv1d": (lambda: layers.conv1d([1, 2], [[1]]), "weight", "(K,) for a signal (L,) or (Cout, Cin, K)"),
    "X of conv2d": (lambda: layers.conv2d([1], [[1]]), "X", "(H, W) or (Cin, H, W) or (B, Cin, H, W)"),
    "kernel of conv2d": (lambda: layers.conv2d(IMAGE, [1]), "weight", "(K, K) for an image (H, W) or (Cout, Cin"),
    "bias": (lambda: layers.conv2d(IMAGE, WEIGHT, [[1, 2, 3]]), "bias", "a number or (Cout,)"),
    "weight of the matrix": (lambda: layers.conv_matrix([1], 4), "weight", "(K, K) or (Cout, Cin, K, K)"),
    "X of im2col": (lambda: layers.im2col(IMAGE[0], 3), "X", "(B, C, H, W)"),
    "columns": (lambda: layers.col2im([[1]], 1, 1), "columns", "(B, C * Kh * Kw, windows)"),
    "max pooling": (lambda: layers.max_pool2d([1], 1), "X", "(H, W) or (C, H, W) or (B, C, H, W)"),
    "average pooling": (lambda: layers.avg_pool2d([1], 1), "X", "(H, W) or (C, H, W) or (B, C, H, W)"),
    "L2 pooling": (lambda: layers.lp_pool2d([1], 2, 1), "X", "(H, W) or (C, H, W) or (B, C, H, W)"),
    "weighted pooling": (lambda: layers.weighted_pool2d([1], [[1]]), "X", "(H, W) or (C, H, W) or (B, C, H, W)"),
    "global average": (lambda: layers.global_avg_pool2d([1]), "X", "(H, W) or (C, H, W) or (B, C, H, W)"),
    "global maximum": (lambda: layers.global_max_pool2d([1]), "X", "(H, W) or (C, H, W) or (B, C, H, W)"),
    "its gradient": (lambda: layers.global_max_pool2d_backward([[[1]]], [1]), "X", "(H, W) or (C, H, W)"),
    "average's gradient": (lambda: layers.avg_pool2d_backward([1], [1], 1), "X", "(H, W) or (C, H, W)"),
    "weights of a window": (lambda: layers.weighted_pool2d(IMAGE, [1]), "weights", "(Kh, Kw)"),
    "upstream": (lambda: layers.max_pool2d_backward([1], [[1]], 1), "grad_output", "(1, 1), the shape of the forward"),
}  # fmt: skip


@pytest.mark.parametrize("what", SHAPES)
def test_an_array_of_a_wrong_rank_is_named_with_the_shapes_that_are_right(what):
    call, name, expected = SHAPES[what]
    with pytest.raises(ValueError, match=rf"^{name} has shape \(.*\); expected {re.escape(expected)}"):
        call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: layers.conv1d([1.0], np.ones(1, "f")), "X is float64 and weight is float32: .*X.astype"),
        (lambda: layers.conv2d(IMAGE, WEIGHT, np.ones(3, "f")), "weight is float64 and bias is float32"),
        (lambda: layers.conv2d_backward(np.ones((1, 3, 3, 4), "f"), IMAGE, WEIGHT), "grad_output is float32 and X"),
        (lambda: layers.weighted_pool2d(IMAGE, np.ones((2, 2), "f")), "X is float64 and weights is float32"),
    ],
)  # fmt: skip
def test_arrays_whose_types_do_not_agree_are_named(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_what_is_at_the_edge_is_accepted():
    assert layers.lp_pool2d([[1, -2]], 1, (1, 2)).tolist() == [[3]]
    assert layers.weighted_pool2d([[1, 2]], [[0, 1]]).tolist() == [[2]]
    assert layers.conv_matrix([[1.0]], (2**5, 2**5)).nbytes == 2**23
    assert layers.conv2d([[1]], [[1]], 5).tolist() == [[6]]  # a bias may be a number
