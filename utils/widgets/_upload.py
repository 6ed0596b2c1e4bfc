"""A learner's own picture, from the bytes of the file to a small grey image, or a sentence that says what is wrong."""

import io
import struct
import warnings
from functools import lru_cache

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SIDE = 264  # longest side of what explorers show, in pixels
MEGAPIXELS = 40  # the largest picture that is decoded: more would fill the memory of a small machine


@lru_cache(maxsize=2)
def read_picture(content):
    """Grey picture of an uploaded file: its first frame, upright, on white where it is transparent, made smaller.

    Args:
        content: bytes of a PNG, JPEG, GIF, WebP, BMP or TIFF file, 8 or 16 bits.

    Returns:
        uint8 (H, W), read-only; the longer side is at most SIDE.

    Raises:
        ValueError: no picture, a damaged one, or one of more than MEGAPIXELS; the message is for the learner.
    """
    if not content:
        raise ValueError("The file is empty (0 bytes). Choose another picture.")
    try:
        image = _opened(content)
        if image.width * image.height > MEGAPIXELS * 1_000_000:
            raise ValueError(_too_large(round(image.width * image.height / 1e6)))
        picture = reduced(_upright_grey(image))
    except UnidentifiedImageError:
        raise ValueError("This file is no picture that can be read here. Choose a PNG, JPEG, GIF or WebP.") from None
    except Image.DecompressionBombError:
        raise ValueError(_too_large("hundreds of")) from None
    except (OSError, SyntaxError, struct.error):  # what Pillow raises for files that are cut off or damaged
        raise ValueError("The picture is damaged or cut off. Save it again, or choose another.") from None
    picture.setflags(write=False)
    return picture


def reduced(picture):
    """A grey picture uint8 (H, W), its longer side at most SIDE pixels, averaged where it gets smaller."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    scale = SIDE / max(image.size)
    if scale < 1:
        image = image.resize([max(1, round(side * scale)) for side in image.size], Image.Resampling.BOX)
    return np.array(image)


def grey(picture):
    """A picture uint8 (H, W) or (H, W, 3) in grey: uint8 (H, W); ValueError for anything else."""
    if picture.dtype != np.uint8 or picture.shape[2:] not in ((), (3,)) or picture.ndim < 2 or picture.size == 0:
        raise ValueError(
            f"A picture is an array of uint8, (H, W) or (H, W, 3); got {picture.dtype} {picture.shape}. "
            "From pixels in [0, 1]: (255 * picture).round().astype(np.uint8)."
        )
    return np.array(Image.fromarray(np.ascontiguousarray(picture)).convert("L"))


def _upright_grey(image):
    """uint8 (H, W) of the first frame of a Pillow image in any mode."""
    image.draft("L", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded at a fraction of its size
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):  # 16 or 32 bits, grey
        values = np.asarray(image, dtype=np.float64)
        largest = 65535 if 255 < values.max() <= 65535 else max(255, values.max())
        return (values.clip(0) * (255 / largest)).round().astype(np.uint8)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert("L"))


def _opened(content):
    """Pillow's image of the bytes: its header is read, nothing is decoded yet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is judged by `read_picture`
        return Image.open(io.BytesIO(content))


def _too_large(megapixels):
    return (
        f"This picture has {megapixels} megapixels; up to {MEGAPIXELS} can be read here. "
        "Save a smaller copy (a screenshot of it will do)."
    )
