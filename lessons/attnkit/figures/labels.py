"""Room for words: how wide they are, and where each goes so that it covers no other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from attnkit import style

FloatArray = npt.NDArray[np.float64]

# Where a label's middle may go, seen from its point: eight sides at growing distances.
_ANGLES = np.deg2rad([0, 180, 90, 270, 45, 135, 225, 315])
_GAPS = (6.0, 12.0, 20.0, 30.0, 42.0)  # points


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """The width of a word in points (1/72 inch) when set at ``size`` points."""
    if not text.strip():
        return 0.3 * size * len(text)
    font = FontProperties(family=style.RC["font.family"])
    with style.look():
        return float(TextPath((0, 0), text, size=size, prop=font).get_extents().width)


def widest(texts: Sequence[str], size: float) -> float:
    """The width in points of the widest of some words."""
    return max(text_width(text, size) for text in texts)


def place_labels(
    points_N2: FloatArray,
    widths_N: FloatArray,
    height: float,
    box: tuple[float, float],
    keep_free_M2: FloatArray | None = None,
) -> FloatArray:
    """Middles (N, 2) of N labels beside their points, spread so that they overlap little.

    All lengths are in points: ``points_N2`` from the lower left corner of a box of size ``box``,
    ``widths_N`` and ``height`` of the labels. ``keep_free_M2`` are further spots not to cover.
    Each label in turn takes the free place nearest to
    its point; a few rounds let early ones make room for late ones. The same input gives the same
    answer.
    """
    half_N2 = np.column_stack([widths_N / 2, np.full(len(widths_N), height / 2)])
    options = [_options(point, half) for point, half in zip(points_N2, half_N2, strict=True)]
    chosen = np.array([middles[0] for middles, _ in options])
    dots = np.full((1, 2), 4.0)
    rings_M2 = np.empty((0, 2)) if keep_free_M2 is None else keep_free_M2
    for _ in range(6):
        before = chosen.copy()
        for i, (middles_M2, far_M) in enumerate(options):
            others = np.arange(len(chosen)) != i
            cost_M = far_M + _covered(middles_M2, half_N2[i], chosen[others], half_N2[others])
            cost_M += 0.7 * _covered(middles_M2, half_N2[i], points_N2, dots)
            cost_M += 0.7 * _covered(middles_M2, half_N2[i], rings_M2, 1.5 * dots)
            cost_M += 50 * _outside(middles_M2, half_N2[i], box)
            chosen[i] = middles_M2[np.argmin(cost_M)]
        if np.array_equal(before, chosen):
            break
    return chosen


def _options(point: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Possible middles (M, 2) of one label, and what each costs for being far away (M,)."""
    middles, costs = [], []
    for gap in _GAPS:
        for turn, angle in enumerate(_ANGLES):
            toward = np.array([np.cos(angle), np.sin(angle)])
            middles.append(point + toward * (half + gap))
            costs.append(2.5 * (gap - _GAPS[0]) + turn)
    return np.array(middles), np.array(costs)


def _covered(
    middles_M2: FloatArray, half: FloatArray, others_N2: FloatArray, halves_N2: FloatArray
) -> FloatArray:
    """How much of other boxes a box of size 2·half covers, with its middle at each of M places."""
    apart_MN2 = np.abs(middles_M2[:, None] - others_N2[None])
    shared_MN2 = np.clip(half + halves_N2[None] - apart_MN2, 0, None)
    shared_MN2 = np.minimum(shared_MN2, 2 * np.minimum(half, halves_N2[None]))
    area_M: FloatArray = shared_MN2.prod(axis=2).sum(axis=1)
    return area_M


def _outside(middles_M2: FloatArray, half: FloatArray, box: tuple[float, float]) -> FloatArray:
    """By how many points a label would stick out of the box, at each of M places."""
    over = np.clip(middles_M2 + half - np.array(box), 0, None)
    under = np.clip(half - middles_M2, 0, None)
    length_M: FloatArray = (over + under).sum(axis=1)
    return length_M
