"""Costs by formula, to be worked by hand and checked against the measured ones."""


def conv_cost(in_channels, out_channels, kernel, out_size, groups=1, bias=True):
    """Parameters and multiply-adds of one 2-D convolution.

    Each of the out_channels kernels has kernel * kernel * in_channels / groups weights and is applied at each position
    of the output.

    Args:
        in_channels, out_channels: number of channels.
        kernel: side of the kernel, or (height, width).
        out_size: side of the output, or (height, width).
        groups: number of groups; divides both numbers of channels.
        bias: count one bias for each output channel, among the parameters only.

    Returns:
        {"params": int, "macs": int}.

    Raises:
        ValueError: a number is not a positive integer, or `groups` does not divide the channels.
    """
    kernel, out_size = _pair(kernel, "kernel"), _pair(out_size, "out_size")
    for name, number in (("in_channels", in_channels), ("out_channels", out_channels), ("groups", groups)):
        _positive(number, name)
    if in_channels % groups or out_channels % groups:
        raise ValueError(f"groups={groups} must divide both {in_channels} input and {out_channels} output channels.")
    weights = kernel[0] * kernel[1] * (in_channels // groups) * out_channels
    return {"params": weights + (out_channels if bias else 0), "macs": weights * out_size[0] * out_size[1]}


def receptive_field(layers):
    """Side, in input pixels, of the square that one output of a chain of layers sees.

    r starts at 1, and a step between neighbouring outputs (the jump) at 1 pixel; each layer adds
    dilation * (kernel - 1) * jump to r and multiplies the jump by its stride.

    Args:
        layers: from the input on, (kernel, stride) or (kernel, stride, dilation) of each convolution or pooling.

    Returns:
        int.

    Raises:
        ValueError: a layer is not two or three positive integers.
    """
    side, jump = 1, 1
    for position, layer in enumerate(layers):
        if not isinstance(layer, (tuple, list)) or len(layer) not in (2, 3):
            raise ValueError(f"layers[{position}] must be (kernel, stride) or (kernel, stride, dilation): {layer!r}.")
        for number in layer:
            _positive(number, f"layers[{position}]")
        kernel, stride, dilation = (*layer, 1)[:3]
        side += dilation * (kernel - 1) * jump
        jump *= stride
    return side


def _positive(number, name):
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ValueError(f"{name} must be a positive integer, not {number!r}.")


def _pair(size, name):
    pair = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2:
        raise ValueError(f"{name} must be one side or (height, width), not {size!r}.")
    for side in pair:
        _positive(side, name)
    return pair
