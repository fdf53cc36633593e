"""What attention costs at each length: measured times and the curve through them, and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Anchor, Canvas, Plot, Table, legend, short

FloatArray = npt.NDArray[np.float64]

LEFT, TOP, WIDE, HIGH, GAP = 62.0, 44.0, 290.0, 220.0, 96.0
LENGTHS = tuple(64 * 2**k for k in range(9))  # up to 16,384 words
COLOURS = (style.ORANGE, style.BLUE)


def draw_lengths(
    T: int,
    measured: Mapping[str, tuple[Sequence[int], Sequence[float]]],
    memory: Mapping[str, Sequence[float]],
) -> Canvas:
    """Times of two ways to compute attention and their memory, at ``T`` words.

    measured: for each way the lengths and the seconds they took; a curve a·T + b·T² is put through
    them. memory: for each way the bytes of its scores, at each of `LENGTHS`.
    """
    canvas = Canvas(LEFT + 2 * WIDE + GAP + 76, TOP + HIGH + 72)
    curves = {name: fit_lengths(*points) for name, points in measured.items()}
    at = {name: float(a * T + b * T * T) for name, (a, b) in curves.items()}
    longest = LENGTHS[-1]
    values = [s for _, seconds in measured.values() for s in seconds]
    high = max([*values, *(a * longest + b * longest**2 for a, b in curves.values())])
    time = _plot(canvas, 0, "time", "measured, and a·T + b·T²", (min(values) / 2, 2 * high))
    x = np.array(LENGTHS, float)
    for (name, (lengths, seconds)), colour in zip(measured.items(), COLOURS, strict=False):
        a, b = curves[name]
        y = np.maximum(a * x + b * x**2, min(values) / 2)
        seen = x <= max(lengths)
        time.curve(np.log2(x[seen]), np.log10(y[seen]), colour, thick=2)
        time.curve(np.log2(x[seen.sum() - 1 :]), np.log10(y[seen.sum() - 1 :]), colour, dash=True)
        for length, s in zip(lengths, seconds, strict=True):
            dot = time.at(np.log2(length), np.log10(s))
            canvas.dot(float(dot[0]), float(dot[1]), 3.6, colour)
    _mark(canvas, time, T, {name: (s, _seconds(s)) for name, s in at.items()})
    sizes = {name: dict(zip(LENGTHS, counts, strict=True)) for name, counts in memory.items()}
    every = [count for counts in memory.values() for count in counts]
    most, least = max(every), min(every)
    room = _plot(canvas, 1, "memory of the scores", "counted, 4 bytes each", (least / 2, 2 * most))
    for counts, colour in zip(memory.values(), COLOURS, strict=False):
        room.curve(np.log2(x), np.log10(np.array(counts, float)), colour, thick=2)
    _mark(canvas, room, T, {name: (size[T], _bytes(size[T])) for name, size in sizes.items()})
    keys = [("line", colour, name) for name, colour in zip(measured, COLOURS, strict=False)]
    legend(
        canvas, LEFT, canvas.height - 14, [*keys, ("dash", style.INK, "not measured: the curve")]
    )
    grows = {name: (4 * b * T + 2 * a) / (a + b * T) for name, (a, b) in curves.items()}
    told = [
        f"{name} {_seconds(at[name])} and {_bytes(sizes[name][T])}, twice the length "
        f"{short(grows[name], 2)} times as long"
        for name in measured
    ]
    canvas.alt = f"At {T:,} words: {'; '.join(told)}."
    canvas.table = Table(
        ("words", *(f"{name}, s" for name in measured), *(f"{name}, memory" for name in memory)),
        tuple(
            (
                f"{length:,}",
                *(short(a * length + b * length**2, 3) for a, b in curves.values()),
                *(_bytes(sizes[name][length]) for name in memory),
            )
            for length in LENGTHS
        ),
    )
    return canvas


def fit_lengths(lengths: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """a and b ≥ 0 of a·T + b·T² with the least relative errors."""
    from scipy.optimize import nnls

    T, s = np.asarray(lengths, dtype=np.float64), np.asarray(seconds, dtype=np.float64)
    a, b = nnls(np.stack([T / s, T**2 / s], axis=1), np.ones(len(T)))[0]
    return float(a), float(b)


def _plot(
    canvas: Canvas, place: int, title: str, sub: str, limits: tuple[float, float]
) -> Plot:  # fmt: skip
    low, high = np.log10(limits)
    left = LEFT + place * (WIDE + GAP)
    x = (np.log2(LENGTHS[0]) - 0.3, np.log2(LENGTHS[-1]) + 0.3)
    plot = Plot(canvas, left, TOP, WIDE, HIGH, x, (float(low), float(high)))
    plot.title(title, sub)
    powers = list(range(int(np.ceil(low)), int(np.floor(high)) + 1))
    name = _bytes if place else _seconds
    plot.ticks_y(powers, [name(10.0**power) for power in powers])
    shown = LENGTHS[::2]
    plot.ticks_x([float(np.log2(n)) for n in shown], [f"{n:,}" for n in shown], name="words T")
    return plot


def _mark(canvas: Canvas, plot: Plot, T: int, values: Mapping[str, tuple[float, str]]) -> None:
    """A line at T words, and what each way takes there."""
    x = float(plot.at(np.log2(T), plot.y[0])[0])
    canvas.path([(x, plot.top), (x, plot.top + plot.high)], style.INK, thick=1.2)
    for place, ((value, text), colour) in enumerate(
        sorted(zip(values.values(), COLOURS, strict=False), key=lambda pair: -pair[0][0])
    ):
        y = float(plot.at(0, np.log10(value))[1])
        canvas.dot(x, y, 5, colour, line=style.PAPER, thick=1.2)
        before = place == 0 and LENGTHS[1] < T  # the curves rise: above to the left is room
        anchor: Anchor = "end" if before else "start"
        beside = x - 9 if before else x + 9
        canvas.text(beside, y - 13 if place == 0 else y + 14, text, bold=True, size=style.SMALL,
                    colour=colour, anchor=anchor)  # fmt: skip


def _seconds(s: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if s >= size * 0.9995:
            return f"{short(s / size, 2 if s / size < 100 else 3)} {unit}"
    return f"{short(s / 1e-6, 3)} µs"


def _bytes(count: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size * 0.9995:
            return f"{short(count / size, 2 if count / size < 100 else 3)} {unit}"
    return f"{count:.0f} B"
