"""A copy of a model that has shapes but no weights, and the image that goes through it."""

import copy

import torch
from torch import nn


def weightless(model):
    """Copy of `model` in evaluation mode with its parameters and buffers on the meta device, without hooks.

    The original is only read: its mode, weights, buffers and hooks stay, and no weight is copied.
    """
    stand_ins = {id(t): nn.Parameter(t.to("meta"), t.requires_grad) for t in model.parameters()}
    stand_ins |= {id(t): t.detach().to("meta") for t in model.buffers()}
    twin = copy.deepcopy(model, stand_ins).eval()
    for module in twin.modules():  # a hook of the original would be called with meta tensors
        module._forward_hooks.clear()
        module._forward_pre_hooks.clear()
    return twin


def image_for(model, input_shape):
    """Meta tensor (1, C, H, W) for a model, of the type of its parameters.

    Raises:
        TypeError: the model is not an nn.Module.
        ValueError: `input_shape` is not the shape of one image.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"Expected a model (nn.Module), not {type(model).__name__}. Try models.create('lenet').")
    shape = tuple(input_shape) if isinstance(input_shape, (tuple, list, torch.Size)) else (input_shape,)
    if not shape or not all(isinstance(side, int) and side > 0 for side in shape):
        raise ValueError(f"input_shape: expected positive integers such as (1, 28, 28), got {input_shape!r}.")
    convolves = any(isinstance(module, nn.Conv2d) for module in model.modules())
    if len(shape) == 4 or (convolves and len(shape) != 3):
        raise ValueError(
            "input_shape is the shape of one image, (channels, height, width), without the batch: "
            f"(1, 28, 28) for a grey digit, X.shape[1:] for a batch X. You gave {shape}."
        )
    floating = [p.dtype for p in model.parameters() if p.is_floating_point()]
    return torch.empty(1, *shape, device="meta", dtype=floating[0] if floating else torch.float32)


def explained(error, reached, image):
    """The ValueError that tells a learner why an image does not go through a model.

    Args:
        error: what PyTorch raised.
        reached: (name, module, shape of its input without the batch) of the layer that raised, or None.
        image: the tensor (1, ...) that went in.
    """
    shape = tuple(image.shape[1:])
    name, module, got = reached or ("", None, shape)
    if isinstance(module, nn.Conv2d) and len(got) == 3 and got[0] != module.in_channels:
        reason = f"layer {name!r} has in_channels={module.in_channels} and got {got[0]}"
    elif isinstance(module, nn.Linear) and got[-1:] != (module.in_features,):
        reason = f"layer {name!r} has in_features={module.in_features} and got {got[-1]}, so try another image size"
    else:
        reason = f"layer {name!r} got {got}. PyTorch says: {str(error).splitlines()[0]}" if name else str(error)
    return ValueError(f"An image of shape {shape} does not go through this model: {reason}.")
