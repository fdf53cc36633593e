"""A few measured curves in one picture, each with its name, and with its interval if it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table, legend, short

FloatArray = npt.NDArray[np.float64]

LEFT, TOP, WIDE, HIGH = 58.0, 44.0, 470.0, 220.0
LOOKS = (("dot", style.ORANGE), ("box", style.BLUE), ("ring", style.GREEN))  # of each curve's marks


def draw_lines(
    curves: Mapping[str, Sequence[npt.ArrayLike]], title: str, sub: str = "", *, x: str = "",
    logs: bool = False, mark: tuple[float, str] | None = None,
) -> Canvas:  # fmt: skip
    """Curves by name, each (x, y) or (x, y, half of its interval), a dot where it was measured.

    Where y is nan the curve has a gap.

    x: what stands below the axis. logs: both axes by powers. mark: a place on the x axis, and what
    begins or ends there.
    """
    found = {name: [np.asarray(part, np.float64) for part in some] for name, some in curves.items()}
    if not 1 <= len(found) <= len(LOOKS):
        raise ValueError(f"{len(found)} curves can't be told apart: draw 1 to {len(LOOKS)}.")
    scale = _logarithm if logs else np.asarray
    places = [scale(some[0]) for some in found.values()]
    values = [scale(each) for some in found.values() for each in _reach(some, logs)]
    (left, right), (low, high) = (_with_room(np.concatenate(each)) for each in (places, values))
    canvas = Canvas(LEFT + WIDE + 24, TOP + HIGH + 66)
    plot = Plot(canvas, LEFT, TOP, WIDE, HIGH, (left, right), (low, high))
    plot.title(title, sub)
    if logs:
        powers = list(range(int(np.ceil(low)), int(np.floor(high)) + 1))
        plot.ticks_y(powers, [f"{10.0**n:,g}" for n in powers])
        steps = sorted({float(value) for some in found.values() for value in some[0]})
        plot.ticks_x([float(scale(value)) for value in steps], [f"{n:,.0f}" for n in steps], name=x)
    else:
        plot.ticks_y()
        plot.ticks_x(name=x)
    if mark is not None:
        at, words = mark
        line = float(plot.at(scale(at), low)[0])
        canvas.path([(line, TOP), (line, TOP + HIGH)], style.QUIET, thick=1, dash=True)
        canvas.text(line + 5, TOP + 7, words, size=style.SMALL, colour=style.QUIET)
    for some, (sign, colour) in zip(found.values(), LOOKS, strict=False):
        along = scale(some[0])
        if len(some) > 2:
            edges = [plot.at(along, scale(each)) for each in _reach(some, logs)]
            band = np.concatenate([edges[0], edges[1][::-1]])
            canvas.path(band, None, fill=colour, alpha=0.15)
        plot.curve(along, scale(some[1]), colour, thick=2)
        for across, up in plot.at(along, scale(some[1]))[np.isfinite(some[1])].tolist():
            _mark(canvas, sign, across, up, colour)
    keys = [(*look, name) for name, look in zip(found, LOOKS, strict=False)]
    legend(canvas, LEFT, canvas.height - 14, keys)
    told = [
        f"{name} {short(some[1][0], 3)} at {short(some[0][0])}, {short(some[1][-1], 3)} at "
        f"{short(some[0][-1])}"
        for name, some in found.items()
    ]
    canvas.alt = f"{title[0].upper()}{title[1:]}: {'; '.join(told)}."
    canvas.table = _table(found, x)
    return canvas


def _mark(canvas: Canvas, sign: str, x: float, y: float, colour: str) -> None:
    if sign == "box":
        canvas.rect(x - 2.8, y - 2.8, 5.6, 5.6, colour)
    elif sign == "ring":
        canvas.dot(x, y, 3, style.PAPER, line=colour, thick=1.5)
    else:
        canvas.dot(x, y, 3.2, colour)


def _logarithm(values: npt.ArrayLike) -> FloatArray:
    return np.log10(np.asarray(values, np.float64))


def _reach(some: Sequence[FloatArray], logs: bool) -> tuple[FloatArray, FloatArray]:
    """A curve's lowest and highest values, its interval included."""
    half = some[2] if len(some) > 2 else np.zeros(len(some[1]))
    low = some[1] - half
    return (np.maximum(low, some[1] / 10) if logs else low), some[1] + half


def _with_room(values: FloatArray) -> tuple[float, float]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _table(found: Mapping[str, Sequence[FloatArray]], x: str) -> Table:
    """A row for each place that any curve has."""
    places = sorted({float(value) for some in found.values() for value in some[0]})
    rows = []
    for place in places:
        cells = [f"{place:,g}"]
        for some in found.values():
            at = np.flatnonzero(some[0] == place)
            cells.append(_value(some, int(at[0])) if len(at) else "–")
        rows.append(tuple(cells))
    return Table((x, *found), tuple(rows))


def _value(some: Sequence[FloatArray], at: int) -> str:
    if np.isnan(some[1][at]):
        return "–"
    value = short(some[1][at], 3)
    return f"{value} ± {short(some[2][at], 2)}" if len(some) > 2 else value
