"""Cueing: an arrow says where a dot will most likely come, and is wrong now and then.

After Posner (1980): attention goes where the arrow points, though the eyes stay in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attnkit.experiments.screens import BLUE, CROSS, HIGH, WIDE, Answer, Screen, Trial, svg

TITLE = "Cueing"
TELLS = (
    "Look at the middle, and keep your eyes there. An arrow, or a line, comes first; then a dot. "
    "Press <b>F</b> for a dot on the left, <b>J</b> for one on the right, as fast as you can. "
    "About 3 minutes."
)
COLUMNS = {"cue": str, "side": str, "said": str, "correct": bool, "rt": float}
CUES = ("valid", "neutral", "invalid")
COUNTS = (40, 15, 10)  # of the dots that an arrow announces, 80 % come where it points
KEYS = {"f": "left", "j": "right"}
_MIDDLE = f'<text x="{WIDE / 2}" y="{HIGH / 2 + 34}" font-size="22" text-anchor="middle">+</text>'


@dataclass(frozen=True)
class Params:
    """A made-up observer. Seconds; what each cue adds."""

    start: float = 0.36
    adds: tuple[float, float, float] = (-0.02, 0.0, 0.025)
    spread: float = 0.15
    errors: float = 0.02
    counts: tuple[int, int, int] = COUNTS


def plan(rng: np.random.Generator, counts: tuple[int, int, int] = COUNTS) -> list[Trial]:
    cues = [cue for cue, count in zip(CUES, counts, strict=True) for _ in range(count)]
    return [
        _trial(cues[n], str(rng.choice(["left", "right"])), rng) for n in rng.permutation(len(cues))
    ]


def _trial(cue: str, side: str, rng: np.random.Generator) -> Trial:
    other = "right" if side == "left" else "left"
    points = {"valid": side, "invalid": other, "neutral": ""}[cue]
    arrow = svg([_MIDDLE, _boxes(), _arrow(points)])
    x = WIDE * (0.17 if side == "left" else 0.83)
    dot = f'<circle cx="{x}" cy="{HIGH / 2}" r="13" fill="{BLUE}"/>'
    screens = (
        Screen(CROSS, ms=int(rng.integers(500, 900))),
        Screen(arrow, ms=300),
        Screen(svg([_MIDDLE, _boxes(), _arrow(points), dot]), ms=1500, keys=KEYS, asks=True),
    )
    return Trial(screens, {"cue": cue, "side": side})


def _boxes() -> str:
    return "".join(
        f'<rect x="{WIDE * at - 30}" y="{HIGH / 2 - 30}" width="60" height="60" fill="none" '
        'stroke="#6b7785" stroke-width="2"/>'
        for at in (0.17, 0.83)
    )


def _arrow(points: str) -> str:
    heads = {"left": "M-20,0l12,-9m-12,9l12,9", "right": "M20,0l-12,-9m12,9l-12,9", "": ""}
    return (
        f'<path d="M-20,0H20{heads[points]}" transform="translate({WIDE / 2},{HIGH / 2})" '
        'stroke="#1f2933" stroke-width="4" fill="none"/>'
    )


def row(known: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    right = answer.said == known["side"]
    return [{**known, "said": answer.said, "correct": right, "rt": answer.seconds}]


def simulate(params: Params, rng: np.random.Generator) -> pd.DataFrame:
    """Trials of a made-up person."""
    cues = [cue for cue, count in zip(CUES, params.counts, strict=True) for _ in range(count)]
    rows = []
    for at in rng.permutation(len(cues)):
        side = str(rng.choice(["left", "right"]))
        other = "right" if side == "left" else "left"
        seconds = params.start * float(np.exp(params.spread * rng.normal()))
        seconds += params.adds[CUES.index(cues[at])]
        right = bool(rng.random() >= params.errors)
        rows.append((cues[at], side, side if right else other, right, round(seconds, 3)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def enough(trials: pd.DataFrame) -> bool:
    """Whether each cue has some right trials."""
    right = trials[trials.correct]
    return all((right.cue == cue).sum() >= 5 for cue in CUES)
