"""The model zoo (chapter 13): what torchvision publishes about its networks, and what they take on this machine.

    from utils import zoo
    rows = zoo.survey(zoo.QUICK)          # a minute for a few networks; benchmarks/zoo.py measures all of them
    rows[0]["speed"]["1"]["images_per_second"], rows[0]["top1"]

Nothing is downloaded: the accuracies are the ones that torchvision keeps beside its weights, and for time and memory
random weights do as well as trained ones.
"""

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from utils import complexity

BATCH_SIZES = (1, 8)


class Net(NamedTuple):
    """A network of the chart.

    Fields:
        year: of its first paper.
        block: where its typical block is: the name of a module, with the first and last layer where it is a part of
            a sequence.
        idea: what the block is, in a few words.
        depth: how deep a diagram of the block looks into its modules; None: shows every layer.
    """

    year: int
    block: str
    idea: str
    depth: int | None = None


NETS = {
    "alexnet": Net(2012, "features[3:6]", "one layer after the other, each designed by hand"),
    "vgg11": Net(2014, "features[6:11]", "3 x 3 convolutions, then pooling"),
    "vgg16": Net(2014, "features[10:17]", "3 x 3 convolutions, then pooling"),
    "vgg19": Net(2014, "features[10:19]", "3 x 3 convolutions, then pooling"),
    "googlenet": Net(2014, "inception4a", "four paths side by side, stacked"),
    "inception_v3": Net(2015, "Mixed_6b", "paths of rows and columns, stacked"),
    "resnet18": Net(2015, "layer2.1", "two 3 x 3, and the input is added"),
    "resnet34": Net(2015, "layer2.1", "two 3 x 3, and the input is added"),
    "resnet50": Net(2015, "layer3.1", "1 x 1 down, 3 x 3, 1 x 1 up, and the input is added"),
    "resnet101": Net(2015, "layer3.1", "1 x 1 down, 3 x 3, 1 x 1 up, and the input is added"),
    "resnet152": Net(2015, "layer3.1", "1 x 1 down, 3 x 3, 1 x 1 up, and the input is added"),
    "resnext50_32x4d": Net(2016, "layer3.1", "ResNet's block, its 3 x 3 in 32 groups"),
    "squeezenet1_1": Net(2016, "features.6", "1 x 1 down, then 1 x 1 and 3 x 3 side by side, stacked"),
    "densenet121": Net(2016, "features.denseblock1", "each layer reads all that came before", 1),
    "mobilenet_v2": Net(2018, "features.5", "1 x 1 up, depthwise 3 x 3, 1 x 1 down, added"),
    "shufflenet_v2_x1_0": Net(2018, "stage2.1", "half passes by, half is convolved, then a shuffle"),
    "efficientnet_b0": Net(2019, "features.3.1", "MobileNet v2's block with squeeze and excitation"),
    "convnext_tiny": Net(2022, "features.3.1", "depthwise 7 x 7, 1 x 1 up, 1 x 1 down, added"),
}
QUICK = ("alexnet", "resnet18", "resnet50", "densenet121", "mobilenet_v2", "shufflenet_v2_x1_0")


def published(name):
    """What torchvision publishes about a network: dict.

    Returns:
        "top1": accuracy on ImageNet in percent of the first weights; "top1_later": of the newest for the same network
        and size of image, trained by a later recipe (None if there are none); "params", "gmacs" (billions of
        multiply-adds for one image) and "side" of the image in pixels.

    Raises:
        ValueError: the network is not on the chart.
    """
    from torchvision.models import get_model_weights

    if name not in NETS:
        raise ValueError(f"{name!r} is not on the chart. Choose from: {', '.join(NETS)}.")
    weights = get_model_weights(name)
    first, later = weights.IMAGENET1K_V1, getattr(weights, "IMAGENET1K_V2", None)
    return {
        "top1": first.meta["_metrics"]["ImageNet-1K"]["acc@1"],
        "top1_later": later.meta["_metrics"]["ImageNet-1K"]["acc@1"] if later else None,
        "params": first.meta["num_params"],
        "gmacs": first.meta["_ops"],
        "side": first.transforms.keywords["crop_size"],
    }


def build(name):
    """torchvision's network with random weights, in evaluation mode (raises as `published` does)."""
    network = _without_weights(name).to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
    with torch.no_grad():
        for weight in network.parameters():
            bound = math.sqrt(3 / (weight[0].numel() if weight.ndim > 1 else 3))  # keeps the numbers in range
            weight.uniform_(-bound, bound)
    return network


def _without_weights(name):
    from torchvision.models import get_model

    published(name)
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}  # else they warn
    if name == "googlenet":
        options["aux_logits"] = False  # as with its weights: the auxiliary heads are gone
    with torch.device("meta"):
        return get_model(name, weights=None, **options).eval()


def block(name):
    """The typical block of a network, without weights: (nn.Module, shape of one input without the batch).

    Raises:
        ValueError: the network is not on the chart.
    """
    network, seen = _without_weights(name), []
    path, _, part = NETS[name].block.rstrip("]").partition("[")
    module = network.get_submodule(path)
    if part:
        start, stop = map(int, part.split(":"))
        module = nn.Sequential(*list(module)[start:stop])
    first, side = module[0] if part else module, published(name)["side"]
    hook = first.register_forward_pre_hook(lambda layer, inputs: seen.append(tuple(inputs[0].shape[1:])))
    network(torch.empty(1, 3, side, side, device="meta"))
    hook.remove()
    return module, seen[0]


def measure(name, batch_sizes=BATCH_SIZES, seconds=1.0):
    """Time and memory of a network's forward pass in this process; see `survey` for what is returned."""
    facts, speed, peak = published(name), {}, {}
    with complexity.peak_memory() as loading:
        network = build(name)
    shape = (3, facts["side"], facts["side"])
    for batch_size in batch_sizes:
        with complexity.peak_memory() as running:
            found = complexity.throughput(network, shape, batch_size, seconds)
        speed[str(batch_size)] = {key: round(value, 3) for key, value in found.items()}
        peak[str(batch_size)] = round((running["peak"] - loading["before"]) / 1e6, 1)
    return {"name": name, **facts, "speed": speed, "peak_mb": peak, "threads": torch.get_num_threads()}


def survey(names=QUICK, batch_sizes=BATCH_SIZES, seconds=1.0, progress=True):
    """Measure networks, each in a process of its own, so that none finds the memory of another.

    Args:
        names: of `NETS`.
        batch_sizes: images in a forward pass.
        seconds: how long to time each batch size, after a pass that warms up; at least three passes are timed.
        progress: show a bar.

    Returns:
        list of dict, one a network: "name", what `published` gives, "threads", and for each batch size (a str) "speed",
        as `complexity.throughput` gives it, and "peak_mb": megabytes that the process gained at its peak, weights
        included.

    Raises:
        ValueError: a network is not on the chart.
    """
    from tqdm.auto import tqdm

    for name in names:
        published(name)
    rows, bar = [], tqdm(names, disable=not progress)
    for name in bar:
        bar.set_description(name)
        rows.append(alone(measure, name, batch_sizes, seconds))
    return rows


def best_of(speeds, accuracies):
    """Which networks no other beats: bool array (n,). One beats another if it is as good in both, and better in one."""
    points = np.stack([np.asarray(speeds, dtype=float), np.asarray(accuracies, dtype=float)], axis=1)
    as_good = (points[:, None] >= points[None]).all(2)
    better = (points[:, None] > points[None]).any(2)
    return ~(as_good & better).any(0)


def alone(function, *arguments):
    """Call a function of a module in a fresh process with as many threads as this one has; returns what it returns."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(["utils.zoo", "torchvision"])  # imported once, not for each network
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_with_threads, torch.get_num_threads(), function, arguments).result()


def _with_threads(threads, function, arguments):
    torch.set_num_threads(threads)
    return function(*arguments)
