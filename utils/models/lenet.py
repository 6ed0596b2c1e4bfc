"""Networks that read digits: an MLP to compare with, a small convnet, and LeNet as it is written today.

LeNet: LeCun, Bottou, Bengio, Haffner (1998), "Gradient-based learning applied to document recognition",
Proceedings of the IEEE. The modern form keeps the paper's sizes (6, 16, 120, 84, 10) and replaces its trainable
subsampling by pooling, its partial C3 table by full connections, and its RBF output by a linear layer.
"""

from collections import OrderedDict

from torch import nn


class MLP(nn.Sequential):
    """Fully connected network: X (B, 1, 28, 28) float32 -> logits (B, classes)."""

    def __init__(self, pixels=28 * 28, hidden=128, classes=10):
        super().__init__(
            OrderedDict(
                flatten=nn.Flatten(),
                hidden=nn.Linear(pixels, hidden),
                relu=nn.ReLU(),
                output=nn.Linear(hidden, classes),
            )
        )


class SmallConvNet(nn.Sequential):
    """Two convolutions, two poolings, one dense layer: X (B, channels, 28, 28) float32 -> logits (B, classes).

    320 + 18,496 + 16,010 = 34,826 parameters for grey digits.
    """

    def __init__(self, channels=1, classes=10, dropout=0.5):
        super().__init__(
            OrderedDict(
                conv1=nn.Conv2d(channels, 32, 3),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(2),
                conv2=nn.Conv2d(32, 64, 3),
                relu2=nn.ReLU(),
                pool2=nn.MaxPool2d(2),
                flatten=nn.Flatten(),
                dropout=nn.Dropout(dropout),
                output=nn.Linear(64 * 5 * 5, classes),
            )
        )


class LeNet(nn.Sequential):
    """Modern LeNet: X (B, channels, size, size) float32 -> logits (B, classes).

    Args:
        channels: 1 for grey images, 3 for colour.
        classes: number of logits.
        size: side of the square input. 28 is padded by 2 to the 32 of the paper; 32 is taken as it is.
        padding: zeros on each side before C1; by default what brings `size` to 32. `size=28, padding=0` is the
            unpadded variant with 44,426 parameters.
        activation: class of the nonlinearity, nn.ReLU or the paper's nn.Tanh.
        pool: class of the pooling, nn.MaxPool2d or nn.AvgPool2d (closer to the paper).
        batch_norm: put batch normalisation between each convolution or dense layer and its nonlinearity.

    61,706 parameters with the defaults.

    Raises:
        ValueError: the input is too small for two convolutions and two poolings.
    """

    def __init__(
        self, channels=1, classes=10, size=28, padding=None, activation=nn.ReLU, pool=nn.MaxPool2d, batch_norm=False
    ):
        padding = max(0, (32 - size) // 2) if padding is None else padding
        side = _side_after_s4(size, padding)

        def stage(name, layer):
            number, norm = name[1:], nn.BatchNorm1d if isinstance(layer, nn.Linear) else nn.BatchNorm2d
            features = layer.weight.shape[0]
            return [
                (name, layer),
                *([(f"bn{number}", norm(features))] if batch_norm else []),
                (f"act{number}", activation()),
            ]

        layers = [
            *stage("c1", nn.Conv2d(channels, 6, 5, padding=padding)),
            ("s2", pool(2)),
            *stage("c3", nn.Conv2d(6, 16, 5)),
            ("s4", pool(2)),
            ("flatten", nn.Flatten()),
            *stage("c5", nn.Linear(16 * side * side, 120)),
            *stage("f6", nn.Linear(120, 84)),
            ("output", nn.Linear(84, classes)),
        ]
        super().__init__(OrderedDict(layers))


def _side_after_s4(size, padding):
    side = ((size + 2 * padding - 4) // 2 - 4) // 2
    if side < 1:
        raise ValueError(f"An image of {size} pixels, padded by {padding}, ends before S4. Use 16 pixels or more.")
    return side


def lenet_bn(**options):
    """LeNet with batch normalisation (chapter 08): the options and shapes of `LeNet`."""
    return LeNet(batch_norm=True, **options)
