"""A convolutional autoencoder for digits: 784 pixels to a short code, and back.

Hinton and Salakhutdinov (2006), "Reducing the dimensionality of data with neural networks", Science; with convolutions
on the way down and transposed convolutions on the way up.
"""

from collections import OrderedDict

from torch import nn


class Autoencoder(nn.Sequential):
    """X (B, 1, 28, 28) float32 in [0, 1] -> the same shape, rebuilt from `code` numbers for each image.

    `model.encoder` gives the codes (B, code), `model.decoder` makes images (B, 1, 28, 28) in [0, 1] of codes.

    Args:
        code: numbers that an image is squeezed to.
        channels: feature maps of 14 x 14 and of 7 x 7 pixels.
        hidden: units between the last feature maps and the code, and on the way back.

    218,113 parameters with the defaults.

    Raises:
        ValueError: the code has no numbers.
    """

    def __init__(self, code=16, channels=(16, 32), hidden=64):
        if code < 1:
            raise ValueError(f"code must be 1 or more, not {code}: from no number nothing can be rebuilt.")
        super().__init__(
            OrderedDict(encoder=_encoder(code, channels, hidden), decoder=_decoder(code, channels, hidden))
        )


def _encoder(code, channels, hidden):
    """(B, 1, 28, 28) -> (B, code): each convolution halves the side."""
    first, second = channels
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, first, 3, stride=2, padding=1),
            bn1=nn.BatchNorm2d(first),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(first, second, 3, stride=2, padding=1),
            bn2=nn.BatchNorm2d(second),
            relu2=nn.ReLU(),
            flatten=nn.Flatten(),
            dense=nn.Linear(second * 7 * 7, hidden),
            bn3=nn.BatchNorm1d(hidden),
            relu3=nn.ReLU(),
            code=nn.Linear(hidden, code),
        )
    )


def _decoder(code, channels, hidden):
    """(B, code) -> (B, 1, 28, 28): each transposed convolution doubles the side."""
    first, second = channels
    return nn.Sequential(
        OrderedDict(
            dense=nn.Linear(code, hidden),
            bn1=nn.BatchNorm1d(hidden),
            relu1=nn.ReLU(),
            expand=nn.Linear(hidden, second * 7 * 7),
            relu2=nn.ReLU(),
            unflatten=nn.Unflatten(1, (second, 7, 7)),
            up1=nn.ConvTranspose2d(second, first, 4, stride=2, padding=1),
            bn2=nn.BatchNorm2d(first),
            relu3=nn.ReLU(),
            up2=nn.ConvTranspose2d(first, 1, 4, stride=2, padding=1),
            pixels=nn.Sigmoid(),
        )
    )
