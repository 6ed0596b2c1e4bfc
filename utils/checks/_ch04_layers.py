"""Checks of chapter 04's layers: dropout, and what LeNet-5 had in 1998. `utils.checks.ch04` offers them."""

import torch
import torch.nn.functional as F

from utils.checks._harness import Mistake, compare, exercise, run, tensor

__all__ = ["bitmap_distances", "dropout_layer", "map_loss", "subsample", "table_convolution"]


def _squash(values):
    return 1.7159 * torch.tanh(values * 2 / 3)


@exercise("Trainable subsampling")
def subsample(answer):
    """answer(X, coefficient, bias) -> squashed (B, C, H // 2, W // 2)."""
    for shape, seed in [((2, 3, 4, 6), 0), ((1, 5, 6, 2), 1), ((3, 4, 4, 4), 2)]:
        X = tensor(shape, seed)
        coefficient, bias = tensor(shape[1:2], seed + 10), tensor(shape[1:2], seed + 20)
        c, b, sums = coefficient[:, None, None], bias[:, None, None], 4 * F.avg_pool2d(X, 2)
        c_is_width = sums.shape[3] == sums.shape[1]
        compare(
            run(answer, X, coefficient, bias),
            _squash(c * sums + b),
            atol=1e-4,
            mistakes={
                "You took the mean of the four values. The paper adds them up.": _squash(c * sums / 4 + b),
                "You took the largest of the four values. The paper adds them up.": _squash(c * F.max_pool2d(X, 2) + b),
                "You took one value of four. Add all four up.": _squash(c * X[:, :, ::2, ::2] + b),
                "The squashing function is missing: 1.7159 tanh(2x / 3).": c * sums + b,
                "You squashed with a plain tanh. The paper's is 1.7159 tanh(2x / 3).": torch.tanh(c * sums + b),
                "You squashed before coefficient and bias. They come first.": c * _squash(sums) + b,
                "You multiplied the bias too. The coefficient belongs to the sum alone.": _squash(c * (sums + b)),
                "You left out the bias: one for each channel, added before the squashing.": _squash(c * sums),
                "Coefficient and bias ran along the width, where this X happens to have as many columns as channels. "
                "Give them the shape (C, 1, 1).": _squash(coefficient * sums + bias) if c_is_width else None,
                "You left out the coefficient: one for each channel, times the sum.": _squash(sums + b),
                "Your windows overlap: move them by two pixels, not by one.": lambda X=X, c=c, b=b: _squash(
                    c * 4 * F.avg_pool2d(X, 2, 1) + b
                ),
            },
        )


@exercise("A convolution with a table")
def table_convolution(answer):
    """answer(X, weight, bias, table) -> maps, each from the input maps that its row of the table names."""
    # The square table comes first: with any other, one that is read the other way round fits no weight.
    for c_out, c_in, kernel, seed in [(4, 4, 3, 1), (3, 4, 2, 0), (5, 2, 1, 2)]:
        X, bias = tensor((2, c_in, 6, 5), seed), tensor((c_out,), seed + 10)
        weight = tensor((c_out, c_in, kernel, kernel), seed + 20)
        table = torch.rand(c_out, c_in, generator=torch.Generator().manual_seed(seed)) < 0.6
        table[:, 0] = torch.arange(c_out) % 2 == 0
        table[:, 1] = torch.arange(c_out) % 2 == 1
        mask = table[:, :, None, None]
        full = F.conv2d(X, weight, bias)
        seen = table.sum(1).float()[None, :, None, None]
        right = F.conv2d(X, weight * mask, bias)
        compare(
            run(answer, X, weight, bias, table),
            right,
            atol=1e-4,
            mistakes={
                "Your convolution sees every map: the table has no effect. Leave out the maps that a row does not "
                "name.": full,
                "Your convolution sees the maps that the table leaves out. It is the other way round.": F.conv2d(
                    X, weight * ~mask, bias
                ),
                "You left out the bias: one for each output map.": F.conv2d(X, weight * mask),
                "You divided by the number of maps seen. A convolution adds them up.": (
                    F.conv2d(X, weight * mask) / seen + bias[:, None, None]
                ),
                "You added the bias once for each connection. Each output map has one bias.": (
                    F.conv2d(X, weight * mask) + seen * bias[:, None, None]
                ),
                "You padded. The paper's C3 does not: 14 x 14 becomes 10 x 10.": F.conv2d(
                    X, weight * mask, bias, padding=kernel // 2
                ),
                "You flipped the kernels. Lay them on the window as they are.": F.conv2d(
                    X, weight.flip(2, 3) * mask, bias
                ),
                "You read the table the other way round: its rows are output maps, its columns input maps.": (
                    F.conv2d(X, weight * mask.transpose(0, 1), bias) if c_out == c_in else None
                ),
                "You used the first row of the table for every map. Each output map has its own row.": F.conv2d(
                    X, weight * mask[:1], bias
                ),
            },
        )


@exercise("Distance to the bitmaps")
def bitmap_distances(answer):
    """answer(features, bitmaps) -> squared distances (B, K)."""
    for batch, classes, size, seed in [(3, 4, 84, 0), (1, 10, 6, 1), (5, 2, 3, 2), (4, 4, 7, 3)]:
        features, bitmaps = tensor((batch, size), seed), torch.sign(tensor((classes, size), seed + 10) + 0.001)
        difference = features[:, None] - bitmaps
        squared = difference.square().sum(2)
        compare(
            run(answer, features, bitmaps),
            squared,
            atol=1e-3,
            mistakes={
                "You took the root. The paper adds up squares and leaves it at that.": squared.sqrt(),
                "You took the mean over the features. The paper takes the sum.": squared / size,
                "You added absolute values. The paper adds squares.": difference.abs().sum(2),
                "You added the differences without squaring them: they cancel.": difference.sum(2),
                "These are negative distances. Here a distance is wanted: the smallest one wins.": -squared,
                "This is the product of features and bitmaps: a dense layer. A distance is wanted.": features
                @ bitmaps.T,
                "Rows and columns are exchanged: a row for each image, a column for each bitmap.": squared.T,
                "You gave the distance to the nearest bitmap only. Return one for each.": squared.min(1).values,
                "You gave the number of the nearest bitmap. Return the distances.": squared.argmin(1),
            },
        )


@exercise("The loss of 1998")
def map_loss(answer):
    """answer(distances, y, j) -> scalar tensor, the mean of equation 9."""
    for batch, classes, j, scale, seed in [
        (4, 10, 2.0, 3, 0),
        (1, 3, 0.1, 1, 1),
        (6, 5, 10.0, 8, 2),
        (2, 10, 1000.0, 900, 3),
    ]:
        distances = scale * tensor((batch, classes), seed).abs()
        distances += 800.0 if j > 100 else 0.0  # exp(-800) is 0 in float32: only a careful sum of exponentials survives
        y = torch.arange(batch) * 7 % classes
        right = distances.gather(1, y[:, None])[:, 0]
        rubbish = torch.full((batch, 1), j)
        every = torch.cat([distances, rubbish], 1)
        log_sum = torch.logsumexp(-every, 1)
        without_j = torch.logsumexp(-distances, 1)
        others = distances.scatter(1, y[:, None], torch.inf)
        got = run(answer, distances, y, j)
        if isinstance(got, torch.Tensor) and got.ndim == 0 and not torch.isfinite(got) and j > 100:
            raise Mistake(
                "Right in small cases, but with large distances every exponential is 0, and log(0) is minus infinity. "
                "`torch.logsumexp` does it without leaving the range of float32.",
                expected=(right + log_sum).mean(),
                got=got,
            )
        compare(
            got,
            (right + log_sum).mean(),
            atol=1e-3,
            mistakes={
                "You left out the constant j: it brings one more term into the sum of exponentials.": (
                    right + without_j
                ).mean(),
                "The exponent of the constant is -j, not j.": lambda e=distances, r=rubbish, right=right: (
                    right + torch.logsumexp(torch.cat([-e, r], 1), 1)
                ).mean(),
                "You added j itself. Add exp(-j).": (right + torch.log(j + torch.exp(-distances).sum(1))).mean(),
                "You returned the sum over the batch. Return its mean.": (right + log_sum).sum(),
                "You returned a loss for each image. Return their mean.": right + log_sum,
                "You subtracted the logarithm. It is added: together, the terms are never below 0.": (
                    right - log_sum
                ).mean(),
                "You left out the logarithm: take it of the whole sum of exponentials.": (
                    right + torch.exp(-every).sum(1)
                ).mean(),
                "You forgot the minus in exp(-y).": (right + torch.logsumexp(every, 1)).mean(),
                "You took the smallest distance. The first term is the distance of the right class.": (
                    distances.min(1).values + log_sum
                ).mean(),
                "The sum goes over all classes, the right one too.": (
                    right + torch.logsumexp(torch.cat([-others, -rubbish], 1), 1)
                ).mean(),
                "That is the first term alone, the mean of the right distances. Add the logarithm of the sum.": (
                    right.mean()
                ),
            },
        )


@exercise("Dropout")
def dropout_layer(answer):
    """answer(X, p, training) -> X with a share p of zeros, judged on many numbers, by share, scale and independence."""
    X = tensor((40, 5, 10, 10), seed=0).abs() + 0.5
    if not torch.equal(run(answer, X, 0.5, False), X):
        raise Mistake("With training=False, dropout must give X back as it is.")
    for p in (0.2, 0.75):
        got = run(answer, X, p, True)
        compare(torch.zeros_like(got) if isinstance(got, torch.Tensor) else got, torch.zeros_like(X))
        _judge_dropped(got, X, p)
    twice = run(lambda X, p, training: [answer(X, p, training) for _ in range(2)], X, 0.5, True)
    if torch.equal(*twice):
        raise Mistake("Two calls dropped the same numbers. Draw anew in each call, without a seed of your own.")


def _judge_dropped(got, X, p):
    dropped = got == 0
    share = dropped.float().mean().item()
    if abs(share - p) > 0.03:
        kept = abs(share - (1 - p)) < 0.03
        raise Mistake(
            "You keep a share p and drop the rest: it is the other way round."
            if kept
            else "The share of zeros is not p. Compare a uniform random number with p, one for each number of X.",
            expected=f"{p:.0%} zeros",
            got=f"{share:.1%}",
        )
    for axis, name in [(0, "image"), (1, "channel")]:
        patterns = dropped.transpose(0, axis)
        if bool((patterns[0] == patterns[1]).all()):
            raise Mistake(f"The same places are dropped in every {name}. Draw one random number for each number of X.")
    scale = (got / X)[~dropped]
    compare(
        scale.mean().item(),
        1 / (1 - p),
        case=f"the factor on the numbers that stay, p={p}",
        atol=1e-3,
        mistakes={
            "You did not scale up the numbers that stay, so their sum shrinks. Divide them by 1 - p.": 1.0,
            "You scaled by 1 / p. The share that stays is 1 - p.": 1 / p,
            "You multiplied by 1 - p, which shrinks the sum once more. Divide by it.": 1 - p,
        },
    )
