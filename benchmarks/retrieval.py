"""Do the codes of an autoencoder find more of the right digits than pixels do? And what do they do for few labels?

    python benchmarks/retrieval.py

Three questions on the embedded digits, each over three seeds: precision at 10 (test digits ask, training digits are
searched) by several kinds of vectors; the same and the error of rebuilding by the length of the code; test accuracy
with 10, 100 and 1,000 labels. No autoencoder reads a label. The exit status is 1 where the codes do not find clearly
more than every other kind of vector.
"""

import sys
from functools import cache, partial

import torch
from torch.nn import functional as F

from benchmarks import _common
from benchmarks.accuracy import clear, summary
from utils import data, models, retrieval, runtime, train
from utils.data import distort

SEEDS = (0, 1, 2)
DISTORTED = distort.Random(shift=2, angle=15, scale=(0.85, 1.15), stroke=0.5, noise=0.3)
EPOCHS, K, VOTERS = 10, 10, 3
BEST = "codes, trained on distorted digits"
LENGTHS = (2, 8, 16, 32)
FEW = {10: 60, 100: 40, 1000: 12}  # labels -> epochs after which LeNet learns no more from them


def pixels(split):
    """Images in [0, 1], (N, 1, 28, 28)."""
    return split.images.float() / 255


@cache
def autoencoder(digits, seed, code=16, spoil=None):
    """An autoencoder that has learnt to rebuild the digits of a split."""
    runtime.seed_everything(seed)
    model = models.create("autoencoder", code=code)
    train.reconstruct(model, digits, epochs=EPOCHS, spoil=spoil, seed=seed, progress=False)
    return model


def encoded(digits, seed, **options):
    """A function that gives the code of each image of a split, by an autoencoder trained on `digits`."""
    encoder = autoencoder(digits, seed, **options).encoder

    def encode(split):
        with torch.inference_mode():
            return encoder(pixels(split))

    return encode


def components(digits, seed, count=16):
    """The same for the first principal components of `digits`: the best linear code of this length."""
    mean = pixels(digits).flatten(1).mean(0)
    axes = torch.linalg.svd(pixels(digits).flatten(1) - mean, full_matrices=False).Vh[:count].T
    return lambda split: (pixels(split).flatten(1) - mean) @ axes


# Ways to make vectors: functions of (training digits, seed) that return a function of a split.
VECTORS = {
    "pixels": lambda digits, seed: pixels,
    "pixels, by cosine": lambda digits, seed: lambda split: F.normalize(pixels(split).flatten(1)),
    "pixels, means of 2 x 2": lambda digits, seed: lambda split: F.avg_pool2d(pixels(split), 2),
    "16 principal components": components,
    "codes": encoded,
    BEST: partial(encoded, spoil=DISTORTED),
}


def searched(vectors, digits, questions, seed):
    """Precision at 1 and at K of a search among `digits` (dict)."""
    of = vectors(digits, seed)
    found = digits.labels[retrieval.nearest(of(questions), of(digits), K)]
    return {
        f"precision_at_{k}": retrieval.precision(found[:, :k], questions.labels) for k in (K, 1)
    }  # the first is the one that is compared


def of_length(code, digits, questions, seed):
    """The same for codes of a length, and the mean squared error of a rebuilt pixel."""
    model, X = autoencoder(digits, seed, code=code), pixels(questions)
    with torch.inference_mode():
        error = F.mse_loss(model(X), X).item()
    return {**searched(partial(encoded, code=code), digits, questions, seed), "error": error}


def voted(vectors, count, digits, questions, seed):
    """Accuracy of a vote of the nearest among `count` labelled digits (dict)."""
    of, labelled = vectors(digits, seed), digits.subset(count, seed=seed)
    answers = retrieval.vote(labelled.labels[retrieval.nearest(of(questions), of(labelled), VOTERS)])
    return {"accuracy": (answers == questions.labels).float().mean().item()}


def learnt(count, augment, digits, questions, seed):
    """Accuracy of a LeNet that was trained on the same labelled digits alone (dict)."""
    runtime.seed_everything(seed)
    model, labelled = models.create("lenet"), digits.subset(count, seed=seed)
    options = {"epochs": FEW[count], "batch_size": min(64, count), "lr": 3e-3, "augment": augment}
    train.fit(model, labelled, seed=seed, progress=False, **options)
    return {"accuracy": train.evaluate(model, questions)["accuracy"]}


def questions():
    """What is measured: {question: {label: function of (digits, questions, seed) that returns {metric: float}}}."""
    few = {}
    for count in FEW:
        few[f"{count} labels, nearest by pixels"] = partial(voted, VECTORS["pixels"], count)
        few[f"{count} labels, nearest by code"] = partial(voted, VECTORS[BEST], count)
        few[f"{count} labels, LeNet"] = partial(learnt, count, None)
        few[f"{count} labels, LeNet, distorted digits"] = partial(learnt, count, DISTORTED)
    return {
        "retrieval": {label: partial(searched, vectors) for label, vectors in VECTORS.items()},
        "code_length": {f"{code} numbers": partial(of_length, code) for code in LENGTHS},
        "few_labels": few,
    }


def measured(run, digits, test_digits):
    """Every metric of one variant over the seeds: {metric: {"runs", "mean", "std"}}."""
    runs = [run(digits, test_digits, seed) for seed in SEEDS]
    print(".", end="", file=sys.stderr, flush=True)
    return {metric: summary([run[metric] for run in runs]) for metric in runs[0]}


def margins(found):
    """How far the best codes lie above each other kind of vector: {label: {"difference", "clear"}}, precision at K."""
    best, metric = found[BEST], f"precision_at_{K}"
    return {
        label: {
            "difference": round(best[metric]["mean"] - other[metric]["mean"], 5),
            "clear": clear(best[metric], other[metric]),
        }
        for label, other in found.items()
        if label != BEST
    }


def table(results):
    """All results as rows of text."""
    rows = [["question", "variant", "metric", f"mean ± standard deviation of {len(SEEDS)} seeds"]]
    for question, variants in results.items():
        for label, metrics in variants.items():
            for metric, found in metrics.items():
                rows.append([question, label, metric, f"{found['mean']:.4f} ± {found['std']:.4f}"])
    return rows


def main():
    """Measure everything, write results/retrieval.*, and return the exit status."""
    digits, test_digits = data.mnist("embedded")
    results = {
        question: {label: measured(run, digits, test_digits) for label, run in variants.items()}
        for question, variants in questions().items()
    }
    lead = margins(results["retrieval"])
    kept = {"seeds": SEEDS, "searched": len(digits), "questions": len(test_digits), **results, "margins": lead}
    _common.write("retrieval", kept, table(results))
    return 0 if all(margin["clear"] and margin["difference"] > 0 for margin in lead.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
