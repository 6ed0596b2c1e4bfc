"""Checks of chapter 05, AlexNet. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks import _ch05_slips as slips
from utils.checks._harness import as_is, build, compare, exercise, integers, run, same_network, tensor

__all__ = [
    "alexnet_features",
    "gradient_norms",
    "grouped_conv2d",
    "orientation_histogram",
    "top_k_error",
    "training_memory",
]


def _votes(angle, weight, bins, span=180.0):
    """Sums of the weights (bins,) by angle, in bins of equal width over `span` degrees."""
    index = (angle % span // (span / bins)).long().clamp(max=bins - 1)
    return torch.zeros(bins).index_add_(0, index.flatten(), weight.flatten())


@exercise("A histogram of directions")
def orientation_histogram(answer):
    """answer(gx, gy, bins) -> (bins,): magnitudes summed by direction modulo 180 degrees."""
    for shape, bins in [((8, 8), 9), ((4, 7), 6), ((3, 5), 4)]:
        gx, gy = tensor(shape, seed=bins), tensor(shape, seed=bins + 1)
        angle, magnitude = torch.rad2deg(torch.atan2(gy, gx)), torch.hypot(gx, gy)
        expected = _votes(angle, magnitude, bins)
        compare(
            run(answer, gx, gy, bins),
            expected,
            case=f"a cell of {shape[0]} x {shape[1]} pixels, {bins} bins",
            atol=1e-4,
            mistakes={
                "You counted the pixels. Each votes with its magnitude: strong edges count more.": _votes(
                    angle, torch.ones_like(gx), bins
                ),
                "You used 360 degrees. Opposite directions belong in one bin: take the angle modulo 180.": _votes(
                    angle, magnitude, bins, span=360.0
                ),
                "Your votes are the squares of the magnitudes. Take the root.": _votes(angle, magnitude**2, bins),
                "You exchanged gx and gy: `atan2` takes the vertical part first.": _votes(
                    torch.rad2deg(torch.atan2(gx, gy)), magnitude, bins
                ),
                "`atan2` gives radians. The bins are in degrees: `torch.rad2deg`.": _votes(
                    torch.atan2(gy, gx), magnitude, bins
                ),
                "You took the absolute value of the angle, which folds 30 and -30 degrees together. Use `% 180`.": (
                    _votes(angle.abs(), magnitude, bins)
                ),
                "You always used 9 bins. Use the argument `bins`.": _votes(angle, magnitude, 9),
                "You scaled the histogram to a sum of one. Leave the sums as they are.": expected / expected.sum(),
            },
        )


def _error(logits, y, k):
    return (logits.topk(k).indices != y[:, None]).all(1).float().mean().item()


@exercise("Top-5 error")
def top_k_error(answer):
    """answer(logits (B, K), y (B,), k) -> fraction of images whose label is not among the k largest logits."""
    for batch, classes, k in [(40, 20, 5), (30, 8, 3), (25, 6, 1)]:
        logits, y = tensor((batch, classes), seed=k), torch.from_numpy(integers(batch, k, 0, classes))
        logits[torch.arange(batch), y] += 0.7
        error = _error(logits, y, k)
        compare(
            run(answer, logits, y, k),
            error,
            case=f"{batch} images, {classes} classes, k = {k}",
            mistakes={
                "That is the accuracy. The error is 1 minus it.": 1 - error,
                "That is a percentage. Return a fraction between 0 and 1.": 100 * error,
                "That is the number of wrong answers. Divide it by the number of images.": error * batch,
                "You took the smallest logits. `topk` gives the largest ones by itself.": _error(-logits, y, k),
                "You looked at the best answer only. The label may be any of the k best.": _error(logits, y, 1),
                "You always looked at the 5 best. Use the argument `k`.": _error(logits, y, 5),
                "You ranked along the batch. The classes lie along dimension 1.": slips.ranked_along_batch(
                    logits, y, k
                ),
                "You took the k-th largest logit alone. The label may be any of the k largest.": (
                    (logits.topk(k).indices[:, -1] != y).float().mean().item()
                ),
            },
        )


@exercise("The convolutions of AlexNet", seconds=30)
def alexnet_features(answer):
    """answer(groups) -> module from (B, 3, H, W) to (B, 256, h, w), with the shapes and outputs of the paper's net."""
    for groups, shape in [(2, (2, 3, 159, 175)), (1, (1, 3, 175, 159))]:
        same_network(
            build(answer, groups),
            slips.features(groups),
            tensor(shape, seed=groups),
            case=f"groups = {groups}, X of shape {shape}",
            mistakes=slips.of_features(groups),
        )


@exercise("Will it fit?")
def training_memory(answer):
    """answer(params, activations, batch_size) -> bytes: 4 * (3 * params + batch_size * activations)."""
    for params, activations, batch in [(60_965_224, 1_300_000, 128), (1000, 70, 3), (5, 11, 1)]:
        compare(
            run(answer, params, activations, batch),
            4 * (3 * params + batch * activations),
            case=f"{params:,} parameters, {activations:,} activations an image, batch of {batch}",
            mistakes={
                "Those are numbers, not bytes. A float32 takes 4 bytes.": 3 * params + batch * activations,
                "You counted the activations of one image. They must be kept for every image of the batch.": 4
                * (3 * params + activations),
                "You counted the weights once. Each has a gradient and a momentum beside it.": 4
                * (params + batch * activations),
                "The momentum is missing: it is as large as the weights.": 4 * (2 * params + batch * activations),
                "You counted the weights once for each image. The whole batch shares them.": 4
                * batch
                * (3 * params + activations),
                "You left the activations out. They are kept for the backward pass, for every image.": 12 * params,
                "You tripled the activations too. Only parameters have a gradient that stays, and a momentum.": 12
                * (params + batch * activations),
                "You counted bits. A float32 has 32 bits, which are 4 bytes.": 32 * (3 * params + batch * activations),
            },
        )


@exercise("Two towers in one call")
def grouped_conv2d(answer):
    """answer(X, weight, groups) -> as F.conv2d(X, weight, groups=groups)."""
    cases = [(2, (2, 6, 7, 5), 8), (3, (1, 6, 4, 6), 6), (1, (3, 2, 5, 5), 4), (4, (2, 8, 3, 4), 8)]
    for groups, shape, outputs in cases:
        X, weight = tensor(shape, seed=groups), tensor((outputs, shape[1] // groups, 3, 2), seed=outputs)
        compare(
            run(answer, X, weight, groups),
            F.conv2d(X, weight, groups=groups),
            case=f"X of shape {shape}, weight of shape {tuple(weight.shape)}, {groups} groups",
            atol=1e-4,
            mistakes=slips.of_groups(X, weight, groups),
        )


def _network(seed):
    """A net of three layers with weights, with gradients left over from an earlier backward pass."""
    conv, dense = nn.Conv2d(2, 3, 3), nn.Linear(3 * 4 * 3, 5)
    net = nn.Sequential(conv, nn.ReLU(), nn.Conv2d(3, 3, 1), nn.Flatten(), dense)
    with torch.no_grad():
        for number, p in enumerate(net.parameters()):
            p.copy_(tensor(tuple(p.shape), seed=seed + number))
    for number, p in enumerate(net.parameters()):
        p.grad = tensor(tuple(p.shape), seed=seed + 10 + number)
    return net


def _gradients(net, X, y, reduction="mean", clear=True):
    """Gradients by name after a backward pass, which comes on top of the old ones unless `clear`."""
    if clear:
        net.zero_grad()
    F.cross_entropy(net(X), y, reduction=reduction).backward()
    return {name: p.grad for name, p in net.named_parameters()}


def _norms(gradients, keep=lambda name: name.endswith("weight"), norm=torch.linalg.vector_norm):
    return [norm(gradient).item() for name, gradient in gradients.items() if keep(name)]


@exercise("How much does each layer learn?")
def gradient_norms(answer):
    """answer(model, X, y) -> list of the norms of the gradients of all weights, first layer first; no biases."""
    for seed, batch in [(0, 4), (3, 2)]:
        net, X, y = _network(seed), tensor((batch, 2, 6, 5), seed=seed), torch.arange(batch)
        right = _gradients(_network(seed), X, y)
        compare(
            run(answer, as_is(_network(seed)), X, y),
            _norms(right),
            case=f"a net of three layers, {batch} images, gradients left over from before",
            atol=1e-4,
            mistakes={
                "Old gradients were still there, and yours came on top: `model.zero_grad()` first.": _norms(
                    _gradients(_network(seed), X, y, clear=False)
                ),
                "There was no backward pass: those are the old gradients. Call `loss.backward()`.": _norms(
                    {name: p.grad for name, p in net.named_parameters()}
                ),
                "The biases are in your list. Weights only: their names end with 'weight'.": _norms(
                    right, keep=lambda name: True
                ),
                "Those are the biases. Take the weights.": _norms(right, keep=lambda name: name.endswith("bias")),
                "The order is reversed. The first layer comes first.": _norms(right)[::-1],
                "The root is missing: a norm is the root of the sum of squares.": [n**2 for n in _norms(right)],
                "That is the mean of the absolute values. The norm is the root of the sum of squares.": _norms(
                    right, norm=lambda gradient: gradient.abs().mean()
                ),
                "Those are the norms of the weights. Take those of their gradients, `p.grad`.": _norms(
                    {name: p.detach() for name, p in net.named_parameters()}
                ),
                "You added the loss up over the batch. `F.cross_entropy` takes the mean: leave it so.": _norms(
                    _gradients(_network(seed), X, y, reduction="sum")
                ),
            },
        )
