"""What a file's place tells of its owner and its lesson."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Clue:
    """What a file's place tells of its owner and its lesson. Empty is what it doesn't tell.

    One of `ids` may be a student's id, the first that is one; if none is, one of `ends`, if only
    one is. `name` is a person's name, `number` the system's own number of them. `likely` is a
    lesson, too, but counts only if the notebook itself tells none. `attempt` is how many files of
    that name the student had handed in before this one, `time` when they did, if that is told.
    """

    who: str  # the same for all files of one person
    ids: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    name: str = ""
    number: str = ""
    lesson: str = ""
    likely: str = ""
    late: bool = False
    attempt: int = 0
    time: dt.datetime | None = None  # as it is written there, without a zone
