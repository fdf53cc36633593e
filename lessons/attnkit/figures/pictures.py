"""Rows of small pictures with names: what a search found. The pictures' makers are always named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attnkit import style
from attnkit.across.emoji_pictures import ATTRIBUTION
from attnkit.figures.canvas import Canvas, Rgb
from attnkit.figures.labels import widest

SIDE, GAP, TOP, LINE = 44.0, 14.0, 12.0, 16.0
NAME = 13  # letters of a picture's name that are shown


def draw_pictures(
    rows: Mapping[str, Sequence[tuple[Rgb, str]]], right: Mapping[str, int] | None = None
) -> Canvas:
    """For each name a row of pictures (S, S, 3), each with a word below it, or "".

    right: by the row's name, which of its pictures is ringed, from 0. ValueError without a picture.
    """
    if not any(rows.values()):
        raise ValueError("There is no picture to show.")
    right = right or {}
    left = 16 + (widest(list(rows), style.MEDIUM) + 12 if any(rows) else 0)
    named = any(word for row in rows.values() for _, word in row)
    high = SIDE + GAP + (LINE if named else 0)
    most = max(map(len, rows.values()))
    step = SIDE + (GAP + 34 if named else GAP)
    canvas = Canvas(left + most * step + 8, TOP + len(rows) * high + 20)
    told = []
    for line, (name, row) in enumerate(rows.items()):
        y = TOP + line * high
        canvas.text(left - 12, y + SIDE / 2, name, anchor="end")
        for place, (pixels, word) in enumerate(row):
            x = left + place * step + (step - SIDE - GAP) / 2
            canvas.rect(x - 2, y - 2, SIDE + 4, SIDE + 4, "#ffffff", line=style.FAINT, round=4)
            canvas.image(x, y, SIDE, SIDE, pixels, smooth=True)
            if right.get(name) == place:
                canvas.rect(x - 4, y - 4, SIDE + 8, SIDE + 8, None, line=style.GREEN, thick=2.6,
                            round=6)  # fmt: skip
            short = word if len(word) <= NAME else f"{word[: NAME - 1]}…"
            canvas.text(x + SIDE / 2, y + SIDE + 11, short, size=style.SMALL, anchor="middle",
                        colour=style.QUIET)  # fmt: skip
        words = [word for _, word in row if word] or [f"{len(row)} pictures"]
        found = [f"its own is number {right[name] + 1}"] if name in right else []
        told.append(f"{name}: {', '.join([*words, *found])}".removeprefix(": "))
    canvas.text(canvas.width - 10, canvas.height - 9, ATTRIBUTION, size=style.SMALL,
                colour=style.QUIET, anchor="end")  # fmt: skip
    canvas.alt = f"Rows of small pictures. {'; '.join(told)}. {ATTRIBUTION}."
    return canvas
