"""Checks of chapter 04, LeNet on MNIST. `check.name(answer)` judges the learner's `answer`."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks._ch04_layers import bitmap_distances, dropout_layer, map_loss, subsample, table_convolution
from utils.checks._harness import Mistake, as_is, build, compare, exercise, run, same_network, tensor

__all__ = [
    "accuracy",
    "bitmap_distances",
    "build_lenet",
    "confusion_matrix",
    "conv_parameters",
    "dropout_layer",
    "feature_map_sides",
    "map_loss",
    "subsample",
    "table_convolution",
    "train_step",
]


@exercise("Count the parameters of a convolution")
def conv_parameters(answer):
    """answer(c_in, c_out, (height, width), bias) -> int, against nn.Conv2d."""
    for c_in, c_out, (height, width), bias in [
        (1, 32, (3, 3), True),
        (32, 64, (3, 3), True),
        (3, 8, (1, 7), True),
        (4, 6, (5, 2), False),
    ]:
        layer = nn.Conv2d(c_in, c_out, (height, width), bias=bias)
        weights = layer.weight.numel()
        compare(
            run(answer, c_in, c_out, (height, width), bias),
            sum(parameter.numel() for parameter in layer.parameters()),
            case=f"c_in={c_in}, c_out={c_out}, kernel_size=({height}, {width}), bias={bias}",
            mistakes={
                "You counted the weights and left out the biases: one for each output channel.": weights,
                "You counted a bias although bias=False asks for none.": weights + c_out,
                "You counted one bias for each input channel. A bias is added once per output channel.": weights + c_in,
                "You counted one bias for each pair of channels. A bias is added once per output channel.": (
                    weights + c_in * c_out
                ),
                "Your kernel is flat. It reaches through all input channels: height x width x c_in weights.": (
                    c_out * (height * width + bias)
                ),
                "You squared the kernel's height. It need not be square: use height x width.": (
                    c_out * (c_in * height**2 + bias)
                ),
            },
        )


def _sides(side, layers, padded=2, step=lambda free, stride: free // stride + 1):
    sides = []
    for kernel, stride, padding in layers:
        side = step(side + padded * padding - kernel, stride)
        sides.append(side)
    return sides


@exercise("Follow the size through a net")
def feature_map_sides(answer):
    """answer(side, layers) -> list of int, against the shapes that PyTorch's own poolings give."""
    for side, layers in [
        (28, [(3, 1, 0), (2, 2, 0), (3, 1, 0), (2, 2, 0)]),
        (28, [(5, 1, 2), (2, 2, 0), (5, 1, 0), (2, 2, 0)]),
        (224, [(11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0)]),
        (9, [(2, 3, 0)]),
    ]:
        expected = _sides(side, layers)
        layers_before = [tuple(layer) for layer in layers]
        first_only = [_sides(side, [layer])[0] for layer in layers]
        compare(
            run(answer, side, layers),
            expected,
            case=f"side={side}, layers={layers_before}",
            mistakes={
                "You padded one side only: padding is added on the left and on the right.": _sides(
                    side, layers, padded=1
                ),
                "You left out the padding: it makes the map larger before the kernel slides.": _sides(
                    side, layers, padded=0
                ),
                "You left out the + 1: the kernel's first position counts too.": _sides(
                    side, layers, step=lambda free, stride: free // stride
                ),
                "You rounded up. A step that does not fit any more is not taken: divide with //.": _sides(
                    side, layers, step=lambda free, stride: -(-free // stride) + 1
                ),
                "You ignored the stride: the kernel moves by `stride` places at a time.": _sides(
                    side, layers, step=lambda free, stride: free + 1
                ),
                "You gave the last side only. Return the side after each layer, in a list.": expected[-1],
                "You divided with /. A side is a whole number: // drops the step that does not fit.": _sides(
                    side, layers, step=lambda free, stride: free / stride + 1
                ),
                "You started each layer from the net's input. A layer takes what the one before it gives.": first_only,
            },
        )


def _lenet(c1=5, padding=2, pool=nn.MaxPool2d, activation=nn.ReLU, widths=(120, 84), last=()):
    """LeNet, or a named way to get it wrong."""
    side = ((28 + 2 * padding - c1 + 1) // 2 - 4) // 2
    sizes = [16 * side**2, *widths]
    dense = [layer for n, m in pairwise(sizes) for layer in (nn.Linear(n, m), activation())]
    return nn.Sequential(
        *(nn.Conv2d(1, 6, c1, padding=padding), activation(), pool(2)),
        *(nn.Conv2d(6, 16, 5), activation(), pool(2)),
        *(nn.Flatten(), *dense, nn.Linear(sizes[-1], 10), *last),
    )


@exercise("Build LeNet")
def build_lenet(answer):
    """answer() -> nn.Module, LeNet in parameters and in outputs once both have the same weights."""
    same_network(
        build(answer),
        _lenet(),
        tensor((4, 1, 28, 28), seed=4),
        mistakes={
            "C1 lacks its padding of 2: its maps must keep the size of 28 x 28.": lambda: _lenet(padding=0),
            "C1 has kernels of 5 x 5, not 3 x 3.": lambda: _lenet(c1=3, padding=1),
            "The output is a softmax. The loss applies its own: return the logits of the last Linear as they are.": (
                lambda: _lenet(last=[nn.Softmax(dim=1)])
            ),
            "The output is a log-softmax. The loss applies its own: return the logits of the last Linear.": (
                lambda: _lenet(last=[nn.LogSoftmax(dim=1)])
            ),
            "There is a ReLU after the last layer. Logits may be negative: nothing follows it.": (
                lambda: _lenet(last=[nn.ReLU()])
            ),
            "There is no nonlinearity between your layers, so your dense layers amount to a single one. Put a ReLU "
            "after each layer with weights except the last.": lambda: _lenet(activation=nn.Identity),
            "You used the sigmoid. Here the nonlinearity is ReLU.": lambda: _lenet(activation=nn.Sigmoid),
            "You used the paper's tanh. Here the nonlinearity is ReLU.": lambda: _lenet(activation=nn.Tanh),
            "You used average pooling. Here the pooling is max.": lambda: _lenet(pool=nn.AvgPool2d),
            "F6, the dense layer of 84 units, is missing.": lambda: _lenet(widths=[120]),
        },
    )


class _Probe(nn.Module):
    """A tiny net that remembers in which mode it was called."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(12, 3)
        self.modes = []

    def forward(self, X):
        self.modes.append(self.training)
        return self.dense(X.flatten(1))


def _probe():
    model = _Probe().eval()
    with torch.no_grad():
        model.dense.weight.copy_(tensor((3, 12), seed=1))
        model.dense.bias.copy_(tensor((3,), seed=2))
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def _descend(batches, scale=1.0, clear=True, softmax=False):
    """Plain gradient descent, or a named way to get it wrong: losses before and after each step, and the weights."""
    model, optimizer = _probe()
    before, after = [], []
    for X, y in batches:
        if clear:
            optimizer.zero_grad()
        logits = model(X)
        loss = F.cross_entropy(logits.softmax(1) if softmax else logits, y)
        (loss * scale).backward()
        optimizer.step()
        before.append(loss.item())
        after.append(F.cross_entropy(model(X), y).item())
    return before, after, model.dense.weight.detach()


@exercise("One step of training")
def train_step(answer):
    """answer(model, X, y, optimizer) -> float, two steps judged by the weights and the losses."""
    batches = [(tensor((5, 1, 3, 4), seed=seed), torch.tensor([0, 2, 1, 2, 0])) for seed in (3, 4)]
    model, optimizer = _probe()
    before = model.dense.weight.detach().clone()
    losses = [run(answer, as_is(model), X, y, as_is(optimizer)) for X, y in batches]
    if isinstance(losses[0], torch.Tensor):
        raise Mistake(
            "You returned a tensor, which keeps the whole graph alive. Return a number: `loss.item()`.",
            expected="a float",
            got="a torch.Tensor",
        )
    expected, losses_after, weights = _descend(batches)
    _judge_weights(model.dense.weight.detach(), before, weights, batches)
    compare(
        losses,
        expected,
        case="the losses of two batches",
        atol=1e-5,
        mistakes={
            "You returned the sum over the batch. Return its mean.": [5 * loss for loss in expected],
            "You returned the loss after the step. Return the one from before, which you already have.": losses_after,
        },
    )
    if not all(model.modes[: len(batches)]):
        raise Mistake("The net was not in training mode. Call `model.train()` before the forward pass.")


def _judge_weights(got, before, expected, batches):
    if torch.equal(got, before):
        raise Mistake(
            "The weights did not move. Is `backward()` called, then `optimizer.step()`, with the gradients cleared "
            "before `backward` and not between the two?"
        )
    compare(
        got,
        expected,
        case="the weights after two steps",
        atol=1e-5,
        mistakes={
            message: _descend(batches, **wrong)[-1]
            for message, wrong in {
                "The second step used the first one's gradients too: they add up until `optimizer.zero_grad()`.": {
                    "clear": False
                },
                "You used the sum of the losses. Use their mean, so that the step does not grow with the batch.": {
                    "scale": 5.0
                },
                "You applied a softmax before `F.cross_entropy`, which applies its own. Give it the logits.": {
                    "softmax": True
                },
                "You went uphill. Minimise the loss, not its negative.": {"scale": -1.0},
            }.items()
        },
    )


@exercise("Accuracy")
def accuracy(answer):
    """answer(logits, y) -> float in [0, 1]."""
    for batch, classes, seed in [(7, 4, 0), (4, 4, 1), (1, 3, 2), (3, 10, 3)]:
        logits = tensor((batch, classes), seed=seed)
        y = torch.where(torch.arange(batch) % 3 == 0, logits.argmax(1), (logits.argmax(1) + 1) % classes)
        right = (logits.argmax(1) == y).sum().item()
        compare(
            run(answer, logits, y),
            right / batch,
            case=f"{batch} images, {classes} classes, {right} right answers",
            atol=1e-6,
            mistakes={
                "You returned the number of right answers. Divide by the number of images.": float(right),
                "You divided by the number of classes. Divide by the number of images.": right / classes,
                "You returned the error, the fraction of wrong answers. Return the fraction of right ones.": 1
                - right / batch,
                "That is a percentage. Return a fraction between 0 and 1.": 100 * right / batch,
                "You rounded down: `//` or `int` throws the fraction away.": float(right // batch),
                "You took the smallest logit. The net's answer is the largest.": (
                    (logits.argmin(1) == y).float().mean().item()
                ),
            },
        )


@exercise("The confusion matrix")
def confusion_matrix(answer):
    """answer(y, predicted, classes) -> int64 (classes, classes)."""
    for classes, batch, seed in [(4, 20, 0), (5, 40, 1), (10, 6, 2)]:
        generator = torch.Generator().manual_seed(seed)
        y = torch.randint(0, classes - 2, (batch,), generator=generator)  # the last class never occurs
        predicted = torch.where(torch.rand(batch, generator=generator) < 0.5, y, y + 1)
        expected = torch.bincount(y * classes + predicted, minlength=classes**2).reshape(classes, classes)
        off_diagonal = expected - torch.diag(expected.diagonal())
        compare(
            run(answer, y, predicted, classes),
            expected,
            case=f"{batch} images, {classes} classes",
            mistakes={
                "Rows and columns are swapped: a row is a true class, a column an answer.": expected.T,
                "You counted the mistakes only. Right answers belong on the diagonal.": off_diagonal,
                "A class that never occurs has its row and column too: return (classes, classes).": expected[:-1, :-1],
                "You marked each pair once. Count how often it occurs.": (expected > 0).to(torch.int64),
                "You divided by the number of images. Return counts.": expected / batch,
                "You divided each row by its sum. Return counts.": expected
                / expected.sum(1, keepdim=True).clamp(min=1),
            },
        )
