"""What `fit` makes of the `augment` that it was given: one function of (X, y) whose answer is looked at."""

import inspect

import torch
from torch import nn


def checked(augment):
    """Wrap `augment` so that it takes (X, y), gives (X, y), and says what is wrong with its answer.

    Args:
        augment: function of X or of (X, y) that returns X or (X, targets), an nn.Module such as a transform of
            torchvision.transforms.v2, or None. Targets are labels (B,) int64, or probabilities (B, K) as mixup and
            CutMix make them.

    Returns:
        function of (X, y), or None for None.
    """
    if augment is None:
        return None
    takes_labels = _takes_two(augment)

    def augmented(X, y):
        made = augment(X, y) if takes_labels else augment(X)
        new_X, targets = made if isinstance(made, tuple) else (made, y)
        if not torch.is_tensor(new_X) or not new_X.is_floating_point() or len(new_X) != len(X):
            got = f"{new_X.dtype} {tuple(new_X.shape)}" if torch.is_tensor(new_X) else type(new_X).__name__
            raise ValueError(f"augment must return images as float tensor ({len(X)}, C, H, W), not {got}.")
        if not torch.is_tensor(targets) or len(targets) != len(X) or targets.ndim > 2:
            raise ValueError(f"augment must return targets for {len(X)} images: labels (B,) or probabilities (B, K).")
        return new_X, targets

    return augmented


def _takes_two(augment):
    """True if `augment` can be called with images and labels."""
    try:
        inspect.signature(augment.forward if isinstance(augment, nn.Module) else augment).bind(None, None)
    except TypeError:
        return False
    except ValueError:  # a function written in C shows no signature
        return False
    return True
