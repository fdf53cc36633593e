"""Agents for tests: one that remembers the first sign, and one that doesn't."""

from __future__ import annotations

import numpy as np
from attnkit.maze.tmaze import FORWARD, LEFT, RIGHT, FloatArray


def remembering(x_BTD: FloatArray, params: object) -> FloatArray:
    """Forward, and at the junction whither the first sign pointed."""
    turn_B = np.where(x_BTD[:, 0, 3] > 0, LEFT, RIGHT)
    return _forward_or(x_BTD, turn_B)


def ahead(x_BTD: FloatArray, params: object) -> FloatArray:
    """Forward, and at the junction left."""
    return _forward_or(x_BTD, np.full(len(x_BTD), LEFT))


def _forward_or(x_BTD: FloatArray, turn_B: np.ndarray) -> FloatArray:
    at_junction_BT = x_BTD[:, :, 2] > 0
    return np.eye(3)[np.where(at_junction_BT, turn_B[:, None], FORWARD)]
