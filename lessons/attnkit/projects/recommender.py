"""Project C's attention model: lesson 15's decoder, on items in place of words.

Each place of a history looks back at what came before it and says what comes next, scored against
all items with the table that made their vectors (tied output). Pads stand behind a window, where a
causal mask hides them from everything in front.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit import budget
from attnkit.long_training import TENTHS, kept, name_for
from attnkit.projects.next_item import Events, Histories, sequences
from attnkit.quiet import silence
from attnkit.writing.size import Size

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]

WINDOW, WIDTH, HEADS = 50, 48, 2
RATE, BATCH, EPOCHS, DROPOUT = 3e-3, 64, 20, 0.3
SECONDS = 300  # at most, in a notebook
FORMAT = "recommender 1"  # to be changed with what is trained


def windows(histories: Sequence[Sequence[int]], T: int = WINDOW) -> IntArray:
    """The last T items of each history, (B, T), 0 behind shorter ones."""
    x_BT = np.zeros((len(histories), T), np.int32)
    for b, history in enumerate(histories):
        own = list(history)[-T:]
        x_BT[b, : len(own)] = own
    return x_BT


def lessons_of(train: Events, T: int = WINDOW) -> tuple[IntArray, IntArray]:
    """Windows of each person's items, cut one behind the other, and the item behind each place."""
    x, y = list[list[int]](), list[list[int]]()
    for items in sequences(train):
        for start in range(0, len(items) - 1, T):
            part = items[start : start + T + 1]
            x.append(part[:-1])
            y.append(part[1:])
    return windows(x, T), windows(y, T)


def train_recommender(
    train: Events, seed: int = 0, epochs: int = EPOCHS, seconds: float = SECONDS
) -> Any:
    """A Keras model from windows (B, T) to scores (B, T, items); half a minute on two cores.

    It stops early when the seconds are over, and says so. One that was trained to the end is kept
    in the user's cache folder. Its `seconds` are what it took.
    """
    with silence():
        import keras

        from attnkit.writing.decoder import Writer

        keras.utils.set_random_seed(seed)
        size = Size(train.items, D=WIDTH, L=1, H=HEADS, G=HEADS, F=2 * WIDTH, dropout=DROPOUT)
        model = Writer(size)
        x_BT, y_BT = lessons_of(train)
        model(x_BT[:1])  # makes the weights
        model.compile(
            keras.optimizers.Adam(RATE),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
    stop = budget.stop_after(seconds)
    there = (y_BT != 0).astype("float32")

    def trained() -> list[float]:
        start = time.monotonic()
        with silence():
            history = model.fit(
                x_BT, y_BT, BATCH, epochs, verbose=0, sample_weight=there, callbacks=[stop]
            )
        model.seconds = time.monotonic() - start
        losses = [float(loss) for loss in history.history["loss"]]
        if stop.stopped:
            print(f"The time is up: the training stops in epoch {len(losses)} of {epochs}.")
            return losses[: TENTHS - 1]  # so few that it isn't kept
        return losses

    facts = (FORMAT, size, RATE, BATCH, epochs, seed, keras.__version__, keras.backend.backend())
    kept(name_for("recommenders", facts, [x_BT, y_BT, *model.get_weights()]), model, trained)
    return model


def recommend(model: Any, asked: Histories, some: int = 256) -> FloatArray:
    """The scores of all items after each history, (B, items)."""
    return scores_after(model, asked.history, some)


def scores_after(model: Any, histories: Sequence[Sequence[int]], some: int = 256) -> FloatArray:
    """The scores of all items after each history, (B, items)."""
    found = []
    for start in range(0, len(histories), some):
        part = histories[start : start + some]
        x_BT = windows(part)
        last_B = np.minimum([len(each) for each in part], x_BT.shape[1]) - 1
        z_BTN = np.asarray(model(x_BT, training=False))
        found.append(z_BTN[np.arange(len(part)), last_B])
    return np.concatenate(found)
