"""Checkpoints: a training run on disk after each epoch, so that a killed one goes on with the same numbers."""

import hashlib
import io
import zipfile
from itertools import zip_longest

import torch
from torch import nn

from .atomic import replacing

_FORMAT = "convnet-course checkpoint 2"
_PARTS = {"run", "model", "optimizer", "history", "order", "random"}


class CheckpointError(ValueError):
    """A checkpoint is damaged, was not written by `fit`, or belongs to another run."""


def save(path, state):
    """Write a checkpoint, replacing an older one in one step.

    Args:
        path: Path.
        state: dict of tensors and plain values with the keys of _PARTS, and "schedule" where there is one.

    Raises:
        OSError: the disk is full, or the folder cannot be written to; an older checkpoint stays as it is.
    """
    content = io.BytesIO()  # torch.save into a full disk raises an error about its own insides
    torch.save({"format": _FORMAT, **state}, content)
    try:
        with replacing(path) as file:
            file.write(content.getbuffer())
    except OSError as problem:
        raise OSError(
            problem.errno,
            f"The checkpoint ({content.tell() / 1e6:.1f} MB) could not be written: {problem.strerror}. What the model "
            "has learnt so far is in the model, and an older checkpoint is as it was. Give a path with room",
            str(path),
        ) from problem


def load(path, run):
    """Read a checkpoint without ever running code from it.

    Args:
        path: Path of an existing file.
        run: what `describe` says of the run that wants to go on.

    Returns:
        dict as given to `save`; every tensor on the CPU.

    Raises:
        CheckpointError: the file is damaged or no checkpoint, or it belongs to another run: the message names the
            difference.
    """
    away = f"Give another path, or delete {path} to start from the beginning."
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip():  # torch does not look at the checksums of the parts
                raise zipfile.BadZipFile
        state = torch.load(path, map_location="cpu", weights_only=True)  # tensors and plain values only: no code runs
    except OSError:
        raise
    except Exception as problem:  # torch raises a dozen kinds for a file that it cannot read
        raise CheckpointError(
            f"{path} ({path.stat().st_size:,} bytes) is damaged or was not written by fit: it could not be read as a "
            f"checkpoint. {away}"
        ) from problem
    if not isinstance(state, dict) or state.get("format") != _FORMAT or not set(state) >= _PARTS:
        raise CheckpointError(f"{path} holds something else than a checkpoint of this version of the course. {away}")
    if differences := _differences(state["run"], run):
        raise CheckpointError(f"{path} belongs to another run: {'; '.join(differences)}. {away}")
    return state


def describe(model, optimizer, options, device):
    """What must be the same for a run to go on from a checkpoint: {what it is: text}.

    A function given as `augment`, `loss` or `schedule` is known by its name only.

    Args:
        model: nn.Module.
        optimizer: torch.optim.Optimizer, fresh.
        options: Options.
        device: torch.device.
    """
    settings = [f"{name}={value}" for name, value in optimizer.defaults.items() if value is not None]
    weights = [f"{name} {tuple(tensor.shape)} {tensor.dtype}" for name, tensor in model.state_dict().items()]
    return {
        "model": str(model),
        "weights": "\n".join(weights),
        "optimizer": "\n".join([type(optimizer).__name__, *settings]),
        "schedule": _name(options.schedule),
        "loss": _name(options.loss),
        "augment": _name(options.augment),
        "device": device.type,
    } | {name: str(getattr(options, name)) for name in ("epochs", "batch_size", "seed", "channels_last", "bf16")}


def describe_data(**splits):
    """The same for data: number, shape and checksum of each split ({name: text}; Residents, or None)."""
    return {f"{name} data": "none" if split is None else _fingerprint(split) for name, split in splits.items()}


def _name(choice):
    """Text that stays the same in another process: no memory address in it."""
    if choice is None or isinstance(choice, (str, nn.Module)):
        return str(choice)
    return getattr(choice, "__qualname__", type(choice).__qualname__)


def _fingerprint(data):
    digest = hashlib.sha256()
    for tensor in (data.images, data.labels, data.mean, data.std):
        digest.update(tensor.cpu().contiguous().numpy())
    return f"{len(data):,} images {tuple(data.images.shape[1:])}, checksum {digest.hexdigest()[:12]}"


def _differences(old, new):
    """One phrase for each part of two descriptions that differs, naming the first line that does."""
    phrases = []
    for name in sorted(set(old) | set(new)):
        lines = zip_longest(
            str(old.get(name, "")).splitlines(), str(new.get(name, "")).splitlines(), fillvalue="nothing"
        )
        pair = next(((theirs.strip(), ours.strip()) for theirs, ours in lines if theirs != ours), None)
        if pair:
            phrases.append(f"{name} was {pair[0]}, now it is {pair[1]}")
    return phrases
