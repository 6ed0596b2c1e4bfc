"""Colours by meaning, the same in figures, explorers and diagrams (Okabe and Ito, 2008, "Color universal design")."""

INPUT = "#7f7f7f"
KERNEL = "#E69F00"
FEATURE_MAP = "#0072B2"
GRADIENT = "#CC79A7"
RIGHT = "#009E73"
WRONG = "#D55E00"

ROLES = {
    "input": INPUT,
    "kernel": KERNEL,
    "feature_map": FEATURE_MAP,
    "gradient": GRADIENT,
    "right": RIGHT,
    "wrong": WRONG,
}

# Ten classes side by side, none of them a colour with a meaning (after Tol, "Colour schemes", 2021).
CLASSES = (
    "#332288", "#CC6677", "#117733", "#B89C1F", "#882255", "#44AA99", "#AA4499", "#4477AA", "#666666", "#7A3B00",
)  # fmt: skip

SIGNED = "RdBu_r"  # diverging: blue negative, white zero, red positive
SEQUENTIAL = "Blues"  # white zero, dark blue largest
PIXELS = "gray"  # black 0, white largest: pictures only
INK = "#222222"  # text and lines without a meaning of their own


def colour_range(values, signed=False):
    """Colour map and limits that put white at zero: (name, lowest, highest).

    Values of both signs get the diverging map on a symmetric range, others the sequential map from zero.

    Args:
        values: array of finite numbers, any shape.
        signed: take the diverging map for values without a negative one too.
    """
    largest = float(abs(values.astype(float)).max()) or 1.0
    return (SIGNED, -largest, largest) if signed or values.min() < 0 else (SEQUENTIAL, 0.0, largest)
