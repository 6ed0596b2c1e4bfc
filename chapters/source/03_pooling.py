# ---
# title: Pooling
# question: What may a network forget, and what does it gain by forgetting?
# minutes: 130
# builds_on: [1]
# goals:
#   - pool by hand with the largest, the mean, the length and a weighted mean of a window
#   - send gradients back through each of them
#   - measure what a small shift does to a pooled map and to an answer
#   - say what aliasing is, make it happen, and reduce it
#   - choose between pooling, a strided convolution and a global average
# ---

# %% tags=["setup"]
import numpy as np
import torch
import torch.nn.functional as F
from utils import data, layers, models, runtime, train, viz, widgets
from utils.checks import ch03 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Too much detail
#
# A convolution answers at every place: is my feature here? Often it is enough to know that it is **about here**. Pooling keeps that, and
# makes the map smaller.

# %% [markdown] slideshow={"slide_type": "skip"}
# A smaller map is cheaper, too. Halve its sides, and each later layer has a quarter of the places to compute, and its kernel sees a region twice as wide.
#
# Here is a small feature map. Think of it as the answers of an edge detector at 4 x 4 places.

# %%
feature_map = torch.tensor([[1.0, 3, 0, 0], [5, 1, 0, 2], [0, 0, 4, 4], [0, 1, 4, 4]])
ax = viz.numbers(feature_map, highlight=(0, 0, 2, 2))
viz.caption(ax, "A feature map. The first window of 2 x 2 is marked.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Cut it into windows of 2 x 2, side by side. From each window keep one number. **Max pooling** keeps the largest: is the feature anywhere
# in here? *Write down the four numbers before you run the cell.*

# %% tags=["nbval-check-output"]
# unfold(axis, size, step) cuts an axis into windows and puts them on a new last axis
windows = feature_map.unfold(0, 2, 2).unfold(1, 2, 2)
print(tuple(windows.shape), "two rows and two columns of windows, each 2 x 2")
print(windows.amax((2, 3)))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Four ways to sum a window up
#
# The largest, the mean, the length, a weighted mean. *In which window do three of the four agree? In which does L2 equal the maximum?*

# %%
weights = torch.tensor([[1.0, 2], [2, 4]]) / 9
pooled = {
    "max": windows.amax((2, 3)),
    "average": windows.mean((2, 3)),
    "L2": windows.square().sum((2, 3)).sqrt(),
    "weighted": (windows * weights).sum((2, 3)),
}

# %%
axes = viz.number_row({"feature map": feature_map, **pooled}, largest=dict.fromkeys(["feature map", *pooled], 8))
viz.caption(axes, "The same map, pooled in four ways over windows of 2 x 2.")

# %% [markdown] slideshow={"slide_type": "skip"}
# * **Max** answers "is it here?" and ignores how often.
# * **Average** answers "how much of it is here?" A single strong answer in a silent window is diluted.
# * **L2**, the square root of the sum of squares, grows with every answer, but strong ones count most. It is never smaller than the maximum, and equals it
#   where one value stands alone, as in the second and third window.
# * **Weighted** average trusts some places in the window more than others, here the lower right. With weights that look like a bell it blurs; hold
#   that thought for aliasing below.
#
# In the last window all values are 4, so maximum, mean and weighted mean agree. L2 gives 8 there: as PyTorch and the literature define it, it adds the
# squares and does not average them.

# %% tags=["nbval-check-output"]
X = feature_map[None, None]
assert torch.equal(F.max_pool2d(X, 2)[0, 0], pooled["max"])
assert torch.equal(F.avg_pool2d(X, 2)[0, 0], pooled["average"])
assert torch.allclose(F.lp_pool2d(X, 2, 2)[0, 0], pooled["L2"])
print("max, average and L2 by hand equal PyTorch's")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Slide the window yourself
#
# Change kind, window, stride and padding. *Take average and padding 1: why are the corners smaller? Which tick mends that?*

# %%
widgets.pooling_stepper()

# %% [markdown] slideshow={"slide_type": "notes"}
# Set window 3, stride 2, as AlexNet has it: the windows overlap. Then padding 1 with average: ask why the corners got smaller. PyTorch makes you choose
# (count_include_pad).

# %% [markdown] slideshow={"slide_type": "skip"}
# PyTorch pads an average with zeros. Three of the four values in a corner's window are padding, so its mean is a quarter of the one real pixel; untick *count the padding*,
# and the mean is taken over the real ones. A maximum is padded with minus infinity, so that the padding never wins.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Pooling has no parameters
#
# Nothing is learned in it. It works on each channel by itself: six maps go in, six come out.

# %% [markdown] slideshow={"slide_type": "skip"}
# The number of outputs follows the formula of chapter 01. Without padding, a window that would hang over the edge is not taken: a row or a column can be lost.

# %% tags=["nbval-check-output"]
maps = torch.randn(8, 6, 28, 28)
print("parameters:", sum(p.numel() for p in torch.nn.MaxPool2d(2).parameters()))
for kernel, stride in [(2, 2), (3, 2), (3, 3)]:
    size = layers.output_size(28, kernel, stride)
    print(f"window {kernel}, stride {stride}: {tuple(F.max_pool2d(maps, kernel, stride).shape)}   by the formula: {size}")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: max pooling
#
# In all six exercises you get float tensors and return one. This one: any window and any stride, no padding. *About 15 minutes.*

# %% tags=["exercise"]
def max_pool(X, kernel, stride):
    """Largest value of each window: X (B, C, H, W) -> (B, C, (H - kernel) // stride + 1, (W - kernel) // stride + 1)."""
    ### BEGIN SOLUTION
    windows = X.unfold(2, kernel, stride).unfold(3, kernel, stride)
    return windows.amax((4, 5))
    ### END SOLUTION


# %% tags=["check"]
check.max_pool(max_pool)

# %% [markdown] tags=["hint"]
# `X.unfold(axis, size, step)` cuts an axis into windows and puts them on a new last axis. Do it once for the height and once for the width.

# %% [markdown] tags=["hint"]
# After both, the shape is (B, C, rows, columns, kernel, kernel). Which axes belong to one window?

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: an average that ignores the padding
#
# Pad with zeros on all sides, but divide each sum by the number of **real** pixels in its window. *About 15 minutes.*

# %% tags=["exercise"]
def average_pool(X, kernel, stride, padding):
    """Mean of the real pixels in each window of the zero-padded X (B, C, H, W); the zeros do not count."""
    ### BEGIN SOLUTION
    def sums(images):
        padded = F.pad(images, (padding, padding, padding, padding))
        return padded.unfold(2, kernel, stride).unfold(3, kernel, stride).sum((4, 5))

    return sums(X) / sums(torch.ones_like(X))
    ### END SOLUTION


# %% tags=["check"]
check.average_pool(average_pool)

# %% [markdown] tags=["hint"]
# `F.pad(X, (left, right, top, bottom))` pads the last two axes with zeros. Count the real pixels in the same way as you add the values up: pad an image of
# ones, and sum its windows.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: L2 pooling
#
# *About 5 minutes.*

# %% tags=["exercise"]
def l2_pool(X, kernel, stride):
    """Square root of the sum of squares of each window: X (B, C, H, W) -> (B, C, H', W')."""
    ### BEGIN SOLUTION
    return X.square().unfold(2, kernel, stride).unfold(3, kernel, stride).sum((4, 5)).sqrt()
    ### END SOLUTION


# %% tags=["check"]
check.l2_pool(l2_pool)

# %% [markdown] tags=["hint"]
# Square, add up over the window, take the root. In this order.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The way back
#
# Which inputs hear of an error? *Which behind a maximum, which behind a mean?*

# %%
def gradient(pool):
    """How much the sum of the pooled values rises for each unit that a value of the feature map rises."""
    X = feature_map[None, None].clone().requires_grad_()
    return torch.autograd.grad(pool(X).sum(), X)[0][0, 0]


# %%
gradients = {
    "gradient of max": gradient(lambda X: F.max_pool2d(X, 2)),
    "gradient of average": gradient(lambda X: F.avg_pool2d(X, 2)),
}
roles, shared = dict.fromkeys(gradients, "gradient"), dict.fromkeys(gradients, 1)
axes = viz.number_row({"feature map": feature_map, **gradients}, roles=roles, largest=shared)
viz.caption(axes, "The gradient of the sum of all pooled values, for each value of the map.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Behind a maximum **only the winner** hears; behind a mean **everyone, a little**. In the window of fours, four values share first place, and PyTorch gives
# the whole gradient to the first of them. So ties or not, one place in four teaches the weights at each step, and *which* one can change from image to image.
#
# An L2 pool hands the gradient out by size, $x$ / length. A weighted mean hands out its weights.

# %%
gradients = {
    "gradient of L2": gradient(lambda X: F.lp_pool2d(X, 2, 2)),
    "gradient of weighted": gradient(lambda X: F.conv2d(X, weights[None, None], stride=2)),
}
roles, shared = dict.fromkeys(gradients, "gradient"), dict.fromkeys(gradients, 1)
axes = viz.number_row({"feature map": feature_map, **gradients}, roles=roles, largest=shared)
viz.caption(axes, "The same for the length and the weighted mean.")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the gradient of max pooling
#
# Windows of 2 x 2, side by side, and no ties. *About 20 minutes.*

# %% tags=["exercise"]
def max_pool_gradient(X, upstream):
    """Gradient for X (B, C, H, W) of 2 x 2 max pooling, H and W even; upstream (B, C, H / 2, W / 2) is the gradient of its output."""
    ### BEGIN SOLUTION
    def blow_up(maps):
        return maps.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)

    winners = X == blow_up(F.max_pool2d(X, 2))
    return winners * blow_up(upstream)
    ### END SOLUTION


# %% tags=["check"]
check.max_pool_gradient(max_pool_gradient)

# %% [markdown] tags=["hint"]
# A value is the winner if it equals its window's maximum. Blow the pooled map up to the size of X, so that each value stands over its own maximum.

# %% [markdown] tags=["hint"]
# `repeat_interleave(2, dim=2)` writes each row twice. The upstream gradient is blown up in the same way.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What a small shift does
#
# Pooling forgets the exact place. So a feature that moves within its window changes nothing. That is the hope. Let us measure.

# %%
def response(place):
    """Max pooling, windows of 2, of a row of 12 zeros with a single 1 at `place`."""
    signal = torch.zeros(1, 1, 1, 12)
    signal[..., place] = 1.0
    return F.max_pool2d(signal, (1, 2))[0, 0, 0]


# %% tags=["nbval-check-output"]
for place in (4, 5, 6):
    print(f"spike at {place}: {[int(value) for value in response(place).tolist()]}")

# %% [markdown] slideshow={"slide_type": "skip"}
# From 4 to 5 nothing changes: the spike stays in its window. From 5 to 6 the answer jumps by a whole place. The same step, and different luck: it depends on where the
# windows happen to begin.
#
# What does that mean for a whole network? LeNet is the small digit network of chapter 04: two convolutions, each followed by a pooling, then dense layers. We train
# three, equal but for how they get smaller: max pooling, average pooling, and a stride of 2 in the convolution itself, with no pooling. Each learns from the 4,000 centred
# training digits that come with the course; all three take some seconds.

# %%
class EveryNth(torch.nn.Module):
    """Keep every n-th row and column, as a convolution with stride n does."""

    def __init__(self, n):
        super().__init__()
        self.n = n

    def forward(self, X):
        return X[..., :: self.n, :: self.n]


# %%
train_set, test_set = data.mnist("embedded")
nets = {}
for name, pool in {"max": torch.nn.MaxPool2d, "average": torch.nn.AvgPool2d, "stride": EveryNth}.items():
    runtime.seed_everything(0)
    nets[name] = models.create("lenet", pool=pool)
    train.fit(nets[name], train_set, epochs=8, seed=0, progress=False)

# %% [markdown] slideshow={"slide_type": "skip"}
# Now every test digit moves to the right by 0 to 6 pixels. *Which of the three will hold out longest?*

# %%
X, y = test_set.normalised(), test_set.labels
background = X.min().item()  # black, after normalising


def answers(net, shift):
    """Class that the net gives each test digit, moved to the right by `shift` pixels."""
    moved = F.pad(X, (shift, 0), value=background)[..., :28]
    with torch.inference_mode():
        return net.eval()(moved).argmax(1)


# %%
shifts = list(range(7))
accuracy = {name: [(answers(net, shift) == y).float().mean().item() for shift in shifts] for name, net in nets.items()}

# %%
ax = viz.lines(accuracy, x=shifts, xlabel="shift to the right, pixels", ylabel="accuracy")
viz.caption(ax, "Three LeNets that differ in how they shrink their maps, on digits moved to the right.")

# %%
assert accuracy["max"][4] > accuracy["stride"][4] + 0.05 and accuracy["max"][6] < 0.6
for name, values in accuracy.items():
    print(f"{name:8}", "  ".join(f"{value:4.0%}" for value in values))

# %% [markdown] slideshow={"slide_type": "skip"}
# All three stand one pixel, and none stands six. In between max holds out longest, then average, then stride: at four pixels they are about ten points apart. A maximum stays
# when the feature moves inside its window; a mean changes as soon as a part of the feature leaves; a stride sees only one value in four. This is one run each: a gap of a few
# points could be luck, one of twenty hardly. And *some* tolerance is not immunity: the dense layers behind still have a weight for each place.
#
# The explorer shows one digit, the picture itself shrunk in the three ways, and the answer of the net with max pooling. These are test pictures that a single pixel to the
# right makes it misread. *Do they flip in the other directions as well?*

# %%
flips = (answers(nets["max"], 0) == y) & (answers(nets["max"], 1) != y)
print("pictures that flip:", flips.nonzero().flatten()[:6].tolist())

# %%
widgets.shift_explorer(nets["max"], test_set)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Aliasing: when every second value lies
#
# Take a fine pattern, keep every second value, and a new, coarse pattern appears that was never there.

# %%
position = np.arange(64)
stripes = 0.5 + 0.5 * np.cos(2 * np.pi * position * 0.45)
kept = stripes[::2]

# %%
ax = viz.lines({"every second value": kept[:16]}, x=position[:32:2], xlabel="position", ylabel="brightness")
fine = np.linspace(0, 30, 1000)
ax.plot(fine, 0.5 + 0.5 * np.cos(2 * np.pi * fine * 0.45), color=viz.INPUT, linewidth=1, zorder=1, label="the stripes")
ax.plot(position[:31], stripes[:31], "o", color=viz.INPUT, markersize=4, zorder=1, label="every value")
ax.set_ylim(-0.05, 1.4)
ax.legend()
viz.caption(ax, "Stripes that repeat every 2.2 pixels. Every second value shows stripes that repeat every 20.")

# %% [markdown] slideshow={"slide_type": "skip"}
# With one value in two, a stripe needs at least two kept values, a light and a dark one: 4 pixels. Whatever is finer comes back in disguise: that is **aliasing** (Nyquist and
# Shannon's sampling theorem). In a network it means that a shift by one pixel can change a pooled map a lot.
#
# The remedy is old: blur first, then take every second value. A blur is a weighted pooling. Zhang (2019) put it into networks as *anti-aliased* pooling: slide the maximum
# one pixel at a time, blur with a small bell, then keep one value in two.

# %%
bell = torch.tensor([1.0, 2, 1]) / 4
bell = (bell[:, None] * bell)[None, None]  # an outer product: 3 x 3 weights, the centre heaviest


def blurred_max(X):
    """Maximum at every place, then a 3 x 3 blur, then every second value."""
    # one more column and row, copied from the edge, so that the size stays
    dense = F.max_pool2d(F.pad(X, (0, 1, 0, 1), mode="replicate"), 2, stride=1)
    return F.conv2d(F.pad(dense, (1, 1, 1, 1), mode="replicate"), bell, stride=2)


# %%
pools = {
    "every second": lambda X: X[..., ::2, ::2],
    "max": lambda X: F.max_pool2d(X, 2),
    "average": lambda X: F.avg_pool2d(X, 2),
    "max, blurred": blurred_max,
}

# %% [markdown] slideshow={"slide_type": "skip"}
# How much does a pooled map change when the image moves by one pixel? We measure the size of the change against the size of the map's own variation, on a photograph of
# bricks: 0 for two equal maps, 1.41 for two that have nothing to do with each other. *Which of the four changes least?*

# %%
bricks = torch.from_numpy(data.photos()["brick"]).float()[None, None] / 255
here, moved = bricks[..., :-1], bricks[..., 1:]
change = {name: ((pool(here) - pool(moved)).std() / pool(here).std()).item() for name, pool in pools.items()}
ax = viz.bars(change, xlabel="change for a shift of one pixel, relative", form="{:.2f}")
viz.caption(ax, "Change of a pooled map when a photograph of bricks moves by one pixel.")

# %%
assert change["max, blurred"] < change["max"] < change["average"] < change["every second"]

# %% [markdown] slideshow={"slide_type": "skip"}
# Blurring takes the change of the maximum from 0.39 to 0.34. That is relief, no cure. It could not reach 0: one pixel is half a step of the pooled map, so something has to change.
# Average pooling is a blur too, but its box of 2 x 2 is a poor one, and lets much of the fine pattern through.

# %% [markdown] slideshow={"slide_type": "notes"}
# Film makers know this as wagon wheels that turn backwards, and photographers as moire on a striped shirt. Bring a picture of one if you can.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: weighted pooling
#
# The same weights for every window and every channel. They may have any sum: divide by it. *About 15 minutes.*

# %% tags=["exercise"]
def weighted_pool(X, weights, stride):
    """Weighted mean of each window: X (B, C, H, W), weights (K, L) for windows of K x L -> (B, C, H', W'), no padding."""
    ### BEGIN SOLUTION
    height, width = weights.shape
    windows = X.unfold(2, height, stride).unfold(3, width, stride)
    return (windows * weights / weights.sum()).sum((4, 5))
    ### END SOLUTION


# %% tags=["check"]
check.weighted_pool(weighted_pool)

# %% [markdown] tags=["hint"]
# Cut windows as in max pooling. `windows * weights` then multiplies each window with the same weights. Scale
# them first, so that they add up to one.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One number for a whole map
#
# **Global average pooling** takes the mean over all places. Whatever the image's size, C maps become C numbers.

# %% tags=["nbval-check-output"]
for side in (28, 32, 57):
    maps = torch.randn(2, 16, side, side)
    print(f"maps of {side} x {side}: {tuple(maps.mean((2, 3)).shape)}")

# %% [markdown] slideshow={"slide_type": "skip"}
# A net that ends in a global average takes images of any size, and has no large dense layer to pay for. Inception and ResNet end this way. LeNet's and VGG's dense layers want maps of
# one fixed size; **adaptive** pooling gives them that: you name the *output's* size, and it chooses windows to fit.

# %% tags=["nbval-check-output"]
row = torch.arange(7.0)[None, None, None]
print("7 values:        ", row[0, 0, 0].tolist())
print("averaged to 3:   ", F.adaptive_avg_pool2d(row, (1, 3))[0, 0, 0].tolist())

# %% [markdown] slideshow={"slide_type": "skip"}
# 7 does not divide by 3, so the windows overlap. Window $i$ of $m$ over $n$ values begins at $\lfloor i n / m \rfloor$ and ends before $\lceil (i + 1) n / m \rceil$: here positions 0 1 2, then 2 3 4, then 4 5 6.
#
# ### Your turn: adaptive average pooling in one dimension
#
# *About 15 minutes.*

# %% tags=["exercise"]
def adaptive_average(signal, size):
    """signal (n,) -> (size,): mean over window i, from floor(i n / size) to before ceil((i + 1) n / size)."""
    ### BEGIN SOLUTION
    n = len(signal)
    starts = [i * n // size for i in range(size)]
    ends = [-(-(i + 1) * n // size) for i in range(size)]
    return torch.stack([signal[start:end].mean() for start, end in zip(starts, ends)])
    ### END SOLUTION


# %% tags=["check"]
check.adaptive_average(adaptive_average)

# %% [markdown] tags=["hint"]
# In whole numbers, `a // b` rounds down. `-(-a // b)` rounds up.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Pool or stride?
#
# A convolution with stride 2 also halves the map, and learns how.

# %% [markdown] slideshow={"slide_type": "skip"}
# Put the stride into a convolution that you need anyway: it costs no parameter, and a quarter of the work, for it computes one value where convolution and pooling compute four and
# then sum them up. Put in an *extra* strided convolution where a pooling was, and you pay its parameters. Newer networks (ResNet, chapter 09) shrink mostly by strides.
# The price is the one we measured: a stride takes every second value, and aliases unless something before it blurs.

# %% tags=["nbval-check-output"]
from utils import complexity
pooled = torch.nn.Sequential(torch.nn.Conv2d(16, 16, 3, padding=1), torch.nn.MaxPool2d(2))
strided = torch.nn.Conv2d(16, 16, 3, padding=1, stride=2)
extra = torch.nn.Sequential(torch.nn.Conv2d(16, 16, 3, padding=1), strided)
for name, net in {"convolution, then pooling": pooled, "strided convolution": strided, "both convolutions": extra}.items():
    cost = complexity.count(net, (16, 28, 28))
    print(f"{name:26} {cost['params']:,} parameters   {cost['macs']:>9,} multiply-adds")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "Max pooling 3 x 3 with stride 2 on maps of 27 x 27, no padding. How large is the output?", "type": "numeric",
     "answers": [{"type": "value", "value": 13, "correct": True, "feedback": "(27 - 3) // 2 + 1 = 13."},
                 {"type": "default", "feedback": "(27 - 3) // 2 + 1."}]},
    {"question": "64 maps go into a max pooling. How many come out?", "type": "multiple_choice",
     "answers": [{"answer": "64", "correct": True, "feedback": "Pooling works on each channel by itself."}, {"answer": "32", "correct": False, "feedback": "It shrinks height and width, not the number of maps."},
                 {"answer": "1", "correct": False, "feedback": "It never mixes channels."}]},
    {"question": "Which values of a window get a gradient through max pooling?", "type": "multiple_choice",
     "answers": [{"answer": "The largest only", "correct": True, "feedback": "The others could change a little and the output would not notice."},
                 {"answer": "All, the same", "correct": False, "feedback": "That is average pooling."}, {"answer": "None, pooling has no parameters", "correct": False, "feedback": "It has no parameters, but what comes before it does."}]},
    {"question": "A photograph of a finely striped shirt is shrunk by keeping every second pixel. Broad waves appear. What would have prevented them?", "type": "multiple_choice",
     "answers": [{"answer": "Blurring first", "correct": True, "feedback": "What the coarse grid cannot show must be gone before the step."},
                 {"answer": "Keeping the other half of the pixels", "correct": False, "feedback": "They alias just as well."}, {"answer": "More channels", "correct": False, "feedback": "Each of them would alias."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Max, average, L2, weighted: four answers to "what is in this window?"
# * No parameters, each channel alone.
# * Some tolerance to shifts, at the price of the exact place.

# %% [markdown] slideshow={"slide_type": "skip"}
# * Max pooling sends its gradient to the winner only, average pooling to all.
# * Taking every second value aliases; blurring first reduces it.
# * A global average makes any size into one number a map.
#
# ### Common mistakes
#
# * *"Pooling reduces the number of parameters."* It has none, and changes none of the convolutions. It makes later maps smaller, so a dense layer behind it has fewer.
# * *"Pooling makes a network invariant to shifts."* You measured it: a few pixels, no more.
# * *Average pooling with padding, zeros counted.* The borders come out dark. PyTorch counts them unless you say `count_include_pad=False`.
# * *Padding with zeros before a maximum.* If all values are negative, the zero wins. PyTorch pads max pooling with minus infinity.
# * *"L2 pooling is the root of the mean square."* It is the root of the sum.
#
# ### Papers
#
# * D. Scherer, A. Müller, S. Behnke (2010). "Evaluation of pooling operations in convolutional architectures for object recognition". *ICANN*.
# * M. Lin, Q. Chen, S. Yan (2014). "Network in network". *ICLR*. (Global average pooling.)
# * J. T. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller (2015). "Striving for simplicity: the all convolutional net". *ICLR workshop*.
# * R. Zhang (2019). "Making convolutional networks shift-invariant again". *ICML*.
