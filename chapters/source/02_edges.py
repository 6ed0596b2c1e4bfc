# ---
# title: "Edges: Prewitt and Sobel"
# question: Can a machine find the outline of things, and can it learn how by itself?
# minutes: 90
# builds_on: [1]
# goals:
#   - compute an edge map by hand, then on photographs, with its strength and its direction
#   - take Sobel apart into smoothing and difference, and say why smoothing helps against noise
#   - get exactly the numbers of a well-kept library, its scale and its border rule included
#   - show where hand-made filters fail
#   - let gradient descent find Prewitt's kernel from pictures alone
# ---

# %% tags=["setup"]
import numpy as np
import torch
import torch.nn.functional as F
from utils import data, layers, models, runtime, train, viz, widgets
from utils.checks import ch02 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where does one thing end?
#
# You see outlines without trying. To a machine an outline is a place where numbers change: an **edge**.

# %% [markdown] slideshow={"slide_type": "skip"}
# In chapter 01 the kernel $[-1, 1]$ found changes in a row of numbers. A picture has two directions, and it has noise. In 1970 Judith Prewitt proposed a kernel that deals with both: take the
# difference of left and right, in three rows at once.

# %%
prewitt_x = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
prewitt_y = prewitt_x.T
axes = viz.number_row({"Prewitt x": prewitt_x, "Prewitt y": prewitt_y}, roles={"Prewitt x": "kernel", "Prewitt y": "kernel"})
viz.caption(axes, "Prewitt's kernels: right minus left, and below minus above.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### By hand
#
# A dark field, a bright field, and a border that leans. *The kernel fits at nine places. Where will Prewitt x answer most, and what will Prewitt y say?*

# %%
picture = torch.tensor([[0.0, 0, 0, 0, 1], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]])
ax = viz.numbers(picture, role="input", highlight=(0, 1, 3, 3))
viz.caption(ax, "The picture, 0 for dark and 1 for bright, and one of the nine windows.")

# %%
window = picture[0:3, 1:4]
axes = viz.number_row(
    {"window": window, "Prewitt x": prewitt_x, "products": window * prewitt_x},
    operators=["×", "="], roles={"window": "input", "Prewitt x": "kernel", "products": "feature_map"},
)
viz.caption(axes, "That window. Its products add up to 2.")


# %%
def filtered(image, kernel):
    """Response of `kernel` (K, L) on `image` (H, W), only where it fits: (H - K + 1, W - L + 1)."""
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


axes = viz.number_row({
    "picture": picture,
    "Prewitt x": filtered(picture, prewitt_x),
    "Prewitt y": filtered(picture, prewitt_y),
}, roles={"picture": "input"})
viz.caption(axes, "Prewitt x answers along the border. Prewitt y answers only where the border leans.")

# %% tags=["nbval-check-output"]
print(filtered(picture, prewitt_x))
print(filtered(picture, prewitt_y))

# %% [markdown] slideshow={"slide_type": "skip"}
# A border between two pixels gives an answer two pixels wide, since windows from both sides reach across it. The sign tells the direction: plus from dark to bright, minus the other way. And a straight piece of
# border gives one number only; a leaning one gives both.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### On a photograph
#
# 512 x 512 grey values from 0 (black) to 1 (white).

# %%
camera = torch.from_numpy(data.photos()["camera"]).float() / 255
gx, gy = filtered(camera, prewitt_x), filtered(camera, prewitt_y)
axes = viz.image_grid([camera[::2, ::2]], titles=["photograph"])
viz.caption(axes, "The photograph.")

# %%
axes = viz.feature_maps(torch.stack([gx, gy])[:, ::2, ::2], titles=["Prewitt x", "Prewitt y"])
viz.caption(axes, "Two answers at each pixel. Red: brighter to the right (below). Blue: darker. White: no change.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Look at the tripod. Its middle leg is almost upright, so Prewitt x sees it and Prewitt y hardly does; the leaning legs are seen by both. Together the two numbers are
# an arrow at each pixel, the **gradient** $(g_x, g_y)$ of the picture. (The gradient that trains a net is the same idea, with weights in the place of the pixel's position.) Its length is the strength of the edge, its angle the direction in which it gets brighter:
#
# $$ \text{magnitude} = \sqrt{g_x^2 + g_y^2}, \qquad \text{direction} = \operatorname{atan2}(g_y, g_x) $$
#
# The function atan2 is the angle of an arrow: unlike $\arctan(g_y / g_x)$ it looks at both signs, so it can tell left from right.

# %%
magnitude = (gx.square() + gy.square()).sqrt()
axes = viz.image_grid([magnitude[::2, ::2] / magnitude.max()], titles=["magnitude"])
viz.caption(axes, "Gradient magnitude: edges in all directions, white where the change is largest.")

# %% [markdown] slideshow={"slide_type": "notes"}
# Let the room find three places where the edge map disagrees with what they would have drawn: the grass, the shading of the sky, the coat that melts into its own shadow. Keep the list
# for the section on limits.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the strength of edges
#
# From a picture to its Prewitt magnitude, where the kernels fit. *About 10 minutes.*

# %% tags=["exercise"]
def prewitt_magnitude(image):
    """image (H, W) float32 -> gradient magnitude (H - 2, W - 2), from Prewitt's two kernels, without padding."""
    ### BEGIN SOLUTION
    kernel_x = torch.tensor([[-1.0, 0, 1]] * 3)
    gx = F.conv2d(image[None, None], kernel_x[None, None])
    gy = F.conv2d(image[None, None], kernel_x.T[None, None])
    return (gx.square() + gy.square()).sqrt()[0, 0]
    ### END SOLUTION


# %% tags=["check"]
check.prewitt_magnitude(prewitt_magnitude)

# %% [markdown] tags=["hint"]
# `F.conv2d` wants a batch and channels: `image[None, None]`, `kernel[None, None]`. Take the two axes off at the end.

# %% [markdown] tags=["hint"]
# Pythagoras: the length of an arrow is not the sum of its two sides.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: the direction
#
# In degrees: 0 if it gets brighter to the right, 90 if it gets brighter downwards, between -180 and 180. *About 5 minutes.*

# %% tags=["exercise"]
def gradient_direction(gx, gy):
    """Direction of the gradient in degrees, in (-180, 180]: gx and gy (H, W) -> (H, W)."""
    ### BEGIN SOLUTION
    return torch.rad2deg(torch.atan2(gy, gx))
    ### END SOLUTION


# %% tags=["check"]
check.gradient_direction(gradient_direction)

# %% [markdown] tags=["hint"]
# `torch.atan(gy / gx)` cannot tell left from right, since a minus above and a minus below cancel. `torch.atan2` takes the two numbers apart.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two kernels in one
#
# Prewitt's kernel is a difference to the side times an average up and down. Kernels that are such a product are called **separable**.

# %% tags=["nbval-check-output"]
difference = torch.tensor([[-1.0, 0, 1]])
average = torch.tensor([[1.0], [1], [1]])
print(average @ difference)
assert torch.equal(average @ difference, prewitt_x)
in_two_passes = filtered(filtered(camera, average), difference)
print("largest difference on the photograph: below 1e-5,", (in_two_passes - gx).abs().max().item() < 1e-5)

# %% [markdown] slideshow={"slide_type": "skip"}
# So one can first add up three neighbours in each column, then take differences along the rows. It is the same sum of nine products, with the bracket set in another way. Two small passes need 3 + 3
# multiplications a pixel where the full kernel needs 9; for a kernel of $K \times K$ it is $2K$ against $K^2$.
#
# **Sobel** (1968) gives the middle more weight, $[1, 2, 1]$. **Scharr** (2000) came to $[3, 10, 3]$, by a calculation whose aim you will see in a moment.

# %%
smoothing = {"Prewitt": [1.0, 1, 1], "Sobel": [1.0, 2, 1], "Scharr": [3.0, 10, 3]}
family = {name: torch.tensor(weights)[:, None] @ difference for name, weights in smoothing.items()}
axes = viz.number_row(family, roles=dict.fromkeys(family, "kernel"))
viz.caption(axes, "Three kernels for the same question. They differ in how they smooth.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Take a smooth wave of brightness and turn it. An honest magnitude would be the same at each angle. *Which kernel's answer will depend least on the angle?*

# %%
def spread_over_angles(kernel, wavelength=6.0):
    """Largest minus smallest answer to the same wave at all angles, relative to the mean."""
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    answers = []
    for angle in torch.linspace(0, torch.pi / 2, 19):
        wave = torch.sin((columns * angle.cos() + rows * angle.sin()) * 2 * torch.pi / wavelength)
        gx, gy = filtered(wave, kernel), filtered(wave, kernel.T)
        answers.append((gx.square() + gy.square()).mean().sqrt())
    answers = torch.stack(answers)
    return ((answers.max() - answers.min()) / answers.mean()).item()


# %%
spread = {name: spread_over_angles(kernel) for name, kernel in family.items()}
ax = viz.bars(spread, xlabel="spread of the answer over all angles, relative")
viz.caption(ax, "The same wave, turned: Scharr's answer depends least on the angle.")

# %%
assert spread["Scharr"] < spread["Sobel"] < spread["Prewitt"]

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: filter in two passes
#
# *About 10 minutes.*

# %% tags=["exercise"]
def filter_separable(image, column, row):
    """Filter `image` (H, W) with the kernel column (K,) times row (L,), in two passes: (H - K + 1, W - L + 1)."""
    ### BEGIN SOLUTION
    smoothed = F.conv2d(image[None, None], column[None, None, :, None])
    return F.conv2d(smoothed, row[None, None, None, :])[0, 0]
    ### END SOLUTION


# %% tags=["check"]
check.filter_separable(filter_separable)

# %% [markdown] tags=["hint"]
# A column of K numbers is a kernel of K x 1, a row of L numbers one of 1 x L. What comes out of the first pass goes into the second.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Any angle
#
# From the two answers one gets the answer to every direction: $g_\alpha = g_x \cos\alpha + g_y \sin\alpha$.

# %% [markdown] slideshow={"slide_type": "skip"}
# The same holds for the kernels themselves, since filtering is linear: $\cos\alpha$ times the one plus $\sin\alpha$ times the other sees edges across the angle $\alpha$. Remember these slanted kernels. A net will find
# some by itself at the end of this chapter.

# %%
sobel_x = family["Sobel"]
angles = [0, 30, 60, 90, 120, 150]
turned = [np.cos(np.radians(a)) * sobel_x + np.sin(np.radians(a)) * sobel_x.T for a in angles]
axes = viz.kernels(torch.stack(turned), titles=[f"{a} degrees" for a in angles], columns=6)
viz.caption(axes, "Sobel's kernel, steered to six angles.")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: a kernel for any angle
#
# *About 5 minutes.*

# %% tags=["exercise"]
def sobel_at(degrees):
    """Sobel kernel (3, 3) float32 for change in the direction `degrees`: 0 is to the right, 90 downwards."""
    ### BEGIN SOLUTION
    kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    alpha = torch.deg2rad(torch.tensor(float(degrees)))
    return alpha.cos() * kernel + alpha.sin() * kernel.T
    ### END SOLUTION


# %% tags=["check"]
check.sobel_at(sobel_at)

# %% [markdown] tags=["hint"]
# At 0 it is Sobel x, at 90 Sobel y. Computers count angles in radians: `torch.deg2rad`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Noise, and why smoothing helps
#
# A difference makes noise louder. An average makes it quieter. Prewitt and Sobel do both.

# %%
runtime.seed_everything(0)
step = torch.zeros(64, 64)
step[:, 32:] = 1.0
noisy = step + 0.2 * torch.randn(64, 64)
plain = torch.tensor([[-1.0, 0, 1]])
answers = {"difference": filtered(noisy, plain)[1:-1], "Prewitt / 3": filtered(noisy, prewitt_x) / 3, "Sobel / 4": filtered(noisy, sobel_x) / 4}

# %%
axes = viz.feature_maps(torch.stack(list(answers.values())), titles=list(answers))
viz.caption(axes, "The same noisy step, three kernels, each scaled so that the clean step would give 1.")

# %%
for name, answer in answers.items():
    away = answer[:, :24]
    print(f"{name:12} on the edge {answer[:, 30:32].mean():.2f}, noise away from it {away.std():.3f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# All three see the step. The noise is down by about $\sqrt 3 = 1.7$: the noise in three rows is independent, so its *squares* add up, and a mean of three has a third of the square. Sobel's uneven weights gain a little less.
# A mean over more rows would gain more, and lose what is smaller than the kernel. That is the bargain of all smoothing.
#
# The **Laplacian** asks in one kernel instead of two: is this pixel darker than the mean of its four neighbours? It takes the difference twice, and pays with noise.

# %%
laplacian = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
axes = viz.feature_maps(torch.stack([filtered(picture_, laplacian) for picture_ in (step, noisy)]), titles=["clean", "noisy"])
viz.caption(axes, "The Laplacian on the same step: a fine double line, and lost in noise.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The same numbers as a library
#
# scikit-image has these filters. Ours should agree **exactly**, once we know its scale and its border.

# %% [markdown] slideshow={"slide_type": "skip"}
# Two choices are hidden in every such function:
#
# * **Scale.** scikit-image divides Prewitt by 3 and Sobel by 4, so that a step from 0 to 1 gives 1; Scharr by 16. For the magnitude it takes the *mean* of the two squares and not their sum, hence one more $\sqrt 2$.
# * **Border.** It does not make the map smaller, but lays a frame around the image in which the outermost pixels are repeated.
#
# And one trap: it filters by true convolution, with a flipped kernel, so its kernel is written the other way round to give the same sign. Its functions end in `_v` for vertical edges, our x, and `_h` for horizontal ones.

# %%
from skimage import filters

framed = torch.from_numpy(np.pad(camera.numpy(), 1, mode="symmetric"))
ours = {"prewitt": (prewitt_x, 3), "sobel": (sobel_x, 4), "scharr": (family["Scharr"], 16)}

# %% tags=["nbval-check-output"]
for name, (kernel, scale) in ours.items():
    gx, gy = filtered(framed, kernel) / scale, filtered(framed, kernel.T) / scale
    theirs = [getattr(filters, f"{name}_{axis}")(camera.numpy()) for axis in ("v", "h")]
    both = getattr(filters, name)(camera.numpy())
    assert np.allclose(gx, theirs[0], atol=1e-6) and np.allclose(gy, theirs[1], atol=1e-6)
    assert np.allclose((gx.square() + gy.square()).sqrt() / 2**0.5, both, atol=1e-6)
    print(f"{name}: both directions and the magnitude equal scikit-image's")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: Prewitt as scikit-image has it
#
# Vertical edges, same size as the image, its scale and its border. *About 10 minutes.*

# %% tags=["exercise"]
def prewitt_like_skimage(image):
    """image (H, W) float32 -> (H, W): Prewitt x divided by 3, on the image framed with its outermost pixels repeated."""
    ### BEGIN SOLUTION
    framed = F.pad(image[None, None], (1, 1, 1, 1), mode="replicate")
    kernel = torch.tensor([[-1.0, 0, 1]] * 3) / 3
    return F.conv2d(framed, kernel[None, None])[0, 0]
    ### END SOLUTION


# %% tags=["check"]
check.prewitt_like_skimage(prewitt_like_skimage)

# %% [markdown] tags=["hint"]
# `F.pad(image[None, None], (1, 1, 1, 1), mode="replicate")` repeats the outermost pixels. The mode "reflect" would mirror around them and leave them out.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The kernel lab
#
# Find nine numbers that leave the picture as it is. Then nine that move it to the left. Then try a picture of your own.

# %%
widgets.kernel_lab()

# %% [markdown] slideshow={"slide_type": "notes"}
# Take a photograph of the room, upload it, and go through identity, blur, Prewitt, Laplacian. Then let somebody call out nine numbers.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where hand-made filters fail
#
# Three pictures in which you see a disc. *In which of them will Prewitt find its outline?*

# %%
runtime.seed_everything(0)
rows, columns = torch.meshgrid(torch.arange(96.0), torch.arange(96.0), indexing="ij")
disc = ((rows - 48).square() + (columns - 48).square()).sqrt() < 28
stripes = lambda position: 0.5 + 0.5 * torch.sin(position * 2 * torch.pi / 6)
scenes = {
    "noise": disc * 0.4 + 0.3 * torch.randn(96, 96),
    "texture": torch.where(disc, stripes(rows), stripes(columns)),
    "soft blob": torch.exp(-((rows - 48).square() + (columns - 48).square()) / (2 * 28.0**2)),
}

# %%
axes = viz.image_grid(list(scenes.values()), titles=list(scenes), columns=3)
viz.caption(axes, "Three discs: in noise, of stripes, and fading into the dark.")

# %%
results = {name: (filtered(scene, prewitt_x).square() + filtered(scene, prewitt_x.T).square()).sqrt() for name, scene in scenes.items()}
scaled = [(image - image.min()) / (image.max() - image.min()) for image in results.values()]
axes = viz.image_grid(scaled, titles=[f"edges of {name}" for name in scenes], columns=3)
viz.caption(axes, "Prewitt's magnitude, each picture scaled by itself: no outline of a disc in any of them.")

# %% [markdown] slideshow={"slide_type": "skip"}
# In noise, every pixel is an edge. In texture, each stripe is an edge, and the border between two textures is none: the mean brightness is the same on both sides. In a soft blob the change is spread so
# thinly that the answer is a broad ring, with no outline in it.
#
# Each of these could be repaired with another filter: a larger one against noise, a bank of stripes for texture. People did so for decades. But one would have to try filters for each kind of picture, one after the other, and
# a kernel of 5 x 5 with only ten values for each number has $10^{25}$ settings. Trying is not a plan. **Learning** is.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Learn the filter
#
# Give the machine pictures and their edge maps. Start from a random kernel. Let gradient descent do the rest.

# %%
photos = data.photos()
pictures = [torch.from_numpy(photos[name][::4, ::4]).float()[:96, :96] / 255 for name in ("camera", "brick", "coins", "grass")]
pictures = [F.interpolate(p[None, None], (72, 72))[0, 0] for p in pictures]
X = torch.stack(pictures)[:, None]
edges = F.conv2d(X, prewitt_x[None, None])
print(f"{len(X)} pairs: pictures {tuple(X.shape[2:])}, edge maps {tuple(edges.shape[2:])}")

# %% [markdown] slideshow={"slide_type": "skip"}
# The kernel never sees Prewitt's numbers, only what comes out. The loss is the mean squared error between its answers and the edge maps. You met such a teacher and its pupils in chapter 01; now the
# pictures are photographs. *After how many steps would you recognise the kernel?*

# %%
runtime.seed_everything(0)
kernel = torch.randn(1, 1, 3, 3, requires_grad=True)
optimizer = torch.optim.Adam([kernel], lr=0.05)
losses, snapshots = [], {}
for step_number in range(601):
    loss = F.mse_loss(F.conv2d(X, kernel), edges)
    if step_number in (0, 20, 100, 600):
        snapshots[f"step {step_number}"] = kernel.detach()[0, 0].clone()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

# %%
axes = viz.number_row(snapshots, roles=dict.fromkeys(snapshots, "kernel"))
viz.caption(axes, "From random numbers to Prewitt's kernel, by gradient descent.")

# %%
ax = viz.lines({"loss": losses}, xlabel="step", ylabel="mean squared error", yscale="log")
viz.caption(ax, "The loss falls over many orders of magnitude: there is an exact answer, and it is found.")

# %%
distance = (kernel.detach()[0, 0] - prewitt_x).abs().max().item()
assert distance < 0.05
print(f"largest difference from Prewitt's kernel: {distance:.3f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# The edge maps said *what* the kernel should do. *How* to do it, right minus left in three rows, it found by itself. A network is trained in just this way, with many more weights, and with activations between its layers.
#
# ### Your turn: learn any kernel
#
# Write the loop. The check gives you pictures filtered with a kernel that you do not know. *About 20 minutes.*

# %% tags=["exercise"]
def learn_kernel(X, target, steps=400, lr=0.1):
    """Kernel (3, 3) whose convolution of X (B, 1, H, W), without padding, comes closest to target (B, 1, H - 2, W - 2)."""
    ### BEGIN SOLUTION
    kernel = torch.zeros(1, 1, 3, 3, requires_grad=True)
    optimizer = torch.optim.Adam([kernel], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(F.conv2d(X, kernel), target).backward()
        optimizer.step()
    return kernel.detach()[0, 0]
    ### END SOLUTION


# %% tags=["check"]
check.learn_kernel(learn_kernel)

# %% [markdown] tags=["hint"]
# A tensor with `requires_grad=True` can be given to an optimizer in a list, like the parameters of a net.

# %% [markdown] tags=["hint"]
# Five lines in the loop: clear the gradients, filter, compare, `backward`, `step`. Detach the kernel before you return it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What does a net choose?
#
# No edge maps now, only digits and their labels. The first layer of this net, which chapter 04 builds, has 32 kernels of 3 x 3. It may use them as it likes.

# %%
train_set, test_set = data.mnist("embedded")
runtime.seed_everything(0)
net = models.create("small_convnet")
at_random = net.conv1.weight.detach()[:, 0].clone()
train.fit(net, train_set, epochs=4, lr=0.005, batch_size=64, seed=0, progress=False)
learned = net.conv1.weight.detach()[:, 0]
print(f"{train.evaluate(net, test_set)['accuracy']:.0%} of test digits are right")

# %%
names = ["Prewitt x", "Prewitt y", "Sobel x", "Sobel y"]
alike = [kernel / kernel.norm() for kernel in [prewitt_x, prewitt_x.T, sobel_x, sobel_x.T, *learned]]
axes = viz.kernels(alike, titles=names + [""] * 32, columns=9)
viz.caption(axes, "Four kernels by people, 32 by gradient descent, all scaled to the same energy.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Some of the learned kernels have a bright side and a dark side, at odd angles: edge detectors. Others are blobs, lines and mixtures, for which we have no names and the net has use. Can we put a number on it?
#
# Sobel x and Sobel y span a plane in the space of all kernels, which has nine dimensions, one for each number. The part of a kernel that lies in that plane is a steered Sobel kernel; we ask for its share of the kernel's
# squared length. A kernel drawn at random has two ninths on average. And since the best of 32 random ones is better than average, we compare with the same 32 kernels as they were **before** training.

# %%
basis = torch.stack([sobel_x, sobel_x.T]).flatten(1) / sobel_x.norm()


def sobel_share(kernels):
    """Share of each kernel's squared length that lies in the plane of steered Sobel kernels: (N, 3, 3) -> (N,), sorted."""
    flat = kernels.flatten(1)
    return ((flat @ basis.T).square().sum(1) / flat.square().sum(1)).sort(descending=True).values


# %%
shares = {"before training": sobel_share(at_random), "after training": sobel_share(learned)}
ax = viz.lines(shares, x=range(1, 33), xlabel="kernel, the most Sobel-like first", ylabel="share of a steered Sobel kernel")
viz.caption(ax, "How much of each of the 32 kernels is a Sobel kernel at some angle, before and after training.")

# %%
for name, share in shares.items():
    print(f"{name:16} mean {share.mean():.0%}, best four {[f'{value:.0%}' for value in share[:4].tolist()]}")

# %% [markdown] slideshow={"slide_type": "skip"}
# Training has moved the kernels towards edges, and not all the way: a net is rewarded for telling digits apart, not for looking like a textbook. In larger nets on photographs (AlexNet, chapter 05) the
# edge detectors of the first layer are famous. Found, not designed.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "Prewitt x on a picture of a horizontal line answers ...", "type": "multiple_choice",
     "answers": [{"answer": "almost nowhere", "correct": True, "feedback": "Nothing changes from left to right, except at the line's ends."}, {"answer": "along the whole line", "correct": False, "feedback": "That is Prewitt y."},
                 {"answer": "everywhere but on the line", "correct": False, "feedback": "Where nothing changes it is silent."}]},
    {"question": "g_x = 3 and g_y = 4. What is the magnitude?", "type": "numeric",
     "answers": [{"type": "value", "value": 5, "correct": True, "feedback": "The root of 9 + 16."}, {"type": "default", "feedback": "Pythagoras."}]},
    {"question": "How many multiplications a pixel does a separable 7 x 7 kernel need in two passes?", "type": "numeric",
     "answers": [{"type": "value", "value": 14, "correct": True, "feedback": "7 + 7 instead of 49."}, {"type": "default", "feedback": "One pass with 7 numbers, then one more."}]},
    {"question": "Two textures of the same mean brightness meet. Why does Prewitt miss the border?", "type": "multiple_choice",
     "answers": [{"answer": "It answers to changes of brightness, and each stripe is such a change", "correct": True, "feedback": "The border is no stronger than the stripes around it."},
                 {"answer": "The border is too sharp", "correct": False, "feedback": "Sharp borders are what it likes."}, {"answer": "It was not trained on textures", "correct": False, "feedback": "It was not trained at all."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Two kernels give an arrow at each pixel: strength and direction of change.
# * Sobel is smoothing times difference.
# * Gradient descent finds such kernels from examples.

# %% [markdown] slideshow={"slide_type": "skip"}
# * A library's filter is a kernel, a scale and a border rule. Know all three before you compare.
# * Hand-made filters fail on noise, texture and soft borders, and nobody can try them all.
# * A net trained on labels alone moves kernels of its first layer towards edge detectors, at angles that nobody chose.
#
# ### Common mistakes
#
# * *"Prewitt x finds horizontal edges."* It takes differences in the horizontal direction, so it finds **vertical** edges. Names differ between books: look at the kernel.
# * *Adding $|g_x| + |g_y|$ and calling it the magnitude.* It is a quick substitute, up to 41 % too large on slanted edges.
# * *`atan` instead of `atan2`.* Half of the directions come out wrong.
# * *Showing a signed answer with black as zero.* Negative edges vanish. Use a map with zero in the middle.
# * *Comparing with a library and blaming the kernel.* Check its scale, its border and whether it flips.
#
# ### Papers
#
# * I. Sobel, G. Feldman (1968). "A 3x3 isotropic gradient operator for image processing". Talk at the Stanford Artificial Intelligence Project.
# * J. M. S. Prewitt (1970). "Object enhancement and extraction". In *Picture Processing and Psychopictorics*, Academic Press.
# * J. Canny (1986). "A computational approach to edge detection". *IEEE Transactions on Pattern Analysis and Machine Intelligence* 8(6).
# * H. Scharr (2000). "Optimale Operatoren in der digitalen Bildverarbeitung". Thesis, University of Heidelberg.
