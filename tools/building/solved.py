"""Notebooks with the solutions in place, which prove that no later cell depends on an answer.

Nothing is executed: nbval does that, and holds the run to the outputs of the committed notebook, in which the
exercises are not solved. Each check asserts that it passed.
"""

from tools.building import storage
from tools.building.notebook import draft


def write_solved(course, header):
    """Writes build/solved/NN_slug.ipynb and returns its Path.

    Raises:
        SourceError: the source breaks the rules.
        ValueError: the committed notebook is missing or stale.
    """
    committed = storage.read(course.notebook_path(header))
    wanted = draft(course, header).notebook
    if committed is None or committed["metadata"] != wanted["metadata"]:
        raise ValueError(f"chapters/{header.name}.ipynb is stale. Run tools/build.py {header.number:02} first.")
    notebook = draft(course, header, solved=True).notebook
    for cell, before in zip(notebook["cells"], committed["cells"], strict=True):
        if cell["cell_type"] == "code":
            cell["execution_count"] = before["execution_count"]
            cell["outputs"] = before["outputs"] if cell["source"] == before["source"] else []
    path = course.root / "build" / "solved" / f"{header.name}.ipynb"
    storage.write(path, notebook)
    return path
