"""How much each word of a text counts, and what is left of the probability without the top ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table, legend, short
from attnkit.figures.strip import HIGH, LINE, SIZE, STRONGEST, WIDTH, set_words

FloatArray = npt.NDArray[np.float64]

LEFT, PLOT_WIDE, PLOT_HIGH = 52.0, 600.0, 130.0


@dataclass(frozen=True)
class Deleting:
    """What happens to a probability as words are hidden: curves over ks.

    p: the k words that count most are hidden. low, mean, high: k words drawn by chance are; nine
    draws in ten lie between low and high.
    """

    ks: Sequence[int]
    p: FloatArray
    low: FloatArray
    mean: FloatArray
    high: FloatArray


def draw_attribution(
    words: Sequence[str], e_T: npt.ArrayLike, deleting: Deleting, k: int, *, method: str = "",
) -> Canvas:  # fmt: skip
    """T words on grounds of their values e, and below the probability without the k top ones.

    Blue is above 0 and orange below, on a square-root scale up to the greatest size; below each
    word stands its number. The k words that are hidden are struck out. Raises ValueError for other
    shapes.
    """
    values = np.asarray(e_T, dtype=np.float64)
    if values.shape != (len(words),) or not len(words):
        raise ValueError(f"There are {len(words)} words, but values of the shape {values.shape}.")
    order = np.argsort(-np.nan_to_num(values), kind="stable")
    hidden = np.zeros(len(words), bool)
    hidden[order[:k]] = True
    places, lines = set_words(words)
    canvas = Canvas(WIDTH, lines * LINE + 42 + PLOT_HIGH + 62)
    _draw_words(canvas, 8, words, places, values, hidden)
    _draw_deleting(canvas, lines * LINE + 42, deleting, k, method)
    canvas.alt = _in_words(words, values, order, deleting, k, method)
    rows = [
        (word, short(float(value), 3), "hidden" if gone else "")
        for word, value, gone in zip(words, values, hidden, strict=True)
    ]
    canvas.table = Table(("word", method or "value", f"k = {k}"), tuple(rows))
    return canvas


def _draw_words(
    canvas: Canvas, top: float, words: Sequence[str], places: Sequence[tuple[float, int, float]],
    values: FloatArray, hidden: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    sizes = np.abs(values[np.isfinite(values)])
    most = max(float(sizes.max()) if len(sizes) else 1.0, 1e-12)
    for word, (x, line, wide), value, gone in zip(words, places, values, hidden, strict=True):
        y = top + line * LINE
        if not np.isfinite(value):
            canvas.hatch(x, y, wide, HIGH, style.ORANGE, 5)
        else:
            strength = STRONGEST * float(np.sqrt(min(abs(value) / most, 1)))
            colour = style.BLUE if value >= 0 else style.ORANGE
            canvas.rect(x, y, wide, HIGH, colour, alpha=strength, round=4)
        canvas.text(x + wide / 2, y + HIGH / 2, word, size=SIZE, anchor="middle")
        if gone:
            middle = y + HIGH / 2
            canvas.path([(x + 2, middle), (x + wide - 2, middle)], style.INK, thick=2.2)
        canvas.text(x + wide / 2, y + HIGH + 7, short(float(value), 2), size=7.0,
                    colour=style.QUIET, anchor="middle")  # fmt: skip


def _draw_deleting(canvas: Canvas, top: float, deleting: Deleting, k: int, method: str) -> None:
    ks = list(deleting.ks)
    plot = Plot(canvas, LEFT, top, PLOT_WIDE, PLOT_HIGH, (0, max(ks[-1], 1)), (0, 1))
    plot.title("Probability of praise", "with the top k words hidden")
    plot.ticks_y([0, 0.5, 1], ["0", "½", "1"])
    plot.ticks_x(ks if len(ks) < 22 else ks[::2], name="words hidden, k")
    there_and_back = np.concatenate([ks, ks[::-1]])
    edges = np.concatenate([deleting.low, deleting.high[::-1]])
    canvas.path(plot.at(there_and_back, edges), None, fill=style.GREY, alpha=0.35)
    plot.curve(ks, deleting.mean, style.QUIET, thick=1.4, dash=True)
    plot.curve(ks, deleting.p, style.BLUE, thick=2.0)
    for x, y in plot.at(ks, deleting.p):
        canvas.dot(x, y, 2.6, style.BLUE)
    plot.frame()
    if k in ks:
        p = float(deleting.p[ks.index(k)])
        x, y = plot.at(k, p)
        canvas.dot(x, y, 6, None, line=style.ORANGE, thick=2)
        above = y - 15 if y > top + 30 else y + 16
        canvas.rect(x - 13, above - 7, 26, 14, style.PAPER, alpha=0.85, round=3)
        canvas.text(x, above, f"{p:.2f}", bold=True, anchor="middle")
    keys = [("line", style.BLUE, f"by {method}" if method else "by these values")]
    keys += [("dash", style.QUIET, "by chance, on average")]
    keys += [("box", style.GREY, "nine draws in ten")]
    legend(canvas, LEFT, canvas.height - 10, keys)


def _in_words(
    words: Sequence[str], values: FloatArray, order: npt.NDArray[np.int_], deleting: Deleting,
    k: int, method: str,
) -> str:  # fmt: skip
    top = ", ".join(f"“{words[t]}” {short(float(values[t]), 2)}" for t in order[:3])
    start = f"{method[0].upper()}{method[1:]}: most" if method else "Most"
    said = f"{start} to {top}. "
    ks = list(deleting.ks)
    if k not in ks:
        return said
    at = ks.index(k)
    p, low, high = (float(each[at]) for each in (deleting.p, deleting.low, deleting.high))
    if k == 0:
        return f"{said}With all words p is {p:.2f}."
    hidden = f"the top {k} words" if k > 1 else "the top word"
    return (
        f"{said}Without {hidden} p goes from {float(deleting.p[0]):.2f} to {p:.2f}; without as "
        f"many drawn by chance it is between {low:.2f} and {high:.2f}, nine times in ten."
    )
