"""What a training run measured, epoch by epoch."""

_TABLE = {"train_loss": ".4f", "train_accuracy": ".4f", "test_loss": ".4f", "test_accuracy": ".4f", "lr": ".3g"}
_COLUMNS = (*_TABLE, "seconds", "images_per_second")


def _column(name, meaning):
    return property(lambda self: [epoch[name] for epoch in self._epochs if name in epoch], doc=meaning)


class History:
    """Measurements of a training run: each attribute below is a list with one float an epoch.

    `stopped` is "" for a run that went to its end, else the reason why it ended early. `len(history)` counts the
    whole epochs.
    """

    train_loss = _column("train_loss", "Mean cross-entropy over the training images, each seen while learning (nats).")
    train_accuracy = _column("train_accuracy", "Share of the training images that were classified rightly, 0 to 1.")
    test_loss = _column(
        "test_loss", "Mean cross-entropy over the test images after the epoch; [] without a test split."
    )
    test_accuracy = _column("test_accuracy", "Share of the test images classified rightly; [] without a test split.")
    lr = _column("lr", "Learning rate of the epoch's last step.")
    seconds = _column("seconds", "Duration of the epoch's training, evaluation left out.")
    images_per_second = _column("images_per_second", "Training images a second.")

    def __init__(self):
        # One dict an epoch: it is appended whole, so a Stop button pressed here cannot leave columns of unequal length.
        self._epochs = []
        self.stopped = ""

    def __len__(self):
        return len(self._epochs)

    def __eq__(self, other):
        return isinstance(other, History) and self.to_dict() == other.to_dict()

    __hash__ = None

    def record(self, **measured):
        """Add one epoch.

        Args:
            **measured: a number for each attribute; test_loss and test_accuracy may be left out.

        Raises:
            TypeError: another column is missing, or one is unknown.
        """
        required = set(_COLUMNS) - {"test_loss", "test_accuracy"}
        if not required <= set(measured) <= set(_COLUMNS):
            raise TypeError(f"An epoch is recorded with {', '.join(_COLUMNS)}, not {', '.join(measured)}.")
        self._epochs.append({name: float(value) for name, value in measured.items()})

    def to_dict(self):
        """The columns as lists, and `stopped`: plain values, ready for json or pandas.DataFrame (dict)."""
        return {name: getattr(self, name) for name in _COLUMNS} | {"stopped": self.stopped}

    @classmethod
    def from_dict(cls, values):
        """The History that `to_dict` described.

        Raises:
            TypeError, ValueError: a column is missing or unknown, or is shorter than another.
        """
        history = cls()
        columns = {name: column for name, column in values.items() if name != "stopped" and column}
        for epoch in zip(*columns.values(), strict=True):
            history.record(**dict(zip(columns, epoch, strict=True)))
        history.stopped = values.get("stopped", "")
        return history

    def __repr__(self):
        """A table of the epochs without timings, so that a stored notebook says the same in every build."""
        shown = {name: form for name, form in _TABLE.items() if getattr(self, name)}
        lines = [" ".join(["epoch", *(f"{name:>{_width(name)}}" for name in shown)])] if len(self) else []
        for number, epoch in enumerate(self._epochs, 1):
            lines.append(
                f"{number:5d} " + " ".join(f"{epoch[name]:{_width(name)}{form}}" for name, form in shown.items())
            )
        if len(lines) > 22:
            lines[11:-10] = ["  ..."]
        return "\n".join([f"History of {len(self)} epoch{'s' * (len(self) != 1)}", *lines, self.stopped]).rstrip()

    def plot(self, axes=None):
        """Draw loss and accuracy against the epoch.

        Args:
            axes: two matplotlib Axes; by default a new figure with two panels.

        Returns:
            array or sequence of the two Axes.
        """
        from matplotlib import pyplot as plt
        from matplotlib.ticker import MaxNLocator

        if axes is None:
            axes = plt.subplots(1, 2, figsize=(9, 3.5))[1]
        for ax, quantity, label in zip(axes, ("loss", "accuracy"), ("cross-entropy (nats)", "accuracy"), strict=True):
            for split, style in (("train", "--"), ("test", "-")):
                if values := getattr(self, f"{split}_{quantity}"):
                    ax.plot(
                        range(1, len(self) + 1), values, style, marker="o", color="#0072B2", label=f"{split} images"
                    )
            ax.set(xlabel="epoch", ylabel=label, label=self._in_words(quantity))
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(self):
            axes[0].legend()
        return axes

    def _in_words(self, quantity):
        """Alt text of a panel (the course's figures keep it as the label of their Axes)."""
        ends = {split: getattr(self, f"{split}_{quantity}") for split in ("train", "test")}
        parts = [f"{split} from {values[0]:.3f} to {values[-1]:.3f}" for split, values in ends.items() if values]
        return f"{quantity.capitalize()} over {len(self)} epochs: {', '.join(parts) or 'nothing recorded yet'}."


def _width(name):
    return max(len(name), 9)
