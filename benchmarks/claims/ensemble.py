"""Chapter 13: three small networks vote, against the best of them and one network of the same work."""

from functools import cache, partial

import torch

from benchmarks.claims import Claim, fitted
from utils import data, models, runtime, train

MEMBERS = ("densenet_small", "mobilenet_small", "shufflenet_small")
RECIPE = {"epochs": 6, "batch_size": 64, "lr": 1e-2, "optimizer": "adamw", "channels_last": True}
SAME_WORK = partial(models.create, "resnet8", width=18)  # 15.8 million multiply-adds, as the three together


@cache
def committee(seed):
    """The three networks, trained on colour digits: probabilities on the test images (3, N, 10), and labels (N,)."""
    learn, test = data.colour_digits()
    answers = []
    for name in MEMBERS:
        runtime.seed_everything(seed)
        network = models.create(name)
        train.fit(network, learn, seed=seed, progress=False, **RECIPE)
        answers.append(train.predict(network, test).softmax(1))
    return torch.stack(answers), test.labels


def right(answers, labels):
    """Share of right answers of each row: (..., N) and (N,) -> (...)."""
    return (answers == labels).float().mean(-1)


def best_member(train_set, test_set, seed):
    """The member that does best on the test images themselves, which no one could know beforehand."""
    probabilities, labels = committee(seed)
    votes = probabilities.argmax(2)
    singles = right(votes, labels)
    return {
        "accuracy": singles.max().item(),
        "mean_member": singles.mean().item(),
        "worst_member": singles.min().item(),
        "all_agree": (votes == votes[0]).all(0).float().mean().item(),
        "one_is_right": (votes == labels).any(0).float().mean().item(),
    }


def voting(rule):
    """A variant: what the three say together, by a function of probabilities (3, N, 10) that returns classes (N,)."""

    def run(train_set, test_set, seed):
        probabilities, labels = committee(seed)
        return {"accuracy": right(rule(probabilities), labels).item()}

    return run


CLAIMS = [
    Claim(
        "three_nets_vote",
        chapter=13,
        says="A vote of three unequal families against the best of them, and against one network of the same work.",
        data=data.colour_digits,
        variants={
            "best of the three": best_member,
            "majority vote": voting(train.majority),
            "mean of the probabilities": voting(lambda probabilities: probabilities.mean(0).argmax(1)),
            "one ResNet-8 of the same work": fitted(SAME_WORK, **RECIPE),
        },
        quick=True,
    ),
]
