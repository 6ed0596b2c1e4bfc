"""Names of operations in diagrams: what a layer or a function is called, and of which kind it is."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Operation:
    """kind: "input", "conv", "pool", "dense", "join", "block", "small" (merged into the box before it), "silent" (only
    rearranges numbers) or "other". text: as written in a diagram. window: sides (height, width) of a kernel or pooling
    window, or None.
    """

    kind: str
    text: str
    window: tuple | None = None


_SMALL = {
    nn.BatchNorm1d: "batch norm",
    nn.BatchNorm2d: "batch norm",
    nn.GroupNorm: "group norm",
    nn.LayerNorm: "layer norm",
    nn.LocalResponseNorm: "LRN",
    nn.Softmax: "softmax",
    nn.LogSoftmax: "log softmax",
    **{
        kind: kind.__name__ for kind in (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU)
    },
}
_DROPOUT = (nn.Dropout, nn.Dropout1d, nn.Dropout2d)
_SAY_IT_ALL = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d, nn.Linear)  # what they do does not depend on the picture
_SILENT = (nn.Flatten, nn.Unflatten, nn.Identity, nn.ChannelShuffle)
_SILENT_CLASSES = {"Permute", "StochasticDepth"}  # torchvision's, by name: it is slow to import


def _forms(names, *forms):
    """The same texts under every form of their names."""
    return {form.format(name): text for name, text in names.items() for form in forms}


_SMALL_FUNCTIONS = _forms(
    {
        "relu": "ReLU",
        "leaky_relu": "LeakyReLU",
        "tanh": "Tanh",
        "sigmoid": "Sigmoid",
        "gelu": "GELU",
        "silu": "SiLU",
        "softmax": "softmax",
        "log_softmax": "log softmax",
        "batch_norm": "batch norm",
        "local_response_norm": "LRN",
    },
    *("{}", "{}_"),
)
_JOINS = _forms({"add": "+", "mul": "×", "sub": "−"}, "{}", "{}_", "__{}__", "__i{}__", "__r{}__")
_JOINS |= {"cat": "concat", "concat": "concat", "stack": "stack"}
_SILENT_FUNCTIONS = {
    *("flatten", "view", "reshape", "contiguous", "__getitem__", "__get__", "unbind", "transpose"),
    *("permute", "squeeze", "unsqueeze", "clone", "to", "float", "detach", "expand", "expand_as", "dropout", "pad"),
}
_POOLS = {"max_pool2d": "max pool", "avg_pool2d": "average pool"}


def of_module(module, output):
    """Operation of a layer, or of a module that is drawn as one box."""
    if isinstance(module, nn.Conv2d):
        return _convolution(module)
    if isinstance(module, (nn.MaxPool2d, nn.AvgPool2d, nn.LPPool2d)):
        kind = {nn.MaxPool2d: "max", nn.AvgPool2d: "average"}.get(type(module), "L-norm")
        return _pooling(f"{kind} pool", module.kernel_size, module.stride)
    if isinstance(module, (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)):
        return _adaptive("average pool" if isinstance(module, nn.AdaptiveAvgPool2d) else "max pool", output)
    if isinstance(module, nn.Linear):
        return Operation("dense", "dense")
    if isinstance(module, _DROPOUT):
        return Operation("small", f"dropout {module.p:g}")
    if type(module) in _SMALL:
        return Operation("small", _SMALL[type(module)])
    if isinstance(module, _SILENT) or type(module).__name__ in _SILENT_CLASSES:
        return Operation("silent", "")
    return (
        Operation("block", _contents(module)) if any(module.children()) else Operation("other", type(module).__name__)
    )


def has_one_layer(module):
    """True if a module only wraps one convolution, pooling or dense layer in normalisation, activation or dropout."""
    return len(_layers(module)) <= 1


def of_function(function, args, kwargs, output, known):
    """Operation of a function called in `forward`; `known`: how many of its tensors came from the image."""
    name = getattr(function, "__name__", "")
    if name in ("chunk", "split") and known == 1 and len(output) > 1:
        return Operation("join", f"split in {len(output)}")
    if not isinstance(output, torch.Tensor) or name in _SILENT_FUNCTIONS:
        return Operation("silent", "")
    if name in _JOINS and known > 1:
        return Operation("join", _JOINS[name])
    if name in _JOINS:  # of one thing that came from the image, and a constant or nothing
        return Operation("silent", "") if _JOINS[name] == "concat" else Operation("small", f"{_JOINS[name]} constant")
    if name in _SMALL_FUNCTIONS:
        return Operation("small", _SMALL_FUNCTIONS[name])
    if name in _POOLS:
        kernel = kwargs.get("kernel_size", args[1] if len(args) > 1 else 1)
        return _pooling(_POOLS[name], kernel, kwargs.get("stride", args[2] if len(args) > 2 else None))
    if name == "adaptive_avg_pool2d" or (name == "mean" and max(output.shape[2:], default=1) == 1):
        return _adaptive("average pool", output)
    return Operation("other", name.strip("_").replace("_", " "))


def _convolution(layer):
    kernel = _sides(layer.kernel_size)
    text = f"conv {kernel[0]}×{kernel[1]}"
    if max(layer.stride) > 1:
        text += f"\nstride {layer.stride[0]}"
    if layer.groups > 1:
        depthwise = layer.groups == layer.in_channels == layer.out_channels
        text += "\ndepthwise" if depthwise else f"\n{layer.groups} groups"
    return Operation("conv", text, kernel)


def _pooling(name, kernel, stride):
    sides, steps = _sides(kernel), _sides(stride or kernel)
    text = f"{name} {sides[0]}×{sides[1]}"
    return Operation("pool", text if sides == steps else f"{text}\nstride {steps[0]}", sides)


def _adaptive(name, output):
    side = tuple(output.shape[2:])
    if all(length == 1 for length in side):
        return Operation("pool", f"global\n{name}")
    return Operation("pool", f"{name}\nto {'×'.join(map(str, side))}")


def _contents(module):
    """Text of a module that is drawn closed: its layers if they are few, "3 × Bottleneck" for equal ones, its class."""
    if not isinstance(module, nn.Sequential):
        return type(module).__name__
    layers = _layers(module)
    if len(layers) <= 3 and all(isinstance(layer, _SAY_IT_ALL) for layer in layers):
        return "\n".join(of_module(layer, None).text.split("\n")[0] for layer in layers)
    kinds = {type(child).__name__ for child in module}
    return f"{len(module)} × {kinds.pop()}" if len(kinds) == 1 else type(module).__name__


def _layers(module):
    """Innermost modules without normalisation, activation and dropout."""
    inner = [m for m in module.modules() if not any(m.children())]
    return [m for m in inner if not isinstance(m, (*_SMALL, *_SILENT, *_DROPOUT))]


def _sides(size):
    """(height, width) of a size given as one number or two."""
    return tuple(size) if isinstance(size, (tuple, list)) else (size, size)
