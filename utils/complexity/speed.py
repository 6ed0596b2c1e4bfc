"""How many images a second a model reads on this machine."""

import statistics
import time

import torch


def throughput(model, input_shape, batch_size=4, seconds=1.0):
    """Images a second of the forward pass in evaluation mode, on random images, on the device of the model.

    Args:
        model: nn.Module; its mode and the random numbers stay as they are.
        input_shape: shape of one image, without the batch.
        batch_size: images in each forward pass.
        seconds: how long to measure; at least 3 passes are timed, after one that is not.

    Returns:
        {"images_per_second": median of the passes, "low", "high": the slowest and fastest of them, "passes": how many}.

    Raises:
        ValueError: the batch is empty.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}.")
    like = next(model.parameters(), torch.empty(0))
    X = torch.rand(batch_size, *input_shape, generator=torch.Generator().manual_seed(0)).to(like)
    training = {module: module.training for module in model.modules()}
    try:
        speeds = [batch_size / took for took in _timed(model.eval(), X, seconds)]
    finally:
        for module, mode in training.items():
            module.training = mode
    median = statistics.median(speeds)
    return {"images_per_second": median, "low": min(speeds), "high": max(speeds), "passes": len(speeds)}


@torch.inference_mode()
def _timed(model, X, seconds):
    """Seconds of each pass."""
    _finished(model(X))
    took, end = [], time.perf_counter() + seconds
    while len(took) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        _finished(model(X))
        took.append(time.perf_counter() - start)
    return took


def _finished(output):
    """Wait for an accelerator: it works on after the call has returned."""
    if output.is_cuda:
        torch.cuda.synchronize(output.device)
    elif output.device.type == "mps":
        torch.mps.synchronize()
