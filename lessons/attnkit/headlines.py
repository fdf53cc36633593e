"""Headlines from the world of money, invented and labelled by the course: another field than films.

No labelled financial text ships with a package that everybody may use, so these were written for
it. The firms don't exist. The headlines come in triples about the same firm and the same thing: one
that a shareholder would like to read (good), one that she wouldn't (bad), and one that changes
nothing for her (neutral). Many are traps on purpose: losses that narrow are good, a profit that
rises less than hoped is bad, and a plant that closes for its summer break is no news.

They have been labelled twice by the course's authors, who had written them and don't work in
markets: once while writing, triple by triple, and once more on the same day, by `GUIDELINE`, from a
shuffled list without labels. `agreement` says how often the two are the same. Whoever remembers a
sentence that he wrote isn't blind to it, so this is an upper bound of what two strangers would
reach. Like all texts of the course they are under CC-BY-4.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pandas as pd

LABELS = {"bad": 0, "good": 1}  # lesson 11's, which has no neutral ones
SCORES = {"bad": -1, "neutral": 0, "good": 1}
IN_PAIRS = 24  # the first triples; lesson 11 reads the good and the bad one of each

GUIDELINE = """\
Read the headline alone, as somebody who holds a share of the firm. Is she gladder to hold it than
before (good), sorrier (bad), or neither (neutral)?
1. What is said to be expected, hoped or feared comes first: more cuts than feared is bad.
2. Otherwise compare with what was before.
3. An event without an outcome is neutral, and so is one that has nothing to do with earning money.
4. Use nothing that you know from elsewhere, and leave a doubtful one at your first impression."""


def load_headlines() -> pd.DataFrame:
    """48 headlines in 24 groups: ``text``, ``label`` (1 good, 0 bad) and ``group``.

    Whoever learns from some of them and is tested on others should keep a group together.
    """
    frame = _rows()
    frame = frame[(frame["triple"] <= IN_PAIRS) & (frame["label"] != "neutral")]
    found = {"text": frame["text"], "label": frame["label"].map(LABELS), "group": frame["triple"]}
    return pd.DataFrame(found).reset_index(drop=True)


def load_triples() -> pd.DataFrame:
    """240 headlines in 80 triples, each of a firm of its own, in the order they were written in.

    ``id``, ``triple``, ``firm``, ``topic``, ``label``, ``second``, ``text``. label is −1 for bad, 0
    for neutral and 1 for good; second is what the second pass gave. Whoever learns from some and is
    tested on others should keep a triple together.
    """
    frame = _rows()
    for column in ("label", "second"):
        frame[column] = frame[column].map(SCORES)
    return frame


def _rows() -> pd.DataFrame:
    with files(__package__ or "attnkit").joinpath("headlines.csv").open(encoding="utf-8") as lines:
        return pd.read_csv(lines)


@dataclass(frozen=True)
class Agreement:
    """How two passes over the same texts agree.

    table: how many texts have which label in the first pass (rows) and in the second (columns).
    kappa: Cohen's κ, the share of agreements beyond what chance would give; 1 if all agree. low,
    high: its 95 % interval, by drawing whole triples anew, since the texts of one are alike.
    """

    table: pd.DataFrame
    kappa: float
    low: float
    high: float


def agreement(draws: int = 2000, seed: int = 0) -> Agreement:
    """How the two passes over the 240 headlines agree."""
    frame = load_triples()
    counts = np.zeros((frame["triple"].nunique(), 3, 3))
    np.add.at(counts, (frame["triple"] - 1, frame["label"] + 1, frame["second"] + 1), 1)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(counts), size=(draws, len(counts)))
    kappas = [_kappa(counts[rows].sum(axis=0)) for rows in drawn]
    low, high = np.quantile(kappas, [0.025, 0.975])
    names = list(SCORES)
    table = pd.DataFrame(counts.sum(axis=0).astype(int), index=names, columns=names)
    table = table.rename_axis(index="first", columns="second")
    return Agreement(table, _kappa(counts.sum(axis=0)), float(low), float(high))


def _kappa(table: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    share = table / table.sum()
    by_chance = float(share.sum(axis=1) @ share.sum(axis=0))
    return (float(np.trace(share)) - by_chance) / (1 - by_chance)
