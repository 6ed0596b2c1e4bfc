"""Small data for the tests of figures: a history of three epochs, five pictures of three classes, their logits."""

from types import SimpleNamespace

import torch

HISTORY = {
    "train_loss": [2.0, 1.0, 0.5],
    "test_loss": [1.5, float("nan"), 0.75],
    "train_accuracy": [0.3, 0.6, 0.9],
    "test_accuracy": [0.4, 0.5, 0.8],
}
DIGITS = torch.arange(5 * 28 * 28).reshape(5, 1, 28, 28).remainder(251).to(torch.uint8)
SPLIT = SimpleNamespace(images=DIGITS, labels=torch.tensor([0, 1, 2, 0, 1]), classes=["a", "b", "c"])
LOGITS = torch.tensor([[5.0, 0, 0], [4, 1, 0], [0, 9, 0], [2, 0, 0], [0, 1, 0]])  # 1 and 2 are mistaken, 2 more surely
