"""A convnet whose kernels are not learned: a second, small network makes them from a few numbers a layer.

Ha, Dai, Le (2017), "HyperNetworks", ICLR, the static kind, with one dense layer as the maker.
"""

import torch
import torch.nn.functional as F
from torch import nn


class HyperConvNet(nn.Module):
    """Digits by a convnet with made kernels: X (B, channels, H, W) -> logits (B, classes).

    Behind a common first layer stand `layers` convolutions, width to width channels, 3 x 3. Each has a learned code;
    one maker, common to all of them, turns a code into that layer's kernel.

    Args:
        layers: how many convolutions get their kernels from the maker.
        width: channels of each.
        code: numbers that describe a layer.
        channels: of the image.
        classes: number of logits.
    """

    def __init__(self, layers=4, width=12, code=2, channels=1, classes=10):
        super().__init__()
        self.width = width
        self.stem = nn.Conv2d(channels, width, 3, padding=1)
        self.codes = nn.Parameter(torch.randn(layers, code))
        self.maker = nn.Linear(code, width * width * 3 * 3)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(layers))
        self.head = nn.Linear(width, classes)

    def kernels(self, codes=None):
        """Kernels for codes (L, code), by default those of the layers: (L, width, width, 3, 3)."""
        made = self.maker(self.codes if codes is None else codes)
        return made.view(-1, self.width, self.width, 3, 3) / (3 * self.width**0.5)

    def forward(self, X):
        X = F.max_pool2d(F.relu(self.stem(X)), 2)
        for i, (kernel, norm) in enumerate(zip(self.kernels(), self.norms, strict=True)):
            X = F.relu(norm(F.conv2d(X, kernel, padding=1)))
            if i == len(self.norms) // 2 - 1:
                X = F.max_pool2d(X, 2)
        return self.head(X.mean((2, 3)))
