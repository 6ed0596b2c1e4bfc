"""What a classifier answers: probabilities, confusion matrix, worst mistakes."""

import numpy as np
from matplotlib import colormaps

from utils.viz.arrays import require_rank, titles_for, to_numpy, to_pictures
from utils.viz.axes import frame, panel, panel_grid
from utils.viz.captions import describe, note
from utils.viz.images import pixel_range
from utils.viz.palette import FEATURE_MAP, PIXELS, RIGHT, WRONG


def softmax(logits):
    """Probabilities (..., K) float64 of logits (..., K), NumPy or torch."""
    logits = to_numpy(logits, "logits").astype(np.float64)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def probabilities(logits, classes=None, ax=None, answer=None, title=""):
    """Draw the softmax of one picture's logits as bars.

    Args:
        logits: (K,) or (1, K).
        classes: K names, by default 0 to K - 1.
        answer: the right class (index). Its bar is green; the most probable one is vermilion where it is another.

    Returns:
        Axes.

    Raises:
        ValueError: logits of several pictures, names that do not fit, NaN, or an answer that is no class.
    """
    logits = to_numpy(logits, "logits")
    logits = logits[0] if logits.ndim == 2 and len(logits) == 1 else logits
    require_rank(logits, (1,), "logits", "the logits (K,) of one picture")
    shares = softmax(logits)
    names = _names(classes, len(shares))
    colours = [FEATURE_MAP] * len(shares)
    if answer is not None:
        answer = int(_labels([int(answer)], len(shares), "answer")[0])
        colours[int(shares.argmax())], colours[answer] = WRONG, RIGHT
    ax = panel(ax, (4.5, 0.32 * len(shares) + 0.9))
    drawn = ax.barh(names, shares, color=colours)
    ax.bar_label(drawn, [_percent(share) for share in shares], padding=4)
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.18), xticks=[0, 0.5, 1], xlabel="probability", title=title)
    ax.grid(True, axis="x")
    told = ", ".join(f"{names[i]} {_percent(shares[i])}" for i in np.argsort(-shares, kind="stable")[:3])
    right = f" The right class is {names[answer]}." if answer is not None else ""
    describe(ax, f"Probabilities{f', {title}' if title else ''}: {told}.{right}")
    return ax


def confusion_matrix(y, predicted, classes=None, ax=None):
    """Draw how often each class is taken for each: rows are the truth, columns the answer, every count written.

    Green is right, vermilion wrong; the darker, the larger the share of its row.

    Args:
        y: labels (N,) integers.
        predicted: predicted classes (N,) integers, or logits (N, K).
        classes: K names, by default 0 to K - 1.

    Returns:
        Axes.

    Raises:
        ValueError: the lengths differ, a label is no class, wrong rank.
    """
    predicted = to_numpy(predicted, "predicted")
    known = predicted.shape[1] if predicted.ndim == 2 else None
    predicted = predicted.argmax(axis=1) if predicted.ndim == 2 else predicted
    y = to_numpy(y, "y")
    count = known or (len(classes) if classes is not None else int(max(y.max(), predicted.max())) + 1)
    y, predicted, names = _labels(y, count, "y"), _labels(predicted, count, "predicted"), _names(classes, count)
    if len(y) != len(predicted):
        raise ValueError(f"y has {len(y)} labels and predicted {len(predicted)}: give one answer for each picture.")
    counts = np.zeros((count, count), dtype=int)
    np.add.at(counts, (y, predicted), 1)
    ax = panel(ax, (max(4.0, 0.62 * count + 1), max(3.6, 0.55 * count + 1)))
    _draw_counts(ax, counts, names)
    off = counts * (1 - np.eye(count, dtype=int))
    row, column = np.unravel_index(off.argmax(), off.shape)
    worst = f" Most often {names[row]} is taken for {names[column]}, {off.max()} times." if off.any() else ""
    describe(ax, f"Confusion matrix of {len(y)} pictures, {np.trace(counts)} of them right.{worst}")
    return ax


def mistakes(images, labels=None, logits=None, classes=None, count=12):
    """Draw the worst mistakes: wrong answers that the network was surest of, each with its probabilities.

    Args:
        images: a split of `utils.data` (then leave out `labels`), or pictures (N, C, H, W) or (N, H, W).
        labels: right classes (N,) integers.
        logits: (N, K), as `utils.train.predict` returns them.
        classes: K names, by default those of the split, or 0 to K - 1.
        count: how many at most.

    Returns:
        array of Axes, the worst first; one Axes that says so where there is no mistake.

    Raises:
        ValueError: the numbers of pictures, labels and logits differ, or logits are missing.
    """
    if hasattr(images, "labels"):
        images, labels, classes = images.images, images.labels, classes or images.classes
    if logits is None or labels is None:
        raise ValueError("mistakes needs answers to judge. Try viz.mistakes(test, logits=train.predict(model, test)).")
    shares = softmax(logits)
    require_rank(shares, (2,), "logits", "one row of logits for each picture (N, K)")
    labels, names = _labels(labels, shares.shape[1], "labels"), _names(classes, shares.shape[1])
    if not len(labels) == len(images) == len(shares):
        counted = f"{len(images)} pictures, {len(labels)} labels and {len(shares)} rows of logits"
        raise ValueError(f"{counted}: give as many of each.")
    answers = shares.argmax(axis=1)
    wrong = np.flatnonzero(answers != labels)
    worst = wrong[np.argsort(-shares[wrong, answers[wrong]], kind="stable")][:count]
    if not len(worst):
        return _no_mistakes(len(labels))
    titles = [_verdict(names, labels[i], answers[i], shares[i]) for i in worst]
    axes = _draw_mistakes([to_pictures(images[int(i)])[0] for i in worst], titles)
    told = "; ".join(title.replace("\n", ", ") for title in titles[:3])
    describe(axes[0], f"The {len(worst)} surest of {len(wrong)} mistakes among {len(labels)} pictures: {told}.")
    note(axes[0].figure, f"{len(worst)} of {len(wrong)} mistakes among {len(labels):,} pictures, the surest first.")
    return axes


def _draw_mistakes(pictures, titles):
    low, high, _ = pixel_range(pictures)
    axes = panel_grid(len(pictures), None, 1.6, 1.6, head=0.5, most=6)
    for ax, picture, title in zip(axes, pictures, titles, strict=True):
        ax.imshow(picture if picture.ndim == 2 else (picture - low) / (high - low), cmap=PIXELS, vmin=low, vmax=high)
        ax.set_title(title, fontsize=11, pad=4)
        frame(ax, WRONG)
    return axes


def _verdict(names, label, answer, shares):
    return f"{names[answer]}: {_percent(shares[answer])}\nright: {names[label]}, {_percent(shares[label])}"


def _no_mistakes(count):
    axes = panel_grid(1, width=5.0, height=1.0)
    axes[0].text(0.5, 0.5, f"No mistake among {count} pictures", ha="center", va="center", color=RIGHT, size=14)
    axes[0].set_axis_off()
    describe(axes[0], f"No mistake among {count} pictures.")
    return axes


def _draw_counts(ax, counts, names):
    """Cells in green (diagonal) and vermilion by their share of the row, counts written."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(len(counts), dtype=bool)
    ax.imshow(np.where(right[..., None], colormaps["Greens"](share * 0.7), colormaps["Oranges"](np.sqrt(share) * 0.8)))
    for (row, column), number in np.ndenumerate(counts):
        if number:
            dark = share[row, column] > (0.75 if right[row, column] else 0.5)
            size = 11 if number < 1000 else 9
            ax.text(column, row, str(number), ha="center", va="center", size=size, color="white" if dark else "#222222")
    ax.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 4 else 0)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="answer", ylabel="truth")
    ax.spines[["top", "right"]].set_visible(True)


def _names(classes, count):
    return titles_for(range(count) if classes is None else classes, count, "classes")


def _labels(labels, count, name):
    """Class indices (N,) int64, each from 0 to count - 1."""
    labels = to_numpy(labels, name)
    require_rank(labels, (1,), name, "one class for each picture (N,)")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{name}: classes are integers, got {labels.dtype}. From logits take logits.argmax(1).")
    if labels.min() < 0 or labels.max() >= count:
        raise ValueError(f"{name}: {labels.min()} to {labels.max()}, but the classes are 0 to {count - 1}.")
    return labels.astype(np.int64)


def _percent(share):
    """Probability in percent; never "100 %" or "0 %" for what is not quite that."""
    if share >= 0.995:
        return ">99 %"
    return f"{share * 100:.0f} %" if share >= 0.01 else "<1 %"
