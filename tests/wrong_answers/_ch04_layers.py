"""Wrong answers that learners give in chapter 04 about the layers of 1998, each named for the mistake it makes."""

import torch
import torch.nn.functional as F


def _squash(values):
    return 1.7159 * torch.tanh(values * 2 / 3)


def _subsample(pool=lambda X: 4 * F.avg_pool2d(X, 2), squash=_squash, combine=lambda s, c, b: c * s + b):
    def answer(X, coefficient, bias):
        return squash(combine(pool(X), coefficient[:, None, None], bias[:, None, None]))

    return answer


def _table(mask=lambda table: table, after=lambda maps, bias, table: maps + bias[:, None, None], **options):
    def answer(X, weight, bias, table):
        return after(F.conv2d(X, weight * mask(table)[:, :, None, None], **options), bias, table)

    return answer


def _distances(reduce):
    return lambda features, bitmaps: reduce(features[:, None] - bitmaps)


def _loss(second=None, first=None, mean=True, sign=1):
    def answer(distances, y, j):
        one = distances.gather(1, y[:, None])[:, 0] if first is None else first(distances)
        every = torch.cat([distances, torch.full((len(distances), 1), float(j))], 1)
        two = torch.logsumexp(-every, 1) if second is None else second(distances, j)
        loss = one + sign * two
        return loss.mean() if mean else loss

    return answer


def _plain_exponentials(distances, j):
    return torch.log(torch.exp(torch.tensor(-float(j))) + torch.exp(-distances).sum(1))


def _without_the_right_class(distances, y, j):
    right = y[:, None]
    others = torch.exp(-distances).scatter(1, right, 0.0)
    return (distances.gather(1, right)[:, 0] + torch.log(torch.exp(torch.tensor(-j)) + others.sum(1))).mean()


WRONG = {
    "subsample": {
        "takes the mean": _subsample(pool=lambda X: F.avg_pool2d(X, 2)),
        "takes the maximum": _subsample(pool=lambda X: F.max_pool2d(X, 2)),
        "takes every second pixel": _subsample(pool=lambda X: X[:, :, ::2, ::2]),
        "moves by one pixel": _subsample(pool=lambda X: 4 * F.avg_pool2d(X, 2, 1)),
        "forgets to squash": _subsample(squash=lambda values: values),
        "squashes with a plain tanh": _subsample(squash=torch.tanh),
        "squashes first": _subsample(squash=lambda v: v, combine=lambda s, c, b: c * _squash(s) + b),
        "multiplies the bias": _subsample(combine=lambda s, c, b: c * (s + b)),
        "forgets the bias": _subsample(combine=lambda s, c, b: c * s),
        "forgets the coefficient": _subsample(combine=lambda s, c, b: s + b),
        "spreads the coefficient over the columns": lambda X, coefficient, bias: _squash(
            4 * F.avg_pool2d(X, 2) * coefficient + bias
        ),
    },
    "table_convolution": {
        "ignores the table": _table(mask=lambda table: torch.ones_like(table)),
        "sees what the table leaves out": _table(mask=lambda table: ~table),
        "forgets the bias": _table(after=lambda maps, bias, table: maps),
        "divides by the number of maps": _table(
            after=lambda maps, bias, table: maps / table.sum(1)[:, None, None] + bias[:, None, None]
        ),
        "adds the bias for each connection": _table(
            after=lambda maps, bias, table: maps + (table.sum(1) * bias)[:, None, None]
        ),
        "pads": lambda X, weight, bias, table: F.conv2d(X, weight * table[:, :, None, None], bias, padding="same"),
        "flips the kernels": lambda X, weight, bias, table: _table()(X, weight.flip(2, 3), bias, table),
        "reads the table the other way round": _table(mask=lambda table: table.T),
        "uses one row for all": _table(mask=lambda table: table[:1]),
        "hides maps that some map does not see": lambda X, weight, bias, table: F.conv2d(
            X * table.all(0)[:, None, None], weight, bias
        ),
        "writes into the weight": lambda X, weight, bias, table: F.conv2d(
            X, weight.mul_(table[:, :, None, None]), bias
        ),
    },
    "bitmap_distances": {
        "takes the root": lambda features, bitmaps: torch.cdist(features, bitmaps),
        "takes the mean": _distances(lambda d: d.square().mean(2)),
        "adds absolute values": _distances(lambda d: d.abs().sum(2)),
        "does not square": _distances(lambda d: d.sum(2)),
        "gives negative distances": _distances(lambda d: -d.square().sum(2)),
        "multiplies": lambda features, bitmaps: features @ bitmaps.T,
        "exchanges rows and columns": lambda features, bitmaps: (bitmaps[:, None] - features).square().sum(2),
        "gives the smallest only": _distances(lambda d: d.square().sum(2).min(1).values),
        "gives the nearest one's number": _distances(lambda d: d.square().sum(2).argmin(1)),
    },
    "map_loss": {
        "forgets j": _loss(second=lambda distances, j: torch.logsumexp(-distances, 1)),
        "takes exp(j)": _loss(
            second=lambda distances, j: torch.logsumexp(
                torch.cat([-distances, torch.full((len(distances), 1), float(j))], 1), 1
            )
        ),
        "adds j itself": _loss(second=lambda distances, j: torch.log(j + torch.exp(-distances).sum(1))),
        "returns the losses": _loss(mean=False),
        "sums over the batch": lambda distances, y, j: _loss(mean=False)(distances, y, j).sum(),
        "subtracts the logarithm": _loss(sign=-1),
        "forgets the logarithm": _loss(second=lambda distances, j: _plain_exponentials(distances, j).exp()),
        "forgets the minus": _loss(
            second=lambda distances, j: torch.log(torch.exp(distances).sum(1) + torch.exp(torch.tensor(j)))
        ),
        "leaves the right class out of the sum": _without_the_right_class,
        "takes the smallest distance": _loss(first=lambda distances: distances.min(1).values),
        "stops after the first term": _loss(sign=0),
        "overflows": _loss(second=_plain_exponentials),
    },
}
