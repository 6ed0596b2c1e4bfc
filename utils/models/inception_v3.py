"""Inception v3, block by block from tables: factorised (3x3 for 5x5) and asymmetric (1x7 and 7x1) convolutions.

Szegedy, Vanhoucke, Ioffe, Shlens, Wojna (2016), "Rethinking the Inception architecture for computer vision", CVPR.
Names of modules are torchvision's, so that state dicts can be exchanged.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ConvBN(nn.Module):
    """Convolution without bias, batch norm, ReLU: X (B, c_in, H, W) -> (B, c_out, H', W')."""

    def __init__(self, c_in, c_out, kernel, stride=1, padding=0):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(c_out, eps=0.001)

    def forward(self, X):
        return F.relu(self.bn(self.conv(X)))


class Mixed(nn.Module):
    """Paths side by side, written as tables: X (B, c_in, H, W) -> (B, out_channels, H', W').

    Args:
        c_in: input channels.
        pool: "average" (3x3, stride 1) or "max" (3x3, stride 2): what `branch_pool` begins with.
        **paths: name of a path -> its steps in order. A step is (c_out, kernel) or (c_out, kernel, stride); stride 1 is
            padded to keep the size, stride 2 is not padded. A list of steps forks: each takes the same input, and their
            outputs are stacked. `branch_pool=[]` passes the pooled input on.
    """

    def __init__(self, c_in, pool, **paths):
        super().__init__()
        self.pool = nn.AvgPool2d(3, 1, padding=1) if pool == "average" else nn.MaxPool2d(3, 2)
        self.paths, self.out_channels = {}, 0
        for name, steps in paths.items():
            self.paths[name], c_out = self._add_path(name, c_in, steps)
            self.out_channels += c_out

    def _add_path(self, name, c_in, steps):
        """Register the steps of one path; returns (names of the modules of each step, output channels)."""
        modules = []
        for i, step in enumerate(steps, 1):
            number = "" if len(steps) == 1 else f"_{i}"
            fork = step if isinstance(step, list) else [step]
            names = [f"{name}{number}{letter}" for letter in ("ab" if len(fork) > 1 else [""])]
            for module, (c_out, kernel, *stride) in zip(names, fork, strict=True):
                self.add_module(module, _same_or_halved(c_in, c_out, kernel, *stride))
            modules.append(names)
            c_in = sum(c_out for c_out, *_ in fork)
        return modules, c_in

    def forward(self, X):
        return torch.cat([self._follow(name, X) for name in self.paths], dim=1)

    def _follow(self, path, X):
        X = self.pool(X) if path == "branch_pool" else X
        for names in self.paths[path]:
            X = (
                torch.cat([getattr(self, name)(X) for name in names], dim=1)
                if len(names) > 1
                else (getattr(self, names[0])(X))
            )
        return X


def _same_or_halved(c_in, c_out, kernel, stride=1):
    height, width = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    return ConvBN(c_in, c_out, (height, width), stride, (height // 2, width // 2) if stride == 1 else 0)


ROW, COLUMN = (1, 7), (7, 1)
SHORT = [(384, (1, 3)), (384, (3, 1))]  # the fork of the last blocks


def block_a(c_in, pooled):
    """35 x 35: the 5x5 stays in one path, the other has two 3x3 in its place."""
    double = [(64, 1), (96, 3), (96, 3)]
    five = [(48, 1), (64, 5)]
    return Mixed(c_in, "average", branch1x1=[(64, 1)], branch5x5=five, branch3x3dbl=double, branch_pool=[(pooled, 1)])


def block_b(c_in):
    """35 to 17, by stride and by pooling side by side."""
    return Mixed(c_in, "max", branch3x3=[(384, 3, 2)], branch3x3dbl=[(64, 1), (96, 3), (96, 3, 2)], branch_pool=[])


def block_c(c_in, width):
    """17 x 17: 7x7 as a row of 7 and a column of 7."""
    seven = [(width, 1), (width, ROW), (192, COLUMN)]
    double = [(width, 1), (width, COLUMN), (width, ROW), (width, COLUMN), (192, ROW)]
    return Mixed(c_in, "average", branch1x1=[(192, 1)], branch7x7=seven, branch7x7dbl=double, branch_pool=[(192, 1)])


def block_d(c_in):
    """17 to 8."""
    seven = [(192, 1), (192, ROW), (192, COLUMN), (192, 3, 2)]
    return Mixed(c_in, "max", branch3x3=[(192, 1), (320, 3, 2)], branch7x7x3=seven, branch_pool=[])


def block_e(c_in):
    """8 x 8: wide, the last 3x3 as a row and a column side by side."""
    double = [(448, 1), (384, 3), SHORT]
    three = [(384, 1), SHORT]
    return Mixed(c_in, "average", branch1x1=[(320, 1)], branch3x3=three, branch3x3dbl=double, branch_pool=[(192, 1)])


class AuxLogits(nn.Module):
    """The auxiliary head on 17 x 17 maps: (B, c_in, 17, 17) -> (B, classes)."""

    def __init__(self, c_in, classes):
        super().__init__()
        self.conv0, self.conv1 = ConvBN(c_in, 128, 1), ConvBN(128, 768, 5)
        self.fc = nn.Linear(768, classes)

    def forward(self, X):
        X = self.conv1(self.conv0(F.avg_pool2d(X, 5, 3)))
        return self.fc(F.adaptive_avg_pool2d(X, 1).flatten(1))


class InceptionV3(nn.Module):
    """Inception v3: X (B, 3, 299, 299) float32 -> logits (B, classes).

    27,161,264 parameters with the auxiliary head, 23,834,568 without.

    Args:
        classes: number of logits.
        auxiliary: add the auxiliary head. In training mode the net then returns (logits, the head's logits).
        dropout: probability in front of the last layer.
    """

    def __init__(self, classes=1000, auxiliary=True, dropout=0.5):
        super().__init__()
        self.Conv2d_1a_3x3, self.Conv2d_2a_3x3 = ConvBN(3, 32, 3, 2), ConvBN(32, 32, 3)
        self.Conv2d_2b_3x3 = ConvBN(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1, self.Conv2d_4a_3x3 = ConvBN(64, 80, 1), ConvBN(80, 192, 3)
        self.Mixed_5b, self.Mixed_5c, self.Mixed_5d = block_a(192, 32), block_a(256, 64), block_a(288, 64)
        self.Mixed_6a, self.Mixed_6b = block_b(288), block_c(768, 128)
        self.Mixed_6c, self.Mixed_6d, self.Mixed_6e = block_c(768, 160), block_c(768, 160), block_c(768, 192)
        self.AuxLogits = AuxLogits(768, classes) if auxiliary else None
        self.Mixed_7a, self.Mixed_7b, self.Mixed_7c = block_d(768), block_e(1280), block_e(2048)
        self.dropout, self.fc = nn.Dropout(dropout), nn.Linear(2048, classes)

    def forward(self, X):
        X = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(X)))
        X = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(F.max_pool2d(X, 3, 2)))
        X = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(F.max_pool2d(X, 3, 2))))
        X = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(X)))))
        second = self.AuxLogits(X) if self.AuxLogits is not None and self.training else None
        X = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(X)))
        logits = self.fc(self.dropout(F.adaptive_avg_pool2d(X, 1).flatten(1)))
        return logits if second is None else (logits, second)
