"""Batch normalisation as a layer with its two lives, and the ways to get them wrong: for the checks of chapter 08."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks._ch08_slips import spread_out

CHANNELS, EPS, MOMENTUM = 3, 0.1, 0.3  # of every layer that is judged


@dataclass(frozen=True)
class Turn:
    """What a layer does; the defaults are right.

    Attributes:
        train_correction, running_correction: 0 for the variance divided by n, 1 for n - 1.
        share: weight of the new value in the running statistics.
        moves: which running statistics follow the batches.
        train_source, evaluation_source: whose statistics normalise, those of the "batch" or the "running" ones.
        learns_in_evaluation: the running statistics follow in evaluation too.
        detached: no gradient goes through mean and variance.
        eps_outside: eps is added to the root, not under it.
        scales, shifts: gamma and beta are used.
    """

    train_correction: int = 0
    running_correction: int = 1
    share: float = MOMENTUM
    moves: tuple = ("mean", "var")
    train_source: str = "batch"
    evaluation_source: str = "running"
    learns_in_evaluation: bool = False
    detached: bool = False
    eps_outside: bool = False
    scales: bool = True
    shifts: bool = True


class Layer(nn.Module):
    """Batch normalisation of feature maps X (B, C, H, W) that takes a right or a wrong turn."""

    def __init__(self, turn):
        super().__init__()
        self.turn = turn
        self.gamma, self.beta = nn.Parameter(torch.ones(CHANNELS)), nn.Parameter(torch.zeros(CHANNELS))
        self.register_buffer("running_mean", torch.zeros(CHANNELS))
        self.register_buffer("running_var", torch.ones(CHANNELS))

    def forward(self, X):
        turn = self.turn
        if self.training or turn.learns_in_evaluation:
            self._learn(X.detach())
        mean, variance = X.mean((0, 2, 3)), X.var((0, 2, 3), correction=turn.train_correction)
        if turn.detached:
            mean, variance = mean.detach(), variance.detach()
        if (turn.train_source if self.training else turn.evaluation_source) == "running":
            mean, variance = self.running_mean, self.running_var
        root = variance.sqrt() + EPS if turn.eps_outside else (variance + EPS).sqrt()
        X_hat = (X - spread_out(mean, X)) / spread_out(root, X)
        X_hat = X_hat * spread_out(self.gamma, X) if turn.scales else X_hat
        return X_hat + spread_out(self.beta, X) if turn.shifts else X_hat

    def _learn(self, X):
        new = {"mean": X.mean((0, 2, 3)), "var": X.var((0, 2, 3), correction=self.turn.running_correction)}
        for name in self.turn.moves:
            getattr(self, f"running_{name}").lerp_(new[name], self.turn.share)


WRONG_TURNS = {
    "gamma is ignored: the normalised values are multiplied by it.": Turn(scales=False),
    "beta is ignored: it is added at the end.": Turn(shifts=False),
    "eps stands outside the root: sqrt(variance + eps).": Turn(eps_outside=True),
    "In training you normalised with the variance divided by n - 1. Take n there: correction=0. Only the running "
    "variance takes n - 1.": Turn(train_correction=1),
    "In training you normalised with the running statistics. Training uses those of the batch.": Turn(
        train_source="running"
    ),
    "No gradient goes through your mean and variance. They depend on X too: detach only what the running statistics "
    "get.": Turn(detached=True),
    "The running statistics never move: update them in every forward pass of training.": Turn(moves=()),
    "The running variance never moves: update it in every forward pass of training.": Turn(moves=("mean",)),
    "The running mean never moves: update it in every forward pass of training.": Turn(moves=("var",)),
    "Your running variance is the biased one. It should take the variance divided by n - 1.": Turn(
        running_correction=0
    ),
    "The momentum is the wrong way round: it is the weight of the new value.": Turn(share=1 - MOMENTUM),
    "In evaluation you normalised with the statistics of the batch. Evaluation uses the running ones.": Turn(
        evaluation_source="batch"
    ),
    "The running statistics moved in evaluation. Update them in training only.": Turn(learns_in_evaluation=True),
}


SCALE, SHIFT = torch.tensor([0.5, 2.0, 3.0]), torch.tensor([1.0, -1.0, 0.5])


def of_each_image(X):
    """What comes out in training where each image of X is normalised by itself."""
    return F.instance_norm(X, weight=SCALE, bias=SHIFT, eps=EPS)


def stages(layer, batches, call=lambda layer, X: layer(X)):
    """What becomes of a layer: (name of the stage, tensor or tuple of tensors) in the order of a life."""
    scale, shift = (layer.weight, layer.bias) if isinstance(layer, nn.BatchNorm2d) else (layer.gamma, layer.beta)
    with torch.no_grad():
        scale.copy_(SCALE)
        shift.copy_(SHIFT)
    layer.train()
    X = batches[0].clone().requires_grad_()
    output = call(layer, X)
    yield "outputs of the first batch, training", output
    weights = torch.linspace(-1, 1, output.numel()).view_as(output) ** 3
    yield "gradients for X, gamma and beta", _gradients(output, (X, scale, shift), weights)
    for X in batches[1:]:
        call(layer, X)
    yield f"running mean and variance after {len(batches)} batches", _running(layer)
    layer.eval()
    yield "outputs of the first batch, evaluation", call(layer, batches[0])
    yield "running mean and variance after evaluation", _running(layer)


def _gradients(output, inputs, weights):
    """Gradients of the weighted sum of the output; zero for an input that it does not depend on."""
    return torch.autograd.grad(output, inputs, weights, allow_unused=True, materialize_grads=True)


def _running(layer):
    return layer.running_mean.clone(), layer.running_var.clone()


def life(layer, batches):
    """All stages of a layer: {name: tensor or tuple}."""
    return dict(stages(layer, batches))
