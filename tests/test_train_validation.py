"""Everything that is wrong is said before the first step, in words that help."""

from types import SimpleNamespace

import pytest
import torch
from tiny_training import CLASSES, TRAIN, same_bits, tiny_net, tiny_split, weights
from torch import nn

from utils import train
from utils.train.validation import check_trainable


def altered(split=TRAIN, **attributes):
    """Anything with the attributes of a split will do; this one need not be a sound one."""
    kept = {name: getattr(split, name) for name in ("images", "labels", "mean", "std", "classes")}
    return SimpleNamespace(**(kept | attributes))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "epochs"),
        ({"epochs": 1.5}, "epochs"),
        ({"epochs": True}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"lr": 0}, "above 0"),
        ({"lr": -0.1}, "above 0"),
        ({"lr": float("nan")}, "finite"),
        ({"lr": "fast"}, "fast"),
        ({"optimizer": "adm"}, "Did you mean 'adam'"),
        ({"optimizer": 3}, "'sgd'"),
        ({"schedule": "onecicle"}, "Did you mean 'onecycle'"),
        ({"schedule": "zigzag"}, "Choose 'onecycle'"),
        ({"weight_decay": -1}, "weight_decay"),
        ({"weight_decay": 0.1, "optimizer": torch.optim.SGD}, "function sets its own"),
        ({"augment": "flip"}, "augment must be a function"),
        ({"seed": -1}, "seed"),
        ({"device": "tpu"}, "no device"),
        ({"train": altered(images=TRAIN.images[:0], labels=TRAIN.labels[:0])}, "no images"),
        ({"train": altered(labels=TRAIN.labels[:-1])}, r"\(N,\)"),
        ({"train": altered(images=TRAIN.images[:, 0])}, r"\(N, C, H, W\)"),
        ({"train": altered(images=TRAIN.images.float())}, "uint8"),
        ({"train": altered(labels=TRAIN.labels.int())}, "int64"),
        ({"train": altered(labels=TRAIN.labels - 1)}, "from -1 to 2"),
        ({"train": altered(labels=TRAIN.labels + 1)}, "Create it with classes=5"),
        ({"test": altered(labels=TRAIN.labels + 7)}, "labels of test go from 7 to 10"),
        ({"train": altered(mean=(0.1, 0.2))}, "one number for each of the 1 channels"),
        ({"train": TRAIN.images}, "must be a split"),
        ({"train": (TRAIN, TRAIN)}, "must be a split"),
        ({"train": tiny_split(channels=3)}, r"shape \(3, 8, 8\)"),
        ({"test": tiny_split(channels=3)}, "those in test"),
        ({"model": nn.Sequential(nn.Flatten(), nn.Linear(63, CLASSES))}, "first dense layer"),
        ({"model": nn.Conv2d(1, CLASSES, 3)}, r"it gave \(2, 4, 6, 6\)"),
        ({"model": nn.LeakyReLU()}, "logits"),
        ({"model": nn.Flatten()}, "no parameter"),
        ({"model": nn.Linear}, r"Try Linear\(\)"),
        ({"model": lambda X: X}, "torch.nn.Module"),
        ({"model": nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64)), "batch_size": 1}, "variance of a single one"),
    ],
)
def test_bad_arguments(options, words):
    model = options.pop("model", tiny_net())
    split, test = options.pop("train", TRAIN), options.pop("test", None)
    before = weights(model) if isinstance(model, nn.Module) else {}
    with pytest.raises((ValueError, TypeError), match=words):
        train.fit(model, split, test, **({"epochs": 1, "progress": False} | options))
    if before:
        assert same_bits(weights(model), before)
        assert model.training, "a failed check leaves the model's mode alone"


def test_weights_that_are_already_spoilt():
    model = tiny_net()
    model[0].weight.data[0] = torch.nan
    with pytest.raises(ValueError, match="Create the model anew"):
        train.fit(model, TRAIN, epochs=1)


def test_frozen_models_have_nothing_to_learn_but_a_frozen_part_is_fine():
    model = tiny_net()
    model[0].requires_grad_(False)
    before = model[0].weight.clone()
    train.fit(model, TRAIN, epochs=1, progress=False)
    assert torch.equal(model[0].weight, before)
    with pytest.raises(ValueError, match="requires_grad is False"):
        train.fit(model.requires_grad_(False), TRAIN, epochs=1)


def test_any_object_with_the_attributes_of_a_split_will_do():
    history = train.fit(tiny_net(), altered(), altered(), epochs=1, progress=False)
    assert len(history.test_loss) == 1


@pytest.mark.parametrize("function", [train.evaluate, train.predict])
def test_evaluation_checks_as_well(function):
    with pytest.raises(ValueError, match="batch_size"):
        function(tiny_net(), TRAIN, batch_size=0)
    with pytest.raises(ValueError, match="the model has 3 outputs"):
        function(tiny_net(classes=3), TRAIN)
    with pytest.raises(TypeError, match="must be a split"):
        function(tiny_net(), TRAIN.images)


def test_lazy_layers_get_their_shape_before_the_optimiser_asks_for_it():
    model = nn.Sequential(nn.Flatten(), nn.LazyLinear(CLASSES))
    assert len(train.fit(model, TRAIN, epochs=1, progress=False)) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lr": float("inf")}, r"^lr must be a finite number above 0, not inf\. Try lr=0\.01\.$"),
        ({"lr": True}, "not True"),
        ({"optimizer": "ADAMW!"}, r"^optimizer 'ADAMW!' is not known here\. Did you mean 'adamw'\?$"),
        ({"optimizer": 3}, r"Choose 'adam', 'adamw', 'sgd', or a function \(parameters, lr\)"),
        ({"schedule": "zigzag"}, r"Choose 'onecycle', 'cosine', 'constant', or a function \(optimizer, total_steps\)"),
        ({"weight_decay": float("nan")}, "not nan"),
        ({"loss": "mse"}, r"loss must be a function of \(outputs, y\), not str\."),
        ({"train": altered(images=TRAIN.images.float())}, "^train.images must be a torch.uint8 tensor, not"),
        ({"train": altered(labels=[1, 2])}, "^train.labels must be a torch.int64 tensor, not <class 'list'>"),
        ({"train": SimpleNamespace(images=1, mean=1)}, r"with \.labels \.std; this is SimpleNamespace"),
        ({"test": altered(mean=(0.1, 0.2))}, "^test.mean and test.std need one number for each of the 1 channels"),
        ({"test": altered(std=(0.1, 0.2))}, "^test.mean and test.std"),
        ({"train": altered(labels=TRAIN.labels + 1)}, "from 1 to 4, but the model has 4 outputs, for the"),
        ({"train": altered(labels=TRAIN.labels + 1)}, r"labels 0 to 3\. Create it with classes=5"),
        ({"model": nn.Flatten(2)}, r"here \(2, classes\); it gave \(2, 1, 64\)"),
        ({"model": nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (4, 32)))}, r"it gave \(4, 32\)"),
        ({"model": nn.ReLU, "epochs": 1}, r"^model is the class ReLU, not a model made from it\. Try ReLU\(\)\.$"),
        ({"model": 3}, "not int"),
    ],
)  # fmt: skip
def test_the_message_says_what_was_given_and_what_is_expected(options, words):
    model, split, test = options.pop("model", tiny_net()), options.pop("train", TRAIN), options.pop("test", None)
    with pytest.raises((ValueError, TypeError), match=words):
        train.fit(model, split, test, **({"epochs": 1, "progress": False} | options))


@pytest.mark.parametrize(
    ("samples", "batch_size", "processes", "words"),
    [
        (5, 8, 6, r"Batches of 5 cannot be shared by 6 processes: .* Try batch_size=192"),
        (9, 3, 2, r"There are 9 images, batch_size=3, 2 processes\."),
        (9, 1, 1, r"There are 9 images, batch_size=1, 1 process\."),
    ],
)
def test_each_process_needs_an_image_and_batch_norm_two(samples, batch_size, processes, words):
    with pytest.raises(ValueError, match=words):
        check_trainable(nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1)), samples, batch_size, processes)
    check_trainable(nn.BatchNorm1d(1), 4, 9, 2)
    check_trainable(nn.Linear(1, 1), 1, 9)
