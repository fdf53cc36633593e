"""A picture as a list of marks: written as SVG in a moment, or drawn by Matplotlib to be kept.

A figure that follows a slider is drawn anew for each change, so writing it must cost next to
nothing: a `Canvas` writes its SVG in well under a millisecond. The same marks become a Matplotlib
figure (`Canvas.figure`) for print and for pages without a kernel, so both are always alike.

Lengths are in points (1/72 inch) from the upper left corner, y runs down.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Ellipse, FancyBboxPatch, Polygon, Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

from attnkit import style
from attnkit.figures.labels import text_width
from attnkit.style import CourseFigure

FloatArray = npt.NDArray[np.float64]
Rgb = npt.NDArray[np.uint8]
Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

_FONT = f"'{style.RC['font.family']}',Verdana,sans-serif"
_ALIGN = {"start": "left", "middle": "center", "end": "right"}
_MIDDLE = 0.36  # of a letter's size, from its foot to the middle of a capital
_EXPONENT = re.compile(r"e([+-])0*")
_CSS_PER_POINT = style.CSS_DPI / 72


@dataclass(frozen=True)
class Table:
    """What a picture shows as a table: a heading for each column, rows of words and numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def html(self) -> str:
        """The table as HTML, its first column as the rows' names."""
        cell = 'style="padding:2px 10px;text-align:right"'
        head = "".join(f'<th scope="col" {cell}>{html.escape(text)}</th>' for text in self.heads)
        rows = "".join(
            f'<tr><th scope="row" {cell}>{html.escape(row[0])}</th>'
            + "".join(f"<td {cell}>{html.escape(text)}</td>" for text in row[1:])
            + "</tr>"
            for row in self.rows
        )
        return (
            '<div style="overflow:auto"><table style="font-variant-numeric:tabular-nums">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )


@dataclass
class Canvas:
    """A picture of ``width`` by ``height`` points. ``alt`` says in a sentence or two what it shows.

    ``table`` holds its numbers, or makes them: see `as_table`. ``cells`` makes what a page must
    know so that its maps answer a pointer (panels/touch.js): where cells are, names and numbers.

    Every mark lies above those made before it. A colour of None means none.
    """

    width: float
    height: float
    alt: str = ""
    table: Table | Callable[[], Table] | None = None
    cells: Callable[[], dict[str, Any]] | None = None
    _marks: list[Mark] = field(default_factory=list)

    def as_table(self) -> Table | None:
        """What the picture shows as a table; made when it is asked for, if that takes long."""
        return self.table() if callable(self.table) else self.table

    # --- marks ---

    def rect(
        self, x: float, y: float, wide: float, high: float, fill: str | None, *,
        line: str | None = None, thick: float = 1.0, dash: bool = False, alpha: float = 1.0,
        round: float = 0.0,
    ) -> None:  # fmt: skip
        """A rectangle with its upper left corner at (x, y); a negative side goes the other way."""
        x, wide = (x + wide, -wide) if wide < 0 else (x, wide)
        y, high = (y + high, -high) if high < 0 else (y, high)
        self._marks.append(Box(x, y, wide, high, Look(fill, line, thick, dash, alpha), round))

    def path(
        self, points: npt.ArrayLike, line: str | None, *, thick: float = 1.0, dash: bool = False,
        fill: str | None = None, alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """A line through points (N, 2); at a NaN the pen is lifted. Filled, it is closed."""
        array = np.asarray(points, dtype=np.float64)
        self._marks.append(Stroke(array, Look(fill, line, thick, dash, alpha)))

    def dot(
        self, x: float, y: float, radius: float, fill: str | None, *, line: str | None = None,
        thick: float = 1.0, dash: bool = False, alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """A disc, or with ``fill=None`` a ring."""
        self._marks.append(Disc(x, y, radius, Look(fill, line, thick, dash, alpha)))

    def text(
        self, x: float, y: float, text: str, *, size: float = style.MEDIUM,
        colour: str = style.INK, anchor: Anchor = "start", bold: bool = False, turn: float = 0.0,
    ) -> None:  # fmt: skip
        """A line of text whose middle is at height y; ``turn`` in degrees against the clock."""
        self._marks.append(Words(x, y, str(text), size, colour, anchor, bold, turn))

    def numbers(
        self, points: npt.ArrayLike, texts: Sequence[str], *, size: float, colour: str
    ) -> None:
        """Many short texts of one look, each with its middle at one of the points (N, 2)."""
        array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        self._marks.append(ManyWords(array, tuple(texts), size, colour))

    def image(
        self, x: float, y: float, wide: float, high: float, pixels: Rgb, *, smooth: bool = False
    ) -> None:
        """An image (rows, columns, 3 or 4), stretched; a pixel is a sharp cell unless ``smooth``.

        The fourth number of a pixel says how opaque it is, up to 255.
        """
        self._marks.append(Pixels(x, y, wide, high, np.asarray(pixels, dtype=np.uint8), smooth))

    def arrow(
        self, start: Point, end: Point, colour: str, *, thick: float = 1.8, head: float = 8.0,
        alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """An arrow from one point to another; too short for its head, it is a head alone."""
        a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
        length = float(np.hypot(*(b - a)))
        if length < 1e-9:
            return
        along = (b - a) / length
        across = np.array([-along[1], along[0]])
        foot = b - along * min(head, length)
        self.path([a, foot + 0.3 * along * min(head, length)], colour, thick=thick, alpha=alpha)
        half = 0.42 * min(head, length)
        self.path([b, foot + half * across, foot - half * across], None, fill=colour, alpha=alpha)

    def star(self, x: float, y: float, radius: float, fill: str | None, **look: Any) -> None:
        """A star of five points."""
        turns = np.pi * (np.arange(10) / 5 - 0.5)
        reach = np.where(np.arange(10) % 2, 0.42, 1.0) * radius
        points = np.column_stack([x + reach * np.cos(turns), y + reach * np.sin(turns)])
        self.path(np.vstack([points, points[:1]]), look.pop("line", None), fill=fill, **look)

    def hatch(
        self, x: float, y: float, wide: float, high: float, colour: str, gap: float = 5.0
    ) -> None:
        """Slanted lines over a rectangle: what may not be seen, or isn't there."""
        self.path(hatching(x, y, wide, high, gap), colour, thick=0.8)

    def put(self, other: Canvas, x: float, y: float) -> None:
        """Another picture's marks, with its corner at (x, y)."""
        self._marks += [mark.moved(x, y) for mark in other._marks]

    # --- out ---

    def svg(self, faded: bool = False, touched: bool = False) -> str:
        """An ``<svg>`` element that carries the text alternative and follows the page's theme.

        touched: whether it is to answer a pointer, and carries its ``cells``.
        """
        inside = "".join(mark.svg() for mark in self._marks)
        if faded:
            inside = f'<g style="opacity:.35;filter:grayscale(1)">{inside}</g>'
        told = ""
        if touched and self.cells is not None:
            told = f' data-cells="{html.escape(json.dumps(self.cells()))}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'role="img" aria-label="{html.escape(self.alt)}"{told} font-family="{_FONT}" '
            f'style="display:block;width:100%;max-width:{self.width * _CSS_PER_POINT:.0f}px;'
            f'height:auto;stroke-linejoin:round">{inside}</svg>'
        )

    def figure(self) -> CourseFigure:
        """The same picture as a Matplotlib figure on white paper."""
        figure = CourseFigure(figsize=(self.width / 72, self.height / 72))
        with style.look():
            axes = figure.add_axes((0, 0, 1, 1))
            axes.set_axis_off()
            for order, mark in enumerate(self._marks):
                mark.draw(axes, order + 1)
            axes.set_xlim(0, self.width)
            axes.set_ylim(self.height, 0)
            axes.set_aspect("auto")
        figure.alt = self.alt
        return figure

    def _ipython_display_(self) -> None:
        style.say_instead(self.alt)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.figure()._repr_mimebundle_()


# --- the marks ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """How a mark is filled and lined."""

    fill: str | None
    line: str | None
    thick: float
    dash: bool
    alpha: float

    def svg(self) -> str:
        fill = "none" if self.fill is None else style.css(self.fill)
        parts = [f"fill:{fill}"]
        if self.line is not None:
            parts.append(f"stroke:{style.css(self.line)};stroke-width:{self.thick:g}")
            if self.dash:
                parts.append("stroke-dasharray:3 2.4")
        if self.alpha < 1:
            parts.append(f"opacity:{self.alpha:g}")
        return f'style="{";".join(parts)}"'

    def patch(self, order: float) -> dict[str, Any]:
        return {
            "facecolor": "none" if self.fill is None else self.fill,
            "edgecolor": "none" if self.line is None else self.line,
            "linewidth": 0 if self.line is None else self.thick,
            "linestyle": (0, (3, 2.4)) if self.dash else "-",
            "alpha": self.alpha,
            "zorder": order,
        }


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    wide: float
    high: float
    look: Look
    round: float

    def svg(self) -> str:
        corner = f' rx="{self.round:g}"' if self.round else ""
        return (
            f'<rect x="{self.x:.2f}" y="{self.y:.2f}" width="{self.wide:.2f}" '
            f'height="{self.high:.2f}"{corner} {self.look.svg()}/>'
        )

    def draw(self, axes: Axes, order: float) -> None:
        place, look = (self.x, self.y), self.look.patch(order)
        corner = min(self.round, self.wide / 2, self.high / 2)
        if corner > 0:
            shape = f"round,pad=0,rounding_size={corner}"
            axes.add_patch(FancyBboxPatch(place, self.wide, self.high, boxstyle=shape, **look))
        else:
            axes.add_patch(Rectangle(place, self.wide, self.high, **look))

    def moved(self, x: float, y: float) -> Box:
        return Box(self.x + x, self.y + y, self.wide, self.high, self.look, self.round)


@dataclass(frozen=True)
class Stroke:
    points: FloatArray
    look: Look

    def _pieces(self) -> list[FloatArray]:
        gaps = np.flatnonzero(~np.isfinite(self.points).all(axis=1))
        if not len(gaps):
            return [self.points]
        pieces = np.split(self.points, gaps)
        return [piece for piece in [pieces[0], *(p[1:] for p in pieces[1:])] if len(piece)]

    def svg(self) -> str:
        close = "Z" if self.look.fill is not None else ""
        steps = "".join(
            "M" + "L".join([f"{x:.2f} {y:.2f}" for x, y in piece.tolist()]) + close
            for piece in self._pieces()
        )
        return f'<path d="{steps}" {self.look.svg()}/>' if steps else ""

    def draw(self, axes: Axes, order: float) -> None:
        look = self.look.patch(order)
        if self.look.fill is not None:
            for piece in self._pieces():
                axes.add_patch(Polygon(piece, closed=True, **look))
            return
        look.pop("facecolor")
        lines = LineCollection(self._pieces(), colors=look.pop("edgecolor"), **look)
        lines.set_capstyle("butt")
        axes.add_collection(lines, autolim=False)

    def moved(self, x: float, y: float) -> Stroke:
        return Stroke(self.points + np.array([x, y]), self.look)


@dataclass(frozen=True)
class Disc:
    x: float
    y: float
    radius: float
    look: Look

    def svg(self) -> str:
        return (
            f'<circle cx="{self.x:.2f}" cy="{self.y:.2f}" r="{self.radius:.2f}" {self.look.svg()}/>'
        )

    def draw(self, axes: Axes, order: float) -> None:
        size = 2 * self.radius
        axes.add_patch(Ellipse((self.x, self.y), size, size, **self.look.patch(order)))

    def moved(self, x: float, y: float) -> Disc:
        return Disc(self.x + x, self.y + y, self.radius, self.look)


@dataclass(frozen=True)
class Words:
    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: Anchor
    bold: bool
    turn: float

    def svg(self) -> str:
        weight = ";font-weight:bold" if self.bold else ""
        anchor = f' text-anchor="{self.anchor}"' if self.anchor != "start" else ""
        place = f'x="{self.x:.2f}" y="{self.y + _MIDDLE * self.size:.2f}"'
        if self.turn:
            spin = f"translate({self.x:.2f} {self.y:.2f}) rotate({-self.turn:g})"
            place = f'transform="{spin}" y="{_MIDDLE * self.size:.2f}"'
        return (
            f'<text {place}{anchor} style="font-size:{self.size:g}px;'
            f'fill:{style.css(self.colour)}{weight};white-space:pre">{html.escape(self.text)}</text>'
        )

    def draw(self, axes: Axes, order: float) -> None:
        angle = np.deg2rad(self.turn)
        foot = _MIDDLE * self.size
        axes.text(
            self.x + foot * float(np.sin(angle)), self.y + foot * float(np.cos(angle)), self.text,
            fontsize=self.size, color=self.colour, ha=_ALIGN[self.anchor], va="baseline",
            fontweight="bold" if self.bold else "normal", rotation=self.turn,
            rotation_mode="anchor", zorder=order,
        )  # fmt: skip

    def moved(self, x: float, y: float) -> Words:
        return Words(
            self.x + x, self.y + y, self.text, self.size, self.colour, self.anchor, self.bold,
            self.turn,
        )  # fmt: skip


@dataclass(frozen=True)
class ManyWords:
    points: FloatArray
    texts: tuple[str, ...]
    size: float
    colour: str

    def svg(self) -> str:
        foot = _MIDDLE * self.size
        inside = "".join(
            f'<text x="{x:.1f}" y="{y + foot:.1f}">{html.escape(text)}</text>'
            for (x, y), text in zip(self.points.tolist(), self.texts, strict=True)
        )
        look = f"font-size:{self.size:g}px;fill:{style.css(self.colour)}"
        return f'<g text-anchor="middle" style="{look}">{inside}</g>'

    def draw(self, axes: Axes, order: float) -> None:
        for (x, y), text in zip(self.points.tolist(), self.texts, strict=True):
            Words(x, y, text, self.size, self.colour, "middle", False, 0).draw(axes, order)

    def moved(self, x: float, y: float) -> ManyWords:
        return ManyWords(self.points + np.array([x, y]), self.texts, self.size, self.colour)


@dataclass(frozen=True)
class Pixels:
    x: float
    y: float
    wide: float
    high: float
    pixels: Rgb
    smooth: bool

    def svg(self) -> str:
        file = io.BytesIO()
        Image.fromarray(self.pixels).save(file, "png", compress_level=1)
        data = base64.b64encode(file.getvalue()).decode()
        how = "auto" if self.smooth else "pixelated"
        return (
            f'<image x="{self.x:.2f}" y="{self.y:.2f}" width="{self.wide:.2f}" '
            f'height="{self.high:.2f}" preserveAspectRatio="none" '
            f'style="image-rendering:{how}" href="data:image/png;base64,{data}"/>'
        )

    def draw(self, axes: Axes, order: float) -> None:
        extent = (self.x, self.x + self.wide, self.y + self.high, self.y)
        how = "bilinear" if self.smooth else "nearest"
        axes.imshow(self.pixels, extent=extent, interpolation=how, zorder=order, aspect="auto")

    def moved(self, x: float, y: float) -> Pixels:
        return Pixels(self.x + x, self.y + y, self.wide, self.high, self.pixels, self.smooth)


Mark = Box | Stroke | Disc | Words | ManyWords | Pixels


def hatching(x: float, y: float, wide: float, high: float, gap: float = 5.0) -> FloatArray:
    """Lines that slant upwards across a rectangle, as points with NaN between the lines."""
    sums = np.arange(gap / 2, wide + high, gap)  # a line is where (x − left) + (y − top) = sum
    left, right = np.clip(sums - high, 0, None), np.clip(sums, None, wide)
    low, top = np.clip(sums, None, high), np.clip(sums - wide, 0, None)
    ends = np.stack(
        [
            np.column_stack([x + left, y + low]),
            np.column_stack([x + right, y + top]),
            np.full((len(sums), 2), np.nan),
        ],
        axis=1,
    )
    lines: FloatArray = ends.reshape(-1, 2)
    return lines


# --- a plot in a canvas ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Plot:
    """A rectangle of a canvas with scales of its own: x from left to right, y from bottom to top.

    ``x`` and ``y`` are the (lowest, highest) values that fit.
    """

    canvas: Canvas
    left: float
    top: float
    wide: float
    high: float
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """Where values lie on the canvas: (…, 2)."""
        across = (np.asarray(x, dtype=np.float64) - self.x[0]) / (self.x[1] - self.x[0])
        up = (np.asarray(y, dtype=np.float64) - self.y[0]) / (self.y[1] - self.y[0])
        return np.stack(
            np.broadcast_arrays(self.left + across * self.wide, self.top + (1 - up) * self.high),
            axis=-1,
        )

    def curve(self, x: npt.ArrayLike, y: npt.ArrayLike, colour: str, **look: Any) -> None:
        """A line through values, which leaves off where it would leave the plot by far."""
        points = self.at(x, y)
        far = (points[:, 1] < self.top - 2 * self.high) | (points[:, 1] > self.top + 3 * self.high)
        points[far] = np.nan
        self.canvas.path(points, colour, **look)

    def title(self, text: str, sub: str = "") -> None:
        """A title above the plot; ``sub`` behind it, quieter."""
        self.canvas.text(self.left, self.top - 14, text, size=style.LARGE)
        if sub:
            x = self.left + text_width(text, style.LARGE) + 8
            self.canvas.text(x, self.top - 14, sub, size=style.SMALL, colour=style.QUIET)

    def ticks_x(
        self, values: Sequence[float] | None = None, labels: Iterable[str] | None = None, *,
        name: str = "", grid: bool = False,
    ) -> None:  # fmt: skip
        """Ticks below the plot, at round numbers unless they are given, and the axis's name."""
        for value, label in _ticks(self.x, values, labels, self.wide / 55):
            x = float(self.at(value, self.y[0])[0])
            if grid:
                self.canvas.path([(x, self.top), (x, self.top + self.high)], style.FAINT, thick=0.7)
            self.canvas.text(
                x, self.top + self.high + 10, label, size=style.SMALL, colour=style.QUIET,
                anchor="middle",
            )  # fmt: skip
        if name:
            self.canvas.text(
                self.left + self.wide / 2, self.top + self.high + 24, name, size=style.SMALL,
                anchor="middle",
            )  # fmt: skip

    def ticks_y(
        self, values: Sequence[float] | None = None, labels: Iterable[str] | None = None, *,
        name: str = "", grid: bool = True,
    ) -> None:  # fmt: skip
        """Ticks left of the plot, and the axis's name, turned."""
        widest = 0.0
        for value, label in _ticks(self.y, values, labels, self.high / 30):
            y = float(self.at(self.x[0], value)[1])
            if grid:
                self.canvas.path(
                    [(self.left, y), (self.left + self.wide, y)], style.FAINT, thick=0.7
                )
            self.canvas.text(
                self.left - 5, y, label, size=style.SMALL, colour=style.QUIET, anchor="end"
            )
            widest = max(widest, text_width(label, style.SMALL))
        if name:
            self.canvas.text(
                self.left - widest - 16, self.top + self.high / 2, name, size=style.SMALL,
                anchor="middle", turn=90,
            )  # fmt: skip

    def frame(self) -> None:
        """The two axes as lines."""
        low = self.top + self.high
        corner = [(self.left, self.top), (self.left, low), (self.left + self.wide, low)]
        self.canvas.path(corner, style.QUIET, thick=0.8)


def _ticks(
    limits: tuple[float, float],
    values: Sequence[float] | None,
    labels: Iterable[str] | None,
    most: float,
) -> list[tuple[float, str]]:
    if values is None:
        found = MaxNLocator(nbins=max(2, min(int(most), 6)), steps=[1, 2, 5, 10])
        room = 1e-9 * (limits[1] - limits[0])
        values = [
            float(value)
            for value in found.tick_values(*limits)
            if limits[0] - room <= value <= limits[1] + room
        ]
    texts = [short(value) for value in values] if labels is None else list(labels)
    return list(zip(values, texts, strict=True))


def short(value: float, digits: int = 4) -> str:
    """A number in as few signs as it needs, with a real minus sign and no "−0"."""
    text = _EXPONENT.sub(r"e\1", f"{value + 0.0:.{digits}g}")
    return text.replace("e+", "e").replace("-", "−")


def legend(canvas: Canvas, x: float, y: float, keys: Sequence[tuple[str, str, str]]) -> float:
    """Keys in one line from (x, y): each a sign, its colour and what it means. Returns the end.

    Signs: "box", "line", "dash", "dot", "ring", "star", "hatch".
    """
    for sign, colour, meaning in keys:
        if sign in ("line", "dash"):
            canvas.path([(x, y), (x + 16, y)], colour, thick=1.8, dash=sign == "dash")
            x += 20
        elif sign == "box":
            canvas.rect(x, y - 5, 10, 10, colour)
            x += 14
        elif sign == "hatch":
            canvas.rect(x, y - 5, 12, 10, None, line=colour, thick=0.6)
            canvas.hatch(x, y - 5, 12, 10, colour, 4)
            x += 16
        elif sign == "star":
            canvas.star(x + 6, y, 7, colour)
            x += 16
        else:
            canvas.dot(
                x + 5, y, 4.5, colour if sign == "dot" else None,
                line=None if sign == "dot" else colour, thick=1.5,
            )  # fmt: skip
            x += 14
        canvas.text(x, y, meaning, size=style.SMALL)
        x += text_width(meaning, style.SMALL) + 16
    return x
