"""How much memory a computation takes, as the operating system sees it."""

import threading
from contextlib import contextmanager

import psutil


@contextmanager
def peak_memory(every=0.002):
    """Watch the resident memory of this process while the block of a `with` runs.

    Sampled, not counted: it holds the weights, the maps, and whatever the libraries below PyTorch take for themselves,
    which PyTorch's own profiler does not see. What earlier work left behind blurs it: use a fresh process to compare
    models (`utils.zoo.alone`).

    Args:
        every: seconds between two samples.

    Yields:
        dict, filled at the end: "before" and "peak", both in bytes.
    """
    process, done = psutil.Process(), threading.Event()
    report = {"before": process.memory_info().rss}
    samples = [report["before"]]

    def sample():
        while not done.wait(every):
            samples.append(process.memory_info().rss)

    watcher = threading.Thread(target=sample, daemon=True)
    watcher.start()
    try:
        yield report
    finally:
        done.set()
        watcher.join()
        report["peak"] = max(*samples, process.memory_info().rss)
