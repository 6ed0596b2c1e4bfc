"""From a map of answers to an amount: the best path along the line, and what is wrong with a reading."""

from typing import NamedTuple

import torch

NOTHING = 10  # row of the map for "no digit in the middle"
LEAST = 2  # windows: digits lie at least this far apart


class Path(NamedTuple):
    """A reading.

    Fields:
        text: the digits that were read.
        columns: the column of the map at which each was found.
        score: log-probability of the path, minus that of an empty line.
    """

    text: str
    columns: list
    score: float


def gains(log_probs):
    """What reading a digit gains over reading nothing, in each column of a map (11, T).

    Returns:
        gain float (T,), log-probability of the best digit minus that of nothing; digit int64 (T,).
    """
    best, digit = log_probs[:NOTHING].max(0)
    return best - log_probs[NOTHING], digit


def best_path(log_probs, least=LEAST):
    """The most probable amount, where every column holds a digit or nothing and digits keep their distance.

    Each column is taken for itself: the probability of a path is the product of its columns', digits where it reads
    one and nothing elsewhere. Digits that are less than `least` columns apart are ruled out: those would be one digit
    seen twice. With best[t], the largest score of the first t columns,

        best[t] = max(best[t - 1],  gain[t - 1] + best[t - least])

    which is dynamic programming (Bellman 1957; along a sequence it is called the Viterbi algorithm, 1967).

    Args:
        log_probs: map of answers, float (11, T).
        least: columns between neighbouring digits, at least 1.

    Returns:
        Path.
    """
    gain, digit = gains(log_probs)
    best, taken = [0.0], []
    for t, value in enumerate(gain.tolist(), 1):
        with_digit = value + best[max(0, t - least)]
        taken.append(with_digit > best[-1])
        best.append(max(best[-1], with_digit))
    columns, t = [], len(taken)
    while t > 0:
        if taken[t - 1]:
            columns.append(t - 1)
        t -= least if taken[t - 1] else 1
    columns.reverse()
    return Path("".join(str(int(digit[column])) for column in columns), columns, best[-1])


def collapse(log_probs):
    """The simple way: the best answer of each column, repetitions said once, nothings left out.

    Args:
        log_probs: map of answers, float (11, T).

    Returns:
        str of digits.
    """
    said = torch.unique_consecutive(log_probs.argmax(0)).tolist()
    return "".join(str(digit) for digit in said if digit != NOTHING)


def mistakes(written, read):
    """The fewest single mistakes that turn what was written into what was read (Levenshtein 1966).

    Args:
        written, read: str.

    Returns:
        dict: "misread", one digit for another; "missed", written but not read; "invented", read but not written.
    """
    row = [{"misread": 0, "missed": 0, "invented": count} for count in range(len(read) + 1)]
    for i, right in enumerate(written):
        following = [{"misread": 0, "missed": i + 1, "invented": 0}]
        for j, got in enumerate(read):
            options = (
                _more(row[j], "misread", int(right != got)),
                _more(row[j + 1], "missed"),
                _more(following[j], "invented"),
            )
            following.append(min(options, key=lambda counts: sum(counts.values())))
        row = following
    return row[-1]


def _more(counts, name, by=1):
    return {**counts, name: counts[name] + by}
