"""Project C: what will somebody choose next? Events, a split at one date, and three baselines.

An event is a person, an item and a time. All events before one date are there to learn from. Of
each person's later events the first 20 are to be predicted, one by one, each from all that the
person chose strictly before it. Events of the same time stand in an order drawn by chance, for the
order of a file says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attnkit.projects.held_out import HeldOut

IntArray = npt.NDArray[np.int_]
FloatArray = npt.NDArray[np.float64]

MOST_OF_ONE = 20  # later events of one person that are asked for
SEED = 14


@dataclass(frozen=True)
class Events:
    """Who chose what, and when, in order of time.

    user_N, item_N, time_N: items are numbered from 1; 0 is padding. items: how many numbers there
    are, padding included. names: what the items are called, by number.
    """

    user_N: IntArray
    item_N: IntArray
    time_N: IntArray
    items: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Histories:
    """B questions: who is asked, what came before, what came next, and when.

    history: a list of items for each, oldest first. event_B: the event's row in `Events`.
    """

    user_B: IntArray
    history: tuple[list[int], ...]
    target_B: IntArray
    time_B: IntArray
    event_B: IntArray

    def __len__(self) -> int:
        return len(self.target_B)


def in_order(time_N: npt.ArrayLike, seed: int = SEED) -> IntArray:
    """The rows of events in order of time, those of the same time in an order drawn by chance."""
    time = np.asarray(time_N)
    drawn = np.random.default_rng(seed).random(len(time))
    order: IntArray = np.lexsort((drawn, time))
    return order


def split_at_a_date(
    events: Events, name: str, share: float = 0.8
) -> tuple[Events, HeldOut[Histories]]:
    """The events before one date, which a share of all lie before, and questions from the rest.

    The later half can be had by `read()` only, which counts. `name` is what it is called.
    """
    cut = date_of(events, share)
    return before(events, cut), HeldOut(name, questions(events, cut))


def date_of(events: Events, share: float = 0.8) -> int:
    """The time that a share of all events lie before."""
    return int(np.quantile(events.time_N, share))


def at_a_date(
    user_N: npt.ArrayLike, item_N: npt.ArrayLike, time_N: npt.ArrayLike, cut: float
) -> tuple[IntArray, IntArray]:
    """The rows before a time, and all others."""
    early_N = np.asarray(time_N) < cut
    return np.flatnonzero(early_N), np.flatnonzero(~early_N)


def before(events: Events, cut: int) -> Events:
    """The events before a time."""
    rows, _ = at_a_date(events.user_N, events.item_N, events.time_N, cut)
    return Events(
        events.user_N[rows], events.item_N[rows], events.time_N[rows], events.items, events.names
    )


def questions(events: Events, start: int, most: int = MOST_OF_ONE) -> Histories:
    """The first events of each person from `start` on, with what came strictly before each.

    An item that nobody chose before `start` isn't asked for: nothing could have been learned of it.
    Nor is the first event of a person, who has no history yet.
    """
    known = set(events.item_N[events.time_N < start].tolist())
    found: list[tuple[int, list[int], int, int, int]] = []
    for user in np.unique(events.user_N):
        rows = np.flatnonzero(events.user_N == user)
        asked = 0
        for row in rows[events.time_N[rows] >= start]:
            item, time = int(events.item_N[row]), int(events.time_N[row])
            history = events.item_N[rows[events.time_N[rows] < time]].tolist()
            if asked < most and history and item in known:
                found.append((int(user), history, item, time, int(row)))
                asked += 1
    users, histories, items, times, rows_ = zip(*found, strict=True)
    return Histories(
        np.array(users), tuple(histories), np.array(items), np.array(times), np.array(rows_)
    )


def sequences(events: Events) -> list[list[int]]:
    """Each person's items, oldest first."""
    return [events.item_N[events.user_N == user].tolist() for user in np.unique(events.user_N)]


# --- baselines: a row of scores for each question, a column for each item -------------------------


def popularity(train: Events, asked: Histories, recent: float = 1.0) -> FloatArray:
    """How often each item was chosen in the last `recent` share of the events, for everybody."""
    last = train.item_N[len(train.item_N) - round(recent * len(train.item_N)) :]
    counts = np.bincount(last, minlength=train.items).astype(float)
    return np.broadcast_to(counts, (len(asked), train.items))


def neighbours(train: Events, asked: Histories, last: int | None = 10) -> FloatArray:
    """How near each item is to somebody's last items: the sum of cosines over people.

    Two items are near if the same people chose them. last: how many items count, or None for all.
    """
    users, places = np.unique(train.user_N, return_inverse=True)
    chose_UN = np.zeros((len(users), train.items), np.float32)
    chose_UN[places, train.item_N] = 1
    together_NN = chose_UN.T @ chose_UN
    length_N = np.sqrt(np.maximum(np.diag(together_NN), 1))
    near_NN = together_NN / length_N[:, None] / length_N
    np.fill_diagonal(near_NN, 0)
    scores_BN = np.zeros((len(asked), train.items))
    for b, history in enumerate(asked.history):
        scores_BN[b] = near_NN[history if last is None else history[-last:]].sum(axis=0)
    return scores_BN


def ranks(scores_BN: npt.ArrayLike, asked: Histories) -> FloatArray:
    """The place of each target among all items, from 0; equal scores count half.

    Neither 0 nor what the person chose before is a candidate, unless it is the target.
    """
    scores = np.asarray(scores_BN, float)
    found = np.zeros(len(asked))
    for b, (history, target) in enumerate(zip(asked.history, asked.target_B, strict=True)):
        candidate_N = np.ones(scores.shape[1], bool)
        candidate_N[[0, target, *history]] = False
        others = scores[b, candidate_N]
        own = scores[b, target]
        found[b] = (others > own).sum() + (others == own).sum() / 2
    return found


def by_person(values_B: npt.ArrayLike, asked: Histories) -> FloatArray:
    """The mean of each person's values, so that a busy one doesn't count more than others."""
    _, places = np.unique(asked.user_B, return_inverse=True)
    sums = np.bincount(places, weights=np.asarray(values_B, float))
    return np.asarray(sums / np.bincount(places), float)


def interval(
    values: Sequence[float] | FloatArray, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of a mean: of 2,000 draws of as many values, with replacement."""
    given = np.asarray(values, float)
    rng = np.random.default_rng(seed)
    means = [given[rng.integers(len(given), size=len(given))].mean() for _ in range(draws)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
