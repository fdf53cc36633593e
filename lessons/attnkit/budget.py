"""How long a training cell may take: what it declares, or less where a grader runs it.

Grading judges functions, and verdicts that were handed in; it doesn't train for them. So its boxes
set ``ATTNKIT_TRAINING_SECONDS``, and trainings stop there after a moment; the cells behind
them still find a model.
"""

from __future__ import annotations

import os
import time
from typing import Any

LIMIT = "ATTNKIT_TRAINING_SECONDS"


def allowed(seconds: float) -> float:
    """The seconds that may be used of those that a cell declares: all, or what the limit leaves."""
    try:
        return min(seconds, float(os.environ[LIMIT]))
    except (KeyError, ValueError):
        return seconds


def is_limited() -> bool:
    """Whether a grader runs this, and trainings that only show something should be left out."""
    return allowed(float("inf")) < float("inf")


def stop_after(seconds: float) -> Any:
    """A Keras callback that ends a training after the batch in which its time is up.

    ``seconds`` by the clock, counted from the first batch's beginning; one batch is always done.
    """
    import keras

    class StopAfter(keras.callbacks.Callback):  # type: ignore[misc]
        """Ends `fit` when its time is up. `stopped` tells whether it did."""

        stopped = False

        def on_train_begin(self, logs: Any = None) -> None:
            self.start = time.perf_counter()
            self.seconds = allowed(seconds)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if time.perf_counter() - self.start > self.seconds:
                self.stopped = self.model.stop_training = True

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.on_train_batch_end(0)

    return StopAfter()
