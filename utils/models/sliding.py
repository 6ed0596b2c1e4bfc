"""Dense layers turned into convolutions with the same weights: a network for one field reads a whole page in one pass.

Matan, Burges, LeCun, Denker (1992), "Multi-digit recognition using a space displacement neural network", Advances in
Neural Information Processing Systems 4; LeCun et al. (1998), section VII.
"""

import copy

import torch
from torch import nn


def fully_convolutional(model, input_shape):
    """The same network without dense layers: it takes any picture that is at least as large as its field.

    The first dense layer behind the maps (C, H, W) becomes a convolution with kernels of H x W, every later one a
    convolution with kernels of 1 x 1; flattening is left out. Each place of the answer is what `model` says about one
    window of the picture, as long as no layer pads: padding belongs to the edge of a picture, not of every window.

    Args:
        model: nn.Sequential of layers that also work on larger maps (Conv2d, pooling, activations, BatchNorm2d,
            Dropout) followed by nn.Flatten and dense layers, such as `models.create("lenet", size=32)`. It stays as it
            is; weights are copied.
        input_shape: (C, H, W) of the field that it was trained on.

    Returns:
        nn.Sequential under the same names, in the mode of `model`: X (B, C, rows, columns) -> (B, classes, down,
        across).

    Raises:
        TypeError: the model is no nn.Sequential.
        ValueError: there is no flattening in it, or something behind that has no convolution as its twin.
    """
    if not isinstance(model, nn.Sequential):
        raise TypeError(f"Layers are turned one by one: expected an nn.Sequential, not a {type(model).__name__}.")
    layers, shape = nn.Sequential(), _shapes_before_flatten(model, input_shape)
    for name, layer in model.named_children():
        if isinstance(layer, nn.Flatten):
            continue
        if isinstance(layer, nn.Linear):
            layers.add_module(name, _convolution(layer, shape))
            shape = (layer.out_features, 1, 1)
        else:
            layers.add_module(name, _on_maps(layer))
    return layers.train(model.training)


def _shapes_before_flatten(model, input_shape):
    """(C, H, W) of what is flattened."""
    probe = copy.deepcopy(model).eval()
    X = torch.zeros(1, *input_shape)
    with torch.inference_mode():
        for layer in probe:
            if isinstance(layer, nn.Flatten):
                return tuple(X.shape[1:])
            X = layer(X)
    raise ValueError("There is no nn.Flatten in the network, so no dense layer behind maps that could be turned.")


def _convolution(dense, shape):
    """nn.Conv2d that computes at each place what a dense layer computes of flattened maps (C, H, W)."""
    C, H, W = shape
    with torch.no_grad():
        made = nn.Conv2d(C, dense.out_features, (H, W), bias=dense.bias is not None).to(dense.weight)
        made.weight.copy_(dense.weight.view(dense.out_features, C, H, W))
        if dense.bias is not None:
            made.bias.copy_(dense.bias)
    return made


def _on_maps(layer):
    """A copy of a layer that works at each place of a map."""
    if not isinstance(layer, nn.BatchNorm1d):
        return copy.deepcopy(layer)
    made = nn.BatchNorm2d(layer.num_features, layer.eps, layer.momentum, layer.affine, layer.track_running_stats)
    made.load_state_dict(layer.state_dict())
    return made
