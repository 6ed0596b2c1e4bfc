"""One figure a function: arrays, a model or a History in, Axes out.

    from utils import viz
    viz.image_grid(X[:10])
    viz.caption(viz.numbers(kernel), "A kernel that sees vertical edges.")

Every function takes NumPy or PyTorch, checks it before it draws, leaves an alt text, and returns its Axes without
showing them: a notebook shows them by itself. Importing this package applies the course's style (course.mplstyle) to
matplotlib and, in a notebook, sends each figure's alt text along with its picture.
"""

from importlib import import_module as _import_module

from utils.viz.palette import FEATURE_MAP, GRADIENT, INPUT, KERNEL, RIGHT, SEQUENTIAL, SIGNED, WRONG
from utils.viz.style import use_course_style

_FUNCTIONS = {  # public name -> module that draws it, loaded when it is first used
    "architecture": "diagram",
    "bars": "plots",
    "bubbles": "scatter",
    "caption": "captions",
    "class_map": "maps",
    "compare": "images",
    "confusion_matrix": "answers",
    "course_map": "course",
    "curves": "plots",
    "feature_maps": "images",
    "heatmap": "grids",
    "histogram": "plots",
    "image_grid": "images",
    "kernels": "images",
    "line_answers": "strips",
    "lines": "plots",
    "mistakes": "answers",
    "number_row": "grids",
    "numbers": "grids",
    "probabilities": "answers",
    "steps": "plots",
}

__all__ = [
    "FEATURE_MAP",
    "GRADIENT",
    "INPUT",
    "KERNEL",
    "RIGHT",
    "SEQUENTIAL",
    "SIGNED",
    "WRONG",
    "use_course_style",
    *_FUNCTIONS,
]


def __getattr__(name):
    if name not in _FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)


def __dir__():
    return sorted(__all__)


use_course_style()
