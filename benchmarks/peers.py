"""One epoch of LeNet on full MNIST, and its evaluation: the course's loop beside Lightning's, fastai's and d2l's.

    COURSE_DATA=... python benchmarks/peers.py

The peers live in an environment of their own, build/peers, which is made here once and sees the course's packages: all
loops run in turns in one process, on the same PyTorch. Each peer trains as its documentation shows: torchvision's
MNIST through a DataLoader, which loads one image at a time (d2l's with its default of 4 processes). Progress bars,
logs, checkpoints and live plots are off.

The exit status is 1 where `fit` misses a target.
"""

import statistics
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path

from torch.nn import functional as F
from torch.utils.data import DataLoader

from benchmarks import _common
from benchmarks import train_loop as loops
from tools import guests
from tools.course import ROOT
from utils import data

HOME = Path(ROOT, "build", "peers")
STEPS = (["-r", str(Path(__file__).with_suffix(".txt"))], ["--no-deps", "d2l==1.0.3", "gym==0.26.2"])
REPEATS = 5
TARGETS = {"tutorial": 0.40, "Lightning": 0.40, "fastai": 0.40}  # fit's time may be at most this share of theirs


def at_home():
    """True in the environment of the peers."""
    return Path(sys.prefix) == HOME


def move_in(arguments):
    """Make that environment, if it is not there, and run this script in it; returns its exit status."""
    python = guests.python_in(HOME, STEPS)
    return subprocess.call([python, "-m", "benchmarks.peers", *arguments], cwd=ROOT)


def loaders(train_set, test_set):
    """DataLoaders as in the tutorials: one process, shuffled for training."""
    return DataLoader(train_set, loops.BATCH, shuffle=True), DataLoader(test_set, loops.EVALUATION_BATCH)


def lightning(train_set, test_set):
    """Lightning's Trainer: accuracy on the test set."""
    from lightning.pytorch import LightningModule, Trainer

    class Classifier(LightningModule):
        def __init__(self):
            super().__init__()
            self.model = loops.lenet()

        def training_step(self, batch, _):
            X, y = batch
            return F.cross_entropy(self.model(X), y)

        def validation_step(self, batch, _):
            X, y = batch
            self.log("accuracy", (self.model(X).argmax(1) == y).float().mean(), batch_size=len(y))

        def configure_optimizers(self):
            return loops.sgd(self.parameters())

    quiet = dict.fromkeys(
        ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary", "num_sanity_val_steps"), False
    )
    trainer = Trainer(max_epochs=1, accelerator="cpu", **quiet)
    trainer.fit(Classifier(), *loaders(train_set, test_set))
    return float(trainer.callback_metrics["accuracy"])


def fastai(train_set, test_set):
    """fastai's Learner: accuracy on the test set."""
    import fastai.callback.progress  # noqa: F401  (gives learners no_bar)
    import torch
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.metrics import accuracy
    from fastai.optimizer import OptimWrapper

    learner = Learner(
        DataLoaders(*loaders(train_set, test_set), device="cpu"),
        loops.lenet(),
        loss_func=F.cross_entropy,
        opt_func=partial(OptimWrapper, opt=torch.optim.SGD, momentum=0.9),
        metrics=accuracy,
    )
    with learner.no_bar(), learner.no_logging():
        learner.fit(1, loops.LR)
    return float(learner.recorder.values[-1][-1])


def d2l(train_set, test_set):
    """The Trainer of "Dive into Deep Learning": accuracy on the test set."""
    from d2l import torch as book

    class Digits(book.DataModule):
        def get_dataloader(self, train):
            sets = (train_set, loops.BATCH, True) if train else (test_set, loops.EVALUATION_BATCH, False)
            return DataLoader(sets[0], sets[1], shuffle=sets[2], num_workers=self.num_workers)

    class LeNet(book.Classifier):
        def __init__(self):
            super().__init__()
            self.net, self.found = loops.lenet(), []
            self.board.display = False

        def validation_step(self, batch):
            super().validation_step(batch)
            self.found.append(self.accuracy(self(batch[0]), batch[1], averaged=False))

        def configure_optimizers(self):
            return loops.sgd(self.parameters())

    model = LeNet()
    book.Trainer(max_epochs=1).fit(model, Digits())
    return sum(hits.sum().item() for hits in model.found) / len(test_set)


def main(arguments):
    """Measure, write results/peers.*, and return the exit status."""
    if not at_home():
        return move_in(arguments)
    warnings.filterwarnings("ignore")
    splits, sets, accuracy = data.mnist("full"), loops.torchvision_mnist(), {}
    tasks = {
        "tutorial": lambda: accuracy.update(tutorial=loops.tutorial(*sets)),
        "Lightning": lambda: accuracy.update(Lightning=lightning(*sets)),
        "fastai": lambda: accuracy.update(fastai=fastai(*sets)),
        "d2l": lambda: accuracy.update(d2l=d2l(*sets)),
        "fit": lambda: accuracy.update(fit=loops.fit(*splits, **loops.FAST)),
        "fit, default": lambda: accuracy.update({"fit, default": loops.fit(*splits)}),
    }
    _common.interleaved(tasks, 1)  # imports, caches, thread pools
    with _common.watched() as load:
        seconds = _common.interleaved(tasks, REPEATS)
    return report(seconds, accuracy, load)


def report(seconds, accuracy, load):
    """Writes the table; 1 where a target is missed, else 0."""
    ratios = {
        other: [a / b for a, b in zip(seconds["fit"], seconds[other], strict=True)]
        for other in seconds
        if other != "fit"
    }
    medians = {other: statistics.median(values) for other, values in ratios.items()}
    met = all(medians[other] <= target for other, target in TARGETS.items())
    table = [["loop", f"seconds, median (range) of {REPEATS}", "fit against it", "at most", "test accuracy"]]
    for name, values in seconds.items():
        against = _common.spread(ratios[name]) if name in ratios else ""
        limit = f"{TARGETS[name]:.2f}" if name in TARGETS else ""
        table.append([name, _common.spread(values), against, limit, f"{accuracy[name]:.4f}"])
    result = {"seconds": seconds, "fit_against": medians, "targets": TARGETS, "met": met, "accuracy": accuracy}
    _common.write("peers", {**result, **load}, table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
