"""Training a language model on windows of a long text, for so many steps or so many seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.integer]
Batch = Callable[[IntArray, int, int, np.random.Generator], tuple[IntArray, IntArray]]

WARM = 0.1  # the share of all steps in which the rate rises; then it falls along a cosine


def train(
    writer: Any,
    ids_N: IntArray,
    batch: Batch,
    *,
    steps: int,
    B: int = 32,
    T: int = 64,
    rate: float = 3e-3,
    decay: float = 0.1,
    seed: int = 0,
    seconds: float = float("inf"),
    jit: bool = True,
) -> list[float]:
    """Train it with Adam on `steps` batches of windows; the mean loss of each tenth of the way.

    `batch` is lesson 15's `next_word_batch`. Training stops early when the time is over, and then
    the rate has not come down: `seconds` is there to be safe, not to be met. `jit` compiles the
    step first, which takes seconds and makes it more than twice as fast on a CPU.
    """
    rise = max(1, int(WARM * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps - rise, alpha=0.02, warmup_target=rate, warmup_steps=rise
    )
    optimiser = keras.optimizers.AdamW(schedule, weight_decay=decay, beta_2=0.98, clipnorm=1.0)
    optimiser.exclude_from_weight_decay(var_names=["gamma", "beta", "b1", "b2", "embeddings"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    writer.compile(optimizer=optimiser, loss=loss, jit_compile=jit)
    rng = np.random.default_rng(seed)
    tenth, losses = max(1, steps // 10), []

    def batches() -> Iterator[tuple[IntArray, IntArray]]:
        while True:
            yield batch(ids_N, T, B, rng)

    end = time.monotonic() + seconds
    for _ in range(0, steps, tenth):
        history = writer.fit(batches(), steps_per_epoch=tenth, shuffle=False, verbose=0)
        losses.append(float(history.history["loss"][0]))
        if time.monotonic() > end:
            break
    return losses
