"""Rows of small pictures below each other: what was stored, what was shown, what was recalled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Rgb
from attnkit.figures.labels import widest

SIDE, GAP, TOP, PIXELS = 46.0, 9.0, 12.0, 8


def draw_digits(rows: Mapping[str, npt.ArrayLike]) -> Canvas:
    """Digits of 8 by 8 pixels: for each name a row of N of them, (N, 64).

    All are drawn on one scale, dark where the numbers are high; a NaN is hatched.
    """
    pictures = {name: np.asarray(row_ND, dtype=np.float64) for name, row_ND in rows.items()}
    if not pictures or any(row.ndim != 2 or row.shape[1] != PIXELS**2 for row in pictures.values()):
        raise ValueError("Each row should have the shape (N, 64): N digits of 8 by 8 numbers.")
    finite = np.concatenate([row[np.isfinite(row)] for row in pictures.values()])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    left = 14 + widest(list(pictures), style.MEDIUM)
    most = max(len(row) for row in pictures.values())
    canvas = Canvas(left + most * (SIDE + GAP) + 8, 2 * TOP + len(pictures) * (SIDE + GAP))
    for line, (name, row) in enumerate(pictures.items()):
        y = TOP + line * (SIDE + GAP)
        canvas.text(left - 8, y + SIDE / 2, name, anchor="end")
        for place, pattern in enumerate(row):
            x = left + place * (SIDE + GAP)
            level = (np.nan_to_num(pattern, nan=low) - low) / max(high - low, 1e-12)
            grey: Rgb = (255 * (1 - 0.88 * level)).astype(np.uint8).reshape(PIXELS, PIXELS)
            canvas.image(x, y, SIDE, SIDE, np.repeat(grey[:, :, None], 3, axis=2))
            _hatch_unseen(canvas, x, y, np.isnan(pattern).reshape(PIXELS, PIXELS))
            canvas.rect(x, y, SIDE, SIDE, None, line=style.QUIET, thick=0.8)
    canvas.alt = f"{most} small pictures in each of {len(pictures)} rows: {', '.join(pictures)}."
    return canvas


def _hatch_unseen(canvas: Canvas, x: float, y: float, unseen: npt.NDArray[np.bool_]) -> None:
    """Slanted lines where there is nothing to see, a stretch of a line at a time."""
    side = SIDE / PIXELS
    for i, row in enumerate(unseen):
        steps = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(int)))
        for start, end in steps.reshape(-1, 2):
            canvas.hatch(x + start * side, y + i * side, (end - start) * side, side, style.GREY)
