"""Batch normalisation as a layer, and the ways in which learners get it wrong (chapter 08)."""

import torch
from torch import nn

IMAGES = (0, 2, 3)  # axes of the statistics of feature maps


def across(values):
    """(C,) in the shape that goes along the channels of (B, C, H, W)."""
    return values.view(1, -1, 1, 1)


class Layer(nn.Module):
    """Right, but for what the classes below replace."""

    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def of_batch(self, X):
        return X.mean(IMAGES), X.var(IMAGES, correction=0)

    def learn(self, X):
        mean, variance = X.detach().mean(IMAGES), X.detach().var(IMAGES)
        self.running_mean.copy_((1 - self.momentum) * self.running_mean + self.momentum * mean)
        self.running_var.copy_((1 - self.momentum) * self.running_var + self.momentum * variance)

    def normalise(self, X, mean, variance):
        return (X - across(mean)) / (across(variance) + self.eps).sqrt()

    def affine(self, X_hat):
        return across(self.gamma) * X_hat + across(self.beta)

    def forward(self, X):
        mean, variance = self.running_mean, self.running_var
        if self.training:
            mean, variance = self.of_batch(X)
            self.learn(X)
        return self.affine(self.normalise(X, mean, variance))


class IgnoresGamma(Layer):
    def affine(self, X_hat):
        return X_hat + across(self.beta)


class IgnoresBeta(Layer):
    def affine(self, X_hat):
        return across(self.gamma) * X_hat


class NeverUpdatesTheMean(Layer):
    def learn(self, X):
        self.running_var.lerp_(X.detach().var(IMAGES), self.momentum)


class NeverUpdatesTheVariance(Layer):
    def learn(self, X):
        self.running_mean.lerp_(X.detach().mean(IMAGES), self.momentum)


class NeverUpdates(Layer):
    def learn(self, X):
        pass


class BiasedRunningVariance(Layer):
    def learn(self, X):
        self.running_mean.lerp_(X.detach().mean(IMAGES), self.momentum)
        self.running_var.lerp_(X.detach().var(IMAGES, correction=0), self.momentum)


class MomentumTheWrongWayRound(Layer):
    def learn(self, X):
        self.running_mean.lerp_(X.detach().mean(IMAGES), 1 - self.momentum)
        self.running_var.lerp_(X.detach().var(IMAGES), 1 - self.momentum)


class EvaluatesOnTheBatch(Layer):
    def forward(self, X):
        if self.training:
            self.learn(X)
        return self.affine(self.normalise(X, *self.of_batch(X)))


class TrainsOnTheRunningOnes(Layer):
    def forward(self, X):
        if self.training:
            self.learn(X)
        return self.affine(self.normalise(X, self.running_mean.clone(), self.running_var.clone()))


class LearnsInEvaluation(Layer):
    def forward(self, X):
        mean, variance = self.of_batch(X) if self.training else (self.running_mean.clone(), self.running_var.clone())
        output = self.affine(self.normalise(X, mean, variance))
        self.learn(X)
        return output


class Detached(Layer):
    def of_batch(self, X):
        return super().of_batch(X.detach())


class UnbiasedInTraining(Layer):
    def of_batch(self, X):
        return X.mean(IMAGES), X.var(IMAGES)


class EpsOutside(Layer):
    def normalise(self, X, mean, variance):
        return (X - across(mean)) / (across(variance).sqrt() + self.eps)


class OneImageAtATime(Layer):
    def forward(self, X):
        self.learn(X)
        variance = X.var((2, 3), correction=0, keepdim=True)
        return self.affine((X - X.mean((2, 3), keepdim=True)) / (variance + self.eps).sqrt())


class WithoutBuffers(Layer):
    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__(channels, eps, momentum)
        del self.running_mean, self.running_var
        self.running_mean, self.running_var = torch.zeros(channels), torch.ones(channels)


class StatisticsAsParameters(Layer):
    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__(channels, eps, momentum)
        del self.running_mean, self.running_var
        self.running_mean = nn.Parameter(torch.zeros(channels))
        self.running_var = nn.Parameter(torch.ones(channels))


class GammaIsNoParameter(Layer):
    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__(channels, eps, momentum)
        del self.gamma
        self.gamma = torch.ones(channels)


class VarianceStartsAtZero(Layer):
    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__(channels, eps, momentum)
        self.running_var.zero_()


class GammaStartsAtZero(Layer):
    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__(channels, eps, momentum)
        nn.init.zeros_(self.gamma)


class BetaStartsAtOne(Layer):
    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__(channels, eps, momentum)
        nn.init.ones_(self.beta)


class MeanStartsAtOne(Layer):
    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__(channels, eps, momentum)
        nn.init.ones_(self.running_mean)
