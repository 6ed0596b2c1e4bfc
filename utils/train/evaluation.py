"""Loss, accuracy and logits of a trained network on a whole split."""

import torch
from torch.nn import functional as F

from utils import runtime

from .options import check_count
from .resident import Resident, batch_slices
from .validation import check_fit, check_model, check_split, evaluating


def evaluate(model, split, batch_size=None, device=None):
    """Mean loss and accuracy of `model` on every image of `split`.

    Args:
        model: nn.Module, (B, C, H, W) float32 -> logits (B, K). Its training mode stays as it was.
        split: object with .images uint8 (N, C, H, W), .labels int64 (N,), .mean and .std, as utils.data gives.
        batch_size: images at a time; None for 128 on a CPU, where the maps of more leave the caches (ResNet-20 takes
            up to twice as long with 512), and 512 elsewhere.
        device: where to compute, as in utils.runtime.device; by default where the model is. The model moves there.

    Returns:
        dict: "loss", the mean cross-entropy (nats), and "accuracy", from 0 to 1.

    Raises:
        TypeError, ValueError: the model or the split is none, or they do not fit each other.
    """
    return measure(model, *_on_device(model, split, batch_size, device))


def predict(model, split, batch_size=None, device=None):
    """Logits of `model` for every image of `split`, in order; arguments and errors are those of `evaluate`.

    Returns:
        float32 tensor (N, K) on the CPU.
    """
    data, batch_size = _on_device(model, split, batch_size, device)
    with evaluating(model), torch.inference_mode():
        logits = [model(data.batch(rows)[0]) for rows in batch_slices(len(data), batch_size)]
    return torch.cat(logits).float().cpu().clone()  # a clone made outside inference_mode can be used in training


def majority(probabilities):
    """What several models say together: for each image the class that most of them find the most probable.

    Args:
        probabilities: float (M, N, K) of M models for N images.

    Returns:
        int64 (N,); of classes with equally many votes the one with the largest mean probability.
    """
    votes = F.one_hot(probabilities.argmax(2), probabilities.shape[2]).sum(0)
    return (votes + probabilities.mean(0) / 2).argmax(1)  # less than a vote, so it decides between equals only


def measure(model, data, batch_size=None, loss=F.cross_entropy):
    """What `evaluate` returns, for a Resident whose fit to the model has been checked; `loss` is that of `fit`."""
    losses, answers = [], []
    with evaluating(model), torch.inference_mode():
        for rows in batch_slices(len(data), batch_size or images_at_a_time(data.images.device)):
            X, y = data.batch(rows)
            logits = model(X)
            losses.append(loss(logits, y) * len(y))
            answers.append(logits.argmax(1))
    # Read once, at the end: asking a GPU for a number in each batch makes it wait for the answer.
    return {
        "loss": float(torch.stack(losses).cpu().double().sum()) / len(data),
        "accuracy": int((torch.cat(answers) == data.labels).sum()) / len(data),
    }


def images_at_a_time(device):
    """Batch size of an evaluation where none is given (int), for a torch.device."""
    return 128 if device.type == "cpu" else 512


def _on_device(model, split, batch_size, device):
    """Resident of the split, and the batch size, once everything has been checked."""
    check_model(model)
    if batch_size is not None:
        check_count("batch_size", batch_size)
    check_split(split, "split")
    if device is None:
        device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    else:
        device = runtime.device(device)
    data = Resident(split, device)
    check_fit(model.to(device), data, "split")
    return data, batch_size or images_at_a_time(device)
