"""All heads of a model at once: a wall of small maps, and one of them opened beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.attention import shades
from attnkit.figures.canvas import Canvas, Rgb, Table, short
from attnkit.figures.labels import widest

FloatArray = npt.NDArray[np.float64]

TILE, TOP, LEFT = 31.0, 40.0, 54.0  # points: a small map with its gap, and where the wall begins
OPEN, LABEL = 250.0, 9.0  # points: the opened map's greatest side, and the size of its words
LEAST_NAMED = 7.0  # points: cells so high have their tokens beside them
GAP = 1  # of the small maps, in cells


def draw_wall(
    A_LHTT: npt.ArrayLike, tokens: Sequence[str], layer: int = 0, head: int = 0
) -> Canvas:
    """Weights (L, H, T, T) of every head as small maps, a row for each layer; one of them opened.

    layer, head: the one that is opened, from 0. Rows of a map ask, columns are asked. Raises
    ValueError for weights of another shape than four axes and T tokens.
    """
    weights = np.asarray(A_LHTT, dtype=np.float64)
    T = len(tokens)
    if weights.ndim != 4 or weights.shape[2:] != (T, T) or 0 in weights.shape:
        raise ValueError(
            f"The weights have the shape {weights.shape}, but should have (L, H, {T}, {T})."
        )
    L, H = weights.shape[:2]
    layer, head = min(layer, L - 1), min(head, H - 1)
    cell = min(OPEN / T, 26.0)
    size = min(LABEL, 0.85 * cell + 1.5)
    named = cell >= LEAST_NAMED
    names = widest(tokens, size) if named else 0.0
    left = LEFT + H * TILE + 26 + names
    top = max(TOP, 30 + names * 0.9)
    wide = max(cell * T + 0.5 * names + 16, 110.0)
    canvas = Canvas(left + wide, max(top + cell * T + 30, TOP + L * TILE + 46))
    canvas.image(LEFT, TOP, H * TILE, L * TILE, _tiles(weights))
    for number in range(L):
        canvas.text(LEFT - 7, TOP + (number + 0.47) * TILE, f"layer {number + 1}",
                    size=style.SMALL, anchor="end")  # fmt: skip
    for number in range(H):
        canvas.text(LEFT + (number + 0.47) * TILE, TOP - 9, str(number + 1), size=style.SMALL,
                    anchor="middle")  # fmt: skip
    canvas.text(LEFT, TOP - 26, "head", size=style.SMALL, colour=style.QUIET)
    canvas.rect(LEFT + head * TILE - 2, TOP + layer * TILE - 2, TILE + 1, TILE + 1, None,
                line=style.ORANGE, thick=2.4)  # fmt: skip
    shown = tokens if named else [""] * T
    _open(canvas, left, top, cell, size, weights[layer, head], shown, (layer, head))
    sharp_LH = weights.max(axis=-1).mean(axis=-1)
    canvas.text(LEFT, TOP + L * TILE + 16, _measures(weights[layer, head], tokens),
                size=style.SMALL, colour=style.QUIET)  # fmt: skip
    canvas.text(LEFT, TOP + L * TILE + 31, f"largest weight of a row, on average: "
                f"{sharp_LH[layer, head]:.2f}", size=style.SMALL, colour=style.QUIET)  # fmt: skip
    canvas.alt = (
        f"{L} layers of {H} heads over {T} tokens. Opened: layer {layer + 1}, head {head + 1}. "
        f"{_measures(weights[layer, head], tokens)}. Its rows' largest weight is "
        f"{sharp_LH[layer, head]:.2f} on average."
    )
    canvas.table = lambda: _as_table(weights[layer, head], tokens)
    canvas.cells = lambda: _cells(sharp_LH)
    return canvas


def _tiles(weights: FloatArray) -> Rgb:
    """All maps in one image, with gaps that let the paper through."""
    L, H, T, _ = weights.shape
    pixels = np.zeros((L, T + GAP, H, T + GAP, 4), np.uint8)
    pixels[:, :T, :, :T, :3] = shades(weights).transpose(0, 2, 1, 3, 4)
    pixels[:, :T, :, :T, 3] = 255
    tiles: Rgb = pixels.reshape(L * (T + GAP), H * (T + GAP), 4)
    return tiles


def _open(
    canvas: Canvas, x: float, y: float, cell: float, size: float, w_TT: FloatArray,
    tokens: Sequence[str], which: tuple[int, int],
) -> None:  # fmt: skip
    side = cell * len(tokens)
    canvas.image(x, y, side, side, shades(w_TT))
    for t, token in enumerate(tokens):
        canvas.text(x - 5, y + (t + 0.5) * cell, token, size=size, anchor="end")
        canvas.text(x + (t + 0.5) * cell - 2, y - 6, token, size=size, turn=58)
    canvas.text(x, y + side + 15, f"layer {which[0] + 1}, head {which[1] + 1}", bold=True)


def _measures(w_TT: FloatArray, tokens: Sequence[str]) -> str:
    """What a map does, in numbers: to the neighbours, to the ends."""
    ends = w_TT[:, [0, -1]].sum(axis=1).mean() if len(tokens) > 1 else 1.0
    before, after = (
        float(np.diagonal(w_TT, step).mean()) if len(tokens) > 1 else 0.0 for step in (-1, 1)
    )
    both = f"“{tokens[0]}” and “{tokens[-1]}”"
    return f"to the word before {before:.2f}, to the next {after:.2f}, to {both} {ends:.2f}"


def _cells(sharp_LH: FloatArray) -> dict[str, Any]:
    """Where each head's map is and what it says, for a pointer."""
    texts = [[f"largest weight {sharp:.2f}" for sharp in row] for row in sharp_LH.tolist()]
    return {
        "cell": TILE,
        "maps": [{"x": LEFT, "y": TOP, "name": "", "w": texts}],
        "rows": [f"layer {number + 1}" for number in range(len(sharp_LH))],
        "keys": [f"head {number + 1}" for number in range(sharp_LH.shape[1])],
        "ink": style.css(style.INK),
        "paper": style.css(style.PAPER),
    }


def _as_table(w_TT: FloatArray, tokens: Sequence[str]) -> Table:
    rows = tuple(
        (token, *(short(weight, 2) for weight in w_T.tolist()))
        for token, w_T in zip(tokens, w_TT, strict=True)
    )
    return Table(("asks ↓ is asked →", *tokens), rows)
