"""AlexNet: the two towers of the paper, one tower, torchvision's and a small one for 32 x 32 images.

Krizhevsky, Sutskever, Hinton (2012), "ImageNet classification with deep convolutional neural networks", NeurIPS; the
one-tower form that torchvision follows: Krizhevsky (2014), "One weird trick for parallelizing convolutional neural
networks".
"""

from torch import nn

# widths of the five convolutions
PAPER = (96, 256, 384, 384, 256)
ONE_WEIRD_TRICK = (64, 192, 384, 256, 256)


class AlexNet(nn.Module):
    """Five convolutions and three dense layers: X (B, channels, 224, 224) float32 -> logits (B, classes).

    The state dict of the default is torchvision's.

    Args:
        classes: number of logits.
        channels: 3 for colour images.
        widths: output channels of the five convolutions.
        groups: 2 cuts conv2, conv4, conv5 into two towers that do not see each other, as the paper's two GPUs did;
            conv3 and the dense layers see both.
        padding: of the first convolution. 2 gives maps of 55, 27, 13, 6; the 1 of some textbooks 54, 26, 12, 5.
        dropout: probability in front of the first two dense layers.
        response_norm: the paper's local response normalisation behind conv1 and conv2 (no parameters).
    """

    def __init__(
        self, classes=1000, channels=3, widths=ONE_WEIRD_TRICK, groups=1, padding=2, dropout=0.5, response_norm=False
    ):
        super().__init__()
        w1, w2, w3, w4, w5 = widths
        norm = [nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2)] if response_norm else []
        self.features = nn.Sequential(
            *(nn.Conv2d(channels, w1, 11, stride=4, padding=padding), nn.ReLU(), *norm, nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(w1, w2, 5, padding=2, groups=groups), nn.ReLU(), *norm, nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(w2, w3, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(w3, w4, 3, padding=1, groups=groups), nn.ReLU()),
            *(nn.Conv2d(w4, w5, 3, padding=1, groups=groups), nn.ReLU(), nn.MaxPool2d(3, 2)),
        )
        side = 6 if padding == 2 else 5
        self.avgpool = nn.AdaptiveAvgPool2d(side)
        self.classifier = nn.Sequential(
            *(nn.Dropout(dropout), nn.Linear(w5 * side * side, 4096), nn.ReLU()),
            *(nn.Dropout(dropout), nn.Linear(4096, 4096), nn.ReLU()),
            nn.Linear(4096, classes),
        )

    def forward(self, X):
        return self.classifier(self.avgpool(self.features(X)).flatten(1))


def alexnet_two_towers(**options):
    """The paper's net, its two GPUs as two groups: 60,965,224 parameters (options and shapes of `AlexNet`)."""
    return AlexNet(widths=PAPER, groups=2, response_norm=True, **options)


def alexnet_one_tower(**options):
    """The paper's widths without the towers: 62,378,344 parameters (options and shapes of `AlexNet`)."""
    return AlexNet(widths=PAPER, **options)


def alexnet_textbook(**options):
    """As textbooks print it, padding 1 in conv1 and so 5 x 5 maps at the end: 50,844,008 parameters."""
    return AlexNet(widths=PAPER, padding=1, **options)


class SmallAlexNet(nn.Sequential):
    """AlexNet's plan for 32 x 32 images: X (B, channels, 32, 32) float32 -> logits (B, classes).

    Args:
        classes: number of logits.
        channels: 3 for colour images.
        activation: class of the nonlinearity; the ablation of chapter 05 puts nn.Sigmoid here.
        pool: class of the overlapping 3 x 3, stride 2 pooling, nn.MaxPool2d or nn.AvgPool2d.
        dropout: probability in front of the first two dense layers.
        batch_norm: put batch normalisation behind each convolution.
    """

    def __init__(self, classes=10, channels=3, activation=nn.ReLU, pool=nn.MaxPool2d, dropout=0.5, batch_norm=False):
        def conv(c_in, c_out, kernel):
            norm = [nn.BatchNorm2d(c_out)] if batch_norm else []
            return [nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2), *norm, activation()]

        super().__init__(
            *(*conv(channels, 32, 5), pool(3, 2)),
            *(*conv(32, 64, 5), pool(3, 2)),
            *(*conv(64, 96, 3), *conv(96, 96, 3), *conv(96, 64, 3), pool(3, 2)),
            nn.Flatten(),
            *(nn.Dropout(dropout), nn.Linear(64 * 3 * 3, 256), activation()),
            *(nn.Dropout(dropout), nn.Linear(256, 256), activation()),
            nn.Linear(256, classes),
        )
