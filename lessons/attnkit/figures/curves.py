"""Learning curves of two ways, with intervals, and what the one gains over the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnkit import style
from attnkit.figures.canvas import Anchor, Canvas, Plot, Table, legend

LEFT, TOP, WIDE, HIGH, GAP = 56.0, 46.0, 320.0, 220.0, 96.0
Measured = Sequence[tuple[float, float]]  # mean and half its 95 % interval, in percent


@dataclass(frozen=True)
class Curve:
    """A way's share of right answers at each number of labels."""

    name: str
    values: Measured


def draw_curves(
    labels: Sequence[int], without: Curve, with_: Curve, gain: Measured, at: int
) -> Canvas:
    """Two learning curves over a number of labels, and their paired difference beside them.

    ``at`` is the place in ``labels`` whose numbers are told.
    """
    canvas = Canvas(LEFT + 2 * WIDE + GAP + 24, TOP + HIGH + 74)
    x = np.log10(np.array(labels, float))
    edges = (float(x[0]) - 0.15, float(x[-1]) + 0.15)
    every = [mean + sign * half for curve in (without, with_) for mean, half in curve.values
             for sign in (-1, 1)]  # fmt: skip
    left = Plot(canvas, LEFT, TOP, WIDE, HIGH, edges, (min(*every, 49) - 1, max(every) + 1))
    left.title("right, %", "of 1,000 test sentences")
    low = min((mean - half for mean, half in gain), default=0)
    high = max((mean + half for mean, half in gain), default=0)
    room = 0.12 * max(high - low, 1.0)
    right = Plot(
        canvas, LEFT + WIDE + GAP, TOP, WIDE, HIGH, edges,
        (min(low, 0) - room, max(high, 0) + room),
    )  # fmt: skip
    right.title("gain, points", "same draws, with less without")
    for plot in (left, right):
        plot.ticks_y()
        plot.ticks_x(x.tolist(), [f"{n:,}" for n in labels], name="labelled sentences")
        place = float(plot.at(x[at], plot.y[0])[0])
        canvas.path([(place, plot.top), (place, plot.top + plot.high)], style.FAINT, thick=6)
        plot.frame()
    for curve, colour, shift, dash in (
        (without, style.ORANGE, -0.02, True), (with_, style.BLUE, 0.02, False),
    ):  # fmt: skip
        _draw_curve(left, x + shift, curve.values, colour, dash)
    zero = right.at(list(edges), [0.0, 0.0])
    canvas.path(zero, style.INK, thick=1.2)
    _draw_curve(right, x, gain, style.BLUE, False)
    mean, half = gain[at]
    _say(canvas, right, float(x[at]), mean + half, f"{_signed(mean)} ± {half:.1f}", edges)
    keys = [("line", style.BLUE, with_.name), ("dash", style.ORANGE, without.name)]
    legend(canvas, LEFT, canvas.height - 14, keys)
    canvas.alt = (
        f"With {labels[at]:,} labels: {with_.name} {with_.values[at][0]:.1f} % right, "
        f"{without.name} {without.values[at][0]:.1f} %; the gain is {_signed(mean)} ± {half:.1f} "
        f"points{'' if abs(mean) > half else ', no more than chance'}."
    )
    canvas.table = Table(
        ("labels", f"{without.name}, %", f"{with_.name}, %", "gain, points"),
        tuple(
            (f"{n:,}", *(f"{m:.1f} ± {h:.1f}" for m, h in pair), f"{_signed(g[0])} ± {g[1]:.1f}")
            for n, *pair, g in zip(labels, without.values, with_.values, gain, strict=True)
        ),
    )
    return canvas


def _draw_curve(plot: Plot, x: object, values: Measured, colour: str, dash: bool) -> None:
    mean, half = (np.array(each, float) for each in zip(*values, strict=True))
    places = np.asarray(x, dtype=np.float64)
    plot.curve(places, mean, colour, thick=2, dash=dash)
    for place, m, h in zip(places, mean, half, strict=True):
        plot.canvas.path(plot.at([place, place], [m - h, m + h]), colour, thick=1.4)
        dot = plot.at(place, m)
        plot.canvas.dot(float(dot[0]), float(dot[1]), 3.4, colour, line=style.PAPER)


def _say(
    canvas: Canvas, plot: Plot, x: float, y: float, text: str, edges: tuple[float, float]
) -> None:
    """A number above a point of the plot, kept inside."""
    place, high = (float(v) for v in plot.at(x, y))
    anchor: Anchor = "start" if x - edges[0] < 0.4 else "end" if edges[1] - x < 0.4 else "middle"
    wide = 6.2 * len(text)
    left = {"start": place - 4, "end": place - wide + 4, "middle": place - wide / 2}[anchor]
    canvas.rect(left, high - 18, wide, 15, style.PAPER, alpha=0.85, round=3)
    canvas.text(place, high - 10, text, bold=True, anchor=anchor)


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
