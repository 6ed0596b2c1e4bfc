"""What the operations accept, and the messages for everything else."""

import numbers

import numpy as np


def array(value, name, ranks):
    """`value` as a finite, non-empty array of floats or integers whose rank is one of `ranks`.

    Args:
        value: array, list or CPU tensor.
        name: what the learner called it, for the message.
        ranks: {rank: "shape in words"}.

    Raises:
        TypeError: not numbers.
        ValueError: wrong rank, empty, NaN or infinite.
    """
    found = np.asarray(value)
    if found.dtype.kind not in "iuf":
        raise TypeError(f"{name} holds {found.dtype}, not real numbers. Pass an array of floats or integers.")
    if found.ndim not in ranks:
        expected = " or ".join(ranks.values())
        raise ValueError(f"{name} has shape {found.shape}; expected {expected}. Add missing axes with {name}[None].")
    if found.size == 0:
        raise ValueError(f"{name} is empty: its shape is {found.shape}. Every axis needs at least one element.")
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(found))[0])
        raise ValueError(
            f"{name}{list(where)} is {found[where]}: one NaN or infinity spoils every window that sees it. "
            "Replace it first, for example with np.nan_to_num."
        )
    return found


def common_dtype(**arrays):
    """The arrays (those that are None left out) in one dtype: their float dtype, or int64 where all are integers.

    Raises:
        TypeError: two different floating dtypes meet.
    """
    given = {name: values for name, values in arrays.items() if values is not None}
    floats = {name: values.dtype for name, values in given.items() if values.dtype.kind == "f"}
    if len(set(floats.values())) > 1:
        listed = " and ".join(f"{name} is {dtype}" for name, dtype in floats.items())
        raise TypeError(f"{listed}: convert one of them, for example {next(iter(floats))}.astype(np.float32).")
    dtype = next(iter(floats.values()), np.dtype(np.int64))
    return [None if values is None else values.astype(dtype, copy=False) for values in arrays.values()]


def whole(value, name, least):
    """`value` as an int of at least `least` (TypeError where it is no whole number, ValueError where too small)."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, not {value!r}. Integer division (//) keeps numbers whole.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}.")
    return int(value)


def pair(value, name, least):
    """One int, or a pair of them, as (vertical, horizontal)."""
    if isinstance(value, (tuple, list, np.ndarray)):
        if len(value) != 2:
            raise ValueError(f"{name} must be one number or (vertical, horizontal), not {value!r}.")
        return whole(value[0], name, least), whole(value[1], name, least)
    return (whole(value, name, least),) * 2


def groups_of(X, weight, bias, groups):
    """Check that X (B, Cin, H, W), weight (Cout, Cin / groups, Kh, Kw) and bias (Cout,) fit (ValueError, TypeError)."""
    groups = whole(groups, "groups", 1)
    channels, kernels = X.shape[1], len(weight)
    if channels % groups or kernels % groups:
        raise ValueError(
            f"groups={groups} must divide the {channels} input channels and the {kernels} kernels without a rest."
        )
    if weight.shape[1] * groups != channels:
        raise ValueError(
            f"X has {channels} channels, but weight {weight.shape} expects {weight.shape[1] * groups} with "
            f"groups={groups}. The shapes must be X (B, Cin, H, W) and weight (Cout, Cin / groups, K, K)."
        )
    if bias is not None and bias.shape != (kernels,):
        raise ValueError(f"bias has shape {bias.shape}; expected ({kernels},), one number for each kernel.")
    return groups
