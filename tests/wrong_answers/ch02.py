"""Wrong answers that learners give in chapter 02, each named for the mistake it makes."""

import torch
import torch.nn.functional as F

from utils.checks.ch02 import PREWITT, SOBEL


def _filtered(image, kernel, padding=0):
    return F.conv2d(image[None, None], kernel[None, None], padding=padding)[0, 0]


def _magnitude(combine, kernel=PREWITT, padding=0):
    return lambda image: combine(_filtered(image, kernel, padding), _filtered(image, kernel.T, padding))


def _length(gx, gy):
    return (gx.square() + gy.square()).sqrt()


def _magnitude_in_place(image):
    result = _magnitude(_length)(image)
    image -= image.min()
    return result


def _magnitude_of_a_square(image):
    side = min(image.shape)
    return _magnitude(_length)(image[:side, :side])


def _degrees(gy, gx):
    return torch.rad2deg(torch.atan2(gy, gx))


def _separable(kernel):
    return lambda image, column, row: _filtered(image, kernel(column, row))


def _steered(first, second=None, angle=torch.deg2rad):
    second = first.T if second is None else second

    def answer(degrees):
        alpha = angle(torch.tensor(float(degrees)))
        return alpha.cos() * first + alpha.sin() * second

    return answer


def _framed(mode="replicate", kernel=PREWITT, scale=3):
    return lambda image: _filtered(F.pad(image[None, None], (1, 1, 1, 1), mode=mode)[0, 0], kernel) / scale


def _learn(step=True, clear=True, sign=1, flip=False, batch=slice(None), steps=400, lr=0.1, detach=True):
    def answer(X, target):
        kernel = torch.zeros(1, 1, 3, 3, requires_grad=True)
        optimizer = torch.optim.Adam([kernel], lr=lr)
        for _ in range(steps):
            if clear:
                optimizer.zero_grad()
            used = kernel.flip(2, 3) if flip else kernel
            F.mse_loss(sign * F.conv2d(X[batch], used), target[batch]).backward()
            if step:
                optimizer.step()
        return kernel.detach()[0, 0] if detach else kernel.detach()

    return answer


WRONG = {
    "prewitt_magnitude": {
        "forgets the root": _magnitude(lambda gx, gy: gx.square() + gy.square()),
        "adds absolute values": _magnitude(lambda gx, gy: gx.abs() + gy.abs()),
        "adds with signs": _magnitude(lambda gx, gy: gx + gy),
        "uses x only": _magnitude(lambda gx, gy: gx.abs()),
        "uses y only": _magnitude(lambda gx, gy: gy.abs()),
        "uses the same kernel twice": _magnitude(lambda gx, gy: _length(gx, gx)),
        "averages the squares": _magnitude(lambda gx, gy: _length(gx, gy) / 2**0.5),
        "takes the larger one": _magnitude(lambda gx, gy: torch.maximum(gx.abs(), gy.abs())),
        "uses Sobel": _magnitude(_length, kernel=SOBEL),
        "pads": _magnitude(_length, padding=1),
        "divides by 3": _magnitude(lambda gx, gy: _length(gx, gy) / 3),
        "right only for square pictures": _magnitude_of_a_square,
        "writes into its input": _magnitude_in_place,
    },
    "gradient_direction": {
        "uses atan": lambda gx, gy: torch.rad2deg(torch.atan(gy / gx)),
        "returns radians": lambda gx, gy: torch.atan2(gy, gx),
        "exchanges gx and gy": lambda gx, gy: _degrees(gx, gy),
        "turns the wrong way": lambda gx, gy: _degrees(-gy, gx),
        "runs from 0 to 360": lambda gx, gy: _degrees(gy, gx) % 360,
        "follows the edge": lambda gx, gy: _degrees(gx, -gy),
        "takes absolute values": lambda gx, gy: _degrees(gy.abs(), gx.abs()),
    },
    "filter_separable": {
        "exchanges column and row": _separable(lambda column, row: row[:, None] * column),
        "flips both": _separable(lambda column, row: (column[:, None] * row).flip(0, 1)),
        "flips the row": _separable(lambda column, row: (column[:, None] * row).flip(1)),
        "makes the column pass only": _separable(lambda column, row: column[:, None]),
        "makes the row pass only": _separable(lambda column, row: row[None]),
        "adds the kernels": _separable(lambda column, row: column[:, None] + row),
        "pads": lambda image, column, row: F.conv2d(
            image[None, None], (column[:, None] * row)[None, None], padding="same"
        )[0, 0],
        "scales the column": _separable(lambda column, row: column[:, None] * row / column.sum()),
    },
    "sobel_at": {
        "gives degrees to cos": _steered(SOBEL, angle=lambda degrees: degrees),
        "exchanges cos and sin": _steered(SOBEL.T),
        "turns the wrong way": _steered(SOBEL, -SOBEL.T),
        "uses Prewitt": _steered(PREWITT),
        "flips the kernel": _steered(-SOBEL),
        "uses the same kernel twice": _steered(SOBEL, SOBEL),
        "divides by 4": _steered(SOBEL / 4),
        "mixes in proportion to the angle": lambda degrees: (1 - degrees / 90) * SOBEL + degrees / 90 * SOBEL.T,
    },
    "prewitt_like_skimage": {
        "pads with zeros": _framed("constant"),
        "leaves the outermost pixel out of the mirror": _framed("reflect"),
        "wraps around": _framed("circular"),
        "forgets the scale": _framed(scale=1),
        "divides by 9": _framed(scale=9),
        "divides by 6": _framed(scale=6),
        "flips the kernel": _framed(kernel=-PREWITT),
        "finds horizontal edges": _framed(kernel=PREWITT.T),
        "loses the border": lambda image: _filtered(image, PREWITT) / 3,
        "fills the border with zeros": lambda image: F.pad(_filtered(image, PREWITT) / 3, (1, 1, 1, 1)),
    },
    "learn_kernel": {
        "never steps": _learn(step=False),
        "goes for the negative": _learn(sign=-1),
        "learns the flipped kernel": _learn(flip=True),
        "transposes the kernel": lambda X, target: _learn()(X, target).T,
        "stops too early": _learn(steps=5),
        "returns a batch": _learn(detach=False),
        "returns Prewitt's kernel": lambda X, target: PREWITT.clone(),
    },
}
