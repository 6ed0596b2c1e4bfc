"""The chart of the model zoo: accuracy against speed, memory as area, and the block of the network that is picked."""

from functools import cache

import numpy as np
import traitlets

from utils import viz, zoo
from utils.viz.layout import place
from utils.viz.sketch import lines_of, shape_text
from utils.viz.trace import boxes
from utils.widgets._base import Explorer
from utils.widgets._controls import choice

_MOST_COLUMNS = 9  # of a block's diagram


class ZooChart(Explorer):
    """Pick a network on the chart by mouse or keyboard, and see its numbers and its block.

    Args:
        runs: {label: rows as `utils.zoo.survey` gives them}, each from one machine; a drop-down list switches.
        **settings: run (a label), batch (images at a time, a str), net (name of the network that is picked).

    Raises:
        ValueError: a run has no rows, or networks that are not on the chart.
        traitlets.TraitError: a run or batch size that was not measured.
    """

    scripts = ("chart.js",)
    figure_size = (10, 7.5)

    run = traitlets.Unicode().tag(setting=True)
    batch = traitlets.Unicode("1").tag(setting=True)
    net = traitlets.Unicode().tag(setting=True)

    def __init__(self, runs, **settings):
        if not runs or not all(runs.values()):
            raise ValueError("runs: nothing to draw. Give {label: rows of zoo.survey()}.")
        self._runs = {label: sorted(rows, key=_speed_of_one) for label, rows in runs.items()}
        for row in (row for rows in runs.values() for row in rows):
            zoo.published(row["name"])
        first = next(iter(self._runs))
        super().__init__(**{"run": first, "net": self._runs[first][-1]["name"], **settings})

    @traitlets.validate("run")
    def _known_run(self, proposal):
        return _one_of(self._runs, proposal.value, "run")

    @traitlets.validate("batch")
    def _known_batch(self, proposal):
        return _one_of(self._batches(), proposal.value, "batch")

    @traitlets.validate("net")
    def _known_net(self, proposal):
        return _one_of(zoo.NETS, proposal.value, "net")

    def controls(self):
        """Whose measurement, and how many images at a time."""
        return [
            choice(self, "run", list(self._runs), "measured"),
            choice(self, "batch", self._batches(), "images at a time"),
        ]

    def compute(self, settings):
        """The dots, from the slowest with one image to the fastest.

        Returns:
            speed, top1, later (NaN: no later weights), peak, params, gmacs (n,): images a second, percent, megabytes,
            millions and billions; low, high (n,): slowest and fastest pass; front (n,): 1 where no network is both
            faster and better.
        """
        rows, batch = self._runs[settings["run"]], settings["batch"]
        speeds = [row["speed"][batch] for row in rows]
        columns = {"top1": "top1", "later": "top1_later", "gmacs": "gmacs"}
        arrays = {name: np.array([row[key] for row in rows], dtype=float) for name, key in columns.items()}
        arrays["speed"] = np.array([speed["images_per_second"] for speed in speeds])
        arrays |= {end: np.array([speed[end] for speed in speeds]) for end in ("low", "high")}
        arrays["peak"] = np.array([row["peak_mb"][batch] for row in rows])
        arrays["params"] = np.array([row["params"] / 1e6 for row in rows])
        return {**arrays, "front": zoo.best_of(arrays["speed"], arrays["top1"])}

    def constants(self):
        """Names in the order of the dots, year and idea of each network, and the diagram of its block."""
        names = [row["name"] for row in self._runs[self.run]]
        facts = {name: {"year": zoo.NETS[name].year, "idea": zoo.NETS[name].idea} for name in names}
        return {"names": names, "nets": {name: {**facts[name], **diagram(name)} for name in names}}

    def describe(self):
        rows = {row["name"]: row for row in self._runs[self.run]}
        told = f"Chart of {len(rows)} networks: ImageNet top-1 accuracy against images a second, {self.run}, "
        told += f"{self.batch} at a time on {next(iter(rows.values()))['threads']} thread(s); area: peak memory."
        if self.net not in rows:
            return told
        row = rows[self.net]
        return (
            f"{told} Picked: {self.net}, {row['top1']:.1f} %, "
            f"{row['speed'][self.batch]['images_per_second']:.1f} images a second, {row['peak_mb'][self.batch]:.0f} MB."
        )

    def draw(self, figure, arrays):
        upper, lower = figure.subfigures(2, 1, height_ratios=[2.4, 1])
        chart, below = upper.subplots(), lower.subplots()
        module, shape = zoo.block(self.net)
        millions = zoo.published(self.net)["params"] / 1e6
        title = f"{self.net}, {millions:.1f} million parameters: {zoo.NETS[self.net].idea}"
        viz.architecture(module, shape, depth=zoo.NETS[self.net].depth, ax=below, title=title)
        names = [row["name"] for row in self._runs[self.run]]
        again = ~np.isnan(arrays["later"])  # trained again, by a later recipe
        chart.vlines(arrays["speed"][again], arrays["top1"][again], arrays["later"][again], color=viz.RIGHT)
        chart.plot(arrays["speed"][again], arrays["later"][again], "_", color=viz.RIGHT)
        points = dict(zip(names, zip(arrays["speed"], arrays["top1"], strict=True), strict=True))
        viz.bubbles(
            points,
            dict(zip(names, arrays["peak"], strict=True)),
            ax=chart,
            xscale="log",
            xlabel=f"images a second, {self.batch} at a time (area: peak memory)",
            ylabel="ImageNet top-1, %",
            front=[name for name, best in zip(names, arrays["front"], strict=True) if best],
        )
        if self.net in points:
            chart.plot(*points[self.net], "o", markersize=16, markerfacecolor="none", markeredgecolor=viz.KERNEL)

    def _batches(self):
        """Batch sizes that every run has."""
        sizes = [set(row["speed"]) for rows in self._runs.values() for row in rows]
        return sorted(set.intersection(*sizes), key=int)


@cache
def diagram(name):
    """The block of a network for the browser, traced from torchvision's own module (dict).

    Returns:
        "boxes": list of {"x", "y" (columns and lanes, down), "lines", "shape", "kind"}; "edges": list of lists of
        points (x, y), the first and last being boxes; "columns", "lanes": size of the drawing.
    """
    module, shape = zoo.block(name)
    found = boxes(module, shape, zoo.NETS[name].depth)
    places, ways = place([box.inputs for box in found], _MOST_COLUMNS)
    lanes = [spot.lane for spot in places] + [lane for way in ways.values() for _, lane in way]
    highest = max(lanes)
    drawn = [
        {
            "x": spot.column,
            "y": highest - spot.lane,
            "lines": [line.removeprefix("_") for line in lines_of(box)],
            "shape": shape_text(box.shape),
            "kind": box.operation.kind,
        }
        for box, spot in zip(found, places, strict=True)
    ]
    edges = []
    for (_, after), way in ways.items():
        end = places[after]
        edges.append([*([column, highest - lane] for column, lane in way), [end.column, highest - end.lane]])
    columns = 1 + max(spot.column for spot in places)
    return {"boxes": drawn, "edges": edges, "columns": columns, "lanes": 1 + highest - min(lanes)}


def _speed_of_one(row):
    return row["speed"]["1"]["images_per_second"]


def _one_of(known, value, name):
    if value not in known:
        raise traitlets.TraitError(f"{name}: {value!r} was not measured. Choose from: {', '.join(known)}.")
    return value
