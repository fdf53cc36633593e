"""Lesson 12's maze: where an agent stands, what it looks back at, what it does, how it learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Plot, Table
from attnkit.figures.labels import text_width

FloatArray = npt.NDArray[np.float64]

WIDTH, MARGIN, CELL = 760.0, 24.0, 62.0
MAZE = 112.0  # the height of the corridor's middle
ARM = 46.0  # how far the two arms of the junction reach
STRONGEST = 0.6  # of a cell's ground: words on it can be read on light and on dark paper
CURVES, HIGH = 238.0, 120.0  # where the curves begin, and how high they are
BARS = 96.0


@dataclass(frozen=True)
class Look:
    """One step of an episode: what the agent has seen so far, and what it makes of it.

    signs: what stood in each cell up to here, "left", "right" or "". place: the cell it stands in.
    w_N: how much of what it reads comes from each cell. actions: their names and probabilities.
    done: what it does now. step: from 1, of so many steps. cells: of the whole corridor.
    """

    signs: Sequence[str]
    place: int
    w_N: FloatArray
    actions: Mapping[str, float]
    done: str
    step: int
    steps: int
    cells: int


def draw_maze(look: Look, curves: Mapping[str, FloatArray], chosen: str, block: int) -> Canvas:
    """The maze from above, the agent walking to the right; below, right turns by training step.

    curves: by memory, the share of right turns in each `block` training steps. chosen: whose agent
    it is.
    """
    canvas = Canvas(WIDTH, CURVES + HIGH + 46)
    canvas.text(MARGIN, 15, f"memory: {chosen}", size=style.LARGE)
    canvas.text(MARGIN + text_width(f"memory: {chosen}", style.LARGE) + 10, 15,
                f"step {look.step} of {look.steps}; the number in a cell: how much is read of it",
                size=style.SMALL, colour=style.QUIET)  # fmt: skip
    _draw_cells(canvas, look)
    _draw_actions(canvas, look, MARGIN + look.cells * CELL + 34)
    _draw_curves(canvas, curves, chosen, block)
    truth = look.signs[0] or "nothing"
    most = int(np.argmax(look.w_N))
    canvas.alt = (
        f"Memory: {chosen}. The sign at the entrance says {truth}. At step {look.step} the agent "
        f"stands in cell {look.place + 1} of {look.cells}, reads most of cell {most + 1} "
        f"({number(float(look.w_N[most]))}), of the entrance {number(float(look.w_N[0]))}, and "
        f"{_acts(look.done)}. In its last {block} training steps {curves[chosen][-1]:.0%} of the "
        "turns were right."
    )
    canvas.table = Table(
        ("cell", "sign", "read"),
        tuple(
            (_name(n, look.cells), sign or "–", f"{w:.3f}")
            for n, (sign, w) in enumerate(zip(look.signs, look.w_N, strict=True))
        ),
    )
    return canvas


def _name(cell: int, cells: int) -> str:
    return {0: "1, the entrance", cells - 1: f"{cells}, the junction"}.get(cell, str(cell + 1))


def _acts(done: str) -> str:
    return "goes forward" if done == "forward" else f"turns {done}"


def _draw_cells(canvas: Canvas, look: Look) -> None:
    top, side = MAZE - CELL / 2, MARGIN + (look.cells - 1) * CELL
    for n in range(look.cells):
        x = MARGIN + n * CELL
        known = n < len(look.signs)
        if known:
            alpha = STRONGEST * float(np.clip(look.w_N[n], 0, 1))
            canvas.rect(x, top, CELL, CELL, style.BLUE, alpha=round(alpha, 3))
            canvas.text(x + CELL / 2, top + CELL - 9, number(float(look.w_N[n])),
                        size=style.SMALL, colour=style.INK, anchor="middle")  # fmt: skip
            if look.signs[n]:
                _draw_sign(canvas, x + CELL / 2, top + 13, look.signs[n], bold=n == 0)
        else:
            canvas.hatch(x, top, CELL, CELL, style.FAINT, 8)
        if n:
            canvas.path([(x, top), (x, top + CELL)], style.FAINT, thick=1)
    for way, sign in ((-1, "left"), (1, "right")):
        edge = top if way < 0 else top + CELL
        canvas.path([(side, edge), (side, edge + way * ARM)], style.INK, thick=2)
        canvas.path([(side + CELL, edge), (side + CELL, edge + way * ARM)], style.INK, thick=2)
        canvas.text(side + CELL / 2, edge + way * (ARM - 10), sign, size=style.SMALL,
                    anchor="middle", bold=look.signs[0] == sign)  # fmt: skip
        if look.signs[0] == sign:
            canvas.star(side + CELL / 2, edge + way * (ARM - 28), 9, style.YELLOW)
    canvas.path([(side, top), (MARGIN, top), (MARGIN, top + CELL), (side, top + CELL)],
                style.INK, thick=2)  # fmt: skip
    canvas.path([(side + CELL, top), (side + CELL, top + CELL)], style.INK, thick=2)
    canvas.text(MARGIN + CELL / 2, top - 9, "entrance", size=style.SMALL, colour=style.QUIET,
                anchor="middle")  # fmt: skip
    canvas.text(side - 6, top - 9, "junction", size=style.SMALL, colour=style.QUIET, anchor="end")
    x = MARGIN + look.place * CELL + CELL / 2
    canvas.dot(x, MAZE, 8, style.ORANGE, line=style.PAPER, thick=1.5)
    reach = {"forward": (22.0, 0.0), "left": (0.0, -24.0), "right": (0.0, 24.0)}[look.done]
    if look.done == "forward" or look.place == look.cells - 1:
        canvas.arrow((x + reach[0] * 0.4, MAZE + reach[1] * 0.4),
                     (x + reach[0], MAZE + reach[1]), style.ORANGE)  # fmt: skip


def _draw_sign(canvas: Canvas, x: float, y: float, sign: str, *, bold: bool) -> None:
    wide = text_width(sign, style.SMALL) + 10
    canvas.rect(x - wide / 2, y - 8, wide, 16, style.PAPER, line=style.INK if bold else style.QUIET,
                thick=1.6 if bold else 0.8, dash=not bold, round=3)  # fmt: skip
    canvas.text(x, y, sign, size=style.SMALL, anchor="middle", bold=bold)


def _draw_actions(canvas: Canvas, look: Look, left: float) -> None:
    canvas.text(left, MAZE - 40, "what it does", size=style.SMALL, colour=style.QUIET)
    for n, (name, p) in enumerate(look.actions.items()):
        y = MAZE - 20 + 22 * n
        canvas.text(left, y, name, size=style.SMALL, bold=name == look.done)
        canvas.rect(left + 48, y - 6, BARS, 12, None, line=style.FAINT)
        canvas.rect(left + 48, y - 6, BARS * float(np.clip(p, 0, 1)), 12, style.ORANGE)
        canvas.text(left + 52 + BARS, y, f"{p:.2f}", size=style.SMALL)


def _draw_curves(
    canvas: Canvas, curves: Mapping[str, FloatArray], chosen: str, block: int
) -> None:  # fmt: skip
    most = max(len(values) for values in curves.values()) * block
    wide = WIDTH - MARGIN - 36 - 150
    plot = Plot(canvas, MARGIN + 36, CURVES, wide, HIGH, (0, most), (0, 1.02))
    plot.title("right turns", "while it learns; half is what guessing gives")
    plot.ticks_y([0, 0.5, 1], ["0%", "50%", "100%"])
    plot.ticks_x(name="training step")
    ends = []
    for name in sorted(curves, key=lambda each: each == chosen):
        x = block * (0.5 + np.arange(len(curves[name])))
        its = name == chosen
        plot.curve(x, curves[name], style.BLUE if its else style.GREY, thick=2.4 if its else 1.4)
        ends.append((float(plot.at(x[-1], curves[name][-1])[1]), name, its))
    plot.frame()
    y = -np.inf
    for height, name, its in sorted(ends):
        y = max(height, y + 13)
        canvas.text(plot.left + wide + 8, y, f"{name}: {curves[name][-1]:.0%}",
                    size=style.SMALL, bold=its)  # fmt: skip
