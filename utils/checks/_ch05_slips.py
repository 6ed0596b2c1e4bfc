"""What learners get wrong in chapter 05, as code: nets and values that the checks recognise."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.models.alexnet import ONE_WEIRD_TRICK, PAPER


def features(groups, cut=(2, 4, 5), widths=PAPER, pool=(3, 2), pools=(1, 2, 5), unpadded=0, relus=5):
    """AlexNet's convolutions, ReLUs and poolings, right by default.

    Args:
        groups: towers.
        cut: convolutions that are cut into towers, counted from 1.
        widths: output channels.
        pool: window and stride of the pooling.
        pools: convolutions with a pooling behind them.
        unpadded: the convolution without padding (0: none).
        relus: how many of the convolutions have a ReLU behind them.
    """
    layers, inputs = [], 3
    for number, (outputs, kernel, padding) in enumerate(zip(widths, (11, 5, 3, 3, 3), (2, 2, 1, 1, 1), strict=True), 1):
        padding, parts = padding * (number != unpadded), groups if number in cut else 1
        layers.append(nn.Conv2d(inputs, outputs, kernel, 4 if number == 1 else 1, padding, groups=parts))
        layers += [nn.ReLU()] * (number <= relus) + [nn.MaxPool2d(*pool)] * (number in pools)
        inputs = outputs
    return nn.Sequential(*layers)


def of_features(groups):
    """Message -> function that builds the wrong net."""
    options = {
        "You cut conv3 as well. It is where the two towers meet: it sees all 256 maps.": {"cut": (2, 3, 4, 5)},
        "The towers are missing: conv2, conv4 and conv5 take `groups=groups`.": {"cut": ()},
        "Your net is always cut in two. Use the argument `groups`.": {"groups": 2},
        "Your pooling does not overlap: its window is 3 x 3, its stride 2.": {"pool": (2, 2)},
        "Your pooling has stride 3. A bare MaxPool2d(3) moves by its own size; the stride is 2.": {"pool": (3, 3)},
        "conv1 lacks its padding of 2.": {"unpadded": 1},
        "conv2 lacks its padding of 2, so its maps lose their border.": {"unpadded": 2},
        "The last pooling is missing: it comes after conv5.": {"pools": (1, 2)},
        "There is no ReLU after conv5. Each of the five convolutions has one.": {"relus": 4},
        "Those are torchvision's widths. The paper has 96, 256, 384, 384, 256.": {"widths": ONE_WEIRD_TRICK},
    }
    nets = {message: lambda wrong=wrong: features(**{"groups": groups, **wrong}) for message, wrong in options.items()}
    flat = "You flattened the maps. That comes after the convolutions: return (B, 256, h, w)."
    return nets | {flat: lambda: nn.Sequential(features(groups), nn.Flatten())}


def by_groups(X, weight, groups, join=torch.cat):
    """The outputs of each group's convolution, joined along the channels."""
    pairs = zip(X.chunk(groups, 1), weight.chunk(groups, 0), strict=True)
    return join([F.conv2d(x, w) for x, w in pairs], 1)


def of_groups(X, weight, groups):
    """Message -> wrong grouped convolution of X (B, C, H, W) with weight (Cout, C / groups, K, L)."""
    same_kernels = [F.conv2d(x, weight[: len(weight) // groups]) for x in X.chunk(groups, 1)]
    scattered = [F.conv2d(X[:, g::groups], weight[g::groups]) for g in range(groups)]
    return {
        "The outputs of the groups stand in the wrong order. The first group's come first.": by_groups(
            X, weight, groups, lambda parts, dim: torch.cat(parts[::-1], dim)
        ),
        "You took every n-th channel. A group is a block of neighbours: the first half, the second half.": torch.cat(
            scattered, 1
        ),
        "You added the groups up. Their outputs stand one behind the other: `torch.cat`.": by_groups(
            X, weight, groups, lambda parts, dim: sum(parts)
        ),
        "You stacked the groups in a new dimension. Join them along the channels: `torch.cat(..., 1)`.": by_groups(
            X, weight, groups, torch.stack
        ),
        "You joined the groups along the batch. The channels are dimension 1.": by_groups(
            X, weight, groups, lambda parts, dim: torch.cat(parts, 0)
        ),
        "Every group worked on the first block of channels. Each has its own.": F.conv2d(
            X[:, : weight.shape[1]], weight
        ),
        "Every group used the first block of kernels. Each has its own.": torch.cat(same_kernels, 1),
    }


def ranked_along_batch(logits, y, k):
    """Top-k error of an answer that ranks the images of each class instead of the classes of each image."""
    best = logits.argsort(0, descending=True)[:k]  # (k, K): the k images with the largest logit of each class
    return (best[:, y] != torch.arange(len(y))).all(0).float().mean().item()
