"""The cheque reader: an amount on a line, the map of answers under it, and what is read (chapter 12)."""

from dataclasses import replace

import numpy as np
import torch
import traitlets

from utils import reading, viz
from utils.data import cheques
from utils.viz import palette
from utils.widgets._base import Explorer
from utils.widgets._controls import choice, slider, tick

ROWS, COLUMNS = 64, 448  # pixels of the pad
MOST = 7  # digits of an amount
NAMES = [*map(str, range(10)), "–"]


class ChequeReader(Explorer):
    """Type an amount or draw one, choose the hand and the reader, and see what every window of the line says.

    Args:
        readers: {name: fully convolutional network with 11 classes, field 32 x 32}.
        digits: Split of 28 x 28 digits that amounts are written in; its .mean and .std normalise the lines.
        **settings: amount (str of 1 to 7 digits), source ("typed" or "drawn"), drawing (64 * 448 bytes, ink 255),
            reader (a name), writer (0 to 99: another choice of digits), gap (pixels between digits, -6 to 10), slant
            (degrees), noise (percent of full ink), printed (guide lines and texture, bool).

    Raises:
        ValueError: there is no reader.
        traitlets.TraitError: a setting is out of range.
    """

    scripts = ("_ink.js", "amounts.js")
    figure_size = (10, 4.4)

    amount = traitlets.Unicode("2048").tag(setting=True)
    source = traitlets.Enum(["typed", "drawn"], "typed").tag(setting=True)
    drawing = traitlets.CBytes(bytes(ROWS * COLUMNS)).tag(setting=True, blob=True)
    reader = traitlets.Unicode().tag(setting=True)
    writer = traitlets.Int(0, min=0, max=99).tag(setting=True)
    gap = traitlets.Int(5, min=-6, max=10).tag(setting=True)
    slant = traitlets.Int(0, min=-40, max=40).tag(setting=True)
    noise = traitlets.Int(0, min=0, max=60).tag(setting=True)
    printed = traitlets.Bool(False).tag(setting=True)

    def __init__(self, readers, digits, **settings):
        if not readers:
            raise ValueError("cheque_reader needs a reader: {name: fully convolutional network}.")
        self.readers, self.digits = readers, digits
        super().__init__(**{"reader": next(iter(readers)), **settings})

    @traitlets.validate("reader")
    def _is_a_reader(self, proposal):
        if proposal.value in self.readers:
            return proposal.value
        known = ", ".join(self.readers)
        raise traitlets.TraitError(f"reader: there is no {proposal.value!r}. Choose one of: {known}.")

    def controls(self):
        """Reader, writer, gap, slant, noise, and the paper."""
        return [
            choice(self, "reader", list(self.readers), "reader"),
            slider(self, "writer", 0, 99, "other writers"),
            slider(self, "gap", -6, 10, "gap (pixels)"),
            slider(self, "slant", -40, 40, "slant °"),
            slider(self, "noise", 0, 60, "noise %"),
            tick(self, "printed", "printed paper"),
        ]

    def constants(self):
        """Sizes, the names of the answers, and where the first window's middle lies."""
        return {"pad": [ROWS, COLUMNS], "names": NAMES, "width": cheques.WIDTH, "most": MOST} | {
            "first": float(reading.middles(cheques.WIDTH)[0]),
            "step": 4,
        }

    def compute(self, settings):
        """The line, what the chosen reader says along it, and what is read.

        Returns:
            line uint8 (32, 224); shares (11, 49): probabilities of each window; columns (n,) and digits (n,) of the
            best path; written (m,): the digits of a typed amount, empty for a drawing.

        Raises:
            ValueError: the amount holds something else than digits, is too long, or nothing is drawn.
        """
        X, written = self._line(settings)
        normalised = (X - self.digits.mean[0]) / self.digits.std[0]
        log_probs = reading.answers(self.readers[settings["reader"]], normalised)[0]
        path = reading.best_path(log_probs)
        return {
            "line": (255 * X[0, 0]).round().byte().numpy(),
            "shares": log_probs.exp().numpy(),
            "columns": np.array(path.columns),
            "digits": np.array([int(digit) for digit in path.text]),
            "written": np.array([int(digit) for digit in written]),
        }

    def _line(self, settings):
        """The line on its paper, float (1, 1, 32, 224) in [0, 1], and what was typed."""
        paper = {"rules": 0.6, "texture": 0.4} if settings["printed"] else {}
        hand = cheques.Hand(
            gap=(settings["gap"],) * 2, slant=(settings["slant"],) * 2, noise=settings["noise"] / 100, **paper
        )
        if settings["source"] == "typed":
            if len(settings["amount"]) > MOST:
                raise ValueError(f"A line holds {MOST} digits at most.")
            lines = cheques.write(self.digits, [settings["amount"]], hand, settings["writer"])
            return lines.images.float() / 255, settings["amount"]
        ink = torch.from_numpy(cheques.fit_line(_unpacked(settings["drawing"]))).float()[None, None] / 255
        return cheques.on_paper(ink, replace(hand, gap=(0, 0)), torch.Generator().manual_seed(0)), ""

    def describe(self):
        try:
            arrays = self.compute(self.settings)
        except ValueError as problem:
            return str(problem)
        read = "".join(map(str, arrays["digits"]))
        what = f"The amount {self.amount}" if self.source == "typed" else "A drawn amount"
        return f"{what}, read as {read or 'nothing'} by the reader {self.reader!r}, over its answers along the line."

    def draw(self, figure, arrays):
        axes = figure.subplots(2, 1, height_ratios=[1.5, 2.5], sharex=True)
        text, written = ("".join(map(str, arrays[name])) for name in ("digits", "written"))
        viz.line_answers(
            arrays["line"],
            arrays["shares"],
            reading.middles(cheques.WIDTH),
            NAMES,
            path=arrays["columns"],
            text=text,
            axes=axes,
        )
        role = palette.FEATURE_MAP if not written else palette.RIGHT if text == written else palette.WRONG
        axes[0].set_title(f"read: {text or 'nothing'}", color=role, pad=22)


def _unpacked(drawing):
    """Ink uint8 (64, 448) of the bytes from the browser."""
    if len(drawing) != ROWS * COLUMNS:
        raise ValueError(f"A drawing has {ROWS} x {COLUMNS} bytes, not {len(drawing)}.")
    return np.frombuffer(drawing, np.uint8).reshape(ROWS, COLUMNS)
