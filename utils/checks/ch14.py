"""Checks of chapter 14, Autoencoders and retrieval. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks import _ch14_slips as slips
from utils.checks._harness import build, compare, exercise, integers, run, same_network, tensor

__all__ = ["Decoder", "denoising_loss", "precision_at_k", "transposed_convolution", "vote", "walk"]


@exercise("Give out, add up")
def transposed_convolution(answer):
    """answer(values (n,), kernel (k,), stride) -> (stride * (n - 1) + k,), against F.conv_transpose1d."""
    for n, k, stride in [(3, 3, 2), (5, 4, 3), (4, 2, 2), (1, 3, 2), (6, 2, 1)]:
        values, kernel = tensor(n, seed=n), tensor(k, seed=k + 20)
        compare(
            run(answer, values, kernel, stride),
            F.conv_transpose1d(values[None, None], kernel[None, None], stride=stride)[0, 0],
            case=f"{n} values, kernel of {k}, stride {stride}",
            mistakes=slips.of_stamps(values, kernel, stride),
        )


@exercise("The decoder")
def Decoder(answer):  # noqa: N802 (the name of the learner's class)
    """answer(code) -> nn.Module, codes (B, code) to images (B, 1, 28, 28) in [0, 1]."""
    for code in (2, 5):
        same_network(
            build(answer, code),
            slips.Decoder(code),
            tensor((3, code), seed=code),
            case=f"code={code}",
            mistakes={message: slips.Decoder(code, **slip) for message, slip in slips.WRONG_DECODERS.items()},
        )


@exercise("Walk a line")
def walk(answer):
    """answer(start (D,), end (D,), steps) -> (steps, D): evenly spaced codes from start to end, both included."""
    for D, steps in [(3, 5), (2, 2), (4, 4), (1, 7)]:
        start, end = tensor(D, seed=D), tensor(D, seed=D + 9)

        def along(shares, start=start, end=end):
            return torch.lerp(start, end, shares[:, None])

        right = along(torch.linspace(0, 1, steps))
        compare(
            run(answer, start, end, steps),
            right,
            case=f"codes of {D}, {steps} steps",
            mistakes={
                "You never arrive: the last row must be the end itself. There are steps - 1 gaps between the rows.": (
                    along(torch.arange(steps) / steps)
                ),
                "You left the start out. The first row is the start itself.": along(torch.arange(1, steps + 1) / steps),
                "You left out both ends. They belong to the walk.": along(torch.arange(1, steps + 1) / (steps + 1)),
                "You walk backwards: share 0 is the start, share 1 the end.": right.flip(0),
                "There is one row too many: `steps` counts the rows, not the gaps.": (
                    along(torch.linspace(0, 1, steps + 1))
                ),
                "Each code should be a row: (steps, D). Yours stand in columns.": right.T,
                "You gave the way from the start, not the place. Add the start to it.": right - start,
            },
        )


@exercise("Precision at k")
def precision_at_k(answer):
    """answer(found (Q, k), labels (Q,)) -> float, the share of what was found that is right."""
    for Q, k, seed in [(6, 3, 1), (4, 4, 2), (5, 8, 3), (7, 1, 4)]:
        found, labels = (torch.from_numpy(integers(shape, seed, 0, 3)) for shape in ((Q, k), Q))
        hits = found == labels[:, None]
        right = hits.float().mean().item()
        mistakes = {
            "You asked whether anything right was found. Precision asks how much of what was found is right.": (
                hits.any(1).float().mean().item()
            ),
            "You asked whether everything found is right. Precision takes the share.": (
                hits.all(1).float().mean().item()
            ),
            "You looked at the nearest neighbour alone. All k count.": hits[:, 0].float().mean().item(),
            "That is the number of hits for each question. Divide by k.": k * right,
            "You returned one number for each question. Take the mean over the questions.": hits.float().mean(1),
            "That is the number of all hits. Divide it by how many images were found in all.": float(hits.sum()),
            "That is a percentage. Return a fraction between 0 and 1.": 100 * right,
            "That is the share of wrong ones. Precision is the share of right ones.": 1 - right,
        }
        if Q == k:
            across = (found == labels).float().mean().item()
            mistakes["Your labels went along the columns. Give them the shape (Q, 1): labels[:, None]."] = across
        compare(run(answer, found, labels), right, case=f"{Q} questions, k = {k}", mistakes=mistakes)


@exercise("Let the neighbours vote")
def vote(answer):
    """answer(found (Q, k)) -> (Q,) int64, the majority; of equally frequent labels that of the nearest neighbour."""
    for found in [
        [[1, 7, 7], [7, 7, 1], [9, 4, 4], [4, 9, 2], [5, 2, 9]],
        [[3, 8, 8, 3, 5], [8, 3, 5, 3, 8], [0, 6, 6, 0, 1], [2, 1, 0, 1, 2]],
        [[6, 2, 2], [2, 6, 6], [5, 3, 9]],
        [[4], [0]],
    ]:
        found = torch.tensor(found)
        right = slips.voted(found, lambda most, row: most[0])
        compare(run(answer, found), right, case=f"found {found.tolist()}", mistakes=slips.of_votes(found))


@exercise("A denoising loss")
def denoising_loss(answer):
    """answer(model, X, noise) -> scalar tensor with a gradient: the error of what the model makes of X + noise."""
    for B, side, seed in [(4, 6, 0), (2, 9, 1)]:
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Sigmoid())
        X, noise = tensor((B, 1, side, side), seed).abs().clamp(0, 1), tensor((B, 1, side, side), seed + 7)
        spoiled = (X + noise).clamp(0, 1)
        rebuilt = model(spoiled)
        compare(
            run(answer, model, X, noise),
            F.mse_loss(rebuilt, X),
            case=f"X ({B}, 1, {side}, {side})",
            mistakes={
                "You compare with the noisy image, so the model learns to keep the noise. The target is X itself.": (
                    F.mse_loss(rebuilt, spoiled)
                ),
                "Your model saw the clean image. Give it X + noise.": F.mse_loss(model(X), X),
                "X + noise leaves the range of pixels: cut it off with clamp(0, 1).": F.mse_loss(model(X + noise), X),
                "You added the noise after the model. It belongs in what the model sees.": (
                    F.mse_loss((model(X) + noise).clamp(0, 1), X)
                ),
                "That is the sum of the squared errors. Take their mean over all pixels.": (
                    F.mse_loss(rebuilt, X, reduction="sum")
                ),
                "That is the mean over the batch of each image's sum. Take the mean over all pixels.": (
                    F.mse_loss(rebuilt, X, reduction="sum") / B
                ),
                "You did not average. Return one number, the mean over all pixels.": (rebuilt - X).square(),
                "That is the absolute error. Square the differences.": F.l1_loss(rebuilt, X),
                "You took the root. The mean of the squares is asked for.": F.mse_loss(rebuilt, X).sqrt(),
                "You compared the noisy image with the clean one: the model is left out.": F.mse_loss(spoiled, X),
                "You sent the clean image through the model too. Compare with X itself.": (
                    F.mse_loss(rebuilt, model(X))
                ),
            },
        )
