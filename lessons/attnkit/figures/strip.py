"""A text as it is read, each word on a ground as strong as its weight; one strip for each head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import describe_weights, number
from attnkit.figures.canvas import Canvas, Table
from attnkit.figures.labels import text_width

FloatArray = npt.NDArray[np.float64]

WIDTH, MARGIN = 700.0, 14.0
LINE, HIGH, SIZE = 40.0, 22.0, 11.5
STRONGEST = 0.6  # of the ground: words on it can be read on light and on dark paper


def draw_strip(
    words: Sequence[str], w_HT: npt.ArrayLike, names: Sequence[str] | None = None, *,
    note: str = "",
) -> Canvas:  # fmt: skip
    """T words on grounds of their weights (T,) or (H, T): one paragraph for each head.

    The ground's colour is on a square-root scale from 0 to the paragraph's greatest weight; the
    number below each word is the weight itself. ``note`` stands at the end, quietly.
    """
    weights = np.atleast_2d(np.asarray(w_HT, dtype=np.float64))
    if weights.ndim != 2 or weights.shape[1] != len(words) or not len(words):
        raise ValueError(
            f"There are {len(words)} words, but the weights have the shape {np.shape(w_HT)}."
        )
    names = [f"head {h + 1}" for h in range(len(weights))] if names is None else list(names)
    places, lines = set_words(words)
    many = len(weights) > 1
    high = lines * LINE + (26 if many else 10)
    canvas = Canvas(WIDTH, high * len(weights) + 24)
    for h, w_T in enumerate(weights):
        top = h * high
        if many:
            canvas.text(MARGIN, top + 12, names[h], bold=True)
        _draw_words(canvas, top + (22 if many else 6), words, places, w_T)
    says = "strongest colour: the greatest weight of the paragraph"
    canvas.text(MARGIN, canvas.height - 10, f"{says}. {note}".strip(), size=style.SMALL,
                colour=style.QUIET)  # fmt: skip
    told = [describe_weights(words, w_T) if np.isfinite(w_T).all() else "Not finite."
            for w_T in weights]  # fmt: skip
    canvas.alt = " ".join(
        f"{name[0].upper()}{name[1:]}: {said.removeprefix('Attention weights: ')}" if many else said
        for name, said in zip(names, told, strict=True)
    )
    rows = [(word, *(f"{w:.3f}" for w in weights[:, t])) for t, word in enumerate(words)]
    canvas.table = Table(("word", *(names if many else ["weight"])), tuple(rows))
    return canvas


def set_words(words: Sequence[str]) -> tuple[list[tuple[float, int, float]], int]:
    """Words set in lines: each one's left edge, line and width; and the number of lines."""
    x, line, places = MARGIN, 0, []
    for word in words:
        wide = max(text_width(word, SIZE) + 10, 30.0)
        if x + wide > WIDTH - MARGIN and x > MARGIN:
            x, line = MARGIN, line + 1
        places.append((x, line, wide))
        x += wide + 4
    return places, line + 1


def _draw_words(
    canvas: Canvas, top: float, words: Sequence[str], places: Sequence[tuple[float, int, float]],
    w_T: FloatArray,
) -> None:  # fmt: skip
    finite = w_T[np.isfinite(w_T)]
    most = max(float(finite.max()) if len(finite) else 1.0, 1e-9)
    for word, (x, line, wide), weight in zip(words, places, w_T, strict=True):
        y = top + line * LINE
        if weight == 0:
            canvas.hatch(x, y, wide, HIGH, style.FAINT, 6)
        elif not np.isfinite(weight):
            canvas.hatch(x, y, wide, HIGH, style.ORANGE, 5)
        else:
            strength = STRONGEST * float(np.sqrt(np.clip(weight / most, 0, 1)))
            canvas.rect(x, y, wide, HIGH, style.BLUE, alpha=strength, round=4)
        canvas.text(x + wide / 2, y + HIGH / 2, word, size=SIZE, anchor="middle")
        says = number(float(weight)) if np.isfinite(weight) else "nan"
        canvas.text(x + wide / 2, y + HIGH + 7, says, size=7.0, colour=style.QUIET, anchor="middle")
