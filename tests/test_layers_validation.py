"""What utils.layers refuses, and that its messages say what to do."""

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
    "huge matrix": (lambda: layers.conv_matrix(np.ones((3, 3)), 224), ValueError, "smaller image"),
    "negative weight": (lambda: layers.weighted_pool2d(IMAGE, [[1, -1]]), ValueError, "must not be negative"),
    "p below 1": (lambda: layers.lp_pool2d(IMAGE, 0, 2), ValueError, "norm_type=2"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_errors_say_what_to_do(name):
    call, kind, words = WRONG[name]
    with pytest.raises(kind, match=words):
        call()
