"""The operations of a convolutional network, written from scratch in NumPy.

Chapters compare with them, explorers draw what they compute, and PyTorch is only their judge in the tests.
Arrays come in (lists and CPU tensors are taken too), new arrays go out; nothing is changed in place.

    from utils import layers
    layers.output_size(32, kernel=5, stride=2)                          # 14
    layers.conv2d(X, weight, bias, stride=2, padding="same")            # (B, Cout, H, W)
    layers.max_pool2d(X, 2)                                             # (B, C, H, W)

Shared arguments, everywhere the same:

    stride, dilation    positive int, or one for each axis (vertical, horizontal)
    padding             zeros around the image: an int, one for each axis, a (before, after) pair for each axis, or
                        "valid" (none), "same" (stride 1 keeps the size; an even kernel gets its extra zero after the
                        image, as in PyTorch) or "full" (every window that touches the image)

Floating dtypes must agree, as in PyTorch; integers take the dtype of the floats beside them.
"""

from utils.layers.convolution import METHODS, conv1d, conv2d, conv_matrix
from utils.layers.geometry import col2im, im2col, output_size, pad2d, padding_pair, sliding_windows
from utils.layers.gradients import (
    Gradients,
    avg_pool2d_backward,
    conv2d_backward,
    global_avg_pool2d_backward,
    global_max_pool2d_backward,
    lp_pool2d_backward,
    max_pool2d_backward,
    weighted_pool2d_backward,
)
from utils.layers.pooling import (
    avg_pool2d,
    global_avg_pool2d,
    global_max_pool2d,
    lp_pool2d,
    max_pool2d,
    weighted_pool2d,
)

__all__ = [
    "METHODS",
    "Gradients",
    "avg_pool2d",
    "avg_pool2d_backward",
    "col2im",
    "conv1d",
    "conv2d",
    "conv2d_backward",
    "conv_matrix",
    "global_avg_pool2d",
    "global_avg_pool2d_backward",
    "global_max_pool2d",
    "global_max_pool2d_backward",
    "im2col",
    "lp_pool2d",
    "lp_pool2d_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "output_size",
    "pad2d",
    "padding_pair",
    "sliding_windows",
    "weighted_pool2d",
    "weighted_pool2d_backward",
]
