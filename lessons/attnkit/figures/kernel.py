"""Attention as a regression: a query between examples, and the bell that says who is near."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Plot, Table, legend

FloatArray = npt.NDArray[np.float64]

LEFT, TOP, WIDE, HIGH = 62.0, 40.0, 560.0, 230.0
BELL = 0.32  # height of the bell, of the plot's
TICK = 0.045  # of the examples above and below
POINTS = 161  # of the curve


def reach_of(x_S: npt.ArrayLike) -> float:
    """How far the picture goes on either side of 0: the power of two that holds all examples."""
    most = float(np.abs(np.asarray(x_S, dtype=np.float64)).max())
    return float(2.0 ** np.ceil(np.log2(max(most, 0.25))))


def grid_of(x_S: npt.ArrayLike) -> FloatArray:
    """Where the curve is worked out: evenly over all of the picture."""
    return np.linspace(-reach_of(x_S), reach_of(x_S), POINTS)


def nadaraya_watson(
    xq_T: npt.ArrayLike, x_S: npt.ArrayLike, y_S: npt.ArrayLike, h: float
) -> FloatArray:  # fmt: skip
    """The mean of the y by bells of width h around each query: (T,)."""
    x, y = np.asarray(x_S, dtype=np.float64), np.asarray(y_S, dtype=np.float64)
    means = []
    for xq in np.asarray(xq_T, dtype=np.float64):
        far = ((x - xq) / h) ** 2
        means.append(np.average(y, weights=np.exp((far.min() - far) / 2)))
    return np.array(means)


def draw_kernel(
    x_S: npt.ArrayLike,
    y_S: npt.ArrayLike,
    h: float,
    xq: float,
    curve: npt.ArrayLike | None = None,
    predicted: float | None = None,
) -> Canvas:
    """S examples with labels 0 and 1, the bell of width h around a query, and the regression.

    Each example is a stroke: above for label 1, below for 0, the darker the more it counts for the
    query. ``curve``, on `grid_of(x_S)`, and ``predicted``, for the query, are results to show; the
    true ones are dashed then. All x in the units of ``x_S``.
    """
    x, y = np.asarray(x_S, dtype=np.float64), np.asarray(y_S, dtype=np.float64)
    grid = grid_of(x)
    truth, answer = nadaraya_watson(grid, x, y, h), float(nadaraya_watson([xq], x, y, h)[0])
    canvas = Canvas(LEFT + WIDE + 30, TOP + HIGH + 82)
    plot = Plot(canvas, LEFT, TOP, WIDE, HIGH, (float(grid[0]), float(grid[-1])), (-0.16, 1.16))
    plot.title(f"weights by a bell of width h = {h:.3g}")
    plot.ticks_y([0, 0.5, 1], ["0", "½", "1"], name="share of praise")
    plot.ticks_x(name="praise of the sentence's plain mean")

    bell = np.exp(-((grid - xq) ** 2) / (2 * h**2))
    floor = plot.y[0]
    shape = plot.at(
        np.concatenate([grid[:1], grid, grid[-1:]]),
        np.concatenate([[floor], floor + BELL * bell * (plot.y[1] - floor), [floor]]),
    )
    canvas.path(shape, None, fill=style.GREEN, alpha=0.18)
    _draw_examples(plot, x, y, np.exp(-((x - xq) ** 2) / (2 * h**2)))

    if curve is None:
        plot.curve(grid, truth, style.BLUE, thick=2.2)
    else:
        plot.curve(grid, curve, style.BLUE, thick=2.2)
        plot.curve(grid, truth, style.INK, thick=1.2, dash=True)
    shown = answer if predicted is None else predicted
    across = plot.at(xq, floor)
    canvas.path([across, plot.at(xq, plot.y[1])], style.GREEN, thick=1.2)
    if np.isfinite(shown):
        mark = plot.at(xq, np.clip(shown, *plot.y))
        canvas.star(float(mark[0]), float(mark[1]), 9, style.ORANGE, line=style.PAPER, thick=0.8)
    signs = [
        ("line", style.GREEN, "query"),
        ("box", style.GREEN, "its bell"),
        ("line", style.BLUE, "prediction everywhere"),
        ("star", style.ORANGE, "for the query"),
    ]
    if curve is not None:
        signs.append(("dash", style.INK, "as it should be"))
    legend(canvas, LEFT, TOP + HIGH + 56, signs)

    weights = np.exp((((x - xq) ** 2).min() - (x - xq) ** 2) / (2 * h**2))
    counted = float(weights.sum() ** 2 / (weights**2).sum())
    got = f"gets {number(shown)}" if np.isfinite(shown) else f"should get {number(answer)}"
    ones = "a single one" if counted < 1.5 else f"{counted:.0f} equal ones"
    canvas.alt = (
        f"With h = {h:.3g}, the query at {number(xq)} {got}: a mean over {len(x)} examples, as "
        f"wavering as a mean over {ones}."
    )
    canvas.table = Table(
        ("x", "prediction"),
        tuple((number(float(grid[i])), f"{truth[i]:.3f}") for i in range(0, POINTS, 20)),
    )
    return canvas


def _draw_examples(plot: Plot, x: FloatArray, y: FloatArray, nearness: FloatArray) -> None:
    """Strokes for all examples, in three strengths, so that a picture stays small."""
    for low, high, colour, alpha in (
        (-1.0, 0.05, style.QUIET, 0.35),
        (0.05, 0.5, style.BLUE, 0.5),
        (0.5, 2.0, style.BLUE, 1.0),
    ):
        chosen = (nearness > low) & (nearness <= high)
        strokes: list[FloatArray] = []
        for place, label in zip(x[chosen], y[chosen], strict=True):
            base = 1.0 + TICK if label > 0.5 else -TICK
            step = TICK if label > 0.5 else -TICK
            strokes += [plot.at(place, base), plot.at(place, base + step), np.full(2, np.nan)]
        if strokes:
            plot.canvas.path(np.array(strokes), colour, thick=1.0, alpha=alpha)
