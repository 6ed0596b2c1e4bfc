# ---
# title: Start here
# question: Why do networks for images need a layer of their own?
# minutes: 75
# builds_on: []
# goals:
#   - see an image as the tensor that it is
#   - write a dense layer, an activation and a loss, and say what each is for
#   - count what a dense layer costs on images, and watch it fail when a digit moves
#   - use the tools of this course, namely checks, hints, explorers and full data
# ---

# %% tags=["setup"]
import numpy as np
import torch
import torch.nn.functional as F
from utils import complexity, data, models, runtime, train, viz, widgets
from utils.checks import ch00 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Your machine
#
# Once you have the course, it needs no internet connection. Run a cell with Shift + Enter.

# %% tags=["timing"]
train_set, test_set = data.mnist()
history = train.fit(models.create("lenet"), train_set, epochs=1, progress=False)
runtime.report(train_set, history.images_per_second[-1])

# %% [markdown] slideshow={"slide_type": "skip"}
# The lines above say what you have: versions, device, data, and how many images a second a small network, LeNet, trains on. If you ask for help,
# send them along.
#
# The course comes with 5,000 handwritten digits. More data is a choice, never a need, and there are two ways to it. Call `data.mnist("full")`: it
# downloads all 70,000 digits once. Or set the environment variable `COURSE_DATA`, before you start Jupyter, to a folder that already holds the full sets.
# From then on `data.mnist()` takes what is there.

# %% [markdown] slideshow={"slide_type": "notes"}
# Open this cell live and read the numbers out. LeNet trains on some thousand images a second on a laptop: the rest of the course is built so that nobody
# waits. Say where people find the Run button, and how to restart the kernel.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## An image is a block of numbers
#
# Height, width, colour: three axes. Each number says how bright one colour is at one place.

# %%
photo = data.photos()["astronaut"][0:256, 96:352]
axes = viz.image_grid([photo, *np.moveaxis(photo, 2, 0)], titles=["photograph", "red", "green", "blue"], columns=4)
axes[1].plot([100.5, 112.5, 112.5, 100.5, 100.5], [95.5, 95.5, 105.5, 105.5, 95.5], color=viz.KERNEL, linewidth=1)
viz.caption(axes, "A photograph and its three channels, each from 0 (black) to 255 (white).")

# %% tags=["nbval-check-output"]
print("photograph, (height, width, channel):", photo.shape, photo.dtype)
X = train_set.normalised(slice(0, 8))  # as a network gets them
print("eight digits, (batch, channel, height, width):", tuple(X.shape), X.dtype)

# %% [markdown] slideshow={"slide_type": "skip"}
# Photographs are stored with the channel last, as whole numbers. PyTorch wants the channel before height and width, a batch of images in front, and
# floating point numbers. The digits are such a batch; our photograph has to become `(1, 3, 256, 256)`. In this course `X` is always a batch, its first axis B.
# For images it is `(B, C, H, W)`.
#
# Now look into the orange box. Without the shading the picture is gone: only numbers are left. This is all that a network ever sees.

# %%
ax = viz.numbers(photo[96:106, 101:113, 0], role="pixels", largest=255)
viz.caption(ax, "The box in the red channel, 10 by 12 pixels: an eye.")

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: from a photograph to a batch
#
# Every exercise of this course looks like the next three cells. You complete a function. The check tells you whether it is right and, if not, what is
# wrong with it. Under the check are hints, and the solution, folded away. *About 5 minutes.*

# %% tags=["exercise"]
def to_batch(photo):
    """uint8 NumPy photograph (H, W, 3) -> float32 tensor (1, 3, H, W) in [0, 1]."""
    ### BEGIN SOLUTION
    return torch.from_numpy(photo).permute(2, 0, 1)[None].float() / 255
    ### END SOLUTION


# %% tags=["check"]
check.to_batch(to_batch)

# %% [markdown] tags=["hint"]
# `permute(2, 0, 1)` names, for each new axis, the old axis that it takes. `reshape` would keep the numbers in their old order and tear the picture apart.

# %% [markdown] tags=["hint"]
# `[None]` puts an axis of length 1 in front.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A dense layer is a matrix
#
# Every output is a weighted sum of **every** input, plus a bias: $y = W x + b$.

# %% [markdown] slideshow={"slide_type": "skip"}
# Picture three circles on the left, one for each input; two on the right, one for each output; and a line from each to each. A line is a weight, and a
# circle on the right adds up what arrives. Write the weights of one output as a row, the rows under each other, and the drawing is a matrix.
#
# *How many lines are there, so how many weights?*

# %%
x = torch.tensor([1.0, 2.0, 0.0])
weight = torch.tensor([[0.5, -1.0, 2.0], [1.0, 1.0, 1.0]])
bias = torch.tensor([0.5, 0.0])

# %% tags=["nbval-check-output"]
for row, b in zip(weight, bias):
    products = [f"{w:g} * {value:g}" for w, value in zip(row, x)]
    print(" + ".join(products), f"+ {b:g} = {row @ x + b:g}")
print("W x + b =", (weight @ x + bias).tolist())

# %% [markdown] slideshow={"slide_type": "skip"}
# Six lines, six weights, and a bias for each output.
#
# ### Your turn: a dense layer
#
# A batch of inputs stands in rows. *What must change in `weight @ x + bias`?* *About 5 minutes.*

# %% tags=["exercise"]
def dense(X, weight, bias):
    """X (B, n), weight (m, n), bias (m,) -> (B, m): every output a weighted sum of every input, plus its bias."""
    ### BEGIN SOLUTION
    return X @ weight.T + bias
    ### END SOLUTION


# %% tags=["check"]
check.dense(dense)

# %% [markdown] tags=["hint"]
# Write the shapes under each other: (B, n) times what gives (B, m)? Which of the two axes of `weight` must come first?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why a stack of matrices is not enough
#
# Two linear layers in a row are one linear layer: $W_2 (W_1 x) = (W_2 W_1) x$. Something must bend in between.

# %% [markdown] slideshow={"slide_type": "skip"}
# That something is the **activation function**, applied to each number by itself. It makes a deep stack more than a
# single matrix. And a ReLU can say "this feature is not here" by falling silent.
#
# Below are four of them, each with its gradient. *Where is the gradient of each one close to zero? There, a unit learns almost nothing.*

# %%
z = torch.linspace(-5, 5, 201)
activations = {"ReLU": F.relu, "leaky ReLU": F.leaky_relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
# grad(f) is the slope of f at one number; vmap takes it at every number of z
gradients = {name: torch.func.vmap(torch.func.grad(f))(z) for name, f in activations.items()}

# %%
axes = viz.lines({name: f(z) for name, f in activations.items()}, x=z, xlabel="input", ylabel="output")
viz.caption(axes, "Four activation functions.")

# %%
axes = viz.lines(gradients, x=z, xlabel="input", ylabel="gradient")
viz.caption(axes, "Their gradients. The sigmoid's is never above a quarter.")

# %% tags=["nbval-check-output"]
print({name: round(gradient.max().item(), 2) for name, gradient in gradients.items()})

# %% [markdown] slideshow={"slide_type": "skip"}
# ReLU's gradient is zero for every negative input; the sigmoid's and tanh's are close to it far from zero, on both sides; leaky ReLU's is 0.01 below zero,
# small but never nothing.
#
# The sigmoid's gradient is at most 0.25. Ten in a row multiply a gradient by at most $0.25^{10}$, about a millionth, and only large weights in between
# could make up for it: the first layers of a deep sigmoid net hardly move. ReLU's gradient is 1 wherever it is not 0. Chapter 05 measures how much faster a
# network learns with it.
#
# ### Your turn: leaky ReLU and its gradient
#
# For inputs below zero a leaky ReLU gives a small share of its input, instead of nothing. *About 5 minutes.*

# %% tags=["exercise"]
def leaky_relu(z, slope=0.01):
    """(output, gradient) of the leaky ReLU, two tensors like `z`: slope `slope` below zero, 1 above, either one at 0."""
    ### BEGIN SOLUTION
    output = torch.where(z > 0, z, slope * z)
    gradient = torch.where(z > 0, 1.0, slope)
    return output, gradient
    ### END SOLUTION


# %% tags=["check"]
check.leaky_relu(leaky_relu)

# %% [markdown] tags=["hint"]
# `torch.where(condition, a, b)` takes from `a` where the condition holds, else from `b`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A loss says how wrong we are
#
# Training needs one number to make small. Both usual choices come from one idea: **make the data likely**.

# %% [markdown] slideshow={"slide_type": "skip"}
# A network with parameters $\theta$ gives each possible answer a probability. *Maximum likelihood* picks the $\theta$ under which the right answers, all
# together, are most probable. A product of many small numbers is awkward. So we take the logarithm, which makes it a sum; change the sign, because
# optimisers minimise; and divide by the number of images B, to get a mean:
#
# $$ L(\theta) = -\frac{1}{B} \sum_{i=1}^{B} \ln p_\theta(y_i \mid x_i) $$
#
# **Regression.** The network predicts $\hat y_i$. Suppose the true answers scatter around it with normal noise of variance 1: $p(y_i \mid x_i) = \frac{1}{\sqrt{2\pi}} e^{-(y_i - \hat y_i)^2 / 2}$.
# Then $-\ln p = \frac12 (y_i - \hat y_i)^2 + \text{const}$: up to a factor and a constant, the **mean squared error**.
#
# **Classification.** The last layer gives one number $z_k$, of any size, for each of the $K$ classes: a *logit*. The softmax makes probabilities of them:
#
# $$ p_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}, \qquad -\ln p_y = \ln \sum_{j=1}^{K} e^{z_j} - z_y $$
#
# That is the **cross-entropy**, zero only if all probability lies on the right class. PyTorch has it as `F.cross_entropy`, which takes the logits and applies
# the softmax itself.

# %% tags=["nbval-check-output"]
logits = torch.tensor([[2.0, 1.0, -1.0]])
p = logits.softmax(1)
print("probabilities:", [round(value, 3) for value in p[0].tolist()])
print("loss if class 0 is right:", round(-p[0, 0].log().item(), 3))
print("loss if class 2 is right:", round(-p[0, 2].log().item(), 3))

# %% [markdown] slideshow={"slide_type": "skip"}
# The net gave class 0 a probability of 70 %. If that is right, it costs 0.35; if the right class is the one at 3.5 %, it costs 3.35. The surer the mistake, the
# larger the loss, and the harder it pushes.
#
# ### Your turn: mean squared error
#
# *About 3 minutes.*

# %% tags=["exercise"]
def mean_squared_error(predicted, y):
    """Mean of the squared differences over all numbers, a scalar tensor: predicted and y have the same shape."""
    ### BEGIN SOLUTION
    return (predicted - y).square().mean()
    ### END SOLUTION


# %% tags=["check"]
check.mean_squared_error(mean_squared_error)

# %% [markdown] tags=["hint"]
# Difference, square, mean, in this order.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: cross-entropy
#
# Write it from logits. The check also tries logits as large as 1,000: $e^{1000}$ is no number a computer can hold. *About 15 minutes.*

# %% tags=["exercise"]
def cross_entropy(logits, y):
    """Mean cross-entropy, a scalar tensor: logits (B, K), y (B,) int64 with the right class of each."""
    ### BEGIN SOLUTION
    right = logits[torch.arange(len(y)), y]
    return (logits.logsumexp(1) - right).mean()
    ### END SOLUTION


# %% tags=["check"]
check.cross_entropy(cross_entropy)

# %% [markdown] tags=["hint"]
# `logits[torch.arange(len(y)), y]` picks one number from each row: that of the right class.

# %% [markdown] tags=["hint"]
# Taking the same number off all logits of a row changes no probability. Take off the largest, or let `torch.logsumexp` do it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Learning needs only slopes
#
# A network can contain any block that can say how much its output changes when its input or its weights change a little.

# %% [markdown] slideshow={"slide_type": "skip"}
# Backpropagation is the chain rule, from the loss backwards: each block multiplies the gradient it receives by its own slope and passes it on. So a
# network may be put together from anything that has a derivative: matrices, activations, and the convolutions of this course.
#
# Here is a network of one number.

# %% tags=["nbval-check-output"]
w = torch.tensor(2.0, requires_grad=True)
loss = (F.relu(w * 3) - 5).square()
print("w * 3 =", (w * 3).item(), " loss", loss.item())

# %% [markdown] slideshow={"slide_type": "skip"}
# *Should `w` grow or shrink? So which sign has the gradient?*

# %% tags=["nbval-check-output"]
by_hand = 2 * (6 - 5) * 1 * 3  # slope of the square, 2 * (6 - 5); of the ReLU, 1; of w * 3, 3
loss.backward()
print("gradient by hand", by_hand, " by PyTorch", w.grad.item())

# %% [markdown] slideshow={"slide_type": "skip"}
# It is positive: a larger `w` makes the loss larger, so `w` should shrink.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why not dense layers for images?
#
# *How many parameters, weights and biases, has one dense layer with 100 units, on a photograph of 224 x 224 in colour?*

# %% tags=["nbval-check-output"]
for name, pixels in {"digit, 28 x 28": 28 * 28, "photograph, 224 x 224 x 3": 224 * 224 * 3}.items():
    print(f"{name:26} {pixels:>8,} inputs   {100 * pixels + 100:>11,} parameters for 100 units")

# %% [markdown] slideshow={"slide_type": "skip"}
# Fifteen million numbers, for one layer, before anything is recognised. But the count is the smaller problem. The larger one: a dense layer has a weight of its
# own for each pixel, so what it learns about a stroke in the middle says nothing about the same stroke two pixels further.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: count
#
# A *multilayer perceptron* (MLP) is dense layers in a row, with an activation after each but the last. The one below lays the 28 x 28 pixels of a digit out as
# 784 numbers, and has a layer of 128 units and one of 10, a logit for each digit. *How many parameters is that?* *About 5 minutes.*

# %% tags=["exercise"]
def mlp_parameters(input_shape, widths):
    """Parameters (int) of dense layers in a row, the last of `widths` the output: ((3, 32, 32), [100, 10]) -> 308,310."""
    ### BEGIN SOLUTION
    inputs = int(np.prod(input_shape))
    total = 0
    for width in widths:
        total += inputs * width + width
        inputs = width
    return total
    ### END SOLUTION


# %% tags=["check"]
check.mlp_parameters(mlp_parameters)

# %% [markdown] tags=["hint"]
# A layer with n inputs and m outputs has n times m weights and m biases. Its outputs are the next layer's inputs.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Move a digit by two pixels
#
# To us nothing has changed. To a dense layer the strokes now fall on other weights.
#
# *How far must it move until every second answer is wrong?*

# %%
runtime.seed_everything(0)
mlp = models.create("mlp")
print(f"{complexity.count(mlp, (1, 28, 28))['params']:,} parameters")
history = train.fit(mlp, train_set, test_set, epochs=8, seed=0)
print(f"{train.evaluate(mlp, test_set)['accuracy']:.1%} of centred test digits are right")

# %%
X, y = test_set.normalised(), test_set.labels
background = X.min().item()  # normalised() takes the mean off and divides by the spread: black is no longer 0


def shifted(X, pixels):
    """X moved to the right by `pixels`: columns of background in on the left, as many cut off on the right."""
    return F.pad(X, (pixels, 0), value=background)[..., : X.shape[-1]]


# %%
shifts = range(7)
with torch.inference_mode():
    accuracy = [(mlp(shifted(X, pixels)).argmax(1) == y).float().mean().item() for pixels in shifts]
ax = viz.lines({"MLP": accuracy}, x=list(shifts), xlabel="shift to the right, pixels", ylabel="accuracy")
ax.axhline(0.1, color=viz.INPUT, linestyle="--", label="guessing")
ax.set_ylim(0, 1)
ax.legend()
viz.caption(ax, "An MLP that reads centred digits well loses its way within a few pixels.")

# %%
assert accuracy[0] > 0.9 and accuracy[0] - accuracy[2] > 0.05 and accuracy[6] < 0.4
print([f"{value:.0%}" for value in accuracy])

# %% [markdown] slideshow={"slide_type": "skip"}
# On the 5,000 digits of the course, two pixels cost about 25 points, at three about half the answers are wrong, and at six the net only guesses. Each pixel has its own
# weights: what was learned in one place is unknown in the next.

# %% [markdown] slideshow={"slide_type": "notes"}
# Before the figure, let people bet: how far must a digit move until every second answer is wrong? Take a show of hands for two, five and ten pixels.

# %% [markdown] slideshow={"slide_type": "skip"}
# See it happen to one digit. *Move it with the mouse or the arrow keys: which way fails first?*

# %%
widgets.shift_explorer(mlp, test_set, maps=False)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two ideas that the rest of the course builds
#
# **Sparse interactions**: an output looks at a small window. **Parameter sharing**: the same weights for every window.

# %% [markdown] slideshow={"slide_type": "skip"}
# A layer with both is a **convolution**. A window of 3 x 3 fits in 26 places along a side of 28, so on a digit the layer gives 26 x 26 numbers, called a
# *feature map*. A dense layer could give as many. *What does each cost?*

# %% tags=["nbval-check-output"]
dense_layer = torch.nn.Linear(28 * 28, 26 * 26)
convolution = torch.nn.Conv2d(1, 1, 3)
for name, layer in {"dense": dense_layer, "convolution": convolution}.items():
    print(f"{name:12} {sum(p.numel() for p in layer.parameters()):>8,} parameters")

# %% [markdown] slideshow={"slide_type": "skip"}
# Both make 676 numbers out of 784. One needs half a million parameters for that, the other ten. And since the ten are the same everywhere, a stroke that moves by two
# pixels gives the same answers, two pixels further. Chapter 01 slides such a window by hand.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The map of the course

# %%
chapters = {
    0: ("Start here", []), 1: ("Convolution by hand", [0]), 2: ("Edges: Prewitt and Sobel", [1]), 3: ("Pooling", [1]),
    4: ("LeNet on MNIST", [1, 3]), 5: ("AlexNet", [4]), 6: ("VGG blocks", [5]), 7: ("Inception", [6]),
    8: ("Batch normalisation", [6]), 9: ("ResNet", [8]), 10: ("SE-Net", [9]), 11: ("Augmentation", [4]),
    12: ("Reading cheques", [4]), 13: ("The model zoo", [9]), 14: ("Autoencoders and retrieval", [4]), 15: ("Where next", [10]),
}

# %%
ax = viz.course_map(chapters)
viz.caption(ax, "The chapters, and what each builds on.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Do 01, 03 and 04 in this order; 02, on filters made by hand, is a detour worth taking. From 05 on, follow the arrows to what interests you.
#
# Four tools come with every chapter:
#
# * **check** judges your answer and says what is wrong with it. It never takes points off.
# * **Hints** stand under the check, folded. So does the solution. Take a hint before you are angry.
# * **Explorers** are figures that you can move with mouse and keyboard. What they show is computed by the same functions as in the chapter.
# * **Full data**: call `data.mnist("full")` once, or set `COURSE_DATA` to a folder that holds it, and `data.mnist()` takes all 70,000 digits.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "A batch of 8 colour images, 32 high and 48 wide. Which shape has X?", "type": "multiple_choice",
     "answers": [{"answer": "(8, 3, 32, 48)", "correct": True, "feedback": "Batch, channels, height, width."},
                 {"answer": "(8, 32, 48, 3)", "correct": False, "feedback": "That is how photographs are stored. PyTorch wants the channel before height and width."},
                 {"answer": "(3, 8, 32, 48)", "correct": False, "feedback": "The batch comes first."}]},
    {"question": "Why is there an activation function between two dense layers?", "type": "multiple_choice",
     "answers": [{"answer": "Without it both together are one dense layer", "correct": True, "feedback": "A product of matrices is a matrix."},
                 {"answer": "It keeps the numbers between 0 and 1", "correct": False, "feedback": "ReLU does not, and it is the most used."},
                 {"answer": "Backpropagation needs it", "correct": False, "feedback": "Backpropagation works through matrices as well."}]},
    {"question": "A net gives the right class a probability of 1/10. What is its cross-entropy, to two decimals?", "type": "numeric",
     "answers": [{"type": "range", "range": [2.295, 2.31], "correct": True, "feedback": "-ln 0.1 = 2.30."},
                 {"type": "default", "feedback": "Minus the natural logarithm of 0.1."}]},
    {"question": "Why does an MLP fail on a digit that has moved?", "type": "multiple_choice",
     "answers": [{"answer": "Each pixel has weights of its own", "correct": True, "feedback": "What it learned in one place it does not know in another."},
                 {"answer": "It has too few parameters", "correct": False, "feedback": "More would not help: each would still belong to one pixel."},
                 {"answer": "Moving a digit changes its label", "correct": False, "feedback": "To us it is still the same digit."}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * An image is a tensor; a dense layer is a matrix; activations keep a stack from being one.
# * Both losses are minus the log-likelihood.
# * Dense layers on images are large, and a moved digit is new to them.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Common mistakes
#
# * *`reshape` instead of `permute`.* The shape is right and the picture is torn. Look at one image after each such step.
# * *Softmax, then `F.cross_entropy`.* The loss takes logits and applies the softmax itself.
# * *Calling a pixel a parameter.* Inputs and feature maps are computed or given; parameters are learned.
# * *Images in 0 to 255 given to a network that expects 0 to 1.* Nothing fails, it only learns badly.
#
# ### Papers
#
# * D. E. Rumelhart, G. E. Hinton, R. J. Williams (1986). "Learning representations by back-propagating errors". *Nature* 323.
# * X. Glorot, A. Bordes, Y. Bengio (2011). "Deep sparse rectifier neural networks". *AISTATS*.
# * Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998). "Gradient-based learning applied to document recognition". *Proceedings of the IEEE* 86(11).
