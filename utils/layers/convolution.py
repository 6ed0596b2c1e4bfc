"""Convolution, forward: three ways to compute it, and the matrix that it is.

Deep-learning libraries call cross-correlation convolution: the kernel is not flipped. So does this module.
"""

import numpy as np

from utils.layers._validate import array, common_dtype, groups_of, pair
from utils.layers.geometry import im2col, output_size, pad2d, padding_pair, padding_pairs, sliding_windows

_LARGEST_MATRIX = 2**27  # elements of `conv_matrix`: 1 GiB in float64


def prepare(X, weight, bias, groups):
    """Check the inputs of a 2-D convolution and bring them to (B, Cin, H, W), (Cout, Cin / groups, Kh, Kw), (Cout,).

    Returns:
        (X, weight, bias or None, groups), in one dtype.

    Raises:
        ValueError, TypeError: they do not belong together.
    """
    X = array(X, "X", {2: "(H, W)", 3: "(Cin, H, W)", 4: "(B, Cin, H, W)"})
    weight = array(weight, "weight", {2: "(K, K) for an image (H, W)", 4: "(Cout, Cin, K, K)"})
    bias = None if bias is None else array(bias, "bias", {0: "a number", 1: "(Cout,)"}).reshape(-1)
    if (X.ndim == 2) != (weight.ndim == 2):
        raise ValueError(
            f"X {X.shape} and weight {weight.shape} do not belong together: a kernel (K, K) goes over an image "
            "(H, W), a weight (Cout, Cin, K, K) over (Cin, H, W) or (B, Cin, H, W)."
        )
    X, weight, bias = common_dtype(X=X, weight=weight, bias=bias)
    X = X.reshape((1,) * (4 - X.ndim) + X.shape)
    weight = weight.reshape((1,) * (4 - weight.ndim) + weight.shape)
    return X, weight, bias, groups_of(X, weight, bias, groups)


def conv2d(X, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, method="windows"):
    """Slide each kernel over the image, multiply, add: `F.conv2d` from scratch.

    Args:
        X: (H, W), (Cin, H, W) or (B, Cin, H, W).
        weight: (K, K) for an image (H, W), else (Cout, Cin / groups, Kh, Kw).
        bias: None or (Cout,), one number added to each feature map.
        stride, padding, dilation: see the package.
        groups: the channels are cut into so many groups, and each kernel sees one of them.
        method: "windows" (a view and a sum), "im2col" (a matrix product) or "loops" (plain, slow).

    Returns:
        Feature maps with the rank of X: (Hout, Wout), (Cout, Hout, Wout) or (B, Cout, Hout, Wout).

    Raises:
        ValueError: shapes or numbers that cannot work, NaN, empty arrays.
        TypeError: different floating dtypes, or no numbers.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r} is unknown. Use one of: {', '.join(METHODS)}.")
    leading = np.ndim(X) - 2
    X, weight, bias, groups = prepare(X, weight, bias, groups)
    feature_maps = METHODS[method](X, weight, pair(stride, "stride", 1), padding, pair(dilation, "dilation", 1), groups)
    if bias is not None:
        feature_maps = feature_maps + bias[:, None, None]
    return feature_maps.reshape(feature_maps.shape[2 - leading :])


def grouped(weight, groups):
    """`weight` (Cout, Cin / groups, Kh, Kw) as (groups, Cout / groups, Cin / groups, Kh, Kw)."""
    return weight.reshape(groups, -1, *weight.shape[1:])


def grouped_windows(X, kernel_size, stride, padding, dilation, groups):
    """Windows of X (B, Cin, H, W) by group: (B, groups, Cin / groups, Hout, Wout, Kh, Kw)."""
    windows = sliding_windows(pad2d(X, kernel_size, padding, dilation), kernel_size, stride, dilation)
    return windows.reshape(len(X), groups, -1, *windows.shape[2:])


def _by_windows(X, weight, stride, padding, dilation, groups):
    windows = grouped_windows(X, weight.shape[2:], stride, padding, dilation, groups)
    sums = np.einsum("bgchwij,gocij->bgohw", windows, grouped(weight, groups), optimize=True)
    return sums.reshape(len(X), len(weight), *sums.shape[3:])


def _by_im2col(X, weight, stride, padding, dilation, groups):
    kernel_size = weight.shape[2:]
    columns = im2col(X, kernel_size, stride, padding, dilation)
    columns = columns.reshape(len(X), groups, -1, columns.shape[-1])
    sums = weight.reshape(groups, len(weight) // groups, -1) @ columns
    pads = padding_pairs(padding, kernel_size, dilation)
    Hout, Wout = map(output_size, X.shape[2:], kernel_size, stride, pads, dilation)
    return sums.reshape(len(X), len(weight), Hout, Wout)


def _by_loops(X, weight, stride, padding, dilation, groups):
    (s_y, s_x), (d_y, d_x) = stride, dilation
    Cout, Cin, Kh, Kw = weight.shape
    pads = padding_pairs(padding, (Kh, Kw), dilation)
    Hout, Wout = map(output_size, X.shape[2:], (Kh, Kw), stride, pads, dilation)
    padded = pad2d(X, (Kh, Kw), padding, dilation)
    feature_maps = np.zeros((len(X), Cout, Hout, Wout), X.dtype)
    for b, o, y, x in np.ndindex(feature_maps.shape):
        first = o // (Cout // groups) * Cin  # the first input channel that kernel o sees
        for c, i, j in np.ndindex(Cin, Kh, Kw):
            pixel = padded[b, first + c, y * s_y + i * d_y, x * s_x + j * d_x]
            feature_maps[b, o, y, x] += pixel * weight[o, c, i, j]
    return feature_maps


METHODS = {"windows": _by_windows, "im2col": _by_im2col, "loops": _by_loops}


def conv1d(X, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide each kernel along the signal, multiply, add: `F.conv1d` from scratch.

    Args:
        X: (L,) or (B, Cin, L).
        weight: (K,) for a signal (L,), else (Cout, Cin / groups, K).
        bias: None or (Cout,).
        stride, dilation: positive ints.
        padding: an int for both sides, (before, after), "valid", "same" or "full".
        groups: see `conv2d`.

    Returns:
        (Lout,) or (B, Cout, Lout).

    Raises:
        ValueError, TypeError: see `conv2d`.
    """
    X = array(X, "X", {1: "(L,)", 3: "(B, Cin, L)"})
    weight = array(weight, "weight", {1: "(K,) for a signal (L,)", 3: "(Cout, Cin, K)"})
    if X.ndim != weight.ndim:
        raise ValueError(
            f"X {X.shape} and weight {weight.shape} do not belong together: a kernel (K,) goes along a signal (L,), "
            "a weight (Cout, Cin, K) along (B, Cin, L)."
        )
    pads = ((0, 0), padding_pair(padding, weight.shape[-1], dilation))
    maps = conv2d(X[..., None, :], weight[..., None, :], bias, (1, stride), pads, (1, dilation), groups)
    return maps[..., 0, :]


def conv_matrix(weight, image_size, stride=1, padding=0, dilation=1, groups=1):
    """The matrix M of a convolution: `conv2d(X, weight).ravel() == M @ X.ravel()` for one image X.

    Each row is one output pixel. It holds the kernel's numbers where the window lies and zero elsewhere (sparse), and
    all rows hold the same numbers (weight-tied).

    Args:
        weight: (K, K) or (Cout, Cin / groups, Kh, Kw).
        image_size: (H, W) or H for a square image.
        stride, padding, dilation, groups: see `conv2d`.

    Returns:
        (Cout * Hout * Wout, Cin * H * W) array, zeros included.

    Raises:
        ValueError: the matrix would take more than a gigabyte; else as `conv2d`.
    """
    weight = array(weight, "weight", {2: "(K, K)", 4: "(Cout, Cin, K, K)"})
    Cout, per_group = weight.shape[:2] if weight.ndim == 4 else (1, 1)
    Cin, (H, W) = per_group * groups, pair(image_size, "image_size", 1)
    pixels = Cin * H * W
    pads = padding_pairs(padding, weight.shape[-2:], pair(dilation, "dilation", 1))
    steps = (H, W), weight.shape[-2:], pair(stride, "stride", 1), pads, pair(dilation, "dilation", 1)
    Hout, Wout = map(output_size, *steps)
    if pixels * Cout * Hout * Wout > _LARGEST_MATRIX:
        raise ValueError(
            f"The matrix would be {Cout * Hout * Wout:,} x {pixels:,}, nearly all of it zeros. Try a smaller image."
        )
    basis = np.eye(pixels, dtype=weight.dtype).reshape(pixels, Cin, H, W)  # one image a pixel: column n is M @ e_n
    maps = conv2d(basis, weight.reshape(Cout, per_group, *weight.shape[-2:]), None, stride, padding, dilation, groups)
    return maps.reshape(pixels, -1).T
