"""Search: is there an orange T? Alone in its colour, or among blue Ts and orange Ls.

After Treisman & Gelade (1980): what differs in one feature pops out; what is made of two must be
searched for, and each more item costs time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attnkit.experiments.screens import BLUE, CROSS, HIGH, ORANGE, WIDE, Answer, Screen, Trial, svg

TITLE = "Search"
TELLS = (
    "Is there an <b>orange T</b>? Press <b>J</b> if there is one, <b>F</b> if there is none: as "
    "fast as you can without mistakes. Some 2 to 3 minutes."
)
COLUMNS = {"kind": str, "items": int, "target": bool, "said": str, "correct": bool, "rt": float}
KINDS = ("colour", "colour and form")
SIZES = (4, 8, 16, 32)
KEYS = {"j": "yes", "f": "no"}
_ACROSS, _DOWN = 8, 6  # a grid of places
_ANGLES = (0, 90, 180, 270)


@dataclass(frozen=True)
class Params:
    """A made-up searcher. Seconds; `per_item` for each kind, where the target is there."""

    start: float = 0.45
    per_item: tuple[float, float] = (0.001, 0.02)
    absent: float = 2.0  # without a target all items are looked at: twice as many
    spread: float = 0.15  # of the logarithm
    errors: float = 0.04
    repeats: int = 6


def plan(rng: np.random.Generator, repeats: int = 3) -> list[Trial]:
    """All kinds, numbers of items, with and without target, so often each, in a drawn order."""
    cells = [(k, n, t) for k in KINDS for n in SIZES for t in (True, False) for _ in range(repeats)]
    order = (cells[n] for n in rng.permutation(len(cells)))
    return [_trial(kind, items, target, rng) for kind, items, target in order]


def _trial(kind: str, items: int, target: bool, rng: np.random.Generator) -> Trial:
    if kind == "colour":
        others = [(BLUE, "L")] * items
    else:
        others = [(BLUE, "T"), (ORANGE, "L")] * (items // 2)
    shown = [*others[: items - 1], (ORANGE, "T") if target else others[-1]]
    places = rng.permutation(_ACROSS * _DOWN)[:items]
    parts = [
        _letter(form, colour, int(place), rng)
        for (colour, form), place in zip(shown, places, strict=True)
    ]
    screens = (Screen(CROSS, ms=500), Screen(svg(parts), keys=KEYS, asks=True))
    return Trial(screens, {"kind": kind, "items": items, "target": target})


def _letter(form: str, colour: str, place: int, rng: np.random.Generator) -> str:
    """A T or an L of two bars, turned, somewhere in its cell of the grid."""
    across, down = WIDE / _ACROSS, HIGH / _DOWN
    x = (place % _ACROSS + 0.5) * across + rng.uniform(-9, 9)
    y = (place // _ACROSS + 0.5) * down + rng.uniform(-9, 9)
    bars = "M-9,-9H9M0,-9V10" if form == "T" else "M-8,-10V9H9"
    return (
        f'<path d="{bars}" transform="translate({x:.0f},{y:.0f}) rotate({rng.choice(_ANGLES)})" '
        f'stroke="{colour}" stroke-width="5" fill="none"/>'
    )


def row(known: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    """The row of a trial."""
    right = answer.said == ("yes" if known["target"] else "no")
    return [{**known, "said": answer.said, "correct": right, "rt": answer.seconds}]


def simulate(params: Params, rng: np.random.Generator) -> pd.DataFrame:
    """Trials of a made-up person."""
    cells = [
        (k, n, t)
        for k in KINDS
        for n in SIZES
        for t in (True, False)
        for _ in range(params.repeats)
    ]
    rows = []
    for at in rng.permutation(len(cells)):
        kind, items, target = cells[at]
        looked = items * (1.0 if target else params.absent)
        seconds = params.start + params.per_item[KINDS.index(kind)] * looked
        seconds *= float(np.exp(params.spread * rng.normal()))
        right = bool(rng.random() >= params.errors)
        said = "yes" if target == right else "no"
        rows.append((kind, items, target, said, right, round(seconds, 3)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def enough(trials: pd.DataFrame) -> bool:
    """Whether each kind has right trials of several numbers of items."""
    right = trials[trials.correct & trials.target]
    counts = {kind: right[right.kind == kind].groupby("items").size() for kind in KINDS}
    return all((each >= 2).sum() >= 3 for each in counts.values())
