# ---
# title: ResNet
# question: Why do more layers make a network worse, and what lets a hundred of them learn?
# minutes: 150
# builds_on: [5, 6, 7, 8]
# goals:
#   - show on training data that a plain network gets worse with depth, and say why overfitting is not the reason
#   - write the residual block, its shortcut with a 1 x 1 convolution, and the bottleneck
#   - build ResNet-18 to ResNet-152 from one table, and count their layers, parameters and multiply-adds
#   - measure gradients through depth, and explain what the shortcut changes
#   - tell five orderings of a block apart, and write ResNeXt's grouped paths and stochastic depth
# ---

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn
from utils import complexity, data, models, runtime, train, viz, widgets
from utils.checks import ch09 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does depth help?
#
# Chapter 06: more layers, better networks: VGG-11, 13, 16; and 19, which hardly gains. Chapter 08: batch norm, so that deep networks learn. So let us take 60 layers.

# %% [markdown] slideshow={"slide_type": "skip"}
# The smallest test that there is: one number goes in, one number comes out, and the network has to learn a wave. Its layers are dense and come in blocks of two, each layer with batch norm and ReLU. This is all of it;
# the switch `residual` stays off for now.

# %%
class DenseBlock(nn.Module):
    def __init__(self, width, residual):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(2))
        self.residual = residual
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, X):
        out = F.relu(self.norms[0](self.layers[0](X)))
        out = self.norms[1](self.layers[1](out))
        return F.relu(out + X if self.residual else out)


# %%
def tower(layers, residual=False, width=32):
    blocks = [DenseBlock(width, residual) for _ in range(layers // 2)]
    return nn.Sequential(nn.Linear(1, width), nn.ReLU(), *blocks, nn.Linear(width, 1))


def learn(net, x, y, steps=100):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
    for _ in range(steps):
        loss = F.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net(x).detach().flatten()

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Three plain nets learn a wave
#
# 100 steps each, for 4, 40 and 60 layers; the error is measured on the very points that they learn from. *How close will each come?*

# %%
import matplotlib.pyplot as plt
x = torch.linspace(-1, 1, 256)[:, None]
wave, fits = torch.sin(6 * x), {}


def beside_wave(fits, ax=None):
    """Draw what nets learned over the wave that they should have learned."""
    ax = viz.lines(fits, x=x.flatten(), ax=ax, xlabel="input", ylabel="output")
    ax.plot(x, wave, color=viz.INPUT, linewidth=6, alpha=0.5, zorder=1, label="wave")
    ax.set_ylim(-1.4, 2)
    ax.legend(loc="upper right")
    return ax


# %%
_, axes = plt.subplots(1, 3, figsize=(12, 3), sharey=True)
for ax, layers in zip(axes, (4, 40, 60)):
    runtime.seed_everything(0)
    fits[name := f"plain, {layers} layers"] = learn(tower(layers), x, wave)
    beside_wave({name: fits[name]}, ax)
viz.caption(axes[0], "What three plain networks learned in 100 steps. The deepest gives noise.")

# %%
error = {name: F.mse_loss(fit, wave.flatten()).sqrt().item() for name, fit in fits.items()}
print({name: round(value, 3) for name, value in error.items()})
assert error["plain, 4 layers"] < 0.15 and error["plain, 60 layers"] > 0.3

# %% [markdown] slideshow={"slide_type": "skip"}
# Four layers follow the wave. Forty follow it roughly, in jumps. Sixty give noise, no better than the answer 0 everywhere, whose error would be 0.72. And this is not overfitting: we never showed the nets a new point. The deepest has the largest error on the
# very points that it was **trained** on. In 100 steps it has learned nothing.
#
# Is it only this toy? He, Zhang, Ren and Sun met the same on photographs in 2015: a plain net of 56 layers had a higher *training* error than one of 20, throughout training. They called it the **degradation** problem.
# And here is what we measured on the colour digits of chapter 05, three runs for each depth (`benchmarks/accuracy.py`).

# %%
claims = runtime.results("accuracy")["claims"]


def runs(claim, labels, metric="accuracy"):
    """Results of some variants of a stored measurement: (seeds, variants)."""
    return torch.tensor([claims[claim]["variants"][label][metric]["runs"] for label in labels]).T


# %% [markdown] slideshow={"slide_type": "slide"}
# ### Plain nets on images, by depth
#
# The same recipe (3 epochs, learning rate 0.01) for 8, 20 and 56 layers of 3 x 3 convolutions, all with batch norm.

# %%
depths = [8, 20, 56]
plain = [f"plain, {depth} layers" for depth in depths]
series = {f"on {name} images": runs("resnet_depth", plain, metric) for name, metric in (("training", "train_accuracy"), ("test", "accuracy"))}
ax = viz.lines(series, x=depths, xlabel="layers", ylabel="accuracy")
ax.set_xticks(depths)
viz.caption(ax, "Plain networks on colour digits after 3 epochs. Deeper is worse, on the training images too.")

# %%
for name, accuracy in series.items():
    print(f"{name:20}", "  ".join(f"{depth} layers: {value:.0%}" for depth, value in zip(depths, accuracy.mean(0).tolist())))
assert series["on training images"][:, 2].max() < 0.5 < series["on training images"][:, 0].min()

# %% [markdown] slideshow={"slide_type": "skip"}
# From 8 to 20 layers the plain net gains nothing; with 56 it has hardly begun to learn when the others are done, in each of three runs. (In the paper's training, hundreds of times longer than ours, the net with 56 layers learned in the end, and stayed behind the one with 20.)

# %% [markdown] slideshow={"slide_type": "notes"}
# Insist on the training curve. Most people who see a deep net do badly on the test set say "too many parameters, overfitting". Ask what the training error should be if that were so.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The good deep network exists
#
# Take the 4 layers that learned the wave. Put 56 more behind them, each passing on what it gets. *Can a plain layer do that?*

# %% [markdown] slideshow={"slide_type": "skip"}
# What leaves a ReLU is never negative, so another ReLU changes nothing. A dense layer whose weight matrix is the identity passes everything on. So does a fresh batch norm in evaluation, for its running mean is 0 and its running variance 1. Let us build these blocks by hand. (We count the layers in
# the blocks, without the dense layers at both ends.)

# %%
runtime.seed_everything(0)
shallow = tower(4)
learn(shallow, x, wave)
extra = [DenseBlock(32, residual=False) for _ in range(28)]
for block in extra:
    for layer in block.layers:
        nn.init.eye_(layer.weight)
deep = nn.Sequential(*shallow[:-1], *extra, shallow[-1]).eval()

# %% tags=["nbval-check-output"]
print("layers:", sum(isinstance(layer, nn.Linear) for layer in deep.modules()) - 2)
print("the same outputs:", torch.allclose(deep(x), shallow.eval()(x), atol=0.01))

# %% [markdown] slideshow={"slide_type": "skip"}
# (Not to the last digit: batch norm's epsilon shrinks everything by five millionths in each layer.) So among all plain nets of 60 layers there is one that is as good as the small one. Nobody has to invent it. But **training** did
# not find it. The fault lies neither with the data nor with what the network could express. It lies with the way from random weights to good ones.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What should adding a layer do?
#
# It should give a set of functions that **contains** the smaller one. Fit stairs with 1, 2, 3, ... equal steps to a curve that jumps in the middle. *Is 3 better than 2?*

# %%
t = torch.linspace(0, 1, 240)
truth = torch.where(t < 0.5, 0.35 + 0.3 * t, 0.95 - 0.4 * t)


def stairs(values, steps):
    """The best stairs of so many equal steps: the mean of the values on each."""
    step = torch.arange(len(values)) * steps // len(values)
    return torch.stack([values[step == i].mean() for i in range(steps)])[step]


# %%
_, axes = plt.subplots(1, 4, figsize=(13, 3), sharey=True)
for ax, steps in zip(axes, (2, 3, 4, 8)):
    viz.lines({"truth": truth, "fit": stairs(truth, steps)}, x=t, ax=ax, title=f"{steps} steps", xlabel="input")
axes[0].set_ylabel("output")
viz.caption(axes[0], "Best fits from four classes of functions. Three steps cannot follow the jump in the middle that two steps follow.")

# %%
distance = [(stairs(truth, steps) - truth).square().mean().sqrt().item() for steps in range(1, 9)]
nested = [distance[steps - 1] if steps in (1, 2, 4, 8) else float("nan") for steps in range(1, 9)]
ax = viz.lines({"every number of steps": distance}, x=range(1, 9), xlabel="steps", ylabel="distance from the truth")
ax.plot(range(1, 9), nested, "o", markersize=12, color=viz.KERNEL, label="each contains the one before")
ax.legend()
viz.caption(ax, "More steps are not always better. Only where each class contains the one before (1, 2, 4, 8) can the fit never get worse.")

# %% tags=["nbval-check-output"]
print("1 to 8 steps:  ", [round(value, 3) for value in distance])
print("1, 2, 4, 8:    ", [round(distance[steps - 1], 3) for steps in (1, 2, 4, 8)])

# %% [markdown] slideshow={"slide_type": "skip"}
# Three steps can say more than two, and are further from this truth: the class of three-step functions does not contain the two-step ones. Doubling cuts each step in half, so what could be said before can still be said. Classes
# each of which contains the one before are called **nested**, and along a chain of nested classes the best fit never gets worse.
#
# Plain networks: are they nested? On paper, yes; you have just built a net of 60 layers that contains one of 4. But the way there leads through 56 layers of *exactly* the identity, and training starts at random
# weights, far from that. What we want is layers that pass on what they get **by default**.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## f(x) = x as the default
#
# Let the layers compute only what is to be **changed**:
#
# $$y = x + g(x)$$
#
# If nothing is to change, $g$ must be zero. *What does each block give when all its weights are zero?*

# %% tags=["nbval-check-output"]
X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 0.0, 6.0]])
for name, residual in {"plain": False, "residual": True}.items():
    block = DenseBlock(3, residual)
    for layer in block.layers:
        nn.init.zeros_(layer.weight)
    print(f"{name:9}", block(X).tolist())

# %% [markdown] slideshow={"slide_type": "skip"}
# The plain block forgets its input, the residual block passes it on: a new default. $g$ is called the **residual**, what is left to do; the way of $x$ around it is the **shortcut**, or skip connection. It costs no parameter and one addition. (The original block puts a ReLU around
# the sum. We leave it out of the formulas until "Five orderings".)
#
# (Training does not start at zero. And behind a batch norm small weights do not make $g$ small, as chapter 08 showed; only $\gamma$ does, so some networks start the last $\gamma$ of each block at 0. But whatever $g$ says, the shortcut hands the input on.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The wave again
#
# 60 layers, and now the switch `residual` is on. *What will come out?*

# %%
runtime.seed_everything(0)
fits["residual, 60 layers"] = learn(tower(60, residual=True), x, wave)
ax = beside_wave({name: fit for name, fit in fits.items() if "60" in name})
viz.caption(ax, "The same depth, the same number of weights, the same 100 steps.")

# %%
error["residual, 60 layers"] = F.mse_loss(fits["residual, 60 layers"], wave.flatten()).sqrt().item()
print({name: round(value, 3) for name, value in error.items()})
assert error["residual, 60 layers"] < 0.15

# %% [markdown] slideshow={"slide_type": "skip"}
# ### The Taylor view
#
# A Taylor series starts with the most important term and adds smaller and smaller **corrections** to what is there:
#
# $$e^x = 1 + x + \tfrac{1}{2}x^2 + \tfrac{1}{6}x^3 + \dots$$

# %%
t = torch.linspace(-2, 2, 100)
sums = torch.stack([t**0, t, t**2 / 2, t**3 / 6]).cumsum(0)
names = ["1", "1 + x", "1 + x + x²/2", "1 + x + x²/2 + x³/6"]
ax = viz.lines(dict(zip(names, sums)) | {"exp(x)": t.exp()}, x=t, xlabel="x", ylabel="value")
viz.caption(ax, "Each partial sum is the one before plus a correction.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Read a residual net like that: $X_1 = X_0 + g_1(X_0)$, then $X_2 = X_1 + g_2(X_1)$, and so on. Each block takes what is there and corrects it a little. It is a picture, no theorem: nothing forces the corrections to shrink. But we can
# measure them, once we have a trained network. So let us build one.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The residual block
#
# Two convolutions of 3 x 3, each with batch norm. **Then** the input is added. **Then** comes the last ReLU.

# %%
from utils.models.resnet import BasicBlock
ax = viz.architecture(BasicBlock(64, 64), (64, 56, 56))
viz.caption(ax, "A basic block: conv, BN, ReLU, conv, BN, add, ReLU. The shortcut does nothing at all.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Why is the last ReLU behind the addition? In front of it, $g$ would never be negative: blocks could only ever add, never take away. (How much that matters, "Five orderings" asks.)
#
# Why no bias in the convolutions? Batch norm behind them subtracts every mean (chapter 08).
#
# ### Your turn: a residual block
#
# Input and output have the same shape. Padding 1 keeps the size. *About 15 minutes.*

# %% tags=["exercise"]
class ResidualBlock(nn.Module):
    """X (B, C, H, W) -> (B, C, H, W): conv 3 x 3, BN, ReLU, conv 3 x 3, BN, add X, ReLU."""

    def __init__(self, channels):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        out = F.relu(self.bn1(self.conv1(X)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + X)
        ### END SOLUTION


# %% tags=["check"]
check.residual_block(ResidualBlock)

# %% [markdown] tags=["hint"]
# Two convolutions and two batch norms are made in `__init__`: each of the two norms has its own gamma and beta.

# %% [markdown] tags=["hint"]
# Keep X under its name, and write the main path into another variable. At the end you need both.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### When the shape changes
#
# Most blocks keep the shape. But now and then the maps must shrink to half and the channels double. *What goes wrong here?*

# %% tags=["nbval-check-output"]
X = torch.randn(1, 64, 56, 56)
out = nn.Conv2d(64, 128, 3, stride=2, padding=1)(X)
try:
    out + X
except RuntimeError as error_:
    print(f"{tuple(out.shape)} + {tuple(X.shape)}:", error_)

# %% [markdown] slideshow={"slide_type": "skip"}
# The addition needs equal shapes. So the shortcut gets a layer of its own there, the cheapest that can change both: a **1 x 1 convolution** with the block's stride, and a batch norm. It is the mixer of channels from chapter 07.

# %%
ax = viz.architecture(BasicBlock(64, 128, stride=2), (64, 56, 56))
viz.caption(ax, "With stride 2 the shortcut is a 1 x 1 convolution with stride 2 and a batch norm.")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: a block that may change the shape
#
# The shortcut has its convolution only where the stride is not 1 **or** the number of channels changes. Everywhere else it is X itself. *About 15 minutes.*

# %% tags=["exercise"]
class ShortcutBlock(nn.Module):
    """X (B, c_in, H, W) -> (B, c_out, H / stride, W / stride): the first 3 x 3 has the stride."""

    def __init__(self, c_in, c_out, stride):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(c_out), nn.BatchNorm2d(c_out)
        self.short = nn.Identity()
        if stride != 1 or c_in != c_out:
            self.short = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        out = F.relu(self.bn1(self.conv1(X)))
        return F.relu(self.bn2(self.conv2(out)) + self.short(X))
        ### END SOLUTION


# %% tags=["check"]
check.shortcut_block(ShortcutBlock)

# %% [markdown] tags=["hint"]
# Four cases: the channels change or not, the size changes or not. In three of them the shortcut needs its convolution.

# %% [markdown] tags=["hint"]
# `nn.Identity()` returns what it gets. Then `forward` is the same in all cases.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ResNet-18: stages of blocks
#
# Stem, four **stages**, global average pooling, one dense layer. Every stage but the first begins with stride 2: half the size, twice the channels.

# %%
ax = viz.architecture(models.create("resnet18"), (3, 224, 224), depth=1)
viz.caption(ax, "ResNet-18. layer1 to layer4 are stages of two basic blocks each.")

# %% [markdown] slideshow={"slide_type": "skip"}
# A quarter of the places, twice the channels in and twice the channels out: each convolution costs the same multiply-adds in every stage. At the end no dense layers like VGG's with their hundred million weights, but the mean of each map
# (chapter 07). A stage is a few lines; here is the real source. (`expansion` is 1 for the basic block and 4 for the bottleneck, which comes next; `gate` is for chapter 10.)

# %%
import inspect
from utils.models import resnet
print(inspect.getsource(resnet.make_stage))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The bottleneck
#
# For 50 layers and more: a 1 x 1 goes **down** to a quarter of the channels, the 3 x 3 works there, a 1 x 1 goes **up** again.

# %%
ax = viz.architecture(resnet.Bottleneck(256, 64), (256, 56, 56))
viz.caption(ax, "A bottleneck with 256 channels outside and 64 inside.")

# %% tags=["nbval-check-output"]
for name, block in {"basic block, 256 channels": BasicBlock(256, 256), "bottleneck, 256, 64, 64, 256": resnet.Bottleneck(256, 64)}.items():
    cost = complexity.count(block, (256, 56, 56))
    print(f"{name:30} {cost['params']:>9,} parameters {cost['macs']:>13,} multiply-adds")

# %% [markdown] slideshow={"slide_type": "skip"}
# A seventeenth of the cost, and a layer more.
#
# ### Your turn: a bottleneck
#
# 1 x 1 to `width` channels, 3 x 3 with the stride, 1 x 1 to `4 * width`; batch norm behind each, ReLU behind the first two and after the addition. The shortcut follows the same rule as before. *About 15 minutes.*

# %% tags=["exercise"]
class Bottleneck(nn.Module):
    """X (B, c_in, H, W) -> (B, 4 * width, H / stride, W / stride)."""

    def __init__(self, c_in, width, stride):
        super().__init__()
        ### BEGIN SOLUTION
        self.down = nn.Sequential(nn.Conv2d(c_in, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.middle = nn.Sequential(nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.up = nn.Sequential(nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width))
        self.short = nn.Identity()
        if stride != 1 or c_in != 4 * width:
            self.short = nn.Sequential(nn.Conv2d(c_in, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width))
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        return F.relu(self.up(self.middle(self.down(X))) + self.short(X))
        ### END SOLUTION


# %% tags=["check"]
check.bottleneck(Bottleneck)

# %% [markdown] tags=["hint"]
# The shortcut leads from c_in to 4 * width channels. In the first block of a stage these differ, in the others not.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### One table, five networks
#
# How many blocks in each stage, and which kind: that is all that 18, 34, 50, 101 and 152 differ in.

# %% tags=["nbval-check-output"]
import pandas as pd
rows = []
for name in (*resnet.TABLE, "vgg16"):
    with torch.device("meta"):  # shapes without weights: nothing is stored or computed
        cost = complexity.count(models.create(name), (3, 224, 224))
    block, stages = resnet.TABLE.get(name, (None, ""))
    size = f"{cost['params']:,}", f"{cost['macs'] / 1e9:.3f} G"
    rows.append([name, block.__name__ if block else "", stages, *size])
pd.DataFrame(rows, columns=["network", "block", "blocks in the stages", "parameters", "multiply-adds"])

# %% [markdown] slideshow={"slide_type": "skip"}
# Compare the first row with the last: VGG-16 has 12 times the parameters of ResNet-18 and 8.5 times its multiply-adds. Even with 152 layers, a ResNet computes less than VGG-16. And from 34 to 50, the bottleneck buys 16 layers for 12 % more multiply-adds.
#
# ### Your turn: what does the name count?
#
# The number in a ResNet's name counts the layers with weights (convolutions and dense) on the longest way from image to logits. Shortcuts are not on it. *About 5 minutes.*

# %% tags=["exercise"]
def count_layers(block, depths):
    """block "basic" or "bottleneck", depths a tuple with the blocks in each stage -> the number in the name (int)."""
    ### BEGIN SOLUTION
    convolutions = {"basic": 2, "bottleneck": 3}[block]
    return convolutions * sum(depths) + 2
    ### END SOLUTION


# %% tags=["check"]
check.count_layers(count_layers)

# %% [markdown] tags=["hint"]
# Try it on ResNet-18: two blocks in each of four stages make 16 convolutions. Which two layers are missing?

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the weights of a stage
#
# A stage of bottlenecks gets `c_in` channels. Count the weights of all its convolutions, the one on the first block's shortcut among them (it has one because `c_in` differs from `4 * width` or the size changes; let it always have one). No batch norm, no biases. *About 10 minutes.*

# %% tags=["exercise"]
def bottleneck_weights(c_in, width, blocks):
    """Weights of the convolutions in a stage of so many bottlenecks, with the 1 x 1 on the first block's shortcut (int)."""
    ### BEGIN SOLUTION
    out = 4 * width
    inner = 9 * width * width + width * out
    first = c_in * width + inner + c_in * out
    return first + (blocks - 1) * (out * width + inner)
    ### END SOLUTION


# %% tags=["check"]
check.bottleneck_weights(bottleneck_weights)

# %% [markdown] tags=["hint"]
# The second block already gets 4 * width channels, and needs no convolution on its shortcut.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Plain against residual, on images
#
# For small images the paper has smaller nets: three stages of k basic blocks, 16, 32 and 64 channels, 6k + 2 layers. Two with k = 3, equal but for the shortcuts, see 4,000 grey digits once. *Which learns faster?*

# %%
digits, test_digits = data.mnist("embedded")
nets, histories = {}, {}
for name in ("plain20", "resnet20"):
    runtime.seed_everything(0)
    nets[name] = models.create(name, channels=1)
    histories[name] = train.fit(nets[name], digits, test_digits, epochs=1, batch_size=32, lr=0.01, optimizer="adamw", channels_last=True, progress=False)

# %%
for name, history in histories.items():
    print(f"{name:9} right while learning {history.train_accuracy[-1]:.1%}   on test digits afterwards {history.test_accuracy[-1]:.1%}")
assert histories["resnet20"].train_accuracy[-1] > histories["plain20"].train_accuracy[-1]

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Three seeds, three depths
#
# One run is an anecdote, and grey digits are easy. So: colour digits, three runs for each depth, and the accuracy on the **training** images: degradation is about those. *Where will the two curves part?*

# %%
series = {kind: runs("resnet_depth", [f"{kind}, {depth} layers" for depth in depths], "train_accuracy") for kind in ("plain", "residual")}
ax = viz.lines(series, x=depths, xlabel="layers", ylabel="accuracy on the training images")
ax.set_xticks(depths)
viz.caption(ax, "Colour digits, 3 epochs, learning rate 0.01 for all: from 20 layers to 56, the plain net falls, the residual one hardly.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The same in numbers, and two more comparisons of 20 layers: test images of photographs (the subset of CIFAR-10: 10,000 training images, 6 epochs), and the test digits.

# %%
for kind, accuracy in series.items():
    print(f"colour digits, training, {kind:9}", "  ".join(f"{d}: {m:.1%} +- {s:.1%}" for d, m, s in zip(depths, accuracy.mean(0), accuracy.std(0))))
photographs = runs("resnet_cifar10", ["plain, 20 layers", "residual, 20 layers"])
print(f"CIFAR-10 subset, test: plain-20 {photographs[:, 0].mean():.1%}, ResNet-20 {photographs[:, 1].mean():.1%}")
assert photographs[:, 1].min() > photographs[:, 0].max() and (photographs[:, 1] - photographs[:, 0]).mean() > 0.1

# %%
test20 = runs("resnet_depth", ["plain, 20 layers", "residual, 20 layers"])
print("20 layers on colour digits, test:", *(f"{m:.1%} +- {s:.1%}" for m, s in zip(test20.mean(0), test20.std(0))))
assert (series["residual"][:, 1:].amin(0) > series["plain"][:, 1:].amax(0)).all()

# %% [markdown] slideshow={"slide_type": "skip"}
# Read it from right to left. With **56** layers: one net does not learn, the other does. With **20**: 88 % against 95 % on the training images, no run of one near a run of the other; and on photographs, 11 points on test images. With **8** layers the plain net is the better one. Where depth is no trouble, shortcuts
# are no help; they are there for what lies beyond.
#
# And the residual net with 56 layers? It loses two or three points to the one with 20 (three epochs on 4,000 digits are no task for 56 layers), where the plain net loses seventy.
#
# On the test digits, whose backgrounds come from photographs never seen in training, the 20 layers differ by 5 points in the mean, but the runs overlap: from three seeds alone you could not claim that gap.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### How large are the corrections?
#
# In the trained ResNet-20: the size (norm) of $g(x)$ beside that of $x$, block by block. *Will they be small, as in a Taylor series?*

# %%
def corrections(net, X):
    """For each block whose shortcut is free (`downsample` is None): size of g(x), its `main` path, over that of x."""
    shares = {}
    with torch.inference_mode():
        X = F.relu(net.bn1(net.conv1(X)))
        for name in ("layer1", "layer2", "layer3"):
            for i, block in enumerate(getattr(net, name), 1):
                if block.downsample is None:
                    shares[f"{name}, block {i}"] = (block.main(X).norm() / X.norm()).item()
                X = block(X)
    return shares


# %%
nets["resnet20"].eval()
shares = corrections(nets["resnet20"], test_digits.normalised(slice(0, 200)))
ax = viz.bars(shares, xlabel="size of g(x) / size of x", form="{:.2f}")
viz.caption(ax, "How much each block of the trained ResNet-20 changes what it gets.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Small they are not: from about two thirds of what they correct to one and a half times as much. Only the tendency is as in the series: within a stage, each further block changes less. (The paper measured the same in longer nets: the more blocks there are, the less each one does.) So keep the Taylor view as a picture of how
# the sum is built. It does not promise that you may cut it off.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Take one block out
#
# From the trained nets, without training again, leave out **one** block: pass its input on. *Which net will notice?*

# %%
def without_each_block(net, split):
    """Accuracy with one block replaced by the identity, for each block that keeps the shape: {name: accuracy}."""
    accuracy = {}
    for name in ("layer1", "layer2", "layer3"):
        stage = getattr(net, name)
        for i, block in enumerate(stage):
            if block.conv1.in_channels == block.conv2.out_channels:
                stage[i] = nn.Identity()
                accuracy[f"{name}, block {i + 1}"] = train.evaluate(net, split)["accuracy"]
                stage[i] = block
    return accuracy


# %%
some = test_digits.subset(250)
whole = {name: train.evaluate(net, some)["accuracy"] for name, net in nets.items()}
left = {name: without_each_block(net, some) for name, net in nets.items()}
_, axes = plt.subplots(1, 2, figsize=(12, 3.8), sharex=True)
for ax, (name, accuracy) in zip(axes, left.items()):
    viz.bars({"the whole net": whole[name]} | accuracy, ax=ax, title=name, xlabel="test accuracy", form="{:.0%}", colours={"the whole net": viz.FEATURE_MAP})
viz.caption(axes[0], "Accuracy on 250 test digits: the whole net, and without one block.")

# %%
for name in nets:
    print(f"{name:9} whole {whole[name]:.0%}   one block less: {min(left[name].values()):.0%} to {max(left[name].values()):.0%}")
assert sum(left["resnet20"].values()) > 2 * sum(left["plain20"].values())

# %% [markdown] slideshow={"slide_type": "skip"}
# Without any one of its blocks, the plain net is lost. Every layer there waits for exactly what the layer before it used to say. The residual net loses little without most of its blocks, and about half its accuracy without one: the very first. Look at the bars above: that is the one
# whose correction was larger than its input. (Trained on another machine, the numbers may differ; the gulf between the two nets stays.)
#
# Why so robust? A signal has many ways: through each block, or around it. With $n$ blocks there are $2^n$ paths from end to end, and taking one block out closes half of
# them, but leaves the other half. (Veit, Wilber and Belongie, 2016, who did this experiment first, read a ResNet as an ensemble of many shallow nets.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Gradients through depth
#
# $$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}\,\big(1 + g'(x)\big)$$
#
# The 1 is the shortcut. Through plain blocks the gradient is a product, $g_1' g_2' \cdots g_n'$; through residual ones it is $(1 + g_1') \cdots (1 + g_n')$. Multiplied out, this contains a bare **1**: a way on which nothing is multiplied.

# %% [markdown] slideshow={"slide_type": "skip"}
# So far every book agrees. Now let us measure: fresh nets with batch norm, and the norm of the gradient in every convolution.

# %%
def gradient_norms(name, X, y):
    """Norm of the loss's gradient in the weights of each convolution on the main path, first to last."""
    runtime.seed_everything(0)
    net = models.create(name)
    F.cross_entropy(net(X), y).backward()
    return [p.grad.norm().item() for path, p in net.named_parameters() if ".conv" in path]


# %% [markdown] slideshow={"slide_type": "slide"}
# ### From the output to the input
#
# Fresh nets, 32 colour digits, one backward pass. *For the plain net of 56 layers: does the gradient get smaller or larger towards the input?*

# %%
colour, _ = data.colour_digits()
batch, KINDS = (colour.normalised(slice(0, 32)), colour.labels[:32]), {"plain": "plain", "residual": "resnet"}
_, axes = plt.subplots(1, 2, figsize=(11, 3.8), sharey=True)
for ax, depth in zip(axes, (20, 56)):
    norms = {kind: gradient_norms(f"{name}{depth}", *batch) for kind, name in KINDS.items()}
    viz.lines(norms, x=range(2, depth), ax=ax, yscale="log", title=f"{depth} layers", xlabel="layer", ylabel="norm of the gradient")
    ax.set_xticks(range(0, depth + 1, 5 if depth == 20 else 10))
viz.caption(axes[0], "Before training: gradients of plain nets with batch norm grow towards the input, and with depth.")

# %%
print("56 layers, gradient of the first convolution in the blocks over that of the last:")
ratio = {kind: curve[0] / curve[-1] for kind, curve in norms.items()}
print({kind: round(value) for kind, value in ratio.items()})
assert ratio["residual"] < 100 < 400 < ratio["plain"]

# %% [markdown] slideshow={"slide_type": "skip"}
# Many books say that the gradients of plain nets *vanish*, and that ResNet saves them. Here they do not vanish. With batch norm they **explode**: more than a thousand times larger at the input than at the output. (The authors of ResNet wrote themselves that vanishing gradients
# were unlikely to be the reason. Yang and others, 2019, derive the explosion, which grows with depth.) An explosion as such is not as bad as it sounds: in front of a batch norm, weights that grow make their own gradient small (chapter 08), and Adam divides by the size of the gradient. Something
# else is worse. You have seen it already, in the noise that the 60 plain layers gave for a wave.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What a fresh network computes
#
# One number in, one number out, random weights, 60 layers. *Move the input by one hundredth: how far does the output move?*

# %%
widgets.depth_explorer(blocks=30)

# %% [markdown] slideshow={"slide_type": "skip"}
# Blue is the output over the input, before any training; purple the gradient in each layer. Move the slider, and look at these:
#
# * **1 block, then more.** With up to 3 blocks both curves are smooth. At 10 the plain one gets ragged; from 20 on it is **noise**: two inputs side by side get answers that have nothing to do with each other. ("Neighbours agree by" is the
#   correlation between neighbouring outputs.) Its gradient is then noise too. Each of the 256 points pulls the weights in a direction of its own. Balduzzi and others (2017) call it **shattered gradients**.
# * **The residual curve gets rough**, at 30 blocks, but neighbours still agree, by about 0.9: the shortcut carries the input past all blocks.
# * **Batch norm off.** Now the plain curve is smooth again. But look at its range: all inputs get nearly the same answer, and there is little left to learn from. The residual net's output, with nothing to calm the sums, reaches tens of thousands. Only both together, shortcuts and
#   batch norm, give a curve of a sensible size.

# %% [markdown] slideshow={"slide_type": "notes"}
# Leave the explorer at 1 block and let the room say stop when the plain curve stops being a curve.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Five orderings
#
# Where do batch norm and ReLU stand, before or after the addition? He and others tried it in 2016.

# %% [markdown] slideshow={"slide_type": "skip"}
# | name here | main path | after the addition |
# |---|---|---|
# | `post`, the original | conv, BN, ReLU, conv, BN | ReLU |
# | `bn_after_addition` | conv, BN, ReLU, conv | BN, ReLU |
# | `relu_before_addition` | conv, BN, ReLU, conv, BN, ReLU | nothing |
# | `relu_only_pre` | ReLU, conv, BN, ReLU, conv, BN | nothing |
# | `pre`, full pre-activation | BN, ReLU, conv, BN, ReLU, conv | nothing |
#
# Go back to the explorer and try them, at 30 blocks. *One is almost as bad as the plain net. Which, and why?* (Think of what its shortcut has to pass.)
#
# In the last three nothing stands on the way of the shortcuts: the network is its first layer plus a sum of residuals, and that holds exactly.

# %% tags=["nbval-check-output"]
runtime.seed_everything(0)
blocks = nn.Sequential(*(BasicBlock(8, 8, ordering="pre") for _ in range(5))).eval()
X = torch.randn(2, 8, 6, 6)
with torch.inference_mode():
    total, now = X.clone(), X
    for block in blocks:
        total = total + block.main(now)
        now = block(now)
    print("input plus the sum of all residuals equals the output:", torch.allclose(total, blocks(X), atol=1e-4))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The five, trained
#
# ResNet-20 in each ordering, three seeds, the same 3 epochs on colour digits. *Will the order of a few layers matter at 20 layers?*

# %%
orderings = list(resnet.ORDERINGS)
found = dict(zip(orderings, runs("resnet_orderings", orderings).T))
ax = viz.bars({k: v.mean().item() for k, v in found.items()}, {k: v.std().item() for k, v in found.items()}, xlabel="test accuracy", form="{:.1%}")
viz.caption(ax, "ResNet-20 in five orderings: mean and standard deviation of three seeds.")

# %%
for name, rival in claims["resnet_orderings"]["compared"].items():
    print(f"{name:21} {100 * rival['difference']:+.1f} points against post:", "clear" if rival["clear"] else "inside the noise")
assert not any(rival["clear"] for rival in claims["resnet_orderings"]["compared"].values())

# %% [markdown] slideshow={"slide_type": "skip"}
# We call a difference clear if the runs of both do not overlap, and the means differ by more than twice their joint deviation. None is. With 20 layers and three seeds we cannot tell whether the order matters. So do not pick a winner (`relu_before_addition`, whose blocks can only add, has the highest mean), and
# do not drop `pre`: its mean is the lowest here, and it is the one that the paper of 2016 recommends.
#
# Was the paper wrong? No: its case is depth. For a net of 164 layers `pre` won by about half a point, and for one of 1,001 layers by almost three. Your explorer showed an effect of this kind: at 60 layers, `bn_after_addition` gives noise like a plain net, since a batch norm stands on its shortcut in every block;
# the other four give curves. A measurement answers for the depth at which it was made.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ResNeXt: many paths in a block
#
# Split, transform, **add**: a bottleneck of 32 narrow paths (Xie and others, 2017). As one layer: a **grouped** convolution, where each of the 32 groups sees only its own 4 channels, like AlexNet's two towers.

# %%
ax = viz.architecture(resnet.Bottleneck(256, 64, groups=32, base_width=4), (256, 56, 56))
viz.caption(ax, "A block of ResNeXt-50 32x4d: 32 paths of 4 channels, written as one grouped 3 x 3.")

# %% tags=["nbval-check-output"]
for name in ("resnet50", "resnext50_32x4d"):
    with torch.device("meta"):
        cost = complexity.count(models.create(name), (3, 224, 224))
    print(f"{name:16} {cost['params']:>11,} parameters   {cost['macs'] / 1e9:.3f} G multiply-adds")

# %% [markdown] slideshow={"slide_type": "skip"}
# Twice as many channels inside (128 for 64), in 32 groups: about the same cost. On ImageNet it gives 77.6 % where ResNet-50 has 76.1 % (torchvision's first weights of both). The number of paths, which the paper calls **cardinality**, is a third direction beside depth and width.
# Inception had paths too, but each designed by hand; here all are alike.
#
# ### Your turn: a sum of paths
#
# Show that the grouped block is a sum. Path $i$ has its own channels, $i \cdot d$ to $(i + 1) \cdot d$ of the middle: its own rows of `down`, its own rows of `middle`, its own columns of `up`. The 3 x 3 has padding 1. No batch norm, no ReLU, no shortcut. *About 15 minutes.*

# %% tags=["exercise"]
def grouped_paths(X, down, middle, up, groups):
    """X (B, C, H, W), down (D, C, 1, 1), middle (D, D / groups, 3, 3), up (C, D, 1, 1) -> (B, C, H, W), the sum of the paths."""
    ### BEGIN SOLUTION
    d, total = len(down) // groups, 0
    for i in range(groups):
        path = slice(i * d, (i + 1) * d)
        maps = F.conv2d(X, down[path])
        maps = F.conv2d(maps, middle[path], padding=1)
        total = total + F.conv2d(maps, up[:, path])
    return total
    ### END SOLUTION


# %% tags=["check"]
check.grouped_paths(grouped_paths)

# %% [markdown] tags=["hint"]
# `down[path]` with a slice takes some output channels. `up[:, path]` takes some input channels.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Trainable at scale
#
# ImageNet, 1.2 million images. Published accuracy of torchvision's weights beside the cost we counted:

# %%
accuracy = {"vgg16": 71.592, "resnet18": 69.758, "resnet34": 73.314, "resnet50": 76.130, "resnet101": 77.374, "resnet152": 78.312}
giga = {name: float(macs.split()[0]) for name, _, _, _, macs in rows}
ax = viz.lines({"ResNet-18, 34, 50, 101, 152": list(accuracy.values())[1:]}, x=[giga[name] for name in list(accuracy)[1:]], xlabel="multiply-adds of one image, in G", ylabel="top-1 accuracy in %")
for name in list(accuracy)[1:]:
    ax.annotate(name.removeprefix("resnet"), (giga[name], accuracy[name]), (6, -14), textcoords="offset points")
ax.margins(y=0.15)
ax.plot(giga["vgg16"], accuracy["vgg16"], "s", color=viz.KERNEL, markersize=10, label="VGG-16")
ax.legend()
viz.caption(ax, "Deeper is better again, up to 152 layers. VGG-16 costs the most and is beaten by ResNet-34.")

# %% [markdown] slideshow={"slide_type": "skip"}
# With shortcuts, depth helps on ImageNet up to 152 layers, each step a little less. It is not endless: the paper's net of 1,202 layers for small images trains without trouble, and is *worse* on test images than the one with 110. That time it is overfitting.
#
# And the recipe counts as much as the layers: the same ResNet-50, trained longer with more augmentation, reaches 80.9 % (torchvision's second weights). Most networks since 2015 have shortcuts: DenseNet (chapter 13), transformers in every layer (chapter 15).

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Stochastic depth
#
# If a block may be missing, train with blocks **missing**. In each step, draw for every image which branches survive. The shortcut always stays.

# %% [markdown] slideshow={"slide_type": "skip"}
# Huang and others (2016), who draw once for a whole batch, trained a net of 1,202 layers with it that was no longer worse than the shorter one. On average the network in training is shorter, so gradients have a short way; and each block must be useful without relying on the others. In evaluation all branches are there. So that the next block
# gets what it is used to on average, each branch is multiplied by its probability to survive.
#
# ### Your turn: stochastic depth
#
# In training nothing is scaled. No ReLU here. *About 15 minutes.*

# %% tags=["exercise"]
def stochastic_depth(X, branch, survive, training):
    """X and branch = g(X), both (B, C, H, W); survive in [0, 1] -> (B, C, H, W).

    In training each image keeps its branch, as a whole, with probability `survive`. In evaluation X + survive * branch.
    """
    ### BEGIN SOLUTION
    if not training:
        return X + survive * branch
    keep = torch.rand(len(X), 1, 1, 1) < survive
    return X + keep * branch
    ### END SOLUTION


# %% tags=["check"]
check.stochastic_depth(stochastic_depth)

# %% [markdown] tags=["hint"]
# `torch.rand` gives numbers from 0 to 1, and a share `survive` of them is below `survive`. Draw one number for each image, in a shape that goes with X.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "A plain net of 56 layers is worse on the test set than one of 20. What tells you that this is not overfitting?", "type": "multiple_choice",
     "answers": [{"answer": "It is worse on the training set too", "correct": True, "feedback": "A network that overfits does well on the training set."},
                 {"answer": "It has more parameters", "correct": False, "feedback": "That would rather point to overfitting."},
                 {"answer": "It has batch norm", "correct": False, "feedback": "Networks with batch norm can overfit."}]},
    {"question": "A stage of three bottlenecks. How many convolutions lie on the way through the main paths?", "type": "numeric",
     "answers": [{"type": "value", "value": 9, "correct": True, "feedback": "Three in each block."}, {"type": "default", "feedback": "1 x 1, 3 x 3, 1 x 1, in each of three blocks."}]},
    {"question": "When does a shortcut need a 1 x 1 convolution?", "type": "multiple_choice",
     "answers": [{"answer": "Where the size or the number of channels changes", "correct": True, "feedback": "Only then the shapes do not fit."},
                 {"answer": "In every block", "correct": False, "feedback": "Then nothing would be passed on unchanged."},
                 {"answer": "Only where the number of channels changes", "correct": False, "feedback": "With stride 2 and equal channels the sizes differ."}]},
    {"question": "A residual net has 9 blocks. How many ways are there through it, each block taken or passed by?", "type": "numeric",
     "answers": [{"type": "value", "value": 512, "correct": True, "feedback": "2 to the power of 9."}, {"type": "default", "feedback": "Two choices at each block."}]},
    {"question": "What did we measure in fresh plain nets with batch norm?", "type": "multiple_choice",
     "answers": [{"answer": "Gradients grow towards the input, and neighbouring inputs get unrelated outputs", "correct": True, "feedback": "Exploding and shattered, not vanishing."},
                 {"answer": "Gradients vanish towards the input", "correct": False, "feedback": "Without batch norm and with sigmoids they do. Look at the purple bars again."},
                 {"answer": "Gradients are the same in all layers", "correct": False, "feedback": "Not even in the residual net, though there the factor is about 13 and not more than a thousand."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# Plain nets lose with depth, on training data. With $y = x + g(x)$ passing on is the default, and layers learn corrections. One table makes ResNet-18 to 152.

# %% [markdown] slideshow={"slide_type": "skip"}
# * The deep plain net fails on the points it is trained on, although a good solution exists: identity layers behind a small net. Training does not find it.
# * conv, BN, ReLU, conv, BN, add, ReLU. A 1 x 1 with batch norm on the shortcut where the shape changes. The bottleneck narrows, works, widens.
# * Blocks in the stages times 2 or 3, plus 2: the number in the name. Even ResNet-152 computes less than VGG-16.
# * The gradient meets $1 + g'$ instead of $g'$, so one way through is always free. Plain nets with batch norm have exploding and shattered gradients; shortcuts keep neighbours together.
# * What stands on the shortcut's way costs: at 60 layers, batch norm after the addition makes a residual net nearly plain. Grouped paths are a sum. Blocks may be dropped in training.
#
# ### Common mistakes
#
# * *"ResNet solved vanishing gradients."* Batch norm and good initial weights had done that. It solved degradation.
# * *ReLU in front of the addition.* Then blocks can only add. We could not measure a loss with 20 layers; the paper of 2016 did with 110.
# * *A 1 x 1 on every shortcut.* More parameters, and no free way left.
# * *Stride in both convolutions of a block.* The shortcut shrinks once, the main path twice.
# * *"Residual blocks make networks shallow."* All layers are there and compute. Some paths are short.
# * *Counting the 1 x 1 convolutions of shortcuts.* ResNet-50 has 53 convolutions and one dense layer; its name counts the longest way.
# * *`X += out` for the addition.* It overwrites the block's input, which the backward pass still needs: autograd stops with an error. Write `X = X + out`.
#
# ### Papers
#
# * K. He, X. Zhang, S. Ren, J. Sun (2016). "Deep residual learning for image recognition". *CVPR*.
# * K. He, X. Zhang, S. Ren, J. Sun (2016). "Identity mappings in deep residual networks". *ECCV*.
# * S. Xie, R. Girshick, P. Dollár, Z. Tu, K. He (2017). "Aggregated residual transformations for deep neural networks". *CVPR*.
# * G. Huang, Y. Sun, Z. Liu, D. Sedra, K. Weinberger (2016). "Deep networks with stochastic depth". *ECCV*.
# * A. Veit, M. Wilber, S. Belongie (2016). "Residual networks behave like ensembles of relatively shallow networks". *NeurIPS*.
# * D. Balduzzi, M. Frean, L. Leary, J. P. Lewis, K. W.-D. Ma, B. McWilliams (2017). "The shattered gradients problem: if resnets are the answer, then what is the question?". *ICML*.
# * G. Yang, J. Pennington, V. Rao, J. Sohl-Dickstein, S. Schoenholz (2019). "A mean field theory of batch normalization". *ICLR*.
