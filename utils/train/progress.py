"""What a learner sees while a network trains: a bar, a line an epoch, and the curve if asked for."""

import os
import sys


class Progress:
    """Progress of a training run, to be used in a `with` statement.

    The bar is there only while someone can watch it (a notebook or a terminal) and vanishes at the end; TQDM_DISABLE=1
    switches it off. What stays in a notebook are the lines, which hold no timings.

    Args:
        shown: False for silence.
        live: draw the curve anew after each epoch, where there is a notebook.
        epochs: in all.
        steps: batches in an epoch.
        done: epochs that an earlier run has done.
    """

    def __init__(self, shown, live, epochs, steps, done=0):
        self.shown, self.epochs, self.steps, self.done = shown, epochs, steps, done
        self.live = live and in_notebook()
        self._picture = None

    def __enter__(self):
        from tqdm.auto import tqdm

        watched = self.shown and (in_notebook() or sys.stderr.isatty()) and not os.environ.get("TQDM_DISABLE")
        total = self.steps * self.epochs
        self.bar = tqdm(total=total, initial=self.steps * self.done, disable=not watched, leave=False, unit="batch")
        return self

    def __exit__(self, *exception):
        self.bar.close()

    def tick(self):
        """One batch is done."""
        self.bar.update()

    def epoch(self, history):
        """One epoch is done: say how it went."""
        if self.shown:
            self.say(_line(history, self.epochs))
        if self.live:
            self._draw(history)

    def say(self, text):
        """Print a line without breaking the bar."""
        if self.bar.disable:
            print(text)
        else:
            self.bar.write(text)

    def _draw(self, history):
        from IPython.display import display
        from matplotlib import pyplot as plt

        figure = history.plot()[0].figure
        plt.close(figure)  # else the notebook shows it a second time when the cell ends
        if self._picture is None:
            self._picture = display(figure, display_id=True)
        else:
            self._picture.update(figure)


def in_notebook():
    """True in a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")


def _line(history, epochs):
    parts = [
        f"{split} loss {getattr(history, f'{split}_loss')[-1]:.4f}, "
        f"accuracy {100 * getattr(history, f'{split}_accuracy')[-1]:.2f} %"
        for split in ("train", "test")
        if getattr(history, f"{split}_loss")
    ]
    return f"epoch {len(history):>{len(str(epochs))}}/{epochs}   {'   '.join(parts)}"
