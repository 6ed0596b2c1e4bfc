"""The kernel lab: a kernel on a picture, equal to PyTorch's."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_widgets import matrices, shown
from utils import widgets


@given(
    matrices(1, 1).map(lambda m: m[0][0]), st.sampled_from([3, 5]), st.integers(0, 9), st.integers(0, 9), st.randoms()
)
@settings(max_examples=20, deadline=None)
def test_kernel_lab_equals_torch(scale, side, row, col, random):
    picture = torch.tensor([[random.randrange(256) for _ in range(20)] for _ in range(14)], dtype=torch.uint8)
    kernel = [[round(scale * random.random(), 2) for _ in range(side)] for _ in range(side)]
    explorer = widgets.kernel_lab(picture.numpy(), kernel, row=row, col=col)
    X = F.pad(picture.double()[None, None] / 255, [side // 2] * 4, mode="replicate")
    expected = F.conv2d(X, torch.tensor(kernel, dtype=torch.float64)[None, None])[0, 0]
    np.testing.assert_allclose(shown(explorer, "result"), expected, atol=1e-4)
    assert shown(explorer, "products").sum() == pytest.approx(expected[row, col].item(), abs=1e-4)
    np.testing.assert_array_equal(shown(explorer, "picture"), picture)
    explorer.close()


def test_kernel_lab_points_inside_a_small_picture():
    explorer = widgets.kernel_lab(np.zeros((4, 7), np.uint8), row=200, col=200)
    assert shown(explorer, "place").tolist() == [3, 6]


def test_kernel_lab_names_what_it_knows():
    with pytest.raises(traitlets.TraitError, match="camera"):
        widgets.kernel_lab("a cat")
    with pytest.raises(traitlets.TraitError, match="3 by 3 or 5 by 5"):
        widgets.kernel_lab(kernel=np.ones((2, 2)))


def test_every_named_kernel_of_the_lab_can_be_chosen_and_edited():
    explorer = widgets.kernel_lab()
    names = explorer.children[0].children[1]
    for name in names.options[:-1]:
        names.value = name
        assert explorer._canvas.answer["message"] == ""
    explorer.kernel = np.full((3, 3), 7)
    assert names.value == "your own"
    explorer.kernel = [[-1, 0, 1]] * 3
    assert names.value == "Prewitt, vertical edges"
