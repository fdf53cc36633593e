"""Training a language model on windows of a long text, for so many steps."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from attnkit import budget
from attnkit.cache import cached, digest
from attnkit.quiet import silence
from attnkit.writing.plans import Plan

IntArray = npt.NDArray[np.integer]
Batch = Callable[[IntArray, int, int, np.random.Generator], tuple[IntArray, IntArray]]

WARM = 0.1  # the share of all steps in which the rate rises; then it falls along a cosine
DECAY = 0.1  # of matrices, for each step and unit of the rate
TENTHS = 10  # of the way, after each of which a line is printed
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

    def trained() -> _Made:
        losses = _train(writer, ids_N, batch, plan, seed, jit)
        if len(losses) < TENTHS:
            raise _TimeIsUpError(losses)
        return _Made(losses, writer.seconds, writer.get_weights())

    if budget.is_limited() or not keep:
        return _train(writer, ids_N, batch, plan, seed, jit and not budget.is_limited())
    name = f"writers/{_name(writer, ids_N, batch, plan, seed)}.npz"
    start = time.monotonic()
    try:
        made = cached(name, trained, _read, _write)
    except _TimeIsUpError as stopped:
        return stopped.losses
    writer.set_weights(made.weights)
    writer.seconds = made.seconds
    if time.monotonic() - start < made.seconds / 2:
        took = f"in {made.seconds:.0f} seconds"
        print(f"Trained before, {took}, and kept: loss {made.losses[-1]:.2f}.")
    return made.losses


def _train(
    writer: Any, ids_N: IntArray, batch: Batch, plan: Plan, seed: int, jit: bool
) -> list[float]:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    writer.compile(optimizer=_optimiser(plan), loss=loss, jit_compile=jit)
    rng, start = np.random.default_rng(seed), time.monotonic()
    tenth, losses = max(1, plan.steps // TENTHS), list[float]()
    for number in range(1, min(TENTHS, plan.steps) + 1):
        drawn = [batch(ids_N, plan.T, plan.B, rng) for _ in range(tenth)]
        x_NT, y_NT = (np.concatenate(windows) for windows in zip(*drawn, strict=True))
        stop = budget.stop_after(start + plan.seconds - time.monotonic())
        with silence():  # the first step is compiled, which XLA reports as it goes
            history = writer.fit(
                x_NT, y_NT, batch_size=plan.B, shuffle=False, verbose=0, callbacks=[stop]
            )
        losses.append(float(history.history["loss"][0]))
        took = time.monotonic() - start
        print(
            f"step {number * tenth:5,} of {plan.steps:,}, {took:3.0f} s: loss {losses[-1]:.2f}",
            flush=True,
        )
        if stop.stopped:
            print("The time is up: the training stops here.")
            break
    writer.seconds = time.monotonic() - start
    return losses


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


# --- keeping it -----------------------------------------------------------------------------------


class _Made(NamedTuple):
    """What a training gave, and how long it took."""

    losses: list[float]
    seconds: float
    weights: list[Any]


class _TimeIsUpError(Exception):
    """A training whose time was up: its model is not kept."""

    def __init__(self, losses: list[float]) -> None:
        self.losses = losses


def _name(writer: Any, ids_N: IntArray, batch: Batch, plan: Plan, seed: int) -> str:
    """A name for all that a training depends on: its weights at first, its texts, its batches."""
    rng = np.random.default_rng(seed)
    drawn = [batch(ids_N, plan.T, plan.B, rng) for _ in range(2)]
    arrays = [ids_N, *itertools.chain(*drawn), *writer.get_weights()]
    facts = (FORMAT, plan, seed, writer.places, keras.__version__, keras.backend.backend())
    return digest(str(facts), *(np.ascontiguousarray(array).tobytes() for array in arrays))


def _write(made: _Made, out: IO[bytes]) -> None:
    weights = {f"w{n}": each for n, each in enumerate(made.weights)}
    np.savez(out, losses=np.array(made.losses), seconds=np.array(made.seconds), **weights)


def _read(file: Path) -> _Made:
    with np.load(file, allow_pickle=False) as kept:
        weights = [kept[f"w{n}"] for n in range(len(kept.files) - 2)]
        return _Made(kept["losses"].tolist(), float(kept["seconds"]), weights)
