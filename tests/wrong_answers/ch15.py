"""Wrong answers that learners give in chapter 15, each named for the mistake it makes."""

import torch
import torch.nn.functional as F


def _patches(*axes, flat=False, swap=None):
    def answer(X, size):
        B, C, H, W = X.shape
        rows, columns = H // size, W // size
        tiles = X.reshape(B, C, rows, size, columns, size).permute(*axes)
        patches = tiles.reshape(B, rows * columns, C * size * size)
        if flat:
            patches = patches.flatten(0, 1)
        return patches if swap is None else patches.transpose(*swap)

    return answer


_RIGHT_PATCHES = (0, 2, 4, 1, 3, 5)


def _counted_off(X, size):
    B, C, H, W = X.shape
    return X.reshape(B, (H // size) * (W // size), C * size * size)


def _attention(scale=lambda Q, K: K.shape[-1] ** 0.5, dim=-1):
    def answer(Q, K, V):
        return (Q @ K.transpose(1, 2) / scale(Q, K)).softmax(dim) @ V

    return answer


def _transposed_weights(Q, K, V):
    return (Q @ K.transpose(1, 2) / K.shape[-1] ** 0.5).softmax(-1).transpose(1, 2) @ V


def _away(side, p=2.0):
    places = torch.cartesian_prod(torch.arange(side), torch.arange(side)).float()
    return torch.cdist(places, places, p=p)


def _distance(away=_away, reduce=lambda per_query: per_query.mean(-1)):
    def answer(weights, side):
        return reduce((weights * away(side)).sum(-1))

    return answer


def _by_number(side):
    steps = torch.arange(side**2)
    return (steps[:, None] - steps).abs().float()


def _bce(logits, label, reduction="mean"):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label), reduction=reduction)


def _made(layers, channels, kernel_size):
    return layers * channels**2 * kernel_size**2


def _learned(layers, channels, kernel_size, code):
    return layers * code + (code + 1) * channels**2 * kernel_size**2


def _cam(weigh=lambda gradients: gradients.mean((2, 3), keepdim=True), finish=lambda X: X.sum(1).relu()):
    def answer(maps, gradients):
        return finish(weigh(gradients) * maps)

    return answer


def _cam_in_place(maps, gradients):
    maps *= gradients.mean((2, 3), keepdim=True)
    return maps.sum(1).relu()


WRONG = {
    "patchify": {
        "counts the pixels off": _counted_off,
        "goes column by column": _patches(0, 4, 2, 1, 3, 5),
        "puts the channels last": _patches(0, 2, 4, 3, 5, 1),
        "transposes each patch": _patches(0, 2, 4, 1, 5, 3),
        "returns (B, D, N)": _patches(*_RIGHT_PATCHES, swap=(1, 2)),
        "returns (N, B, D)": _patches(*_RIGHT_PATCHES, swap=(0, 1)),
        "loses the batch": _patches(*_RIGHT_PATCHES, flat=True),
    },
    "attention": {
        "does not scale": _attention(scale=lambda Q, K: 1),
        "divides by d": _attention(scale=lambda Q, K: K.shape[-1]),
        "scales by the number of keys": _attention(scale=lambda Q, K: K.shape[1] ** 0.5),
        "takes the softmax over the queries": _attention(dim=1),
        "takes the softmax over the batch": _attention(dim=0),
        "takes no softmax": lambda Q, K, V: Q @ K.transpose(1, 2) / K.shape[-1] ** 0.5 @ V,
        "scales after the softmax": lambda Q, K, V: (Q @ K.transpose(1, 2)).softmax(-1) / K.shape[-1] ** 0.5 @ V,
        "returns the weights": lambda Q, K, V: (Q @ K.transpose(1, 2) / K.shape[-1] ** 0.5).softmax(-1),
        "exchanges queries and keys": lambda Q, K, V: _attention()(K, Q, V),
        "transposes the weights": _transposed_weights,
        "forgets to transpose the keys": lambda Q, K, V: (Q @ K / K.shape[-1] ** 0.5).softmax(-1) @ V,
    },
    "attention_distance": {
        "ignores the weights": lambda weights, side: _away(side).mean().expand(len(weights)),
        "squares": _distance(lambda side: _away(side) ** 2),
        "walks along the streets": _distance(lambda side: _away(side, p=1.0)),
        "subtracts the numbers of the patches": _distance(_by_number),
        "sums over the queries": _distance(reduce=lambda per_query: per_query.sum(-1)),
        "divides by the keys too": lambda weights, side: (weights * _away(side)).mean((-1, -2)),
        "keeps the queries": _distance(reduce=lambda per_query: per_query),
        "averages the heads": _distance(reduce=lambda per_query: per_query.mean()),
    },
    "gan_losses": {
        "has the labels the wrong way round": lambda real, fake: (_bce(real, 0.0) + _bce(fake, 1.0), _bce(fake, 1.0)),
        "lets the generator lose": lambda real, fake: (_bce(real, 1.0) + _bce(fake, 0.0), _bce(fake, 0.0)),
        "takes the loss that saturates": lambda real, fake: (_bce(real, 1.0) + _bce(fake, 0.0), -_bce(fake, 0.0)),
        "judges the real ones only": lambda real, fake: (_bce(real, 1.0), _bce(fake, 1.0)),
        "judges the fakes only": lambda real, fake: (_bce(fake, 0.0), _bce(fake, 1.0)),
        "halves the sum": lambda real, fake: ((_bce(real, 1.0) + _bce(fake, 0.0)) / 2, _bce(fake, 1.0)),
        "sums over the batch": lambda real, fake: (
            _bce(real, 1.0, "sum") + _bce(fake, 0.0, "sum"),
            _bce(fake, 1.0, "sum"),
        ),
        "gives the generator the real ones": lambda real, fake: (
            _bce(real, 1.0) + _bce(fake, 0.0),
            _bce(real, 1.0) + _bce(fake, 1.0),
        ),
        "returns the generator's first": lambda real, fake: (_bce(fake, 1.0), _bce(real, 1.0) + _bce(fake, 0.0)),
        "takes the logarithm of logits": lambda real, fake: (
            -real.log().mean() - (1 - fake).log().mean(),
            -fake.log().mean(),
        ),
    },
    "hyper_numbers": {
        "forgets the bias": lambda layers, c, k, code: (_made(layers, c, k), layers * code + code * c**2 * k**2),
        "forgets the codes": lambda layers, c, k, code: (_made(layers, c, k), (code + 1) * c**2 * k**2),
        "counts one code": lambda layers, c, k, code: (_made(layers, c, k), _learned(1, c, k, code)),
        "has a maker for each layer": lambda layers, c, k, code: (
            _made(layers, c, k),
            layers * _learned(1, c, k, code),
        ),
        "makes one kernel": lambda layers, c, k, code: (_made(1, c, k), _learned(layers, c, k, code)),
        "learns what is made": lambda layers, c, k, code: (
            _made(layers, c, k),
            _made(layers, c, k) + _learned(layers, c, k, code),
        ),
        "counts one side of the kernel": lambda layers, c, k, code: (
            layers * c**2 * k,
            layers * code + (code + 1) * c**2 * k,
        ),
        "counts the channels once": lambda layers, c, k, code: (
            layers * c * k**2,
            layers * code + (code + 1) * c * k**2,
        ),
        "returns what is learned first": lambda layers, c, k, code: (
            _learned(layers, c, k, code),
            _made(layers, c, k),
        ),
    },
    "grad_cam": {
        "forgets the ReLU": _cam(finish=lambda X: X.sum(1)),
        "takes the ReLU before the sum": _cam(finish=lambda X: X.relu().sum(1)),
        "multiplies place by place": _cam(weigh=lambda gradients: gradients),
        "sums the gradient": _cam(weigh=lambda gradients: gradients.sum((2, 3), keepdim=True)),
        "takes the largest gradient": _cam(weigh=lambda gradients: gradients.amax((2, 3), keepdim=True)),
        "takes the mean over the channels": _cam(finish=lambda X: X.mean(1).relu()),
        "takes the magnitude": _cam(finish=lambda X: X.sum(1).abs()),
        "averages over the batch": _cam(weigh=lambda gradients: gradients.mean((0, 2, 3), keepdim=True)),
        "leaves the maps out": lambda maps, gradients: gradients.sum(1).relu(),
        "keeps the channels": _cam(finish=lambda X: X.relu()),
        "writes into its input": _cam_in_place,
    },
}
