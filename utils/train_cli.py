"""Train any network of the course on any of its data sets from one line.

    python -m utils.train_cli lenet mnist --epochs 3
    python -m utils.train_cli resnet8 colour_digits --epochs 10 --checkpoint run.pt --weights resnet8.safetensors
    python -m utils.train_cli alexnet_small colour_digits --epochs 8 --set batch_norm=True --set dropout=0.0
    torchrun --standalone --nproc-per-node 2 -m utils.train_cli lenet mnist --epochs 3

Under torchrun every process computes on its share of each batch (gloo on processors, nccl on GPUs). A run that was
killed goes on from its checkpoint when the same line is given again.
"""

import argparse
import ast
import json
import os
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

DATA_SETS = ("mnist", "colour_digits", "cifar10")
PATIENCE = timedelta(minutes=5)  # for a process that does not answer


def options(arguments=None):
    """The command line (argparse.Namespace); ends the program with a message where it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m utils.train_cli", description=__doc__.partition("\n")[0])
    parser.add_argument("model", help="name in utils.models; `list` prints them all")
    parser.add_argument("data", nargs="?", default="mnist", choices=DATA_SETS, help="data set (mnist)")
    parser.add_argument("--size", help="of the data set: auto, full, embedded (mnist) or subset (cifar10)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="option of the network")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=128, help="images a step, all processes together (128)")
    parser.add_argument("--lr", type=float, default=0.01, help="largest learning rate (0.01)")
    parser.add_argument("--optimizer", default="adam", help="adam, adamw or sgd (adam)")
    parser.add_argument("--schedule", default="onecycle", help="onecycle, cosine or constant (onecycle)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (auto)")
    parser.add_argument("--channels-last", action="store_true", help="another order in memory, often faster")
    parser.add_argument("--bf16", action="store_true", help="compute in bfloat16")
    parser.add_argument("--checkpoint", type=Path, help="file to go on from, rewritten after each epoch")
    parser.add_argument("--weights", type=Path, help="where to put the trained weights (.safetensors)")
    parser.add_argument("--history", type=Path, help="where to put what was measured (.json)")
    return parser.parse_args(arguments)


def network_options(pairs):
    """Options of a network from NAME=VALUE texts (dict); values are Python's own numbers, words and tuples.

    Raises:
        ValueError: a text is no such pair.
    """
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (equals and name.isidentifier()):
            raise ValueError(f"--set takes NAME=VALUE, such as --set batch_norm=True, not {pair!r}.")
        try:
            found[name] = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            found[name] = value  # a word needs no quotes
    return found


def load(name, size=None):
    """Training and test split of a data set (pair of utils.data.Split).

    Raises:
        ValueError: there is no such size of it.
    """
    from utils import data

    if size is not None and name == "colour_digits":
        raise ValueError("colour_digits comes in one size: leave --size out.")
    return getattr(data, name)() if size is None else getattr(data, name)(size)


@contextmanager
def process_group(device):
    """Join the processes that torchrun, or another launcher, started; yields whether this is the first of them.

    Args:
        device: "auto", "cpu", "cuda" or "mps".
    """
    if "RANK" not in os.environ:
        yield True
        return
    import torch
    import torch.distributed as dist

    gpus = device in ("auto", "cuda") and torch.cuda.is_available()
    if gpus:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if gpus else "gloo", timeout=PATIENCE)
    try:
        yield dist.get_rank() == 0
    finally:
        dist.destroy_process_group()


def run(chosen, first):
    """Train as the command line says, and let the first process write what was asked for.

    Args:
        chosen: argparse.Namespace of `options`.
        first: whether this process is the first.

    Returns:
        utils.train.History.
    """
    from utils import models, runtime, train

    runtime.seed_everything(chosen.seed)
    model = models.create(chosen.model, **network_options(chosen.set))
    kept = ("epochs", "batch_size", "lr", "optimizer", "schedule", "seed", "device", "channels_last", "bf16")
    fit_options = {name: getattr(chosen, name) for name in kept} | {"checkpoint": chosen.checkpoint}
    history = train.fit(model, *load(chosen.data, chosen.size), **fit_options)
    if first and chosen.weights:
        print(f"weights: {train.save_weights(model, chosen.weights, architecture=chosen.model)}")
    if first and chosen.history:
        chosen.history.parent.mkdir(parents=True, exist_ok=True)
        chosen.history.write_text(json.dumps(history.to_dict(), indent=1) + "\n")
        print(f"history: {chosen.history}")
    return history


def main(arguments=None):
    """Train; returns the exit status: 0, or 2 where the line asks for something that cannot be."""
    chosen = options(arguments)
    if chosen.model == "list":
        from utils import models

        print("\n".join(models.names()))
        return 0
    with process_group(chosen.device) as first:
        try:
            run(chosen, first)
        except (ValueError, TypeError, OSError) as problem:  # CheckpointError is a ValueError
            if first:
                print(problem, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
