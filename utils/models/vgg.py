"""VGG: one block, repeated. The four published depths come from one table, with and without batch normalisation.

Simonyan, Zisserman (2015), "Very deep convolutional networks for large-scale image recognition", ICLR.
"""

from functools import partial

from torch import nn

# depth -> number of 3 x 3 convolutions in each of the five blocks; the blocks' widths never change
DEPTHS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
WIDTHS = (64, 128, 256, 512, 512)


def vgg_block(convs, c_in, c_out, batch_norm=False, kernel=3):
    """`convs` times 3 x 3 convolution (padding 1) and ReLU, then max pooling by 2.

    The larger odd `kernel` of chapter 06's comparisons is padded so that it keeps the size too.

    X (B, c_in, H, W) -> (B, c_out, H // 2, W // 2). Returns a list of layers, to be unpacked into an nn.Sequential.
    """
    layers = []
    for i in range(convs):
        layers.append(nn.Conv2d(c_out if i else c_in, c_out, kernel, padding=kernel // 2))
        layers += [nn.BatchNorm2d(c_out), nn.ReLU()] if batch_norm else [nn.ReLU()]
    return [*layers, nn.MaxPool2d(2)]


class VGG(nn.Module):
    """A stack of VGG blocks and three dense layers: X (B, channels, side, side) float32 -> logits (B, classes).

    With the defaults the state dict is torchvision's for the same depth.

    Args:
        convs: convolutions in each block.
        widths: output channels of each block.
        batch_norm: put batch normalisation between convolution and ReLU.
        kernel: side of all kernels, odd.
        classes: number of logits.
        channels: 3 for colour images.
        side: of the maps that the dense head takes; smaller or larger maps are pooled to it.
        hidden: width of the two hidden dense layers.
        dropout: probability behind each of them.

    Raises:
        ValueError: `convs` and `widths` differ in length.
    """

    def __init__(
        self,
        convs=DEPTHS[16],
        widths=WIDTHS,
        batch_norm=False,
        kernel=3,
        classes=1000,
        channels=3,
        side=7,
        hidden=4096,
        dropout=0.5,
    ):
        super().__init__()
        if len(convs) != len(widths):
            raise ValueError(f"Each block needs a width: {len(convs)} blocks in convs, {len(widths)} in widths.")
        blocks = zip(convs, (channels, *widths), widths, strict=False)
        self.features = nn.Sequential(*(layer for block in blocks for layer in vgg_block(*block, batch_norm, kernel)))
        self.avgpool = nn.AdaptiveAvgPool2d(side)
        self.classifier = nn.Sequential(
            *(nn.Linear(widths[-1] * side * side, hidden), nn.ReLU(), nn.Dropout(dropout)),
            *(nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout)),
            nn.Linear(hidden, classes),
        )
        self.apply(kaiming)

    def forward(self, X):
        return self.classifier(self.avgpool(self.features(X)).flatten(1))


def kaiming(layer):
    """Give one layer the initial weights that keep the variance of ReLU networks (He et al., 2015); for `.apply`."""
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(layer, nn.Linear):
        nn.init.normal_(layer.weight, 0, 0.01)
    if isinstance(layer, (nn.Conv2d, nn.Linear)) and layer.bias is not None:
        nn.init.zeros_(layer.bias)


def _published(depth, batch_norm, **options):
    return VGG(DEPTHS[depth], batch_norm=batch_norm, **options)


vgg11, vgg13, vgg16, vgg19 = (partial(_published, depth, False) for depth in DEPTHS)
vgg11_bn, vgg13_bn, vgg16_bn, vgg19_bn = (partial(_published, depth, True) for depth in DEPTHS)


def vgg_small(batch_norm=False, **options):
    """VGG's plan for 32 x 32 images: three blocks of two convolutions, X (B, 3, 32, 32) -> logits (B, 10).

    `options` are those of `VGG`.
    """
    small = {"convs": (2, 2, 2), "widths": (32, 64, 128), "classes": 10, "side": 4, "hidden": 128, "dropout": 0.3}
    net = VGG(batch_norm=batch_norm, **small | options)
    # the published head starts at a standard deviation of 0.01, too small for dense layers as narrow as these
    net.classifier.apply(lambda layer: layer.reset_parameters() if isinstance(layer, nn.Linear) else None)
    return net
