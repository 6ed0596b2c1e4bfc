"""Two networks that play against each other: one makes digits, the other tells them from real ones.

Goodfellow et al. (2014), "Generative adversarial nets", NIPS. The layers follow Radford, Metz, Chintala (2016),
"Unsupervised representation learning with deep convolutional generative adversarial networks", ICLR, much narrower.
"""

from torch import nn

CODE = 16  # random numbers that a digit is made from


class DigitGenerator(nn.Sequential):
    """Random numbers to digits: Z (B, code) -> X (B, 1, 28, 28) in [-1, 1]."""

    def __init__(self, code=CODE, width=16):
        super().__init__(
            nn.Linear(code, 2 * width * 7 * 7, bias=False),
            nn.Unflatten(1, (2 * width, 7, 7)),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )


class DigitDiscriminator(nn.Sequential):
    """Digits to one logit each, positive for "real": X (B, 1, 28, 28) -> (B, 1)."""

    def __init__(self, width=16):
        super().__init__(
            nn.Conv2d(1, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * 7 * 7, 1),
        )
