"""Makes what a run left behind the same every time, or says why it cannot be.

Kept: text, HTML, PNG, and the JavaScript of a quiz. Left out: widget state, which a Lab makes anew, and progress bars.
"""

import base64
import hashlib
import re
import struct

WIDGET, PNG = "application/vnd.jupyter.widget-view+json", "image/png"
_PROGRESS_BAR = re.compile(r"\d+%\|")
_QUIZ_ID = re.compile(r'<div id="([A-Za-z]{12})"')
_UNSTABLE = {
    r"\bat 0x[0-9a-fA-F]{6,}": "prints the address of an object. Give it a `__repr__`, or end the line with `;`",
    r"\bid=\"T_[0-9a-f]{5}\"": "shows a pandas Styler with an id made by chance. Call `style.set_uuid(...)`",
    r"\bipykernel_\d+": "prints a warning that names a temporary file. Mend what it warns of",
}


class OutputError(ValueError):
    """An output that would differ from build to build, or from machine to machine."""


def tidy(cell, home):
    """Rewrites the outputs of an executed code cell in place.

    Args:
        cell: code cell (dict), executed.
        home: str, the folder of the course on this machine, which no output may show.

    Raises:
        OutputError: an output cannot be the same every time.
    """
    kept = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            _append_stream(kept, output)
        elif _tidy_data(output["data"]):
            kept.append(output)
    for output in kept:
        if output["output_type"] == "stream":
            output["text"] = _without_progress(output["text"])
    cell["outputs"] = [output for output in kept if output.get("text", True)]
    if "quiz" in cell["metadata"].get("tags", ()):
        _name_quiz(cell)
    for text in _texts(cell["outputs"]):
        _refuse_unstable(text, home)


def has_picture(output):
    """True if the output carries a figure."""
    return PNG in output.get("data", {})


def alt_text(output):
    """Alt text of a figure's output, as nbconvert reads it (str), "" where there is none."""
    return output.get("metadata", {}).get(PNG, {}).get("alt", "")


def _append_stream(kept, output):
    """The kernel cuts a stream where it likes: put the pieces of one stream together again."""
    for earlier in kept:
        if earlier["output_type"] == "stream" and earlier["name"] == output["name"]:
            earlier["text"] += output["text"]
            return
    kept.append(output)


def _tidy_data(data):
    """Strips a display's MIME bundle in place; False where nothing is left to see."""
    if "image/svg+xml" in data:
        raise OutputError("stores an SVG figure, whose ids are made by chance. Draw it as PNG")
    if data.pop(WIDGET, None) and PNG not in data:
        return False  # a slider or a progress bar: without its picture, only a meaningless line of text
    if PNG in data:
        data[PNG] = _bare_png(data[PNG])
    return True


def _without_progress(text):
    """What a terminal would show in the end: overwritten lines gone, progress bars gone."""
    lines = [line.rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").split("\n")]
    return "\n".join(line for line in lines if not _PROGRESS_BAR.search(line))


def _bare_png(encoded):
    """A PNG, base64 in and out, without the text and time chunks in which programs leave version and date."""
    png = base64.b64decode(encoded)
    kept, position = [png[:8]], 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        end = position + 12 + length  # length, type, data, checksum
        if png[position + 4 : position + 8] not in (b"tEXt", b"zTXt", b"iTXt", b"tIME"):
            kept.append(png[position:end])
        position = end
    return base64.b64encode(b"".join(kept)).decode()


def _name_quiz(cell):
    """jupyterquiz draws the letters that join its HTML and its script by lot: take them from the cell's id."""
    digest = hashlib.sha256(cell["id"].encode()).digest()
    stable = "".join(chr(ord("a") + byte % 26) for byte in digest[:12])
    drawn = {match for text in _texts(cell["outputs"]) for match in _QUIZ_ID.findall(text)}
    for output in cell["outputs"]:
        for mime, text in output.get("data", {}).items():
            for letters in drawn:
                text = text.replace(letters, stable)
            output["data"][mime] = text


def _texts(outputs):
    for output in outputs:
        yield output.get("text", "")
        yield from (value for mime, value in output.get("data", {}).items() if mime != PNG)


def _refuse_unstable(text, home):
    if home in text:
        raise OutputError(f"prints a path of this machine ({home}). Print the name of the file instead")
    for pattern, reason in _UNSTABLE.items():
        if match := re.search(pattern, text):
            raise OutputError(f"{reason} (it prints {match[0]!r})")
