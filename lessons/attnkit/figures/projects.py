"""Lesson 14's three pictures: who is answered, a mood over the days, and a history with a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table, legend
from attnkit.figures.labels import text_width

FloatArray = npt.NDArray[np.float64]

MARGIN = 16.0


@dataclass(frozen=True)
class Sorted:
    """Questions of a kind: how many were answered rightly, answered wrongly, sent to a human.

    Of questions that nothing answers, none is right, and a human is what they need.
    """

    name: str
    right: int
    wrong: int
    human: int
    has_answer: bool

    @property
    def asked(self) -> int:
        return self.right + self.wrong + self.human


def draw_desk(kinds: Sequence[Sorted], tau: float) -> Canvas:
    """A bar for each kind of question, cut into what became of them at a threshold."""
    left, wide, high, row = 172.0, 400.0, 26.0, 62.0
    canvas = Canvas(left + wide + 40, 44 + row * len(kinds) + 34)
    canvas.text(MARGIN, 22, f"what becomes of them at τ = {tau:.2f}", size=style.LARGE)
    told = []
    for place, kind in enumerate(kinds):
        top = 48 + place * row
        canvas.text(left - 12, top + high / 2 - 7, kind.name, anchor="end")
        canvas.text(left - 12, top + high / 2 + 8, f"{kind.asked:,} questions", size=style.SMALL,
                    colour=style.QUIET, anchor="end")  # fmt: skip
        x = left
        for sign, count in (("right", kind.right), ("wrong", kind.wrong), ("human", kind.human)):
            width = wide * count / max(1, kind.asked)
            if width:
                _piece(canvas, sign, x, top, width, high)
            x += width
        out = kind.human / max(1, kind.asked)
        if kind.has_answer:
            says = (
                f"{1 - out:.0%} answered, of these "
                f"{kind.right / max(1, kind.right + kind.wrong):.0%} rightly; {out:.0%} to a human"
            )
        else:
            says = f"{1 - out:.0%} let through, {out:.0%} to a human"
        canvas.text(left, top + high + 12, says, size=style.SMALL)
        told.append(f"{kind.name[0].upper()}{kind.name[1:]}: {says}.")
    keys = [
        ("box", style.BLUE, "answered rightly"),
        ("hatch", style.ORANGE, "answered, and wrongly"),
        ("box", style.GREY, "to a human"),
    ]
    legend(canvas, left, canvas.height - 16, keys)
    canvas.alt = f"At a threshold of {tau:.2f}. {' '.join(told)}"
    canvas.table = Table(
        ("questions", "answered rightly", "answered wrongly", "to a human"),
        tuple((k.name, str(k.right), str(k.wrong), str(k.human)) for k in kinds),
    )
    return canvas


def _piece(canvas: Canvas, sign: str, x: float, y: float, wide: float, high: float) -> None:
    colour = {"right": style.BLUE, "wrong": style.ORANGE, "human": style.GREY}[sign]
    canvas.rect(x, y, wide, high, colour)
    if sign == "wrong" and wide > 3:
        canvas.hatch(x, y, wide, high, style.PAPER, 5)


def draw_index(
    index_T: npt.ArrayLike,
    mood_T: npt.ArrayLike,
    changes: Sequence[tuple[int, str]],
    halflife: float,
    busy: Sequence[int] = (),
) -> Canvas:
    """A daily index, the mood it follows, a line where the mood changes, a tick on busy days."""
    index, mood = (np.asarray(each, np.float64) for each in (index_T, mood_T))
    T, left, wide, high = len(index), 58.0, 560.0, 210.0
    canvas = Canvas(left + wide + 24, 56 + high + 66)
    plot = Plot(canvas, left, 56, wide, high, (0, T - 1), (-1, 1))
    plot.title("the index of the news before each day", f"half-life {halflife:g} days")
    plot.ticks_x(name="day")
    plot.ticks_y([-1, -0.5, 0, 0.5, 1], ["−1", "−½", "0", "½", "1"])
    ends = [*(day for day, _ in changes[1:]), T][: len(changes)]
    for (day, name), end in zip(changes, ends, strict=True):
        x = float(plot.at(day, 0)[0])
        canvas.path([(x, 56), (x, 56 + high)], style.QUIET, thick=0.9, dash=True)
        if text_width(name, style.SMALL) + 8 < wide * (end - day) / T:
            canvas.text(x + 4, 56 + high - 9, name, size=style.SMALL, colour=style.QUIET)
    days = np.arange(T)
    steps = np.repeat(days, 2)[1:], np.repeat(mood, 2)[:-1]
    plot.curve(*steps, style.ORANGE, thick=1.4, dash=True)
    plot.curve(days, index, style.BLUE, thick=1.8)
    for day in busy:
        x = float(plot.at(day, 1)[0])
        canvas.path([(x, 56), (x, 62)], style.INK, thick=1)
    keys = [("line", style.BLUE, "index"), ("dash", style.ORANGE, "what the mood makes one expect")]
    if len(busy):
        keys.append(("line", style.INK, "short marks above: many firms report"))
    legend(canvas, left, canvas.height - 14, keys)
    known = index != 0
    off = float(np.abs(index - mood)[known].mean()) if known.any() else 0.0
    days_told = ", ".join(f"{name} from day {day}" for day, name in changes)
    canvas.alt = (
        f"With a half-life of {halflife:g} days the index lies {off:.2f} from the mood on average. "
        f"The mood: {days_told}."
    )
    some = range(0, T, max(1, T // 25))
    canvas.table = Table(
        ("day", "index", "mood"),
        tuple((str(day), f"{index[day]:.2f}", f"{mood[day]:.2f}") for day in some),
    )
    return canvas


def draw_history(
    history: Sequence[str],
    dropped: int,
    now: Sequence[tuple[str, int, int]],
    effect: npt.ArrayLike,
) -> Canvas:
    """A history with an item left out, and what is recommended then.

    dropped: the place that is left out, from 0, or −1. now: (name, place before, place now) of what
    is recommended, places from 1. effect: how much each item of the history changes the list.
    """
    effects = np.asarray(effect, np.float64)
    H, cell = len(history), 34.0
    line, top = 17.0, 96.0
    rows = max(H, len(now))
    canvas = Canvas(660, top + 30 + line * rows + 30)
    canvas.text(MARGIN, 20, "the history, oldest first", size=style.LARGE)
    most = max(float(effects.max()), 1e-9) if H else 1.0
    for place in range(H):
        x = MARGIN + place * cell
        if place == dropped:
            canvas.hatch(x + 1, 36, cell - 2, cell - 2, style.ORANGE, 5)
        else:
            strength = 0.08 + 0.52 * float(effects[place]) / most
            canvas.rect(x + 1, 36, cell - 2, cell - 2, style.BLUE, alpha=strength)
        canvas.text(x + cell / 2, 36 + cell / 2, str(place + 1), anchor="middle", bold=True)
    canvas.text(MARGIN, top + 6, "items", bold=True)
    canvas.text(330, top + 6, "recommended now", bold=True)
    canvas.text(628, top + 6, "before", size=style.SMALL, colour=style.QUIET, anchor="end")
    for place, name in enumerate(history):
        says = f"{place + 1}  {name}" + (" (left out)" if place == dropped else "")
        colour = style.QUIET if place == dropped else style.INK
        canvas.text(MARGIN, top + 28 + line * place, _short(says), colour=colour)
    for row, (name, before, place) in enumerate(now):
        y = top + 28 + line * row
        moved = "=" if before == place else "▲" if place < before else "▼"
        canvas.text(330, y, _short(f"{place}  {name}"))
        canvas.text(628, y, f"{moved} {before}", size=style.SMALL, anchor="end",
                    colour=style.QUIET if moved == "=" else style.ORANGE)  # fmt: skip
    canvas.text(MARGIN, canvas.height - 12, "stronger colour: the list changes more without it",
                size=style.SMALL, colour=style.QUIET)  # fmt: skip
    canvas.cells = lambda: _history_cells(history, effects, cell)
    without = (
        f"Without item {dropped + 1}, {history[dropped]}" if dropped >= 0 else "With all items"
    )
    first = ", ".join(name for name, _, _ in now[:3])
    changed = sum(before != place for _, before, place in now)
    canvas.alt = f"{without}, the first are {first}; {changed} of {len(now)} have moved."
    canvas.table = Table(
        ("place now", "item", "place before"),
        tuple((str(place), name, str(before)) for name, before, place in now),
    )
    return canvas


def _history_cells(history: Sequence[str], effects: FloatArray, cell: float) -> dict[str, Any]:
    """Where each item of the history stands, for a pointer."""
    return {
        "cell": cell,
        "maps": [{"x": MARGIN, "y": 35, "name": "", "w": [[f"{e:.2f}" for e in effects]]}],
        "rows": ["history"],
        "keys": list(history),
        "ink": style.css(style.INK),
        "paper": style.css(style.PAPER),
    }


def _short(text: str, most: int = 44) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
