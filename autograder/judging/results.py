"""The result of grading one submission, and its JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from attnkit.checking.verdict import Verdict

if TYPE_CHECKING:
    from nbformat import NotebookNode

Status = Literal["graded", "partly graded", "not gradable"]


@dataclass(frozen=True)
class SubmissionResult:
    """One student's row. `status` and `reason` say how far it could be graded and why not further.

    `manual` names the free-text cells and whether each waits for a person (False: not answered).
    """

    student: str
    lesson: str
    status: Status
    reason: str
    exercises: tuple[Verdict, ...]
    repairs: tuple[str, ...] = ()
    integrity: tuple[str, ...] = ()
    manual: dict[str, bool] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def points(self) -> int:
        return sum(verdict.points for verdict in self.exercises)

    @property
    def max_points(self) -> int:
        return sum(verdict.max_points for verdict in self.exercises)

    def to_json(self) -> dict[str, Any]:
        data = dataclasses.asdict(self)
        return {**data, "points": self.points, "max_points": self.max_points}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SubmissionResult:
        """Read back what `to_json` gave, now or in an older version; lists become tuples again."""
        own = {key: data[key] for key in data if key not in ("points", "max_points")}
        exercises = tuple(Verdict.from_json(item) for item in data["exercises"])
        lists = {key: tuple(data[key]) for key in ("repairs", "integrity")}
        return cls(**{**own, **lists, "exercises": exercises})


@dataclass(frozen=True)
class Graded:
    """A submission's result and the notebook as it ran, for formgrader and feedback."""

    result: SubmissionResult
    notebook: NotebookNode
