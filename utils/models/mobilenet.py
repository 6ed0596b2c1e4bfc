"""MobileNet: convolutions split in two, one that looks around in each channel and one that mixes the channels.

Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam (2017), "MobileNets: efficient convolutional neural
networks for mobile vision applications", arXiv:1704.04861 (version 1); Sandler, Howard, Zhu, Zhmoginov, Chen (2018),
"MobileNetV2: inverted residuals and linear bottlenecks", CVPR.
"""

from functools import partial

from torch import nn

from utils.models.resnet import conv, kaiming


def step(c_in, c_out, kernel, stride=1, groups=1, activation=nn.ReLU6):
    """Convolution, batch norm and activation (nn.Sequential), padded so that stride 1 keeps the size."""
    return nn.Sequential(conv(c_in, c_out, kernel, stride, groups), nn.BatchNorm2d(c_out), activation())


def depthwise_separable(c_in, c_out, stride=1):
    """A 3 x 3 in each channel by itself, then a 1 x 1 across the channels: X (B, c_in, H, W) -> (B, c_out, ...)."""
    depthwise = step(c_in, c_in, 3, stride, groups=c_in, activation=nn.ReLU)
    return nn.Sequential(depthwise, step(c_in, c_out, 1, activation=nn.ReLU))


# output channels and stride of each pair, behind the first convolution: table 1 of the paper of 2017
V1 = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))


class MobileNetV1(nn.Module):
    """One convolution, thirteen depthwise separable ones, one dense layer: X (B, 3, 224, 224) -> logits (B, classes).

    Args:
        plan: output channels and stride of each pair.
        classes: number of logits.
    """

    def __init__(self, plan=V1, classes=1000):
        super().__init__()
        layers, c_in = [step(3, 32, 3, 2, activation=nn.ReLU)], 32
        for c_out, stride in plan:
            layers.append(depthwise_separable(c_in, c_out, stride))
            c_in = c_out
        self.features, self.classifier = nn.Sequential(*layers), nn.Linear(c_in, classes)
        self.apply(kaiming)

    def forward(self, X):
        return self.classifier(self.features(X).mean((2, 3)))


class InvertedResidual(nn.Module):
    """1 x 1 up, depthwise 3 x 3, 1 x 1 down without activation: X (B, c_in, H, W) -> (B, c_out, ...).

    The input is added where its shape is the output's. Narrow outside and wide inside, so the inverse of ResNet's
    bottleneck.

    Args:
        c_in, c_out: input and output channels.
        stride: of the depthwise convolution.
        expansion: how many times c_in the inside has; 1 leaves the first 1 x 1 out.
    """

    def __init__(self, c_in, c_out, stride=1, expansion=6):
        super().__init__()
        inner = c_in * expansion
        widen = [step(c_in, inner, 1)] if expansion > 1 else []
        depthwise = step(inner, inner, 3, stride, groups=inner)
        self.conv = nn.Sequential(*widen, depthwise, conv(inner, c_out, 1), nn.BatchNorm2d(c_out))
        self.residual = stride == 1 and c_in == c_out

    def forward(self, X):
        return X + self.conv(X) if self.residual else self.conv(X)


# expansion, output channels, blocks, stride of the first of them: table 2 of the paper of 2018
V2 = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


class MobileNetV2(nn.Module):
    """One convolution, inverted residuals, a 1 x 1, one dense layer: X (B, 3, H, W) float32 -> logits (B, classes).

    With the defaults, for images of 224 x 224, the state dict is torchvision's mobilenet_v2.

    Args:
        plan: rows of `V2`.
        width, last: channels of the first convolution and of the last 1 x 1.
        classes: number of logits.
        dropout: probability in front of the last layer.
    """

    def __init__(self, plan=V2, width=32, last=1280, classes=1000, dropout=0.2):
        super().__init__()
        layers, c_in = [step(3, width, 3, 2)], width
        for expansion, c_out, depth, first_stride in plan:
            for i in range(depth):
                layers.append(InvertedResidual(c_in, c_out, 1 if i else first_stride, expansion))
                c_in = c_out
        self.features = nn.Sequential(*layers, step(c_in, last, 1))
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(last, classes))
        self.apply(kaiming)

    def forward(self, X):
        return self.classifier(self.features(X).mean((2, 3)))


# the same for images of 32 x 32
_SMALL = ((1, 16, 1, 1), (4, 24, 2, 1), (4, 48, 2, 2), (4, 96, 1, 2))
mobilenet_small = partial(MobileNetV2, _SMALL, width=16, last=256, classes=10)
