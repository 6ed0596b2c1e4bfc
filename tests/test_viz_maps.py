"""Maps of points: each in its place, in the colour and under the name of its class."""

import numpy as np
import pytest
import torch
from matplotlib.colors import same_color, to_rgb

from utils import viz
from utils.viz.captions import alt_text
from utils.viz.palette import CLASSES, ROLES

POINTS = np.array([[0.0, 1], [2, 3], [4, 5], [6, 7]])


def test_every_point_stands_in_its_place_in_the_colour_of_its_class():
    ax = viz.class_map(torch.tensor(POINTS), [1, 0, 1, 2], marked=[3])
    *classes, rings = ax.collections
    for label, (drawn, rows) in enumerate(zip(classes, ([1], [0, 2], [3]), strict=True)):
        np.testing.assert_array_equal(drawn.get_offsets(), POINTS[rows])
        assert same_color(drawn.get_facecolor()[0], CLASSES[label])
    np.testing.assert_array_equal(rings.get_offsets(), POINTS[[3]])
    assert "4 points of 3 classes: 0 around (2.0, 3.0), 1 around (2.0, 3.0), 2 around (6.0, 7.0)." in alt_text(
        ax.figure
    )


def test_a_class_without_a_point_leaves_its_colour_free():
    ax = viz.class_map(POINTS, [9, 9, 7, 7], classes=range(10))
    assert same_color(ax.collections[9].get_facecolor()[0], CLASSES[9])
    assert "0 around" not in alt_text(ax.figure)


def test_class_colours_differ_and_mean_nothing_else():
    colours = np.array([to_rgb(colour) for colour in CLASSES])
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2) + 9 * np.eye(len(colours))
    assert len(colours) == 10
    assert apart.min() > 0.15
    assert not {colour.upper() for colour in CLASSES} & {colour.upper() for colour in ROLES.values()}


@pytest.mark.parametrize(
    ("points", "labels", "classes", "hint"),
    [
        (np.ones((4, 3)), [0, 1, 0, 1], None, "two of their directions"),
        (POINTS, [0, 1], None, r"\(2,\)"),
        (POINTS, [0, 1, 0, 2], ["a", "b"], "from 0 to 1"),
        (POINTS, [0.5, 1, 0, 1], None, "expected integers"),
        (POINTS, [0, 1, 0, 1], range(11), "not 11"),
    ],
)
def test_what_is_no_map_is_refused(points, labels, classes, hint):
    with pytest.raises(ValueError, match=hint):
        viz.class_map(points, labels, classes)
