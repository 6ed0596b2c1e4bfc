"""Wrong turns in chapter 09 (counting, paths, dropped branches) and where they lead: for its checks to recognise."""

import torch
import torch.nn.functional as F

from utils.checks._harness import Mistake


def of_count(each, blocks, stages):
    """Slips in counting the layers of blocks with `each` convolutions: message -> number."""
    path = each * blocks
    return {
        "You counted one layer too few: there is a convolution in front of the stages and a dense layer after them.": (
            path + 1
        ),
        "You counted the blocks' convolutions only. One convolution stands in front of the stages, one dense layer "
        "after them.": path,
        "You counted the convolutions on the shortcuts. The name counts the layers of the longest way.": (
            path + 2 + stages - (each == 2)
        ),
        "You counted the blocks. A basic block has two convolutions, a bottleneck three.": blocks + 2,
        "Two too many: neither pooling nor batch norm counts, they have no kernel to learn.": path + 4,
        "You counted two convolutions a block. A bottleneck has three.": 2 * blocks + 2,
        "You counted three convolutions a block. A basic block has two.": 3 * blocks + 2,
        "You counted stages. Add up the numbers in `depths`: those are blocks.": each * stages + 2,
    }


def stage(c_in, width, blocks, expansion=4, kernel=9, projections=1, later=None):
    """Convolution weights of a stage of bottlenecks; the options are wrong turns."""
    out = expansion * width
    inner = kernel * width * width + width * out
    first, each = c_in * width + inner, (out if later is None else later) * width + inner
    return first + (blocks - 1) * each + projections * c_in * out


def of_stage(c_in, width, blocks):
    """Slips in counting its weights: message -> number."""
    right, out = stage(c_in, width, blocks), 4 * width
    normed = 2 * width * blocks + out * blocks + out  # channels with a batch norm behind them

    def wrong(**turn):
        return stage(c_in, width, blocks, **turn)

    return {
        "The 1 x 1 on the first block's shortcut is missing.": wrong(projections=0),
        "Only the first block has a convolution on its shortcut. In the others, input and output have the same "
        "shape.": right + (blocks - 1) * out * out,
        "You gave every block the input of the first. From the second on, 4 * width channels come in.": (
            wrong(later=c_in)
        ),
        "You took the first block `blocks` times. Later ones have 4 * width channels at their input, and a shortcut "
        "without a convolution.": blocks * stage(c_in, width, 1),
        "Blocks end with 4 * width channels. You let them end with `width`.": wrong(expansion=1),
        "The middle kernel is 3 x 3: nine weights for each pair of channels.": wrong(kernel=1),
        "3 x 3 is nine weights, not three.": wrong(kernel=3),
        "That is one block. The stage has `blocks` of them.": stage(c_in, width, 1),
        "You counted batch norm's gamma and beta. Only the weights of convolutions are asked for.": right + 2 * normed,
        "You counted biases. Convolutions in front of a batch norm have none.": right + normed,
    }


def paths(X, down, middle, up, groups, choose=None, together=sum):
    """The paths of a grouped bottleneck put together; `choose(i, width)` picks the channels of path i."""
    width = len(down) // groups
    rows = [slice(width * i, width * (i + 1)) if choose is None else choose(i, width) for i in range(groups)]
    return together([F.conv2d(F.conv2d(F.conv2d(X, down[r]), middle[r], padding=1), up[:, r]) for r in rows])


def of_paths(X, down, middle, up, groups):
    """Slips in adding up the paths: message -> result."""

    def wrong(**turn):
        return paths(X, down, middle, up, groups, **turn)

    def grouped(padding=1, between=torch.clone):
        maps = F.conv2d(between(F.conv2d(X, down)), middle, padding=padding, groups=groups)
        return F.conv2d(between(maps), up)

    right = wrong()
    return {
        "You took the mean of the paths. They are added.": right / groups,
        "You added X. Only the main path is asked for, without the shortcut.": right + X,
        "You returned the last path only. Add them all.": wrong(together=lambda found: found[-1]),
        "You returned the first path only. Add them all.": wrong(together=lambda found: found[0]),
        "The paths stand side by side in your result: that is concatenation. Add them.": (
            wrong(together=lambda found: torch.cat(found, 1))
        ),
        "The last path is missing: there are `groups` of them.": right - wrong(together=lambda found: found[-1]),
        "You did not pad the 3 x 3, so the maps shrink: padding=1.": grouped(padding=0),
        "There is a ReLU inside your paths. Leave it out: only without it is the block exactly a sum of paths.": (
            grouped(between=torch.relu)
        ),
        "A path has neighbouring channels, path 0 the first ones. You took every `groups`-th channel.": (
            wrong(choose=lambda i, width: slice(i, None, groups))
        ),
    }


def of_evaluation(X, branch, survive):
    """Slips of stochastic depth in evaluation: message -> result."""
    return {
        "In evaluation the branch is always there, but it must be scaled: X + survive * branch. (Libraries divide by "
        "`survive` in training instead; here it is the paper's way.)": X + branch,
        "In evaluation you scaled the shortcut too. Only the branch is scaled.": survive * (X + branch),
        "In evaluation you scaled by the probability to drop. Scale by `survive`.": X + (1 - survive) * branch,
        "In evaluation you divided by `survive`. The branch was there in that share of the steps: multiply.": (
            X + branch / survive
        ),
        "In evaluation you left the branch out. It stays, scaled by `survive`.": X,
    }


def require_settled(got, X, branch):
    """Return nothing where the answer draws nothing in evaluation, else raise a `Mistake`."""
    kept = (got - X) / branch
    if len(kept.round().unique()) == 2 and torch.allclose(kept * (kept - 1), torch.zeros_like(kept), atol=1e-3):
        raise Mistake("Branches were dropped in evaluation. There every branch stays, scaled by `survive`.", got=got)


def require_whole_branches(kept, survive):
    """Return nothing where each image kept its branch as a whole or lost it, else raise a `Mistake`.

    Args:
        kept: the share of the branch in every value that came out in training, (B, values).
        survive: the probability that a branch stays.
    """

    def everywhere(values):
        return torch.allclose(values, torch.zeros_like(values), atol=1e-2)

    if everywhere(kept):
        raise Mistake("All images of a batch share one draw. Each image gets its own: torch.rand(len(X), 1, 1, 1).")
    if everywhere(kept - 1):
        raise Mistake("In training no branch was ever dropped. Draw for each image whether it stays.")
    if everywhere(kept - survive):
        raise Mistake("In training nothing was drawn: you scaled the branch by `survive`. That is for evaluation.")
    if everywhere(kept * (kept - 1 / survive)):
        raise Mistake(
            "In training you divided by `survive`, as libraries do. The paper leaves the branch as it is and scales in "
            "evaluation. Do not do both."
        )
    if not everywhere(kept * (kept - 1)):
        raise Mistake("In training each image is X + branch or X alone; yours is something else. Does X always stay?")
    if not everywhere(kept - kept[:, :1]):
        raise Mistake("You dropped single values or channels, as dropout does. A branch goes or stays as a whole.")


def require_share(kept, survive):
    """Return nothing where about `survive` of the branches were kept, else raise a `Mistake`."""
    share = kept.mean().item()
    if abs(share - survive) > 0.06:
        raise Mistake(f"{share:.0%} of the branches survived in training; {survive:.0%} are expected.")
