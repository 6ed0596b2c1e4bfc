"""Counts of a whole model, and the table of its layers."""

import math
from collections import Counter
from dataclasses import dataclass

import torch
import torchinfo
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from utils.complexity.reach import reaches
from utils.complexity.twin import explained, image_for, weightless

_NO_MEMORY = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)


@dataclass
class _Layer:
    """One call of a layer on one image."""

    name: str
    module: nn.Module
    shape: tuple  # of the output, without the batch
    params: int
    macs: int
    activations: int


def count(model, input_shape):
    """Cost of one image's forward pass, and of keeping the model.

    Args:
        model: nn.Module; it is not changed.
        input_shape: shape of one image, without the batch, e.g. (1, 28, 28).

    Returns:
        dict of int: "params" (trainable parameters), "frozen_params" (the others), "parameter_bytes" (of both), "macs"
        (multiply-adds of convolutions and matrix products), "activations" (numbers in the outputs of all layers: what
        training keeps of one image; layers that only pass their input on, or change it in place, count nothing) and
        "activation_bytes".

    Raises:
        TypeError, ValueError: no model, no image shape, or one that does not fit the other.
    """
    layers, macs, image = _measured(model, input_shape)
    parameters = list(model.parameters())
    activations = sum(layer.activations for layer in layers)
    return {
        "params": sum(p.numel() for p in parameters if p.requires_grad),
        "frozen_params": sum(p.numel() for p in parameters if not p.requires_grad),
        "parameter_bytes": sum(p.numel() * p.element_size() for p in parameters),
        "macs": macs,
        "activations": activations,
        "activation_bytes": activations * image.element_size(),
    }


def layer_table(model, input_shape):
    """Cost of each layer, in the order in which one image meets them.

    Args: as for `count`; raises what it raises.

    Returns:
        pandas.DataFrame with one row for each call of a layer, and the columns "layer" (its name in the model,
        "(model)" for the model itself), "type", "output shape" (without the batch), "params" (trainable), "MACs",
        "activation memory" (bytes of its output on one image, as `count` counts them),
        "receptive field" (side in input pixels of what one output sees; the longer side where it is no square, the
        largest over all paths) and "jump" (input pixels between neighbouring outputs). The last two are <NA> where they
        have no meaning (there is no map any more) or are not known (an operation of unknown reach came before).
    """
    import pandas as pd

    layers, _, image = _measured(model, input_shape)
    calls = reaches(weightless(model), image)
    seen = [calls[layer.name].pop(0) for layer in layers]
    columns = {
        "layer": [layer.name or "(model)" for layer in layers],
        "type": [type(layer.module).__name__ for layer in layers],
        "output shape": [layer.shape for layer in layers],
        "params": [layer.params for layer in layers],
        "MACs": [layer.macs for layer in layers],
        "activation memory": [layer.activations * image.element_size() for layer in layers],
        "receptive field": pd.array([reach and max(reach.side) for reach in seen], dtype="Int64"),
        "jump": pd.array([reach and reach.jump and max(reach.jump) for reach in seen], dtype="Int64"),
    }
    return pd.DataFrame(columns)


def _measured(model, input_shape):
    """Layers met by one image, multiply-adds in total, and the image: (list of _Layer, int, tensor)."""
    image = image_for(model, input_shape)
    twin = weightless(model)
    reached = []
    handles = [
        module.register_forward_pre_hook(lambda module, args, name=name: reached.append((name, module, args)))
        for name, module in twin.named_modules()
        if not any(module.children())
    ]
    try:
        with torch.random.fork_rng(devices=[]), FlopCounterMode(display=False) as counter:
            summary = torchinfo.summary(twin, input_data=image, device="meta", verbose=0)
    except RuntimeError as error:
        raise explained(error.__cause__ or error, _last(reached), image) from None
    finally:
        torchinfo.torchinfo.clear_cached_forward_pass()
        for handle in handles:
            handle.remove()
    return _layers(summary, twin, counter), counter.get_total_flops() // 2, image


def _last(reached):
    """(name, module, shape of its input) of the layer entered last, or None."""
    if not reached:
        return None
    name, module, args = reached[-1]
    return name, module, tuple(args[0].shape[1:]) if args and isinstance(args[0], torch.Tensor) else ()


def _layers(summary, twin, counter):
    """_Layer of each call of a module that runs no other module, or has parameters of its own."""
    names = {id(module): name for name, module in twin.named_modules()}
    calls = [info for info in summary.summary_list if info.executed]
    times = Counter(info.layer_id for info in calls)
    flops = {name.partition(".")[2]: sum(ops.values()) for name, ops in counter.get_flop_counts().items()}
    flops[""] = counter.get_total_flops()
    layers = []
    for info in calls:
        runs = [module for module in info.module.children() if id(module) in times]
        inner = sum(flops.get(names[id(module)], 0) for module in runs)
        macs = (flops.get(names[info.layer_id], 0) - inner) // 2 // times[info.layer_id]
        own = list(info.module.parameters(recurse=not runs))
        if own or macs or not (runs or any(True for _ in info.module.children())):
            layers.append(_layer(info, names[info.layer_id], own, macs, ends=not runs))
    return layers


def _layer(info, name, own, macs, ends):
    """Row of one call: a layer called again has its parameters in its first row; `ends`: it runs no other module."""
    passes_on = isinstance(info.module, _NO_MEMORY) or getattr(info.module, "inplace", False) or not ends
    shape = tuple(info.output_size[1:])
    params = 0 if info.is_recursive else sum(p.numel() for p in own if p.requires_grad)
    return _Layer(name, info.module, shape, params, macs, 0 if passes_on else math.prod(shape))
