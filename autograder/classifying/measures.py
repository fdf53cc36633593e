"""How good predictions are: accuracy with its interval, F1, confusion, calibration."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 10


@dataclass(frozen=True)
class Score:
    """Accuracy of one way to predict, with its 95 % interval; F1 of praise."""

    name: str
    accuracy: float
    low: float
    high: float
    f1: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Bin:
    """Predictions of about the same confidence: what they promise, and what comes true."""

    low: float
    high: float
    count: int
    confidence: float  # mean probability of praise
    praise: float  # share that is praise


def score(name: str, y_N: npt.ArrayLike, said_N: npt.ArrayLike) -> Score:
    """Labels (0 or 1) against predicted labels."""
    from sklearn.metrics import f1_score

    y, said = np.asarray(y_N, int), np.asarray(said_N, int)
    right = int((y == said).sum())
    low, high = wilson(right, len(y))
    f1 = float(f1_score(y, said, zero_division=0.0))
    return Score(name, right / len(y), low, high, f1)


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a proportion right/n (Wilson 1927)."""
    from scipy.stats import binomtest

    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def confusion(y_N: npt.ArrayLike, said_N: npt.ArrayLike) -> list[list[int]]:
    """[[blame called blame, blame called praise], [praise called blame, praise called praise]]"""
    from sklearn.metrics import confusion_matrix

    table: list[list[int]] = confusion_matrix(
        np.asarray(y_N, int), np.asarray(said_N, int), labels=(0, 1)
    ).tolist()
    return table


def calibration(y_N: npt.ArrayLike, p_N: npt.ArrayLike) -> tuple[float, list[Bin]]:
    """The expected calibration error and the bins it is made of.

    Ten bins of equal width over the probability of praise. In each, the mean probability should be
    the share of praise; the error is the mean of their distances, weighted by the bins' counts
    (Naeini, Cooper, Hauskrecht 2015). Empty bins are left out.
    """
    y, p = np.asarray(y_N), np.asarray(p_N, np.float64)
    which = np.minimum((p * BINS).astype(int), BINS - 1)
    bins = []
    for place in range(BINS):
        inside = which == place
        if inside.any():
            bins.append(
                Bin(
                    place / BINS,
                    (place + 1) / BINS,
                    int(inside.sum()),
                    float(p[inside].mean()),
                    float(y[inside].mean()),
                )
            )
    return sum(b.count * abs(b.confidence - b.praise) for b in bins) / len(y), bins
