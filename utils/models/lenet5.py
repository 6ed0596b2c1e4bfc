"""LeNet-5 as it was published in 1998: trainable subsampling, a partial C3, and outputs that compare with bitmaps.

LeCun, Bottou, Bengio, Haffner (1998), "Gradient-based learning applied to document recognition", Proceedings of the
IEEE 86(11); equations and tables below are numbered as there. Two things differ. The paper trains by stochastic
diagonal Levenberg-Marquardt, the course by Adam (tools/train_weights.py). The paper's bitmaps are not published as
numbers: `_characters.py` holds ours.
"""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

from ._characters import bitmaps

PAPER, INK = -0.1, 1.175  # the paper's pixel values: MNIST then has mean 0 and variance 1, roughly
# Table I: the maps of S2 that each of the 16 maps of C3 sees.
C3_TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)


class ScaledTanh(nn.Module):
    """The paper's squashing function, X of any shape -> 1.7159 tanh(2 X / 3): f(1) = 1 and f(-1) = -1."""

    def forward(self, X):
        return 1.7159 * torch.tanh(X * (2 / 3))


class Subsampling(nn.Module):
    """S2 and S4: X (B, channels, H, W) -> (B, channels, H // 2, W // 2).

    The sum of each 2 x 2 window, times a trainable coefficient, plus a trainable bias, one of each for a channel. It
    starts as average pooling: coefficient 1/4, bias 0.
    """

    def __init__(self, channels):
        super().__init__()
        self.coefficient = nn.Parameter(torch.full((channels, 1, 1), 0.25))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, X):
        return 4 * F.avg_pool2d(X, 2) * self.coefficient + self.bias


class PartialConv2d(nn.Module):
    """C3: each output map sees some of the input maps, X (B, C, H, W) -> (B, len(table), H - K + 1, W - K + 1).

    Args:
        table: for each output map, the numbers of the input maps that it sees.
        channels: C, the number of input maps.
        kernel_size: K, side of the square kernels.

    Only the kernels of connections in the table exist: `kernels` (connections, K, K), row after row of the table.

    Raises:
        ValueError: the table names an input map that there is not, or one of them twice in a row.
    """

    def __init__(self, table, channels, kernel_size):
        super().__init__()
        for number, row in enumerate(table):
            if len(set(row)) != len(row) or not all(0 <= seen < channels for seen in row):
                raise ValueError(f"Row {number} of the table must name different maps from 0 to {channels - 1}: {row}.")
        self.shape = (len(table), channels, kernel_size, kernel_size)
        pairs = [(number, seen) for number, row in enumerate(table) for seen in row]
        self.register_buffer("pairs", torch.tensor(pairs).T, persistent=False)  # (2, connections)
        self.kernels = nn.Parameter(torch.empty(len(pairs), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.empty(len(table)))

    def weight(self):
        """The kernels as an ordinary convolution has them, zero where there is no connection: (Cout, C, K, K)."""
        return self.kernels.new_zeros(self.shape).index_put(tuple(self.pairs), self.kernels)

    def forward(self, X):
        return F.conv2d(X, self.weight(), self.bias)


class RBF(nn.Module):
    """The output layer, X (B, 84) -> minus the squared distances to the ten bitmaps, (B, 10) (equation 7).

    The paper gives the distances, and the smallest one wins. Here they are negative, so that the largest one does, as
    with logits. The bitmaps are no parameters: they stay as they were drawn.
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("centres", bitmaps().flatten(1), persistent=False)

    def forward(self, X):
        return -(X[:, None] - self.centres).square().sum(2)


def map_loss(outputs, y, j=10.0):
    """Equation 9, maximum a posteriori: mean of y_D + log(exp(-j) + sum_i exp(-y_i)), where y_i are the distances.

    It pulls the right class's distance down and pushes the wrong ones up, but only those that are not much larger
    than `j`: as if an eleventh class, "no digit at all", always had the distance j. Cross-entropy is the limit of a
    large j.

    Args:
        outputs: (B, 10), minus the distances y_i, as `RBF` gives them.
        y: int64 (B,), the labels D.
        j: the paper's positive constant, whose value it does not give.

    Returns:
        scalar tensor.
    """
    rubbish = outputs.new_full((len(outputs), 1), -j)
    return F.cross_entropy(torch.cat([outputs, rubbish], 1), y)


class LeNet5(nn.Sequential):
    """LeNet-5 of 1998: X (B, 1, size, size) float32, from -0.1 (paper) to 1.175 (ink) -> minus distances (B, 10).

    `split.scaled(PAPER, INK)` gives such images. 156 + 12 + 1,516 + 32 + 48,120 + 10,164 = 60,000 parameters, all
    trainable; they start uniform in +-2.4 / (number of inputs), as in the paper.

    Args:
        size: 32 takes the paper's field as it is; 28 is padded by 2 pixels of paper.

    Raises:
        ValueError: another size.
    """

    def __init__(self, size=28):
        if size not in (28, 32):
            raise ValueError(f"The LeNet-5 of 1998 reads 28 x 28 or 32 x 32 pixels, not size={size!r}.")
        layers = [
            ("c1", nn.Conv2d(1, 6, 5)),
            ("act1", ScaledTanh()),
            ("s2", Subsampling(6)),
            ("act2", ScaledTanh()),
            ("c3", PartialConv2d(C3_TABLE, 6, 5)),
            ("act3", ScaledTanh()),
            ("s4", Subsampling(16)),
            ("act4", ScaledTanh()),
            ("c5", nn.Conv2d(16, 120, 5)),
            ("act5", ScaledTanh()),
            ("flatten", nn.Flatten()),
            ("f6", nn.Linear(120, 84)),
            ("act6", ScaledTanh()),
            ("output", RBF()),
        ]
        super().__init__(OrderedDict([("pad", nn.ConstantPad2d((32 - size) // 2, PAPER)), *layers]))
        self._initialise()

    def _initialise(self):
        fan_in = {"c1": 25, "c5": 400, "f6": 120}
        for name, inputs in fan_in.items():
            layer = getattr(self, name)
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -2.4 / inputs, 2.4 / inputs)
        with torch.no_grad():  # in C3 the number of inputs differs from map to map
            inputs = 25 * torch.tensor([float(len(row)) for row in C3_TABLE])
            self.c3.bias.copy_((2 * torch.rand(16) - 1) * 2.4 / inputs)
            limits = (2.4 / inputs)[self.c3.pairs[0], None, None]
            self.c3.kernels.copy_((2 * torch.rand(60, 5, 5) - 1) * limits)
