"""How to train: the numbers and names that `fit` was given, checked, and the optimiser and schedule they stand for."""

import math
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from numbers import Integral, Real

import torch
from torch.optim import lr_scheduler

OPTIMIZERS = {
    "adam": torch.optim.Adam,  # Kingma and Ba (2015), "Adam: a method for stochastic optimization", ICLR
    "adamw": torch.optim.AdamW,  # Loshchilov and Hutter (2019), "Decoupled weight decay regularization", ICLR
    "sgd": partial(torch.optim.SGD, momentum=0.9),
}
SCHEDULES = {
    # Smith and Topin (2019), "Super-convergence: very fast training of neural networks using large learning rates"
    "onecycle": lambda optimizer, steps: lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in optimizer.param_groups], total_steps=steps
    ),
    # Loshchilov and Hutter (2017), "SGDR: stochastic gradient descent with warm restarts", ICLR; here without restarts
    "cosine": lambda optimizer, steps: lr_scheduler.CosineAnnealingLR(optimizer, steps),
    "constant": lambda optimizer, steps: None,
}


@dataclass(frozen=True)
class Options:
    """The options of `fit` that decide how a network is trained; see there.

    Raises:
        ValueError, TypeError: an option is out of range, named in the message.
    """

    epochs: int
    batch_size: int
    lr: float
    optimizer: object
    schedule: object
    weight_decay: float | None
    loss: object
    augment: object
    seed: int
    channels_last: bool
    bf16: bool

    def __post_init__(self):
        check_count("epochs", self.epochs)
        check_count("batch_size", self.batch_size)
        if not _finite(self.lr) or self.lr <= 0:
            raise ValueError(f"lr must be a finite number above 0, not {self.lr!r}. Try lr=0.01.")
        _check_choice("optimizer", self.optimizer, OPTIMIZERS, "(parameters, lr) that returns an optimiser")
        _check_choice("schedule", self.schedule, SCHEDULES, "(optimizer, total_steps) that returns a schedule")
        if self.weight_decay is not None:
            if not _finite(self.weight_decay) or self.weight_decay < 0:
                raise ValueError(f"weight_decay must be a finite number of 0 or more, not {self.weight_decay!r}.")
            if callable(self.optimizer):
                raise ValueError("weight_decay goes with an optimiser's name; a function sets its own.")
        if not callable(self.loss):
            raise TypeError(f"loss must be a function of (outputs, y), not {type(self.loss).__name__}.")
        if self.augment is not None and not callable(self.augment):
            raise TypeError(f"augment must be a function of a batch of images, not {type(self.augment).__name__}.")

    def make_optimizer(self, model):
        """Optimiser over the model's trainable parameters (torch.optim.Optimizer)."""
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if callable(self.optimizer):
            return self.optimizer(parameters, self.lr)
        own_default = {} if self.weight_decay is None else {"weight_decay": self.weight_decay}
        return OPTIMIZERS[self.optimizer](parameters, lr=self.lr, **own_default)

    def make_schedule(self, optimizer, steps):
        """Schedule that takes one step after every batch, `steps` in all (LRScheduler, or None for a constant rate)."""
        make = self.schedule if callable(self.schedule) else SCHEDULES[self.schedule]
        return make(optimizer, steps)


def check_count(name, value):
    """Raise ValueError unless `value` is an integer of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} must be a whole number of 1 or more, not {value!r}.")


def _finite(value):
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _check_choice(option, choice, known, function):
    if callable(choice) or (isinstance(choice, str) and choice in known):
        return
    close = get_close_matches(str(choice).lower(), known, n=1)
    hint = (
        f"Did you mean {close[0]!r}?" if close else f"Choose {', '.join(map(repr, known))}, or a function {function}."
    )
    raise ValueError(f"{option} {choice!r} is not known here. {hint}")
