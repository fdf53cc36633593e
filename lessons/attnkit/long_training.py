"""A Keras model's training that takes a while: told in tenths, stopped in time, and kept.

Lesson 12's encoder and lesson 15's writer are trained so; lesson 14's recommender is kept so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from attnkit import budget
from attnkit.cache import cached, digest
from attnkit.quiet import silence

TENTHS = 10  # of the way, after each of which a line is printed
#: So many batches, one behind the other: what the model is given, and what it should answer.
Batches = Callable[[int], tuple[Any, Any]]


def in_tenths(model: Any, batches: Batches, steps: int, B: int, seconds: float) -> list[float]:
    """Train a compiled model for so many steps of B rows; the mean loss of each tenth of the way.

    It stops early when the seconds are over. What it took is `model.seconds`.
    """
    start, tenth, losses = time.monotonic(), max(1, steps // TENTHS), list[float]()
    for number in range(1, min(TENTHS, steps) + 1):
        x, y = batches(tenth)
        stop = budget.stop_after(start + seconds - time.monotonic())
        with silence():  # the first step is compiled, which XLA reports as it goes
            history = model.fit(x, y, batch_size=B, shuffle=False, verbose=0, callbacks=[stop])
        losses.append(float(history.history["loss"][0]))
        took = time.monotonic() - start
        print(
            f"step {number * tenth:5,} of {steps:,}, {took:3.0f} s: loss {losses[-1]:.2f}",
            flush=True,
        )
        if stop.stopped:
            print("The time is up: the training stops here.")
            break
    model.seconds = time.monotonic() - start
    return losses


def kept(name: str, model: Any, train: Callable[[], list[float]]) -> list[float]:
    """The losses of `train`, which trains the model: done once, and then read from the disk.

    name: of a file, for all that the training depends on (`name_for`). A training whose time was
    up, or that a grader runs, is not kept.
    """
    if budget.is_limited():
        return train()

    def trained() -> _Made:
        losses = train()
        if len(losses) < TENTHS:
            raise _TimeIsUpError(losses)
        return _Made(losses, model.seconds, model.get_weights())

    start = time.monotonic()
    try:
        made = cached(name, trained, _read, _write)
    except _TimeIsUpError as stopped:
        return stopped.losses
    model.set_weights(made.weights)
    model.seconds = made.seconds
    if time.monotonic() - start < made.seconds / 2:
        took = f"in {made.seconds:.0f} seconds"
        print(f"Trained before, {took}, and kept: loss {made.losses[-1]:.2f}.")
    return made.losses


def name_for(kind: str, facts: object, arrays: Iterable[Any]) -> str:
    """The name of a file for a training that depends on these facts and arrays."""
    return f"{kind}/{digest(str(facts), *(np.ascontiguousarray(a).tobytes() for a in arrays))}.npz"


class _Made(NamedTuple):
    """What a training gave, and how long it took."""

    losses: list[float]
    seconds: float
    weights: list[Any]


class _TimeIsUpError(Exception):
    """A training whose time was up: its model is not kept."""

    def __init__(self, losses: list[float]) -> None:
        self.losses = losses


def _write(made: _Made, out: IO[bytes]) -> None:
    weights = {f"w{n}": each for n, each in enumerate(made.weights)}
    np.savez(out, losses=np.array(made.losses), seconds=np.array(made.seconds), **weights)


def _read(file: Path) -> _Made:
    with np.load(file, allow_pickle=False) as kept:
        weights = [kept[f"w{n}"] for n in range(len(kept.files) - 2)]
        return _Made(kept["losses"].tolist(), float(kept["seconds"]), weights)
