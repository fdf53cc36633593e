"""Free recall: sixteen words, two seconds each; then all you remember, in any order.

After Murdock (1962), and after Glanzer & Cunitz (1966) for the sums that fill a delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attnkit.experiments.screens import CROSS, EMPTY, Answer, Screen, Trial, svg, word

TITLE = "Free recall"
TELLS = (
    "Sixteen words, one after the other. Then type all that you remember, in <b>any order</b>, "
    "each with Enter; 60 seconds. Twice: at once, and after 20 seconds of sums (J for right, F for "
    "wrong). About 4 minutes."
)
COLUMNS = {"delay": str, "output": int, "word": str, "place": int, "seconds": float}
DELAYS = ("none", "sums")
T = 16
# our own: concrete, one or two syllables, no pair that belongs together
_WORDS = (
    "anchor apple arrow basket blanket bottle bridge butter button candle carpet castle "
    "cherry copper cotton curtain dragon drawer engine feather forest garden guitar "
    "hammer helmet island jacket ladder lantern lemon marble mirror needle orange parrot "
    "pencil pepper pillow pocket rabbit ribbon river saddle shovel silver spider sugar "
    "tailor tiger trumpet turnip velvet violin wagon whistle window winter yogurt "
)
WORDS = tuple(_WORDS.split())


@dataclass(frozen=True)
class Params:
    """A made-up rememberer: a memory of contexts that drift, asked with the context of now.

    keep: how much of the context stays from word to word. back: how much of a recalled word's own
    context comes back with it. beta: the sharpness of the softmax. stop: how strong the wish to
    stop is, as the match of a word. first: what the first word's score gets besides, the next ones
    less. A delay lets the context drift by so many words.
    """

    keep: float = 0.72
    back: float = 0.75
    beta: float = 7.0
    stop: float = 0.4
    first: float = 3.0
    delay: int = 6
    lists: int = 24


def plan(rng: np.random.Generator) -> list[Trial]:
    words = [str(one) for one in rng.permutation(WORDS)[: 2 * T]]
    delays = [str(one) for one in rng.permutation(DELAYS)]
    trials = []
    for number, delay in enumerate(delays):
        shown = words[number * T : (number + 1) * T]
        told = f"<p>List {number + 1} of 2. The space bar begins.</p>"
        screens = [Screen(told, keys={" ": "go"}), Screen(CROSS, ms=800)]
        screens += [Screen(svg([word(one)], one), ms=2000) for one in shown]
        screens += [_sum(rng) for _ in range(8)] if delay == "sums" else []
        ask = Screen(
            "<p>Now the words, in any order, each with Enter.</p>", ms=60_000, text=True, asks=True
        )
        trials.append(
            Trial((*screens, ask, Screen(EMPTY, ms=300)), {"delay": delay, "words": shown})
        )
    return trials


def _sum(rng: np.random.Generator) -> Screen:
    a, b = rng.integers(3, 40, 2)
    said = int(a + b + rng.choice([0, 0, -1, 1, 10]))
    picture = svg([word(f"{a} + {b} = {said}")], f"{a} plus {b} is {said}?")
    return Screen(picture, ms=2500, keys={"j": "right", "f": "wrong"}, stays=True)


def row(known: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    """A row for each word that was typed; a list without one leaves a row without a word."""
    places = {one: place for place, one in enumerate(known["words"], 1)}
    rows = [
        {
            "delay": known["delay"],
            "output": output,
            "word": said,
            "place": places.get(said.strip().casefold(), 0),
            "seconds": round(seconds, 2),
        }
        for output, (said, seconds) in enumerate(answer.words, 1)
    ]
    return rows or [{"delay": known["delay"], "output": 0, "word": "", "place": 0, "seconds": None}]


def simulate(params: Params, rng: np.random.Generator) -> pd.DataFrame:
    """Lists of a made-up person, as many with sums as without."""
    rows: list[tuple[Any, ...]] = []
    for number in range(params.lists):
        delay = DELAYS[number % 2]
        places = recalled(params, T, params.delay if delay == "sums" else 0, rng)
        shown = rng.permutation(WORDS)[:T]
        for output, place in enumerate(places, 1):
            rows.append((delay, output, str(shown[place - 1]), place, round(2.0 * output, 2)))
        if not places:
            rows.append((delay, 0, "", 0, None))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def contexts(keep: float, T: int) -> np.ndarray:
    """(T, T + 1): the context of each word, a fading trace of the words up to it; unit vectors."""
    new, trace_D, found = (1 - keep**2) ** 0.5, np.eye(T + 1)[0], []
    for t in range(T):
        trace_D = keep * trace_D + new * np.eye(T + 1)[t + 1]
        found.append(trace_D)
    return np.array(found)


def recalled(params: Params, T: int, delay: int, rng: np.random.Generator) -> list[int]:
    """The places of the words that one list leaves, in the order of their recall."""
    context_TD = contexts(params.keep, T)
    bonus_T = params.first * np.exp(-np.arange(T) / 1.5)
    cue_D = context_TD[-1] * params.keep**delay
    left, said = np.ones(T, dtype=bool), []
    while left.any():
        e_T = np.where(left, params.beta * (context_TD @ cue_D) + bonus_T, -np.inf)
        e_S = np.append(e_T, params.stop * params.beta)
        p_S = np.exp(e_S - e_S.max())
        at = int(rng.choice(T + 1, p=p_S / p_S.sum()))
        if at == T:
            break
        said.append(at + 1)
        left[at] = False
        own_D = np.eye(T + 1)[at + 1]  # the word itself, which is in all later contexts
        cue_D = params.keep * cue_D + params.back * (0.6 * context_TD[at] + 0.4 * own_D)
        cue_D /= np.linalg.norm(cue_D)
    return said


def enough(trials: pd.DataFrame) -> bool:
    """Whether there is a list of each kind."""
    return set(trials.delay) == set(DELAYS)


def recalls(trials: pd.DataFrame, delay: str) -> list[list[int]]:
    """For `serial_position` and `lag_crp`: the places of each list of this kind, in order."""
    some = trials[trials.delay == delay]
    found: list[list[int]] = []
    for output, place in zip(some.output, some.place, strict=True):
        if output <= 1:
            found.append([])
        if output > 0:
            found[-1].append(int(place))
    return found
