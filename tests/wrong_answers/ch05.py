"""Wrong answers that learners give in chapter 05, each named for the mistake it makes."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks import _ch05_slips as slips


def _histogram(angle=lambda gx, gy: torch.rad2deg(torch.atan2(gy, gx)), vote=torch.hypot, span=180, scale=None):
    def answer(gx, gy, bins):
        index = (angle(gx, gy) % span // (span / bins)).long().clamp(max=bins - 1)
        sums = torch.zeros(bins).index_add_(0, index.flatten(), vote(gx, gy).flatten())
        return scale(sums) if scale else sums

    return answer


def _error(logits, y, k):
    return (logits.topk(k).indices != y[:, None]).all(1).float().mean().item()


def _features(**options):
    return lambda groups: slips.features(**{"groups": groups, **options})


def _grouped(join):
    return lambda X, weight, groups: slips.by_groups(X, weight, groups, join)


def _gradient_norms(
    clear=True, backward=True, keep=lambda name: name.endswith("weight"), norm=lambda p: p.grad.norm(), order=1, **loss
):
    def answer(model, X, y):
        if clear:
            model.zero_grad()
        result = F.cross_entropy(model(X), y, **loss)
        if backward:
            result.backward()
        return [norm(p).item() for name, p in model.named_parameters() if keep(name)][::order]

    return answer


def _along_the_batch(logits, y, k):
    best = logits.topk(k, 0).indices
    return sum(image not in best[:, label] for image, label in enumerate(y)) / len(y)


WRONG = {
    "orientation_histogram": {
        "counts pixels": _histogram(vote=lambda gx, gy: torch.ones_like(gx)),
        "keeps opposite directions apart": _histogram(span=360),
        "squared magnitudes": _histogram(vote=lambda gx, gy: gx**2 + gy**2),
        "exchanges gx and gy": _histogram(angle=lambda gx, gy: torch.rad2deg(torch.atan2(gx, gy))),
        "radians": _histogram(angle=lambda gx, gy: torch.atan2(gy, gx)),
        "absolute angle": _histogram(angle=lambda gx, gy: torch.rad2deg(torch.atan2(gy, gx)).abs()),
        "normalises": _histogram(scale=lambda sums: sums / sums.sum()),
        "nine bins, always": lambda gx, gy, bins: _histogram()(gx, gy, 9),
        "returns a map": lambda gx, gy, bins: torch.hypot(gx, gy),
    },
    "top_k_error": {
        "accuracy": lambda logits, y, k: 1 - _error(logits, y, k),
        "per cent": lambda logits, y, k: 100 * _error(logits, y, k),
        "counts": lambda logits, y, k: _error(logits, y, k) * len(y),
        "smallest logits": lambda logits, y, k: _error(-logits, y, k),
        "always the best answer": lambda logits, y, k: _error(logits, y, 1),
        "always five": lambda logits, y, k: _error(logits, y, 5),
        "along the batch": _along_the_batch,
        "only the k-th": lambda logits, y, k: (logits.topk(k).indices[:, -1] != y).float().mean().item(),
    },
    "alexnet_features": {
        "cuts conv3": _features(cut=(2, 3, 4, 5)),
        "no towers": _features(cut=()),
        "always two towers": _features(groups=2),
        "pooling without overlap": _features(pool=(2, 2)),
        "bare MaxPool2d(3)": _features(pool=(3, 3)),
        "pools everywhere": _features(pools=range(1, 6)),
        "conv1 without padding": _features(unpadded=1),
        "conv2 without padding": _features(unpadded=2),
        "no last pooling": _features(pools=(1, 2)),
        "no last ReLU": _features(relus=4),
        "torchvision's widths": _features(widths=slips.ONE_WEIRD_TRICK),
        "list of layers": lambda groups: list(slips.features(groups)),
        "flattens": lambda groups: nn.Sequential(slips.features(groups), nn.Flatten()),
    },
    "training_memory": {
        "numbers instead of bytes": lambda params, activations, batch: 3 * params + batch * activations,
        "one image": lambda params, activations, batch: 4 * (3 * params + activations),
        "weights once": lambda params, activations, batch: 4 * (params + batch * activations),
        "no momentum": lambda params, activations, batch: 4 * (2 * params + batch * activations),
        "weights for every image": lambda params, activations, batch: 4 * batch * (3 * params + activations),
        "no activations": lambda params, activations, batch: 12 * params,
        "gradients of activations": lambda params, activations, batch: 12 * (params + batch * activations),
        "bits": lambda params, activations, batch: 32 * (3 * params + batch * activations),
    },
    "grouped_conv2d": {
        "wrong order": _grouped(lambda parts, dim: torch.cat(parts[::-1], dim)),
        "every n-th channel": lambda X, weight, groups: torch.cat(
            [F.conv2d(X[:, g::groups], weight[g::groups]) for g in range(groups)], 1
        ),
        "adds the groups": _grouped(lambda parts, dim: sum(parts)),
        "stacks the groups": _grouped(torch.stack),
        "joins along the batch": _grouped(lambda parts, dim: torch.cat(parts)),
        "one block of channels": lambda X, weight, groups: F.conv2d(X[:, : weight.shape[1]], weight),
        "one block of kernels": lambda X, weight, groups: torch.cat(
            [F.conv2d(x, weight[: len(weight) // groups]) for x in X.chunk(groups, 1)], 1
        ),
        "no groups": lambda X, weight, groups: F.conv2d(X, weight),
    },
    "gradient_norms": {
        "keeps old gradients": _gradient_norms(clear=False),
        "no backward": _gradient_norms(clear=False, backward=False),
        "biases too": _gradient_norms(keep=lambda name: True),
        "biases only": _gradient_norms(keep=lambda name: name.endswith("bias")),
        "last layer first": _gradient_norms(order=-1),
        "no root": _gradient_norms(norm=lambda p: p.grad.square().sum()),
        "mean of absolute values": _gradient_norms(norm=lambda p: p.grad.abs().mean()),
        "norms of the weights": _gradient_norms(norm=lambda p: p.norm()),
        "sum of the losses": _gradient_norms(reduction="sum"),
    },
}
