"""Batches in an order that depends on seed and epoch only, so that training can go on anywhere."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from attnkit.classifier.devices import computes_on_gpu
from attnkit.classifier.tokens import Tokens

IntArray = npt.NDArray[np.int_]

MOST_PADDED = 1 << 30  # bytes of ids that are padded all at once
TOGETHER = 32  # batches whose texts are sorted by length among themselves: fewer pads


def training_order(lengths_N: IntArray, batch: int, seed: int, epoch: int) -> list[IntArray]:
    """The rows of each batch of an epoch, all batches alike in size; up to batch − 1 rows are out.

    Rows are shuffled; within each 32 batches' worth they are sorted by length, so that a batch's
    texts are about as long; then the batches are shuffled. Fewer rows than a batch are one batch.
    """
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(len(lengths_N))
    window = batch * TOGETHER
    for start in range(0, len(order), window):
        part = order[start : start + window]
        order[start : start + window] = part[np.argsort(lengths_N[part], kind="stable")]
    if len(order) < batch:
        return [order]
    # the rows that are out are a random few, not the longest
    out = rng.permutation(len(order))[: len(order) % batch]
    batches = np.delete(order, out).reshape(-1, batch)
    return list(batches[rng.permutation(len(batches))])


def reading_order(lengths_N: IntArray, batch: int) -> list[IntArray]:
    """All rows, sorted by length, in batches of which the last may be smaller."""
    order = np.argsort(lengths_N, kind="stable")
    return [order[start : start + batch] for start in range(0, len(order), batch)]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches (ids_BT int32, y_B1 float32), or (ids_BT,) alone without labels.

    On a CPU a batch is as long as its longest text, more or less (`Tokens.rows`). A GPU computes on
    pads in no time, but its programs take seconds to compile, for each length anew: there all are
    as long as the longest text of all, and padded once for all epochs, since a step takes no longer
    than padding its batch would.
    """

    def __init__(
        self, tokens: Tokens, order: list[IntArray], labels_N: npt.ArrayLike | None = None
    ) -> None:
        super().__init__()
        self.tokens, self.order = tokens, order
        self.labels_N = None if labels_N is None else np.asarray(labels_N, np.float32)
        self.T = tokens.longest if computes_on_gpu() else None
        size = len(tokens) * (self.T or 0) * tokens.flat[:1].nbytes
        self.padded = 0 < size <= MOST_PADDED

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, place: int) -> tuple[Any, ...]:
        rows = self.order[place]
        ids_BT = self.tokens.padded[rows] if self.padded else self.tokens.rows(rows, self.T)
        return (ids_BT,) if self.labels_N is None else (ids_BT, self.labels_N[rows, None])


def feed(batches: Batches) -> Any:
    """The batches as Keras's `fit` should have them.

    For TensorFlow Keras would guess from two batches whether T varies, and guess wrongly if both
    are as long. So there a `tf.data.Dataset` is made that says so, and fetches ahead.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    shapes = [tf.TensorSpec((None, None, *batches.tokens.flat.shape[1:]), tf.int32)]
    if batches.labels_N is not None:
        shapes.append(tf.TensorSpec((None, 1), tf.float32))
    made = tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=tuple(shapes))
    made = made.apply(tf.data.experimental.assert_cardinality(len(batches)))
    return made.prefetch(tf.data.AUTOTUNE)
