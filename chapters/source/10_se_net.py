# ---
# title: SE-Net
# question: How can a small window know what the whole picture shows?
# minutes: 110
# builds_on: [1, 3, 7, 8, 9]
# goals:
#   - measure how slowly a plain network carries news across a picture, and how fast a squeeze does
#   - build squeeze, excitation and scale from two dense layers
#   - say where the gate sits in a residual block, and count what it costs, for SE-ResNet-50 to the last parameter
#   - read which channels a trained network opens for which class, and move its answer with a gate
#   - tell a difference between two networks from noise, and say how SE leads to attention
# ---

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn
from utils import complexity, data, models, runtime, train, viz, widgets
from utils.checks import ch10 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## To find the cat, you must know it is a cat
#
# Six patches of 28 x 28 pixels. *Which one is the cat?*

# %%
import matplotlib.pyplot as plt
photos = data.photos()
grey = {name: photo.mean(2).astype("uint8") if photo.ndim == 3 else photo for name, photo in photos.items()}
places = [("grass", 200, 150), ("moon", 60, 200), ("gravel", 100, 60), ("chelsea", 20, 200), ("brick", 120, 40), ("coffee", 120, 180)]
order = torch.randperm(6, generator=torch.Generator().manual_seed(3))
corners = {letter: places[i] for letter, i in zip("ABCDEF", order)}
patches = {letter: grey[name][row:row + 28, col:col + 28] for letter, (name, row, col) in corners.items()}
axes = viz.image_grid(patches, columns=6)
viz.caption(axes[0], "What a window of 28 x 28 sees of six photographs.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Decide before you look at the answer.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### And the whole pictures

# %%
axes = viz.image_grid({f"{letter}: {name}": grey[name][:300:2, :300:2] for letter, (name, *_) in corners.items()}, columns=6)
for ax, (_, row, col) in zip(axes, corners.values()):
    ax.add_patch(plt.Rectangle((col / 2, row / 2), 14, 14, fill=False, color=viz.KERNEL, linewidth=2))
viz.caption(axes[0], "The same six windows, in orange, with what is around them. Chelsea is the cat.")

# %% [markdown] slideshow={"slide_type": "skip"}
# In the whole picture you find the fur at once, and you find it *because* you know by now that there is a cat. That is the paradox: to find the cat, you must know it is a cat; to know it is a cat,
# you must have found it.
#
# Every early layer of a network faces this paradox. It sees a few pixels, and it must decide which of its channels matter. Fur, or grass? A whisker, or a scratch? The answer lies elsewhere in the
# picture, and the news of it arrives only many layers later. In 2017 (published in 2018), Hu, Shen and Sun gave the early layers a shortcut to the whole picture. It costs few multiplications, and it is the block of this chapter.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A puzzle that no window can solve
#
# Eight strokes: six point one way, two the other. **Mark the six.** From nearby you see which way a stroke lies, but not whether it belongs to the six.

# %%
def draw(n, size=24, length=5):
    """n pictures, and the strokes of the larger party in each: both (n, 1, size, size)."""
    X, wanted = torch.zeros(2, n, 1, size, size)
    for i in range(n):
        for stroke in range(8):
            lying = (stroke < 2) == (i % 2 == 0)
            h, w = (1, length) if lying else (length, 1)
            row, col = torch.randint(size - h + 1, ()), torch.randint(size - w + 1, ())
            X[i, 0, row:row + h, col:col + w] = 1
            wanted[i, 0, row:row + h, col:col + w] = float(stroke >= 2)
    return X, wanted


# %%
runtime.seed_everything(0)
X, wanted = draw(3)
axes = viz.compare(X, wanted, titles=("picture", "wanted"))
viz.caption(axes[0], "Three pictures, and the strokes of the larger party in each.")

# %% [markdown] slideshow={"slide_type": "skip"}
# A network of 3 x 3 convolutions finds out easily which way a stroke lies. Whether that is the *larger party* stands nowhere near the stroke. All it can say without knowing the rest: "six of eight belong
# to the larger party, so yes". That is right for about 75 % of the ink.
#
# *Three layers see 7 x 7 pixels, five layers 11 x 11. How far above 75 % will each get?*

# %%
def layers(depth, width=12, c_in=1):
    """`depth` times: 3 x 3 convolution, batch norm, ReLU."""
    made = []
    for i in range(depth):
        made += [nn.Conv2d(width if i else c_in, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
    return made


# %%
def solve(seed, *parts, steps=250):
    """Train on the puzzle; the share of the ink in new pictures that is marked rightly."""
    model = nn.Sequential(*parts, nn.Conv2d(12, 1, 1))
    runtime.seed_everything(seed)
    (X, wanted), (new, right) = draw(600), draw(300)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.02, total_steps=steps)
    for _ in range(steps):
        some = torch.randint(len(X), (25,))
        ink = X[some] > 0
        loss = F.binary_cross_entropy_with_logits(model(X[some])[ink], wanted[some][ink])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.inference_mode():
        return ((model.eval()(new) > 0) == (right > 0))[new > 0].float().mean().item()


# %%
runtime.seed_everything(0)
plain = {depth: solve(0, *layers(depth)) for depth in (3, 5)}
print({f"{depth} layers": f"{share:.0%}" for depth, share in plain.items()})
assert plain[3] < 0.8 and plain[5] < 0.9

# %% [markdown] slideshow={"slide_type": "skip"}
# Three layers get no further than the guess, and five hardly: they see a few more of the other strokes. To see all of a picture of 24 x 24 from every corner, it would take 23 layers. Remember these numbers: we will come back with one
# small block.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How slowly news travels
#
# Change one pixel. After one layer of 3 x 3 its neighbours know, after two *their* neighbours. *After 16 layers the middle hears from 33 x 33 pixels. From all of them alike?*

# %% [markdown] slideshow={"slide_type": "skip"}
# The gradient tells. Take the outputs at the middle of the map, and ask for their gradient with respect to every pixel of the picture: where it is not zero, the pixel has influence. (In evaluation
# mode: in training, batch norm's statistics let *every* pixel of the batch have some, as chapter 08 showed.)

# %%
def influence(network, X):
    """How strongly each pixel moves the outputs in the middle of the map: (H, W)."""
    X = X.clone().requires_grad_()
    out = network.eval()(X)
    middle = out[:, :, out.shape[2] // 2, out.shape[3] // 2]
    (gradient,) = torch.autograd.grad(middle.abs().sum(), X)
    return gradient.abs().mean((0, 1))


# %%
runtime.seed_everything(0)
X, stack = torch.randn(16, 3, 33, 33), nn.Sequential(*layers(16, c_in=3))
after = {depth: influence(stack[:3 * depth], X) for depth in range(1, 17)}
axes = viz.image_grid({f"{depth} layer{'s' * (depth > 1)}": (after[depth] == 0).float() for depth in (1, 2, 4, 8, 16)}, columns=5)
viz.caption(axes[0], "Black: the pixels that have any influence on the middle. After 16 layers, all.")

# %% [markdown] slideshow={"slide_type": "skip"}
# One pixel further in each direction with every layer: after $d$ layers a square of $2 d + 1$. That is the receptive field of chapter 01. And it flatters the network: look at how *strong* the influence is.

# %%
strength = after[16] / after[16].max()
ax = viz.lines(strength[16], x=range(-16, 17), xlabel="distance from the middle (pixels)", ylabel="influence (largest of the map: 1)")
viz.caption(ax, "The middle row of the map after 16 layers: all 33 pixels count, but those at the border hardly. (The weights are random, so it is not quite even.)")

# %%
inner = strength[8:25, 8:25].sum() / strength.sum()
print(f"the inner 17 x 17, a quarter of the area, has {inner:.0%} of the influence")
assert inner > 0.7

# %% [markdown] slideshow={"slide_type": "skip"}
# A pixel in the middle reaches the output by many ways through the layers, one at the border by very few. So the *effective* receptive field is much smaller than the one we count (Luo, Li, Urtasun and Zemel, 2016).
#
# And in ResNet-50, with its strides? *After which stage does a place in the middle of the map see all of a picture of 224 x 224?*

# %% tags=["nbval-check-output"]
with torch.device("meta"):
    table = complexity.layer_table(models.create("resnet50"), (3, 224, 224))
for stage in (1, 2, 3, 4):
    rows = table[table["layer"].str.startswith(f"layer{stage}.")]
    print(f"stage {stage}: the field is {rows['receptive field'].max()} pixels wide")

# %% [markdown] slideshow={"slide_type": "skip"}
# After the third of four. The first sees 35 pixels: fur, or grass. (A place in the middle needs a field of about 224, one in a corner of about 447: not even stage 4 gives it that.)
#
# ### Your turn: which pixels does this place see?
#
# By the gradient, for any network and any place. *About 15 minutes.*

# %% tags=["exercise"]
def pixels_seen(network, X, row, column):
    """X (1, C, H, W), network (in evaluation mode) -> bool (H, W): True where a pixel moves the sum of the output channels at this place."""
    ### BEGIN SOLUTION
    X = X.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(network(X)[0, :, row, column].sum(), X)
    return (gradient[0] != 0).any(0)
    ### END SOLUTION


# %% tags=["check"]
check.pixels_seen(pixels_seen)

# %% [markdown] tags=["hint"]
# `X = X.clone().requires_grad_()` leaves the caller's X alone. `torch.autograd.grad(number, X)` gives a tuple with one gradient, in the shape of X.

# %% [markdown] tags=["hint"]
# `network(X)[0, :, row, column].sum()` is one number. Its gradient may be negative, and in a sum over *input* channels two could cancel: ask for `gradient != 0` in any of them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Squeeze: one number for each channel
#
# The mean of a map says how much of its feature is in the **whole** picture.

# %%
X = torch.tensor([[[0.0, 0, 4], [0, 8, 0], [6, 0, 0]], [[1, 1, 1], [0, 0, 0], [0, 0, 0]]])
z = F.adaptive_avg_pool2d(X, 1)
row = {"channel 0": X[0], "squeezed": z[0], "channel 1": X[1], "squeezed ": z[1]}
axes = viz.number_row(row, operators=["→", "", "→"], roles=dict.fromkeys(row, "feature_map"), largest=dict.fromkeys(row, 8))
viz.caption(axes, "Two channels in, two numbers out: each channel is squeezed to one number by itself.")

# %% [markdown] slideshow={"slide_type": "skip"}
# You know this step: it is the global average pooling of chapters 03 and 07. One point is often got wrong: SE does **not** squeeze the channels together. Each of the $C$ channels keeps a number of its own.
#
# So the squeeze knows *what* is in the picture. *Does it know where?*

# %% tags=["nbval-check-output"]
maps = torch.randn(1, 4, 6, 6)
shuffled = maps.flatten(2)[..., torch.randperm(36)].view_as(maps)
print("squeeze of the shuffled maps is the same:", torch.allclose(F.adaptive_avg_pool2d(maps, 1), F.adaptive_avg_pool2d(shuffled, 1), atol=1e-6))

# %% [markdown] slideshow={"slide_type": "skip"}
# No: what is squeezed away are height and width. Throw all places into a bag and shake it, and the squeeze stays the same. For the question "is there a cat?" that is all one needs.
#
# ### Your turn: squeeze
#
# *About 5 minutes.*

# %% tags=["exercise"]
def squeeze(X):
    """X (B, C, H, W) -> (B, C): the mean of each channel of each image."""
    ### BEGIN SOLUTION
    return X.mean((2, 3))
    ### END SOLUTION


# %% tags=["check"]
check.squeeze(squeeze)

# %% [markdown] tags=["hint"]
# `mean` takes several axes at once. Which two have to go?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Excite: which channels shall be heard?
#
# $$s = \sigma\big(W_2\,\operatorname{relu}(W_1 z + b_1) + b_2\big)$$
#
# $z$: the $C$ squeezed numbers. $s$: the $C$ gates. Two dense layers, from $C$ numbers to $C / r$ and back.

# %% [markdown] slideshow={"slide_type": "skip"}
# $\sigma$ is the sigmoid; $r$, the *reduction ratio*, is 16 in the paper. Two words, to be exact from here on: a **gate** is one number, for one channel. The module that computes all gates of a map is an **SE block**. We count channels
# from 0, and a network's blocks from 1.

# %%
z = torch.tensor([3.0, 0.5, 2.0, 0.0])
W1, W2 = torch.tensor([[1.0, 0, 1, 0], [0, -1, 0, 2]]), torch.tensor([[1.0, 0], [-1, 0], [0.5, 0], [0, 1]])
hidden = F.relu(W1 @ z)
row = {"z": z[:, None], "W1": W1, "hidden": hidden[:, None], "W2": W2, "gates": (W2 @ hidden).sigmoid()[:, None]}
axes = viz.number_row(row, operators=["→"] * 4, roles={"gates": "kernel"})
viz.caption(axes, "Four channels, two hidden units, four gates, and the weights between them. The biases are 0 here.")

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room compute one gate by hand before the figure appears. Then ask what a softmax would have made of the same four numbers, and which of the two closes a channel because another one opened.

# %% [markdown] slideshow={"slide_type": "skip"}
# The first hidden unit adds up channels 0 and 2: 5. It opens gate 0 (0.99) and closes gate 1 (0.01). The second one is silent, and gate 3 stays half open: the sigmoid of 0 is 0.5.
#
# Why like this?
#
# * **Two layers, with a ReLU.** A gate may depend on combinations such as "fur or grass, but *not both*". No single dense layer can express that.
# * **A bottleneck**, with $C / r$ hidden units. It saves parameters; you will count them.
# * **A sigmoid, no softmax.** A softmax shares out one unit among all channels: open one, and you close the others. Here many channels may be important at the same time. Each has its own gate.
#
# ### Your turn: excite
#
# The weights are shaped as in `nn.Linear`: (out, in). *About 10 minutes.*

# %% tags=["exercise"]
def excite(z, W1, b1, W2, b2):
    """z (B, C), W1 (h, C), b1 (h,), W2 (C, h), b2 (C,) -> gates (B, C), each between 0 and 1."""
    ### BEGIN SOLUTION
    hidden = F.relu(z @ W1.T + b1)
    return torch.sigmoid(hidden @ W2.T + b2)
    ### END SOLUTION


# %% tags=["check"]
check.excite(excite)

# %% [markdown] tags=["hint"]
# z has one row for each image, so the weights stand on the right: `z @ W1.T`, or `F.linear(z, W1, b1)`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Scale: turn the channels up and down
#
# Every value of a channel is multiplied by its gate. Near 1 the channel passes, near 0 it is silent, **at all places alike**.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the whole block
#
# Squeeze, excite, scale. The hidden layer has `channels // reduction` units, but at least one. *About 15 minutes.*

# %% tags=["exercise"]
class SqueezeExcitation(nn.Module):
    """Scale each channel of X (B, C, H, W) by its gate; two dense layers with biases, made with nn.Linear."""

    def __init__(self, channels, reduction=16):
        super().__init__()
        ### BEGIN SOLUTION
        hidden = max(1, channels // reduction)
        self.fc1, self.fc2 = nn.Linear(channels, hidden), nn.Linear(hidden, channels)
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        gates = torch.sigmoid(self.fc2(F.relu(self.fc1(X.mean((2, 3))))))
        return X * gates[:, :, None, None]
        ### END SOLUTION


# %% tags=["check"]
check.squeeze_excitation(SqueezeExcitation)

# %% [markdown] tags=["hint"]
# The gates (B, C) meet X (B, C, H, W): give them two more axes, `gates[:, :, None, None]`.

# %% [markdown] tags=["hint"]
# `max(1, channels // reduction)`: with 6 channels and reduction 8 there would be no hidden unit at all.

# %% [markdown] slideshow={"slide_type": "skip"}
# Like torchvision's, the course's own block uses 1 x 1 convolutions in place of the dense layers. On maps of one pixel that is the same (chapter 07), and it spares the two extra axes. The weights fit both; torchvision asks for
# the number of hidden units (8), the course for the ratio (32 / 8 = 4).

# %% tags=["nbval-check-output"]
from torchvision.ops import SqueezeExcitation as Theirs
from utils.models.senet import SqueezeExcitation as SEBlock
theirs, ours = Theirs(32, 8), SEBlock(32, reduction=4)
ours.load_state_dict(theirs.state_dict())
X = torch.randn(2, 32, 7, 5)
print("equal to torchvision's block:", torch.allclose(ours(X), theirs(X), atol=1e-6))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Now the puzzle
#
# The network of three layers again, with **one** SE block behind the second: 12 channels, 12 hidden units. *How much of the ink now?*

# %%
def with_block(seed):
    runtime.seed_everything(seed)
    made = layers(3)
    return solve(seed, *made[:6], SEBlock(12, reduction=1), *made[6:])


# %%
gated = [with_block(seed) for seed in range(3)]
found = {"3 layers": plain[3], "5 layers": plain[5], "3 layers, one SE block": sum(gated) / 3}
ax = viz.bars(found, xlabel="ink marked rightly in new pictures", form="{:.1%}")
viz.caption(ax, "The puzzle of the larger party. With the SE block: mean of three seeds.")

# %%
print("three seeds with an SE block:", [f"{share:.1%}" for share in gated])
assert min(gated) > 0.96 > max(plain.values())

# %% [markdown] slideshow={"slide_type": "skip"}
# Solved. One way to do it: two convolutions make channels for lying and for standing strokes; the squeeze counts both; the gates turn down the smaller party; the third layer marks what is left. A puzzle made for the block, of course: it shows what a gate *can* do that a small window
# cannot. What it does for photographs we will have to measure.
#
# And the news? The same measurement as before, with an SE block behind every layer.

# %%
runtime.seed_everything(0)
X, parts = torch.randn(16, 3, 33, 33), [nn.Sequential(*layers(1, c_in=12 if i else 3), SEBlock(12, 4)) for i in range(8)]
with_gates = {depth: influence(nn.Sequential(*parts[:depth]), X) for depth in range(1, 9)}
reached = {name: [(maps[depth] > 0).sum().item() for depth in range(1, 9)] for name, maps in (("plain", after), ("with SE blocks", with_gates))}
ax = viz.lines(reached, x=range(1, 9), xlabel="layers", ylabel="pixels that move the middle")
viz.caption(ax, "Influence on the middle of a picture of 33 x 33, which has 1,089 pixels.")

# %% tags=["nbval-check-output"]
for name, counts in reached.items():
    print(f"{name:15}", counts)
one = with_gates[1]
far = one.sum() - one[15:18, 15:18].sum()
print(f"one layer with an SE block: less than 5 % of the influence comes from outside its 3 x 3: {(far / one.sum()).item() < 0.05}")

# %% [markdown] slideshow={"slide_type": "skip"}
# All pixels from the first layer on. But to be exact: each far pixel whispers, it is one of 1,089 in a mean, and all of them together can only say "more of this channel, less of that one". The squeeze carries *what*, at once, from everywhere. It
# carries no *where*: for that the convolutions are still needed, one step at a time.

# %% [markdown] slideshow={"slide_type": "notes"}
# Whisper game: pass a word from neighbour to neighbour through the room (convolution), then let everybody raise a hand for "lying" or "standing" and count (squeeze). Ask what each of the two can tell that the other cannot.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where does the SE block sit?
#
# In a ResNet: behind the convolutions, **before the addition**.

# %%
block = models.create("se_resnet8", reduction=4).layer1[0]
ax = viz.architecture(block, (16, 32, 32))
viz.caption(ax, "A residual block with squeeze and excitation (ratio 4). The lines at the left edge come from the input; the upper one is the shortcut, which no gate touches.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Why not behind the addition? Chapter 09 kept the shortcut free, so that the gradient has a way back that nothing dims. Gates behind the addition would dim it in every block; sixteen gates of one half in a row leave $0.5^{16}$. (The
# authors tried several places. Before the addition, and in front of the convolutions, it gained about the same; behind the addition less.)
#
# ### Your turn: a residual block with a gate
#
# `main` is the path of convolutions up to its last batch norm, `shortcut` the identity or a 1 x 1 convolution. *About 5 minutes.*

# %% tags=["exercise"]
def gated_residual(X, main, shortcut, gate):
    """X (B, C, H, W) and three functions of feature maps -> the block's output, with one ReLU at the very end."""
    ### BEGIN SOLUTION
    return F.relu(gate(main(X)) + shortcut(X))
    ### END SOLUTION


# %% tags=["check"]
check.gated_residual(gated_residual)

# %% [markdown] tags=["hint"]
# Read the diagram from left to right: main, gate, plus the shortcut, ReLU.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What do the gates cost?
#
# An SE block for $C$ channels with $h = C / r$ hidden units: $C h + h$ in the first layer, $h C + C$ in the second.

# %% [markdown] slideshow={"slide_type": "skip"}
# SE-ResNet-50 has an SE block at the end of each of its 16 residual blocks, where a bottleneck has 256, 512, 1,024 or 2,048 channels.
#
# ### Your turn: count them
#
# *About 10 minutes.*

# %% tags=["exercise"]
def gate_parameters(widths, reduction):
    """widths: channels of each SE block, all multiples of the reduction, such as [256, 256, 512] -> parameters of all SE blocks, biases too."""
    ### BEGIN SOLUTION
    hidden = [channels // reduction for channels in widths]
    return sum(2 * channels * h + h + channels for channels, h in zip(widths, hidden))
    ### END SOLUTION


# %% tags=["check"]
check.gate_parameters(gate_parameters)

# %% [markdown] tags=["hint"]
# Do one SE block on paper: 64 channels, reduction 16. 4 hidden units, 64 x 4 + 4 + 4 x 64 + 64 = 580.

# %% [markdown] slideshow={"slide_type": "skip"}
# By code, on the whole network. *ResNet-50 has 25.6 million parameters and 4.1 billion multiply-adds. By how many percent do the SE blocks raise each?*

# %% tags=["nbval-check-output"]
with torch.device("meta"):
    resnet, senet = (complexity.count(models.create(name), (3, 224, 224)) for name in ("resnet50", "se_resnet50"))
blocks = senet["params"] - resnet["params"]
print(f"ResNet-50 {resnet['params']:,} + SE blocks {blocks:,} = SE-ResNet-50 {senet['params']:,}")
print(f"parameters + {blocks / resnet['params']:.1%}, multiply-adds + {senet['macs'] / resnet['macs'] - 1:.2%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# 10 % more parameters, and less than a thousandth more multiply-adds: the dense layers run once for a picture, a convolution at every place. (The squeeze's additions and the final scaling are not counted here. They read and write every map once
# more, and as with batch norm, that costs time.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The reduction ratio
#
# *Where in the network do the SE blocks' parameters sit?*

# %% tags=["nbval-check-output"]
widths = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
for r in (2, 4, 8, 16, 32):
    each = [2 * c * (c // r) + c // r + c for c in widths]
    print(f"r = {r:2}: SE blocks {sum(each):10,}, SE-ResNet-50 {resnet['params'] + sum(each):11,}, the last three {sum(each[-3:]) / sum(each):.0%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# More than half sits in the last three, since the cost grows with $C^2$. The authors tried these five ratios on ImageNet (2020): from 2 to 16 the error was the same within a tenth of a point. So they took 16. (They also found that the last stage's SE blocks can be
# left out, with hardly a loss.)
#
# And here? A ResNet-8 on 4,000 colour digits, 8 epochs, three seeds each. Such runs take minutes, so we made them beforehand (`benchmarks/accuracy.py`) and read the stored results. We call a difference *clear* if no run of the one lies among the runs of the
# other **and** the means lie more than two standard deviations of such a difference apart. *Which of the ratios will be clearly better, or worse, than no SE?*

# %%
import pandas as pd
claims = runtime.results("accuracy")["claims"]


def table(name):
    """Test accuracy (%) of every stored run, and how each row compares with the first."""
    variants, compared = claims[name]["variants"], claims[name]["compared"]
    rows = pd.DataFrame({variant: found["accuracy"]["runs"] for variant, found in variants.items()}, index=["seed 0", "seed 1", "seed 2"]).T * 100
    rows["mean"] = rows.mean(axis=1)
    rows["against the first row"] = ["", *("clear" if found["clear"] else "inside the noise" for found in compared.values())]
    return rows.round(1)


# %%
assert not any(found["clear"] for found in claims["senet_reduction"]["compared"].values())
table("senet_reduction")

# %% [markdown] slideshow={"slide_type": "skip"}
# None. With ratios 2 and 4 the runs overlap with those without SE. With 16 all three are worse than every run without; by our rule even that is not clear yet, but there is a reason for it: the first stage has 16 channels, so **one** hidden unit decides
# for all of its gates. Of a gain we see nothing, in a network so small, trained so shortly.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does it win?
#
# On ImageNet: SE-ResNet-50 has a top-1 error of 23.29 %, the authors' own ResNet-50 24.80 %. In 2017 an ensemble of SE-Nets won the ImageNet challenge.

# %% [markdown] slideshow={"slide_type": "skip"}
# And here? Our networks above had 8 epochs and 4,000 digits. Let us look closer at the *beginning*: ResNet-8, half as wide as usual, on 1,000 colour digits, 6 epochs; three seeds each, made beforehand as well. *Without SE, with SE (ratio 4): will the runs
# overlap?*

# %%
start = table("senet_start")
start[:2]

# %% [markdown] slideshow={"slide_type": "skip"}
# Clear, and the wrong way round: with SE the network is 15 points *worse*. Before you conclude that SE does harm, ask what was measured. After 6 epochs, 120 steps, neither network is near the end: these numbers say who learns faster **at the start**. And a new
# gate is the sigmoid of about 0: it stands near 0.5, so every residual branch begins at half its strength. Is that the reason? A test: let the gates start open, at 0.95 (second dense layer: weights 0, biases 3). *How much of the 15 points will come back?*

# %%
assert start["mean"].iloc[1] + 5 < start["mean"].iloc[2] < start["mean"].iloc[0] - 5
start

# %% [markdown] slideshow={"slide_type": "skip"}
# More than half of them; what makes the rest we do not know. (The row stays clearly below the first one.) And given more time, 24 epochs instead of 6?

# %%
later = claims["senet_longer"]
assert not any(found["clear"] for found in later["compared"].values())
print("right on the training digits:", {name: f"{found['train_accuracy']['mean']:.0%}" for name, found in later["variants"].items()})
table("senet_longer")

# %% [markdown] slideshow={"slide_type": "skip"}
# Now all know their training digits by heart, and no difference is left that we could see. But look how far the runs of *one* network lie apart. How many would we need to see a gain of one point?

# %%
bare, gated = (torch.tensor(later["variants"][name]["accuracy"]["runs"]) for name in ("without SE", "with SE"))
spread = (bare.var() + gated.var()).sqrt()
print(f"difference of the means {100 * (gated.mean() - bare.mean()):+.1f} points, spread {100 * spread:.1f} points")
print(f"to see a difference of 1 point: about {4 * spread ** 2 / 0.01 ** 2:,.0f} runs of each")

# %% [markdown] slideshow={"slide_type": "skip"}
# `spread` is the standard deviation of the difference between one run with SE and one without. With $n$ runs of each, the difference of the means varies by spread / $\sqrt n$; for 1 point to be two of these, $n = 4\,\text{spread}^2 / 0.01^2$.
#
# So what may we claim? In our small networks SE learns more slowly at first, for a good part because its gates begin half shut. Given time, neither a loss nor a gain can be seen. The gain on ImageNet comes from long training, and 50,000 test pictures make a
# point and a half visible.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Which channels for which class?
#
# A trained SE-ResNet-20 with nine SE blocks. We note every gate for all 1,000 test digits and take the mean for each class.

# %%
test = data.colour_digits()[1]
net = train.load_weights(models.create("se_resnet20", width=8, reduction=4), "se_resnet20").eval()
X, y = test.normalised(), test.labels
blocks = [module for module in net.modules() if isinstance(module, SEBlock)]

# %% [markdown] slideshow={"slide_type": "skip"}
# `scale_activation` is the SE block's sigmoid: what leaves it are the gates, (B, C, 1, 1). A forward hook is called with a layer's output.

# %%
def record(X):
    """Logits, and all gates: a list of (B, C), first block to last."""
    said = []
    hooks = [block.scale_activation.register_forward_hook(lambda layer, inputs, out: said.append(out[..., 0, 0])) for block in blocks]
    with torch.inference_mode():
        logits = net(X)
    for hook in hooks:
        hook.remove()
    return logits, said


# %%
logits, said = record(X)
print(f"{(logits.argmax(1) == y).float().mean():.1%} of the test digits right")
by_class = [torch.stack([values[y == digit].mean(0) for digit in range(10)]) for values in said]

# %%
fig, axes = plt.subplots(1, 3, figsize=(12, 4), width_ratios=[1, 1.6, 3])
for ax, number in zip(axes, (1, 5, 8)):
    viz.heatmap(by_class[number - 1], ax=ax, rows=range(10), title=f"gates of block {number}", xlabel="channel", ylabel="class" if number == 1 else "", label="mean gate" if number == 8 else "")
    ax.images[0].set_clim(0, 1)
viz.caption(axes[0], "Mean gate by class and channel, in an early, a middle and a late block.")

# %% [markdown] slideshow={"slide_type": "notes"}
# Let somebody read a column aloud, first in the left map, then in the right one. Only then say what the share between classes is: how well one could guess the digit from the gate, roughly.

# %% [markdown] slideshow={"slide_type": "skip"}
# Read the columns. In block 1 every column has one colour: its gates are the same for all classes. In block 8 the columns are patterned: channels that are open for some digits and nearly shut for others.
#
# A number for this: of all the variation of a block's gates over the 1,000 pictures, which share is variation *between classes*?

# %%
between = [((means - values.mean(0)) ** 2).mean(0).sum() / values.var(0, correction=0).sum() for means, values in zip(by_class, said)]
ax = viz.lines(torch.stack(between), x=range(1, 10), xlabel="block, first to last", ylabel="share between classes")
viz.caption(ax, "How much of a block's gates depends on the digit's class.")

# %% tags=["nbval-check-output"]
print("first three blocks below 0.2:", max(between[:3]).item() < 0.2)
print("last two blocks above 0.65:  ", min(between[-2:]).item() > 0.65)

# %% [markdown] slideshow={"slide_type": "skip"}
# So it is with the authors' ImageNet network too: early gates treat all classes alike, later ones tell them apart. Early layers find edges and spots, which every class needs; late layers have features of their own for each class. (Only in that
# network's very last stage are the gates nearly the same for every class again. Those are the ones that can be left out.)
#
# But the gates of block 1 do vary from picture to picture. *If it is not the class, what is it?*

# %%
brightness = X.mean((1, 2, 3))
related = [torch.corrcoef(torch.cat([values.T, brightness[None]]))[-1, :-1].abs().mean().item() for values in said]
ax = viz.bars({f"block {i + 1}": value for i, value in enumerate(related)}, xlabel="size of the correlation with the picture's brightness", form="{:.2f}")
viz.caption(ax, "How closely the gates of each block follow the brightness: mean over the channels, without the sign.")
assert related[0] > 0.7 > 0.3 > max(related[2:])

# %% [markdown] slideshow={"slide_type": "skip"}
# The light. The first SE block is an automatic exposure: it turns channels up or down by how bright the whole picture is. Nobody told it to. A convolution of 3 x 3 could not know.
#
# Does the network *need* that its gates answer to the picture? Three tests, without training anew: every gate as it is; every gate fixed at its mean over all pictures; every picture with the gates of **another** picture. *Order them.*
#
# If a hook returns a tensor, that goes on in place of the output. (`new=new` ties each hook to its own values.)

# %%
def with_gates_set(values):
    """Accuracy with the gates replaced: values, a list of (B, C) or (C,), one for each block."""
    hooks = [block.scale_activation.register_forward_hook(lambda layer, inputs, out, new=new: new.expand(len(out), -1)[..., None, None]) for block, new in zip(blocks, values)]
    with torch.inference_mode():
        accuracy = (net(X).argmax(1) == y).float().mean().item()
    for hook in hooks:
        hook.remove()
    return accuracy


# %%
runtime.seed_everything(0)
other = torch.randperm(len(X))
tests = {"its own gates": with_gates_set(said), "gates fixed at their mean": with_gates_set([values.mean(0) for values in said]),
         "gates of another picture": with_gates_set([values[other] for values in said])}
ax = viz.bars(tests, xlabel="accuracy on the test digits", form="{:.1%}")
viz.caption(ax, "One trained network, three ways to set its gates.")
assert tests["its own gates"] > tests["gates fixed at their mean"] + 0.01 > tests["gates of another picture"] + 0.03

# %% [markdown] slideshow={"slide_type": "skip"}
# The gates do answer to the picture: wrong gates cost about eleven points. But fixed ones cost only about three. Most of the work is done by the convolutions; the gates refine it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Turn a channel yourself
#
# Pick a digit and a block. Suppress a channel, boost another, and watch the answer.

# %%
widgets.channel_gates(net, test, picture=100, block=3, factors={"3.6": 0})

# %% [markdown] slideshow={"slide_type": "skip"}
# Try this:
#
# * Which single channel changes the answer most? Try one block after the other. In `factors` the key is block.channel, the value what the gate is multiplied by: 0 shuts it, 3 boosts it.
# * Digit 64 is a two that is read as an eight. Shut channel 6 of block 3. `(logits.argmax(1) != y).nonzero()` lists all that are read wrongly. Can you turn another one right with one channel?
# * In the last block, shut *all* channels: `factors={f"9.{c}": 0 for c in range(32)}`. Why does the network hardly mind? (Think of the shortcut.)
# * Boost a channel to 3, and watch its map. Then go to the next block: do the maps there change?
#
# One of these experiments, on all test digits: shut one channel of block 3 at a time, and see which class suffers.

# %%
def without(number, channel):
    """Accuracy for each class with one channel of a block shut (-1: none): (10,)."""
    open_or_shut = (torch.arange(said[number - 1].shape[1]) != channel).float()[:, None, None]
    hook = blocks[number - 1].scale_activation.register_forward_hook(lambda layer, inputs, out: out * open_or_shut)
    with torch.inference_mode():
        right = net(X).argmax(1) == y
    hook.remove()
    return torch.stack([right[y == digit].float().mean() for digit in range(10)])


# %%
all_open = without(3, -1)
change = 100 * torch.stack([without(3, channel) - all_open for channel in range(8)])
ax = viz.heatmap(change, columns=range(10), title="block 3", xlabel="class", ylabel="channel that is shut", label="change of the accuracy (points)")
viz.caption(ax, "What a shut channel does to each class.")

# %%
worst = change.argmin()
print(f"worst: channel {worst // 10} shut costs class {worst % 10} {-change.min():.0f} points; on average over classes and channels {-change.mean():.1f}")
assert change.min() < -10 and change.mean() > -3 and change[:6].min() > -10

# %% [markdown] slideshow={"slide_type": "skip"}
# Shut any of the channels 0 to 5, and no class loses more than about seven points. Channel 6 is missed, by the eights most of all. Without channel 7 the eights lose, and threes and fives *gain*: it used to raise the score of
# the eights. So a channel is not "the detector of a class". It is one of many witnesses: several classes use it, and a few could not be told from similar digits without it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A bridge to attention
#
# A gate asks: *how much shall I listen to this channel, given all I see?* Weights that the picture itself computes: that is **attention**, over channels.

# %% [markdown] slideshow={"slide_type": "skip"}
# | | weighs | with | weights computed from |
# |---|---|---|---|
# | SE (2018) | channels | sigmoids | means over all places |
# | CBAM, the convolutional block attention module (2018) | channels, then places | sigmoids | means and maxima |
# | global context block (2019) | places | softmax; the result is added to every place, not multiplied | the maps |
# | transformer (2017; chapter 15) | places (patches) | softmax | each pair of places |
#
# From SE to the others it is one step. The squeeze gives every place the same weight, $1 / (H W)$. Let the picture choose the weights: a 1 x 1 convolution gives every place a score, a softmax over all places makes weights that sum to 1.
# Look at what that buys, on a channel of 900 places in one long row. One place carries the news, the other 899 nothing. (We set the scores by hand; in a network that convolution learns them.)

# %% tags=["nbval-check-output"]
channel, scores = torch.zeros(2, 900)
channel[140] = scores[140] = 9.0
weights = scores.softmax(0)
print(f"plain squeeze {channel.mean():.3f}   attention {weights @ channel:.2f}   weight of that one place {weights[140]:.2f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# The mean drowns it, the attention hears it. Now let every place ask for itself: a score for *each pair* of places says how much the one should listen to the other, and each place gets a softmax of its own. That is the layer of which transformers are made.
#
# ### Your turn: a squeeze that looks where it wants
#
# *About 10 minutes.*

# %% tags=["exercise"]
def attention_squeeze(X, scores):
    """X (B, C, H, W), scores (B, 1, H, W) -> (B, C): mean over the places, weighted by a softmax of the scores."""
    ### BEGIN SOLUTION
    weights = scores.flatten(1).softmax(1).view_as(scores)
    return (X * weights).sum((2, 3))
    ### END SOLUTION


# %% tags=["check"]
check.attention_squeeze(attention_squeeze)

# %% [markdown] tags=["hint"]
# The softmax must run over all H x W places of one image together: flatten them to one axis first, and restore the shape after.

# %% [markdown] tags=["hint"]
# Weights that sum to 1 make a mean by themselves: multiply, then sum over height and width. With equal scores you must get the plain squeeze.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "An SE block sits behind a map of shape (16, 64, 28, 28). How many numbers does its squeeze give for one image?", "type": "numeric",
     "answers": [{"type": "value", "value": 64, "correct": True, "feedback": "One for each channel. Height and width are squeezed away, the channels are not."}, {"type": "value", "value": 1, "correct": False, "feedback": "The channels are not squeezed together."},
                 {"type": "default", "feedback": "One number for each channel of each image."}]},
    {"question": "How many parameters has an SE block for 32 channels with reduction 4?", "type": "numeric",
     "answers": [{"type": "value", "value": 552, "correct": True, "feedback": "32 x 8 + 8 + 8 x 32 + 32."}, {"type": "value", "value": 512, "correct": False, "feedback": "Those are the weights. Both layers have biases."},
                 {"type": "default", "feedback": "Two dense layers, 32 to 8 and 8 to 32, with biases."}]},
    {"question": "Why do the gates end in a sigmoid and not in a softmax?", "type": "multiple_choice",
     "answers": [{"answer": "Several channels may be important at once", "correct": True, "feedback": "A softmax would make them compete for a sum of 1."},
                 {"answer": "The sigmoid has no saturation", "correct": False, "feedback": "It has, on both sides."}, {"answer": "A softmax has no gradient", "correct": False, "feedback": "It has one; every classifier is trained through it."}]},
    {"question": "You shuffle the places of every map in front of an SE block. What happens to its gates?", "type": "multiple_choice",
     "answers": [{"answer": "Nothing", "correct": True, "feedback": "A mean does not know where its values stood."},
                 {"answer": "They become 0.5", "correct": False, "feedback": "The means, and with them the gates, stay what they were."}, {"answer": "They are shuffled too", "correct": False, "feedback": "Channels were not touched."}]},
    {"question": "Network A reaches 88, 90, 89 % in three runs, network B 89, 91, 90 %. What can you claim?", "type": "multiple_choice",
     "answers": [{"answer": "Nothing yet: a point lies inside the noise of the runs", "correct": True, "feedback": "More runs might show a difference, or that there is none."},
                 {"answer": "B is better by one point", "correct": False, "feedback": "The runs of both overlap. Another three seeds may turn it round."},
                 {"answer": "They are equally good", "correct": False, "feedback": "That is not shown either: a small difference may hide in the noise."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Convolutions carry news one step a layer; a squeeze sees everything at once.
# * Squeeze, excite, scale: one gate for each channel.
# * Few multiplications; a gain on ImageNet, none to be seen here; the first step to attention.

# %% [markdown] slideshow={"slide_type": "skip"}
# * $d$ layers of 3 x 3 see a square of $2 d + 1$, and its middle far more than its border. Behind a squeeze every pixel has influence: on *what* is listened to, not on *where*.
# * The squeeze is a mean over height and width; the excitation two dense layers with ReLU and sigmoid; the scale a multiplication. torchvision's block is the same, up to rounding.
# * The SE block sits before the addition, so that the shortcut stays free. For SE-ResNet-50, 2,530,992 parameters more make 28,088,024.
# * Early gates listen to light, late ones to the class. In block 3 most single channels can be shut without much harm.
# * What SE wins on ImageNet is well documented. In our small runs it won nothing: it learned more slowly at first, and after 24 epochs the difference was inside the noise.
#
# ### Common mistakes
#
# * *"SE squeezes the channels together."* It squeezes height and width. The channels are what it keeps.
# * *A softmax for the gates.* Channels then compete.
# * *The SE block behind the addition.* It dims the shortcut, block after block.
# * *Reduction 16 for 16 channels.* One hidden unit is left: one number decides for all gates. Small networks need a smaller ratio.
# * *"Hardly any multiply-adds, so hardly any time."* Every map is read and written once more.
# * *Believing one run.* A gain of one point needs many seeds, or a far larger test set.
#
# ### Papers
#
# * J. Hu, L. Shen, G. Sun (2018). "Squeeze-and-excitation networks". *CVPR*.
# * J. Hu, L. Shen, S. Albanie, G. Sun, E. Wu (2020). "Squeeze-and-excitation networks". *IEEE Transactions on Pattern Analysis and Machine Intelligence*. (The longer version: five ratios, places in the block.)
# * W. Luo, Y. Li, R. Urtasun, R. Zemel (2016). "Understanding the effective receptive field in deep convolutional neural networks". *NeurIPS*.
# * S. Woo, J. Park, J.-Y. Lee, I. S. Kweon (2018). "CBAM: convolutional block attention module". *ECCV*.
# * Y. Cao, J. Xu, S. Lin, F. Wei, H. Hu (2019). "GCNet: non-local networks meet squeeze-excitation networks and beyond". *ICCV Workshops*.
# * A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, L. Kaiser, I. Polosukhin (2017). "Attention is all you need". *NeurIPS*.
