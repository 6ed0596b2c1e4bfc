"""Photographs that come with scikit-image."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

import numpy as np

# Only files inside scikit-image's package: its loaders would download the others.
FILES = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "chelsea": "chelsea.png",
    "clock": "clock_motion.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "horse": "horse.png",
    "hubble": "hubble_deep_field.jpg",
    "ihc": "ihc.png",
    "moon": "moon.png",
    "page": "page.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "text": "text.png",
}


class Photos(Mapping):
    """Photographs by name; each is read when it is asked for: uint8 (H, W, 3) in colour, else (H, W)."""

    def __getitem__(self, name):
        from PIL import Image

        if name not in FILES:
            close = get_close_matches(str(name), FILES, n=2)
            hint = f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(FILES)}."
            raise KeyError(f"No photograph is called {name!r}. {hint}")
        folder = Path(find_spec("skimage").submodule_search_locations[0]) / "data"
        with Image.open(folder / FILES[name]) as picture:
            return np.array(picture if picture.mode in ("L", "RGB") else picture.convert("L"))

    def __iter__(self):
        return iter(FILES)

    def __len__(self):
        return len(FILES)

    def __repr__(self):
        return f"Photos({', '.join(FILES)})"


def photos():
    """Photographs that need no network, by name: a read-only dict of fresh uint8 arrays (H, W[, 3]).

    Raises:
        KeyError: on asking for a name that is not there, with the nearest that is.
    """
    return Photos()
