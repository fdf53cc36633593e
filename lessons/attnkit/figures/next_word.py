"""A text that is being written: what may come next, and whom each head reads to know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.attention import shades
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Table, legend
from attnkit.figures.labels import text_width, widest

FloatArray = npt.NDArray[np.float64]

WIDTH, MARGIN = 760.0, 14.0
LINE, HIGH, SIZE = 25.0, 19.0, 11.5  # of the text: a line, a word's ground, its letters
STRONGEST = 0.6  # of a ground: words on it can be read on light and on dark paper
SHOWN, ROW = 12, 17.0  # likeliest words, and the height of each one's bars
NAMES, BAR, NUMBERS = 92.0, 150.0, 82.0  # points: columns of the bars
COLUMNS, CELL = 20, 14.0  # the map's newest words, and its cells
SPACE, NEW_LINE = "␣", "↵"


@dataclass(frozen=True)
class Choice:
    """What may come next: each word's probability in the model, and the one it is drawn with.

    names: of all V words. drawn: the word that the next draw gives.
    """

    names: Sequence[str]
    model_V: FloatArray
    drawn_V: FloatArray
    drawn: int


def draw_next_word(
    words: Sequence[str], written: int, choice: Choice, w_LHS: npt.ArrayLike, block: int, head: int
) -> Canvas:
    """A text of S words, the last `written` of them the model's; what comes next; who reads what.

    words: as the model has them, with ␣ for a space. w_LHS: what each head of each block gives each
    word as the last one is read. block, head: from 0, the one whose weights colour the text.
    """
    weights = np.asarray(w_LHS, dtype=np.float64)
    L, H, S = weights.shape
    block, head = min(block, L - 1), min(head, H - 1)
    places, lines = _set(words)
    top = 22 + lines * LINE + 44
    shown = np.argsort(-choice.model_V, kind="stable")[:SHOWN]
    columns = min(S, COLUMNS)
    named = [word if len(word) < 12 else f"{word[:10]}…" for word in words[S - columns :]]
    slant = 0.85 * widest(named, 8.5) + 8
    left = MARGIN + NAMES + BAR + NUMBERS + 84
    beside = slant + L * H * CELL + 24
    canvas = Canvas(WIDTH, top + max((SHOWN + 1) * ROW + 30, beside + 4))
    canvas.text(MARGIN, 13, f"read by block {block + 1}, head {head + 1}", size=style.SMALL,
                colour=style.QUIET)  # fmt: skip
    _draw_text(canvas, words, places, S - written, weights[block, head])
    _draw_choice(canvas, top, choice, shown)
    _draw_heads(canvas, left, top + slant, weights[:, :, S - columns :], named, (block, head))
    canvas.alt = _in_words(words, choice, shown, weights[block, head], (block, head))
    canvas.table = lambda: _as_table(words, choice, shown, weights)
    canvas.cells = lambda: _cells(
        weights[:, :, S - columns :], words[S - columns :], (left, top + slant)
    )
    return canvas


def _set(words: Sequence[str]) -> tuple[list[tuple[float, int, float]], int]:
    """Words set as a text: each one's left edge, line and width; and the number of lines."""
    x, line, places = MARGIN, 0, []
    for word in words:
        wide = text_width(_plain(word), SIZE) + 5
        x += 4 if word.startswith(SPACE) and x > MARGIN else 0
        if x + wide > WIDTH - MARGIN and x > MARGIN:
            x, line = MARGIN, line + 1
        places.append((x, line, wide))
        x += wide + 1
        if word.endswith(NEW_LINE):
            x, line = MARGIN, line + 1
    return places, line + 1


def _plain(word: str) -> str:
    return word.removeprefix(SPACE) or SPACE


def _draw_text(
    canvas: Canvas, words: Sequence[str], places: Sequence[tuple[float, int, float]], typed: int,
    w_S: FloatArray,
) -> None:  # fmt: skip
    most = max(float(w_S.max()), 1e-9)
    for n, (word, (x, line, wide), weight) in enumerate(zip(words, places, w_S, strict=True)):
        y = 24 + line * LINE
        strength = STRONGEST * float(np.sqrt(np.clip(weight / most, 0, 1)))
        canvas.rect(x, y, wide, HIGH, style.BLUE, alpha=round(strength, 3), round=3)
        quiet = word in (NEW_LINE, SPACE)
        canvas.text(x + wide / 2, y + HIGH / 2, _plain(word), size=SIZE, anchor="middle",
                    colour=style.QUIET if quiet else style.INK)  # fmt: skip
        if n >= typed:
            canvas.path([(x, y + HIGH + 1), (x + wide, y + HIGH + 1)], style.ORANGE, thick=1.6)
    x, line, wide = places[-1]
    canvas.rect(x, 24 + line * LINE, wide, HIGH, None, line=style.INK, thick=1.2, round=3)


def _draw_choice(canvas: Canvas, top: float, choice: Choice, shown: npt.NDArray[np.int_]) -> None:
    canvas.text(MARGIN, top - 20, "the next word", size=style.LARGE)
    stay = int((choice.drawn_V > 0).sum())
    canvas.text(MARGIN + 88, top - 20, f"{stay:,} of {len(choice.names):,} stay in",
                size=style.SMALL, colour=style.QUIET)  # fmt: skip
    others = np.ones(len(choice.names), dtype=bool)
    others[shown] = False
    lines = [
        (choice.names[n], float(choice.model_V[n]), float(choice.drawn_V[n]), n == choice.drawn)
        for n in shown
    ]
    lines.append((f"{others.sum():,} others", float(choice.model_V[others].sum()),
                  float(choice.drawn_V[others].sum()), bool(others[choice.drawn])))  # fmt: skip
    longest = max(max(said, drawn) for _, said, drawn, _ in lines[:-1])
    left = MARGIN + NAMES
    for x, title in ((8, "model"), (42, "drawn")):
        canvas.text(left + BAR + x, top - 5, title, size=7.5, colour=style.QUIET)
    for n, (name, said, drawn, next_) in enumerate(lines):
        y = top + n * ROW
        canvas.text(left - 8, y + ROW / 2, name if len(name) < 15 else f"{name[:13]}…",
                    anchor="end", bold=next_)  # fmt: skip
        if n < len(shown):  # all others together have no bar: it would be the longest
            canvas.rect(left, y + 3.5, BAR * drawn / longest, ROW - 7, style.BLUE)
            canvas.rect(left, y + 2, BAR * said / longest, ROW - 4, None, line=style.QUIET,
                        thick=0.9)  # fmt: skip
        canvas.text(left + BAR + 8, y + ROW / 2, f"{said:.3f}", size=style.SMALL,
                    colour=style.QUIET)  # fmt: skip
        canvas.text(left + BAR + 42, y + ROW / 2, f"{drawn:.3f}" if drawn else "out",
                    size=style.SMALL, colour=style.INK if drawn else style.QUIET)  # fmt: skip
        if next_:
            canvas.star(left + BAR + 80, y + ROW / 2, 6, style.ORANGE)
    legend(canvas, MARGIN, top + (SHOWN + 1) * ROW + 14,
           [("ring", style.QUIET, "the model"), ("box", style.BLUE, "drawn with"),
            ("star", style.ORANGE, f"the draw gives {choice.names[choice.drawn]}")])  # fmt: skip


def _draw_heads(
    canvas: Canvas, left: float, top: float, w_LHS: FloatArray, names: Sequence[str],
    which: tuple[int, int],
) -> None:  # fmt: skip
    """A row for each head, a column for each of the newest words."""
    L, H, S = w_LHS.shape
    wide, high = S * CELL, H * CELL
    for s, name in enumerate(names):
        canvas.text(left + (s + 0.5) * CELL - 2, top - 5, name, size=8.5, turn=58)
    canvas.image(left, top, wide, L * high, shades(w_LHS.reshape(L * H, S)))
    for n in range(L):
        y = top + n * high
        canvas.text(left - 24, y + 0.5 * CELL, f"block {n + 1}", size=style.SMALL, anchor="end")
        if n:
            canvas.path([(left - 60, y), (left + wide, y)], style.PAPER, thick=2)
        for h in range(H):
            canvas.text(left - 7, y + (h + 0.5) * CELL, str(h + 1), size=style.SMALL, anchor="end",
                        bold=(n, h) == which)  # fmt: skip
    row = top + (which[0] * H + which[1]) * CELL
    canvas.rect(left - 1, row - 1, wide + 2, CELL + 2, None, line=style.ORANGE, thick=2)
    canvas.text(left, top + L * high + 13, "each row: whom a head reads as it reads the last word",
                size=style.SMALL, colour=style.QUIET)  # fmt: skip


def _in_words(
    words: Sequence[str], choice: Choice, shown: npt.NDArray[np.int_], w_S: FloatArray,
    which: tuple[int, int],
) -> str:  # fmt: skip
    def both(n: int) -> str:
        drawn = float(choice.drawn_V[n])
        then = f"drawn with {drawn:.3f}" if drawn else "left out"
        return f"“{choice.names[n]}” {choice.model_V[n]:.3f}, {then}"

    text = "".join(words).replace(SPACE, " ").replace(NEW_LINE, " ").strip()
    end = text if len(text) < 90 else f"…{text[-88:]}"
    stay = int((choice.drawn_V > 0).sum())
    most = int(w_S.argmax())
    return (
        f"Behind “{end}” the likeliest of {len(choice.names):,} words are "
        f"{'; '.join(both(int(n)) for n in shown[:3])}. {stay:,} stay in, and the draw gives "
        f"“{choice.names[choice.drawn]}”. Block {which[0] + 1}, head {which[1] + 1} reads "
        f"“{words[most]}” most: {number(float(w_S[most]))}."
    )


def _as_table(
    words: Sequence[str], choice: Choice, shown: npt.NDArray[np.int_], w_LHS: FloatArray
) -> Table:
    """The likeliest words, and behind them what each head reads most."""
    rows: list[tuple[str, ...]] = [
        (choice.names[n], f"{choice.model_V[n]:.4f}", f"{choice.drawn_V[n]:.4f}") for n in shown
    ]
    L, H = w_LHS.shape[:2]
    for place in range(L * H):
        w_S = w_LHS[place // H, place % H]
        first, *second = (
            f"{words[s]} {number(float(w_S[s]))}" for s in np.argsort(-w_S, kind="stable")[:2]
        )
        rows.append((f"block {place // H + 1}, head {place % H + 1}", first, *(second or ["–"])))
    return Table(
        ("next word, or head", "in the model, or read most", "drawn with, or read next most"),
        tuple(rows),
    )


def _cells(
    w_LHS: FloatArray, words: Sequence[str], corner: tuple[float, float]
) -> dict[str, Any]:  # fmt: skip
    """Where each weight stands and what it is, for a pointer."""
    L, H, S = w_LHS.shape
    texts = [[number(w) for w in row] for row in w_LHS.reshape(L * H, S).tolist()]
    return {
        "cell": CELL,
        "maps": [{"x": corner[0], "y": corner[1], "name": "", "w": texts}],
        "rows": [f"block {n // H + 1}, head {n % H + 1}" for n in range(L * H)],
        "keys": list(words),
        "ink": style.css(style.INK),
        "paper": style.css(style.PAPER),
    }
