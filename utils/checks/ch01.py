"""Checks of chapter 01, convolution by hand. `check.name(answer)` judges the learner's `answer`."""

import numpy as np
import torch
import torch.nn.functional as F

from utils.checks import _ch01_slips as slips
from utils.checks._harness import Mistake, compare, exercise, integers, run

__all__ = [
    "conv_backward",
    "conv_cost",
    "conv_layer",
    "conv_matrix",
    "convolve_1d",
    "convolve_2d",
    "output_size",
    "receptive_field",
]


def _whole(shape, seed):
    """Small whole numbers as float64: a learner can follow them on paper."""
    return integers(shape, seed, -4, 6).astype(np.float64)


@exercise("Slide, multiply, add")
def convolve_1d(answer):
    """answer(signal (n,), kernel (k,)) -> (n,), the kernel's centre on its last number."""
    for signal, kernel in [
        (np.array([3.0, 1, 4, 1, 5]), np.array([1.0, -2, 0.5])),  # three numbers: right is neither left nor middle
        (np.array([0.0, 0, 3, 3, 3, 2, 2, 0]), np.array([-1.0, 1])),
        (np.array([2.0, 7, 1, 8]), np.array([3.0])),
        (np.array([3, 1, 4, 1, 5]), np.array([0.5, 0.25])),
        (_whole(9, 1), _whole(4, 2)),
    ]:
        X, weight = (torch.tensor(array).double()[None, None] for array in (signal, kernel))
        right = F.conv1d(F.pad(X, (len(kernel) - 1, 0)), weight)[0, 0].numpy()
        compare(
            run(answer, signal, kernel),
            right,
            case=f"signal {signal}, kernel {kernel}",
            atol=1e-6,
            mistakes=slips.convolve_1d(signal, kernel, right),
        )


@exercise("How large is the result?")
def output_size(answer):
    """answer(n, kernel, stride, padding, dilation) -> int, against the shape that F.conv1d gives."""
    for n, kernel, stride, padding, dilation in [
        (19, 3, 1, 4, 3),  # without a stride, then with nothing else: here all slips give different numbers
        (30, 5, 3, 0, 1),
        (32, 5, 2, 0, 1),
        (32, 5, 2, 2, 1),
        (17, 4, 3, 1, 2),
        (11, 2, 4, 5, 3),
    ]:
        X, weight = torch.zeros(1, 1, n), torch.zeros(1, 1, kernel)
        maps = F.conv1d(X, weight, stride=stride, padding=padding, dilation=dilation)
        compare(
            run(answer, n, kernel, stride, padding, dilation),
            maps.shape[-1],
            case=f"n={n}, kernel={kernel}, stride={stride}, padding={padding}, dilation={dilation}",
            mistakes=slips.output_size(n, kernel, stride, padding, dilation),
        )


@exercise("Slide in two directions")
def convolve_2d(answer):
    """answer(image (H, W), kernel (Kh, Kw), stride, padding) -> (Hout, Wout), zeros on all four sides."""
    for shape, size, stride, padding, seed in [
        ((5, 5), (3, 3), 1, 0, 1),
        ((6, 9), (3, 3), 1, 1, 2),
        ((7, 8), (3, 3), 2, 1, 3),
        ((5, 7), (2, 4), 3, 2, 4),
        ((6, 4), (3, 1), 2, 0, 5),
    ]:
        image, kernel = _whole(shape, seed), _whole(size, 10 + seed) / 2
        X, weight = torch.tensor(image)[None, None], torch.tensor(kernel)[None, None]
        right = F.conv2d(X, weight, stride=stride, padding=padding)[0, 0].numpy()
        compare(
            run(answer, image, kernel, stride, padding),
            right,
            case=f"image {shape}, kernel {size}, stride {stride}, padding {padding}",
            atol=1e-6,
            mistakes=slips.convolve_2d(image, kernel, stride, padding, right),
        )


@exercise("A whole layer")
def conv_layer(answer):
    """answer(X (B, Cin, H, W), weight (Cout, Cin, Kh, Kw), bias (Cout,)) -> (B, Cout, Hout, Wout)."""
    for B, Cin, Cout, image, kernel, seed in [
        (1, 1, 1, (4, 4), (3, 3), 1),
        (1, 3, 1, (4, 5), (3, 3), 2),
        (1, 2, 3, (4, 4), (2, 2), 3),
        (3, 2, 4, (5, 6), (3, 2), 4),
        (2, 3, 3, (4, 4), (3, 3), 5),
    ]:
        X, weight, bias = (
            _whole((B, Cin, *image), seed),
            _whole((Cout, Cin, *kernel), 20 + seed),
            _whole(Cout, seed) + 9,
        )
        right = F.conv2d(*map(torch.tensor, (X, weight, bias))).numpy()
        compare(
            run(answer, X, weight, bias),
            right,
            case=f"X {X.shape}, weight {weight.shape}, bias {bias.shape}",
            atol=1e-6,
            mistakes=slips.conv_layer(X, weight, bias, right),
        )


@exercise("The matrix of a convolution")
def conv_matrix(answer):
    """answer(kernel (Kh, Kw), height, width) -> (Hout * Wout, H * W), judged by F.conv2d of each unit image."""
    for kernel, height, width in [
        (np.array([[1.0, 2], [3, 4]]), 3, 3),
        (np.arange(1.0, 10).reshape(3, 3), 4, 4),
        (np.array([[1.0, 2, 3], [4, 5, 6]]), 3, 5),
        (_whole((2, 2), 3) + 7.5, 5, 3),
    ]:
        units = torch.eye(height * width, dtype=torch.float64).reshape(-1, 1, height, width)
        right = F.conv2d(units, torch.tensor(kernel)[None, None]).flatten(1).T.numpy()
        compare(
            run(answer, kernel, height, width),
            right,
            case=f"kernel {kernel.shape}, image {height} x {width}",
            atol=1e-6,
            mistakes=slips.conv_matrix(kernel, height, width, right),
        )


def _autograd(upstream, image, kernel):
    """Gradients for the image and the kernel of sum(upstream * valid convolution)."""
    X, weight = (torch.tensor(array, requires_grad=True) for array in (image, kernel))
    F.conv2d(X[None, None], weight[None, None])[0, 0].backward(torch.tensor(upstream))
    return X.grad.numpy(), weight.grad.numpy()


@exercise("Backwards through a convolution")
def conv_backward(answer):
    """answer(upstream, image, kernel) -> (gradient for image, gradient for kernel), against autograd."""
    for shape, size, seed in [((4, 4), (2, 2), 1), ((5, 7), (3, 3), 2), ((4, 6), (2, 3), 3), ((3, 3), (3, 3), 4)]:
        image, kernel = _whole(shape, seed), _whole(size, 10 + seed)
        upstream = _whole([n - k + 1 for n, k in zip(shape, size, strict=True)], 20 + seed) + 0.5
        right = _autograd(upstream, image, kernel)
        got = run(answer, upstream, image, kernel)
        case = f"upstream {upstream.shape}, image {shape}, kernel {size}"
        if type(got) not in (tuple, list) or len(got) != 2:
            raise Mistake("Return two arrays: the gradient for the image, then the one for the kernel.", case=case)
        if shape != size and [np.shape(gradient) for gradient in got] == [size, shape]:
            raise Mistake("The two gradients are swapped: first the image's, then the kernel's.", case=case)
        wrong = slips.conv_backward(upstream, image, kernel, right)
        for i, name in enumerate(["image", "kernel"]):
            compare(got[i], right[i], case=f"gradient for the {name}: {case}", atol=1e-6, mistakes=wrong[i])


@exercise("What a layer costs")
def conv_cost(answer):
    """answer(c_in, c_out, kernel, height, width) -> (weights, multiply-adds, weights of a dense layer), no biases."""
    for c_in, c_out, kernel, height, width in [(3, 4, 5, 10, 6), (1, 8, 3, 28, 28), (3, 64, 3, 224, 224)]:
        places = height * width
        weights = torch.nn.Conv2d(c_in, c_out, kernel, device="meta").weight.numel()
        dense = torch.nn.Linear(c_in * places, c_out * places, device="meta").weight.numel()
        compare(
            run(answer, c_in, c_out, kernel, height, width),
            (weights, weights * places, dense),
            case=f"c_in={c_in}, c_out={c_out}, kernel={kernel}, maps of {height} x {width}",
            mistakes=slips.conv_cost(c_in, c_out, kernel, height, width),
        )


def _seen(steps):
    """How many pixels of a signal have a say in the first output of such convolutions, counted with autograd."""
    X = torch.zeros(1, 1, 200, requires_grad=True)
    maps = X
    for kernel, stride in steps:
        maps = F.conv1d(maps, torch.ones(1, 1, kernel), stride=stride)
    maps[0, 0, 0].backward()
    return int(X.grad.nonzero()[-1, -1]) + 1


@exercise("How far does a pixel see?")
def receptive_field(answer):
    """answer([(kernel, stride), ...]) -> int, against the extent of autograd's gradient of one output."""
    for steps in [
        [(2, 2), (3, 2), (3, 1)],  # here all slips give different numbers
        [(3, 1)],
        [(3, 1), (3, 1)],
        [(5, 2), (3, 1)],
        [(3, 2), (3, 2), (2, 3)],
        [(7, 2), (3, 2), (3, 1), (1, 1)],
    ]:
        compare(
            run(answer, steps),
            _seen(steps),
            case=f"layers (kernel, stride): {steps}",
            mistakes=slips.receptive_field(steps),
        )
