"""GoogLeNet and what it is made of: the Inception block of 2014, as its paper has it, and a small net of it.

Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich (2015), "Going deeper with convolutions",
CVPR.
"""

from functools import partial

import torch
from torch import nn

# block -> channels of the paths 1x1; 3x3 (reduced, out); 5x5 (reduced, out); pool
CHANNELS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
# the three blocks of the small net; and with 3x3 paths alone, as many maps for as many multiply-adds (within 1 %)
SMALL = (16, 16, 24, 8, 12, 12), (24, 24, 40, 8, 16, 16), (32, 32, 64, 8, 16, 16)
SMALL_3X3 = (0, 12, 64, 0, 0, 0), (0, 18, 96, 0, 0, 0), (0, 24, 128, 0, 0, 0)


def conv(c_in, c_out, kernel, stride=1, padding=None, batch_norm=False):
    """Convolution and ReLU, padded so that stride 1 keeps the size; batch norm between them takes over the bias."""
    padding = kernel // 2 if padding is None else padding
    layers = [nn.Conv2d(c_in, c_out, kernel, stride, padding, bias=not batch_norm)]
    return nn.Sequential(*layers, *([nn.BatchNorm2d(c_out)] if batch_norm else []), nn.ReLU())


def halve():
    """Max pooling 3x3 with stride 2: half the height and width, rounded up."""
    return nn.MaxPool2d(3, 2, padding=1)


class InceptionBlock(nn.Module):
    """Four paths side by side, stacked: X (B, c_in, H, W) -> (B, out_channels, H, W).

    Args:
        c_in: input channels.
        channels: (a, b1, b2, c1, c2, d): path 1 is a 1x1 to a; path 2 a 1x1 to b1 and a 3x3 to b2; path 3 a 1x1 to c1
            and a 5x5 to c2; path 4 a 3x3 max pooling of stride 1 and a 1x1 to d. A path of 0 channels is left out.
        batch_norm: put batch normalisation between convolution and ReLU, as in version 2.
        factorised: two 3x3 in place of the 5x5, as in version 2; the first of them widens to c2.

    Attributes:
        out_channels: a + b2 + c2 + d.

    Raises:
        ValueError: no path is left.
    """

    def __init__(self, c_in, channels, batch_norm=False, factorised=False):
        super().__init__()
        a, b1, b2, c1, c2, d = channels
        if not a + b2 + c2 + d:
            raise ValueError(f"channels={channels} leaves no path. Give at least one path some channels.")
        step = partial(conv, batch_norm=batch_norm)

        paths = {}
        if a:
            paths["path1"] = step(c_in, a, 1)
        if b2:
            paths["path2"] = nn.Sequential(step(c_in, b1, 1), step(b1, b2, 3))
        if c2:
            five = [step(c1, c2, 3), step(c2, c2, 3)] if factorised else [step(c1, c2, 5)]
            paths["path3"] = nn.Sequential(step(c_in, c1, 1), *five)
        if d:
            paths["path4"] = nn.Sequential(nn.MaxPool2d(3, 1, padding=1), step(c_in, d, 1))
        self.paths = nn.ModuleDict(paths)
        self.out_channels = a + b2 + c2 + d

    def forward(self, X):
        return torch.cat([path(X) for path in self.paths.values()], dim=1)


class AuxiliaryHead(nn.Module):
    """A classifier half-way up, which brings gradients to the lower layers: (B, c_in, 14, 14) -> (B, classes)."""

    def __init__(self, c_in, classes):
        super().__init__()
        self.pool = nn.AvgPool2d(5, 3)
        self.conv = conv(c_in, 128, 1)
        self.dense = nn.Sequential(
            nn.Flatten(), nn.Linear(128 * 4 * 4, 1024), nn.ReLU(), nn.Dropout(0.7), nn.Linear(1024, classes)
        )

    def forward(self, X):
        return self.dense(self.conv(self.pool(X)))


class GoogLeNet(nn.Module):
    """GoogLeNet in five stages: X (B, 3, 224, 224) float32 -> logits (B, classes).

    The 5x5 path is a true 5x5 (torchvision's is a 3x3), and convolutions have biases and no batch norm. 6,998,552
    parameters without auxiliary heads.

    Args:
        classes: number of logits.
        channels: 3 for colour images.
        auxiliary: add the paper's two heads behind 4a and 4d. In training mode the net then returns
            (logits, logits of the first head, logits of the second); in evaluation mode the logits alone.
        dropout: probability in front of the last layer.
    """

    def __init__(self, classes=1000, channels=3, auxiliary=False, dropout=0.4):
        super().__init__()
        self.stage1 = nn.Sequential(conv(channels, 64, 7, 2), halve(), nn.LocalResponseNorm(5))
        self.stage2 = nn.Sequential(conv(64, 64, 1), conv(64, 192, 3), nn.LocalResponseNorm(5), halve())
        c_in = 192
        for stage in "345":
            blocks = nn.Sequential()
            for name in (name for name in CHANNELS if name[0] == stage):
                blocks.add_module(name, InceptionBlock(c_in, CHANNELS[name]))
                c_in = blocks[-1].out_channels
            self.add_module(f"stage{stage}", blocks)
        self.halve = halve()
        self.mean, self.dropout, self.fc = nn.AdaptiveAvgPool2d(1), nn.Dropout(dropout), nn.Linear(c_in, classes)
        self.auxiliary = (
            nn.ModuleList([AuxiliaryHead(512, classes), AuxiliaryHead(528, classes)]) if auxiliary else None
        )

    def forward(self, X):
        X = self.halve(self.stage3(self.stage2(self.stage1(X))))
        X, heads = self._stage4_and_heads(X) if self.auxiliary is not None and self.training else (self.stage4(X), [])
        logits = self.fc(self.dropout(self.mean(self.stage5(self.halve(X))).flatten(1)))
        return (logits, *heads) if heads else logits

    def _stage4_and_heads(self, X):
        """Output of stage 4, and the logits of the heads behind its first and fourth block (a list)."""
        heads = []
        for name, block in self.stage4.named_children():
            X = block(X)
            if name in ("4a", "4d"):
                heads.append(self.auxiliary[len(heads)](X))
        return X, heads


class SmallInception(nn.Sequential):
    """Three Inception blocks for 32 x 32 images: X (B, channels, 32, 32) float32 -> logits (B, classes).

    Args:
        classes: number of logits.
        channels: 3 for colour images.
        widths: the `channels` of the three blocks, as for `InceptionBlock`.
        batch_norm, factorised: as for `InceptionBlock`.
    """

    def __init__(self, classes=10, channels=3, widths=SMALL, batch_norm=False, factorised=False):
        blocks, c_in = [], 32
        for width in widths:
            blocks += [halve(), InceptionBlock(c_in, width, batch_norm=batch_norm, factorised=factorised)]
            c_in = blocks[-1].out_channels
        super().__init__(
            conv(channels, 32, 3, batch_norm=batch_norm),
            *(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, classes)),
        )
