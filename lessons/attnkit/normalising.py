"""Softmax and the terms of an entropy, as `scipy.special` has them, for figures and panels.

A browser has to fetch all of SciPy, 20 MB, before it can import a part of it, and the first lessons
need no more of it than this.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def softmax(x: npt.ArrayLike, axis: int | None = None) -> FloatArray:
    """exp(x), divided by its sum along an axis, or by that of all without one."""
    x = np.asarray(x)
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    shares: FloatArray = powers / powers.sum(axis=axis, keepdims=True)
    return shares


def entr(p: npt.ArrayLike) -> FloatArray:
    """−p·ln p of each probability, and 0 of 0: their sum is the entropy in nats."""
    p = np.asarray(p, dtype=np.float64)
    terms = np.zeros(p.shape)
    np.log(p, out=terms, where=p > 0)
    return -p * terms
