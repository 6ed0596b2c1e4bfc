"""Random numbers of a training run, kept apart from the caller's."""

import random
from contextlib import contextmanager

import numpy as np
import torch

from utils import runtime


def capture(device):
    """State of Python's, NumPy's and PyTorch's generators (dict of plain values and tensors).

    Args:
        device: torch.device whose generator is kept beside the CPU's.
    """
    name, keys, *rest = np.random.get_state()
    state = {
        "python": random.getstate(),
        "numpy": (name, torch.from_numpy(keys.astype("int64")), *rest),
        "cpu": torch.get_rng_state(),
    }
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def restore(state, device):
    """Put every generator back to a state that `capture` took on the same kind of device."""
    name, keys, *rest = state["numpy"]
    random.setstate(state["python"])
    np.random.set_state((name, keys.numpy().astype("uint32"), *rest))
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"], device)
    elif device.type == "mps":
        torch.mps.set_rng_state(state["mps"])


@contextmanager
def isolated(seed, device):
    """Inside, random numbers start from `seed`; after it the caller's go on as if nothing had been drawn."""
    before = capture(device)
    try:
        runtime.seed_everything(seed)
        yield
    finally:
        restore(before, device)
