"""Do the data and the model fit each other? Asked before the first step, answered in words."""

import torch
from torch import nn


def check_split(split, role):
    """Raise unless `split` holds images and labels that a network can be trained on.

    Args:
        split: object with .images, .labels, .mean and .std, such as utils.data gives.
        role: what to call it in the message, "train" or "test".

    Raises:
        TypeError: it is no split, or its tensors have another type.
        ValueError: it is empty, or its parts do not belong together.
    """
    missing = [name for name in ("images", "labels", "mean", "std") if not hasattr(split, name)]
    if missing:
        raise TypeError(
            f"{role} must be a split of a data set, with .{' .'.join(missing)}; this is {type(split).__name__}. "
            "Try train, test = utils.data.mnist()."
        )
    images, labels = split.images, split.labels
    for name, tensor, dtype in (("images", images, torch.uint8), ("labels", labels, torch.int64)):
        if getattr(tensor, "dtype", None) != dtype:
            raise TypeError(f"{role}.{name} must be a {dtype} tensor, not {getattr(tensor, 'dtype', type(tensor))}.")
    if len(images) == 0:
        raise ValueError(f"{role} holds no images: there is nothing to compute on.")
    if images.ndim != 4 or labels.shape != (len(images),):
        raise ValueError(
            f"{role} needs images (N, C, H, W) and labels (N,), not {tuple(images.shape)} and {tuple(labels.shape)}."
        )
    if not len(split.mean) == len(split.std) == images.shape[1]:
        raise ValueError(f"{role}.mean and {role}.std need one number for each of the {images.shape[1]} channels.")


def check_fit(model, data, role):
    """Send two images of `data` through the model, and raise where the two do not fit each other.

    The model's parameters, buffers and training mode stay as they are.

    Args:
        model: nn.Module on the device of the data.
        data: Resident.
        role: what to call the data in the message.

    Raises:
        ValueError: the model does not take such images, gives no logits (B, K) or not finite ones, or has fewer
            outputs than there are classes in the labels.
    """
    shape = tuple(data.images.shape[1:])
    try:
        with evaluating(model), torch.no_grad():
            logits = model(data.batch(slice(0, 2))[0])
    except (RuntimeError, ValueError, IndexError, TypeError) as problem:
        raise ValueError(
            f"The model does not take images of shape {shape} (channels, height, width), the shape of those in {role}: "
            f"{problem}. Compare the first layer's channels and the first dense layer's inputs with that shape."
        ) from problem
    _check_logits(logits, min(2, len(data)))
    lowest, highest = (int(label) for label in data.labels.aminmax())
    if lowest < 0 or highest >= logits.shape[1]:
        raise ValueError(
            f"The labels of {role} go from {lowest} to {highest}, but the model has {logits.shape[1]} outputs, for the "
            f"labels 0 to {logits.shape[1] - 1}. Create it with classes={highest + 1}, or look at the labels."
        )


def check_trainable(model, samples, batch_size, processes=1):
    """Raise ValueError where the model has nothing to learn, or a process gets too few images of a batch."""
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError("The model has no parameter to train: it has none at all, or requires_grad is False for each.")
    share = min(samples, batch_size) // processes
    if share == 0:
        raise ValueError(
            f"Batches of {min(samples, batch_size)} cannot be shared by {processes} processes: each needs an image. "
            f"Try batch_size={32 * processes}, or fewer processes."
        )
    if share == 1 and any(isinstance(module, nn.BatchNorm1d) for module in model.modules()):
        raise ValueError(
            "Batch normalisation needs at least two samples in a batch: the variance of a single one is 0. "
            f"There are {samples} images, batch_size={batch_size}, {processes} process{'es' * (processes > 1)}."
        )


def check_model(model):
    """Raise TypeError unless `model` is an instance of nn.Module."""
    if isinstance(model, type) and issubclass(model, nn.Module):
        raise TypeError(f"model is the class {model.__name__}, not a model made from it. Try {model.__name__}().")
    if not isinstance(model, nn.Module):
        raise TypeError(
            f'model must be a torch.nn.Module, not {type(model).__name__}. Try utils.models.create("lenet").'
        )


class evaluating:  # noqa: N801, a context manager is used like a function
    """Context in which a model is in evaluation mode; after it each of its modules has its own mode again."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.modes = {module: module.training for module in self.model.modules()}
        self.model.eval()

    def __exit__(self, *exception):
        for module, training in self.modes.items():
            module.training = training


def _check_logits(logits, samples):
    if not torch.is_tensor(logits) or logits.ndim != 2 or len(logits) != samples or not logits.is_floating_point():
        got = tuple(logits.shape) if torch.is_tensor(logits) else type(logits).__name__
        raise ValueError(
            f"The model must give logits of shape (B, classes), here ({samples}, classes); it gave {got}. "
            "Does it end in Flatten and Linear, or in global average pooling?"
        )
    if not torch.isfinite(logits).all():
        raise ValueError(
            "The model's outputs are not finite before training has begun: its weights hold nan or inf. "
            "Create the model anew."
        )
