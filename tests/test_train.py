"""fit, evaluate and predict against plain PyTorch."""

import math
import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_training import CLASSES, TEST, TRAIN, Noise, fit, same_bits, tiny_net, tiny_split, weights
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from utils import train
from utils.train.evaluation import images_at_a_time
from utils.train.resident import batch_slices
from utils.train.run import weighted_mean


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


def test_what_is_left_out_is_what_the_signature_says():
    spelt_out = {
        "batch_size": 128, "lr": 0.01, "optimizer": "adam", "schedule": "onecycle", "seed": 0, "weight_decay": None,
        "loss": F.cross_entropy, "augment": None, "device": "cpu", "channels_last": False, "bf16": False,
    }  # fmt: skip
    short, long, split = tiny_net(), tiny_net(), tiny_split(200)
    history = train.fit(short, split, epochs=2, progress=False)
    expected = train.fit(long, split, epochs=2, progress=False, **spelt_out)
    assert same_bits(weights(short), weights(long))
    assert history.train_loss == expected.train_loss


def test_without_a_test_split():
    history = train.fit(tiny_net(), TRAIN, epochs=2, progress=False)
    assert len(history.train_loss) == 2
    assert history.test_loss == history.test_accuracy == []
    assert "test" not in repr(history)


def test_the_majority_of_models_and_what_decides_between_equal_votes():
    outvoted = [[0.5, 0.4, 0.1], [0.5, 0.4, 0.1], [0.0, 0.9, 0.1]]  # the mean would say 1
    tied = [[0.35, 0.25, 0.4], [0.5, 0.45, 0.05], [0.05, 0.9, 0.05]]  # one vote each
    beside = [[0.9, 0.1, 0.0, 0.0], [0.9, 0.1, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0], [0.0, 0.4, 0.6, 0.0]]
    assert train.majority(torch.tensor([outvoted, tied]).transpose(0, 1)).tolist() == [0, 1]
    assert train.majority(torch.tensor([beside]).transpose(0, 1)).tolist() == [0]


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


@pytest.mark.parametrize("measure", [train.evaluate, train.predict])
def test_an_evaluation_takes_as_many_images_at_a_time_as_its_device_likes(measure):
    taken, model = [], tiny_net()
    model.register_forward_pre_hook(lambda module, arguments: taken.append(len(arguments[0])))
    measure(model, tiny_split(300))
    assert taken[-3:] == [128, 128, 44]
    assert images_at_a_time(torch.device("cuda")) == 512
    with pytest.raises(ValueError, match="batch_size must be a whole number of 1 or more, not 0"):
        measure(model, TEST, batch_size=0)
    with pytest.raises(ValueError, match="'abacus' is no device of this course"):
        measure(model, TEST, device="abacus")


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
