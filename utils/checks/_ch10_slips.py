"""What the checks of chapter 10 compare with: squeeze, excitation, gates in a block, and the slips in each."""

import torch
import torch.nn.functional as F
from torch import nn


def of_squeeze(X):
    """Slips in squeezing X (B, C, H, W): message -> value."""
    return {
        "You averaged over the channels. SE does not squeeze channels together: each one keeps a number of its own, "
        "the mean over height and width.": X.mean(1),
        "You averaged over channels and places. Each channel keeps a number of its own.": X.mean((1, 2, 3)),
        "You averaged over the batch too. Each image has its own C numbers.": X.mean((0, 2, 3)),
        "You took the largest value. The squeeze is the mean.": X.amax((2, 3)),
        "You took the sum. The squeeze is the mean, so that it does not depend on the size of the map.": X.sum((2, 3)),
        "You averaged over the height only. Average over the width too.": X.mean(2),
        "You averaged over the width only. Average over the height too.": X.mean(3),
        "The values are right, with two axes too many: return (B, C).": X.mean((2, 3), keepdim=True),
    }


def excitation(z, first, second, between=F.relu, last=torch.sigmoid):
    """Gates of z (B, C), where `first` and `second` are (weight, bias) of the dense layers."""
    return last(F.linear(between(F.linear(z, *first)), *second))


def of_excite(z, first, second):
    """Slips in the two dense layers: message -> value."""

    def other(between=F.relu, last=torch.sigmoid, first=first, second=second):
        return excitation(z, first, second, between, last)

    unbiased = [(weight, None) for weight, _ in (first, second)]
    return {
        "There is no ReLU between the two dense layers, so they are one dense layer.": other(between=lambda x: x),
        "The sigmoid is missing at the end: gates lie between 0 and 1.": other(last=lambda x: x),
        "You ended with a softmax: then the gates compete, and only one can be near 1. Each channel has its own "
        "sigmoid.": other(last=lambda x: x.softmax(1)),
        "Sigmoid and ReLU are swapped: ReLU between the layers, sigmoid at the end.": other(torch.sigmoid, F.relu),
        "You put a sigmoid between the layers. A ReLU belongs there.": other(between=torch.sigmoid),
        "You ended with tanh, which reaches down to -1. Gates end with a sigmoid.": other(last=torch.tanh),
        "You left out both biases.": other(first=unbiased[0], second=unbiased[1]),
        "You left out the first layer's bias.": other(first=unbiased[0]),
        "You left out the second layer's bias.": other(second=unbiased[1]),
        "There is one ReLU too many, in front of the sigmoid: no gate could close below one half.": other(
            last=lambda x: F.relu(x).sigmoid()
        ),
    }


class Gate(nn.Module):
    """Squeeze, excite and scale X (B, C, H, W), with options for the slips.

    Args:
        layer: makes a dense layer of (channels in, channels out): `nn.Linear`, or a 1 x 1 convolution.
        hidden: units between the layers.
        pool: (B, C, H, W) -> (B, C).
        last: what makes gates of the second layer's outputs (B, C).
        use: (X, gates (B, C, 1, 1)) -> output.
        between: activation between the layers.
        bias: whether the layers have one.
    """

    def __init__(self, channels, hidden, layer=nn.Linear, pool=None, last=torch.sigmoid, use=torch.mul, between=F.relu):
        super().__init__()
        self.first, self.second = layer(channels, hidden), layer(hidden, channels)
        self.pool, self.last, self.use, self.between = pool or (lambda X: X.mean((2, 3))), last, use, between

    def forward(self, X):
        z = self.pool(X)
        if isinstance(self.first, nn.Conv2d):
            z = z[..., None, None]
        return self.use(X, self.last(self.second(self.between(self.first(z))).flatten(1))[..., None, None])


def pointwise(c_in, c_out, bias=True):
    """A dense layer written as a 1 x 1 convolution."""
    return nn.Conv2d(c_in, c_out, 1, bias=bias)


def of_gate(channels, reduction, layer):
    """Slips in the module: message -> function that builds it."""
    hidden = max(1, channels // reduction)

    def slip(hidden=hidden, layer=layer, **turn):
        return lambda: Gate(channels, hidden, layer, **turn)

    return {
        "You returned the gates. Multiply X by them.": slip(use=lambda X, gates: gates.expand_as(X)),
        "You returned the gates as (B, C). Give them two more axes and multiply X by them.": slip(
            use=lambda X, gates: gates[..., 0, 0]
        ),
        "You returned the gates as (B, C, 1, 1). Multiply X by them.": slip(use=lambda X, gates: gates),
        "You added the gates. Gates multiply: 0 silences a channel, 1 leaves it as it is.": slip(use=torch.add),
        "You added X once more. That is the job of the block's shortcut, not of the gate.": slip(
            use=lambda X, gates: X + X * gates
        ),
        "The gates are not bounded: the sigmoid at the end is missing.": slip(last=lambda x: x),
        "You ended with a softmax: then the gates compete. Each channel has its own sigmoid.": slip(
            last=lambda x: x.softmax(1)
        ),
        "There is no ReLU between the two dense layers.": slip(between=lambda x: x),
        "You squeezed with the maximum. The squeeze is the mean.": slip(pool=lambda X: X.amax((2, 3))),
        "You averaged over the batch: each image has gates of its own.": slip(
            pool=lambda X: X.mean((0, 2, 3)).expand(len(X), -1)
        ),
        "Your hidden layer has `reduction` units. It should have channels // reduction.": slip(reduction),
        "Your hidden layer has as many units as there are channels: divide by the reduction.": slip(channels),
        "Your dense layers have no biases. Both need them.": slip(
            layer=lambda c_in, c_out: layer(c_in, c_out, bias=False)
        ),
    }


def of_residual(X, main, shortcut, gate):
    """Slips in a residual block with a gate: message -> value."""
    path, carried = main(X), shortcut(X)
    slips = {
        "The gate is missing: it rescales what `main` gives.": F.relu(path + carried),
        "Your gate comes after the addition, so it dims the shortcut too. Put it before.": F.relu(gate(path + carried)),
        "The gate sits on the shortcut. Leave that one free: the gate rescales what `main` gives.": F.relu(
            path + gate(carried)
        ),
        "The last ReLU is missing: it comes after the addition.": gate(path) + carried,
        "There is a ReLU in front of the gate: `main` ends without one, and the only ReLU comes after the addition.": (
            F.relu(gate(F.relu(path)) + carried)
        ),
        "Your ReLU comes before the addition. It belongs after it.": F.relu(gate(path)) + carried,
        "The shortcut is missing: add what it makes of X.": F.relu(gate(path)),
        "You gated both paths. The shortcut stays free.": F.relu(gate(path) + gate(carried)),
        "You multiplied the paths. They are added.": F.relu(gate(path) * carried),
    }
    if path.shape == X.shape:
        slips["Your gate rescales the input. It should rescale what `main` gives."] = F.relu(main(gate(X)) + carried)
        slips["You added X itself. Send it through `shortcut` first."] = F.relu(gate(path) + X)
    return slips


def of_sizes(widths, reduction):
    """Slips in counting the parameters of gates: message -> number."""
    hidden = [width // reduction for width in widths]
    weights = sum(2 * c * h for c, h in zip(widths, hidden, strict=True))
    right = weights + sum(widths) + sum(hidden)
    return {
        "You left out the biases: h in the first layer, C in the second.": weights,
        "The first layer's biases are missing: one for each hidden unit.": weights + sum(widths),
        "The second layer's biases are missing: one for each channel.": weights + sum(hidden),
        "You counted one dense layer. There are two: C to h and back.": weights // 2 + sum(hidden),
        "You counted each width once. A stage has several blocks, and each has a gate.": sum(
            2 * c * (c // reduction) + c // reduction + c for c in set(widths)
        ),
        "You did not divide by the reduction: the hidden layer has C // reduction units.": sum(
            2 * c * c + 2 * c for c in widths
        ),
        "The hidden layer has C // reduction units, not `reduction` units.": sum(
            2 * c * reduction + c + reduction for c in widths
        ),
        "You counted the weights of 3 x 3 kernels. The squeezed map has one place, so each weight is one number.": (
            9 * weights + sum(widths) + sum(hidden)
        ),
        "You counted the weights twice. Count them once.": right + weights,
    }


def of_attention(X, scores):
    """Slips in an attention squeeze of X (B, C, H, W), scores (B, 1, H, W): message -> value."""
    B, _, H, W = X.shape

    def summed(weights):
        return (X * weights).sum((2, 3))

    shares = scores.flatten(1).softmax(1).view(B, 1, H, W)
    return {
        "You took the scores themselves as weights. Send them through a softmax first.": summed(scores),
        "You divided by the number of places once more: the softmax's weights already sum to 1.": summed(shares)
        / (H * W),
        "You ignored the scores: that is the plain squeeze.": X.mean((2, 3)),
        "Your softmax runs along each row. It should run over all H x W places together.": summed(scores.softmax(3)),
        "Your softmax runs along each column. It should run over all H x W places together.": summed(scores.softmax(2)),
        "Your softmax runs over the batch. Each image has its own weights.": summed(scores.softmax(0)),
        "Your softmax runs over the axis of channels, which has one entry: every weight becomes 1.": summed(
            scores.softmax(1)
        ),
        "You took sigmoids. They do not sum to 1 over the places: take a softmax.": summed(scores.sigmoid()),
        "You picked the place with the highest score. A softmax lets every place take part.": (
            X.flatten(2).gather(2, scores.flatten(2).argmax(2, keepdim=True).expand(-1, X.shape[1], 1))[..., 0]
        ),
        "The weighted maps are not added up yet: sum over height and width.": X * shares,
        "The values are right, with two axes too many: return (B, C).": summed(shares)[..., None, None],
    }


def seen(network, X, row, column, *, image=0, channels=slice(None), reduce=torch.abs):
    """Which pixels move the outputs at one place: bool (H, W)."""
    X = X.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(network(X)[image, channels, row, column].sum(), X)
    return (reduce(gradient).sum((0, 1)) > 0).detach()
