"""How well the schedule foresees a learner: predicted recall beside what was recalled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnkit.reviewing.schedule import Expected

ENOUGH = 50  # reviews: with fewer, a share says next to nothing
GROUPS = 5


@dataclass(frozen=True)
class Group:
    """Reviews of which about the same was expected."""

    reviews: int
    predicted: float
    recalled: float
    half: float  # of the 95 % interval (Wilson's)
    middle: float  # of that interval


def counted(log: Sequence[Expected]) -> list[Expected]:
    """The reviews that a forgetting curve says something of: a day or more after the one before."""
    return [each for each in log if each.days >= 1]


def calibration(log: Sequence[Expected], groups: int = GROUPS) -> list[Group]:
    """Reviews in groups of about the same size, by predicted recall; [] while they are too few."""
    told = sorted(counted(log), key=lambda each: each.recall)
    if len(told) < ENOUGH:
        return []
    parts = np.array_split(np.arange(len(told)), groups)
    return [_group([told[n] for n in part]) for part in parts]


def _group(some: Sequence[Expected]) -> Group:
    n, z = len(some), 1.96
    share = float(np.mean([each.review.recalled for each in some]))
    spread = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    predicted = float(np.mean([each.recall for each in some]))
    return Group(n, predicted, share, float(spread), float(middle))
