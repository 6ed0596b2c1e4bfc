"""Train the weights that the course ships, and write their checksum.

    COURSE_DATA=... python tools/train_weights.py lenet    # data/weights/lenet.safetensors, some seconds

Needs full MNIST, but for the net on colour digits. On another machine the last digits of the weights may differ, and
with them the checksum.
"""

import argparse
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.recipes import RECIPES
from tools.make_data import write_checksums
from utils import data, models, runtime, train
from utils.data import cheques, distort
from utils.models import lenet5

FOLDER = Path(__file__).resolve().parent.parent / "data" / "weights"


def in_field(split):
    """Digits in the field of 32 x 32 pixels that the paper gives them: room to be moved."""
    return split.padded(2)


def for_1998(split):
    """The same, in the pixel values of the paper."""
    return in_field(split).scaled(lenet5.PAPER, lenet5.INK)


@dataclass(frozen=True)
class Shipped:
    """A network, its options, its digits and how they are prepared, the options of `train.fit` (one cycle)."""

    model: str
    fit: dict
    options: dict = field(default_factory=dict)
    prepare: object = lambda split: split
    digits: object = partial(data.mnist, "full")


def reader_of_lines(windows):
    """LeNet with batch norm and an eleventh class, trained on windows of lines."""
    fit = {"epochs": 20, "batch_size": 256, "lr": 0.02, "augment": windows}
    return Shipped("lenet_bn", fit, {"size": 32, "classes": 11}, cheques.with_nothing)


SHIPPED = {
    "lenet": Shipped("lenet_bn", RECIPES["LeNet with batch norm, full MNIST"].options),  # the better of the two LeNets
    "lenet5_1998": Shipped("lenet5_1998", {"epochs": 20, "lr": 0.004, "loss": lenet5.map_loss}, {"size": 32}, for_1998),
    # Chapter 04 compares these three: 66,250 parameters against 61,706, without distortions and with them.
    "mlp_32": Shipped("mlp", {"epochs": 8, "lr": 0.003}, {"pixels": 32 * 32, "hidden": 64}, in_field),
    "lenet_32": Shipped("lenet", {"epochs": 4, "lr": 0.005}, {"size": 32}, in_field),
    "lenet_32_distorted": Shipped(
        "lenet", {"epochs": 15, "lr": 0.005, "augment": distort.Random()}, {"size": 32}, in_field
    ),
    # Chapter 12 compares these two: readers of lines, who know that there may be no digit in the middle.
    "lenet_line": reader_of_lines(cheques.Windows()),
    "lenet_line_distorted": reader_of_lines(cheques.Windows(cheques.ROUGH, stroke=1.0)),
    # Chapter 10 looks at its nine gates: narrow, so that the 32 channels of the last ones can be told apart.
    "se_resnet20": Shipped(
        "se_resnet20",
        {"epochs": 15, "lr": 0.01, "optimizer": "adamw"},
        {"width": 8, "reduction": 4},
        digits=data.colour_digits,
    ),
}


def trained(recipe):
    """Follow a recipe from seed 0: (model, History)."""
    runtime.seed_everything(0)
    model = models.create(recipe.model, **recipe.options)
    splits = [recipe.prepare(split) for split in recipe.digits()]
    return model, train.fit(model, *splits, seed=0, **recipe.fit)


def main():
    """Run the command described at the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=SHIPPED, help="of the file of weights")
    name = parser.parse_args().name
    recipe = SHIPPED[name]
    model, history = trained(recipe)
    path = train.save_weights(model, FOLDER / f"{name}.safetensors", recipe.model)
    write_checksums()
    print(f"{path}: {recipe.model}, accuracy {history.test_accuracy[-1]:.4f} on its test digits")


if __name__ == "__main__":
    main()
