# ---
# title: Reading cheques
# question: How does a net that knows one digit read a whole amount?
# minutes: 120
# builds_on: [2, 4, 6, 8, 11]
# goals:
#   - turn dense layers into convolutions with the same weights, and say where each answer of a pass looks
#   - count and measure what one pass saves against cutting windows
#   - say how a net learns that there may be nothing to read, and which training pictures that takes
#   - turn a map of answers into an amount by the best path, under a model that you can state
#   - measure how often a whole amount is right, and say what makes it go wrong
# ---

# %% tags=["setup"]
import torch
from torch import nn
from utils import complexity, data, models, reading, runtime, train, viz, widgets
from utils.data import cheques
from utils.checks import ch12 as check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A line, not a digit
#
# LeNet reads one digit that lies in the middle of its field. On a cheque stands an amount: we know neither how many digits, nor where.

# %% [markdown] slideshow={"slide_type": "skip"}
# This was the task that LeNet was built for. The paper of 1998 ends with a system that read several million cheques a day. Its net had learned single digits, as yours in chapter 04;
# this chapter builds the rest of the way: from one digit to a line, and from the line to the cheque.
#
# We need amounts to practise on. `cheques` writes them with real digits: 2,000 of MNIST's *test* set, which none of the nets here has been trained on. Neighbouring digits are mostly by different writers.

# %%
digits = data.mnist_test_digits()
lines = cheques.amounts(digits, 500, seed=0)
axes = viz.image_grid(255 - lines.images[:6, 0], titles=lines.texts[:6], columns=3)
viz.caption(axes, "Six of 500 amounts of 3 to 6 digits, on lines of 32 x 224 pixels.")

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask how the room would program this. Somebody will say: cut between the digits, then read each one. Let them say where exactly to cut, then go to the next slide.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Cut first?
#
# Cut wherever a column has no ink. Three hands: tidy (gaps of 3 to 7 pixels), close (0 to 2), touching (-4 to 0). *For which share of the lines is the number of pieces right?*

# %%
def pieces(line):
    """Into how many pieces does a line (32, 224) fall, if we cut at every column without ink?"""
    inked = (line > 64).any(0).int()
    return int((inked.diff() == 1).sum())


# %%
hands = {name: cheques.LEVELS[name] for name in ("tidy", "close", "touching")}
cut_well = {}
for name, hand in hands.items():
    written = cheques.amounts(digits, 500, hand, seed=0)
    cut_well[name] = sum(pieces(line) == len(text) for line, text in zip(written.images[:, 0], written.texts)) / 500
ax = viz.bars({name: 100 * share for name, share in cut_well.items()}, xlabel="lines in as many pieces as digits (%)", form="{:.1f}")
viz.caption(ax, "Cutting at empty columns, 500 amounts each. With digits that touch, hardly ever as many pieces as digits.")

# %% [markdown] slideshow={"slide_type": "skip"}
# As soon as digits touch, there is nothing to cut at. And even in a tidy hand some lines fall into too many pieces: a 5 whose bar stands apart falls into two. To cut well, you would have to know the digits; to
# know the digits, you would have to cut. (Sayre described this in 1973; it is known as his paradox.)
#
# The way out: do not cut. Look everywhere, and decide at the end.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Look everywhere
#
# Slide LeNet's field of 32 x 32 along the line, 4 pixels at a time, and let it answer each time.

# %%
X = lines.normalised()
windows = reading.cut_windows(X[:1])
print("windows:", tuple(windows.shape))
axes = viz.image_grid(windows[0, 3:19, 0], columns=8)
viz.caption(axes, "Sixteen neighbouring windows of the first line. Each shows nearly what the last one showed.")

# %% [markdown] slideshow={"slide_type": "skip"}
# 49 windows for one line, and neighbours share seven eighths of their pixels. The first convolution computes most of its numbers 7 times over. That is a waste, and it has a remedy that costs nothing.
#
# A convolution does not mind how wide its input is. Give C1 the whole line, and its maps come out wider; so do those of the pooling and of C3. Only the first **dense** layer protests: it has 400 weights for each of its outputs, no more.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A dense layer is a convolution in disguise
#
# Four weights for a map of 2 x 2. Write them as a kernel of 2 x 2, and nothing has changed.

# %% tags=["nbval-check-output"]
dense = nn.Linear(4, 1, bias=False)
dense.weight.data = torch.tensor([[1.0, 2, 3, 4]])
narrow = torch.tensor([[[1.0, 0], [2, 1]]])
kernel = dense.weight.view(1, 1, 2, 2)
print("dense:      ", dense(narrow.flatten()).item())
print("convolution:", nn.functional.conv2d(narrow, kernel).item())

# %% [markdown] slideshow={"slide_type": "skip"}
# Multiply each weight with its number, add up: both do the same. But now let the map be wider. The dense layer cannot take it. *What will the convolution give for a map of 2 x 4?*

# %%
wide = torch.tensor([[[1.0, 0, 3, 1], [2, 1, 0, 2]]])
slid = nn.functional.conv2d(wide, kernel).detach()
axes = viz.number_row({"map": wide[0], "the weights as a kernel": kernel[0, 0].detach(), "answers": slid[0]}, ["*", "="], roles={"map": "input", "the weights as a kernel": "kernel", "answers": "feature_map"})
viz.caption(axes, "The first answer is the dense layer's on the left window. The others are what it would have said one and two columns further on.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The later dense layers are even simpler: they take 120 numbers, or 84, which lie at *one* place. Their kernels are 1 x 1.
#
# ### Your turn: a dense layer as a convolution
#
# `dense` comes after maps of the given shape (C, H, W), which are flattened as `nn.Flatten` does it. *About 10 minutes.*

# %% tags=["exercise"]
def dense_to_conv(dense, shape):
    """nn.Linear (with a bias) after flattened maps (C, H, W) -> nn.Conv2d that gives the same on them, and slides on larger ones."""
    ### BEGIN SOLUTION
    C, H, W = shape
    conv = nn.Conv2d(C, dense.out_features, (H, W))
    conv.weight.data = dense.weight.data.view(-1, C, H, W)
    conv.bias.data = dense.bias.data
    return conv
    ### END SOLUTION


# %% tags=["check"]
check.dense_to_conv(dense_to_conv)

# %% [markdown] tags=["hint"]
# `dense.weight` has the shape (outputs, C * H * W), the kernels of a convolution (outputs, C, H, W). Flattening goes through the first channel row by row, then through the second.

# %% [markdown] tags=["hint"]
# The kernel is as large as the maps. Stride 1, no padding. And there is a bias to copy.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The whole net
#
# `fully_convolutional` does this to every dense layer, and leaves the flattening out. `lenet_32` has chapter 04's layers, trained on fields of 32 x 32 without padding.

# %%
from utils.models.sliding import fully_convolutional
lenet = train.load_weights(models.create("lenet", size=32), "lenet_32").eval()
wide_lenet = fully_convolutional(lenet, (1, 32, 32))
table = complexity.layer_table(wide_lenet, (1, 32, 224))
table.loc[table["params"] > 0, ["type", "output shape", "params", "MACs"]]

# %% [markdown] slideshow={"slide_type": "skip"}
# The same 61,706 parameters, and 49 answers at once: a **map of answers**, one column every 4 pixels. The step is 4 since two poolings of 2 lie on the way. Does each column say exactly what LeNet says about its window?

# %% tags=["nbval-check-output"]
with torch.inference_mode():
    one_pass = wide_lenet(X[:20])[:, :, 0]
    window_by_window = torch.stack([lenet(line) for line in reading.cut_windows(X[:20])]).transpose(1, 2)
print("answers:", tuple(one_pass.shape), " equal to 1e-5:", torch.allclose(one_pass, window_by_window, rtol=0, atol=1e-5))

# %% [markdown] slideshow={"slide_type": "skip"}
# Nothing was trained, nothing is approximate. LeNet was always able to do this.
#
# *The LeNet of chapter 04 takes 28 x 28 pixels and pads them by 2. Will its twin agree with it?*

# %% tags=["nbval-check-output"]
padded = train.load_weights(models.create("lenet_bn"), "lenet").eval()
field = X[:1, :, 2:30]  # 28 of the 32 rows: this net adds the others itself
with torch.inference_mode():
    one_by_one = torch.stack([padded(field[..., i : i + 28])[0] for i in range(80, 120, 4)], 1)
    twin = fully_convolutional(padded, (1, 28, 28))(field)[0, :, 0, 20:30]  # the same ten places
print(f"largest difference: {(twin - one_by_one).abs().max():.2f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# No. Padding puts a frame of zeros around *every window*, and in one pass there is only one frame, around the whole line. Where a window has zeros, the pass sees what is there: the neighbour's ink, or paper, which is -0.42 after normalising. So a net that
# shall slide is trained on fields with real surroundings: 32 x 32 without padding, as in the paper.

# %% [markdown] slideshow={"slide_type": "notes"}
# The padding trap is worth a minute: ask for a vote before you run the cell. Most will say that convolution is convolution.

# %% [markdown] slideshow={"slide_type": "skip"}
# ### Your turn: where does each answer look?
#
# A pass has a **field** (how many pixels one answer sees) and a **step** (how far the next answer's field lies to the right). Both follow from the kernels and strides on the way; nothing is padded. The formula for the field is that of the receptive
# field in chapters 01 and 06. *About 15 minutes.*

# %% tags=["exercise"]
def window_places(width, layers):
    """Windows that a pass over a line of `width` pixels answers for: list of (first pixel, pixel after the last).

    `layers` is a list of (kernel, stride), convolutions and poolings alike. LeNet: [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)].
    """
    ### BEGIN SOLUTION
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return [(first, first + field) for first in range(0, width - field + 1, step)]
    ### END SOLUTION


# %% tags=["check"]
check.window_places(window_places)

# %% [markdown] tags=["hint"]
# Walk through the layers with two numbers, field and step, both 1 at the start. A kernel of k numbers reaches over k - 1 steps more; a stride multiplies the step.

# %% [markdown] tags=["hint"]
# The first window begins at 0. The last one may end exactly at `width`, but not after it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What it saves
#
# *Guess: how much less work is one pass over a line than 49 windows? And over a whole cheque of 176 x 416 pixels?*

# %% tags=["nbval-check-output"]
single = complexity.count(lenet, (1, 32, 32))["macs"]
for name, (height, width) in {"line": (32, 224), "cheque": (176, 416)}.items():
    places = ((height - 32) // 4 + 1) * ((width - 32) // 4 + 1)
    one = complexity.count(wide_lenet, (1, height, width))["macs"]
    print(f"{name:7} {places:5,} windows {places * single / 1e6:8,.1f} M multiply-adds   one pass {one / 1e6:6.1f} M   ratio {places * single / one:.1f}")

# %% [markdown] slideshow={"slide_type": "skip"}
# The convolutions are shared among the windows; the dense layers are not: C5 computes its 120 numbers at every place, whether in one pass or in windows. On a line a pixel of C1 belongs to up to 7 windows, on a
# cheque, in both directions, to up to 49. But only C1 is shared so well: with C3 and the dense layers the ratio cannot pass 3.4 on a line and 5.9 on a page, however long they are.
#
# Multiply-adds are not seconds. So let us measure: the tasks take turns, and the fastest of five runs counts.

# %%
import time
def fastest(tasks, repeats=5):
    """Milliseconds of each task's fastest run, the tasks taken in turns."""
    best = dict.fromkeys(tasks, float("inf"))
    for name, task in [*tasks.items()] * repeats:
        start = time.perf_counter()
        task()
        best[name] = min(best[name], 1000 * (time.perf_counter() - start))
    return best


# %% tags=["timing"]
page = torch.zeros(1, 1, 176, 416)
rows = page.unfold(2, 32, 4).unfold(3, 32, 4)[0, 0]  # all windows: (37, 97, 32, 32)
with torch.inference_mode():
    ms = fastest({
        "line, one pass": lambda: wide_lenet(X[:1]),
        "line, 49 windows one by one": lambda: [lenet(window[None]) for window in reading.cut_windows(X[:1])[0]],
        "line, 49 windows in one batch": lambda: lenet(reading.cut_windows(X[:1])[0]),
        "cheque, one pass": lambda: wide_lenet(page),
        "cheque, windows row by row": lambda: [lenet(row[:, None]) for row in rows],
    })
for name, value in ms.items():
    print(f"{name:30} {value:7.1f} ms   {value / ms[name.split(',')[0] + ', one pass']:5.1f} x")
assert ms["line, 49 windows one by one"] > 5 * ms["line, one pass"] and ms["cheque, windows row by row"] > 5 * ms["cheque, one pass"]

# %% [markdown] slideshow={"slide_type": "skip"}
# Window by window, the pass over a line wins by far more than the 3.2 of the multiply-adds: 49 small calls are mostly overhead. With all windows in one batch, two- or threefold is left. On the cheque, batches of 97 windows (a row) lose by more than 5.7: one pass
# consists of few large calculations, and a processor does those faster, number for number, than many small ones. `benchmarks/cheques.py` measures this with care; its results are in `benchmarks/results/cheques.md`.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A map of answers
#
# What does LeNet say along the line? *Look between the digits first.*

# %%
def show(line, log_probs, names, **options):
    return viz.line_answers(lines.images[line, 0], log_probs[line].exp(), reading.middles(224), names, **options)


answers = reading.answers(wide_lenet, X)
ax = show(0, answers, range(10))
viz.caption(ax, "LeNet's probabilities along a line: a column for each window, under the window's middle. The darker, the more probable.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Over the middle of a digit it is mostly right. Between two digits it sees the halves of both, and says something all the same, often with great certainty; over empty paper it spreads its 100 % over all digits. Its softmax has ten classes, and their probabilities add up
# to 1: **it cannot say "nothing"**. And on a window with a neighbour in view it has no experience at all. In chapter 04 no digit ever had neighbours.
#
# Can we do without training? One may call an answer "nothing" where the net is less sure than some threshold. `answers` holds the logarithms of the probabilities, (500, 10, 49). `reading.collapse` takes each column's best answer, says repetitions once and leaves the nothings out (more below).

# %%
def with_doubt(log_probs, threshold):
    """A row for nothing: log-probabilities (B, 10, T) -> (B, 11, T)."""
    nothing = torch.full_like(log_probs[:, :1], threshold).log()
    return torch.cat([log_probs, nothing], 1)


for threshold in (0.9, 0.99, 0.999):
    texts = [reading.collapse(log_probs) for log_probs in with_doubt(answers, threshold)]
    print(f"threshold {threshold}: {sum(map(str.__eq__, texts, lines.texts)) / len(lines):.1%} of the amounts right")

# %% [markdown] slideshow={"slide_type": "skip"}
# At best one amount in seven. Between digits the net is not unsure: it is sure, and wrong.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Teach it to say "nothing"
#
# An eleventh class, and training pictures as a line shows them: with neighbours, and often without a digit in the middle.

# %%
torch.manual_seed(1)
sample = cheques.with_nothing(data.mnist("embedded")[0])  # training digits, and an eleventh class
pictures, labels = cheques.Windows()(sample.images[:32].float() / 255, sample.labels[:32])  # each in a window of a new line
names = [*map(str, range(10)), "nothing"]
axes = viz.image_grid(pictures, titles=[names[label] for label in labels], columns=8)
viz.caption(axes, "What a reader of lines learns from. The class is that of the digit in the middle, if there is one.")

# %% [markdown] slideshow={"slide_type": "skip"}
# What does "in the middle" mean? The middle of a digit is its centre of mass. Windows lie 4 pixels apart, so every digit has one window whose middle is nearest, at most 2 pixels away. *That* window shall say the digit; all others shall say nothing, even the one
# beside it that shows the digit nearly whole. Hard, but worth it: one column, and only one, speaks for each digit, and our model below will need that.
#
# So the pictures are made like this: half of them have their digit in the middle, in the others it is moved by up to 20 pixels. On each side stands, four times in five, another digit, at a random gap.
#
# No line is ever shown in training, only windows. Two readers were trained like this, on the 60,000 training digits (`tools/train_weights.py`). Both are LeNet with batch norm (chapter 08) and 11 outputs, 62,243
# parameters, and both went through all digits 20 times. Batch norm makes no trouble on the way to convolutions: a feature of C5 becomes a channel, with the same mean and variance at every place.
#
# * **neighbours**: in a neat hand, on white paper;
# * **neighbours + distortions**: with sizes from 0.7 to 1.2, slants of up to 30 degrees, thicker and thinner strokes, guide lines, texture and noise. That is chapter 11 at work.

# %%
def reader(name):
    net = models.create("lenet_bn", size=32, classes=11)
    return fully_convolutional(train.load_weights(net, name), (1, 32, 32))


readers = {"neighbours": reader("lenet_line"), "neighbours + distortions": reader("lenet_line_distorted")}
answers = reading.answers(readers["neighbours"], X)
ax = show(0, answers, names)
viz.caption(ax, "The same line, and a reader that may say nothing: one or two columns for each digit, silence in between.")

# %% [markdown] slideshow={"slide_type": "notes"}
# Put the two maps side by side. Nothing about the architecture has changed but one output. What changed is what the net was shown.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## From the map to the amount
#
# The simple way: the best answer of each column, repetitions said once, nothings left out. *What is read here?*

# %% tags=["nbval-check-output"]
best = [10, 10, 4, 4, 10, 0, 10, 10, 7, 10]
print("columns:", ["-" if answer == 10 else answer for answer in best])

# %% [markdown] slideshow={"slide_type": "skip"}
# 407: the two 4s are one digit, seen twice.
#
# ### Your turn: the simple way
#
# Mind the order of the two steps: an amount may well have two equal digits in a row. *About 5 minutes.*

# %% tags=["exercise"]
def collapse(answers, nothing):
    """Best class of each column, list of int -> list of the digits that were read, from left to right."""
    ### BEGIN SOLUTION
    merged = [answer for i, answer in enumerate(answers) if i == 0 or answer != answers[i - 1]]
    return [answer for answer in merged if answer != nothing]
    ### END SOLUTION


# %% tags=["check"]
check.collapse(collapse)

# %% [markdown] tags=["hint"]
# `[1, nothing, 1]` are two ones, `[1, 1]` is one. If you drop the nothings first, the two cannot be told apart.

# %% [markdown] slideshow={"slide_type": "skip"}
# Since 2006 this rule has been known from speech recognition (connectionist temporal classification, CTC). It looks at each column alone. So a digit between two windows may be said by both, *with two
# different answers* (7, then 2), and becomes two digits. Let us rule that out.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### A model of the line
#
# * Each column holds a digit, or nothing. Its probabilities are the reader's; columns are independent.
# * Two digits are at least 2 columns apart: none in neighbouring ones.
#
# Of all such lines, take the **most probable**.

# %% [markdown] slideshow={"slide_type": "skip"}
# The probability of a line is a product over its columns, so its logarithm is a sum. Compare with the line that holds nothing at all: wherever we read a digit instead, we gain
#
# $$g_t = \log p_t(\text{best digit}) - \log p_t(\text{nothing})$$
#
# and the task becomes: **choose columns, at least 2 apart, with the largest sum of gains**. In numbers, for eight columns:

# %%
gain = torch.tensor([-6.0, 3.0, 4.0, 2.5, -5.0, -2.0, 3.0, -7.0])
ax = viz.steps(gain, label="gain", xlabel="column", role_colour=viz.FEATURE_MAP)
viz.caption(ax, "Which columns would you choose? No two of them may be neighbours.")

# %% [markdown] slideshow={"slide_type": "skip"}
# The largest gain is 4, in column 2. Take it, and its neighbours 1 and 3 are out. But 3.0 and 2.5 together are 5.5, more than 4. Taking the largest first is **greedy**, and wrong here. Trying all choices is right, but there are far too many: for 49 columns about
# $10^{10}$.
#
# There is a way that takes one step a column. Let $b_t$ be the best sum that the first $t$ columns can give, those before column $t$; no columns give $b_0 = b_{-1} = 0$. Column $t$ is either left empty, and the sum stays $b_t$; or it holds a
# digit, and then the column before it must not:
#
# $$b_{t+1} = \max(b_t,\; g_t + b_{t-1})$$
#
# This is **dynamic programming** (Bellman, 1957); along a sequence of symbols it is called the Viterbi algorithm. *Fill in the row below by hand before you run the cell.*

# %% tags=["nbval-check-output"]
b = {-1: 0.0, 0: 0.0}
for t, g in enumerate(gain.tolist()):
    b[t + 1] = max(b[t], g + b[t - 1])
print("gain:", gain.tolist())
print("best:", [b[t + 1] for t in range(8)])

# %% [markdown] slideshow={"slide_type": "skip"}
# 8.5 = 3 + 2.5 + 3. *Which* columns? Walk back from the right: where $b$ grew, a digit was taken, and we jump over its neighbour.
#
# The rule has a price. Should one and the same digit be said by columns 1, 2 and 3, the simple way reads it once, and the path twice. Training is what prevents that: only one column shall speak.
#
# ### Your turn: the best path
#
# For any distance `least` (2 above). *About 20 minutes.*

# %% tags=["exercise"]
def best_path(gain, least):
    """gain, list of float -> columns (list of int, from left to right) of the largest sum, each `least` or more from the next; a gain of 0 is not taken."""
    ### BEGIN SOLUTION
    best, taken = [0.0], []
    for t, g in enumerate(gain):
        with_digit = g + best[max(0, t + 1 - least)]
        taken.append(with_digit > best[-1])
        best.append(max(best[-1], with_digit))
    columns, t = [], len(gain) - 1
    while t >= 0:
        if taken[t]:
            columns.insert(0, t)
        t -= least if taken[t] else 1
    return columns
    ### END SOLUTION


# %% tags=["check"]
check.best_path(best_path)

# %% [markdown] tags=["hint"]
# Let `best[t]` be the best sum of the first t columns, `best[0] = 0`. With a digit in column t (counted from 0), the columns before t - least + 1 are free: `gain[t] + best[t + 1 - least]`, and `best[0]` where that index is below 0.

# %% [markdown] tags=["hint"]
# Note in a second list whether column t was taken. Then go back from the last column: if it was taken, note it and go `least` columns to the left, else one.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Reading the line
#
# `reading.best_path` does the same with a whole map.

# %%
path = reading.best_path(answers[0])
ax = show(0, answers, names, path=path.columns, text=path.text)
viz.caption(ax, f"Written: {lines.texts[0]}. Read: {path.text}, by {len(path.columns)} of 49 columns (orange).")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How often is the whole amount right?
#
# A bank has no use for four digits of five. *If each digit is right 99 times in 100, how often is an amount of 3 to 6 digits?*

# %%
def read_all(reader, lines, decode=lambda log_probs: reading.best_path(log_probs).text):
    return [decode(log_probs) for log_probs in reading.answers(reader, lines.normalised())]


def whole(texts, lines):
    """Share of the amounts that are right in every digit."""
    return sum(map(str.__eq__, texts, lines.texts)) / len(lines)


print(f"0.99 per digit: {sum(0.99**length for length in range(3, 7)) / 4:.1%}")
texts = read_all(readers["neighbours"], lines)
print(f"best path:  {whole(texts, lines):.1%} of 500 amounts")
print(f"simple way: {whole(read_all(readers['neighbours'], lines, reading.collapse), lines):.1%}")
assert whole(texts, lines) >= 0.95

# %% [markdown] slideshow={"slide_type": "skip"}
# More than nineteen amounts in twenty, from digits that the net has never seen, on lines that it was never shown, in one pass each. One standard error of these figures is 0.9 points (500 amounts), so do not make much of half a percent between two sets of lines. On the *same* lines the path is right on three more than the simple way, and wrong on none that
# the simple way reads.
#
# ### Your turn: how many mistakes?
#
# "Wrong" is a coarse word. 40731 read as 4731 has one mistake, a missed digit; comparing place by place would count four. Count the fewest single mistakes that lead from what was written to what was read: a digit **misread**, **missed**, or
# **invented**. (This is the edit distance. Its recipe is the trick from above, once more: what can the *last* step have been?) *About 20 minutes.*

# %% tags=["exercise"]
def count_mistakes(written, read):
    """Fewest single mistakes (misread, missed, invented digits) between two texts of digits, as an int."""
    ### BEGIN SOLUTION
    row = list(range(len(read) + 1))
    for i, right in enumerate(written, 1):
        following = [i]
        for j, got in enumerate(read, 1):
            following.append(min(row[j - 1] + (right != got), row[j] + 1, following[j - 1] + 1))
        row = following
    return row[-1]
    ### END SOLUTION


# %% tags=["check"]
check.count_mistakes(count_mistakes)

# %% [markdown] tags=["hint"]
# Let d[i][j] be the count for the first i digits written and the first j read. If nothing was read, all i were missed: d[i][0] = i. If nothing was written, all j were invented.

# %% [markdown] tags=["hint"]
# d[i][j] is the smallest of three: d[i-1][j-1], plus 1 if the last digits differ; d[i-1][j] + 1, the last one was missed; d[i][j-1] + 1, the last one was invented.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Seven hands
#
# *Which one will hurt most, and which reader?*

# %%
levels = {name: cheques.amounts(digits, 500, hand, seed=0) for name, hand in cheques.LEVELS.items()}
axes = viz.image_grid([255 - level.images[1, 0] for level in levels.values()], titles=list(levels), columns=3)
viz.caption(axes, f"The same amount, {lines.texts[1]}, in seven hands.")

# %%
import pandas as pd
found = {name: {level: read_all(net, lines) for level, lines in levels.items()} for name, net in readers.items()}
right = {name: [100 * whole(texts, levels[level]) for level, texts in by_level.items()] for name, by_level in found.items()}
pd.DataFrame(right, index=list(levels)).round(1)

# %% [markdown] slideshow={"slide_type": "skip"}
# Whole amounts right, in percent of 500. One standard error is 0.9 points near 96 %, and 2.2 points at most. (With the simple way: `benchmarks/results/cheques.md`. It is never better, and up to 6 points worse.)

# %%
neat, rough = (dict(zip(levels, right[name])) for name in readers)
assert rough["noisy"] > neat["noisy"] + 20 and rough["printed paper"] > neat["printed paper"] + 20
assert neat["tidy"] > neat["touching"] + 10

# %% [markdown] slideshow={"slide_type": "skip"}
# Read the table by columns first, then along the rows.
#
# * The first reader has seen neat digits only. Uneven ones cost it nine points. Noise, or paper that is not white, and it is lost: it has never met grey.
# * The second reader has the same layers and the same number of weights. It was shown all of these troubles, and holds on in each of them.
# * On the tidy hand, the distortions cost several points: a net of this size has to spend its weights on slants and noise, too. That was so in chapter 04.
# * Touching digits hurt both, and noise training does not help there.
#
# ### How do they fail?
#
# Count the single mistakes of each kind.

# %%
def kinds(texts, lines):
    """Mistakes of each kind over all amounts: dict."""
    each = [reading.mistakes(written, read) for written, read in zip(lines.texts, texts)]
    return {kind: sum(one[kind] for one in each) for kind in each[0]}


shown = ("tidy", "close", "touching", "noisy")
counts = {(name, level): kinds(found[name][level], levels[level]) for name in readers for level in shown}
pd.DataFrame(counts)

# %% [markdown] slideshow={"slide_type": "skip"}
# Each column stands for 500 amounts, which have about 2,300 digits. On the tidy hand, most of the first reader's mistakes are **misread** digits, about three in four. The others are invented, none is missed. Misreading is the classifier's
# own error, and a better one would help.
#
# The second reader makes more mistakes of every kind there. It has learned that digits may be small and stand close, so it is ready to see two where there is one. Where digits touch, both **miss** many. And a reader that has never met noise sees digits everywhere in it.

# %%
texts = found["neighbours + distortions"]["touching"]
wrong = [i for i, text in enumerate(texts) if text != levels["touching"].texts[i]][:6]
titles = [f"{levels['touching'].texts[i]} read as {texts[i]}" for i in wrong]
axes = viz.image_grid(255 - levels["touching"].images[wrong, 0], titles=titles, columns=2)
viz.caption(axes, "Touching digits that were read wrongly. Which of them could you read?")

# %% [markdown] slideshow={"slide_type": "slide"}
# ### What limits it?
#
# Our model says: no two digits in neighbouring columns. Columns are 4 pixels apart. *How close may two digits stand?*

# %%
def closest(centres):
    """Smallest distance between neighbours of one amount, in pixels."""
    return min(b - a for a, b in zip(centres, centres[1:]))


touching, texts = levels["touching"], found["neighbours + distortions"]["touching"]
apart = torch.tensor([closest(centres) for centres in touching.centres])
good = torch.tensor([text == written for text, written in zip(texts, touching.texts)]).float()
bins = {"under 8": apart < 8, "8 to 11": (apart >= 8) & (apart < 12), "12 and more": apart >= 12}
ax = viz.bars({f"{name} pixels ({int(chosen.sum())} amounts)": 100 * good[chosen].mean().item() for name, chosen in bins.items()}, xlabel="whole amounts right (%)", form="{:.0f}", colours=viz.RIGHT)
viz.caption(ax, "Touching amounts, sorted by the smallest distance between two neighbours' middles.")

# %% [markdown] slideshow={"slide_type": "skip"}
# Two things limit us here beyond the classifier itself.
#
# * **The step of 4 pixels.** Below 4 pixels, two digits always fall into the same column or neighbouring ones, and the model reads one of them at most. From 8 pixels on they never do. Between, it depends on where they lie on the grid: middles 5 pixels apart may
#   get columns 2 apart, or 1. So some of the amounts "under 8" come out right, and more than half of all failures lie elsewhere. And for narrow digits (a 1 is 4 pixels wide) such distances are common. Take the rule away, and one digit is read twice instead. A finer step would help: shift the line by 2 pixels, pass
#   again, and weave the answers together.
# * **One window for one decision.** Where strokes overlap, each window has to say on its own what belongs to its digit. Columns are not really independent, though our model says so.
#
# The system of 1998 went further on the second point: it trained the reader on whole lines, by the gradient of the best path's score. Today's readers of text do the same with CTC or with attention.

# %% [markdown] slideshow={"slide_type": "notes"}
# The bar chart carries the message: a stated model has a stated limit, and one can measure how much it costs. Ask what the chart would look like with a step of 2.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The cheque as a whole
#
# A cheque carries other digits, too: a date, a number. The amount stands in a printed **box**. Find it first.

# %%
cheque = cheques.cheque(digits, "20485", cheques.LEVELS["printed paper"], seed=3)
axes = viz.image_grid(255 - cheque.image)
viz.caption(axes, "A cheque from the scanner, 176 x 416 pixels. The box begins 110 to 173 pixels from the left; its size is always the same.")

# %% [markdown] slideshow={"slide_type": "skip"}
# A printed box is always the same. For something that is always the same, nothing needs to be learned: one kernel, drawn by hand as in chapter 02, in the shape of the frame. It takes the mean of what lies under the frame, minus the mean just inside of it. The second part matters: without it, dark
# paper would answer as well as a frame does.
#
# ### Your turn: a kernel in the shape of the box
#
# The frame is 2 pixels wide, and so is the strip beside it, on its inner side. *About 10 minutes.*

# %% tags=["exercise"]
def frame_kernel(height, width):
    """Float tensor (height, width): 1 / n on the n pixels of the frame, -1 / m on the m pixels of the strip, else 0."""
    ### BEGIN SOLUTION
    def filled(margin):
        kernel = torch.zeros(height, width)
        kernel[margin : height - margin, margin : width - margin] = 1
        return kernel

    frame, strip = filled(0) - filled(2), filled(2) - filled(4)
    return frame / frame.sum() - strip / strip.sum()
    ### END SOLUTION


# %% tags=["check"]
check.frame_kernel(frame_kernel)

# %% [markdown] tags=["hint"]
# A frame is a filled box minus a smaller filled box.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### One convolution, one box
#
# *The kernel has 42 x 234 numbers. How large is its map? And where will the kernel almost fit?*

# %%
kernel = reading.box_kernel(cheques.BOX)
response = nn.functional.conv2d(cheque.image.float()[None, None] / 255, kernel[None, None])[0, 0]
ax = viz.heatmap(response, xlabel="left edge of the box (pixels)", ylabel="top edge of the box (pixels)", label="frame minus inside")
top, left = divmod(int(response.argmax()), response.shape[1])
ax.plot(left, top, "o", markersize=14, markerfacecolor="none", markeredgecolor="black")
viz.caption(ax, f"The map has {response.shape[0]} x {response.shape[1]} places. The circle marks the largest answer.")

# %% tags=["nbval-check-output"]
print("found:", reading.find_box(cheque.image, cheques.BOX), " true:", cheque.box)

# %% [markdown] slideshow={"slide_type": "skip"}
# A whole row is red: a little to the left or right of the box, the long sides of the kernel still lie on those of the frame, and only the short sides miss. 40 pixels above and below, one long side of the kernel lies on the other one of the frame: half an answer. The printed lines of the form answer, too, but weakly: they have one side.
#
# What lies in the box, without its frame, is a line as we know it. So the whole reader is: find, cut out, pass, best path.

# %%
def read_cheque(cheque, reader):
    """Digits of the amount on a cheque (str)."""
    top, left = (place + cheques.INSET for place in reading.find_box(cheque.image, cheques.BOX))
    line = cheque.image[top : top + 32, left : left + 224].float() / 255
    X = (line - cheque.mean[0]) / cheque.std[0]  # of MNIST's training digits, as ever
    return reading.best_path(reading.answers(reader, X[None, None])[0]).text


# %%
print("written:", cheque.text, "  read:", {name: read_cheque(cheque, net) for name, net in readers.items()})

# %%
amounts = cheques.amounts(digits, 20, seed=9).texts
for level in ("tidy", "printed paper", "all of it"):
    filled = [cheques.cheque(digits, text, cheques.LEVELS[level], seed) for seed, text in enumerate(amounts)]
    correct = sum(read_cheque(one, readers["neighbours + distortions"]) == one.text for one in filled)
    print(f"{level:14} amounts right: {correct} of 20")

# %% [markdown] slideshow={"slide_type": "skip"}
# Twenty cheques are too few for percentages. `benchmarks/cheques.py` fills in 200 for each hand, and lets the same reader read them:

# %%
measured = runtime.results("cheques")
pd.DataFrame(measured["cheques"]).T

# %% [markdown] slideshow={"slide_type": "skip"}
# The box is no difficulty, as long as the form is known: a mean over a thousand pixels does not mind noise. What is left are the digits.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Write your own
#
# The line, the map of answers under it, and the amount that comes out. Type an amount, or write one with the mouse: it is scaled to the 20 pixels of MNIST's digits.

# %%
widgets.cheque_reader(readers, digits, amount="31415")

# %% [markdown] slideshow={"slide_type": "skip"}
# Things to try:
#
# 1. Lower the gap, pixel by pixel. *At which gap is a digit first read wrongly? Is it misread or missed?*
# 2. Type 1111 and lower the gap. Why does it fail at a larger gap than 31415?
# 3. Raise the noise, then change the reader.
# 4. Draw your telephone number. Draw a letter. How likely is "nothing" for it?
# 5. Look at a column between two digits while you close the gap: how does the last row, "–" for nothing, change?

# %% [markdown] slideshow={"slide_type": "notes"}
# Let somebody write an amount on the pad, tidy first, then in haste. The map under it shows at once whether a digit was misread or whether two of them came too close.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz

# %% tags=["quiz"]
from utils import quiz
quiz.show([
    {"question": "A dense layer with 120 outputs comes after maps of 16 x 5 x 5. As a convolution it has ...", "type": "multiple_choice",
     "answers": [{"answer": "120 kernels of 16 x 5 x 5", "correct": True, "feedback": "48,000 weights and 120 biases, as before."},
                 {"answer": "120 kernels of 16 x 1 x 1", "correct": False, "feedback": "That is the form of the later dense layers, after maps of one pixel."},
                 {"answer": "16 kernels of 5 x 5", "correct": False, "feedback": "Every output sees all 16 maps, and there are 120 outputs."}]},
    {"question": "A net has three poolings of 2 and no other strides. How many pixels apart are its answers in one pass?", "type": "numeric",
     "answers": [{"type": "value", "value": 8, "correct": True, "feedback": "Right: strides multiply."}, {"type": "default", "feedback": "Strides multiply: 2 * 2 * 2."}]},
    {"question": "Why does a net that pads its field not agree with its convolutional twin?", "type": "multiple_choice",
     "answers": [{"answer": "Every window has zeros around it; in one pass the neighbours' ink is there", "correct": True, "feedback": "Only windows without padding coincide."},
                 {"answer": "The twin has other weights", "correct": False, "feedback": "They are copied."},
                 {"answer": "Rounding", "correct": False, "feedback": "That would be a difference of 1e-6."}]},
    {"question": "Why does a reader of lines need an eleventh class?", "type": "multiple_choice",
     "answers": [{"answer": "Ten probabilities add up to 1, also where no digit is in the middle", "correct": True, "feedback": "Without it the net must name a digit everywhere."},
                 {"answer": "For the decimal point", "correct": False, "feedback": "Our amounts have none."}, {"answer": "To make the map wider", "correct": False, "feedback": "It makes it higher, by one row."}]},
    {"question": "Columns with gains 4, 5, 4, neighbours forbidden. What is the best sum?", "type": "numeric",
     "answers": [{"type": "value", "value": 8, "correct": True, "feedback": "Right: the outer two. Greedy would take the 5."}, {"type": "default", "feedback": "The 5 alone, or both 4s?"}]},
])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you now know
#
# * Dense layers are convolutions: one pass gives the answers of all windows.
# * A net must learn what *nothing* looks like.
# * A map of answers and a stated model give an amount.

# %% [markdown] slideshow={"slide_type": "skip"}
# * The first dense layer becomes a kernel as large as its maps, the others 1 x 1. The answers coincide to rounding where nothing is padded; field and step follow from kernels and strides.
# * The pass shares the convolutions and not the dense layers; its gain is larger in two directions than in one.
# * A reader copes with what its training pictures showed: neighbours, places without a digit, noise, slant.
# * The best path takes one comparison a column, where greedy choices fail and trying all is hopeless. Its assumptions are its limits: here, no two digits in neighbouring columns.
# * Whole amounts are a hard measure: 99 % of the digits are 95 or 96 % of the amounts. Count single mistakes to learn what to repair.
#
# ### Common mistakes
#
# * *"A fully convolutional net is another net."* It has the same weights, and gives the same answers.
# * *Viewing the weights as (H, W, C).* PyTorch flattens channel by channel.
# * *Sliding a net that pads.* It runs, and its answers are off everywhere.
# * *Leaving out the nothings before merging.* 11 becomes 1.
# * *Testing on digits that the net was trained on.* The 5,000 digits that come with the course are from MNIST's training set; here the test set was needed.
# * *Calling 98 % of the digits a success.* It is one wrong cheque in eleven.
#
# ### Papers
#
# * R. Bellman (1957). *Dynamic Programming*. Princeton University Press.
# * A. J. Viterbi (1967). "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm". *IEEE Transactions on Information Theory* 13(2).
# * K. M. Sayre (1973). "Machine recognition of handwritten words: a project report". *Pattern Recognition* 5(3).
# * O. Matan, C. J. C. Burges, Y. LeCun, J. S. Denker (1992). "Multi-digit recognition using a space displacement neural network". *Advances in Neural Information Processing Systems* 4.
# * Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998). "Gradient-based learning applied to document recognition". *Proceedings of the IEEE* 86(11). Sections VI to X are about lines and cheques.
# * A. Graves, S. Fernández, F. Gomez, J. Schmidhuber (2006). "Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural networks". *ICML*.
# * J. Long, E. Shelhamer, T. Darrell (2015). "Fully convolutional networks for semantic segmentation". *CVPR*.
