"""Distortions of digits, all images of a batch at once: shift, rotation, scale, slant, stroke width, noise.

    X = distort.affine(X, angle=15)                    # the same for every image
    X = distort.affine(X, dx=torch.randn(len(X)))      # another for each
    train.fit(model, digits, epochs=5, augment=distort.Random())

Everywhere X is float (B, C, H, W) in [0, 1], paper 0 and ink 1, and so is the result.
"""

import math

import torch
from torch.nn import functional as F


def affine(X, dx=0.0, dy=0.0, angle=0.0, scale=1.0, slant=0.0):
    """Slant, turn and scale about the middle, then shift; what comes in from outside is paper.

    Args:
        X: float (B, C, H, W).
        dx, dy: pixels to the right and down.
        angle: degrees, anticlockwise.
        scale: 2 makes a digit twice as large.
        slant: degrees by which upright strokes lean to the right, as in italic type; rows stay where they are.
        Each is a number, or a tensor (B,) with one for each image.

    Returns:
        float (B, C, H, W), bilinear between pixels; whole shifts alone move pixels exactly, up to rounding.
    """
    B, _, H, W = X.shape
    options = (dx, dy, angle, scale, slant)
    dx, dy, angle, scale, slant = (torch.as_tensor(value, dtype=X.dtype).expand(B) for value in options)
    cos, sin = (part / scale for part in (torch.cos(angle * math.pi / 180), torch.sin(angle * math.pi / 180)))
    # Where each pixel of the result comes from, in pixels from the middle: undo the shift, turn and scale back, and
    # set upright what leans.
    rows = torch.stack([cos, -sin, -(cos * dx - sin * dy), sin, cos, -(sin * dx + cos * dy)], 1).view(B, 2, 3)
    lean = torch.tan(slant * math.pi / 180)[:, None]
    rows = torch.stack([rows[:, 0] + lean * rows[:, 1], rows[:, 1]], 1)
    half = torch.tensor([W / 2, H / 2], dtype=X.dtype)  # affine_grid counts half widths, not pixels
    rows = rows * torch.cat([half, torch.ones(1, dtype=X.dtype)]) / half[:, None]
    return F.grid_sample(X, F.affine_grid(rows, X.shape, align_corners=False), align_corners=False)


def stroke(X, width):
    """Make strokes wider, or thinner where `width` is below 0, by about that many pixels in all.

    One pixel on each side is the maximum or minimum over a cross of five pixels; parts of it are blended in.

    Args:
        X: float (B, C, H, W).
        width: a number or a tensor (B,), from -2 to 2.

    Returns:
        float (B, C, H, W).
    """
    width = torch.as_tensor(width, dtype=X.dtype).expand(len(X)).view(-1, 1, 1, 1)
    share = width.abs() / 2
    return torch.lerp(X, torch.where(width > 0, _widest(X), -_widest(-X)), share)


def noise(X, sigma, generator=None):
    """Add Gaussian noise to every pixel and cut off what leaves [0, 1].

    Args:
        X: float (B, C, H, W).
        sigma: standard deviation, a number or a tensor (B,); ink is 1.
        generator: torch.Generator to draw from; None for PyTorch's own.

    Returns:
        float (B, C, H, W).
    """
    sigma = torch.as_tensor(sigma, dtype=X.dtype).expand(len(X)).view(-1, 1, 1, 1)
    return (X + sigma * torch.randn(X.shape, generator=generator, dtype=X.dtype)).clamp(0, 1)


class Random:
    """Another random distortion for each image and each call: X (B, C, H, W) -> the same shape.

    Args:
        shift: largest shift in each direction, in pixels.
        angle: largest rotation to either side, in degrees.
        scale: (smallest, largest) factor, drawn evenly on a logarithmic scale.
        stroke: largest change of the stroke width, in pixels.
        noise: largest standard deviation of the noise.
    """

    def __init__(self, shift=6.0, angle=40.0, scale=(0.6, 1.3), stroke=1.0, noise=0.3):
        self.shift, self.angle, self.scale, self.stroke, self.noise = shift, angle, scale, stroke, noise

    def __repr__(self):
        options = ", ".join(f"{name}={value}" for name, value in vars(self).items())
        return f"{type(self).__name__}({options})"

    def __call__(self, X):
        between = [(-self.stroke, self.stroke), *[(-self.shift, self.shift)] * 2, (-self.angle, self.angle)]
        width, dx, dy, angle = (low + (high - low) * torch.rand(len(X)) for low, high in between)
        smallest, largest = (math.log(value) for value in self.scale)
        scale = torch.exp(smallest + (largest - smallest) * torch.rand(len(X)))
        X = affine(stroke(X, width), dx, dy, angle, scale)
        return noise(X, self.noise * torch.rand(len(X))) if self.noise else X


def _widest(X):
    """Maximum over each pixel and its four neighbours; beyond the border there is nothing."""
    across, down = F.max_pool2d(X, (1, 3), 1, (0, 1)), F.max_pool2d(X, (3, 1), 1, (1, 0))
    return torch.maximum(across, down)
