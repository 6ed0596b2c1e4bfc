"""Wrong answers that learners give in chapter 00, each named for the mistake it makes."""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F


def _picture(photo):
    return torch.from_numpy(photo).permute(2, 0, 1)[None].float()


def _photo_in_place(photo):
    photo[:] = photo[::-1]
    return _picture(photo) / 255


def _leaky(z, slope=0.01):
    return torch.where(z > 0, z, slope * z)


def _slopes(z, slope=0.01):
    return torch.where(z > 0, 1.0, slope)


def _leaky_in_place(z, slope=0.01):
    gradient = _slopes(z, slope)
    z[z < 0] *= slope
    return z, gradient


def _naive_cross_entropy(logits, y):
    p = logits.exp() / logits.exp().sum(1, keepdim=True)
    return -p[torch.arange(len(y)), y].log().mean()


def _log_of_softmax(logits, y):
    return -logits.softmax(1)[torch.arange(len(y)), y].log().mean()


def _count(input_shape, widths, biases=lambda n, m: m, pixels=np.prod):
    sizes = [int(pixels(input_shape)), *widths]
    return sum(n * m + biases(n, m) for n, m in pairwise(sizes))


WRONG = {
    "to_batch": {
        "reshapes and tears the picture": lambda photo: (
            torch.from_numpy(photo).reshape(1, 3, *photo.shape[:2]).float() / 255
        ),
        "swaps height and width": lambda photo: torch.from_numpy(photo).permute(2, 1, 0)[None].float() / 255,
        "keeps the channel last": lambda photo: torch.from_numpy(photo)[None].float() / 255,
        "forgets the batch": lambda photo: _picture(photo)[0] / 255,
        "forgets to divide": _picture,
        "divides by 256": lambda photo: _picture(photo) / 256,
        "divides with //": lambda photo: _picture(photo) // 255,
        "returns a NumPy array": lambda photo: (_picture(photo) / 255).numpy(),
        "writes into the photograph": _photo_in_place,
    },
    "dense": {
        "forgets the bias": lambda X, weight, bias: X @ weight.T,
        "takes the bias off": lambda X, weight, bias: X @ weight.T - bias,
        "puts the batch last": lambda X, weight, bias: weight @ X.T + bias[:, None],
        "averages the products": lambda X, weight, bias: X @ weight.T / X.shape[1] + bias,
        "forgets to transpose, right only for square weights": lambda X, weight, bias: (
            X @ (weight if weight.shape[0] == weight.shape[1] else weight.T) + bias
        ),
        "forgets to transpose": lambda X, weight, bias: X @ weight + bias,
    },
    "leaky_relu": {
        "is a plain ReLU": lambda z, slope=0.01: (F.relu(z), (z > 0).float()),
        "has no gradient below zero": lambda z, slope=0.01: (_leaky(z, slope), (z > 0).float()),
        "returns the output as gradient": lambda z, slope=0.01: (_leaky(z, slope), _leaky(z, slope)),
        "swaps the sides": lambda z, slope=0.01: (torch.where(z > 0, slope * z, z), torch.where(z > 0, slope, 1.0)),
        "flips the sign below zero": lambda z, slope=0.01: (_leaky(z, -slope), _slopes(z, -slope)),
        "right only for the default slope": lambda z, slope=0.01: (_leaky(z), _slopes(z)),
        "puts the constant slope below zero": lambda z, slope=0.01: (torch.where(z > 0, z, slope), _slopes(z, slope)),
        "returns the output only": _leaky,
        "writes into its input": _leaky_in_place,
    },
    "mean_squared_error": {
        "sums": lambda predicted, y: (predicted - y).square().sum(),
        "squares the mean": lambda predicted, y: (predicted - y).mean().square(),
        "takes absolute values": lambda predicted, y: (predicted - y).abs().mean(),
        "takes the root": lambda predicted, y: (predicted - y).square().mean().sqrt(),
        "halves": lambda predicted, y: (predicted - y).square().mean() / 2,
        "squares the values": lambda predicted, y: (predicted.square() - y.square()).mean(),
        "does not average": lambda predicted, y: (predicted - y).square(),
        "averages over the batch only": lambda predicted, y: (predicted - y).square().sum() / len(y),
    },
    "cross_entropy": {
        "overflows": _naive_cross_entropy,
        "takes the logarithm of a softmax": _log_of_softmax,
        "has the wrong sign": lambda logits, y: -F.cross_entropy(logits, y),
        "sums": lambda logits, y: F.cross_entropy(logits, y, reduction="sum"),
        "does not average": lambda logits, y: F.cross_entropy(logits, y, reduction="none"),
        "uses base 2": lambda logits, y: F.cross_entropy(logits, y) / np.log(2),
        "normalises over the batch": lambda logits, y: -logits.log_softmax(0)[torch.arange(len(y)), y].mean(),
        "averages over all classes": lambda logits, y: -logits.log_softmax(1).mean(),
        "forgets the logarithm": lambda logits, y: (1 - logits.softmax(1)[torch.arange(len(y)), y]).mean(),
        "applies softmax twice": lambda logits, y: F.cross_entropy(logits.softmax(1), y),
    },
    "mlp_parameters": {
        "forgets the biases": lambda shape, widths: _count(shape, widths, lambda n, m: 0),
        "counts one bias a layer": lambda shape, widths: _count(shape, widths, lambda n, m: 1),
        "counts a bias for each input": lambda shape, widths: _count(shape, widths, lambda n, m: n),
        "takes one channel": lambda shape, widths: _count(shape, widths, pixels=lambda shape: np.prod(shape[1:])),
        "adds the axes up": lambda shape, widths: _count(shape, widths, pixels=sum),
        "connects every layer to the input": lambda shape, widths: sum(_count(shape, [width]) for width in widths),
        "counts the first layer only": lambda shape, widths: _count(shape, widths[:1]),
        "right only for square images": lambda shape, widths: _count(
            shape, widths, pixels=lambda shape: shape[0] * shape[-1] ** 2
        ),
    },
}
