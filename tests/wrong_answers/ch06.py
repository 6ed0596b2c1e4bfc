"""Wrong answers that learners give in chapter 06, each named for the mistake it makes."""

import math

from torch import nn


def _reaches(conv=2, pool=1, growth=2, first=1, late=False, only_last=False):
    def answer(convs):
        side, jump, sides = first, 1, []
        for n in convs:
            side += n * conv * jump
            if late:
                sides.append(side)
            side += pool * jump
            jump *= growth
            if not late:
                sides.append(side)
        return sides[-1] if only_last else sides

    return answer


def _stack(
    layers=lambda reach: (reach - 1) // 2, first=True, rest=True, area=9, biases=lambda bias, layers: bias * layers
):
    def answer(c_in, c_out, reach, bias):
        n = layers(reach)
        pairs = (c_in if first else c_out) + (n - 1) * (c_out if rest else c_in)
        return area * pairs * c_out + biases(bias, n) * c_out

    return answer


def _single_kernel(c_in, c_out, reach, bias):
    return reach**2 * c_in * c_out + bias * c_out


def _flat_kernels(c_in, c_out, reach, bias):
    return (reach - 1) // 2 * c_out * (9 + bias)


def _block(
    norm="NA", plain="A", kernel=3, padding=1, pool=lambda: nn.MaxPool2d(2), every=False, chain=True, pack=nn.Sequential
):
    def answer(convs, c_in, c_out, batch_norm=False):
        layers = []
        for i in range(convs):
            layers.append(nn.Conv2d(c_out if chain and i else c_in, c_out, kernel, padding=padding))
            for letter in norm if batch_norm else plain:
                layers.append(nn.BatchNorm2d(c_out) if letter == "N" else nn.ReLU())
            layers += [pool()] if every else []
        return pack(*layers) if every else pack(*layers, pool())

    return answer


def _vgg(
    count=lambda convs, block: convs[block], relu=True, pool=nn.MaxPool2d, side=None, middle=True, end=(), flat=True
):
    def answer(convs, widths, hidden, classes):
        layers, c_in = [], 3
        for block, width in enumerate(widths):
            for _ in range(count(convs, block)):
                layers += [nn.Conv2d(c_in, width, 3, padding=1)] + [nn.ReLU()] * relu
                c_in = width
            layers.append(pool(2))
        last = side or 32 // 2 ** len(convs)
        layers += [nn.Flatten()] * flat
        layers += [nn.Linear(c_in * last * last, hidden)] + [nn.ReLU()] * middle
        return nn.Sequential(*layers, nn.Linear(hidden, classes), *end)

    return answer


def _forgets_the_channels(convs, widths, hidden, classes):
    layers = []
    for n, width in zip(convs, widths, strict=True):
        layers += [layer for _ in range(n) for layer in (nn.Conv2d(3, width, 3, padding=1), nn.ReLU())]
        layers.append(nn.MaxPool2d(2))
    side = 32 // 2 ** len(convs)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * side**2, hidden), nn.Linear(hidden, classes))


def _shares(
    modules=lambda model: model.named_modules(), recurse=False, keep=lambda count: count, scale=1.0, divide=True
):
    def answer(model):
        total = sum(p.numel() for p in model.parameters()) if divide else 1
        counts = {name: sum(p.numel() for p in m.parameters(recurse=recurse)) for name, m in modules(model)}
        return {name: scale * count / total for name, count in counts.items() if keep(count)}

    return answer


def _leaves(model):
    return [(name, module) for name, module in model.named_modules() if not any(module.children())]


def _shares_of_tensors(model):
    total = sum(p.numel() for p in model.parameters())
    return {name: p.numel() / total for name, p in model.named_parameters()}


def _shares_of_weights(model):
    counts = {name: m.weight.numel() for name, m in model.named_modules() if hasattr(m, "weight")}
    return {name: count / sum(counts.values()) for name, count in counts.items()}


def _std(gain=2.0, power=0.5, fan=lambda c_out, c_in: {"fan_in": c_in, "fan_out": c_out}, area=math.prod):
    def answer(shape, mode):
        c_out, c_in, *kernel = shape
        return (gain / (fan(c_out, c_in)[mode] * area(kernel))) ** power

    return answer


WRONG = {
    "reach_of_blocks": {
        "forgets the pooling": _reaches(pool=0),
        "looks before the pooling": _reaches(late=True),
        "forgets the jump": _reaches(growth=1),
        "adds 3 for a kernel of 3": _reaches(conv=3),
        "adds 1 for a kernel of 3": _reaches(conv=1),
        "adds 2 for the pooling": _reaches(pool=2),
        "starts at 0": _reaches(first=0),
        "returns the last only": _reaches(only_last=True),
    },
    "stack_parameters": {
        "counts the single kernel": _single_kernel,
        "gives c_in channels to every layer": _stack(rest=False),
        "gives c_out channels to the first layer": _stack(first=False),
        "stacks one layer too many": _stack(layers=lambda reach: (reach + 1) // 2),
        "divides the reach by 3": _stack(layers=lambda reach: reach // 3),
        "forgets the biases": _stack(biases=lambda bias, layers: 0),
        "counts biases that are not there": _stack(biases=lambda bias, layers: layers),
        "counts the biases of one layer": _stack(biases=lambda bias, layers: int(bias)),
        "uses flat kernels": _flat_kernels,
    },
    "vgg_block": {
        "forgets the padding": _block(padding=0),
        "forgets the ReLU": _block(plain="", norm="N"),
        "pools behind each convolution": _block(every=True),
        "averages": _block(pool=lambda: nn.AvgPool2d(2)),
        "pools with stride 1": _block(pool=lambda: nn.MaxPool2d(2, 1)),
        "pools as AlexNet does": _block(pool=lambda: nn.MaxPool2d(3, 2)),
        "does not pool": _block(pool=nn.Identity),
        "uses 1 x 1 kernels": _block(kernel=1, padding=0),
        "feeds c_in channels to every convolution": _block(chain=False),
        "ignores batch_norm": _block(norm="A"),
        "always has batch norm": _block(plain="NA"),
        "puts batch norm behind the ReLU": _block(norm="AN"),
        "returns a list": _block(pack=lambda *layers: list(layers)),
    },
    "build_vgg": {
        "forgets the ReLU": _vgg(relu=False),
        "forgets the ReLU between the dense layers": _vgg(middle=False),
        "ends in a ReLU": _vgg(end=[nn.ReLU()]),
        "ends in a softmax": _vgg(end=[nn.Softmax(dim=1)]),
        "has one convolution in each block": _vgg(count=lambda convs, block: 1),
        "repeats the first block": _vgg(count=lambda convs, block: convs[0]),
        "averages": _vgg(pool=nn.AvgPool2d),
        "does not pool": _vgg(pool=nn.Identity, side=32),
        "computes the wrong size for the dense layer": _vgg(side=7),
        "forgets to flatten": _vgg(flat=False),
        "feeds 3 channels to every convolution": _forgets_the_channels,
    },
    "parameter_shares": {
        "returns counts": _shares(divide=False),
        "returns percent": _shares(scale=100.0),
        "lists tensors": _shares_of_tensors,
        "counts weights only": _shares_of_weights,
        "lists layers without parameters": _shares(modules=_leaves, keep=lambda count: True),
        "looks at the outermost parts only": _shares(modules=lambda model: model.named_children(), recurse=True),
        "counts blocks and their layers": _shares(recurse=True, keep=lambda count: True),
    },
    "kaiming_std": {
        "returns the variance": _std(power=1.0),
        "forgets the 2": _std(gain=1.0),
        "puts the 2 outside the root": _std(gain=4.0),
        "swaps fan_in and fan_out": _std(fan=lambda c_out, c_in: {"fan_in": c_out, "fan_out": c_in}),
        "forgets the kernel's area": _std(area=lambda kernel: 1),
        "takes one side for the area": _std(area=lambda kernel: kernel[0] if kernel else 1),
        "squares one side": _std(area=lambda kernel: kernel[-1] ** 2 if kernel else 1),
        "uses Xavier": _std(fan=lambda c_out, c_in: dict.fromkeys(("fan_in", "fan_out"), c_out + c_in)),
        "multiplies by the fan": _std(power=-0.5),
    },
}
