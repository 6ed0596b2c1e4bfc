"""Checks of chapter 15, Where next. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F

from utils.checks import _ch15_slips as slips
from utils.checks._harness import compare, exercise, run, tensor

__all__ = ["attention", "attention_distance", "gan_losses", "grad_cam", "hyper_numbers", "patchify"]


@exercise("Cut an image into patches")
def patchify(answer):
    """answer(X (B, C, H, W), size) -> (B, N, C * size * size), row by row, against F.unfold."""
    for shape, size in [((2, 3, 4, 6), 2), ((3, 1, 6, 3), 3), ((1, 2, 4, 4), 2)]:
        X = tensor(shape, seed=size)
        compare(
            run(answer, X, size),
            F.unfold(X, size, stride=size).transpose(1, 2),
            case=f"X {shape}, patches of {size} x {size}",
            mistakes=slips.of_patchify(X, size),
        )


@exercise("Scaled dot-product attention")
def attention(answer):
    """answer(Q (B, N, d), K (B, M, d), V (B, M, e)) -> (B, N, e), against F.scaled_dot_product_attention."""
    for B, N, M, d, e in [(2, 3, 3, 4, 4), (3, 4, 4, 9, 2), (2, 5, 3, 4, 2)]:
        Q, K, V = (tensor((B, *side), seed=sum(side)) for side in ((N, d), (M, d), (M, e)))
        K = K + 0.5
        compare(
            run(answer, Q, K, V),
            F.scaled_dot_product_attention(Q, K, V),
            case=f"{N} queries and {M} keys of {d} numbers, values of {e}, batch of {B}",
            mistakes=slips.of_attention(Q, K, V),
        )


@exercise("How far does a head look?")
def attention_distance(answer):
    """answer(weights (heads, N, N), side) -> (heads,), mean distance in patches on a grid of side x side."""
    for heads, side in [(3, 3), (2, 2), (1, 4)]:
        weights = (2 * tensor((heads, side**2, side**2), seed=side)).softmax(-1)
        places = slips.places(side)
        away = torch.cdist(places, places)
        compare(
            run(answer, weights, side),
            (weights * away).sum(-1).mean(-1),
            case=f"{heads} heads, {side} x {side} patches",
            mistakes=slips.of_distance(weights, side, away),
        )


@exercise("Two losses, one game")
def gan_losses(answer):
    """answer(real (B,), fake (B,)) -> (loss of the discriminator, loss of the generator), from logits."""
    for size in (4, 7):
        real, fake = 2 * tensor((size,), seed=size) + 1, 2 * tensor((size,), seed=size + 1) - 0.5
        compare(
            run(answer, real, fake),
            (F.softplus(-real).mean() + F.softplus(fake).mean(), F.softplus(-fake).mean()),
            mistakes=slips.of_gan(real, fake),
        )


@exercise("What a hypernetwork makes, and what it learns")
def hyper_numbers(answer):
    """answer(layers, channels, kernel_size, code) -> (numbers made, numbers learned), whole numbers."""
    for layers, channels, kernel_size, code in [(4, 12, 3, 2), (3, 5, 7, 4), (10, 8, 1, 3)]:
        kernel = channels**2 * kernel_size**2
        compare(
            run(answer, layers, channels, kernel_size, code),
            (layers * kernel, layers * code + (code + 1) * kernel),
            mistakes=slips.of_hyper(layers, channels, kernel_size, code),
        )


@exercise("Grad-CAM by hand")
def grad_cam(answer):
    """answer(maps (B, C, H, W), gradients (B, C, H, W)) -> (B, H, W), equation 2 of the paper."""
    for shape in [(2, 4, 3, 5), (1, 3, 4, 4), (3, 2, 5, 2)]:
        maps, gradients = tensor(shape, seed=shape[1]).abs(), tensor(shape, seed=shape[2])
        weights = gradients.mean((2, 3), keepdim=True)
        compare(
            run(answer, maps, gradients),
            (weights * maps).sum(1).relu(),
            case=f"maps {shape}",
            mistakes=slips.of_grad_cam(maps, gradients, weights),
        )
