"""Where the boxes of a diagram go: columns from left to right, lanes for paths side by side, rows where it gets long.

A small form of layered drawing (Sugiyama, Tagawa and Toda, 1981, "Methods for visual understanding of hierarchical
system structures", IEEE Transactions on Systems, Man, and Cybernetics).
"""

from collections import defaultdict
from dataclasses import dataclass

_BOX_LANE, _LINE_LANE = 1.0, 0.62  # distance between the middles of two boxes; of a box and a line that passes it


@dataclass
class Place:
    """Position of a box: row of the page (int), column in its row (int), lane (float, larger is higher)."""

    row: int
    column: int
    lane: float


def place(inputs, most):
    """Positions for the boxes of a graph.

    Args:
        inputs: for each box the indices of the boxes before it, all smaller than its own.
        most: columns in a row; a row is longer where several boxes would send lines into the next one.

    Returns:
        (list of Place; {(from, to): way}). A way is a list of (column, lane), first that of the box it comes from
        (column -1 where that is in the row before), then the points between boxes where it passes other columns.
    """
    ranks = []
    for before in inputs:
        ranks.append(1 + max((ranks[i] for i in before), default=-1))
    starts = _row_starts(inputs, ranks, most)
    places, ways = [None] * len(inputs), {}
    for row, (start, end) in enumerate(zip(starts, [*starts[1:], max(ranks) + 1], strict=True)):
        edges = [(i, box) for box, before in enumerate(inputs) if start <= ranks[box] < end for i in before]
        members = {box for box, rank in enumerate(ranks) if start <= rank < end} | {i for i, _ in edges}
        lanes = _lanes(sorted(members), edges, ranks)
        for box in members:
            if ranks[box] >= start:
                places[box] = Place(row, ranks[box] - start, lanes[box])
        for i, box in edges:
            passed = [(rank - start, lanes[(i, box), rank]) for rank in range(ranks[i] + 1, ranks[box])]
            ways[i, box] = [(ranks[i] - start, lanes[i]), *passed]
    return places, ways


def _row_starts(inputs, ranks, most):
    """First rank of each row: rows about equally long, begun only where all lines come from the one box before."""
    columns = max(ranks) + 1
    allowed = []
    for rank in range(1, columns):
        crossing = {i for box, before in enumerate(inputs) for i in before if ranks[i] < rank <= ranks[box]}
        if len(crossing) == 1 and ranks[crossing.pop()] == rank - 1:
            allowed.append(rank)
    starts = [0]
    while columns - starts[-1] > most and allowed and allowed[-1] > starts[-1]:
        left = columns - starts[-1]
        goal = -(-left // -(-left // most))
        later = [rank - starts[-1] for rank in allowed if rank > starts[-1]]
        fitting = [length for length in later if length <= most] or later[:1]
        starts.append(starts[-1] + min(fitting, key=lambda length: abs(length - goal)))
    return starts


def _lanes(members, edges, ranks):
    """Lane of every box of a row, and of every point (edge, rank) where a line passes a column."""
    columns = defaultdict(dict)  # rank -> {box or point: what comes before it}
    for box in members:
        columns[ranks[box]][box] = []
    for edge in edges:
        i, box = edge
        before = i
        for rank in range(ranks[i] + 1, ranks[box]):
            columns[rank][edge, rank] = [before]
            before = edge, rank
        columns[ranks[box]][box].append(before)
    lanes = {}
    for rank in sorted(columns):
        lanes |= _column_lanes(columns[rank], lanes)
    return lanes


def _column_lanes(column, lanes):
    """Lanes of the things in one column, near the mean of what comes before them and never too close."""
    wanted = {thing: sum(lanes[b] for b in before) / len(before) if before else 0.0 for thing, before in column.items()}
    # Among equals, lines pass above the boxes, and boxes stand from top to bottom in the order of the forward pass.
    order = sorted(wanted, key=lambda thing: (wanted[thing], -thing if isinstance(thing, int) else 1))
    got, previous = {}, None
    for thing in order:
        lane = wanted[thing]
        if previous is not None:
            boxes = isinstance(thing, int) and isinstance(previous, int)
            lane = max(lane, got[previous] + (_BOX_LANE if boxes else _LINE_LANE))
        got[thing], previous = lane, thing
    shift = sum(wanted[thing] - got[thing] for thing in order) / len(order)
    return {thing: lane + shift for thing, lane in got.items()}
