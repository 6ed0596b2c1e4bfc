"""Checks of chapter 11, Augmentation. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F
from torch import nn

from utils.checks import _ch11_slips as slips
from utils.checks._harness import Mistake, as_is, compare, exercise, run, tensor

__all__ = ["average_views", "crop_each", "cut_out", "flip_chosen", "mix_up", "soft_cross_entropy"]


@exercise("Mirror the chosen images")
def flip_chosen(answer):
    """answer(X (B, C, H, W), chosen bool (B,)) -> (B, C, H, W): left and right exchanged where chosen."""
    for shape, chosen in [((4, 1, 3, 5), [0, 1, 1, 0]), ((3, 2, 4, 4), [1, 0, 1]), ((2, 3, 5, 2), [0, 0])]:
        X, chosen = tensor(shape, seed=shape[0]), torch.tensor(chosen).bool()
        expected = torch.where(chosen.view(-1, 1, 1, 1), X.flip(3), X)
        case = f"X {shape}, chosen {chosen.tolist()}"
        compare(run(answer, X, chosen), expected, case=case, mistakes=slips.of_flip(X, chosen))


@exercise("A crop for each image")
def crop_each(answer):
    """answer(X (B, C, H, W), pad, top (B,), left (B,)) -> (B, C, H, W): zeros around, then each image's own crop."""
    cases = [
        ((3, 1, 4, 6), 2, [1, 4, 3], [3, 0, 2]),
        ((4, 2, 5, 4), 1, [2, 0, 1, 2], [0, 1, 2, 1]),
        ((2, 3, 6, 6), 3, [0, 5], [6, 1]),
    ]
    for shape, pad, top, left in cases:
        X, top, left = tensor(shape, seed=shape[0]), torch.tensor(top), torch.tensor(left)
        compare(
            run(answer, X, pad, top, left),
            slips.crops(X, pad, top, left),
            case=f"X {shape}, pad {pad}, top {top.tolist()}, left {left.tolist()}",
            mistakes=slips.of_crop(X, pad, top, left),
        )


@exercise("Cut a square out")
def cut_out(answer):
    """answer(X (B, C, H, W), row (B,), col (B,), side odd) -> (B, C, H, W) with a square of zeros in each image."""
    cases = [
        ((3, 2, 9, 8), [4, 3, 5], [3, 5, 4], 3),
        ((3, 2, 9, 8), [0, 8, 4], [4, 3, 7], 3),
        ((2, 3, 8, 11), [1, 6], [0, 9], 5),
    ]
    for shape, row, col, side in cases:
        X, row, col = tensor(shape, seed=shape[3]) + 3, torch.tensor(row), torch.tensor(col)
        expected = slips.squares(X, slips.around(row, side, shape[2]), slips.around(col, side, shape[3]))
        compare(
            run(answer, X, row, col, side),
            expected,
            case=f"X {shape}, row {row.tolist()}, col {col.tolist()}, side {side}",
            mistakes=slips.of_cutout(X, row, col, side),
        )


@exercise("Mix images and labels")
def mix_up(answer):
    """answer(X (B, C, H, W), y (B,), lam, order (B,), classes) -> (images, targets float (B, classes))."""
    cases = [
        (0.7, [1, 2, 3, 0], [2, 0, 3, 1], 5),
        (0.6, [2, 0, 1], [0, 2, 1], 3),
        (0.25, [1, 3, 0, 2], [3, 1, 0, 2], 4),
    ]
    for lam, order, y, classes in cases:
        X, y, order = tensor((len(y), 2, 3, 4), seed=classes), torch.tensor(y), torch.tensor(order)
        one_hot = F.one_hot(y, classes).float()
        compare(
            run(answer, X, y, lam, order, classes),
            tuple(lam * part + (1 - lam) * part[order] for part in (X, one_hot)),
            case=f"X {tuple(X.shape)}, y {y.tolist()}, lam {lam}, order {order.tolist()}, {classes} classes",
            mistakes=slips.of_mixup(X, y, lam, order, classes),
        )


@exercise("A loss for mixed targets")
def soft_cross_entropy(answer):
    """answer(logits (B, K), targets (B, K)) -> mean cross-entropy, against F.cross_entropy, gradient included."""
    for B, K in [(3, 5), (4, 2), (1, 6)]:
        logits, targets = (2 * tensor((B, K), seed=B)).requires_grad_(), tensor((B, K), seed=K).softmax(1)
        compare(
            run(answer, logits, targets),
            F.cross_entropy(logits, targets),
            case=f"logits and targets {(B, K)}",
            mistakes=slips.of_soft_loss(logits.detach(), targets),
        )
    compare(
        run(answer, torch.tensor([[200.0, 0.0], [0.0, -200.0]]), torch.tensor([[0.5, 0.5], [0.0, 1.0]])),
        torch.tensor(150.0),
        case="logits that differ by 200",
        mistakes={
            "softmax rounds tiny probabilities to 0, and the logarithm of 0 is infinite. log_softmax computes both in "
            "one step and stays finite.": torch.tensor(float("inf")),
        },
    )


@exercise("Average the answers")
def average_views(answer):
    """answer(model, X (B, C, H, W), views: list of functions of X) -> mean probabilities (B, K) over the views."""
    lists = [[_same, _mirrored], [_same, _left, _right, _mirrored], [_right]]
    for (B, K), views in zip([(4, 3), (2, 5), (3, 4)], lists, strict=True):
        model, X = _model(K), 2 * tensor((B, 2, 4, 4), seed=B)
        with torch.no_grad():
            logits = torch.stack([model(view(X)) for view in views])
            mean_image = model(torch.stack([view(X) for view in views]).mean(0))
        got = run(answer, as_is(model), X, views)
        compare(
            got,
            logits.softmax(2).mean(0),
            case=f"X {tuple(X.shape)}, {len(views)} views",
            mistakes=slips.of_views(logits, mean_image, B),
        )
        if got.requires_grad:
            raise Mistake(
                "The answer carries the graph of all views along. Nobody trains on it: put `with torch.no_grad():` "
                "around the calls."
            )


def _model(classes):
    """A small network that is not linear, with weights that are the same on every machine."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(32, 6), nn.ReLU(), nn.Linear(6, classes)).eval()
    for i, parameter in enumerate(net.parameters()):
        parameter.data = tensor(tuple(parameter.shape), seed=i)
    return net


def _same(X):
    return X


def _mirrored(X):
    return X.flip(3)


def _left(X):
    return F.pad(X[..., 1:], (0, 1))


def _right(X):
    return F.pad(X[..., :-1], (1, 0))
