# ---
# title: Convolution by hand
# question: How can nine numbers find something in a picture?
# minutes: 200
# builds_on: [0]
# goals:
#   - slide a kernel along a signal and over an image, on paper and in code
#   - predict the size of the result from kernel, padding, stride and dilation
#   - say what a layer with several channels, several kernels and a bias computes
#   - write a convolution as a matrix product, forwards and backwards
#   - count what a layer costs, and say how much of the picture one of its numbers sees
# ---

# %% tags=["setup"]
import numpy as np
import pandas as pd
import torch
from utils import data, layers, viz, widgets
from utils.checks import ch01 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two numbers that see change
#
# A lift, looked at once a minute. On which floor was it?

# %%
floors = np.array([0, 0, 3, 3, 3, 2, 2, 0])
ax = viz.steps(floors, label="floor", xlabel="minute")
viz.caption(ax, "Where the lift was, minute by minute.")

# %% [markdown] slideshow={"slide_type": "notes"}
# Before anything else, ask the room: from these eight numbers, when did the lift move, which way, and how far? Everybody can answer. Then ask
# how they did it. Somebody will say "I compared each number with the one before". That is a convolution, and we only write it down.

# %% [markdown] slideshow={"slide_type": "skip"}
# You see at once when it moved: you compare each minute with the one before. Let us write that down so that a machine can do it,
# with nothing but two numbers, $[-1, 1]$. Such a short row of numbers is called a **kernel**.
#
# Lay the kernel on the readings so that its right number, $1$, is on the minute you ask about, and its left number, $-1$, on the minute before.
# Multiply each kernel number with the reading under it, add the two products, and write the sum down. Move on by one minute. Repeat.
# Sliding, multiplying, adding: that is a **convolution**, and all of this chapter.
#
# At minute 0 there is no minute before, so we lay a zero there; why, and why only there, comes in a moment. In the next cell each row of `windows` is one place of the
# kernel, and `@` multiplies and adds.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Slide, multiply, add
#
# Kernel $[-1, 1]$: *minus the minute before, plus this minute*. At which minutes will the sum not be zero?

# %%
kernel = np.array([-1, 1])
padded = np.pad(floors, (1, 0))                                # one zero on the left
windows = np.lib.stride_tricks.sliding_window_view(padded, 2)  # (8, 2): a row for each minute
movement = windows @ kernel                                    # multiply, add
pd.DataFrame({"before, now": windows.tolist(), "sum": movement}).rename_axis("minute").T

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print(movement)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The answer is the derivative
#
# Up by three, down by one, down by two. Where nothing changes, the kernel is silent.

# %%
ax = viz.steps(movement, label="floors a minute", xlabel="minute", role_colour=viz.FEATURE_MAP)
viz.caption(ax, "What the kernel answers: how far the lift moved since the minute before.")

# %% [markdown] slideshow={"slide_type": "skip"}
# In a formula, the sum at minute $t$ is $f(t) - f(t - 1)$. The derivative is $\frac{f(t) - f(t - h)}{h}$ for a small step $h$; readings on a grid
# leave us no smaller step than $h = 1$. So $[-1, 1]$ **takes the derivative** of whatever it slides along.
#
# If that is right, adding the movements up must bring the floors back, as an integral does:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print(np.cumsum(movement), "are the floors again:", np.array_equal(np.cumsum(movement), floors))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Why the zero, and why on one side?
#
# The kernel's **centre** is the number under which we write the sum: here the right one. It must stand on every reading, the first one too.

# %%
ax = viz.numbers(padded, highlight=(0, 0, 1, 2), role="input", title="the pad, then minutes 0 to 7")
viz.caption(ax, "The first position of the kernel (orange). Its left number hangs over the edge, so it needs a zero to lie on.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Move the orange window in your mind. At the first reading the kernel's left number hangs over the **left** edge, so there must be something under it: a
# zero, the **pad**. At the last reading both of its numbers lie on readings; nothing ever hangs over the right edge. So one zero on the left, none on the right.
#
# Without the pad the kernel can only start one minute later. There are seven places for it on eight readings, and the first sum belongs to the second minute:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print("without a pad:", layers.conv1d(floors, kernel), "<- 7 sums for 8 readings")
print("pad left:     ", layers.conv1d(floors, kernel, padding=(1, 0)))
print("pad right:    ", layers.conv1d(floors, kernel, padding=(0, 1)), "<- each sum one minute early")

# %% [markdown] slideshow={"slide_type": "skip"}
# The last line is what you get if you call the kernel's *left* number its centre: then it looks one minute ahead, and the zero is needed on the right.
# A kernel of three numbers with its centre in the middle, such as $[-1, 0, 1]$, hangs over by one on each side and needs a zero on both. The rule:
# **as many zeros on each side as the kernel has numbers on that side of its centre**.
#
# A zero is also a guess. It says that the lift was on the ground floor before we looked. *What will the kernel answer first if the lift stands on the
# fifth floor all the time?*

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print(layers.conv1d([5, 5, 5, 5], kernel, padding=(1, 0)))

# %% [markdown] slideshow={"slide_type": "skip"}
# A jump of five floors that never happened. Remember it: near a border, part of what a kernel reports comes from the padding.

# %% [markdown] slideshow={"slide_type": "notes"}
# Take a strip of paper with -1 and 1 on it and slide it along the figure on the wall. Let the room say the sums aloud. The question "what if the lift starts
# on the fifth floor" usually comes by itself; if it does not, ask it: the pad is a claim about what we did not see.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Try it: slide it yourself
#
# Drag the window, or press the arrow keys. Change the kernel, the pads, and the **stride**: how many places it moves at once.

# %%
widgets.conv_stepper(floors, kernel, pad_left=1)

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: slide, multiply, add
#
# Write it for a kernel of any length. Its centre is its last number, so the result is as long as the signal. *About 5 minutes.*

# %% tags=["exercise"] slideshow={"slide_type": "skip"}
def convolve_1d(signal, kernel):
    """Response of `kernel` (k,) along `signal` (n,), both arrays of numbers. Returns an array (n,); pads with zeros on the left."""
    ### BEGIN SOLUTION
    k = len(kernel)
    padded = np.pad(signal, (k - 1, 0))
    return np.array([padded[i : i + k] @ kernel for i in range(len(signal))])
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check.convolve_1d(convolve_1d)

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# How many numbers of the kernel stand to the left of its last one? So many zeros does it need. Try a kernel of three on a signal of four, on paper.

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# `np.pad(signal, (left, right))` puts zeros around. The window for reading `i` begins at place `i` of the padded signal, and `a @ b` multiplies and adds.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Nine numbers on a picture
#
# A picture is a grid of numbers, so the kernel becomes a small grid too. Here 0 is black and 3 is bright; the figure tints numbers, and leaves zeros white.

# %%
image = np.array([[0, 0, 0, 0, 0, 0],
                  [0, 3, 3, 0, 0, 0],
                  [0, 3, 3, 0, 0, 0],
                  [0, 3, 3, 3, 3, 0],
                  [0, 3, 3, 3, 3, 0],
                  [0, 0, 0, 0, 0, 0]])
ax = viz.numbers(image, role="input", highlight=(0, 0, 3, 3))
viz.caption(ax, "A bright L on a dark ground, and the first window of a 3 x 3 kernel.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Our kernel for today compares the column to the right of its centre with the column to the left: three times $[-1, 0, 1]$, one below the other.
# It is a famous one; chapter 02 tells its name. Its centre is its middle number.
#
# The recipe has not changed. Lay the kernel on a window, multiply each of its nine numbers with the pixel under it, add the nine products.
# *For the orange window: what is the sum? Do it in your head.*

# %% [markdown] slideshow={"slide_type": "slide"}
# ### One window, nine products, one sum
#
# Multiply what overlaps, then add all nine.

# %%
kernel = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
window = image[0:3, 0:3]
products = window * kernel
steps = {"window": window, "kernel": kernel, "products": products, "sum": products.sum().reshape(1, 1)}
axes = viz.number_row(steps, ["×", "=", "→"], {"window": "input", "kernel": "kernel", "sum": "feature_map"})
viz.caption(axes, "The first step of a 2-D convolution. White is zero.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Bright on the right, dark on the left: the sum is positive. Then one pixel to the right, and so on along the row; then one row down. A kernel of three fits
# at four places in a row of six:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
feature_map = np.zeros((4, 4), dtype=int)
for y in range(4):
    for x in range(4):
        feature_map[y, x] = (image[y : y + 3, x : x + 3] * kernel).sum()
print(feature_map)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A feature map
#
# It says **where** the picture has the feature that the kernel asks for: here, a change from left to right.

# %%
maps = {"image": image, "kernel": kernel, "feature map": feature_map}
axes = viz.number_row(maps, ["∗", "="], {"image": "input", "kernel": "kernel", "feature map": "feature_map"})
viz.caption(axes, "Red: darker on the left, brighter on the right. Blue: the other way round. White: no change.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Read the map. Its left column is positive: the left side of the L, from dark to bright. The next two columns are negative at the top, where the upright of
# the L ends, from bright to dark, and zero at the bottom, where they lie inside the foot: left and right of them it is equally bright. The last column is
# negative at the bottom, where the foot ends.
#
# The same nine numbers were used at every place. That is what makes a kernel so cheap, and it also means that the L can stand anywhere: move it by one pixel, and
# the map moves along with it. Nothing needs to be learned again. (The word for this is **equivariance** to shifts.)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
moved = np.roll(image, 1, axis=1)  # the L one pixel to the right
print("the map moved along:", np.array_equal(layers.conv2d(moved, kernel)[:, 1:], feature_map[:, :-1]))

# %% [markdown] slideshow={"slide_type": "notes"}
# Keep to one window until the whole room agrees on its sum. Then jump to the finished map and let people point: where is the L's left side, where its right side,
# where the foot? If somebody asks why the L's upper and lower edges are missing: this kernel does not ask about them. Its transpose does.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Try it: every window of a picture
#
# Step through it. Then choose another kernel, and guess the map before you look.

# %%
widgets.conv_stepper(image, kernel)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to do at the border
#
# *valid*: the kernel stays inside. *same*: the result is as large as the picture. *full*: every window that touches the picture.

# %%
padded = {mode: layers.pad2d(image, 3, mode) for mode in ("valid", "same", "full")}
first = dict.fromkeys(padded, (0, 0, 3, 3))
axes = viz.number_row(padded, roles=dict.fromkeys(padded, "input"), highlights=first, paddings={"same": 1, "full": 2})
viz.caption(axes, "The same picture with three kinds of padding (hatched), and the first window of each.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Without padding we lost a ring of pixels: 6 became 4. Sometimes that is what you want, for then no number is made up. But a net of fifty layers would run out of
# picture. So one adds zeros all around, as we added one to the left of the lift. Three amounts have names; $k$ is the kernel's side, $n$ the picture's.
#
# * **valid**: none. The kernel fits at $n - k + 1$ places.
# * **same**: $k - 1$ in all, half of them on each side, so that the result has $n$ places. With $k = 3$ that is one zero on each side, with $k = 5$ two.
# * **full**: $k - 1$ on each side, so that each pixel meets each number of the kernel. $n + k - 1$ places.
#
# *How large will the three feature maps be?*

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Three paddings, three sizes
#
# Find the valid map inside the same one, and both inside the full one.

# %%
maps = {mode: layers.conv2d(image, kernel, padding=mode) for mode in ("valid", "same", "full")}
axes = viz.number_row(maps, roles=dict.fromkeys(maps, "feature_map"))
viz.caption(axes, "The same kernel on the same picture: 4 x 4 valid, 6 x 6 same, 8 x 8 full.")

# %% [markdown] slideshow={"slide_type": "skip"}
# A same map is handy and not quite honest. Here is a grey wall, nothing on it at all, every pixel 2. *What does a kernel that asks for changes report?*

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
wall = np.full((4, 6), 2)
print(layers.conv2d(wall, kernel, padding="same"))

# %% [markdown] slideshow={"slide_type": "skip"}
# Edges on the left and on the right that are not in the picture: zeros are black, so a padded wall stands on a black ground. It is the fifth floor again. Nets
# live with it, and some even use it to tell where the border is.
#
# An even kernel has no middle, so *same* cannot pad evenly. PyTorch then puts the extra zero on the right and below. That is why I gave the pad of $[-1, 1]$ in
# numbers, `(1, 0)`: its centre is the right number, so its zero belongs on the left.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Stride: take larger steps
#
# With a **stride** of 2 the kernel moves two pixels at a time. Half as many places in a row, a quarter as many in the picture.

# %%
strided = {f"stride {s}": layers.conv2d(image, kernel, padding=1, stride=s) for s in (1, 2)}
axes = viz.number_row(strided, ["→"], dict.fromkeys(strided, "feature_map"))
viz.caption(axes, "Stride 2 keeps every second number of every second row, and computes no others.")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print("every second of every second:", np.array_equal(strided["stride 2"], strided["stride 1"][::2, ::2]))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Dilation: spread the kernel out
#
# With a **dilation** of 2 the kernel's numbers lie two pixels apart. Nine numbers span 5 x 5 pixels: a wider view at the same price.

# %%
spread = np.zeros((5, 5), dtype=int)
spread[::2, ::2] = kernel
grids = {"dilation 1": kernel, "dilation 2": spread}
axes = viz.number_row(grids, ["→"], dict.fromkeys(grids, "kernel"))
viz.caption(axes, "A dilated kernel is a larger kernel with zeros in its gaps.")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print(np.array_equal(layers.conv2d(image, kernel, dilation=2), layers.conv2d(image, spread)))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How large is the result?
#
# $$n_{out} = \left\lfloor \frac{n + 2p - \overbrace{(d\,(k - 1) + 1)}^{\text{span of the kernel}}}{s} \right\rfloor + 1$$

# %% [markdown] slideshow={"slide_type": "skip"}
# You need not learn it by heart, for you can build it in three questions. Let the picture have $n$ pixels in a row, $p$ zeros on **each** side, and let the kernel have $k$
# numbers, dilation $d$ and stride $s$.
#
# 1. **How much does the kernel span?** $k$ numbers have $k - 1$ gaps between them, each $d$ wide: $d\,(k - 1) + 1$.
# 2. **How far can it travel?** From where it starts at the left border, $n + 2p$ minus its span.
# 3. **How many steps is that?** Divide by $s$ and round down, for a step that does not fit is not taken. Add 1 for the place where it starts.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Valid 5 x 5, stride 2, on 32 x 32
#
# An example to remember. *Take a pencil: how large is the map? And does every pixel count?*

# %% tags=["nbval-check-output"]
starts = range(0, 32 - 5 + 1, 2)  # where the kernel's left edge can be
print(f"it spans 5 and travels {32 - 5} pixels: {27 // 2} steps of 2, and the start: {len(starts)} places")
print(f"first window: pixels 0 to 4, last window: pixels {starts[-1]} to {starts[-1] + 4}")
print("size of the map:", layers.conv2d(np.zeros((32, 32)), np.ones((5, 5)), stride=2).shape)

# %% [markdown] slideshow={"slide_type": "skip"}
# 14 x 14. The kernel could travel 27 pixels, and 13 steps of 2 make 26, so the last window ends at pixel 30: **pixel 31 is never looked at**, neither that row nor that
# column. Nobody warns you. With a padding of 2 it can travel $32 + 4 - 5 = 31$ pixels, so there are $\lfloor 31 / 2 \rfloor + 1 = 16$ places, half of 32, and the last window reaches
# past pixel 31, so that every pixel counts. That is why strided kernels are usually padded.
#
# The same three questions for layers that you will meet later:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
known = {"valid 3 x 3 on a digit": (28, 3, 1, 0), "LeNet, C1": (28, 5, 1, 2), "AlexNet, first": (224, 11, 4, 2),
         "VGG, all of them": (224, 3, 1, 1), "ResNet, first": (224, 7, 2, 3)}
table = pd.DataFrame(known, index=["n", "kernel", "stride", "padding"]).T
table["output"] = [layers.output_size(*row) for row in known.values()]
table

# %% [markdown] slideshow={"slide_type": "notes"}
# Do the 32, 5, stride 2 example on the board, as a row of 32 boxes. People expect 16 (half) or 13 (27 / 2). Draw the last window and let them find pixel 31, which nobody
# looks at. Then ask what padding would give 16.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: how large is the result?
#
# *About 5 minutes.*

# %% tags=["exercise"] slideshow={"slide_type": "skip"}
def output_size(n, kernel, stride, padding, dilation):
    """Number of places (int) of a kernel of size `kernel` along `n` pixels with `padding` zeros on each side."""
    ### BEGIN SOLUTION
    span = dilation * (kernel - 1) + 1
    return (n + 2 * padding - span) // stride + 1
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check.output_size(output_size)

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# Answer the three questions above, one line each: span, distance, steps.

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# `27 / 2` is 13.5, and there is no half place. `27 // 2` is 13.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: slide in two directions
#
# A picture need not be square, nor need a kernel. Zeros stand on all four sides. *About 15 minutes.*

# %% tags=["exercise"] slideshow={"slide_type": "skip"}
def convolve_2d(image, kernel, stride=1, padding=0):
    """Feature map of `image` (H, W) under `kernel` (Kh, Kw), as a float array (Hout, Wout)."""
    ### BEGIN SOLUTION
    padded = np.pad(image, padding)
    (H, W), (Kh, Kw) = padded.shape, kernel.shape
    feature_map = np.zeros(((H - Kh) // stride + 1, (W - Kw) // stride + 1))
    for i, j in np.ndindex(feature_map.shape):
        y, x = i * stride, j * stride
        feature_map[i, j] = (padded[y : y + Kh, x : x + Kw] * kernel).sum()
    return feature_map
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check.convolve_2d(convolve_2d)

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# First pad. Then find out how many places there are, downwards and to the right, each with its own formula.

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# The place `(i, j)` of the map is not the place of its window in the picture. Where does the window of `(2, 3)` begin if the stride is 2?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Is this really a convolution?
#
# Slide numbered kernels over a single bright pixel. *What will the map of this one pixel look like? Write its nine numbers down.*

# %%
dot = np.zeros((5, 5), dtype=int)
dot[2, 2] = 1
numbered = np.arange(1, 10).reshape(3, 3)
as_it_is, flipped = layers.conv2d(dot, numbered), layers.conv2d(dot, numbered[::-1, ::-1])
grids = {"one bright pixel": dot, "kernel": numbered, "as it is": as_it_is, "flipped": flipped}
roles = {"one bright pixel": "input", "kernel": "kernel", "as it is": "feature_map", "flipped": "feature_map"}
axes = viz.number_row(grids, roles=roles)
viz.caption(axes, "What becomes of a single bright pixel, with the kernel laid on as it is, and with the kernel turned by 180 degrees.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Surprise: the kernel **as it is** prints itself upside down and back to front. The first window that meets the bright pixel meets it with its *last* number.
# To make one bright pixel turn into a copy of the kernel, we must turn the kernel by 180 degrees before we slide it.
#
# Let $i$ count the kernel's places from its centre: for our $[-1, 1]$ they are $-1$ and $0$. What we did all along, $\sum_i f(t + i)\,k(i)$, is $f(t) - f(t - 1)$ there, and its proper name is
# **cross-correlation**. Mathematics and engineering call only the other one convolution, $\sum_i f(t - i)\,k(i)$: mind the minus sign, it does the flip, and makes $f(t) - f(t + 1)$ of it: the next movement, with its sign turned. With the flip, a kernel is what a single point turns into, such as the echo of a single clap; and signal and kernel may
# change places, which is useful in proofs:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
a, b = [1, 2, 3], [0, 1, 5]
print("convolution:      ", np.convolve(a, b), np.convolve(b, a))
print("cross-correlation:", np.correlate(a, b, "full"), np.correlate(b, a, "full"))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Why libraries don't flip
#
# A net **learns** its kernels. Suppose that the library flipped them before it slides them. Would the net learn worse?

# %% [markdown] slideshow={"slide_type": "skip"}
# Let us see it happen. Some teacher has a kernel and shows us pictures together with the feature maps it makes of them. Two pupils start from zeros and go downhill: one slides its numbers as they
# are, the other flips them first, as the mathematics has it. (`torch.autograd.grad` tells, for each of the nine numbers, how fast the loss rises with it; so they step the other way.) *Will one of them do better? Will they find the same numbers?*

# %% slideshow={"slide_type": "skip"}
import torch.nn.functional as F

pictures = torch.randn(4, 1, 12, 12, generator=torch.Generator().manual_seed(0))
teacher = torch.tensor([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]])
target = F.conv2d(pictures, teacher)

def pupil(flips):
    weight = torch.zeros(1, 1, 3, 3, requires_grad=True)
    for _ in range(100):
        used = weight.flip(2, 3) if flips else weight
        loss = (F.conv2d(pictures, used) - target).square().mean()
        (gradient,) = torch.autograd.grad(loss, weight)
        weight.data -= 0.3 * gradient
    return weight.detach()[0, 0]

# %%
plain, turned = pupil(flips=False).round(decimals=2), pupil(flips=True).round(decimals=2)
learned = {"teacher": teacher[0, 0], "does not flip": plain, "flips": turned}
axes = viz.number_row(learned, roles=dict.fromkeys(learned, "kernel"))
viz.caption(axes, "What two pupils learned from the same pictures: the same nine numbers, one of them turned by 180 degrees.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Both learn the task perfectly. The one that flips has stored its numbers turned around, so that the flip turns them back. It did extra work, at every step, to get to the same place. So libraries
# leave the flip out, compute cross-correlation, and call it convolution; so do we from here on.
#
# The flip matters when a kernel comes **from outside**, written for somebody else's definition. A symmetric kernel does not care; one like $[-1, 1]$ changes its sign, so that up becomes down:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
with_torch = F.conv1d(torch.tensor(floors)[None, None], torch.tensor([[[-1, 1]]]))[0, 0].numpy()
print("F.conv1d:    ", with_torch)
print("np.correlate:", np.correlate(floors, [-1, 1], "valid"))
print("np.convolve: ", np.convolve(floors, [-1, 1], "valid"), "<- flips")

# %% [markdown] slideshow={"slide_type": "notes"}
# One sentence to leave behind: a flip that is learned away need not be done. Then the warning: scipy.signal.convolve2d, scipy.ndimage.convolve and np.convolve flip;
# np.correlate, OpenCV's filter2D and every deep-learning library do not. Who carries a kernel from one to the other must turn it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Colour: a kernel with depth
#
# A colour picture has three channels. The kernel gets a slice for each; **all** products go into **one** sum.

# %%
channels = np.array([[[1, 2], [3, 4]], [[5, 0], [0, 5]]])      # (2, 2, 2): a window of two channels
slices = np.array([[[1, 0], [0, 1]], [[-1, 1], [1, -1]]])      # (2, 2, 2): the kernel's two slices
bias = 10
grids = {"channel 0": channels[0], "slice 0": slices[0], "channel 1": channels[1], "slice 1": slices[1]}
roles = {"channel 0": "input", "slice 0": "kernel", "channel 1": "input", "slice 1": "kernel"}
axes = viz.number_row(grids, ["×", "+", "×"], roles)
viz.caption(axes, "One window of a picture with two channels under one kernel. The bias, 10, is added at the end.")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
sums = (channels * slices).sum(axis=(1, 2))
print(f"channel 0 gives {sums[0]}, channel 1 gives {sums[1]}, the bias {bias}: together {sums.sum() + bias}")

# %% [markdown] slideshow={"slide_type": "skip"}
# One kernel gives **one** feature map, however many channels go in: the channels are added up, not kept apart. A layer has several kernels, for one feature is not enough to describe a
# picture; each makes its own map, and the maps are stacked. They are the channels of the next layer's input. So a layer has
#
# * a `weight` (Cout, Cin, K, K): one brick of Cin slices for each of the Cout maps it makes,
# * a `bias` (Cout,): one number for each map, added to all of its pixels,
# * an input `X` (B, Cin, H, W): a **batch** of B pictures, which have nothing to do with each other,
# * an output (B, Cout, Hout, Wout).
#
# *A batch of one colour photograph, 300 x 451, goes through four valid 3 x 3 kernels. What is the shape of the weight, and of the result?*

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Four questions to a cat
#
# Four kernels, each a brick of 3 x 3 x 3 numbers, ask four things of one photograph.

# %% slideshow={"slide_type": "skip"}
photo = data.photos()["chelsea"]
axes = viz.image_grid(photo)
viz.caption(axes, "A cat called Chelsea: 300 x 451 pixels, 3 channels.", alt="A photograph of a ginger cat's face.")

# %% slideshow={"slide_type": "skip"}
X = photo.transpose(2, 0, 1)[None] / 255                 # (1, 3, 300, 451), from 0 to 1
grey = np.ones((3, 1, 1)) / 3                            # all channels alike
red = np.array([2, -1, -1])[:, None, None]               # red against green and blue
spot = np.pad([[1]], 1)                                  # 1 in the middle, zeros around
weight = np.stack([grey * kernel, grey * kernel.T, grey * np.ones((3, 3)) / 9, red * spot])

# %%
feature_maps = layers.conv2d(X, weight)[0]
axes = viz.feature_maps(feature_maps, titles=["left to right", "top to bottom", "mean", "redness"], columns=2)
viz.caption(axes, "Four feature maps of the cat, all on one range.", alt="Four feature maps of a photograph of a cat: edges, blur, colour.")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print("X", X.shape, "weight", weight.shape, "feature maps", feature_maps.shape)

# %% [markdown] slideshow={"slide_type": "skip"}
# Compare the upper two. The whiskers lie flat, so they change from top to bottom and only the second kernel sees them; the nose's upright edges belong to the first. The third map is the picture
# itself, blurred: it is red all over because nothing in it is below zero. The fourth lights up at the nose and leaves the eyes out, for it asks about colour and about nothing else.
#
# And the bias? It moves a whole map up or down. That seems little, until a ReLU follows, which keeps what is above zero: then the bias decides **how strong** a feature must
# be to count. Here is the share of pixels that pass for the first kernel:

# %% slideshow={"slide_type": "skip"}
for bias in (0.2, 0, -0.2, -0.4):
    print(f"bias {bias:+.1f}: {(feature_maps[0] + bias > 0).mean():6.1%} of the pixels pass")

# %% [markdown] slideshow={"slide_type": "notes"}
# The usual slip: three colour channels in, so three maps out of one kernel. No: one kernel, one map. Draw the brick. And the second slip: "the feature map's pixels are the
# parameters". They are computed anew for each picture. What is learned is the brick and its bias.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: a whole layer
#
# Batches, channels, several kernels and the bias; stride 1, no padding. *About 20 minutes.*

# %% tags=["exercise"] slideshow={"slide_type": "skip"}
def conv_layer(X, weight, bias):
    """Feature maps (B, Cout, Hout, Wout) of `X` (B, Cin, H, W) under `weight` (Cout, Cin, Kh, Kw) and `bias` (Cout,)."""
    ### BEGIN SOLUTION
    (B, _, H, W), (Cout, _, Kh, Kw) = X.shape, weight.shape
    maps = np.zeros((B, Cout, H - Kh + 1, W - Kw + 1))
    for b, o, y, x in np.ndindex(maps.shape):
        window = X[b, :, y : y + Kh, x : x + Kw]
        maps[b, o, y, x] = (window * weight[o]).sum() + bias[o]
    return maps
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check.conv_layer(conv_layer)

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# One number of the result belongs to one picture `b`, one kernel `o` and one place `(y, x)`. Which part of `X` does it look at? All channels of it.

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# `X[b, :, y : y + Kh, x : x + Kw]` has the shape of `weight[o]`: (Cin, Kh, Kw). Multiply, add everything up, add `bias[o]` once.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Four ways to compute the same thing
#
# Loops, windows, one matrix product, and the library. Same numbers, very different speed.

# %% [markdown] slideshow={"slide_type": "skip"}
# **One: loops.** You know them. Python looks at one number at a time.

# %% slideshow={"slide_type": "skip"}
def with_loops(image, kernel):
    (H, W), (Kh, Kw) = image.shape, kernel.shape
    maps = np.zeros((H - Kh + 1, W - Kw + 1), image.dtype)
    for y, x in np.ndindex(maps.shape):
        for i, j in np.ndindex(Kh, Kw):
            maps[y, x] += image[y + i, x + j] * kernel[i, j]
    return maps

# %% [markdown] slideshow={"slide_type": "skip"}
# **Two: windows.** NumPy can look at a picture as if all its windows lay side by side, (Hout, Wout, Kh, Kw), without copying one pixel: only the way in which NumPy walks through memory changes.
# `einsum` then multiplies and adds over the last two axes. Read `"yxij,ij->yx"` aloud: *for every y and x, multiply what has the same i and j, and add up.*

# %% slideshow={"slide_type": "skip"}
def with_windows(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("yxij,ij->yx", windows, kernel)

# %% [markdown] slideshow={"slide_type": "skip"}
# **Three: im2col.** Write each window as a column of a large matrix. Then the whole convolution is **one matrix product**, and nothing on a computer is tuned as well
# as that. The price is memory: every pixel stands in up to $k^2$ columns, nine for $k = 3$.

# %% slideshow={"slide_type": "skip"}
def with_im2col(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    columns = windows.reshape(-1, kernel.size).T        # (Kh * Kw, Hout * Wout), a copy this time
    return (kernel.reshape(1, -1) @ columns).reshape(windows.shape[:2])

# %% tags=["nbval-check-output"]
small = np.arange(12).reshape(3, 4)
print("picture:", *small, sep="\n  ")
print("columns:", *layers.im2col(small[None, None], 2)[0], sep="\n  ")

# %% [markdown] slideshow={"slide_type": "skip"}
# Find the windows in the columns: the first column is 0, 1, 4, 5, the upper left window, read row by row.
#
# **Four: the library.** `F.conv2d` wants (B, C, H, W) and chooses for each size the method that is best on your processor.

# %% slideshow={"slide_type": "skip"}
def with_torch(image, kernel):
    X, weight = torch.from_numpy(image)[None, None], torch.from_numpy(kernel)[None, None]
    return F.conv2d(X, weight)[0, 0].numpy()

# %% [markdown] slideshow={"slide_type": "skip"}
# They add the same nine products in different orders, and floating-point sums depend a little on the order. So we ask for agreement to six digits after the point, not to the last.

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
ways = {"loops": with_loops, "windows": with_windows, "im2col": with_im2col, "F.conv2d": with_torch}
rng = np.random.default_rng(0)
picture, nine = rng.normal(size=(40, 50)), rng.normal(size=(3, 3))
right = with_torch(picture, nine)
for name, way in ways.items():
    print(f"{name:9} differs from F.conv2d by less than 1e-6:", np.abs(way(picture, nine) - right).max() < 1e-6)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### How much faster?
#
# *Guess first: how many times slower than the library are loops in plain Python?*

# %% tags=["timing"] slideshow={"slide_type": "skip"}
import timeit

torch.set_num_threads(1)  # one processor core each, to be fair
large, nine = rng.normal(size=(512, 512)).astype(np.float32), nine.astype(np.float32)

def seconds(way, image, tries):
    return min(timeit.repeat(lambda: way(image, nine), number=1, repeat=tries))

times = {name: seconds(way, large, 40) for name, way in ways.items() if name != "loops"}
corner = large[:50, :50]  # the loops get a corner of 48 x 48 places, and their time is scaled up
times["loops"] = seconds(with_loops, corner, 5) * (510 / 48) ** 2

# %% tags=["timing"]
ratios = {name: times[name] / times["F.conv2d"] for name in ways}
ax = viz.bars(ratios, xlabel="time, in times of F.conv2d", form="{:,.1f}", colours=viz.FEATURE_MAP)
viz.caption(ax, "One 3 x 3 kernel over 512 x 512 pixels on one processor core.", alt="Bars of four times: loops hundreds of times longer than the rest.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Seconds depend on your machine, the ratios much less: loops are slower by hundreds of times, the two NumPy ways by a small factor. It is not that Python calculates
# badly. It spends its time on everything *around* each multiplication: which type is this, where does it lie, who still needs it. The other three ask once for the whole array.
#
# So: write loops to understand, and give whole arrays to a library to compute.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A convolution is a matrix
#
# Flatten the picture to one long column. Then every output is a weighted sum of all pixels: a dense layer! But a very special one.

# %%
matrix = layers.conv_matrix(numbered, 4)  # kernel 1 to 9 on a 4 x 4 picture
ax = viz.numbers(matrix, role="kernel")
ax.set(xlabel="pixel of the picture, row by row", ylabel="output")
viz.caption(ax, "The matrix of a 3 x 3 kernel on a 4 x 4 picture: 4 outputs, 16 pixels.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Read the first row: 1 2 3, a gap of one, 4 5 6, a gap, 7 8 9. That is the kernel on the upper left window; a picture's row is four pixels long, the kernel's only three, hence the gap of one. The second row is
# the same, one pixel further. The third jumps by **four**, to the next row of the picture. *Does it give the right numbers?*

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
tiny = np.arange(16).reshape(4, 4) % 5
print("matrix product:", matrix @ tiny.ravel())
print("convolution:   ", layers.conv2d(tiny, numbered).ravel())

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Sparse, and tied
#
# **Sparse**: an output looks at its window only, elsewhere the weight is zero. **Tied**: all rows hold the same nine numbers.

# %%
pattern = layers.conv_matrix(numbered, 8)
ax = viz.heatmap(pattern, xlabel="pixel of an 8 x 8 picture", ylabel="output", label="weight")
viz.caption(ax, "The same kernel on 8 x 8 pixels. Three bands, one for each row of the kernel, stepping to the right.")

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print(f"4 x 4 picture: {matrix.size} weights, {(matrix == 0).sum()} of them zero, {len(np.unique(matrix[matrix > 0]))} different others")
print(f"8 x 8 picture: {pattern.size:,} weights, {(pattern == 0).mean():.0%} of them zero, 9 different others")

# %% [markdown] slideshow={"slide_type": "skip"}
# So a convolution is a dense layer of which two things are known beforehand: that far pixels do not matter to each other (*sparse interactions*), and that what helps in one place helps
# everywhere (*parameter sharing*). Chapter 00 asked for both. A dense layer of the same size could learn this matrix, but it would have to learn every zero, and every copy, from examples.

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room decode one row of the 4 x 16 matrix: where does the gap come from? Then show the 36 x 64 one from far away: bands. Say the two words slowly, sparse and tied; the rest of the
# course is about what they buy.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the matrix of a convolution
#
# Valid, stride 1, for a picture of `height` x `width` that need not be square. *About 15 minutes.*

# %% tags=["exercise"] slideshow={"slide_type": "skip"}
def conv_matrix(kernel, height, width):
    """Matrix (Hout * Wout, height * width) whose product with a flattened picture is its valid convolution with `kernel` (Kh, Kw)."""
    ### BEGIN SOLUTION
    Kh, Kw = kernel.shape
    rows = []
    for y, x in np.ndindex(height - Kh + 1, width - Kw + 1):
        picture = np.zeros((height, width))
        picture[y : y + Kh, x : x + Kw] = kernel
        rows.append(picture.ravel())
    return np.array(rows)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check.conv_matrix(conv_matrix)

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# One row of the matrix is one place of the kernel. Lay the kernel at that place into a picture of zeros. Now flatten that picture.

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# `np.ndindex(Hout, Wout)` goes through the places row by row, the order in which `ravel` flattens.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The way back
#
# Training asks two things: how does the loss change with each number of the **kernel**, and with each pixel of the **input**?

# %% [markdown] slideshow={"slide_type": "skip"}
# The first is needed to improve the kernel. The second is what this layer hands down to the layer before it, as its *upstream gradient*. We got ours from above in the same way: for each
# output pixel, how much the loss rises if that pixel rises by one. Call it $g$.
#
# **The kernel.** Its number $k_{ij}$ took part in every window: at place $(y, x)$ it was multiplied with the pixel $a_{y+i,\,x+j}$ of the input $a$. If it grows by one, that output grows by this pixel, and the loss by the pixel times $g_{yx}$. Add
# up over all places:
#
# $$\frac{\partial L}{\partial k_{ij}} = \sum_{y,x} g_{yx}\; a_{y+i,\,x+j}$$
#
# Look at the indices. That is a cross-correlation: **slide the upstream gradient over the input**.

# %%
tiny = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1], [1, 0, 1, 2]])
kernel = np.array([[1, 2, 0], [0, 1, -1], [3, 0, 1]])
upstream = np.array([[1, -1], [0, 2]])
for_kernel = layers.conv2d(tiny, upstream)
grids = {"input": tiny, "upstream": upstream, "for the kernel": for_kernel}
roles = {"input": "input", "upstream": "gradient", "for the kernel": "gradient"}
axes = viz.number_row(grids, ["∗", "="], roles)
viz.caption(axes, "The kernel's gradient: the upstream gradient (2 x 2) slides over the input (4 x 4) and gives one number for each of the kernel's nine.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### And back to the input
#
# Each output gives its gradient back to its window, weighted with the kernel. That is a **full** convolution with the **flipped** kernel.

# %%
for_input = layers.conv2d(upstream, kernel[::-1, ::-1], padding="full")
grids = {"upstream, padded": np.pad(upstream, 2), "flipped kernel": kernel[::-1, ::-1], "for the input": for_input}
roles = {"upstream, padded": "gradient", "flipped kernel": "kernel", "for the input": "gradient"}
axes = viz.number_row(grids, ["∗", "="], roles)
viz.caption(axes, "The input's gradient has the input's size, 4 x 4, because full padding gives back what valid took away.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Why flipped? Take the input's upper left pixel. Only the first window saw it, and multiplied it with the kernel's **first** number. Now look at the figure: the
# first window of the padded gradient has $g_{00}$ in its **last** corner. For the two to meet, the kernel's first number must stand last. So the flip that the forward way does not need, the backward
# way does: what comes back to the input is the mathematicians' convolution, of the upstream gradient with the kernel.
#
# The matrix says it in one line. Forward, output number $o$ takes pixel $p$ with the weight $M_{op}$. So backward, pixel $p$ hears from each output with that same weight: it adds up $M_{op}\,g_o$ over all
# $o$, down a column of $M$, which is the product $M^\top g$. Here are all three beside *autograd*, PyTorch's own way of finding gradients:

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
X, weight = (torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in (tiny, kernel))
F.conv2d(X[None, None], weight[None, None])[0, 0].backward(torch.tensor(upstream))
by_matrix = layers.conv_matrix(kernel, 4).T @ upstream.ravel()
print("for the kernel, as autograd:", np.array_equal(for_kernel, weight.grad))
print("for the input, as autograd: ", np.array_equal(for_input, X.grad), np.array_equal(by_matrix.reshape(4, 4), X.grad))

# %% [markdown] slideshow={"slide_type": "notes"}
# Only for a room that wants the mathematics; the others can take the sentence home: backward, a convolution is two more convolutions. It explains a rule of thumb as well: a training step costs three
# times a forward pass, for one convolution forward and two backward.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: backwards
#
# Valid, stride 1, one channel. This is the hardest exercise of the chapter. Who solves it has seen how a convolution learns. *About 30 minutes.*

# %% tags=["exercise"] slideshow={"slide_type": "skip"}
def conv_backward(upstream, image, kernel):
    """Gradients for `image` (H, W) and for `kernel` (Kh, Kw), as a pair, from `upstream` (H - Kh + 1, W - Kw + 1)."""
    ### BEGIN SOLUTION
    (Kh, Kw), (Hout, Wout) = kernel.shape, upstream.shape
    for_image, for_kernel = np.zeros(image.shape), np.zeros(kernel.shape)
    for y, x in np.ndindex(Hout, Wout):
        for_image[y : y + Kh, x : x + Kw] += upstream[y, x] * kernel
        for_kernel += upstream[y, x] * image[y : y + Kh, x : x + Kw]
    return for_image, for_kernel
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check.conv_backward(conv_backward)

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# Forget convolutions for a moment and think of one output `(y, x)`. It is the sum of a window times the kernel. What does its gradient, `upstream[y, x]`, do to the nine pixels of that window? And to the nine
# numbers of the kernel?

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# A pixel lies in several windows, so what comes back from them is added: `+=`. You may also do it with two convolutions, as in the figures; `np.pad` and `[::-1, ::-1]` help.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What it costs
#
# $K \cdot K \cdot C_{in} \cdot C_{out}$ weights. Each works at all $H \cdot W$ places of the map: that many multiply-adds.

# %%
rows = []
for c_in, c_out, side in [(1, 32, 28), (3, 64, 224)]:
    conv, dense = 3 * 3 * c_in * c_out, (c_in * side**2) * (c_out * side**2)
    rows.append({"input": f"{c_in} x {side} x {side}", "maps": c_out, "3 x 3 weights": conv,
                 "multiply-adds": conv * side**2, "dense weights": dense})
table = pd.DataFrame(rows).set_index("input")
table.map("{:,}".format)

# %% tags=["nbval-check-output"] slideshow={"slide_type": "skip"}
print((table["dense weights"] // table["3 x 3 weights"]).map("{:,} times as many weights".format).to_string())

# %% [markdown] slideshow={"slide_type": "skip"}
# Chapter 00 counted the weights of dense layers and was frightened. Here is the same job done by a 3 x 3 convolution with same padding. For the photograph, the dense layer needs hundreds of
# billions of weights, about two terabytes of them; the convolution needs 1,728, and **the picture's size does not appear in that number**. It does appear in the work: a weight is used once
# for each place. Few numbers, used often. (Biases: one for each map, left out here, as is the custom for multiply-adds.)

# %% [markdown] slideshow={"slide_type": "notes"}
# Write the formula as a sentence: kernel area, times channels in, times channels out; times places. Then ask what happens to weights and work if the picture is twice as high and twice as wide. Weights: nothing.
# Work: four times.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: what a layer costs
#
# For a convolution with same padding and stride 1, and for the dense layer that could replace it. No biases. *About 5 minutes.*

# %% tags=["exercise"] slideshow={"slide_type": "skip"}
def conv_cost(c_in, c_out, kernel, height, width):
    """(weights, multiply-adds, dense weights), three ints: a kernel x kernel convolution from (c_in, height, width) to
    (c_out, height, width), and the weights of a dense layer from all those numbers to all those numbers.
    """
    ### BEGIN SOLUTION
    weights, places = kernel * kernel * c_in * c_out, height * width
    return weights, weights * places, (c_in * places) * (c_out * places)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check.conv_cost(conv_cost)

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# One multiply-add is one weight at one place. A dense layer has one weight for each pair of an input number and an output number.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How far does it see?
#
# One layer sees 3 x 3 pixels. *And a second 3 x 3 layer on top of it: 6 x 6? 9 x 9? 5 x 5?*

# %% slideshow={"slide_type": "skip"}
def seen(depth):
    X = torch.zeros(1, 1, 9, 9, requires_grad=True)
    maps = X
    for _ in range(depth):
        maps = F.conv2d(maps, torch.ones(1, 1, 3, 3), padding=1)
    maps[0, 0, 4, 4].backward()      # ask the middle output which pixels it depends on
    return X.grad[0, 0]

# %%
fields = {f"behind layer {depth}": seen(depth) for depth in (1, 2, 3)}
axes = viz.number_row(fields, roles=dict.fromkeys(fields, "gradient"))
viz.caption(axes, "In how many ways each pixel reaches one output in the middle, through one, two and three 3 x 3 layers.")

# %% [markdown] slideshow={"slide_type": "skip"}
# 5 x 5, because neighbouring windows overlap: a step to the side brings one new column, not three. The region is the **receptive field** of an output. Each layer of kernel $k$ adds $k - 1$ to its side:
# 3, 5, 7. So three 3 x 3 layers see as much as one 7 x 7, with 27 weights in place of 49. Keep that for chapter 06.
#
# The numbers tell something more: all weights are 1 here, so each way from a pixel to the output adds 1 to that pixel's gradient. In the middle of the third picture there are many ways from pixel to output, at its corner a single one. An output sees its surroundings as you do: sharp in the middle, dim at the
# rim.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A stride makes it grow faster
#
# Behind a stride of 2, neighbours of the map lie **two** pixels apart in the picture. Call that distance the *jump*. A layer adds $(k - 1)$ jumps.

# %% [markdown] slideshow={"slide_type": "skip"}
# Its own stride multiplies the jump, but only for the layers to come: it moves the layer's outputs apart, not the numbers of its kernel. *In the table below, how much do the
# third and the fifth layer add? All kernels have side 3.*

# %% tags=["nbval-check-output"]
field, jump, rows = 1, 1, []
for kernel_side, stride in [(3, 1), (3, 2), (3, 1), (3, 2), (3, 1)]:
    field += (kernel_side - 1) * jump
    jump *= stride
    rows.append({"kernel": kernel_side, "stride": stride, "receptive field": field, "jump behind it": jump})
pd.DataFrame(rows, index=pd.RangeIndex(1, 6, name="layer"))

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room vote between 5, 6 and 9 before the figure. Then let them count from the paths: why is there a 9 in the middle of the second picture? Because nine middle pixels of the first layer all saw it.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: how far does a pixel see?
#
# *About 10 minutes.*

# %% tags=["exercise"] slideshow={"slide_type": "skip"}
def receptive_field(steps):
    """Side (int) of the square of pixels that one output sees, behind layers given as a list of tuples (kernel, stride)."""
    ### BEGIN SOLUTION
    field, jump = 1, 1
    for kernel, stride in steps:
        field += (kernel - 1) * jump
        jump *= stride
    return field
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check.receptive_field(receptive_field)

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# Before the first layer, a pixel sees itself, and its neighbour lies one pixel away. Carry these two numbers through the list.

# %% [markdown] tags=["hint"] slideshow={"slide_type": "skip"}
# The order of the two updates matters: a layer's own stride spreads its *outputs* apart, not the numbers of its own kernel.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "Why does the kernel [-1, 1], with its right number as centre, need a zero on the left and none on the right?", "type": "multiple_choice", "answers": [
        {"answer": "At the first reading its left number hangs over the edge; on the right nothing ever does", "correct": True, "feedback": "As many zeros on a side as the kernel has numbers on that side of its centre."},
        {"answer": "Because zeros on both sides would change the sums", "correct": False, "feedback": "They would add a ninth sum at the end and leave the others as they are."}, {"answer": "Because -1 is negative", "correct": False, "feedback": "Padding depends on where the numbers stand, not on what they are."}]},
    {"question": "A valid 5 x 5 convolution with stride 2 goes over 32 x 32 pixels. How high is the feature map?", "type": "numeric", "answers": [
        {"type": "value", "value": 14, "correct": True, "feedback": "It travels 27 pixels: 13 steps of 2, and the place where it starts."}, {"type": "value", "value": 16, "correct": False, "feedback": "That is half of 32, and needs a padding of 2."},
        {"type": "value", "value": 13, "correct": False, "feedback": "13 steps, but 14 places: it also stands where it starts."}, {"type": "default", "feedback": "How much does it span, how far can it travel, how many steps is that? Then add the start."}]},
    {"question": "Deep-learning libraries do not flip the kernel. Why does that do no harm?", "type": "multiple_choice", "answers": [
        {"answer": "Kernels are learned: with a flip, training would find the flipped numbers", "correct": True, "feedback": "Same result, less work. It matters only for kernels that come from outside."},
        {"answer": "All kernels are symmetric", "correct": False, "feedback": "[-1, 1] is not."}, {"answer": "The backward pass flips the result back", "correct": False, "feedback": "The backward pass computes gradients; it changes no result."}]},
    {"question": "A layer takes 3 channels to 10 maps with 3 x 3 kernels. How many weights, without biases?", "type": "numeric", "answers": [
        {"type": "value", "value": 270, "correct": True, "feedback": "3 * 3 * 3 * 10. The picture's size does not matter."}, {"type": "value", "value": 90, "correct": False, "feedback": "A kernel reaches through all 3 input channels."}, {"type": "default", "feedback": "Kernel area, times channels in, times channels out."}]},
    {"question": "What is the gradient of the loss for the input of a convolution?", "type": "multiple_choice", "answers": [
        {"answer": "A full convolution of the upstream gradient with the flipped kernel", "correct": True, "feedback": "It gives every output's gradient back to its window."},
        {"answer": "The input slid over the upstream gradient", "correct": False, "feedback": "Those two together give the kernel's gradient."}, {"answer": "The kernel itself", "correct": False, "feedback": "Only for a single output, in whose window the pixels lie."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Slide, multiply, add: a kernel reports where its feature is.
# * Span, distance, steps: the size of any map.
# * A convolution is a sparse, tied matrix.
# * Few weights, used often.

# %% [markdown] slideshow={"slide_type": "skip"}
# In the order of the list at the top:
#
# * You can slide a kernel along a signal and over an image. $[-1, 1]$ takes the derivative; it needs a zero on the side where it hangs over.
# * The result has $\lfloor (n + 2p - \text{span}) / s \rfloor + 1$ places, with a span of $d\,(k - 1) + 1$. Valid 5 x 5 with stride 2 makes 14 x 14 of 32 x 32.
# * A kernel reaches through all input channels and makes one map; a layer has one kernel and one bias for each map. What libraries call convolution is cross-correlation, and since kernels are learned, nobody misses the flip.
# * Forwards, a convolution is a product with a sparse, weight-tied matrix. Backwards, it is two more convolutions: of input and upstream gradient for the kernel, of upstream gradient and flipped kernel for the input.
# * It costs $K \cdot K \cdot C_{in} \cdot C_{out}$ weights, times $H \cdot W$ multiply-adds, and sees $k - 1$ jumps more with every layer.
#
# ### Common mistakes
#
# * *"A 3 x 3 convolution keeps the picture's size."* Only with padding 1. A valid one on 28 x 28 gives 26 x 26.
# * *"The pixels of the feature map are the parameters."* They are computed anew for each picture. The parameters are the kernel's weights and the biases.
# * *"Three input channels, so one kernel gives three maps."* One kernel gives one map: the channels are added up.
# * *"Libraries compute a convolution."* They compute a cross-correlation and call it so. Turn kernels that come from elsewhere.
# * *"32 with stride 2 is 16."* Only with the right padding. Ask the formula, and look whether the last pixels count.
# * *Padding once, and counting it once.* `padding=1` means a zero on **each** side, so the picture grows by 2.
# * *Two 3 x 3 layers "see 6 x 6".* They see 5 x 5, for their windows overlap.
#
# ### Papers
#
# * K. Fukushima (1980). "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition unaffected by shift in position". *Biological Cybernetics* 36.
# * Y. LeCun, B. Boser, J. S. Denker, D. Henderson, R. E. Howard, W. Hubbard, L. D. Jackel (1989). "Backpropagation applied to handwritten zip code recognition". *Neural Computation* 1(4).
# * K. Chellapilla, S. Puri, P. Simard (2006). "High performance convolutional neural networks for document processing". *Tenth International Workshop on Frontiers in Handwriting Recognition*. (im2col)
# * V. Dumoulin, F. Visin (2016). "A guide to convolution arithmetic for deep learning". *arXiv:1603.07285*.
# * F. Yu, V. Koltun (2016). "Multi-scale context aggregation by dilated convolutions". *International Conference on Learning Representations*.
# * W. Luo, Y. Li, R. Urtasun, R. Zemel (2016). "Understanding the effective receptive field in deep convolutional neural networks". *Advances in Neural Information Processing Systems* 29.
#
# **Next:** chapter 02 gives today's nine numbers their name, turns them loose on photographs, and finds out what happens if nobody designs them at all.
