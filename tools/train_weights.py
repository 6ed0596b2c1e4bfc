"""Train the weights that the course ships, and write their checksum.

    COURSE_DATA=... python tools/train_weights.py lenet    # data/weights/lenet.safetensors, some seconds

Needs full MNIST. On another machine the last digits of the weights may differ, and with them the checksum.
"""

import argparse
from pathlib import Path

from benchmarks.recipes import RECIPES, follow
from tools.make_data import write_checksums
from utils import train

FOLDER = Path(__file__).resolve().parent.parent / "data" / "weights"
SHIPPED = {"lenet": "LeNet with batch norm, full MNIST"}  # the better of the two LeNets


def main():
    """Run the command described at the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=SHIPPED, help="of the file of weights")
    name = parser.parse_args().name
    recipe = RECIPES[SHIPPED[name]]
    model, history = follow(recipe, seed=0, progress=True)
    path = train.save_weights(model, FOLDER / f"{name}.safetensors", recipe.model)
    write_checksums()
    print(f"{path}: {recipe.model}, accuracy {history.test_accuracy[-1]:.4f} on the 10,000 test digits")


if __name__ == "__main__":
    main()
