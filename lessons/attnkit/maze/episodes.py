"""Episodes in the maze: what agents saw, did and got, as arrays for lesson 12's functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnkit.maze.tmaze import CELLS, REWARD, BoolArray, FloatArray, IntArray, TMaze

Params = Mapping[str, FloatArray]
#: Lesson 12's `policy`: (x_BTD, params) -> p_BTC.
Policy = Callable[[FloatArray, Params], FloatArray]


@dataclass(frozen=True)
class Episodes:
    """B episodes of at most T steps. Behind an episode's last action all is 0 or False.

    x_BTD: what was seen. a_BT: what was done. r_BT: the rewards. alive_BT: which steps there were.
    place_BT: the cell that the agent stood in. sign_B: what the first sign said.
    """

    x_BTD: FloatArray
    a_BT: IntArray
    r_BT: FloatArray
    alive_BT: BoolArray
    place_BT: IntArray
    sign_B: IntArray

    @property
    def success(self) -> float:
        """The share of episodes that ended with the right turn."""
        return float((self.r_BT == REWARD).any(axis=1).mean())


def play(
    policy: Policy,
    params: Params,
    B: int,
    rng: np.random.Generator,
    *,
    greedy: bool = False,
    cells: int = CELLS,
) -> Episodes:
    """B episodes, acted by a policy: by its probabilities or, if greedy, what is likeliest.

    An episode breaks off after twice as many steps as there are cells.
    """
    maze = TMaze(rng, B, cells)
    sights: list[FloatArray] = []
    steps: list[tuple[Any, ...]] = []
    while maze.alive_B.any() and len(steps) < 2 * cells:
        alive_B, place_B = maze.alive_B, np.where(maze.alive_B, maze.place_B, 0)
        sights.append(maze.look() * alive_B[:, None])
        p_BC = policy(np.stack(sights, axis=1), params)[:, -1]
        a_B = p_BC.argmax(axis=1) if greedy else draw(p_BC, rng)
        a_B = np.where(alive_B, a_B, 0)
        steps.append((a_B, maze.step(a_B), alive_B, place_B))
    a_BT, r_BT, alive_BT, place_BT = (
        np.stack(column, axis=1) for column in zip(*steps, strict=True)
    )
    return Episodes(np.stack(sights, axis=1), a_BT, r_BT, alive_BT, place_BT, maze.sign_B)


def draw(p_BC: FloatArray, rng: np.random.Generator) -> IntArray:
    """An action for each row, drawn with its probabilities."""
    below_BC = rng.random((len(p_BC), 1)) >= np.cumsum(p_BC, axis=1)[:, :-1]
    return below_BC.sum(axis=1)
