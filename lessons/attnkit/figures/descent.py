"""Ways down a loss surface: gradient descent, momentum and Adam, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from contourpy import contour_generator

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Rgb, Table, legend, short

FloatArray = npt.NDArray[np.float64]

SIDE, GAP, LEFT, TOP = 214.0, 18.0, 44.0, 62.0
CURVES = 120.0
GRID = 44


@dataclass(frozen=True)
class Surface:
    """A loss of two parameters, its gradient, where to look at it and where to begin."""

    loss: Callable[[FloatArray, FloatArray], FloatArray]
    gradient: Callable[[float, float], tuple[float, float]]
    x: tuple[float, float]
    y: tuple[float, float]
    start: tuple[float, float]
    lowest: tuple[float, float]


def _valley(x: FloatArray, y: FloatArray) -> FloatArray:
    return 0.5 * (0.1 * x**2 + 4 * y**2)


def _bent(x: FloatArray, y: FloatArray) -> FloatArray:
    return 0.25 * (x - 1.5) ** 2 + 2 * (y - 0.25 * x**2) ** 2


def _hollows(x: FloatArray, y: FloatArray) -> FloatArray:
    return 0.08 * (x**2 - 4) ** 2 + 0.9 * y**2 + 0.3 * x * y - 0.35 * x


SURFACES: Mapping[str, Surface] = {
    "a long valley": Surface(
        _valley, lambda x, y: (0.1 * x, 4 * y), (-5, 5), (-2.6, 2.6), (-4.3, 1.8), (0, 0)
    ),
    "a bent valley": Surface(
        _bent,
        lambda x, y: (0.5 * (x - 1.5) - 2 * x * (y - 0.25 * x**2), 4 * (y - 0.25 * x**2)),
        (-3.6, 3.6), (-1.2, 3.4), (-3.0, 0.4), (1.5, 0.5625),
    ),
    "two hollows": Surface(
        _hollows,
        lambda x, y: (0.32 * x * (x**2 - 4) + 0.3 * y - 0.35, 1.8 * y + 0.3 * x),
        (-3.4, 3.4), (-2.4, 2.4), (-2.9, 1.9), (2.159345, -0.359891),
    ),
}  # fmt: skip


@lru_cache(maxsize=len(SURFACES))
def _ground(name: str) -> tuple[Rgb, tuple[FloatArray, ...]]:
    """A surface as pixels and contour lines, ready to be drawn."""
    surface = SURFACES[name]
    x, y = np.linspace(*surface.x, GRID), np.linspace(*surface.y, GRID)
    loss = surface.loss(*np.meshgrid(x, y))
    least, most = float(loss.min()), float(loss.max())
    level = np.sqrt((loss - least) / (most - least))
    colours = mpl.colormaps["cividis"](1 - level)[::-1, :, :3]
    paler = 0.35 * colours + 0.65  # so that paths stand out
    pixels: Rgb = (255 * paler).round().astype(np.uint8)
    lines: list[FloatArray] = []
    generator = contour_generator(x, y, loss)
    for part in np.linspace(0.08, 0.95, 8) ** 2:
        for line in generator.lines(least + part * (most - least)):
            lines += [np.asarray(line, dtype=np.float64), np.full((1, 2), np.nan)]
    return pixels, tuple(lines)


def draw_descent(
    surface: str, ways: Sequence[tuple[str, npt.ArrayLike, npt.ArrayLike | None]]
) -> Canvas:
    """Paths over a loss surface, side by side, and their losses step by step below.

    ``ways`` are up to three: a name, a path (N + 1, 2) from the start on, and perhaps the path as
    it should be, which is dashed. Losses are drawn on a scale of powers of ten.
    """
    ground = SURFACES[surface]
    pixels, lines = _ground(surface)
    colours = (style.ORANGE, style.GREEN, style.BLUE)
    width = LEFT + len(ways) * (SIDE + GAP) + 14
    high = SIDE * 0.8
    canvas = Canvas(width, TOP + high + CURVES + 118)
    told, rows = [], []
    low = float(ground.loss(*(np.array(each) for each in ground.lowest)))
    for place, ((name, path, should), colour) in enumerate(zip(ways, colours, strict=False)):
        left = LEFT + place * (SIDE + GAP)
        plot = Plot(canvas, left, TOP, SIDE, high, ground.x, ground.y)
        canvas.text(left, TOP - 30, name, size=style.LARGE, colour=colour, bold=True)
        canvas.image(left, TOP, SIDE, high, pixels, smooth=True)
        canvas.path(plot.at(*np.concatenate(lines).T), "#5b6470", thick=0.5, alpha=0.55)
        x, y = plot.at(*ground.lowest)
        cross = [(x - 4, y), (x + 4, y), (np.nan, np.nan), (x, y - 4), (x, y + 4)]
        canvas.path(cross, style.ON_LIGHT, thick=1.6)
        walked = np.asarray(path, dtype=np.float64)
        if should is not None:
            _draw_path(plot, np.asarray(should, dtype=np.float64), style.ON_LIGHT, ghost=True)
        left_plot = _draw_path(plot, walked, _DEEP[colour])
        losses = _losses(ground, walked, low)
        end = losses[-1]
        says = "leaves the picture" if left_plot else f"loss {short(end, 2)} above the lowest"
        if not np.isfinite(walked).all():
            says = "runs off to nan"
        canvas.text(left, TOP - 13, says, size=style.SMALL, colour=style.QUIET)
        told.append(f"{name}: {says}")
        rows.append((name, *(short(losses[min(step, len(losses) - 1)], 3) for step in _MARKS)))

    steps = max(len(np.asarray(path)) for _, path, _ in ways) - 1
    wide = len(ways) * (SIDE + GAP) - GAP
    curves = Plot(canvas, LEFT, TOP + high + 44, wide, CURVES, (0, max(steps, 1)), (-4.2, 1.8))
    curves.title("loss above the lowest point, step by step")
    curves.ticks_y(range(-4, 2), ["10⁻⁴", "", "0.01", "", "1", "10"])
    curves.ticks_x(name="steps")
    for (_, path, _), colour, dash in zip(ways, colours, (False, True, False), strict=False):
        losses = _losses(ground, np.asarray(path, dtype=np.float64), low)
        with np.errstate(all="ignore"):
            heights = np.clip(np.log10(losses), -4.2, 1.8)
        curves.curve(np.arange(len(losses)), heights, colour, thick=2, dash=dash)
    keys = [
        ("dash" if dash else "line", colour, name)
        for (name, _, _), colour, dash in zip(ways, colours, (False, True, False), strict=False)
    ]
    if any(should is not None for _, _, should in ways):
        keys.append(("dash", style.INK, "as it should be"))
    legend(canvas, LEFT, canvas.height - 12, keys)
    canvas.alt = f"After {steps} steps on {surface}: {'; '.join(told)}."
    canvas.table = Table(("loss after", *(f"{step} steps" for step in _MARKS)), tuple(rows))
    return canvas


_MARKS = (0, 1, 2, 5, 10, 20, 50, 100)
# On the surface, whose colours are the same on light and dark pages, paths are always as on paper.
_DEEP = {style.ORANGE: "#b84d00", style.GREEN: "#00563f", style.BLUE: "#005a91"}


def _losses(ground: Surface, path: FloatArray, low: float) -> FloatArray:
    with np.errstate(all="ignore"):
        losses: FloatArray = ground.loss(path[:, 0], path[:, 1]) - low
    return np.maximum(losses, 0)


def _draw_path(plot: Plot, path: FloatArray, colour: str, ghost: bool = False) -> bool:
    """A path as far as it stays near the plot. Returns whether it leaves it."""
    middle = np.array([sum(plot.x) / 2, sum(plot.y) / 2])
    reach = np.array([plot.x[1] - plot.x[0], plot.y[1] - plot.y[0]]) / 2
    with np.errstate(all="ignore"):
        inside = (np.abs(path - middle) <= reach).all(axis=1)
    stays = len(path) if inside.all() else int(np.argmin(inside))
    points = plot.at(path[:stays, 0], path[:stays, 1])
    if stays < len(path) and np.isfinite(path[stays]).all() and stays:
        step = path[stays] - path[stays - 1]  # as far as the border
        with np.errstate(all="ignore"):
            room = (np.sign(step) * reach + middle - path[stays - 1]) / step
        border = path[stays - 1] + float(np.nanmin(room)) * step
        points = np.vstack([points, plot.at(*border)])
    plot.canvas.path(points, colour, thick=1.2 if ghost else 1.8, dash=ghost)
    if not ghost:
        for x, y in points[: min(stays, 60)]:
            plot.canvas.dot(x, y, 1.9, colour)
        plot.canvas.dot(points[0, 0], points[0, 1], 4.5, None, line=colour, thick=1.8)
        if stays == len(path):
            plot.canvas.dot(points[-1, 0], points[-1, 1], 4.5, colour)
    return stays < len(path)
