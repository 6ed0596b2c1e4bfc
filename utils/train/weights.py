"""Trained weights as safetensors files: numbers and names, nothing that could be run."""

from pathlib import Path

from utils import runtime

from .atomic import replacing
from .validation import check_model

_SUFFIX = ".safetensors"


def save_weights(model, path, architecture=None):
    """Write the parameters and buffers of `model`, replacing an older file in one step.

    Args:
        model: nn.Module.
        path: str or Path; its folder is made if need be.
        architecture: name of the network, such as "lenet_bn", by default that of its class. It is kept in the file, to
            be named when someone loads the weights into another network.

    Returns:
        Path of the file.
    """
    from safetensors.torch import save

    check_model(model)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    content = save(tensors, {"architecture": architecture or type(model).__name__})
    with replacing(path) as file:
        file.write(content)
    return path


def load_weights(model, path):
    """Fill `model` with weights that `save_weights` wrote; every one of them must have its place.

    Args:
        model: nn.Module of the same architecture; it keeps its device, dtype and training mode.
        path: of a file, or the name of weights that come with the course, such as "lenet" (checked by checksum).

    Returns:
        the model.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or its weights belong to another network: the message says where they differ.
            The model is as it was before.
    """
    from safetensors import SafetensorError, safe_open

    check_model(model)
    path = _find(path)
    try:
        with safe_open(path, framework="pt") as file:
            architecture = (file.metadata() or {}).get("architecture", "an unnamed network")
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no dict
    except SafetensorError as problem:
        raise ValueError(f"{path} is damaged or is no safetensors file ({problem}). Save or fetch it again.") from None
    if misfits := _misfits(weights, model.state_dict()):
        raise ValueError(
            f"{path} holds the weights of {architecture}, and they do not fit this {type(model).__name__}: "
            f"{'; '.join(misfits[:3])}{f'; and {len(misfits) - 3} more' if len(misfits) > 3 else ''}."
        )
    model.load_state_dict(weights)
    return model


def _find(path):
    """Path of the file, or of the shipped weights with this name."""
    if Path(path).is_file():
        return Path(path)
    if Path(path).parent == Path() and not isinstance(path, Path):
        return runtime.shipped(f"weights/{str(path).removesuffix(_SUFFIX)}{_SUFFIX}")
    raise FileNotFoundError(f"There is no file {path}. Save weights there first (train.save_weights).")


def _misfits(weights, expected):
    """Phrases that say which weights have no place in the model, or the model has too many."""
    phrases = [f"{name} is not in the file" for name in expected if name not in weights]
    phrases += [f"{name} is not in the model" for name in weights if name not in expected]
    return phrases + [
        f"{name} is {tuple(weights[name].shape)} in the file, {tuple(tensor.shape)} in the model"
        for name, tensor in expected.items()
        if name in weights and weights[name].shape != tensor.shape
    ]
