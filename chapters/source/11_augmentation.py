# ---
# title: Augmentation
# question: How can a hundred digits teach as much as many hundreds?
# minutes: 110
# builds_on: [4, 8]
# goals:
#   - change images by hand, a whole batch at once, with another draw for each image
#   - say what each augmentation imitates, and which ones change the label
#   - cut out, mix images and labels, and train on mixed labels
#   - measure what augmentation does to the gap between training and test accuracy, to robustness, and to the time
#   - average the answers to several views of one image
# ---

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torchvision.transforms import v2
from utils import data, models, runtime, train, viz, widgets
from utils.checks import ch11 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A hundred digits
#
# Ten images of each digit, and a LeNet with batch norm. *How many of these hundred will it know by heart? And how many of a thousand new ones will it read?*

# %%
digits, test_digits = data.mnist("embedded")
few = digits.subset(100)


def learn(split, epochs, augment=None, batch_size=50):
    runtime.seed_everything(0)
    net = models.create("lenet_bn")
    train.fit(net, split, epochs=epochs, batch_size=batch_size, lr=0.005, augment=augment, progress=False)
    return net


# %%
def accuracies(net, split):
    return {"training": train.evaluate(net, split)["accuracy"], "test": train.evaluate(net, test_digits)["accuracy"]}


plain = learn(few, epochs=150)
by_heart = accuracies(plain, few)
print({name: f"{value:.1%}" for name, value in by_heart.items()})
assert by_heart["training"] > 0.99 > 0.92 > by_heart["test"]

# %% [markdown] slideshow={"slide_type": "skip"}
# Every training digit, and far fewer of the new ones. The difference is the **train/test gap**, in percentage points. The network has learned *these hundred images*: their slant, their place, their strokes. It could not know which of
# these matter: it never saw the *same* 4 in two places.
#
# The cure is more digits. Collecting and labelling them costs money. But look at one of them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Still a four
#
# We move, turn, slant and resize one digit. The pixels change. The label does not.

# %%
four = few.images[few.labels == 4][0].float() / 255
handwriting = data.augment.Random(shift=2, angle=15, scale=1.2, shear=15)
torch.manual_seed(0)
axes = viz.image_grid(torch.cat([four[None], handwriting(four.expand(9, 1, 28, 28))]), titles=["as it was", *[""] * 9], columns=5)
viz.caption(axes, "One training digit, and nine random changes of it.")

# %% [markdown] slideshow={"slide_type": "skip"}
# `expand` shows one digit nine times, and each of the nine got its own random change: moved by up to 2 pixels each way, turned and slanted by up to 15 degrees to either side, resized by a factor from 1/1.2 to 1.2. That is augmentation: before each step, change the images of the batch at random in ways that leave the label true. The network never sees the
# same picture twice, and what it learns cannot be the exact pixels.
#
# Only training images are changed. The test stays as it is: it stands for the world.
#
# `fit` takes the change as `augment=`. It calls it on each batch, with pixels in [0, 1], before they are normalised. *What will happen to the training accuracy, and what to the test accuracy?*

# %%
changed = learn(few, epochs=150, augment=handwriting)
with_changes = accuracies(changed, few)
gaps = {"as they are": by_heart, "changed anew each time": with_changes}
for name, found in gaps.items():
    print(f"{name:24} training {found['training']:.1%}  test {found['test']:.1%}  gap {100 * (found['training'] - found['test']):.0f} points")
assert with_changes["test"] > by_heart["test"] + 0.03

# %% [markdown] slideshow={"slide_type": "skip"}
# The hundred are still all read, but about ten more of every hundred new ones as well. The gap shrinks from about 16 points to about 6.

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask the room for other changes that leave a four a four, and then for one that does not. Somebody will say "mirror it". Keep that answer for later.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Flip, by hand
#
# To mirror left and right is to reverse the last axis. A batch of two equal images: a coin was thrown for each, and only the second one was chosen.

# %%
X = torch.tensor([[[[1.0, 2, 3], [4, 5, 6]]], [[[1, 2, 3], [4, 5, 6]]]])
chosen = torch.tensor([False, True])
flipped = data.augment.flip(X, chosen)
axes = viz.number_row({"image 0": X[0, 0], "stays": flipped[0, 0], "image 1": X[1, 0], "mirrored": flipped[1, 0]}, ["→", "", "→"])
viz.caption(axes, "Each image has its own draw: here only image 1 is mirrored.")

# %% [markdown] slideshow={"slide_type": "skip"}
# A random flip draws one coin for each image: `chosen = torch.rand(B) < 0.5`. In the exercise the coins are thrown already, so that a check can compare.
#
# ### Your turn: mirror the chosen images
#
# All at once, without a loop, and without writing into X: the images belong to the training set. *About 5 minutes.*

# %% tags=["exercise"]
def flip_chosen(X, chosen):
    """X (B, C, H, W), chosen bool (B,) -> (B, C, H, W): left and right exchanged in the chosen images, the others as they were."""
    ### BEGIN SOLUTION
    return torch.where(chosen.view(-1, 1, 1, 1), X.flip(3), X)
    ### END SOLUTION


# %% tags=["check"]
check.flip_chosen(flip_chosen)

# %% [markdown] tags=["hint"]
# `X.flip(3)` reverses the width of all images. `torch.where(condition, A, B)` takes from A where the condition holds, else from B.

# %% [markdown] tags=["hint"]
# The condition must fit the shape (B, C, H, W): give `chosen` three more axes of length 1.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Crop and pad, by hand
#
# Put zeros around the image, then cut an image of the old size out, anywhere. The picture moves; what leaves is lost, zeros come in.

# %%
image = torch.arange(1.0, 10).view(3, 3)
padded = F.pad(image, (1, 1, 1, 1))
crop = padded[0:3, 2:5]
axes = viz.number_row({"image": image, "padded by 1": padded, "crop": crop}, ["→", "→"], highlights={"padded by 1": (0, 2, 3, 3)}, paddings={"padded by 1": 1})
viz.caption(axes, "The crop begins in row 0 and column 2 of the padded image: the picture moves down and left by one.")

# %% [markdown] slideshow={"slide_type": "skip"}
# With padding $p$ there are $2p + 1$ places for the crop in each direction. The place $(p, p)$ gives the image back. *In which direction does the picture go if the crop begins in row $2p$, the last one?* Up: the window has moved down.
#
# How many different pictures come out of one? With $p = 4$, 9 x 9 = 81, and with a flip 162. This pair, "crop and flip", is what ResNet (chapter 09) and most networks after it were trained with on CIFAR-10.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: a crop for each image
#
# Every image has its own `top` and `left`. A loop over the batch is fine here. *About 10 minutes.*

# %% tags=["exercise"]
def crop_each(X, pad, top, left):
    """X (B, C, H, W), pad int, top and left int64 (B,) -> (B, C, H, W): crops of the padded images; top and left count in the padded image, so (pad, pad) gives X back."""
    ### BEGIN SOLUTION
    H, W = X.shape[2:]
    padded = F.pad(X, (pad, pad, pad, pad))
    return torch.stack([padded[i, :, top[i] : top[i] + H, left[i] : left[i] + W] for i in range(len(X))])
    ### END SOLUTION


# %% tags=["check"]
check.crop_each(crop_each)

# %% [markdown] tags=["hint"]
# `F.pad(X, (pad, pad, pad, pad))` pads left, right, above and below. `torch.stack` makes a batch of a list of images.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A catalogue
#
# Each change imitates something that happens to real pictures. One row each: what the network would see of this cat.

# %%
from utils.widgets.distortions import picture
cat = picture("cat").expand(6, 3, 64, 64)
changes = {
    "flip": {"flip": 0.5}, "scale": {"scale": 1.9}, "rotation": {"angle": 25}, "intensity": {"brightness": 0.3},
    "contrast": {"contrast": 2.5}, "crop and pad": {"shift": 10}, "noise": {"noise": 0.25}, "translate": {"translate": 9.0},
    "shear": {"shear": 25}, "perspective": {"perspective": 0.4}, "cutout": {"cutout": 24},
}

# %%
torch.manual_seed(32)
samples = torch.cat([data.augment.Random(**options)(cat) for options in changes.values()])
titles = [text for name in changes for text in (name, *[""] * 5)]
axes = viz.image_grid(samples, titles=titles, columns=12)
viz.caption(axes, "Six draws of each change. Two changes stand in a row.")

# %% [markdown] slideshow={"slide_type": "skip"}
# | change | what it imitates | what is drawn for each image | option of `data.augment.Random` |
# |---|---|---|---|
# | flip | the same thing from its other side | yes or no | `flip`: probability |
# | scale (affine) | nearer, farther | a factor from $1/s$ to $s$, evenly on a logarithmic scale: twice as large as likely as half as large | `scale`: $s$ |
# | rotation (affine) | a tilted camera, a tilted sheet | an angle | `angle`: degrees to either side |
# | intensity | another light, another exposure | a number added to all pixels | `brightness`: largest, of 1 |
# | contrast | haze, harsh sun | a factor for the distances from the mean, drawn as scales are | `contrast`: largest factor |
# | crop and pad | a sloppy frame | whole pixels, two numbers | `shift`: pixels each way |
# | noise | little light, a cheap sensor | a strength, then a number for each pixel | `noise`: largest standard deviation |
# | translate (affine) | a sloppy frame, between the pixels too | two numbers | `translate`: pixels each way |
# | shear (affine) | slanted handwriting | an angle | `shear`: degrees to either side |
# | perspective | seen from the side, from below | two tilts | `perspective`: how much nearer a border comes, below 0.5 |
# | cutout | something stands in front of it | the middle of a square | `cutout`: side in pixels |
#
# The four **affine** changes send a point $p$ of the picture to $A p + t$, with a 2 x 2 matrix $A$ and a shift $t$: straight lines stay straight and parallel lines parallel. Perspective keeps lines straight only. All five are one operation: for each pixel
# of the result, compute where it comes from, and read there, between four pixels (`F.grid_sample`). So several of them together cost no more than one, and they blur a little.
#
# A note on names: old tutorials say **imgaug**. That library is no longer maintained: its last release is of 2020. Take `torchvision.transforms.v2`, which we use below, or Kornia, which draws for each image of a batch.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Try every slider
#
# Start with none, and move one at a time. When do *you* no longer recognise it?

# %%
widgets.augmentation(flip=0.5, shift=4, angle=15, brightness=0.2, contrast=1.5)

# %% [markdown] slideshow={"slide_type": "skip"}
# * Choose the digit, press *No change*, and push the rotation to 90. Which samples would you still call a 2?
# * Cutout of 32 on the cat. Can you tell from the rest that it is one? That is what the network shall learn.
# * The tick below the sliders is for the next section.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A trap
#
# `torchvision.transforms.v2` works on tensors, batches too. We give it one cat six times. *How many different cats come back?*

# %%
rotate = v2.RandomRotation(40, interpolation=v2.InterpolationMode.BILINEAR)
torch.manual_seed(92)
together, apart = rotate(cat), data.augment.each(rotate)(cat)
axes = viz.image_grid(torch.cat([together, apart]), titles=["one call", *[""] * 5, "six calls", *[""] * 5], columns=6)
viz.caption(axes, "Above: rotate(X), the batch in one call. Below: one call for each image.")

# %% tags=["nbval-check-output"]
print("batch in one call:", len(together.flatten(1).unique(dim=0)), "different image")
print("one call for each:", len(apart.flatten(1).unique(dim=0)), "different images")

# %% [markdown] slideshow={"slide_type": "skip"}
# One. A v2 transform draws its numbers **once a call**. Inside a `Dataset` that is right, since each image comes alone; on a batch it turns all images by the same angle. Training still works, with a new angle each step. But all gradients of
# a step then agree on that angle, and the next step has to correct for it. And an epoch of 32 batches with 128 images sees 32 angles, where it could have seen 4,096.
# (How much accuracy that costs, we have not measured.) In the explorer above, tick *one draw for the whole batch* and look.
#
# There are three ways out:
#
# * `data.augment.each(transform)`: a Python loop, one call for each image. Any transform; slow.
# * A `DataLoader` whose workers transform each image. The usual way; it needs processes.
# * Draw a vector of numbers, one for each image, and compute with the whole batch: what `data.augment.Random` does.
#
# `fit` takes any of them as `augment=`. It takes a bare v2 transform too, and that one draws once a batch.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Every crop is already there
#
# How do you cut 128 crops at 128 places without a loop? `unfold` shows *all* crops of *all* padded images as one view, without copying them. Then one indexing operation picks.

# %% tags=["nbval-check-output"]
batch = torch.rand(128, 1, 28, 28)
crops = F.pad(batch, (4, 4, 4, 4)).unfold(2, 28, 1).unfold(3, 28, 1)
top, left = torch.randint(9, (2, 128))
picked = crops[torch.arange(128), :, top, left]
print("all crops:", tuple(crops.shape), " picked:", tuple(picked.shape))

# %% [markdown] slideshow={"slide_type": "skip"}
# Axes of `crops`: image, channel, row and column where the crop begins, and the crop itself. The three index vectors of length 128 are read side by side: image 0 with `top[0]` and `left[0]`, image 1 with `top[1]` and `left[1]`, and so on.
# `:` keeps the channels, and the last two axes, the crop, stay. (This picking copies, but only the crops that are wanted.)

# %%
import inspect
print(inspect.getsource(data.augment.shift))

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What does it cost?
#
# Microseconds an image, measured here. *How many times slower is the loop? Is rotating dearer than cropping?*

# %% tags=["timing"]
from time import perf_counter
def microseconds(change, X, repeats=20):
    times = []
    for _ in range(repeats):
        start = perf_counter()
        change(X)
        times.append(perf_counter() - start)
    return 1e6 * sorted(times)[repeats // 2] / len(X)


# %% tags=["timing"]
X = torch.rand(128, 3, 32, 32)
crop_and_flip = v2.Compose([v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip()])
costs = {
    "v2, one draw for the batch": microseconds(crop_and_flip, X),
    "v2, each image": microseconds(data.augment.each(crop_and_flip), X, repeats=5),
    "data.augment, each image": microseconds(data.augment.Random(shift=4, flip=0.5), X),
    "data.augment, all affine changes": microseconds(data.augment.Random(angle=15, scale=1.2, shear=10), X),
}
ax = viz.bars(costs, xlabel="microseconds an image", form="{:.1f}")
viz.caption(ax, "Crop, pad and flip of 3 x 32 x 32 images, three ways; below, rotation, scale and shear together.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Crop and flip with a draw for each image cost a few microseconds more than with one for all, and far less than the loop. Rotation, scale and shear read between pixels: that costs several times as much. But what counts is the share of a training
# step. We timed `fit` with LeNet beforehand, with shift and flip and without, in turns (`benchmarks/augmentation.py`, one thread), and read the stored results. LeNet is the hardest case: with a larger network the share shrinks.

# %% tags=["nbval-check-output"]
measured = runtime.results("augmentation")
for name, ratio in measured["against_plain"].items():
    print(f"LeNet on {name}: {100 * (ratio - 1):+.0f} % time with shift and flip")
affine, step = measured["microseconds_an_image"]["rotation, scale, shear"], 1e6 / 4000 * sorted(measured["seconds"]["colour digits, plain"])[2]
print(f"rotation, scale and shear: {affine:.0f} microseconds an image; a training step of LeNet without them: {step:.0f}")
assert max(measured["against_plain"].values()) <= 1.3 and affine < step / 2

# %% [markdown] slideshow={"slide_type": "skip"}
# Shift and flip: about a tenth. The affine changes: about a third of what LeNet takes, still little beside a larger network.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does the label survive?
#
# A mirrored cat is a cat. A mirrored 2? We mirror **test** digits, or turn them upside down, and let a network read them. *Which classes survive a flip? Which a half turn?*

# %%
reader = learn(digits, epochs=4, batch_size=128)
versions = {"as they are": lambda X: X, "mirrored": lambda X: X.flip(3), "upside down": lambda X: X.flip(2, 3)}
answers = {name: train.predict(reader, test_digits.changed(change)).argmax(1) for name, change in versions.items()}
right = torch.stack([torch.stack([(found == k)[test_digits.labels == k].float().mean() for k in range(10)]) for found in answers.values()])

# %%
ax = viz.heatmap(right, rows=list(answers), columns=list(range(10)), xlabel="class", label="share read rightly")
viz.caption(ax, "A LeNet trained on upright digits; 1,000 test digits as they are, mirrored, and turned by 180 degrees.")

# %%
print("class       ", "  ".join(f"{k:>4}" for k in range(10)))
for name, row in zip(answers, right.tolist()):
    print(f"{name:12}", "  ".join(f"{share:4.0%}" for share in row))
assert right[1, [0, 1, 8]].min() > 0.6 > 0.35 > right[1, [2, 3, 5]].min()

# %% [markdown] slideshow={"slide_type": "skip"}
# 0, 1 and 8 are nearly their own mirror images, and a mirrored 4 often still looks like a 4. The others break down. Upside down it is 0, 1, 8 and 5 that survive. And what does the network say to a 6 that stands on its head?

# %%
six, nine = (answers["upside down"][test_digits.labels == k] for k in (6, 9))
print(f"turned 6 read as 9: {(six == 9).float().mean():.0%}   turned 9 read as 6: {(nine == 6).float().mean():.0%}")
turned = test_digits.changed(versions["upside down"]).images[test_digits.labels == 6]
titles = [f"read as {k}" for k in six[:8].tolist()]
axes = viz.image_grid(turned[:8], titles=titles)
viz.caption(axes, "Sixes, turned by 180 degrees, and what the network reads.")
assert (six == 9).float().mean() > 0.5

# %% [markdown] slideshow={"slide_type": "skip"}
# Mostly it says 9, and then it is *right*: a turned 6 **is** a 9. Here the augmentation does not only make the task harder. It makes the label false. Train with half turns and the label 6, and you teach a contradiction.
#
# So there are three kinds of changes, and only you can tell which is which. The network cannot.
#
# | | example | train with it? |
# |---|---|---|
# | keeps the label, happens in the world | a slanted 4, a mirrored cat | yes |
# | keeps the label, does not happen | a mirrored 4, a cat upside down | it costs capacity and rarely helps |
# | changes the label | a turned 6; a mirrored "b"; a mirrored arrow; left and right lung | no, or change the label with it |

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask for more changes that alter labels: colour for ripe fruit, scale for cells under a microscope, a flip for handedness or text. There is no list; one needs to know the task.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How much is it worth?
#
# The same network on 100, 500 and 4,000 digits, as they are and changed, three seeds each; the test digits are always the same 1,000. *Where does the gap shrink most?*

# %% [markdown] slideshow={"slide_type": "skip"}
# These runs, and those on photographs below, take too long for an evening. They were made beforehand (`benchmarks/accuracy.py`), and we read the stored results.

# %%
claims = runtime.results("accuracy")["claims"]


def runs(claim, labels, metric="accuracy"):
    """Runs of some variants of a stored measurement: (seeds, variants)."""
    return torch.tensor([claims[claim]["variants"][label][metric]["runs"] for label in labels]).T


# %%
sizes = [100, 500, 4000]
labels = {name: [f"{n} images, {name}" for n in sizes] for name in ("as they are", "changed")}
gap = {name: 100 * (runs("augmentation_gap", each, "train_accuracy") - runs("augmentation_gap", each)) for name, each in labels.items()}
ax = viz.lines(gap, x=sizes, xscale="log", xlabel="training images", ylabel="train/test gap (points)")
ax.set_xticks(sizes, sizes)
viz.caption(ax, "LeNet with batch norm, about 1,000 steps each.")

# %%
import pandas as pd
table = pd.DataFrame({f"test, {name}": 100 * runs("augmentation_gap", each).mean(0) for name, each in labels.items()}, index=sizes)
for name in gap:
    table[f"gap, {name}"] = gap[name].mean(0)
assert (gap["changed"].mean(0) / gap["as they are"].mean(0))[:2].max() < 0.5
table.rename_axis("images").round(1)

# %% [markdown] slideshow={"slide_type": "skip"}
# With a hundred digits the gap falls to a third, with 500 to less than half, with 4,000 to about half. On a hundred digits that is eleven points of test accuracy, on 4,000 it is one: the more variety the data have, the less augmentation adds.
# And a network that saw a hundred digits, changed, reads about as well as one that saw five hundred, unchanged.
#
# All these networks still know (nearly) all of their training digits. But they could not learn them as mere pixels, and what they learned instead holds for new digits. This is what **regularisation** means, as with dropout
# (chapter 04): something that makes learning by heart harder.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### On photographs
#
# 10,000 images of CIFAR-10, a VGG of half the width with batch norm, crop and flip, 12 epochs.

# %%
photos = claims["augmentation_cifar10"]["variants"]
rows = {name: {"training": 100 * found["train_accuracy"]["mean"], "test": 100 * found["accuracy"]["mean"]} for name, found in photos.items()}
table = pd.DataFrame(rows).T
table["lowest test"], table["highest test"] = ([100 * pick(found["accuracy"]["runs"]) for found in photos.values()] for pick in (min, max))
table["gap"] = table["training"] - table["test"]
assert table["gap"]["crop and flip"] < 0.5 * table["gap"]["as they are"]
table.round(1)

# %% [markdown] slideshow={"slide_type": "skip"}
# The gap is cut to about a fifth. But look at the test column: it did **not** rise. It fell by about four points, and the three runs of the two do not overlap. After 12 epochs the network with crop and flip is still busy with its harder task, while the other one has begun to learn
# its images by heart. In the papers, with 200 epochs and more, augmentation does raise the test accuracy. We have not run that.
#
# So a small gap is not the goal. A high test accuracy is. Watch both, and never report the one for the other.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Cutout
#
# Set a square to zero, somewhere. The network can no longer rely on one telling part: it must know the cat by its ear as well.

# %% [markdown] slideshow={"slide_type": "skip"}
# DeVries and Taylor (2017) draw the **middle** of the square anywhere in the image, so that at a border part of the square falls outside and less is lost. They found that this matters: some images should stay nearly whole.
#
# ### Your turn: cut a square out
#
# Middles are given; `side` is odd, so the square reaches `side // 2` pixels to each side of its middle. *About 10 minutes.*

# %% tags=["exercise"]
def cut_out(X, row, col, side):
    """X (B, C, H, W), row and col int64 (B,), side odd -> (B, C, H, W): a square of zeros around (row, col) of each image, in a copy of X; what falls outside is ignored."""
    ### BEGIN SOLUTION
    X, reach = X.clone(), side // 2
    for image, r, c in zip(X, row.tolist(), col.tolist()):
        image[:, max(0, r - reach) : r + reach + 1, max(0, c - reach) : c + reach + 1] = 0
    return X
    ### END SOLUTION


# %% tags=["check"]
check.cut_out(cut_out)

# %% [markdown] tags=["hint"]
# Copy first: `X = X.clone()`. A loop over `zip(X, row.tolist(), col.tolist())` gives you each image as a view that you may write into.

# %% [markdown] tags=["hint"]
# A slice that begins below 0 counts from the end. A slice that ends beyond the image simply stops there.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Mixup: 70 % zero, 30 % seven
#
# Lay two images over each other, and mix their **labels** alike:
#
# $$\tilde x = \lambda\,x_i + (1 - \lambda)\,x_j \qquad \tilde y = \lambda\,y_i + (1 - \lambda)\,y_j$$

# %%
two = torch.stack([few.images[few.labels == k][0] for k in (0, 7)]).float() / 255
shares = [1.0, 0.7, 0.5, 0.3, 0.0]
axes = viz.image_grid(torch.stack([s * two[0] + (1 - s) * two[1] for s in shares]), titles=[f"{s:.0%} 0, {1 - s:.0%} 7" for s in shares])
viz.caption(axes, "A zero and a seven, mixed. The target of each picture is a row of probabilities with these two shares.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Zhang, Cissé, Dauphin and Lopez-Paz (2018). The label is no longer a number: half a 0 and half a 7 is no 3.5. It is a row of ten probabilities, the **one-hot** rows of both labels mixed. And $\lambda$ is drawn for each batch from a Beta
# distribution: with its parameter at 1, as `v2.MixUp` has it, every share is equally likely; with 0.2, as in the paper's ImageNet runs, it is mostly near 0 or 1.
#
# Between two classes the network now learns to pass from one answer to the other in a straight line, and it stops being certain of everything.
#
# Where do the partners come from? From the same batch, in another order: image $i$ is mixed with image `order[i]`.
#
# ### Your turn: mix images and labels
#
# *About 10 minutes.*

# %% tags=["exercise"]
def mix_up(X, y, lam, order, classes):
    """X (B, C, H, W), y int64 (B,), lam in [0, 1], order int64 (B,) -> mixed images and targets (B, classes); lam is the share of image i itself."""
    ### BEGIN SOLUTION
    one_hot = F.one_hot(y, classes).float()
    return lam * X + (1 - lam) * X[order], lam * one_hot + (1 - lam) * one_hot[order]
    ### END SOLUTION


# %% tags=["check"]
check.mix_up(mix_up)

# %% [markdown] tags=["hint"]
# `F.one_hot(y, classes).float()` has a row for each label, with a single 1.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A loss for mixed targets
#
# The cross-entropy weights every class's $-\log p$ with its share:
#
# $$L = -\frac{1}{B}\sum_b \sum_k t_{bk} \log p_{bk}$$
#
# $t_{bk}$: the share of class $k$ in image $b$. $p_{bk}$: its predicted probability.

# %% [markdown] slideshow={"slide_type": "skip"}
# With one-hot targets only the right class is left: the loss of chapter 00.
#
# ### Your turn: a loss for mixed targets
#
# *About 5 minutes.*

# %% tags=["exercise"]
def soft_cross_entropy(logits, targets):
    """logits (B, K), targets (B, K) with rows that sum to 1 -> the mean cross-entropy, a scalar tensor."""
    ### BEGIN SOLUTION
    return -(targets * logits.log_softmax(1)).sum(1).mean()
    ### END SOLUTION


# %% tags=["check"]
check.soft_cross_entropy(soft_cross_entropy)

# %% [markdown] tags=["hint"]
# `logits.log_softmax(1)` is the logarithm of the probabilities, computed so that it stays finite.

# %% [markdown] slideshow={"slide_type": "skip"}
# `F.cross_entropy` does this, too: give it probabilities in place of labels. So `fit` needs nothing new. `augment` may be a function of (X, y) and return other targets.
#
# ### CutMix
#
# Yun and others (2019): do not overlay, **paste**. A rectangle of one image replaces that part of another, and the labels are mixed by **area**. It is cutout whose hole is not wasted.

# %%
import matplotlib.pyplot as plt
first = [int((few.labels == k).nonzero()[0]) for k in (0, 2, 4, 7)]
few_X, few_y = few.images[first].float() / 255, few.labels[first]
torch.manual_seed(3)
own = torch.arange(4.0).view(4, 1, 1, 1).expand_as(few_X)
mixed, targets = v2.CutMix(num_classes=10, alpha=1.0)(torch.cat([few_X, own], 1), few_y)
pasted = (mixed[0, 1] != 0).nonzero()  # channel 1 says of which digit a pixel is
(top, left), (height, width) = pasted[0].tolist(), (pasted[-1] - pasted[0] + 1).tolist()
shares = [" + ".join(f"{row[k]:.2f} of {k}" for k in row.nonzero()[:, 0].tolist()) for row in targets]
axes = viz.image_grid(torch.cat([few_X, mixed[:, :1]]), titles=[*map(str, few_y.tolist()), *shares], columns=4)
viz.caption(axes, "CutMix of torchvision: above four digits; below, in orange, a part of the digit on the left (in the first one, of the last), and the target.")
for ax in axes[4:]:
    ax.add_patch(plt.Rectangle((left - 0.5, top - 0.5), width, height, fill=False, color=viz.KERNEL, linewidth=2))

# %% [markdown] slideshow={"slide_type": "skip"}
# `v2.MixUp` and `v2.CutMix` are made for batches. They draw one $\lambda$ for the batch, as their authors' code does, and mix each image with the one before it; the batch was shuffled, so that is a random partner. Combine them with what you have: first change each image, then mix.

# %%
cutmix = v2.CutMix(num_classes=10)
for name, change in {"changed": handwriting, "changed and mixed": lambda X, y: cutmix(handwriting(X), y)}.items():
    read = train.evaluate(learn(digits.subset(500), epochs=20, augment=change), test_digits)["accuracy"]
    print(f"500 digits, {name}: {read:.1%} of the test digits")
    assert read > 0.85

# %% [markdown] slideshow={"slide_type": "skip"}
# Mixing wins nothing here. That is no verdict: it is one run each, of 200 steps, and a harder task takes longer. The papers train for hundreds of epochs. Here you see only how it is done.
#
# The training accuracy that `fit` reports during such training means little: nobody can be right about half a digit. Judge on whole images.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Who chooses the strengths?
#
# Eleven sliders: too many to search. **TrivialAugment** (Müller and Hutter, 2021) draws one change and one strength at random for each image. Nothing to tune, and hard to beat.

# %%
trivial = data.augment.each(v2.TrivialAugmentWide())
torch.manual_seed(105)
axes = viz.image_grid(trivial(picture("cat").expand(12, 3, 64, 64)), columns=6)
viz.caption(axes, "Twelve draws of v2.TrivialAugmentWide, one change each: the first leaves the image as it is (identity), the bluish ones are equalised, the eighth is solarised.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The papers before it (AutoAugment, 2019; RandAugment, 2020) searched for good combinations, the first one with thousands of GPU hours. That a plain draw does as well was a surprise. But ask of its changes, too, whether
# the label survives: it turns by up to 135 degrees, and one of its changes (solarize) inverts bright pixels. A cat survives that. For digits you still have to think.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Test-time augmentation
#
# Ask the network about several views of one image, and average the **probabilities**. No training, only more computing.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: average the answers
#
# *About 5 minutes.*

# %% tags=["exercise"]
def average_views(model, X, views):
    """model in evaluation mode, X (B, C, H, W), views: list of functions of X -> mean probabilities (B, K), computed under torch.no_grad()."""
    ### BEGIN SOLUTION
    with torch.no_grad():
        return torch.stack([model(view(X)).softmax(1) for view in views]).mean(0)
    ### END SOLUTION


# %% tags=["check"]
check.average_views(average_views)

# %% [markdown] tags=["hint"]
# A list of (B, K) tensors, `torch.stack`ed, has the shape (views, B, K).

# %% [markdown] slideshow={"slide_type": "skip"}
# Nine views: the digit in its place, and moved by one pixel in eight directions. (`roll` brings what leaves in again on the other side; on black borders that does no harm.) *Which of our two networks on a hundred digits will gain more, the plain one or the one that was trained on moved digits?*

# %%
X, y = test_digits.normalised(), test_digits.labels
places = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]  # the fifth, number 4, does not move it
with torch.inference_mode():
    views = {name: torch.stack([net(X.roll(place, (2, 3))).softmax(1) for place in places]) for name, net in {"plain": plain, "changed": changed}.items()}
for name, shares in views.items():
    once, averaged = ((part.argmax(1) == y).float().mean().item() for part in (shares[4], shares.mean(0)))
    print(f"{name:8} one view {once:.1%}   nine views {averaged:.1%}   difference {100 * (averaged - once):+.1f} points")

# %% [markdown] slideshow={"slide_type": "skip"}
# The plain network gains about two points, the other one next to nothing, for nine times the computing. With care: the standard error of an accuracy of 85 % on 1,000 digits is 1.1 points. (Both answers are given to the same digits, which makes their comparison sharper than
# that; still it is one network and one seed.) A network trained on moved digits gives nearly the same answer to all nine views, so there is little left to average.
#
# In 2012, AlexNet's authors averaged ten views of each ImageNet photograph: four corners and the middle, and their mirror images. Their top-1 error went from 39.0 to 37.5 %.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Robust against what?
#
# Three networks on 1,000 digits: as they are, shifted, noisy. We test them on shifted and on noisy digits. *Does training with shifts help against noise?*

# %%
thousand = digits.subset(1000)
recipes = {"as they are": None, "shifted": data.augment.Random(shift=4), "noisy": data.augment.Random(noise=0.6)}
nets = {name: learn(thousand, epochs=12, augment=change) for name, change in recipes.items()}


def reads(net, change):
    return train.evaluate(net, test_digits.changed(change))["accuracy"]


# %%
def moved(pixels):
    return lambda X: data.augment.shift(X, torch.full((len(X),), pixels), torch.zeros(len(X), dtype=torch.int64))


def noisy(sigma):
    noise = torch.randn(1000, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    return lambda X: X + sigma * noise


# %%
pixels, sigmas = list(range(0, 9, 2)), [0, 0.2, 0.4, 0.6, 0.8]
against_shift = {name: [reads(net, moved(p)) for p in pixels] for name, net in nets.items()}
against_noise = {name: [reads(net, noisy(s)) for s in sigmas] for name, net in nets.items()}

# %%
_, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
viz.lines(against_shift, x=pixels, ax=axes[0], xlabel="shift to the right (pixels)", ylabel="test accuracy")
viz.lines(against_noise, x=sigmas, ax=axes[1], xlabel="standard deviation of the noise")
viz.caption(axes[0], "Three networks, named for what they were trained on: 1,000 digits as they are, shifted by up to 4 pixels, or with noise up to 0.6.")

# %%
for name in nets:
    print(f"{name:12} shifted by 4: {against_shift[name][2]:.0%}   noise of 0.6: {against_noise[name][3]:.0%}")
assert against_shift["shifted"][2] > against_shift["as they are"][2] + 0.1
assert against_noise["noisy"][3] > against_noise["as they are"][3] + 0.05

# %% [markdown] slideshow={"slide_type": "skip"}
# On digits as they are the three hardly differ. But each is strong where it was trained, and elsewhere weaker than the network that was trained on nothing special: the one trained on shifts did worse on noise, and the one trained on noise did worse on shifts.
# (One network each, with one seed. The gains are large; the losses elsewhere are no law.) The network that knows shifts of up to 4 pixels falls, too, once the shift is larger than any it has met:
# a convolution moves its maps along with the picture, but the dense layers behind it learned *where* things are.
#
# So ask first how the images of tomorrow will differ from those of today, and train with that.

# %% [markdown] slideshow={"slide_type": "notes"}
# A good closing question: your network will read parcels on a conveyor belt. Which three augmentations do you switch on first, and which not at all? Motion blur, light and rotation; no flip, for there is text.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "A batch of 128 images goes through v2.RandomRotation(30) in one call. How many angles are drawn?", "type": "numeric",
     "answers": [{"type": "value", "value": 1, "correct": True, "feedback": "One for the whole batch. Call it once for each image, or draw a vector of angles."},
                 {"type": "default", "feedback": "Look at the two rows of cats again."}]},
    {"question": "An image is padded by 2 on each side and cropped back to its size. How many different crops are there?", "type": "numeric",
     "answers": [{"type": "value", "value": 25, "correct": True, "feedback": "5 places in each direction."},
                 {"type": "default", "feedback": "From 2 to the left to 2 to the right is 5 places, and the same up and down."}]},
    {"question": "Mixup with lam = 0.6 mixes a 3 with a 5. What is the target?", "type": "multiple_choice",
     "answers": [{"answer": "0.6 for class 3 and 0.4 for class 5", "correct": True, "feedback": "The one-hot rows are mixed as the images are."}, {"answer": "3.8", "correct": False, "feedback": "Labels are names, not quantities."},
                 {"answer": "3, the class with the larger share", "correct": False, "feedback": "Then the network would be punished for noticing the 5, which makes up 40 % of the picture."}]},
    {"question": "You switch augmentation on. The training accuracy falls from 100 % to 97 %, the test accuracy rises from 90 % to 94 %. What happened?", "type": "multiple_choice",
     "answers": [{"answer": "It regularises: the gap went from 10 points to 3", "correct": True, "feedback": "Harder to learn by heart, better on new images."},
                 {"answer": "The network has become too small", "correct": False, "feedback": "Then the test accuracy would fall as well."},
                 {"answer": "The test images were augmented too", "correct": False, "feedback": "They are left as they are."}]},
    {"question": "Which change makes the label false on photographs of street signs?", "type": "multiple_choice",
     "answers": [{"answer": "Left-right flip", "correct": True, "feedback": "'Turn left' becomes 'turn right'."},
                 {"answer": "A little noise", "correct": False, "feedback": "That is what a camera at night does."}, {"answer": "Another intensity", "correct": False, "feedback": "Signs are seen in sun and rain."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * A change that keeps the label: a new image for free.
# * One draw for each image.
# * Some changes make the label false. Only you know which.
# * The gap shrinks. That alone does not make a network better.

# %% [markdown] slideshow={"slide_type": "skip"}
# * Flip reverses the last axis; crop and pad picks a window of the padded image. Both run on a whole batch at once, each image with its own draw.
# * Every augmentation imitates something. What it imitates must happen in your task, and must not change the answer: a turned 6 is a 9.
# * Cutout hides a part. Mixup and CutMix mix images and, with them, the labels; cross-entropy takes probabilities as targets.
# * Augmentation regularises: it cut the gap of LeNet on a hundred digits to a third, and that on CIFAR-10 to a fifth, though there, after 12 epochs, the test accuracy was four points lower. A network becomes robust against what it was trained with; against other changes it may become weaker. Done for the whole
#   batch at once, crop and flip cost next to nothing; rotation, scale and shear cost more, but little beside a larger network.
# * Averaging the probabilities of several views costs no training, and as many forward passes as there are views.
#
# ### Common mistakes
#
# * *One draw for the whole batch.* Transforms of v2 on a batch change all images alike.
# * *Augmenting the test set.* Then you measure another task. (Test-time augmentation is something else: its answers are averaged.)
# * *Augmenting once and storing the result.* The draw must be new in every epoch.
# * *Splitting into training and test after augmenting.* Copies of a training image end up in the test, and the accuracy is a lie.
# * *Flipping because everyone flips.* Text, digits, arrows, hearts.
# * *Mixing images and keeping labels.*
# * *Not knowing whether normalising comes first.* After it, limits of [0, 1] cut in the wrong place, and zero is the mean grey, not black. (Cutout's authors wanted just that.)
# * *"Lower training accuracy, so augmentation hurts."* Look at the test accuracy.
#
# ### Papers
#
# * A. Krizhevsky, I. Sutskever, G. Hinton (2012). "ImageNet classification with deep convolutional neural networks". *NIPS*. (Crops, flips, colour; ten views at test time.)
# * P. Simard, D. Steinkraus, J. Platt (2003). "Best practices for convolutional neural networks applied to visual document analysis". *ICDAR*.
# * T. DeVries, G. Taylor (2017). "Improved regularization of convolutional neural networks with cutout". *arXiv:1708.04552*.
# * H. Zhang, M. Cissé, Y. Dauphin, D. Lopez-Paz (2018). "mixup: beyond empirical risk minimization". *ICLR*.
# * S. Yun, D. Han, S. J. Oh, S. Chun, J. Choe, Y. Yoo (2019). "CutMix: regularization strategy to train strong classifiers with localizable features". *ICCV*.
# * E. Cubuk, B. Zoph, D. Mané, V. Vasudevan, Q. Le (2019). "AutoAugment: learning augmentation strategies from data". *CVPR*.
# * S. Müller, F. Hutter (2021). "TrivialAugment: tuning-free yet state-of-the-art data augmentation". *ICCV*.
