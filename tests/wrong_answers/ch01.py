"""Wrong answers that learners give in chapter 01, each named for the mistake it makes."""

import numpy as np


def _slide(padded, kernel):
    return np.array([padded[i : i + len(kernel)] @ kernel for i in range(len(padded) - len(kernel) + 1)])


def _line(left=lambda k: k - 1, right=lambda k: 0, mode="constant", use=lambda kernel: kernel, keep=slice(None)):
    def answer(signal, kernel):
        kernel = use(kernel)
        padded = np.pad(signal, (left(len(kernel)), right(len(kernel))), mode=mode)
        return _slide(padded, kernel)[keep]

    return answer


def _line_in_an_array_of_integers(signal, kernel):
    response = np.zeros(len(signal), dtype=int)
    response[:] = _line()(signal, kernel)
    return response.astype(float)


def _line_in_place(signal, kernel):
    signal[:] = _line()(signal, kernel)
    return signal


def _line_without_summing(signal, kernel):
    padded = np.pad(signal, (len(kernel) - 1, 0))
    return np.array([padded[i : i + len(kernel)] * kernel for i in range(len(signal))])


def _grid(
    pad=lambda p: p,
    begin=lambda i, s: i * s,
    steps=lambda n, k, s: (n - k) // s + 1,
    use=lambda kernel: kernel,
    dtype=float,
    square=False,
    give=lambda maps: maps,
):
    def answer(image, kernel, stride=1, padding=0):
        padded, kernel = np.pad(image, pad(padding)), use(kernel)
        (H, W), (Kh, Kw) = padded.shape, kernel.shape
        maps = np.zeros((steps(H, Kh, stride), steps(H if square else W, Kw, stride)), dtype)
        for i, j in np.ndindex(maps.shape):
            y, x = begin(i, stride), begin(j, stride)
            maps[i, j] = (padded[y : y + Kh, x : x + Kw] * kernel).sum()
        return give(maps)

    return answer


def _grid_with_stride_downwards_only(image, kernel, stride=1, padding=0):
    return _grid()(image, kernel, 1, padding)[::stride]


def _grid_in_place(image, kernel, stride=1, padding=0):
    right = _grid()(image, kernel, stride, padding)
    image *= 0
    return right


def _layer(
    channels=slice(None),
    join=lambda sums: sums.sum(0),
    kernel_of=lambda o: o,
    bias_times=lambda Cin: 1,
    turn=1,
    shared=False,
):
    def answer(X, weight, bias):
        (B, Cin), Cout = X.shape[:2], len(weight)
        maps = []
        for b in range(B):
            of_image = []
            for o in range(Cout):
                kernel = weight[kernel_of(o), :, ::turn, ::turn]
                sums = [_grid()(X[b, c], kernel[c]) for c in range(Cin)[channels]]
                of_image.append(join(np.array(sums)) + bias_times(Cin) * bias[0 if shared else o])
            maps.append(of_image)
        return np.array(maps)

    return answer


def _channels_one_by_one(X, weight, bias):
    maps = _layer(join=lambda sums: sums)(X, weight, bias)
    return maps.reshape(len(X), -1, *maps.shape[3:])


def _first_image_for_all(X, weight, bias):
    return np.repeat(_layer()(X[:1], weight, bias), len(X), axis=0)


def _images_added_up(X, weight, bias):
    return np.repeat(_layer()(X.sum(0, keepdims=True), weight, bias), len(X), axis=0)


def _matrix(
    column=lambda y, x, H, W: y * W + x, row=lambda i, j, Ho, Wo: i * Wo + j, use=lambda k: k, value=lambda v: v
):
    def answer(kernel, height, width):
        kernel = use(kernel)
        (Kh, Kw), size = kernel.shape, height * width
        Ho, Wo = height - Kh + 1, width - Kw + 1
        matrix = np.zeros((Ho * Wo, size))
        for i, j in np.ndindex(Ho, Wo):
            for a, b in np.ndindex(Kh, Kw):
                matrix[row(i, j, Ho, Wo), column(i + a, j + b, height, width)] = value(kernel[a, b])
        return matrix

    return answer


def _matrix_moved_by_one(kernel, height, width):
    right = _matrix()(kernel, height, width)
    return np.array([np.roll(right[0], r) for r in range(len(right))])


def _back(
    turn=-1,
    weigh=lambda upstream: upstream,
    add=True,
    turn_result=1,
    share=lambda n: 1,
    order=1,
    for_kernel=lambda u: u,
):
    def answer(upstream, image, kernel):
        (Kh, Kw), places = kernel.shape, upstream.shape
        padded = np.pad(weigh(upstream), ((Kh - 1, Kh - 1), (Kw - 1, Kw - 1)))
        to_image = _grid()(padded, kernel[::turn, ::turn])
        if not add:
            for y, x in np.ndindex(places):
                to_image[y : y + Kh, x : x + Kw] = upstream[y, x] * kernel
        to_kernel = _grid()(image, for_kernel(upstream)) / share(upstream.size)
        return (to_image, to_kernel[::turn_result, ::turn_result])[::order]

    return answer


def _back_into_the_image(upstream, image, kernel):
    gradients = _back()(upstream, image, kernel)
    image[:] = gradients[0]
    return image, gradients[1]


def _field(start=1, own=False, next_jump=lambda jump, stride: jump * stride, turn=1):
    def answer(steps):
        field, jump = start, 1
        for kernel, stride in steps[::turn]:
            then = next_jump(jump, stride)
            field += (kernel - 1) * (then if own else jump)
            jump = then
        return field

    return answer


WRONG = {
    "convolve_1d": {
        "flips the kernel": _line(use=lambda kernel: kernel[::-1]),
        "pads both sides": _line(right=lambda k: k - 1),
        "pads the right side": _line(left=lambda k: 0, right=lambda k: k - 1),
        "centres the kernel on its middle": _line(left=lambda k: (k - 1) // 2, right=lambda k: k // 2),
        "does not pad": _line(left=lambda k: 0),
        "drops the last value": _line(keep=slice(0, -1)),
        "pads with the first value": _line(mode="edge"),
        "works only for k = 2": _line(use=lambda kernel: kernel[-2:]),
        "sums up in integers": _line_in_an_array_of_integers,
        "writes into the signal": _line_in_place,
        "forgets to add up": _line_without_summing,
        "right only for the shown example": lambda signal, kernel: np.diff(signal, prepend=0),
    },
    "output_size": {
        "forgets the + 1": lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s,
        "off by one": lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s + 1,
        "pads one side": lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1,
        "forgets the padding": lambda n, k, s, p, d: (n - d * (k - 1) - 1) // s + 1,
        "ignores the stride": lambda n, k, s, p, d: n + 2 * p - d * (k - 1),
        "divides with /": lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1,
        "rounds up": lambda n, k, s, p, d: -(-(n + 2 * p - d * (k - 1) - 1) // s) + 1,
        "adds 1 before dividing": lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s,
        "ignores the dilation": lambda n, k, s, p, d: (n + 2 * p - k) // s + 1,
        "multiplies the kernel by the dilation": lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1,
        "right only for the shown example": lambda n, k, s, p, d: 14,
    },
    "convolve_2d": {
        "flips the kernel": _grid(use=lambda kernel: kernel[::-1, ::-1]),
        "forgets the padding": _grid(pad=lambda p: 0),
        "pads top and left only": _grid(pad=lambda p: (p, 0)),
        "ignores the stride": lambda image, kernel, stride=1, padding=0: _grid()(image, kernel, 1, padding),
        "strides downwards only": _grid_with_stride_downwards_only,
        "shortens but does not stride": _grid(begin=lambda i, s: i),
        "off by one at the border": _grid(steps=lambda n, k, s: (n - k) // s),
        "right only for square images": _grid(square=True),
        "swaps rows and columns": _grid(give=lambda maps: maps.T),
        "sums up in integers": _grid(dtype=int, give=lambda maps: maps.astype(float)),
        "writes into the image": _grid_in_place,
    },
    "conv_layer": {
        "forgets the bias": _layer(bias_times=lambda Cin: 0),
        "adds the bias for each input channel": _layer(bias_times=lambda Cin: Cin),
        "sees the first channel only": _layer(channels=slice(0, 1)),
        "averages the channels": _layer(join=lambda sums: sums.mean(0)),
        "keeps the channels apart": _channels_one_by_one,
        "uses the first kernel for all": _layer(kernel_of=lambda o: 0),
        "uses the first bias for all": _layer(shared=True),
        "gives the first image's maps to all": _first_image_for_all,
        "drops the batch axis": lambda X, weight, bias: _layer()(X, weight, bias)[0],
        "mixes the batch": _images_added_up,
        "swaps batch and channels": lambda X, weight, bias: _layer()(X, weight, bias).swapaxes(0, 1),
        "flips the kernels": _layer(turn=-1),
    },
    "conv_matrix": {
        "transposes the matrix": lambda kernel, height, width: _matrix()(kernel, height, width).T,
        "flips the kernel": _matrix(use=lambda kernel: kernel[::-1, ::-1]),
        "moves each row by one": _matrix_moved_by_one,
        "numbers the pixels by columns": _matrix(column=lambda y, x, H, W: x * H + y),
        "numbers the windows by columns": _matrix(row=lambda i, j, Ho, Wo: j * Ho + i),
        "marks the place with ones": _matrix(value=lambda v: 1.0),
        "transposes the kernel": _matrix(use=lambda kernel: kernel.T),
        "right only for square images": _matrix(column=lambda y, x, H, W: (y * H + x) % (H * W)),
        "returns nothing": lambda kernel, height, width: None,
    },
    "conv_backward": {
        "does not flip the kernel": _back(turn=1),
        "flips the kernel's gradient": _back(turn_result=-1),
        "forgets upstream for the image": _back(weigh=np.ones_like),
        "forgets upstream for the kernel": _back(for_kernel=np.ones_like),
        "overwrites where windows overlap": _back(add=False),
        "averages over the windows": _back(share=lambda n: n),
        "swaps the two gradients": _back(order=-1),
        "returns one gradient": lambda upstream, image, kernel: _back()(upstream, image, kernel)[0],
        "writes into the image": _back_into_the_image,
    },
    "conv_cost": {
        "has a kernel of one line": lambda i, o, k, H, W: (i * o * k, i * o * k * H * W, i * o * (H * W) ** 2),
        "forgets the input channels": lambda i, o, k, H, W: (o * k * k, o * k * k * H * W, i * o * (H * W) ** 2),
        "counts the biases": lambda i, o, k, H, W: (
            o * (i * k * k + 1), o * (i * k * k + 1) * H * W, o * H * W * (i * H * W + 1),
        ),
        "counts weights again at each place": lambda i, o, k, H, W: (
            i * o * k * k * H * W, i * o * k * k * H * W, i * o * (H * W) ** 2,
        ),
        "counts the work of one place": lambda i, o, k, H, W: (i * o * k * k, i * o * k * k, i * o * (H * W) ** 2),
        "gives the dense layer one output a channel": lambda i, o, k, H, W: (
            i * o * k * k, i * o * k * k * H * W, i * o * H * W,
        ),
        "gives the dense layer a kernel": lambda i, o, k, H, W: (
            i * o * k * k, i * o * k * k * H * W, i * o * k * k * (H * W) ** 2,
        ),
        "swaps the last two": lambda i, o, k, H, W: (i * o * k * k, i * o * (H * W) ** 2, i * o * k * k * H * W),
        "right only for the shown example": lambda i, o, k, H, W: (1_728, 86_704_128, 483_385_147_392),
    },
    "receptive_field": {
        "adds the kernels up": lambda steps: sum(kernel for kernel, _ in steps),
        "multiplies the kernels": lambda steps: int(np.prod([kernel for kernel, _ in steps])),
        "starts from 0": _field(start=0),
        "ignores the strides": _field(next_jump=lambda jump, stride: 1),
        "uses a stride too early": _field(own=True),
        "uses the last stride only": _field(next_jump=lambda jump, stride: stride),
        "adds the strides up": _field(next_jump=lambda jump, stride: jump + stride - 1),
        "starts from the last layer": _field(turn=-1),
        "right only for the shown example": lambda steps: 5,
    },
}  # fmt: skip
