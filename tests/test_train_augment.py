"""fit(augment=...): what the augmentation sees, what it may return, and what is said of nonsense."""

import pytest
import torch
from tiny_training import CLASSES, TRAIN, fit, same_bits, tiny_net, weights
from torch import nn
from torch.nn import functional as F
from torchvision.transforms import v2


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
