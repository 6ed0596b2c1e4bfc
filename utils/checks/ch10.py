"""Checks of chapter 10, SE-Net. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks import _ch10_slips as slips
from utils.checks._harness import Mistake, as_is, build, compare, exercise, integers, run, same_network, tensor

__all__ = [
    "attention_squeeze",
    "excite",
    "gate_parameters",
    "gated_residual",
    "pixels_seen",
    "squeeze",
    "squeeze_excitation",
]


@exercise("Squeeze")
def squeeze(answer):
    """answer(X (B, C, H, W)) -> (B, C): the mean of each channel of each image."""
    for shape in [(2, 3, 4, 5), (1, 5, 2, 3), (3, 2, 3, 3)]:
        X = tensor(shape, seed=shape[1]) + 1
        compare(run(answer, X), X.mean((2, 3)), case=f"X {shape}", mistakes=slips.of_squeeze(X))


@exercise("Excite")
def excite(answer):
    """answer(z (B, C), W1 (h, C), b1 (h,), W2 (C, h), b2 (C,)) -> gates (B, C), against F.linear and sigmoid."""
    for batch, channels, hidden in [(2, 6, 3), (1, 4, 2), (3, 5, 1)]:
        z = tensor((batch, channels), seed=channels)
        first = tensor((hidden, channels), seed=1), tensor((hidden,), seed=2)
        second = tensor((channels, hidden), seed=3), tensor((channels,), seed=4) - 0.5
        compare(
            run(answer, z, *first, *second),
            slips.excitation(z, first, second),
            case=f"z {(batch, channels)}, {hidden} hidden units",
            mistakes=slips.of_excite(z, first, second),
        )


@exercise("Squeeze, excite, scale")
def squeeze_excitation(answer):
    """answer(channels, reduction) -> nn.Module, X (B, C, H, W) -> the same shape."""
    for channels, reduction, shape in [(12, 3, (2, 12, 4, 5)), (8, 2, (3, 8, 2, 2)), (6, 8, (2, 6, 3, 4))]:
        module = build(answer, channels, reduction)
        X = tensor(shape, seed=channels) + 0.5
        layer = slips.pointwise if any(p.ndim == 4 for p in module.parameters()) else nn.Linear
        case = f"channels {channels}, reduction {reduction}, X {shape}"
        if channels < reduction and not all(p.numel() for p in module.parameters()):
            raise Mistake("Your hidden layer has no units. It has at least one: max(1, channels // reduction).")
        reference = slips.Gate(channels, max(1, channels // reduction), layer)
        same_network(module, reference, X, case=case, mistakes=slips.of_gate(channels, reduction, layer))


@exercise("A gate in the residual block")
def gated_residual(answer):
    """answer(X, main, shortcut, gate) -> output of the block; the three parts are functions of feature maps."""
    for c_in, c_out in [(4, 4), (3, 5)]:
        main, shortcut = (_scramble(c_in, c_out, seed) for seed in (1, 2))
        X, gate = tensor((2, c_in, 3, 4), seed=c_in), _gate(c_out)
        compare(
            run(answer, X, as_is(main), as_is(shortcut), as_is(gate)),
            F.relu(gate(main(X)) + shortcut(X)),
            case=f"X {tuple(X.shape)}, {c_out} output channels",
            mistakes=slips.of_residual(X, main, shortcut, gate),
        )


def _scramble(c_in, c_out, seed):
    """A function of maps (B, c_in, H, W) -> (B, c_out, H, W) that is like no other."""
    weight = tensor((c_out, c_in, 1, 1), seed=seed)
    return lambda X: F.conv2d(X, weight)


def _gate(channels):
    """A function that scales each channel by another number that depends on the picture."""
    slope = torch.linspace(-2, 2, channels).view(1, -1, 1, 1)
    return lambda X: X * (slope + X.mean((2, 3), keepdim=True)).sigmoid()


@exercise("What the gates cost")
def gate_parameters(answer):
    """answer(widths, reduction) -> number of parameters of one gate for each width in the list."""
    for widths, reduction in [([64], 16), ([256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3, 16), ([32, 32, 96], 4)]:
        right = sum(2 * c * (c // reduction) + c // reduction + c for c in widths)
        got = run(answer, list(widths), reduction)
        if isinstance(got, float):
            raise Mistake("The number of parameters is a whole number. Divide with //.", expected=right, got=got)
        case = f"{len(widths)} gate{'s' * (len(widths) > 1)}, reduction {reduction}"
        compare(got, right, case=case, mistakes=slips.of_sizes(widths, reduction))


@exercise("Which pixels does this place see?")
def pixels_seen(answer):
    """answer(network, X (1, C, H, W), row, column) -> bool (H, W): pixels that move the outputs at this place."""
    for seed, (height, width), place, convs in [(0, (7, 9), (3, 5), 2), (1, (8, 6), (0, 4), 1), (2, (6, 6), (5, 2), 2)]:
        network = _convolutions(convs, seed)
        X = tensor((1, 2, height, width), seed=seed)
        right = slips.seen(network, X, *place)
        compare(
            run(answer, as_is(network), X, *place),
            right,
            case=f"{convs} convolutions of 3 x 3, place {place}",
            mistakes=_of_seen(network, X, place),
        )


def _of_seen(network, X, place):
    """Slips in finding the pixels that a place sees: message -> mask."""
    everything = X.clone().requires_grad_()
    (of_all,) = torch.autograd.grad(network(everything).sum(), everything)
    only = torch.zeros(X.shape[2:], dtype=torch.bool)
    only[place] = True
    swapped = slips.seen(network, X, *place[::-1]) if max(place) < min(X.shape[2:]) else None
    return {
        "You took the gradient of all outputs together. Take those at one place: out[0, :, row, column].": (
            of_all.abs().sum((0, 1)) > 0
        ),
        "You looked for positive gradients only. A pixel also counts where its gradient is negative: take abs().": (
            slips.seen(network, X, *place, reduce=torch.relu)
        ),
        "Gradients of several channels can cancel in a sum. Take abs() before you add the channels up.": (
            slips.seen(network, X, *place, reduce=lambda g: g.sum((0, 1), keepdim=True).relu())
        ),
        "Row and column are swapped.": swapped,
        "You looked at the first input channel only. A pixel counts if any of its channels does.": slips.seen(
            network, X, *place, reduce=lambda g: g[:, :1].abs()
        ),
        "You looked at one output channel only. All channels of the place belong to it.": slips.seen(
            network, X, *place, channels=slice(1)
        ),
        "That is the place itself. Ask which pixels of X move it: the gradient with respect to X.": only,
    }


def _convolutions(count, seed):
    """A network of 3 x 3 convolutions of two channels; half of their weights are zero, so each sees other pixels."""
    places = [integers((2, 2, 3, 3), seed=10 * seed + i, low=0, high=2) for i in range(count)]
    weights = [tensor((2, 2, 3, 3), seed=seed + i) * torch.from_numpy(kept) for i, kept in enumerate(places)]

    def network(X):
        for weight in weights:
            X = F.conv2d(X, weight, padding=1)
        return X

    return network


@exercise("A squeeze that looks where it wants")
def attention_squeeze(answer):
    """answer(X (B, C, H, W), scores (B, 1, H, W)) -> (B, C): weighted mean, weights a softmax over all places."""
    for shape in [(2, 3, 4, 5), (1, 4, 2, 3), (3, 2, 3, 3)]:
        X, scores = tensor(shape, seed=shape[1]), tensor((shape[0], 1, *shape[2:]), seed=shape[2] + 7)
        weights = scores.flatten(1).softmax(1).view_as(scores)
        compare(
            run(answer, X, scores),
            (X * weights).sum((2, 3)),
            case=f"X {shape}",
            mistakes=slips.of_attention(X, scores),
        )
