"""The augmentation explorer in a real browser: every kind of control, against what Python computes."""

import numpy as np
import pytest

from tests.browser.driven import Driven, soon
from utils import widgets

pytestmark = [pytest.mark.browser, pytest.mark.chapter(11)]


def shows(explorer, **settings):
    """The pixels on the screen are those that Python computes for the settings."""
    expected = widgets.augmentation(**settings)
    arrays = expected.compute(expected.settings)
    expected.close()
    assert np.array_equal(explorer.pixels("Picture"), arrays["picture"])
    assert np.array_equal(explorer.pixels("Samples"), arrays["sheet"])


def test_follows_sliders_lists_and_buttons(run_cells):
    tab = run_cells("from utils import widgets\nwidgets.augmentation()")
    explorer = Driven(tab, "Augmentation explorer", 0)
    soon(lambda: shows(explorer))
    explorer.slide("crop and pad", "ArrowRight", "ArrowRight")
    soon(lambda: shows(explorer, shift=2))
    explorer.slide("rotation, degrees", *["ArrowRight"] * 3)
    explorer.slide("perspective", *["ArrowRight"] * 4)
    explorer.slide("flip", *["ArrowRight"] * 5)
    changes = {"shift": 2, "angle": 3, "perspective": 0.2, "flip": 0.5}
    soon(lambda: shows(explorer, **changes))
    tab.screenshot("explorer_augmentation")

    explorer.root.get_by_role("button", name="Draw again").click()
    soon(lambda: shows(explorer, **changes, seed=1))
    explorer.choose("picture", "colour digit")
    soon(lambda: shows(explorer, **changes, seed=1, picture="colour digit"))
    explorer.box.get_by_text("one draw for the whole batch").click()
    soon(lambda: shows(explorer, **changes, seed=1, picture="colour digit", one_draw=True))
    assert "one draw for all" in explorer.root.inner_text()

    explorer.box.get_by_role("button", name="No change").click()
    soon(lambda: shows(explorer, seed=1, picture="colour digit", one_draw=True))
