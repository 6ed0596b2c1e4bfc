"""Squeeze and excitation: a gate on each channel, computed from the whole picture, and ResNets that carry it.

Hu, Shen, Sun (2018), "Squeeze-and-excitation networks", CVPR.
"""

from functools import partial

from torch import nn

from utils.models.resnet import CifarResNet, published


class SqueezeExcitation(nn.Module):
    """Scale each channel by a number in (0, 1): X (B, channels, H, W) -> the same shape.

    Squeeze: the mean of each channel. Excite: dense, ReLU, dense, sigmoid. Scale: multiply. The dense layers are 1 x 1
    convolutions on 1 x 1 maps, as in torchvision.

    Args:
        channels: of the input.
        reduction: the hidden layer has channels // reduction units, at least one.

    Raises:
        ValueError: a reduction below 1.
    """

    def __init__(self, channels, reduction=16):
        super().__init__()
        if reduction < 1:
            raise ValueError(f"reduction must be at least 1, not {reduction}. The paper uses 16.")
        hidden = max(1, channels // reduction)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1, self.activation = nn.Conv2d(channels, hidden, 1), nn.ReLU()
        self.fc2, self.scale_activation = nn.Conv2d(hidden, channels, 1), nn.Sigmoid()

    def excitation(self, X):
        """The gates of X: (B, channels, 1, 1), each in (0, 1)."""
        return self.scale_activation(self.fc2(self.activation(self.fc1(self.avgpool(X)))))

    def forward(self, X):
        return X * self.excitation(X)


def se_resnet(name, reduction=16, **options):
    """A published ResNet with a gate in each block (options and shapes of `ResNet`)."""
    return published(name, gate=partial(SqueezeExcitation, reduction=reduction), **options)


def cifar_se_resnet(depth, reduction=16, **options):
    """A ResNet for 32 x 32 images with a gate in each block (options and shapes of `CifarResNet`)."""
    return CifarResNet(depth, gate=partial(SqueezeExcitation, reduction=reduction), **options)


se_resnet18, se_resnet50 = partial(se_resnet, "resnet18"), partial(se_resnet, "resnet50")
se_resnet8, se_resnet20 = partial(cifar_se_resnet, 8), partial(cifar_se_resnet, 20)
