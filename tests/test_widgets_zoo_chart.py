"""The chart of the model zoo: what it shows is what was measured, and its blocks are torchvision's."""

import numpy as np
import pytest
import traitlets

from utils import widgets, zoo
from utils.widgets.chart import diagram


def made_up(number, name):
    """A row as `zoo.survey` gives it, with speeds and memory of no machine."""
    speeds = {
        batch: {"images_per_second": 7.0 * number + 3 * int(batch), "low": 1.0, "high": 200.0, "passes": 3}
        for batch in ("1", "8")
    }
    peak = {"1": 40.0 + number, "8": 400.0 - number}
    return {"name": name, **zoo.published(name), "speed": speeds, "peak_mb": peak, "threads": 1}


ORDER = sorted(zoo.NETS, key=lambda name: (len(name), name))  # of no meaning, so neither speed nor accuracy
ROWS = [made_up(number, name) for number, name in enumerate(ORDER)]


def test_dots_are_what_was_measured_slowest_first():
    chart = widgets.zoo_chart({"a": ROWS[::-1]}, batch="8")
    arrays, names = chart.compute(chart.settings), chart.constants()["names"]
    assert names == ORDER
    np.testing.assert_allclose(arrays["speed"], [7.0 * i + 24 for i in range(len(ORDER))])
    np.testing.assert_allclose(arrays["peak"], [400.0 - i for i in range(len(ORDER))])
    np.testing.assert_allclose(arrays["top1"], [zoo.published(name)["top1"] for name in ORDER])
    assert np.isnan(arrays["later"]).tolist() == [zoo.published(name)["top1_later"] is None for name in ORDER]
    for i, best in enumerate(arrays["front"]):
        beaten = any(arrays["top1"][j] > arrays["top1"][i] for j in range(i + 1, len(ORDER)))
        assert bool(best) != beaten
    chart.close()


def test_description_names_the_picked_network_and_its_numbers():
    chart = widgets.zoo_chart({"now": ROWS}, net="resnet50")
    assert f"resnet50, 76.1 %, {7.0 * ORDER.index('resnet50') + 3:.1f} images a second" in chart.describe()
    chart.run = "now"
    assert len(chart.static().axes) == 2
    chart.close()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet50", ["conv 1×1", "conv 3×3", "conv 1×1"]),
        ("mobilenet_v2", ["conv 1×1", "conv 3×3", "depthwise", "conv 1×1"]),
        ("resnext50_32x4d", ["32 groups"]),
        ("vgg16", ["conv 3×3", "conv 3×3", "conv 3×3", "max pool 2×2"]),
    ],
)
def test_diagram_has_the_layers_of_the_block(name, expected):
    lines = [line for box in diagram(name)["boxes"] for line in box["lines"]]
    found = iter(lines)
    assert all(text in found for text in expected), lines


@pytest.mark.parametrize("name", zoo.NETS)
def test_lines_of_a_diagram_end_at_boxes_inside_the_drawing(name):
    drawn = diagram(name)
    places = {(box["x"], box["y"]) for box in drawn["boxes"]}
    assert len(places) == len(drawn["boxes"])
    assert all(0 <= x < drawn["columns"] and 0 <= y < drawn["lanes"] for x, y in places)
    assert all({tuple(edge[0]), tuple(edge[-1])} <= places for edge in drawn["edges"])


def test_settings_that_were_not_measured_are_refused():
    for wrong in ({"run": "yesterday"}, {"batch": "16"}, {"net": "resnet"}):
        with pytest.raises(traitlets.TraitError, match="Choose from"):
            widgets.zoo_chart({"now": ROWS}, **wrong)
    for wrong in ({}, {"now": []}):
        with pytest.raises(ValueError, match="nothing to draw"):
            widgets.zoo_chart(wrong)
