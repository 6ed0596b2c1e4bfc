"""Training by several processes: what became of AlexNet's two GPUs (chapter 05).

    python -m utils.parallel                                             # one process
    torchrun --standalone --nproc-per-node 2 -m utils.parallel           # two, each with half of every batch

Both print the same losses. Every process has a whole copy of the network and works on its own share of each batch;
DistributedDataParallel takes the mean of the gradients of all processes before each step, so the copies stay equal.
The processes talk through gloo, which needs no GPU.
"""

import json
import os
from datetime import timedelta

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel

from utils import data, models, runtime

PATIENCE = timedelta(seconds=60)  # for a process that does not answer


def train(steps=8, batch_size=64, lr=0.1):
    """Train the small convnet of chapter 04 on digits for a few steps, on this process's share of each batch.

    Without dropout, since its random numbers are drawn by each process for itself: one process and several could not
    be compared.

    Args:
        steps: number of batches.
        batch_size: images of a batch, all processes together; a multiple of the number of processes.
        lr: learning rate of plain SGD.

    Returns:
        list of the loss of each whole batch, the same in every process.

    Raises:
        ValueError: the batch cannot be cut into equal shares.
    """
    rank, processes = place()
    if batch_size % processes:
        raise ValueError(f"A batch of {batch_size} cannot be shared equally by {processes} processes.")
    runtime.seed_everything(0)  # the same weights everywhere
    model = models.create("small_convnet", dropout=0.0)
    model = DistributedDataParallel(model) if dist.is_initialized() else model
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    digits = data.mnist("embedded")[0]
    losses = []
    for step in range(steps):
        mine = torch.arange(step * batch_size + rank, (step + 1) * batch_size, processes)  # every n-th image
        loss = F.cross_entropy(model(digits.normalised(mine)), digits.labels[mine])
        optimizer.zero_grad()
        loss.backward()  # DistributedDataParallel: gradients become the mean over all processes
        optimizer.step()
        losses.append(mean_over_processes(loss.detach()))
    return losses


def place():
    """Number of this process, from 0, and how many there are (pair of int)."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def mean_over_processes(number):
    """The mean of a tensor of one number over all processes (float)."""
    if dist.is_initialized():
        dist.all_reduce(number)  # the sum, in every process
        number = number / dist.get_world_size()
    return number.item()


def main():
    """Join the other processes if this is one of several, train, and let the first process print a line of JSON."""
    torch.set_num_threads(1)  # each process takes one core
    one_of_several = "RANK" in os.environ  # set by torchrun, or by hand as in chapter 05
    if one_of_several:
        dist.init_process_group("gloo", timeout=PATIENCE)
    losses, (rank, processes) = train(), place()
    if rank == 0:
        print(json.dumps({"processes": processes, "losses": [round(loss, 6) for loss in losses]}), flush=True)
    if one_of_several:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
