"""The training loop: a model, its data on the device, its optimiser and schedule, epoch after epoch."""

import math
import time
from contextlib import nullcontext
from pathlib import Path

import torch

from . import augmentation, checkpoint, processes, randomness
from .evaluation import measure
from .history import History
from .resident import Resident, batch_slices
from .validation import check_fit, check_model, check_split, check_trainable


class Run:
    """One training run; building it checks everything that can be checked before the first step.

    Args:
        model: nn.Module.
        train, test: splits; test may be None.
        options: Options.
        device: torch.device.

    Raises:
        TypeError, ValueError: these do not fit each other.
    """

    def __init__(self, model, train, test, options, device):
        check_model(model)
        self.model, self.options, self.device, self.path = model.to(device), options, device, None
        self.train_data = self._resident(train, "train")
        self.test_data = None if test is None else self._resident(test, "test")
        self.rank, self.processes = processes.place()
        check_trainable(model, len(self.train_data), options.batch_size, self.processes)
        if options.channels_last:
            model.to(memory_format=torch.channels_last)
        self.batches = batch_slices(len(self.train_data), options.batch_size, least=2 * self.processes)
        self.learner = processes.joined(model)
        self.optimizer = options.make_optimizer(model)
        self.description = checkpoint.describe(model, self.optimizer, options, device)
        self.schedule = options.make_schedule(self.optimizer, options.epochs * len(self.batches))
        self.augment = augmentation.checked(options.augment)
        self.precision = torch.autocast(device.type, torch.bfloat16) if options.bf16 else nullcontext()
        self.order = torch.Generator().manual_seed(options.seed)  # on the CPU: the same order on every device

    def _resident(self, split, role):
        check_split(split, role)
        data = Resident(
            split, self.device, torch.channels_last if self.options.channels_last else torch.contiguous_format
        )
        check_fit(self.model, data, role)
        return data

    def train(self, history, shown):
        """Train the epochs that `history` lacks, and record them there.

        Args:
            history: History of the epochs done so far.
            shown: Progress, entered.
        """
        try:
            while len(history) < self.options.epochs:
                whole = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
                history.record(**self.epoch(shown.tick))
                self.save(history)
                shown.epoch(history)
        except KeyboardInterrupt:
            history.stopped = self._interrupted(len(history))
        except DivergenceError as problem:
            self.model.load_state_dict(whole)
            history.stopped = self._diverged(len(history), problem)
        if history.stopped:
            shown.say(history.stopped)

    def epoch(self, tick):
        """Train one epoch and measure it: a row of the History (dict). Raises DivergenceError."""
        start = time.perf_counter()
        loss, accuracy, lr = self._learn(tick)
        processes.share_buffers(self.model)
        seconds = time.perf_counter() - start
        row = {"train_loss": loss, "train_accuracy": accuracy, "lr": lr}
        row |= {"seconds": seconds, "images_per_second": len(self.train_data) / seconds}
        if self.test_data is not None:
            test = measure(self.model, self.test_data, loss=self.options.loss)
            if not math.isfinite(test["loss"]):
                raise DivergenceError(f"the loss on the test images became {test['loss']}")
            row |= {"test_loss": test["loss"], "test_accuracy": test["accuracy"]}
        return row

    def _learn(self, tick):
        """One pass over the training images: mean loss, accuracy, and the last learning rate (floats)."""
        self.model.train()
        order = torch.randperm(len(self.train_data), generator=self.order).to(self.device)
        losses, answers, labels = [], [], []
        for number, rows in enumerate(self.batches, 1):
            X, y = self.train_data.batch(processes.share(order[rows]), self.augment)
            loss, answer, lr = self._step(X, y, processes.weight(len(y), rows.stop - rows.start))
            # A GPU would have to wait for the loss in each step, several processes must stop together: there the end
            # of the epoch is early enough.
            if self.device.type == "cpu" and self.processes == 1 and not math.isfinite(loss):
                raise DivergenceError(f"the loss became {float(loss)} in batch {number} of {len(self.batches)}")
            losses.append(loss)
            answers.append(answer)
            labels.append(y if y.ndim == 1 else y.argmax(1))
            tick()
        losses = processes.total(torch.stack(losses)) / self.processes
        loss = weighted_mean(losses, [rows.stop - rows.start for rows in self.batches])
        if not math.isfinite(loss):
            raise DivergenceError(f"the loss became {loss}")
        # Counted once, for all batches: three small operations in each step would cost a hundredth of a LeNet's time.
        hits = processes.total((torch.cat(answers) == torch.cat(labels)).sum())
        return loss, int(hits) / len(self.train_data), lr

    def _step(self, X, y, weight):
        """One step of the optimiser: loss and answers (B,), which both stay on the device, and the learning rate."""
        with self.precision:
            logits = self.learner(X)
            loss = self.options.loss(logits, y)
        if self.processes > 1:
            loss = loss * weight
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        lr = self.optimizer.param_groups[0]["lr"]
        if self.schedule is not None:
            self.schedule.step()
        return loss.detach(), logits.argmax(1), lr

    def save(self, history):
        """Write the checkpoint, if one was asked for; of several processes the first one writes."""
        if self.path is None:
            return
        random = processes.gathered(randomness.capture(self.device))
        if self.rank:
            return
        state = {"run": self.description, "history": history.to_dict(), "order": self.order.get_state()}
        state |= {name: part.state_dict() for name, part in self._parts().items()}
        checkpoint.save(self.path, {**state, "random": random})

    def resume(self, path):
        """Go back to where the checkpoint at `path` left off, if there is one, and keep later ones there.

        Args:
            path: str, Path or None.

        Returns:
            History of the epochs that are done.

        Raises:
            CheckpointError: the checkpoint is damaged or belongs to another run.
        """
        if path is None:
            return History()
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.description |= {"processes": str(self.processes)}
        self.description |= checkpoint.describe_data(train=self.train_data, test=self.test_data)
        if not self.path.exists():
            return History()
        state = checkpoint.load(self.path, self.description)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.order.set_state(state["order"])
        randomness.restore(state["random"][self.rank], self.device)
        return History.from_dict(state["history"])

    def _parts(self):
        parts = {"model": self.model, "optimizer": self.optimizer, "schedule": self.schedule}
        return {name: part for name, part in parts.items() if part is not None}

    def _interrupted(self, done):
        text = f"Training was stopped after {done} of {self.options.epochs} epochs. The model keeps what it has learnt."
        again = f" Call fit again with the same arguments to go on from {self.path}." if self.path and done else ""
        return text + again

    def _diverged(self, done, problem):
        return (
            f"Training diverged in epoch {done + 1} of {self.options.epochs}: {problem}. The model is back where it "
            "was before that epoch. The steps were probably too large: try a lower learning rate, such as "
            f"lr={self.options.lr / 5:g}."
        )


class DivergenceError(Exception):
    """A loss is nan or infinite; the message says which and when."""


def weighted_mean(values, sizes):
    """Mean over all samples of values that are means over batches: the last batch is smaller and counts for less.

    Args:
        values: float tensor (batches,).
        sizes: samples in each batch.

    Returns:
        float, summed in float64.
    """
    sizes = torch.tensor(sizes, dtype=torch.float64)
    return float(values.cpu().double() @ sizes / sizes.sum())
