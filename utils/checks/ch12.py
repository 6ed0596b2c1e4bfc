"""Checks of chapter 12, Reading cheques. `check.name(answer)` judges the learner's `answer`."""

import torch
from torch import nn

from utils.checks import _ch12_slips as slips
from utils.checks._harness import Mistake, as_is, build, compare, exercise, integers, run, tensor

__all__ = [
    "best_path",
    "collapse",
    "count_mistakes",
    "dense_to_conv",
    "frame_kernel",
    "window_places",
]


@exercise("A dense layer as a convolution")
def dense_to_conv(answer):
    """answer(dense nn.Linear, shape (C, H, W)) -> nn.Conv2d that gives at each place what the dense layer gives."""
    for (C, H, W), N, seed in [((3, 4, 4), 5, 0), ((2, 3, 5), 4, 1), ((6, 1, 1), 3, 2)]:
        dense = nn.Linear(C * H * W, N)
        dense.load_state_dict({"weight": tensor((N, C * H * W), seed), "bias": tensor((N,), seed + 9) + 1})
        layer = build(answer, dense, (C, H, W))
        if not isinstance(layer, nn.Conv2d):
            raise Mistake(f"An nn.Conv2d is expected, and yours is a {type(layer).__name__}.")
        X = tensor((2, C, H + 6, W + 6), seed + 5)
        with torch.no_grad():
            windows = X.unfold(2, H, 1).unfold(3, W, 1).permute(0, 2, 3, 1, 4, 5)
            expected = dense(windows.flatten(3)).permute(0, 3, 1, 2)
            wrong = {message: conv(X) for message, conv in slips.wrong_convolutions(dense, (C, H, W)).items()}
            _require_weights(layer, dense)
            got = run(layer, as_is(X)).detach()
        compare(got, expected, case=f"a dense layer behind maps {(C, H, W)}, on larger maps", atol=1e-4, mistakes=wrong)


def _require_weights(layer, dense):
    """The numbers of the dense layer, in whatever order."""
    got, wanted = layer.weight.detach().flatten().sort().values, dense.weight.flatten().sort().values
    if len(got) != len(wanted):
        raise Mistake(
            f"Your kernels have {len(got)} weights, the dense layer {len(wanted)}: one kernel as large as the maps, "
            "C x H x W, for each of its outputs."
        )
    if not torch.allclose(got, wanted, atol=1e-6):
        raise Mistake("Your convolution has weights of its own. Copy those of the dense layer.")


LENET = [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)]


@exercise("Where the windows of a pass lie")
def window_places(answer):
    """answer(width, layers [(kernel, stride), ...]) -> list of (first, behind the last) pixel of each window."""
    for width, layers in [(44, LENET), (61, [(3, 2), (3, 1), (3, 3)]), (30, [(5, 1), (3, 1)]), (75, [*LENET, (3, 2)])]:
        compare(
            run(answer, width, layers),
            slips.places(width, layers),
            case=f"width {width}, layers {layers}",
            mistakes=slips.wrong_places(width, layers),
        )


@exercise("The simple way to read a map")
def collapse(answer):
    """answer(answers, list of the best class of each column, nothing) -> list of digits."""
    cases = [
        [10, 4, 4, 10, 10, 0, 10, 7, 10],
        [3, 3, 10, 5, 10, 3, 10, 5],
        [3, 3, 10, 3, 10, 1, 1, 1, 10, 10, 5],
        [10, 10, 10],
        [9, 2, 2, 10, 2, 10, 0, 0, 6],
        integers(20, 4, 8, 11).tolist(),
    ]
    for answers in cases:
        compare(
            run(answer, answers, 10),
            slips.read(answers, 10),
            case=f"answers {answers}",
            mistakes=slips.wrong_readings(answers, 10),
        )


@exercise("The best path along the line")
def best_path(answer):
    """answer(gain, list of floats, least) -> columns of the best path, at least `least` apart, from left to right."""
    cases = [
        ([2.0, -1.0, 3.0, -1.0, 2.0], 2),
        ([1.0, 4.0, -3.0, -5.0, 2.0, -1.0, 6.0, 2.5], 3),
        ([-4.0, 3.0, 5.0, 3.5, -2.0, 1.0], 2),
        ([-1.0, -2.0, -0.5], 2),
        ([2.0, 3.0, 2.0, -1.0, 0.5, 3.0, 2.8, 0.1, 2.9], 2),
        ([5.0, 6.0, 2.0, 5.5, -1.0, 4.0], 1),
        *[([round(value, 1) for value in (3 * tensor(12, seed)).tolist()], 2 + seed % 3) for seed in range(4)],
    ]
    for gain, least in cases:
        got = run(answer, gain, least)
        mistakes = slips.wrong_paths(gain, least)
        compare(got, slips.path(gain, least), case=f"gain {gain}, least {least}", mistakes=mistakes)


@exercise("How many mistakes?")
def count_mistakes(answer):
    """answer(written, read) -> the fewest single mistakes (misread, missed, invented) between two texts."""
    for written, read in [
        ("4073", "4078"),
        ("40738", "91758"),
        ("1123", "3215"),
        ("40731", "4731"),
        ("4073", "41073"),
        ("1357", "357"),
        ("90210", "1921"),
        ("66", "666"),
        ("8", ""),
        ("2048", "2048"),
    ]:
        compare(
            run(answer, written, read),
            slips.distance(written, read),
            case=f"{written!r} was written, {read!r} was read",
            mistakes=slips.wrong_counts(written, read),
        )


@exercise("A kernel in the shape of the box")
def frame_kernel(answer):
    """answer(height, width) -> (height, width): 1 / n on a frame of 2 pixels, - 1 / m on the 2 pixels inside it."""
    for height, width in [(12, 20), (9, 11), (14, 10)]:
        compare(
            run(answer, height, width),
            slips.frame(height, width),
            case=f"height {height}, width {width}",
            mistakes=slips.wrong_frames(height, width),
        )
