"""Augmentation of training images: another random draw for each image, computed for the whole batch at once.

    crop_and_flip = augment.Random(shift=4, flip=0.5)
    train.fit(model, images, epochs=10, augment=crop_and_flip)

A transform of torchvision.transforms.v2 that is given a batch draws once and treats all its images alike; here each
image has its own draw. `each` does so for any transform, one image after the other. Everywhere X is float (B, C, H, W)
in [0, 1], on any device, and so is the result; random numbers are PyTorch's own.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F


@dataclass(frozen=True)
class Random:
    """Another random change for each image and each call: X (B, C, H, W) -> the same shape.

    What is left at its default changes nothing and costs nothing.

    Args:
        flip: probability of a left-right flip.
        shift: crop and pad: at most so many whole pixels in each direction.
        angle: largest rotation to either side, in degrees.
        scale: largest factor, 1 or more; sizes from 1 / scale to scale, drawn evenly on a logarithmic scale.
        translate: largest translation in each direction, in pixels and parts of pixels.
        shear: largest slant to either side, in degrees.
        perspective: largest tilt, 0 to below 0.5: one border comes nearer by that share, the other one goes away.
        brightness: largest number added to or taken from all pixels.
        contrast: largest factor of the distances from the image's mean, 1 or more; drawn as sizes are.
        noise: largest standard deviation of Gaussian noise; each image has its own, from 0 to this.
        cutout: side of a square of zeros, in pixels, anywhere in the image (DeVries and Taylor, 2017, "Improved
            regularization of convolutional neural networks with cutout", arXiv:1708.04552).

    Raises:
        ValueError: a number is out of its range.
    """

    flip: float = 0.0
    shift: int = 0
    angle: float = 0.0
    scale: float = 1.0
    translate: float = 0.0
    shear: float = 0.0
    perspective: float = 0.0
    brightness: float = 0.0
    contrast: float = 1.0
    noise: float = 0.0
    cutout: int = 0

    def __post_init__(self):
        limits = {"flip": (0, 1), "scale": (1, 10), "contrast": (1, 10), "perspective": (0, 0.49), "shear": (0, 80)}
        for name, value in vars(self).items():
            low, high = limits.get(name, (0, math.inf))
            if not low <= value <= high or (name in ("shift", "cutout") and value != int(value)):
                whole = "a whole number, " if name in ("shift", "cutout") else ""
                raise ValueError(f"{name} must be {whole}{low} or more and at most {high}, not {value!r}.")

    def __call__(self, X):
        if self.flip:
            X = flip(X, torch.rand(len(X), device=X.device) < self.flip)
        if self.shift:
            X = shift(X, *torch.randint(-self.shift, self.shift + 1, (2, len(X)), device=X.device))
        if self.angle or self.scale > 1 or self.translate or self.shear or self.perspective:
            X = warp(X, self._matrices(X))
        if self.brightness or self.contrast > 1:
            X = light(X, _between(X, self.brightness), _factors(X, self.contrast))
        if self.noise:
            X = (X + _between(X, self.noise).abs().view(-1, 1, 1, 1) * torch.randn_like(X)).clamp(0, 1)
        return cutout(X, self.cutout) if self.cutout else X

    def _matrices(self, X):
        """Where each pixel of the result comes from, drawn for each image: (B, 3, 3), in pixels from the middle."""
        angle, slant = (_between(X, degrees) * math.pi / 180 for degrees in (self.angle, self.shear))
        dx, dy = _between(X, self.translate), _between(X, self.translate)
        tilt_x, tilt_y = (_between(X, self.perspective) / (side / 2) for side in (X.shape[3], X.shape[2]))
        sizes = _factors(X, self.scale)
        back = _matrix(angle.cos(), -angle.sin(), 0, angle.sin(), angle.cos(), 0, 0, 0, 1)
        back = back @ _matrix(1 / sizes, slant.tan() / sizes, 0, 0, 1 / sizes, 0, 0, 0, 1)
        return back @ _matrix(1, 0, 0, 0, 1, 0, tilt_x, tilt_y, 1) @ _matrix(1, 0, -dx, 0, 1, -dy, 0, 0, 1)


def flip(X, chosen):
    """Mirror left and right those images for which `chosen`, bool (B,), is True."""
    X = X.clone()
    X[chosen] = X[chosen].flip(3)
    return X


def shift(X, dx, dy):
    """Move each image by whole pixels, dx to the right and dy down, int64 (B,) each: pad with zeros, then crop.

    All crops of all images are one view of the padded batch, so one indexing operation takes the wanted ones.
    """
    H, W = X.shape[2:]
    pad = int(torch.stack([dx, dy]).abs().max())
    crops = F.pad(X, (pad,) * 4).unfold(2, H, 1).unfold(3, W, 1)  # (B, C, 2 pad + 1, 2 pad + 1, H, W), nothing copied
    return crops[torch.arange(len(X), device=X.device), :, pad - dy, pad - dx]


def warp(X, matrices):
    """Draw each image anew, bilinear between pixels, zeros beyond its borders.

    Args:
        X: float (B, C, H, W).
        matrices: (B, 3, 3), homographies: (x, y, 1) of a pixel in the result, counted from the middle to the right
            and down, times this gives (x w, y w, w) of the place that it comes from.

    Returns:
        float (B, C, H, W).
    """
    H, W = X.shape[2:]
    x, y = (torch.arange(n, dtype=X.dtype, device=X.device) - (n - 1) / 2 for n in (W, H))
    places = torch.stack([x.expand(H, W), y[:, None].expand(H, W), torch.ones_like(X[0, 0])], -1).view(-1, 3)
    sources = places @ matrices.transpose(1, 2)  # (B, H W, 3)
    half = torch.tensor([W / 2, H / 2], dtype=X.dtype, device=X.device)  # grid_sample counts half images, not pixels
    grid = (sources[..., :2] / sources[..., 2:] / half).view(-1, H, W, 2)
    return F.grid_sample(X, grid, align_corners=False)


def light(X, brightness=0.0, contrast=1.0):
    """Change contrast around each image's mean, then brightness; what leaves [0, 1] is cut off.

    Args:
        X: float (B, C, H, W).
        brightness: what is added; contrast: factor of the distances from the mean. Numbers, or tensors (B,).
    """
    brightness, contrast = (
        torch.as_tensor(value, dtype=X.dtype, device=X.device).view(-1, 1, 1, 1) for value in (brightness, contrast)
    )
    mean = X.mean((1, 2, 3), keepdim=True)
    return ((X - mean) * contrast + mean + brightness).clamp(0, 1)


def cutout(X, side):
    """Set a square of `side` pixels to zero, its middle drawn anywhere in each image."""
    inside = []
    for n in X.shape[2:]:
        first = torch.randint(n, (len(X), 1), device=X.device) - side // 2
        place = torch.arange(n, device=X.device)
        inside.append((place >= first) & (place < first + side))
    rows, columns = inside
    return X.masked_fill((rows[:, :, None] & columns[:, None])[:, None], 0)


def each(transform):
    """A function that gives every image of a batch its own call of `transform`, (C, H, W) -> (C, H, W)."""

    def augment_each(X):
        return torch.stack([transform(image) for image in X])

    return augment_each


def _between(X, limit):
    """One number from -limit to limit for each image: (B,)."""
    return limit * (2 * torch.rand(len(X), dtype=X.dtype, device=X.device) - 1)


def _factors(X, largest):
    """One factor from 1 / largest to largest for each image, evenly on a logarithmic scale: (B,)."""
    return _between(X, math.log(largest)).exp()


def _matrix(*entries):
    """Nine entries, numbers or tensors (B,), as matrices (B, 3, 3)."""
    example = next(entry for entry in entries if torch.is_tensor(entry))
    full = [torch.as_tensor(entry, dtype=example.dtype, device=example.device).expand_as(example) for entry in entries]
    return torch.stack(full, 1).view(-1, 3, 3)
