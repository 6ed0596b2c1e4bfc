"""The boxes of an architecture diagram, found by sending one image through the model.

Nothing is guessed from the code: what is drawn is what happened to the image, functions called in `forward` included,
and a box hangs on the boxes whose outputs it was given.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

import torch
from torch.overrides import TorchFunctionMode

from utils.viz.operations import Operation, has_one_layer, of_function, of_module


@dataclass
class Box:
    """One step of a network: an operation, what was merged into it, and the shape that comes out.

    operation: what is done. extras: texts of the operations merged in, such as "ReLU". shape: of the output, without
    the batch. inputs: indices of the boxes before it. name: of the module in the model, "" for a function.
    """

    name: str
    operation: Operation
    shape: tuple
    inputs: list
    extras: list = field(default_factory=list)


def boxes(model, input_shape, depth):
    """Boxes of a model, inputs first; activations, normalisation and dropout merged into the box before them.

    Args:
        model: nn.Module; its mode is restored, and batch statistics stay untouched.
        input_shape: shape of one image, without the batch.
        depth: modules nested deeper than this are drawn as part of the module that holds them; None: show everything.

    Returns:
        list of Box.

    Raises:
        ValueError: the image does not go through the model.
    """
    like = next(model.parameters(), torch.empty(0))
    image = torch.zeros(1, *input_shape, dtype=like.dtype, device=like.device)
    training = {module: module.training for module in model.modules()}
    watcher = _Watcher(image)
    try:
        model.eval()
        with ExitStack() as hooks, torch.no_grad(), watcher:
            watcher.follow(model, depth, hooks)
            model(image)
    except (RuntimeError, IndexError) as error:
        where = f" (layer {watcher.last!r})" if watcher.last else ""
        told = str(error).splitlines()[0].rstrip(".")
        raise ValueError(
            f"An image of shape {tuple(input_shape)} does not go through this model{where}. PyTorch says: {told}. "
            "Give the shape of one image without the batch, e.g. (1, 28, 28)."
        ) from None
    finally:
        for module, mode in training.items():
            module.training = mode
    return _merged(watcher.boxes)


class _Watcher(TorchFunctionMode):
    """Notes a box for every layer and every function outside of layers that touches what became of the image."""

    def __init__(self, image):
        super().__init__()
        self.boxes = [Box("", Operation("input", "input"), tuple(image.shape[1:]), [])]
        self.last = ""  # name of the layer entered last
        self._made = {id(image): (image, 0)}  # id -> (tensor, index of its box): holding the tensor keeps its id
        self._inside = 0  # layers entered and not left

    def follow(self, model, depth, hooks):
        """Hook every module that is to be drawn as one box."""
        waiting = [("", model, 0)]
        while waiting:
            name, module, deep = waiting.pop()
            opened = deep == 0 or depth is None or deep < depth or has_one_layer(module)
            children = [(f"{name}.{child}".lstrip("."), m, deep + 1) for child, m in module.named_children()]
            if opened and children:
                waiting += children
            else:
                hooks.enter_context(module.register_forward_pre_hook(self._entered(name)))
                hooks.enter_context(module.register_forward_hook(self._left(name)))

    def _entered(self, name):
        def hook(module, args):
            self._inside += 1
            self.last = name

        return hook

    def _left(self, name):
        def hook(module, args, output):
            self._inside -= 1
            self._note(name, of_module(module, output), args, output)

        return hook

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Run a function of PyTorch; outside of layers, note it."""
        kwargs = kwargs or {}
        output = function(*args, **kwargs)
        if not self._inside:
            known = sum(id(tensor) in self._made for tensor in _tensors([args, *kwargs.values()]))
            self._note("", of_function(function, args, kwargs, output, known), [args, *kwargs.values()], output)
        return output

    def _note(self, name, operation, args, output):
        inputs = [self._made[id(tensor)][1] for tensor in _tensors(args) if id(tensor) in self._made]
        outputs = list(_tensors([output]))
        if not inputs or not outputs:
            return
        index = inputs[0]  # what only rearranges numbers gets no box
        if operation.kind != "silent":
            index = len(self.boxes)
            self.boxes.append(Box(name, operation, tuple(outputs[0].shape[1:]), list(dict.fromkeys(inputs))))
        for tensor in outputs:
            self._made[id(tensor)] = tensor, index


def _tensors(values):
    """Tensors among values, also those in lists."""
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _tensors(value)


def _merged(found):
    """Boxes without the small ones: each is merged into the box before it if nothing else hangs on that."""
    users = Counter(index for box in found for index in box.inputs)
    kept, place = [], {}
    for index, box in enumerate(found):
        inputs = [place[i] for i in box.inputs]
        before = kept[inputs[0]] if inputs else None
        alone = len(inputs) == 1 and users[box.inputs[0]] == 1 and before.operation.kind != "input"
        if box.operation.kind == "small" and alone:
            before.extras.append(box.operation.text)
            place[index] = inputs[0]
            continue
        place[index] = len(kept)
        kept.append(Box(box.name, box.operation, box.shape, inputs))
    return kept
