"""A submission check by check, as Gradescope and JUnit want it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autograder.course import cell_name, exercise_of_cell
from autograder.exporting.table import Entry


@dataclass(frozen=True)
class Line:
    """One check, one answer in words, or one exercise that a person marked."""

    exercise: str
    name: str
    outcome: Literal["passed", "failed", "marked", "waits"]
    score: float
    max_score: float
    message: str
    misconception: str = ""


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
            message = check.message
            if not check.passed and verdict.diagnosis:
                message = f"{verdict.message}\n{check.message}".strip()
            points, most = float(check.points), float(check.max_points)
            known = verdict.diagnosis or ""
            line = Line(verdict.exercise, check.name, outcome, points, most, message, known)
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
