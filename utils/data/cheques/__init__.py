"""Cheques: amounts written in real digits, on lines and on whole forms, and the windows that a reader learns from.

    digits = data.mnist_test_digits()
    lines = cheques.amounts(digits, 500, cheques.LEVELS["touching"], seed=0)
    lines.images                                            # uint8 (500, 1, 32, 224), paper 0 and ink 255
    lines.texts[0]                                          # such as "40731"
    cheques.cheque(digits, "2048", seed=0).image            # uint8 (176, 416)
    train.fit(model, digits, augment=cheques.Windows())     # windows of such lines, with a class for nothing

A digit comes in MNIST's field, its centre of mass in the middle. So the middle of its field is the place at which a
reader shall find it.
"""

from .drawn import fit_line
from .forms import BOX, INSET, Cheque, cheque
from .hands import LEVELS, ROUGH, TIDY, Hand, on_paper
from .lines import FIELD, WIDTH, Lines, amounts, write
from .windows import NOTHING, Windows, with_nothing

__all__ = [
    "BOX",
    "FIELD",
    "INSET",
    "LEVELS",
    "NOTHING",
    "ROUGH",
    "TIDY",
    "WIDTH",
    "Cheque",
    "Hand",
    "Lines",
    "Windows",
    "amounts",
    "cheque",
    "fit_line",
    "on_paper",
    "with_nothing",
    "write",
]
