"""A split that lies on the device as a whole, and batches of it."""

import torch


class Resident:
    """Images and labels of a split on one device, normalised a batch at a time.

    uint8 images take a quarter of the memory of float32 ones and a quarter of the traffic of every batch.

    Args:
        split: object with .images uint8 (N, C, H, W), .labels int64 (N,), .mean and .std (C floats each).
        device: torch.device.
        memory_format: of the batches, torch.contiguous_format or torch.channels_last.
    """

    def __init__(self, split, device, memory_format=torch.contiguous_format):
        self.images = split.images.to(device)
        self.labels = split.labels.to(device)
        self.memory_format = memory_format
        self.mean, self.std = (
            torch.tensor(values, dtype=torch.float32, device=device).view(-1, 1, 1)
            for values in (split.mean, split.std)
        )
        self._mean_255, self._std_255 = self.mean * 255, self.std * 255

    def __len__(self):
        return len(self.labels)

    def batch(self, index, augment=None):
        """Normalised images and their targets.

        Args:
            index: slice or int64 tensor (B,) on the device.
            augment: function of (X, y) that gives (X, y): X float32 (B, C, H, W) in [0, 1] and not yet normalised.

        Returns:
            X float32 (B, C, H, W) and y: int64 (B,), or what `augment` made of it.
        """
        # index_select copies whole images; indexing with a tensor goes byte by byte and takes five times as long.
        if isinstance(index, slice):
            pixels, y = self.images[index], self.labels[index]
        else:
            pixels, y = self.images.index_select(0, index), self.labels.index_select(0, index)
        X = pixels.float()
        if augment is None:
            X = X.sub_(self._mean_255).div_(self._std_255)
        else:
            X, y = augment(X.div_(255), y)
            X = (X - self.mean) / self.std
        return X.contiguous(memory_format=self.memory_format), y


def batch_slices(n, batch_size, least=2):
    """Slices that cut `n` samples into batches.

    Every sample is used. Where fewer than `least` would be left over, they join the batch before them: batch
    normalisation cannot take the variance of a single sample.

    Args:
        n: number of samples, at least 1.
        batch_size: samples a batch, at least 1; the last batch may hold fewer, or up to `least` - 1 more.
        least: two samples for each of the processes that share a batch.
    """
    starts = list(range(0, n, batch_size))
    if n - starts[-1] < min(least, batch_size) and len(starts) > 1:
        starts.pop()
    return [slice(start, stop) for start, stop in zip(starts, [*starts[1:], n], strict=True)]
