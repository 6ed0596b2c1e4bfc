"""Explorers: pictures that answer to the mouse and the keyboard, drawn from what the course's own code computes.

    from utils import widgets
    widgets.conv_stepper()                  # the last line of a cell shows it
    widgets.conv_stepper(stride=2).static() # the same as a matplotlib Figure

An explorer is one Python file (the mathematics and the settings) and one JavaScript file of the same name (the
drawing). It is imported when it is first asked for, so `from utils import widgets` is instant. To add one: write the
two files and add a row below.
"""

from importlib import import_module as _import_module

# name -> (module in this package, class). A module never has its explorer's name: importing it would hide the class.
_REGISTRY = {
    "attention_map": ("looks", "AttentionMap"),
    "augmentation": ("distortions", "AugmentationExplorer"),
    "batch_norm": ("normalisation", "BatchNormExplorer"),
    "cheque_reader": ("amounts", "ChequeReader"),
    "channel_gates": ("gates", "ChannelGates"),
    "conv_stepper": ("convolution", "ConvStepper"),
    "cost_explorer": ("costs", "CostExplorer"),
    "depth_explorer": ("residual", "DepthExplorer"),
    "inception_budget": ("budget", "InceptionBudget"),
    "kernel_lab": ("kernels", "KernelLab"),
    "latent_walk": ("latent", "LatentWalk"),
    "lenet_demo": ("demonstration", "LeNetDemo"),
    "pooling_stepper": ("pooling", "PoolingStepper"),
    "shift_explorer": ("shift", "ShiftExplorer"),
    "vgg_builder": ("builder", "VGGBuilder"),
    "zoo_chart": ("chart", "ZooChart"),
}

__all__ = sorted(_REGISTRY)


def names():
    """Names of the explorers, sorted (list of str)."""
    return sorted(_REGISTRY)


def __getattr__(name):
    if name not in _REGISTRY:
        raise AttributeError(f"utils.widgets has no explorer {name!r}. There are: {', '.join(names())}.")
    module, explorer = _REGISTRY[name]
    return getattr(_import_module(f"{__name__}.{module}"), explorer)


def __dir__():
    return [*globals(), *_REGISTRY]
