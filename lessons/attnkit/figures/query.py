"""A query in a plane of keys: the nearer its direction, the more weight; the mix moves along."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import describe_weights, number, one_per_word
from attnkit.figures.canvas import Canvas, Plot, Table, legend
from attnkit.figures.labels import place_labels, text_width, widest

FloatArray = npt.NDArray[np.float64]

SIDE = 330.0  # points: of the plane
AXES = "first number of a key", "second number"
BARS, TALLEST_LINE = 190.0, 40.0
TOP, BOTTOM, MARGIN = 40.0, 60.0, 30.0
PLANE = MARGIN, TOP, SIDE  # its left edge, its upper one, its side
DOT, DOT_PER_WEIGHT = 3.0, 17.0  # radii: of every key, and more for all attention


def draw_query(
    words: Sequence[str],
    k_S2: npt.ArrayLike,
    q_2: npt.ArrayLike,
    w_S: npt.ArrayLike,
    o_2: npt.ArrayLike | None = None,
    *,
    ghost: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    reach: float | None = None,
    axes: tuple[str, str] = AXES,
) -> Canvas:
    """S keys in a plane, the query q as an arrow, and the weights it gives them.

    A dot's radius grows with the root of its key's weight. On a green line all keys would score
    alike: it stands across the query. The star is the output o, the mean of the keys by weight (the
    values are the keys here). ``ghost = (w_S, o_2)`` is drawn dashed: how it should be. ``reach``
    is the greatest coordinate to make room for, ``axes`` names what a key's two numbers are.
    """
    keys = np.asarray(k_S2, dtype=np.float64)
    if keys.shape != (len(words), 2):
        raise ValueError(f"{len(words)} words need keys of shape ({len(words)}, 2).")
    q = np.asarray(q_2, dtype=np.float64)
    weights = one_per_word("weights", w_S, words)
    most = float(np.abs(keys).max()) + 0.4 if reach is None else reach
    left = MARGIN + SIDE + 44 + widest(words, style.MEDIUM)
    line = min(TALLEST_LINE, SIDE / len(words))
    canvas = Canvas(left + BARS + 50, TOP + SIDE + BOTTOM)
    plane = Plot(canvas, MARGIN, TOP, SIDE, SIDE, (-most, most), (-most, most))
    canvas.text(MARGIN, TOP - 20, "keys in the plane, and the query", size=style.LARGE)
    canvas.rect(MARGIN, TOP, SIDE, SIDE, None, line=style.FAINT)
    for axis in ([(-most, 0), (most, 0)], [(0, -most), (0, most)]):
        canvas.path(plane.at(*np.transpose(axis)), style.FAINT, thick=0.8)
    canvas.text(MARGIN + SIDE, TOP + SIDE + 10, f"{axes[0]} →", size=style.SMALL,
                colour=style.QUIET, anchor="end")  # fmt: skip
    canvas.text(MARGIN - 12, TOP, f"{axes[1]} →", size=style.SMALL, colour=style.QUIET,
                anchor="end", turn=90)  # fmt: skip
    _draw_levels(plane, q, most)
    _draw_pulls(plane, keys, weights, o_2)
    for key, weight in zip(keys, weights, strict=True):
        x, y = plane.at(*key)
        part = float(np.clip(np.nan_to_num(weight), 0, 1))
        canvas.dot(x, y, DOT + DOT_PER_WEIGHT * part**0.5, style.BLUE, alpha=0.6)
        canvas.dot(x, y, 1.6, style.INK)
    canvas.arrow(tuple(plane.at(0, 0)), tuple(plane.at(*q)), style.GREEN, thick=2.4, head=11)
    _name_keys(plane, words, keys, plane.at(*q))
    if np.hypot(*q) > 1e-6:
        x, y = plane.at(*(0.6 * q))
        aside = np.array([q[1], q[0]]) / np.hypot(*q) * 11
        canvas.text(x + aside[0], y + aside[1], "q", colour=style.GREEN, bold=True, anchor="middle")
    if ghost is not None and np.isfinite(ghost[1]).all():
        x, y = plane.at(*np.asarray(ghost[1], dtype=np.float64))
        canvas.star(x, y, 12, None, line=style.INK, dash=True)
    if o_2 is not None and np.isfinite(o_2).all():
        x, y = plane.at(*np.asarray(o_2, dtype=np.float64))
        canvas.star(x, y, 10, style.ORANGE, line=style.PAPER, thick=0.8)
    signs = [("line", style.GREEN, "all keys on it score alike"), ("star", style.ORANGE, "output")]
    if ghost is not None:
        signs.append(("dash", style.INK, "as it should be"))
    legend(canvas, MARGIN, TOP + SIDE + 32, signs)
    draw_bars(canvas, left, TOP, words, weights, None if ghost is None else ghost[0], line=line)
    canvas.alt = (
        f"The query points to ({number(float(q[0]))}, {number(float(q[1]))}). "
        f"{describe_weights(words, weights)}"
    )
    rows = [
        (word, number(key[0]), number(key[1]), number(float(key @ q)), f"{weight:.3f}")
        for word, key, weight in zip(words, keys, weights, strict=True)
    ]
    canvas.table = Table(("key", *axes, "q · k", "weight"), tuple(rows))
    return canvas


def draw_bars(
    canvas: Canvas, left: float, top: float, words: Sequence[str], weights: FloatArray,
    ghost_S: npt.ArrayLike | None = None, *, wide: float = BARS, title: str = "weight",
    line: float = 24.0,
) -> None:  # fmt: skip
    """Horizontal bars of weights, their words left of them."""
    ghosts = None if ghost_S is None else one_per_word("weights", ghost_S, words)
    plot = Plot(canvas, left, top, wide, line * len(words), (0, 1), (0, 1))
    canvas.text(left, top - 20, title, size=style.LARGE)
    plot.ticks_x([0, 0.5, 1], ["0", "½", "1"], grid=True)
    tall = min(0.3 * line, 9.0)
    for s, word in enumerate(words):
        y, end = top + (s + 0.5) * line, 0.0
        canvas.text(left - 8, y, word, anchor="end")
        if np.isfinite(weights[s]):
            end = wide * float(np.clip(weights[s], 0, 1))
            canvas.rect(left, y - tall, end, 2 * tall, style.BLUE)
        else:
            canvas.hatch(left, y - tall, wide, 2 * tall, style.ORANGE)
        if ghosts is not None:
            long = max(wide * float(np.clip(ghosts[s], 0, 1)), 0.8)
            canvas.rect(left, y - tall - 2.5, long, 2 * tall + 5, None, line=style.INK, dash=True)
            end = max(end, long)
        canvas.text(left + end + 5, y, number(float(weights[s])), size=style.SMALL)


def _draw_levels(plane: Plot, q: FloatArray, most: float) -> None:
    """Lines across the query, one for each whole score that fits."""
    length = float(np.hypot(*q))
    if length < 1e-6:
        return
    along = q / length
    across = np.array([-along[1], along[0]])
    top = int(length * most * float(np.abs(along).sum()))
    for level in range(-top, top + 1):
        line = _clipped(level / length * along, across, most)
        if line is not None:
            plane.canvas.path(plane.at(*line.T), style.GREEN, thick=0.8, alpha=0.3)


def _clipped(middle: FloatArray, way: FloatArray, most: float) -> FloatArray | None:
    """The part of a line inside the square −most … most, as two points; None if there is none."""
    low, high = -np.inf, np.inf
    for at, step in zip(middle, way, strict=True):
        if abs(step) < 1e-12:
            if abs(at) > most:
                return None
            continue
        ends = sorted(((-most - at) / step, (most - at) / step))
        low, high = max(low, ends[0]), min(high, ends[1])
    return np.array([middle + low * way, middle + high * way]) if low < high else None


def _draw_pulls(
    plane: Plot, keys: FloatArray, weights: FloatArray, o_2: npt.ArrayLike | None
) -> None:  # fmt: skip
    """Bands from each key to the output: who pulls."""
    if o_2 is None or not np.isfinite(o_2).all():
        return
    output = np.asarray(o_2, dtype=np.float64)
    for key, weight in zip(keys, weights, strict=True):
        if np.isfinite(weight) and weight >= 0.01:
            ends = np.stack([key, output])
            plane.canvas.path(
                plane.at(*ends.T), style.ORANGE, thick=7 * float(min(weight, 1)), alpha=0.35
            )


def _name_keys(
    plane: Plot, words: Sequence[str], keys: FloatArray, tip: FloatArray
) -> None:  # fmt: skip
    points = plane.at(keys[:, 0], keys[:, 1]) - (plane.left, plane.top)
    widths = np.array([text_width(word, style.MEDIUM) + 2 for word in words])
    free = (tip - (plane.left, plane.top))[None]
    middles = place_labels(points, widths, 1.2 * style.MEDIUM, (plane.wide, plane.high), 0 * free)
    for word, (x, y) in zip(words, middles, strict=True):
        plane.canvas.text(plane.left + x, plane.top + y, word, anchor="middle")
