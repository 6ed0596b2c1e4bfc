# ---
# title: SE-Net
# question: How can a small window know what the whole picture shows?
# minutes: 110
# builds_on: [1, 3, 8, 9]
# goals:
#   - measure how slowly a plain network carries news across a picture, and how fast a squeeze does
#   - build squeeze, excitation and scale from two dense layers, equal to torchvision's
#   - say where the gate sits in a residual block, and count what it costs, for SE-ResNet-50 to the last parameter
#   - read which channels a trained network opens for which class, and move its answer with a gate
#   - tell what SE wins here from noise, and how it leads to attention
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
corners = {"A": ("grass", 200, 150), "B": ("moon", 60, 200), "C": ("gravel", 100, 60), "D": ("chelsea", 20, 200), "E": ("brick", 120, 40), "F": ("coffee", 120, 180)}
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
# An early layer of a network stands before it all the time. It sees a few pixels, and it must decide which of its channels matter. Fur, or grass? A whisker, or a scratch? The answer lies elsewhere in the
# picture, and the news of it arrives only many layers later. In 2018, Hu, Shen and Sun gave the early layers a shortcut to the whole picture. It costs nearly nothing, and it is the block of this chapter.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A puzzle that no window can solve
#
# Eight strokes: six point one way, two the other. **Mark the six.** Every stroke looks the same from nearby.

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
# A network of 3 x 3 convolutions finds out easily which way a stroke points. Whether that is the *larger party* stands nowhere near the stroke. All it can say without knowing the rest: "six of eight belong
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
def solve(seed, *layers, steps=350):
    """Train on the puzzle; the share of the ink in new pictures that is marked rightly."""
    model = nn.Sequential(*layers, nn.Conv2d(12, 1, 1))
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
# Change one pixel. After one layer of 3 x 3 its neighbours know. *Which pixels move the middle after two, four, eight layers?*

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
axes = viz.image_grid({f"{depth} layer{'s' * (depth > 1)}": (after[depth] > 0).float() for depth in (1, 2, 4, 8, 16)}, columns=5)
viz.caption(axes[0], "White: the pixels that have any influence on the middle.")

# %% [markdown] slideshow={"slide_type": "skip"}
# One pixel further in each direction with every layer: after $d$ layers a square of $2 d + 1$. That is the receptive field of chapter 01. And it flatters the network: look at how *strong* the influence is.

# %%
strength = after[16] / after[16].max()
ax = viz.lines(strength[16], x=range(-16, 17), xlabel="distance from the middle (pixels)", ylabel="influence (of the largest)")
viz.caption(ax, "After 16 layers all 33 pixels count, but those at the border hardly.")

# %%
inner = strength[8:25, 8:25].sum() / strength.sum()
print(f"the inner 17 x 17, a quarter of the area, has {inner:.0%} of the influence")
assert inner > 0.7

# %% [markdown] slideshow={"slide_type": "skip"}
# A pixel in the middle reaches the output by many ways through the layers, one at the border by very few. So the *effective* receptive field is much smaller than the one we count (Luo, Li, Urtasun and Zemel, 2016).
#
# And in ResNet-50, with its strides? *After which stage does a place of the map see all of a picture of 224 x 224?*

# %% tags=["nbval-check-output"]
with torch.device("meta"):
    table = complexity.layer_table(models.create("resnet50"), (3, 224, 224))
for stage in (1, 2, 3, 4):
    rows = table[table["layer"].str.startswith(f"layer{stage}.")]
    print(f"stage {stage}: the field is {rows['receptive field'].max()} pixels wide")

# %% [markdown] slideshow={"slide_type": "skip"}
# In the third of four stages. The first sees 35 pixels: fur, or grass. (From a field of 267 around the middle one sees the whole picture; from a corner it takes twice that.)
#
# ### Your turn: which pixels does this place see?
#
# By the gradient, for any network and any place. *About 15 minutes.*

# %% tags=["exercise"]
def pixels_seen(network, X, row, column):
    """X (1, C, H, W), network(X) (1, D, H, W) -> bool (H, W): True where a pixel moves any output channel at this place."""
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
# Add up the outputs at this place, over their channels, to get one number. A gradient may be negative, and in a sum over input channels two could cancel: ask for `gradient != 0` in any of them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Squeeze: one number for each channel
#
# The mean of a map says how much of its feature is in the **whole** picture.

# %%
X = torch.tensor([[[0.0, 0, 4], [0, 8, 0], [6, 0, 0]], [[1, 1, 1], [0, 0, 0], [0, 0, 0]]])
z = X.mean((1, 2), keepdim=True)
axes = viz.number_row({"channel 1": X[0], "squeezed": z[0], "channel 2": X[1], "squeezed ": z[1]}, operators=["→", "", "→"],
                      roles={"channel 1": "feature_map", "squeezed": "feature_map", "channel 2": "feature_map", "squeezed ": "feature_map"})
viz.caption(axes, "Two channels in, two numbers out: each channel is squeezed to one number by itself.")

# %% [markdown] slideshow={"slide_type": "skip"}
# You know this step: it is the global average pooling of chapters 03 and 07. One sentence is often told wrongly: SE does **not** squeeze the channels together. Each of the $C$ channels keeps a number of its own;
# what is squeezed away are height and width.
#
# So the squeeze knows *what* is in the picture. *Does it know where?*

# %% tags=["nbval-check-output"]
maps = torch.randn(1, 4, 6, 6)
shuffled = maps.flatten(2)[..., torch.randperm(36)].view_as(maps)
print("squeeze of the shuffled maps is the same:", torch.allclose(maps.mean((2, 3)), shuffled.mean((2, 3)), atol=1e-6))

# %% [markdown] slideshow={"slide_type": "skip"}
# No. Throw all places into a bag and shake it: the squeeze stays the same. For the question "is there a cat?" that is all one needs.
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
# Two dense layers: from $C$ numbers to $C / r$, and back to $C$.

# %%
z = torch.tensor([3.0, 0.5, 2.0, 0.0])
W1, W2 = torch.tensor([[1.0, 0, 1, 0], [0, -1, 0, 2]]), torch.tensor([[1.0, 0], [-1, 0], [0.5, 0], [0, 1]])
hidden = F.relu(W1 @ z)
axes = viz.number_row({"z": z[:, None], "hidden": hidden[:, None], "gates": (W2 @ hidden).sigmoid()[:, None]}, operators=["→", "→"], roles={"gates": "kernel"})
viz.caption(axes, "Four channels, two hidden units, four gates.")

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room compute one gate by hand before the figure appears. Then ask what a softmax would have made of the same four numbers, and which of the two closes a channel because another one opened.

# %% [markdown] slideshow={"slide_type": "skip"}
# The first hidden unit counts "channels 1 and 3 together", 5. It opens gate 1 (0.99) and closes gate 2 (0.01). The second one is silent, and gate 4 stays half open: the sigmoid of 0 is 0.5.
#
# Why like this?
#
# * **Two layers, with a ReLU.** A gate may depend on *combinations*: "fur **and** no grass". One dense layer could only add up.
# * **A bottleneck.** $C / r$ hidden units, $r$ being the reduction ratio, 16 in the paper. It saves parameters; you will count them.
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
# The course's own block has 1 x 1 convolutions on maps of one pixel for dense layers, as torchvision's has. That is the same (chapter 07), and spares the two extra axes. The weights fit both:

# %% tags=["nbval-check-output"]
from torchvision.ops import SqueezeExcitation as Theirs
from utils.models.senet import SqueezeExcitation as Gate
theirs, ours = Theirs(32, 8), Gate(32, reduction=4)
ours.load_state_dict(theirs.state_dict())
X = torch.randn(2, 32, 7, 5)
print("equal to torchvision's block:", torch.allclose(ours(X), theirs(X), atol=1e-6))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Now the puzzle
#
# The network of three layers again, with **one** gate behind the second: 12 channels, 12 hidden units. *How much of the ink now?*

# %%
def with_gate(seed):
    runtime.seed_everything(seed)
    made = layers(3)
    return solve(seed, *made[:6], Gate(12, reduction=1), *made[6:])


# %%
gated = [with_gate(seed) for seed in range(3)]
found = {"3 layers": plain[3], "5 layers": plain[5], "3 layers, one gate": sum(gated) / 3}
ax = viz.bars(found, xlabel="ink marked rightly in new pictures", form="{:.1%}")
viz.caption(ax, "The puzzle of the larger party. With gate: mean of three seeds.")

# %%
print("three seeds with a gate:", [f"{share:.1%}" for share in gated])
assert min(gated) > 0.96 > max(plain.values())

# %% [markdown] slideshow={"slide_type": "skip"}
# Solved. Two convolutions make channels for lying and for standing strokes; the squeeze counts both; the gate turns down the smaller party; the third layer marks what is left. A puzzle made for the block, of course: it shows what a gate *can* do that a small window
# cannot. What it does for photographs we will have to measure.
#
# And the news? The same measurement as before, with a gate behind every layer.

# %%
runtime.seed_everything(0)
X, gates = torch.randn(16, 3, 33, 33), [nn.Sequential(nn.Sequential(*layers(1, c_in=12 if i else 3)), Gate(12, 4)) for i in range(8)]
with_gates = {depth: influence(nn.Sequential(*gates[:depth]), X) for depth in range(1, 9)}
reached = {name: [(maps[depth] > 0).sum().item() for depth in range(1, 9)] for name, maps in (("plain", after), ("with gates", with_gates))}
ax = viz.lines(reached, x=range(1, 9), xlabel="layers", ylabel="pixels that move the middle")
viz.caption(ax, "Influence on the middle of a picture of 33 x 33, which has 1,089 pixels.")

# %% tags=["nbval-check-output"]
for name, counts in reached.items():
    print(f"{name:11}", counts)
one = with_gates[1]
far = one.sum() - one[15:18, 15:18].sum()
print(f"one layer with a gate: less than 5 % of the influence comes from outside its 3 x 3: {(far / one.sum()).item() < 0.05}")

# %% [markdown] slideshow={"slide_type": "skip"}
# All pixels from the first layer on. But to be exact: each far pixel whispers, it is one of 1,089 in a mean, and all of them together can only say "more of this channel, less of that one". The squeeze carries *what*, at once, from everywhere. It
# carries no *where*: for that the convolutions are still needed, one step at a time.

# %% [markdown] slideshow={"slide_type": "notes"}
# Whisper game: pass a word from neighbour to neighbour through the room (convolution), then let everybody raise a hand for "lying" or "standing" and count (squeeze). Ask what each of the two can tell that the other cannot.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where does the gate sit?
#
# In a ResNet: behind the convolutions, **before the addition**.

# %%
block = models.create("se_resnet8").layer1[0]
ax = viz.architecture(block, (16, 32, 32))
viz.caption(ax, "A residual block with squeeze and excitation. Above: the shortcut, which no gate touches.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Why not behind the addition? Chapter 09 kept the shortcut free, so that the gradient has a way back that nothing dims. A gate behind the addition would dim it in every block; sixteen gates of one half in a row leave $0.5^{16}$. (The
# paper tried several places. Before the addition, and in front of the convolutions, it gained about the same; behind the addition less.)
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
# A gate for $C$ channels with $h = C / r$ hidden units: $C h + h$ in the first layer, $h C + C$ in the second.

# %% [markdown] slideshow={"slide_type": "skip"}
# SE-ResNet-50 has a gate at the end of each of its 16 blocks, where a bottleneck has 256, 512, 1,024 or 2,048 channels.
#
# ### Your turn: count them
#
# *About 10 minutes.*

# %% tags=["exercise"]
def gate_parameters(widths, reduction):
    """widths: channels of each gate, such as [256, 256, 512] -> number of parameters of all gates, biases too."""
    ### BEGIN SOLUTION
    hidden = [channels // reduction for channels in widths]
    return sum(2 * channels * h + h + channels for channels, h in zip(widths, hidden))
    ### END SOLUTION


# %% tags=["check"]
check.gate_parameters(gate_parameters)

# %% [markdown] tags=["hint"]
# Do one gate on paper: 64 channels, reduction 16. 4 hidden units, 64 x 4 + 4 + 4 x 64 + 64 = 580.

# %% [markdown] slideshow={"slide_type": "skip"}
# By code, on the whole network. *ResNet-50 has 25.6 million parameters and 4.1 billion multiply-adds. By how many percent do the gates raise each?*

# %% tags=["nbval-check-output"]
with torch.device("meta"):
    resnet, senet = (complexity.count(models.create(name), (3, 224, 224)) for name in ("resnet50", "se_resnet50"))
gates = senet["params"] - resnet["params"]
print(f"ResNet-50 {resnet['params']:,} + gates {gates:,} = SE-ResNet-50 {senet['params']:,}")
print(f"parameters + {gates / resnet['params']:.1%}, multiply-adds + {senet['macs'] / resnet['macs'] - 1:.2%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# 10 % more parameters, and less than a thousandth more multiply-adds: the dense layers run once for a picture, a convolution at every place. (The squeeze's additions and the final scaling are not counted here. They read and write every map once
# more, and as with batch norm, that costs time.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The reduction ratio
#
# *Where in the network do the gates' parameters sit?*

# %% tags=["nbval-check-output"]
widths = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
for r in (2, 4, 8, 16, 32):
    each = [2 * c * (c // r) + c // r + c for c in widths]
    print(f"r = {r:2}: gates {sum(each):10,}, SE-ResNet-50 {resnet['params'] + sum(each):11,}, the last three gates {sum(each[-3:]) / sum(each):.0%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# More than half sits in the last three gates, since the cost grows with $C^2$. The authors tried these five ratios on ImageNet: from 2 to 16 the error was the same within a tenth of a point. So they took 16. (They also found that the last stage's gates can be left
# out, with hardly a loss.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does it win?
#
# On ImageNet: SE-ResNet-50 has a top-1 error of 23.29 %, the authors' own ResNet-50 24.80 %. In 2017 an ensemble of SE-Nets won the ImageNet challenge.

# %% [markdown] slideshow={"slide_type": "skip"}
# And here? A fair question needs more than one run. ResNet-8, half as wide as usual, on 1,000 colour digits: without gates and with gates, each with three seeds. *Will the runs of the two overlap?*

# %%
few, test = data.colour_digits()[0].subset(1000), data.colour_digits()[1]


def accuracies(name, **options):
    """Test accuracy of three small networks with different seeds: (3,)."""
    found = []
    for seed in range(3):
        runtime.seed_everything(seed)
        model = models.create(name, width=8, **options)
        train.fit(model, few, epochs=6, batch_size=50, lr=0.01, optimizer="adamw", seed=seed, progress=False)
        found.append(train.evaluate(model, test)["accuracy"])
    return torch.tensor(found)


# %%
bare, gated = accuracies("resnet8"), accuracies("se_resnet8", reduction=4)
runs = {"without gates": bare, "with gates": gated}
ax = viz.bars({k: v.mean().item() for k, v in runs.items()}, {k: v.std().item() for k, v in runs.items()}, xlabel="test accuracy", form="{:.1%}")
viz.caption(ax, "ResNet-8 of width 8 on 1,000 colour digits, 6 epochs; mean and standard deviation of 3 seeds.")

# %%
spread = (bare.var() + gated.var()).sqrt()
for name, run in runs.items():
    print(f"{name:14}", "  ".join(f"{accuracy:.1%}" for accuracy in run))
difference = gated.mean() - bare.mean()
clear = abs(difference) > 2 * spread and (gated.min() > bare.max() or gated.max() < bare.min())
print(f"difference {100 * difference:+.1f} points, two standard deviations {200 * spread:.1f}: {'clear' if clear else 'inside the noise'}")
print(f"to see a gain of 1 point one would need about {(4 * spread ** 2 / 0.01 ** 2).item():,.0f} seeds of each")

# %% [markdown] slideshow={"slide_type": "skip"}
# VERDICT

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Which channels for which class?
#
# A trained SE-ResNet-20 with nine gates. We note every gate for all 1,000 test digits and take the mean for each class.

# %%
net = train.load_weights(models.create("se_resnet20", width=8, reduction=4), "se_resnet20").eval()
X, y = test.normalised(), test.labels
gates = [module for module in net.modules() if isinstance(module, Gate)]

# %%
def record(X):
    """Logits, and what every gate says: a list of (B, C), first block to last."""
    said = []
    hooks = [gate.scale_activation.register_forward_hook(lambda layer, inputs, out: said.append(out[..., 0, 0])) for gate in gates]
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
    viz.heatmap(by_class[number - 1], ax=ax, rows=range(10), title=f"gate {number}", xlabel="channel", ylabel="class" if number == 1 else "", label="mean gate" if number == 8 else "")
    ax.images[0].set_clim(0, 1)
viz.caption(axes[0], "Mean gate by class and channel, in an early, a middle and a late block.")

# %% [markdown] slideshow={"slide_type": "notes"}
# Let somebody read a column aloud, first in the left map, then in the right one. Only then say what the share between classes is: how well one could guess the digit from the gate, roughly.

# %% [markdown] slideshow={"slide_type": "skip"}
# Read the columns. In gate 1 every column has one colour: the gate is the same for all classes. In gate 8 the columns are patterned: channels that are open for some digits and nearly shut for others.
#
# A number for this: of all the variation of a block's gates over the 1,000 pictures, which share is variation *between classes*?

# %%
between = [((means - values.mean(0)) ** 2).mean(0).sum() / values.var(0, correction=0).sum() for means, values in zip(by_class, said)]
ax = viz.lines(torch.stack(between), x=range(1, 10), xlabel="gate, first block to last", ylabel="share between classes")
viz.caption(ax, "How much of what a gate says depends on the digit's class.")

# %% tags=["nbval-check-output"]
print("first three gates below 0.2:", max(between[:3]).item() < 0.2)
print("last two gates above 0.65:  ", min(between[-2:]).item() > 0.65)

# %% [markdown] slideshow={"slide_type": "skip"}
# So it is with the authors' ImageNet network too: early gates treat all classes alike, late ones tell them apart. Early layers find edges and spots, which every class needs; late layers have features of their own for each class.
#
# But the first gate does vary from picture to picture. *If it is not the class, what is it?*

# %%
brightness = X.mean((1, 2, 3))
related = [torch.corrcoef(torch.cat([values.T, brightness[None]]))[-1, :-1].abs().mean().item() for values in said]
ax = viz.bars({f"gate {i + 1}": value for i, value in enumerate(related)}, xlabel="correlation with the picture's brightness (mean over channels)", form="{:.2f}")
viz.caption(ax, "What the first gate listens to.")
assert related[0] > 0.7 > 0.3 > max(related[2:])

# %% [markdown] slideshow={"slide_type": "skip"}
# The light. The first gate is an automatic exposure: it turns channels up or down by how bright the whole picture is. Nobody told it to; backgrounds of all kinds made it pay. A convolution of 3 x 3 could not know.
#
# Does the network *need* that its gates answer to the picture? Three tests, without training anew: every gate as it is; every gate fixed at its mean over all pictures; every picture with the gates of **another** picture. *Order them.*

# %%
def with_gates_set(values):
    """Accuracy with the gates replaced: values, a list of (B, C) or (C,), one for each gate."""
    hooks = [gate.scale_activation.register_forward_hook(lambda layer, inputs, out, new=new: new.expand(len(out), -1)[..., None, None]) for gate, new in zip(gates, values)]
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
# The gates do answer to the picture: wrong gates cost about ten points. But fixed ones cost only about three. Most of the work is done by the convolutions; the gates refine it. That fits the small or invisible gain that we measured.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Turn a channel yourself
#
# Pick a digit and a block. Suppress a channel, boost another, and watch the answer.

# %%
widgets.channel_gates(net, test, picture=100, block=3, factors={"3.6": 0})

# %% [markdown] slideshow={"slide_type": "skip"}
# Try this:
#
# * Which single channel changes the answer most? Try one block after the other.
# * Digit 64 is a two that is read as an eight. Shut channel 6 of block 3. Can you find another one that is read wrongly, and turn it right with one channel?
# * In the last block, shut *all* channels. Why does the network hardly mind? (Think of the shortcut.)
# * Boost a channel to 3. What happens to its map, and what to the maps of the others in the next block?
#
# One of these experiments, on all test digits: shut one channel of block 3 at a time, and see which class suffers.

# %%
def without(number, channel):
    """Accuracy for each class with one channel of a gate shut (-1: none): (10,)."""
    open_or_shut = (torch.arange(said[number - 1].shape[1]) != channel).float()[:, None, None]
    hook = gates[number - 1].scale_activation.register_forward_hook(lambda layer, inputs, out: out * open_or_shut)
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
assert change.min() < -10 and change.mean() > -3

# %% [markdown] slideshow={"slide_type": "skip"}
# Six of the eight channels can be shut and hardly anybody notices: the others know the same. Channel 6 is missed, by the eights most of all. Without channel 7 the eights lose, and threes and fives *gain*: it used to plead for
# the eights. So a channel is not "the detector of a class". It is one of many witnesses, heard by several classes, and some of them need it to be told from their neighbours.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A bridge to attention
#
# A gate asks: *how much shall I listen to this channel, given all I see?* Weights that the picture itself computes: that is **attention**, over channels.

# %% [markdown] slideshow={"slide_type": "skip"}
# | | weighs | with | weights computed from |
# |---|---|---|---|
# | SE (2018) | channels | sigmoids | means over all places |
# | CBAM (2018) | channels, then places | sigmoids | means and maxima |
# | global context block (2019) | places, then channels | softmax, then no gate but an addition | the maps |
# | transformer (2017; chapter 15) | places (patches) | softmax | each pair of places |
#
# From SE to the others it is one step. The squeeze gives every place the same weight, $1 / (H W)$. Let the picture choose the weights: a 1 x 1 convolution gives every place a score, a softmax over all places makes weights that sum to 1.
# Look at what that buys. One place of a map carries the news, 900 others nothing.

# %% tags=["nbval-check-output"]
X, scores = torch.zeros(1, 1, 30, 30), torch.zeros(1, 1, 30, 30)
X[0, 0, 4, 20] = scores[0, 0, 4, 20] = 9.0
weights = scores.flatten(1).softmax(1).view_as(scores)
print(f"plain squeeze {X.mean():.3f}   attention {(X * weights).sum():.2f}   weight of that one place {weights[0, 0, 4, 20]:.2f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# The mean drowns it, the attention hears it. Give the softmax the scores of *every pair* of places, and each place its own weights, and you have the layer of which transformers are made.
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
    {"question": "How many parameters has an SE block for 64 channels with reduction 16?", "type": "numeric",
     "answers": [{"type": "value", "value": 580, "correct": True, "feedback": "64 x 4 + 4 + 4 x 64 + 64."}, {"type": "value", "value": 512, "correct": False, "feedback": "Those are the weights. Both layers have biases."},
                 {"type": "default", "feedback": "Two dense layers, 64 to 4 and 4 to 64, with biases."}]},
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
# * Cheap, small in effect here, and the first step to attention.

# %% [markdown] slideshow={"slide_type": "skip"}
# * $d$ layers of 3 x 3 see a square of $2 d + 1$, and its middle far more than its border. Behind a squeeze every pixel has influence: on *what* is listened to, not on *where*.
# * The squeeze is a mean over height and width; the excitation two dense layers with ReLU and sigmoid; the scale a multiplication. It is torchvision's block to the last digit.
# * The gate sits before the addition, so that the shortcut stays free. For SE-ResNet-50, 2,530,992 parameters more make 28,088,024.
# * Early gates listen to light, late ones to the class. Most single channels can be shut without harm.
# * What SE wins on ImageNet is well documented; what it won in our small runs you can say with its error bar.
#
# ### Common mistakes
#
# * *"SE squeezes the channels together."* It squeezes height and width. The channels are what it keeps.
# * *A softmax for the gates.* Channels then compete.
# * *The gate behind the addition.* It dims the shortcut, block after block.
# * *Reduction 16 for 16 channels.* One hidden unit is left: one number decides for all gates. Small networks need a smaller ratio.
# * *"Hardly any multiply-adds, so hardly any time."* Every map is read and written once more.
# * *Believing one run.* A gain of one point needs many seeds, or a far larger test set.
#
# ### Papers
#
# * J. Hu, L. Shen, G. Sun (2018). "Squeeze-and-excitation networks". *CVPR*.
# * W. Luo, Y. Li, R. Urtasun, R. Zemel (2016). "Understanding the effective receptive field in deep convolutional neural networks". *NeurIPS*.
# * S. Woo, J. Park, J.-Y. Lee, I. S. Kweon (2018). "CBAM: convolutional block attention module". *ECCV*.
# * Y. Cao, J. Xu, S. Lin, F. Wei, H. Hu (2019). "GCNet: non-local networks meet squeeze-excitation networks and beyond". *ICCV Workshops*.
# * A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, L. Kaiser, I. Polosukhin (2017). "Attention is all you need". *NeurIPS*.
