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
        self,
        channels=1,
        classes=10,
        size=28,
        padding=None,
        activation=nn.ReLU,
        pool=nn.MaxPool2d,
        batch_norm=False,
    ):
        padding = max(0, (32 - size) // 2) if padding is None else padding
        side = ((size + 2 * padding - 4) // 2 - 4) // 2
        if side < 1:
            raise ValueError(f"size={size} with padding={padding} leaves nothing after S4; LeNet needs 16 or more pixels.")

        def norm(name, features, kind):
            return [(name, kind(features))] if batch_norm else []

        super().__init__(
            OrderedDict(
                [
                    ("c1", nn.Conv2d(channels, 6, 5, padding=padding)),
                    *norm("bn1", 6, nn.BatchNorm2d),
                    ("act1", activation()),
                    ("s2", pool(2)),
                    ("c3", nn.Conv2d(6, 16, 5)),
                    *norm("bn3", 16, nn.BatchNorm2d),
                    ("act3", activation()),
                    ("s4", pool(2)),
                    ("flatten", nn.Flatten()),
                    ("c5", nn.Linear(16 * side * side, 120)),
                    *norm("bn5", 120, nn.BatchNorm1d),
                    ("act5", activation()),
                    ("f6", nn.Linear(120, 84)),
                    *norm("bn6", 84, nn.BatchNorm1d),
                    ("act6", activation()),
                    ("output", nn.Linear(84, classes)),
                ]
            )
        )


def lenet_bn(**options):
    """LeNet with batch normalisation (chapter 08): the options and shapes of `LeNet`."""
    return LeNet(batch_norm=True, **options)
