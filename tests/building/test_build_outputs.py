"""Outputs that are the same each time, or refused."""

import re

import pytest

from tests.building import toy_course as toy
from tools.building import outputs


def tidied(*given, tags=()):
    """What `tidy` leaves of outputs."""
    cell = {"id": "abc", "metadata": {"tags": list(tags)}, "outputs": list(given)}
    outputs.tidy(cell, home="/home/ada/course")
    return cell["outputs"]


def stream(text, name="stdout"):
    """A stream output."""
    return {"output_type": "stream", "name": name, "text": text}


def display(data):
    """A display output."""
    return {"output_type": "display_data", "data": data, "metadata": {}}


def test_streams_are_joined_and_progress_bars_leave_nothing():
    bar = stream("  0%|    | 0/9\r 50%|██  | 4/9\r100%|████| 9/9\n", "stderr")
    assert tidied(stream("a"), bar, stream("b\n")) == [stream("ab\n")]
    assert tidied(stream("old\rnew\n")) == [stream("new\n")]


def test_a_widget_keeps_its_picture_and_without_one_leaves_nothing():
    view = {outputs.WIDGET: {"model_id": "1"}, "text/plain": "Slider()"}
    assert tidied(display(dict(view))) == []
    (left,) = tidied(display(view | {"image/png": toy.png()}))
    assert left["data"] == {"text/plain": "Slider()", "image/png": toy.png()}


def test_pictures_lose_version_and_date():
    dated = toy.png(
        (b"tEXt", b"Software\0Matplotlib version3.11.2"), (b"tIME", b"\x07\xea\1\1\0\0\0"), (b"pHYs", b"\0" * 9)
    )
    (left,) = tidied(display({"image/png": dated}))
    assert left["data"]["image/png"] == toy.png((b"pHYs", b"\0" * 9))


def test_a_quiz_is_named_by_its_cell():
    html, script = '<div id="abcDEFghiJKL">', "var questionsabcDEFghiJKL = abcDEFghiJKL"
    first, second = tidied(display({"text/html": html}), display({"application/javascript": script}), tags=["quiz"])
    (letters,) = re.findall(r'id="([a-z]{12})"', first["data"]["text/html"])
    assert second["data"]["application/javascript"] == f"var questions{letters} = {letters}"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (stream("<Net object at 0x7f3bdeadbeef>"), "address of an object"),
        (display({"text/html": '<table id="T_0a1b2">'}), "set_uuid"),
        (stream("/tmp/ipykernel_12/3.py:1: UserWarning", "stderr"), "Mend what it warns of"),
        (stream("read /home/ada/course/data/x"), "a path of this machine"),
        (display({"image/svg+xml": "<svg/>"}), "Draw it as PNG"),
    ],
)
def test_what_cannot_be_stable_is_refused(output, reason):
    with pytest.raises(outputs.OutputError, match=reason):
        tidied(output)
