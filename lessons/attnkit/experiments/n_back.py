"""n-back: is this letter the one that came n letters ago? (Kirchner 1958)

Some letters are lures: they came n − 1 or n + 1 letters ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attnkit.experiments.screens import EMPTY, Answer, Screen, Trial, svg, word

TITLE = "n-back"
TELLS = (
    "Three runs of letters. In the first, press <b>J</b> whenever a letter is the same as the one "
    "just before; in the second, the same as two before; in the third, as three before. Press "
    "nothing otherwise. About 5 minutes."
)
COLUMNS = {"n": int, "letter": str, "kind": str, "said": str, "correct": bool, "rt": float}
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH, TARGETS, LURES = 40, 0.3, 0.15
KEYS = {"j": "yes"}


@dataclass(frozen=True)
class Params:
    """A made-up rememberer: how far apart targets and others lie (d′) for each n."""

    sensitivity: tuple[float, float, float] = (3.2, 2.2, 1.3)
    lure: float = 0.7  # so much like a target is a lure, in units of d′
    caution: float = 0.6  # the border lies at so much of the way to the targets
    length: int = LENGTH


def letters(n: int, rng: np.random.Generator, length: int = LENGTH) -> list[tuple[str, str]]:
    """A run of letters, each with its kind: target, lure or other."""
    kinds = ["other"] * length
    spots = rng.permutation(np.arange(n + 1, length))
    targets, lures = round(TARGETS * length), round(LURES * length)
    for at in spots[:targets]:
        kinds[at] = "target"
    for at in spots[targets : targets + lures]:
        kinds[at] = "lure"
    run: list[str] = []
    for at, kind in enumerate(kinds):
        before = set(run[max(0, at - n - 1) : at])
        if kind == "target":
            run.append(run[at - n])
            continue
        near = [run[at - n + step] for step in (-1, 1) if 0 <= at - n + step < at]
        near = [letter for letter in near if letter != run[at - n]] if kind == "lure" else []
        if kind == "lure" and not near:
            kinds[at] = "other"
        fresh = [letter for letter in LETTERS if letter not in before]
        run.append(str(rng.choice(near or fresh)))
    return list(zip(run, kinds, strict=True))


def plan(rng: np.random.Generator, length: int = LENGTH) -> list[Trial]:
    trials = []
    for n in (1, 2, 3):
        told = f"Same as <b>{n}</b> before: J. The space bar begins."
        for at, (letter, kind) in enumerate(letters(n, rng, length)):
            first = (Screen(f"<p>{told}</p>", keys={" ": "go"}),) if at == 0 else ()
            shown = Screen(
                svg([word(letter, 90)], letter), ms=600, keys=KEYS, asks=True, stays=True
            )
            after = Screen(EMPTY, ms=1400, keys=KEYS, asks=True, stays=True)
            trials.append(Trial((*first, shown, after), {"n": n, "letter": letter, "kind": kind}))
    return trials


def row(known: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    said = answer.said or "no"
    right = (said == "yes") == (known["kind"] == "target")
    return [{**known, "said": said, "correct": right, "rt": answer.seconds}]


def simulate(params: Params, rng: np.random.Generator) -> pd.DataFrame:
    """Trials of a made-up person: equal-variance signal detection."""
    rows = []
    for n in (1, 2, 3):
        far = params.sensitivity[n - 1]
        mean = {"target": far, "lure": params.lure, "other": 0.0}
        for letter, kind in letters(n, rng, params.length):
            yes = bool(rng.normal(mean[kind]) > params.caution * far)
            seconds = round(0.55 * float(np.exp(0.2 * rng.normal())), 3) if yes else None
            right = yes == (kind == "target")
            rows.append((n, letter, kind, "yes" if yes else "no", right, seconds))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def enough(trials: pd.DataFrame) -> bool:
    """Whether each n has some targets and some letters that are none."""
    target = trials.kind == "target"
    return all(((trials.n == n) & some).sum() >= 8 for n in (1, 2, 3) for some in (target, ~target))
