"""Masks and padding: who may be seen, and an output that must not move when padding is added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number, one_per_word
from attnkit.figures.canvas import Canvas, Plot, Table, legend
from attnkit.figures.labels import text_width

FloatArray = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LEFT, WIDE = 52.0, 620.0
BARS_TOP, BARS = 34.0, 96.0
TRACE_GAP, TRACE = 94.0, 120.0


def draw_masking(
    words: Sequence[str],
    keep_T: npt.ArrayLike,
    s_T: npt.ArrayLike,
    trace_P: npt.ArrayLike,
    pads: int,
    *,
    right_P: npt.ArrayLike | None = None,
    ghost: npt.ArrayLike | None = None,
    quantity: str = "output",
) -> Canvas:
    """A sentence with padding behind it: each word's weight, and the output at every length.

    ``keep_T`` says which positions may be seen: those that may not are hatched, and should weigh
    nothing. ``trace_P`` is the output with 0, 1, … P − 1 pads, ``pads`` how many there are now;
    ``right_P`` (dashed) is what it should be. ``ghost`` are the weights as they should be.
    """
    weights = one_per_word("weights", s_T, words)
    keep = np.asarray(keep_T, dtype=bool)
    if keep.shape != weights.shape:
        raise ValueError(f"There are {len(words)} words, but the mask has the shape {keep.shape}.")
    trace = np.asarray(trace_P, dtype=np.float64)
    ghosts = None if ghost is None else one_per_word("weights", ghost, words)
    canvas = Canvas(LEFT + WIDE + 24, BARS_TOP + BARS + TRACE_GAP + TRACE + 62)
    _draw_words(canvas, words, keep, weights, ghosts)
    should = None if right_P is None else np.asarray(right_P, dtype=np.float64)
    _draw_trace(canvas, trace, pads, should, quantity)
    signs = [
        ("box", style.BLUE, "weight"),
        ("box", style.ORANGE, "weight of what may not be seen"),
        ("hatch", style.QUIET, "masked"),
    ]
    if ghosts is not None or should is not None:
        signs.append(("dash", style.INK, "as it should be"))
    legend(canvas, LEFT, canvas.height - 12, signs)
    leaked = float(np.nansum(np.abs(weights[~keep])))
    moved = float(np.nanmax(trace) - np.nanmin(trace)) if np.isfinite(trace).any() else np.nan
    still = moved < 1e-6 * max(1.0, float(np.nanmax(np.abs(trace))))
    canvas.alt = (
        f"{int(keep.sum())} of {len(words)} positions may be seen; those that may not get a weight "
        f"of {number(leaked)} together. With 0 to {len(trace) - 1} pads the {quantity} "
        + ("stays where it is." if still else f"moves by {number(moved)}.")
    )
    rows = [
        (f"{t + 1} {word}", "kept" if keep[t] else "masked", f"{weights[t]:.3f}")
        for t, word in enumerate(words)
    ]
    canvas.table = Table(("position", "mask", "weight"), tuple(rows))
    return canvas


def _draw_words(
    canvas: Canvas,
    words: Sequence[str],
    keep: Bools,
    weights: FloatArray,
    ghosts: FloatArray | None,
) -> None:
    count = len(words)
    plot = Plot(canvas, LEFT, BARS_TOP, WIDE, BARS, (0, count), (0, 1))
    canvas.text(LEFT, 12, "weights", size=style.LARGE)
    plot.ticks_y([0, 0.5, 1], ["0", "½", "1"])
    step, floor = WIDE / count, BARS_TOP + BARS
    size = min(style.MEDIUM, max(5.0, 0.62 * step))
    upright = all(text_width(word, size) < step - 3 for word in words)
    for t, word in enumerate(words):
        x, wide = LEFT + t * step + 0.14 * step, 0.72 * step
        if not keep[t]:
            canvas.hatch(x, BARS_TOP, wide, BARS, style.FAINT, 6)
        if np.isfinite(weights[t]):
            tall = float(np.clip(weights[t], 0, 1)) * BARS
            canvas.rect(x, floor - tall, wide, tall, style.BLUE if keep[t] else style.ORANGE)
            if step > 24:
                above = tall if ghosts is None else max(tall, float(ghosts[t]) * BARS)
                canvas.text(x + wide / 2, floor - above - 8, number(float(weights[t])),
                            size=min(style.SMALL, 0.3 * step), anchor="middle")  # fmt: skip
        else:
            canvas.hatch(x, BARS_TOP, wide, BARS, style.ORANGE, 5)
            canvas.text(x + wide / 2, floor - 8, "nan", size=min(style.SMALL, 0.3 * step),
                        colour=style.ORANGE, anchor="middle", bold=True)  # fmt: skip
        if ghosts is not None:
            tall = max(float(ghosts[t]) * BARS, 0.6)
            canvas.rect(x - 1.5, floor - tall, wide + 3, tall, None, line=style.INK, dash=True)
        colour = style.INK if keep[t] else style.QUIET
        if upright:
            canvas.text(x + wide / 2, floor + 12, word, size=size, colour=colour, anchor="middle")
        else:
            canvas.text(x + wide / 2 + 3, floor + 8, word, size=size, colour=colour, anchor="end",
                        turn=50)  # fmt: skip


def _draw_trace(
    canvas: Canvas, trace: FloatArray, pads: int, should: FloatArray | None, quantity: str
) -> None:  # fmt: skip
    values = trace if should is None else np.concatenate([trace, should])
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-1.0, 1.0)
    room = max(0.15 * (high - low), 0.25)
    top = BARS_TOP + BARS + TRACE_GAP
    plot = Plot(canvas, LEFT, top, WIDE, TRACE, (0, len(trace) - 1), (low - room, high + room))
    canvas.text(LEFT, top - 20, f"{quantity}, pad by pad: it must not move", size=style.LARGE)
    plot.ticks_y()
    plot.ticks_x(name="pads behind the sentence")
    at = np.arange(len(trace))
    if should is not None:
        plot.curve(at, should, style.INK, thick=1.2, dash=True)
    plot.curve(at, trace, style.BLUE, thick=2)
    x = float(plot.at(pads, 0)[0])
    canvas.path([(x, top), (x, top + TRACE)], style.QUIET, thick=0.8)
    if np.isfinite(trace[pads]):
        y = float(plot.at(0, trace[pads])[1])
        canvas.dot(x, y, 5.5, style.BLUE, line=style.PAPER, thick=1.2)
        right = pads < 0.8 * len(trace)
        canvas.text(x + (9 if right else -9), y - 10, number(float(trace[pads])), bold=True,
                    size=style.SMALL, anchor="start" if right else "end")  # fmt: skip
    else:
        canvas.text(x + 6, top + 8, "nan", size=style.SMALL, colour=style.ORANGE, bold=True)
