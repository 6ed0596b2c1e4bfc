"""Wrong answers that learners give in chapter 14, each named for the mistake it makes."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks import _ch14_slips as slips


def _decoder(**slip):
    return lambda code: slips.Decoder(code, **slip)


def _upsampling(code):
    """Enlarges by repeating pixels, with ordinary convolutions behind."""
    return nn.Sequential(
        nn.Linear(code, 32 * 7 * 7), nn.ReLU(), nn.Unflatten(1, (32, 7, 7)),
        nn.Upsample(scale_factor=2), nn.Conv2d(32, 16, 3, padding=1), nn.ReLU(),
        nn.Upsample(scale_factor=2), nn.Conv2d(16, 1, 3, padding=1), nn.Sigmoid(),
    )  # fmt: skip


def _along(start, end, shares):
    return torch.lerp(start, end, shares[:, None])


def _hits(found, labels):
    return found == labels[:, None]


def _noisy(X, noise):
    return (X + noise).clamp(0, 1)


def _without_gradient(model, X, noise):
    with torch.no_grad():
        return F.mse_loss(model(_noisy(X, noise)), X)


def _in_place(model, X, noise):
    return F.mse_loss(model(X.add_(noise).clamp_(0, 1)), X)


WRONG = {
    "transposed_convolution": {
        "replaces where stamps overlap": lambda values, kernel, stride: slips.stamped(
            values, kernel, stride, put=lambda old, new: new
        ),
        "steps by 1": lambda values, kernel, stride: slips.stamped(values, kernel, 1),
        "flips the kernel": lambda values, kernel, stride: slips.stamped(values, kernel.flip(0), stride),
        "cuts the end off": lambda values, kernel, stride: slips.stamped(values, kernel, stride)[
            : stride * len(values)
        ],
        "forgets the value": lambda values, kernel, stride: slips.stamped(torch.ones_like(values), kernel, stride),
        "convolves": lambda values, kernel, stride: F.conv1d(values[None, None], kernel[None, None], stride=stride)[
            0, 0
        ],
        "keeps the channel axes": lambda values, kernel, stride: F.conv_transpose1d(
            values[None, None], kernel[None, None], stride=stride
        ),
    },
    "Decoder": {
        "no sigmoid": _decoder(last=slips.same),
        "ends with a ReLU": _decoder(last=F.relu),
        "ends with tanh": _decoder(last=torch.tanh),
        "no ReLU behind the dense layer": _decoder(inner=(slips.same, F.relu)),
        "no ReLU between": _decoder(inner=(F.relu, slips.same)),
        "no ReLU at all": _decoder(inner=(slips.same, slips.same)),
        "no padding": _decoder(padding=0),
        "kernel of 3": _decoder(kernel=3),
        "channels last": _decoder(channels_last=True),
        "enlarges, then convolves": _upsampling,
    },
    "walk": {
        "never arrives": lambda start, end, steps: _along(start, end, torch.arange(steps) / steps),
        "leaves the start out": lambda start, end, steps: _along(start, end, torch.arange(1, steps + 1) / steps),
        "leaves both ends out": lambda start, end, steps: _along(start, end, torch.arange(1, steps + 1) / (steps + 1)),
        "walks backwards": lambda start, end, steps: _along(end, start, torch.linspace(0, 1, steps)),
        "one row too many": lambda start, end, steps: _along(start, end, torch.linspace(0, 1, steps + 1)),
        "codes in columns": lambda start, end, steps: _along(start, end, torch.linspace(0, 1, steps)).T,
        "forgets to add the start": lambda start, end, steps: torch.linspace(0, 1, steps)[:, None] * (end - start),
    },
    "precision_at_k": {
        "anything right": lambda found, labels: _hits(found, labels).any(1).float().mean().item(),
        "everything right": lambda found, labels: _hits(found, labels).all(1).float().mean().item(),
        "the nearest alone": lambda found, labels: _hits(found, labels)[:, 0].float().mean().item(),
        "hits a question": lambda found, labels: _hits(found, labels).float().sum(1).mean().item(),
        "all hits": lambda found, labels: _hits(found, labels).sum().item(),
        "percent": lambda found, labels: 100 * _hits(found, labels).float().mean().item(),
        "share of wrong ones": lambda found, labels: (~_hits(found, labels)).float().mean().item(),
        "a number for each question": lambda found, labels: _hits(found, labels).float().mean(1),
        "labels along the columns": lambda found, labels: (found == labels).float().mean().item(),
    },
    "vote": {
        "averages the labels": lambda found: found.float().mean(1).round().long(),
        "takes the median": lambda found: found.median(1).values,
        "the nearest alone": lambda found: found[:, 0],
        "smallest of equal ones": lambda found: found.mode(1).values,
        "largest of equal ones": lambda found: slips.voted(found, lambda most, row: max(most)),
        "farthest of equal ones": lambda found: slips.voted(found, lambda most, row: most[-1]),
        "fewest votes": lambda found: slips.voted(found, lambda most, row: min(row, key=row.count)),
        "down the columns": lambda found: slips.voted(found.T, lambda most, row: most[0]),
        "gives floats": lambda found: slips.voted(found, lambda most, row: most[0]).float(),
    },
    "denoising_loss": {
        "compares with the noisy image": lambda model, X, noise: F.mse_loss(model(_noisy(X, noise)), _noisy(X, noise)),
        "shows the clean image": lambda model, X, noise: F.mse_loss(model(X), X),
        "does not clamp": lambda model, X, noise: F.mse_loss(model(X + noise), X),
        "noise behind the model": lambda model, X, noise: F.mse_loss(_noisy(model(X), noise), X),
        "sums": lambda model, X, noise: F.mse_loss(model(_noisy(X, noise)), X, reduction="sum"),
        "sums each image": lambda model, X, noise: (model(_noisy(X, noise)) - X).square().sum((1, 2, 3)).mean(),
        "absolute error": lambda model, X, noise: F.l1_loss(model(_noisy(X, noise)), X),
        "takes the root": lambda model, X, noise: F.mse_loss(model(_noisy(X, noise)), X).sqrt(),
        "leaves the model out": lambda model, X, noise: F.mse_loss(_noisy(X, noise), X),
        "both through the model": lambda model, X, noise: F.mse_loss(model(_noisy(X, noise)), model(X)),
        "no gradient": _without_gradient,
        "writes into X": _in_place,
        "an error for each pixel": lambda model, X, noise: (model(_noisy(X, noise)) - X).square(),
    },
}
