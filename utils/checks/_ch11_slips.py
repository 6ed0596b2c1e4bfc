"""Wrong turns in chapter 11 and the results they lead to: for its checks to recognise."""

import torch
import torch.nn.functional as F


def of_flip(X, chosen):
    """Slips in mirroring the chosen images: message -> result."""
    up_down, backwards = X.clone(), X.clone()
    up_down[chosen], backwards[chosen] = X[chosen].flip(2), X[chosen].flip(0)
    turned, others = X.clone(), X.clone()
    turned[chosen], others[~chosen] = X[chosen].flip(2, 3), X[~chosen].flip(3)
    return {
        "You mirrored every image. Only those with True in `chosen` change.": X.flip(3),
        "You mirrored none of the images. Those with True in `chosen` change.": X,
        "You mirrored up and down. Left and right is the last axis, the width.": up_down,
        "You turned the images upside down: height and width are both reversed. Reverse the width alone.": turned,
        "You mirrored the images that were not chosen. It is the other way round.": others,
        "You reversed the order of the images in the batch, not their columns.": backwards,
        "Only the chosen images are in your result. All images belong there, the others as they were.": (
            X[chosen].flip(3)
        ),
    }


def crops(X, pad, top, left, size=None, **padding):
    """Crop each padded image at its own place, to its own size or to (H, W): (B, C, H, W)."""
    H, W = size or X.shape[2:]
    padded = F.pad(X, (pad,) * 4, **padding)
    return torch.stack([x[:, t : t + H, s : s + W] for x, t, s in zip(padded, top, left, strict=True)])


def of_crop(X, pad, top, left):
    """Slips in padding and cropping: message -> result."""
    rolled = [
        x.roll((pad - int(t), pad - int(s)), (1, 2)) for x, t, s in zip(X, top.tolist(), left.tolist(), strict=True)
    ]
    return {
        "top and left have changed places: top counts rows, left columns.": crops(X, pad, left, top),
        "Every image got the first image's crop. Each has its own top and left.": crops(
            X, pad, top[:1].expand_as(top), left[:1].expand_as(left)
        ),
        "Every image got the last image's crop. Each has its own top and left.": crops(
            X, pad, top[-1:].expand_as(top), left[-1:].expand_as(left)
        ),
        "What leaves on one side came back on the other. Pad with zeros, then crop.": torch.stack(rolled),
        "You padded with the border's values. Pad with zeros.": crops(X, pad, top, left, mode="replicate"),
        "You padded with a mirror image. Pad with zeros.": lambda: crops(X, pad, top, left, mode="reflect"),
        "The images move the wrong way: the crop begins at row `top` and column `left` of the padded image.": crops(
            X, pad, 2 * pad - top, 2 * pad - left
        ),
        "You padded above and on the left only. `pad` zeros belong on every side.": crops(
            F.pad(X, (2 * pad, 0, 2 * pad, 0)), 0, top, left, size=X.shape[2:]
        ),
        "You returned the padded images. Cut H rows and W columns out of each.": F.pad(X, (pad,) * 4),
        "These are the images as they were: nothing was moved.": X,
        "You cut out squares. Images need not be square: cut H rows and W columns out.": (
            crops(X, pad, top, left)[..., : X.shape[2]]
        ),
    }


def squares(X, rows, columns, value=0.0, channels=slice(None)):
    """Set a rectangle in each image: `rows` and `columns` are lists of slices, one an image."""
    X = X.clone()
    for x, r, c in zip(X, rows, columns, strict=True):
        x[channels, r, c] = value
    return X


def around(places, side, size, more=0):
    """Slices of `side` places around each middle, cut at the borders."""
    return [slice(max(0, p - side // 2), min(size, p + side // 2 + 1 + more)) for p in places.tolist()]


def of_cutout(X, row, col, side):
    """Slips in cutting squares out: message -> result."""
    H, W = X.shape[2:]
    rows, columns = around(row, side, H), around(col, side, W)
    right = squares(X, rows, columns)
    return _of_place(X, row, col, side) | {
        "Your square is one pixel too large: `side` pixels, with row - side // 2 as the first.": squares(
            X, around(row, side, H, more=1), around(col, side, W, more=1)
        ),
        "Your square is one pixel too small: a slice ends before its second number.": squares(
            X, around(row, side, H, more=-1), around(col, side, W, more=-1)
        ),
        "Only the first channel lost its square. A colour image loses it in all channels.": squares(
            X, rows, columns, channels=0
        ),
        "You cut out a band over the whole width. Limit the columns as you did the rows.": squares(
            X, rows, [slice(None)] * len(X)
        ),
        "You set the square to 1. It becomes 0.": squares(X, rows, columns, value=1.0),
        "You kept the square and lost the rest: it is the other way round.": X - right,
    }


def _of_place(X, row, col, side):
    """Squares of the right size in wrong places: message -> result."""
    sizes = tuple(zip((row, col), X.shape[2:], strict=True))
    rows, columns = (around(middle, side, n) for middle, n in sizes)
    from_corner = ([slice(p, p + side) for p in middle.tolist()] for middle, _ in sizes)
    unlimited = ([slice(p - side // 2, p + side // 2 + 1) for p in middle.tolist()] for middle, _ in sizes)
    pushed = ([slice(p, p + side) for p in (middle - side // 2).clamp(0, n - side).tolist()] for middle, n in sizes)
    swapped = (around(middle, side, n) for middle, n in zip((col, row), X.shape[2:], strict=True))
    return {
        "Every image lost the first image's square. Each has its own row and col.": squares(
            X, rows[:1] * len(X), columns[:1] * len(X)
        ),
        "(row, col) is the middle of the square; you made it the upper left corner.": squares(X, *from_corner),
        "At a border your slice begins below 0, and Python counts that from the end: use max(0, ...).": squares(
            X, *unlimited
        ),
        "You pushed the square into the image. It keeps its middle, and what lies outside is cut off.": squares(
            X, *pushed
        ),
        "row and col have changed places: row counts from the top, col from the left.": squares(X, *swapped),
    }


def of_mixup(X, y, lam, order, classes):
    """Slips in mixing images and labels: message -> (images, targets)."""
    one_hot = F.one_hot(y, classes).float()
    images, targets = (lam * part + (1 - lam) * part[order] for part in (X, one_hot))
    swapped_images, swapped = ((1 - lam) * part + lam * part[order] for part in (X, one_hot))
    return _of_targets(images, y, lam, order, one_hot) | {
        "You mixed the labels only. Mix the images with the same shares.": (X, targets),
        "In the labels, lam and 1 - lam have changed places.": (images, swapped),
        "In the images, lam and 1 - lam have changed places.": (swapped_images, targets),
        "lam and 1 - lam have changed places: lam is the share of the image itself.": (swapped_images, swapped),
        "You reordered both images of each pair. The first one stays in its place.": (images[order], targets[order]),
        "Return the images first, then the targets.": (targets, images),
        "Those are the mixed images alone. Return the targets beside them.": images,
    }


def _of_targets(images, y, lam, order, one_hot):
    """Slips in the targets alone: message -> (images, targets)."""
    targets = {
        "The labels are not mixed: an image that is partly another one has a target that is partly its label.": one_hot,
        "The labels are not mixed, and not turned into probabilities of the classes: (B, classes).": y,
        "You mixed the labels' numbers: half a 3 and half a 7 is not a 5. Mix their one-hot rows.": (
            lam * y + (1 - lam) * y[order]
        ),
        "Each row of the targets sums to 2: the labels need their shares, lam and 1 - lam.": one_hot + one_hot[order],
        "The partner's label is missing: your targets do not sum to 1.": lam * one_hot,
        "The labels' partners are not those of the images: use `order` for both.": (
            lam * one_hot + (1 - lam) * one_hot.flip(0)
        ),
    }
    return {message: (images, wrong) for message, wrong in targets.items()}


def of_soft_loss(logits, targets):
    """Slips in the cross-entropy with probabilities: message -> loss."""
    log_shares = logits.log_softmax(1)
    each = -(targets * log_shares).sum(1)
    return {
        "The minus is missing: logarithms of probabilities are negative, a loss is positive.": -each.mean(),
        "You summed over the batch. A loss is the mean over its images.": each.sum(),
        "You averaged over the classes, too. Sum over the classes, take the mean over the images.": each.mean()
        / targets.shape[1],
        "You returned a loss for each image. Return their mean.": each,
        "Your softmax runs over the batch. The classes of one image must add up to 1: axis 1.": (
            -(targets * logits.log_softmax(0)).sum(1).mean()
        ),
        "The logarithm is missing: multiply the targets by log_softmax, not by softmax.": (
            -(targets * logits.softmax(1)).sum(1).mean()
        ),
        "These are logits, not yet logarithms of probabilities: log_softmax is missing.": (
            -(targets * logits).sum(1).mean()
        ),
        "You turned the targets into hard labels (argmax). Both classes of a mixed image count, with their shares.": (
            F.cross_entropy(logits, targets.argmax(1))
        ),
        "You took the logarithm of the averaged probability. Take the logarithm of each class first, then weight.": (
            -(targets * logits.softmax(1)).sum(1).log().mean()
        ),
        "This is the squared error of the probabilities. The cross-entropy is asked for.": (
            (logits.softmax(1) - targets).square().sum(1).mean()
        ),
    }


def of_views(logits, mean_image, images):
    """Slips in averaging answers: message -> probabilities. logits (views, B, K), mean_image (B, K)."""
    shares = logits.softmax(2)
    votes = F.one_hot(logits.argmax(2), logits.shape[2]).float().mean(0)
    return {
        "You averaged the views and asked once. Ask for every view, then average the answers.": mean_image.softmax(1),
        "You averaged the logits. Take the softmax of each view's logits first, then the mean.": logits.mean(0).softmax(
            1
        ),
        "These are logits. Turn each view's logits into probabilities with softmax.": logits.mean(0),
        "You summed the probabilities: divide by the number of views.": shares.sum(0),
        "Only the last view's answer came back. Average over all views.": shares[-1],
        "Only the first view's answer came back. Average over all views.": shares[0],
        "Each view cast a vote for its best class. Average probabilities: a sure view counts for more.": (votes),
        "Your softmax runs over the batch. The classes of one image must add up to 1: axis 1.": logits.softmax(1).mean(
            0
        ),
        "You took the largest probability over the views. Take their mean.": shares.amax(0),
        "You averaged over the images of the batch. Average over the views.": shares.mean(1),
        "You divided by the number of images. Divide by the number of views.": shares.sum(0) / images,
    }
