"""What the checks of chapter 14 compare with: a transposed convolution, a decoder, a vote, and the slips in each."""

import torch
import torch.nn.functional as F
from torch import nn


def stamped(values, kernel, stride, put=torch.add):
    """Each value times the kernel, `stride` apart: (stride * (n - 1) + k,). `put(old, new)` says how stamps meet."""
    output = torch.zeros(stride * (len(values) - 1) + len(kernel))
    for i, value in enumerate(values):
        place = slice(i * stride, i * stride + len(kernel))
        output[place] = put(output[place], value * kernel)
    return output


def of_stamps(values, kernel, stride):
    """Slips in a transposed convolution: message -> what comes out."""
    right = stamped(values, kernel, stride)
    return {
        "Where two stamps overlap, the later one replaced the earlier one. They add up: +=, not =.": stamped(
            values, kernel, stride, put=lambda old, new: new
        ),
        "The values are right, with two axes too many: return a single axis.": right[None, None],
        "You stepped by 1. The next stamp begins `stride` places further on.": stamped(values, kernel, 1),
        "Your kernel is flipped. Each value stamps it as it is.": stamped(values, kernel.flip(0), stride),
        "You cut the end off: the last stamp needs all its places, stride * (n - 1) + k in all.": (
            right[: stride * len(values)]
        ),
        "You stamped the kernel itself. Multiply it by the value first.": stamped(
            torch.ones_like(values), kernel, stride
        ),
        "That is an ordinary convolution: it gathers. Here each value is given out to several places.": (
            F.conv1d(values[None, None], kernel[None, None], stride=stride)[0, 0]
            if len(values) >= len(kernel)
            else right
        ),
    }


class Decoder(nn.Module):
    """The decoder of the exercise, code (B, D) -> (B, 1, 28, 28), and with options its slips.

    Args:
        inner: activations behind the dense layer and the first transposed convolution.
        last: behind the second one.
        padding, kernel: of both transposed convolutions.
        channels_last: read the dense layer's output as (7, 7, 32).
    """

    def __init__(self, code, inner=(F.relu, F.relu), last=torch.sigmoid, padding=1, kernel=4, channels_last=False):
        super().__init__()
        self.inner, self.last, self.channels_last = inner, last, channels_last
        self.dense = nn.Linear(code, 32 * 7 * 7)
        self.up1 = nn.ConvTranspose2d(32, 16, kernel, stride=2, padding=padding)
        self.up2 = nn.ConvTranspose2d(16, 1, kernel, stride=2, padding=padding)

    def forward(self, codes):
        """Codes (B, D) to images."""
        maps = self.inner[0](self.dense(codes))
        maps = maps.view(-1, 7, 7, 32).permute(0, 3, 1, 2) if self.channels_last else maps.view(-1, 32, 7, 7)
        return self.last(self.up2(self.inner[1](self.up1(maps))))


def same(values):
    """No activation."""
    return values


WRONG_DECODERS = {
    "The sigmoid at the end is missing: pixels lie between 0 and 1.": {"last": same},
    "You ended with a ReLU. It bounds pixels from below only; a sigmoid keeps them between 0 and 1.": {"last": F.relu},
    "You ended with tanh, which goes from -1 to 1. Pixels lie between 0 and 1: take a sigmoid.": {"last": torch.tanh},
    "The ReLU after the dense layer is missing.": {"inner": (same, F.relu)},
    "The ReLU between the two transposed convolutions is missing.": {"inner": (F.relu, same)},
    "Both ReLUs are missing: without them the layers before the sigmoid are one linear map.": {"inner": (same, same)},
    "Your maps grow too large: with a kernel of 4 and stride 2, padding=1 cuts one pixel off each side.": {
        "padding": 0
    },
    "With padding 1, a kernel of 3 turns a side of 7 into 13. A kernel of 4 doubles it exactly.": {"kernel": 3},
    "You read the 1,568 numbers as (7, 7, 32). Channels come first: (32, 7, 7).": {"channels_last": True},
}


def voted(found, choose):
    """For each row the label that `choose(most frequent labels, row)` picks of the most frequent: (Q,)."""
    chosen = []
    for row in found.tolist():
        most = max(row.count(label) for label in row)
        chosen.append(choose([label for label in row if row.count(label) == most], row))
    return torch.tensor(chosen)


def of_votes(found):
    """Slips in a vote of neighbours, the nearest first: message -> labels."""
    labels = {
        "You averaged the labels. They are names: between a 1 and a 7 there lies no 4. Count the votes.": (
            found.float().mean(1).round().long()
        ),
        "You took the median. Labels are names and have no order that means anything. Count the votes.": (
            found.median(1).values
        ),
        "You asked the nearest neighbour alone. All k of them vote.": found[:, 0],
        "Equally many votes: you took the smallest label. Let the nearest neighbour decide.": voted(
            found, lambda most, row: min(most)
        ),
        "Equally many votes: you took the largest label. Let the nearest neighbour decide.": voted(
            found, lambda most, row: max(most)
        ),
        "Equally many votes: you took the label of the farthest neighbour. Let the nearest decide.": voted(
            found, lambda most, row: most[-1]
        ),
    }
    rarest = voted(found, lambda most, row: min(row, key=row.count))
    return labels | {"You took the label with the fewest votes. The most votes win.": rarest, **_columns(found)}


def _columns(found):
    """Votes along the wrong axis."""
    return {
        "You counted down the columns. Each question has its row of neighbours.": voted(
            found.T, lambda most, row: most[0]
        )
    }
