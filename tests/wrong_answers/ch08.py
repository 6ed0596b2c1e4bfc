"""Wrong answers that learners give in chapter 08, each named for the mistake it makes."""

from tests.wrong_answers import _ch08_forward
from tests.wrong_answers import _ch08_layers as layers
from tests.wrong_answers._ch08_layers import IMAGES, across


def _running(new_share=None, correction=1, count=None, mean_moves=True, variance_moves=True):
    def answer(running_mean, running_var, X, momentum):
        share = momentum if new_share is None else new_share(momentum)
        variance = X.var(IMAGES, correction=correction)
        if count is not None:
            variance = X.var(IMAGES, correction=0) * count(X) / (count(X) - 1)
        new_mean = (1 - share) * running_mean + share * X.mean(IMAGES)
        new_variance = (1 - share) * running_var + share * variance
        return (new_mean if mean_moves else running_mean, new_variance if variance_moves else running_var)

    return answer


def _running_in_place(running_mean, running_var, X, momentum):
    running_mean.lerp_(X.mean(IMAGES), momentum)
    running_var.lerp_(X.var(IMAGES), momentum)
    return running_mean, running_var


def _gradient(X, gamma, upstream, eps):
    root = (X.var(0, correction=0) + eps).sqrt()
    X_hat = (X - X.mean(0)) / root
    g = gamma * upstream
    return (g - g.mean(0) - X_hat * (g * X_hat).mean(0)) / root, (upstream * X_hat).sum(0), upstream.sum(0)


def _gradient_of_input(change):
    def answer(X, gamma, upstream, eps):
        root = (X.var(0, correction=0) + eps).sqrt()
        of_X = change((X - X.mean(0)) / root, gamma, upstream, root)
        return of_X, *_gradient(X, gamma, upstream, eps)[1:]

    return answer


def _gradient_of_gamma_with_input(X, gamma, upstream, eps):
    of_X, _, of_beta = _gradient(X, gamma, upstream, eps)
    return of_X, (upstream * X).sum(0), of_beta


def _gradient_means(X, gamma, upstream, eps):
    of_X, of_gamma, of_beta = _gradient(X, gamma, upstream, eps)
    return of_X, of_gamma / len(X), of_beta / len(X)


def _gradient_in_another_order(X, gamma, upstream, eps):
    of_X, of_gamma, of_beta = _gradient(X, gamma, upstream, eps)
    return of_gamma, of_beta, of_X


def _gradient_gamma_and_beta_swapped(X, gamma, upstream, eps):
    of_X, of_gamma, of_beta = _gradient(X, gamma, upstream, eps)
    return of_X, of_beta, of_gamma


def _fold(scale=None, new_bias=None, along=(-1, 1, 1, 1)):
    def answer(weight, bias, mean, variance, gamma, beta, eps):
        s = gamma / (variance + eps).sqrt() if scale is None else scale(gamma, variance, eps)
        shifted = (bias - mean) * s + beta if new_bias is None else new_bias(bias, mean, s, beta)
        return weight * s.view(along), shifted

    return answer


def _fold_bias_only(weight, bias, mean, variance, gamma, beta, eps):
    return weight, (bias - mean) * gamma / (variance + eps).sqrt() + beta


def _fold_in_place(weight, bias, mean, variance, gamma, beta, eps):
    scale = gamma / (variance + eps).sqrt()
    weight *= across(scale).transpose(0, 1)
    return weight, (bias - mean) * scale + beta


def _merged(means, variances, counts):
    share = (counts / counts.sum())[:, None]
    mean = (share * means).sum(0)
    return mean, (share * variances).sum(0), (share * (means - mean) ** 2).sum(0), share


def _mean_of_variances(means, variances, counts):
    return _merged(means, variances, counts)[:2]


def _variance_of_means(means, variances, counts):
    mean, _, between, _ = _merged(means, variances, counts)
    return mean, between


def _unbiased_variance_of_means(means, variances, counts):
    mean, within, _, _ = _merged(means, variances, counts)
    return mean, within + means.var(0)


def _without_counts(means, variances, counts):
    return means.mean(0), variances.mean(0) + means.var(0, correction=0)


def _sum_of_variances(means, variances, counts):
    mean, _, between, _ = _merged(means, variances, counts)
    return mean, variances.sum(0) + between


def _mean_of_squares(means, variances, counts):
    mean, _, _, share = _merged(means, variances, counts)
    return mean, (share * (variances + means**2)).sum(0)


def _one_variance_for_all(means, variances, counts):
    mean, within, between, _ = _merged(means, variances, counts)
    return mean, (within + between).mean()


def _only_mean_weighted(means, variances, counts):
    mean = _merged(means, variances, counts)[0]
    return mean, variances.mean(0) + ((means - mean) ** 2).mean(0)


WRONG = {
    **_ch08_forward.WRONG,
    "update_running": {
        "keeps the biased variance": _running(correction=0),
        "corrects with B / (B - 1)": _running(count=len),
        "has the momentum the wrong way round": _running(new_share=lambda momentum: 1 - momentum),
        "never updates the variance": _running(variance_moves=False),
        "never updates the mean": _running(mean_moves=False),
        "forgets the old values": _running(new_share=lambda momentum: 1),
        "adds without fading": lambda mean, variance, X, momentum: (
            mean + momentum * X.mean(IMAGES),
            variance + momentum * X.var(IMAGES),
        ),
        "averages the standard deviation": lambda mean, variance, X, momentum: (
            (1 - momentum) * mean + momentum * X.mean(IMAGES),
            (1 - momentum) * variance + momentum * X.std(IMAGES),
        ),
        "returns the variance first": lambda *arguments: _running()(*arguments)[::-1],
        "returns the mean only": lambda *arguments: _running()(*arguments)[0],
        "writes into its input": _running_in_place,
    },
    "batch_norm_layer": {
        "ignores gamma": layers.IgnoresGamma,
        "ignores beta": layers.IgnoresBeta,
        "puts eps outside the root": layers.EpsOutside,
        "never updates the running mean": layers.NeverUpdatesTheMean,
        "never updates the running variance": layers.NeverUpdatesTheVariance,
        "never updates at all": layers.NeverUpdates,
        "keeps a biased running variance": layers.BiasedRunningVariance,
        "has the momentum the wrong way round": layers.MomentumTheWrongWayRound,
        "evaluates on the batch": layers.EvaluatesOnTheBatch,
        "trains on the running statistics": layers.TrainsOnTheRunningOnes,
        "learns in evaluation": layers.LearnsInEvaluation,
        "detaches mean and variance": layers.Detached,
        "takes the unbiased variance in training": layers.UnbiasedInTraining,
        "normalises each image": layers.OneImageAtATime,
        "has no buffers": layers.WithoutBuffers,
        "makes the statistics parameters": layers.StatisticsAsParameters,
        "makes gamma no parameter": layers.GammaIsNoParameter,
        "starts with a variance of zero": layers.VarianceStartsAtZero,
        "starts with a mean of one": layers.MeanStartsAtOne,
        "starts with a gamma of zero": layers.GammaStartsAtZero,
        "starts with a beta of one": layers.BetaStartsAtOne,
    },
    "batch_norm_gradient": {
        "takes mean and variance for constants": _gradient_of_input(lambda X_hat, gamma, up, root: gamma * up / root),
        "forgets the path through the variance": _gradient_of_input(
            lambda X_hat, gamma, up, root: gamma * (up - up.mean(0)) / root
        ),
        "forgets the path through the mean": _gradient_of_input(
            lambda X_hat, gamma, up, root: gamma * (up - X_hat * (up * X_hat).mean(0)) / root
        ),
        "sums instead of means": _gradient_of_input(
            lambda X_hat, gamma, up, root: gamma * (up - up.sum(0) - X_hat * (up * X_hat).sum(0)) / root
        ),
        "forgets gamma": _gradient_of_input(
            lambda X_hat, gamma, up, root: (up - up.mean(0) - X_hat * (up * X_hat).mean(0)) / root
        ),
        "forgets the root": _gradient_of_input(
            lambda X_hat, gamma, up, root: gamma * (up - up.mean(0) - X_hat * (up * X_hat).mean(0))
        ),
        "divides by the variance": _gradient_of_input(
            lambda X_hat, gamma, up, root: gamma * (up - up.mean(0) - X_hat * (up * X_hat).mean(0)) / root**2
        ),
        "uses X for gamma's gradient": _gradient_of_gamma_with_input,
        "takes means for gamma and beta": _gradient_means,
        "does not sum beta's gradient": lambda X, gamma, upstream, eps: (
            *_gradient(X, gamma, upstream, eps)[:2],
            upstream,
        ),
        "swaps gamma and beta": _gradient_gamma_and_beta_swapped,
        "returns gamma, beta, X": _gradient_in_another_order,
    },
    "fold": {
        "does not scale the convolution's bias": _fold(new_bias=lambda bias, mean, s, beta: bias - mean * s + beta),
        "loses the convolution's bias": _fold(new_bias=lambda bias, mean, s, beta: beta - mean * s),
        "forgets the mean": _fold(new_bias=lambda bias, mean, s, beta: bias * s + beta),
        "forgets beta": _fold(new_bias=lambda bias, mean, s, beta: (bias - mean) * s),
        "forgets gamma": _fold(scale=lambda gamma, variance, eps: 1 / (variance + eps).sqrt()),
        "divides by the variance": _fold(scale=lambda gamma, variance, eps: gamma / (variance + eps)),
        "forgets eps": _fold(scale=lambda gamma, variance, eps: gamma / variance.sqrt()),
        "puts eps outside the root": _fold(scale=lambda gamma, variance, eps: gamma / (variance.sqrt() + eps)),
        "scales the bias only": _fold_bias_only,
        "scales the input channels": _fold(along=(1, -1, 1, 1)),
        "writes into its input": _fold_in_place,
    },
    "synchronise": {
        "averages the variances": _mean_of_variances,
        "takes the variance of the means": _variance_of_means,
        "divides the variance of the means by one less": _unbiased_variance_of_means,
        "ignores the counts": _without_counts,
        "weights the mean only": _only_mean_weighted,
        "adds the variances up": _sum_of_variances,
        "leaves out the square of the mean": _mean_of_squares,
        "returns one variance for all channels": _one_variance_for_all,
        "returns the variance first": lambda *arguments: (
            _merged(*arguments)[1] + _merged(*arguments)[2],
            _merged(*arguments)[0],
        ),
    },
}
