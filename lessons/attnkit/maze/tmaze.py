"""A T-maze, many of them at once: whoever has forgotten the sign can only guess at the end.

    [sign] [   ] [   ] [   ] [   ] [   ] [   ] [junction]

At the entrance a sign says left or right. Cells on the way show signs as well, which are drawn by
chance and mean nothing. The floor carries the agent on, cell by cell, whatever it does; to turn in
the corridor is to bump into a wall, which costs a little. So is to go forward at the junction, and
there it also takes a step. Turning at the junction ends the episode: as the first sign said, for a
reward of 1, otherwise for nothing.

The floor moves so that nobody can tie a knot in a handkerchief. In a maze that stands still, an
agent may bump at the entrance for one sign and not for the other: then the number of steps tells
the sign, and a plain mean of all that was seen is memory enough.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int_]
BoolArray = npt.NDArray[np.bool_]

ACTIONS = ("forward", "left", "right")
FORWARD, LEFT, RIGHT = range(3)
#: What is seen in a cell, D = 6 numbers of 0 or 1.
SEEN = ("entrance", "corridor", "junction", "sign: left", "sign: right", "always 1")
CELLS = 8
REWARD, BUMP = 1.0, -0.05


class TMaze:
    """B mazes of so many cells, with an agent in each, at the entrance at first.

    sign_B: LEFT or RIGHT, what the first sign says. place_B: the cell where each agent stands, from
    0. alive_B: which episodes go on. Raises ValueError for a maze without a corridor.
    """

    def __init__(self, rng: np.random.Generator, B: int, cells: int = CELLS) -> None:
        if cells < 3:
            raise ValueError(f"A maze of {cells} cells has no corridor: it takes three at least.")
        self.cells = cells
        self.sign_B: IntArray = rng.integers(LEFT, RIGHT + 1, size=B)
        self.signs_BN: IntArray = rng.integers(FORWARD, RIGHT + 1, size=(B, cells))  # 0: no sign
        self.signs_BN[:, 0], self.signs_BN[:, -1] = self.sign_B, FORWARD
        self.place_B: IntArray = np.zeros(B, int)
        self.alive_B: BoolArray = np.ones(B, bool)

    def look(self) -> FloatArray:
        """x_BD: what each agent sees where it stands."""
        sign_B = self.signs_BN[np.arange(len(self.place_B)), self.place_B]
        at_entrance, at_junction = self.place_B == 0, self.place_B == self.cells - 1
        seen = (
            at_entrance,
            ~at_entrance & ~at_junction,
            at_junction,
            sign_B == LEFT,
            sign_B == RIGHT,
            np.ones(len(sign_B)),
        )
        return np.stack(seen, axis=1).astype(float)

    def step(self, a_B: IntArray) -> FloatArray:
        """r_B: the rewards of one action each. Agents that have turned are left alone."""
        at_junction = self.place_B == self.cells - 1
        forward = a_B == FORWARD
        turned = self.alive_B & at_junction & ~forward
        bumped = self.alive_B & (forward == at_junction)
        self.place_B = self.place_B + (self.alive_B & ~at_junction)  # whatever was done
        self.alive_B = self.alive_B & ~turned
        return REWARD * (turned & (a_B == self.sign_B)) + BUMP * bumped
