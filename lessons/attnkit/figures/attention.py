"""Attention weights as heat maps, heads side by side, with one query's weights as bars below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import describe_weights, number
from attnkit.figures.canvas import Canvas, Plot, Rgb, Table, hatching, legend, short
from attnkit.figures.labels import text_width, widest

FloatArray = npt.NDArray[np.float64]
RowKind = Literal["query", "head"]  # what a row of a map is

MOST_NUMBERS = 12  # queries and keys up to which each cell shows its number
SUM_TOLERANCE = 1e-3  # float16 weights add up to 1 as nearly as this
CELL, LEAST_CELL, LEAST_HATCHED = 29.0, 2.5, 5.0  # points
ONE_MAP, MAP_OF_MANY = 400.0, 150.0  # points: the greatest width of a heat map
MAPS_IN_A_ROW = 4
BARS, BARS_OF_MANY = 74.0, 44.0  # points: their height
LABEL = 9.0  # points: the size of words beside cells
MARGIN = 12.0


@lru_cache(maxsize=1)
def _palette() -> Rgb:
    """256 colours from no attention to all of it: even steps, also to colour-blind eyes.

    Viridis, for its middle is as clear as its ends: most weights lie there on a root's scale.
    """
    colours: Rgb = (255 * mpl.colormaps["viridis"](np.arange(256))[:, :3]).round().astype(np.uint8)
    return colours


def shades(weights: FloatArray) -> Rgb:
    """The colours (…, 3) of weights, on a square-root scale: most weights are small."""
    level = np.sqrt(np.clip(np.nan_to_num(weights), 0, 1))
    colours: Rgb = _palette()[(255 * level).round().astype(int)]
    return colours


def as_heads(
    weights: npt.ArrayLike, queries: int | None = None, keys: int | None = None
) -> FloatArray:
    """Weights of shape (S,), (T, S) or (H, T, S) as (H, T, S), float64.

    ``queries`` and ``keys`` say how many there should be. ValueError names what is wrong.
    """
    try:
        array = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("the weights are not an array of plain numbers") from None
    if array.ndim not in (1, 2, 3):
        batch = ": take one sentence of the batch, for example w[0]" if array.ndim == 4 else ""
        raise ValueError(
            f"the weights have the shape {array.shape}, but should have (T, S) or (H, T, S){batch}"
        )
    given = array[None] if array.ndim == 1 else array
    wanted = (queries or given.shape[-2], keys or given.shape[-1])
    if given.shape[-2:] != wanted:
        wish = f"{wanted} for {wanted[0]} queries and {wanted[1]} keys"
        turned = wanted[0] != wanted[1] and given.shape[-2:] == wanted[::-1]
        why = ": queries and keys have changed places" if turned else ""
        if given.ndim == 3 and given.shape[0] == wanted[0] and given.shape[-1] == wanted[1]:
            why = ": the heads should be the first axis"
        raise ValueError(f"the weights have the shape {array.shape}, but should end in {wish}{why}")
    if 0 in given.shape:
        raise ValueError(f"the weights have the shape {array.shape}: there is nothing in them")
    return given.reshape(-1, *wanted)


def troubles(w_HTS: FloatArray, queries: Sequence[str]) -> str:
    """What about some weights can't be right, in part of a sentence; "" if nothing."""
    many = len(w_HTS) > 1

    def where(bad_HT: Any) -> str:
        h, t = (int(i) for i in np.argwhere(bad_HT)[0])
        others = int(bad_HT.sum()) - 1
        more = f" and {others} more row{'s' if others > 1 else ''}" if others else ""
        return f"row {t + 1} (“{queries[t]}”){f' of head {h + 1}' if many else ''}{more}"

    lost_HT = ~np.isfinite(w_HTS).all(axis=2)
    if lost_HT.any():
        return f"some weights are not finite (nan or inf): {where(lost_HT)}"
    negative_HT = (w_HTS < 0).any(axis=2)
    if negative_HT.any():
        return f"some weights are negative: {where(negative_HT)}"
    sums_HT = w_HTS.sum(axis=2)
    off_HT = wrong_sums(w_HTS)
    if off_HT.any():
        h, t = (int(i) for i in np.argwhere(off_HT)[0])
        return f"not every row adds up to 1: {short(sums_HT[h, t])} in {where(off_HT)}"
    return ""


def wrong_sums(w_HTS: FloatArray) -> npt.NDArray[np.bool_]:
    """Which rows (H, T) don't add up to 1. A row of zeros may be one that has nothing to see."""
    sums_HT = w_HTS.sum(axis=2)
    wrong: npt.NDArray[np.bool_] = (
        ~(np.abs(sums_HT - 1) <= SUM_TOLERANCE) & (w_HTS != 0).any(axis=2)
    )  # fmt: skip
    return wrong


def draw_attention(
    weights: npt.ArrayLike,
    tokens: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    row: int = 0,
    ghost: npt.ArrayLike | None = None,
    heads: Sequence[str] | None = None,
    each: RowKind = "query",
) -> Canvas:
    """Attention weights as heat maps, heads side by side; below, the weights of one query as bars.

    weights: (S,) for one query, (T, S), or (H, T, S).
    tokens: the T queries' words; keys: the S keys' words, the same ones unless given.
    row: the query whose weights are the bars, from 0.
    ghost: weights as they should be, dashed around the bars.
    heads: names of the heads, or of whatever the maps stand for.
    each: what each row of (T, S) is: a query, or a head, where all heads have one query.

    A cell of exactly 0 is hatched: it was masked, or is too small for its type. Rows that hold nan
    or don't add up to 1 are marked. Raises ValueError if shapes don't fit.
    """
    if np.ndim(weights) == 1 and keys is None and tokens is not None:
        tokens, keys = ["query"], tokens
    keys = tokens if keys is None else keys
    n_queries = None if tokens is None else len(tokens)
    w_HTS = as_heads(weights, n_queries, None if keys is None else len(keys))
    n_heads, n_queries, n_keys = w_HTS.shape
    queries = [str(i + 1) for i in range(n_queries)] if tokens is None else list(map(str, tokens))
    keys = [str(i + 1) for i in range(n_keys)] if keys is None else list(map(str, keys))
    row = min(row, n_queries - 1)
    ghost_HTS = None if ghost is None else as_heads(ghost, n_queries, n_keys)
    names = [f"head {h + 1}" for h in range(n_heads)] if heads is None else list(heads)

    sizes = _Sizes.of(n_heads, queries, keys)
    canvas = Canvas(sizes.width, sizes.height)
    canvas.alt = _in_words(w_HTS, queries, keys, row, each, heads)
    canvas.table = lambda: _as_table(w_HTS, queries, keys, names, each)
    canvas.cells = lambda: _cells(w_HTS, queries, keys, names, sizes)
    for h in range(n_heads):
        x, y = sizes.corner(h)
        title = names[h] if n_heads > 1 else ""
        ghost_S = None if ghost_HTS is None else ghost_HTS[min(h, len(ghost_HTS) - 1), row]
        _draw_head(canvas, x, y, sizes, w_HTS[h], queries, keys, row, ghost_S, title,
                   first=h % sizes.columns == 0)  # fmt: skip
    _draw_key(canvas, sizes, ghost is not None, bool((w_HTS == 0).any()), each)
    return canvas


class _Sizes:
    """Where the parts of the picture lie, in points."""

    def __init__(self, heads: int, queries: Sequence[str], keys: Sequence[str]) -> None:
        many = heads > 1
        self.columns = min(heads, MAPS_IN_A_ROW)
        longest = max(len(queries), len(keys))
        room = MAP_OF_MANY if many else ONE_MAP
        self.cell = float(np.clip(room / longest, LEAST_CELL, CELL if not many else CELL / 2))
        self.labels = min(LABEL, 0.85 * self.cell + 1.5)
        self.named = self.cell >= 7
        self.numbers = not many and longest <= MOST_NUMBERS
        self.map_wide, self.map_high = self.cell * len(keys), self.cell * len(queries)
        row_names = widest(queries, self.labels) + 14 if self.named else 12
        self.left = max(row_names, 34) + MARGIN
        widest_key = widest(keys, self.labels)
        self.slanted = widest_key > self.cell - 4
        self.slant = 42.0 if self.cell >= 18 else 62.0
        rise, lean = np.sin(np.deg2rad(self.slant)), np.cos(np.deg2rad(self.slant))
        above = (widest_key * rise + 11 if self.slanted else 16) if self.named else 4
        self.above = above + (18 if many else 2)
        self.bars = BARS_OF_MANY if many else BARS
        self.over = (
            widest_key * lean if self.slanted and self.named else 0.0
        )  # slanted names lean out
        self.pitch = self.map_wide + max(34.0 if many else 52.0, self.over)
        self.head_high = self.above + self.map_high + 14 + self.bars + (22 if many else 8)
        self.rows = -(-heads // self.columns)
        self.width = max(self.left + self.columns * self.pitch + MARGIN, 380.0)
        self.height = self.rows * self.head_high + 44

    @classmethod
    def of(cls, heads: int, queries: Sequence[str], keys: Sequence[str]) -> _Sizes:
        return cls(heads, queries, keys)

    def corner(self, head: int) -> tuple[float, float]:
        """The upper left corner of a head's heat map."""
        return (
            self.left + (head % self.columns) * self.pitch,
            self.above + (head // self.columns) * self.head_high,
        )


def _draw_head(
    canvas: Canvas, x: float, y: float, sizes: _Sizes, w_TS: FloatArray, queries: Sequence[str],
    keys: Sequence[str], row: int, ghost_S: FloatArray | None, title: str, first: bool,
) -> None:  # fmt: skip
    cell = sizes.cell
    colours = shades(w_TS)
    hidden, lost = w_TS == 0, ~np.isfinite(w_TS)
    seen = np.where((hidden & (cell >= LEAST_HATCHED)) | lost, 0, 255).astype(np.uint8)
    pixels = np.concatenate([colours, seen[..., None]], axis=2)
    canvas.image(x, y, sizes.map_wide, sizes.map_high, pixels)
    if cell >= LEAST_HATCHED:
        _hatch(canvas, x, y, cell, hidden, style.QUIET, max(3.5, cell / 5))
    _hatch(canvas, x, y, cell, lost, style.ORANGE, max(3.0, cell / 6))
    if sizes.numbers:
        bright = colours.astype(float) @ (0.299, 0.587, 0.114) > 118
        plain = ~(hidden | lost)
        size = min(style.SMALL, 0.31 * cell)
        for which, colour in ((plain & bright, style.ON_LIGHT), (plain & ~bright, style.ON_DARK)):
            places = np.argwhere(which)
            middles = (x, y) + (places[:, ::-1] + 0.5) * cell
            canvas.numbers(
                middles, [number(float(w)) for w in w_TS[which]], size=size, colour=colour
            )
        for t, s in np.argwhere(lost):
            canvas.rect(
                x + s * cell + 3, y + (t + 0.5) * cell - 6, cell - 6, 12, style.PAPER, round=2
            )
            canvas.text(
                x + (s + 0.5) * cell, y + (t + 0.5) * cell, short(float(w_TS[t, s])), size=size,
                colour=style.ORANGE, anchor="middle", bold=True,
            )  # fmt: skip
    if sizes.named:
        _name_cells(canvas, x, y, sizes, queries if first else [], keys, row)
    if title:
        canvas.text(x, y - sizes.above + 8, title, size=style.MEDIUM, bold=True)
    canvas.rect(x - 1, y + row * cell - 1, sizes.map_wide + 2, cell + 2, None, line=style.ORANGE,
                thick=1.8)  # fmt: skip
    for t in np.flatnonzero(wrong_sums(w_TS[None])[0]):
        total = w_TS[t].sum()
        says = f"Σ {short(total, 3)}" if np.isfinite(total) else "Σ nan"
        canvas.text(
            x + sizes.map_wide + 4, y + (t + 0.5) * cell, "▲" if title else f"▲ {says}",
            size=min(style.SMALL, cell), colour=style.ORANGE, bold=True,
        )  # fmt: skip
    _draw_bars(canvas, x, y + sizes.map_high + 14, sizes, w_TS[row], ghost_S, first)


def _hatch(
    canvas: Canvas, x: float, y: float, cell: float, cells_TS: npt.NDArray[np.bool_], colour: str,
    gap: float,
) -> None:  # fmt: skip
    """Slanted lines over some cells, cells beside each other as one."""
    if not cells_TS.any():
        return
    lines = []
    edges_TS = np.diff(np.pad(cells_TS, ((0, 0), (1, 1))).astype(int), axis=1)
    for t, (starts, ends) in enumerate(
        zip((edges_TS == 1), (edges_TS == -1), strict=True)
    ):  # fmt: skip
        for start, end in zip(np.flatnonzero(starts), np.flatnonzero(ends), strict=True):
            place = (x + start * cell, y + t * cell, (end - start) * cell, cell)
            lines.append(hatching(*place, gap))
    if lines:
        canvas.path(np.concatenate(lines), colour, thick=0.7)


def _name_cells(
    canvas: Canvas, x: float, y: float, sizes: _Sizes, queries: Sequence[str],
    keys: Sequence[str], row: int,
) -> None:  # fmt: skip
    for s, word in enumerate(keys):
        across = x + (s + 0.5) * sizes.cell
        if sizes.slanted:
            canvas.text(across - 2, y - 7, word, size=sizes.labels, turn=sizes.slant)
        else:
            canvas.text(across, y - 9, word, size=sizes.labels, anchor="middle")
    for t, word in enumerate(queries):
        chosen = t == row
        canvas.text(
            x - 6, y + (t + 0.5) * sizes.cell, f"{word} ▸" if chosen else word, size=sizes.labels,
            anchor="end", bold=chosen and len(queries) > 1,
        )  # fmt: skip


def _draw_bars(
    canvas: Canvas, x: float, y: float, sizes: _Sizes, w_S: FloatArray,
    ghost_S: FloatArray | None, first: bool,
) -> None:  # fmt: skip
    plot = Plot(canvas, x, y, sizes.map_wide, sizes.bars, (0, len(w_S)), (0, 1))
    if first:
        plot.ticks_y([0, 0.5, 1], ["0", "½", "1"])
    else:
        for level in (0, 0.5, 1):
            canvas.path(plot.at([0, len(w_S)], level), style.FAINT, thick=0.7)
    low, cell = y + sizes.bars, sizes.cell
    wide = 0.68 * cell
    for s, weight in enumerate(w_S.tolist()):  # plain numbers: quicker one by one
        left = x + (s + 0.16) * cell
        if math.isfinite(weight):
            high = min(max(weight, 0.0), 1.0) * sizes.bars
            canvas.rect(left, low - high, wide, high, style.BLUE)
        else:
            canvas.hatch(left, y, wide, sizes.bars, style.ORANGE, 5)
        if ghost_S is not None:
            tall = min(max(float(ghost_S[s]), 0.0), 1.0) * sizes.bars
            canvas.rect(left - 1.5, low - tall, wide + 3, tall, None, line=style.INK, dash=True)
        if weight > 1:
            canvas.text(
                left + wide / 2, y + 5, "▲", size=style.SMALL, colour=style.ORANGE, anchor="middle"
            )


def _draw_key(canvas: Canvas, sizes: _Sizes, ghost: bool, hidden: bool, each: RowKind) -> None:
    y, wide = sizes.height - 26, 110.0
    x = sizes.left
    canvas.image(x, y, wide, 9, _palette()[None], smooth=True)
    for level in (0.0, 0.1, 0.5, 1.0):
        at = x + wide * float(np.sqrt(level))
        canvas.text(at, y + 17, short(level), size=style.SMALL, colour=style.QUIET, anchor="middle")
    keys = [("hatch", style.QUIET, "exactly 0")] if hidden else []
    if ghost:
        keys.append(("dash", style.INK, "as it should be"))
    legend(canvas, x + wide + 18, y + 5, [("box", style.BLUE, f"this {each}’s weights"), *keys])
    words = "weight"
    canvas.text(x - 8, y + 5, words, size=style.SMALL, anchor="end")
    assert text_width(words, style.SMALL) < sizes.left


def _in_words(
    w_HTS: FloatArray, queries: Sequence[str], keys: Sequence[str], row: int, each: RowKind,
    names: Sequence[str] | None,
) -> str:  # fmt: skip
    wrong = troubles(w_HTS, queries)
    start = f"{wrong[0].upper()}{wrong[1:]}. " if wrong else ""
    heads = f"{len(w_HTS)} {'maps' if names else 'heads'}, " if len(w_HTS) > 1 else ""
    many = "heads" if each == "head" else "queries"
    start += f"{heads}{len(queries)} {many} over {len(keys)} keys. " if len(queries) > 1 else ""
    parts = []
    for h, w_S in enumerate(w_HTS[:, row]):
        head = f"{names[h] if names else f'head {h + 1}'}, " if len(w_HTS) > 1 else ""
        called = queries[row] if each == "head" else f"query “{queries[row]}”"
        whose = f"{head}{called}: " if len(queries) > 1 else ""
        if not np.isfinite(w_S).all():
            parts.append(f"{whose}not finite.")
        elif len(w_HTS) > 2:
            best = int(np.argmax(w_S))
            parts.append(f"{whose}most to “{keys[best]}”, {number(float(w_S[best]))}.")
        else:
            said = describe_weights(keys, w_S)
            parts.append(f"{whose}{said.removeprefix('Attention weights: ')}" if whose else said)
    text = " ".join(f"{part[0].upper()}{part[1:]}" for part in parts)
    return start + text


def _cells(
    w_HTS: FloatArray, queries: Sequence[str], keys: Sequence[str], names: Sequence[str],
    sizes: _Sizes,
) -> dict[str, Any]:  # fmt: skip
    """Where each cell is and what it says, for a pointer."""
    maps = []
    for h, w_TS in enumerate(w_HTS):
        x, y = sizes.corner(h)
        texts = [[f"{weight:.3f}" for weight in w_S] for w_S in w_TS.tolist()]
        maps.append({"x": x, "y": y, "name": names[h] if len(w_HTS) > 1 else "", "w": texts})
    return {
        "cell": sizes.cell, "maps": maps, "rows": list(queries), "keys": list(keys),
        "ink": style.css(style.INK), "paper": style.css(style.PAPER),
    }  # fmt: skip


def _as_table(
    w_HTS: FloatArray,
    queries: Sequence[str],
    keys: Sequence[str],
    names: Sequence[str],
    each: RowKind,
) -> Table:
    rows = []
    for h, w_TS in enumerate(w_HTS):
        for t, w_S in enumerate(w_TS):
            name = f"{names[h]}, {queries[t]}" if len(w_HTS) > 1 else queries[t]
            rows.append((name, *(f"{weight:.3f}" for weight in w_S)))
    return Table((f"{each} ↓ key →", *keys), tuple(rows))
