"""A submission check by check, as Gradescope and JUnit want it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attnkit.checking.verdict import CheckVerdict, Finding, Verdict

from autograder.course import cell_name, exercise_of_cell
from autograder.exporting.table import Entry
from autograder.text import plain_text


@dataclass(frozen=True)
class Line:
    """One check, one answer in words, or one exercise that a person marked."""

    exercise: str
    name: str
    outcome: Literal["passed", "failed", "marked", "waits"]
    score: float
    max_score: float
    message: str
    misconceptions: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """Exercise and check, safe to show."""
        return plain_text(f"{self.exercise}: {self.name}", 300, keep="")

    @property
    def said(self) -> str:
        """The message, safe to show."""
        return plain_text(self.message, 20_000)


def lines_of(entry: Entry) -> list[Line]:
    """All lines of a submission; their points add up to the score before a penalty.

    Where a person gave an exercise other points than its checks, one more line has the difference.
    """
    found: list[Line] = []
    marks = entry.marks.cells if entry.marks else {}
    judged = set()
    for verdict in entry.result.exercises if entry.result else ():
        judged.add(cell_name(verdict.exercise))
        for check in verdict.checks:
            outcome: Literal["passed", "failed"] = "passed" if check.passed else "failed"
            known = [f for f in _findings(verdict, check) if f.diagnosis]
            message = "\n".join([*(finding.sentence for finding in known), check.message]).strip()
            ids = tuple(finding.diagnosis for finding in known if finding.diagnosis)
            points, most = float(check.points), float(check.max_points)
            line = Line(verdict.exercise, check.name, outcome, points, most, message, ids)
            found.append(line)
        mark = marks.get(cell_name(verdict.exercise))
        if mark and mark.score != verdict.points:
            more = mark.score - verdict.points
            message = f"{mark.score:g} of {mark.max_score:g} points were given by a person."
            if not mark.by_hand:
                message = "The gradebook has other points than these checks: grade again."
            found.append(Line(verdict.exercise, "marked by a person", "marked", more, 0.0, message))
    for cell, mark in marks.items():
        if cell not in judged:
            name = exercise_of_cell(cell)
            if mark.waits:
                message = "A person has still to mark this answer."
                found.append(Line(name, "answer in words", "waits", 0.0, mark.max_score, message))
            else:
                line = Line(name, "answer in words", "marked", mark.score, mark.max_score, "")
                found.append(line)
    return found


def _findings(verdict: Verdict, check: CheckVerdict) -> list[Finding]:
    """What is said of the functions of a failed check; of all where it isn't known whose it is."""
    if check.passed:
        return []
    return [
        finding
        for finding in verdict.findings
        if not (finding.functions and check.functions)
        or not set(finding.functions).isdisjoint(check.functions)
    ]
