"""Wrong answers that learners give in chapter 11, each named for the mistake it makes."""

import torch
import torch.nn.functional as F


def _flip_where(axes, wanted=lambda chosen: chosen):
    def answer(X, chosen):
        result = X.clone()
        result[wanted(chosen)] = X[wanted(chosen)].flip(axes)
        return result

    return answer


def _flip_in_place(X, chosen):
    X[chosen] = X[chosen].flip(3)
    return X


def _crops(X, pad, top, left, H=None, W=None, **padding):
    padded = F.pad(X, (pad,) * 4, **padding)
    places = zip(padded, top.tolist(), left.tolist(), strict=True)
    H, W = H or X.shape[2], W or X.shape[3]
    return torch.stack([x[:, t : t + H, s : s + W] for x, t, s in places])


def _roll(X, pad, top, left):
    moved = zip(X, (pad - top).tolist(), (pad - left).tolist(), strict=True)
    return torch.stack([x.roll((down, right), (1, 2)) for x, down, right in moved])


def _pads_one_side(X, pad, top, left):
    padded = F.pad(X, (2 * pad, 0, 2 * pad, 0))
    H, W = X.shape[2:]
    return torch.stack([x[:, t : t + H, s : s + W] for x, t, s in zip(padded, top, left, strict=True)])


def _cut(first=lambda p, side, n: max(0, p - side // 2), last=lambda p, side, n: p + side // 2 + 1, value=0.0, **where):
    def answer(X, row, col, side):
        X = X.clone()
        H, W = X.shape[2:]
        places = zip(X, *([where.get("one", int)(p) for p in middle] for middle in (row, col)), strict=True)
        for x, r, c in places:
            r, c = (c, r) if where.get("swapped") else (r, c)
            rows, columns = (slice(first(p, side, n), last(p, side, n)) for p, n in ((r, H), (c, W)))
            x[where.get("channels", slice(None)), rows, columns if not where.get("band") else slice(None)] = value
        return X

    return answer


def _cut_first_place(X, row, col, side):
    return _cut()(X, row[:1].expand_as(row), col[:1].expand_as(col), side)


def _cut_keeps_square(X, row, col, side):
    return X - _cut()(X, row, col, side)


def _cut_in_place(X, row, col, side):
    return X.copy_(_cut()(X, row, col, side))


def _mixed(part, lam, order):
    return lam * part + (1 - lam) * part[order]


def _mix(images=_mixed, targets=_mixed):
    def answer(X, y, lam, order, classes):
        return images(X, lam, order), targets(F.one_hot(y, classes).float(), lam, order)

    return answer


def _swapped(part, lam, order):
    return _mixed(part, 1 - lam, order)


def _still(part, lam, order):
    return part


def _mix_in_place(X, y, lam, order, classes):
    X *= lam
    return X + (1 - lam) * X[order] / lam, _mixed(F.one_hot(y, classes).float(), lam, order)


def _loss(change):
    return lambda logits, targets: change(-(targets * logits.log_softmax(1)).sum(1))


def _shares(model, X, views, axis=1):
    with torch.no_grad():
        return torch.stack([model(view(X)).softmax(axis) for view in views])


def _logits(model, X, views):
    with torch.no_grad():
        return torch.stack([model(view(X)) for view in views])


def _votes(model, X, views):
    logits = _logits(model, X, views)
    return F.one_hot(logits.argmax(2), logits.shape[2]).float().mean(0)


def _with_graph(model, X, views):
    return torch.stack([model(view(X)).softmax(1) for view in views]).mean(0)


def _one_image(model, X, views):
    with torch.no_grad():
        return model(torch.stack([view(X) for view in views]).mean(0)).softmax(1)


WRONG = {
    "flip_chosen": {
        "mirrors every image": lambda X, chosen: X.flip(3),
        "mirrors none": lambda X, chosen: X.clone(),
        "mirrors up and down": _flip_where((2,)),
        "turns upside down": _flip_where((2, 3)),
        "mirrors the others": _flip_where((3,), torch.logical_not),
        "reverses the batch": _flip_where((0,)),
        "returns the chosen ones only": lambda X, chosen: X[chosen].flip(3),
        "writes into its input": _flip_in_place,
    },
    "crop_each": {
        "swaps top and left": lambda X, pad, top, left: _crops(X, pad, left, top),
        "takes one crop for all": lambda X, pad, top, left: _crops(
            X, pad, top[:1].expand_as(top), left[:1].expand_as(left)
        ),
        "lets the last draw win": lambda X, pad, top, left: _crops(
            X, pad, top[-1:].expand_as(top), left[-1:].expand_as(left)
        ),
        "rolls around": _roll,
        "pads with the border": lambda X, pad, top, left: _crops(X, pad, top, left, mode="replicate"),
        "pads with a mirror": lambda X, pad, top, left: _crops(X, pad, top, left, mode="reflect"),
        "moves the other way": lambda X, pad, top, left: _crops(X, pad, 2 * pad - top, 2 * pad - left),
        "forgets to crop": lambda X, pad, top, left: F.pad(X, (pad,) * 4),
        "forgets to move": lambda X, pad, top, left: X.clone(),
        "crops a square": lambda X, pad, top, left: _crops(X, pad, top, left, W=X.shape[2]),
        "pads two sides only": _pads_one_side,
    },
    "cut_out": {
        "takes one place for all": _cut_first_place,
        "takes the corner for the middle": _cut(lambda p, side, n: p, lambda p, side, n: p + side),
        "lets the slice begin below 0": _cut(lambda p, side, n: p - side // 2),
        "pushes the square inside": _cut(
            lambda p, side, n: min(max(0, p - side // 2), n - side),
            lambda p, side, n: min(max(0, p - side // 2), n - side) + side,
        ),
        "cuts one pixel too many": _cut(last=lambda p, side, n: p + side // 2 + 2),
        "cuts one pixel too few": _cut(last=lambda p, side, n: p + side // 2),
        "swaps row and col": _cut(swapped=True),
        "cuts the first channel only": _cut(channels=0),
        "cuts a band": _cut(band=True),
        "sets it to 1": _cut(value=1.0),
        "keeps the square": _cut_keeps_square,
        "writes into its input": _cut_in_place,
    },
    "mix_up": {
        "keeps the labels": _mix(targets=_still),
        "returns the labels as they are": lambda X, y, lam, order, classes: (_mixed(X, lam, order), y),
        "keeps the images": _mix(images=_still),
        "mixes the numbers of the labels": lambda X, y, lam, order, classes: (
            _mixed(X, lam, order),
            _mixed(y, lam, order),
        ),
        "swaps the shares of the labels": _mix(targets=_swapped),
        "swaps the shares of the images": _mix(images=_swapped),
        "swaps both shares": _mix(_swapped, _swapped),
        "adds both labels up": _mix(targets=lambda one_hot, lam, order: one_hot + one_hot[order]),
        "forgets the partner's label": _mix(targets=lambda one_hot, lam, order: lam * one_hot),
        "takes other partners for the labels": _mix(
            targets=lambda one_hot, lam, order: lam * one_hot + (1 - lam) * one_hot.flip(0)
        ),
        "reorders everything": _mix(
            lambda X, lam, order: _mixed(X, lam, order)[order], lambda Y, lam, order: _mixed(Y, lam, order)[order]
        ),
        "returns the targets first": lambda *arguments: _mix()(*arguments)[::-1],
        "returns the images only": lambda *arguments: _mix()(*arguments)[0],
        "writes into its input": _mix_in_place,
    },
    "soft_cross_entropy": {
        "forgets the minus": _loss(lambda each: -each.mean()),
        "sums over the batch": _loss(lambda each: each.sum()),
        "returns one loss an image": _loss(lambda each: each),
        "averages over the classes": lambda logits, targets: -(targets * logits.log_softmax(1)).mean(),
        "runs the softmax along the batch": lambda logits, targets: -(targets * logits.log_softmax(0)).sum(1).mean(),
        "forgets the logarithm": lambda logits, targets: -(targets * logits.softmax(1)).sum(1).mean(),
        "forgets the softmax": lambda logits, targets: -(targets * logits).sum(1).mean(),
        "makes hard labels": lambda logits, targets: F.cross_entropy(logits, targets.argmax(1)),
        "takes the logarithm last": lambda logits, targets: -(targets * logits.softmax(1)).sum(1).log().mean(),
        "takes the squared error": lambda logits, targets: (logits.softmax(1) - targets).square().sum(1).mean(),
        "takes the logarithm of a rounded 0": lambda logits, targets: (
            -(targets * logits.softmax(1).log()).sum(1).mean()
        ),
        "detaches": lambda logits, targets: F.cross_entropy(logits.detach(), targets),
    },
    "average_views": {
        "averages the images": _one_image,
        "averages the logits": lambda model, X, views: _logits(model, X, views).mean(0).softmax(1),
        "returns logits": lambda model, X, views: _logits(model, X, views).mean(0),
        "sums": lambda model, X, views: _shares(model, X, views).sum(0),
        "returns the last view": lambda model, X, views: _shares(model, X, views)[-1],
        "returns the first view": lambda model, X, views: _shares(model, X, views)[0],
        "counts votes": _votes,
        "runs the softmax along the batch": lambda model, X, views: _shares(model, X, views, axis=0).mean(0),
        "takes the largest": lambda model, X, views: _shares(model, X, views).amax(0),
        "averages over the images": lambda model, X, views: _shares(model, X, views).mean(1),
        "divides by the images": lambda model, X, views: _shares(model, X, views).sum(0) / len(X),
        "keeps the graph": _with_graph,
        "forgets to return": lambda model, X, views: None,
    },
}
