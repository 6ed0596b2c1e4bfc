"""What goes wrong in chapter 01's exercises: for one case, {message to the learner: value that the slip computes}.

Slips are computed, not stored, so that each works on every case. A slip that happens to agree with the right value on a
case says nothing there; another case tells them apart.
"""

import numpy as np

from utils import layers

_TRUNCATED = "You lost the decimals: an array of integers cannot hold these sums. Make it one of floats."


def _flipped(kernel):
    return kernel[..., ::-1, ::-1].copy()


def convolve_1d(signal, kernel, right):
    """Slips of answer(signal (n,), kernel (k,)) -> (n,)."""
    n, k = len(signal), len(kernel)
    return {
        "You flipped the kernel. Its last number lies on the reading, the others on the readings before.": (
            np.convolve(signal, kernel)[:n]
        ),
        "You padded both sides, so the result is too long. The kernel hangs over the left edge only.": (
            layers.conv1d(signal, kernel, padding="full")
        ),
        "You put the zeros on the right. The kernel hangs over the left edge: that is where they go.": (
            layers.conv1d(signal, kernel, padding=(0, k - 1))
        ),
        "You took the kernel's middle as its centre. Here the centre is its last number.": (
            layers.conv1d(signal, kernel, padding=(k // 2, k - 1 - k // 2))
        ),
        "You did not pad, so the result is too short: the first readings never lie under the centre.": (
            layers.conv1d(signal, kernel)
        ),
        "The last reading is missing: range(n) ends at n - 1 by itself.": right[:-1],
        "You padded with the first reading again. Put zeros there.": layers.conv1d(
            np.pad(signal, (k - 1, 0), "edge"), kernel
        ),
        "You used two numbers of the kernel. It may have any length: take them all.": (
            layers.conv1d(signal, kernel[-2:], padding=(min(k, 2) - 1, 0))
        ),
        "You did not add the products up. Each place gives one number, their sum.": (
            np.lib.stride_tricks.sliding_window_view(np.pad(signal, (k - 1, 0)), k) * kernel
        ),
        _TRUNCATED: np.trunc(right),
    }


def output_size(n, kernel, stride, padding, dilation):
    """Slips of answer(n, kernel, stride, padding, dilation) -> int."""
    span = dilation * (kernel - 1) + 1
    free = n + 2 * padding - span  # how far the kernel can travel
    return {
        "You ignored the stride: the kernel moves by `stride` places at a time.": free + 1,
        "You divided with /. Places are whole: // drops the step that does not fit.": free / stride + 1,
        "You rounded up. A step that does not fit any more is not taken.": -(-free // stride) + 1,
        "You added 1 before you divided. The first place is there whatever the stride: divide, then add 1.": (
            (free + 1) // stride
        ),
        "You left out the + 1: the place where the kernel starts counts too.": free // stride,
        "You counted one pixel too many. The kernel travels n - span pixels; its first place is the + 1.": (
            (free + 1) // stride + 1
        ),
        "You padded one side. The padding stands on both sides, so it counts twice.": (free - padding) // stride + 1,
        "You left out the padding: it makes the input longer, on both sides.": (free - 2 * padding) // stride + 1,
        "You ignored the dilation. It pulls the kernel's numbers apart, so that they span more.": (
            (free + span - kernel) // stride + 1
        ),
        "You multiplied the kernel by the dilation. Gaps lie between its numbers: dilation * (kernel - 1) + 1.": (
            (free + span - dilation * kernel) // stride + 1
        ),
    }


def convolve_2d(image, kernel, stride, padding, right):
    """Slips of answer(image (H, W), kernel (Kh, Kw), stride, padding) -> (Hout, Wout)."""
    padded = np.pad(image, padding)
    corner = np.pad(image, ((padding, 0), (padding, 0)))
    Hout, Wout = right.shape
    return {
        "You flipped the kernel. Lay it on the window as it is.": layers.conv2d(
            padded, _flipped(kernel), stride=stride
        ),
        "You left out the padding: put `padding` zeros on all four sides first.": layers.conv2d(
            image, kernel, stride=stride
        ),
        "You padded the top and the left only. The zeros stand on all four sides.": (
            layers.conv2d(corner, kernel, stride=stride)
        ),
        "You ignored the stride: windows begin every `stride` pixels, not every pixel.": layers.conv2d(padded, kernel),
        "Your stride counts downwards only. It counts from left to right too.": (
            layers.conv2d(padded, kernel, stride=(stride, 1))
        ),
        "The size is right, but your windows start at y, x. They should start at y * stride, x * stride.": (
            layers.conv2d(padded, kernel)[:Hout, :Wout]
        ),
        "The last row and the last column are missing: one place too few in each direction.": right[:-1, :-1],
        "You used the image's height for its width too. It need not be square.": right[:, :Hout],
        "Rows and columns of the result are swapped.": right.T,
        _TRUNCATED: np.trunc(right),
    }


def conv_layer(X, weight, bias, right):
    """Slips of answer(X (B, Cin, H, W), weight (Cout, Cin, Kh, Kw), bias (Cout,)) -> (B, Cout, Hout, Wout)."""
    (B, Cin), Cout, shift = X.shape[:2], len(weight), bias[:, None, None]
    sums = layers.conv2d(X, weight)
    each = np.stack([layers.conv2d(X[:, [c]], weight[:, [c]]) for c in range(Cin)])  # one input channel at a time
    return {
        "You forgot the bias: one number for each kernel, added to its whole feature map.": sums,
        "You added the bias once for each input channel. Add it once for each feature map.": sums + Cin * shift,
        "You used the first input channel only. A kernel reaches through all of them: add the channels up.": each[0]
        + shift,
        "You took the mean over the input channels. Add them up.": each.mean(0) + shift,
        "You returned the input channels one by one. A feature map is their sum.": (
            (each + shift).swapaxes(0, 1).reshape(B, Cin * Cout, *right.shape[2:])
        ),
        "You used the first kernel for every feature map. Each has its own: weight[o].": (
            np.repeat(sums[:, :1], Cout, axis=1) + shift
        ),
        "You used the first bias for every feature map. Each has its own: bias[o].": sums + bias[0],
        "You worked on the first image and gave its result to the whole batch. Each image has its own.": np.repeat(
            right[:1], B, axis=0
        ),
        "You returned the first image's maps. The batch axis stays, with every image in it.": right[0],
        "You added up the images of the batch. They have nothing to do with each other.": (
            np.repeat(sums.sum(0, keepdims=True), B, axis=0) + shift
        ),
        "Batch and channels are swapped: return (B, Cout, Hout, Wout).": right.swapaxes(0, 1),
        "You flipped the kernels. Lay them on the window as they are.": layers.conv2d(X, _flipped(weight), bias),
    }


def conv_matrix(kernel, height, width, right):
    """Slips of answer(kernel (Kh, Kw), height, width) -> (Hout * Wout, H * W)."""
    Kh, Kw = kernel.shape
    windows = right.reshape(height - Kh + 1, width - Kw + 1, -1)
    columns_first = right.reshape(-1, height, width).swapaxes(1, 2).reshape(right.shape)
    slips = {
        "The matrix is transposed: a row for each output pixel, a column for each input pixel.": right.T,
        "You flipped the kernel. Write its numbers in as they are.": (
            layers.conv_matrix(_flipped(kernel), (height, width))
        ),
        "Each of your rows is the one above moved by one. At the end of a line the window jumps to the next line.": (
            np.stack([np.roll(right[0], r) for r in range(len(right))])
        ),
        "You numbered the pixels column by column. NumPy goes row by row: (y, x) is y * width + x.": columns_first,
        "Your output pixels run down the columns. They are numbered row by row, like the input's.": (
            windows.swapaxes(0, 1).reshape(right.shape)
        ),
        "You marked the kernel's place with ones. Write the kernel's numbers there.": (right != 0).astype(float),
    }
    if Kh == Kw:
        turned = layers.conv_matrix(kernel.T.copy(), (height, width))
        slips["You transposed the kernel. Its rows lie along the image's rows."] = turned
    return slips


def conv_backward(upstream, image, kernel, right):
    """Slips of answer(upstream, image, kernel) -> (gradient for image, gradient for kernel): a pair of dicts."""
    to_image, to_kernel = right
    ones = layers.conv2d_backward(np.ones_like(upstream), image, kernel)
    last_wins, (Kh, Kw) = np.zeros_like(to_image), kernel.shape
    for y, x in np.ndindex(upstream.shape):
        last_wins[y : y + Kh, x : x + Kw] = upstream[y, x] * kernel
    for_image = {
        "Every output pixel sends its own gradient back: the image's gradient needs `upstream`.": ones.input,
        "You did not flip the kernel. The way back is a full convolution with the flipped kernel.": (
            layers.conv2d(upstream, kernel, padding="full")
        ),
        "Overlapping windows overwrite each other. A pixel in several windows gets the sum: use +=.": last_wins,
    }
    for_kernel = {
        "Each window counts as much as its output pixel's gradient: the kernel's needs `upstream`.": ones.weight,
        "The kernel's gradient is turned by 180 degrees. Slide `upstream` over the image unflipped.": (
            _flipped(to_kernel)
        ),
        "You took the mean over the windows. Every window adds its part.": to_kernel / upstream.size,
    }
    return for_image, for_kernel


def conv_cost(c_in, c_out, kernel, height, width):
    """Slips of answer(c_in, c_out, kernel, height, width) -> (weights, multiply-adds, dense weights)."""
    weights, places = c_in * c_out * kernel**2, height * width
    dense = places**2 * c_in * c_out
    thin, flat, biased = weights // kernel, weights // c_in, weights + c_out
    return {
        "Your kernel is a line. A square one has kernel * kernel numbers in each channel.": (
            thin,
            thin * places,
            dense,
        ),
        "You left the input channels out. A kernel reaches through all of them.": (flat, flat * places, dense),
        "You counted the biases too. Leave them out here.": (biased, biased * places, dense + places * c_out),
        "You counted the weights again at every place. They are shared: a place costs work, no weights.": (
            (weights * places, weights * places, dense)
        ),
        "Your multiply-adds are those of one place. Every weight works at all height * width places.": (
            (weights, weights, dense)
        ),
        "Your dense layer has one output a channel. It needs one for each pixel of each feature map.": (
            (weights, weights * places, places * c_in * c_out)
        ),
        "You counted the kernel in the dense layer too. It has none: one weight joins each input to each output.": (
            (weights, weights * places, weights * places**2)
        ),
        "The last two numbers are swapped: first the multiply-adds, then the dense weights.": (
            (weights, dense, weights * places)
        ),
    }


def receptive_field(steps):
    """Slips of answer([(kernel, stride), ...]) -> int."""
    kernels = [kernel for kernel, _ in steps]
    return {
        "You added the kernels up. Neighbouring windows overlap: a layer adds (kernel - 1) * jump.": sum(kernels),
        "You multiplied the kernels. Neighbouring windows overlap: a layer adds (kernel - 1) * jump.": int(
            np.prod(kernels)
        ),
        "You started from 0. Before the first layer a pixel sees itself: start from 1.": _field(steps) - 1,
        "You ignored the strides. Behind a stride of 2, neighbours lie 2 pixels apart in the image.": (
            _field(steps, lambda jump, stride: 1)
        ),
        "You used a layer's stride for its own kernel. It counts from the next layer on.": _field(steps, early=True),
        "You used only the stride of the layer before. Strides multiply from layer to layer.": (
            _field(steps, lambda jump, stride: stride)
        ),
        "You added the strides up. Strides multiply from layer to layer.": (
            _field(steps, lambda jump, stride: jump + stride - 1)
        ),
        "You went from the last layer to the first. Start at the image.": _field(steps[::-1]),
    }


def _field(steps, next_jump=lambda jump, stride: jump * stride, early=False):
    field, jump = 1, 1
    for kernel, stride in steps:
        then = next_jump(jump, stride)
        field += (kernel - 1) * (then if early else jump)
        jump = then
    return field
