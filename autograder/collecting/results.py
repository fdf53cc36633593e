"""What came of a collection: what is in its place, and what is not, with reasons."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

STAMP = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True)
class Taken:
    """A submission that is in its place: `new`, `replaced` (an earlier one), `unchanged`."""

    student: str
    lesson: str
    state: str
    file: str
    by: str
    time: dt.datetime | None = None
    late: bool = False  # marked as late by the system it came from


@dataclass(frozen=True)
class Problem:
    """A file that was not collected, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Note:
    """Something to know of a file that was collected."""

    file: str
    text: str


@dataclass
class Collected:
    """What came of it."""

    layout: str
    taken: list[Taken] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    def sort(self) -> None:
        self.taken.sort(key=lambda one: (one.lesson, one.student))
        self.problems.sort(key=lambda one: one.file)
        self.notes.sort(key=lambda one: one.file)

    def to_json(self) -> dict[str, Any]:
        return {
            "layout": self.layout,
            "taken": [
                {**vars(one), "time": one.time.strftime(STAMP) if one.time else None}
                for one in self.taken
            ],
            "problems": [vars(problem) for problem in self.problems],
            "notes": [vars(note) for note in self.notes],
            "added": self.added,
        }
