"""Project B: a year of invented news, and a split of its headlines that keeps triples together.

What a headline says is drawn from the course's 240 (`attnkit.headlines`), so that its true label is
known. When it comes, and whether it is good or bad, is drawn as well: the mood of the year changes
at times (a change of regime), and every 60 days there is a week in which all firms report. Beside
it runs a price. It is a random walk that knows nothing of the news: whatever seems to predict it,
doesn't.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from attnkit.headlines import load_triples
from attnkit.projects.held_out import HeldOut

FloatArray = npt.NDArray[np.float64]

DAYS = 250
REPORTS_EVERY, SEASON = 60, 5  # days; all firms report within the season
# chances of a bad, a neutral and a good headline
MOODS = {"gloom": (0.6, 0.25, 0.15), "calm": (0.3, 0.4, 0.3), "cheer": (0.15, 0.25, 0.6)}
NEW_MOOD, LEAST_DAYS = 1 / 30, 20  # the chance on each day, from so many days on
ON_A_REPORT, ON_OTHER_DAYS = 0.8, 0.008  # chances of a headline about a firm
SEED, TEST_TRIPLES = 14, 40  # of the split
STREAM = 13  # the seed of the stream


@dataclass(frozen=True)
class NewsStream:
    """A year of headlines, in order of days.

    news: ``day``, ``firm``, ``text``, ``label`` (−1, 0, 1), ``triple``, ``report`` (whether the
    firm reported that day). changes: (day, name of the mood that begins). mood_T: the mean label
    that the mood of each day makes one expect. price_T: a random walk of its own.
    """

    news: pd.DataFrame
    changes: tuple[tuple[int, str], ...]
    mood_T: FloatArray
    price_T: FloatArray

    @property
    def T(self) -> int:
        return len(self.mood_T)


def simulate_news(seed: int = STREAM, T: int = DAYS, triples: tuple[int, ...] = ()) -> NewsStream:
    """A stream of T days, of the headlines of these triples (all of them, if none are named)."""
    frame = load_triples()
    if triples:
        frame = frame[frame["triple"].isin(triples)]
    firms = frame["firm"].unique()
    rows = {(f, label): n for n, (f, label) in enumerate(frame[["firm", "label"]].to_numpy())}
    rng, walk, turns = (np.random.default_rng([seed, stream]) for stream in range(3))
    names, mood = list(MOODS), "calm"
    offset_F = 20 + rng.integers(SEASON, size=len(firms))
    found: list[tuple[int, int, bool]] = []
    changes, mood_T = [(0, mood)], np.zeros(T)
    for day in range(T):
        if day - changes[-1][0] >= LEAST_DAYS and turns.random() < NEW_MOOD:
            mood = str(turns.choice([name for name in names if name != mood]))
            changes.append((day, mood))
        mood_T[day] = MOODS[mood][2] - MOODS[mood][0]
        reports_F = (day - offset_F) % REPORTS_EVERY == 0
        writes_F = rng.random(len(firms)) < np.where(reports_F, ON_A_REPORT, ON_OTHER_DAYS)
        for f in np.flatnonzero(writes_F):
            label = int(rng.choice([-1, 0, 1], p=MOODS[mood]))
            found.append((day, rows[firms[f], label], bool(reports_F[f])))
    news = frame.iloc[[row for _, row, _ in found]][["firm", "text", "label", "triple"]]
    news = news.reset_index(drop=True).assign(report=[report for *_, report in found])
    news.insert(0, "day", [day for day, *_ in found])
    return NewsStream(news, tuple(changes), mood_T, walk.normal(size=T).cumsum())


def split_triples() -> tuple[pd.DataFrame, HeldOut[pd.DataFrame]]:
    """The 240 headlines in halves of 40 whole triples: to work with, and to test by `read()`."""
    frame = load_triples()
    names = np.random.default_rng(SEED).permutation(frame["triple"].unique())
    is_test = frame["triple"].isin(names[:TEST_TRIPLES])
    work, test = (frame[part].reset_index(drop=True) for part in (~is_test, is_test))
    return work, HeldOut("the headlines", test)


def correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Pearson's correlation of two series of the same length."""
    return float(np.corrcoef(np.asarray(first), np.asarray(second))[0, 1])
