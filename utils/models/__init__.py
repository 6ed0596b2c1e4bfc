"""Every network of the course, by name.

    from utils import models
    models.names()                     # ['lenet', 'lenet_bn', ...]
    model = models.create("lenet")     # options of the network go in as keywords

Names follow torchvision where torchvision has the network. A family lives in one file; its constructors are
registered here, and torch is imported only when the first network is created.
"""

from difflib import get_close_matches as _get_close_matches
from importlib import import_module as _import_module

# name -> (module in this package, constructor). A new family adds its rows and nothing else.
_REGISTRY = {
    "mlp": ("lenet", "MLP"),
    "small_convnet": ("lenet", "SmallConvNet"),
    "lenet": ("lenet", "LeNet"),
    "lenet_bn": ("lenet", "lenet_bn"),
}


def names():
    """Names that `create` accepts, sorted (list of str)."""
    return sorted(_REGISTRY)


def create(name, **options):
    """Build the network called `name` with freshly initialised weights.

    Args:
        name: one of `names()`.
        **options: passed on to the network's constructor.

    Returns:
        nn.Module in training mode, float32, on the CPU.

    Raises:
        ValueError: no network has this name.
    """
    return constructor(name)(**options)


def constructor(name):
    """The class or function that builds `name`, to be read with `inspect.getsource` (raises as `create` does)."""
    if name not in _REGISTRY:
        close = _get_close_matches(str(name), _REGISTRY, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"Choose one of: {', '.join(names())}."
        raise ValueError(f"There is no network called {name!r}. {hint}")
    module, attribute = _REGISTRY[name]
    return getattr(_import_module(f"{__name__}.{module}"), attribute)
