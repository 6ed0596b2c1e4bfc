"""What the usual slips of chapter 15's exercises lead to: dicts, message -> wrong result."""

import torch
import torch.nn.functional as F


def of_patchify(X, size):
    """Slips in cutting X (B, C, H, W) into patches."""
    B, C, H, W = X.shape
    rows, columns, D = H // size, W // size, C * size * size
    tiles = X.reshape(B, C, rows, size, columns, size)

    def ordered(*axes):
        return tiles.permute(*axes).reshape(B, rows * columns, D)

    right = ordered(0, 2, 4, 1, 3, 5)
    return {
        "You reshaped without cutting, so one patch holds whole rows of the image. Split the height into (rows, "
        "size), the width into (columns, size), and bring the two sizes together.": X.reshape(B, rows * columns, D),
        "Each patch is right, their order is not: they go row by row, as one reads.": ordered(0, 4, 2, 1, 3, 5),
        "Inside a patch the channels come last. Let each patch be (C, size, size) before you flatten it.": ordered(
            0, 2, 4, 3, 5, 1
        ),
        "Inside a patch the pixels run column by column. They go row by row.": ordered(0, 2, 4, 1, 5, 3),
        "Patches and their numbers are exchanged: expected is (B, N, C * size * size). Transpose the last two axes.": (
            right.transpose(1, 2)
        ),
        "Patches come first, the batch second. Expected is (B, N, C * size * size).": right.transpose(0, 1),
        "You mixed the patches of all images of the batch. Keep the batch as the first axis.": right.flatten(0, 1),
    }


def of_attention(Q, K, V):
    """Slips in softmax(Q K^T / sqrt(d)) V, for queries (B, N, d), keys (B, M, d) and values (B, M, e)."""
    scores, d = Q @ K.transpose(1, 2), Q.shape[-1]
    weights = (scores / d**0.5).softmax(-1)
    slips = {
        "The scores are not scaled: divide by the root of d before the softmax.": scores.softmax(-1) @ V,
        "You divided by d. Divide by its root.": (scores / d).softmax(-1) @ V,
        "You scaled by the root of the number of keys. d is how many entries a key has: K.shape[-1].": (
            (scores / K.shape[1] ** 0.5).softmax(-1) @ V
        ),
        "Your softmax runs over the queries. Each query shares out 1 among the keys: the last axis.": (
            (scores / d**0.5).softmax(1) @ V
        ),
        "Your softmax runs over the batch. Each query shares out 1 among the keys: the last axis.": (
            (scores / d**0.5).softmax(0) @ V
        ),
        "The softmax is missing: weights are positive and add up to 1.": scores / d**0.5 @ V,
        "You scaled after the softmax, so the weights no longer add up to 1. Scale the scores.": (
            scores.softmax(-1) / d**0.5 @ V
        ),
        "These are the weights. Take the weighted means of the values: weights @ V.": weights,
    }
    if Q.shape == K.shape:
        slips["Queries and keys are exchanged: each query has a row of scores, Q @ K^T."] = (
            weights_of(K, Q, d) @ V
        )  # fmt: skip
        slips["You averaged with the transposed weights: a query's weights are a row."] = weights.transpose(1, 2) @ V
    return slips


def weights_of(Q, K, d):
    """softmax(Q K^T / sqrt(d)): (B, N, M)."""
    return (Q @ K.transpose(1, 2) / d**0.5).softmax(-1)


def places(side):
    """Row and column of each patch of a grid, row by row: float32 (side * side, 2)."""
    return torch.cartesian_prod(torch.arange(side), torch.arange(side)).float()


def of_distance(weights, side, away):
    """Slips in the mean distance of attention weights (heads, N, N), given the distances (N, N)."""
    steps = torch.arange(side**2)
    per_query = (weights * away).sum(-1)
    return {
        "You took the mean of the distances without the weights. Weight each distance first.": away.mean().expand(
            len(weights)
        ),
        "You squared the distances and did not take the root.": (weights * away**2).sum(-1).mean(-1),
        "You counted steps along rows and columns. The distance is the straight line between two patches.": (
            (weights * torch.cdist(places(side), places(side), p=1)).sum(-1).mean(-1)
        ),
        "You took the difference of the patches' numbers. Patch i stands in row i // side and column i % side.": (
            (weights * (steps[:, None] - steps).abs()).sum(-1).mean(-1)
        ),
        "You added the queries up. Take their mean.": per_query.sum(-1),
        "You divided by the number of keys as well: the weights of a query add up to 1 already.": (
            (weights * away).mean((-1, -2))
        ),
        "This is one number for each query. Take the mean over the queries, one number for each head.": per_query,
        "You averaged over the heads too. Each head has its own distance.": per_query.mean(),
    }


def of_gan(real, fake):
    """Slips in the losses of both players, from logits (B,)."""
    of_real, of_fake, fooled = F.softplus(-real).mean(), F.softplus(fake).mean(), F.softplus(-fake).mean()
    right = of_real + of_fake
    return {
        "The discriminator's answers are the wrong way round: real ones are 1, fakes are 0.": (
            F.softplus(real).mean() + fooled,
            fooled,
        ),
        "Your generator wants to be found out: for its loss the fakes should be taken for real, label 1.": (
            right,
            of_fake,
        ),
        "Minus the discriminator's loss on fakes hardly has a slope while the fakes are bad (the paper says so itself, "
        "section 3). Use the loss with label 1 instead.": (right, -of_fake),
        "The discriminator has to judge the fakes too: add their loss.": (of_real, fooled),
        "The discriminator has to judge the real ones too: add their loss.": (of_fake, fooled),
        "You halved the discriminator's loss. Add its two means, and leave it at that.": (right / 2, fooled),
        "You took the logits for probabilities: their logarithm may not exist. Use the loss that takes logits.": (
            -real.log().mean() - (1 - fake).log().mean(),
            -fake.log().mean(),
        ),
        "You summed over the batch. Take means.": (right * len(real), fooled * len(fake)),
        "The generator cannot change the real pictures: its loss is about the fakes alone.": (right, of_real + fooled),
        "Return the discriminator's loss first, then the generator's.": (fooled, right),
    }


def of_hyper(layers, channels, kernel_size, code):
    """Slips in counting what a maker makes and what is learned."""
    kernel = channels**2 * kernel_size**2
    made, learned = layers * kernel, layers * code + (code + 1) * kernel
    return {
        "The maker's bias is missing: a dense layer has one more number for each output.": (made, learned - kernel),
        "The codes are learned too: add them for all layers.": (made, learned - layers * code),
        "You added the code of one layer. Every layer has its own.": (made, learned - (layers - 1) * code),
        "You gave each layer a maker of its own. They all share one; only the codes differ.": (
            made,
            layers * (code + (code + 1) * kernel),
        ),
        "You counted the kernels of one layer. The maker is used once a layer.": (kernel, learned),
        "The made kernels are not learned: do not add them.": (made, made + learned),
        "A kernel has kernel_size x kernel_size taps for each pair of channels.": (
            made // kernel_size,
            layers * code + (code + 1) * kernel // kernel_size,
        ),
        "A layer has a kernel for each pair of channels: channels x channels of them.": (
            made // channels,
            layers * code + (code + 1) * kernel // channels,
        ),
        "Return the numbers that are made first, then those that are learned.": (learned, made),
    }


def of_grad_cam(maps, gradients, weights):
    """Slips in Grad-CAM, for maps and gradients (B, C, H, W) and the right weights (B, C, 1, 1)."""
    weighted = weights * maps
    return {
        "The ReLU is missing: only what speaks for the class counts.": weighted.sum(1),
        "Your ReLU comes before the sum. What speaks against the class has to be subtracted first.": (
            weighted.relu().sum(1)
        ),
        "You multiplied each place by its own gradient. A map has one weight: the mean of its gradient.": (
            (gradients * maps).sum(1).relu()
        ),
        "You summed the gradient over a map. Take its mean.": (
            gradients.sum((2, 3), keepdim=True) * maps
        ).sum(1).relu(),
        "You took the largest gradient of each map. Take the mean.": (
            gradients.amax((2, 3), keepdim=True) * maps
        ).sum(1).relu(),
        "You took the mean over the channels. Add them up.": weighted.mean(1).relu(),
        "You took the magnitude at the end. A negative sum speaks against the class: ReLU.": weighted.sum(1).abs(),
        "You averaged the gradients over the batch as well. Each image has weights of its own.": (
            (weights.mean(0, keepdim=True) * maps).sum(1).relu()
        ),
        "The maps were left out: weigh them, then add them up.": gradients.sum(1).relu(),
        "You kept the channels. Add them up: (B, H, W) is expected.": weighted.relu(),
    }  # fmt: skip
