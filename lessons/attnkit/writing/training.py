"""Training a language model on windows of a long text, for so many steps."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from attnkit import budget
from attnkit.long_training import in_tenths, kept, name_for
from attnkit.writing.plans import Plan

IntArray = npt.NDArray[np.integer]
Batch = Callable[[IntArray, int, int, np.random.Generator], tuple[IntArray, IntArray]]

WARM = 0.1  # the share of all steps in which the rate rises; then it falls along a cosine
DECAY = 0.1  # of matrices, for each step and unit of the rate
FORMAT = "writer 1"  # to be changed with whatever changes what a training gives


def train(
    writer: Any,
    ids_N: IntArray,
    batch: Batch,
    plan: Plan,
    seed: int = 0,
    *,
    jit: bool = True,
    keep: bool = True,
) -> list[float]:
    """Train it as planned on batches of windows; the mean loss of each tenth of the way.

    `batch` is lesson 15's `next_word_batch`. Training stops early when the plan's seconds are over,
    and then the rate has not come down. `jit` compiles a step first, which takes seconds and makes
    it more than twice as fast on a CPU. A model that was trained to the end is kept in the user's
    cache folder, so that the same training need not be done twice; `keep` says whether. What it
    took, in seconds, is `writer.seconds`.
    """
    writer(np.zeros((1, plan.T), dtype="int32"))  # so that it has weights

    def trained() -> list[float]:
        return _train(writer, ids_N, batch, plan, seed, jit and not budget.is_limited())

    return kept(_name(writer, ids_N, batch, plan, seed), writer, trained) if keep else trained()


def _train(
    writer: Any, ids_N: IntArray, batch: Batch, plan: Plan, seed: int, jit: bool
) -> list[float]:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    writer.compile(optimizer=_optimiser(plan), loss=loss, jit_compile=jit)
    rng = np.random.default_rng(seed)

    def batches(n: int) -> tuple[IntArray, IntArray]:
        drawn = [batch(ids_N, plan.T, plan.B, rng) for _ in range(n)]
        x_NT, y_NT = (np.concatenate(windows) for windows in zip(*drawn, strict=True))
        return x_NT, y_NT

    return in_tenths(writer, batches, plan.steps, plan.B, plan.seconds)


def _optimiser(plan: Plan) -> Any:
    """Muon for the matrices, Adam for all else; the rate rises for a tenth of the way, and falls.

    Muon (Jordan 2024; in this form Liu et al. 2025) takes a matrix's averaged gradient and makes
    its singular values all alike before it steps, so that rare directions are learned, too.
    """
    rise = max(1, int(WARM * plan.steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, plan.steps - rise, alpha=0.02, warmup_target=plan.rate, warmup_steps=rise
    )
    optimiser = keras.optimizers.Muon(
        schedule, weight_decay=DECAY, adam_weight_decay=0.0, adam_beta_2=0.98, adam_lr_ratio=0.5
    )
    optimiser.exclude_from_weight_decay(var_names=["gamma", "beta", "b1", "b2", "embeddings"])
    return optimiser


def _name(writer: Any, ids_N: IntArray, batch: Batch, plan: Plan, seed: int) -> str:
    """A name for all that a training depends on: its weights at first, its texts, its batches."""
    rng = np.random.default_rng(seed)
    drawn = [batch(ids_N, plan.T, plan.B, rng) for _ in range(2)]
    arrays = [ids_N, *itertools.chain(*drawn), *writer.get_weights()]
    facts = (FORMAT, plan, seed, writer.places, keras.__version__, keras.backend.backend())
    return name_for("writers", facts, arrays)
