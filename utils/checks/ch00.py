"""Checks of chapter 00, Start here. `check.name(answer)` judges the learner's `answer`."""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F

from utils.checks._harness import compare, exercise, run, tensor

__all__ = ["cross_entropy", "dense", "leaky_relu", "mean_squared_error", "mlp_parameters", "to_batch"]


@exercise("From a photograph to a batch")
def to_batch(answer):
    """answer(photo uint8 (H, W, 3)) -> float32 tensor (1, 3, H, W) in [0, 1]."""
    for height, width in [(4, 4), (3, 5)]:
        photo = np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)
        pixels = torch.from_numpy(photo)
        expected = pixels.permute(2, 0, 1)[None] / 255
        compare(
            run(answer, photo),
            expected,
            case=f"a photograph of {height} x {width} pixels",
            atol=1e-6,
            mistakes={
                "The picture is torn: `reshape` keeps the numbers in their old order. Move the axes with `permute`.": (
                    pixels.reshape(1, 3, height, width) / 255
                ),
                "Height and width are swapped: `permute(2, 0, 1)`, not `(2, 1, 0)`.": expected.transpose(2, 3),
                "The channel must come before height and width.": pixels[None] / 255,
                "The batch axis is missing: put an axis of length 1 in front, `[None]`.": expected[0],
                "The numbers must lie in [0, 1]: divide by 255.": expected * 255,
                "You divided by 256. White is 255, and it must become 1.": expected * 255 / 256,
                "You divided with `//`, which leaves only 0 and 1.": expected.floor(),
            },
        )


@exercise("A dense layer")
def dense(answer):
    """answer(X (B, n), weight (m, n), bias (m,)) -> (B, m), against F.linear."""
    for batch, inputs, outputs in [(2, 3, 4), (1, 5, 2), (3, 4, 4)]:
        X, weight = tensor((batch, inputs), seed=1), tensor((outputs, inputs), seed=2)
        bias = tensor((outputs,), seed=3)
        expected = F.linear(X, weight, bias)
        mistakes = {
            "You left out the bias.": X @ weight.T,
            "You subtracted the bias. Add it.": X @ weight.T - bias,
            "Your result is (m, B). The batch comes first.": expected.T,
            "You averaged the products. Add them up.": X @ weight.T / inputs + bias,
        }
        if inputs == outputs:
            mistakes["You used `weight` where `weight.T` belongs. It only fits because it is square."] = (
                X @ weight + bias
            )
        case = f"X ({batch}, {inputs}), weight ({outputs}, {inputs})"
        compare(run(answer, X, weight, bias), expected, case=case, atol=1e-5, mistakes=mistakes)


@exercise("Leaky ReLU and its gradient")
def leaky_relu(answer):
    """answer(z, slope) -> (output, gradient), against F.leaky_relu and autograd."""
    for shape, slope in [((7,), 0.01), ((2, 3, 4), 0.3)]:
        z = tensor(shape, seed=5)
        output = F.leaky_relu(z, slope)
        gradient = torch.where(z > 0, 1.0, slope)
        got = run(answer, z, slope)
        case = f"z of shape {shape}, slope {slope}"
        compare(
            got,
            (output, gradient),
            case=case,
            mistakes={
                "That is a plain ReLU: below zero a share `slope` must come through.": (F.relu(z), (z > 0).float()),
                "The output is right. Below zero its gradient is `slope`, not 0.": (output, (z > 0).float()),
                "The output is right. Its gradient is a slope, 1 or `slope`, not the output itself.": (output, output),
                "The two sides are swapped: the small slope belongs below zero.": (
                    torch.where(z > 0, slope * z, z),
                    torch.where(z > 0, slope, 1.0),
                ),
                "Below zero the output is slope * z, which is negative. Yours has the wrong sign.": (
                    torch.where(z > 0, z, -slope * z),
                    torch.where(z > 0, 1.0, -slope),
                ),
                "You wrote 0.01 where `slope` belongs.": (
                    F.leaky_relu(z, 0.01),
                    torch.where(z > 0, 1.0, 0.01),
                ),
                "Below zero the output is slope * z, not the constant slope.": (torch.where(z > 0, z, slope), gradient),
                "That is the output alone. Return both: `return output, gradient`.": output,
            },
        )


@exercise("Mean squared error")
def mean_squared_error(answer):
    """answer(predicted, y) -> scalar tensor, against F.mse_loss."""
    for shape in [(6,), (3, 4)]:
        predicted, y = tensor(shape, seed=1), tensor(shape, seed=2)
        difference = predicted - y
        compare(
            run(answer, predicted, y),
            F.mse_loss(predicted, y),
            case=f"shape {shape}",
            atol=1e-6,
            mistakes={
                "That is the sum. Take the mean, so that the loss does not grow with the number of answers.": (
                    difference.square().sum()
                ),
                "You squared the mean. Square first, or errors of opposite sign cancel.": difference.mean().square(),
                "That is the mean absolute error. Square the differences.": difference.abs().mean(),
                "You took the root at the end. The mean squared error has none.": difference.square().mean().sqrt(),
                "You halved it. The likelihood has the factor 1/2, the mean squared error leaves it out.": (
                    difference.square().mean() / 2
                ),
                "You squared the values themselves. Subtract first, then square.": (
                    predicted.square() - y.square()
                ).mean(),
                "You did not average. Return one number, the mean of all squared differences.": difference.square(),
                "You averaged over the batch only. Take the mean over all numbers.": difference.square().sum()
                / shape[0],
            },
        )


@exercise("Cross-entropy")
def cross_entropy(answer):
    """answer(logits (B, K), y (B,)) -> scalar tensor, against F.cross_entropy, with logits up to 1,000."""
    for batch, classes, scale, seed in [(5, 3, 1.0, 0), (4, 4, 3.0, 1), (2, 10, 1000.0, 2)]:
        logits = scale * tensor((batch, classes), seed=seed)
        y = torch.arange(batch) % classes
        log_p = logits.log_softmax(1)
        p = log_p.exp()
        right = torch.arange(batch), y
        compare(
            run(answer, logits, y),
            F.cross_entropy(logits, y),
            case=f"{batch} images, {classes} classes, logits up to {logits.abs().max():.0f}",
            atol=1e-4 * scale,
            mistakes={
                "Large logits overflow: e^1000 is infinite. Use `torch.logsumexp`, or subtract the largest logit "
                "first.": (torch.tensor(float("nan"))),
                "Large logits underflow to a probability of 0, whose logarithm is infinite. Stay with logarithms: "
                "logsumexp of the logits minus the right logit.": torch.tensor(float("inf")),
                "The sign is wrong: the loss is minus the logarithm.": -F.cross_entropy(logits, y),
                "That is the sum. Take the mean over the batch.": F.cross_entropy(logits, y, reduction="sum"),
                "You did not average. Return one number, the mean over the batch.": F.cross_entropy(
                    logits, y, reduction="none"
                ),
                "You used the logarithm to base 2. The loss uses the natural one.": F.cross_entropy(logits, y)
                / np.log(2),
                "Your softmax runs over the batch. The classes of one image must add up to 1: axis 1.": (
                    -logits.log_softmax(0)[right].mean()
                ),
                "You averaged minus log p over all classes. Only the right class counts.": -log_p.mean(),
                "You took 1 minus the probability. The loss is minus its logarithm.": (1 - p[right]).mean(),
                "You applied the softmax twice. The logits go through it once.": F.cross_entropy(p, y),
            },
        )


def _count(widths):
    return sum(n * m + m for n, m in pairwise(widths))


@exercise("Count the parameters of an MLP")
def mlp_parameters(answer):
    """answer(input_shape, widths) -> int."""
    for input_shape, widths in [((1, 28, 28), [128, 10]), ((3, 32, 48), [100]), ((7,), [5, 4, 3])]:
        pixels = int(np.prod(input_shape))
        chain = [pixels, *widths]
        compare(
            run(answer, input_shape, widths),
            _count(chain),
            case=f"input_shape={input_shape}, widths={widths}",
            mistakes={
                "You left out the biases: one for each output of each layer.": _count(chain) - sum(widths),
                "You counted one bias a layer. Each output has its own.": _count(chain) - sum(widths) + len(widths),
                "You counted a bias for each input. Each output has one.": (
                    _count(chain) - sum(widths) + sum(chain[:-1])
                ),
                "You took one channel only. The layer takes all of them: multiply the whole input shape.": _count(
                    [int(np.prod(input_shape[1:])), *widths]
                ),
                "You added the axes of the input up. Multiply them.": _count([sum(input_shape), *widths]),
                "You connected every layer to the input. Each layer takes the outputs of the one before.": sum(
                    pixels * width + width for width in widths
                ),
                "You counted the first layer only. Add up all of them.": _count(chain[:2]),
                "You took the input to be square. Use both its sides.": _count(
                    [input_shape[0] * input_shape[-1] ** 2, *widths]
                ),
            },
        )
