"""The printed box of the amount, found by one kernel in its shape."""

import torch
from torch.nn import functional as F

FRAME = 2  # pixels of the printed frame


def box_kernel(size, frame=FRAME):
    """Kernel in the shape of an empty frame: 1 / n on its n pixels, and as much taken off along its inner side.

    Its numbers add up to 0, so that evenly dark paper gives no answer.

    Args:
        size: outer height and width in pixels.
        frame: width of the frame in pixels.

    Returns:
        float32 (height, width).
    """
    outer, inner, rest = (_filled(size, margin) for margin in (0, frame, 2 * frame))
    line, beside = outer - inner, inner - rest
    return line / line.sum() - beside / beside.sum()


def _filled(size, margin):
    kernel = torch.zeros(size)
    kernel[margin : size[0] - margin, margin : size[1] - margin] = 1
    return kernel


def find_box(picture, size):
    """Where a printed box of known size lies.

    Args:
        picture: (H, W), ink larger than paper, at least as large as the box.
        size: outer height and width of the box in pixels.

    Returns:
        (top, left), row and column of its outer corner.
    """
    response = F.conv2d(picture.float()[None, None], box_kernel(size)[None, None])[0, 0]
    return tuple(divmod(int(response.argmax()), response.shape[1]))
