"""Chapter 12: what a reader of lines was shown in training decides which hands it can read."""

from benchmarks.claims import Claim
from utils import data, models, reading, runtime, train
from utils.data import cheques
from utils.models.sliding import fully_convolutional


def _digits():
    """The embedded training digits, and those of MNIST's test set, which amounts are written in."""
    return data.mnist("embedded")[0], data.mnist_test_digits()


def _reader(windows):
    """A variant: train on windows; "accuracy" are noisy amounts read whole, others are named by their hand."""

    def run(train_set, test_set, seed):
        runtime.seed_everything(seed)
        net = models.create("lenet_bn", size=32, classes=11)
        split = cheques.with_nothing(train_set)
        history = train.fit(net, split, epochs=60, batch_size=128, lr=0.005, augment=windows, seed=seed, progress=False)
        reader, found = fully_convolutional(net, (1, 32, 32)), {}
        for level in ("noisy", "tidy", "touching", "printed paper"):
            lines = cheques.amounts(test_set, 500, cheques.LEVELS[level], seed)
            texts = [reading.best_path(one).text for one in reading.answers(reader, lines.normalised())]
            found[level] = sum(map(str.__eq__, texts, lines.texts)) / len(lines)
        return {"accuracy": found["noisy"], **found, "seconds": sum(history.seconds)}

    return run


CLAIMS = [
    Claim(
        "cheques_distortions",
        chapter=12,
        says="Distortions in training decide whether noisy amounts are read; here on 4,000 training digits.",
        data=_digits,
        variants={
            "neighbours": _reader(cheques.Windows()),
            "neighbours + distortions": _reader(cheques.Windows(cheques.ROUGH, stroke=1.0)),
        },
        quick=True,
    )
]
