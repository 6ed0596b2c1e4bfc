"""Wrong answers that learners give in chapter 03, each named for the mistake it makes."""

import torch
import torch.nn.functional as F


def _windows(X, kernel, stride):
    return X.unfold(2, kernel, stride).unfold(3, kernel, stride)


def _max_from_zero(X, kernel, stride):
    windows = _windows(X, kernel, stride)
    return torch.maximum(torch.zeros(windows.shape[:4]), windows.amax((4, 5)))


def _max_in_place(X, kernel, stride):
    X[X < 0] *= 1.0001
    return F.max_pool2d(X, kernel, stride)


def _max_of_square_pictures(X, kernel, stride):
    side = (X.shape[2] - kernel) // stride + 1
    return _windows(X, kernel, stride)[:, :, :side, :side].amax((4, 5))


def _average(X, kernel, stride, padding):
    return F.avg_pool2d(X, kernel, stride, padding, count_include_pad=False)


def _average_with(change):
    return lambda X, kernel, stride, padding: _average(change(X), kernel, stride, padding)


def _average_in_place(X, kernel, stride, padding):
    result = _average(X, kernel, stride, padding)
    X.zero_()
    return result


def _l2(X, kernel, stride):
    return _windows(X, kernel, stride).square().sum((4, 5)).sqrt()


def _l2_over(axis):
    return lambda X, kernel, stride: _l2(X.square().sum(axis, keepdim=True).sqrt(), kernel, stride)


def _blow_up(maps):
    return maps.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)


def _winners(X):
    return (X == _blow_up(F.max_pool2d(X, 2))).float()


def _gradient_of_the_first_channel(X, upstream):
    return _winners(X[:, :1]) * _blow_up(upstream)


def _weighted(X, weights, stride):
    return (X.unfold(2, weights.shape[0], stride).unfold(3, weights.shape[1], stride) * weights).sum((4, 5))


def _weighted_over_all_channels(X, weights, stride):
    channels = X.shape[1]
    kernel = weights.expand(channels, channels, *weights.shape)
    return F.conv2d(X, kernel / kernel[0].sum(), stride=stride)


def _weighted_in_place(X, weights, stride):
    weights /= weights.sum()
    return _weighted(X, weights, stride)


def _adaptive(start, end, summary=torch.mean):
    def answer(signal, size):
        n = len(signal)
        edges = [(start(i, n, size), end(i, n, size)) for i in range(size)]
        return torch.stack([summary(signal[a : max(b, a + 1)]) for a, b in edges])

    return answer


def _start(i, n, size):
    return i * n // size


def _end(i, n, size):
    return -(-(i + 1) * n // size)


WRONG = {
    "max_pool": {
        "ignores the stride": lambda X, kernel, stride: F.max_pool2d(X, kernel, 1),
        "steps by the kernel's size": lambda X, kernel, stride: F.max_pool2d(X, kernel, kernel),
        "swaps height and width": lambda X, kernel, stride: F.max_pool2d(X, kernel, stride).transpose(2, 3),
        "mixes the channels": lambda X, kernel, stride: F.max_pool2d(X, kernel, stride).amax(1, keepdim=True),
        "mixes the batch": lambda X, kernel, stride: F.max_pool2d(X, kernel, stride).amax(0, keepdim=True),
        "hangs over the edge": lambda X, kernel, stride: F.max_pool2d(X, kernel, stride, ceil_mode=True),
        "pads with zeros": lambda X, kernel, stride: F.max_pool2d(
            F.pad(X, (0, kernel - 1, 0, kernel - 1)), kernel, stride
        ),
        "starts from zero": _max_from_zero,
        "takes absolute values": lambda X, kernel, stride: -F.max_pool2d(-X, kernel, stride),
        "averages": lambda X, kernel, stride: F.avg_pool2d(X, kernel, stride),
        "right only for square pictures": _max_of_square_pictures,
        "writes into its input": _max_in_place,
    },
    "average_pool": {
        "averages over padded zeros": lambda X, kernel, stride, padding: F.avg_pool2d(X, kernel, stride, padding),
        "pads on one side": lambda X, kernel, stride, padding: F.avg_pool2d(
            F.pad(X, (padding, 0, padding, 0)), kernel, stride
        ),
        "forgets the padding": lambda X, kernel, stride, padding: F.avg_pool2d(X, kernel, stride),
        "ignores the stride": lambda X, kernel, stride, padding: _average(X, kernel, 1, padding),
        "steps by the kernel's size": lambda X, kernel, stride, padding: _average(X, kernel, kernel, padding),
        "swaps height and width": _average_with(lambda X: X.transpose(2, 3)),
        "mixes the channels": _average_with(lambda X: X.mean(1, keepdim=True)),
        "mixes the batch": _average_with(lambda X: X.mean(0, keepdim=True)),
        "sums": lambda X, kernel, stride, padding: F.avg_pool2d(X, kernel, stride, padding) * kernel**2,
        "divides by the window's side": lambda X, kernel, stride, padding: (
            F.avg_pool2d(X, kernel, stride, padding) * kernel
        ),
        "divides with //": lambda X, kernel, stride, padding: _average(X, kernel, stride, padding).floor(),
        "writes into its input": _average_in_place,
    },
    "l2_pool": {
        "averages the squares": lambda X, kernel, stride: _windows(X, kernel, stride).square().mean((4, 5)).sqrt(),
        "forgets the root": lambda X, kernel, stride: _l2(X, kernel, stride).square(),
        "adds before squaring": lambda X, kernel, stride: _windows(X, kernel, stride).sum((4, 5)).square().sqrt(),
        "adds absolute values": lambda X, kernel, stride: _windows(X, kernel, stride).abs().sum((4, 5)),
        "takes the maximum": lambda X, kernel, stride: _windows(X, kernel, stride).amax((4, 5)),
        "ignores the stride": lambda X, kernel, stride: _l2(X, kernel, 1),
        "steps by the kernel's size": lambda X, kernel, stride: _l2(X, kernel, kernel),
        "swaps height and width": lambda X, kernel, stride: _l2(X.transpose(2, 3), kernel, stride),
        "mixes the channels": _l2_over(1),
        "mixes the batch": _l2_over(0),
    },
    "max_pool_gradient": {
        "gives it to everyone": lambda X, upstream: _blow_up(upstream),
        "is that of the average": lambda X, upstream: _blow_up(upstream) / 4,
        "forgets the upstream gradient": lambda X, upstream: _winners(X),
        "gives it to the smallest": lambda X, upstream: _winners(-X) * _blow_up(upstream),
        "multiplies with X": lambda X, upstream: _winners(X) * _blow_up(upstream) * X,
        "returns the values": lambda X, upstream: _winners(X) * X,
        "finds one winner in the whole image": lambda X, upstream: (
            (X == X.amax((2, 3), keepdim=True)) * _blow_up(upstream)
        ),
        "keeps positive gradients only": lambda X, upstream: _winners(X) * _blow_up(upstream).clamp(min=0),
        "right only for one channel": _gradient_of_the_first_channel,
    },
    "weighted_pool": {
        "does not scale the weights": _weighted,
        "divides by their number": lambda X, weights, stride: _weighted(X, weights / weights.numel(), stride),
        "flips them": lambda X, weights, stride: _weighted(X, (weights / weights.sum()).flip(0, 1), stride),
        "leaves them out": lambda X, weights, stride: _weighted(X, torch.ones_like(weights) / weights.numel(), stride),
        "ignores the stride": lambda X, weights, stride: _weighted(X, weights / weights.sum(), 1),
        "divides by the largest": lambda X, weights, stride: _weighted(X, weights / weights.max(), stride),
        "applies a softmax": lambda X, weights, stride: _weighted(
            X, weights.flatten().softmax(0).view_as(weights), stride
        ),
        "mixes the channels": _weighted_over_all_channels,
        "scales them in place": _weighted_in_place,
        "right only for square windows": lambda X, weights, stride: (
            _windows(X, weights.shape[0], stride) * weights / weights.sum()
        ).sum((4, 5)),
    },
    "adaptive_average": {
        "rounds the ends down": _adaptive(_start, lambda i, n, size: (i + 1) * n // size),
        "rounds the starts up": _adaptive(lambda i, n, size: min(-(-i * n // size), _end(i, n, size) - 1), _end),
        "makes all windows equally long": _adaptive(
            lambda i, n, size: i * (n // size), lambda i, n, size: (i + 1) * (n // size)
        ),
        "drops the last value of each window": _adaptive(_start, lambda i, n, size: _end(i, n, size) - 1),
        "begins one value too late": _adaptive(lambda i, n, size: _start(i, n, size) + 1, _end),
        "takes the maximum": _adaptive(_start, _end, torch.amax),
        "sums": _adaptive(_start, _end, torch.sum),
        "returns one value too many": lambda signal, size: torch.cat(
            [_adaptive(_start, _end)(signal, size), signal[-1:]]
        ),
    },
}
