"""Why scores are divided by √d_k: wide keys make large scores, and large scores one winner."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Plot, Table, legend, short
from attnkit.normalising import softmax

FloatArray = npt.NDArray[np.float64]

WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
QUERIES, KEYS, SEED = 200, 10, 4
LEFT, TOP, HIGH, GAP = 50.0, 46.0, 190.0, 66.0
BINS = np.arange(-51.0, 52.0, 2.0)


@lru_cache(maxsize=1)
def _normal() -> tuple[FloatArray, FloatArray]:
    """Queries and keys of standard normal numbers, drawn once at the greatest width."""
    rng = np.random.default_rng(SEED)
    return rng.normal(size=(QUERIES, WIDTHS[-1])), rng.normal(size=(KEYS, WIDTHS[-1]))


def normal_queries_and_keys(d_k: int) -> tuple[FloatArray, FloatArray]:
    """200 queries and 10 keys of width d_k: the first d_k components of the widest ones."""
    q_TK, k_SK = _normal()
    return q_TK[:, :d_k].copy(), k_SK[:, :d_k].copy()


@cache
def scores(d_k: int, scaled: bool) -> FloatArray:
    """The scores (200, 10) of these, as they are or divided by √d_k."""
    q_TK, k_SK = normal_queries_and_keys(d_k)
    s_TS: FloatArray = q_TK @ k_SK.T / (d_k**0.5 if scaled else 1.0)
    s_TS.setflags(write=False)
    return s_TS


@lru_cache(maxsize=2)
def _winners(scaled: bool) -> tuple[float, ...]:
    """The mean largest weight at each width."""
    largest = (softmax(scores(width, scaled), axis=-1).max(axis=-1) for width in WIDTHS)
    return tuple(float(np.mean(each)) for each in largest)


def draw_scaling(d_k: int, scaled: bool, w_TS: npt.ArrayLike | None = None) -> Canvas:
    """Scores of 200 random queries and 10 keys of width d_k, and what softmax makes of them.

    Left, how the scores spread. In the middle, the weights of one query. Right, the mean largest
    weight for every width, scaled or not. ``w_TS`` (200, 10) are weights to show in place of the
    true ones.
    """
    s_TS = scores(d_k, scaled)
    true_TS = softmax(s_TS, axis=-1)
    weights = true_TS if w_TS is None else np.asarray(w_TS, dtype=np.float64)
    canvas = Canvas(752, TOP + HIGH + 58)
    spread = float(s_TS.std())

    counts, _ = np.histogram(np.clip(s_TS, BINS[0], BINS[-1]), BINS)
    share = counts / counts.sum()
    left = Plot(canvas, LEFT, TOP, 200, HIGH, (BINS[0], BINS[-1]), (0, 0.9))
    left.title("scores q·k / √d_k" if scaled else "scores q·k")
    left.ticks_x([-40, -20, 0, 20, 40])
    left.ticks_y([0, 0.25, 0.5, 0.75], name="share of scores")
    for low, part in zip(BINS[:-1], share, strict=True):
        (x, y), (right, floor) = left.at(low, min(part, 0.9)), left.at(low + 2, 0)
        canvas.rect(x + 0.3, y, right - x - 0.6, floor - y, style.SKY)
    canvas.text(LEFT + 200, TOP + 8, f"standard deviation {short(spread, 3)}", size=style.SMALL,
                anchor="end")  # fmt: skip
    theory = "1" if scaled else f"√{d_k} = {short(d_k**0.5, 3)}"
    canvas.text(LEFT + 200, TOP + 21, f"in theory {theory}", size=style.SMALL, colour=style.QUIET,
                anchor="end")  # fmt: skip

    middle = Plot(canvas, LEFT + 200 + GAP, TOP, 160, HIGH, (0, KEYS), (0, 1))
    middle.title("weights of one query")
    middle.ticks_y([0, 0.5, 1], ["0", "½", "1"])
    middle.ticks_x([0.5, KEYS - 0.5], ["key 1", f"key {KEYS}"])
    for s, weight in enumerate(weights[0]):
        (x, y), (right, floor) = (
            middle.at(s + 0.15, float(np.clip(weight, 0, 1))),
            middle.at(s + 0.85, 0),
        )
        if np.isfinite(weight):
            canvas.rect(x, y, right - x, floor - y, style.BLUE)
            if w_TS is not None:
                tall = float(middle.at(s, true_TS[0, s])[1])
                canvas.rect(
                    x - 1.5, tall, right - x + 3, floor - tall, None, line=style.INK, dash=True
                )

    right_plot = Plot(
        canvas, LEFT + 200 + 160 + 2 * GAP, TOP, 180, HIGH, (0, float(np.log2(WIDTHS[-1]))), (0, 1)
    )
    right_plot.title("mean largest weight")
    right_plot.ticks_y([0, 0.5, 1], ["0", "½", "1"])
    right_plot.ticks_x([0, 3, 6, 9], ["1", "8", "64", "512"], name="d_k")
    steps = np.log2(WIDTHS)
    right_plot.curve(steps, _winners(False), style.ORANGE, thick=2)
    right_plot.curve(steps, _winners(True), style.BLUE, thick=2)
    largest = float(weights.max(axis=-1).mean())
    x, y = right_plot.at(np.log2(d_k), np.nan_to_num(largest))
    canvas.dot(x, y, 5.5, style.BLUE if scaled else style.ORANGE, line=style.PAPER, thick=1.2)
    canvas.text(x + (9 if d_k < 64 else -9), y - 9, number(largest), size=style.SMALL,
                anchor="start" if d_k < 64 else "end", bold=True)  # fmt: skip
    legend(
        canvas,
        right_plot.left,
        TOP + HIGH + 46,
        [("line", style.ORANGE, "unscaled"), ("line", style.BLUE, "divided by √d_k")],
    )
    how = "divided by √d_k" if scaled else "not divided"
    canvas.alt = (
        f"Keys of width {d_k}, scores {how}: their standard deviation is {short(spread, 3)}, "
        f"and on average the largest of {KEYS} weights is {number(largest)}."
    )
    rows = [
        (str(w), short(float(scores(w, False).std()), 3), number(a), number(b))
        for w, a, b in zip(WIDTHS, _winners(False), _winners(True), strict=True)
    ]
    heads = ("d_k", "deviation of q·k", "largest weight, unscaled", "largest weight, scaled")
    canvas.table = Table(heads, tuple(rows))
    return canvas
