# ---
# title: VGG blocks
# question: One large kernel, or several small ones?
# minutes: 110
# builds_on: [1, 4, 5]
# goals:
#   - compare a stack of 3 x 3 convolutions with one large kernel in reach, parameters and multiply-adds
#   - write the VGG block, and build VGG-11 to VGG-19 from one table
#   - say where a network's parameters sit, and where its work is done
#   - derive Kaiming's initialisation, and measure what happens without it
#   - judge what batch normalisation and depth buy, with the spread over seeds
# ---

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn
from utils import complexity, data, models, runtime, train, viz, widgets
from utils.checks import ch06 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One kernel, many layers
#
# AlexNet has kernels of 11, 5, 3, 3, 3: every layer decided by hand. In 2014, Oxford's Visual Geometry Group asked: what if **all** kernels
# are 3 x 3, and there are many?

# %%
shown = {}
for name in ("alexnet", "vgg16"):
    with torch.device("meta"):
        convs = [layer for layer in models.create(name).modules() if isinstance(layer, nn.Conv2d)]
    shown[name] = [layer.kernel_size[0] for layer in convs]
print(shown)

# %% [markdown] slideshow={"slide_type": "skip"}
# (On the device called *meta*, a network has shapes but no numbers. Even the largest VGG is built there at once and takes no memory. All
# counting in this chapter is done that way.)
#
# The authors were Karen Simonyan and Andrew Zisserman; the net is named after their group. An 11 x 11 kernel sees far. A 3 x 3 kernel sees its next neighbours only. Why would one throw the far view away? This
# chapter works out what a stack of small kernels sees and costs, builds the networks from
# it that a whole field then used as its workhorse, and finds out what it takes to train something this deep.

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room choose before you start: you may double a network's cost. Would you use larger kernels, more channels, or more layers? Keep the
# votes; come back to them at the end.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How far does a stack see?
#
# One random 5 x 5, or two 3 x 3 in a row. Which pixels does the middle output depend on? Its **gradient** says. *How wide is each view?*

# %% slideshow={"slide_type": "skip"}
def seen(kernels, side=9):
    """How strongly the middle output depends on each pixel, averaged over random kernels of these sizes: (side, side)."""
    X = torch.randn(1, 1, side, side, requires_grad=True)
    total = torch.zeros(side, side)
    for _ in range(200):
        maps = X
        for kernel in kernels:
            maps = F.conv2d(maps, torch.randn(1, 1, kernel, kernel) / kernel, padding=kernel // 2)
        total += torch.autograd.grad(maps[0, 0, side // 2, side // 2], X)[0][0, 0].abs() / 200
    return total


# %%
runtime.seed_everything(0)
views = {"one 5 x 5": seen([5]), "two 3 x 3": seen([3, 3]), "one 7 x 7": seen([7]), "three 3 x 3": seen([3, 3, 3])}
axes = viz.feature_maps(torch.stack(list(views.values())), titles=list(views))
viz.caption(axes, "Mean size of the gradient at each of 9 x 9 pixels: the same square, but the stack looks at its middle most.")

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
for name, view in views.items():
    side = int((view > 0).any(0).sum())
    print(f"{name:12} sees {side} x {side} pixels")

# %% [markdown] slideshow={"slide_type": "skip"}
# Two small ones see what one large one sees: two see 5 x 5, three see 7 x 7. Each further layer adds 2 (chapter 01). The square is the same, the view is not. Many paths lead
# from the middle pixels to the output and a single one from each corner, so a stack looks at the middle most. That is how pictures are built: what
# belongs together is mostly close together.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What does the view cost?
#
# From $C$ to $C$ channels, a kernel of side $K$ has $K^2 C^2$ weights. The stack that sees as much has $\frac{K-1}{2} \cdot 9 C^2$.

# %% tags=["nbval-check-output"]
import pandas as pd
rows = []
for kernel in (3, 5, 7, 11):
    large = complexity.conv_cost(256, 256, kernel, out_size=28, bias=False)
    layer = complexity.conv_cost(256, 256, 3, out_size=28, bias=False)
    count = (kernel - 1) // 2
    rows.append({"sees": kernel, "one kernel": large["params"], "stack": count * layer["params"], "3 x 3 layers": count,
                 "one, M MACs": large["macs"] / 1e6, "stack, M MACs": count * layer["macs"] / 1e6})
costs = pd.DataFrame(rows).set_index("sees")
costs.assign(ratio=costs["stack"] / costs["one kernel"]).round(2)

# %% [markdown] slideshow={"slide_type": "skip"}
# 256 channels, maps of 28 x 28, weights without biases. Every layer keeps the size, so each weight is used once at each of the 784 places and the multiply-adds have the same ratio.
# For 5 x 5 the stack costs 72 %, for 7 x 7 it costs 55 %, for AlexNet's 11 x 11 it costs 37 %. That holds where as many channels come in as go out; you will count the other case.
#
# The stack also bends the signal more often: one ReLU after each layer, three instead of one. Does that matter? *What would three layers be worth without a ReLU between them?*

# %% tags=["nbval-check-output"]
runtime.seed_everything(0)
first, second = torch.randn(2, 1, 1, 3, 3)
X = torch.randn(1, 1, 12, 12)
# slide one kernel over the other. Flipped: two cross-correlations in a row combine by a true convolution (chapter 01)
merged = F.conv2d(first, second.flip(2, 3), padding=2)
print("merged kernel:", tuple(merged.shape[2:]))
print("without ReLU, equal:", torch.allclose(F.conv2d(F.conv2d(X, first), second), F.conv2d(X, merged), atol=1e-4))
print("with ReLU, equal:   ", torch.allclose(F.conv2d(F.conv2d(X, first).relu(), second), F.conv2d(X, merged), atol=1e-4))

# %% [markdown] slideshow={"slide_type": "skip"}
# Without the ReLU, two 3 x 3 kernels **are** one 5 x 5 kernel, and a poor one: 18 numbers where a free one has 25. The nonlinearity between them is what makes
# a stack worth more than the kernel that it replaces.

# %% [markdown] slideshow={"slide_type": "notes"}
# A good place for the blackboard: 49 C^2 for one 7 x 7, 3 times 9 C^2 for the stack. Then ask what changes if only 3 channels come in. (The single kernel is cheap, 49 * 3 * C, and the stack's later
# layers are not: there the stack costs more. The exercise below counts it.)

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the price of a stack
#
# How many parameters does the shortest stack of 3 x 3 convolutions have that sees `reach` x `reach` pixels? The first layer takes `c_in` channels to `c_out`, the others
# keep `c_out`. `reach` is odd and at least 3. *About 10 minutes.*

# %% tags=["exercise"]
def stack_parameters(c_in, c_out, reach, bias):
    """Parameters (int) of the stack; with `bias`, each layer has one bias for each of its output channels."""
    ### BEGIN SOLUTION
    layers = (reach - 1) // 2
    weights = 9 * c_in * c_out + (layers - 1) * 9 * c_out * c_out
    return weights + layers * c_out * int(bias)
    ### END SOLUTION


# %% tags=["check"]
check.stack_parameters(stack_parameters)

# %% [markdown] tags=["hint"]
# How many layers? One sees 3, two see 5, three see 7.

# %% [markdown] tags=["hint"]
# Only the first layer has `c_in` input channels. Count it alone, then the others, then the biases.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The block
#
# Some 3 x 3 convolutions with padding 1, each with its ReLU. Then a 2 x 2 max pooling with stride 2. *Which of these lines change the size of the maps?*

# %%
block = nn.Sequential(
    nn.Conv2d(3, 64, kernel_size=3, padding=1), nn.ReLU(),
    nn.Conv2d(64, 64, kernel_size=3, padding=1), nn.ReLU(),
    nn.MaxPool2d(kernel_size=2, stride=2),
)

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
X = torch.zeros(1, 3, 32, 32)
for layer in block:
    X = layer(X)
    print(f"{type(layer).__name__:10} {tuple(X.shape)}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Padding 1 gives back what a 3 x 3 kernel takes away, so a block may have any number of convolutions: only the pooling halves the map. Blocks fit together like bricks, and a network can be described by
# two short rows of numbers: **how many** convolutions each block has, and **how wide** they are.

# %%
axes = viz.architecture(block, (3, 32, 32))
viz.caption(axes, "A VGG block of two convolutions, drawn from the model itself; 0, 2 and 4 are the layers' places in it.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Until VGG, people designed layers. Since VGG, they design blocks and repeat them. Every network in the rest of this course is a row of blocks.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the VGG block
#
# For any number of convolutions. With `batch_norm`, an `nn.BatchNorm2d` stands between each convolution and its ReLU (what it does is chapter 08's subject;
# here it is one more layer). *About 15 minutes.*

# %% tags=["exercise"]
def vgg_block(convs, c_in, c_out, batch_norm=False):
    """The block as an nn.Sequential: X (B, c_in, H, W) -> (B, c_out, H // 2, W // 2)."""
    ### BEGIN SOLUTION
    layers = []
    for i in range(convs):
        layers.append(nn.Conv2d(c_in if i == 0 else c_out, c_out, kernel_size=3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(c_out))
        layers.append(nn.ReLU())
    layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)
    ### END SOLUTION


# %% tags=["check"]
check.vgg_block(vgg_block)

# %% [markdown] tags=["hint"]
# Collect the layers in a list, in a loop, and hand them over at the end: `nn.Sequential(*layers)`.

# %% [markdown] tags=["hint"]
# Only the first convolution takes `c_in` channels. Which number of channels comes out of it, and into the second?

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What a block sees
#
# After a pooling, neighbours lie twice as far apart, so each 3 x 3 kernel reaches twice as far. Here is the view of one output after block 1, 2, 3.

# %% slideshow={"slide_type": "skip"}
def seen_after(blocks, side=48):
    """How strongly a middle output of `blocks` blocks depends on each pixel, averaged over random nets: (side, side)."""
    total = torch.zeros(side, side)
    for _ in range(30):
        net = models.create("vgg_small", channels=1, widths=(8, 8, 8))
        X = torch.randn(1, 1, side, side, requires_grad=True)
        maps = net.features[: 5 * blocks](X)  # five layers a block: convolution, ReLU, convolution, ReLU, pooling
        middle = maps.shape[-1] // 2
        total += torch.autograd.grad(maps[0, :, middle, middle].sum(), X)[0][0, 0].abs()
    return total / total.max()


# %%
from matplotlib.patches import Rectangle

runtime.seed_everything(0)
views = torch.stack([seen_after(blocks) for blocks in (1, 2, 3)])
axes = viz.feature_maps(views, titles=["block 1", "block 2", "block 3"])
for ax, reach, jump in zip(axes, (6, 16, 36), (2, 4, 8)):
    corner = 24 - (reach - jump) / 2 - 0.5
    ax.add_patch(Rectangle((corner, corner), reach, reach, fill=False, edgecolor=viz.KERNEL))
viz.caption(axes, "Pixels of a 48 x 48 image that one output after each block depends on, in parts of the strongest; orange: all that it sees.")

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
for blocks in (1, 2, 3, 4, 5):
    steps = [(3, 1), (3, 1), (2, 2)] * blocks
    print(f"after block {blocks}: {complexity.receptive_field(steps)} x {complexity.receptive_field(steps)} pixels")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: any table of blocks
#
# Given the number of convolutions in each block, return the receptive field after each block, its pooling included. Count it yourself, without `complexity.receptive_field`. *About 10 minutes.*

# %% tags=["exercise"]
def reach_of_blocks(convs):
    """Sides (list of int) of the squares of pixels that one output sees after each block; `convs` is a tuple of int."""
    ### BEGIN SOLUTION
    side, jump, sides = 1, 1, []
    for n in convs:
        side += n * 2 * jump   # n kernels of 3
        side += jump           # the pooling's window of 2
        jump *= 2              # its stride
        sides.append(side)
    return sides
    ### END SOLUTION


# %% tags=["check"]
check.reach_of_blocks(reach_of_blocks)

# %% [markdown] tags=["hint"]
# Carry two numbers through the blocks: the side seen so far, and the jump, the distance in pixels between neighbouring outputs. Both start at 1.

# %% [markdown] tags=["hint"]
# A layer of kernel $k$ adds $(k - 1)$ jumps to the side. The pooling is a layer of kernel 2, and its stride doubles the jump for whatever comes after it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One table, four networks
#
# Five blocks of 64, 128, 256, 512, 512 channels, then three dense layers. Only the number of convolutions in each block differs.

# %% tags=["nbval-check-output"]
from utils.models import vgg
for depth, convs in vgg.DEPTHS.items():
    print(f"VGG-{depth}: convolutions in each block {convs}; {sum(convs)} + 3 dense = {sum(convs) + 3} layers with weights")

# %% [markdown] slideshow={"slide_type": "skip"}
# The number in the name counts the layers that have weights; pooling and ReLU have none. The paper calls these four A, B, D and E. The whole network is one loop over the table. Here is the course's own
# code for it (`vgg_block` is what you wrote above, as a list):

# %%
import inspect
print(inspect.getsource(vgg.VGG.__init__))

# %% [markdown] slideshow={"slide_type": "skip"}
# (`AdaptiveAvgPool2d(7)` averages whatever maps arrive down to 7 x 7; for images of 224 x 224 they already are. `kaiming` is explained below.)
#
# *VGG-19 has eight convolutions more than VGG-11. Will it have 10 %, 50 % or 100 % more parameters?*

# %% tags=["nbval-check-output"]
rows = {}
for depth in vgg.DEPTHS:
    with torch.device("meta"):
        plain, normed = models.create(f"vgg{depth}"), models.create(f"vgg{depth}_bn")
    counted, with_norm = complexity.count(plain, (3, 224, 224)), sum(p.numel() for p in normed.parameters())
    rows[f"VGG-{depth}"] = {"parameters": counted["params"], "with batch norm": with_norm, "G MACs": round(counted["macs"] / 1e9, 3)}
pd.DataFrame(rows).T.astype({"parameters": int, "with batch norm": int})

# %% [markdown] slideshow={"slide_type": "skip"}
# Eight more layers add 8 % to the parameters and make the work 2.6 times as large. So parameters and work must sit in different places. We will look for them in a moment.

# %% [markdown] slideshow={"slide_type": "notes"}
# These are exactly torchvision's networks: the course's tests load torchvision's weights into them and compare the outputs. The batch norm versions came later than the paper, which is from the year before batch
# norm.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### And a 1 x 1?
#
# Some say that VGG is made of 1 x 1 convolutions. It is not. The paper's net C is VGG-16 with a 1 x 1 as the last convolution of blocks 3, 4 and 5.

# %% tags=["nbval-check-output"]
for name, kernels in {"C": (3, 3, 1), "D": (3, 3, 3)}.items():
    params = sum(complexity.conv_cost(512, 512, kernel, out_size=28)["params"] for kernel in kernels)
    reach = complexity.receptive_field([(kernel, 1) for kernel in kernels])
    print(f"{name}: kernels {kernels}, {params:,} parameters, sees {reach} x {reach}, {len(kernels)} ReLUs")

# %% [markdown] slideshow={"slide_type": "skip"}
# A 1 x 1 kernel adds a ReLU and mixes the channels, but sees no new neighbour. In the paper C beat B, the same net without the 1 x 1, so the extra nonlinearity helps; and D beat C, so looking around helps
# as well. Chapter 07 gives the 1 x 1 convolution the job that it is really good at.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: a VGG from a table
#
# For colour images of 32 x 32. One block for each pair of numbers in `convs` and `widths`, without batch norm; then a dense layer to `hidden` units with a ReLU, and one to the logits. No dropout.
# You may call your `vgg_block`. *About 20 minutes.*

# %% tags=["exercise"]
def build_vgg(convs, widths, hidden, classes):
    """nn.Sequential: X (B, 3, 32, 32) -> logits (B, classes); `convs` and `widths` have one number for each block."""
    ### BEGIN SOLUTION
    layers, c_in = [], 3
    for n, width in zip(convs, widths):
        for _ in range(n):
            layers += [nn.Conv2d(c_in, width, 3, padding=1), nn.ReLU()]
            c_in = width
        layers.append(nn.MaxPool2d(2))
    side = 32 // 2 ** len(convs)
    head = [nn.Flatten(), nn.Linear(c_in * side * side, hidden), nn.ReLU(), nn.Linear(hidden, classes)]
    return nn.Sequential(*layers, *head)
    ### END SOLUTION


# %% tags=["check"]
check.build_vgg(build_vgg)

# %% [markdown] tags=["hint"]
# Loop over the blocks, and call your `vgg_block` for each, or write a second loop over its convolutions. Keep the present number of channels in a variable.

# %% [markdown] tags=["hint"]
# Each block halves 32 once. After three blocks the maps are 4 x 4, so the dense layer takes `4 * 4 * widths[-1]` numbers.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where the parameters sit
#
# *Guess first: which share of VGG-16's parameters is in its first dense layer?*

# %% slideshow={"slide_type": "skip"}
with torch.device("meta"):
    vgg16 = models.create("vgg16")
table = complexity.layer_table(vgg16, (3, 224, 224))
number = (table["type"] == "MaxPool2d").cumsum().shift(fill_value=0) + 1  # of the block: the poolings before it, plus 1
stage = ("block " + number.astype(str)).where(table["layer"].str.startswith("features"), "dense layers")
stages = table.groupby(stage, sort=False)[["params", "MACs", "activation memory"]].sum()

# %%
ax = viz.bars(stages["params"].to_dict(), xlabel="parameters", form="{:,.0f}")
viz.caption(ax, "VGG-16's parameters: the dense layers hold nearly nine in ten.")

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
dense = table[table["type"] == "Linear"]
print("first dense layer:", " x ".join(str(side) for side in (7 * 7 * 512, 4096)), f"weights, {dense['params'].iloc[0]:,} parameters")
print(f"its share of all:  {dense['params'].iloc[0] / table['params'].sum():.1%}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where the work is done
#
# The dense layers use each weight once. A convolution uses each weight at every place of its map.

# %%
ax = viz.bars((stages["MACs"] / 1e9).to_dict(), xlabel="billions of multiply-adds for one image", form="{:.2f}")
viz.caption(ax, "VGG-16's work: the convolutions do more than 99 %.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The bars differ because the blocks have different numbers of convolutions. Count one by one. From block to block the side halves, which leaves a quarter of the places; the channels double, which makes four times the weights. The two cancel: **a convolution with as many channels in as out costs the same in blocks 1 to 4.**

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
convs = table[table["type"] == "Conv2d"]
print((convs["MACs"] / 1e9).round(3).tolist())

# %% [markdown] slideshow={"slide_type": "skip"}
# 1.85 for each of those, half of it where a block doubles the channels, a quarter in block 5, whose maps shrink while its width does not grow. The first layer is cheap, with 3 channels coming in.
# Halving the side and doubling the width is still the most common rule for the shape of a network.
#
# The outputs of the layers must be kept for the backward pass. *Where will they be largest?*

# %%
ax = viz.bars((stages["activation memory"] / 2**20).to_dict(), xlabel="MiB of layer outputs for one image", form="{:.1f}")
viz.caption(ax, "VGG-16's memory for activations: the early, large maps need most of it.")

# %% [markdown] slideshow={"slide_type": "skip"}
# So three questions have three answers. Is the file too large? Look at the first dense layer. Is it too slow? Look at the convolutions. Is the memory full while training? Look at the first blocks.

# %% [markdown] slideshow={"slide_type": "notes"}
# The file of VGG-16's weights is over half a gigabyte; replacing the first dense layer by an average over each map (chapters 07 and 09) would save nearly three quarters of it. The work would stay the same.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Build one with sliders
#
# Add blocks, convolutions and channels. *Which slider moves the parameters most, which the multiply-adds?*

# %%
widgets.vgg_builder()

# %% [markdown] slideshow={"slide_type": "skip"}
# Blue plates are convolutions, as high as their maps and as thick as they have channels. Grey are the maps after the pooling, whose sizes stand below; orange are the dense layers.
#
# Three things to try. Start from VGG-16 and halve the hidden units. Take the fifth block away: the dense layer then reads 14 x 14 maps (the builder averages nothing in front of it). What happens to the parameters? Then keep the multiply-adds near VGG-11's, and find the net that sees the largest part of the image.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: find where the parameters sit
#
# In any model: the share of each layer that has parameters of its own. *About 15 minutes.*

# %% tags=["exercise"]
def parameter_shares(model):
    """{name of the layer, as `named_modules` gives it: its share of all parameters, a float}; layers without any left out."""
    ### BEGIN SOLUTION
    counts = {}
    for name, module in model.named_modules():
        own = sum(p.numel() for p in module.parameters(recurse=False))
        if own:
            counts[name] = own
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}
    ### END SOLUTION


# %% tags=["check"]
check.parameter_shares(parameter_shares)

# %% [markdown] tags=["hint"]
# `model.named_modules()` gives pairs (name, module), and among them blocks that contain layers.

# %% [markdown] tags=["hint"]
# `module.parameters(recurse=False)` gives only what belongs to the module itself: nothing for a block or a ReLU, weight and bias for a layer.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## LeNet, AlexNet, VGG
#
# Bigger, deeper, repeated: sixteen years in three rows.

# %% tags=["nbval-check-output"]
rows = {}
for name, shape in {"lenet": (1, 28, 28), "alexnet": (3, 224, 224), "vgg16": (3, 224, 224)}.items():
    with torch.device("meta"):
        net = models.create(name)
    layers, counted = complexity.layer_table(net, shape), complexity.count(net, shape)
    kernels = [layer.kernel_size[0] for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    reach = layers.loc[layers["type"].isin(["Conv2d", "MaxPool2d"]), "receptive field"].max()
    rows[name] = {"convolutions": len(kernels), "kernels": sorted(set(kernels)), "they see": reach,
                  "dense layers": (layers["type"] == "Linear").sum(), "parameters": f"{counted['params']:,}", "M MACs": f"{counted['macs'] / 1e6:,.1f}"}
pd.DataFrame(rows).T

# %% [markdown] slideshow={"slide_type": "skip"}
# From LeNet to AlexNet the net grew in every direction at once. From AlexNet to VGG-16 the parameters rose 2.3-fold, mostly because the first dense layer now reads
# 512 maps of 7 x 7. The convolutions went from 5 to 13, all of one kind, and the work grew more than twenty times.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How does training begin?
#
# Sixteen layers, random weights. Each layer scales the signal a little. *Times 0.9, sixteen times over: what is left?*

# %% tags=["nbval-check-output"]
for factor in (0.5, 0.9, 1.0, 1.1, 2.0):
    print(f"{factor} ** 16 = {factor ** 16:.5f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# So the scale of the random weights decides whether anything arrives at the end. Here is the right scale, in four lines. Each output of a convolution is a sum over $n = C_{in} \cdot K \cdot K$ products (its *fan-in*),
#
# $$y = \sum_{i=1}^{n} w_i x_i .$$
#
# 1. The weights are drawn independently, with mean zero. Then variances add up: $\mathrm{Var}(y) = n \, \mathrm{Var}(w) \, E[x^2]$.
# 2. $x$ is what the ReLU of the layer before let through. Its input $y'$ was as often negative as positive, so half of the squares are gone: $E[x^2] = \tfrac12 \mathrm{Var}(y')$.
# 3. Together, each layer multiplies the variance by $\tfrac12 \, n \, \mathrm{Var}(w)$.
# 4. That factor is one if $\mathrm{Var}(w) = \dfrac{2}{n}$.
#
# This is **Kaiming initialisation** (He, Zhang, Ren and Sun, 2015). Without an activation the variance is $1/n$: for equal widths, the older rule of Xavier Glorot and
# Yoshua Bengio (2010), who take the mean of fan-in and *fan-out* (below) as $n$. Now measure it.

# %% slideshow={"slide_type": "skip"}
def signal(initialise, depth=24, batch_norm=False):
    """Mean square after each of `depth` convolutions of 64 channels, each with its ReLU."""
    runtime.seed_everything(0)
    X, sizes = torch.randn(4, 64, 16, 16), []
    for _ in range(depth):
        weight = initialise(torch.empty(64, 64, 3, 3))
        X = F.conv2d(F.pad(X, (1, 1, 1, 1), mode="circular"), weight)  # zeros at the border would weaken the signal
        X = F.batch_norm(X, None, None, training=True).relu() if batch_norm else X.relu()
        sizes.append(X.square().mean().item())
    return sizes


# %% slideshow={"slide_type": "skip"}
sizes = {
    "normal, std 0.1": signal(lambda weight: nn.init.normal_(weight, std=0.1)),
    "Kaiming": signal(lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu")),
    "Xavier": signal(nn.init.xavier_normal_),
    "normal, std 0.01": signal(lambda weight: nn.init.normal_(weight, std=0.01)),
    "std 0.01, batch norm": signal(lambda weight: nn.init.normal_(weight, std=0.01), batch_norm=True),
}

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The signal, layer by layer
#
# 24 convolutions of 64 channels. A straight line on this scale is a constant factor a layer.

# %%
ax = viz.lines(sizes, x=range(1, 25), xlabel="layer", ylabel="mean square of its output", yscale="log")
viz.caption(ax, "How large the signal is after each layer, for five ways to begin.")

# %%
near_one = {name: sizes[name] for name in ("Kaiming", "std 0.01, batch norm")}
ax = viz.lines(near_one, x=range(1, 25), xlabel="layer", ylabel="mean square of its output")
ax.set_ylim(0, 1.2)
viz.caption(ax, "The two that neither explode nor vanish, on a scale on which one can see them.")

# %% slideshow={"slide_type": "skip"} tags=["nbval-check-output"]
n = 64 * 3 * 3
for std in (0.1, (2 / n) ** 0.5, (1 / n) ** 0.5, 0.01):
    print(f"std {std:.4f}: by the formula, each layer multiplies the variance by {n * std**2 / 2:.3f}")

# %% slideshow={"slide_type": "skip"}
for name, size in sizes.items():
    print(f"{name:22} measured, each layer: {(size[-1] / size[0]) ** (1 / 23):.3f}")
assert 0.8 < (sizes["Kaiming"][-1] / sizes["Kaiming"][0]) ** (1 / 23) < 1.25 and sizes["normal, std 0.01"][-1] < 1e-30

# %% [markdown] slideshow={"slide_type": "skip"}
# A standard deviation of 0.01, which AlexNet used, loses the signal altogether: more than 35 powers of ten. A standard deviation of 0.1 makes the signal explode. Kaiming's loses a factor of about eight in 24 layers, and Xavier's halves it in each layer, as it
# should without the 2. (The formula is about the mean of many draws. All curves without batch norm use one and the same draw, only scaled, so all lie 9 % a layer below the formula; wider layers keep closer to it.) The last curve is flat: batch norm gives every layer's output the same size again, **whatever** the weights are. Chapter 08 makes more of that.
#
# The way back has the same problem. The gradient passes the layers in the opposite direction, so $n$ is the *fan-out* $C_{out} \cdot K \cdot K$. Where a layer keeps its width both agree. Elsewhere they differ by the ratio of the widths, and over a whole net these ratios
# multiply to no more than the last width over the first: no power of the depth. Either will do. The `kaiming` of our VGG takes the fan-out.

# %% [markdown] slideshow={"slide_type": "skip"}
# Does that decide whether a network learns? Twelve convolutions, a thousand grey digits, the same training. Only the first weights differ. *What will the losses be?*

# %%
digits, begun = data.mnist("embedded")[0].subset(1000, seed=0), {}
for name, std in {"Kaiming": None, "std 0.01": 0.01}.items():
    runtime.seed_everything(0)
    net = models.create("vgg_small", convs=(4, 4, 4), widths=(16, 32, 64), channels=1, side=3)
    if std:
        net.features.apply(lambda layer: nn.init.normal_(layer.weight, std=std) if isinstance(layer, nn.Conv2d) else None)
    begun[name] = train.fit(net, digits, epochs=4, lr=1e-3, batch_size=32, seed=0, progress=False, channels_last=True)

# %%
for name, history in begun.items():
    print(f"{name:9} training loss by epoch: {[round(loss, 2) for loss in history.train_loss]}")
print(f"a guess among ten classes: {torch.tensor(10.0).log():.2f}")
assert begun["Kaiming"].train_loss[-1] < 1.6 and begun["std 0.01"].train_loss[-1] > 2.2

# %% [markdown] slideshow={"slide_type": "skip"}
# In the first epoch both hover at a guess; then one starts to learn. The net with the small weights gets practically zero from every image. All that reaches its output is its biases, and no gradient comes back.
#
# The authors of VGG had this problem. Kaiming's paper did not exist yet. They trained VGG-11, which is shallow enough, and started the deeper nets from its layers. After the paper was submitted they found
# that Xavier's initialisation makes the detour unnecessary: sixteen halvings leave 1/65,536 of the mean square, which is small, but not nothing.

# %% [markdown] slideshow={"slide_type": "notes"}
# If time allows, ask for the factor of PyTorch's own default: uniform with variance 1 / (3 n), so each layer multiplies by 1/6. It works for shallow nets, and because most deep nets have batch norm today. VGG's own first net drew its weights with a standard deviation of 0.1: find that curve.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: Kaiming's standard deviation
#
# For a weight of any shape, (Cout, Cin, height, width) or (out, in). *About 10 minutes.*

# %% tags=["exercise"]
def kaiming_std(shape, mode):
    """Standard deviation (float) for a weight with this shape in front of a ReLU; `mode` is "fan_in" or "fan_out"."""
    ### BEGIN SOLUTION
    c_out, c_in, *kernel = shape
    fan = c_in if mode == "fan_in" else c_out
    for side in kernel:
        fan *= side
    return (2 / fan) ** 0.5
    ### END SOLUTION


# %% tags=["check"]
check.kaiming_std(kaiming_std)

# %% [markdown] tags=["hint"]
# The derivation gives a variance, $2 / n$. What is asked for is its square root.

# %% [markdown] tags=["hint"]
# `c_out, c_in, *kernel = shape` takes both kinds of weight apart: for a dense layer, `kernel` is an empty list.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Train a small one
#
# Three blocks of two convolutions on colour digits, once with batch norm and once without. Everything else is the same. *Which one is ahead after the first epoch?*

# %%
train_set, test_set = data.colour_digits()
few, histories = train_set.subset(2000, seed=0), {}
for name, norm in {"without batch norm": False, "with batch norm": True}.items():
    runtime.seed_everything(0)
    net = models.create("vgg_small", widths=(16, 32, 64), batch_norm=norm)
    options = {"epochs": 4, "lr": 3e-3, "batch_size": 64, "optimizer": "adamw", "channels_last": True}
    histories[name] = train.fit(net, few, test_set, seed=0, progress=False, **options)

# %%
axes = viz.curves(histories)
viz.caption(axes, "A small VGG on 2,000 colour digits, with and without batch norm: one run each.")

# %%
assert histories["with batch norm"].test_accuracy[-1] > 0.25  # a guess: 0.1
for name, history in histories.items():
    print(f"{name:20} test accuracy by epoch: {[f'{value:.0%}' for value in history.test_accuracy]}")

# %% [markdown] slideshow={"slide_type": "skip"}
# One run each, at one learning rate: that proves little. Perhaps the seed was lucky; perhaps the learning rate suits one of the two. So the course has trained the small VGG at its usual widths, 32, 64 and 128, on all 4,000 digits
# with three seeds, at each of three learning rates, and stored what came out (`benchmarks/accuracy.py` does it again).

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Is that luck?
#
# Three seeds, three learning rates. Compare the best of one with the best of the other.

# %%
claims = runtime.results("accuracy")["claims"]
runs = claims["vgg_batch_norm"]["variants"]
accuracy = {name: 100 * run["accuracy"]["mean"] for name, run in runs.items()}
spread = {name: 100 * run["accuracy"]["std"] for name, run in runs.items()}
colours = {name: viz.FEATURE_MAP if name.startswith("with ") else viz.INPUT for name in runs}
ax = viz.bars(accuracy, spread, colours=colours, xlabel="test accuracy, %", form="{:.1f}")
viz.caption(ax, "Small VGG on colour digits, 4 epochs: mean and standard deviation over three seeds.")

# %% slideshow={"slide_type": "skip"}
best = {}
for kind in ("without", "with"):
    best[kind] = max((run["accuracy"] for name, run in runs.items() if name.startswith(f"{kind} ")), key=lambda run: run["mean"])
    print(f"{kind:7} batch norm, at its best learning rate: {best[kind]['mean']:.1%} ± {best[kind]['std']:.1%}")
results = torch.tensor([run["accuracy"]["runs"] for run in runs.values()]).reshape(2, -1)
print(f"ahead with batch norm: {(results[1] > results[0]).sum()} of {results.shape[1]} pairs of equal learning rate and seed")
print(f"worst run with: {results[1].min():.1%}, best run without: {results[0].max():.1%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Batch norm wins in eight pairs of nine, and by more than six points when each net has its own best learning rate. The spread over seeds is nearly three points on both sides, so a difference of that size would mean nothing. And
# look at the last line: a lucky run without batch norm beats an unlucky one with it. Whoever had trained these two, once each, would tell you the opposite story.
#
# Be strict. Call a difference *clear* if no runs overlap and the means lie farther apart than twice the spread of their difference, $2\sqrt{s_1^2 + s_2^2}$. Here that is about 8 points, more than six: three seeds do not settle it.
# On photographs, at the end of the chapter, they will. Both best rates also lie at the edge of the three that we tried, so either net might do better outside.
#
# What batch norm does with the signal you have seen above. Why that helps is the subject of chapter 08.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Two 3 x 3, or one 5 x 5?
#
# The small VGG again, with batch norm, its pairs of 3 x 3 replaced. *What is the answer to the chapter's question, at our size? Which is the cheapest?*

# %%
kernels = claims["vgg_kernels"]
for (name, run), (count, kernel) in zip(kernels["variants"].items(), [(2, 3), (1, 5), (1, 3)]):
    net = models.create("vgg_small", convs=(count,) * 3, kernel=kernel, batch_norm=True)
    macs, against = complexity.count(net, (3, 32, 32))["macs"] / 1e6, kernels["compared"].get(name)
    verdict = "" if against is None else "clearly different" if against["clear"] else "inside the noise"
    print(f"{name:10} {macs:5.1f} M MACs   {run['accuracy']['mean']:.1%} ± {run['accuracy']['std']:.1%}   {verdict}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Note the cost: here the 5 x 5 is cheaper than the stack. The 72 % held for C channels in and C out. In these blocks the first convolution also doubles the channels. A single 5 x 5 has only that layer; the stack has a second one, from C to C.
#
# And no clear difference: on small digits, with six convolutions or with three, any of these will do, and the cheapest is as good as any. Do not conclude that depth is useless; conclude that
# this task does not need it. On ImageNet the paper made the same comparison, net B against the same net with each pair of 3 x 3 replaced by one 5 x 5, and the shallow one had a top-1 error 7 points higher. Where there is more to learn,
# the stack pays.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What does accuracy cost?
#
# Top-1 accuracy on ImageNet, as torchvision publishes it for its own weights, against the speed on this machine, measured now.

# %% slideshow={"slide_type": "skip"} tags=["timing"]
published = {"alexnet": 56.522, "vgg11": 69.020, "vgg16": 71.592, "vgg19": 72.376}
speed = {}
for name in published:
    with torch.device("meta"):
        net = models.create(name)
    net = net.to_empty(device="cpu")
    for p in net.parameters():
        nn.init.constant_(p, 0.01)
    speed[name] = complexity.throughput(net, (3, 224, 224), batch_size=1, seconds=0.5)["images_per_second"]

# %% tags=["timing"]
ax = viz.lines({"": list(published.values())}, x=list(speed.values()), xlabel="images a second", ylabel="ImageNet top-1, %")
for name, height in zip(published, (6, 4, -6, 5)):
    ax.annotate(name, (speed[name], published[name]), (11, height), textcoords="offset points")
ax.margins(0.15)
viz.caption(ax, "Published accuracy against the speed of the forward pass, one image at a time, on the machine that built this page.")

# %% slideshow={"slide_type": "skip"} tags=["timing"]
for name, rate in speed.items():
    print(f"{name:8} {published[name]:.1f} % top-1, {rate:6.1f} images a second")

# %% [markdown] slideshow={"slide_type": "skip"}
# (The weights are constants here. For the speed it does not matter what they are, and nobody has to wait for a download.)
#
# From AlexNet to VGG-11, 12.5 points for more than ten times the multiply-adds: a bargain in 2014. (The time grows less. With one image at a time, nearly half of
# AlexNet's goes into its dense layers: a twelfth of its multiply-adds, but nearly all of the weights that must be read.) From VGG-11 to VGG-19, 3.4 points for another 2.6 times. More of the same blocks pays less and less. With batch norm,
# torchvision's VGG-11, 16 and 19 reach 70.4, 73.4 and 74.2 % at the same cost. The next chapters find better ways to spend multiply-adds.

# %% [markdown] slideshow={"slide_type": "notes"}
# Return to the votes from the beginning. Larger kernels, more channels, more layers? VGG's answer: more layers of small kernels, and more channels as the maps shrink. Its own limit: at 19 layers the paper's accuracy stopped
# rising. Why deeper nets stopped getting better is chapter 09.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### What changes on photographs
#
# Colour digits travel with the course, so this chapter uses them. CIFAR-10 holds real photographs in the same form, 3 x 32 x 32 and ten classes: write `data.cifar10()` for `data.colour_digits()`, and the training
# under "Train a small one" runs on it. What changes is how hard it is: cats and dogs differ less than a 3 and a 7, and they come in all poses. So the accuracies are far lower. Here is the same comparison on 10,000 photographs, with a small VGG
# of half the width; `python benchmarks/accuracy.py --claim vgg_batch_norm_cifar10` repeats it.

# %%
photographs = {name: run["accuracy"] for name, run in claims["vgg_batch_norm_cifar10"]["variants"].items()}
colours = {name: viz.FEATURE_MAP if name.startswith("with ") else viz.INPUT for name in photographs}
spread = {name: 100 * found["std"] for name, found in photographs.items()}
ax = viz.bars({name: 100 * found["mean"] for name, found in photographs.items()}, spread, colours=colours, xlabel="test accuracy, %", form="{:.1f}")
viz.caption(ax, "Narrow small VGG on CIFAR-10, 10,000 photographs, 4 epochs: mean and standard deviation over three seeds.")

# %%
best = {kind: max(found["mean"] for name, found in photographs.items() if name.startswith(f"{kind} ")) for kind in ("without", "with")}
print(f"best without batch norm {best['without']:.1%}, best with it {best['with']:.1%}")
assert best["with"] > best["without"] + 0.04

# %% [markdown] slideshow={"slide_type": "skip"}
# Batch norm is ahead by eight points, and here the seeds hardly differ: a clear win by the strict rule, at two learning rates.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "Four 3 x 3 convolutions, stride 1, in a row. How many pixels wide is what one output sees?", "type": "numeric",
     "answers": [{"type": "value", "value": 9, "correct": True, "feedback": "Right: 3, 5, 7, 9."},
                 {"type": "default", "feedback": "The first sees 3. Each further one adds 2, because the windows overlap."}]},
    {"question": "Three 3 x 3 layers against one 7 x 7, C channels in and out. What does the stack need?", "type": "multiple_choice",
     "answers": [{"answer": "27 weights for every 49", "correct": True, "feedback": "3 * 9 against 49, both times C * C: 55 %."},
                 {"answer": "9 weights for every 49", "correct": False, "feedback": "That is one layer. There are three."},
                 {"answer": "More: it has three layers", "correct": False, "feedback": "More layers, of smaller kernels: 3 * 9 = 27 is less than 49."}]},
    {"question": "You need VGG-16 in a quarter of its file size. Where do you cut?", "type": "multiple_choice",
     "answers": [{"answer": "In the first block", "correct": False, "feedback": "Its maps are large, but it has 38,720 parameters."},
                 {"answer": "In the first dense layer", "correct": True, "feedback": "Three quarters of all parameters are in it."},
                 {"answer": "In the last block", "correct": False, "feedback": "Five in a hundred parameters are there."}]},
    {"question": "A ReLU layer with fan-in n. Which variance of the weights keeps the size of the signal?", "type": "multiple_choice",
     "answers": [{"answer": "1 / n", "correct": False, "feedback": "Right without an activation. ReLU throws half of the squares away."},
                 {"answer": "2 / n", "correct": True, "feedback": "Kaiming initialisation."},
                 {"answer": "0.01", "correct": False, "feedback": "Any fixed number is right for one n only."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Two 3 x 3 layers see 5 x 5, three 7 x 7. From C to C channels, that takes fewer weights.
# * A block and a table make a network.
# * Parameters sit in dense layers, work in convolutions.

# %% [markdown] slideshow={"slide_type": "skip"}
# * The scale of the first weights decides whether a deep net can begin to learn: variance $2 / n$ for ReLU, so that each layer passes on a signal of the same size. Batch norm gives each layer that size whatever the weights are.
# * Whether one net is better than another is a question for several seeds and several learning rates. One run is an anecdote.
#
# ### Common mistakes
#
# * *"VGG is built of 1 x 1 convolutions."* Of 3 x 3. One configuration of the paper, C, has a few 1 x 1.
# * *"Two 3 x 3 see 6 x 6."* The windows overlap: 5 x 5.
# * *"VGG-16 has 16 convolutions."* 13, and 3 dense layers.
# * *"It is slow because it has so many parameters."* Most parameters are in dense layers, which do less than one hundredth of the work.
# * *Padding forgotten.* Each layer then takes 2 pixels off the map, and after a few blocks nothing is left.
# * *A pooling after each convolution.* In VGG it comes once, at the end of a block.
# * *Initialising a deep net with a fixed standard deviation.* It must depend on the fan-in or fan-out.
#
# ### Papers
#
# * K. Simonyan, A. Zisserman (2015). "Very deep convolutional networks for large-scale image recognition". *International Conference on Learning Representations*.
# * X. Glorot, Y. Bengio (2010). "Understanding the difficulty of training deep feedforward neural networks". *AISTATS*.
# * K. He, X. Zhang, S. Ren, J. Sun (2015). "Delving deep into rectifiers: surpassing human-level performance on ImageNet classification". *International Conference on Computer Vision*.
