"""The augmentation explorer shows what `utils.data.augment` makes of its picture."""

import numpy as np
import pytest
import torch
import traitlets

from utils import widgets
from utils.data import augment
from utils.widgets import distortions

torch.set_num_threads(1)


def samples(arrays):
    """The single samples of a sheet: uint8 (rows * columns, H, W, 3)."""
    H, W, _ = arrays["picture"].shape
    step = [(n + distortions.GAP) for n in (H, W)]
    places = [(row * step[0], column * step[1]) for row in range(4) for column in range(6)]
    return np.stack([arrays["sheet"][y : y + H, x : x + W] for y, x in places])


@pytest.mark.parametrize("name", distortions.PICTURES)
def test_without_a_change_all_samples_are_the_picture(name):
    explorer = widgets.augmentation(picture=name)
    arrays = explorer.compute(explorer.settings)
    assert all(np.array_equal(sample, arrays["picture"]) for sample in samples(arrays))
    assert len(samples(arrays)) == explorer.constants()["samples"]
    assert "no change" in explorer.describe()
    explorer.close()


def test_samples_are_those_of_augment_with_the_same_seed():
    options = {"flip": 0.5, "shift": 3, "angle": 20, "noise": 0.1}
    explorer = widgets.augmentation(picture="colour digit", seed=7, **options)
    torch.manual_seed(7)
    expected = augment.Random(**options)(distortions.picture("colour digit").expand(24, -1, -1, -1))
    torch.manual_seed(8)
    state = torch.get_rng_state()
    shown = samples(explorer.compute(explorer.settings))
    assert np.array_equal(shown, (255 * expected).round().byte().permute(0, 2, 3, 1).numpy())
    assert torch.equal(torch.get_rng_state(), state), "the notebook's random numbers are left alone"
    explorer.close()


def test_every_slider_changes_the_samples_and_another_seed_changes_them_again():
    explorer = widgets.augmentation()
    still = explorer.compute(explorer.settings)["sheet"]
    largest = {name: trait.max for name, trait in explorer.traits(setting=True).items() if name in distortions.CHANGES}
    assert set(largest) == set(distortions.CHANGES)
    for name, value in largest.items():
        setattr(explorer, name, value)
        changed = explorer.compute(explorer.settings)["sheet"]
        assert not np.array_equal(changed, still), name
        explorer.seed += 1
        if name != "flip":  # a flip at probability 1 is the same for every draw
            assert not np.array_equal(explorer.compute(explorer.settings)["sheet"], changed), name
        setattr(explorer, name, getattr(augment.Random, name))
    explorer.close()


def test_one_draw_makes_all_samples_alike():
    explorer = widgets.augmentation(angle=30, noise=0.2, one_draw=True)
    shown = samples(explorer.compute(explorer.settings))
    assert all(np.array_equal(sample, shown[0]) for sample in shown)
    explorer.one_draw = False
    shown = samples(explorer.compute(explorer.settings))
    assert len({sample.tobytes() for sample in shown}) == 24
    assert "each with its own draw" in explorer.describe()
    assert len(explorer.static().axes) == 2
    explorer.close()


@pytest.mark.parametrize("wrong", [{"scale": 0.5}, {"flip": 1.2}, {"perspective": 0.5}, {"picture": "dog"}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(traitlets.TraitError):
        widgets.augmentation(**wrong)
