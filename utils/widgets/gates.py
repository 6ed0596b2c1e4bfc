"""The channel explorer: the gates of an SE network for one picture, to be shut or opened further (chapter 10)."""

import numpy as np
import torch
import traitlets

from utils import viz
from utils.models.senet import SqueezeExcitation
from utils.viz import palette
from utils.widgets._base import Explorer
from utils.widgets._controls import slider

LARGEST = 4.0  # factor that a gate may be multiplied by


class ChannelGates(Explorer):
    """Show what every gate of a network says about a picture, change some, and see its answer move.

    Args:
        model: network with `SqueezeExcitation` blocks, in evaluation mode.
        split: pictures and labels, as `utils.data` gives them.
        **settings: picture (number in the split), block (1 to the number of gates), factors ({"block.channel": factor
            from 0 to 4}, the block counted from 1 and the channel from 0; what is not named has factor 1).

    Raises:
        ValueError: the model has no gate, or is in training mode, where one picture has no answer of its own.
        traitlets.TraitError: a setting is out of range.
    """

    scripts = ("gates.js",)
    figure_size = (11, 3.6)

    picture = traitlets.Int(0, min=0).tag(setting=True)
    block = traitlets.Int(1, min=1).tag(setting=True)
    factors = traitlets.Dict().tag(setting=True)

    def __init__(self, model, split, **settings):
        self.model, self.split = model, split
        self.gates = [module for module in model.modules() if isinstance(module, SqueezeExcitation)]
        if not self.gates:
            raise ValueError('This network has no gates. Try models.create("se_resnet20").')
        if model.training:
            raise ValueError("The network is in training mode. Call model.eval() first.")
        self._widths = [gate.fc2.out_channels for gate in self.gates]
        super().__init__(**settings)

    @traitlets.validate("picture")
    def _is_a_picture(self, proposal):
        return self._at_most(proposal, len(self.split) - 1)

    @traitlets.validate("block")
    def _is_a_block(self, proposal):
        return self._at_most(proposal, len(self.gates))

    def _at_most(self, proposal, last):
        if proposal.value <= last:
            return proposal.value
        raise traitlets.TraitError(f"{proposal.trait.name}: the last is {last}, not {proposal.value}.")

    @traitlets.validate("factors")
    def _are_factors(self, proposal):
        names = {f"{number}.{channel}" for number, width in enumerate(self._widths, 1) for channel in range(width)}
        for name, factor in proposal.value.items():
            if name not in names:
                raise traitlets.TraitError(f'factors: there is no channel {name!r}. Write "block.channel", as "3.6".')
            if not isinstance(factor, (int, float)) or not 0 <= factor <= LARGEST:
                raise traitlets.TraitError(f"factors: {name} must be from 0 to {LARGEST:g}, not {factor!r}.")
        return {name: float(factor) for name, factor in proposal.value.items() if factor != 1}

    def controls(self):
        """Which picture, and which block."""
        pictures = slider(self, "picture", 0, len(self.split) - 1, "test digit")
        pictures.layout.width = "330px"
        return [pictures, slider(self, "block", 1, len(self.gates), "block")]

    def compute(self, settings):
        """What the network makes of the picture, as trained and with the factors.

        Returns:
            picture uint8 (H, W, 3); said (C,): the gates of the block as it computes them; used (C,): times their
            factors; maps (C, h, w) in front of the gates; scaled (C, h, w) behind them; trained, now (K,):
            probabilities without and with the factors of all blocks; label (1,).
        """
        number = settings["picture"]
        X = self.split.normalised(slice(number, number + 1))
        trained, *_ = self._run(X, {}, settings["block"])
        now, maps, said, used = self._run(X, settings["factors"], settings["block"])
        return {
            "picture": self.split.images[number].permute(1, 2, 0).numpy(),
            "said": said,
            "used": used,
            "maps": maps,
            "scaled": maps * used[:, None, None],
            "trained": trained,
            "now": now,
            "label": self.split.labels[number : number + 1].numpy(),
        }

    def _run(self, X, factors, block):
        """Probabilities (K,) of X (1, C, H, W), and of one block the maps in front of its gate, said and used gates."""
        kept = {}

        def turned(number):
            factor = self._factors_of(number, factors).view(1, -1, 1, 1)

            def hook(layer, inputs, gates):
                kept[number] = [values[0, :, 0, 0].numpy() for values in (gates, gates * factor)]
                return gates * factor

            return hook

        hooks = [gate.scale_activation.register_forward_hook(turned(n)) for n, gate in enumerate(self.gates, 1)]
        gate = self.gates[block - 1]
        hooks.append(gate.register_forward_pre_hook(lambda layer, inputs: kept.update(maps=inputs[0][0].numpy())))
        try:
            with torch.inference_mode():
                shares = self.model(X).softmax(1)[0].numpy()
        finally:
            for hook in hooks:
                hook.remove()
        return shares, kept["maps"], *kept[block]

    def _factors_of(self, number, factors):
        """Factor of every channel of one gate: (C,)."""
        named = {int(name.split(".")[1]): f for name, f in factors.items() if int(name.split(".")[0]) == number}
        return torch.tensor([named.get(channel, 1.0) for channel in range(self._widths[number - 1])])

    def constants(self):
        """Names of the classes, and the largest factor."""
        return {"classes": [str(name) for name in self.split.classes], "largest": LARGEST}

    def describe(self):
        arrays = self.compute(self.settings)
        names = self.split.classes
        before, after = arrays["trained"], arrays["now"]
        changed = ", ".join(f"{name} times {factor:g}" for name, factor in self.factors.items()) or "none"
        return (
            f"A {names[arrays['label'][0]]} in block {self.block}: gates from {arrays['said'].min():.2f} to "
            f"{arrays['said'].max():.2f}. Channels changed (block.channel): {changed}. As trained the network answers "
            f"{names[before.argmax()]} with {before.max():.0%}, now {names[after.argmax()]} with {after.max():.0%}."
        )

    def draw(self, figure, arrays):
        picture, bars, before, after = figure.subplots(1, 4, width_ratios=[1, 2, 1, 1])
        picture.imshow(arrays["picture"])
        picture.set(title=f"test digit {self.picture}", xticks=[], yticks=[])
        channels = np.arange(len(arrays["said"]))
        changed = arrays["said"] != arrays["used"]
        outlines = [viz.KERNEL if one else palette.INK for one in changed]  # a gate that is shut has nothing but this
        bars.bar(channels, arrays["said"], color="none", edgecolor=outlines, linewidth=0.8 + changed)
        bars.bar(channels, arrays["used"], color=[viz.KERNEL if one else viz.FEATURE_MAP for one in changed])
        bars.set_title(f"gates of block {self.block}\noutline: as trained; orange: changed")
        bars.set(xlabel="channel", ylabel="gate")
        bars.xaxis.get_major_locator().set_params(integer=True)
        for ax, name, title in ((before, "trained", "as trained\n(green: right)"), (after, "now", "now")):
            colours = [viz.RIGHT if i == arrays["label"][0] else viz.INPUT for i in range(len(arrays[name]))]
            ax.barh([str(name) for name in self.split.classes], arrays[name], color=colours)
            ax.set(title=title, xlabel="probability", xlim=(0, 1))
            ax.invert_yaxis()
