"""ResNet and its relatives: basic and bottleneck blocks, five orderings, grouped paths, and plain nets to compare with.

He, Zhang, Ren, Sun (2016a), "Deep residual learning for image recognition", CVPR; (2016b), "Identity mappings in deep
residual networks", ECCV (the orderings); Xie, Girshick, Dollar, Tu, He (2017), "Aggregated residual transformations
for deep neural networks", CVPR (ResNeXt).
"""

from functools import partial

import torch.nn.functional as F
from torch import nn

# name of the ordering -> what stands where; "post" is the paper's, "pre" the one of the 2016b paper
ORDERINGS = ("post", "bn_after_addition", "relu_before_addition", "relu_only_pre", "pre")


def conv(c_in, c_out, kernel, stride=1, groups=1):
    """Convolution without bias, padded so that stride 1 keeps the size (batch norm behind it has the bias)."""
    return nn.Conv2d(c_in, c_out, kernel, stride, padding=kernel // 2, groups=groups, bias=False)


class Block(nn.Module):
    """Base of both blocks: runs the convolutions of `main` in the chosen ordering and adds the shortcut.

    X (B, c_in, H, W) -> (B, c_out, ceil(H / stride), ceil(W / stride)).

    A subclass names its convolutions conv1, conv2, ... as torchvision does; bn1, bn2, ... and the 1 x 1 convolution on
    the shortcut are made here.

    Args:
        convs: the convolutions, first to last.
        stride: of the whole block, needed for the shortcut.
        ordering: one of `ORDERINGS`.
        residual: False leaves the shortcut out, which makes a plain net.
        gate: None, or a module that rescales the block's output before the addition (squeeze and excitation).
    """

    def __init__(self, convs, stride, ordering="post", residual=True, gate=None):
        super().__init__()
        if ordering not in ORDERINGS:
            raise ValueError(f"There is no ordering {ordering!r}. Choose one of: {', '.join(ORDERINGS)}.")
        c_in, c_out = convs[0].in_channels, convs[-1].out_channels
        self.ordering, self.residual, self.depth = ordering, residual, len(convs)
        before = ordering in ("pre", "relu_only_pre")
        for i, layer in enumerate(convs, 1):
            norm_width = layer.in_channels if ordering == "pre" else layer.out_channels
            self.add_module(f"conv{i}", layer)
            self.add_module(f"bn{i}", nn.BatchNorm2d(norm_width))
        if gate is not None:
            self.gate = gate
        self.downsample = None
        if residual and (stride != 1 or c_in != c_out):
            norm = [] if before else [nn.BatchNorm2d(c_out)]
            self.downsample = nn.Sequential(conv(c_in, c_out, 1, stride), *norm)

    def forward(self, X):
        out = self.main(X)
        if hasattr(self, "gate"):
            out = self.gate(out)
        if self.residual:
            out = out + (X if self.downsample is None else self.downsample(X))
        if self.ordering == "bn_after_addition":
            out = getattr(self, f"bn{self.depth}")(out)
        return F.relu(out) if self.ordering in ("post", "bn_after_addition") else out

    def main(self, X):
        """The path of convolutions, without shortcut and without what follows the addition."""
        for i in range(1, self.depth + 1):
            layer, norm = getattr(self, f"conv{i}"), getattr(self, f"bn{i}")
            last = i == self.depth
            if self.ordering == "pre":
                X = layer(F.relu(norm(X)))
            elif self.ordering == "relu_only_pre":
                X = norm(layer(F.relu(X)))
            elif self.ordering == "bn_after_addition" and last:
                X = layer(X)
            else:
                X = norm(layer(X))
                X = X if last and self.ordering != "relu_before_addition" else F.relu(X)
        return X


class BasicBlock(Block):
    """Two 3 x 3 convolutions; shapes and options of `Block`."""

    expansion = 1

    def __init__(self, c_in, width, stride=1, groups=1, base_width=64, **options):
        if groups != 1 or base_width != 64:
            raise ValueError("The basic block has one group. Use Bottleneck for grouped paths.")
        super().__init__([conv(c_in, width, 3, stride), conv(width, width, 3)], stride, **options)


class Bottleneck(Block):
    """1 x 1 down, 3 x 3, 1 x 1 up to four times the width; shapes and options of `Block`.

    The stride stands in the 3 x 3 (as in torchvision; the 2016a paper has it in the first 1 x 1).
    """

    expansion = 4

    def __init__(self, c_in, width, stride=1, groups=1, base_width=64, **options):
        inner = width * base_width // 64 * groups
        out = width * self.expansion
        convs = [conv(c_in, inner, 1), conv(inner, inner, 3, stride, groups), conv(inner, out, 1)]
        super().__init__(convs, stride, **options)


class ResNet(nn.Module):
    """Stem, four stages, global average, one dense layer: X (B, 3, 224, 224) float32 -> logits (B, classes).

    With the default ordering the state dict is torchvision's.

    Args:
        block: BasicBlock or Bottleneck.
        depths: blocks in each stage; each stage but the first halves the size and doubles the width.
        classes: number of logits.
        groups, base_width: ResNeXt's cardinality and the width of one path.
        gate: None, or a function of a number of channels that makes a block's gate.
        ordering: one of `ORDERINGS`.
    """

    def __init__(self, block, depths, classes=1000, groups=1, base_width=64, gate=None, ordering="post"):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        paths = {"groups": groups, "base_width": base_width, "ordering": ordering}
        c_in = 64
        for i, depth in enumerate(depths):
            stage, c_in = make_stage(block, c_in, 64 * 2**i, depth, 1 if i == 0 else 2, gate, **paths)
            self.add_module(f"layer{i + 1}", stage)
        self.stages = [f"layer{i + 1}" for i in range(len(depths))]
        self.last, self.avgpool, self.fc = (
            last_activation(ordering, c_in),
            nn.AdaptiveAvgPool2d(1),
            nn.Linear(c_in, classes),
        )
        self.apply(kaiming)

    def forward(self, X):
        X = self.maxpool(F.relu(self.bn1(self.conv1(X))))
        for name in self.stages:
            X = getattr(self, name)(X)
        return self.fc(self.avgpool(self.last(X)).flatten(1))


def last_activation(ordering, features):
    """What the last addition still lacks: batch norm and ReLU where the blocks begin with them, else nothing."""
    if ordering == "pre":
        return nn.Sequential(nn.BatchNorm2d(features), nn.ReLU())
    return nn.Identity() if ordering in ("post", "bn_after_addition") else nn.ReLU()


def make_stage(block, c_in, width, depth, stride, gate=None, **options):
    """`depth` blocks in a row, the first with `stride`. Returns (nn.Sequential, output channels)."""
    c_out = width * block.expansion
    blocks = []
    for i in range(depth):
        options_here = options | ({"gate": gate(c_out)} if gate else {})
        blocks.append(block(c_out if i else c_in, width, 1 if i else stride, **options_here))
    return nn.Sequential(*blocks), c_out


def kaiming(layer):
    """Initial weights of He et al. (2015) for one convolution; other layers keep PyTorch's. For `.apply`."""
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")


class CifarResNet(nn.Module):
    """The 2016a paper's nets for 32 x 32 images: X (B, channels, 32, 32) float32 -> logits (B, classes).

    Args:
        depth: 6 n + 2 layers: 8, 14, 20, 32, 44, 56, ...
        residual: False gives the plain net of the same depth and width.
        width: channels of the first of three stages; the paper's 16.
        classes, channels: number of logits, of input channels.
        gate, ordering: as in `ResNet`.

    Raises:
        ValueError: no such net has this depth.
    """

    def __init__(self, depth=20, residual=True, width=16, classes=10, channels=3, gate=None, ordering="post"):
        super().__init__()
        if depth < 8 or (depth - 2) % 6:
            raise ValueError(f"depth must be 6 n + 2 (8, 14, 20, ...), not {depth}.")
        options = {"ordering": ordering, "residual": residual}
        self.conv1, self.bn1 = conv(channels, width, 3), nn.BatchNorm2d(width)
        c_in, stages = width, []
        for i in range(3):
            stage, c_in = make_stage(BasicBlock, c_in, width * 2**i, (depth - 2) // 6, 2 if i else 1, gate, **options)
            stages.append(stage)
        self.layer1, self.layer2, self.layer3 = stages
        self.last, self.avgpool, self.fc = (
            last_activation(ordering, c_in),
            nn.AdaptiveAvgPool2d(1),
            nn.Linear(c_in, classes),
        )
        self.apply(kaiming)

    def forward(self, X):
        X = F.relu(self.bn1(self.conv1(X)))
        X = self.layer3(self.layer2(self.layer1(X)))
        return self.fc(self.avgpool(self.last(X)).flatten(1))


# name -> block, blocks in each stage: the table of the paper
TABLE = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
    "resnet101": (Bottleneck, (3, 4, 23, 3)),
    "resnet152": (Bottleneck, (3, 8, 36, 3)),
}


def published(name, **options):
    """The net of this name in `TABLE` (options and shapes of `ResNet`)."""
    block, depths = TABLE[name]
    return ResNet(block, depths, **options)


resnet18, resnet34, resnet50, resnet101, resnet152 = (partial(published, name) for name in TABLE)
resnext50_32x4d = partial(published, "resnet50", groups=32, base_width=4)
resnet8, resnet14, resnet20, resnet32, resnet44, resnet56 = (
    partial(CifarResNet, depth) for depth in (8, 14, 20, 32, 44, 56)
)
plain8, plain14, plain20, plain32, plain44, plain56 = (
    partial(CifarResNet, depth, residual=False) for depth in (8, 14, 20, 32, 44, 56)
)
