"""Judges networks: a learner's `nn.Module` against a reference that has the same weights."""

import copy
import zlib
from collections import Counter

import torch
from torch import nn

from ._compare import compare
from ._guard import as_is, current, describe_call, guarded, run
from ._result import Mistake
from ._values import short, type_name


def build(answer, *args, **kwargs):
    """The learner's network: a class or function called with the arguments, or a copy of a finished network.

    Returns:
        nn.Module, to be called with `run(network, X)`.

    Raises:
        NotAttempted, Mistake: as `run` does, and where the answer is no network.
    """
    session = current()
    if isinstance(answer, nn.Module):
        return guarded(copy.deepcopy, [answer], {})
    if not callable(answer):
        raise Mistake(f"This check takes a network: an nn.Module, or the class of one. You passed {_named(answer)}.")
    names = [*(f"argument {i + 1}" for i in range(len(args))), *kwargs]
    session.last = describe_call(answer, names, [*args, *kwargs.values()])
    network = guarded(answer, args, kwargs)
    if not isinstance(network, nn.Module):
        raise Mistake(f"An nn.Module is expected. Your code gave {_named(network)}. {_remedy(network)}")
    return network


def _named(value):
    """What the learner gave in place of a network, in words."""
    return type_name(value) if isinstance(value, (torch.Tensor, list, tuple)) else short(value)


def _remedy(value):
    """What to do about it."""
    if isinstance(value, type):
        return f"Call it: `{value.__name__}(...)` makes a network."
    if isinstance(value, (list, tuple)):
        return "Put its layers into one network: `nn.Sequential(*layers)`."
    if isinstance(value, torch.Tensor):
        return "Return the module itself, not its output or its weight."
    return "Is a `return` missing?" if value is None else "Is the class derived from nn.Module?"


def same_network(network, reference, X, *, case="", atol=1e-4, rtol=1e-4, mistakes=None):
    """Return nothing where `network` computes what `reference` does, else raise a `Mistake`.

    Parameters are compared by their shapes, in any order and under any names. Then both get the same weights: values
    that depend on a tensor's shape alone, so that neither order nor names matter. Both run on X in evaluation mode.

    Args:
        network: what `build` returned.
        reference: nn.Module that is right.
        X: input of both, (B, ...).
        case, atol, rtol: as in `compare`.
        mistakes: dict, message -> wrong nn.Module, or a function that returns one. The message is shown where `network`
            has the wrong one's parameters and outputs.

    Raises:
        NotAttempted, Mistake: as `run` and `compare` do.
    """
    right = _output(reference, X)
    given, wanted = _shapes(network), _shapes(reference)
    _set_weights(network)
    network.eval()
    got = run(network, as_is(X))
    if given == wanted and _equal(got, right, atol, rtol):
        return
    for message, wrong in (mistakes or {}).items():
        wrong = wrong if isinstance(wrong, nn.Module) else wrong()
        if _shapes(wrong) == given and _equal(got, _output(wrong, X), atol, rtol):
            raise Mistake(message, case=case)
    same_parameters(network, reference, case=case)
    compare(got, right, case=case, atol=atol, rtol=rtol)


def same_parameters(network, reference, *, case=""):
    """Return nothing where both networks have trainable parameters of the same shapes, else raise a `Mistake`."""
    given, wanted = _shapes(network), _shapes(reference)
    if given == wanted:
        return
    extra, missing = given - wanted, wanted - given
    lines = [f"Your network has {_count(given):,} parameters; {_count(wanted):,} are expected."]
    lines += [f"Extra shapes: {_listing(extra)}."] if extra else []
    lines += [f"Missing shapes: {_listing(missing)}."] if missing else []
    if not (extra and missing) and all(len(shape) == 1 for shape in extra | missing):
        lines.append("A shape with one number is that of a bias or of batch normalisation.")
    raise Mistake(" ".join(lines), case=case)


def _output(network, X):
    """Output of a copy of the network with the common weights, in evaluation mode."""
    network = copy.deepcopy(network).eval()
    _set_weights(network)
    with torch.no_grad():
        return network(X)


def _equal(got, right, atol, rtol):
    try:
        compare(got, right, atol=atol, rtol=rtol)
    except Mistake:
        return False
    return True


def _shapes(network):
    return Counter(tuple(p.shape) for p in network.parameters() if p.requires_grad)


def _count(shapes):
    return sum(torch.Size(shape).numel() * times for shape, times in shapes.items())


def _listing(shapes):
    return ", ".join(f"{times} x {shape}" if times > 1 else str(shape) for shape, times in shapes.items())


def _set_weights(network):
    """Give every parameter and float buffer values that depend on its shape alone (vectors positive: variances are)."""
    with torch.no_grad():
        for tensor in (*network.parameters(), *network.buffers()):
            if tensor.is_floating_point():
                generator = torch.Generator().manual_seed(zlib.crc32(str(tuple(tensor.shape)).encode()))
                values = torch.rand(tensor.shape, generator=generator)
                fan_in = tensor[0].numel() if tensor.ndim > 1 else 1
                tensor.copy_(values + 0.5 if tensor.ndim < 2 else (values - 0.5) * (12 / fan_in) ** 0.5)
