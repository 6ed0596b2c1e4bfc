"""Checks of chapter 02, Edges. `check.name(answer)` judges the learner's `answer`."""

import torch
import torch.nn.functional as F

from utils.checks._harness import compare, exercise, run, tensor

__all__ = [
    "filter_separable",
    "gradient_direction",
    "learn_kernel",
    "prewitt_like_skimage",
    "prewitt_magnitude",
    "sobel_at",
]

PREWITT = torch.tensor([[-1.0, 0, 1]] * 3)
SOBEL = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def _filtered(image, kernel, padding=0):
    return F.conv2d(image[None, None], kernel[None, None], padding=padding)[0, 0]


def _said(image):
    return f"a picture of {image.shape[0]} x {image.shape[1]}"


@exercise("The strength of edges")
def prewitt_magnitude(answer):
    """answer(image (H, W)) -> (H - 2, W - 2), against two convolutions of PyTorch."""
    for seed, shape in enumerate([(6, 6), (5, 9), (3, 4)]):
        image = tensor(shape, seed=seed)
        gx, gy = _filtered(image, PREWITT), _filtered(image, PREWITT.T)
        sobel = [_filtered(image, kernel).square() for kernel in (SOBEL, SOBEL.T)]
        padded = [_filtered(image, kernel, padding=1).square() for kernel in (PREWITT, PREWITT.T)]
        magnitude = (gx.square() + gy.square()).sqrt()
        compare(
            run(answer, image),
            magnitude,
            case=_said(image),
            mistakes={
                "The root is missing: the length of an arrow is the root of the sum of squares.": magnitude.square(),
                "You added the two strengths up. An arrow's length is the root of the sum of squares.": gx.abs()
                + gy.abs(),
                "You added the answers with their signs, so that opposite edges cancel. Square them before you add.": gx
                + gy,
                "You used one direction only. The other kernel is its transpose.": gx.abs(),
                "You used Prewitt y only. You need both.": gy.abs(),
                "You used the same kernel twice. The second is the first, transposed.": 2**0.5 * gx.abs(),
                "You averaged the squares. Add them up.": magnitude / 2**0.5,
                "You took the larger of the two. Combine them: root of the sum of squares.": torch.maximum(
                    gx.abs(), gy.abs()
                ),
                "Those are Sobel's kernels, with 2 in the middle. Prewitt has 1.": (sobel[0] + sobel[1]).sqrt(),
                "You padded the picture. Keep only the places where the kernel fits.": (padded[0] + padded[1]).sqrt(),
                "You divided by 3, as scikit-image does. Here the kernels are used as they stand.": magnitude / 3,
                "You used the picture's height for its width too. It need not be square.": magnitude[:, : shape[0] - 2],
            },
        )


@exercise("The direction of the gradient")
def gradient_direction(answer):
    """answer(gx, gy) -> degrees in (-180, 180], against torch.atan2; with gx = 0 and all four quadrants."""
    for shape in [(4, 4), (2, 5)]:
        gx, gy = tensor(shape, seed=2), tensor(shape, seed=3)
        gx[0, 0], gy[0, 0] = 0.0, 1.0
        expected = torch.rad2deg(torch.atan2(gy, gx))
        compare(
            run(answer, gx, gy),
            expected,
            case=f"gx and gy of shape {shape}, in all directions",
            atol=1e-3,
            mistakes={
                "Left and right are mixed up: `atan(gy / gx)` cannot tell them apart. Use `torch.atan2(gy, gx)`.": (
                    torch.rad2deg(torch.atan(gy / gx))
                ),
                "Your angles are in radians. Return degrees.": torch.atan2(gy, gx),
                "You exchanged gx and gy: `atan2` takes the vertical part first.": torch.rad2deg(torch.atan2(gx, gy)),
                "The angles run the wrong way round: downwards is +90.": -expected,
                "Your angles run from 0 to 360. Return them from -180 to 180.": expected % 360,
                "That is the direction along the edge. The gradient points across it, towards the brighter side.": (
                    torch.rad2deg(torch.atan2(gx, -gy))
                ),
                "Opposite directions come out the same. Keep the signs: do not take absolute values.": torch.rad2deg(
                    torch.atan2(gy.abs(), gx.abs())
                ),
            },
        )


@exercise("Filter in two passes")
def filter_separable(answer):
    """answer(image, column (K,), row (L,)) -> (H - K + 1, W - L + 1), against the full kernel."""
    for shape, k, n in [((7, 7), 3, 3), ((6, 9), 2, 4), ((8, 5), 5, 1)]:
        image, column, row = tensor(shape, seed=k), tensor((k,), seed=n), tensor((n,), seed=n + 9)
        kernel = column[:, None] * row
        smoothed, different = _filtered(image, column[:, None]), _filtered(image, row[None])
        compare(
            run(answer, image, column, row),
            _filtered(image, kernel),
            case=f"{_said(image)}, column of {k}, row of {n}",
            atol=1e-4,
            mistakes={
                "You exchanged the two vectors: `column` runs down, `row` runs across.": _filtered(
                    image, row[:, None] * column
                ),
                "You flipped the kernels. Use them as they stand.": _filtered(image, kernel.flip(0, 1)),
                "You flipped the row. Use it as it stands.": _filtered(image, kernel.flip(1)),
                "You made the pass with `column` only. Send its result through a second pass, with `row`.": smoothed,
                "You made the pass with `row` only. The pass with `column` is missing.": different,
                "You added the two kernels. The second pass takes what the first gives, so they multiply.": _filtered(
                    image, column[:, None] + row
                ),
                "You padded the picture with zeros. Keep only the places where the kernel fits.": _padded(
                    image, kernel
                ),
                "You scaled the column to a sum of one. Use it as it stands.": _filtered(image, kernel / column.sum()),
            },
        )


def _padded(image, kernel):
    height, width = kernel.shape
    left, top = (width - 1) // 2, (height - 1) // 2
    framed = F.pad(image, (left, width - 1 - left, top, height - 1 - top))
    return _filtered(framed, kernel)


@exercise("A kernel for any angle")
def sobel_at(answer):
    """answer(degrees) -> kernel (3, 3)."""
    for degrees in (30, 90, 135, -60, 0):
        alpha = torch.deg2rad(torch.tensor(float(degrees)))
        cos, sin = alpha.cos(), alpha.sin()
        not_converted = torch.tensor(float(degrees))
        expected = cos * SOBEL + sin * SOBEL.T
        compare(
            run(answer, degrees),
            expected,
            case=f"{degrees} degrees",
            mistakes={
                "You gave degrees to `cos` and `sin`. They take radians: `torch.deg2rad`.": (
                    not_converted.cos() * SOBEL + not_converted.sin() * SOBEL.T
                ),
                "You exchanged cos and sin: at 0 degrees it must be Sobel x.": sin * SOBEL + cos * SOBEL.T,
                "The angle turns the wrong way: 90 degrees is downwards, so below minus above.": cos * SOBEL
                - sin * SOBEL.T,
                "Those are Prewitt's kernels. Sobel has 2 in the middle.": cos * PREWITT + sin * PREWITT.T,
                "The kernel is flipped: it must be positive on the brighter side.": -expected,
                "You used the same kernel twice. The second is the first, transposed.": (cos + sin) * SOBEL,
                "You scaled the kernel. Use Sobel's own numbers.": expected / 4,
                "You mixed the two kernels in proportion to the angle. Use cos and sin.": (
                    (1 - degrees / 90) * SOBEL + degrees / 90 * SOBEL.T
                ),
            },
        )


@exercise("Prewitt as scikit-image has it")
def prewitt_like_skimage(answer):
    """answer(image (H, W)) -> (H, W), against a convolution of the framed picture."""
    for seed, shape in enumerate([(5, 5), (4, 7)]):
        image = tensor(shape, seed=seed)
        framed = {
            mode: F.pad(image[None, None], (1, 1, 1, 1), mode=mode)[0, 0]
            for mode in ("replicate", "reflect", "circular", "constant")
        }
        expected = _filtered(framed["replicate"], PREWITT) / 3
        compare(
            run(answer, image),
            expected,
            case=_said(image),
            mistakes={
                "The border is filled with zeros, so it becomes an edge. Repeat the outermost pixels.": (
                    _filtered(framed["constant"], PREWITT) / 3
                ),
                "The mirror leaves the outermost pixel out. Repeat it: the mode is 'replicate' here.": (
                    _filtered(framed["reflect"], PREWITT) / 3
                ),
                "The picture is wrapped around. Repeat its outermost pixels.": _filtered(framed["circular"], PREWITT)
                / 3,
                "The scale is missing: divide by 3.": expected * 3,
                "You divided by 9. The scale is 3, so that a step from 0 to 1 gives 1.": expected / 3,
                "You divided by 6. The scale is 3.": expected / 2,
                "The sign is wrong: brighter to the right must be positive. Did you flip the kernel?": -expected,
                "That is Prewitt y, which finds horizontal edges. Use Prewitt x.": _filtered(
                    framed["replicate"], PREWITT.T
                )
                / 3,
                "Your map lost its border. Frame the picture first, so that it keeps its size.": (
                    _filtered(image, PREWITT) / 3
                ),
                "You filled the border of the map with zeros. Frame the picture and filter all of it.": F.pad(
                    _filtered(image, PREWITT) / 3, (1, 1, 1, 1)
                ),
            },
        )


def _nearer_than_zero(got, hidden):
    return type(got) is torch.Tensor and got.shape == hidden.shape and (got - hidden).norm() < hidden.norm()


@exercise("Learn any kernel", seconds=20)
def learn_kernel(answer):
    """answer(X, target) -> kernel (3, 3); the hidden kernels are found to 0.02, whatever the loop looks like."""
    for shape, seed in [((3, 1, 12, 12), 0), ((1, 1, 9, 17), 1)]:
        X, hidden = tensor(shape, seed=seed), tensor((3, 3), seed=seed + 5)
        hidden[2, 0] += 1.5  # no symmetry, so that flipped and transposed kernels differ
        target = F.conv2d(X, hidden[None, None])
        got = run(answer, X, target)
        compare(
            got,
            hidden,
            case=f"{shape[0]} picture(s) of {shape[2]} x {shape[3]}, filtered with a hidden kernel",
            atol=0.02,
            mistakes={
                "You found the kernel flipped. `F.conv2d` does not flip: filter with the kernel itself.": hidden.flip(
                    0, 1
                ),
                "You found the kernel transposed. Look at its rows and columns.": hidden.T,
                "You found the kernel with the wrong sign. Is the loss minimised?": -hidden,
                "The kernel never moved from zero. Is `step` called, after `backward`?": torch.zeros(3, 3),
                "You returned Prewitt's kernel. The hidden one is another: learn it from X and target.": PREWITT,
                "The kernel is right, with two axes too many: return (3, 3).": hidden[None, None],
                "Your kernel is on its way, but not there yet. Did the training stop too early? Take more steps.": (
                    got if _nearer_than_zero(got, hidden) else None
                ),
            },
        )
