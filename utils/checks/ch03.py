"""Checks of chapter 03, Pooling. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F

from utils.checks._harness import compare, exercise, run, tensor

__all__ = ["adaptive_average", "average_pool", "l2_pool", "max_pool", "max_pool_gradient", "weighted_pool"]

# shape of X, kernel, stride: a batch, a picture that is not square, windows that overlap, windows with gaps between
CASES = [((2, 3, 4, 6), 2, 2), ((1, 2, 7, 5), 3, 2), ((1, 1, 10, 8), 2, 3)]


def _windows(X, kernel, stride):
    return X.unfold(2, kernel, stride).unfold(3, kernel, stride)


def _said(shape, kernel, stride):
    return f"X {shape}, kernel {kernel}, stride {stride}"


def _common(pool, X, kernel, stride, across=torch.amax):
    """Slips that any pooling invites: message -> what `pool(X, kernel, stride)` gives with the slip.

    Args:
        across: pools the results of several windows into that of one large window, along an axis.
    """
    pooled = pool(X, kernel, stride)
    return {
        "You ignored the stride: windows begin every `stride` pixels, not every pixel.": pool(X, kernel, 1),
        "You stepped by the kernel's size. Step by `stride`, which can differ from it.": pool(X, kernel, kernel),
        "Height and width are swapped.": pooled.transpose(2, 3),
        "You pooled over the channels too. Each channel is pooled by itself.": across(pooled, dim=1, keepdim=True),
        "You pooled over the batch too. Each image is pooled by itself.": across(pooled, dim=0, keepdim=True),
    }


@exercise("Max pooling")
def max_pool(answer):
    """answer(X, kernel, stride) -> (B, C, H', W'), against F.max_pool2d; with values that are all negative."""
    for seed, (shape, kernel, stride) in enumerate(CASES):
        X = -tensor(shape, seed=seed).abs() - 0.1
        padded, expected = F.pad(X, (0, kernel, 0, kernel)), F.max_pool2d(X, kernel, stride)
        compare(
            run(answer, X, kernel, stride),
            expected,
            case=_said(shape, kernel, stride) + ", all values negative",
            mistakes={
                **_common(F.max_pool2d, X, kernel, stride),
                "A window hung over the edge. One that does not fit is not taken.": F.max_pool2d(
                    X, kernel, stride, ceil_mode=True
                ),
                "Where all values are negative, you gave zero: start from the window's own values.": torch.zeros_like(
                    expected
                ),
                "You used the picture's height for its width too. It need not be square.": (
                    expected[..., : expected.shape[2]]
                ),
                "You padded with zeros. Take only windows that fit.": F.max_pool2d(padded, kernel, stride),
                "You took the largest absolute value. Take the largest value.": -F.max_pool2d(-X, kernel, stride),
                "That is the average of each window. Take the largest value.": F.avg_pool2d(X, kernel, stride),
            },
        )


@exercise("An average that ignores the padding")
def average_pool(answer):
    """answer(X, kernel, stride, padding) -> (B, C, H', W'), against F.avg_pool2d(count_include_pad=False)."""
    for seed, (shape, kernel, stride) in enumerate(CASES):
        X, padding = tensor(shape, seed=seed) + 1, 1
        counted = F.avg_pool2d(X, kernel, stride, padding)
        one_side = F.pad(X, (padding, 0, padding, 0))
        expected = F.avg_pool2d(X, kernel, stride, padding, count_include_pad=False)
        compare(
            run(answer, X, kernel, stride, padding),
            expected,
            case=_said(shape, kernel, stride) + f", padding {padding}",
            atol=1e-5,
            mistakes={
                **_common(
                    lambda X, k, s: F.avg_pool2d(X, k, s, 1, count_include_pad=False), X, kernel, stride, torch.mean
                ),
                "You averaged over the padded zeros too, so the borders come out too small. Divide by the number of "
                "real pixels.": counted,
                "You padded on the left and on top only. Pad all four sides.": F.avg_pool2d(one_side, kernel, stride),
                "You left out the padding: it goes on all four sides.": F.avg_pool2d(X, kernel, stride),
                "That is the sum of each window. Divide it by the number of real pixels.": counted * kernel**2,
                "You divided by the window's side. It holds kernel x kernel pixels.": counted * kernel,
                "You rounded down: `//` throws the fraction away.": expected.floor(),
            },
        )


def _l2(X, kernel, stride):
    return _windows(X, kernel, stride).square().sum((4, 5)).sqrt()


@exercise("L2 pooling")
def l2_pool(answer):
    """answer(X, kernel, stride) -> (B, C, H', W'), against F.lp_pool2d."""
    for seed, (shape, kernel, stride) in enumerate(CASES):
        X = tensor(shape, seed=seed)
        windows, expected = _windows(X, kernel, stride), _l2(X, kernel, stride)
        compare(
            run(answer, X, kernel, stride),
            expected,
            case=_said(shape, kernel, stride),
            atol=1e-5,
            mistakes={
                **_common(_l2, X, kernel, stride, torch.linalg.vector_norm),
                "You averaged the squares. L2 pooling adds them up.": windows.square().mean((4, 5)).sqrt(),
                "The root is missing: it comes last, after the sum.": expected.square(),
                "You added the values up before squaring. Square each value first.": windows.sum((4, 5)).abs(),
                "That is the sum of absolute values. Square them, and take the root of the sum.": windows.abs().sum(
                    (4, 5)
                ),
                "That is the maximum of each window. Take the root of the sum of squares.": windows.amax((4, 5)),
            },
        )


def _blow_up(maps):
    return maps.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)


@exercise("The gradient of max pooling")
def max_pool_gradient(answer):
    """answer(X, upstream) -> gradient for X (B, C, H, W), against autograd."""
    for shape, seed in [((1, 1, 4, 4), 0), ((2, 3, 6, 4), 1)]:
        X = tensor(shape, seed=seed).requires_grad_()
        pooled = F.max_pool2d(X, 2)
        upstream = tensor(tuple(pooled.shape), seed=seed + 9)
        (expected,) = torch.autograd.grad(pooled, X, upstream)
        X = X.detach()
        winners, losers = (expected != 0).float(), X == -_blow_up(F.max_pool2d(-X, 2))
        of_image = (X == X.amax((2, 3), keepdim=True)) * _blow_up(upstream)
        compare(
            run(answer, X, upstream),
            expected,
            case=f"X {shape}",
            atol=1e-6,
            mistakes={
                "Every value got the gradient. Only the largest of each window should get it.": _blow_up(upstream),
                "That is the gradient of average pooling, a quarter for each value. Here the largest gets all of "
                "it.": _blow_up(upstream) / 4,
                "You marked the winners and left the upstream gradient out. Multiply by it.": winners,
                "The smallest value got the gradient. It belongs to the largest.": losers * _blow_up(upstream),
                "You multiplied by X as well. The slope of the maximum is 1.": expected * X,
                "You gave the pooled values back. Pass the upstream gradient on.": winners * X,
                "Only one value of the whole image got a gradient. Each window has a winner.": of_image,
                "You kept positive gradients only. The winner gets the upstream gradient, whatever its sign.": F.relu(
                    expected
                ),
            },
        )


@exercise("Weighted pooling")
def weighted_pool(answer):
    """answer(X, weights (K, L), stride) -> (B, C, H', W'), against a grouped F.conv2d."""
    for shape, (height, width), stride in [
        ((2, 3, 6, 6), (2, 2), 2),
        ((1, 2, 7, 8), (3, 2), 1),
        ((1, 1, 9, 7), (1, 3), 3),
    ]:
        X, weights = tensor(shape, seed=height), tensor((height, width), seed=width).abs() + 0.1

        def pool(kernel, X=X, stride=stride, channels=shape[1]):
            return F.conv2d(X, kernel.expand(channels, 1, *kernel.shape), stride=stride, groups=channels)

        expected = pool(weights / weights.sum())
        mixed = expected.mean(1, keepdim=True)
        compare(
            run(answer, X, weights, stride),
            expected,
            case=f"X {shape}, weights {(height, width)}, stride {stride}",
            atol=1e-5,
            mistakes={
                "The weights are not scaled: divide by their sum.": pool(weights),
                "You divided by the number of weights. Divide by their sum.": pool(weights / weights.numel()),
                "You flipped the weights. Use them as they stand.": pool((weights / weights.sum()).flip(0, 1)),
                "You left the weights out: that is the plain average.": pool(
                    torch.ones_like(weights) / weights.numel()
                ),
                "You ignored the stride: windows begin every `stride` pixels, not every pixel.": pool(
                    weights / weights.sum(), stride=1
                ),
                "You divided by the largest weight. Divide by their sum.": pool(weights / weights.max()),
                "You applied a softmax to the weights. Divide them by their sum.": pool(
                    weights.flatten().softmax(0).view_as(weights)
                ),
                "You mixed the channels. Each is pooled by itself.": mixed.expand_as(expected)
                if shape[1] > 1
                else mixed + 1,
            },
        )


def _means(signal, edges):
    return torch.stack([signal[start:end].mean() for start, end in edges])


@exercise("Adaptive average pooling in one dimension")
def adaptive_average(answer):
    """answer(signal, size) -> (size,), against F.adaptive_avg_pool1d."""
    for n, size in [(8, 5), (7, 3), (9, 3), (5, 1)]:
        signal = tensor((n,), seed=n)
        starts = [i * n // size for i in range(size)]
        ends = [-(-(i + 1) * n // size) for i in range(size)]
        floors = [max((i + 1) * n // size, start + 1) for i, start in enumerate(starts)]
        step = n // size
        even = [(i * step, (i + 1) * step) for i in range(size)]
        compare(
            run(answer, signal, size),
            F.adaptive_avg_pool1d(signal[None], size)[0],
            case=f"{n} values to {size}",
            atol=1e-6,
            mistakes={
                "You rounded the ends down. Round them up, so that neighbouring windows may share a value.": _means(
                    signal, zip(starts, floors, strict=True)
                ),
                "You rounded the starts up. Round them down.": _means(
                    signal, [(min(-(-i * n // size), end - 1), end) for i, end in enumerate(ends)]
                ),
                "All your windows are equally long, and the last values are lost. Let the lengths differ, so that "
                "every value is in a window.": _means(signal, even),
                "You left out the last value of each window: a slice already ends before its end.": _means(
                    signal, [(start, max(end - 1, start + 1)) for start, end in zip(starts, ends, strict=True)]
                ),
                "Your windows begin one value too late: indices count from 0.": _means(
                    signal, [(min(start + 1, end - 1), end) for start, end in zip(starts, ends, strict=True)]
                ),
                "You took the largest value of each window. Take the mean.": torch.stack(
                    [signal[start:end].amax() for start, end in zip(starts, ends, strict=True)]
                ),
                "You added the values of each window up. Take their mean.": torch.stack(
                    [signal[start:end].sum() for start, end in zip(starts, ends, strict=True)]
                ),
            },
        )
