"""How lesson 13 trains: in a drawn order, at a rate that rises and falls, and then it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt

from attnkit import budget
from attnkit.long_training import in_tenths, kept, name_for

IntArray = npt.NDArray[np.int_]


class Plan(Protocol):
    """How a training goes: so many steps of B rows, in so many seconds at most."""

    @property
    def steps(self) -> int: ...
    @property
    def B(self) -> int: ...
    @property
    def rate(self) -> float: ...
    @property
    def seconds(self) -> float: ...


def learn(
    model: Any, inputs: Sequence[Any], y_N: Any, plan: Plan, optimizer: Any, loss: Any, *,
    kind: str, facts: tuple[object, ...], seed: int = 0, jit: bool | str = "auto",
    keep: bool = True,
) -> list[float]:  # fmt: skip
    """Train a model; the mean loss of each tenth of the way. Its `seconds` are what it took.

    inputs: what it is called with, N rows each. y_N: what it should answer, N rows. A model that
    was trained to the end is kept in the user's cache folder, under the name `kind`, for just these
    arrays, its first weights and these facts, and read from there the next time.
    """
    rows_of = orders(len(y_N), plan.steps, plan.B, seed)

    def batches(n: int) -> tuple[Any, Any]:
        rows = next(rows_of)[: n * plan.B]
        some = [each[rows] for each in inputs]
        return (some if len(some) > 1 else some[0]), y_N[rows]

    def trained() -> list[float]:
        model.compile(optimizer, loss, jit_compile=False if budget.is_limited() else jit)
        return in_tenths(model, batches, plan.steps, plan.B, plan.seconds)

    whole = (*facts, plan, seed, keras.__version__, keras.backend.backend())
    name = name_for(kind, whole, [*inputs, y_N, *model.get_weights()])
    return kept(name, model, trained) if keep else trained()


def schedule(plan: Plan) -> Any:
    """A rate that rises for a tenth of the way, and falls along a cosine."""
    rise = max(1, plan.steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, plan.steps - rise), alpha=0.02, warmup_target=plan.rate, warmup_steps=rise
    )


def orders(N: int, steps: int, B: int, seed: int) -> Iterator[IntArray]:
    """Rows for a tenth of the steps, again and again: each comes once before any comes twice."""
    rng = np.random.default_rng(seed)
    needed = max(1, steps // 10) * B
    left = np.zeros(0, np.int64)
    while True:
        while len(left) < needed:
            left = np.concatenate([left, rng.permutation(N)])
        yield left[:needed]
        left = left[needed:]
