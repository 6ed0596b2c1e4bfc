"""Several processes that train one network together: each computes on its share of every batch.

Started by torchrun, and joined by whoever calls `fit` (utils.train_cli does both ends):

    torchrun --standalone --nproc-per-node 2 -m utils.train_cli lenet mnist --epochs 3

DistributedDataParallel takes the mean of all processes' gradients before each step, so that their copies of the
network stay equal (Li et al. 2020, "PyTorch Distributed", VLDB). With one process everything here does nothing.
"""

import torch
import torch.distributed as dist


def place():
    """Number of this process, from 0, and how many there are (pair of int)."""
    together = dist.is_available() and dist.is_initialized()
    return (dist.get_rank(), dist.get_world_size()) if together else (0, 1)


def share(index):
    """This process's part of a batch: every n-th image of it.

    Args:
        index: tensor (B,), the same in every process.

    Returns:
        tensor of about B / processes entries.
    """
    rank, processes = place()
    return index[rank::processes]


def joined(model):
    """The model to call in training: itself, or wrapped so that backward averages the gradients of all processes."""
    if place()[1] == 1:
        return model
    return torch.nn.parallel.DistributedDataParallel(model)


def weight(mine, batch):
    """What a share's mean loss is multiplied with, so that the mean over processes is the mean over the batch.

    Shares differ by an image where the batch cannot be cut evenly.

    Args:
        mine: images in this process's share.
        batch: images in the whole batch.
    """
    return mine * place()[1] / batch


def total(numbers):
    """Sum of a tensor over all processes, in every process (the tensor itself where there is one process)."""
    if place()[1] > 1:
        dist.all_reduce(numbers)
    return numbers


def share_buffers(model):
    """Give every process the first one's buffers: running statistics of batch normalisation are each one's own."""
    if place()[1] > 1:
        for buffer in model.buffers():
            dist.broadcast(buffer, 0)


def gathered(state):
    """A picklable value of each process, by its number (list; [state] where there is one process)."""
    states = [state] * place()[1]
    if len(states) > 1:
        dist.all_gather_object(states, state)
    return states
