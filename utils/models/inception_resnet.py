"""Blocks of Inception v4 and of Inception-ResNet, as tables of `inception_v3.Mixed`, and a small residual net of them.

Szegedy, Ioffe, Vanhoucke, Alemi (2017), "Inception-v4, Inception-ResNet and the impact of residual connections on
learning", AAAI. Residual blocks are those of Inception-ResNet v2, with the widths and scales of the authors' published
code (320, 1,088, 2,080), which the figures of the paper do not state without slips.
"""

import torch.nn.functional as F
from torch import nn

from utils.models.inception import halve
from utils.models.inception_v3 import COLUMN, ROW, ConvBN, Mixed

SHORT_ROW, SHORT_COLUMN = (1, 3), (3, 1)


def v4_block_a(c_in=384):
    """35 x 35: every path ends in 96 channels. X (B, c_in, H, W) -> (B, 384, H, W)."""
    double = [(64, 1), (96, 3), (96, 3)]
    three = [(64, 1), (96, 3)]
    return Mixed(c_in, "average", branch1x1=[(96, 1)], branch3x3=three, branch3x3dbl=double, branch_pool=[(96, 1)])


def v4_block_b(c_in=1024):
    """17 x 17: 7x7 as rows and columns. X (B, c_in, H, W) -> (B, 1024, H, W)."""
    seven = [(192, 1), (224, ROW), (256, COLUMN)]
    double = [(192, 1), (192, ROW), (224, COLUMN), (224, ROW), (256, COLUMN)]
    return Mixed(c_in, "average", branch1x1=[(384, 1)], branch7x7=seven, branch7x7dbl=double, branch_pool=[(128, 1)])


def v4_block_c(c_in=1536):
    """8 x 8: rows and columns of 3 side by side. X (B, c_in, H, W) -> (B, 1536, H, W)."""
    fork = [(256, SHORT_ROW), (256, SHORT_COLUMN)]
    double = [(384, 1), (448, SHORT_ROW), (512, SHORT_COLUMN), fork]
    three = [(384, 1), fork]
    return Mixed(c_in, "average", branch1x1=[(256, 1)], branch3x3=three, branch3x3dbl=double, branch_pool=[(256, 1)])


class ResidualMixed(nn.Module):
    """Paths whose stack is brought back to c_in channels, scaled and added: relu(X + scale * project(paths(X))).

    X (B, c_in, H, W) -> (B, c_in, H, W). The projection is a 1x1 convolution with a bias and no activation.

    Args:
        c_in: input and output channels.
        scale: 0.1 to 0.3 in the paper: wide blocks (more than 1,000 channels) died in training without it.
        **paths: as for `inception_v3.Mixed`.
    """

    def __init__(self, c_in, scale, **paths):
        super().__init__()
        self.mixed = Mixed(c_in, "average", **paths)
        self.project = nn.Conv2d(self.mixed.out_channels, c_in, 1)
        self.scale = scale

    def forward(self, X):
        return F.relu(X + self.scale * self.project(self.mixed(X)))


def residual_a(c_in=320, scale=0.17):
    """35 x 35."""
    double = [(32, 1), (48, 3), (64, 3)]
    return ResidualMixed(c_in, scale, branch1x1=[(32, 1)], branch3x3=[(32, 1), (32, 3)], branch3x3dbl=double)


def residual_b(c_in=1088, scale=0.10):
    """17 x 17."""
    return ResidualMixed(c_in, scale, branch1x1=[(192, 1)], branch7x7=[(128, 1), (160, ROW), (192, COLUMN)])


def residual_c(c_in=2080, scale=0.20):
    """8 x 8."""
    three = [(192, 1), (224, SHORT_ROW), (256, SHORT_COLUMN)]
    return ResidualMixed(c_in, scale, branch1x1=[(192, 1)], branch3x3=three)


class SmallInceptionResNet(nn.Sequential):
    """Three residual Inception blocks for 32 x 32 images: X (B, channels, 32, 32) float32 -> logits (B, classes).

    Args:
        classes: number of logits.
        channels: 3 for colour images.
        scale: of the residual sums.
    """

    def __init__(self, classes=10, channels=3, scale=0.3):
        layers, c_in = [ConvBN(channels, 32, 3, padding=1)], 32
        for width in (64, 96, 128):
            quarter = width // 4
            double = [(quarter // 2, 1), (quarter, 3), (quarter, 3)]
            paths = {"branch1x1": [(quarter, 1)], "branch3x3": [(quarter, 1), (quarter, 3)], "branch3x3dbl": double}
            layers += [halve(), ConvBN(c_in, width, 1), ResidualMixed(width, scale, **paths)]
            c_in = width
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, classes))
