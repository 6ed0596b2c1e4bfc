"""ShuffleNet: cheap branches over parts of the channels, and a shuffle so that the parts meet.

Zhang, Zhou, Lin, Sun (2018), "ShuffleNet: an extremely efficient convolutional neural network for mobile devices", CVPR
(the channel shuffle); Ma, Zhang, Zheng, Sun (2018), "ShuffleNet V2: practical guidelines for efficient CNN architecture
design", ECCV (the net that is built here).
"""

from functools import partial

import torch
from torch import nn

from utils.models.mobilenet import step
from utils.models.resnet import conv, kaiming


def channel_shuffle(X, groups):
    """Deal the channels out: group by group they come in, one of each group in turn they go out.

    X (B, C, H, W) with C a multiple of `groups` -> the same shape; six channels in two groups become 0 3 1 4 2 5.
    """
    B, C, H, W = X.shape
    return X.view(B, groups, C // groups, H, W).transpose(1, 2).reshape(B, C, H, W)


class ShuffleUnit(nn.Module):
    """The unit of version 2: X (B, c_in, H, W) -> (B, c_out, H, W), or half the side with stride 2.

    With stride 1 one half of the channels passes by and the other goes through 1 x 1, depthwise 3 x 3, 1 x 1. With
    stride 2 all channels go through both branches. Stacked and shuffled at the end.

    Args:
        c_in, c_out: input and output channels, even; equal with stride 1.
        stride: 1 or 2.

    Raises:
        ValueError: the channels do not fit.
    """

    def __init__(self, c_in, c_out, stride):
        super().__init__()
        if c_out % 2 or (stride == 1 and c_in != c_out):
            raise ValueError(
                f"c_out must be even, and with stride 1 equal to c_in: half the channels pass by. Not c_in={c_in}, "
                f"c_out={c_out}, stride={stride}."
            )
        half, entering = c_out // 2, c_in if stride > 1 else c_out // 2
        self.stride = stride
        if stride > 1:
            self.branch1 = nn.Sequential(*depthwise(c_in, stride), *step(c_in, half, 1, activation=nn.ReLU))
        self.branch2 = nn.Sequential(
            *step(entering, half, 1, activation=nn.ReLU),
            *depthwise(half, stride),
            *step(half, half, 1, activation=nn.ReLU),
        )

    def forward(self, X):
        left, right = X.chunk(2, dim=1) if self.stride == 1 else (self.branch1(X), X)
        return channel_shuffle(torch.cat([left, self.branch2(right)], dim=1), groups=2)


def depthwise(channels, stride):
    """A 3 x 3 in each channel by itself and batch norm, no activation (list of layers)."""
    return [conv(channels, channels, 3, stride, groups=channels), nn.BatchNorm2d(channels)]


class ShuffleNetV2(nn.Module):
    """Stem, three stages of units, a 1 x 1, one dense layer: X (B, 3, H, W) float32 -> logits (B, classes).

    With the defaults, for images of 224 x 224, the state dict is torchvision's shufflenet_v2_x1_0.

    Args:
        depths: units of each stage; the first of each halves the side.
        widths: channels of the stem, of each stage, and of the last 1 x 1.
        small_images: for 32 x 32: no pooling in the stem.
        classes: number of logits.
    """

    def __init__(self, depths=(4, 8, 4), widths=(24, 116, 232, 464, 1024), small_images=False, classes=1000):
        super().__init__()
        c_in, *stages, last = widths
        self.conv1 = step(3, c_in, 3, 2, activation=nn.ReLU)
        self.maxpool = nn.Identity() if small_images else nn.MaxPool2d(3, 2, padding=1)
        self.stages = [f"stage{i}" for i in range(2, 2 + len(depths))]
        for name, depth, c_out in zip(self.stages, depths, stages, strict=True):
            units = [ShuffleUnit(c_out if i else c_in, c_out, 1 if i else 2) for i in range(depth)]
            self.add_module(name, nn.Sequential(*units))
            c_in = c_out
        self.conv5, self.fc = step(c_in, last, 1, activation=nn.ReLU), nn.Linear(last, classes)
        self.apply(kaiming)

    def forward(self, X):
        X = self.maxpool(self.conv1(X))
        for name in self.stages:
            X = getattr(self, name)(X)
        return self.fc(self.conv5(X).mean((2, 3)))


shufflenet_v2_x1_0 = ShuffleNetV2
shufflenet_small = partial(ShuffleNetV2, (3, 3), (24, 64, 128, 256), small_images=True, classes=10)
