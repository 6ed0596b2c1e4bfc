"""How an amount is written, and what lies under it."""

from dataclasses import dataclass, replace

import torch
from torch.nn import functional as F

from utils.data import distort

RULES = (-13, 12)  # rows of the two guide lines, from the middle of the line


@dataclass(frozen=True)
class Hand:
    """A way of writing. Pairs are (least, most), drawn evenly.

    Attributes:
        gap: pixels of paper between the ink of neighbours; negative: their columns overlap.
        size: factor of each digit's size; MNIST's digits are 20 pixels high.
        slant: degrees to the right, the same for all digits of an amount.
        baseline: largest shift of a digit up or down, in pixels.
        rules: darkness of two printed guide lines, 0 to 1.
        texture: darkness of the paper's darkest spots, 0 to 1.
        noise: standard deviation of each pixel's noise; ink is 1.
    """

    gap: tuple = (3.0, 7.0)
    size: tuple = (1.0, 1.0)
    slant: tuple = (0.0, 0.0)
    baseline: float = 1.0
    rules: float = 0.0
    texture: float = 0.0
    noise: float = 0.0

    @property
    def moves_whole_pixels(self):
        """True where digits are shifted only, so that none has to be drawn anew."""
        return self.size == (1.0, 1.0) and self.slant == (0.0, 0.0)


TIDY = Hand()
_PAPER = {"rules": 0.6, "texture": 0.4}
LEVELS = {
    "tidy": TIDY,
    "uneven": replace(TIDY, size=(0.75, 1.15), slant=(-25.0, 25.0), baseline=3.0),
    "close": replace(TIDY, gap=(0.0, 2.0)),
    "touching": replace(TIDY, gap=(-4.0, 0.0)),
    "printed paper": replace(TIDY, **_PAPER),
    "noisy": replace(TIDY, noise=0.3),
    "all of it": Hand((-2.0, 4.0), (0.75, 1.15), (-25.0, 25.0), 3.0, **_PAPER, noise=0.2),
}
# What a reader is trained on where distortions shall help it: all of the above, and a little more of each.
ROUGH = Hand((-4.0, 12.0), (0.7, 1.2), (-30.0, 30.0), 4.0, rules=0.7, texture=0.5, noise=0.4)


def on_paper(X, hand, generator=None, strength=1.0):
    """Lay ink on the paper of a hand: texture and guide lines under it, noise over it.

    Args:
        X: float (N, 1, H, W) in [0, 1].
        hand: Hand.
        generator: torch.Generator to draw from; None for PyTorch's own.
        strength: factor of texture, rules and noise, a number or a tensor (N,).

    Returns:
        float (N, 1, H, W) in [0, 1].
    """
    N, _, H, W = X.shape
    strength = torch.as_tensor(strength, dtype=X.dtype).expand(N).view(-1, 1, 1, 1)
    if hand.texture:
        grain = torch.rand(N, 1, H // 4, W // 4, generator=generator)
        paper = F.interpolate(grain, (H, W), mode="bilinear", align_corners=False)
        X = torch.maximum(X, strength * hand.texture * paper)
    if hand.rules:
        rules = torch.zeros(H, 1)
        rules[[H // 2 + row for row in RULES]] = hand.rules
        X = torch.maximum(X, strength * rules)
    return distort.noise(X, hand.noise * strength.flatten(), generator) if hand.noise else X
