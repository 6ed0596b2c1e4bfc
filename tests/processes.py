"""Processes that train together, as torchrun starts them, but with PyTorch ready: torchrun needs seconds for each."""

import multiprocessing
import os
import sys
from pathlib import Path

from tests.browser.lab import free_port

FORKSERVER = "forkserver" in multiprocessing.get_all_start_methods()  # not on Windows
CONTEXT = multiprocessing.get_context("forkserver" if FORKSERVER else "spawn")
CONTEXT.set_forkserver_preload(["utils.parallel", "utils.train", "utils.models", "utils.train_cli"])


class Together:
    """Processes that call one function, each with its place in the environment; what the first prints is kept."""

    def __init__(self, count: int, log: Path, main, *arguments):
        """Start them.

        Args:
            count: how many.
            log: file for what the first one prints; the others' stand beside it.
            main: function of a module, whose result is the exit status.
            arguments: of that function.
        """
        self.log, port = log, str(free_port())
        self.processes = []
        for rank in range(count):
            place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "MASTER_PORT": port}
            environment = {"MASTER_ADDR": "127.0.0.1", **{name: str(value) for name, value in place.items()}}
            output = log if rank == 0 else log.with_suffix(f".{rank}")
            started = CONTEXT.Process(
                target=_take_part, args=(environment if count > 1 else {}, output, main, arguments)
            )
            started.start()
            self.processes.append(started)

    def kill(self):
        """End all of them at once, in the middle of whatever they do."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.join()

    def finish(self) -> str:
        """What the first one printed, once all have ended well."""
        for process in self.processes:
            process.join(300)
        said = self.log.read_text("utf-8")
        assert [process.exitcode for process in self.processes] == [0] * len(self.processes), said
        return said


def _take_part(environment, output, main, arguments):
    os.environ.update(environment)
    with output.open("w", encoding="utf-8") as sink:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    import torch

    torch.set_num_threads(1)
    status = main(*arguments)
    sys.stdout.flush()
    sys.exit(status)
