"""Wrong answers that learners give in chapter 04, each named for the mistake it makes."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from tests.wrong_answers import _ch04_layers


def _sides(step, padded=2, chain=True):
    def answer(side, layers):
        sides, start = [], side
        for kernel, stride, padding in layers:
            side = step((side if chain else start) + padded * padding - kernel, stride)
            sides.append(side)
        return sides

    return answer


def _right_step(free, stride):
    return free // stride + 1


def _loops_over_padding_in_place(side, layers):
    for i, (kernel, stride, padding) in enumerate(layers):
        side = (side + 2 * padding - kernel) // stride + 1
        layers[i] = side
    return layers


def _lenet(padding=2, widths=(120, 84), classes=10, activation=nn.ReLU, pool=nn.MaxPool2d, last=(), c3=16):
    side = 5 if padding else 4
    sizes = [c3 * side**2, *widths]

    def build():
        dense = [layer for n, m in pairwise(sizes) for layer in (nn.Linear(n, m), activation())]
        return nn.Sequential(
            *(nn.Conv2d(1, 6, 5, padding=padding), activation(), pool(2)),
            *(nn.Conv2d(6, c3, 5), activation(), pool(2)),
            *(nn.Flatten(), *dense, nn.Linear(sizes[-1], classes), *last),
        )

    return build


def _three_by_three():
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


def _step(clear=True, step=True, softmax=False, train=True, reduction="mean", sign=1, result="item", clear_late=False):
    def answer(model, X, y, optimizer):
        if train:
            model.train()
        if clear:
            optimizer.zero_grad()
        logits = model(X)
        loss = F.cross_entropy(logits.softmax(1) if softmax else logits, y, reduction=reduction)
        (sign * loss).backward()
        if clear_late:
            optimizer.zero_grad()
        if step:
            optimizer.step()
        after = F.cross_entropy(model(X), y)
        results = {"item": loss.item(), "sum": loss.item() * len(y), "tensor": loss, "after": after.item()}
        return results.get(result)

    return answer


def _confusion(y, predicted, classes):
    return torch.bincount(y * classes + predicted, minlength=classes**2).reshape(classes, classes)


def _confusion_of_classes_that_occur(y, predicted, classes):
    return _confusion(y, predicted, int(max(y.max(), predicted.max())) + 1)


def _dropout(share=lambda p: p, scale=lambda p: 1 / (1 - p), shape=lambda X: X.shape, always=False):
    def answer(X, p, training):
        if not training and not always:
            return X
        return X * (torch.rand(shape(X)) >= share(p)) * scale(p)

    return answer


def _dropout_in_place(X, p, training):
    if training:
        X.mul_(torch.rand_like(X) >= p).div_(1 - p)
    return X


def _dropout_with_a_fixed_seed(X, p, training):
    generator = torch.Generator().manual_seed(0)
    return X * (torch.rand(X.shape, generator=generator) >= p) / (1 - p) if training else X


WRONG = {
    "conv_parameters": {
        "forgets the biases": lambda i, o, k, bias=True: o * i * k[0] * k[1],
        "counts a bias that is not there": lambda i, o, k, bias=True: o * (i * k[0] * k[1] + 1),
        "gives a bias to each input channel": lambda i, o, k, bias=True: o * i * k[0] * k[1] + i * bias,
        "gives a bias to each pair of channels": lambda i, o, k, bias=True: o * i * (k[0] * k[1] + bias),
        "uses a flat kernel": lambda i, o, k, bias=True: o * (k[0] * k[1] + bias),
        "right only for square kernels": lambda i, o, k, bias=True: o * (i * k[0] ** 2 + bias),
        "right only for the shown example": lambda i, o, k, bias=True: 320,
    },
    "feature_map_sides": {
        "pads one side": _sides(_right_step, padded=1),
        "forgets the padding": _sides(_right_step, padded=0),
        "forgets the + 1": _sides(lambda free, stride: free // stride),
        "rounds up": _sides(lambda free, stride: -(-free // stride) + 1),
        "ignores the stride": _sides(lambda free, stride: free + 1),
        "returns the last side only": lambda side, layers: _sides(_right_step)(side, layers)[-1],
        "starts each layer from the input": _sides(_right_step, chain=False),
        "divides with /": _sides(lambda free, stride: free / stride + 1),
        "writes into the list of layers": _loops_over_padding_in_place,
    },
    "build_lenet": {
        "forgets the padding of C1": _lenet(padding=0),
        "uses 3 x 3 kernels in C1": _three_by_three,
        "leaves out the nonlinearities": _lenet(activation=nn.Identity),
        "uses the sigmoid": _lenet(activation=nn.Sigmoid),
        "ends in a softmax": _lenet(last=[nn.Softmax(dim=1)]),
        "ends in a ReLU": _lenet(last=[nn.ReLU()]),
        "averages where it should take the maximum": _lenet(pool=nn.AvgPool2d),
        "leaves out F6": _lenet(widths=[120]),
        "gives the wrong number of classes": _lenet(classes=11),
        "has 6 maps in C3": _lenet(c3=6),
        "returns a class, not a net": lambda: nn.Sequential,
    },
    "train_step": {
        "never clears the gradients": _step(clear=False),
        "never steps": _step(step=False),
        "applies a softmax before the loss": _step(softmax=True),
        "sums the losses": _step(reduction="sum"),
        "goes uphill": _step(sign=-1),
        "leaves the net in testing mode": _step(train=False),
        "returns the sum of the losses": _step(result="sum"),
        "returns a tensor": _step(result="tensor"),
        "returns the loss after the step": _step(result="after"),
        "returns nothing": _step(result="nothing"),
    },
    "accuracy": {
        "returns a count": lambda logits, y: float((logits.argmax(1) == y).sum()),
        "divides by the number of classes": lambda logits, y: (logits.argmax(1) == y).sum().item() / logits.shape[1],
        "returns the error": lambda logits, y: (logits.argmax(1) != y).float().mean().item(),
        "returns percent": lambda logits, y: 100 * (logits.argmax(1) == y).float().mean().item(),
        "divides with //": lambda logits, y: float((logits.argmax(1) == y).sum().item() // len(y)),
        "takes the smallest logit": lambda logits, y: (logits.argmin(1) == y).float().mean().item(),
    },
    "confusion_matrix": {
        "swaps rows and columns": lambda y, predicted, classes: _confusion(predicted, y, classes),
        "counts mistakes only": lambda y, predicted, classes: _confusion(
            y[y != predicted], predicted[y != predicted], classes
        ),
        "marks each pair once": lambda y, predicted, classes: (_confusion(y, predicted, classes) > 0).long(),
        "divides by the number of images": lambda y, predicted, classes: _confusion(y, predicted, classes) / len(y),
        "divides each row by its sum": lambda y, predicted, classes: (
            _confusion(y, predicted, classes) / _confusion(y, predicted, classes).sum(1, keepdim=True).clamp(min=1)
        ),
        "knows only classes that occur": _confusion_of_classes_that_occur,
    },
    "dropout_layer": {
        "keeps the share p": _dropout(share=lambda p: 1 - p, scale=lambda p: 1 / p),
        "does not scale": _dropout(scale=lambda p: 1.0),
        "scales by 1 / p": _dropout(scale=lambda p: 1 / p),
        "scales by 1 - p": _dropout(scale=lambda p: 1 - p),
        "drops whole images alike": _dropout(shape=lambda X: X.shape[1:]),
        "drops whole channels alike": _dropout(shape=lambda X: (X.shape[0], 1, *X.shape[2:])),
        "drops in testing too": _dropout(always=True),
        "writes into its input": _dropout_in_place,
        "draws the same numbers each time": _dropout_with_a_fixed_seed,
    },
    **_ch04_layers.WRONG,
}
