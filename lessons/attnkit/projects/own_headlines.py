"""Headlines of a learner's own: read from lines, handed to a neighbour without labels, compared.

A line is a label and a headline, ``good | Profit at Halvorn Foods beats its own forecast``. Three
in a row, one of each label, are about the same firm and the same thing: a triple.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from attnkit.headlines import SCORES

WANTED = 12
SEED = 14  # of the order in which a neighbour gets them


def read_own(text: str) -> pd.DataFrame:
    """``text``, ``label`` (−1, 0, 1) and ``triple`` of each line; empty lines are passed over.

    Raises ValueError, with the line, for one without a label, an empty or doubled headline, and
    three lines in a row that aren't one good, one bad and one neutral.
    """
    rows: list[tuple[str, int, int]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        label, bar, headline = (part.strip() for part in line.partition("|"))
        if not bar or label not in SCORES or not headline:
            raise ValueError(
                f"{line!r} is no label and headline: write good, bad or neutral, then |, then "
                "the headline."
            )
        rows.append((headline, SCORES[label], len(rows) // 3))
    frame = pd.DataFrame(rows, columns=["text", "label", "triple"])
    for triple, own in frame.groupby("triple"):
        if sorted(own["label"]) != [-1, 0, 1]:
            raise ValueError(
                f"Lines {3 * triple + 1} to {3 * triple + 3} are no triple: three lines about one "
                "thing, one good, one bad and one neutral."
            )
    twice = frame[frame["text"].duplicated()]
    if len(twice):
        raise ValueError(f"{twice['text'].iloc[0]!r} comes twice: no two headlines are the same.")
    return frame


def for_a_neighbour(frame: pd.DataFrame) -> str:
    """The headlines numbered, without labels, in an order that doesn't tell them."""
    return "\n".join(f"{n + 1}. {frame['text'][row]}" for n, row in enumerate(_order(frame)))


def agreement_with(frame: pd.DataFrame, said: str | Sequence[str]) -> tuple[float, pd.DataFrame]:
    """Cohen's κ of the writer and a neighbour, and the headlines on which they differ.

    said: the neighbour's labels in the order of `for_a_neighbour`, as words with blanks between.
    Raises ValueError if there is not one of good, bad and neutral for each headline.
    """
    words = said.split() if isinstance(said, str) else list(said)
    if len(words) != len(frame) or not set(words) <= set(SCORES):
        raise ValueError(
            f"There are {len(frame)} headlines, and {len(words)} labels were given: write good, "
            "bad or neutral for each of them."
        )
    theirs = np.empty(len(frame), int)
    theirs[_order(frame)] = [SCORES[word] for word in words]
    kappa = float(cohen_kappa_score(frame["label"], theirs))
    differ = frame.assign(neighbour=theirs)[frame["label"].to_numpy() != theirs]
    return kappa, differ


def _order(frame: pd.DataFrame) -> list[int]:
    order: list[int] = np.random.default_rng(SEED).permutation(len(frame)).tolist()
    return order
