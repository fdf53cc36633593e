"""Positions as vectors: how alike two positions are, by their distance, the width and the base."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Plot, Rgb, Table, legend

FloatArray = npt.NDArray[np.float64]

POSITIONS = 64
LEFT, TOP, SIDE, GAP = 44.0, 44.0, 210.0, 74.0
CURVE = 330.0


def wavelengths(D: int, base: float) -> FloatArray:
    """How many positions each pair of sine and cosine takes for one turn: (D / 2,)."""
    pairs = np.arange(D // 2)
    lengths: FloatArray = 2 * np.pi * np.exp(np.log(base) * 2 * pairs / D)
    return lengths


def likeness(D: int, base: float, T: int = POSITIONS) -> FloatArray:
    """The cosine of the angle between positions, (T, T): the mean of one cosine for each pair."""
    apart = np.arange(T)[:, None] - np.arange(T)[None]
    turns = apart[..., None] / wavelengths(D, base)
    alike: FloatArray = np.cos(2 * np.pi * turns).mean(axis=-1)
    return alike


def _diverging(values: FloatArray) -> Rgb:
    """Colours from −1 (orange) by way of 0 (grey-white) to 1 (blue)."""
    level = np.clip(0.5 + 0.5 * np.nan_to_num(values), 0, 1)
    colours: Rgb = (255 * mpl.colormaps["PuOr"](level)[..., :3]).round().astype(np.uint8)
    return colours


def draw_positions(
    D: int, base: float, position: int, pe_TD: npt.ArrayLike | None = None
) -> Canvas:  # fmt: skip
    """How alike the positions of a sentence are, when each is a vector of sines and cosines.

    Left, every pair of 64 positions; right, one position beside all others. ``pe_TD`` (64, D) are
    vectors of a function to look at: they make the picture, and the true likeness is dashed.
    """
    true = likeness(D, base)
    alike = true
    if pe_TD is not None:
        vectors = np.asarray(pe_TD, dtype=np.float64)
        lengths = np.linalg.norm(vectors, axis=1)
        with np.errstate(all="ignore"):
            alike = np.nan_to_num(vectors @ vectors.T / np.outer(lengths, lengths))
    canvas = Canvas(LEFT + SIDE + GAP + CURVE + 40, TOP + SIDE + 74)
    plot = Plot(canvas, LEFT, TOP, SIDE, SIDE, (0, POSITIONS), (POSITIONS, 0))
    plot.title("how alike are two positions")
    canvas.image(LEFT, TOP, SIDE, SIDE, _diverging(alike))
    cell = SIDE / POSITIONS
    canvas.rect(LEFT - 1, TOP + position * cell - 1, SIDE + 2, cell + 2, None, line=style.INK,
                thick=1.2)  # fmt: skip
    marks = [0, 16, 32, 48, 63]
    plot.ticks_x([mark + 0.5 for mark in marks], map(str, marks))
    plot.ticks_y([mark + 0.5 for mark in marks], map(str, marks), grid=False)
    bar = LEFT + 20
    canvas.image(
        bar, TOP + SIDE + 30, 120, 9, _diverging(np.linspace(-1, 1, 61)[None]), smooth=True
    )
    for at, label in ((0, "−1"), (60, "0"), (120, "1, the same")):
        canvas.text(bar + at, TOP + SIDE + 48, label, size=style.SMALL, colour=style.QUIET,
                    anchor="middle")  # fmt: skip

    left = LEFT + SIDE + GAP
    curve = Plot(canvas, left, TOP, CURVE, SIDE, (0, POSITIONS - 1), (-0.6, 1.05))
    curve.title(f"position {position}, beside every other")
    curve.ticks_y([-0.5, 0, 0.5, 1], ["−½", "0", "½", "1"])
    curve.ticks_x(marks, map(str, marks), name="position")
    x = float(curve.at(position, 0)[0])
    canvas.path([(x, TOP), (x, TOP + SIDE)], style.FAINT, thick=1)
    steps = np.arange(POSITIONS)
    if pe_TD is not None:
        curve.curve(steps, true[position], style.INK, dash=True, thick=1.3)
    curve.curve(steps, alike[position], style.BLUE, thick=2)
    turns = wavelengths(D, base)
    signs = [("line", style.BLUE, "cosine of the angle")]
    if pe_TD is not None:
        signs.append(("dash", style.INK, "as it should be"))
    end = legend(canvas, left, TOP + SIDE + 46, signs)
    canvas.text(
        end,
        TOP + SIDE + 46,
        f"waves of {turns[0]:.1f} to {turns[-1]:,.0f} positions",
        size=style.SMALL,
        colour=style.QUIET,
    )
    beside = alike[position, min(position + 1, POSITIONS - 1) if position < 63 else 62]
    far = alike[position, 0 if position >= 32 else POSITIONS - 1]
    canvas.alt = (
        f"Vectors of width {D}, base {base:g}: position {position} is {number(float(beside))} like "
        f"its neighbour and {number(float(far))} like the farthest one. The longest wave is "
        f"{turns[-1]:,.0f} positions."
    )
    rows = [(str(t), number(float(alike[position, t]))) for t in range(POSITIONS)]
    canvas.table = Table(("position", f"like position {position}"), tuple(rows))
    return canvas
