# ---
# title: Inception
# question: Which kernel size is the right one?
# minutes: 120
# builds_on: [4, 6]
# goals:
#   - put kernels of several sizes side by side, and pad them so that they fit
#   - say what a 1x1 convolution does, and what it saves
#   - count the parameters and multiply-adds of a block, path by path
#   - read GoogLeNet stage by stage, and say what each later version changed
#   - let evolution choose among blocks, and judge what it has found
# ---

# %% tags=["setup"]
import torch
from torch import nn
from utils import complexity, data, models, quiz, runtime, train, viz, widgets
from utils.models import evolved, inception, inception_resnet, inception_v3
from utils.checks import ch07 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 11, 7, 5, 3 or 1?
#
# AlexNet begins with 11 x 11, LeNet with 5 x 5, VGG has 3 x 3. Who is right? In 2014 a team at Google took **all of
# them** and let training decide.

# %% [markdown] slideshow={"slide_type": "skip"}
# A face fills the photograph or is a dot in the crowd. The same eye is ten pixels wide in one picture and two in the next. A kernel of one
# size fits one of them. The **Inception block** looks with several sizes at once and stacks what they find. Its name, and the paper's title,
# "Going deeper with convolutions", come from the film *Inception* (2010), in which somebody says "we need to go deeper".
#
# All of them at once sounds expensive. The art of this chapter is the budget: how to have four paths for less than one would cost.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The smallest example
#
# Two bright pixels, four answers: a kernel of one pixel, a 3 x 3, a 5 x 5, and the largest value within 3 x 3.

# %%
X = torch.zeros(1, 1, 5, 5)
X[0, 0, 2, 1:3] = 1
paths = {f"{k} x {k}": nn.functional.conv2d(X, torch.ones(1, 1, k, k), padding=k // 2) for k in (1, 3, 5)}
paths["max pool 3 x 3"] = nn.functional.max_pool2d(X, 3, stride=1, padding=1)

# %%
axes = viz.number_row({"input": X[0, 0], **{name: maps[0, 0] for name, maps in paths.items()}})
viz.caption(axes, "Two pixels through four paths. All kernels here are ones: they count, the pooling does not. Padding keeps every map at 5 x 5.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Four maps of one size. Stacked along the channels they are one tensor again, and the next layer may mix them as it likes.

# %% tags=["nbval-check-output"]
stacked = torch.cat(list(paths.values()), dim=1)
print(tuple(X.shape), "->", tuple(stacked.shape))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Only equal maps can be stacked
#
# *Which sides do the four paths give without padding, on a map of 28 x 28?*

# %% tags=["nbval-check-output"]
maps = torch.zeros(1, 1, 28, 28)
for k in (1, 3, 5):
    sides = [nn.Conv2d(1, 1, k, padding=p)(maps).shape[-1] for p in (0, k // 2)]
    print(f"{k} x {k}: {sides[0]} without padding, {sides[1]} with padding {k // 2}")
ways = {"as it comes": {}, "with stride 1": {"stride": 1}, "with padding 1 as well": {"stride": 1, "padding": 1}}
print("pooling by 3: " + ", ".join(f"{nn.MaxPool2d(3, **way)(maps).shape[-1]} {name}" for name, way in ways.items()))

# %% [markdown] slideshow={"slide_type": "skip"}
# A kernel of side K loses K - 1 pixels, so half of that goes on each side: K // 2, for odd K. The pooling path needs the same care: window 3,
# padding 1, and **stride 1**. Left to itself a pooling steps by its window, and the map comes out too small.
#
# ### Your turn: padding that keeps the size
#
# Kernels need not be square, and they may be dilated. *About 5 minutes.*

# %% tags=["exercise"]
def same_padding(kernel_size, dilation=1):
    """Padding (rows, columns) with which a kernel (height, width), both odd, keeps the size of a map at stride 1."""
    ### BEGIN SOLUTION
    height, width = kernel_size
    return dilation * (height - 1) // 2, dilation * (width - 1) // 2
    ### END SOLUTION


# %% tags=["check"]
check.same_padding(same_padding)

# %% [markdown] tags=["hint"]
# How many pixels are lost in all without padding? Half of them go on each side.

# %% [markdown] tags=["hint"]
# A dilated kernel with K weights along a side reaches over `dilation * (K - 1) + 1` pixels (chapter 01).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The smallest kernel: 1 x 1
#
# It sees one pixel. What can it be good for? It sees **all channels** of that pixel. You have used one: from colour to grey.

# %%
coffee = torch.from_numpy(data.photos()["coffee"]).permute(2, 0, 1)[None] / 255
to_grey = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
grey = nn.functional.conv2d(coffee, to_grey)

# %%
axes = viz.image_grid({"three channels": coffee[0], "one channel": grey[0, 0]})
viz.caption(axes, "A 1 x 1 convolution with weights that follow the eye's sensitivity: 0.299 red, 0.587 green, 0.114 blue.")

# %% [markdown] slideshow={"slide_type": "skip"}
# So a 1 x 1 convolution is a **dense layer at each pixel**: the channels of a pixel go in, weighted sums of them come out, with the same
# weights at every place. Two of them with a ReLU between are an MLP that slides over the image. Lin, Chen and Yan called that "network in
# network" in 2014, and GoogLeNet took it from there.

# %% tags=["nbval-check-output"]
dense, X = nn.Linear(192, 64), torch.randn(2, 192, 28, 28)
maps = nn.functional.conv2d(X, dense.weight.view(64, 192, 1, 1), dense.bias)
print(tuple(maps.shape), "equal at one pixel:", torch.allclose(maps[:, :, 5, 7], dense(X[:, :, 5, 7]), atol=1e-5))

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask what a 1 x 1 convolution on a grey picture does. It multiplies every pixel by a number. It becomes interesting only with many channels:
# that is why it appears in the middle of networks, never at the front.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: a dense layer at each pixel
#
# At all pixels, without a convolution. *About 10 minutes.*

# %% tags=["exercise"]
def pixel_linear(X, weight, bias):
    """weight (c_out, c_in) and bias (c_out,) applied at each pixel of X (B, c_in, H, W): (B, c_out, H, W)."""
    ### BEGIN SOLUTION
    pixels = X.permute(0, 2, 3, 1)
    return (pixels @ weight.T + bias).permute(0, 3, 1, 2)
    ### END SOLUTION


# %% tags=["check"]
check.pixel_linear(pixel_linear)

# %% [markdown] tags=["hint"]
# A matrix product works on the last axis. Bring the channels there, and bring them back after.

# %% [markdown] tags=["hint"]
# `permute` moves axes; `reshape` and `view` keep the numbers in their order in memory and only cut it anew, which mixes up what belongs together.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A bottleneck
#
# 5 x 5 from 192 channels to 32, directly, or through 16 channels first? *Guess the saving.*

# %% tags=["nbval-check-output"]
direct = 5 * 5 * 192 * 32
reduced = 1 * 1 * 192 * 16 + 5 * 5 * 16 * 32
print(f"directly {direct:,} weights, through 16 channels {reduced:,}: {direct / reduced:.1f} times fewer")

# %% [markdown] slideshow={"slide_type": "skip"}
# The 1 x 1 in front squeezes 192 maps into 16 mixtures of them, and the expensive kernel only reads those. The price: what does not fit into 16 numbers
# a pixel is lost for this path. The bet is that neighbouring maps say similar things, so little is lost.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The block
#
# Four paths. The large kernels get a 1 x 1 **in front**, the pooling a 1 x 1 **after** it: pooling alone would hand on all 192 maps.

# %%
block = inception.InceptionBlock(192, (64, 96, 128, 16, 32, 32))
axes = viz.architecture(block, (192, 28, 28))
viz.caption(axes, "Block 3a of GoogLeNet, drawn from the model: 64 + 128 + 32 + 32 = 256 maps come out.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The **channel budget** says how many of the 256 maps each path may fill: half of them come from the 3 x 3, a quarter from the 1 x 1, and an eighth
# each from the 5 x 5 and the pooling. The next block, 3b, has 128 + 192 + 96 + 64 = 480. The numbers were found by trying; no theory gives
# them. We come back to that at the end of the chapter.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: build the block
#
# Six convolutions, each with a bias and followed by a ReLU; stacked in the order 1x1, 3x3, 5x5, pool. `channels` are (a, b1, b2, c1, c2, d). a: the 1x1 path. b1, b2: the 1x1 and
# the 3x3 after it. c1, c2: the 1x1 and the 5x5 after it. d: the 1x1 after the pooling. In the picture: (64, 96, 128, 16, 32, 32). *About 20 minutes.*

# %% tags=["exercise"]
class InceptionBlock(nn.Module):
    """X (B, c_in, H, W) -> (B, a + b2 + c2 + d, H, W); channels = (a, b1, b2, c1, c2, d)."""

    def __init__(self, c_in, channels):
        super().__init__()
        ### BEGIN SOLUTION
        a, b1, b2, c1, c2, d = channels
        self.one = nn.Sequential(nn.Conv2d(c_in, a, 1), nn.ReLU())
        self.three = nn.Sequential(nn.Conv2d(c_in, b1, 1), nn.ReLU(), nn.Conv2d(b1, b2, 3, padding=1), nn.ReLU())
        self.five = nn.Sequential(nn.Conv2d(c_in, c1, 1), nn.ReLU(), nn.Conv2d(c1, c2, 5, padding=2), nn.ReLU())
        self.pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(c_in, d, 1), nn.ReLU())
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        return torch.cat([self.one(X), self.three(X), self.five(X), self.pool(X)], dim=1)
        ### END SOLUTION


# %% tags=["check"]
check.InceptionBlock(InceptionBlock)

# %% [markdown] tags=["hint"]
# Make each path an `nn.Sequential` in `__init__`, and stack their outputs in `forward`. Which axis are the channels?

# %% [markdown] tags=["hint"]
# `nn.MaxPool2d(3)` steps by 3. You want `stride=1` and `padding=1`.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the cost of any block
#
# Before you read on: add up its six convolutions. Weights without biases, and multiply-adds. *About 10 minutes.*

# %% tags=["exercise"]
def block_cost(c_in, channels, height, width):
    """(weights, multiply-adds) of the block's six convolutions on maps of height x width, biases left out."""
    ### BEGIN SOLUTION
    a, b1, b2, c1, c2, d = channels
    weights = c_in * (a + b1 + c1 + d) + 9 * b1 * b2 + 25 * c1 * c2
    return weights, weights * height * width
    ### END SOLUTION


# %% tags=["check"]
check.block_cost(block_cost)

# %% [markdown] tags=["hint"]
# Four of the six convolutions read X itself. What do the other two read?

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What it costs
#
# Multiply-adds, path by path, with $C$ maps coming in and $p$ pixels in each:
#
# $$p\,\big(C a + C b_1 + 9\,b_1 b_2 + C c_1 + 25\,c_1 c_2 + C d\big)$$

# %% tags=["nbval-check-output"]
C, (a, b1, b2, c1, c2, d) = 192, (64, 96, 128, 16, 32, 32)
terms = [C * a, C * b1, 9 * b1 * b2, C * c1, 25 * c1 * c2, C * d]
print(" + ".join(f"{term:,}" for term in terms), f"= {sum(terms):,} weights")
print(f"times 28 x 28 pixels: {sum(terms) * 28 * 28:,} multiply-adds")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Against one kernel
#
# 192 maps in, 256 out: by the block, by one 3 x 3, by one 5 x 5. *By what factor is the block cheaper than each?*

# %%
rivals = {"block": block, "one 3 x 3": nn.Conv2d(192, 256, 3, padding=1), "one 5 x 5": nn.Conv2d(192, 256, 5, padding=2)}
cost = {name: complexity.count(net, (192, 28, 28)) for name, net in rivals.items()}

# %% tags=["nbval-check-output"]
for name, net in rivals.items():
    weights = sum(p.numel() for p in net.parameters() if p.ndim == 4)
    print(f"{name:10} {weights:10,} weights {cost[name]['macs']:12,} multiply-adds")

# %%
ax = viz.bars({name: found["macs"] / 1e6 for name, found in cost.items()}, xlabel="multiply-adds, millions")
viz.caption(ax, "Four paths together cost little more than a third of one 3 x 3 with as many outputs, and an eighth of a 5 x 5.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Spend a budget yourself
#
# Give the 5 x 5 as many maps as the 3 x 3. How many channels may you then leave in front of it, before the block costs as much as one 3 x 3?

# %%
widgets.inception_budget()

# %% [markdown] slideshow={"slide_type": "notes"}
# Set block 3a. Then raise the channels in front of the 5 x 5 from 16 to 64 and let the room read the share of the work. The
# reduction in front is the lever, not the kernel's own outputs. Then 5b: at 7 x 7 pixels widths are cheap, so late blocks are wide.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## GoogLeNet
#
# Three plain convolutions (the **stem**), nine such blocks, one dense layer. 22 layers with weights on the longest path: 3 + 9 · 2 + 1. It won ImageNet in 2014; VGG came second.

# %%
with torch.device("meta"):  # shapes without weights
    googlenet = models.create("googlenet_paper").eval()
ax = viz.architecture(googlenet, (3, 224, 224), depth=1)
viz.caption(ax, "GoogLeNet in five stages, as the paper has it (its local response normalisation is not drawn).")

# %% tags=["nbval-check-output"]
shape = torch.empty(1, 3, 224, 224, device="meta")
for name in ("stage1", "stage2", "stage3", "halve", "stage4", "halve", "stage5", "mean"):
    shape = getattr(googlenet, name)(shape)
    print(f"{name:7} {tuple(shape.shape[1:])}")

# %% [markdown] slideshow={"slide_type": "skip"}
# The stem halves the image three times, to an eighth of its side, before the first block, since blocks on large maps would be expensive. Between stages a max pooling
# of stride 2 halves the maps; inside a stage the size stays.
#
# Here are the nine blocks; the parameters include biases, 368 in block 3a. *Where do you expect the most weights, and where the most work?*

# %% tags=["nbval-check-output"]
table = complexity.layer_table(googlenet, (3, 224, 224))
table["block"] = table["layer"].str.extract(r"stage\d\.(\d\w)\.", expand=False)
blocks = table.groupby("block")[["params", "MACs"]].sum()
blocks.assign(maps=[block.out_channels for stage in "345" for block in getattr(googlenet, f"stage{stage}")])

# %%
ax = viz.bars((blocks["MACs"] / 1e6).to_dict(), xlabel="multiply-adds, millions")
viz.caption(ax, "The work of the nine blocks. On its large maps, block 3b does the most, with about a quarter of the parameters of 5b.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The paper prints a column of parameters beside its own table of channels. Its K is 1,024, and 3a's 159K are our 163,328 weights. From block 4a on the two no longer agree: 4c has 463K in print, and
# its channels give 498K. So if your sums differ from the paper's: the channels are what the network is made of, and yours follow from them.

# %% tags=["nbval-check-output"]
total = complexity.count(googlenet, (3, 224, 224))
print(f"GoogLeNet: {total['params']:,} parameters, {total['macs']:,} multiply-adds")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### One dense layer
#
# VGG ends in three. GoogLeNet takes the **mean of each map**, and one is enough. Flattened, its 1,024 maps of 7 x 7 would need 50 million weights for 1,000 classes. *How many after the mean?*

# %%
with torch.device("meta"):
    nets = {"VGG-16": models.create("vgg16"), "GoogLeNet": googlenet}
dense = {name: sum(m.weight.numel() + m.bias.numel() for m in net.modules() if isinstance(m, nn.Linear)) for name, net in nets.items()}
everything = {name: sum(p.numel() for p in net.parameters()) for name, net in nets.items()}

# %%
bars = {f"{name}, {part}": value / 1e6 for name in nets for part, value in (("dense", dense[name]), ("convolutions", everything[name] - dense[name]))}
ax = viz.bars(bars, xlabel="parameters, millions")
viz.caption(ax, "Where the parameters sit. Global average pooling replaces the dense layers that hold nearly nine tenths of VGG's.")

# %% tags=["nbval-check-output"]
for name in nets:
    print(f"{name:9} {dense[name]:11,} of {everything[name]:11,} parameters in dense layers")

# %% [markdown] slideshow={"slide_type": "skip"}
# It is sometimes said that there are 1,024 maps at the end because of the 1,000 classes. The two have nothing to do with each other: 1,024 is 384 + 384 + 128 + 128, the budget
# of block 5b, and the dense layer after it goes from 1,024 to any number of classes.

# %% tags=["nbval-check-output"]
with torch.device("meta"):
    ten = models.create("googlenet_paper", classes=10)
print(ten.fc)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Two more heads
#
# In a deep net without batch norm, little gradient may reach the lower layers. GoogLeNet adds **auxiliary heads** half-way up, with losses of their own.

# %%
runtime.seed_everything(0)
net = models.create("googlenet_paper", auxiliary=True).train()
X, y = torch.randn(2, 3, 224, 224), torch.tensor([3, 7])
losses = [nn.functional.cross_entropy(logits, y) for logits in net(X)]  # of the last head, of those after 4a and 4d

# %%
def gradient_norms(loss):
    """Norm of the gradient of each stage's parameters."""
    stages = [net.stage1, net.stage2, net.stage3, net.stage4]
    gradients = [torch.autograd.grad(loss, list(stage.parameters()), retain_graph=True) for stage in stages]
    return [torch.cat([g.flatten() for g in found]).norm().item() for found in gradients]


# %%
norms = {"last head alone": gradient_norms(losses[0]), "with auxiliary heads": gradient_norms(losses[0] + 0.3 * sum(losses[1:]))}
ax = viz.lines(norms, x=[1, 2, 3, 4], xlabel="stage", ylabel="norm of the gradient", yscale="log")
ax.set_xticks([1, 2, 3, 4])
viz.caption(ax, "How large a gradient reaches each stage of a fresh GoogLeNet. The heads sit after blocks 4a and 4d; stage 5 lies above both.")

# %%
gain = norms["with auxiliary heads"][2] / norms["last head alone"][2]
print(f"at stage 3 the gradient is {gain:,.0f} times larger with the heads")
assert gain > 10

# %% [markdown] slideshow={"slide_type": "skip"}
# How much of that is depth, and how much a poor start? The weights are PyTorch's default, under which each layer shrinks the signal (chapter 06). *What does Kaiming's start change?*

# %%
for layer in net.modules():
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
losses = [nn.functional.cross_entropy(logits, y) for logits in net(X)]
norms["Kaiming, last head alone"] = gradient_norms(losses[0])
for name, (lowest, *_, highest) in norms.items():
    print(f"{name:24} stage 4 gets {highest / lowest:,.0f} times the gradient of stage 1")
assert norms["Kaiming, last head alone"][3] < 300 * norms["Kaiming, last head alone"][0]

# %% [markdown] slideshow={"slide_type": "skip"}
# Most of the gap was the start. Kaiming's paper came a year after GoogLeNet; the heads were a remedy of their time.
#
# The heads are thrown away after training; their losses count 0.3 each. Supervising the middle of a net is called **deep supervision**. Two
# years later the same authors wrote that the heads had not helped early in training as they had thought, but acted as regularisers near its end.

# %% [markdown] slideshow={"slide_type": "notes"}
# This picture is a fresh net, before the first step. It shows that the heads bring gradient; it does not show that they bring accuracy. Say so before somebody asks.

# %% [markdown] slideshow={"slide_type": "skip"}
# The network called `googlenet` in torchvision is a cousin: it has batch norm, and its "5 x 5" path is a 3 x 3, a slip that was kept because trained weights
# depend on it. Hence its other numbers.

# %% tags=["nbval-check-output"]
import torchvision

with torch.device("meta"):
    cousin = torchvision.models.googlenet(init_weights=False, aux_logits=False)
    with_heads = torchvision.models.googlenet(init_weights=False, aux_logits=True)
found = complexity.count(cousin, (3, 224, 224))
print(f"torchvision: {found['params']:,} parameters, {found['macs'] / 1e9:.3f} G multiply-adds")
print(f"with its auxiliary heads: {sum(p.numel() for p in with_heads.parameters()):,} parameters")

# %% [markdown] slideshow={"slide_type": "skip"}
# So in training, nearly half of its parameters are in the heads.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A small Inception, trained here
#
# Three blocks, 57,034 parameters with batch norm, on colour digits whose test backgrounds were never seen in training.

# %%
train_set, test_set = data.colour_digits()
runtime.seed_everything(0)
small = models.create("inception_small", batch_norm=True)
history = train.fit(small, train_set, test_set, epochs=3, lr=0.01, optimizer="adamw", channels_last=True, progress=False)

# %%
axes = viz.curves(history)
viz.caption(axes, "The small Inception net with batch norm: three epochs over 4,000 colour digits.")

# %%
print(f"{complexity.count(small, (3, 32, 32))['params']:,} parameters, test accuracy {history.test_accuracy[-1]:.1%}")
assert history.test_accuracy[-1] > 0.25  # a guess: 0.1

# %% [markdown] slideshow={"slide_type": "skip"}
# After one epoch the test loss may lie above a guess's 2.30 although half of the answers are right: the wrong ones are given with great confidence.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Version 2: batch norm
#
# Normalise each map between convolution and ReLU (chapter 08 says how). *Does it help this net? At which learning rate?*

# %%
claims = runtime.results("accuracy")["claims"]

# %%
variants = claims["inception_batch_norm"]["variants"]
ordered = sorted(variants, key=lambda name: (name.startswith("without"), float(name.split()[-1])))  # by learning rate
accuracy = {name: variants[name]["accuracy"] for name in ordered}
spread = {name: 100 * found["std"] for name, found in accuracy.items()}
colours = {name: viz.FEATURE_MAP if name.startswith("batch norm") else viz.INPUT for name in accuracy}
ax = viz.bars({name: 100 * found["mean"] for name, found in accuracy.items()}, spread, colours=colours, xlabel="test accuracy, %", form="{:.1f}")
viz.caption(ax, "The small Inception net on colour digits: mean and standard deviation over three seeds.")

# %%
best = {norm: max(found["mean"] for name, found in accuracy.items() if name.startswith(norm)) for norm in ("batch norm", "without")}
print(f"best with batch norm {best['batch norm']:.1%}, best without {best['without']:.1%}")
assert best["batch norm"] > best["without"] + 0.1

# %% [markdown] slideshow={"slide_type": "skip"}
# Compare best with best: each had the same three learning rates to choose from, so neither was favoured. Batch norm is 18 points ahead, and both do best at 0.01. Without it the largest rate is a gamble: one seed
# reached 64 %, the two others 18 and 10 %, hence the huge bar. The net above had three
# epochs, these had five. (The runs come from `benchmarks/accuracy.py`; running them again takes minutes.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Are several sizes better than one?
#
# The chapter's bet. Four paths against 3 x 3 paths alone, each with its 1 x 1 in front: as many maps, as many multiply-adds. *Which is ahead?*

# %%
plans = inception.SMALL, inception.SMALL_3X3
for (name, run), widths in zip(claims["inception_kernels"]["variants"].items(), plans):
    macs = complexity.count(models.create("inception_small", widths=widths, batch_norm=True), (3, 32, 32))["macs"]
    print(f"{name:12} {macs / 1e6:.2f} M multiply-adds   {run['accuracy']['mean']:.1%} ± {run['accuracy']['std']:.1%}, three seeds")

# %% [markdown] slideshow={"slide_type": "skip"}
# Less than a point, inside the noise: here the bet neither pays nor costs. Our digits all have about one size, and at one learning rate this is no verdict. The paper's evidence is ImageNet, where a face fills the
# photograph or is a dot in the crowd.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Versions 2 and 3: smaller kernels
#
# Two 3 x 3 see what a 5 x 5 sees (chapter 06). Version 3 goes on: a **row** of n and a **column** of n see what n x n sees.

# %% tags=["nbval-check-output"]
print(f"with 64 channels everywhere: 5 x 5 {25 * 64 * 64:,} weights, two 3 x 3 {2 * 9 * 64 * 64:,}")
for n in (3, 5, 7):
    square, pair = n * n * 64 * 64, 2 * n * 64 * 64
    print(f"{n} x {n} {square:7,} weights, 1 x {n} and {n} x 1 {pair:6,}: {square / pair:.1f} times fewer")

# %% [markdown] slideshow={"slide_type": "skip"}
# (The version numbers are not used consistently. The batch norm paper of 2015 already had two 3 x 3 in place of the 5 x 5. The paper of 2016 uses the numbers 2 and 3
# for steps on the way to one net.)
#
# Mind how wide the middle is. These savings hold where both layers are equally wide. In block 3a the 5 x 5 goes from 16 to 32 channels. Two 3 x 3 that widen in the
# first step cost *more* than it; widen in the second:

# %% tags=["nbval-check-output"]
print(f"5 x 5 from 16 to 32: {25 * 16 * 32:,}")
for middle in (32, 16):
    print(f"3 x 3 from 16 to {middle}, then {middle} to 32: {9 * 16 * middle + 9 * middle * 32:,}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What a 7 x 1 alone cannot see
#
# A kernel of seven rows and one column. Which pixels can change its answer? Ask the gradient.

# %%
def seen_by(*kernels):
    """Size of the gradient of the middle output for each input pixel, through convolutions of ones."""
    X = torch.zeros(1, 1, 15, 15, requires_grad=True)
    maps = X
    for rows, columns in kernels:
        maps = nn.functional.conv2d(maps, torch.ones(1, 1, rows, columns), padding=(rows // 2, columns // 2))
    return torch.autograd.grad(maps[0, 0, 7, 7], X)[0][0, 0].clamp(max=1)


# %%
fields = {"7 x 1": seen_by((7, 1)), "1 x 7": seen_by((1, 7)), "1 x 7, then 7 x 1": seen_by((1, 7), (7, 1)), "three 3 x 3": seen_by((3, 3), (3, 3), (3, 3))}
axes = viz.feature_maps(torch.stack(list(fields.values())), titles=list(fields))
viz.caption(axes, "Receptive fields. Column and row each see a strip; one after the other they see the whole square.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Then try it on a picture. A column kernel that compares above with below, and a row kernel that compares left with right, on a brick wall that lies on its side. *Which of them sees the
# vertical joints, which the horizontal ones?*

# %%
wall = torch.from_numpy(data.photos()["brick"])[None, None, 150:330, 150:330] / 255
edge = torch.tensor([1.0, 1, 1, 0, -1, -1, -1]) / 3
column, row = (nn.functional.conv2d(wall, edge.view(1, 1, *size)).abs() for size in ((7, 1), (1, 7)))

# %%
level, upright = nn.functional.pad(column, (0, 0, 3, 3)), nn.functional.pad(row, (3, 3, 0, 0))
answers = {"7 x 1": 1 - 2 * level[0, 0], "1 x 7": 1 - 2 * upright[0, 0]}  # dark on white
axes = viz.image_grid({"wall": wall[0, 0], **{name: maps.clamp(0, 1) for name, maps in answers.items()}})
viz.caption(axes, "The darker, the stronger the answer. A kernel one pixel wide is blind to what changes from left to right, whatever its weights.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The 1 x 7 sees the vertical joints, the 7 x 1 the horizontal ones. A kernel of one column never compares two columns, so for a 7 x 1 a photograph is a bundle of unrelated strips. That is why version 3 always has the row beside or after the column.
#
# The pair is still less than a full 7 x 7. One row and one column make one **outer product**: a kernel of rank 1, as Sobel's was in chapter 02. A diagonal line has rank 7. But
# many channels lie between row and column, and the sum over r of them can have any rank up to r. (We leave out the ReLU between them. `svd` finds the best r pairs of a column and a row.) *How well do r pairs draw a diagonal?*

# %% tags=["nbval-check-output"]
U, S, V = torch.linalg.svd(torch.eye(7))
for r in (1, 3, 7):
    best = U[:, :r] * S[:r] @ V[:r]
    print(f"{r} pairs: error {(torch.eye(7) - best).norm() / torch.eye(7).norm():.2f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: what a row and a column cost
#
# 1 x n from c_in to c_out channels, then n x 1 from c_out to c_out. (Version 3 itself widens in the last step.) *About 5 minutes.*

# %% tags=["exercise"]
def asymmetric_parameters(c_in, c_out, n):
    """Weights of a 1 x n convolution from c_in to c_out channels and an n x 1 after it, biases left out."""
    ### BEGIN SOLUTION
    return n * c_in * c_out + n * c_out * c_out
    ### END SOLUTION


# %% tags=["check"]
check.asymmetric_parameters(asymmetric_parameters)

# %% [markdown] tags=["hint"]
# Two layers, one after the other: write down for each how many channels come in, how many go out, and how many weights its kernel has for each pair of them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Inception v3
#
# Three kinds of blocks: two 3 x 3 on large maps (beside a 5 x 5 that stayed), rows and columns of 7 on middle ones, rows and columns **side by side** on small ones.

# %%
with torch.device("meta"):
    middle = inception_v3.block_c(768, 128)
ax = viz.architecture(middle, (768, 17, 17))
viz.caption(ax, "A middle block of Inception v3 on maps of 17 x 17: rows and columns of 7.")

# %% tags=["nbval-check-output"]
with torch.device("meta"):
    v3 = {aux: models.create("inception_v3", auxiliary=aux) for aux in (True, False)}
params = {aux: sum(p.numel() for p in net.parameters()) for aux, net in v3.items()}
macs = complexity.count(v3[False], (3, 299, 299))["macs"]
print(f"{params[True]:,} parameters, {params[False]:,} without its auxiliary head, {macs / 1e9:.3f} G multiply-adds at 299 x 299")

# %% [markdown] slideshow={"slide_type": "skip"}
# Our `inception_v3` is written from tables and takes torchvision's trained weights as they are, so you can read our source and run it with their weights.
#
# ### Version 4, and a sum
#
# Version 4 repeats one and the same block throughout each stage, where version 3's widths change from block to block, and has a stem with paths of its own. Its sister, **Inception-ResNet**, borrows the idea of chapter 09: the block's paths are brought back to the width of its input, made smaller
# by a factor, and *added* to the input. What the block computes is a small correction of what came in.

# %%
with torch.device("meta"):
    residual = inception_resnet.residual_a()
ax = viz.architecture(residual, (320, 35, 35))
viz.caption(ax, "A block of Inception-ResNet v2: paths, stack, a 1 x 1 back to 320 maps, times 0.17, and the sum with the input.")

# %% tags=["nbval-check-output"]
with torch.device("meta"):
    later = {"v4, 35 x 35": inception_resnet.v4_block_a(), "v4, 17 x 17": inception_resnet.v4_block_b(), "Inception-ResNet v2, 35 x 35": residual}
for name, module in later.items():
    print(f"{name:29} {sum(p.numel() for p in module.parameters()):9,} parameters")

# %% [markdown] slideshow={"slide_type": "skip"}
# On 35 x 35 maps the residual block has two fifths of the parameters of version 4's: its paths are only 32 to 64 maps wide, since they compute a correction and not the whole output.
#
# The factor matters for wide blocks: above about a thousand channels the authors saw such nets die in training, all outputs zero, until they multiplied the correction by 0.1 to 0.3.
#
# Whether these shapes buy anything at our size is another question, which we have not measured. `models.create("inception_small", factorised=True, batch_norm=True)` and
# `models.create("inception_resnet_small")` are there to be trained: take three seeds, and the spread.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Let evolution choose
#
# 64, 128, 32, 32: who says so? **AmoebaNet** (2019) let a population of networks compete, have children, and die. We do the same with blocks, small enough for a minute.

# %% [markdown] slideshow={"slide_type": "skip"}
# A net here is three Inception blocks on digits of 14 x 14. Its **genome** says how many maps each path of each block gives: (1x1, 3x3, 5x5, pool). Zero means the path is not there. The 1 x 1 in front of a 3 x 3 has half as many, in front of a 5 x 5 a quarter. All genomes
# must cost between 80 and 100 % of the same budget of multiply-adds, so hardly anything can be won by being larger.

# %% tags=["nbval-check-output"]
from random import Random

random, BUDGET = Random(0), 100_000
for _ in range(3):
    genome = evolved.random_genome(random, BUDGET)
    print(genome, f"{evolved.block_macs(genome):,} multiply-adds")

# %% [markdown] slideshow={"slide_type": "skip"}
# One step of **regularised evolution**: draw a few members of the population; the best of these is the parent; its child is a copy with one or two numbers changed; the child is trained and scored;
# and the **oldest** member dies, good or not. That last rule is the paper's idea. Scores are noisy, and a genome that was lucky once should not live for ever: its line only
# survives if its children score well too.
#
# ### Your turn: one step of evolution
#
# The population is a list of pairs (genome, score), the oldest first. `drawn` are the positions of those that were drawn. Return the next population as a new list. *About 10 minutes.*

# %% tags=["exercise"]
def evolve_step(population, drawn, mutate, fitness):
    """The next population: the child of the best drawn one comes last, the oldest is gone.

    mutate(genome) gives a child's genome, fitness(genome) its score; larger is better.
    """
    ### BEGIN SOLUTION
    parent, _ = max((population[i] for i in drawn), key=lambda one: one[1])
    child = mutate(parent)
    return [*population[1:], (child, fitness(child))]
    ### END SOLUTION


# %% tags=["check"]
check.evolve_step(evolve_step)

# %% [markdown] tags=["hint"]
# `max(candidates, key=lambda one: one[1])` finds the pair with the largest score.

# %% [markdown] tags=["hint"]
# The child needs a score of its own. And who is the oldest, in a list that is sorted by age?

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Run it
#
# Eight genomes by chance, then sixteen children. Each net is trained for a moment on 2,000 digits, and scored by its loss on 1,000 others.

# %%
from dataclasses import replace

digits = data.mnist("embedded")[0].changed(lambda X: nn.functional.avg_pool2d(X, 2))
cuts = slice(0, 2000), slice(2000, 3000)
learn, judge = (replace(digits, images=digits.images[cut], labels=digits.labels[cut]) for cut in cuts)

# %%
def fitness(genome):
    """Minus the loss of the genome's net on new digits, after a moment of training."""
    runtime.seed_everything(0)
    net = evolved.EvolvedInception(genome)
    train.fit(net, learn, epochs=2, batch_size=64, lr=0.02, optimizer="adamw", channels_last=True, progress=False)
    return -train.evaluate(net, judge)["loss"]


# %% [markdown] slideshow={"slide_type": "skip"}
# The loop itself is short enough to be read. It is your step, again and again:

# %% tags=["nbval-check-output"]
import inspect

source = inspect.getsource(evolved.evolve)
print(source.split('"""')[0].rstrip() + source.split('"""')[2])

# %%
random = Random(0)
first = [evolved.random_genome(random, BUDGET) for _ in range(8)]
born = evolved.evolve(first, fitness, lambda genome: evolved.mutate(genome, random, BUDGET), children=16, sample=3, random=random)

# %%
scores = torch.tensor([-score for _, score in born])
ax = viz.lines({"best so far": scores.cummin(0).values}, xlabel="in the order of birth", ylabel="loss on new digits")
ax.lines[0].set_drawstyle("steps-post")
ax.plot(scores[:8], "o", color=viz.INPUT, label="first generation")
ax.plot(range(8, len(born)), scores[8:], "o", color=viz.FEATURE_MAP, label="children")
ax.legend()
viz.caption(ax, "A search among blocks of nearly equal cost. Each dot is a network that was trained and judged.")

# %%
generations = {"first generation": born[:8], "children 1 to 8": born[8:16], "children 9 to 16": born[16:]}
for name, members in generations.items():
    loss = -sum(score for _, score in members) / len(members)
    macs = sum(evolved.block_macs(genome) for genome, _ in members) / len(members)
    print(f"{name:18} mean loss {loss:.3f}, mean cost {macs:,.0f} multiply-adds")
print("best genome:", max(born, key=lambda one: one[1])[0])

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Did it find anything?
#
# The best of many scores is partly luck. So train both winners **again**, with three other seeds, and test on digits that the search never saw.

# %%
test_digits = data.mnist("embedded")[1].changed(lambda X: nn.functional.avg_pool2d(X, 2))
winners = {"first generation": max(born[:8], key=lambda one: one[1])[0], "all that were born": max(born, key=lambda one: one[1])[0]}
for name, genome in winners.items():
    runs = []
    for seed in (1, 2, 3):
        runtime.seed_everything(seed)
        net = evolved.EvolvedInception(genome)
        train.fit(net, learn, epochs=2, batch_size=64, lr=0.02, optimizer="adamw", channels_last=True, seed=seed, progress=False)
        runs.append(train.evaluate(net, test_digits)["accuracy"])
    print(f"best of {name:18} " + "  ".join(f"{accuracy:.1%}" for accuracy in runs))

# %% [markdown] slideshow={"slide_type": "skip"}
# Look at the three numbers of a row before you compare the rows: the same genome, trained again, moves by more than the two means differ. In such noise one search of 24 short trainings cannot prove that its
# winner is better than the best of the first generation, and we do not claim it. What the search does show is that children of good parents
# score better on *average* than genomes by chance, at hardly more cost. To prove more one needs several searches, as many trials by pure chance to compare with, and longer trainings. AmoebaNet's
# authors had 450 accelerators for a week.

# %% [markdown] slideshow={"slide_type": "notes"}
# The question to leave the room with: how would you know that a search has found something? Train the winner again, compare with as many trials by chance, report the spread. Many papers on
# searching for architectures were written before these three became customary.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## What changes on CIFAR-10
#
# Photographs of ten kinds of things, 3 x 32 x 32 as our colour digits, and much harder. The training of the small Inception runs on them: put `data.cifar10("subset")`, or `"full"`, in the
# place of `data.colour_digits()`. Expect far lower accuracies from a net of this size, and train longer. This is version 2 against version 1, measured on 10,000 photographs for five epochs.

# %%
photographs = {name: run["accuracy"] for name, run in claims["inception_batch_norm_cifar10"]["variants"].items()}
colours = {name: viz.FEATURE_MAP if name.startswith("batch norm") else viz.INPUT for name in photographs}
spread = {name: 100 * found["std"] for name, found in photographs.items()}
ax = viz.bars({name: 100 * found["mean"] for name, found in photographs.items()}, spread, colours=colours, xlabel="test accuracy, %", form="{:.1f}")
viz.caption(ax, "The small Inception net on CIFAR-10, 10,000 photographs: mean and standard deviation over three seeds.")

# %%
best = {norm: max(found["mean"] for name, found in photographs.items() if name.startswith(norm)) for norm in ("batch norm", "without")}
print(f"best with batch norm {best['batch norm']:.1%}, best without {best['without']:.1%}")
assert best["batch norm"] > best["without"] + 0.05

# %% [markdown] slideshow={"slide_type": "skip"}
# Fourteen points, both at 0.01, the larger of the two rates tried.

# %% tags=["quiz"]
quiz.show([
    {"question": "A 1 x 1 convolution from 192 to 64 channels: what does one output value depend on?", "type": "multiple_choice",
     "answers": [{"answer": "All 192 channels of one pixel", "correct": True, "feedback": "It is a dense layer at that pixel."},
                 {"answer": "One channel of one pixel", "correct": False, "feedback": "A kernel always reaches through all input channels."},
                 {"answer": "One channel of all pixels", "correct": False, "feedback": "That would be a mean over the map, such as global average pooling."}]},
    {"question": "GoogLeNet has 1,024 maps in front of its classifier. You need 10 classes. What changes?", "type": "multiple_choice",
     "answers": [{"answer": "The last dense layer only: 1,024 to 10", "correct": True, "feedback": "The 1,024 are the channel budget of block 5b."},
                 {"answer": "Block 5b must give 10 maps", "correct": False, "feedback": "Then each class would hang on a single map."},
                 {"answer": "It cannot be done", "correct": False, "feedback": "You saw it: classes=10."}]},
    {"question": "1 x 7 and 7 x 1, in a row, against one 7 x 7, all with C channels. How many weights?", "type": "multiple_choice",
     "answers": [{"answer": "14 C C against 49 C C", "correct": True, "feedback": "3.5 times fewer, and the same receptive field."},
                 {"answer": "14 against 49", "correct": False, "feedback": "Each weight exists for each pair of channels."},
                 {"answer": "The same, only faster", "correct": False, "feedback": "It has fewer weights, so it can express less: r channels between them give rank r at most."}]},
    {"question": "A search tries 1,000 nets and reports the best score. What do you ask first?", "type": "multiple_choice",
     "answers": [{"answer": "How good is it when trained again, and what do 1,000 random nets give?", "correct": True, "feedback": "The best of many noisy scores is lucky."},
                 {"answer": "How many GPUs were used?", "correct": False, "feedback": "Worth knowing, but it does not tell whether the search found anything."},
                 {"answer": "Whether the population could have been larger", "correct": False, "feedback": "More trials make the best score luckier."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Several kernel sizes side by side, stacked.
# * 1 x 1: a dense layer at each pixel; it pays for the block.
# * Count path by path.
# * A search must beat chance.

# %% [markdown] slideshow={"slide_type": "skip"}
# In the order of the goals:
#
# * Odd kernels at stride 1 keep the size with padding K // 2 on each side; only maps of one size can be stacked.
# * A 1 x 1 convolution mixes the channels of each pixel. In front of a 5 x 5 it cut the weights by ten.
# * Block 3a: 163,328 weights, against 442,368 of one 3 x 3 and 1,228,800 of one 5 x 5 with as many outputs.
# * GoogLeNet: stem, three stages of blocks, a mean of each map, one dense layer. Then batch norm (v2), smaller kernels, and kernels of one row or one column (v2, v3); one block repeated in each stage (v4), scaled sums (Inception-ResNet).
# * Evolution changes a genome a little, trains it, lets the oldest die. What it has found is known only after training it again.
#
# ### Common mistakes
#
# * *"A 1 x 1 convolution does nothing, it sees a single pixel."* It sees all channels of it.
# * *`nn.MaxPool2d(3)` in the fourth path.* Its stride is then 3, and the maps do not fit.
# * *The 5 x 5 counted as reading all 192 channels.* It reads the 16 that its 1 x 1 leaves.
# * *"1,024 maps because of 1,000 classes."* They have nothing to do with each other.
# * *"7 x 1 and 1 x 7 see the same as 7 x 7, so either will do."* Each alone sees a strip. In a row they see the square.
# * *"Version 4 is newer, so its blocks are better here."* Only a measurement over several seeds can say so, at your size and on your data.
#
# ### Papers
#
# * M. Lin, Q. Chen, S. Yan (2014). "Network in network". *ICLR*.
# * C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke, A. Rabinovich (2015). "Going deeper with convolutions". *CVPR*.
# * C.-Y. Lee, S. Xie, P. Gallagher, Z. Zhang, Z. Tu (2015). "Deeply-supervised nets". *AISTATS*.
# * S. Ioffe, C. Szegedy (2015). "Batch normalization: accelerating deep network training by reducing internal covariate shift". *ICML*. (Its network is Inception v2.)
# * C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna (2016). "Rethinking the Inception architecture for computer vision". *CVPR*. (Version 3.)
# * C. Szegedy, S. Ioffe, V. Vanhoucke, A. Alemi (2017). "Inception-v4, Inception-ResNet and the impact of residual connections on learning". *AAAI*.
# * E. Real, A. Aggarwal, Y. Huang, Q. V. Le (2019). "Regularized evolution for image classifier architecture search". *AAAI*. (AmoebaNet.)
