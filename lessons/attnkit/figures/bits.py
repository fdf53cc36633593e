"""Weights in few bits: their histogram, the few values that are left, and what rounding costs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def quantise(
    w_IO: npt.NDArray[np.floating], bits: int
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.floating]]:  # fmt: skip
    """Whole numbers for weights, (q (I, O), scale (O,)), a scale for each column.

    A column's largest absolute value gets the largest code, 2^(bits − 1) − 1; ``bits`` from 2 to 8.
    """
    largest = 2 ** (bits - 1) - 1
    largest_O = np.abs(w_IO).max(axis=0)
    scale_O = np.where(largest_O > 0, largest_O / largest, 1.0)
    return np.round(w_IO / scale_O).astype(np.int8), scale_O
