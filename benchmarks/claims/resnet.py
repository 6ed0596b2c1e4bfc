"""Chapter 09: plain and residual nets by depth on colour digits and photographs, and the five orderings of a block."""

from benchmarks.claims import Claim, fitted
from utils import data
from utils.models.resnet import ORDERINGS

KINDS = {"plain": "plain", "residual": "resnet"}
DEPTHS = (8, 20, 56)


def trained(kind, depth, epochs=3, **options):
    """One recipe for every depth, kind and ordering, so that nothing else differs."""
    recipe = {"batch_size": 128, "lr": 0.01, "optimizer": "adamw", "channels_last": True}
    return fitted(f"{KINDS[kind]}{depth}", options, epochs=epochs, **recipe)


def cifar10():
    """The subset of CIFAR-10, whatever else is on disk."""
    return data.cifar10("subset")


CLAIMS = [
    Claim(
        "resnet_depth",
        chapter=9,
        says="More layers make a plain net worse, on the training images too; a residual net does not suffer so.",
        data=data.colour_digits,
        variants={f"{kind}, {depth} layers": trained(kind, depth) for depth in DEPTHS for kind in KINDS},
        quick=True,
    ),
    Claim(
        "resnet_cifar10",
        chapter=9,
        says="On photographs ResNet-20 beats the plain net of 20 layers by ten points and more.",
        data=cifar10,
        variants={f"{kind}, 20 layers": trained(kind, 20, epochs=6) for kind in KINDS},
    ),
    Claim(
        "resnet_orderings",
        chapter=9,
        says="Five orderings of the layers in a block of ResNet-20.",
        data=data.colour_digits,
        variants={ordering: trained("residual", 20, ordering=ordering) for ordering in ORDERINGS},
    ),
]
