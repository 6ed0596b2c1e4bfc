"""Residual blocks as learners write them, and the ways in which they get them wrong (chapter 09)."""

import torch
import torch.nn.functional as F
from torch import nn


def conv(c_in, c_out, kernel, stride=1, **options):
    """Convolution without bias that keeps the size."""
    return nn.Conv2d(c_in, c_out, kernel, stride, **{"padding": kernel // 2, "bias": False, **options})


class Basic(nn.Module):
    """Right, but for what the classes below replace."""

    def __init__(self, c_in, c_out=None, stride=1):
        super().__init__()
        c_out = c_out or c_in
        self.conv1, self.conv2 = conv(c_in, c_out, 3, stride), conv(c_out, c_out, 3)
        self.bn1, self.bn2 = nn.BatchNorm2d(c_out), nn.BatchNorm2d(c_out)
        self.short = self.shortcut(c_in, c_out, stride)

    def shortcut(self, c_in, c_out, stride):
        if stride == 1 and c_in == c_out:
            return nn.Identity()
        return nn.Sequential(conv(c_in, c_out, 1, stride), nn.BatchNorm2d(c_out))

    def main(self, X):
        return self.bn2(self.conv2(F.relu(self.bn1(self.conv1(X)))))

    def forward(self, X):
        return F.relu(self.main(X) + self.short(X))


class Plain(Basic):
    def forward(self, X):
        return F.relu(self.main(X))


class NoReluAtTheEnd(Basic):
    def forward(self, X):
        return self.main(X) + self.short(X)


class ReluBeforeTheSum(Basic):
    def forward(self, X):
        return F.relu(self.main(X)) + self.short(X)


class ReluBeforeAndAfter(Basic):
    def forward(self, X):
        return F.relu(F.relu(self.main(X)) + self.short(X))


class NormAfterTheSum(Basic):
    def forward(self, X):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(X)))) + self.short(X)))


class NoReluBetween(Basic):
    def main(self, X):
        return self.bn2(self.conv2(self.bn1(self.conv1(X))))


class Multiplied(Basic):
    def forward(self, X):
        return F.relu(self.main(X) * self.short(X))


class Concatenated(Basic):
    def forward(self, X):
        return F.relu(torch.cat([self.main(X), self.short(X)], 1))


class BeginsTooLate(Basic):
    def forward(self, X):
        out = F.relu(self.bn1(self.conv1(X)))
        return F.relu(self.bn2(self.conv2(out)) + out)


class WithBiases(Basic):
    def __init__(self, c_in, c_out=None, stride=1):
        super().__init__(c_in, c_out, stride)
        c_out = c_out or c_in
        self.conv1, self.conv2 = conv(c_in, c_out, 3, stride, bias=True), conv(c_out, c_out, 3, bias=True)


class OneNorm(Basic):
    def __init__(self, c_in, c_out=None, stride=1):
        super().__init__(c_in, c_out, stride)
        self.bn2 = nn.Identity()


class SharedNorm(Basic):
    def __init__(self, c_in, c_out=None, stride=1):
        super().__init__(c_in, c_out, stride)
        self.bn2 = self.bn1


class WithoutPadding(Basic):
    def __init__(self, c_in, c_out=None, stride=1):
        super().__init__(c_in, c_out, stride)
        c_out = c_out or c_in
        self.conv1, self.conv2 = conv(c_in, c_out, 3, stride, padding=0), conv(c_out, c_out, 3, padding=0)


class AlwaysProjects(Basic):
    def shortcut(self, c_in, c_out, stride):
        return nn.Sequential(conv(c_in, c_out, 1, stride), nn.BatchNorm2d(c_out))


class ProjectsForChannelsOnly(Basic):
    def shortcut(self, c_in, c_out, stride):
        return super().shortcut(c_in, c_out, stride) if c_in != c_out else nn.Identity()


class ProjectsForStrideOnly(Basic):
    def shortcut(self, c_in, c_out, stride):
        return super().shortcut(c_in, c_out, stride) if stride != 1 else nn.Identity()


class ProjectsWithoutStride(Basic):
    def shortcut(self, c_in, c_out, stride):
        return super().shortcut(c_in, c_out, stride=1)


class ProjectsWithoutNorm(Basic):
    def shortcut(self, c_in, c_out, stride):
        return conv(c_in, c_out, 1, stride) if stride != 1 or c_in != c_out else nn.Identity()


class ProjectsBy3x3(Basic):
    def shortcut(self, c_in, c_out, stride):
        if stride == 1 and c_in == c_out:
            return nn.Identity()
        return nn.Sequential(conv(c_in, c_out, 3, stride), nn.BatchNorm2d(c_out))


class ProjectsWithRelu(Basic):
    def shortcut(self, c_in, c_out, stride):
        right = super().shortcut(c_in, c_out, stride)
        return nn.Sequential(*right, nn.ReLU()) if isinstance(right, nn.Sequential) else right


class ZeroPadded(Basic):
    def __init__(self, c_in, c_out, stride):
        super().__init__(c_in, c_out, stride)
        self.new, self.stride, self.short = c_out - c_in, stride, nn.Identity()

    def forward(self, X):
        short = F.pad(X[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new))
        return F.relu(self.main(X) + short)


class StrideInTheSecond(Basic):
    def __init__(self, c_in, c_out, stride):
        super().__init__(c_in, c_out, stride)
        self.conv1, self.conv2 = conv(c_in, c_out, 3), conv(c_out, c_out, 3, stride)


class StrideInBoth(Basic):
    def __init__(self, c_in, c_out, stride):
        super().__init__(c_in, c_out, stride)
        self.conv2 = conv(c_out, c_out, 3, stride)


class Bottle(nn.Module):
    """The bottleneck, right but for what the classes below replace."""

    strides, kernels = (1, 2, 1), (1, 3, 1)  # 2: here goes the block's stride

    def __init__(self, c_in, width, stride=1):
        super().__init__()
        sizes = [c_in, *self.widths(width)]
        strides = [stride if s == 2 else 1 for s in self.strides]
        layers = zip(sizes, sizes[1:], self.kernels, strides, strict=False)
        self.convs = nn.ModuleList(conv(*layer) for layer in layers)
        self.norms = nn.ModuleList(nn.BatchNorm2d(size) for size in sizes[1:])
        self.short = Basic.shortcut(self, c_in, sizes[-1], stride)

    def widths(self, width):
        return width, width, 4 * width

    def forward(self, X):
        out = X
        for i, (layer, norm) in enumerate(zip(self.convs, self.norms, strict=True), 1):
            out = self.activate(norm(layer(out)), i)
        return F.relu(out + self.short(X))

    def activate(self, X, i):
        return F.relu(X) if i < 3 else X


class BottlePlain(Bottle):
    def forward(self, X):
        for layer, norm in zip(self.convs, self.norms, strict=True):
            X = F.relu(norm(layer(X)))
        return X


class BottleStrideFirst(Bottle):
    strides = (2, 1, 1)


class BottleNeverWidens(Bottle):
    def widths(self, width):
        return width, width, width


class BottleWidensEarly(Bottle):
    def widths(self, width):
        return width, 4 * width, 4 * width


class BottleWithoutNeck(Bottle):
    def widths(self, width):
        return 4 * width, 4 * width, 4 * width


class BottleAll3x3(Bottle):
    kernels = (3, 3, 3)


class BottleSilentMiddle(Bottle):
    def activate(self, X, i):
        return F.relu(X) if i == 1 else X


class BottleReluBeforeTheSum(Bottle):
    def activate(self, X, i):
        return F.relu(X)


class BottleWithoutRelu(Bottle):
    def activate(self, X, i):
        return X


class BottleAlwaysProjects(Bottle):
    def __init__(self, c_in, width, stride=1):
        super().__init__(c_in, width, stride)
        self.short = nn.Sequential(conv(c_in, 4 * width, 1, stride), nn.BatchNorm2d(4 * width))


class BottleWithoutProjection(Bottle):
    def __init__(self, c_in, width, stride=1):
        super().__init__(c_in, width, stride)
        self.short = nn.Identity()
