"""DenseNet: every layer reads what all layers before it in its block have made.

Huang, Liu, van der Maaten, Weinberger (2017), "Densely connected convolutional networks", CVPR.
"""

from collections import OrderedDict
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from utils.models.resnet import conv, kaiming

BOTTLENECK = 4  # the 1 x 1 of a layer gives so many times the channels that the layer adds


class DenseLayer(nn.Sequential):
    """Batch norm, ReLU, 1 x 1 to 4 growth channels; batch norm, ReLU, 3 x 3 to growth: X (B, c_in, H, W) ->
    (B, growth, H, W), the new channels alone."""

    def __init__(self, c_in, growth):
        inner = BOTTLENECK * growth
        super().__init__(
            OrderedDict(
                norm1=nn.BatchNorm2d(c_in),
                relu1=nn.ReLU(),
                conv1=conv(c_in, inner, 1),
                norm2=nn.BatchNorm2d(inner),
                relu2=nn.ReLU(),
                conv2=conv(inner, growth, 3),
            )
        )


class DenseBlock(nn.Module):
    """`depth` layers, each given the input and all that was made before: X (B, c_in, H, W) -> (B, out_channels, H, W).

    Args:
        c_in: input channels.
        growth: channels that each layer adds (the paper's k).
        depth: layers.

    Attributes:
        out_channels: c_in + depth * growth; the input comes first, then the layers' channels in their order.
    """

    def __init__(self, c_in, growth, depth):
        super().__init__()
        for i in range(depth):
            self.add_module(f"denselayer{i + 1}", DenseLayer(c_in + i * growth, growth))
        self.out_channels = c_in + depth * growth

    def forward(self, X):
        for layer in self.children():
            X = torch.cat([X, layer(X)], dim=1)
        return X


class Transition(nn.Sequential):
    """Between two blocks: batch norm, ReLU, 1 x 1, 2 x 2 average pooling, X (B, c_in, H, W) -> (B, c_out, H/2, W/2)."""

    def __init__(self, c_in, c_out):
        norm, pool = nn.BatchNorm2d(c_in), nn.AvgPool2d(2)
        super().__init__(OrderedDict(norm=norm, relu=nn.ReLU(), conv=conv(c_in, c_out, 1), pool=pool))


class DenseNet(nn.Module):
    """Stem, dense blocks with transitions between them, one dense layer: X (B, 3, H, W) float32 -> logits (B, classes).

    With the defaults, for images of 224 x 224, the state dict is torchvision's densenet121.

    Args:
        growth: channels that each layer adds.
        depths: layers of each block; a transition halves the channels and the side behind each but the last.
        width: channels of the stem.
        small_images: for 32 x 32: a 3 x 3 of stride 2 is the whole stem, in place of 7 x 7 and pooling.
        classes: number of logits.
    """

    def __init__(self, growth=32, depths=(6, 12, 24, 16), width=64, small_images=False, classes=1000):
        super().__init__()
        self.features = stem(width, small_images)
        for i, depth in enumerate(depths, 1):
            block = DenseBlock(width, growth, depth)
            self.features.add_module(f"denseblock{i}", block)
            width = block.out_channels
            if i < len(depths):
                self.features.add_module(f"transition{i}", Transition(width, width // 2))
                width //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(width))
        self.classifier = nn.Linear(width, classes)
        self.apply(kaiming)

    def forward(self, X):
        return self.classifier(F.relu(self.features(X)).mean((2, 3)))


def stem(width, small_images):
    """First layers (nn.Sequential): they leave a quarter of the side, of small images a half."""
    if small_images:
        return nn.Sequential(OrderedDict(conv0=conv(3, width, 3, 2)))
    first = nn.Conv2d(3, width, 7, 2, padding=3, bias=False)
    rest = {"norm0": nn.BatchNorm2d(width), "relu0": nn.ReLU(), "pool0": nn.MaxPool2d(3, 2, padding=1)}
    return nn.Sequential(OrderedDict(conv0=first, **rest))


densenet121 = DenseNet
densenet_small = partial(DenseNet, growth=12, depths=(3, 3, 3), width=24, small_images=True, classes=10)
