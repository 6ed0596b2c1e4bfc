"""The attention map: click a patch of a picture and see where each head looks from there (chapter 15)."""

import torch
import traitlets
from matplotlib.patches import Rectangle

from utils import data
from utils.viz.palette import KERNEL
from utils.widgets._base import Explorer, picture_on
from utils.widgets._controls import slider


class AttentionMap(Explorer):
    """Show whom one patch of a picture attends to, head by head, in any block of a vision transformer.

    Args:
        model: network with .attention, X (B, C, H, W) -> (B, depth, heads, N, N), its N patches a square grid; only
            its weights as they are when the explorer answers count.
        split: `utils.data.Split` of one-channel pictures to choose from; None for the embedded MNIST test digits.
        **settings: image (index), block (1 to depth), patch (0 to N - 1, row by row): the patch that looks.

    Raises:
        ValueError: the model has no attention to show.
        traitlets.TraitError: there is no such image, block or patch.
    """

    scripts = ("looks.js",)
    figure_size = (10, 2.8)

    image = traitlets.Int(0, min=0).tag(setting=True)
    block = traitlets.Int(1, min=1).tag(setting=True)
    patch = traitlets.Int(0, min=0).tag(setting=True)

    def __init__(self, model, split=None, **settings):
        if not hasattr(model, "attention"):
            raise ValueError('attention_map needs a model with attention. Try models.create("vit_small").')
        self.model, self.split = model, data.mnist("embedded")[1] if split is None else split
        self.depth, self.heads, N = self._attention(0).shape[:3]
        self.side = int(N**0.5)
        super().__init__(**settings)

    @traitlets.validate("image", "block", "patch")
    def _exists(self, proposal):
        name = proposal.trait.name
        last = {"image": len(self.split) - 1, "block": self.depth, "patch": self.side**2 - 1}[name]
        if proposal.value <= last:
            return proposal.value
        raise traitlets.TraitError(f"{name}: the last one is {last}, you asked for {proposal.value}.")

    def controls(self):
        """Which picture, and which block."""
        pictures = slider(self, "image", 0, len(self.split) - 1, "picture")
        pictures.layout.width = "300px"
        return [pictures, slider(self, "block", 1, self.depth, "block")]

    def compute(self, settings):
        """What is seen, and who looks where.

        Returns:
            picture uint8 (H, W); weights (heads, side, side): how the patch shares out its attention in each head;
            mean (side, side): the mean of the heads; label (1,): the picture's class.
        """
        rows = self._attention(settings["image"])[settings["block"] - 1, :, settings["patch"]]
        weights = rows.view(self.heads, self.side, self.side)
        return {
            "picture": self.split.images[settings["image"], 0],
            "weights": weights,
            "mean": weights.mean(0),
            "label": self.split.labels[settings["image"]].view(1),
        }

    def constants(self):
        """Number of patches along a side, and the names of the classes."""
        return {"side": self.side, "classes": [str(name) for name in self.split.classes]}

    def describe(self):
        arrays = self.compute(self.settings)
        label = self.split.classes[int(arrays["label"])]
        places = [divmod(int(head.argmax()), self.side) for head in arrays["weights"]]
        looks = ", ".join(f"head {i + 1} at ({row + 1}, {column + 1})" for i, (row, column) in enumerate(places))
        row, column = divmod(self.patch, self.side)
        return (
            f"A digit {label} in {self.side} x {self.side} patches. From the patch in row {row + 1}, column "
            f"{column + 1}, the heads of block {self.block} look most at these (row, column): {looks}."
        )

    def draw(self, figure, arrays):
        first, *others = figure.subplots(1, self.heads + 1)
        picture_on(first, arrays["picture"], f"patch {self.patch}", "pixels", 255)
        size, (row, column) = len(arrays["picture"]) / self.side, divmod(self.patch, self.side)
        first.add_patch(frame(row * size - 0.5, column * size - 0.5, size))
        largest = float(arrays["weights"].max())
        for i, (ax, weights) in enumerate(zip(others, arrays["weights"], strict=True)):
            picture_on(ax, weights, f"head {i + 1}: 0 to {100 * float(weights.max()):.0f} %", "sequential", largest)
            ax.add_patch(frame(row - 0.5, column - 0.5, 1))

    def _attention(self, index):
        """Attention of all blocks for one picture, in evaluation mode: (depth, heads, N, N)."""
        training, device = self.model.training, next(self.model.parameters()).device
        self.model.eval()
        try:
            with torch.inference_mode():
                return self.model.attention(self.split.normalised([index]).to(device))[0].float().cpu()
        finally:
            self.model.train(training)


def frame(top, left, size):
    """An orange square: the patch that looks."""
    return Rectangle((left, top), size, size, fill=False, edgecolor=KERNEL, linewidth=2.5)
