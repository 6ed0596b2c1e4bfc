"""Training without labels: an autoencoder learns to rebuild its input."""

import torch
from torch.nn import functional as F

from utils import runtime

from . import randomness
from .options import Options
from .progress import Progress
from .resident import batch_slices
from .validation import check_model, check_split, check_trainable


def reconstruct(model, split, *, epochs, batch_size=64, lr=0.01, spoil=None, seed=0, progress=True):
    """Train `model` to rebuild the images of `split`, with Adam, a one-cycle schedule and the squared error.

    No label is read. The model is left in evaluation mode; the caller's random numbers go on afterwards as if nothing
    had been drawn. The Stop button ends training early: the model keeps what it has learnt.

    Args:
        model: nn.Module, X (B, C, H, W) float32 in [0, 1] -> the same shape.
        split: object with .images uint8 (N, C, H, W), as utils.data gives.
        epochs: how often each image is seen.
        batch_size: images a step.
        lr: largest learning rate.
        spoil: function of X that returns images of the same shape: what the model gets to see. It must rebuild X
            itself (a denoising autoencoder). None shows X.
        seed: int, of the order of the images and of `spoil`.
        progress: show a bar.

    Returns:
        list of float: for each whole epoch the mean squared error of a pixel, measured while learning.

    Raises:
        TypeError, ValueError: an argument is out of range, or the model does not give images of the size it gets.
    """
    if spoil is not None and not callable(spoil):
        raise TypeError(f"spoil must be a function of a batch of images, not {type(spoil).__name__}.")
    options = Options(epochs, batch_size, lr, "adam", "onecycle", None, F.mse_loss, spoil, seed, False, False)
    check_model(model)
    check_split(split, "split")
    check_trainable(model, len(split), batch_size)
    device, errors = runtime.device(), []
    runtime.keep_memory()
    with randomness.isolated(seed, device), Progress(progress, False, epochs, -(-len(split) // batch_size)) as shown:
        try:
            for error in _epochs(model.to(device), split.images.to(device), options, shown):
                errors.append(error)
        except KeyboardInterrupt:
            shown.say(f"Stopped after {len(errors)} of {epochs} epochs; the model keeps what it has learnt.")
    model.eval()
    return errors


def _epochs(model, images, options, shown):
    """Train, and yield the mean error of each epoch."""
    batches = batch_slices(len(images), options.batch_size)
    optimizer = options.make_optimizer(model)
    schedule = options.make_schedule(optimizer, options.epochs * len(batches))
    model.train()
    for _ in range(options.epochs):
        order, total = torch.randperm(len(images)), 0.0
        for rows in batches:
            X = images.index_select(0, order[rows].to(images.device)).float() / 255
            rebuilt = model(X if options.augment is None else options.augment(X))
            if rebuilt.shape != X.shape:
                raise ValueError(f"The model makes {tuple(rebuilt.shape)} of images {tuple(X.shape)}; both must agree.")
            loss = options.loss(rebuilt, X)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(X)
            shown.tick()
        yield total / len(images)
