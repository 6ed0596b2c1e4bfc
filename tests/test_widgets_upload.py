"""What learners upload: pictures of every kind, and files that are none."""

import io

import numpy as np
import pytest
from PIL import Image

from utils import widgets
from utils.widgets._upload import MEGAPIXELS, SIDE, read_picture


def file_of(image, kind="PNG", **options):
    """Bytes of an image file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def lab():
    lab = widgets.kernel_lab()
    lab.picture = "a picture of yours"
    yield lab
    lab.close()


def grey_of(lab):
    """The picture that the browser shows, and the message beside it."""
    answer, sent = lab._canvas.answer, lab._canvas.picture
    return np.frombuffer(sent["data"], np.uint8).reshape(sent["shape"]), answer["message"]


RAMP = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (20, 1))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "WEBP"])
def test_pictures_without_loss_arrive_as_they_are(lab, kind):
    lab.upload = file_of(Image.fromarray(RAMP), kind, **({"lossless": True} if kind == "WEBP" else {}))
    picture, message = grey_of(lab)
    assert message == ""
    np.testing.assert_allclose(picture, RAMP, atol=1)


def test_sixteen_bits_are_scaled_to_eight(lab):
    lab.upload = file_of(Image.fromarray(RAMP.astype(np.uint16) * 257))
    picture, message = grey_of(lab)
    assert message == ""
    np.testing.assert_allclose(picture, RAMP, atol=1)


def test_a_transparent_picture_lies_on_white(lab):
    colours = np.zeros((6, 8, 4), np.uint8)
    colours[:, :4, 3] = 255  # the left half is black, the right half cannot be seen
    for image in (Image.fromarray(colours), Image.fromarray(colours).quantize()):
        lab.upload = file_of(image)
        picture, _ = grey_of(lab)
        assert (picture[:, :4] == 0).all()
        assert (picture[:, 4:] == 255).all()


def test_an_animation_shows_its_first_frame(lab):
    frames = [Image.fromarray(np.full((9, 9), level, np.uint8)) for level in (40, 250, 120)]
    for kind in ("GIF", "PNG"):
        lab.upload = file_of(frames[0], kind, save_all=True, append_images=frames[1:])
        picture, message = grey_of(lab)
        assert message == ""
        assert (picture == 40).all()


def test_a_photograph_from_a_turned_phone_stands_upright(lab):
    turned = Image.Exif()
    turned[0x0112] = 6
    lab.upload = file_of(Image.new("RGB", (40, 20)), "JPEG", exif=turned)
    assert grey_of(lab)[0].shape == (40, 20)


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (3, 2000), (SIDE + 1, 1)])
def test_large_pictures_are_made_smaller(lab, width, height):
    lab.upload = file_of(Image.new("RGB", (width, height), "red"), "JPEG")
    picture, message = grey_of(lab)
    assert message == ""
    assert max(picture.shape) == SIDE
    assert min(picture.shape) == max(1, round(SIDE * min(width, height) / max(width, height)))


def test_colour_spaces_that_are_not_rgb(lab):
    tiff, png = ("TIFF", {"compression": "tiff_lzw"}), ("PNG", {})  # not every Pillow reads the plain YCbCr it writes
    for mode, (kind, options) in {"CMYK": tiff, "YCbCr": tiff, "1": png, "P": png, "LA": png}.items():
        lab.upload = file_of(Image.new(mode, (8, 8)), kind, **options)
        assert grey_of(lab)[1] == ""


NOISE = file_of(Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)))
DAMAGED = {
    "0 bytes": (b"", "Upload a picture"),
    "text": (b"hello, world", "no picture"),
    "html": (b"<html><body>404</body></html>", "no picture"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
    "cut off": (NOISE[:900], "cut off"),
    "scrambled": (NOISE[:100] + bytes(200) + NOISE[300:], "damaged"),
    "signature only": (NOISE[:20], "cut off"),
    "50 megapixels": (file_of(Image.new("1", (10_000, 5_000))), "50 megapixels"),
    "400 megapixels": (file_of(Image.new("1", (20_000, 20_000))), "megapixels"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_odd_files_get_a_plain_message_and_the_lab_goes_on(lab, name):
    content, message = DAMAGED[name]
    lab.upload = file_of(Image.fromarray(RAMP))
    lab.upload = content
    assert message in grey_of(lab)[1]
    assert lab.static().texts
    lab.upload = file_of(Image.fromarray(RAMP))
    assert grey_of(lab)[1] == ""


def test_an_empty_file_is_named_as_such():
    with pytest.raises(ValueError, match="0 bytes"):
        read_picture(b"")


def test_what_is_too_large_is_never_decoded(monkeypatch):
    content = file_of(Image.new("1", (1000 * MEGAPIXELS + 1, 1001)))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda image: pytest.fail("decoded"))
    with pytest.raises(ValueError, match="megapixels"):
        read_picture(content)


def test_a_drawing_reaches_the_result(lab):
    drawing = np.zeros((96, 96), np.uint8)
    drawing[40:60, 50:] = 255
    lab._canvas.wish = {"drawing": memoryview(drawing.tobytes()), "picture": "a drawing of yours", "serial": 1}
    np.testing.assert_array_equal(grey_of(lab)[0], drawing)
    assert np.frombuffer(lab._canvas.result["data"], "<f4").reshape(96, 96)[50, 50] == 3


@pytest.mark.parametrize("wrong", [np.zeros((4, 4)), np.zeros(4, np.uint8), np.zeros((0, 4), np.uint8)])
def test_an_array_that_is_no_picture_is_refused(wrong):
    with pytest.raises(ValueError, match="uint8"):
        widgets.kernel_lab(wrong)
