"""Half of a data set (training or test) as two tensors."""

from dataclasses import dataclass, replace

import torch
from torch.utils.data import DataLoader, Dataset


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Images and labels of the training or the test half of a data set.

    Attributes:
        images: uint8 (N, C, H, W), values 0 to 255.
        labels: int64 (N,), each in [0, len(classes)).
        classes: list of str, the name of each label.
        mean, std: tuples of C floats: mean and standard deviation of each channel over the *training* images, with
            pixels in [0, 1]. The test half carries the same numbers: both must be normalised alike.
        name: what it is, in words.

    Raises:
        TypeError, ValueError: an attribute is not as described above.
    """

    images: torch.Tensor
    labels: torch.Tensor
    classes: list
    mean: tuple
    std: tuple
    name: str

    def __post_init__(self):
        _check_tensors(self.images, self.labels)
        channels, lowest, highest = self.images.shape[1], int(self.labels.min()), int(self.labels.max())
        if lowest < 0 or highest >= len(self.classes):
            raise ValueError(
                f"labels go from {lowest} to {highest}, but there are {len(self.classes)} classes: "
                f"expected 0 to {len(self.classes) - 1}."
            )
        if not len(self.mean) == len(self.std) == channels:
            raise ValueError(f"mean and std need one number for each of the {channels} channels.")
        if min(self.std) <= 0:
            raise ValueError(f"std must be above 0, not {self.std}: a channel that never varies can't be normalised.")

    def __len__(self):
        return len(self.labels)

    def __repr__(self):
        channels, height, width = self.images.shape[1:]
        return f"Split({self.name!r}: {len(self):,} images {channels}x{height}x{width}, {len(self.classes)} classes)"

    def normalised(self, index=None):
        """Images as a network takes them: (pixel / 255 - mean) / std.

        Args:
            index: which images: None for all, an int, slice, list or tensor of indices.

        Returns:
            float32 tensor (B, C, H, W); a single int gives B = 1.
        """
        index = slice(None) if index is None else [index] if isinstance(index, int) else index
        mean, std = (torch.tensor(values).mul_(255).view(-1, 1, 1) for values in (self.mean, self.std))
        return self.images[index].float().sub_(mean).div_(std)

    def scaled(self, paper, ink):
        """The same images for a network that was trained on another scale: `normalised` goes from `paper` to `ink`.

        Args:
            paper, ink: floats, what a pixel of 0 and one of 255 become; `ink` is the larger one.

        Returns:
            Split that shares its images with this one.
        """
        if not ink > paper:
            raise ValueError(f"ink must be larger than paper, not {ink!r} against {paper!r}.")
        channels = self.images.shape[1]
        mean, std = (-paper / (ink - paper),) * channels, (1 / (ink - paper),) * channels
        return replace(self, mean=mean, std=std)

    def padded(self, margin):
        """The same images with `margin` pixels of 0 on each side: (N, C, H + 2 margin, W + 2 margin)."""
        return replace(self, images=torch.nn.functional.pad(self.images, (margin,) * 4))

    def changed(self, function):
        """The same split with other pixels: what `function` makes of the images, such as one of `utils.data.distort`.

        Args:
            function: float (N, C, H, W) in [0, 1] -> the same number of images; values beyond [0, 1] are cut off.

        Returns:
            Split with this one's labels, mean and std.
        """
        X = function(self.images.float() / 255)
        return replace(self, images=(255 * X).round().clamp(0, 255).to(torch.uint8))

    def subset(self, n, seed=0):
        """`n` images drawn at random, each class with its share of the whole, in their original order.

        Args:
            n: how many, from 1 to len(self).
            seed: int; the same seed draws the same images.

        Returns:
            Split with the mean and std of this one.
        """
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= len(self):
            raise ValueError(f"n must be a whole number from 1 to {len(self)}, not {n!r}.")
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))
        shares = _shares(torch.bincount(self.labels, minlength=len(self.classes)), n)
        chosen = torch.cat([order[self.labels[order] == label][:k] for label, k in enumerate(shares)]).sort().values
        name = f"{self.name}, {n:,} of {len(self):,}"
        return replace(self, images=self.images[chosen], labels=self.labels[chosen], name=name)

    def loader(self, batch_size=128, shuffle=True, seed=0):
        """PyTorch's usual DataLoader over this split; `utils.train.fit` does without one and is faster.

        Args:
            batch_size: images a batch; the last batch holds what is left.
            shuffle: draw a new order for every epoch.
            seed: int that fixes all these orders.

        Returns:
            DataLoader of (X float32 (B, C, H, W) normalised, y int64 (B,)).
        """
        generator = torch.Generator().manual_seed(seed)
        return DataLoader(_Samples(self), batch_size, shuffle, generator=generator, collate_fn=lambda batch: batch)


class _Samples(Dataset):
    """A split as DataLoader wants it; `__getitems__` lets it fetch a whole batch in one indexing operation."""

    def __init__(self, split):
        self.split = split

    def __len__(self):
        return len(self.split)

    def __getitem__(self, index):
        return self.split.normalised(index)[0], self.split.labels[index]

    def __getitems__(self, indices):
        return self.split.normalised(indices), self.split.labels[indices]


def statistics(images):
    """Mean and standard deviation of each channel, pixels in [0, 1], exact: two tuples of C floats.

    Counting how often each of the 256 values occurs takes no float copy of the images (uint8 (N, C, H, W)).
    """
    counts = torch.stack([torch.bincount(channel.flatten(), minlength=256) for channel in images.unbind(1)])
    share = counts.double() / counts.sum(1, keepdim=True)
    values = torch.arange(256, dtype=torch.float64) / 255
    mean = (share * values).sum(1)
    variance = (share * (values - mean[:, None]) ** 2).sum(1)
    return tuple(mean.tolist()), tuple(variance.sqrt().tolist())


def pair(name, classes, train_images, train_labels, test_images, test_labels):
    """Both halves of a data set as (train, test) Splits, normalised by the training half.

    Images are uint8 arrays (N, C, H, W), labels integer arrays (N,).
    """
    train, test = torch.from_numpy(train_images), torch.from_numpy(test_images)
    mean, std = statistics(train)
    halves = (("train", train, train_labels), ("test", test, test_labels))
    return tuple(
        Split(images, torch.from_numpy(labels.astype("int64")), list(classes), mean, std, f"{name} {half}")
        for half, images, labels in halves
    )


def _check_tensors(images, labels):
    if not torch.is_tensor(images) or images.dtype != torch.uint8:
        raise TypeError(f"images must be a uint8 tensor, not {getattr(images, 'dtype', type(images).__name__)}.")
    if not torch.is_tensor(labels) or labels.dtype != torch.int64:
        raise TypeError(f"labels must be an int64 tensor, not {getattr(labels, 'dtype', type(labels).__name__)}.")
    if images.ndim != 4 or 0 in images.shape:
        raise ValueError(f"images must be (N, C, H, W) with nothing empty, not {tuple(images.shape)}.")
    if labels.shape != images.shape[:1]:
        raise ValueError(f"{len(images)} images need labels of shape ({len(images)},), not {tuple(labels.shape)}.")


def _shares(counts, n):
    """Split n over the classes in proportion to their counts; largest remainders get the images left over."""
    exact = counts.double() * n / counts.sum()
    shares = exact.long()
    left = n - int(shares.sum())
    shares[(exact - shares).argsort(descending=True, stable=True)[:left]] += 1
    return shares.tolist()
