"""Where the windows of a convolution or a pooling lie: sizes, padding, views, columns.

Everything here is shared by convolution and pooling, forward and backward.
"""

import numpy as np

from utils.layers._validate import array, pair, whole


def padding_pair(padding, kernel, dilation=1):
    """Padding along one axis in numbers.

    Args:
        padding: "valid", "same", "full", an int for both sides, or (before, after).
        kernel: kernel size along the axis.
        dilation: step between the kernel's elements.

    Returns:
        (before, after): zeros on each side, ints.

    Raises:
        ValueError, TypeError: no such padding.
    """
    reach = whole(dilation, "dilation", 1) * (whole(kernel, "kernel", 1) - 1)
    named = {"valid": (0, 0), "same": (reach // 2, reach - reach // 2), "full": (reach, reach)}
    if isinstance(padding, str):
        if padding not in named:
            raise ValueError(f"padding={padding!r} is unknown. Use 'valid', 'same', 'full' or numbers.")
        return named[padding]
    return pair(padding, "padding", 0)


def padding_pairs(padding, kernel_size, dilation):
    """Padding of an image in numbers: ((top, bottom), (left, right)); see `padding_pair` for what is accepted."""
    if isinstance(padding, (tuple, list)):
        if len(padding) != 2:
            raise ValueError(f"padding={padding!r} must be one value or (vertical, horizontal).")
        return tuple(map(padding_pair, padding, kernel_size, dilation))
    return tuple(padding_pair(padding, k, d) for k, d in zip(kernel_size, dilation, strict=True))


def output_size(n, kernel, stride=1, padding=0, dilation=1):
    """Length of the result along one axis: floor((n + padding - dilation * (kernel - 1) - 1) / stride) + 1.

    Args:
        n: length of the input along the axis.
        kernel, stride, dilation: positive ints.
        padding: as in `padding_pair`; the formula takes the sum of both sides.

    Returns:
        int, at least 1.

    Raises:
        ValueError: the kernel is larger than the padded input, or a number is too small.
        TypeError: a number is not whole.
    """
    n, kernel = whole(n, "n", 1), whole(kernel, "kernel", 1)
    stride, dilation = whole(stride, "stride", 1), whole(dilation, "dilation", 1)
    available = n + sum(padding_pair(padding, kernel, dilation))
    span = dilation * (kernel - 1) + 1
    if span > available:
        raise ValueError(
            f"The kernel spans {span}, but the padded input has only {available}: it fits nowhere. "
            "Use a smaller kernel or dilation, or more padding."
        )
    return (available - span) // stride + 1


def pad2d(X, kernel_size, padding, dilation=1, value=0):
    """`X` (..., H, W) with `value` around it, as much as `padding` asks for a kernel of `kernel_size`."""
    pairs = padding_pairs(padding, pair(kernel_size, "kernel_size", 1), pair(dilation, "dilation", 1))
    return np.pad(X, [(0, 0)] * (X.ndim - 2) + list(pairs), constant_values=value)


def sliding_windows(X, kernel_size, stride=1, dilation=1):
    """Every window of an image, without copying a pixel.

    Args:
        X: (..., H, W), padded already (`pad2d`).
        kernel_size, stride, dilation: int or (vertical, horizontal).

    Returns:
        Read-only view (..., Hout, Wout, Kh, Kw).

    Raises:
        ValueError: the kernel fits nowhere.
    """
    kernel_size, stride, dilation = (
        pair(value, name, 1)
        for value, name in ((kernel_size, "kernel_size"), (stride, "stride"), (dilation, "dilation"))
    )
    for n, k, s, d in zip(X.shape[-2:], kernel_size, stride, dilation, strict=True):
        output_size(n, k, s, 0, d)
    spans = [d * (k - 1) + 1 for k, d in zip(kernel_size, dilation, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(X, spans, axis=(-2, -1))
    return windows[..., :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def fold_windows(windows, image_size, stride=1, padding=0, dilation=1):
    """Add every window back to where it was taken from: the transpose of `pad2d` followed by `sliding_windows`.

    Args:
        windows: (..., Hout, Wout, Kh, Kw).
        image_size: (H, W) before padding.
        stride, padding, dilation: those that the windows were taken with.

    Returns:
        (..., H, W). A pixel that several windows saw holds the sum of what they say.
    """
    kernel_size = windows.shape[-2:]
    (s_y, s_x), (d_y, d_x) = pair(stride, "stride", 1), pair(dilation, "dilation", 1)
    pads = padding_pairs(padding, kernel_size, (d_y, d_x))
    (top, _), (left, _) = pads
    H, W = image_size
    padded = np.zeros((*windows.shape[:-4], H + sum(pads[0]), W + sum(pads[1])), windows.dtype)
    Hout, Wout = windows.shape[-4:-2]
    for i, j in np.ndindex(*kernel_size):  # one shifted addition for each element of the kernel
        y, x = i * d_y, j * d_x
        padded[..., y : y + s_y * Hout : s_y, x : x + s_x * Wout : s_x] += windows[..., i, j]
    return padded[..., top : top + H, left : left + W]


def im2col(X, kernel_size, stride=1, padding=0, dilation=1):
    """Write every window as a column, so that a convolution becomes one matrix product.

    Args:
        X: (B, C, H, W).
        kernel_size, stride, padding, dilation: see the package.

    Returns:
        (B, C * Kh * Kw, Hout * Wout), as `F.unfold` orders it.

    Raises:
        ValueError, TypeError: X or an argument is not what it should be.
    """
    X = array(X, "X", {4: "(B, C, H, W)"})
    windows = sliding_windows(pad2d(X, kernel_size, padding, dilation), kernel_size, stride, dilation)
    B, C, Hout, Wout, Kh, Kw = windows.shape
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(B, C * Kh * Kw, Hout * Wout)


def col2im(columns, image_size, kernel_size, stride=1, padding=0, dilation=1):
    """Add columns back into an image: the transpose of `im2col`, not its inverse (pixels in n windows come n times).

    Args:
        columns: (B, C * Kh * Kw, Hout * Wout).
        image_size: (H, W) of the image.
        kernel_size, stride, padding, dilation: those of `im2col`.

    Returns:
        (B, C, H, W), as `F.fold` returns it.

    Raises:
        ValueError, TypeError: the columns do not belong to such an image.
    """
    columns = array(columns, "columns", {3: "(B, C * Kh * Kw, windows)"})
    kernel_size, dilations = pair(kernel_size, "kernel_size", 1), pair(dilation, "dilation", 1)
    pads = padding_pairs(padding, kernel_size, dilations)
    steps = zip(pair(image_size, "image_size", 1), kernel_size, pair(stride, "stride", 1), pads, dilations, strict=True)
    Hout, Wout = (output_size(*step) for step in steps)
    B, rows, count = columns.shape
    if rows % (kernel_size[0] * kernel_size[1]) or count != Hout * Wout:
        raise ValueError(
            f"columns {columns.shape} do not fit: a {kernel_size} kernel on an image of {image_size} has "
            f"{Hout} x {Wout} = {Hout * Wout} windows of C * {kernel_size[0] * kernel_size[1]} values."
        )
    windows = columns.reshape(B, -1, *kernel_size, Hout, Wout).transpose(0, 1, 4, 5, 2, 3)
    return fold_windows(windows, image_size, stride, padding, dilation)
