"""Wrong answers that learners give in chapter 10, each named for the mistake it makes."""

import torch
import torch.nn.functional as F
from torch import nn


def _excite(between=F.relu, last=torch.sigmoid, first_bias=True, second_bias=True):
    def answer(z, W1, b1, W2, b2):
        hidden = between(F.linear(z, W1, b1 if first_bias else None))
        return last(F.linear(hidden, W2, b2 if second_bias else None))

    return answer


def _excite_in_place(z, W1, b1, W2, b2):
    z -= z.mean()
    return _excite()(z, W1, b1, W2, b2)


class _Block(nn.Module):
    """The learner's block, right as it stands; subclasses make one mistake."""

    hidden = staticmethod(lambda channels, reduction: max(1, channels // reduction))
    bias = True

    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = self.hidden(channels, reduction)
        self.fc1 = nn.Linear(channels, hidden, bias=self.bias)
        self.fc2 = nn.Linear(hidden, channels, bias=self.bias)

    def gates(self, X):
        return torch.sigmoid(self.fc2(F.relu(self.fc1(X.mean((2, 3))))))[:, :, None, None]

    def forward(self, X):
        return X * self.gates(X)


class _ReturnsTheGates(_Block):
    def forward(self, X):
        return self.gates(X)


class _AddsTheGates(_Block):
    def forward(self, X):
        return X + self.gates(X)


class _AddsTheInput(_Block):
    def forward(self, X):
        return X + X * self.gates(X)


class _ForgetsTheSigmoid(_Block):
    def gates(self, X):
        return self.fc2(F.relu(self.fc1(X.mean((2, 3)))))[:, :, None, None]


class _TakesASoftmax(_Block):
    def gates(self, X):
        return self.fc2(F.relu(self.fc1(X.mean((2, 3))))).softmax(1)[:, :, None, None]


class _ForgetsTheReLU(_Block):
    def gates(self, X):
        return self.fc2(self.fc1(X.mean((2, 3)))).sigmoid()[:, :, None, None]


class _SqueezesWithTheMaximum(_Block):
    def gates(self, X):
        return self.fc2(F.relu(self.fc1(X.amax((2, 3))))).sigmoid()[:, :, None, None]


class _OneGateForTheBatch(_Block):
    def gates(self, X):
        return self.fc2(F.relu(self.fc1(X.mean((0, 2, 3))))).sigmoid()[None, :, None, None]


class _TooFewAxes(_Block):
    def forward(self, X):
        return X * self.gates(X)[:, :, 0, 0]


class _HiddenIsTheReduction(_Block):
    hidden = staticmethod(lambda channels, reduction: reduction)


class _NoBottleneck(_Block):
    hidden = staticmethod(lambda channels, reduction: channels)


class _NoBiases(_Block):
    bias = False


class _NoHiddenUnitLeft(_Block):
    hidden = staticmethod(lambda channels, reduction: channels // reduction)


def _sizes(each, unique=False):
    def answer(widths, reduction):
        return sum(each(c, c // reduction, reduction) for c in (set(widths) if unique else widths))

    return answer


def _seen(pick=lambda out, row, column: out[0, :, row, column], look=lambda g: g.abs().sum((0, 1)) > 0):
    def answer(network, X, row, column):
        X = X.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(pick(network(X), row, column).sum(), X)
        return look(gradient)

    return answer


def _marks_the_place(network, X, row, column):
    mask = torch.zeros(X.shape[2:], dtype=torch.bool)
    mask[row, column] = True
    return mask


def _attend(weights):
    return lambda X, scores: (X * weights(scores)).sum((2, 3))


def _shares(scores):
    return scores.flatten(1).softmax(1).view_as(scores)


WRONG = {
    "squeeze": {
        "averages over the channels": lambda X: X.mean(1),
        "averages over channels and places": lambda X: X.mean((1, 2, 3)),
        "averages over the batch too": lambda X: X.mean((0, 2, 3)),
        "takes the maximum": lambda X: X.amax((2, 3)),
        "takes the sum": lambda X: X.sum((2, 3)),
        "averages over the height only": lambda X: X.mean(2),
        "averages over the width only": lambda X: X.mean(3),
        "keeps the axes": lambda X: X.mean((2, 3), keepdim=True),
    },
    "excite": {
        "forgets the ReLU": _excite(between=lambda x: x),
        "forgets the sigmoid": _excite(last=lambda x: x),
        "takes a softmax": _excite(last=lambda x: x.softmax(1)),
        "swaps sigmoid and ReLU": _excite(torch.sigmoid, F.relu),
        "takes two sigmoids": _excite(between=torch.sigmoid),
        "takes tanh": _excite(last=torch.tanh),
        "forgets the biases": _excite(first_bias=False, second_bias=False),
        "forgets the first bias": _excite(first_bias=False),
        "forgets the second bias": _excite(second_bias=False),
        "puts a ReLU before the sigmoid": _excite(last=lambda x: F.relu(x).sigmoid()),
        "does not transpose the weights": lambda z, W1, b1, W2, b2: torch.sigmoid(F.relu(z @ W1 + b1) @ W2 + b2),
        "writes into its input": _excite_in_place,
    },
    "squeeze_excitation": {
        "returns the gates": _ReturnsTheGates,
        "adds the gates": _AddsTheGates,
        "adds the input": _AddsTheInput,
        "forgets the sigmoid": _ForgetsTheSigmoid,
        "takes a softmax": _TakesASoftmax,
        "forgets the ReLU": _ForgetsTheReLU,
        "squeezes with the maximum": _SqueezesWithTheMaximum,
        "averages over the batch": _OneGateForTheBatch,
        "does not give the gates two more axes": _TooFewAxes,
        "takes the reduction for the number of hidden units": _HiddenIsTheReduction,
        "does not reduce": _NoBottleneck,
        "has no biases": _NoBiases,
        "has no hidden unit where channels are few": _NoHiddenUnitLeft,
    },
    "gated_residual": {
        "forgets the gate": lambda X, main, shortcut, gate: F.relu(main(X) + shortcut(X)),
        "gates behind the addition": lambda X, main, shortcut, gate: F.relu(gate(main(X) + shortcut(X))),
        "gates the shortcut": lambda X, main, shortcut, gate: F.relu(main(X) + gate(shortcut(X))),
        "gates both paths": lambda X, main, shortcut, gate: F.relu(gate(main(X)) + gate(shortcut(X))),
        "gates the input": lambda X, main, shortcut, gate: F.relu(main(gate(X)) + shortcut(X)),
        "forgets the last ReLU": lambda X, main, shortcut, gate: gate(main(X)) + shortcut(X),
        "puts a ReLU before the gate": lambda X, main, shortcut, gate: F.relu(gate(F.relu(main(X))) + shortcut(X)),
        "puts the ReLU before the addition": lambda X, main, shortcut, gate: F.relu(gate(main(X))) + shortcut(X),
        "forgets the shortcut": lambda X, main, shortcut, gate: F.relu(gate(main(X))),
        "adds the input itself": lambda X, main, shortcut, gate: F.relu(gate(main(X)) + X),
        "multiplies the paths": lambda X, main, shortcut, gate: F.relu(gate(main(X)) * shortcut(X)),
    },
    "gate_parameters": {
        "leaves the biases out": _sizes(lambda c, h, r: 2 * c * h),
        "leaves the first biases out": _sizes(lambda c, h, r: 2 * c * h + c),
        "leaves the second biases out": _sizes(lambda c, h, r: 2 * c * h + h),
        "counts one layer": _sizes(lambda c, h, r: c * h + h),
        "counts each width once": _sizes(lambda c, h, r: 2 * c * h + h + c, unique=True),
        "does not reduce": _sizes(lambda c, h, r: 2 * c * c + 2 * c),
        "takes the reduction for the hidden units": _sizes(lambda c, h, r: 2 * c * r + r + c),
        "counts kernels of 3 x 3": _sizes(lambda c, h, r: 18 * c * h + h + c),
        "counts the weights twice": _sizes(lambda c, h, r: 4 * c * h + h + c),
        "divides with /": _sizes(lambda c, h, r: 2 * c * c / r + c / r + c),
    },
    "pixels_seen": {
        "takes all outputs together": _seen(pick=lambda out, row, column: out),
        "takes positive gradients only": _seen(look=lambda g: (g > 0).any(1)[0]),
        "lets input channels cancel": _seen(look=lambda g: g[0].sum(0) > 0),
        "swaps row and column": _seen(pick=lambda out, row, column: out.transpose(2, 3)[0, :, row, column]),
        "looks at the first input channel only": _seen(look=lambda g: g[0, 0] != 0),
        "takes the first output channel only": _seen(pick=lambda out, row, column: out[0, 0, row, column]),
        "marks the place itself": _marks_the_place,
        "returns the gradient": _seen(look=lambda g: g.abs().sum((0, 1))),
        "keeps the channels": _seen(look=lambda g: g != 0),
    },
    "attention_squeeze": {
        "takes the scores for weights": _attend(lambda scores: scores),
        "divides once more": lambda X, scores: (X * _shares(scores)).mean((2, 3)),
        "ignores the scores": lambda X, scores: X.mean((2, 3)),
        "takes the softmax of each row": _attend(lambda scores: scores.softmax(3)),
        "takes the softmax of each column": _attend(lambda scores: scores.softmax(2)),
        "takes the softmax over the batch": _attend(lambda scores: scores.softmax(0)),
        "takes the softmax over the channels": _attend(lambda scores: scores.softmax(1)),
        "takes sigmoids": _attend(torch.sigmoid),
        "picks the best place": lambda X, scores: X.flatten(2)[torch.arange(len(X)), :, scores.flatten(1).argmax(1)],
        "does not add up": lambda X, scores: X * _shares(scores),
        "keeps the axes": lambda X, scores: (X * _shares(scores)).sum((2, 3), keepdim=True),
    },
}
