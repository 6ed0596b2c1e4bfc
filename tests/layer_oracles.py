"""How the operations of utils.layers are compared with PyTorch's: in float64, forward and backward."""

import numpy as np
import torch

TIGHT = {"rtol": 1e-9, "atol": 1e-9}


def close(got, expected):
    """Assert equal shapes and values to 1e-9; `expected` may be a tensor."""
    expected = np.asarray(expected.detach() if isinstance(expected, torch.Tensor) else expected)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, **TIGHT)


def leaf(values):
    """A float64 tensor whose gradient autograd keeps."""
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def agree(forward, backward, oracle, X, *arguments):
    """Assert that forward and backward of a pooling equal `oracle`, a function of a tensor, and its autograd."""
    tensor = leaf(X)
    expected = oracle(tensor)
    close(forward(X, *arguments), expected)
    upstream = np.random.default_rng(0).normal(size=expected.shape)
    expected.backward(torch.tensor(upstream))
    close(backward(upstream, X, *arguments), tensor.grad)
