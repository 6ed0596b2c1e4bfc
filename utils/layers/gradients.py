"""Backward passes: what a small change of the input, the kernel or the bias does to the loss.

Each function takes the upstream gradient, the forward pass's own arguments, and returns the gradient of the loss for
its input; none needs the forward pass's result. PyTorch's autograd is the judge in the tests.
"""

from typing import NamedTuple

import numpy as np

from utils.layers._validate import array, common_dtype, pair
from utils.layers.convolution import grouped, grouped_windows, prepare
from utils.layers.geometry import fold_windows
from utils.layers.pooling import IMAGES, lowest, lp_pool2d, pool_windows, window_counts, window_shares


class Gradients(NamedTuple):
    """Gradients of a convolution, each with the shape of what it belongs to."""

    input: np.ndarray
    weight: np.ndarray
    bias: np.ndarray


def conv2d_backward(grad_output, X, weight, stride=1, padding=0, dilation=1, groups=1):
    """Gradients of a loss through `conv2d`, for its input, its weight and its bias.

    weight: correlate the input with the upstream gradient. input: every output pixel gives its gradient, times the
    kernel, back to the window it came from; with stride 1 that is a full convolution with the flipped kernel.

    Args:
        grad_output: gradient of the loss for the feature maps, with their shape.
        X, weight, stride, padding, dilation, groups: as given to `conv2d`.

    Returns:
        Gradients(input, weight, bias) with the shapes of X, weight and (Cout,).

    Raises:
        ValueError: grad_output does not have the shape of the feature maps; else as `conv2d`.
        TypeError: as `conv2d`.
    """
    input_shape, weight_shape = np.shape(X), np.shape(weight)
    X, weight, _, groups = prepare(X, weight, None, groups)
    stride, dilation = pair(stride, "stride", 1), pair(dilation, "dilation", 1)
    windows = grouped_windows(X, weight.shape[2:], stride, padding, dilation, groups)
    B, _, _, Hout, Wout = windows.shape[:5]
    feature_maps = (B, len(weight), Hout, Wout)
    grad = _upstream(grad_output, feature_maps[4 - len(input_shape) :], X)
    by_group = grad.reshape(B, groups, -1, Hout, Wout)
    to_windows = np.einsum("bgohw,gocij->bgchwij", by_group, grouped(weight, groups), optimize=True)
    to_pixels = fold_windows(to_windows, X.shape[2:], stride, padding, dilation)
    to_weight = np.einsum("bgchwij,bgohw->gocij", windows, by_group, optimize=True)
    return Gradients(
        to_pixels.reshape(input_shape), to_weight.reshape(weight_shape), grad.reshape(feature_maps).sum((0, 2, 3))
    )


def _upstream(grad_output, shape, X):
    """`grad_output` in the dtype of X (float64 where X holds integers); it must have `shape`."""
    grad = array(grad_output, "grad_output", {len(shape): f"{shape}, the shape of the forward pass's result"})
    if grad.shape != tuple(shape):
        raise ValueError(f"grad_output has shape {grad.shape}; the forward pass gives {tuple(shape)}. They must agree.")
    return common_dtype(grad_output=grad, X=X)[0]


def _pooled(grad_output, X, kernel_size, stride, padding, fill=0):
    """What every pooling gradient needs.

    Returns:
        windows (..., Hout, Wout, Kh, Kw), upstream gradient (..., Hout, Wout, 1, 1), function that folds windows to X.
    """
    X = array(X, "X", IMAGES)
    kernel_size = pair(kernel_size, "kernel_size", 1)
    stride = kernel_size if stride is None else stride
    windows = pool_windows(X, kernel_size, stride, padding, fill)
    grad = _upstream(grad_output, windows.shape[:-2], X)[..., None, None]
    return windows, grad, lambda parts: fold_windows(parts, X.shape[-2:], stride, padding)


def max_pool2d_backward(grad_output, X, kernel_size, stride=None, padding=0):
    """Gradient of `max_pool2d` for X: only the winner of a window gets it (the first one, where several tie).

    Args:
        grad_output: (..., Hout, Wout).
        X, kernel_size, stride, padding: as given to `max_pool2d`.

    Returns:
        Gradient with the shape of X.

    Raises:
        ValueError, TypeError: grad_output has another shape than the pooled maps; else as `max_pool2d`.
    """
    fill = lowest(array(X, "X", IMAGES).dtype)
    windows, grad, fold = _pooled(grad_output, X, kernel_size, stride, padding, fill)
    flat = windows.reshape(*windows.shape[:-2], -1)
    winners = np.arange(flat.shape[-1]) == flat.argmax(axis=-1)[..., None]
    return fold(grad * winners.reshape(windows.shape))


def avg_pool2d_backward(grad_output, X, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Gradient of `avg_pool2d` for X: every pixel of a window gets an equal share.

    Arguments as `max_pool2d_backward`, and `count_include_pad` as `avg_pool2d`.
    """
    windows, grad, fold = _pooled(grad_output, X, kernel_size, stride, padding)
    counts = window_counts(np.asarray(X), kernel_size, stride, padding, count_include_pad)[..., None, None]
    return fold(np.broadcast_to(grad / counts, windows.shape))


def lp_pool2d_backward(grad_output, X, norm_type, kernel_size, stride=None):
    """Gradient of `lp_pool2d` for X: in proportion to |x|^(p-1); zero where a whole window is zero.

    Arguments as `max_pool2d_backward`, and `norm_type` as `lp_pool2d`.
    """
    windows, grad, fold = _pooled(grad_output, X, kernel_size, stride, 0)
    norms = lp_pool2d(X, norm_type, kernel_size, stride)[..., None, None]
    ratios = np.abs(windows) / np.where(norms == 0, 1, norms)
    return fold(grad * np.sign(windows) * ratios ** (norm_type - 1))


def weighted_pool2d_backward(grad_output, X, weights, stride=None, padding=0):
    """Gradient of `weighted_pool2d` for X: every pixel gets its weight's share of grad_output (..., Hout, Wout)."""
    shares = window_shares(weights, X)
    _, grad, fold = _pooled(grad_output, X, shares.shape, stride, padding)
    return fold(grad * shares)


def global_avg_pool2d_backward(grad_output, X):
    """Gradient of `global_avg_pool2d` for X (..., H, W): grad_output (..., 1, 1) in equal shares."""
    return avg_pool2d_backward(grad_output, X, np.shape(X)[-2:])


def global_max_pool2d_backward(grad_output, X):
    """Gradient of `global_max_pool2d` for X (..., H, W): all of grad_output (..., 1, 1) to the winner."""
    return max_pool2d_backward(grad_output, X, np.shape(X)[-2:])
