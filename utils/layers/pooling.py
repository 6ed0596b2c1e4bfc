"""Pooling, forward: one number for each window of each channel, without learned parameters.

The last two axes are the image; what stands before them (channels, batch) is kept. Where no stride is given it is
the window's size, so that windows do not overlap. The padding must be smaller than the window.
"""

import numpy as np

from utils.layers._validate import array, common_dtype, pair
from utils.layers.geometry import pad2d, padding_pairs, sliding_windows

IMAGES = {2: "(H, W)", 3: "(C, H, W)", 4: "(B, C, H, W)"}


def pool_windows(X, kernel_size, stride, padding, fill=0):
    """Every window of X (..., H, W), padded with `fill`: a view (..., Hout, Wout, Kh, Kw).

    Raises:
        ValueError, TypeError: see `max_pool2d`.
    """
    kernel_size = pair(kernel_size, "kernel_size", 1)
    pads = padding_pairs(padding, kernel_size, (1, 1))
    if any(max(sides) >= k for sides, k in zip(pads, kernel_size, strict=True)):
        raise ValueError(f"padding={padding!r} must be smaller than the window {kernel_size}: some would see no pixel.")
    return sliding_windows(
        pad2d(X, kernel_size, pads, value=fill), kernel_size, kernel_size if stride is None else stride
    )


def lowest(dtype):
    """The smallest value of a dtype, with which max pooling pads so that padding never wins."""
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def max_pool2d(X, kernel_size, stride=None, padding=0):
    """The largest value of each window: `F.max_pool2d` from scratch.

    Args:
        X: (H, W), (C, H, W) or (B, C, H, W).
        kernel_size: side of the window, or (vertical, horizontal).
        stride: positive int or pair; None for `kernel_size`.
        padding: see the package. Padding never wins.

    Returns:
        (..., Hout, Wout) with the dtype of X.

    Raises:
        ValueError: X has a wrong rank, is empty or holds NaN; the window is larger than the image; stride below 1;
            padding not smaller than the window.
        TypeError: X holds no numbers, or a size is not whole.
    """
    X = array(X, "X", IMAGES)
    return pool_windows(X, kernel_size, stride, padding, lowest(X.dtype)).max(axis=(-2, -1))


def avg_pool2d(X, kernel_size, stride=None, padding=0, count_include_pad=True):
    """The mean of each window: `F.avg_pool2d` from scratch.

    Args:
        X, kernel_size, stride, padding: as for `max_pool2d`.
        count_include_pad: True counts padded zeros as pixels, as PyTorch does; False divides by the real pixels only.

    Returns:
        (..., Hout, Wout), floats.

    Raises:
        ValueError, TypeError: as for `max_pool2d`.
    """
    X = array(X, "X", IMAGES)
    sums = pool_windows(X, kernel_size, stride, padding).sum(axis=(-2, -1))
    return sums / window_counts(X, kernel_size, stride, padding, count_include_pad)


def window_counts(X, kernel_size, stride, padding, count_include_pad):
    """By what an average divides: (Hout, Wout), floats in the dtype of X where X holds floats."""
    pixels = np.ones(X.shape[-2:], X.dtype)
    return pool_windows(pixels, kernel_size, stride, padding, int(count_include_pad)).sum(axis=(-2, -1))


def lp_pool2d(X, norm_type, kernel_size, stride=None):
    """The p-norm of each window, (sum |x|^p)^(1/p): L2 pooling with `norm_type=2`.

    Equal to `F.lp_pool2d` for even p, and for odd p where X is not negative (PyTorch leaves the |.| out).

    Args:
        X, kernel_size, stride: as for `max_pool2d`.
        norm_type: p, at least 1. p = 1 is a sum; the larger p, the nearer to the maximum.

    Returns:
        (..., Hout, Wout), floats.

    Raises:
        ValueError, TypeError: as for `max_pool2d`, or p below 1.
    """
    if not norm_type >= 1:
        raise ValueError(f"norm_type must be at least 1, not {norm_type!r}. L2 pooling is norm_type=2.")
    windows = pool_windows(array(X, "X", IMAGES), kernel_size, stride, 0)
    return (np.abs(windows) ** norm_type).sum(axis=(-2, -1)) ** (1 / norm_type)


def weighted_pool2d(X, weights, stride=None, padding=0):
    """A weighted mean of each window, the same fixed weights for every channel.

    Args:
        X, stride, padding: as for `max_pool2d`; padded zeros count with their weight.
        weights: (Kh, Kw), none negative; divided by their sum, so [[1, 2, 1], [2, 4, 2], [1, 2, 1]] will do.

    Returns:
        (..., Hout, Wout), floats.

    Raises:
        ValueError: a weight is negative, or all are zero; else as for `max_pool2d`.
        TypeError: as for `max_pool2d`, or X and weights have different floating dtypes.
    """
    X, shares = common_dtype(X=array(X, "X", IMAGES), weights=window_shares(weights, X))
    windows = pool_windows(X, shares.shape, stride, padding)
    return np.einsum("...ij,ij->...", windows, shares)


def window_shares(weights, X):
    """`weights` (Kh, Kw) divided by their sum; integers become floats, of X's dtype where X has floats.

    Raises:
        ValueError: a weight is negative, or all are zero.
    """
    weights = array(weights, "weights", {2: "(Kh, Kw)"})
    if (weights < 0).any() or not weights.any():
        raise ValueError("weights must not be negative and not all zero: pooling takes a mean of the window.")
    if weights.dtype.kind != "f":
        dtype = np.asarray(X).dtype
        weights = weights.astype(dtype if dtype.kind == "f" else np.float64)
    return weights / weights.sum()


def global_avg_pool2d(X):
    """The mean of each channel: X (..., H, W) to (..., 1, 1), as `nn.AdaptiveAvgPool2d(1)`; raises as `max_pool2d`."""
    return array(X, "X", IMAGES).mean(axis=(-2, -1), keepdims=True)


def global_max_pool2d(X):
    """The largest value of each channel: X (..., H, W) to (..., 1, 1); raises as `max_pool2d`."""
    return array(X, "X", IMAGES).max(axis=(-2, -1), keepdims=True)
