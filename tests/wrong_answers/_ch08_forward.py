"""Wrong answers that learners give in chapter 08 about the way forward, each named for the mistake it makes."""

import torch
import torch.nn.functional as F

from tests.wrong_answers._ch08_layers import IMAGES, across


def _dense(X, gamma, beta, eps):
    return F.batch_norm(X, None, None, gamma, beta, True, eps=eps)


def _dense_over(*axes):
    def answer(X, gamma, beta, eps):
        mean, variance = X.mean(axes, keepdim=True), X.var(axes, correction=0, keepdim=True)
        return gamma * (X - mean) / (variance + eps).sqrt() + beta

    return answer


def _dense_in_place(X, gamma, beta, eps):
    root = (X.var(0, correction=0) + eps).sqrt()
    X -= X.mean(0)
    return gamma * X / root + beta


def _conv(X, gamma, beta, eps):
    return F.batch_norm(X, None, None, gamma, beta, True, eps=eps)


def _conv_over(*axes, correction=0, root=lambda variance, eps: (variance + eps).sqrt()):
    def answer(X, gamma, beta, eps):
        variance = X.var(axes, correction=correction, keepdim=True)
        return across(gamma) * (X - X.mean(axes, keepdim=True)) / root(variance, eps) + across(beta)

    return answer


def _conv_along_the_width(X, gamma, beta, eps):
    X_hat = _conv(X, torch.ones_like(gamma), torch.zeros_like(beta), eps)
    return gamma * X_hat + beta


WRONG = {
    "batch_norm_dense": {
        "ignores gamma": lambda X, gamma, beta, eps: _dense(X, None, beta, eps),
        "ignores beta": lambda X, gamma, beta, eps: _dense(X, gamma, None, eps),
        "swaps gamma and beta": lambda X, gamma, beta, eps: _dense(X, beta, gamma, eps),
        "adds beta first": lambda X, gamma, beta, eps: gamma * (_dense(X, None, None, eps) + beta),
        "puts eps outside the root": lambda X, gamma, beta, eps: (
            gamma * (X - X.mean(0)) / (X.var(0, correction=0).sqrt() + eps) + beta
        ),
        "forgets eps": lambda X, gamma, beta, eps: gamma * (X - X.mean(0)) / X.var(0, correction=0).sqrt() + beta,
        "divides by the variance": lambda X, gamma, beta, eps: (
            gamma * (X - X.mean(0)) / (X.var(0, correction=0) + eps) + beta
        ),
        "takes the unbiased variance": lambda X, gamma, beta, eps: (
            gamma * (X - X.mean(0)) / (X.var(0) + eps).sqrt() + beta
        ),
        "takes std() + eps": lambda X, gamma, beta, eps: gamma * (X - X.mean(0)) / (X.std(0) + eps) + beta,
        "does not subtract the mean": lambda X, gamma, beta, eps: (
            gamma * X / (X.var(0, correction=0) + eps).sqrt() + beta
        ),
        "takes statistics along the features": _dense_over(1),
        "takes one mean for all": _dense_over(0, 1),
        "writes into its input": _dense_in_place,
    },
    "batch_norm_conv": {
        "normalises each place": _conv_over(0),
        "normalises each image": _conv_over(2, 3),
        "normalises each image over all channels": _conv_over(1, 2, 3),
        "takes one mean for all channels": _conv_over(0, 1, 2, 3),
        "forgets the height": _conv_over(0, 3),
        "forgets the width": _conv_over(0, 2),
        "puts eps outside the root": _conv_over(*IMAGES, root=lambda variance, eps: variance.sqrt() + eps),
        "forgets eps": _conv_over(*IMAGES, root=lambda variance, eps: variance.sqrt()),
        "divides by the variance": _conv_over(*IMAGES, root=lambda variance, eps: variance + eps),
        "takes the unbiased variance": _conv_over(*IMAGES, correction=1),
        "takes std() + eps": _conv_over(*IMAGES, correction=1, root=lambda variance, eps: variance.sqrt() + eps),
        "does not subtract the mean": lambda X, gamma, beta, eps: (
            across(gamma) * X / (X.var(IMAGES, correction=0, keepdim=True) + eps).sqrt() + across(beta)
        ),
        "ignores gamma": lambda X, gamma, beta, eps: _conv(X, None, beta, eps),
        "ignores beta": lambda X, gamma, beta, eps: _conv(X, gamma, None, eps),
        "swaps gamma and beta": lambda X, gamma, beta, eps: _conv(X, beta, gamma, eps),
        "adds beta first": lambda X, gamma, beta, eps: across(gamma) * _conv(X, None, beta, eps),
        "lets gamma run along the width": _conv_along_the_width,
        "flattens the maps and forgets to put them back": lambda X, gamma, beta, eps: _conv(
            X, gamma, beta, eps
        ).flatten(1),
    },
}
