# ---
# title: Batch normalisation
# question: Why does a deep network learn better when its layers see standardised numbers?
# minutes: 160
# builds_on: [3, 4, 6]
# goals:
#   - normalise a batch of features and a batch of feature maps by hand, and say which axes the statistics run over
#   - keep running statistics as PyTorch does, and explain what changes between training and evaluation
#   - derive the gradient of batch normalisation and check it against autograd
#   - measure what it does for the learning rate and with batches of 2 to 512, and say which explanations hold
#   - normalise one batch over several devices, and fold the layer into a convolution
# ---

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn
from utils import data, models, runtime, train, viz, widgets
from utils.checks import ch08 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Layers that chase each other
#
# The sixth layer learns from what the fifth gives it. But the fifth is learning too: in each step its output **moves**. The deeper a layer
# sits, the more is moving under its feet.

# %% [markdown] slideshow={"slide_type": "skip"}
# Let us watch. A network of eight dense layers learns the digits. In each step we write down what arrives at its last hidden layer, before the activation: the value in the middle, and the
# borders of the middle 70 %. The activation is the sigmoid, as in the paper of 2015 that this chapter is about.
#
# Then the same network with **batch normalisation**, which gives each unit's numbers mean 0 and variance 1 in every batch, and then lets the network rescale them. *What will its three curves look like?*

# %%
def deep(norm=False, width=64, depth=8):
    sizes = [784] + depth * [width]
    layers = [nn.Flatten()]
    for n, m in zip(sizes, sizes[1:]):
        layers += [nn.Linear(n, m), *([nn.BatchNorm1d(m)] if norm else []), nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Linear(width, 10))


# %%
def watch(model, split, steps=200):
    """Train, and after each step note three percentiles of what reaches the last sigmoid, and the loss: (4, steps)."""
    notes, seen = [], []
    model[-2].register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0].detach()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for X, y in list(split.loader(50, shuffle=True, seed=0)) * (steps * 50 // len(split)):
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        notes.append([*seen.pop().quantile(torch.tensor([0.15, 0.5, 0.85])).tolist(), loss.item()])
    return torch.tensor(notes).T


# %%
digits, test_digits = data.mnist("embedded")
notes = {}
for name, norm in {"without": False, "with batch norm": True}.items():
    runtime.seed_everything(0)
    notes[name] = watch(deep(norm), digits.subset(2000), steps=400)

# %%
import matplotlib.pyplot as plt
_, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
for ax, (name, note) in zip(axes, notes.items()):
    borders = {"15 % lie below": note[0], "the middle": note[1], "85 % lie below": note[2]}
    viz.lines(borders, ax=ax, title=name, xlabel="step", ylabel="input of the last sigmoid")
axes[1].get_legend().remove()
viz.caption(axes[0], "What arrives at the last hidden layer, before its sigmoid, while the network learns.")

# %%
ax = viz.lines({name: note[3].unfold(0, 20, 20).mean(1) for name, note in notes.items()}, x=range(20, 401, 20), xlabel="step", ylabel="loss")
viz.caption(ax, "Loss on the training digits, mean of 20 steps: one network learns, the other does not.")

# %%
losses = {name: note[3, -40:].mean().item() for name, note in notes.items()}
print({name: round(loss, 2) for name, loss in losses.items()})
assert losses["with batch norm"] < 0.7 < 2 < losses["without"]

# %% [markdown] slideshow={"slide_type": "skip"}
# On the left the whole layer slides downhill, and its band shrinks. Where the numbers lie is not what stops the network (on the right they go as far out); it is that they hardly differ any more: all units say the same about every digit. Guessing among ten
# classes costs a loss of $\ln 10 = 2.30$, and there it stays. On the right the band is as wide as at the start, or wider, and the network learns.
#
# To be fair: on the right we look just behind a batch norm, so the first middle near zero is its doing and no surprise. And eight sigmoids in a row with PyTorch's default weights are a hard case. ReLU and Kaiming's initialisation (chapter 06) would have helped as well. But they help at the *start*; what we are about to build helps
# in every step.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Standardise, in every step
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} \qquad y = \gamma\,\hat x + \beta$$
#
# $\mu$ and $\sigma^2$: mean and variance of one feature **over the batch**. $\gamma$ and $\beta$ are learned.

# %% [markdown] slideshow={"slide_type": "skip"}
# A batch of four examples with three features. *Before you run it: which column will be the hardest to standardise?*

# %%
X = torch.tensor([[1.0, 10, 5], [3, 30, 5], [5, 20, 5], [7, 60, 5]])
mean, variance = X.mean(0), X.var(0, correction=0)
X_hat = (X - mean) / (variance + 1e-5).sqrt()
axes = viz.number_row({"X": X, "X - mean": X - mean, "X_hat": X_hat}, roles={"X_hat": "feature_map"})
viz.caption(axes, "Rows are examples, columns are features. Each column is standardised by itself. In the last two, red is above zero, blue below.")

# %% tags=["nbval-check-output"]
print("mean of each feature:    ", mean.tolist())
print("variance of each feature:", variance.tolist())

# %% [markdown] slideshow={"slide_type": "skip"}
# The first two columns end up on one scale, though one was ten times larger. The third is the same in every example: its variance is 0. Without $\varepsilon$ (epsilon, 1e-5 in PyTorch)
# this would be 0 / 0. With it, the column becomes 0.
#
# Four details decide whether your numbers will equal PyTorch's:
#
# 1. The variance divides by the number of examples $B$, not by $B - 1$. (`torch.var` divides by $B - 1$ unless you say `correction=0`.)
# 2. $\varepsilon$ stands **under** the root, beside the variance.
# 3. First $\gamma$ multiplies, then $\beta$ is added. Both have one number for each feature.
# 4. At the start $\gamma = 1$ and $\beta = 0$.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Why gamma and beta?
#
# A layer may *want* another mean or a larger spread. With $\gamma = \sqrt{\sigma^2 + \varepsilon}$ and $\beta = \mu$ it gets its input back: the layer can still be the identity.

# %% tags=["nbval-check-output"]
gamma, beta = (variance + 1e-5).sqrt(), mean
print("gamma * X_hat + beta equals X:", torch.allclose(gamma * X_hat + beta, X))
print("equals nn.BatchNorm1d:        ", torch.allclose(nn.BatchNorm1d(3)(X), X_hat, atol=1e-4))

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask: if the layer can undo the normalisation, what was it good for? Answer: mean and spread are now two numbers that are learned directly, and no longer a side effect of all weights below.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: batch normalisation of features
#
# In training, so with the statistics of the batch. *About 10 minutes.*

# %% tags=["exercise"]
def batch_norm_dense(X, gamma, beta, eps):
    """X (B, D), gamma and beta (D,) -> (B, D): every feature standardised over the batch, scaled and shifted."""
    ### BEGIN SOLUTION
    mean, variance = X.mean(0), X.var(0, correction=0)
    return gamma * (X - mean) / (variance + eps).sqrt() + beta
    ### END SOLUTION


# %% tags=["check"]
check.batch_norm_dense(batch_norm_dense)

# %% [markdown] tags=["hint"]
# `X.mean(0)` has the shape (D,): one mean for each column. PyTorch repeats it for every row when you subtract it from X.

# %% [markdown] tags=["hint"]
# The variance that normalises is `X.var(0, correction=0)`. Add eps to it before you take the root.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Small batches
#
# Take batches of **two**. *Which values can $\hat x$ have?*

# %% tags=["nbval-check-output"]
two = torch.tensor([[3.0, -20, 0.10], [4.0, 50, 0.12]])
for row in nn.BatchNorm1d(3)(two).tolist():
    print([round(value, 2) for value in row])

# %% [markdown] slideshow={"slide_type": "skip"}
# One of the two is always below the mean and the other as far above it: -1 and +1, whatever the numbers were, as long as they differ. Gamma and beta cannot undo this, for they are the same for every batch, and the mean is not. All that a feature can still say is *which of the two has more of me*. (0.95 is
# $\varepsilon$ at work: it is no longer small beside a variance of 0.0001.)
#
# With a batch of **one**, every feature is its own mean, and $\hat x = 0$: nothing is left. PyTorch refuses:

# %% tags=["nbval-check-output"]
try:
    nn.BatchNorm1d(3)(two[:1])
except ValueError as error:
    print(error)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## In a convolution: per channel
#
# A kernel is the same at every place. So its map is normalised by the same numbers everywhere: one mean and one variance for each **channel**, over batch, height and width.

# %% tags=["nbval-check-output"]
maps = torch.randn(8, 6, 14, 14) * 3 + 1
print("mean of each channel:", tuple(maps.mean((0, 2, 3)).shape), " from", 8 * 14 * 14, "values each")
print("parameters of BatchNorm2d(6):", sum(p.numel() for p in nn.BatchNorm2d(6).parameters()))

# %% [markdown] slideshow={"slide_type": "skip"}
# A pixel of a map is no feature of its own. If every place had its own mean, a digit that moves by one pixel would meet other numbers, and the weight sharing of chapter 01 would be undone.
#
# Where to put the layer? The paper puts it between the convolution and the activation, and most networks since do: conv, BN, ReLU. The convolution's **bias** is then of no use. *Why?*

# %% tags=["nbval-check-output"]
conv, norm = nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6)
images = torch.randn(4, 3, 8, 8)
before = norm(conv(images))
conv.bias.data += 100
print("a bias larger by 100 changes nothing:", torch.allclose(norm(conv(images)), before, atol=1e-3))

# %% [markdown] slideshow={"slide_type": "skip"}
# The mean moves along with the bias, and is subtracted. So networks with batch norm write `nn.Conv2d(..., bias=False)`: $\beta$ does the bias's work.
#
# ### Your turn: batch normalisation of feature maps
#
# *About 10 minutes.*

# %% tags=["exercise"]
def batch_norm_conv(X, gamma, beta, eps):
    """X (B, C, H, W), gamma and beta (C,) -> (B, C, H, W): every channel standardised, scaled and shifted."""
    ### BEGIN SOLUTION
    mean = X.mean((0, 2, 3), keepdim=True)
    variance = X.var((0, 2, 3), correction=0, keepdim=True)
    X_hat = (X - mean) / (variance + eps).sqrt()
    return gamma.view(1, -1, 1, 1) * X_hat + beta.view(1, -1, 1, 1)
    ### END SOLUTION


# %% tags=["check"]
check.batch_norm_conv(batch_norm_conv)

# %% [markdown] tags=["hint"]
# Mean and variance can run over several axes at once: `X.mean((0, 2, 3), keepdim=True)` has the shape (1, C, 1, 1).

# %% [markdown] tags=["hint"]
# Shapes are matched from the right. gamma (C,) would meet the width; give it the shape (1, C, 1, 1) with `view`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two lives: training and evaluation
#
# In training, each image is normalised with its batch. In use there is none: a bank's scanner reads one cheque at a time.

# %% [markdown] slideshow={"slide_type": "skip"}
# We train a LeNet with batch norm (`fit` leaves it in evaluation mode), and pick the test digit whose right class gets nearest to 80 %: surer ones would move less. We show it to the network 200 times in training mode, each time with 15 other
# digits. *How far will the probability of its class move?*

# %%
runtime.seed_everything(0)
net = models.create("lenet_bn")
train.fit(net, digits, epochs=4, progress=False)
X, y = test_digits.normalised(), test_digits.labels
sure = net(X).softmax(1).gather(1, y[:, None])[:, 0]
doubtful = (sure - 0.8).abs().argmin()
viz.caption(viz.image_grid(test_digits.images[doubtful, None]), f"A {y[doubtful].item()}, and the network is {sure[doubtful]:.0%} sure of it.")

# %%
import copy
alive = copy.deepcopy(net).train()
with torch.inference_mode():
    companies = [torch.cat([X[doubtful, None], X[torch.randperm(len(X))[:15]]]) for _ in range(200)]
    shares = torch.stack([alive(batch).softmax(1)[0, y[doubtful]] for batch in companies])
ax = viz.histogram(shares, bins=20, xlabel=f"probability of the class {y[doubtful].item()}, the right one", ylabel="times, of 200")
ax.axvline(sure[doubtful].item(), color=viz.KERNEL, linewidth=3)
viz.caption(ax, "One digit in 200 companies, in training mode. Orange: its one answer in evaluation mode.")

# %%
print(f"in training mode from {shares.min():.0%} to {shares.max():.0%}; in evaluation mode {sure[doubtful]:.0%}")
assert shares.max() - shares.min() > 0.1

# %% [markdown] slideshow={"slide_type": "skip"}
# The same digit, the same weights, and an answer that depends on the **company** in the batch. For evaluation, batch norm therefore takes fixed numbers: **running** averages of the means and variances that it met in
# training. `model.eval()` switches over, `model.train()` back.
#
# What if you forget it? We test the network in evaluation mode, with the digits mixed and sorted by class, in batches of 100; and in training mode, mixed, mixed in batches of 4, and sorted. *In which of these five will the accuracy suffer, and in which will it collapse?*

# %%
def tested(model, order, batch_size):
    with torch.inference_mode():
        logits = torch.cat([model(X[part]) for part in order.split(batch_size)])
    return (logits.argmax(1) == y[order]).float().mean().item()


# %%
mixed, by_class = torch.randperm(len(y)), y.argsort()
accuracy = {
    "evaluation, mixed digits": tested(net, mixed, 100),
    "evaluation, one class at a time": tested(net, by_class, 100),
    "training mode, mixed digits": tested(alive, mixed, 100),
    "training mode, batches of 4": tested(alive, mixed, 4),
    "training mode, one class at a time": tested(alive, by_class, 100),
}

# %%
ax = viz.bars(accuracy, xlabel="accuracy", form="{:.1%}")
viz.caption(ax, "The same weights. Forget model.eval(), and the accuracy depends on how the test digits are batched.")

# %%
assert accuracy["evaluation, mixed digits"] == accuracy["evaluation, one class at a time"] > 0.93
assert accuracy["training mode, one class at a time"] < 0.7

# %% [markdown] slideshow={"slide_type": "skip"}
# The test set has 100 digits of each class. A hundred sevens among themselves: what they have in common, being sevens, *is* the mean, and is subtracted. Mixed batches of 100 are as good as evaluation, which is why this mistake can live in a program for
# months. And there is more damage: a forward pass in training mode also **moves** the running averages.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Running statistics
#
# After each training batch, with momentum $m = 0.1$:
#
# $$\text{running} \leftarrow (1 - m)\,\text{running} + m\,\text{new}$$
#
# They start at mean 0 and variance 1.

# %% tags=["nbval-check-output"]
norm = nn.BatchNorm1d(1)
batches = [torch.tensor([[4.0], [6.0]]), torch.tensor([[7.0], [9.0]])]
for batch in batches:
    norm(batch)
    print(f"batch mean {batch.mean():.0f}   running mean {norm.running_mean.item():.3f}   running variance {norm.running_var.item():.3f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Check the mean: 0.9 x 0 + 0.1 x 5 = 0.5, then 0.9 x 0.5 + 0.1 x 8 = 1.25. And the variance? Both batches have the variance $((-1)^2 + 1^2) / 2 = 1$, and 0.9 x 1 + 0.1 x 1 would stay at 1. But PyTorch says 1.1.
#
# It stores the **unbiased** variance, divided by $n - 1$: here 2. Why two variances? The batch is normalised with its own spread, divided by $n$: so the result has variance 1. The running
# variance *estimates* the spread of all data, and dividing by $n$ estimates it too small, since a batch is always closer to its own mean than to the true one. $n$ counts all values of a channel: $B \cdot H \cdot W$.
#
# One trap: in PyTorch momentum is the weight of the **new** value, 0.1. In Keras it is the weight of the **old** value (default 0.99): PyTorch's 0.1 would be written 0.9 there. It has nothing to do with the momentum of SGD.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Watch them follow
#
# Values of one feature, from a population with mean 2 and variance 4. Ten batches are through; show the layer more.

# %%
widgets.batch_norm(trained=10)

# %% [markdown] slideshow={"slide_type": "skip"}
# Try this:
#
# * Batches of 2, momentum 0.1, twenty batches. How restless is the running mean? And with batches of 64?
# * Momentum 1: only the last batch counts. Momentum 0.01: quiet, but after twenty batches still far from the truth.
# * Switch to evaluation and show further batches. What stands still?
# * eps 1: which rows shrink?

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask the room to predict the running mean after three batches with momentum 0.5. Then ask what a network evaluated after only five training steps would do: its running averages still remember the 0 and the 1 that they started from.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: running statistics
#
# One update, as PyTorch does it. *About 10 minutes.*

# %% tags=["exercise"]
def update_running(running_mean, running_var, X, momentum):
    """running_mean, running_var (C,), a batch X (B, C, H, W) -> the new running mean and running variance, both (C,)."""
    ### BEGIN SOLUTION
    new_mean, new_var = X.mean((0, 2, 3)), X.var((0, 2, 3), correction=1)
    return (1 - momentum) * running_mean + momentum * new_mean, (1 - momentum) * running_var + momentum * new_var
    ### END SOLUTION


# %% tags=["check"]
check.update_running(update_running)

# %% [markdown] tags=["hint"]
# `correction=1`, the default of `var`, divides by n - 1. Return two new tensors; leave the old ones as they are.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: a layer with two lives
#
# Put it together. `gamma` and `beta` are parameters, which an optimiser changes. `running_mean` and `running_var` are **buffers**: saved with the weights, moved to the GPU with them, but never touched by an optimiser. To update
# one, `self.running_mean = ...` is enough; you may call your `update_running`.
#
# The check leads your layer and `nn.BatchNorm2d` through three training batches, the way back, and evaluation, and compares outputs, gradients and buffers. *About 25 minutes.*

# %% tags=["exercise"]
class BatchNorm(nn.Module):
    """Batch normalisation of X (B, C, H, W): parameters gamma, beta; buffers running_mean, running_var, all (C,)."""

    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        ### BEGIN SOLUTION
        self.gamma, self.beta = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = X.mean((0, 2, 3)), X.var((0, 2, 3), correction=0)
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_var.lerp_(X.detach().var((0, 2, 3)), self.momentum)
        scale = self.gamma / (var + self.eps).sqrt()
        return (X - mean.view(1, -1, 1, 1)) * scale.view(1, -1, 1, 1) + self.beta.view(1, -1, 1, 1)
        ### END SOLUTION


# %% tags=["check"]
check.batch_norm_layer(BatchNorm)

# %% [markdown] tags=["hint"]
# `self.register_buffer("running_mean", torch.zeros(channels))` makes a buffer; read it as `self.running_mean`. `self.training` is True in training mode.

# %% [markdown] tags=["hint"]
# The running statistics must not keep the graph of every batch alive: update them from `X.detach()`. But mean and variance that *normalise* keep their graph. They depend on X, and its gradient goes through them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The way back
#
# Move one value a little: it moves itself, **and** the mean, **and** the variance. So it moves the outputs of all its neighbours.

# %% [markdown] slideshow={"slide_type": "skip"}
# For one feature, write $s = \sqrt{\sigma^2 + \varepsilon}$ and $\hat x_j = (x_j - \mu) / s$. If $x_i$ grows by a little:
#
# * the mean grows by $\frac{1}{B}$ of it,
# * so does the root: $\frac{\partial s}{\partial x_i} = \frac{1}{2 s} \cdot \frac{2 (x_i - \mu)}{B} = \frac{\hat x_i}{B}$.
#
# (The variance's derivative has a term for the mean's move, too. It is $-\frac{2}{B}\sum_j (x_j - \mu) \frac{1}{B} = 0$.) With the quotient rule,
#
# $$\frac{\partial \hat x_j}{\partial x_i} = \frac{1}{s}\,\frac{\partial (x_j - \mu)}{\partial x_i} - \frac{x_j - \mu}{s^2}\,\frac{\partial s}{\partial x_i} = \frac{1}{s}\left(\delta_{ij} - \frac{1}{B} - \frac{\hat x_i \hat x_j}{B}\right)$$
#
# where $\delta_{ij}$ is 1 for $i = j$, else 0. Now let $u_j$ be the gradient that arrives for the output $y_j$. It passes $\gamma$ first: $g_j = \gamma u_j$. Summed over all $j$:
#
# $$\frac{\partial L}{\partial x_i} = \frac{1}{s}\Big(g_i - \operatorname{mean}(g) - \hat x_i \operatorname{mean}(g\,\hat x)\Big)
# \qquad \frac{\partial L}{\partial \gamma} = \sum_j u_j \hat x_j \qquad \frac{\partial L}{\partial \beta} = \sum_j u_j$$
#
# Three terms: my own way, minus the way through the mean, minus the way through the variance.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What does the gradient lose?
#
# Add up the gradient over the batch. Then add up gradient times $\hat x$. *What do the two sums come to?*

# %% tags=["nbval-check-output"]
runtime.seed_everything(0)
x = torch.randn(10, 1, dtype=torch.float64, requires_grad=True)
x_hat = F.batch_norm(x, None, None, training=True, eps=1e-12)
(gradient,) = torch.autograd.grad(x_hat, x, torch.randn(10, 1, dtype=torch.float64))
print(f"sum of the gradient:                {abs(gradient.sum()):.6f}")
print(f"sum of the gradient times x_hat:    {abs((gradient * x_hat).sum()):.6f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Zero, both: the mean is subtracted from the gradient, and so is its part along $\hat x$. No gradient asks to shift all values together, for a shift changes nothing; none asks to stretch them all, for a stretch changes nothing either. (The second holds
# but for $\varepsilon$, so we took a tiny one.)
#
# ### Your turn: the way back
#
# `upstream` is the $u$ of the formulas. *About 20 minutes.*

# %% tags=["exercise"]
def batch_norm_gradient(X, gamma, upstream, eps):
    """X, upstream (B, D), gamma (D,) -> gradients for X (B, D), for gamma (D,) and for beta (D,)."""
    ### BEGIN SOLUTION
    root = (X.var(0, correction=0) + eps).sqrt()
    X_hat = (X - X.mean(0)) / root
    g = gamma * upstream
    for_X = (g - g.mean(0) - X_hat * (g * X_hat).mean(0)) / root
    return for_X, (upstream * X_hat).sum(0), upstream.sum(0)
    ### END SOLUTION


# %% tags=["check"]
check.batch_norm_gradient(batch_norm_gradient)

# %% [markdown] tags=["hint"]
# Go forward first: you need the root and X_hat again. All means and sums run over the batch, axis 0.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Larger learning rates
#
# Multiply all weights in front of a batch norm by 10. *What happens to its output? And to the gradient of the weights?*

# %% tags=["nbval-check-output"]
runtime.seed_everything(0)
inputs, weight, upstream = torch.randn(32, 20), torch.randn(5, 20), torch.randn(32, 5)
sizes = {}
for factor in (1, 10):
    w = (factor * weight).requires_grad_()
    output = F.batch_norm(inputs @ w.T, None, None, training=True)
    sizes[factor] = output.detach(), torch.autograd.grad(output, w, upstream)[0].norm().item()
print("output the same:", torch.allclose(sizes[1][0], sizes[10][0], atol=1e-4))
print(f"gradient {sizes[1][1] / sizes[10][1]:.2f} times smaller")

# %% [markdown] slideshow={"slide_type": "skip"}
# The output does not care, and the gradient gets ten times **smaller**. So a step that was much too large, and made the weights huge, makes the next steps tiny: a brake that applies itself. (Beside
# weights ten times larger, such a step counts a hundred times less. Weight decay shrinks the weights, and so makes the steps count for more.)
#
# Is it so in a whole network? We trained LeNet on the colour digits of chapter 05 (4,000 digits on pieces of photographs) by SGD with momentum, at six learning rates, three times each, with batch norm and without. (`benchmarks/accuracy.py` does it; it takes minutes, so its results are stored.)

# %%
claims = runtime.results("accuracy")["claims"]


def runs(claim, labels):
    """Test accuracy of some variants of a stored measurement: (seeds, variants)."""
    return torch.tensor([claims[claim]["variants"][label]["accuracy"]["runs"] for label in labels]).T


# %%
rates = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
series = {f"{name} batch norm": runs("batch_norm_learning_rate", [f"{name} batch norm, lr {lr:g}" for lr in rates]) for name in ("without", "with")}
ax = viz.lines(series, x=rates, xscale="log", xlabel="learning rate", ylabel="test accuracy")
ax.set_xticks(rates, rates)
viz.caption(ax, "LeNet on colour digits after 3 epochs of SGD with momentum 0.9.")

# %%
for name, accuracy in series.items():
    print(f"{name:20}", "  ".join(f"lr {lr:g}: {value:.0%}" for lr, value in zip(rates, accuracy.mean(0).tolist())))
assert series["with batch norm"][:, :5].mean(0).min() > 0.8 > 0.5 > series["without batch norm"][:, [0, 3, 4, 5]].max()

# %% [markdown] slideshow={"slide_type": "skip"}
# Without batch norm there is one good learning rate among the six, and a step to either side costs 18 points or 48. With batch norm, every rate from 0.003 to 0.3 trains: a hundredfold range. That is what practitioners love
# it for. You need not find the one rate.
#
# And at the best rate of each? The mean is higher with batch norm, but the bands of three runs overlap: from this figure alone you could not claim that batch norm is *better* once the learning rate is right. You
# can claim that it is far easier to get right.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why does it work? The story of 2015
#
# Ioffe and Szegedy: layers chase a moving target, the **internal covariate shift**. Batch norm holds it still, so they learn faster.

# %% [markdown] slideshow={"slide_type": "skip"}
# It is a good story, and the first figure of this chapter tells it. But a story that fits is not yet evidence. A test would be: keep the batch norm, and make the shift *worse*. If the shift is what hurts, the advantage must go.
#
# Santurkar, Tsipras, Ilyas and Madry did this in 2018: behind each batch norm they added noise whose mean and spread jumped in every step. We repeated the idea with LeNet.

# %%
class Jumps(nn.Module):
    """Behind a batch norm, in training: each channel gets a random shift and a random scale, new in every step."""

    def forward(self, X):
        shift, scale = torch.randn(2, 1, X.shape[1], *[1] * (X.ndim - 2)) * 0.5
        return X * (1 + scale) + shift if self.training else X


# %%
def movement(net, split, steps=40):
    """How far a unit's mean before F6's ReLU moves from step to step while the net learns, in standard deviations."""
    seen, optimizer = [], torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    net.act6.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0].detach()))
    for X, y in list(split.loader(64, shuffle=True, seed=0))[:steps]:
        optimizer.zero_grad()
        F.cross_entropy(net(X), y).backward()
        optimizer.step()
    seen = torch.stack(seen)  # (steps, images, units)
    return (seen.mean(1).diff(dim=0).abs().mean(0) / seen.std(1).mean(0)).mean().item()


# %%
colour_digits, _ = data.colour_digits()
moved = {}
for name, jumps in {"lenet": False, "lenet_bn": False, "lenet_bn with jumps": True}.items():
    runtime.seed_everything(0)
    lenet = models.create(name.split()[0], channels=3, size=32)
    for norm in ("bn1", "bn3", "bn5", "bn6") if jumps else ():
        setattr(lenet, norm, nn.Sequential(getattr(lenet, norm), Jumps()))
    moved[name] = movement(lenet, colour_digits)
print({name: round(value, 2) for name, value in moved.items()})
assert moved["lenet_bn with jumps"] > 2 * moved["lenet"] > 10 * moved["lenet_bn"]

# %% [markdown] slideshow={"slide_type": "skip"}
# With batch norm the mean stands nearly still, as it must; with the jumps it moves more than three times as far as without batch norm. We trained all three to the end, three times each. *Where will the third bar end?*

# %%
labels = ["without batch norm", "with batch norm", "with batch norm and shifting noise"]
found = dict(zip(labels, runs("batch_norm_unsettled", labels).T))
ax = viz.bars({k: v.mean().item() for k, v in found.items()}, {k: v.std().item() for k, v in found.items()}, xlabel="test accuracy", form="{:.1%}")
viz.caption(ax, "LeNet on colour digits, 4 epochs; mean and standard deviation of 3 seeds.")
assert found[labels[2]].min() > found[labels[0]].max()

# %% [markdown] slideshow={"slide_type": "skip"}
# The noise costs five points, and twelve of the seventeen that batch norm had won remain, far outside the spread of the seeds. Inputs that never settle are no help, but they do not undo what batch norm does. So a
# quieter target cannot be the main reason.
#
# What then? Their answer: batch norm makes the loss **smoother**. A step along the gradient meets fewer surprises, so gradients can be trusted further and steps may be larger. That fits the
# brake that you saw above, and the learning rates. It is not the last word: Bjorck and others (2018) found that without batch norm, activations and gradients simply grow with depth until only tiny rates are safe.
# What you can take home is *that* it allows larger steps; *why* has more than one good answer, and the first one given was not the best.

# %% [markdown] slideshow={"slide_type": "notes"}
# This is a rare case where a method was everywhere before its explanation was tested, and then the explanation fell while the method stayed. Ask: which other explanations in this course have been tested, and which have only been told?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Batches of 2 to 512: how noisy is a mean?
#
# The batch's mean is an estimate. *Four times the images: how much better does it get?*

# %%
up_to_f6 = nn.Sequential(*list(net)[:-3])  # without the last batch norm, activation and output
with torch.inference_mode():
    features = up_to_f6(digits.normalised())

# %%
sizes = [2, 4, 8, 16, 32, 64, 128, 256, 512]
drawn = [torch.stack([features[torch.randint(len(features), (size,))].mean(0) for _ in range(300)]) for size in sizes]
noise = [((means - features.mean(0)).std(0) / features.std(0)).mean().item() for means in drawn]
ax = viz.lines({"1 / root of the batch size": [size**-0.5 for size in sizes]}, x=sizes, xscale="log", yscale="log", xlabel="images in the batch", ylabel="noise of the mean")
ax.plot(sizes, noise, "o", markersize=10, color=viz.KERNEL, label="measured")
ax.set_xticks(sizes, sizes)
ax.set_yticks(marks := [0.05, 0.1, 0.2, 0.5], marks)
ax.minorticks_off()
ax.legend()
viz.caption(ax, "How far the mean of a batch lies from the true mean, in units of the feature's standard deviation. Layer F6 of LeNet.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Half the error for four times the images. With 512 images $\mu$ is off by 4 % of a standard deviation, with 2 images by 71 %. This noise is in every forward pass of training, different each time, like dropout's.
#
# Noise can be good: a network that gets along with it cannot rely on fine details of single images (Luo, Wang, Shao and Peng, 2019, derive how it acts as a regulariser). Too much of it drowns the signal. To see only this effect, we must
# not change the number of steps. So every run below takes the same 64 steps with 512 images; but the images are **normalised in parts**, of 2 to 512.

# %%
labels = [f"parts of {size}" for size in sizes]
plain = runs("batch_norm_parts", ["without batch norm"]).expand(3, len(sizes))
series = {"without batch norm": plain, "normalised in parts": runs("batch_norm_parts", labels)}
ax = viz.lines(series, x=sizes, xscale="log", xlabel="images normalised together", ylabel="test accuracy")
ax.lines[0].set_marker("")  # one measurement, not nine
ax.legend()
ax.set_xticks(sizes, sizes)
viz.caption(ax, "LeNet on colour digits, 64 steps of 512 images.")

# %%
kept = claims["batch_norm_parts"]["variants"]
for label in ["without batch norm", *labels]:
    train_accuracy, accuracy = (kept[label][key] for key in ("train_accuracy", "accuracy"))
    print(f"{label:20}", *(f"{name} {a['mean']:5.1%} +- {a['std']:.1%}  " for name, a in (("train", train_accuracy), ("test", accuracy))))
assert runs("batch_norm_parts", labels[:1]).max() < 0.5 < 0.8 < runs("batch_norm_parts", labels[1:]).min()

# %% [markdown] slideshow={"slide_type": "skip"}
# Two images: a quarter right. That is more than the 10 % of guessing, and far less than without batch norm. The dense layers saw nothing but -1 and +1 in training and meet other numbers in evaluation. Four: some points lost. From eight on, the test accuracy is the same within the
# noise, all the way to 512: this network needs no large batches for its statistics.
#
# Now read the column *train*, the training digits in evaluation mode, from 8 to 512: it rises by 2 points, far beyond the spread of the seeds, and the test accuracy does not move. The smaller the parts, the less closely the network fits the digits that it trains
# on. That is what a regulariser does: it narrows the gap between train and test. (With 2 and 4, training and evaluation also see different numbers, which costs accuracy on both.) On test digits it gains nothing here. Whether it does depends on the data; do not expect it as a gift.
#
# And in daily use, when the batch size itself changes? Then the number of steps changes too, so each size gets its own learning rate, and is compared with the same network without batch norm.

# %%
batches = [2, 4, 8, 32, 128, 512]
series = {f"{name} batch norm": runs("batch_norm_batch_size", [f"{name} batch norm, batch {size}" for size in batches]) for name in ("without", "with")}
ax = viz.lines(series, x=batches, xscale="log", xlabel="batch size", ylabel="test accuracy")
ax.set_xticks(batches, batches)
viz.caption(ax, "LeNet on colour digits, 3 epochs of Adam, its rate growing with the root of the batch size.")

# %%
for name, accuracy in series.items():
    print(f"{name:20}", "  ".join(f"{size}: {value:.0%}" for size, value in zip(batches, accuracy.mean(0).tolist())))
assert (series["with batch norm"][:, 2:].amin(0) > series["without batch norm"][:, 2:].amax(0)).all()
assert series["with batch norm"][:, 0].max() < 0.5 < series["without batch norm"][:, 0].min()

# %% [markdown] slideshow={"slide_type": "skip"}
# Compare the two curves at each size. With batches of 2 batch norm ruins the network: 23 % against 79 %. With 4 it neither helps nor hurts. From 8 to 512 it helps, by 6 to 17 points.
#
# Both curves fall on the right, for a reason that has nothing to do with batch norm: after 3 epochs, batches of 512 have made 24 steps, batches of 2 have made 6,000. (Masters and Luschi, 2018, argue for small batches; Wu and He, 2018, show on ImageNet how batch norm loses below
# about 16 images, and propose group norm, which you will meet below.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Several devices
#
# Eight GPUs with 4 images each: a batch of 32 for the optimiser. And for batch norm? Each GPU sees **its own 4**.

# %% tags=["nbval-check-output"]
batch, norm = colour_digits.normalised(slice(0, 32)), nn.BatchNorm2d(3)
together = norm(batch)
apart = torch.cat([norm(part) for part in batch.chunk(8)])
print(f"largest difference between one device and eight: {(together - apart).abs().max():.1f} standard deviations")

# %% [markdown] slideshow={"slide_type": "skip"}
# The images are the same, the outputs are not, and the noise is that of batches of 4. Where this hurts (detectors with two large images a GPU), **synchronised** batch norm helps: before they normalise, the devices exchange a few
# numbers for each channel, the sum, the sum of the squares and the count. In PyTorch, `nn.SyncBatchNorm.convert_sync_batchnorm(model)` does that to a whole model.
#
# Can the eight results be put together? The means: yes. All hold equally many images, so their mean is the mean of all. The variances: *is the mean of the variances the variance of all?*

# %% tags=["nbval-check-output"]
parts = batch.chunk(8)
variances = torch.stack([part.var((0, 2, 3), correction=0) for part in parts])
print("variance of all:       ", [round(v, 3) for v in batch.var((0, 2, 3), correction=0).tolist()])
print("mean of the variances: ", [round(v, 3) for v in variances.mean(0).tolist()])

# %% [markdown] slideshow={"slide_type": "skip"}
# Too small: inside each part the values lie closer to their own mean. What is missing is how far the means lie apart.
#
# ### Your turn: several devices, one batch
#
# What synchronised batch norm must get out of the parts, which need not be equally large. `counts` are integers: how many values of a channel each device has. *About 15 minutes.*

# %% tags=["exercise"]
def synchronise(means, variances, counts):
    """means, variances (devices, C), each divided by its own count; counts (devices,) -> mean (C,), variance (C,) of all."""
    ### BEGIN SOLUTION
    share = (counts / counts.sum())[:, None]
    mean = (share * means).sum(0)
    mean_of_squares = (share * (variances + means**2)).sum(0)
    return mean, mean_of_squares - mean**2
    ### END SOLUTION


# %% tags=["check"]
check.synchronise(synchronise)

# %% [markdown] tags=["hint"]
# The devices may hold different numbers of values: weight each with counts / counts.sum().

# %% [markdown] tags=["hint"]
# The variance is the mean of the squares minus the square of the mean. So a device's mean of squares is variance + mean squared, and those can be averaged.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Relatives without a batch
#
# The same formula over other axes needs no batch at all.

# %% tags=["nbval-check-output"]
def standardised(X, axes):
    return (X - X.mean(axes, keepdim=True)) / (X.var(axes, correction=0, keepdim=True) + 1e-5).sqrt()


X = torch.randn(4, 6, 5, 5)
groups = standardised(X.view(4, 2, 3, 5, 5), (2, 3, 4)).view_as(X)  # two groups of three channels
for name, ours, theirs in [
    ("batch norm, per channel", standardised(X, (0, 2, 3)), F.batch_norm(X, None, None, training=True)),
    ("layer norm, per image", standardised(X, (1, 2, 3)), F.layer_norm(X, (6, 5, 5))),
    ("instance norm, per image and channel", standardised(X, (2, 3)), F.instance_norm(X)),
    ("group norm, per image and group", groups, F.group_norm(X, 2)),
]:
    print(f"{name:38} equal: {torch.allclose(ours, theirs, atol=1e-5)}")

# %% [markdown] slideshow={"slide_type": "skip"}
# | for X (B, C, H, W) = (4, 6, 5, 5) | mean and variance over | so many means |
# |---|---|---|
# | batch norm | B, H, W | 6, one a channel |
# | layer norm | C, H, W | 4, one an image |
# | instance norm | H, W | 24, one an image and channel |
# | group norm | H, W and a group of channels, here two groups of three | 8, one an image and group |
#
# The last three calculate the same in training and in evaluation, and do not mind small batches. With one group, group norm is layer norm; with six, instance norm. Transformers (chapter 15) use layer norm; detectors with few images per GPU often group norm. For classifiers with a good batch size, batch norm is still
# hard to beat, and in evaluation it is free. That comes next.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Fold it away
#
# In evaluation all four numbers are fixed. Multiply and add after a convolution, which itself multiplies and adds: **one** convolution can do both.

# %% [markdown] slideshow={"slide_type": "skip"}
# With $a = \gamma / \sqrt{\sigma^2 + \varepsilon}$, one number for each output channel:
#
# $$a\,(W x + b - \mu) + \beta \;=\; (a W)\,x + \big(a\,(b - \mu) + \beta\big)$$
#
# So: scale each kernel, and change the bias.
#
# ### Your turn: fold it into the convolution
#
# *About 15 minutes.*

# %% tags=["exercise"]
def fold(weight, bias, mean, variance, gamma, beta, eps):
    """weight (Cout, Cin, K, L); all others (Cout,), mean and variance the running ones -> weight and bias of one convolution."""
    ### BEGIN SOLUTION
    scale = gamma / (variance + eps).sqrt()
    return weight * scale.view(-1, 1, 1, 1), (bias - mean) * scale + beta
    ### END SOLUTION


# %% tags=["check"]
check.fold(fold)

# %% [markdown] tags=["hint"]
# An output channel is a row of `weight`: its scale belongs to axis 0. Give it the shape (Cout, 1, 1, 1).

# %% [markdown] slideshow={"slide_type": "skip"}
# PyTorch has this built in. All of the LeNet that we trained, folded:

# %%
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval
folded = copy.deepcopy(net)
for name in ("c1", "c3", "c5", "f6"):
    fuse = fuse_conv_bn_eval if name in ("c1", "c3") else fuse_linear_bn_eval
    setattr(folded, name, fuse(getattr(net, name), getattr(net, f"bn{name[1]}")))
    setattr(folded, f"bn{name[1]}", nn.Identity())

# %% tags=["nbval-check-output"]
X = test_digits.normalised()
with torch.inference_mode():
    print("the same logits:", torch.allclose(net(X), folded(X), atol=1e-3))
for name, model in {"as trained": net, "folded": folded}.items():
    print(f"{name:11}", f"{sum(p.numel() for p in model.parameters()):,} parameters")

# %% [markdown] slideshow={"slide_type": "skip"}
# The difference is $\gamma$ and $\beta$, two for each of 226 channels and units. (Our LeNet had kept the biases that it did not need: now they have work.)
#
# And the time? Convolutions of 3 x 3 with 64 channels on maps of 32 x 32: an ordinary one, and one in which each channel is convolved by itself (chapter 13 builds networks of those). *The multiply-adds of the
# normalisation are few: in which of the two is more to gain?*

# %%
import time


def share_of_time(conv, maps, repeats=100):
    """Time of the folded convolution as a share of that of convolution and batch norm, the fastest of many runs each."""
    norm = nn.BatchNorm2d(conv.out_channels).eval()
    steps, fastest = [nn.Sequential(conv, norm), fuse_conv_bn_eval(conv.eval(), norm)], [float("inf")] * 2
    with torch.inference_mode():
        for _ in range(repeats):
            for i, step in enumerate(steps):
                start = time.perf_counter()
                step(maps)
                fastest[i] = min(fastest[i], time.perf_counter() - start)
    return fastest[1] / fastest[0]


# %% tags=["timing"]
maps = torch.randn(4, 64, 32, 32)
for name, groups in {"all channels to all": 1, "each channel by itself": 64}.items():
    conv = nn.Conv2d(64, 64, 3, padding=1, groups=groups)
    print(f"{name:24} folded takes {share_of_time(conv, maps):.2f} of the time")

# %% [markdown] slideshow={"slide_type": "skip"}
# The normalisation has few multiply-adds, but it must read and write every map once more. Beside an ordinary convolution, which has much to compute, the trip to memory hardly shows. Beside one that
# calculates little, it does. Folded, the trip is gone, and so is the layer.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "A batch of shape (16, 32, 8, 8) goes through nn.BatchNorm2d(32). From how many values is each mean computed?", "type": "numeric",
     "answers": [{"type": "value", "value": 1024, "correct": True, "feedback": "16 x 8 x 8: batch, height and width of one channel."},
                 {"type": "default", "feedback": "One mean for each channel: count all values of a channel in the batch."}]},
    {"question": "How many numbers does nn.BatchNorm2d(32) learn by gradient descent?", "type": "numeric",
     "answers": [{"type": "value", "value": 64, "correct": True, "feedback": "gamma and beta. The running statistics are buffers, no gradient moves them."},
                 {"type": "default", "feedback": "Only gamma and beta are parameters, one of each for every channel."}]},
    {"question": "Your network is right on 99 % of the training digits. Tested on digits that are sorted by class, it is right on 15 %. What do you look at first?", "type": "multiple_choice",
     "answers": [{"answer": "Whether model.eval() was called", "correct": True, "feedback": "In training mode a batch of one class is normalised by that class."},
                 {"answer": "The learning rate", "correct": False, "feedback": "It plays no part in a test."},
                 {"answer": "Whether gamma was initialised with 1", "correct": False, "feedback": "It was trained since."}]},
    {"question": "running_mean is 2, the batch's mean is 4, momentum is 0.1 in PyTorch. What is running_mean afterwards?", "type": "multiple_choice",
     "answers": [{"answer": "2.2", "correct": True, "feedback": "0.9 x 2 + 0.1 x 4."}, {"answer": "3.8", "correct": False, "feedback": "That takes 0.1 for the weight of the old value."},
                 {"answer": "2.4", "correct": False, "feedback": "The old value fades: 0.9 x 2, not 2."}]},
    {"question": "Noise makes the inputs of each layer jump in every step, behind the batch norm. What did the experiment show?", "type": "multiple_choice",
     "answers": [{"answer": "The network still trains well, so a quieter input cannot be the whole reason", "correct": True, "feedback": "Santurkar and others, 2018; and our own three bars."},
                 {"answer": "Training collapses, as the covariate-shift story says", "correct": False, "feedback": "It was the story's prediction, and it failed."},
                 {"answer": "The noise is normalised away", "correct": False, "feedback": "It was added behind the normalisation."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# Each feature or channel, standardised over the batch; then gamma and beta. Batch statistics in training, running ones in evaluation. Larger learning rates, and nothing to pay once folded.

# %% [markdown] slideshow={"slide_type": "skip"}
# * Statistics of features run over axis 0, those of feature maps over 0, 2 and 3. The batch is normalised with the variance divided by $n$; the running variance stores the one divided by $n - 1$.
# * The gradient goes through mean and variance too, and so it sums to zero over the batch.
# * Weights in front of a batch norm can grow without harm: their gradient shrinks. Learning rates work that otherwise ruin the network.
# * Small batches make noisy statistics. Devices each have their own, unless they are synchronised.
# * The covariate-shift story did not survive its test. Smoother losses and bounded activations are the better explanations so far.
#
# ### Common mistakes
#
# * *Forgetting `model.eval()`.* The answer then depends on the other images, and the running statistics drift.
# * *Evaluating after a handful of steps.* With momentum 0.1 the running statistics still remember their start: after 10 batches a share of $0.9^{10}$ = 35 %.
# * *Taking momentum from another library.* PyTorch's 0.1 would be 0.9 in Keras.
# * *`X.std() + eps`.* Unbiased, and eps outside the root: two slips in one line.
# * *A bias in front of a batch norm.* Harmless, and useless.
# * *"Batch norm makes the inputs Gaussian."* It shifts and scales. The shape of the distribution stays.
# * *Adding up the gradients of several small batches before each step.* The optimiser sees the large batch, batch norm still sees the small ones.
#
# ### Papers
#
# * S. Ioffe, C. Szegedy (2015). "Batch normalization: accelerating deep network training by reducing internal covariate shift". *ICML*.
# * S. Santurkar, D. Tsipras, A. Ilyas, A. Madry (2018). "How does batch normalization help optimization?". *NeurIPS*.
# * N. Bjorck, C. Gomes, B. Selman, K. Weinberger (2018). "Understanding batch normalization". *NeurIPS*.
# * P. Luo, X. Wang, W. Shao, Z. Peng (2019). "Towards understanding regularization in batch normalization". *ICLR*.
# * D. Masters, C. Luschi (2018). "Revisiting small batch training for deep neural networks". *arXiv:1804.07612*.
# * Y. Wu, K. He (2018). "Group normalization". *ECCV*.
# * J. L. Ba, J. R. Kiros, G. E. Hinton (2016). "Layer normalization". *arXiv:1607.06450*.
# * D. Ulyanov, A. Vedaldi, V. Lempitsky (2016). "Instance normalization: the missing ingredient for fast stylization". *arXiv:1607.08022*.
