"""How large a model lesson 15 trains, and for how long: on a CPU, and where there is a GPU."""

from __future__ import annotations

from dataclasses import dataclass

from attnkit.writing.size import Size


@dataclass(frozen=True)
class Plan:
    """A model's size, and the settings of its training.

    T, B: B windows of T words make a step. steps: how many steps. rate: the highest learning rate.
    seconds: the longest that it may take, to be safe. characters: of the texts that it learns from.
    """

    size: Size
    T: int = 64
    B: int = 32
    steps: int = 900
    rate: float = 3e-3
    seconds: float = 900.0
    characters: int = 3_000_000


PLANS = {
    "cpu": Plan(Size(V=512, L=2, H=8), B=16, steps=1000, rate=8e-3, characters=1_000_000),
    "gpu": Plan(
        Size(V=4096, D=384, L=6, H=6, G=2, F=1536, dropout=0.1), T=256, B=64, steps=4000, rate=1e-3,
        seconds=600.0, characters=30_000_000,
    ),
}  # fmt: skip
