"""How one array becomes many heads: every number's way through reshape, transpose and merge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Table
from attnkit.figures.labels import text_width

IntArray = npt.NDArray[np.int_]

CELL, GAP = 30.0, 12.0
LEFT, TOP = 46.0, 46.0
LIGHT = (
    "#cfe5f5",
    "#fbd9c3",
    "#c9ebdf",
    "#fbe8bd",
    "#e3d5ee",
    "#dfe3e8",
)  # heads, each with a sign
STEPS = ("x (T, D)", "reshape", "transpose", "heads merged")


def labels_of(T: int, D: int) -> IntArray:
    """An array (T, D) whose number at (t, d) is 100·t + d: it says where it came from."""
    return 100 * np.arange(T)[:, None] + np.arange(D)[None]


def head_paths(T: int, D: int, H: int) -> dict[str, list[IntArray]]:
    """Where each number of x (T, D) goes, step by step: in the right way, and in two wrong ones.

    Each way is a list of four arrays: x, the array after the first step, the heads (H, T, K), and
    what they are merged into.
    """
    x, K = labels_of(T, D), D // H
    pieces = np.split(x, H, axis=1)  # each head's columns
    cut, heads = np.stack(pieces, axis=1), np.stack(pieces)
    wrong = x.reshape(H, T, K)  # the same numbers in reading order
    return {
        "right": [x, cut, heads, np.concatenate(list(heads), axis=1)],
        "reshaped only": [x, wrong, wrong, np.concatenate(list(wrong), axis=1)],
        "not turned back": [x, cut, heads, heads.reshape(T, D)],
    }


def draw_heads(
    ways: Sequence[tuple[str, npt.ArrayLike]], T: int, D: int, H: int, step: int
) -> Canvas:
    """Arrays side by side, each number with the place it came from and its head's colour.

    ``ways`` are names and arrays of labels 100·t + d, of two or three axes: see `head_paths`. A
    cell shows its word (a letter) and its column; the colour and the small digit are of the head
    that the column belongs to. A block whose numbers are not of one head is framed in orange.
    """
    K = D // H
    arrays = [(name, np.asarray(labels, dtype=int)) for name, labels in ways]
    sizes = [_size(array) for _, array in arrays]
    names = [widest_of(name) for name, _ in arrays]
    lefts, x = [], LEFT
    for (wide, _), name_wide in zip(sizes, names, strict=True):
        lefts.append(x)
        x += max(wide, name_wide) + 64
    key = f"a cell “b4” is number 4 of word b; head {H} owns the last {K} columns of x"
    key_wide = LEFT + 68 * H + text_width(key, style.SMALL) + 30
    canvas = Canvas(max(x - 20, key_wide), TOP + max(high for _, high in sizes) + 56)
    told = []
    for (name, array), left in zip(arrays, lefts, strict=True):
        mixed = _draw_array(canvas, left, name, array, H, K)
        told.append((name, mixed))
    for h in range(H):
        at = LEFT + 68 * h
        canvas.rect(
            at, canvas.height - 20, 13, 13, LIGHT[h % len(LIGHT)], line="#8a94a3", thick=0.6
        )
        canvas.text(at + 18, canvas.height - 13, f"head {h + 1}", size=style.SMALL)
    canvas.text(LEFT + 68 * H + 8, canvas.height - 13, key, size=style.SMALL,
                colour=style.QUIET)  # fmt: skip
    said = [f"{name}: {_shape(array)}{', ' + mixed if mixed else ''}"
            for (name, mixed), (_, array) in zip(told, arrays, strict=True)]  # fmt: skip
    canvas.alt = f"Step {step}, {H} heads of {K} columns. {'; '.join(said)}."
    rows = [
        (name, _shape(array), " ".join(_name(label) for label in array.reshape(-1)))
        for name, array in arrays
    ]
    canvas.table = Table(("way", "shape", "numbers in reading order"), tuple(rows))
    return canvas


def widest_of(name: str) -> float:
    """Room for a way's name above its array."""
    return text_width(name, style.LARGE)


def _shape(array: IntArray) -> str:
    return f"({', '.join(map(str, array.shape))})"


def _name(label: int) -> str:
    return f"{chr(ord('a') + int(label) // 100)}{int(label) % 100}"


def _size(array: IntArray) -> tuple[float, float]:
    if array.ndim == 2:
        return array.shape[1] * CELL, array.shape[0] * CELL
    blocks, rows, columns = array.shape
    return columns * CELL + 14, blocks * (rows * CELL + GAP) - GAP


def _draw_array(
    canvas: Canvas, left: float, name: str, array: IntArray, H: int, K: int
) -> str:  # fmt: skip
    """Draw one array. Returns what is wrong with it, if blocks hold numbers of several heads."""
    canvas.text(left, 14, name, size=style.LARGE)
    canvas.text(left, 31, _shape(array), size=style.SMALL, colour=style.QUIET)
    blocks = array[None] if array.ndim == 2 else array
    mixed = 0
    for b, block in enumerate(blocks):
        top = TOP + b * (block.shape[0] * CELL + GAP)
        for t, row in enumerate(block):
            for d, label in enumerate(row):
                head = int(label) % 100 // K
                x, y = left + d * CELL, top + t * CELL
                canvas.rect(x, y, CELL, CELL, LIGHT[head % len(LIGHT)], line="#8a94a3", thick=0.6)
                canvas.text(x + CELL / 2 - 2, y + CELL / 2, _name(label), size=style.MEDIUM,
                            colour=style.ON_LIGHT, anchor="middle")  # fmt: skip
                canvas.text(x + CELL - 3, y + CELL - 7, str(head + 1), size=6.5, colour="#4a5561",
                            anchor="end")  # fmt: skip
        wide, high = block.shape[1] * CELL, block.shape[0] * CELL
        of_head = array.ndim == 3 and blocks.shape[0] == H
        spoiled = of_head and len({int(label) % 100 // K for label in block.flat}) > 1
        canvas.rect(left, top, wide, high, None, thick=2.6 if spoiled else 1.2,
                    line=style.ORANGE if spoiled else style.QUIET, dash=spoiled)  # fmt: skip
        mixed += spoiled
    return f"{mixed} of {len(blocks)} blocks mix heads" if mixed else ""


# --- the same budget for any number of heads ------------------------------------------------------

SQUARE, BUDGET_TOP = 200.0, 46.0


def draw_budget(
    D: int, H: int, words: int, given: int | None = None, name: str = ""
) -> Canvas:  # fmt: skip
    """What H heads cost at a width of D: the same numbers to learn, more attention maps.

    Left, one of the four matrices (D, D), its columns cut into heads of K = D / H. Right, the
    numbers to learn in all four, without biases, and the weights of H maps of ``words`` squared.
    ``given`` is a count to compare with, by the function ``name``.
    """
    K = D // H
    canvas = Canvas(640, BUDGET_TOP + SQUARE + 46)
    canvas.text(LEFT, 16, f"W (D, D), cut into {H} head{'s' if H > 1 else ''}", size=style.LARGE)
    wide = SQUARE / H
    for h in range(H):
        canvas.rect(LEFT + h * wide, BUDGET_TOP, wide, SQUARE, LIGHT[h % len(LIGHT)])
        if wide > 14:
            canvas.text(LEFT + (h + 0.5) * wide, BUDGET_TOP + SQUARE / 2, str(h + 1),
                        colour=style.ON_LIGHT, anchor="middle")  # fmt: skip
    edges = [[LEFT + h * wide, BUDGET_TOP + y] for h in range(H + 1) for y in (0, SQUARE, np.nan)]
    canvas.path(edges, "#8a94a3", thick=0.7 if H < 40 else 0.3)
    canvas.rect(LEFT, BUDGET_TOP, SQUARE, SQUARE, None, line=style.QUIET)
    canvas.text(LEFT + SQUARE / 2, BUDGET_TOP + SQUARE + 14, f"K = D / H = {D} / {H} = {K} columns "
                "each", size=style.SMALL, anchor="middle")  # fmt: skip

    learned, maps = 4 * D * D, H * words * words
    left, long = LEFT + SQUARE + 150, 150.0
    lines = [("numbers to learn", learned, 4 * D * D * 2), ("numbers in a head’s q, k", K, D),
             ("attention weights", maps, D * words * words)]  # fmt: skip
    if given is not None:
        lines.insert(1, (name, given, 4 * D * D * 2))
    for row, (what, value, most) in enumerate(lines):
        y = BUDGET_TOP + 24 + row * 44
        part = float(np.clip(value / most, 0, 1))
        own = given is not None and row == 1
        canvas.text(left - 10, y, what, anchor="end")
        canvas.rect(left, y - 9, max(long * part, 1), 18, style.YELLOW if own else style.BLUE)
        canvas.text(left + long * part + 6, y, f"{value:,}", size=style.SMALL)
    canvas.alt = (
        f"{H} heads of {K} columns each at width {D}: {learned:,} numbers to learn, whatever the "
        f"number of heads, and {maps:,} attention weights for {words} words."
    )
    canvas.table = Table(("what", "how many"), tuple((what, f"{v:,}") for what, v, _ in lines))
    return canvas
