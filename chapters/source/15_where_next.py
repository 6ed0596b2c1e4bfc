# ---
# title: Where next
# question: What stands beside the convnet, and what came after it?
# minutes: 120
# builds_on: [4, 7, 9, 14]
# goals:
#   - compute by hand what attention answers, and cut an image into patches that attend to one another
#   - set a tiny vision transformer beside a tiny ResNet of equal cost, and say what each assumes about images
#   - ask a network where it looked, with Grad-CAM
#   - let two networks play against each other, and let one network make the kernels of another
#   - find the first papers on searching for networks, and on networks with a memory
# ---

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn
from utils import complexity, data, models, runtime, train, viz, widgets
from utils.checks import ch15 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Six doors
#
# You can build, train and judge convnets. Six ideas lie next to them: **attention**, **looking inside**, networks that **play**, that are **searched for**, that **make** one
# another, that **remember**.

# %% [markdown] slideshow={"slide_type": "skip"}
# This chapter opens each door far enough to look in. Behind nearly each there is something that runs, one paper to begin with, and a question without an answer below it. Nothing here is
# trained for longer than you can wait, so nothing here is strong. Where a result is poor, the chapter says so.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Attention
#
# A dictionary finds the one key that fits, and returns its value. **Attention** asks *how well* each key fits, and returns a mean of the values, weighted by that.
# *On paper first: the products of the query (2, 1) with the keys (2, 0), (0, 1) and (1, 0)?*

# %%
query, keys = torch.tensor([[2.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
values = torch.tensor([[10.0], [20.0], [30.0]])
scores = query @ keys.T / 2**0.5
weights = scores.softmax(1)

# %%
found = {"query": query, "keys, transposed": keys.T, "products": query @ keys.T, "÷ √2: scores": scores, "softmax: weights": weights, "values": values, "answer": weights @ values}
axes = viz.number_row(found, operators=["×", "=", "→", "→", "×", "="])
viz.caption(axes, "One query, three keys, each a column. The first key fits best, so its value, 10, counts most.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Three steps. The **score** of a key is its product with the query, divided by the root of $d$, the number of entries of a key (here 2): sums of more products are larger, and a softmax of large numbers is a hard choice with no
# slope left. The **softmax** turns scores into weights that add up to 1. The **answer** is the weighted mean of the values:
#
# $$\text{attention}(Q, K, V) = \text{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# Every step can be differentiated, so what is asked for and what is offered can both be learned.
#
# ### Your turn: attention
#
# Several queries at once, for a batch. *About 10 minutes.*

# %% tags=["exercise"]
def attention(Q, K, V):
    """Q (B, N, d), K (B, M, d), V (B, M, e) -> (B, N, e): a weighted mean of the values for each query."""
    ### BEGIN SOLUTION
    scores = Q @ K.transpose(1, 2) / K.shape[-1] ** 0.5
    return scores.softmax(-1) @ V
    ### END SOLUTION


# %% tags=["check"]
check.attention(attention)

# %% [markdown] tags=["hint"]
# The scores are (B, N, M): a row for each query. `K.transpose(1, 2)` leaves the batch alone.

# %% [markdown] tags=["hint"]
# Each query shares out 1 among the keys. Which axis of the scores are the keys?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## An image as a row of patches
#
# What asks, and what is asked? Cut the image into **patches**. Each patch makes a query, a key and a value: it looks at all of them, itself included.

# %%
digits, test_digits = data.mnist("embedded")
X = test_digits.normalised(slice(0, 500))
patches = F.unfold(test_digits.images[:1] / 255, 4, stride=4)[0].T.view(49, 1, 4, 4)

# %%
axes = viz.image_grid(patches, columns=7)
axes[0].figure.set_size_inches(4.5, 4.8)
viz.caption(axes, "A digit in 49 patches of 4 x 4 pixels, row by row. To attention they are 49 rows of 16 numbers.")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: patches
#
# Without `unfold`: `reshape` and `permute` will do. *About 15 minutes.*

# %% tags=["exercise"]
def patchify(X, size):
    """X (B, C, H, W) -> (B, N, C * size * size): patches row by row, each (C, size, size) flattened."""
    ### BEGIN SOLUTION
    B, C, H, W = X.shape
    tiles = X.reshape(B, C, H // size, size, W // size, size)
    return tiles.permute(0, 2, 4, 1, 3, 5).reshape(B, -1, C * size * size)
    ### END SOLUTION


# %% tags=["check"]
check.patchify(patchify)

# %% [markdown] tags=["hint"]
# Split both sides first: (B, C, rows, size, columns, size). Name the six axes, then say in which order you need them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A tiny vision transformer
#
# Patch to **token** (a dense layer: 32 numbers), plus 32 learned numbers for its place; two blocks of *look around* and *think*; the mean of all tokens; ten logits.

# %% tags=["nbval-check-output"]
import inspect

from utils.models import vit

print(inspect.getsource(vit.TransformerBlock.forward))
print(inspect.getsource(vit.VisionTransformer.forward))

# %% [markdown] slideshow={"slide_type": "skip"}
# You know nearly all of it. The sums are the residual branches of chapter 09. `mlp` is a 1 x 1 convolution in other words: the same dense layers for each token. `norm` is **layer norm**, a relative of
# batch norm that takes its mean and variance over the numbers of one token. Only `attention` lets tokens meet, and it does so four times side by side, with four **heads** that
# may each look for something else: from each token of 32 numbers, dense layers (all in one, `to_qkv`) make a query, a key and a value of 8 numbers for each head. The four answers are laid side by side, and a last dense layer mixes them:

# %% tags=["nbval-check-output"]
print(inspect.getsource(vit.Attention.weights))
print(inspect.getsource(vit.Attention.forward))

# %% [markdown] slideshow={"slide_type": "skip"}
# Beside it we put a ResNet-8 that is as narrow as it must be to cost about as many multiply-adds.

# %% tags=["nbval-check-output"]
def tiny_resnet():
    return models.create("resnet8", width=6, channels=1)


for name, net in {"tiny ResNet": tiny_resnet(), "tiny transformer": models.create("vit_small")}.items():
    cost = complexity.count(net, (1, 28, 28))
    print(f"{name:16} {cost['params']:6,} parameters {cost['macs']:9,} multiply-adds")

# %%
ax = viz.architecture(models.create("vit_small"), (1, 28, 28))
viz.caption(ax, "The transformer, drawn from the model. A dense layer on patches of 4 x 4 is a convolution 4 x 4 with stride 4. The constant added behind it, the same for all images, are the learned positions.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What each takes for granted
#
# A convnet is *told* that neighbours belong together, and that a shape is the same shape anywhere. Attention is told neither about its patches (inside a patch it is). *What if we shuffle the patches?*

# %%
shuffled = vit.shuffle_patches(test_digits.images[:8])
axes = viz.compare(test_digits.images[:8], shuffled, titles=("as they are", "patches shuffled"))
viz.caption(axes, "Eight digits, and the same with all patches in another order: one order, common to all images.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Attention does not mind, and that can be shown exactly, without training. The patches are a set to it; only the learned positions tell places apart. Take any transformer, and a twin whose positions have moved along with
# the patches:

# %% tags=["nbval-check-output"]
runtime.seed_everything(0)
net, twin = models.create("vit_small").eval(), models.create("vit_small").eval()
twin.load_state_dict(net.state_dict())
order = vit.shuffle_patches(torch.arange(49).view(1, 1, 7, 7), patch=1).flatten()  # 0 to 48, shuffled: where each patch came from
with torch.no_grad():
    twin.positions.copy_(net.positions[:, order])
    print("same logits:", torch.allclose(net(X), twin(vit.shuffle_patches(X)), atol=1e-4))

# %% [markdown] slideshow={"slide_type": "skip"}
# So for every transformer that reads digits there is one that reads shuffled digits just as well, and since positions start at random, training finds the one as easily as the other. The transformer does not start with the idea
# that place 8 is next to place 9. It has to learn it from the images.
#
# A ResNet has no such twin. Where patches meet, its 3 x 3 windows would hold pixels that have nothing to do with one another.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Both, trained
#
# 4,000 digits, four epochs each, at about the same cost per image. *Which one is ahead?* (This takes some seconds.)

# %%
def trained(net, lr):
    train.fit(net, digits, epochs=4, batch_size=32, lr=lr, optimizer="adamw", progress=False)
    return net.eval()


runtime.seed_everything(0)
transformer = trained(models.create("vit_small"), lr=0.006)
resnet = trained(tiny_resnet(), lr=0.01)

# %%
for name, net in {"tiny ResNet": resnet, "tiny transformer": transformer}.items():
    share = train.evaluate(net, test_digits)["accuracy"]
    print(f"{name:16} {share:.1%} of the test digits")
    assert share > 0.6

# %% [markdown] slideshow={"slide_type": "skip"}
# This is one training of each, so it proves little: remember the spread of chapter 07. The same with three seeds and six epochs, and once more with shuffled patches, was measured by `benchmarks/claims/where_next.py`. *Which two
# bars must be equal?*

# %%
claim = runtime.results("accuracy")["claims"]["patches_and_windows"]["variants"]
accuracy = {name: run["accuracy"] for name, run in claim.items()}
mean, spread = ({name: 100 * run[key] for name, run in accuracy.items()} for key in ("mean", "std"))
ax = viz.bars(mean, spread, xlabel="test accuracy, %", form="{:.1f}")
viz.caption(ax, "Mean and standard deviation over three seeds, 4,000 digits, about equal cost.")

# %%
assert min(accuracy["ResNet"]["runs"]) > max(accuracy["vision transformer"]["runs"]) + 0.03
assert min(accuracy["ResNet"]["runs"]) > max(accuracy["ResNet, patches shuffled"]["runs"]) + 0.01
for name, run in claim.items():
    print(f"{name:36} {run['train_accuracy']['mean']:.0%} of the training digits")

# %% [markdown] slideshow={"slide_type": "skip"}
# On these few images the ResNet is ahead. Shuffling costs it 4.5 points: that much its neighbours are worth here. It stays ahead even so, and the rest has other reasons. One is in the same file: after six epochs the transformer reads 93 % of the
# digits it is *trained* on, the ResNet 99 %. It learns more slowly and is not finished. The two bars of the transformer differ by chance only, as they must. All four had one learning rate each, chosen by hand, so do not read more into the size of
# the gaps.
#
# The literature found the same, and its limits. Dosovitskiy and colleagues (2021) trained both kinds on 1.3 million images and on 300 million: on the smaller set the ResNets were ahead, on the larger the transformers. What a net rightly takes for granted
# it need not learn from examples. With enough examples, taking little for granted wins. Touvron and colleagues (2021) got there on ImageNet alone, with much augmentation and, in the best version, a convnet as teacher.
#
# > **To think about.** You have 500 X-ray images, and a colleague proposes a vision transformer. What do you ask?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How far can it see?
#
# In the ResNet what one place sees grows layer by layer. In the transformer it is the whole image, from the first block on.

# %% tags=["nbval-check-output"]
table = complexity.layer_table(tiny_resnet(), (1, 28, 28))
on_the_path = (table["type"] == "Conv2d") & ~table["layer"].str.contains("downsample")
table[on_the_path][["layer", "output shape", "receptive field"]]

# %% [markdown] slideshow={"slide_type": "skip"}
# The receptive field says what a place *can* see; it is fixed when the net is designed. Attention says what a patch *does* look at, and it changes from image to image.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Click a patch
#
# Where does each head look from there? Compare a patch of ink with an empty one, and block 1 with block 2. A pale head looks nearly everywhere: no patch gets much.

# %%
widgets.attention_map(transformer, test_digits, patch=24)

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room say what they see before you explain. Some heads stay on a few patches, some look at the ink wherever it is, some at nearly everything. An even look would give each patch 2 %: anything
# well above that was learned. Then ask whether a map like this proves *why* the net said "seven". It does not: it shows where information may flow, not what it did.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: how far does a head look?
#
# The transformer's answer to the receptive field: the distance from a patch to the patches it looks at, weighted by how much it looks, in the mean over all patches. Take the straight line between their centres, and the side of a patch
# as 1. *About 15 minutes.*

# %% tags=["exercise"]
def attention_distance(weights, side):
    """weights (heads, N, N), a row for each query, N = side * side patches row by row -> (heads,) mean straight-line distances."""
    ### BEGIN SOLUTION
    places = torch.cartesian_prod(torch.arange(side), torch.arange(side)).float()
    return (weights * torch.cdist(places, places)).sum(-1).mean(-1)
    ### END SOLUTION


# %% tags=["check"]
check.attention_distance(attention_distance)

# %% [markdown] tags=["hint"]
# Counted from 0, patch i stands in row `i // side` and column `i % side`. Make all distances first: an (N, N) tensor. `torch.cdist` makes them from the places.

# %% [markdown] tags=["hint"]
# A query's weights add up to 1, so the weighted mean over the keys is a plain sum. Over the queries take `mean`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Near or far?
#
# The same on 500 test digits, beside looks that nobody learned: at all patches evenly, at the ink, at a patch and its neighbours. *Which will the heads resemble?*

# %%
places = torch.cartesian_prod(torch.arange(7), torch.arange(7)).float()
away = torch.cdist(places, places)
with torch.no_grad():
    looked = (transformer.attention(X) * away).sum(-1).mean((0, 3))  # attention: (B, blocks, heads, N, N)
ink = F.avg_pool2d(test_digits.images[:500].float(), 4).flatten(1)
near = (away < 1.5).float()

# %%
heads = {f"block {b + 1}, head {h + 1}": looked[b, h].item() for b in range(2) for h in range(4)}
rivals = {"an even look": away.mean(), "a look at the ink": (ink @ away).sum() / (49 * ink.sum()), "an even look, 3 x 3": ((near * away).sum(1) / near.sum(1)).mean()}
bars = heads | {name: distance.item() for name, distance in rivals.items()}
colours = {name: viz.FEATURE_MAP if name in heads else viz.INPUT for name in bars}
ax = viz.bars(bars, xlabel="mean distance of attention, patches", colours=colours, form="{:.2f}")
viz.caption(ax, "How far each head looks (blue), and looks that nobody learned (grey).")

# %% [markdown] slideshow={"slide_type": "skip"}
# Not the 3 x 3. What a convnet is told, this net has not found out in four epochs on 4,000 digits: its heads look nearly as far as an even look. They look a little nearer, and so does a look at the ink, since ink lies in the middle of the image.
# (Single looks can be near, as some in the picture above. The mean over all patches is not.) In transformers trained on many more images, Dosovitskiy and colleagues found both kinds in the
# first blocks: heads that see only their surroundings, as a convolution does, and heads that look across the whole image.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where did it look?
#
# A convnet has no attention to show. **Grad-CAM** asks its gradient: which of the last feature maps speak for this class, and where are they bright?

# %% [markdown] slideshow={"slide_type": "skip"}
# Take the feature maps $A^k$ of a late layer and the logit $z_c$ of a class. The mean gradient of the logit in map k is the map's weight; the weighted sum is a map of places, and a ReLU keeps what speaks *for* the class:
#
# $$\alpha_k = \frac{1}{HW}\sum_{i,j}\frac{\partial z_c}{\partial A^k_{ij}} \qquad \text{map} = \text{ReLU}\Big(\sum_k \alpha_k A^k\Big)$$
#
# To test it we need an image where we know the right place. Put two digits side by side: our ResNet ends in the mean of its maps, so it takes any width.

# %%
from captum.attr import LayerGradCam

zero, seven = (X[test_digits.labels[:500] == label][0] for label in (0, 7))
both = torch.cat([zero, seven], dim=2)[None]
cam = LayerGradCam(resnet, resnet.layer3)
maps = {c: cam.attribute(both, target=c, relu_attributions=True).detach() for c in (0, 7)}

# %%
large = {c: F.interpolate(found, size=(28, 56), mode="bilinear")[0, 0] for c, found in maps.items()}
pictures = {"input": both[0, 0], **{f'why "{c}"': found / found.max() for c, found in large.items()}}
axes = viz.image_grid({name: (p - p.min()) / (p.max() - p.min()) for name, p in pictures.items()}, columns=1)
axes[0].figure.set_size_inches(4.8, 6.2)
viz.caption(axes, "Grad-CAM of one image for two classes. Nobody told the net where the digits are.")

# %%
for_0, for_7 = (large[c][:, :28].sum() / large[c].sum() for c in (0, 7))
print(f'share of the map in the left half: {for_0:.0%} for "0", {for_7:.0%} for "7"')
assert for_0 > for_7

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: Grad-CAM by hand
#
# From the maps and their gradients, which `torch.autograd.grad` gives. *About 10 minutes.*

# %% tags=["exercise"]
def grad_cam(maps, gradients):
    """maps and gradients (B, C, H, W) -> (B, H, W): where the maps speak for the class."""
    ### BEGIN SOLUTION
    weights = gradients.mean((2, 3), keepdim=True)
    return (weights * maps).sum(1).relu()
    ### END SOLUTION


# %% tags=["check"]
check.grad_cam(grad_cam)

# %% [markdown] tags=["hint"]
# One weight for each map of each image: (B, C, 1, 1). `keepdim=True` keeps the ones.

# %% [markdown] slideshow={"slide_type": "skip"}
# And it is what captum computes:

# %% tags=["nbval-check-output"]
part = nn.Sequential(resnet.conv1, resnet.bn1, nn.ReLU(), resnet.layer1, resnet.layer2, resnet.layer3)
A = part(both)
logit = resnet.fc(A.mean((2, 3)))[0, 7]
slope = torch.autograd.grad(logit, A)[0]
by_hand = (slope.mean((2, 3), keepdim=True) * A).sum(1, keepdim=True).relu()
print("equal:", torch.allclose(by_hand, maps[7], atol=1e-5))

# %% [markdown] slideshow={"slide_type": "skip"}
# Such maps persuade easily, so test them. Adebayo and colleagues (2018) replaced trained weights by random ones: some popular methods drew nearly the same picture as before. Grad-CAM passed.
#
# > **To think about.** A net tells wolves from dogs, and Grad-CAM lights up the snow. Is the net wrong, the data, or the question?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two networks play
#
# A **generator** makes digits from random numbers. A **discriminator** tells them from real ones. Each is the other's loss function: a **generative adversarial network**, GAN.

# %% [markdown] slideshow={"slide_type": "skip"}
# The discriminator gives one logit, positive for "real". Its loss is the cross-entropy of two classes, real ones with label 1 plus fakes with label 0. The generator wants its fakes to be taken for real: cross-entropy of
# the fakes with label 1. `F.binary_cross_entropy_with_logits` computes it from logits.
#
# ### Your turn: two losses
#
# Real and fake logits come in. Take means over the batch; the discriminator's loss is the *sum* of two means. *About 10 minutes.*

# %% tags=["exercise"]
def gan_losses(real, fake):
    """Logits of real and of made pictures, each (B,) -> (loss of the discriminator, loss of the generator)."""
    ### BEGIN SOLUTION
    bce, ones, zeros = F.binary_cross_entropy_with_logits, torch.ones_like(fake), torch.zeros_like(fake)
    return bce(real, ones) + bce(fake, zeros), bce(fake, ones)
    ### END SOLUTION


# %% tags=["check"]
check.gan_losses(gan_losses)

# %% [markdown] tags=["hint"]
# The function takes the logits and, as a tensor of the same shape, the labels: `torch.ones_like(fake)`.

# %%
def judged(logits, label):
    """Cross-entropy of logits (B, 1) with one label, 0 or 1, for all."""
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


# %% [markdown] slideshow={"slide_type": "slide"}
# ### The game
#
# G is built like chapter 14's decoder; D is a small convnet. One optimiser each, one step each in turn. `detach` keeps the discriminator's lesson from reaching the generator.

# %%
def play(G, D, batch, by_G, by_D):
    """One step of each player on real digits (B, 1, 28, 28) in [-1, 1]."""
    fake = G(torch.randn(len(batch), 16))
    loss_D = judged(D(batch), 1.0) + judged(D(fake.detach()), 0.0)
    by_D.zero_grad()
    loss_D.backward()
    by_D.step()
    loss_G = judged(D(fake), 1.0)
    by_G.zero_grad()
    loss_G.backward()
    by_G.step()


# %%
runtime.seed_everything(0)
G, D = models.create("digit_generator"), models.create("digit_discriminator")
by_G, by_D = (torch.optim.Adam(net.parameters(), lr=lr, betas=(0.5, 0.999)) for net, lr in ((G, 2e-3), (D, 1e-3)))
real, codes, made = digits.images / 127.5 - 1, torch.randn(500, 16), {}  # G ends in tanh: pixels from -1 to 1
for epoch in range(1, 7):
    for rows in torch.randperm(len(real)).split(64):
        play(G, D, real[rows], by_G, by_D)
    with torch.no_grad():
        made[epoch] = G.eval()(codes) / 2 + 0.5  # batch norm by its running statistics; pixels from 0 to 1
    G.train()

# %%
axes = viz.image_grid(torch.cat([made[epoch][:12] for epoch in (1, 3, 6)]), columns=12)
for ax, epoch in zip(axes[::12], (1, 3, 6)):
    ax.set_ylabel(f"round {epoch}")
viz.caption(axes, "Twelve codes, one a column, after 1, 3 and 6 rounds through the digits.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Strokes, some of them digits. That is what some ten seconds on one processor buy. (The learning rates were chosen by hand; `betas` are those of Radford and colleagues.) But how good is it? There is no test accuracy: nobody knows which digit a code *should* give. We ask a third party, our ResNet, what it takes
# the fakes for. How *sure* it is proves little: a net that has only ever seen digits must call everything one, and may do so
# with confidence. *Will it be as sure as of real digits?*

# %%
mean, std = digits.mean[0], digits.std[0]
with torch.no_grad():
    opinion = {"real": resnet(X).softmax(1), "made": resnet((made[6] - mean) / std).softmax(1)}
for name, p in opinion.items():
    counts = p.argmax(1).bincount(minlength=10)
    print(f"{name}: the ResNet is {p.amax(1).mean():.0%} sure on average; of 500, {counts.min()} to {counts.max()} for each class")

# %%
ax = viz.bars({f"taken for {c}": n for c, n in enumerate(counts.tolist())}, xlabel="of 500 made digits", form="{:.0f}")
viz.caption(ax, "Does the generator make all ten? Where it has found one digit that passes, it may forget the others.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Even by this weak measure the fakes are far off. All ten occur, though very unevenly, and the ResNet must call every blob something. If one or two took nearly all, that would be **mode collapse**, one reason why GANs are
# hard to train; another is that two losses that chase each other need not settle. Pictures on demand come mostly from diffusion models today; the idea that a network can be a loss function has stayed.
#
# > **To think about.** A discriminator that always wins teaches the generator nothing, and nor does one that always loses. What would you watch during training, since neither loss says how good the pictures are?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Searching for networks
#
# In chapter 07 evolution chose the blocks: three of them, four paths each, six widths for each path. *How many nets are that, and how long would it take to train each for two seconds?*

# %% tags=["nbval-check-output"]
from utils.models import evolved

nets = len(evolved.WIDTHS) ** (4 * len(evolved.SIDES))  # 6 widths, 4 paths, 3 blocks
print(f"{nets:,} genomes, {nets * 2 / 3600 / 24 / 365:.0f} years")

# %% [markdown] slideshow={"slide_type": "skip"}
# So nobody tries them all. [Chapter 07](07_inception.ipynb) bred them. Zoph and Le (2017) let a recurrent network write down architectures and rewarded it for good ones, on 800 graphics cards. Liu, Simonyan and Yang (2019) asked for a gradient instead: compute
# *all* candidates of a layer, add them up with softmax weights, learn the weights with the rest, and keep the heaviest. Again a mean with softmax weights, over operations.
#
# > **To think about.** A search that tried 1,000 nets reports its winner's test accuracy. What is wrong, and how would you repair it?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A network that makes kernels
#
# In this **hypernetwork** the kernels of all layers but the first are not learned. A second network makes them: from a **code** of two numbers a layer, by one dense layer that all share.

# %% tags=["nbval-check-output"]
from utils.models import hypernetwork

print(inspect.getsource(hypernetwork.HyperConvNet.forward))

# %% [markdown] slideshow={"slide_type": "skip"}
# `self.kernels()` runs the maker on the codes. The convolution takes what it made; the gradient flows through the kernel into the maker and the codes. *Will it learn at all?*

# %%
def learnt(net):
    """The net after three epochs, and its share of right answers on the test digits."""
    train.fit(net, digits, epochs=3, batch_size=64, lr=0.02, optimizer="adamw", progress=False)
    return net, train.evaluate(net, test_digits)["accuracy"]


runtime.seed_everything(0)
hyper, made_score = learnt(models.create("hyper_convnet"))
print(f"made kernels {made_score:.1%}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Two rivals say what that is worth. In the first the maker and the codes stay as they were drawn. In the second each of the four layers has a column of the maker for itself, so that its kernels are as free as learned ones.

# %%
runtime.seed_everything(0)
random_maker, free = models.create("hyper_convnet"), models.create("hyper_convnet", code=4)
free.codes.data = torch.eye(4)
for fixed in (free.codes, random_maker.codes, *random_maker.maker.parameters()):
    fixed.requires_grad_(False)
rivals = {"a maker that learns nothing": random_maker, "free kernels": free}
scores = {name: learnt(net)[1] for name, net in rivals.items()}
for name, score in scores.items():
    print(f"{name:28} {score:.1%}")
assert scores["a maker that learns nothing"] < made_score - 0.05

# %% [markdown] slideshow={"slide_type": "skip"}
# So it is the making that is learned: the rest of the net alone reads far fewer digits. And kernels from two numbers a layer do about as well as free ones.

# %%
with torch.no_grad():
    line = torch.lerp(hyper.codes[0], hyper.codes[3], torch.linspace(0, 1, 7)[:, None])
    axes = viz.kernels(hyper.kernels(line)[:, 0, :1], titles=["layer 1", *[""] * 5, "layer 4"], columns=7)
viz.caption(axes, "One kernel of 144, the first, made for the code of layer 1, the code of layer 4, and five codes between that no layer has.")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: made and learned
#
# A maker is one dense layer with a bias. It makes the kernels of `layers` convolutions, each `channels` to `channels` and without a bias. Each layer has a code of `code` numbers. Return two ints. *About 5 minutes.*

# %% tags=["exercise"]
def hyper_numbers(layers, channels, kernel_size, code):
    """(numbers in all made kernels, numbers learned for them: the codes and the maker's weights and biases)."""
    ### BEGIN SOLUTION
    kernel = channels * channels * kernel_size * kernel_size
    return layers * kernel, layers * code + (code + 1) * kernel
    ### END SOLUTION


# %% tags=["check"]
check.hyper_numbers(hyper_numbers)

# %% [markdown] tags=["hint"]
# The dense layer goes from `code` numbers to all numbers of one layer's kernel. How many weights, how many biases?

# %% [markdown] slideshow={"slide_type": "skip"}
# Layers of 12 channels, codes of two numbers. *From how many layers on does it pay?*

# %% tags=["nbval-check-output"]
kernel = 12 * 12 * 3 * 3
for layers in (2, 3, 4, 40):
    print(f"{layers:2} layers: {layers * kernel:6,} numbers made, {layers * 2 + 3 * kernel:5,} learned")

# %% [markdown] slideshow={"slide_type": "skip"}
# From four on; three layers lose by six numbers. With codes of two numbers every kernel is the maker's bias, plus the first number times its first column, plus the second times its second: all layers live in one plane. It is a strong way of sharing weights, stronger than a convolution's, and it costs no less work to run.
#
# > **To think about.** The codes here are learned. What could a hypernetwork do if its code came from the input image, or from a description of the task?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A memory to read
#
# A network forgets an image once it has answered. Give it a table to write to. It then needs a way to find what it wrote. **Reading is attention.**

# %%
keys, values = torch.eye(3)[[0, 1, 2, 2]], torch.tensor([[1.0, 0], [0, 1], [1, 0], [1, 0]])
asked = torch.tensor([[0.0, 0.75, 1.0]])
scores = 4 * asked @ keys.T  # 4 sharpens the softmax: scores of at most 1 would give nearly even weights
weights = scores.softmax(1)

# %%
found = {"asked": asked, "addresses, transposed": keys.T, "times 4: scores": scores, "softmax: weights": weights, "contents": values, "read": weights @ values}
axes = viz.number_row(found, operators=["×", "→", "→", "×", "="])
viz.caption(axes, "Reading by content: entries whose address is like the question count most. Nothing is looked up by its number.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Graves, Wayne and Danihelka (2014) built a network that writes to such a table as well as reads it, and learned to copy and to sort. Vinyals and colleagues (2016) wrote a handful of labelled images into one, and read off the class of a new
# one: a class can be *learned* by writing one line. With bare pixels as addresses it runs in a blink. (Vectors of length 1 have products of at most 1; 40 sharpens them.)

# %%
def address(images):
    """Pixels (N, 1, 28, 28) as vectors of length 1."""
    return F.normalize(images.flatten(1).float(), dim=1)


for size in (10, 100, 1000):
    memory = digits.subset(size)
    weights = (40 * address(test_digits.images) @ address(memory.images).T).softmax(1)
    read = weights @ F.one_hot(memory.labels, 10).float()
    print(f"{size:4} digits written: {(read.argmax(1) == test_digits.labels).float().mean():.1%} read right, nothing trained")

# %% [markdown] slideshow={"slide_type": "skip"}
# Chapter 14 searched by codes; this is the same search, made soft, so that a gradient can pass through it and teach the addresses.
#
# > **To think about.** A memory can be read, and it can be erased. What would you want a network to forget on request, and could you check that it did?

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "On paper: a query (2, 0) meets the keys (0, 1) and (0, 5), with values 10 and 20. What is the answer of attention?", "type": "numeric",
     "answers": [{"type": "value", "value": 15, "correct": True, "feedback": "Both products are 0, so both weights are one half."}, {"type": "default", "feedback": "Products first: 2 x 0 + 0 x 1, and 2 x 0 + 0 x 5. Equal scores share evenly."}]},
    {"question": "The patches are rearranged, in every image in the same way, in training and test. Which net minds?", "type": "multiple_choice",
     "answers": [{"answer": "The convnet", "correct": True, "feedback": "Its windows count on neighbours. Attention knows no neighbours, it learns its positions anyway."},
                 {"answer": "The transformer", "correct": False, "feedback": "Its positions are learned: any order suits it as well."}, {"answer": "Both equally", "correct": False, "feedback": "Think of the twin whose positions moved along."}]},
    {"question": "What does dividing the scores by the root of d do?", "type": "multiple_choice",
     "answers": [{"answer": "It keeps the softmax from becoming a hard choice when keys have many entries", "correct": True, "feedback": "Sums of more products are larger; a saturated softmax has no slope."},
                 {"answer": "It makes the weights add up to 1", "correct": False, "feedback": "The softmax does that."}, {"answer": "It saves multiply-adds", "correct": False, "feedback": "It costs a few."}]},
    {"question": "Grad-CAM is bright on the left digit for class 0. What do you know?", "type": "multiple_choice",
     "answers": [{"answer": "Maps that raise the logit of 0 are bright there", "correct": True, "feedback": "To first order, at this image. No more."},
                 {"answer": "The net would find every 0", "correct": False, "feedback": "One map of one image says nothing about others."},
                 {"answer": "The net understands where a 0 is", "correct": False, "feedback": "Tempting; but the map only shows where the logit's support comes from."}]},
    {"question": "A discriminator's loss goes to zero. Good news?", "type": "multiple_choice",
     "answers": [{"answer": "No: it wins every time, and the generator learns little from it", "correct": True, "feedback": "The two have to stay matched."},
                 {"answer": "Yes: the fakes are perfect", "correct": False, "feedback": "Then the discriminator could only guess, with a loss of 2 log 2."},
                 {"answer": "Yes: training has converged", "correct": False, "feedback": "A game has no loss that simply goes down."}]},
])  # fmt: skip

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Attention: a weighted mean, asked for by content.
# * Windows assume neighbours; patches learn them.
# * Grad-CAM: gradient, mean, sum, ReLU.
# * A network can be a loss, a maker, a memory.

# %% [markdown] slideshow={"slide_type": "skip"}
# In the order of the goals:
#
# * An image is 49 patches; each scores all of them, itself included, by a product, softmax, and takes a weighted mean of their values.
# * A convnet takes neighbours for granted, a transformer learns its positions and reads shuffled patches just as well. On 4,000 digits the ResNet was ahead by 10 points; its neighbours were worth 4.5 of them.
# * Grad-CAM weighs the last maps by their mean gradient. It showed the right digit of two.
# * A GAN's players are each other's loss. A hypernetwork learns codes and a maker instead of kernels.
# * Searching: reinforcement, evolution, gradients. Memory: attention over a table that is written.
#
# ### Common mistakes
#
# * *"Attention shows why the net decided."* It shows where information may flow. Test explanations as you test nets.
# * *"Transformers are better than convnets."* On how many images, at what cost, over how many seeds?
# * *Softmax over the wrong axis.* Each query shares out 1 among the keys.
# * *`fake` not detached in the discriminator's step.* Here PyTorch stops: *backward through the graph a second time*. With a second forward pass it would only waste work; with one optimiser for both it would train the generator to be found out.
# * *"A hypernetwork is cheaper."* It stores less. It multiplies as much, and makes the kernels besides.
#
# ### Papers
#
# Start with the first of each line.
#
# * **Attention.** A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, Ł. Kaiser, I. Polosukhin (2017). "Attention is all you need". *NIPS*. A. Dosovitskiy and 11 others (2021). "An image is worth 16x16 words: transformers for image recognition at scale". *ICLR*. H. Touvron and 5 others (2021). "Training data-efficient image transformers & distillation through attention". *ICML*.
# * **Looking inside.** R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra (2017). "Grad-CAM: visual explanations from deep networks via gradient-based localization". *ICCV*. J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt, B. Kim (2018). "Sanity checks for saliency maps". *NeurIPS*.
# * **Playing.** I. Goodfellow, J. Pouget-Abadie, M. Mirza, B. Xu, D. Warde-Farley, S. Ozair, A. Courville, Y. Bengio (2014). "Generative adversarial nets". *NIPS*. A. Radford, L. Metz, S. Chintala (2016). "Unsupervised representation learning with deep convolutional generative adversarial networks". *ICLR*.
# * **Searching.** B. Zoph, Q. V. Le (2017). "Neural architecture search with reinforcement learning". *ICLR*. H. Liu, K. Simonyan, Y. Yang (2019). "DARTS: differentiable architecture search". *ICLR*.
# * **Making.** D. Ha, A. Dai, Q. V. Le (2017). "HyperNetworks". *ICLR*.
# * **Remembering.** A. Graves, G. Wayne, I. Danihelka (2014). "Neural Turing machines". *arXiv:1410.5401*. O. Vinyals, C. Blundell, T. Lillicrap, K. Kavukcuoglu, D. Wierstra (2016). "Matching networks for one shot learning". *NIPS*.
