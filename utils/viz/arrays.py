"""What comes into a figure: NumPy or PyTorch, checked before anything is drawn."""

import numpy as np


def to_numpy(values, name="values", finite=True):
    """NumPy array of numbers from a tensor (any device, with or without gradient), array or nested list.

    Args:
        values: what to convert; booleans become 0 and 1, half floats become float32.
        name: what to call it in error messages.
        finite: refuse NaN and infinity.

    Raises:
        TypeError: the values are not numbers.
        ValueError: there are none, they are ragged, or (with `finite`) NaN or infinite.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = (values.float() if values.is_floating_point() and values.element_size() < 4 else values).numpy()
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name}: the rows have different lengths. Every row needs as many values.") from error
    if array.dtype == bool:
        array = array.astype(np.uint8)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name}: expected numbers, got {type(values).__name__} of {array.dtype}.")
    if array.size == 0:
        raise ValueError(f"{name}: nothing to draw, the shape is {array.shape}. Check the slice that made it.")
    if finite:
        _require_finite(array, name)
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _require_finite(array, name):
    bad = int((~np.isfinite(array)).sum()) if array.dtype.kind == "f" else 0
    if bad:
        raise ValueError(
            f"{name}: {bad} of {array.size} values are NaN or infinite. Find where they come from "
            "(a division by zero, a learning rate too high), or replace them with np.nan_to_num."
        )


def require_rank(array, ranks, name, expected):
    """Raise ValueError unless the array's number of axes is one of `ranks`; `expected` says the shapes in words."""
    if array.ndim not in ranks:
        raise ValueError(f"{name}: expected {expected}, got shape {array.shape}. Index or reshape it first, e.g. X[0].")


def to_pictures(images, name="images"):
    """List of pictures, (H, W) or (H, W, 3), from whatever holds images.

    Args:
        images: one picture or several: an array or tensor (H, W), (N, H, W), (C, H, W), (H, W, C) or (N, C, H, W),
            (N, H, W, C); or a list or the values of a dict of such single pictures, of any sizes. C is 1 or 3.

    Raises:
        ValueError: another rank or number of channels.
    """
    if isinstance(images, dict):
        images = list(images.values())
    if isinstance(images, (list, tuple)) and images and all(hasattr(image, "ndim") for image in images):
        return [_channels_last(to_numpy(image, f"{name}[{i}]"), name) for i, image in enumerate(images)]
    array = to_numpy(images, name)
    require_rank(array, (2, 3, 4), name, "pictures (H, W), (N, H, W), (N, 1, H, W) or (N, 3, H, W)")
    several = array.ndim == 4 or (array.ndim == 3 and array.shape[0] not in (1, 3) and array.shape[2] != 3)
    return [_channels_last(image, name) for image in (array if several else array[None])]


def _channels_last(image, name):
    """(H, W) or (H, W, 3) from a picture with its channels first, last, or absent."""
    require_rank(image, (2, 3), name, "each picture as (H, W), (1, H, W), (3, H, W) or (H, W, 3)")
    if image.ndim == 2:
        return image
    if image.shape[0] in (1, 3) and image.shape[2] not in (1, 3):
        image = np.moveaxis(image, 0, -1)
    if image.shape[2] not in (1, 3):
        raise ValueError(
            f"{name}: a picture has 1 channel (grey) or 3 (red, green, blue), this one has shape {image.shape}. "
            "For the channels inside a network use viz.feature_maps."
        )
    return image[..., 0] if image.shape[2] == 1 else image


def titles_for(titles, count, name="titles"):
    """`count` strings from a list of titles, or empty ones from None.

    Raises:
        ValueError: there are fewer or more titles than `count`.
    """
    if titles is None:
        return [""] * count
    titles = [str(title) for title in titles]
    if len(titles) != count:
        raise ValueError(f"{name}: {len(titles)} for {count} panels. Give one for each, or none.")
    return titles
