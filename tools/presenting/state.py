"""The variables of a notebook at one place of the talk: kept in the rehearsal, brought back on stage in seconds.

Imports, functions and classes are run again, from the cells before that place; everything else is unpickled. Figures
and explorers are left out: the slide's own cells draw them anew.
"""

import ast
import json
import pickle
import time
from pathlib import Path
from types import FunctionType, ModuleType

LARGEST = 300_000_000  # bytes of one variable: the zoo's largest networks are quicker built than read
_NEVER = (ModuleType, FunctionType, type)
_DRAWN = ("matplotlib", "ipywidgets", "anywidget", "utils.widgets", "IPython")


def definitions(source):
    """The imports, functions, classes and lambdas of a cell, without what else it does (str)."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic, which has nothing to define
        return ""
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    return "\n".join(ast.unparse(line) for line in body if isinstance(line, kept) or _is_lambda(line))


def _is_lambda(line):
    return isinstance(line, ast.Assign) and isinstance(line.value, ast.Lambda)


def keep(namespace, sources, path):
    """Writes the state of a notebook to `path`.

    Args:
        namespace: dict of its variables; not changed.
        sources: code cells run so far (list of str).
        path: Path, below a folder that exists.

    Returns:
        names of the variables that could not be kept (list of str).
    """
    variables, left_out = {}, []
    for name, value in namespace.items():
        if name.startswith("_") or isinstance(value, _NEVER) or type(value).__module__.startswith(_DRAWN):
            continue
        (variables.update({name: value}) if _can_be_kept(value) else left_out.append(name))
    # in one piece, so that what was shared, a network's weights and its optimiser's, is shared again
    content = {"definitions": [definitions(source) for source in sources], "variables": pickle.dumps(variables)}
    path.write_bytes(pickle.dumps(content))
    return left_out


def _can_be_kept(value):
    try:
        return len(pickle.dumps(value)) <= LARGEST
    except Exception:  # whatever a class says that cannot be pickled
        return False


def restore(namespace, path):
    """Brings the state that `keep` wrote into `namespace`, the variables of `__main__`.

    Raises:
        FileNotFoundError: the talk was never rehearsed.
    """
    content = pickle.loads(path.read_bytes())  # written by the rehearsal on this machine, for this talk
    for source in content["definitions"]:
        exec(source, namespace)
    namespace.update(pickle.loads(content["variables"]))


def back_to(folder, slide):
    """In a notebook: everything as it was when this slide began. For after a restart of the kernel.

    Args:
        folder: the rehearsal's folder (str).
        slide: the slide's number.
    """
    from IPython import get_ipython

    start = time.perf_counter()
    restore(get_ipython().user_ns, Path(folder) / f"{slide:03}.pkl")
    left_out = json.loads((Path(folder) / "left_out.json").read_text("utf-8"))[str(slide)]
    missing = f" Run again the cells that make {', '.join(left_out)}." if left_out else ""
    print(f"Back at slide {slide} after {time.perf_counter() - start:.1f} s. Go on with the next cell.{missing}")
