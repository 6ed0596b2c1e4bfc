# ---
# title: Autoencoders and retrieval
# question: What can a network learn from images that nobody has labelled?
# minutes: 110
# builds_on: [1, 4, 8, 11]
# goals:
#   - compute a transposed convolution by hand, and the size it gives
#   - squeeze a digit to a short code and rebuild it, without a label and also from a spoiled picture
#   - search among images by their codes, and measure the precision at k against raw pixels
#   - read a map of codes, and walk through it
#   - say what labels are, what can be done without them, and what 10, 100 and 1,000 of them are worth
# ---

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn
from utils import data, models, retrieval, runtime, train, viz, widgets
from utils.checks import ch14 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is a label?
#
# An answer that a person has written down beside a picture. Every network of this course so far has learnt from such answers. *How long would it
# take you to label MNIST?*

# %% tags=["nbval-check-output"]
hours = 60_000 * 2 / 3600
print(f"60,000 digits, 2 seconds each: {hours:.0f} hours")

# %% [markdown] slideshow={"slide_type": "skip"}
# Four days of work, for digits, which everybody can read. For X-ray images it takes a doctor, and more than two seconds. And people err: for ten well-known test sets
# of pictures, texts and sounds, Northcutt, Athalye and Mueller (2021) estimated that on average at least 3.3 % of the labels are wrong.
#
# Pictures without labels, on the other hand, are everywhere: all of the web, every scan in a hospital's archive. What can be learnt from them? Two ideas carry this chapter:
#
# 1. **The picture itself can be the answer.** Squeeze it to a few numbers, rebuild it from them, and compare. Whoever can do that must have found out what digits have in common.
# 2. **Like finds like.** If the few numbers are good, pictures that mean the same lie close together, and we can search.
#
# We keep the labels in a drawer and take them out only to *judge* what was learnt and to choose examples to look at, until the last section.

# %%
digits, test_digits = data.mnist("embedded")
X, X_test = (split.images / 255 for split in (digits, test_digits))
axes = viz.image_grid(X[:24], columns=12)
viz.caption(axes, "24 of 4,000 training digits, as this chapter's networks see them: no label anywhere.", alt="24 handwritten digits, white on black, without labels.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Squeeze, and rebuild
#
# An **encoder** squeezes 784 pixels to a **code** of 16 numbers, a **decoder** rebuilds the picture from the code. Together: an **autoencoder**.

# %%
ax = viz.architecture(models.create("autoencoder"), (1, 28, 28))
viz.caption(ax, "From 784 pixels to 16 numbers, and back. Above the encoder: convolutions are blue. Below the decoder: its 1,568 numbers are read as 32 maps of 7 x 7; "
    "light grey are transposed convolutions, which come next.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The way down you know: convolutions with stride 2 halve the side, a dense layer ends it. *But how does the way up work? How does a map of 7 x 7 become one of 14 x 14?*

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Transposed convolution: stamp and add
#
# A convolution **gathers**: several values make one. A **transposed** convolution **gives out**: each value stamps a copy of the kernel, multiplied
# by that value. With stride 2, stamps lie two places apart. Where they overlap, they add.

# %%
values, kernel = torch.tensor([1.0, 3, 2]), torch.tensor([1.0, 2, 1])
stamps = torch.zeros(3, 7)
for i in range(3):
    stamps[i, 2 * i : 2 * i + 3] = values[i] * kernel

# %%
axes = viz.number_row({"values": values[:, None], "one stamp a row": stamps, "sum": stamps.sum(0)}, ["→", "→"], roles={"values": "input", "sum": "feature_map"})
viz.caption(axes, "Three values, kernel [1, 2, 1], stride 2: seven values come out.")

# %% tags=["nbval-check-output"]
by_torch = F.conv_transpose1d(values[None, None], kernel[None, None], stride=2)
print(by_torch[0, 0].tolist(), torch.equal(by_torch[0, 0], stamps.sum(0)))

# %% [markdown] slideshow={"slide_type": "skip"}
# Why *transposed*? In chapter 01 a convolution was a matrix: each row holds the kernel at one of its places. Its transpose goes the other way, from three values to seven.

# %%
matrix = torch.zeros(3, 7)
for i in range(3):
    matrix[i, 2 * i : 2 * i + 3] = kernel
axes = viz.number_row({"convolution, 7 to 3": matrix, "transposed, 3 to 7": matrix.T}, [""], roles={"convolution, 7 to 3": "kernel", "transposed, 3 to 7": "kernel"})
viz.caption(axes, "The same kernel at its three places, as rows and as columns.")

# %% tags=["nbval-check-output"]
signal = torch.arange(7.0)
print("down:", torch.equal(matrix @ signal, F.conv1d(signal[None, None], kernel[None, None], stride=2)[0, 0]))
print("up:  ", torch.equal(matrix.T @ values, by_torch[0, 0]))
print("down, then up:", (matrix.T @ (matrix @ signal)).tolist(), "from", signal.tolist())

# %% [markdown] slideshow={"slide_type": "skip"}
# The last line shows what it is **not**: an inverse. Sizes come back, values do not. (You will read "deconvolution" for it; the word promises too much.) You have met this operation before: the gradient of a
# convolution for its input, chapter 01, is a transposed convolution.
#
# ### Your turn: give out, add up
#
# *About 10 minutes.*

# %% tags=["exercise"]
def transposed_convolution(values, kernel, stride):
    """values (n,), kernel (k,) -> (stride * (n - 1) + k,): each value stamps the kernel, stamps lie `stride` apart."""
    ### BEGIN SOLUTION
    n, k = len(values), len(kernel)
    output = torch.zeros(stride * (n - 1) + k)
    for i in range(n):
        output[i * stride : i * stride + k] += values[i] * kernel
    return output
    ### END SOLUTION


# %% tags=["check"]
check.transposed_convolution(transposed_convolution)

# %% [markdown] tags=["hint"]
# Begin with zeros of the full length. The stamp of value i covers the places from i * stride to i * stride + k.

# %% [markdown] tags=["hint"]
# `output[a:b] += ...` adds, `output[a:b] = ...` overwrites what an earlier stamp left there.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### From 7 to 14 to 28
#
# n values come in, kernel k, stride s. Padding *cuts off* here, p places on each side:
#
# $$\text{size} = s\,(n - 1) + k - 2p$$
#
# *Which kernel doubles 7 exactly, with stride 2 and padding 1?*

# %% tags=["nbval-check-output"]
maps = torch.zeros(1, 32, 7, 7)
for k in (2, 3, 4, 5):
    up = nn.ConvTranspose2d(32, 16, k, stride=2, padding=1)
    print(f"kernel {k}: weight {tuple(up.weight.shape)}, 7 x 7 -> {up(maps).shape[-1]} x {up(maps).shape[-1]}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Kernel 4: $2 \cdot 6 + 4 - 2 = 14$. Look at the weight, too: its first axis counts the channels that come **in**, 32, the second those that go out. In `nn.Conv2d` it is the other way round.
#
# Kernel 4 has a second merit. 4 is a multiple of the stride, so every place gets equally many stamps. With 3 it does not: *what pattern will a map of ones leave?*

# %%
patterns = {f"kernel {k}": F.conv_transpose2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, k, k), stride=2)[0, 0] for k in (3, 4)}
axes = viz.number_row(patterns, [""])
viz.caption(axes, "How many stamps reach each place, stride 2. A kernel of 3 leaves a checkerboard; 4 is even, but for the border.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Pictures made with such kernels often show this checkerboard (Odena, Dumoulin and Olah, 2016). Kernel 4 takes away the cause that is built in; what it *learns* can still leave a faint grid. Look for one on the
# black of the rebuilt digits below.
#
# ### Your turn: the decoder
#
# Code (B, code) to pictures (B, 1, 28, 28): a dense layer to 1,568 numbers, ReLU, read as 32 maps of 7 x 7; a transposed convolution to 16 maps of 14 x 14, ReLU; one to 1 map of 28 x 28, sigmoid. It is
# simpler than the drawn one, with no layer of 64 and no batch norm; the chapter goes on with the drawn one. *About 15 minutes.*

# %% tags=["exercise"]
class Decoder(nn.Module):
    """codes (B, code) float32 -> images (B, 1, 28, 28) in [0, 1]."""

    def __init__(self, code):
        super().__init__()
        ### BEGIN SOLUTION
        self.dense = nn.Linear(code, 32 * 7 * 7)
        self.up1 = nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1)
        self.up2 = nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1)
        ### END SOLUTION

    def forward(self, codes):
        ### BEGIN SOLUTION
        maps = F.relu(self.dense(codes)).view(-1, 32, 7, 7)
        return torch.sigmoid(self.up2(F.relu(self.up1(maps))))
        ### END SOLUTION


# %% tags=["check"]
check.Decoder(Decoder)

# %% [markdown] tags=["hint"]
# `view(-1, 32, 7, 7)` reads the numbers as maps; -1 stands for the batch.

# %% [markdown] tags=["hint"]
# Which kernel, stride and padding double the side exactly? The four printed lines above say it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Learning without labels
#
# The loss of one training step, and its gradient. *What stands where `y` stood?*

# %%
runtime.seed_everything(0)
net = models.create("autoencoder")
rebuilt = net(X[:64])
loss = F.mse_loss(rebuilt, X[:64])
loss.backward()

# %% [markdown] slideshow={"slide_type": "skip"}
# There is no `y`. The target is the input. All else is as always: a loss, a gradient, an optimiser. The loop is in `train.reconstruct`; it reads `digits.images` and never `digits.labels`, and
# leaves the network in evaluation mode.

# %%
errors = train.reconstruct(net, digits, epochs=6, progress=False)
ax = viz.lines(errors, x=range(1, 7), xlabel="epoch", ylabel="mean squared error of a pixel")
viz.caption(ax, "The autoencoder with 16 numbers learns to rebuild 4,000 digits.")

# %%
with torch.inference_mode():
    rebuilt = net(X_test)
error = (rebuilt - X_test).square().mean((1, 2, 3))
axes = viz.compare(X_test[:10], rebuilt[:10], titles=("test digit", "rebuilt"))
viz.caption(axes, "Digits that the network never saw, and what it rebuilds of each from 16 numbers.", alt="Ten test digits above, the same ten below, a little softer but all readable.")

# %%
guess = (X_test - X.mean(0)).square().mean().item()
print(f"error of a pixel: {error.mean():.4f}; if the mean digit is always drawn: {guess:.4f}")
assert error.mean() < 0.4 * guess

# %% [markdown] slideshow={"slide_type": "skip"}
# 784 numbers in, 16 in the middle, and the digit is still there, a little softer, as if written by one steady hand. Where did the rest go? The rest is what the decoder *knows*: what strokes look like. Only
# what distinguishes this digit from others must go through the narrow place.
#
# How narrow may it be? Measured over three seeds, each trained for ten epochs, not six as here (`benchmarks/retrieval.py`):

# %%
stored = runtime.results("retrieval")
lengths = [2, 8, 16, 32]
runs = torch.tensor([stored["code_length"][f"{length} numbers"]["error"]["runs"] for length in lengths]).T
ax = viz.lines({"test digits": runs}, x=lengths, xlabel="numbers in the code", ylabel="mean squared error of a pixel")
ax.set_xticks(lengths, lengths)
viz.caption(ax, "Longer codes rebuild better, with less and less to gain.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What it cannot rebuild
#
# The network knows digits. *What will it make of pieces of a photograph?*

# %%
coins = torch.from_numpy(data.photos()["coins"]).float() / 255
patches = coins.unfold(0, 28, 28).unfold(1, 28, 28).reshape(-1, 1, 28, 28)
with torch.inference_mode():
    drawn = net(patches)
axes = viz.compare(patches[20:30], drawn[20:30], titles=("photograph", "rebuilt"))
viz.caption(axes, "Pieces of a photograph, rebuilt by a network that has only ever seen digits.", alt="Ten pieces of a photograph of coins above; below each a bright ring with strokes in it, nothing like the coin.")

# %%
foreign = (drawn - patches).square().mean((1, 2, 3))
ax = viz.histogram({"test digits": error[: len(foreign)], "photograph": foreign}, xlabel="mean squared error of a pixel")
viz.caption(ax, "As many digits as pieces of the photograph: most pieces are rebuilt far worse than any digit.")

# %% [markdown] slideshow={"slide_type": "skip"}
# An alarm, then: an error larger than that of 99 % of the digits. It has a simple rival, the mean brightness. *Which of them notices digits whose upper and lower halves have changed places?*

# %%
def caught(scores, of_digits):
    """Share of the scores that lie above those of 99 % of the digits."""
    return (scores > of_digits.quantile(0.99)).float().mean().item()


halves = torch.cat([X_test[:, :, 14:], X_test[:, :, :14]], dim=2)
for name, pictures in {"photograph": patches, "halves exchanged": halves}.items():
    with torch.inference_mode():
        by_error = caught((net(pictures) - pictures).square().mean((1, 2, 3)), error)
    by_ink = caught(pictures.mean((1, 2, 3)), X_test.mean((1, 2, 3)))
    print(f"{name:17} caught by rebuilding {by_error:.0%}, by mean brightness {by_ink:.0%}")
    assert by_error > 0.8

# %% [markdown] slideshow={"slide_type": "skip"}
# On the photograph, whose grounds are grey, brightness alone is nearly as good. On exchanged halves, which have exactly as much ink as the digits, it is blind, and rebuilding is not.
#
# That is a use of its own, and it took no label: learn from what is normal, and raise an alarm where rebuilding fails. Faulty parts on a conveyor belt are found that way: there are thousands of pictures of good parts, and few
# of bad ones.

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask: would an autoencoder with a code of 784 numbers be a better alarm? No: it could copy everything, faults included. The narrow place is what makes it know anything.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Walk a line
#
# Between two codes lie other codes: draw a line from one to the other, and stop at even distances.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: walk
#
# *About 5 minutes.*

# %% tags=["exercise"]
def walk(start, end, steps):
    """start, end (D,) -> (steps, D): evenly spaced codes on the line, the first is `start`, the last is `end`."""
    ### BEGIN SOLUTION
    shares = torch.linspace(0, 1, steps)[:, None]
    return start + shares * (end - start)
    ### END SOLUTION


# %% tags=["check"]
check.walk(walk)

# %% [markdown] tags=["hint"]
# `torch.linspace(0, 1, steps)` contains both 0 and 1. Give it the shape (steps, 1), and it goes along the codes.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### From a 1 to another 1
#
# Take two slim digits 1, one of those that lean farthest to the left and one of those that lean farthest to the right. *What will the decoder draw half-way? And what is half-way between the pictures?*

# %%
ones = X_test[test_digits.labels == 1]
ones = ones[ones.mean((1, 2, 3)) < 0.075]
up, right = torch.linspace(1, -1, 28)[:, None], torch.linspace(-1, 1, 28)
lean = (ones[:, 0] * up * right).mean((1, 2))  # ink at the top right and bottom left counts positive
order, tenth = lean.argsort(), len(ones) // 10
A, B = ones[order[tenth]], ones[order[-tenth]]  # the ends themselves are odd ones

# %%
shares = torch.linspace(0, 1, 9)[:, None]
with torch.inference_mode():
    start, end = net.encoder(torch.stack([A, B]))
    walked = net.decoder(torch.lerp(start, end, shares))  # lerp: start + shares * (end - start)
mixed = torch.lerp(A, B, shares[..., None, None])
axes = viz.compare(walked, mixed, titles=("codes between", "pictures mixed"))
viz.caption(axes, "From a 1 to another 1. Above, the decoder draws codes on the line between; below, one picture fades into the other.", alt="Two rows of nine pictures. Above, one stroke turns step by step from left to right; below, two crossed strokes fade into each other.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Below, two ones lie over each other like a double exposure. Above, there is a single stroke, and it turns. The numbers of the code have to do with *how a digit is written*: slant, thickness, roundness. Half of each is again a way to
# write. Nobody promised that: the network was trained only on codes of real digits, never in between. And it does not hold everywhere: walk from `order[0]` to `order[-1]`, and in the middle, where few digits live, the stroke may fall apart. (Variational
# autoencoders, Kingma and Welling, 2014, are trained so that the places in between are filled as well.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Search: like finds like
#
# **Retrieval**: show a picture, get the ten most similar ones out of a collection. Similar by what? By the distance of the **codes**.

# %%
with torch.inference_mode():
    codes, test_codes = net.encoder(X), net.encoder(X_test)
distance = torch.cdist(test_codes, codes)
found = distance.topk(10, largest=False).indices
print(tuple(distance.shape), "->", tuple(found.shape))

# %% [markdown] slideshow={"slide_type": "skip"}
# 1,000 questions (books say *queries*), 4,000 digits to search, 16 numbers to compare instead of 784. `retrieval.nearest` does the same. Raw pixels are the rival: the distance of two pictures, pixel by pixel.
#
# To judge, all 1,000 questions are asked, and now the labels come out of the drawer, as a referee. **Precision at k**: what share of the k that were found has the question's label? Averaged over the questions.
#
# ### Your turn: precision at k
#
# *About 5 minutes.*

# %% tags=["exercise"]
def precision_at_k(found_labels, labels):
    """found_labels (Q, k): labels of what was found; labels (Q,): those of the questions -> float from 0 to 1."""
    ### BEGIN SOLUTION
    return (found_labels == labels[:, None]).float().mean().item()
    ### END SOLUTION


# %% tags=["check"]
check.precision_at_k(precision_at_k)

# %% [markdown] tags=["hint"]
# `labels[:, None]` has the shape (Q, 1) and is compared with every column of its row.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Pixels or codes?
#
# **Precision at 10**: what share of the ten that were found has the question's label? *Guess: what do 784 raw pixels reach, and what do 16 numbers?*

# %%
def precision(indices):
    """Precision at 10 of what was found, (1000, 10) indices of training digits."""
    return retrieval.precision(digits.labels[indices], test_digits.labels)


by_pixels = retrieval.nearest(X_test, X, 10)
print(f"pixels {precision(by_pixels):.1%}, codes {precision(found):.1%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Pixels are a strong rival: MNIST's digits are centred and scaled, and among 4,000 there is often one that lies almost exactly on top. The codes win, by little. Here are the two questions at which they gain most.

# %%
hits = [(digits.labels[indices] == test_digits.labels[:, None]).sum(1) for indices in (by_pixels, found)]
asked = (hits[1] - hits[0]).argsort(descending=True)[:2]
rows = [(f"by {name}", i, indices[i]) for i in asked for name, indices in (("pixels", by_pixels), ("code", found))]

# %%
pictures = torch.cat([torch.cat([X_test[i : i + 1], X[indices]]) for _, i, indices in rows])
titles = [title for _, i, indices in rows for title in (f"a {test_digits.labels[i]}?", *digits.labels[indices].tolist())]
axes = viz.image_grid(pictures, titles=titles, columns=11)
for start, (name, i, indices) in zip(range(0, 44, 11), rows):
    axes[start].set_ylabel(name)
    for ax, right in zip(axes[start + 1 :], digits.labels[indices] == test_digits.labels[i]):
        ax.title.set_color(viz.RIGHT if right else viz.WRONG)
viz.caption(axes, "Two questions, each asked twice: the ten nearest training digits by pixels and by code, with their labels, green where right.",
    alt="Two test digits, each with the ten digits found by pixels and by code. By pixels mostly ones are found, by code mostly digits of the right class.")

# %% [markdown] slideshow={"slide_type": "skip"}
# (There are others at which they lose: picked examples prove nothing.) The codes were made to *rebuild*, and for rebuilding it matters whether a 7 leans or stands, is thick or thin. For *meaning* it does not. Can we tell the network so, without a label?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Spoil the input
#
# A digit that is shifted, turned or noisy is still **the same digit**. So: show the spoiled picture, ask for the clean one.

# %%
from utils.data import distort
spoil = distort.Random(shift=2, angle=15, scale=(0.85, 1.15), stroke=0.5, noise=0.3)
runtime.seed_everything(0)
spoiled = spoil(X_test[:10])
axes = viz.compare(X_test[:10], spoiled, titles=("wanted", "shown"))
viz.caption(axes, "What the network is to draw, and what it gets to see: shifted by up to 2 pixels, turned by up to 15 degrees, between 85 % and 115 % in size, strokes wider or thinner by up to "
    "half a pixel, noise of a strength up to 0.3, all drawn anew for each digit.", alt="Ten digits above; below the same ones shifted, turned and covered with noise.")

# %% [markdown] slideshow={"slide_type": "skip"}
# This is a **denoising autoencoder** (Vincent and others, 2008; they erased pixels). Copying no longer helps, whatever the code's length: to draw the clean digit it has to know *which* digit that is. What we put in is no label, but it is knowledge: that
# small shifts and turns do not change what a digit means. Chapter 11 says when that is true (a 6 turned far enough is a 9).
#
# ### Your turn: the denoising loss
#
# With noise only, already drawn: a tensor. Keep the noisy picture in the range of pixels. *About 10 minutes.*

# %% tags=["exercise"]
def denoising_loss(model, X, noise):
    """X (B, 1, H, W) in [0, 1], noise the same shape -> mean squared error between X and what the model rebuilds of X + noise, cut to [0, 1]."""
    ### BEGIN SOLUTION
    spoiled = (X + noise).clamp(0, 1)
    return F.mse_loss(model(spoiled), X)
    ### END SOLUTION


# %% tags=["check"]
check.denoising_loss(denoising_loss)

# %% [markdown] tags=["hint"]
# Two pictures: one that the model sees, one that it is compared with. Which is clean?

# %% [markdown] tags=["hint"]
# `clamp(0, 1)` belongs to the noisy picture. Leave X as it was: no `X += noise`.

# %%
runtime.seed_everything(0)
robust = models.create("autoencoder")
train.reconstruct(robust, digits, epochs=6, spoil=spoil, progress=False)
with torch.inference_mode():
    cleaned = robust(spoiled)
    codes, test_codes = robust.encoder(X), robust.encoder(X_test)

# %%
axes = viz.compare(spoiled, cleaned, titles=("shown", "drawn"))
viz.caption(axes, "Spoiled test digits, and what the denoising autoencoder makes of them: it removes the noise and moves them back to the middle.", alt="Ten noisy, shifted digits above; below the drawings: clean, soft, upright and centred.")

# %%
by_robust = retrieval.nearest(test_codes, codes, 10)
print(f"pixels {precision(by_pixels):.1%}, codes {precision(found):.1%}, codes of the denoising autoencoder {precision(by_robust):.1%}")
assert precision(by_robust) > precision(by_pixels) + 0.02

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Is it true?
#
# One run proves little. Six kinds of vectors, three seeds, 1,000 questions each.

# %%
kinds = stored["retrieval"]
mean = {name: 100 * kind["precision_at_10"]["mean"] for name, kind in kinds.items()}
spread = {name: 100 * kind["precision_at_10"]["std"] for name, kind in kinds.items()}
ax = viz.bars(mean, errors=spread, xlabel="precision at 10, %", form="{:.1f}")
ax.set_xlim(80, 95)
viz.caption(ax, "Mean and standard deviation over three seeds. The axis begins at 80 %. Means of 2 x 2: pictures of 14 x 14. Principal components: pixels projected on the 16 directions in which they "
    "vary most, the best that a linear encoder can do. Trained on distorted digits: the denoising autoencoder.")

# %%
for name, margin in stored["margins"].items():
    print(f"{100 * margin['difference']:+.1f} points above {name}{'' if margin['clear'] else ' (inside the noise)'}")
assert stored["margins"]["pixels"]["clear"] and stored["margins"]["pixels"]["difference"] > 0.03

# %% [markdown] slideshow={"slide_type": "skip"}
# How much is that? The codes of the denoising autoencoder lie 5.3 points above raw pixels: of a hundred digits found, 8 or 9 are wrong, not 14. Its spread over seeds is 0.6 points, so the margin is clear. (Pixels have no
# spread: nothing is random in them. The 1,000 questions are a sample, though; others would move all bars together by about a point.)
#
# Now be hard on it. Pixels can be compared better than by plain distance: scaled to equal length ("by cosine") they gain 2 points, and *that is where the autoencoder without spoiling stands as well*. (Its codes were compared by plain distance only.) Squeezing alone
# bought a shorter vector, 16 numbers in place of 784, and no better search than pixels by cosine. The gain of 3 points above the best of the simple ways comes from what we spoiled. The recipe has a long future: today's best networks trained without labels are told
# which changes do not matter (SimCLR, Chen and others, 2020) or must draw what was hidden (masked autoencoders, He and others, 2022).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A map of digits
#
# A code of **two** numbers is a place on a map. *Which digits will have a country of their own, and which will share one?*

# %%
runtime.seed_everything(0)
flat = models.create("autoencoder", code=2)
train.reconstruct(flat, digits, epochs=10, spoil=spoil, progress=False)
with torch.inference_mode():
    places, map_of = flat.encoder(X_test), flat.encoder(X)

# %%
ax = viz.class_map(places, test_digits.labels, xlabel="first number of the code", ylabel="second number")
viz.caption(ax, "1,000 test digits at the places of their codes. The network never saw a label: the colours were added afterwards.")

# %%
on_map = precision(retrieval.nearest(places, map_of, 10))
print(f"precision at 10: on the map {on_map:.0%}, with 16 numbers {precision(by_robust):.0%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Zeros, ones, twos and sevens have a country of their own. Fours and nines share one: they differ by one small arc. In the crowded middle threes, fives, sixes and eights lie over each other: two numbers are too few for ten kinds of digits. Of
# the ten nearest neighbours on the map, only about half have the right label; with 16 numbers it was nine of ten. What lies together may be alike, or may only have
# found no room; and one kind of digit may be spread wide, as the zeros are. Distances on the map prove little.
#
# Nobody told the network that there are ten classes, or which digit is which. The islands are what it found. Their **names** it cannot know; for these a person must look at each island once.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Doubtful ones and sevens
#
# Which ones and sevens live away from their own? For each we divide the mean distance to the nearest five of its own class by that to the nearest five of the other.

# %%
def distance_to(label, of):
    """Mean distance on the map from places `of` (N, 2) to the five nearest training digits with this label: (N,)."""
    return torch.cdist(of, map_of[digits.labels == label]).topk(5, largest=False).values.mean(1)


doubtful = []
for own, other in ((1, 7), (7, 1)):
    mine = (test_digits.labels == own).nonzero()[:, 0]
    ratio = distance_to(own, places[mine]) / distance_to(other, places[mine])
    doubtful += mine[ratio.argsort(descending=True)[:6]].tolist()

# %%
either = ((test_digits.labels == 1) | (test_digits.labels == 7)).nonzero()[:, 0]
marked = [either.tolist().index(i) for i in doubtful]
ax = viz.class_map(places[either], test_digits.labels[either], classes=range(10), marked=marked, xlabel="first number of the code", ylabel="second number")
viz.caption(ax, "The ones and sevens among the test digits. Rings: the six of each with the worst ratio of own to other distance.")

# %%
axes = viz.image_grid(X_test[doubtful], titles=[f"a {test_digits.labels[i]}" for i in doubtful], columns=6)
viz.caption(axes, "The marked digits: the six ones and the six sevens with the worst ratio.", alt="Two rows of six digits. Ones with a flag, a foot or a thick stroke; sevens with a bar through the stem or a short roof.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Look at the marked digits. The ones have a flag at the top, a foot, or a very thick stroke; most of the sevens a bar through the stem, or a short roof. To the network these ones are not "wrong": it knows nothing of ones. They are written
# in a way in which few ones are written, and so they lie far from their island. Some lie between the two islands, some in the crowded middle. We needed the labels to pick them; without labels
# the map would only have shown that they lie on no island.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Walk on the map
#
# Drag A and B to other digits, or the orange point to any place. *Where does this 7 become a 9? And what is drawn where no digit lives?*

# %%
A, B = ((test_digits.labels == label).nonzero()[0].item() for label in (7, 9))
widgets.latent_walk(flat, test_digits, start=A, end=B)

# %% [markdown] slideshow={"slide_type": "skip"}
# The decoder draws what you point at, live. Things to try:
#
# * Walk from this 7 to this 9: at which place does the arc close?
# * Drag B into the ones. Half-way the nearest image may be quite another digit: where few digits live, the nearest lives far off.
# * Drag the point into an empty corner. The decoder draws something all the same: it cannot say "I don't know".
# * `widgets.latent_walk(robust, test_digits)` walks with 16 numbers. Its map shows the two directions in which the codes vary most; the drawings are sharper, the map is more crowded.

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room choose two digits that look alike and two that do not, and guess what lies half-way. The upper row of small pictures answers; the lower one shows what fading would give.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## With a few labels
#
# Now we may ask a person, but only **ten** times: one digit of each class. *How many of 1,000 test digits can be read with that?*

# %%
labelled = digits.subset(10)
axes = viz.image_grid(labelled.images[:, 0], titles=labelled.labels.tolist(), columns=10)
viz.caption(axes, "All the labels that there are.", alt="Ten digits, one of each class, each with its label.")

# %% [markdown] slideshow={"slide_type": "skip"}
# (`subset` picks one of each class, for a fair comparison. In life you would not be so lucky: to pick them one has to know the classes.)
#
# The simplest classifier needs no training: find the nearest labelled digits, let them **vote**. Three of them; where all three differ, the nearest decides. (With one label a class all three always differ, and the nearest decides
# alone. From 100 labels on they really vote.)
#
# ### Your turn: let the neighbours vote
#
# *About 15 minutes.*

# %% tags=["exercise"]
def vote(found_labels):
    """found_labels (Q, k) int64, the nearest neighbour's first -> (Q,) int64: the most frequent; if equal, the nearest's."""
    ### BEGIN SOLUTION
    votes = (found_labels[:, :, None] == found_labels[:, None, :]).sum(2)
    winner = votes.argmax(1, keepdim=True)
    return found_labels.gather(1, winner)[:, 0]
    ### END SOLUTION


# %% tags=["check"]
check.vote(vote)

# %% [markdown] tags=["hint"]
# For one question: how many neighbours have the same label as neighbour i? Count that for each i; the largest count wins.

# %% [markdown] tags=["hint"]
# `argmax` gives the first of several largest ones. The first neighbour is the nearest: the tie is broken as it should be.

# %% [markdown] tags=["hint"]
# A loop over the questions is fine. Without one, `found_labels.gather(1, winner)` takes from each row the column that `winner` (Q, 1) names.

# %%
def read(question_vectors, labelled_vectors, labels):
    """Accuracy of three voters on the test digits."""
    answers = retrieval.vote(labels[retrieval.nearest(question_vectors, labelled_vectors, 3)])
    return (answers == test_digits.labels).float().mean().item()


# %%
labelled_codes = robust.encoder(labelled.images / 255).detach()
by_code, by_pixel = (read(*vectors, labelled.labels) for vectors in ((test_codes, labelled_codes), (X_test, labelled.images / 255)))
print(f"10 labels: {by_pixel:.0%} right by pixels, {by_code:.0%} by code")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### 10, 100, 1,000
#
# Beside the neighbours a LeNet that is trained on the same labelled digits, as they are and distorted.

# %%
few = stored["few_labels"]
counts = [10, 100, 1000]
names = ["nearest by pixels", "nearest by code", "LeNet", "LeNet, distorted digits"]
series = {name: torch.tensor([few[f"{count} labels, {name}"]["accuracy"]["runs"] for count in counts]).T for name in names}

# %%
ax = viz.lines(series, x=counts, xscale="log", xlabel="labels", ylabel="test accuracy")
ax.set_xticks(counts, [f"{count:,}" for count in counts])
viz.caption(ax, "Test accuracy with few labels. The codes were learnt from all 4,000 training digits, without a label.")

# %%
for name, accuracy in series.items():
    print(f"{name:24}", "  ".join(f"{count:5,}: {value:.1%}" for count, value in zip(counts, accuracy.mean(0).tolist())))

# %% tags=["nbval-check-output"]
for rival in ("nearest by pixels", "LeNet", "LeNet, distorted digits"):
    lead = 100 * (series["nearest by code"] - series[rival])
    print(f"codes above {rival:24}", "  ".join(f"{count:5,}: {', '.join(f'{points:+5.1f}' for points in draws)}" for count, draws in zip(counts, lead.T.tolist())))

# %% [markdown] slideshow={"slide_type": "skip"}
# Read it from the left. With **ten** labels everybody is poor, and how poor depends on which ten digits were drawn: the bands are wide. Yet in each of the three draws the codes beat pixels by 10 points or more; LeNet they leave far behind in two, and not in the third. With **a hundred**, ten of each class, the vote by code is
# right for 86 of 100, by pixels for 72, and a LeNet trained on the same hundred digits for 82. If LeNet may distort its digits as we did, it gets 84: behind the codes in each draw, but by 1 to 4 points, and three draws are few. With **a thousand** LeNet
# has overtaken: it learns what matters for *this* question, while the codes were made before anyone asked it. (Not tried here, and the first thing to try: go on training the *encoder* with the labels.)
#
# So what are labels good for? They say what the question is. What pictures have in common can be learnt without them, from all 4,000 digits, and then a few labels go further. Where labels are cheap, train on labels. Where they are dear, first learn
# without.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "A transposed convolution: input 5 x 5, kernel 3, stride 2, padding 1. How long is a side of the output?", "type": "numeric",
     "answers": [{"type": "value", "value": 9, "correct": True, "feedback": "2 x 4 + 3 - 2 = 9."},
                 {"type": "default", "feedback": "s (n - 1) + k - 2p."}]},
    {"question": "What is the target of an autoencoder that is trained to remove noise?", "type": "multiple_choice",
     "answers": [{"answer": "The clean picture", "correct": True, "feedback": "It sees the noisy one and has to draw the clean one."},
                 {"answer": "The noisy picture", "correct": False, "feedback": "Then it would learn to keep the noise."},
                 {"answer": "The label", "correct": False, "feedback": "No label is read."}]},
    {"question": "Ten are found, of which seven have the question's label. What is the precision at 10?", "type": "numeric",
     "answers": [{"type": "value", "value": 0.7, "correct": True, "feedback": "7 of 10."}, {"type": "default", "feedback": "The share of right ones among what was found."}]},
    {"question": "An autoencoder with a code of 784 numbers rebuilds every digit perfectly. What has it learnt?", "type": "multiple_choice",
     "answers": [{"answer": "Perhaps nothing: it can copy", "correct": True, "feedback": "Without a narrow place, or noise, copying is the easiest way."},
                 {"answer": "More than one with 16 numbers", "correct": False, "feedback": "It was not forced to find out what digits have in common."},
                 {"answer": "The labels", "correct": False, "feedback": "It never saw one."}]},
    {"question": "Why do the labels appear in the section on retrieval?", "type": "multiple_choice",
     "answers": [{"answer": "To judge what was found", "correct": True, "feedback": "Search itself needs none."},
                 {"answer": "To train the encoder", "correct": False, "feedback": "It was trained to rebuild pictures."},
                 {"answer": "To compute the distances", "correct": False, "feedback": "Distances are between codes."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * The picture can be the answer: squeeze, rebuild, compare.
# * Stamp and add: transposed convolution.
# * Codes can be searched, mapped, walked, and with them a few labels go further.

# %% [markdown] slideshow={"slide_type": "skip"}
# * Labels are answers that people wrote down. They cost time and contain mistakes. Without them one can compress, find what does not belong, search and draw maps; for *names* at least a few are needed.
# * A transposed convolution of n values has $s(n-1)+k-2p$ values. It is the transpose of a convolution's matrix, and not its inverse.
# * An autoencoder learns what its data have in common because its code is short, or because its input is spoiled.
# * Precision at k is the share of right ones among the k found. Codes of a denoising autoencoder beat raw pixels at it by a clear margin.
# * On a map of two numbers look-alikes are neighbours; between any two codes the decoder draws something.
# * With a hundred labels, neighbours by code read 86 of 100 digits, neighbours by pixels 72, a LeNet trained on those hundred 82, and 84 if it may distort them, too near to call. With a thousand, LeNet wins.
#
# ### Common mistakes
#
# * *"Deconvolution undoes a convolution."* It restores the size, not the values.
# * *Channels of `nn.ConvTranspose2d.weight` in the order of `nn.Conv2d`.* Here the input's come first.
# * *A kernel that is no multiple of the stride.* It leaves a checkerboard.
# * *Comparing with the noisy picture.* A denoising autoencoder is judged by the clean one.
# * *Reading distances off the map.* Two numbers cannot keep all strangers apart: what lies together on the map may be far apart with 16.
# * *Averaging labels of neighbours.* Between a 1 and a 7 there is no 4: labels are names.
# * *Forgetting the strong simple rival.* Without the bar of raw pixels 88 % would sound like a success.
#
# ### Papers
#
# * G. E. Hinton, R. R. Salakhutdinov (2006). "Reducing the dimensionality of data with neural networks". *Science*.
# * P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol (2008). "Extracting and composing robust features with denoising autoencoders". *ICML*.
# * A. Krizhevsky, G. E. Hinton (2011). "Using very deep autoencoders for content-based image retrieval". *ESANN*.
# * V. Dumoulin, F. Visin (2016). "A guide to convolution arithmetic for deep learning". *arXiv:1603.07285*.
# * A. Odena, V. Dumoulin, C. Olah (2016). "Deconvolution and checkerboard artifacts". *Distill*.
# * T. Cover, P. Hart (1967). "Nearest neighbor pattern classification". *IEEE Transactions on Information Theory*.
# * D. P. Kingma, M. Welling (2014). "Auto-encoding variational Bayes". *ICLR*.
# * T. Chen, S. Kornblith, M. Norouzi, G. E. Hinton (2020). "A simple framework for contrastive learning of visual representations". *ICML*.
# * K. He, X. Chen, S. Xie, Y. Li, P. Dollár, R. Girshick (2022). "Masked autoencoders are scalable vision learners". *CVPR*.
# * C. G. Northcutt, A. Athalye, J. Mueller (2021). "Pervasive label errors in test sets destabilize machine learning benchmarks". *NeurIPS Datasets and Benchmarks*.
