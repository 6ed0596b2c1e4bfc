"""Values that an answer may return: recognised by their exact type, turned into NumPy arrays, compared and shown.

Exact types only (`type(x) is np.ndarray`, never `isinstance`): an object of the learner's own class, whose `==` or
`shape` could say anything, is never asked about itself.
"""

import numpy as np
import torch
from torch import nn

_SCALARS = {bool, int, float, complex, *np.sctypeDict.values()} - {np.object_, np.void}
_TENSORS = {torch.Tensor, nn.Parameter}
_TEXT_LIMIT, _SMALL, _SPAN = 400, 72, 6  # characters of a text; values shown in full; rows and columns of a detail


def is_tensor(value):
    """Whether the value is a plain PyTorch tensor or parameter."""
    return type(value) in _TENSORS


def is_array(value):
    """Whether the value is a plain NumPy array with at least one axis."""
    return type(value) is np.ndarray and value.ndim > 0


def is_number(value):
    """Whether the value is one number: Python's, NumPy's, or an array or tensor without axes."""
    return type(value) in _SCALARS or ((type(value) is np.ndarray or is_tensor(value)) and value.ndim == 0)


def to_array(value):
    """The value as a NumPy array on the CPU, or None where it is no number, array or tensor with values."""
    if is_tensor(value):
        value = value.detach()
        if value.layout is not torch.strided or value.device.type == "meta":
            return None
        value = value.cpu().resolve_conj().resolve_neg()
        return (value.float() if value.dtype is torch.bfloat16 else value).numpy()
    if type(value) is np.ndarray or type(value) in _SCALARS:
        return np.asarray(value)
    return None


def type_name(value):
    """The value's type in words: "a NumPy array", "a list", "an object of class Net"."""
    names = {
        np.ndarray: "a NumPy array",
        torch.Tensor: "a PyTorch tensor",
        nn.Parameter: "a PyTorch parameter",
        list: "a list",
        tuple: "a tuple",
        dict: "a dict",
        str: "a text",
        bool: "a truth value",
        int: "a whole number",
        float: "a number",
        type(None): "None",
    }
    kind = type(value)
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if kind in _SCALARS:
        return names.get(kind, f"a NumPy number ({kind.__name__})")
    return names.get(kind, f"an object of class {kind.__name__}")


def same(a, b):
    """Whether two values are the same bit for bit (NaN equals NaN); objects it does not know count as the same."""
    if isinstance(a, nn.Module) and isinstance(b, nn.Module):
        return same(dict(a.state_dict()), dict(b.state_dict()))
    if type(a) is not type(b):
        return False
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is dict:
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if type(a) is str:
        return a == b
    one, two = to_array(a), to_array(b)
    if one is None or two is None:
        return True
    return one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes()


def short(value):
    """The value in one line, for the description of a call: small ones in full, large ones as type and shape."""
    array = to_array(value)
    if array is not None and array.size <= 12 and array.ndim <= 2:
        return " ".join(_numbers(array).split())
    if array is not None or is_tensor(value):
        return f"{'tensor' if is_tensor(value) else 'array'} of shape {tuple(value.shape)}"
    if type(value) in (list, tuple):
        items = [short(item) for item in value[:6]] + ["..."] * (len(value) > 6)
        return f"[{', '.join(items)}]" if type(value) is list else f"({', '.join(items)})"
    if type(value) in (str, type(None)):
        return cut(repr(value), 60)
    return type_name(value)


def pair(expected, got):
    """Both values as text; of two large arrays of one shape, the part around the largest difference."""
    one, two = to_array(expected), to_array(got)
    if one is None or two is None:
        return shown(expected), shown(got)
    centre = np.zeros(one.ndim, dtype=int)
    if one.shape == two.shape and one.size:
        centre = np.array(np.unravel_index(np.argmax(difference(one, two)), one.shape))
    return _detail(one, centre), _detail(two, centre if two.ndim == one.ndim else np.zeros(two.ndim, dtype=int))


def difference(a, b):
    """Absolute difference of two arrays of one shape, float64; infinite where only one of them is NaN."""
    a, b = (np.asarray(x, dtype=complex if x.dtype.kind == "c" else float) for x in (a, b))
    with np.errstate(invalid="ignore"):
        gap = np.where(a == b, 0.0, np.abs(a - b))
    return np.where(np.isnan(gap), np.where(np.isnan(a) & np.isnan(b), 0.0, np.inf), gap)


def shown(value):
    """One value as text of at most a few hundred characters, never by the value's own `repr`."""
    if value is None:
        return ""
    if type(value) is str:
        return cut(value)
    array = to_array(value)
    if array is not None:
        return _detail(array, np.zeros(array.ndim, dtype=int))
    if type(value) is dict:
        return cut("\n".join(f"{cut(str(key), 40)}: {short(item)}" for key, item in value.items()))
    return cut(short(value))


def cut(text, limit=_TEXT_LIMIT):
    """The text, shortened to `limit` characters."""
    return text if len(text) <= limit else f"{text[:limit]} ..."


def _detail(array, centre):
    """The array as text; of a large one, a window of the last two axes around `centre`, headed by where it lies."""
    if array.dtype.kind not in "biufc":
        return f"array of {array.dtype}, shape {array.shape}"
    if array.size <= _SMALL:
        return _numbers(array)
    starts = [int(max(0, min(c - _SPAN // 2, n - _SPAN))) for c, n in zip(centre, array.shape, strict=False)]
    window = tuple(int(c) for c in centre[:-2]) + tuple(slice(s, s + _SPAN) for s in starts[-2:])
    place = ", ".join(f"{w.start}:{w.stop}" if isinstance(w, slice) else str(w) for w in window)
    return f"[{place}] of shape {array.shape}\n{_numbers(array[window])}"


def _numbers(array):
    return np.array2string(
        array, precision=4, suppress_small=True, threshold=_SMALL, max_line_width=60, floatmode="maxprec", separator=" "
    )
