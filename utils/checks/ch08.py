"""Checks of chapter 08, Batch normalisation. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks import _ch08_slips as slips
from utils.checks._ch08_layers import CHANNELS, EPS, MOMENTUM, WRONG_TURNS, Layer, life, of_each_image, stages
from utils.checks._harness import Mistake, as_is, build, compare, exercise, run, same_parameters, tensor

__all__ = [
    "batch_norm_conv",
    "batch_norm_dense",
    "batch_norm_gradient",
    "batch_norm_layer",
    "fold",
    "synchronise",
    "update_running",
]


_INSTANCE_NORM = (
    "You normalised each image by itself (that is instance normalisation). The batch belongs to the statistics: "
    "axes 0, 2 and 3."
)


@exercise("Batch normalisation of features")
def batch_norm_dense(answer):
    """answer(X (B, D), gamma (D,), beta (D,), eps) -> (B, D), against F.batch_norm."""
    for (batch, features), eps in [((6, 4), 0.1), ((3, 5), 0.5), ((9, 2), 1e-3)]:
        X, gamma, beta = _case((batch, features), features)
        compare(
            run(answer, X, gamma, beta, eps),
            F.batch_norm(X, None, None, gamma, beta, training=True, eps=eps),
            case=f"X {(batch, features)}, eps {eps}",
            mistakes={
                **slips.of_forward(X, gamma, beta, eps, axes=(0,)),
                "You normalised along the features of each image. Each feature has a mean and a variance of its own, "
                "over the batch: axis 0.": slips.forward(X, gamma, beta, eps, axes=(1,)),
                "You took one mean and one variance of the whole batch. Each feature has its own: axis 0.": (
                    slips.forward(X, gamma, beta, eps, axes=(0, 1))
                ),
            },
        )


@exercise("Batch normalisation of feature maps")
def batch_norm_conv(answer):
    """answer(X (B, C, H, W), gamma (C,), beta (C,), eps) -> (B, C, H, W), against F.batch_norm."""
    for shape, eps in [((4, 3, 5, 3), 0.1), ((2, 3, 4, 6), 0.5), ((3, 2, 1, 4), 1e-3)]:
        X, gamma, beta = _case(shape, shape[1])

        def normalised(*axes, X=X, gamma=gamma, beta=beta, eps=eps):
            return slips.forward(X, gamma, beta, eps, axes=axes)

        last_axis = slips.along_width(X, gamma, beta, eps) if shape[1] == shape[3] else None
        compare(
            run(answer, X, gamma, beta, eps),
            F.batch_norm(X, None, None, gamma, beta, training=True, eps=eps),
            case=f"X {shape}, eps {eps}",
            mistakes={
                **slips.of_forward(X, gamma, beta, eps, axes=(0, 2, 3)),
                "You normalised each place of a map by itself. A channel has one mean and one variance over batch, "
                "height and width: axes 0, 2 and 3.": normalised(0),
                _INSTANCE_NORM: normalised(2, 3),
                "You normalised each image over all its channels (that is layer normalisation). A channel has its own "
                "statistics, over the batch: axes 0, 2 and 3.": normalised(1, 2, 3),
                "You took one mean and one variance for all channels. Each channel has its own.": normalised(
                    0, 1, 2, 3
                ),
                "The height is missing from your axes: take 0, 2 and 3.": normalised(0, 3),
                "The width is missing from your axes: take 0, 2 and 3.": normalised(0, 2),
                "gamma and beta ran along the width, where this X happens to have as many columns as channels. Give "
                "them the shape (1, C, 1, 1).": last_axis,
                "You left the maps flat. Give them back their shape (B, C, H, W).": normalised(0, 2, 3).flatten(1),
            },
        )


def _case(shape, channels):
    """X away from mean 0 and variance 1, and a positive gamma away from 1."""
    X = 2 * tensor(shape, seed=shape[0]) + torch.arange(channels).view(-1, *[1] * (len(shape) - 2)) + 1
    return X, tensor((channels,), seed=channels).abs() + 1.5, tensor((channels,), seed=channels + 50) + 0.5


@exercise("Running statistics")
def update_running(answer):
    """answer(running_mean (C,), running_var (C,), X (B, C, H, W), momentum) -> both, against nn.BatchNorm2d."""
    for shape, momentum in [((2, 3, 2, 2), 0.1), ((3, 2, 1, 2), 0.3)]:
        X, mean, variance = _case(shape, shape[1])
        reference = nn.BatchNorm2d(shape[1], momentum=momentum)
        reference.running_mean.copy_(mean)
        reference.running_var.copy_(variance)
        reference(X)
        compare(
            run(answer, mean, variance, X, momentum),
            (reference.running_mean, reference.running_var),
            case=f"X {shape}, momentum {momentum}",
            mistakes=slips.of_running(mean, variance, X, momentum),
        )


@exercise("A layer with two lives")
def batch_norm_layer(answer):
    """answer(channels, eps, momentum) -> nn.Module; training, gradients and evaluation against nn.BatchNorm2d."""
    layer = build(answer, CHANNELS, EPS, MOMENTUM)
    _require_parts(layer)
    batches = [2 * tensor((4, CHANNELS, 2, 5), seed=seed) + seed for seed in (1, 2, 3)]
    wrong = {message: life(Layer(turn), batches) for message, turn in WRONG_TURNS.items()}
    expected = life(nn.BatchNorm2d(CHANNELS, eps=EPS, momentum=MOMENTUM), batches)
    for stage, got in stages(layer, batches, call=_call):
        mistakes = {message: life[stage] for message, life in wrong.items()} | {
            _INSTANCE_NORM: of_each_image(batches[0])
        }
        compare(got, expected[stage], case=stage, atol=1e-4, mistakes=mistakes)


def _call(layer, X):
    return run(layer, as_is(X))


def _require_parts(layer):
    """Two parameters and two buffers under the names of the exercise, with their values at the start."""
    parameters, buffers = dict(layer.named_parameters()), dict(layer.named_buffers())
    for name in ("running_mean", "running_var"):
        if name in parameters:
            raise Mistake(f"{name} is a parameter, so an optimiser would move it. Make it a buffer: register_buffer.")
        if name not in buffers:
            raise Mistake(
                f'Your layer has no buffer {name}: make it with self.register_buffer("{name}", ...), so that it is '
                "saved with the weights."
            )
    for name in ("gamma", "beta"):
        if name not in parameters:
            raise Mistake(
                f"Your layer has no parameter {name}: self.{name} = nn.Parameter(...), so that it is learned."
            )
    same_parameters(layer, nn.BatchNorm2d(CHANNELS))
    for name, start in {"gamma": 1.0, "beta": 0.0, "running_mean": 0.0, "running_var": 1.0}.items():
        mistakes = {f"{name} starts at {start:.0f}, not at {1 - start:.0f}.": torch.full((CHANNELS,), 1 - start)}
        compare(getattr(layer, name).detach(), torch.full((CHANNELS,), start), case="a new layer", mistakes=mistakes)


@exercise("The way back")
def batch_norm_gradient(answer):
    """answer(X (B, D), gamma (D,), upstream (B, D), eps) -> gradients for X, gamma and beta, against autograd."""
    for (batch, features), eps in [((5, 3), 0.1), ((3, 4), 1e-3)]:
        X, gamma, beta = (part.requires_grad_() for part in _case((batch, features), features))
        upstream = tensor((batch, features), seed=7)
        output = F.batch_norm(X, None, None, gamma, beta, training=True, eps=eps)
        expected = torch.autograd.grad(output, (X, gamma, beta), upstream)
        X, gamma = X.detach(), gamma.detach()
        compare(
            run(answer, X, gamma, upstream, eps),
            expected,
            case=f"X {(batch, features)}, eps {eps}",
            atol=1e-4,
            mistakes=slips.of_gradient(X, gamma, upstream, eps, expected),
        )


@exercise("Fold it into the convolution")
def fold(answer):
    """answer(weight, bias, mean, variance, gamma, beta, eps) -> (weight, bias) of one convolution."""
    for c_out, c_in, eps in [(4, 4, 0.1), (2, 3, 0.5)]:
        weight, bias = tensor((c_out, c_in, 3, 3), seed=c_in), tensor((c_out,), seed=9) + 2
        mean, gamma, beta = (tensor((c_out,), seed=seed) + shift for seed, shift in ((1, 1), (2, 3), (3, -2)))
        variance = tensor((c_out,), seed=4).abs() + 0.5
        scale = gamma / (variance + eps).sqrt()
        compare(
            run(answer, weight, bias, mean, variance, gamma, beta, eps),
            (weight * scale.view(-1, 1, 1, 1), (bias - mean) * scale + beta),
            case=f"weight {(c_out, c_in, 3, 3)}, eps {eps}",
            mistakes=slips.of_fold(weight, bias, mean, variance, gamma, beta, eps),
        )


@exercise("Several devices, one batch")
def synchronise(answer):
    """answer(means (devices, C), variances (devices, C), counts (devices,)) -> mean and variance (C,) of all values."""
    for sizes, channels in [((4, 4), 3), ((2, 5, 9), 2)]:
        parts = [2 * tensor((size, channels), seed=size + i) + 3 * i for i, size in enumerate(sizes)]
        whole = torch.cat(parts)
        means = torch.stack([part.mean(0) for part in parts])
        variances = torch.stack([part.var(0, correction=0) for part in parts])
        counts = torch.tensor(sizes)
        compare(
            run(answer, means, variances, counts),
            (whole.mean(0), whole.var(0, correction=0)),
            case=f"{len(sizes)} devices with {', '.join(map(str, sizes))} images",
            atol=1e-4,
            mistakes=slips.of_synchronise(means, variances, counts),
        )
