"""Chapter 11: what another look at every image does for the gap between training and test accuracy."""

from benchmarks.claims import Claim, fitted
from utils import data
from utils.data import augment

SIZES = (100, 500, 4000)
HANDWRITING = augment.Random(shift=2, angle=15, scale=1.2, shear=15)
CROP_AND_FLIP = augment.Random(shift=4, flip=0.5)


def digits():
    """The embedded digits, whatever else is on disk."""
    return data.mnist("embedded")


def cifar10():
    """The subset of CIFAR-10, whatever else is on disk."""
    return data.cifar10("subset")


def on_few(images, changes):
    """LeNet with batch norm on so many training images, another choice for each seed; about as many steps for all."""
    batch_size = 50 if images < 4000 else 128
    fit = fitted("lenet_bn", epochs=max(32, 50_000 // images), batch_size=batch_size, lr=0.005, augment=changes)
    return lambda train, test, seed: fit(train.subset(images, seed), test, seed)


def photographs(changes):
    """A VGG of half the width on photographs, long enough to know its training images."""
    options = {"batch_norm": True, "widths": (16, 32, 64)}
    recipe = {"epochs": 12, "lr": 0.005, "optimizer": "adamw", "channels_last": True}
    return fitted("vgg_small", options, **recipe, augment=changes)


CLAIMS = [
    Claim(
        "augmentation_gap",
        chapter=11,
        says="Changed anew in every epoch, 100 or 500 digits leave less than half the gap, 4,000 about half.",
        data=digits,
        variants={
            f"{images} images, {name}": on_few(images, changes)
            for images in SIZES
            for name, changes in {"as they are": None, "changed": HANDWRITING}.items()
        },
        quick=True,
    ),
    Claim(
        "augmentation_cifar10",
        chapter=11,
        says="Crop and flip cut the train/test gap on photographs to less than half.",
        data=cifar10,
        variants={"as they are": photographs(None), "crop and flip": photographs(CROP_AND_FLIP)},
    ),
]
