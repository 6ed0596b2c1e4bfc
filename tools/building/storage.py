"""Notebooks on disk, read without nbformat, written whole or not at all; pages of text, written where they changed."""

import json
import os


def read(path):
    """The notebook at `path` (dict), lists of lines joined; None where there is no file.

    Raises:
        ValueError: the file is no notebook.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = _joined(cell["source"])
            for output in cell.get("outputs", ()):
                if "text" in output:
                    output["text"] = _joined(output["text"])
                for mime, value in output.get("data", {}).items():
                    output["data"][mime] = _joined(value)
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is no notebook ({error}). Delete it and build it again.") from None
    return notebook


def write(path, notebook):
    """Writes a notebook, valid by nbformat's schema; a reader sees the old file or the new one, nothing between."""
    import nbformat

    notebook = nbformat.from_dict(notebook)
    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def refresh(path, text):
    """Brings the text file at `path` up to date; True if that changed it."""
    if path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def _joined(value):
    return "".join(value) if isinstance(value, list) and all(isinstance(line, str) for line in value) else value
