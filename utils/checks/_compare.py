"""Compares what an answer returned with what is right: type, kind of numbers, shape, NaN, values, in this order."""

import numpy as np

from ._result import Mistake
from ._values import difference, is_array, is_number, is_tensor, to_array, type_name

_KINDS = {"b": "truth values", "i": "whole numbers", "u": "whole numbers", "f": "floats", "c": "complex numbers"}

# Wrong results that are right but for one step, recognised without the author's help.
_SLIPS = {
    "The values are right except for their sign: look for a minus too many or too few.": np.negative,
    "The values are right but transposed: rows and columns are exchanged.": lambda a: np.swapaxes(a, -1, -2),
    "The values are right but in reverse order along the last axis.": lambda a: np.flip(a, -1),
    "The values are right but upside down: in reverse order along the rows.": lambda a: np.flip(a, -2),
}


def compare(got, expected, *, case="", atol=1e-5, rtol=1e-5, mistakes=None):
    """Return nothing where `got` is right, else raise a `Mistake` that says what is wrong with it.

    Args:
        got: what `run` returned.
        expected: a NumPy array, a tensor, a number, a truth value, a text, None, or a tuple, list or dict of these. The
            answer must be of the same type (numbers: of any numeric type; tuple and list count as one), hold the same
            kind of numbers (float32 for float64 will do, whole numbers will not), and lie on the same device. Where an
            expected tensor requires a gradient, the answer's must too.
        case: the case in words; empty: the last call, which `run` describes.
        atol, rtol: values agree within atol + rtol * |expected|.
        mistakes: dict, message -> the value that this mistake leads to, or a function without arguments that computes
            it. Where `got` is such a value and not the expected one, the message is what the learner reads. A value may
            be what is expected in some cases (symmetric kernels cannot tell a flip): it is then passed over.

    Raises:
        Mistake: with the message of the mistake, or of the first thing that is wrong.
    """
    if _agrees(got, expected, atol, rtol):
        return _require_graph(got, expected, case)
    for message, wrong in (mistakes or {}).items():
        wrong = wrong() if callable(wrong) else wrong
        if _close(got, wrong, atol, rtol) and not _close(wrong, expected, atol, rtol):
            raise Mistake(message, expected=expected, got=got, case=case)
    try:
        _explain(got, expected, atol, rtol)
    except Mistake as mistake:
        raise Mistake(mistake.message, expected=expected, got=got, case=case) from None


def _agrees(got, expected, atol, rtol):
    """Whether `_explain` would find nothing."""
    try:
        _explain(got, expected, atol, rtol)
    except Mistake:
        return False
    return True


def _close(got, wrong, atol, rtol):
    """Whether two values are equal as numbers, whatever their types."""
    if type(got) in (tuple, list) and type(wrong) in (tuple, list):
        return len(got) == len(wrong) and all(_close(a, b, atol, rtol) for a, b in zip(got, wrong, strict=True))
    if type(got) is dict and type(wrong) is dict:
        return got.keys() == wrong.keys() and all(_close(got[key], wrong[key], atol, rtol) for key in got)
    if type(got) is str or type(wrong) is str:
        return type(got) is type(wrong) and got == wrong
    a, b = to_array(got), to_array(wrong)
    if a is None or b is None:
        return got is None and wrong is None
    numeric = a.dtype.kind in _KINDS and b.dtype.kind in _KINDS
    return numeric and a.shape == b.shape and bool(np.isclose(a, b, atol=atol, rtol=rtol, equal_nan=True).all())


def _explain(got, expected, atol, rtol):
    """Raise a `Mistake` (a message only) for the first thing that is wrong."""
    if type(expected) in (tuple, list):
        _explain_sequence(got, expected, atol, rtol)
    elif type(expected) is dict:
        _explain_dict(got, expected, atol, rtol)
    elif expected is None or type(expected) is str:
        if type(got) is not type(expected) or got != expected:
            raise Mistake(
                f"You returned {type_name(got)}" + (", but not the expected one." if type(got) is str else ".")
            )
    else:
        _explain_type(got, expected)
        _explain_array(to_array(got), to_array(expected), atol, rtol)


def _explain_sequence(got, expected, atol, rtol):
    if type(got) not in (tuple, list):
        wanted = f"a list of {len(expected)} values is" if type(expected) is list else f"{len(expected)} values are"
        remedy = " `.tolist()` makes one." if type(expected) is list and (is_tensor(got) or is_array(got)) else ""
        raise Mistake(f"You returned {type_name(got)}; {wanted} expected.{remedy}")
    if len(got) != len(expected):
        raise Mistake(f"You returned {len(got)} values; {len(expected)} are expected.")
    for i, (one, other) in enumerate(zip(got, expected, strict=True)):
        _explain_part(f"Value {i + 1} of {len(expected)}", one, other, atol, rtol)


def _explain_dict(got, expected, atol, rtol):
    if type(got) is not dict:
        raise Mistake(
            f"You returned {type_name(got)}; a dict with the keys {', '.join(map(repr, expected))} is expected."
        )
    if missing := [key for key in expected if key not in got]:
        raise Mistake(f"Your dict lacks the key {missing[0]!r}.")
    if len(got) > len(expected):
        raise Mistake(f"Your dict has {len(got)} keys; only {', '.join(map(repr, expected))} are expected.")
    for key, value in expected.items():
        _explain_part(f"At the key {key!r}", got[key], value, atol, rtol)


def _explain_part(place, got, expected, atol, rtol):
    try:
        _explain(got, expected, atol, rtol)
    except Mistake as mistake:
        raise Mistake(f"{place}: {mistake.message}") from None


def _explain_type(got, expected):
    for holds, name, remedy in (
        (is_tensor, "a PyTorch tensor", "Stay in PyTorch: no .item(), no NumPy."),
        (is_array, "a NumPy array", "Turn a list into one with np.array, a tensor with .numpy()."),
        (is_number, "one number", "Take it out of a list or array."),
    ):
        if holds(expected):
            if not holds(got):
                remedy = "Is a `return` missing?" if got is None else remedy
                raise Mistake(f"You returned {_with_shape(got)}; {name} is expected. {remedy}")
            break
    if is_tensor(expected) and got.device != expected.device:
        raise Mistake(f"Your tensor is on the device {got.device}; it is expected on {expected.device}.")
    if to_array(got) is None:
        raise Mistake("Your tensor is sparse or holds no values; a plain one is expected.")


def _with_shape(got):
    return type_name(got) + (f" of shape {tuple(got.shape)}" if is_array(got) or is_tensor(got) else "")


def _explain_array(got, expected, atol, rtol):
    number = expected.ndim == 0
    kind, right = _KINDS.get(got.dtype.kind, "objects"), _KINDS[expected.dtype.kind]
    if kind != right and not (number and {kind, right} <= {"floats", "whole numbers"}):
        raise Mistake(f"Your result holds {kind} ({got.dtype}); {right} ({expected.dtype}) are expected.")
    if got.shape != expected.shape:
        raise Mistake(f"Your result has shape {got.shape}; shape {expected.shape} is expected.")
    if lost := int((np.isnan(got) & ~np.isnan(expected)).sum()):
        amount = "Your result is" if number else f"{lost} of {got.size} values are"
        raise Mistake(f"{amount} NaN, not a number. Look for a zero divided by zero, or the logarithm of a zero.")
    wrong = ~np.isclose(got, expected, atol=atol, rtol=rtol, equal_nan=True)
    if wrong.any():
        raise Mistake(_slip(got, expected, atol, rtol) or _where(got, expected, wrong))


def _slip(got, expected, atol, rtol):
    """The message of a known slip that explains `got`, or None."""
    for message, change in _SLIPS.items():
        if expected.dtype.kind == "b" or (
            change is not np.negative and expected.ndim < 2 and "last axis" not in message
        ):
            continue
        if expected.ndim == 0 and change is not np.negative:
            continue
        changed = change(expected)
        if changed.shape == got.shape and np.isclose(got, changed, atol=atol, rtol=rtol).all():
            return message
    return _factor(got, expected, rtol)


def _factor(got, expected, rtol):
    """A message where every value is wrong by one and the same factor, or None."""
    parts = expected != 0
    if expected.dtype.kind not in "iuf" or parts.sum() < 2 or np.any(got[~parts]):
        return None
    ratio = got[parts] / expected[parts]
    if not np.isfinite(ratio).all() or not ratio.all() or np.ptp(ratio) > 10 * rtol * abs(ratio).max():
        return None
    return f"Every value is {ratio.mean():.4g} times what is expected: look for a factor too many or too few."


def _where(got, expected, wrong):
    if got.ndim == 0:
        return "The number is not right. Go through your code step by step with this case."
    gap = difference(expected, got)
    place = tuple(int(i) for i in np.unravel_index(np.argmax(gap), gap.shape))
    index = ", ".join(map(str, place))
    return f"{int(wrong.sum())} of {wrong.size} values are wrong, most of all the one at [{index}]."


def _require_graph(got, expected, case):
    """Where the expected tensor has a gradient to pass on, the answer's must have one too."""
    if is_tensor(expected) and expected.requires_grad and not got.requires_grad:
        raise Mistake(
            "The values are right, but the gradient cannot flow back through them: look for .detach(), .data, .item(), "
            "NumPy or torch.no_grad().",
            case=case,
        )
