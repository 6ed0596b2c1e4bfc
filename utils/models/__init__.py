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
    "lenet5_1998": ("lenet5", "LeNet5"),
    "autoencoder": ("autoencoder", "Autoencoder"),
    "vit_small": ("vit", "VisionTransformer"),
    "digit_generator": ("gan", "DigitGenerator"),
    "digit_discriminator": ("gan", "DigitDiscriminator"),
    "hyper_convnet": ("hypernetwork", "HyperConvNet"),
    "alexnet": ("alexnet", "AlexNet"),
    "alexnet_two_towers": ("alexnet", "alexnet_two_towers"),
    "alexnet_one_tower": ("alexnet", "alexnet_one_tower"),
    "alexnet_textbook": ("alexnet", "alexnet_textbook"),
    "alexnet_small": ("alexnet", "SmallAlexNet"),
    **{f"vgg{depth}{norm}": ("vgg", f"vgg{depth}{norm}") for depth in (11, 13, 16, 19) for norm in ("", "_bn")},
    "vgg_small": ("vgg", "vgg_small"),
    **{f"resnet{depth}": ("resnet", f"resnet{depth}") for depth in (18, 34, 50, 101, 152)},
    "googlenet_paper": ("inception", "GoogLeNet"),
    "inception_small": ("inception", "SmallInception"),
    "inception_v3": ("inception_v3", "InceptionV3"),
    "inception_resnet_small": ("inception_resnet", "SmallInceptionResNet"),
    **{f"se_resnet{depth}": ("senet", f"se_resnet{depth}") for depth in (8, 18, 20, 50)},
    "resnext50_32x4d": ("resnet", "resnext50_32x4d"),
    **{f"densenet{size}": ("densenet", f"densenet{size}") for size in ("121", "_small")},
    **{f"mobilenet_{version}": ("mobilenet", f"MobileNet{version.upper()}") for version in ("v1", "v2")},
    "mobilenet_small": ("mobilenet", "mobilenet_small"),
    **{f"shufflenet_{size}": ("shufflenet", f"shufflenet_{size}") for size in ("v2_x1_0", "small")},
    **{
        f"{kind}{depth}": ("resnet", f"{kind}{depth}")
        for kind in ("plain", "resnet")
        for depth in (8, 14, 20, 32, 44, 56)
    },
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
        close = _get_close_matches(str(name).lower(), _REGISTRY, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"Choose one of: {', '.join(names())}."
        raise ValueError(f"There is no network called {name!r}. {hint}")
    module, attribute = _REGISTRY[name]
    return getattr(_import_module(f"{__name__}.{module}"), attribute)
