"""What a reader says at every place of a line: one pass, or window after window."""

import torch

FIELD, STEP = 32, 4  # pixels of LeNet's field, and between neighbouring answers (two poolings of 2)


def cut_windows(X, field=FIELD, step=STEP):
    """All windows of lines, each `step` pixels to the right of the last: (B, C, H, W) -> (B, T, C, H, field)."""
    return X.unfold(3, field, step).permute(0, 3, 1, 2, 4)


def middles(width, field=FIELD, step=STEP):
    """The middle of each window in pixels from the left edge of a line of this width: float tensor (T,)."""
    return field / 2 + step * torch.arange((width - field) // step + 1)


def answers(reader, X, batch_size=100):
    """The map of answers of each line, in one pass.

    Args:
        reader: fully convolutional network, one row of answers high on these lines.
        X: normalised lines, float32 (B, 1, 32, W).
        batch_size: lines at once.

    Returns:
        log-probabilities, float32 (B, classes, T).

    Raises:
        ValueError: the reader gives no map, or several rows of answers.
    """
    training = reader.training
    reader.eval()
    try:
        with torch.inference_mode():
            maps = torch.cat([reader(part) for part in X.split(batch_size)])
    finally:
        reader.train(training)
    if maps.ndim != 4 or maps.shape[2] != 1:
        raise ValueError(
            f"Expected one row of answers (B, classes, 1, T), got {tuple(maps.shape)}. Turn the network with "
            "models.sliding.fully_convolutional, and give it lines that are as high as its field."
        )
    return maps[:, :, 0].log_softmax(1)
