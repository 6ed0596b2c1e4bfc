"""The ipywidgets above an explorer's picture, each tied to one of its settings."""

import ipywidgets
import numpy as np
import traitlets

_BRIEF = {"description_width": "initial"}
OWN = "your own"


def slider(explorer, name, low, high, label):
    """An ipywidgets slider tied to a whole-number setting of an explorer."""
    control = ipywidgets.IntSlider(
        min=low, max=high, description=label, style=_BRIEF, layout={"width": f"{100 + 7 * len(label)}px"}
    )
    traitlets.link((explorer, name), (control, "value"))
    return control


def fine_slider(explorer, name, low, high, step, label):
    """An ipywidgets slider tied to a setting that is a decimal number."""
    control = ipywidgets.FloatSlider(
        min=low,
        max=high,
        step=step,
        description=label,
        readout_format=".1f",
        style=_BRIEF,
        layout={"width": f"{100 + 7 * len(label)}px"},
    )
    traitlets.link((explorer, name), (control, "value"))
    return control


def decimal(explorer, name, low, high, step, label):
    """The same for a setting that is a decimal number."""
    control = ipywidgets.FloatSlider(
        min=low, max=high, step=step, description=label, style=_BRIEF, layout={"width": f"{170 + 7 * len(label)}px"}
    )
    control.add_class("x-decimal")
    traitlets.link((explorer, name), (control, "value"))
    return control


def choice(explorer, name, options, label):
    """An ipywidgets drop-down list tied to a setting that is one of `options`."""
    control = ipywidgets.Dropdown(options=options, description=label, style=_BRIEF, layout={"width": "max-content"})
    traitlets.link((explorer, name), (control, "value"))
    return control


def tick(explorer, name, label):
    """An ipywidgets check box tied to a yes-or-no setting."""
    control = ipywidgets.Checkbox(description=label, indent=False, layout={"width": "max-content"})
    traitlets.link((explorer, name), (control, "value"))
    return control


def presets(explorer, name, matrices, label):
    """A drop-down list of named matrices tied to a `Matrix` setting; a matrix without a name is "your own"."""
    control = ipywidgets.Dropdown(
        options=[*matrices, OWN], description=label, style=_BRIEF, layout={"width": "max-content"}
    )

    def show(change=None):
        now = np.array(getattr(explorer, name))
        same = (key for key, m in matrices.items() if np.shape(m) == now.shape and np.allclose(m, now, atol=1e-6))
        control.value = next(same, OWN)

    def take(change):
        if change.new in matrices:
            setattr(explorer, name, matrices[change.new])

    show()
    explorer.observe(show, name)
    control.observe(take, "value")
    return control


def named(explorer, plans, label):
    """A drop-down list of settings that go together: {name: {setting: value}}; any others are "your own"."""
    control = ipywidgets.Dropdown(
        options=[*plans, OWN], description=label, style=_BRIEF, layout={"width": "max-content"}
    )

    def show(change=None):
        now = explorer.settings
        control.value = next((name for name, plan in plans.items() if plan.items() <= now.items()), OWN)

    def take(change):
        if change.new in plans and not plans[change.new].items() <= explorer.settings.items():
            explorer.change(plans[change.new])

    show()
    explorer.observe(show, list(explorer.traits(setting=True)))
    control.observe(take, "value")
    return control
