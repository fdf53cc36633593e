"""Inputs for checks: numbers a learner can read, in the layouts that arrays really have."""

from __future__ import annotations

import numpy as np


def normal(
    rng: np.random.Generator, *shape: int, scale: float = 1.0, decimals: int = 2
) -> np.ndarray:
    """Normal numbers of the given shape and standard deviation, rounded to `decimals` digits."""
    return np.round(rng.normal(0.0, scale, shape), decimals)


def uniform(
    rng: np.random.Generator, low: float, high: float, *shape: int, decimals: int = 2
) -> np.ndarray:
    """Uniform numbers between `low` and `high`, rounded to `decimals` digits."""
    return np.round(rng.uniform(low, high, shape), decimals)


def float32(array: np.ndarray) -> np.ndarray:
    """The same numbers in single precision."""
    return array.astype(np.float32)


def read_only(array: np.ndarray) -> np.ndarray:
    """The same numbers, lying as they lie, in an array that refuses to be written to."""
    locked = array.view()
    locked.flags.writeable = False
    return locked


def strided(array: np.ndarray) -> np.ndarray:
    """The same numbers as every other element of a larger array: not contiguous in memory."""
    block = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    block[..., ::2] = array
    return block[..., ::2]
