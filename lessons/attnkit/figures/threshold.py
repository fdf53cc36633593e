"""Where to draw the line: two classes' probabilities, and what a threshold makes of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table

FloatArray = npt.NDArray[np.float64]

LEFT, TOP, WIDE, HALF = 44.0, 44.0, 380.0, 104.0
SQUARE = 96.0
BINS = 40


def draw_threshold(
    y_N: npt.ArrayLike,
    p_N: npt.ArrayLike,
    threshold: float,
    names: tuple[str, str] = ("blame", "praise"),
) -> Canvas:
    """Probabilities of two classes as histograms, a threshold through both, and the confusions.

    y_N: 0 or 1. p_N: the model's probability of 1, of shape (N,) or (N, 1). Whatever reaches the
    threshold is called ``names[1]``.
    """
    y = np.asarray(y_N).reshape(-1)
    p = np.asarray(p_N, dtype=np.float64).reshape(-1)
    if y.shape != p.shape:
        raise ValueError(f"There are {len(y)} labels, but {len(p)} probabilities.")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("Every label must be 0 or 1.")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("Probabilities lie between 0 and 1: are these logits?")
    said = p >= threshold
    table = np.array(
        [[int((said[y == fact] == guess).sum()) for guess in (0, 1)] for fact in (0, 1)]
    )
    canvas = Canvas(LEFT + WIDE + 56 + 2 * SQUARE + 120, TOP + 2 * HALF + 88)
    _draw_histograms(canvas, y, p, threshold, names)
    _draw_table(canvas, table, names)
    right = int(table[0, 0] + table[1, 1])
    called = max(int(table[:, 1].sum()), 1)
    real = max(int(table[1].sum()), 1)
    measures = (
        ("accuracy", right / len(y)),
        (f"of what is called {names[1]}, right", int(table[1, 1]) / called),
        (f"of all {names[1]}, found", int(table[1, 1]) / real),
    )
    left = LEFT + WIDE + 56
    for row, (what, value) in enumerate(measures):
        at = TOP + 2 * SQUARE + 50 + 17 * row
        canvas.text(left + 2 * SQUARE + 86, at, f"{value:.1%}", anchor="end", bold=row == 0)
        canvas.text(left + 2 * SQUARE + 34, at, what, anchor="end", size=style.SMALL)
    canvas.alt = (
        f"At a threshold of {threshold:.2f}, {right / len(y):.1%} of {len(y):,} are right: "
        f"{table[1, 1]} {names[1]} found, {table[1, 0]} missed; {table[0, 1]} {names[0]} called "
        f"{names[1]}, {table[0, 0]} not."
    )
    canvas.table = Table(
        ("", f"called {names[0]}", f"called {names[1]}"),
        tuple((f"is {names[fact]}", *(str(n) for n in table[fact])) for fact in (0, 1)),
    )
    return canvas


def _draw_histograms(
    canvas: Canvas,
    y: npt.NDArray[np.generic],
    p: FloatArray,
    threshold: float,
    names: tuple[str, str],
) -> None:
    edges = np.linspace(0, 1, BINS + 1)
    counts = [np.histogram(p[y == fact], edges)[0] for fact in (0, 1)]
    most = max(int(each.max()) for each in counts) or 1
    plot = Plot(canvas, LEFT, TOP, WIDE, 2 * HALF, (0, 1), (-1.08, 1.08))
    plot.title("what the model says", "number of sentences at each probability")
    plot.ticks_x([0, 0.25, 0.5, 0.75, 1], name=f"probability of {names[1]}")
    middle = float(plot.at(0, 0)[1])
    step = WIDE / BINS
    for fact, way in ((1, -1), (0, 1)):
        for place, count in enumerate(counts[fact]):
            tall = count / most * HALF * 0.92
            wrong = (edges[place] + edges[place + 1]) / 2 >= threshold
            wrong = wrong if fact == 0 else not wrong
            x = LEFT + place * step + 0.6
            top = middle - tall if way < 0 else middle
            canvas.rect(x, top, step - 1.2, tall, style.ORANGE if wrong else style.BLUE)
            if wrong and tall > 3:
                canvas.hatch(x, top, step - 1.2, tall, style.PAPER, 4)
        canvas.text(
            LEFT - 12,
            middle + way * HALF / 2,
            names[fact],
            size=style.SMALL,
            anchor="middle",
            turn=90,
        )
    canvas.path([(LEFT, middle), (LEFT + WIDE, middle)], style.QUIET, thick=0.8)
    x = float(plot.at(threshold, 0)[0])
    canvas.path([(x, TOP - 2), (x, TOP + 2 * HALF)], style.INK, thick=2)
    canvas.text(
        x,
        TOP + 2 * HALF + 40,
        f"threshold {threshold:.2f}",
        size=style.SMALL,
        bold=True,
        anchor="start" if threshold < 0.15 else "end" if threshold > 0.85 else "middle",
    )
    canvas.rect(LEFT, TOP + 2 * HALF + 55, 10, 10, style.BLUE)
    canvas.text(LEFT + 14, TOP + 2 * HALF + 60, "right", size=style.SMALL)
    canvas.rect(LEFT + 60, TOP + 2 * HALF + 55, 10, 10, style.ORANGE)
    canvas.hatch(LEFT + 60, TOP + 2 * HALF + 55, 10, 10, style.PAPER, 4)
    canvas.text(LEFT + 74, TOP + 2 * HALF + 60, "wrong", size=style.SMALL)


def _draw_table(canvas: Canvas, table: npt.NDArray[np.int_], names: tuple[str, str]) -> None:
    """Four squares whose area is their count."""
    left, top = LEFT + WIDE + 56 + 34, TOP + 20
    canvas.text(left - 34, TOP - 14, "what comes of it", size=style.LARGE)
    most = max(int(table.max()), 1)
    for guess in (0, 1):
        canvas.text(
            left + (guess + 0.5) * SQUARE,
            top - 9,
            f"called {names[guess]}",
            size=style.SMALL,
            anchor="middle",
        )
    for fact in (0, 1):
        canvas.text(left - 10, top + (fact + 0.5) * SQUARE, f"is {names[fact]}", size=style.SMALL,
                    anchor="middle", turn=90)  # fmt: skip
        for guess in (0, 1):
            x, y = left + (guess + 0.5) * SQUARE, top + (fact + 0.5) * SQUARE
            side = (SQUARE - 8) * float(np.sqrt(table[fact, guess] / most))
            wrong = fact != guess
            canvas.rect(x - side / 2, y - side / 2, side, side,
                        style.ORANGE if wrong else style.BLUE)  # fmt: skip
            if wrong and side > 4:
                canvas.hatch(x - side / 2, y - side / 2, side, side, style.PAPER, 6)
            text = f"{table[fact, guess]:,}"
            canvas.rect(x - 4.2 * len(text), y - 8.5, 8.4 * len(text), 17, style.PAPER, round=3)
            canvas.text(x, y, text, size=style.LARGE, anchor="middle", bold=True)
    edges = [(left, top), (left + 2 * SQUARE, top), (left + 2 * SQUARE, top + 2 * SQUARE),
             (left, top + 2 * SQUARE), (left, top), (np.nan, np.nan), (left + SQUARE, top),
             (left + SQUARE, top + 2 * SQUARE), (np.nan, np.nan), (left, top + SQUARE),
             (left + 2 * SQUARE, top + SQUARE)]  # fmt: skip
    canvas.path(edges, style.FAINT, thick=0.9)
