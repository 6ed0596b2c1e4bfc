"""Training as one call."""

from torch.nn import functional as F

from utils import runtime

from . import randomness
from .options import Options
from .progress import Progress
from .run import Run


def fit(
    model,
    train,
    test=None,
    *,
    epochs,
    batch_size=128,
    lr=0.01,
    optimizer="adam",
    schedule="onecycle",
    weight_decay=None,
    loss=F.cross_entropy,
    augment=None,
    device=None,
    checkpoint=None,
    seed=0,
    progress=True,
    live=False,
    channels_last=False,
    bf16=False,
):
    """Train `model` on `train`, by default with cross-entropy, measuring on `test` after each epoch.

    Each epoch takes every training image once, in a new random order; a last batch of a single image joins the one
    before it. The model moves to the device and is left in evaluation mode. All random numbers, those of dropout and
    augmentation included, start from `seed`, and the caller's random numbers go on afterwards as if nothing had been
    drawn. The Stop button ends training early: the model keeps what it has learnt. A loss that is no longer finite
    ends it too: the model goes back to where the last whole epoch left it. `History.stopped` says why. From here on the
    process keeps memory that a step frees (utils.runtime.keep_memory).

    In a process group (torchrun and torch.distributed.init_process_group, as utils.train_cli does it) each process
    computes on its share of every batch. The result is that of one process, up to rounding, unless the network draws
    random numbers or takes statistics of its batch: dropout, augmentation and batch normalisation see shares.

    Args:
        model: nn.Module, (B, C, H, W) float32 normalised -> logits (B, K).
        train, test: splits with .images uint8 (N, C, H, W), .labels int64 (N,), .mean and .std (C floats each), as
            utils.data gives; test may be None.
        epochs: how often each training image is seen.
        batch_size: images a step.
        lr: learning rate; for "onecycle" and "cosine" the largest one.
        optimizer: "adam", "adamw", "sgd" (momentum 0.9), or a function of (parameters, lr) that returns an optimiser.
        schedule: "onecycle", "cosine", "constant", or a function of (optimizer, total_steps) that returns a schedule
            to be stepped after each batch.
        weight_decay: None for the optimiser's own default (0.01 for "adamw", else 0).
        loss: function of (outputs (B, K), y) that returns their mean loss, a scalar tensor; y are labels (B,), or what
            `augment` makes of them. The largest output is the answer.
        augment: function of X or of (X, y) that returns X or (X, targets), called on each training batch: X float32
            (B, C, H, W) in [0, 1], before it is normalised; targets are labels (B,) or probabilities (B, K).
        device: "cpu", "cuda", "mps" or "auto", as in utils.runtime.device.
        checkpoint: path of a file that is rewritten after each epoch. If it exists, training goes on from it, on the
            CPU with exactly the numbers of an unbroken run; if its run is finished, nothing is trained.
        seed: int.
        progress: show a bar and one line an epoch.
        live: in a notebook, draw the curves anew after each epoch.
        channels_last: keep feature maps channels-last in memory, faster for most convolutions.
        bf16: compute in bfloat16 where autocast allows it; evaluation stays in float32.

    Returns:
        History.

    Raises:
        TypeError, ValueError: an argument is out of range, or the data do not fit the model; before the first step.
        CheckpointError: the checkpoint is damaged or belongs to another run.
    """
    options = Options(
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        optimizer=optimizer,
        schedule=schedule,
        weight_decay=weight_decay,
        loss=loss,
        augment=augment,
        seed=seed,
        channels_last=channels_last,
        bf16=bf16,
    )
    device = runtime.device(device)
    runtime.keep_memory()
    with randomness.isolated(seed, device):
        run = Run(model, train, test, options, device)
    with randomness.isolated(seed + run.rank, device):  # each process has its own dropout masks
        history = run.resume(checkpoint)
        first = run.rank == 0
        with Progress(progress and first, live and first, epochs, len(run.batches), done=len(history)) as shown:
            run.train(history, shown)
    model.eval()
    return history
