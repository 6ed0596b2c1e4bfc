"""The batch norm explorer: one feature, batch after batch, and the statistics that follow (chapter 08)."""

import numpy as np
import traitlets

from utils import viz
from utils.viz import palette
from utils.widgets._base import Explorer
from utils.widgets._controls import choice, decimal, slider

MEAN, VARIANCE = 2.0, 4.0  # of the population that batches are drawn from
MOST_IMAGES, MOST_BATCHES = 64, 60
MODES = ["training", "evaluation"]
EPS = [1e-5, 0.1, 1.0, 10.0]


class BatchNormExplorer(Explorer):
    """Show a batch norm layer batch after batch of one feature; its running mean and variance follow.

    Args:
        **settings: batch_size (2 to 64), gamma (0 to 3), beta (-3 to 3), eps (1e-5, 0.1, 1 or 10), momentum (0 to 1),
            mode ("training" or "evaluation"), trained (1 to 60: batches seen in training), evaluated (1 to 60: which
            batch after those is shown in evaluation).

    Raises:
        traitlets.TraitError: a value out of these ranges.
    """

    scripts = ("normalisation.js",)
    figure_size = (10, 4)

    batch_size = traitlets.Int(8, min=2, max=MOST_IMAGES).tag(setting=True)
    gamma = traitlets.Float(1.0, min=0.0, max=3.0).tag(setting=True)
    beta = traitlets.Float(0.0, min=-3.0, max=3.0).tag(setting=True)
    eps = traitlets.Enum(EPS, 1e-5).tag(setting=True)
    momentum = traitlets.Float(0.1, min=0.0, max=1.0).tag(setting=True)
    mode = traitlets.Enum(MODES, "training").tag(setting=True)
    trained = traitlets.Int(1, min=1, max=MOST_BATCHES).tag(setting=True)
    evaluated = traitlets.Int(1, min=1, max=MOST_BATCHES).tag(setting=True)

    def controls(self):
        """Batch size, momentum, mode, eps, gamma and beta."""
        return [
            slider(self, "batch_size", 2, MOST_IMAGES, "batch size"),
            decimal(self, "momentum", 0, 1, 0.01, "momentum"),
            choice(self, "mode", MODES, "mode"),
            choice(self, "eps", EPS, "eps"),
            decimal(self, "gamma", 0, 3, 0.1, "gamma"),
            decimal(self, "beta", -3, 3, 0.1, "beta"),
        ]

    def compute(self, settings):
        """The batch that is shown, what becomes of it, and the statistics so far.

        Returns:
            x, x_hat, y (batch_size,); used (2,), the mean and variance that normalise; batch_means, batch_variances
            (trained,) of the training batches, the variances unbiased; running_mean, running_var (trained + 1,), from
            their start on.
        """
        batches = population()[:, : settings["batch_size"]]
        seen = batches[: settings["trained"]]
        means, variances = seen.mean(1), seen.var(1, ddof=1)
        running_mean = running(0.0, means, settings["momentum"])
        running_var = running(1.0, variances, settings["momentum"])
        if settings["mode"] == "training":
            x = seen[-1]
            used = x.mean(), x.var()
        else:
            x = batches[settings["trained"] + settings["evaluated"] - 1]
            used = running_mean[-1], running_var[-1]
        x_hat = (x - used[0]) / np.sqrt(used[1] + settings["eps"])
        return {
            "x": x,
            "x_hat": x_hat,
            "y": settings["gamma"] * x_hat + settings["beta"],
            "used": np.array(used),
            "batch_means": means,
            "batch_variances": variances,
            "running_mean": running_mean,
            "running_var": running_var,
        }

    def constants(self):
        """Mean and variance of the population, and how many batches there are."""
        return {"mean": MEAN, "variance": VARIANCE, "most": MOST_BATCHES}

    def describe(self):
        arrays = self.compute(self.settings)
        mean, variance = arrays["running_mean"][-1], arrays["running_var"][-1]
        return (
            f"A batch of {self.batch_size} values, normalised in {self.mode} with mean {arrays['used'][0]:.2f} and "
            f"variance {arrays['used'][1]:.2f}. After {self.trained} training batches with momentum "
            f"{self.momentum:g} the running mean is {mean:.2f}, the running variance {variance:.2f}; the population "
            f"has {MEAN:g} and {VARIANCE:g}."
        )

    def draw(self, figure, arrays):
        left, right = figure.subplots(1, 2, width_ratios=[1.2, 1])
        rows = {"x": viz.INPUT, "x_hat": viz.FEATURE_MAP, "y": viz.FEATURE_MAP}
        for height, (name, colour) in zip((2, 1, 0), rows.items(), strict=True):
            values = arrays[name]
            left.plot(values, np.full(len(values), height), "o", color=colour, alpha=0.6)
            left.plot([values.mean()] * 2, [height - 0.25, height + 0.25], "-", color=viz.KERNEL, linewidth=3)
        left.set(yticks=(2, 1, 0), yticklabels=["x", "normalised", "y"], ylim=(-0.6, 2.6), xlabel="value")
        left.set_title(f"the batch in {self.mode}; orange: its mean")
        for name, label, colour, truth in (
            ("running_mean", "running mean", viz.FEATURE_MAP, MEAN),
            ("running_var", "running variance", palette.INK, VARIANCE),
        ):
            right.plot(arrays[name], "o-", color=colour, markersize=4, label=label)
            right.axhline(truth, color=colour, linestyle="--", linewidth=1)
        right.set(xlabel="training batches", title="dashed: the population's", xlim=(0, max(10, self.trained)))
        right.xaxis.get_major_locator().set_params(integer=True)
        right.legend()


def population():
    """All batches that there are, as rows: float64 (2 * MOST_BATCHES, MOST_IMAGES)."""
    drawn = np.random.default_rng(8).normal(size=(2 * MOST_BATCHES, MOST_IMAGES))
    return MEAN + np.sqrt(VARIANCE) * drawn


def running(start, values, momentum):
    """Running average after 0, 1, 2, ... values: (n,) -> (n + 1,)."""
    averages = [start]
    for value in values:
        averages.append((1 - momentum) * averages[-1] + momentum * value)
    return np.array(averages)
