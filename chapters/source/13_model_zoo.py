# ---
# title: The model zoo
# question: Which network should I take, and what do I pay for it?
# minutes: 110
# builds_on: [7, 8, 9, 10]
# goals:
#   - write MobileNet v2's block and ShuffleNet's shuffle, and count what each family saves against a plain convolution
#   - say what a grouped and a depthwise convolution can no longer do, and how the channels meet again
#   - measure speed and memory so that the numbers mean something, and read the chart of accuracy against speed
#   - find the networks that no other beats
#   - let several networks vote, and say what it costs and what it brings
# ---

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn
from utils import complexity, data, models, runtime, train, viz, widgets, zoo
from utils.checks import ch13 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three prices
#
# A network is right more or less often. And it costs: **work** for each image, **memory** to run in, **time** on your machine. After ResNet, many good ideas were about the price.

# %% [markdown] slideshow={"slide_type": "skip"}
# torchvision, the library beside PyTorch, has over a hundred networks ready to take. People call it a *zoo*. You know the large animals already. This chapter adds four families that each change one thing about the block:
#
# | family | idea |
# |---|---|
# | DenseNet | do not add the input to the output: keep both, side by side |
# | ResNeXt | cut the channels into groups, and convolve each group by itself |
# | MobileNet | the end of that road: each channel by itself, then a 1 x 1 to mix them |
# | ShuffleNet | make the mixing cheap too, and shuffle |
#
# Then we measure. At the end stands a chart from *your* machine, and you choose a network by it.
#
# To compare prices we need something plain to compare with: a 3 x 3 convolution from 128 to 128 channels, on maps of 28 x 28.

# %% tags=["nbval-check-output"]
plain = complexity.conv_cost(128, 128, 3, out_size=28, bias=False)
print(f"plain 3 x 3: {plain['params']:,} weights, {plain['macs']:,} multiply-adds")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## DenseNet: keep everything
#
# ResNet **adds** a block's result to its input. A sum cannot be taken apart again. DenseNet **stacks** them: nothing is lost.

# %% [markdown] slideshow={"slide_type": "skip"}
# One pixel with two channels, 3 and 1. A layer finds something new: 2 and -1.

# %% tags=["nbval-check-output"]
x, new = torch.tensor([3.0, 1.0]), torch.tensor([2.0, -1.0])
print("ResNet adds:    ", (x + new).tolist())
print("DenseNet stacks:", torch.cat([x, new]).tolist())

# %% [markdown] slideshow={"slide_type": "skip"}
# From 5 and 0 nobody can tell what the 3 and the 1 were. In the lower line they are still there, for every later layer to read. So a layer need not repeat what is known. It adds only a few channels of its own: the **growth**, 32 in
# DenseNet-121. Here is the whole block, with a plain convolution in each layer for now. It gets 16 channels,
# and the growth is 8. *What does the third layer read: 8, 16, 24 or 32 channels?*

# %%
class DenseBlock(nn.Module):
    def __init__(self, c_in, growth, depth):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(c_in + i * growth, growth, 3, padding=1) for i in range(depth))

    def forward(self, X):
        for layer in self.layers:
            X = torch.cat([X, F.relu(layer(X))], dim=1)
        return X


# %%
ax = viz.architecture(DenseBlock(16, 8, depth=3), (16, 28, 28))
viz.caption(ax, "A dense block of three layers: each reads everything that stands to its left.")

# %% [markdown] slideshow={"slide_type": "skip"}
# 32 = 16 + 8 + 8. Layer 1 reads one thing (the input), layer 2 two, layer 3 three: 1 + 2 + 3 = 6 connections. With $L$ layers there are $L (L + 1) / 2$, where a chain has $L$. Hence *dense*.
#
# The channels grow and grow. Two things keep them in check. Inside a layer, a 1 x 1 first brings whatever comes in to 4 x 32 = 128 channels, mostly a squeeze: the **bottleneck** of chapter 09. And between two blocks stands a **transition**: a 1 x 1 to *half*
# the channels, then 2 x 2 average pooling. Here are all the channels of DenseNet-121:

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
from utils.models.densenet import DenseBlock as Dense, Transition

with torch.device("meta"):  # shapes only: no numbers, no memory
    densenet = models.create("densenet121")
X, widths = torch.empty(1, 3, 224, 224, device="meta"), {}
for name, part in densenet.features.named_children():
    X = part(X)
    if name == "pool0" or isinstance(part, (Dense, Transition)):
        widths[name] = X.shape[1]
print(widths)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Channels come and go
#
# Blocks add, transitions halve. *How many layers has the third block?*

# %%
colours = {name: viz.FEATURE_MAP if name.startswith("dense") else viz.KERNEL for name in widths} | {"pool0": viz.INPUT}
ax = viz.bars(widths, colours=colours, xlabel="channels", form="{:,.0f}")
viz.caption(ax, "DenseNet-121: channels after the stem (grey), each dense block (blue) and each transition (orange).")

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room find the 24 layers from the picture. Then ask what a ResNet's picture would look like: steps upwards only.

# %% [markdown] slideshow={"slide_type": "skip"}
# It goes from 256 to 1,024 channels, 32 a layer: (1024 - 256) / 32 = 24 layers.
#
# ### Your turn: channels of a DenseNet
#
# `depths` holds the number of layers of each block. Return the number of channels after each block and each transition, in their order. *About 10 minutes.*

# %% tags=["exercise"]
def dense_channels(c_in, growth, depths):
    """Channels (list of int) after block 1, transition 1, block 2, ... and the last block, which has no transition."""
    ### BEGIN SOLUTION
    channels = []
    for depth in depths:
        c_in += depth * growth
        channels += [c_in, c_in // 2]
        c_in //= 2
    return channels[:-1]
    ### END SOLUTION


# %% tags=["check"]
check.dense_channels(dense_channels)

# %% [markdown] tags=["hint"]
# Keep the present number of channels in a variable. A block of `depth` layers adds `depth * growth` to it.

# %% [markdown] tags=["hint"]
# Note the number, halve it, note it again. Which number at the end does not belong there?

# %% [markdown] slideshow={"slide_type": "skip"}
# And the price? One layer of the third block, half-way up, reads 640 channels. Compare it with a plain 3 x 3 from those 640 channels to 640, and with one to 32:

# %% tags=["nbval-check-output"]
def price(layers, size):
    """Weights and multiply-adds of convolutions (c_in, c_out, kernel, groups) on maps of one size."""
    costs = [complexity.conv_cost(c_in, c_out, kernel, size, groups, bias=False) for c_in, c_out, kernel, groups in layers]
    return tuple(sum(cost[key] for cost in costs) for key in ("params", "macs"))


for name, layers in {
    "3 x 3, 640 to 640": [(640, 640, 3, 1)],
    "3 x 3, 640 to 32": [(640, 32, 3, 1)],
    "dense layer, 640 to 128 to 32": [(640, 128, 1, 1), (128, 32, 3, 1)],
}.items():
    print("{:30} {:9,} weights, {:11,} multiply-adds".format(name, *price(layers, 14)))

# %% [markdown] slideshow={"slide_type": "skip"}
# That is why DenseNet-121 makes do with 8 million parameters, less than a third of ResNet-50's. *Does it need a third of the memory, too?*

# %% tags=["nbval-check-output"]
for name in ("resnet50", "densenet121"):
    with torch.device("meta"):
        cost = complexity.count(models.create(name), (3, 224, 224))
    print(f"{name:12} weights {cost['parameter_bytes'] / 1e6:5.1f} MB, outputs of all layers {cost['activation_bytes'] / 1e6:5.1f} MB an image")

# %% [markdown] slideshow={"slide_type": "skip"}
# Not for training: that keeps every layer's output for the backward pass, and there are more of them. Each layer begins with batch norm and ReLU over *everything* that came before, and makes new copies of it. Whoever only wants answers may drop an output
# once it has been read; what that takes we measure below.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Groups: who reads whom?
#
# In a plain convolution every output channel reads **every** input channel. With `groups=2` the first half reads the first half only.

# %% slideshow={"slide_type": "skip"}
def reads(groups, channels=8):
    """1 where an output channel (row) depends on an input channel (column): (channels, channels)."""
    layer = nn.Conv2d(channels, channels, 1, groups=groups, bias=False)
    X = torch.ones(1, channels, 1, 1)
    jacobian = torch.autograd.functional.jacobian(layer, X)  # each output's derivative by each input: 0 where it reads nothing
    return (jacobian.view(channels, channels) != 0).int()


# %%
axes = viz.number_row({f"{groups} group{'s' * (groups > 1)}": reads(groups) for groups in (1, 2, 4, 8)})
viz.caption(axes, "Which input channels (columns) each output channel (row) reads. Ones are weights that exist.")

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
for groups in (1, 2, 4, 32, 128):
    cost = complexity.conv_cost(128, 128, 3, out_size=28, groups=groups, bias=False)
    print(f"{groups:3} groups: {cost['params']:7,} weights, {cost['macs']:11,} multiply-adds, 1 / {plain['macs'] // cost['macs']}")

# %% [markdown] slideshow={"slide_type": "skip"}
# With $g$ groups, only $1/g$ of the weights are left, and of the work. AlexNet was cut in two because its GPUs were small (chapter 05). **ResNeXt** cuts on purpose, into 32 (chapter 09), and spends what it saves on width:

# %% tags=["nbval-check-output"]
for name, inner, groups in [("ResNet-50's block", 64, 1), ("ResNeXt-50's block", 128, 32), ("the same, ungrouped", 128, 1)]:
    layers = [(256, inner, 1, 1), (inner, inner, 3, groups), (inner, 256, 1, 1)]
    print("{:20} {:7,} weights, {:11,} multiply-adds".format(name, *price(layers, 56)))

# %% [markdown] slideshow={"slide_type": "skip"}
# Twice as wide inside, and the same price. On ImageNet, torchvision's first weights reach 77.6 % with it and 76.1 % without.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## MobileNet: take it apart
#
# A convolution does two things at once: it **looks around**, and it **mixes channels**. MobileNet does one after the other.

# %%
separable = nn.Sequential()
separable.depthwise = nn.Conv2d(128, 128, 3, padding=1, groups=128, bias=False)  # each channel by itself
separable.pointwise = nn.Conv2d(128, 256, 1, bias=False)                         # each pixel by itself
ax = viz.architecture(separable, (128, 28, 28))
viz.caption(ax, "A depthwise separable convolution: 3 x 3 in each channel, then 1 x 1 across the channels.")

# %% [markdown] slideshow={"slide_type": "skip"}
# As many groups as channels: that is **depthwise**, the last square in "who reads whom?", in which a channel sees nobody but itself. The 1 x 1 after it is called **pointwise**. Together: a *depthwise separable* convolution.
#
# *It replaces 9 x 128 x 256 weights. How many does it have?*

# %% tags=["nbval-check-output"]
depthwise, pointwise = (sum(p.numel() for p in layer.parameters()) for layer in separable)
print(f"plain {9 * 128 * 256:,}; depthwise {depthwise:,} + pointwise {pointwise:,} = {depthwise + pointwise:,}")
print(f"share: {(depthwise + pointwise) / (9 * 128 * 256):.3f} = 1/256 + 1/9 = {1 / 256 + 1 / 9:.3f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# In general, from $C$ to $D$ channels with kernels of side $K$: $\frac{K^2 C + C D}{K^2 C D} = \frac{1}{D} + \frac{1}{K^2}$. With 3 x 3 kernels it is about a ninth once $D$ is large: 0.174 for 16 channels, 0.119 for 128.
#
# ### Your turn: the cost of a separable convolution
#
# *About 5 minutes.*

# %% tags=["exercise"]
def separable_cost(c_in, c_out, kernel, height, width):
    """(parameters, multiply-adds), ints: depthwise kernel x kernel, then 1 x 1; the maps are height x width, no biases."""
    ### BEGIN SOLUTION
    parameters = kernel * kernel * c_in + c_in * c_out
    return parameters, parameters * height * width
    ### END SOLUTION


# %% tags=["check"]
check.separable_cost(separable_cost)

# %% [markdown] tags=["hint"]
# The depthwise step: one kernel for each of the `c_in` channels, and each looks into one channel only.

# %% [markdown] tags=["hint"]
# Both steps use each of their weights once at every place of the map.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What is lost?
#
# After both steps, the kernel from channel $c$ to channel $d$ is (pointwise weight) x (depthwise kernel of $c$). *So what do all kernels that look at channel $c$ have in common?*

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
depthwise, pointwise = separable[0].weight, separable[1].weight    # (128, 1, 3, 3) and (256, 128, 1, 1)
full = pointwise * depthwise.transpose(0, 1)                       # (256, 128, 3, 3): an ordinary weight
X = torch.randn(2, 128, 9, 9)
print("one ordinary convolution does the same:", torch.allclose(separable(X), F.conv2d(X, full, padding=1), atol=1e-5))
print("rank of the 256 kernels that look at channel 0:", torch.linalg.matrix_rank(full[:, 0].flatten(1)).item(), "of 9")

# %% [markdown] slideshow={"slide_type": "skip"}
# They are all multiples of one and the same 3 x 3 pattern. Each output may take more or less of it, or its negative, but if channel $c$ is looked at for vertical edges, nobody can look at it for horizontal ones. An ordinary convolution can: its 256 kernels on one channel span all nine dimensions.
#
# MobileNet (2017) is one ordinary convolution, then thirteen such pairs with batch norm and ReLU after each step. With a ReLU between, no single convolution equals the pair; but each channel is still looked at in one way only. And the same network with ordinary convolutions instead?

# %% tags=["nbval-check-output"]
from utils.models.mobilenet import V1

def plain_mobilenet():
    layers, c_in = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()], 32
    for c_out, stride in V1:
        layers += [nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU()]
        c_in = c_out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, 1000))


with torch.device("meta"):
    for name, net in {"MobileNet v1": models.create("mobilenet_v1"), "with plain 3 x 3": plain_mobilenet()}.items():
        cost = complexity.count(net, (3, 224, 224))
        print(f"{name:17} {cost['params']:10,} parameters, {cost['macs'] / 1e6:7,.1f} million multiply-adds")

# %% [markdown] slideshow={"slide_type": "skip"}
# A seventh of the parameters, between an eighth and a ninth of the work. The paper trained both: 70.6 % against 71.7 % on ImageNet. About one point is what is lost.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## MobileNet v2: the block inside out
#
# ResNet's bottleneck is wide, **narrow**, wide. Depthwise work is cheap, so version 2 turns it over: narrow, **wide**, narrow. The sum joins the narrow ends.

# %%
from utils.models.mobilenet import InvertedResidual as Inverted

ax = viz.architecture(Inverted(32, 32), (32, 28, 28))
viz.caption(ax, "MobileNet v2's block: up to six times the width, depthwise, and down again. No activation at the end.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Two details. The activation is **ReLU6**: $\min(\max(x, 0), 6)$. It stops at 6, so that phones can calculate with few bits. And after the last 1 x 1 there is **none**. Why? A ReLU throws away everything below zero, about half of it. In a wide layer
# another channel may still know what was lost. In a narrow one it is gone. The paper shows it with a spiral: lift its two coordinates to $n$ channels by a random matrix, apply ReLU, and go back.
#
# *How many channels will it take until the spiral survives?*

# %%
angle = torch.linspace(0.3, 12, 300)
spiral = torch.stack([angle * angle.cos(), angle * angle.sin()], 1) / 12
restored = {"the spiral": spiral}
for n in (2, 3, 5, 15, 30):
    lift = torch.randn(2, n, generator=torch.Generator().manual_seed(2))
    restored[f"{n} channels"] = F.relu(spiral @ lift) @ torch.linalg.pinv(lift)

# %%
import matplotlib.pyplot as plt

_, axes = plt.subplots(1, 6, figsize=(12, 2.4))
for ax, (name, points) in zip(axes, restored.items()):
    ax.plot(*points.T, color=viz.INPUT if name == "the spiral" else viz.FEATURE_MAP)
    ax.set(title=name, xticks=[], yticks=[], aspect="equal")
_ = viz.caption(axes, "A spiral, lifted to n channels, through a ReLU, and back.", alt="A spiral and five copies: with 2 and 3 channels parts of it collapse, with 15 and 30 its turns are all there.")

# %% [markdown] slideshow={"slide_type": "skip"}
# With few channels whole turns fold onto a line, and with 5 it is still broken. With 15 it is squeezed but whole. So: ReLU where it is wide, nothing where it is narrow.
#
# ### Your turn: the inverted residual
#
# 1. 1 x 1 convolution from `c_in` to `c_in * expansion`, batch norm, ReLU6.
# 2. Depthwise 3 x 3 with padding 1 and the stride, batch norm, ReLU6.
# 3. 1 x 1 convolution to `c_out`, batch norm.
# 4. Add the input, where stride is 1 and `c_in` equals `c_out`.
#
# All convolutions without bias, and all three also for `expansion=1`. *About 15 minutes.*

# %% tags=["exercise"]
class InvertedResidual(nn.Module):
    """MobileNet v2's block: X (B, c_in, H, W) -> (B, c_out, H / stride, W / stride), rounded up."""

    def __init__(self, c_in, c_out, stride, expansion):
        super().__init__()
        ### BEGIN SOLUTION
        inner = c_in * expansion
        self.layers = nn.Sequential(
            nn.Conv2d(c_in, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU6(),
            nn.Conv2d(inner, inner, 3, stride, padding=1, groups=inner, bias=False), nn.BatchNorm2d(inner), nn.ReLU6(),
            nn.Conv2d(inner, c_out, 1, bias=False), nn.BatchNorm2d(c_out),
        )
        self.adds = stride == 1 and c_in == c_out
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        return X + self.layers(X) if self.adds else self.layers(X)
        ### END SOLUTION


# %% tags=["check"]
check.InvertedResidual(InvertedResidual)

# %% [markdown] tags=["hint"]
# Depthwise means as many groups as channels: `groups=c_in * expansion`.

# %% [markdown] tags=["hint"]
# Decide in `__init__` whether the input is added, and keep the decision: `self.adds = stride == 1 and c_in == c_out`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ShuffleNet: cheap mixing
#
# Now most of the work sits in the 1 x 1. Put **groups** there too, and channels of different groups never meet.

# %% [markdown] slideshow={"slide_type": "skip"}
# Count it for the 128-channel block of MobileNet: 1,152 weights look around, 16,384 mix. Groups would save most of that. But two grouped layers in a row are two separate networks that only share a roof. The cure costs nothing: between the layers, deal the channels out like cards.

# %% tags=["nbval-check-output"]
X = torch.arange(6.0).view(1, 6, 1, 1)
print("two groups:", X.flatten().int().tolist())
print("shuffled:  ", F.channel_shuffle(X, 2).flatten().int().tolist())

# %% [markdown] slideshow={"slide_type": "skip"}
# One from the first group, one from the second, and so on. Every group of the next layer now holds channels of every group of the last. *Which channels can the first output depend on, with and without it?*

# %% slideshow={"slide_type": "skip"}
def reads_after_two(shuffle):
    """1 where an output channel depends on an input channel after two grouped layers: (8, 8)."""
    first, second = (nn.Conv2d(8, 8, 1, groups=2, bias=False) for _ in range(2))
    jacobian = torch.autograd.functional.jacobian(lambda X: second(shuffle(first(X))), torch.ones(1, 8, 1, 1))
    return (jacobian.view(8, 8) != 0).int()


# %%
ways = {"two grouped layers": reads_after_two(lambda X: X), "with a shuffle between": reads_after_two(lambda X: F.channel_shuffle(X, 2))}
axes = viz.number_row(ways)
viz.caption(axes, "Which input channels (columns) an output channel (row) depends on.")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the channel shuffle
#
# Without `F.channel_shuffle`, and without a loop. *About 10 minutes.*

# %% tags=["exercise"]
def channel_shuffle(X, groups):
    """X (B, C, H, W), C a multiple of groups -> the same shape: the first channel of each group, then the second, ..."""
    ### BEGIN SOLUTION
    B, C, H, W = X.shape
    return X.view(B, groups, C // groups, H, W).transpose(1, 2).reshape(B, C, H, W)
    ### END SOLUTION


# %% tags=["check"]
check.channel_shuffle(channel_shuffle)

# %% [markdown] tags=["hint"]
# Write the channels as a table with one row for each group. Read it by columns.

# %% [markdown] tags=["hint"]
# `X.view(B, groups, C // groups, H, W)` is the table. Swap its two axes, and make one axis of them again.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Version 2: let half pass
#
# The second ShuffleNet splits the channels: one half walks past, the other is convolved. Stack, shuffle, and the halves meet in the next unit.

# %%
from utils.models.shufflenet import ShuffleUnit

ax = viz.architecture(ShuffleUnit(116, 116, stride=1), (116, 28, 28))
viz.caption(ax, "A unit of ShuffleNet v2: 58 channels pass, 58 are convolved. (The shuffle after it only rearranges, so it has no box.)")

# %% [markdown] slideshow={"slide_type": "skip"}
# Version 2 gives the groups up: with half the channels, a 1 x 1 has a quarter of the weights anyway. The shuffle now mixes the half that passed with the half that was convolved.
#
# Why no groups? The paper of version 2 has a message beyond the network: **do not count, measure**. Its authors timed networks of equal multiply-adds and found them far apart. What takes time besides the arithmetic: moving maps through memory, many small pieces, many groups. We will see whether that holds here.
#
# First the counts: the four families, ResNet-50 to compare, and torchvision's own numbers as reference. *The last column is the mean number of times that a weight is used for one image: which network reuses its weights most?*

# %% tags=["nbval-check-output"]
import pandas as pd

rows = {}
for name in ("resnet50", "resnext50_32x4d", "densenet121", "mobilenet_v2", "shufflenet_v2_x1_0"):
    with torch.device("meta"):
        cost = complexity.count(models.create(name), (3, 224, 224))
    agrees = (cost["params"], round(cost["macs"] / 1e9, 3)) == (zoo.published(name)["params"], zoo.published(name)["gmacs"])
    rows[name] = {"parameters": f"{cost['params']:,}", "G MACs": f"{cost['macs'] / 1e9:.3f}", "as torchvision": agrees,
                  "MACs a weight": round(cost["macs"] / cost["params"])}
pd.DataFrame(rows).T

# %% [markdown] slideshow={"slide_type": "skip"}
# DenseNet does: few weights, each used often. It is a small file, not a quick network.

# %% [markdown] slideshow={"slide_type": "notes"}
# The course's tests go further: they load torchvision's state dicts into our densenet121, mobilenet_v2 and shufflenet_v2_x1_0, and compare outputs and gradients.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Work and time
#
# A separable 3 x 3 has an eighth of the work. *Guess its share of the time. And which of its two steps takes most of it?*

# %% slideshow={"slide_type": "skip"}
def milliseconds(layer, X):
    """Fastest, median and slowest of 20 forward passes, and the very first one, which is not among them."""
    import time
    took = []
    with torch.inference_mode():
        for _ in range(21):
            start = time.perf_counter()
            layer(X)
            took.append(1000 * (time.perf_counter() - start))
    first, *later = took
    return min(later), sorted(later)[10], max(later), first


# %% tags=["timing"]
X = torch.randn(8, 128, 28, 28)
layers = {"plain 3 x 3": nn.Conv2d(128, 128, 3, padding=1),
          "depthwise alone": nn.Conv2d(128, 128, 3, padding=1, groups=128), "1 x 1 alone": nn.Conv2d(128, 128, 1)}
layers["both: separable"] = nn.Sequential(layers["depthwise alone"], layers["1 x 1 alone"])
times = {name: milliseconds(layer, X) for name, layer in layers.items()}
for name, (fastest, median, slowest, first) in times.items():
    share = fastest / times["plain 3 x 3"][0]
    print(f"{name:15} {fastest:6.2f} ms, {share:.3f} of plain (median {median:.2f}, slowest {slowest:.2f}, first {first:.2f})")

# %% tags=["nbval-check-output"]
work = [price([layer], 28)[1] / plain["macs"] for layer in [(128, 128, 3, 128), (128, 128, 1, 1)]]
print("shares of the multiply-adds: depthwise {:.3f}, 1 x 1 {:.3f}, both {:.3f}".format(*work, sum(work)))

# %% [markdown] slideshow={"slide_type": "skip"}
# No eighth: in quiet moments we found a quarter to a third of the time. Both steps take more than their share of the work, the depthwise one three or four times its share, the 1 x 1 about twice; in milliseconds the 1 x 1 takes most. For each number that it reads, the plain
# 3 x 3 has 1,152 multiplications to do, the 1 x 1 has 128, the depthwise step 9. The fewer, the harder it is to keep a processor busy. How hard depends on machine and version, and yours may differ. That is the point: do not count, measure.
#
# Look at the first passes too. The first time, memory is asked for and the library chooses how to calculate; often that shows, and whoever times one single pass times it too. So here is what this course does, and what you should look for in other people's numbers:
#
# 1. **Warm up**: at least one pass that is not timed.
# 2. **Repeat**; give the median and the range. Where other programs disturb, as here, compare the fastest passes.
# 3. Say how many **images at a time**, how many **threads**, which **machine**.
# 4. `eval()` and no gradients.
# 5. On a GPU, **wait** until it is done before you stop the clock.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The chart
#
# Accuracy is published: torchvision keeps it beside its weights. Speed and memory are **measured here**: each network in a process of its own, with random weights (speed does not depend on their values).

# %% tags=["timing"]
print(f"{torch.get_num_threads()} thread(s)")
here = zoo.survey(zoo.QUICK, seconds=0.3)

# %% slideshow={"slide_type": "skip"} tags=["timing"]
def told(speed):
    """Median and range of the passes, in images a second."""
    return "{images_per_second:.1f} ({low:.1f} to {high:.1f})".format(**speed)


table = {row["name"]: {"top-1, %": f"{row['top1']:.1f}", **{f"images/s, {n} at a time": told(speed) for n, speed in row["speed"].items()},
                       **{f"peak MB, {n} at a time": f"{m:.0f}" for n, m in row["peak_mb"].items()}} for row in here}
pd.DataFrame(table).T

# %% tags=["timing"]
def chart(rows, batch="1"):
    points = {row["name"]: (row["speed"][batch]["images_per_second"], row["top1"]) for row in rows}
    sizes = {row["name"]: row["peak_mb"][batch] for row in rows}
    labels = {"xlabel": f"images a second, {batch} at a time", "ylabel": "ImageNet top-1, %", "size_label": "peak memory in MB"}
    return viz.bubbles(points, sizes, xscale="log", **labels)


ax = chart(here)
viz.caption(ax, "Six networks on the machine that ran this page. Up is better, right is faster, small is cheap in memory.")

# %% [markdown] slideshow={"slide_type": "skip"}
# A network in the upper right corner would be the answer to everything. There is none. And look at the memory: to *answer*, DenseNet-121 takes less than ResNet-50, although there is more to keep for training. (Why a process for each? Memory that one network has
# freed is not given back at once, and would be counted for the next.)
#
# Six networks take a moment; all eighteen take some minutes: `python benchmarks/zoo.py` measures them. Its last result is stored with the course, and you have it beside your own in the explorer below.

# %%
stored = runtime.results("zoo")
machine = stored["machine"]
print(f"stored: {machine['processor']}, {machine['threads']} thread(s), torch {machine['torch']}")
print(f"timed again with torch.utils.benchmark: rank correlation {stored['spearman']:.2f} (1: both put the networks in the same order)")
assert stored["spearman"] >= 0.9 and len(stored["rows"]) >= 14

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Walk through the zoo
#
# Point at a dot, or use the arrow keys. Below is the block of the network that you picked. Green marks: the same network, trained by a later recipe.

# %% tags=["timing"]
widgets.zoo_chart({"stored, all": stored["rows"], "here, just now": here})

# %% [markdown] slideshow={"slide_type": "skip"}
# Three animals are new. *SqueezeNet* (2016) has hardly any parameters: 1 x 1 down before every 3 x 3. *EfficientNet* (2019) is MobileNet v2's block with squeeze and excitation (chapter 10); depth, width and image size grow together. *ConvNeXt* (2022) is a
# ResNet brought up to date: depthwise 7 x 7, one activation a block, a long recipe.
#
# Things to find:
#
# * Follow the family from ResNet-18 to ResNet-152. What does each further point of accuracy cost?
# * Which network has the most parameters of the fast ones? Compare DenseNet-121 with ResNet-18: which has fewer, which is faster?
# * Switch to 8 images at a time. Who gains, who does not? Together, images share the reading of the weights and the cost of each call. But their maps take eight times the room, and the processor's fast memory is small.
# * The dashed line joins those that **no other beats** in both. Everybody else is dominated: you could have more for less.
# * The green marks. ResNet-50 went from 76.1 % to 80.9 % in 2021, with the *same* network, by longer training, stronger augmentation and averaged weights. Much of what looks like progress of architectures is progress of recipes.
#
# And what you cannot find: on another machine the order changes. On a GPU with large batches, groups and depthwise layers suffer more, plain 3 x 3 less.

# %% [markdown] slideshow={"slide_type": "notes"}
# Good questions for the room: you have a phone, or a camera that must read 30 images a second here; which dot? You have a data centre and a medical task; which dot? What is missing on the chart: training cost, energy, how well the features transfer.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: which networks are not beaten?
#
# `points` is a dict, name -> (speed, accuracy); larger is better. One network *beats* another if it is as good or better in both numbers, and better in at least one. Return the names that nobody beats, in the order of `points`. *About 10 minutes.*

# %% tags=["exercise"]
def pareto(points):
    """Names (list) of the networks that no other beats."""
    ### BEGIN SOLUTION
    def beats(a, b):
        return a[0] >= b[0] and a[1] >= b[1] and a != b

    return [name for name, point in points.items() if not any(beats(other, point) for other in points.values())]
    ### END SOLUTION


# %% tags=["check"]
check.pareto(pareto)

# %% [markdown] tags=["hint"]
# Write a small function `beats(a, b)` first. Nobody beats their equal: `a != b`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Which one, then?
#
# Say first what you need: at least 6 images a second, at most 100 MB. *Which networks remain, and which is the most accurate?*

# %%
def fits(row):
    return row["speed"]["1"]["images_per_second"] >= 6 and row["peak_mb"]["1"] <= 100


best = max(filter(fits, stored["rows"]), key=lambda row: row["top1"])
print("remain:", ", ".join(row["name"] for row in stored["rows"] if fits(row)))
print("take:  ", best["name"])

# %% [markdown] slideshow={"slide_type": "skip"}
# That is the answer to the question at the top: there is no best network, but one for your limits. Measure on the machine that it will run on, drop what is too slow or too large, and of the rest take the most accurate, with weights by the newest recipe.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three small nets vote
#
# AlexNet's entry of 2012 was not one network but **seven**, whose answers were averaged. Errors that networks do not share cancel.

# %% [markdown] slideshow={"slide_type": "skip"}
# Two ways to count. Each network has one **vote**, for its most probable class; ties go to the larger mean probability. Or: take the **mean of the probabilities**, so that a network that is sure counts for more. *Can the two disagree?*

# %% tags=["nbval-check-output"]
opinions = torch.tensor([[0.5, 0.4, 0.1], [0.5, 0.4, 0.1], [0.0, 0.9, 0.1]])
print("votes:", opinions.argmax(1).tolist(), "  mean:", [round(p, 2) for p in opinions.mean(0).tolist()])

# %% [markdown] slideshow={"slide_type": "skip"}
# They can. Two networks say 0 without conviction, the third is sure of 1.
#
# Let three tiny nets learn, from 1,000 of our 4,000 digits each, and look at digits on which they disagree. One such committee proves nothing, so there are three of them: nine nets in all.

# %%
digits, test_digits = data.mnist("embedded")

def opinion(seed):
    """Probabilities of a fresh net for the test digits: (N, 10). It has seen 1,000 digits, drawn for it at random."""
    runtime.seed_everything(seed)
    net = models.create("lenet_bn")
    train.fit(net, digits.subset(1000, seed=seed), epochs=4, batch_size=32, seed=seed, progress=False)
    return train.predict(net, test_digits).softmax(1)


committees = torch.stack([opinion(seed) for seed in range(9)]).view(3, 3, -1, 10)

# %%
votes, truth = committees[0].argmax(2), test_digits.labels
split = (votes != votes[0]).any(0).nonzero()[:, 0][:8]
titles = [f"{votes[:, i].tolist()}: {truth[i]}" for i in split]
axes = viz.image_grid(test_digits.images[split], titles=titles)
viz.caption(axes, "Digits on which the first three nets disagree: their three answers, and the truth.")

# %%
right = committees.argmax(3) == truth
for number, one in enumerate(right, 1):
    print(f"committee {number}: all three are right on {one.all(0).float().mean():.1%}, at least one on {one.any(0).float().mean():.1%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# No majority vote can be right where nobody is. One net alone is right on about 94.5 %: a vote can win at most the three points up to "at least one".
#
# ### Your turn: a vote
#
# For each image, the class with the most votes. Among classes with equally many, the one with the largest mean probability. *About 15 minutes.*

# %% tags=["exercise"]
def vote(probabilities):
    """probabilities (M, B, K) of M networks for B images -> classes (B,) int64."""
    ### BEGIN SOLUTION
    votes = F.one_hot(probabilities.argmax(2), probabilities.shape[2]).sum(0)    # (B, K)
    return (votes + probabilities.mean(0) / 2).argmax(1)    # less than a vote, so it decides between equals only
    ### END SOLUTION


# %% tags=["check"]
check.vote(vote)

# %% [markdown] tags=["hint"]
# `F.one_hot(classes, K)` makes a row of zeros with a one for each class. Sum over the networks and you have counted the votes.

# %% [markdown] tags=["hint"]
# Half the mean probability is less than one vote. Add it to the counts before you take the argmax.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What does it bring?
#
# Nine nets, three committees. *Which bar will be the longest, and by how much?*

# %%
accuracy = {
    "one net, on average": right.float().mean((1, 2)),
    "the best of its three": right.float().mean(2).amax(1),
    "majority vote": torch.stack([(train.majority(one) == truth).float().mean() for one in committees]),
    "mean of the probabilities": (committees.mean(1).argmax(2) == truth).float().mean(1),
}

# %%
means, stds = ({name: 100 * share(runs).item() for name, runs in accuracy.items()} for share in (torch.mean, torch.std))
ax = viz.bars(means, stds, colours={"majority vote": viz.FEATURE_MAP, "mean of the probabilities": viz.FEATURE_MAP}, xlabel="test accuracy, %", form="{:.1f}")
ax.set_xlim(90, 98)
viz.caption(ax, "Mean and standard deviation over three committees. The axis begins at 90 %.")

# %%
for name in ("majority vote", "mean of the probabilities"):
    gains = [100 * (accuracy[name] - accuracy[rival]) for rival in ("one net, on average", "the best of its three")]
    print(f"{name:26} against one net {gains[0].min():+.1f} to {gains[0].max():+.1f} points, against the best of three {gains[1].min():+.1f} to {gains[1].max():+.1f}")
    assert gains[0].min() > 0.3

# %% [markdown] slideshow={"slide_type": "skip"}
# In every committee the three together are better than one of them is on average, by a point or more: about three errors in ten are gone. Against the best of the three the gain is smaller. But nobody knows beforehand which one that is: here we
# chose it by the test digits themselves, which is not allowed. Between the two ways to count there is no difference that three committees could prove.
#
# Where the errors come from matters more than how one counts. These nets learned from different draws of the digits (any two share some) and began with different weights. Had they all learned the same mistakes, the vote would repeat them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Unequal members
#
# Colour digits, and a committee of three families: a small DenseNet, MobileNet and ShuffleNet. Beside them **one** ResNet-8 of as much work as all three. *Will the vote win again?*

# %% slideshow={"slide_type": "skip"}
claim = runtime.results("accuracy")["claims"]["three_nets_vote"]
best = claim["variants"]["best of the three"]
runs = {"the weakest": best["worst_member"], "one net, on average": best["mean_member"]}
runs |= {name: variant["accuracy"] for name, variant in claim["variants"].items()}
means, stds = ({name: 100 * run[key] for name, run in runs.items()} for key in ("mean", "std"))

# %%
ax = viz.bars(means, stds, colours={"majority vote": viz.FEATURE_MAP, "mean of the probabilities": viz.FEATURE_MAP}, xlabel="test accuracy, %", form="{:.1f}")
ax.set_xlim(70, 98)
viz.caption(ax, f"Colour digits: mean and standard deviation over {len(claim['seeds'])} seeds. The axis begins at 70 %.")

# %% slideshow={"slide_type": "skip"}
learned = claim["variants"]["one ResNet-8 of the same work"]["train_accuracy"]["mean"]
print(f"all three agree on {best['all_agree']['mean']:.0%} of the images; at least one is right on {best['one_is_right']['mean']:.1%}")
for name, against in claim["compared"].items():
    print(f"{name:31} against the best of the three {100 * against['difference']:+.1f} points, {'clear' if against['clear'] else 'inside the noise'}")
print(f"the one ResNet-8 is right on {learned:.1%} of its training images")

# %% [markdown] slideshow={"slide_type": "skip"}
# No. The vote is four points above its average member, and no better than its best one. The members are unequal: one net is right on 90 %, another on 80 %, and the weak have as many votes as the strong. A committee pays where its members are about
# equally good *and* err differently; the nine nets above were both.
#
# And the one ResNet of the same work? It is not better than the committee, at this size and with this recipe: it knows its 4,000 training images nearly by heart. The spread of its three runs is so large that the chart says no more than that.
#
# Both experiments are small. What you can take along are the questions: compare with the best single member, with one network of the same work, and over several seeds.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "A dense block gets 64 channels and has 6 layers of growth 32. How many channels come out?", "type": "numeric",
     "answers": [{"type": "value", "value": 256, "correct": True, "feedback": "64 + 6 x 32."},
                 {"type": "default", "feedback": "The input stays, and each layer adds its 32."}]},
    {"question": "A 3 x 3 convolution from 64 to 64 channels with groups=64: how many weights (no biases)?", "type": "numeric",
     "answers": [{"type": "value", "value": 576, "correct": True, "feedback": "64 kernels of 3 x 3, each for one channel."},
                 {"type": "value", "value": 36864, "correct": False, "feedback": "That is groups=1."},
                 {"type": "default", "feedback": "Each output channel reads a single input channel."}]},
    {"question": "Network A has half the multiply-adds of network B. What do you know about its speed on your machine?", "type": "multiple_choice",
     "answers": [{"answer": "Little. Measure it", "correct": True, "feedback": "Memory traffic, groups and small pieces of work count as well."},
                 {"answer": "It is about twice as fast", "correct": False, "feedback": "Look at the separable convolution again: its share of the time was not its share of the work."},
                 {"answer": "It needs half the memory", "correct": False, "feedback": "Memory depends on weights and maps, not on how often a weight is used."}]},
    {"question": "Three networks make exactly the same mistakes. What does their vote bring?", "type": "multiple_choice",
     "answers": [{"answer": "Nothing", "correct": True, "feedback": "Only errors that are not shared can be outvoted."},
                 {"answer": "A third of the errors disappear", "correct": False, "feedback": "Where all three are wrong together, so is the vote."},
                 {"answer": "It makes them faster", "correct": False, "feedback": "It takes three times the work."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Stack, group, separate, shuffle: four ways to pay less.
# * Groups remove connections; a 1 x 1 or a shuffle brings them back.
# * Measure speed and memory; counts are not enough.
# * Voters must differ.

# %% [markdown] slideshow={"slide_type": "skip"}
# In the order of the goals:
#
# * A dense layer reads everything before it and adds its growth. Groups divide weights and work by $g$. A separable convolution has $1/D + 1/K^2$ of both. ShuffleNet v2 convolves half the channels and shuffles.
# * In a grouped layer channels of different groups do not meet; after a depthwise one, all kernels on a channel are multiples of one pattern. A 1 x 1, or the shuffle and the next layer, lets them meet.
# * Warm up, repeat, give median and range, and say batch, threads and machine. Memory is measured in a fresh process.
# * A network is beaten if another is as good in everything and better in something. The front is what is left.
# * A vote, or the mean of the probabilities, helps where the members are about equally good and err differently. It costs the work of all of them.
#
# ### Common mistakes
#
# * *"Fewer parameters, so it is faster and smaller in memory."* Three different quantities. DenseNet-121 has few parameters, and keeps large maps while it trains.
# * *"Depthwise convolutions save nine tenths of the time."* Of the multiply-adds. Measure.
# * *Timing the first pass*, timing in training mode, or timing one batch size and speaking of another.
# * *Comparing accuracies of different recipes*, and crediting the architecture.
# * *A ReLU after the narrow end* of an inverted residual.
# * *`reshape` alone as a shuffle.* It keeps the order. Two axes have to change places.
# * *Picking the best of the ensemble on the test set*, and reporting it as if one had known.
#
# ### Papers
#
# * G. Huang, Z. Liu, L. van der Maaten, K. Weinberger (2017). "Densely connected convolutional networks". *CVPR*.
# * S. Xie, R. Girshick, P. Dollár, Z. Tu, K. He (2017). "Aggregated residual transformations for deep neural networks". *CVPR*. (ResNeXt.)
# * A. Howard, M. Zhu, B. Chen, D. Kalenichenko, W. Wang, T. Weyand, M. Andreetto, H. Adam (2017). "MobileNets: efficient convolutional neural networks for mobile vision applications". *arXiv:1704.04861*.
# * M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L.-C. Chen (2018). "MobileNetV2: inverted residuals and linear bottlenecks". *CVPR*.
# * X. Zhang, X. Zhou, M. Lin, J. Sun (2018). "ShuffleNet: an extremely efficient convolutional neural network for mobile devices". *CVPR*.
# * N. Ma, X. Zhang, H.-T. Zheng, J. Sun (2018). "ShuffleNet V2: practical guidelines for efficient CNN architecture design". *ECCV*.
# * M. Tan, Q. Le (2019). "EfficientNet: rethinking model scaling for convolutional neural networks". *ICML*.
# * Z. Liu, H. Mao, C.-Y. Wu, C. Feichtenhofer, T. Darrell, S. Xie (2022). "A ConvNet for the 2020s". *CVPR*. (ConvNeXt.)
# * B. Lakshminarayanan, A. Pritzel, C. Blundell (2017). "Simple and scalable predictive uncertainty estimation using deep ensembles". *NeurIPS*.
