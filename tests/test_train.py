"""fit, evaluate and predict against plain PyTorch, and what happens when training is stopped or diverges."""

import json
import math
import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_training import CLASSES, Noise, press_stop, same_bits, tiny_net, tiny_split, weights
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torchvision.transforms import v2

from utils import train
from utils.train.resident import batch_slices
from utils.train.run import weighted_mean

TRAIN, TEST = tiny_split(), tiny_split(30, seed=1)


def fit(model, **options):
    return train.fit(model, TRAIN, TEST, **({"epochs": 2, "batch_size": 16, "progress": False} | options))


def plain_epoch(model, split, optimizer, batch_size, seed):
    """One epoch as a textbook writes it; returns the mean loss and the accuracy over all samples."""
    X, y = split.normalised(), split.labels
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    torch.manual_seed(seed)
    total, right = 0.0, 0
    model.train()
    for batch in order.split(batch_size):
        logits = model(X[batch])
        loss = F.cross_entropy(logits, y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
        right += (logits.argmax(1) == y[batch]).sum().item()
    return total / len(X), right / len(X)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("sgd", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
        ("adam", lambda p: torch.optim.Adam(p, lr=0.05)),
        ("adamw", lambda p: torch.optim.AdamW(p, lr=0.05)),
    ],
)
def test_one_epoch_is_the_textbook_loop_to_the_last_bit(name, plain):
    ours, theirs = tiny_net(), tiny_net()
    history = fit(ours, epochs=1, optimizer=name, schedule="constant", lr=0.05, seed=7)
    loss, accuracy = plain_epoch(theirs, TRAIN, plain(theirs.parameters()), 16, seed=7)
    assert same_bits(weights(ours), weights(theirs))
    assert history.train_loss == [pytest.approx(loss, rel=1e-6)]
    assert history.train_accuracy == [accuracy]
    theirs.eval()
    assert history.test_loss == [
        pytest.approx(F.cross_entropy(theirs(TEST.normalised()), TEST.labels).item(), rel=1e-6)
    ]


def test_it_learns_and_the_history_says_so():
    history = fit(tiny_net(), epochs=8, lr=0.02)
    assert history.test_accuracy[-1] >= 0.9
    assert history.train_loss[-1] < history.train_loss[0]
    assert {len(column) for name, column in history.to_dict().items() if name != "stopped"} == {8}
    assert all(seconds > 0 for seconds in history.seconds)
    assert history.images_per_second == pytest.approx([len(TRAIN) / seconds for seconds in history.seconds])
    assert history.stopped == ""


def test_same_seed_same_numbers_another_seed_other_numbers():
    one, again, other = tiny_net(), tiny_net(), tiny_net()
    for model, seed in ((one, 3), (again, 3), (other, 4)):
        fit(model, seed=seed, augment=Noise())
        torch.rand(5)  # what the caller draws in between must not matter
    assert same_bits(weights(one), weights(again))
    assert not same_bits(weights(one), weights(other))


def test_the_callers_random_numbers_go_on_undisturbed():
    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()

    train.evaluate(tiny_net(), TEST)
    model = tiny_net()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = draw()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    fit(model, augment=Noise())
    assert draw() == expected


def test_data_and_labels_are_left_alone():
    images, labels = TRAIN.images.clone(), TRAIN.labels.clone()
    fit(tiny_net(), augment=lambda X, y: (X.mul_(0), y.mul_(0)))
    assert torch.equal(TRAIN.images, images)
    assert torch.equal(TRAIN.labels, labels)


def test_without_a_test_split():
    history = train.fit(tiny_net(), TRAIN, epochs=2, progress=False)
    assert len(history.train_loss) == 2
    assert history.test_loss == history.test_accuracy == []
    assert "test" not in repr(history)


def test_evaluate_and_predict_agree_with_pytorch_and_keep_each_modules_mode():
    model = tiny_net()
    fit(model)
    model.train()
    model[1].eval()
    modes, before = [module.training for module in model.modules()], weights(model)
    measured, logits = train.evaluate(model, TEST, batch_size=7), train.predict(model, TEST, batch_size=7)
    assert [module.training for module in model.modules()] == modes
    assert same_bits(weights(model), before)
    expected = model.eval()(TEST.normalised()).detach()
    torch.testing.assert_close(logits, expected)
    assert measured["loss"] == pytest.approx(F.cross_entropy(expected, TEST.labels).item(), rel=1e-5)
    assert measured["accuracy"] == (expected.argmax(1) == TEST.labels).double().mean().item()
    nn.Linear(CLASSES, 1)(logits).sum().backward()  # logits may be used in training


def test_the_trained_model_is_left_in_evaluation_mode():
    model = tiny_net()
    fit(model)
    assert not any(module.training for module in model.modules())


@given(st.integers(1, 400), st.integers(1, 50))
def test_batches_hold_each_sample_once_and_none_is_left_alone(n, batch_size):
    sizes = [len(range(n)[rows]) for rows in batch_slices(n, batch_size)]
    assert [i for rows in batch_slices(n, batch_size) for i in range(n)[rows]] == list(range(n))
    assert max(sizes) <= batch_size + 1
    assert min(n, batch_size) == 1 or 1 not in sizes


@given(st.lists(st.tuples(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=9)), min_size=1, max_size=9))
def test_weighted_mean_of_batch_means_is_the_mean_of_all_samples(batches):
    batches = [samples for (samples,) in batches]
    means = torch.tensor([np.mean(samples) for samples in batches])
    everything = [sample for samples in batches for sample in samples]
    assert weighted_mean(means, [len(samples) for samples in batches]) == pytest.approx(np.mean(everything), abs=1e-3)


def test_batch_norm_survives_a_last_batch_of_one():
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Linear(64, CLASSES))
    history = train.fit(model, tiny_split(33), epochs=1, batch_size=16, progress=False)
    assert math.isfinite(history.train_loss[0])


@pytest.mark.parametrize("schedule", ["onecycle", "cosine", "constant"])
def test_schedules(schedule):
    steps = len(batch_slices(len(TRAIN), 16))
    seen = []

    class Watched(torch.optim.SGD):
        def step(self, closure=None):
            seen.append(self.param_groups[0]["lr"])
            return super().step(closure)

    history = fit(tiny_net(), optimizer=Watched, schedule=schedule, lr=0.1, epochs=3)
    assert len(seen) == 3 * steps
    assert history.lr == seen[steps - 1 :: steps]
    assert max(seen) == pytest.approx(0.1, rel=0.05)
    if schedule == "constant":
        assert set(seen) == {0.1}
    else:
        assert seen[-1] < 0.01 < seen[len(seen) // 2] < 0.1
    assert (seen[0] < 0.05) == (schedule == "onecycle"), "only one-cycle warms up"


def test_a_schedule_and_an_optimiser_of_ones_own():
    def halve(optimizer, total_steps):
        return torch.optim.lr_scheduler.StepLR(optimizer, total_steps // 2, gamma=0.5)

    history = fit(tiny_net(), optimizer=torch.optim.RMSprop, schedule=halve, lr=0.01, epochs=2)
    assert history.lr == [0.01, 0.005]


def test_weight_decay_reaches_the_optimiser():
    light, heavy = tiny_net(), tiny_net()
    fit(light, optimizer="adamw", weight_decay=0)
    fit(heavy, optimizer="adamw", weight_decay=5)
    assert heavy[6].weight.norm() < 0.9 * light[6].weight.norm()


def test_augment_sees_pixels_between_0_and_1_and_all_of_them_once():
    seen = []

    def watch(X, y):
        seen.append((X.clone(), y.clone()))
        return X

    plain, watched = tiny_net(), tiny_net()
    fit(plain, epochs=1, optimizer="sgd")
    fit(watched, epochs=1, optimizer="sgd", augment=watch)
    X, y = (torch.cat(parts) for parts in zip(*seen, strict=True))
    assert X.dtype == torch.float32
    order = torch.randperm(len(TRAIN), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(X, TRAIN.images[order] / 255)
    assert torch.equal(y, TRAIN.labels[order])
    for name, tensor in weights(plain).items():
        torch.testing.assert_close(tensor, weights(watched)[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "augment", [v2.RandomHorizontalFlip(1.0), nn.Sequential(v2.RandomHorizontalFlip(1.0)), "function"]
)
def test_augmentations_of_any_kind(augment):
    def flip(X):
        return X.flip(3)

    ours, theirs = tiny_net(), tiny_net()
    ours[5].p = theirs[5].p = 0  # the transforms draw random numbers, so dropout would draw others
    fit(ours, augment=flip if augment == "function" else augment)
    fit(theirs, augment=lambda X, y: (X.flip(3), y))
    assert same_bits(weights(ours), weights(theirs))


def test_mixed_targets_train_on_probabilities():
    def to_probabilities(X, y):
        return X, F.one_hot(y, CLASSES).float()

    hard, soft = tiny_net(), tiny_net()
    expected = fit(hard)
    mixed = fit(soft, augment=to_probabilities)
    assert mixed.train_accuracy == pytest.approx(expected.train_accuracy, abs=0.03)
    assert mixed.train_loss == pytest.approx(expected.train_loss, rel=1e-2)
    fit(tiny_net(), augment=v2.MixUp(num_classes=CLASSES))
    fit(tiny_net(), augment=v2.CutMix(num_classes=CLASSES))


@pytest.mark.parametrize(
    ("augment", "words"),
    [
        (lambda X: None, "float tensor"),
        (lambda X: X[:3], r"\(16, C, H, W\)"),
        (lambda X: X.to(torch.uint8), "uint8"),
        (lambda X, y: (X, y[:3]), "targets for 16 images"),
    ],
)
def test_augment_that_returns_nonsense(augment, words):
    model = tiny_net()
    before = weights(model)
    with pytest.raises(ValueError, match=words):
        fit(model, augment=augment)
    assert same_bits(weights(model), before)


def test_stop_button_keeps_model_and_history(capsys):
    model, whole = tiny_net(), tiny_net()
    expected = fit(whole, epochs=5, augment=Noise())
    before = weights(model)
    history = fit(model, epochs=5, augment=Noise(batch=12, action=press_stop))  # 5 batches an epoch: in the third
    for column in ("train_loss", "test_accuracy", "lr"):
        assert getattr(history, column) == getattr(expected, column)[:2]
    assert not same_bits(weights(model), before)
    assert "stopped after 2 of 5 epochs" in history.stopped
    assert history.stopped in capsys.readouterr().out
    assert history.stopped in repr(history)
    assert train.evaluate(model, TEST)["loss"] > 0
    assert not model.training


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_training_and_explains(value, capsys):
    spoilt = Noise(batch=8)
    spoilt.action = lambda: setattr(spoilt, "spoil", True)

    def augment(X):
        X = spoilt(X)
        return X * value if hasattr(spoilt, "spoil") else X

    model, whole = tiny_net(), tiny_net()
    history = fit(model, epochs=5, lr=0.05, schedule="constant", augment=augment)
    fit(whole, epochs=1, lr=0.05, schedule="constant", augment=Noise())
    assert len(history.train_loss) == 1, "batch 8 is in the second epoch"
    assert same_bits(weights(model), weights(whole)), "the model goes back to the end of the first epoch"
    for words in ("epoch 2 of 5", "batch 3 of 5", "lower learning rate", "lr=0.01"):
        assert words in history.stopped
    assert history.stopped in capsys.readouterr().out


def test_divergence_that_shows_only_in_the_evaluation(capsys):
    class Fragile(nn.Module):
        def __init__(self):
            super().__init__()
            self.net, self.evaluations = tiny_net(), 0

        def forward(self, X):
            self.evaluations += not self.training
            return self.net(X) * (math.nan if self.evaluations > 2 else 1)  # two checks come before the first epoch

    history = fit(Fragile())
    assert len(history) == 0
    assert "loss on the test images became nan" in history.stopped


def test_no_number_is_read_from_the_device_within_an_epoch_but_the_check_of_the_loss():
    class Reads(TorchDispatchMode):
        count = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            self.count += function is torch.ops.aten._local_scalar_dense.default
            return function(*args, **(kwargs or {}))

    def reads(batch_size):
        with Reads() as mode:
            train.fit(tiny_net(), TRAIN, epochs=1, batch_size=batch_size, optimizer="sgd", progress=False)
        return mode.count, len(batch_slices(len(TRAIN), batch_size))

    (few, few_steps), (many, many_steps) = reads(35), reads(7)
    assert many - few == many_steps - few_steps


@pytest.mark.parametrize("option", ["channels_last", "bf16"])
def test_faster_formats_train_as_well(option):
    history = fit(tiny_net(), epochs=8, lr=0.02, **{option: True})
    expected = fit(tiny_net(), epochs=8, lr=0.02)
    assert history.test_loss[-1] == pytest.approx(expected.test_loss[-1], abs=0.1)


def test_channels_last_reaches_the_convolution():
    class Probe(nn.Conv2d):
        def forward(self, X):
            assert X.is_contiguous(memory_format=torch.channels_last)
            assert not self.training or self.weight.is_contiguous(memory_format=torch.channels_last)
            return super().forward(X)

    split = tiny_split(16, channels=3)
    model = nn.Sequential(Probe(3, 4, 3), nn.Flatten(), nn.Linear(144, CLASSES))
    train.fit(model, split, split, epochs=1, channels_last=True, progress=False)


def test_progress_says_one_line_an_epoch_without_timings(capsys):
    history = fit(tiny_net(), progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("epoch 2/2")
    assert f"accuracy {100 * history.test_accuracy[1]:.2f} %" in lines[1]
    fit(tiny_net(), progress=False)
    assert capsys.readouterr() == ("", "")


@settings(max_examples=25)
@given(st.integers(0, 30), st.booleans(), st.text(max_size=20))
def test_history_survives_json(epochs, tested, stopped):
    history = train.History()
    for epoch in range(epochs):
        row = {"train_loss": 1 / (epoch + 1), "train_accuracy": 0.5, "lr": 0.1, "seconds": 2, "images_per_second": 35}
        history.record(**row, **({"test_loss": 0.3, "test_accuracy": 0.9} if tested else {}))
    history.stopped = stopped
    again = train.History.from_dict(json.loads(json.dumps(history.to_dict())))
    assert again == history
    assert repr(again) == repr(history)
    assert len(repr(history).splitlines()) <= 23 + len(stopped.splitlines())


def test_history_draws_itself_with_words_for_those_who_cannot_see():
    import matplotlib

    matplotlib.use("agg")
    axes = fit(tiny_net(), epochs=3).plot()
    assert [ax.get_ylabel() for ax in axes] == ["cross-entropy (nats)", "accuracy"]
    assert [len(ax.lines) for ax in axes] == [2, 2]
    assert all("train from" in ax.get_label() and "test from" in ax.get_label() for ax in axes)
    train.History().plot()
    matplotlib.pyplot.close("all")


def test_history_refuses_half_an_epoch():
    with pytest.raises(TypeError, match="images_per_second"):
        train.History().record(train_loss=1.0)
