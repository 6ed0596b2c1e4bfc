"""Training: one call that trains a network, and what is kept of it.

    from utils import data, models, train
    digits, held_out = data.mnist()
    model = models.create("lenet")
    history = train.fit(model, digits, held_out, epochs=8, lr=0.01)
    history.plot()
    train.evaluate(model, held_out)      # {"loss": ..., "accuracy": ...}

The loop is fast because nothing stands between the data and the network: the images lie on the device as one uint8
tensor, a batch is one indexing operation, and the losses are read once an epoch (benchmarks/train_loop.py).
"""

from .checkpoint import CheckpointError
from .evaluation import evaluate, majority, predict
from .history import History
from .loop import fit
from .reconstruction import reconstruct
from .weights import load_weights, save_weights

__all__ = [
    "CheckpointError",
    "History",
    "evaluate",
    "fit",
    "load_weights",
    "majority",
    "predict",
    "reconstruct",
    "save_weights",
]
