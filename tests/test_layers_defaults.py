"""Arguments of utils.layers that are left out: against PyTorch's own."""

import numpy as np
import torch
import torch.nn.functional as F
from layer_oracles import agree, close, leaf

from utils import layers

torch.set_num_threads(1)


def test_what_is_left_out_is_one_step_no_padding_and_one_group():
    rng = np.random.default_rng(5)
    X, weight = rng.normal(size=(2, 4, 6, 7)), rng.normal(size=(3, 4, 2, 2))
    tensors = leaf(X), leaf(weight)
    maps = F.conv2d(*tensors)
    maps.sum().backward()
    close(layers.conv2d(X, weight), maps)
    close(layers.conv2d_backward(np.ones(maps.shape), X, weight).input, tensors[0].grad)
    close(layers.conv1d(X[:, :, 0], weight[:, :, 0]), F.conv1d(tensors[0][:, :, 0], tensors[1][:, :, 0]))
    close(layers.conv_matrix(weight, (6, 7)) @ X[0].ravel(), maps[0].ravel())
    columns = F.unfold(tensors[0], 2)
    close(layers.im2col(X, 2), columns)
    close(layers.col2im(columns.detach(), (6, 7), 2), F.fold(columns, (6, 7), 2))
    close(layers.sliding_windows(X, 2), tensors[0].unfold(2, 2, 1).unfold(3, 2, 1))
    close(layers.pad2d(X, 3, "same"), F.pad(tensors[0], (1, 1, 1, 1)))
    assert layers.output_size(7, 3) == 5
    assert layers.padding_pair("full", 3) == (2, 2)


def test_what_is_left_out_of_a_pooling_is_a_step_of_the_window_and_zeros_that_count():
    X = np.random.default_rng(6).normal(size=(1, 2, 6, 6))
    for forward, backward, oracle in (
        (layers.max_pool2d, layers.max_pool2d_backward, F.max_pool2d),
        (layers.avg_pool2d, layers.avg_pool2d_backward, F.avg_pool2d),
    ):
        agree(forward, backward, lambda t, oracle=oracle: oracle(t, 3), X, 3)
        agree(forward, backward, lambda t, oracle=oracle: oracle(t, 3, 1, 1), X, 3, 1, 1)
    shares = torch.full((2, 1, 2, 2), 0.25, dtype=torch.float64)
    weighted = layers.weighted_pool2d, layers.weighted_pool2d_backward
    agree(*weighted, lambda t: F.conv2d(t, shares, stride=2, groups=2), X, np.ones((2, 2)))
