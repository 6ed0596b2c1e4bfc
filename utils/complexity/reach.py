"""Receptive field of every layer, followed through one forward pass on shapes alone.

Araujo, Norris and Sim (2019), "Computing receptive fields of convolutional neural networks", Distill. Where paths join,
the larger one counts: paths are centred on the same pixel in every network of this course. Normalisation counts as
pointwise, though in training its statistics see the whole batch.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

import torch
from torch.utils._python_dispatch import TorchDispatchMode


@dataclass(frozen=True)
class Reach:
    """What one output sees of the input, (height, width) each, in input pixels.

    side: of the receptive field. jump: between neighbouring outputs, None once there is no map any more.
    whole: side of the receptive field of all outputs together, which is what a dense layer behind them sees.
    """

    side: tuple
    jump: tuple | None
    whole: tuple


def reaches(model, image):
    """Reach after each layer.

    Args:
        model: nn.Module on the meta device.
        image: meta tensor (1, C, H, W).

    Returns:
        {name of a module: list with the Reach after each of its calls}, None in place of a Reach that is not known
        because an operation has no rule here.
    """
    found, follower = defaultdict(list), _Follower()

    def note(name):
        return lambda module, inputs, output: found[name].append(follower.reach_of(output))

    handles = [module.register_forward_hook(note(name)) for name, module in model.named_modules()]
    try:
        with torch.no_grad(), follower:
            follower.start(image)
            model(image)
    finally:
        for handle in handles:
            handle.remove()
    return found


class _Follower(TorchDispatchMode):
    """Knows the Reach of every tensor that depends on the image."""

    def __init__(self):
        super().__init__()
        self._known = {}  # id -> (tensor, Reach or None): holding the tensor keeps its id its own

    def start(self, image):
        """The image sees itself."""
        if image.ndim == 4:
            self._known[id(image)] = image, Reach((1, 1), (1, 1), tuple(image.shape[-2:]))

    def reach_of(self, output):
        """Reach of a tensor, or of the first of several; None where it is not known."""
        output = output[0] if isinstance(output, (tuple, list)) and output else output
        return self._known.get(id(output), (None, None))[1]

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        """Run one operation of PyTorch and note the Reach of what it returns."""
        result = operation(*args, **(kwargs or {}))
        inputs = [tensor for tensor in _tensors(args) if id(tensor) in self._known]
        for output in _tensors([result]):
            if inputs and not any(output is tensor for tensor in inputs):
                known = [self._known[id(tensor)][1] for tensor in inputs]
                widest = max(inputs, key=lambda tensor: math.prod(tensor.shape[2:]))  # not the gate that scales a map
                reach = None if None in known else _after(operation, args, widest, _joined(known), output)
                self._known[id(output)] = output, reach
        return result


def _tensors(values):
    """Tensors among arguments, also those in lists."""
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _tensors(value)


def _joined(known):
    """Reach where paths meet: the largest of each."""
    jumps = [reach.jump for reach in known if reach.jump]
    side, whole = _largest([reach.side for reach in known]), _largest([reach.whole for reach in known])
    return Reach(side, _largest(jumps) if jumps else None, whole)


def _largest(pairs):
    return tuple(map(max, zip(*pairs, strict=True)))


def _after(operation, args, value, reach, output):
    """Reach of an operation's output from that of its inputs; None where there is no rule."""
    name = operation.overloadpacket.__name__
    if name in ("addmm", "mm"):  # a dense layer: one image's row, or a matrix of another meaning
        return Reach(reach.whole, None, reach.whole) if len(value) == 1 else None
    if name in ("mean", "sum", "amax") and _map_axes(value) <= _axes(args, value):
        return Reach(reach.whole, None, reach.whole)
    if name in _WINDOWS:
        window = _WINDOWS[name](args, value, output)
        if reach.jump is None:  # a convolution on a map of one pixel is a dense layer
            return reach if math.prod(value.shape[2:]) == 1 else None
        return window and _through(reach, window, output)
    if name in _NO_RULE or (name == "transpose" and {axis % value.ndim for axis in args[1:]} & _map_axes(value)):
        return None
    return _carried(name, value, reach, output)


def _through(reach, window, output):
    """Reach behind a window (kernel, stride, dilation), each (height, width)."""
    kernel, stride, dilation = window
    axes = range(2)
    side = tuple(reach.side[i] + dilation[i] * (kernel[i] - 1) * reach.jump[i] for i in axes)
    jump = tuple(reach.jump[i] * stride[i] for i in axes)
    return Reach(side, jump, _whole(side, jump, output))


def _whole(side, jump, output):
    return tuple(side[i] + (output.shape[i - 2] - 1) * jump[i] for i in range(2))


def _carried(name, value, reach, output):
    """Reach of what is computed position by position, padded, joined, or flattened."""
    if reach.jump is None:
        return reach
    if output.ndim >= 4 and (output.shape[-2:] == value.shape[-2:] or name == "constant_pad_nd"):
        return Reach(reach.side, reach.jump, _whole(reach.side, reach.jump, output))
    if name in ("view", "_unsafe_view", "reshape", "clone") and output.ndim == 2:
        return Reach(reach.side, None, reach.whole)
    return None


def _map_axes(value):
    """Axes of height and width."""
    return {value.ndim - 2, value.ndim - 1}


def _axes(args, value):
    """Axes that a reduction sums over."""
    axes = args[1] if len(args) > 1 and args[1] else range(value.ndim)
    return {axis % value.ndim for axis in ([axes] if isinstance(axes, int) else axes)}


def _convolution(args, value, output):
    return None if args[6] else (tuple(args[1].shape[-2:]), _pair(args[3]), _pair(args[5]))


def _pool(args, value, output):
    """Arguments of a pooling are (input, kernel, stride, padding, dilation); the stride may be empty."""
    kernel = _pair(args[1])
    dilation = _pair(args[4]) if len(args) > 4 and not isinstance(args[4], bool) else (1, 1)
    return kernel, _pair(args[2]) if len(args) > 2 and args[2] else kernel, dilation


def _average(args, value, output):
    return (*_pool(args[:3], value, output)[:2], (1, 1))


def _adaptive(args, value, output):
    """Largest window and step of an adaptive pooling: from floor(i * n / m) to ceil((i + 1) * n / m)."""
    kernel, stride = [], []
    for n, m in zip(value.shape[-2:], output.shape[-2:], strict=True):
        kernel.append(max(-(-(i + 1) * n // m) - i * n // m for i in range(m)))
        stride.append(n // m or 1)
    return tuple(kernel), tuple(stride), (1, 1)


def _slice(args, value, output):
    """A strided slice skips pixels; arguments are (input, axis, start, end, step)."""
    axis, step = (args[1] if len(args) > 1 else 0) % value.ndim, args[4] if len(args) > 4 else 1
    steps = [step if axis == value.ndim - 2 + i else 1 for i in range(2)]
    return (1, 1), tuple(steps), (1, 1)


def _pair(size):
    """(height, width) from a list of one number for both, or the last two of several."""
    return size * 2 if len(size) == 1 else size[-2:]


_WINDOWS = {
    "convolution": _convolution,
    "max_pool2d_with_indices": _pool,
    "avg_pool2d": _average,
    "avg_pool3d": _average,
    "_adaptive_avg_pool2d": _adaptive,
    "adaptive_max_pool2d": _adaptive,
    "slice": _slice,
}
_NO_RULE = {"bmm", "baddbmm", "im2col", "col2im", "roll", "flip", "permute", "index"}
