"""Wrong turns in chapter 08 and the results they lead to: for its checks to recognise."""

import torch


def spread_out(values, X):
    """(C,) in the shape that goes along the channels of X, (1, C, 1, ...)."""
    return values.view(1, -1, *[1] * (X.ndim - 2))


def forward(X, gamma, beta, eps, axes, correction=0, centred=True, deviation=lambda v, eps: (v + eps).sqrt()):
    """Batch normalisation with statistics over `axes`; the further options are wrong turns."""
    mean = X.mean(axes, keepdim=True) if centred else 0
    variance = X.var(axes, correction=correction, keepdim=True)
    return spread_out(gamma, X) * (X - mean) / deviation(variance, eps) + spread_out(beta, X)


def along_width(X, gamma, beta, eps):
    """gamma and beta broadcast along the last axis."""
    one, zero = torch.ones_like(gamma), torch.zeros_like(beta)
    return gamma * forward(X, one, zero, eps, (0, 2, 3)) + beta


def of_forward(X, gamma, beta, eps, axes):
    """Slips of dense and convolutional normalisation alike: message -> result."""

    def wrong(scale=gamma, shift=beta, **turn):
        return forward(X, scale, shift, eps, axes, **turn)

    return {
        "gamma is missing: the normalised values are multiplied by it.": wrong(scale=torch.ones_like(gamma)),
        "beta is missing: it is added at the end.": wrong(shift=torch.zeros_like(beta)),
        "gamma and beta have changed places: gamma multiplies, beta is added.": wrong(beta, gamma),
        "beta was added before gamma multiplied. gamma first, then beta.": wrong(shift=gamma * beta),
        "eps stands outside the root. It is added to the variance: sqrt(variance + eps).": wrong(
            deviation=lambda v, eps: v.sqrt() + eps
        ),
        "eps is missing under the root.": wrong(deviation=lambda v, eps: v.sqrt()),
        "You divided by the variance. Divide by its root.": wrong(deviation=lambda v, eps: v + eps),
        "You took the unbiased variance, PyTorch's default. Divide by the number of values: correction=0.": wrong(
            correction=1
        ),
        "Two slips: std() divides by n - 1 (correction=0 is needed), and eps belongs under the root.": wrong(
            correction=1, deviation=lambda v, eps: v.sqrt() + eps
        ),
        "You did not subtract the mean.": wrong(centred=False),
    }


def of_running(mean, variance, X, momentum):
    """Slips in the running statistics: message -> (mean, variance)."""
    batch_mean, unbiased, biased = X.mean((0, 2, 3)), X.var((0, 2, 3)), X.var((0, 2, 3), correction=0)

    def mixed(old, new, share=momentum):
        return (1 - share) * old + share * new

    right = mixed(mean, batch_mean), mixed(variance, unbiased)
    other_count = biased * len(X) / (len(X) - 1)
    return {
        "The running variance takes the unbiased variance, divided by n - 1; you gave it the biased one.": (
            right[0],
            mixed(variance, biased),
        ),
        "n counts all values of a channel, B x H x W of them; you corrected with B / (B - 1).": (
            right[0],
            mixed(variance, other_count),
        ),
        "The momentum is the wrong way round: in PyTorch it is the weight of the new value, 1 - momentum that of the "
        "old.": (mixed(mean, batch_mean, 1 - momentum), mixed(variance, unbiased, 1 - momentum)),
        "The running variance did not move. Update it in the same way as the mean.": (right[0], variance),
        "The running mean did not move. Update it in the same way as the variance.": (mean, right[1]),
        "You forgot the old values: only a share of `momentum` is replaced.": (batch_mean, unbiased),
        "You added the new values without fading the old ones by 1 - momentum.": (
            mean + momentum * batch_mean,
            variance + momentum * unbiased,
        ),
        "The second value is the running variance; you averaged the standard deviation.": (
            right[0],
            mixed(variance, unbiased.sqrt()),
        ),
        "Return the mean first, then the variance.": right[::-1],
        "That is the running mean alone. Return the running variance beside it.": right[0],
    }


def of_gradient(X, gamma, upstream, eps, right):
    """Slips in the backward pass of a dense layer: message -> (gradient for X, for gamma, for beta)."""
    deviation = (X.var(0, correction=0) + eps).sqrt()
    X_hat = (X - X.mean(0)) / deviation
    arriving = gamma * upstream
    mean_path, variance_path = arriving.mean(0), X_hat * (arriving * X_hat).mean(0)
    of_X, of_gamma, of_beta = right
    batch = len(X)
    return {
        "You took mean and variance for constants. Each value moves them, and so all outputs: two terms are missing.": (
            arriving / deviation,
            *right[1:],
        ),
        "The path through the variance is missing: subtract X_hat * mean(g * X_hat).": (
            (arriving - mean_path) / deviation,
            *right[1:],
        ),
        "The path through the mean is missing: subtract mean(g).": ((arriving - variance_path) / deviation, *right[1:]),
        "You took sums over the batch where the gradient for X has means.": (
            (arriving - batch * mean_path - batch * variance_path) / deviation,
            *right[1:],
        ),
        "gamma is missing in your gradient for X: what arrives at X_hat is gamma * upstream.": (
            of_X / gamma,
            *right[1:],
        ),
        "You did not divide the gradient for X by sqrt(variance + eps).": (of_X * deviation, *right[1:]),
        "You divided the gradient for X by the variance. Divide by its root.": (of_X / deviation, *right[1:]),
        "You used X in the gradient for gamma. gamma multiplies X_hat: use that.": (
            of_X,
            (upstream * X).sum(0),
            of_beta,
        ),
        "You took means over the batch for gamma and beta. Their gradients are sums.": (
            of_X,
            of_gamma / batch,
            of_beta / batch,
        ),
        "You did not add up the gradient for beta. It is the sum over the batch.": (of_X, of_gamma, upstream),
        "The gradients for gamma and beta are swapped: gamma's comes before beta's.": (of_X, of_beta, of_gamma),
        "The order is wrong: the gradient for X comes first, then gamma's, then beta's.": (of_gamma, of_beta, of_X),
    }


def of_fold(weight, bias, mean, variance, gamma, beta, eps):
    """Slips in folding: message -> (weight, bias)."""

    def folded(scale, bias=bias, mean=mean, beta=beta, along=(-1, 1, 1, 1)):
        return weight * scale.view(along), (bias - mean) * scale + beta

    scale = gamma / (variance + eps).sqrt()
    slips = {
        "You did not scale the convolution's own bias. The new bias is (bias - mean) * scale + beta.": (
            folded(scale)[0],
            bias - mean * scale + beta,
        ),
        "The convolution's own bias is lost. Batch norm shifts and scales it like everything else.": folded(
            scale, bias=0
        ),
        "The running mean is missing: subtract it from the bias before you scale.": folded(scale, mean=0),
        "beta is missing: add it to the bias at the end.": folded(scale, beta=0),
        "gamma is missing: scale = gamma / sqrt(variance + eps).": folded(scale / gamma),
        "You divided by the variance. Divide by sqrt(variance + eps).": folded(gamma / (variance + eps)),
        "eps is missing under the root.": folded(gamma / variance.sqrt()),
        "eps stands outside the root: sqrt(variance + eps).": folded(gamma / (variance.sqrt() + eps)),
        "You scaled the bias only. Scale the weights too.": (weight, folded(scale)[1]),
    }
    if weight.shape[0] == weight.shape[1]:
        slips["You scaled along the input channels. Each output channel has its own scale: shape (C, 1, 1, 1)."] = (
            folded(scale, along=(1, -1, 1, 1))
        )
    return slips


def of_synchronise(means, variances, counts):
    """Slips in merging the statistics of several devices: message -> (mean, variance)."""
    share = (counts / counts.sum())[:, None]
    mean = (share * means).sum(0)
    between = (share * (means - mean).square()).sum(0)
    within = (share * variances).sum(0)
    even, even_within = means.mean(0), variances.mean(0)
    return {
        "You averaged the variances. The devices' means differ too: add the variance of the means.": (mean, within),
        "The variance of the means alone is not enough: add the mean of the variances.": (mean, between),
        "The devices do not have the same number of images: weight by `counts`.": (
            even,
            even_within + means.var(0, correction=0),
        ),
        "You weighted the mean by `counts`, but not the variance. Both need it.": (
            mean,
            even_within + (means - mean).square().mean(0),
        ),
        "You added the variances up. Take their mean, weighted by `counts`.": (mean, variances.sum(0) + between),
        "Mean of the squares minus square of the mean: you left the square of the mean out.": (
            mean,
            within + (share * means.square()).sum(0),
        ),
        "You divided the variance of the means by one less than the number of devices. Weight it by `counts` "
        "instead.": (
            mean,
            within + means.var(0),
        ),
        "Return the mean first, then the variance.": (within + between, mean),
    }
