"""From a picture of an amount to its digits: where to look, what every place says, and what it adds up to (chapter 12).

    from utils import reading
    top, left = reading.find_box(picture, cheques.BOX)      # the printed box, by one large kernel
    log_probs = reading.answers(reader, X)                  # (B, 11, T): the map of answers of lines X
    reading.best_path(log_probs[0]).text                    # such as "40731"
    reading.mistakes("40731", "4073")                       # {"misread": 0, "missed": 1, "invented": 0}

A map of answers has 11 rows, the digits 0 to 9 and NOTHING (no digit in the middle here), and a column for every window
of the line; neighbouring windows lie 4 pixels apart.
"""

from .boxes import box_kernel, find_box
from .maps import answers, cut_windows, middles
from .paths import LEAST, NOTHING, Path, best_path, collapse, gains, mistakes

__all__ = [
    "LEAST",
    "NOTHING",
    "Path",
    "answers",
    "best_path",
    "box_kernel",
    "collapse",
    "cut_windows",
    "find_box",
    "gains",
    "middles",
    "mistakes",
]
