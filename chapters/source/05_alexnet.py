# ---
# title: AlexNet
# question: What changed in 2012, so that nets began to see?
# minutes: 150
# builds_on: [2, 3, 4]
# goals:
#   - describe an image by hand-made features, and measure the baseline that learned ones have to beat
#   - count AlexNet's parameters and multiply-adds layer by layer, and the memory of its training; find the slip in a famous table
#   - say which layers of the two towers see each other, and show it with a gradient
#   - measure what the sigmoid does to the gradient of a deep net, and what pooling and dropout do to its accuracy
#   - train one net with two processes, and find out whether it is the same training
# ---

# %% tags=["setup"]
import numpy as np
import torch
from torch import nn
from utils import complexity, data, models, runtime, train, viz, widgets
from utils.checks import ch05 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Before 2012, people made the features
#
# A program that named things in photographs had two parts: **features** that people had thought out, and a simple classifier on
# top, which was all that learned.

# %% [markdown] slideshow={"slide_type": "skip"}
# You met one half of such features in chapter 02: edges. A popular recipe went one step further. Cut the picture into cells of 8 x 8
# pixels. In each cell, collect the directions of its gradients in a histogram, and let strong ones count more. (An edge lies across
# its gradient: knowing one is knowing the other.) Then take neighbouring cells together in blocks of 2 x 2, and scale each block to
# length 1. This is **HOG**, the histogram of oriented gradients. It does not care how bright a picture is, and hardly cares where in its
# cell an edge lies.
#
# Our pictures are the colour digits of this course, 32 x 32: 4,000 to learn from, 1,000 to be tested on. Each is a handwritten digit laid
# over a piece of a colour photograph, as the absolute difference of both. The test digits lie on other photographs than the training digits do.

# %%
train_set, test_set = data.colour_digits()
axes = viz.image_grid(test_set.images[::50], titles=test_set.labels[::50].tolist(), columns=10)
viz.caption(axes, "Twenty colour digits, each under its label.", alt="Twenty digits before pieces of colour photographs")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A digit as HOG sees it
#
# Nine directions in each cell, and nothing else: no colour, no brightness.

# %%
from skimage.feature import hog
options = {"pixels_per_cell": (8, 8), "cells_per_block": (2, 2), "channel_axis": 0}
shown = test_set.images[:500:100] / 255
larger = nn.functional.interpolate(shown, scale_factor=4, mode="bilinear").numpy()  # for long strokes
drawn = [hog(picture, visualize=True, **options | {"pixels_per_cell": (32, 32)})[1] for picture in larger]
axes = viz.compare(shown, [np.sqrt(strokes / strokes.max()) for strokes in drawn], titles=("digit", "HOG"))
viz.caption(axes, "Five of the digits, and what HOG keeps of them. A stroke lies along the edge; bright means strong.")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the histogram of one cell
#
# Each pixel votes for the direction of its gradient, with the length of the gradient as its weight. Opposite directions are one:
# an edge from dark to bright and one from bright to dark fall into the same bin. (One cell only, nothing scaled.) *About 15 minutes.*

# %% tags=["exercise"]
def orientation_histogram(gx, gy, bins):
    """Sums (bins,) of the gradients' lengths, by direction in [0, 180) degrees; gx, gy are (H, W) float tensors."""
    ### BEGIN SOLUTION
    degrees = torch.rad2deg(torch.atan2(gy, gx)) % 180
    number = (degrees / (180 / bins)).long().clamp(max=bins - 1)
    sums = torch.zeros(bins)
    return sums.index_add(0, number.flatten(), torch.hypot(gx, gy).flatten())
    ### END SOLUTION


# %% tags=["check"]
check.orientation_histogram(orientation_histogram)

# %% [markdown] tags=["hint"]
# `torch.rad2deg(torch.atan2(gy, gx))` lies between -180 and 180. What does `% 180` make of -30 and of 150?

# %% [markdown] tags=["hint"]
# A bin is `180 / bins` degrees wide. The number of a pixel's bin is its angle divided by that, rounded down: `.long()`. An angle just below 0
# can round to 180 itself, so end with `.clamp(max=bins - 1)`. With `length = torch.hypot(gx, gy)`, a loop over the bins that adds up
# `length[number == b]` is fine.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The baseline to beat
#
# Now a linear support vector machine learns ten weighted sums of these features, one a class: the shape of one dense layer.

# %%
from sklearn.svm import LinearSVC
def features(split):
    return np.array([hog(picture, **options) for picture in split.images.numpy()])


# %%
described, unseen = features(train_set), features(test_set)
svm = LinearSVC(C=0.1, random_state=0).fit(described, train_set.labels)
hog_accuracy = svm.score(unseen, test_set.labels)
assert hog_accuracy > 0.8
print(f"{described.shape[1]} features a picture, {svm.coef_.size:,} weights, {hog_accuracy:.1%} of the test digits right")

# %% [markdown] slideshow={"slide_type": "skip"}
# A picture has 3 x 3 blocks of 4 cells with 9 directions each: 324 features. What differs from a dense layer is the loss: it asks only that each sum be on the right
# side of zero, by a margin.
#
# That is a strong baseline, and it took a few seconds. *Do you expect a convnet to do better on these 4,000 pictures? Write your guess
# down.* We come back to it.

# %% [markdown] slideshow={"slide_type": "notes"}
# Take a vote: who thinks that the net will win on these digits? Write the numbers on the board. Most people say yes. Do not
# give it away.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ImageNet
#
# In 2012 there was a data set too varied for any recipe: 1.28 million photographs, 1,000 classes.

# %% tags=["nbval-check-output"]
import pandas as pd
sizes = pd.DataFrame({"images": [60_000, 1_281_167], "classes": [10, 1000], "channels": [1, 3], "side": [28, 256]}, index=["MNIST", "ImageNet"])
sizes["images a class"] = (sizes["images"] / sizes["classes"]).astype(int)
sizes["gigabytes"] = (sizes["images"] * sizes["channels"] * sizes["side"] ** 2 / 1e9).round(2)
sizes

# %% [markdown] slideshow={"slide_type": "skip"}
# ImageNet's photographs come in all sizes; 256 x 256 is what AlexNet's authors scaled them to. MNIST's pixels fit into the memory of a
# computer of 1998. ImageNet's did not fit into that of a computer of 2012, and a whole digit covers about a hundredth of one of its photographs.
#
# A photograph often shows more than one thing. So the contest allowed five guesses: the **top-5 error** is the share of pictures
# whose label is not among the five classes with the largest logits. AlexNet's seven nets together came to 15.3 %. The best entry with
# hand-made features had 26.2 %.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the top-k error
#
# *About 10 minutes.*

# %% tags=["exercise"]
def top_k_error(logits, y, k):
    """Fraction of images whose label y (B,) is not among the k classes with the largest logits (B, K); a float."""
    ### BEGIN SOLUTION
    best = logits.topk(k, dim=1).indices
    found = (best == y[:, None]).any(dim=1)
    return 1 - found.float().mean().item()
    ### END SOLUTION


# %% tags=["check"]
check.top_k_error(top_k_error)

# %% [markdown] tags=["hint"]
# `logits.topk(k, dim=1).indices` has shape (B, k). Compare it with `y[:, None]`, of shape (B, 1).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## LeNet, fourteen years later
#
# The plan is LeNet's: convolutions and poolings, then dense layers. LeNet is drawn in today's dress, with ReLU and max pooling. *What else is not the same?*

# %%
with torch.device("meta"):  # shapes without weights: nothing to wait for, nothing to store
    lenet, alexnet = models.create("lenet"), models.create("alexnet_two_towers")
viz.caption(viz.architecture(lenet, (1, 28, 28)), "LeNet as it is written today. The table below has the LeNet of 1998.")

# %%
viz.caption(viz.architecture(alexnet, (3, 224, 224)), "AlexNet, 2012, drawn from the model. (The average pooling is for pictures of other sizes: here it changes nothing.)")

# %% [markdown] slideshow={"slide_type": "skip"}
# | | LeNet, 1998 | AlexNet, 2012 | why |
# |---|---|---|---|
# | layers with weights | 2 conv, 3 dense | 5 conv, 3 dense | more classes, more to tell apart |
# | first kernel | 5 x 5 | 11 x 11, stride 4 | large pictures: shrink them at once |
# | activation | sigmoid or tanh | ReLU | the gradient survives the depth |
# | pooling | average 2 x 2 | max 3 x 3, stride 2: windows overlap | keeps the strongest answer |
# | against overfitting | weight decay | dropout (chapter 04), augmentation, weight decay | 61 million parameters |
# | computer | one processor | two GPUs of 3 GB | one was too small |
#
# (LRN in the drawing is *local response normalisation*: each value is divided by the size of its neighbours in other channels. It is no longer used.)
#
# Hardly any of the parts was new. What was new is that somebody put them together, on two graphics cards made for games, and gave them enough
# pictures and six days of time.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The riddle of 224
#
# The paper says: pictures of 224, kernel 11, stride 4, maps of 55. *Check it with the size formula.*

# %% tags=["nbval-check-output"]
for side, padding in ((224, 0), (224, 1), (224, 2), (227, 0)):
    exact = (side + 2 * padding - 11) / 4 + 1
    print(f"side {side}, padding {padding}: {exact:5.2f}, so a map of {int(exact)}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Without padding 224 gives 54, not 55. Some people read 227, others pad by 2, as we and torchvision do. Some textbooks pad by 1 and get 54, and
# with it a smaller net. When two sources disagree about AlexNet's size, this is often why.
#
# Now the **overlapping pooling**. On maps with an odd side, such as 55, a window of 3 with stride 2 gives the same size as a window of 2.
# Neighbouring windows share a row or a column. The paper reports 0.3 points less top-5 error for it.

# %% tags=["nbval-check-output"]
maps = torch.zeros(1, 96, 55, 55)
print(tuple(nn.MaxPool2d(3, 2)(maps).shape), tuple(nn.MaxPool2d(2, 2)(maps).shape))

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the convolutions of AlexNet
#
# Widths 96, 256, 384, 384, 256; kernels 11, 5, 3, 3, 3; stride 4 in conv1 only; padding 2, 2, 1, 1, 1; a ReLU behind each; pooling 3 x 3, stride 2 behind
# conv1, conv2 and conv5. Hand `groups` on to conv2, conv4 and conv5 (what it means comes under "Two towers"). Leave LRN out. *About 20 minutes.*

# %% tags=["exercise"]
def alexnet_features(groups):
    """Module from X (B, 3, H, W) to feature maps (B, 256, h, w): AlexNet's convolutions, cut into `groups` towers."""
    ### BEGIN SOLUTION
    return nn.Sequential(
        *(nn.Conv2d(3, 96, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *(nn.Conv2d(96, 256, 5, padding=2, groups=groups), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=groups), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=groups), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
    )
    ### END SOLUTION


# %% tags=["check"]
check.alexnet_features(alexnet_features)

# %% [markdown] tags=["hint"]
# An `nn.Sequential` of 13 layers. The input channels of a layer are the output channels of the one before; `groups` does not change that in the call.

# %% [markdown] tags=["hint"]
# `nn.MaxPool2d(3)` moves by 3. Overlap needs `stride=2`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What it costs, layer by layer
#
# *Where are the parameters? Where is the work? Decide for each before you look.*

# %%
def costs(net, shape):
    table = complexity.layer_table(net, shape)
    return table[table["params"] > 0].reset_index(drop=True)[["layer", "output shape", "params", "MACs"]]


# %% tags=["nbval-check-output"]
names = ["conv1", "conv2", "conv3", "conv4", "conv5", "dense6", "dense7", "dense8"]
table = costs(alexnet, (3, 224, 224)).assign(name=names).set_index("name")
table.assign(params=table["params"].map("{:,}".format), MACs=table["MACs"].map("{:,}".format))

# %% [markdown] slideshow={"slide_type": "skip"}
# Nearly all parameters sit in three dense layers, nearly all multiply-adds in five convolutions. A dense weight is used once for each
# picture; a weight of conv1 is used at 55 x 55 places. Turn the knobs, and watch which rows answer:

# %% slideshow={"slide_type": "slide"}
widgets.cost_explorer()

# %% [markdown] slideshow={"slide_type": "skip"}
# Click on a row, or walk with the arrow keys, to see its sum written out. Three things to try: halve the image's side and look at dense6; make conv1's
# stride 2 and look at everything below; take the tick off *two towers* and see which rows change.

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask for a bet before each knob. Halving the side takes dense6 from 38 million parameters to a fraction of it, since its inputs are a map. The convolutions keep theirs
# and do a quarter of the work. Ten classes instead of a thousand change one row, and hardly the sum.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A famous wrong column
#
# A slide that has been copied for years says: AlexNet has **11 times** the parameters of LeNet and **250 times** its compute. *Let us add it up.*

# %% [markdown] slideshow={"slide_type": "skip"}
# The slide leaves out biases and the output layer, and takes the AlexNet with padding 1. We do the same. It gives LeNet 0.6 million parameters and 4 million multiply-adds.

# %%
def without_output(name, shape):
    with torch.device("meta"):
        table = costs(models.create(name), shape)
    biases = [size[0] for size in table["output shape"]]
    table["weights"] = table["params"] - biases
    return table[["weights", "MACs"]][:-1]


# %% tags=["nbval-check-output"]
small, large = without_output("lenet", (1, 28, 28)), without_output("alexnet_textbook", (3, 224, 224))
sums = pd.DataFrame({"LeNet": small.sum(), "the slide's LeNet": [600_000, 4_000_000], "AlexNet": large.sum()})
sums["times"] = (sums["AlexNet"] / sums["LeNet"]).round(1)
sums["by the slide"] = (sums["AlexNet"] / sums["the slide's LeNet"]).round(1)
sums

# %% [markdown] slideshow={"slide_type": "skip"}
# AlexNet's column is right. LeNet's is ten times too large: it has 60,630 such weights and does 415,680 multiply-adds. So AlexNet has **771 times**
# the parameters and **2,420 times** the multiply-adds. (The slide's 250 follows from its own columns. Its 11 does not even do that: 78 would.) Here
# is LeNet by itself, so that you can check it with a pencil. (The explorer says 988 and 1,739: it counts biases and the output layer too, and AlexNet with its two towers.)

# %% tags=["nbval-check-output"]
small.assign(layer=["conv1: 6 x 1 x 5 x 5", "conv2: 16 x 6 x 5 x 5", "dense1: 400 x 120", "dense2: 120 x 84"]).set_index("layer")

# %% [markdown] slideshow={"slide_type": "skip"}
# On the slide, the dense layers have 0.48 and 0.1 million weights instead of 0.048 and 0.01: a decimal point moved by one place, in a table that looked
# plausible. Its 4 million multiply-adds, too, are ten times the 0.416 that you see here. Two lines of code would have found it. Count before you copy.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Why two GPUs? Memory
#
# Training keeps more than weights: each has a gradient and a momentum, and every picture of the batch leaves its feature maps until the backward pass.

# %% tags=["nbval-check-output"]
counted = complexity.count(alexnet, (3, 224, 224))
gigabytes = {
    "weights": counted["parameter_bytes"] / 1e9,
    "gradients and momentum": 2 * counted["parameter_bytes"] / 1e9,
    "activations, 128 pictures": 128 * counted["activation_bytes"] / 1e9,
}
print({name: f"{size:.2f} GB" for name, size in gigabytes.items()}, f"together {sum(gigabytes.values()):.2f} GB")

# %%
ax = viz.bars(gigabytes, xlabel="memory (GB)", form="{:.2f}", colours={"weights": viz.KERNEL, "gradients and momentum": viz.GRADIENT, "activations, 128 pictures": viz.FEATURE_MAP})
viz.caption(ax, "What training AlexNet with batches of 128 keeps. A graphics card of 2012 had 3 GB, for this and all else.")

# %% [markdown] slideshow={"slide_type": "skip"}
# By this count it would fit. But going backward also needs the gradients of feature maps, in the worst case another 0.99 GB, together 2.7; the convolutions need
# room to work in, and the next pictures must be there already. So the authors cut the net in two, and put half of the feature maps of each layer on each card.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: will it fit?
#
# Weights, gradients and momentum are as many numbers each as there are parameters; activations are kept for each picture of the batch. All are float32. Count these four and nothing else; for the net above
# you should come to 1.72 GB. *About 5 minutes.*

# %% tags=["exercise"]
def training_memory(params, activations, batch_size):
    """Bytes that training keeps: `params` of the net, `activations` (numbers) of one picture, SGD with momentum."""
    ### BEGIN SOLUTION
    return 4 * (3 * params + batch_size * activations)
    ### END SOLUTION


# %% tags=["check"]
check.training_memory(training_memory)

# %% [markdown] tags=["hint"]
# A float32 has 32 bits. Which of the four things grows with the batch, and which does not?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two towers
#
# Each card held half of the feature maps of every layer. In conv2, conv4 and conv5 a card looked at **its own half only**: nothing had to cross.

# %% [markdown] slideshow={"slide_type": "skip"}
# Today this is one argument, `groups=2`: the first half of the output channels sees the first half of the input channels, the second half sees the
# second. Each kernel is half as deep, so the layer has half the weights and does half the work.

# %% tags=["nbval-check-output"]
for groups in (1, 2):
    conv = nn.Conv2d(96, 256, 5, padding=2, groups=groups)
    print(f"groups={groups}: weight {tuple(conv.weight.shape)}, {conv.weight.numel():,} weights")

# %% [markdown] slideshow={"slide_type": "skip"}
# The whole net saves little memory, since most parameters sit in the dense layers. *And how much work?*

# %% tags=["nbval-check-output"]
for kind in ("alexnet_one_tower", "alexnet_two_towers", "alexnet"):
    with torch.device("meta"):
        counted = complexity.count(models.create(kind), (3, 224, 224))
    print(f"{kind:19} {counted['params']:>11,} parameters {counted['macs'] / 1e6:>8,.1f} million multiply-adds")

# %% [markdown] slideshow={"slide_type": "skip"}
# 1.4 of 62 million parameters, but more than a third of the work. The last net is torchvision's, after a later paper of Krizhevsky's: one tower, and narrower.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Who sees whom? Ask the gradient
#
# Take the first half of a layer's outputs and go backward. Gradient that arrives in the second half of its inputs means: this layer sees the other tower.

# %%
def gradient_to_other_tower(layer):
    inputs = (layer.in_channels, 13, 13) if isinstance(layer, nn.Conv2d) else (layer.in_features,)
    X = torch.randn(1, *inputs, requires_grad=True)
    outputs = layer(X)
    [gradient] = torch.autograd.grad(outputs[:, : outputs.shape[1] // 2].square().sum(), X)
    own, other = gradient.square().flatten().chunk(2)
    return (other.sum() / (own.sum() + other.sum())).item()


# %% tags=["nbval-check-output"]
runtime.seed_everything(0)
net = models.create("alexnet_two_towers")  # this time with its weights
layers = [layer for layer in net.modules() if hasattr(layer, "weight")][1:]  # conv1 sees the picture, which is not cut
shares = {name: gradient_to_other_tower(layer) for name, layer in zip(names[1:], layers)}
del net, layers  # a quarter of a gigabyte
print({name: "both towers" if share > 0.1 else "its own" if share == 0 else "?" for name, share in shares.items()})

# %%
ax = viz.bars({name: 100 * share for name, share in shares.items()}, xlabel="gradient that goes to the other tower (%)", colours=viz.GRADIENT, form="{:.0f}")
viz.caption(ax, "conv3 and the dense layers see both towers. conv2, conv4 and conv5 see their own: exactly zero crosses.")

# %% [markdown] slideshow={"slide_type": "notes"}
# conv3 is the one place among the convolutions where the cards had to talk. Talking costs time; the authors tried several patterns and kept this one. Grouped convolutions came back later for another reason: ResNeXt and MobileNet use them to save work (chapters 09 and 13).

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: a grouped convolution from plain ones
#
# Cut the channels, convolve each part with its kernels, join the results. You may use `nn.functional.conv2d`, without its `groups`. *About 15 minutes.*

# %% tags=["exercise"]
def grouped_conv2d(X, weight, groups):
    """As conv2d(X, weight, groups=groups): X (B, C, H, W), weight (Cout, C // groups, K, L), no padding, no bias."""
    ### BEGIN SOLUTION
    parts = zip(X.chunk(groups, dim=1), weight.chunk(groups, dim=0))
    return torch.cat([nn.functional.conv2d(x, kernels) for x, kernels in parts], dim=1)
    ### END SOLUTION


# %% tags=["check"]
check.grouped_conv2d(grouped_conv2d)

# %% [markdown] tags=["hint"]
# `X.chunk(groups, dim=1)` cuts the channels into blocks of neighbours. Along which dimension must `weight` be cut?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ReLU, and the gradient that vanishes
#
# The slope of a sigmoid is at most 1/4. The slope of a ReLU is 1, wherever it is on.

# %%
x = torch.linspace(-6, 6, 241)
slope = torch.sigmoid(x) * (1 - torch.sigmoid(x))
ax = viz.lines({"sigmoid": slope, "ReLU": (x > 0).float()}, x=x, xlabel="input of the activation", ylabel="slope")
viz.caption(ax, "Slopes of two activations. The sigmoid's is never above 0.25.", alt="The sigmoid's slope is a low bell, the ReLU's a step from 0 to 1")

# %% [markdown] slideshow={"slide_type": "skip"}
# Going backward, the gradient is multiplied by the slope in every layer. AlexNet has seven activations in a row. *If each takes three quarters or more away, what is left
# of it at conv1?*

# %% tags=["nbval-check-output"]
print(f"at most {0.25 ** 7:.6f}, one part in {4 ** 7:,}")

# %% [markdown] slideshow={"slide_type": "skip"}
# That is the slope alone; the weights multiply too. So let us measure. We build the small AlexNet of this course, which has the same eight layers for pictures of 32 x 32, send 64
# digits through it and the loss back, and read off the gradient that arrives at the output of each layer. Three random starts each.

# %%
def arriving(activation, seed):
    """Root mean square of the loss's gradient at the output of each of the eight layers with weights."""
    runtime.seed_everything(seed)
    net = models.create("alexnet_small", activation=activation).eval()
    outputs, watched = train_set.normalised(slice(0, 64)), []
    for layer in net:
        outputs = layer(outputs)
        watched += [outputs] if hasattr(layer, "weight") else []
    loss = nn.functional.cross_entropy(outputs, train_set.labels[:64])
    return [g.square().mean().sqrt().item() for g in torch.autograd.grad(loss, watched)]


# %%
gradients = {name: np.array([arriving(kind, seed) for seed in range(3)]) for name, kind in {"ReLU": nn.ReLU, "sigmoid": nn.Sigmoid}.items()}
ax = viz.lines(gradients, x=np.arange(1, 9), yscale="log", xlabel="layer, from the picture to the logits", ylabel="gradient (root mean square)")
viz.caption(ax, "The gradient on its way back, from right to left, in an untrained net. (The bands are too narrow to see.)")

# %%
lost = {name: (runs[:, 0] / runs[:, -1]).mean() for name, runs in gradients.items()}
assert lost["sigmoid"] < lost["ReLU"] / 1000
print({name: f"{share:.0e} of the logits' gradient reaches conv1" for name, share in lost.items()})

# %% [markdown] slideshow={"slide_type": "notes"}
# Read the figure from right to left, the way the gradient goes. The ReLU's line falls as well; each step of the sigmoid's is steeper. The dense layers come first on the way back, so by the time the gradient is at the convolutions it is almost gone.

# %% [markdown] slideshow={"slide_type": "skip"}
# Both gradients shrink. ReLU's does so although its slope is 1: PyTorch's first weights are too small for it (chapter 06 repairs that), and max pooling sends
# nothing to most places. The sigmoid's shrinks thousands of times further. Its first layers get next to no message about what they should do better.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the gradient of each weight
#
# The figure shows gradients of feature maps. Measure those of the weights, and leave the model's mode as it is. Then try it on `alexnet_small` with ReLU and
# with sigmoid: how many powers of ten lie between first and last? *About 10 minutes.*

# %% tags=["exercise"]
def gradient_norms(model, X, y):
    """List of floats: the norm of the gradient of each weight (no biases), first layer first; loss: cross-entropy."""
    ### BEGIN SOLUTION
    model.zero_grad()
    nn.functional.cross_entropy(model(X), y).backward()
    return [p.grad.norm().item() for name, p in model.named_parameters() if name.endswith("weight")]
    ### END SOLUTION


# %% tags=["check"]
check.gradient_norms(gradient_norms)

# %% [markdown] tags=["hint"]
# `backward` **adds** to what is in `p.grad` already. What if somebody went backward before you?

# %% [markdown] tags=["hint"]
# `model.named_parameters()` gives pairs such as ("0.weight", tensor), from the first layer to the last.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Train it
#
# A small AlexNet: five convolutions, three dense layers, 32 x 32 pictures. *Will it beat the histograms?*

# %%
runtime.seed_everything(0)
net = models.create("alexnet_small")
print(f"{complexity.count(net, (3, 32, 32))['params']:,} parameters; the SVM has {svm.coef_.size:,} weights")
history = train.fit(net, train_set, test_set, epochs=4, lr=1e-3, optimizer="adamw", seed=0)

# %%
axes = viz.curves(history)
viz.caption(axes, "The small AlexNet on 4,000 colour digits, four epochs.")

# %%
net_accuracy = train.evaluate(net, test_set)["accuracy"]
assert net_accuracy > 0.2, "after four epochs it should have begun to learn"
print(f"small AlexNet {net_accuracy:.1%}, HOG and a linear SVM {hog_accuracy:.1%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# (Testing looks better than training at first: training is measured during the epoch and with dropout, testing after it and without.)
#
# The histograms win. Look at the curves: for a whole epoch the net does next to nothing, probably because its first gradients are so small; then it takes off. Eight epochs bring it to 86 %, as the next
# figure shows, and the histograms still win. That is no accident. A digit is all outline, HOG is made for outlines, and 4,000 pictures are few for a net that has to find out what an outline is. A good idea of a person can be worth many thousand examples.
#
# On photographs it may be different. We try that at the end.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Take one part away
#
# Eight epochs, three seeds each. Average pooling; no dropout; sigmoids, at two learning rates. *You can guess the sigmoids. Which of the other two hurts more?*

# %%
claim = runtime.results("accuracy")["claims"]["alexnet_ablations"]
accuracy = {name: result["accuracy"] for name, result in claim["variants"].items()}
ax = viz.bars({name: 100 * a["mean"] for name, a in accuracy.items()}, errors={name: 100 * a["std"] for name, a in accuracy.items()}, xlabel="test accuracy (%)", form="{:.1f}")
viz.caption(ax, f"Small AlexNet on colour digits, {len(claim['seeds'])} seeds: mean and standard deviation. The first bar is the net as it is. Measured on {claim['date']}.")

# %%
for name, against in claim["compared"].items():
    verdict = "clear" if against["clear"] else "inside the noise"
    print(f"{name:26} {100 * against['difference']:+6.1f} points against the net as it is: {verdict}")

# %% [markdown] slideshow={"slide_type": "skip"}
# `benchmarks/accuracy.py` trained all of them; you can run it again. A difference counts as clear if the runs of the two nets do not overlap, and if their means differ by more than
# twice the spread that chance gives such a difference, worked out from both nets' seeds.
#
# * **Sigmoid.** One in ten is right: the net has learned nothing, at two learning rates. This is the vanishing gradient, seen from outside.
# * **Average pooling** costs many points here. Perhaps because a max keeps a weak edge that an average washes out. But its seeds differ by nine points; it may also just take off later.
# * **Dropout** makes no difference that we could tell from luck in eight epochs on 4,000 digits. AlexNet's authors, with 61 million parameters and 90 epochs, could not do without it. Both are true.

# %% [markdown] slideshow={"slide_type": "notes"}
# Stay with the row that is inside the noise. It is the most useful one: a table without error bars would have told a story about it. Ask what one would need to find out whether dropout helps here: more seeds, a longer
# training, a larger net.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## More pictures than there are
#
# Augmentation: from each photograph of 256 x 256, a random piece of 224 x 224, mirrored or not.

# %%
from torchvision.transforms import v2
runtime.seed_everything(0)
cat = v2.functional.resize(torch.from_numpy(data.photos()["chelsea"]).permute(2, 0, 1), 256)
augment = v2.Compose([v2.CenterCrop(256), v2.RandomCrop(224), v2.RandomHorizontalFlip()])
axes = viz.image_grid(v2.functional.resize(torch.stack([augment(cat) for _ in range(5)]), 112), columns=5)
viz.caption(axes, "Five of the pictures that one cat is worth.", alt="The same cat five times, cut a little differently, some mirrored")

# %% tags=["nbval-check-output"]
places = 256 - 224 + 1
print(f"{places} x {places} places, mirrored or not: {places * places * 2:,} pictures")

# %% [markdown] slideshow={"slide_type": "skip"}
# The paper says 2,048: it counts 32 places where there are 33. They overlap nearly completely, so they are not worth 2,178 photographs, but they keep a net of 61 million parameters from learning 1.28 million
# pictures by heart. The colours of each picture were changed a little, too. Chapter 11 is about all of this.
#
# In testing AlexNet looked at ten such pieces and took the mean of its answers. And the authors trained several nets and took the mean of theirs: **ensembling**. One net had a top-5 error of 18.2 % on the
# validation pictures, five together 16.4 %.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What became of the two GPUs
#
# Nets of this size are no longer cut. Each device gets **the whole net and a share of the batch**. *Do two devices with 32 digits each learn the same as one with 64? What must they average, and when?*

# %% [markdown] slideshow={"slide_type": "skip"}
# PyTorch's answer is DistributedDataParallel. It needs no GPU to be tried. The course brings a short program, `utils/parallel.py`, that trains the small convnet of chapter 04 for eight steps. In a terminal:
#
# ```
# torchrun --standalone --nproc-per-node 2 -m utils.parallel
# ```
#
# starts it twice. Each process takes every second digit of a batch of 64. Here are the lines that matter. `rank` is the number of this process, 0 or 1, and `processes` how many there are.
# Dropout is off, since each process would draw other zeros.

# %%
import inspect
from utils import parallel
source = inspect.getsource(parallel.train)
print(source[source.index('    runtime.seed') :])

# %% [markdown] slideshow={"slide_type": "skip"}
# All that `torchrun` tells a process stands in four variables of its environment: its number, how many there are, and where they meet. We can do that by hand. To save memory, this
# notebook is process 0, and starts process 1.

# %%
import os, socket, subprocess, sys
import torch.distributed as dist
with socket.create_server(("127.0.0.1", 0)) as free:  # a port that nobody uses
    port = free.getsockname()[1]
place = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
other = subprocess.Popen([sys.executable, "-m", "utils.parallel"], env=os.environ | place, text=True, stderr=subprocess.PIPE)
dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=0, world_size=2, timeout=parallel.PATIENCE)
try:
    two = parallel.train()  # this process's share
finally:
    dist.destroy_process_group()
assert other.wait(timeout=60) == 0, other.stderr.read()

# %%
one = parallel.train()  # the whole batch, in this process
assert np.allclose(one, two, atol=1e-4)
pd.DataFrame({"one process": one, "two processes": two}, index=pd.RangeIndex(1, 9, name="step")).T.round(4)

# %% [markdown] slideshow={"slide_type": "skip"}
# The same training, to the last digit shown. The loss of the batch is the mean over its pictures; so its gradient is the mean of the gradients of the two halves, and it does not matter who worked them out, as long as
# the halves are equally large. That is also why a thousand GPUs can train one net, with a large batch.
#
# It holds as long as a picture's gradient does not depend on its neighbours in the batch. Chapter 08 has a layer for which it does.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## On photographs
#
# CIFAR-10: 32 x 32 photographs of ten kinds of things. The same code, other data. HOG and an SVM, the small AlexNet, and the same net with **batch normalisation** (chapter 08): *who wins now?*

# %%
claim = runtime.results("accuracy")["claims"]["alexnet_cifar10"]
accuracy = {name: result["accuracy"] for name, result in claim["variants"].items()}
ax = viz.bars({name: 100 * a["mean"] for name, a in accuracy.items()}, errors={name: 100 * a["std"] for name, a in accuracy.items()}, xlabel="test accuracy (%)", form="{:.1f}")
viz.caption(ax, f"CIFAR-10, {claim['train_images']:,} photographs to learn from: mean and standard deviation over {len(claim['seeds'])} seeds.")

# %%
mean = {name: a["mean"] for name, a in accuracy.items()}
assert mean["small AlexNet with batch norm"] > mean["HOG and a linear SVM"] + 0.1

# %% [markdown] slideshow={"slide_type": "skip"}
# The bars are from a subset: 10,000 photographs to learn from, 2,000 to be tested on, six epochs, three seeds. To try all 50,000, write `train_set, test_set = data.cifar10("full")` in the first
# cell with pictures (it downloads 170 MB, once), take out the bound on `hog_accuracy`, and run the chapter again. Training then takes twelve times as long.
#
# On photographs too, the features by hand are a little better than the plain net. The winner has something that AlexNet did not: batch normalisation, three years younger. With it the same net in the same six epochs is far ahead.
# A photograph of a frog is not its outline: texture, colour and parts matter, and nobody has written down how. With batch norm, learned features find out in six epochs. Whether the plain net would with more time, we have not measured.
#
# To measure these bars yourself: `python benchmarks/accuracy.py --claim alexnet_cifar10`.

# %% [markdown] slideshow={"slide_type": "notes"}
# Put both results side by side, digits and photographs. The question "which is better, features by hand or learned ones?" has no answer without "on how much of what?".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "Where does AlexNet keep most of its parameters?", "type": "multiple_choice",
     "answers": [{"answer": "In the dense layers", "correct": True, "feedback": "Nearly 59 of 61 million; the convolutions do most of the work."}, {"answer": "In conv1, whose kernels are the largest", "correct": False, "feedback": "11 x 11 is large, but 3 channels are few: 34,944."},
                 {"answer": "In conv3 to conv5", "correct": False, "feedback": "About two million. Look at the cost table again."}]},
    {"question": "A convolution from 64 to 128 channels, 3 x 3, groups = 4. How many weights (no biases)?", "type": "numeric",
     "answers": [{"type": "value", "value": 18432, "correct": True, "feedback": "Each of 128 kernels sees 64 / 4 = 16 channels: 128 * 16 * 9."},
                 {"type": "default", "feedback": "How many input channels does one kernel see? Multiply by 9 and by the number of kernels."}]},
    {"question": "Which layers of the two-tower net see both towers?", "type": "multiple_choice",
     "answers": [{"answer": "conv3 and the dense layers", "correct": True, "feedback": "The gradient showed it."}, {"answer": "conv2, conv4 and conv5", "correct": False, "feedback": "Those are the grouped ones."},
                 {"answer": "Only the last layer", "correct": False, "feedback": "conv3 sees all 256 maps of conv2."}]},
    {"question": "Eight sigmoid layers do not learn. What is the first reason?", "type": "multiple_choice",
     "answers": [{"answer": "Each slope is at most 1/4, so hardly any gradient reaches the first layers", "correct": True, "feedback": "You measured it by depth."},
                 {"answer": "A sigmoid cannot represent the classes", "correct": False, "feedback": "It can. It is the way there that fails."},
                 {"answer": "The learning rate was too small", "correct": False, "feedback": "Ten times as much did not help."}]},
    {"question": "Net A has 91.2 % (one seed), net B 90.4 % (one seed), on 1,000 test digits. Is A better?", "type": "multiple_choice",
     "answers": [{"answer": "We cannot tell", "correct": True, "feedback": "One standard error is about 0.9 points here, and another seed moves it again."},
                 {"answer": "Yes, by 0.8 points", "correct": False, "feedback": "That is less than one standard error of a test with 1,000 digits."},
                 {"answer": "Yes, if both had the same seed", "correct": False, "feedback": "The same seed does not make two different nets comparable."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Hand-made features are a baseline.
# * Dense layers hold AlexNet's parameters; convolutions do its work.
# * Groups cut layers into towers.
# * A sigmoid's gradient vanishes with depth.
# * Many processes, one training.

# %% [markdown] slideshow={"slide_type": "skip"}
# * HOG and a linear SVM read colour digits better than a small AlexNet trained on 4,000 of them. On 10,000 photographs they are still a little better than the plain net; with batch norm it
#   is more than ten points ahead.
# * AlexNet has about 1,000 times LeNet's parameters and 1,700 times its multiply-adds (771 and 2,420 by the rules of a slide that says 11 and 250).
# * In the two-tower net conv3 and the dense layers see both towers. A gradient shows what depends on what.
# * Sigmoids in eight layers do not begin to learn. Max pooling beat average pooling here; dropout was inside the noise.
# * Data-parallel training takes the mean of the gradients, and so is the same training.
#
# ### Common mistakes
#
# * *"AlexNet takes 224 x 224 and has no padding."* Then conv1 gives maps of 54. Pad by 2, or take 227.
# * *"The large kernels of conv1 are where the parameters are."* They are 0.06 % of them.
# * *"Pooling has parameters."* It has none. It makes later layers smaller.
# * *Comparing with no baseline.* A simple method, tuned for five minutes, is the first thing to try.
# * *Calling half a point an improvement.* Train three seeds, look at their spread, and only then speak of an improvement.
# * *Forgetting that `groups` wants both numbers of channels to be divisible by it.*
#
# ### Papers
#
# * N. Dalal, B. Triggs (2005). "Histograms of oriented gradients for human detection". *CVPR*.
# * J. Deng, W. Dong, R. Socher, L.-J. Li, K. Li, L. Fei-Fei (2009). "ImageNet: a large-scale hierarchical image database". *CVPR*.
# * A. Krizhevsky, I. Sutskever, G. E. Hinton (2012). "ImageNet classification with deep convolutional neural networks". *NeurIPS*.
# * A. Krizhevsky (2014). "One weird trick for parallelizing convolutional neural networks". *arXiv* 1404.5997.
