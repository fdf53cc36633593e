"""What nbgrader's gradebook says of a class: names, scores by cell, comments, penalties, times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy.exc
from nbgrader.api import Gradebook, MissingEntry

from autograder.record.class_folder import ClassFolder, gradebook_error
from autograder.record.gradebook import id_in
from autograder.record.late import PenaltyOf, penalty_rule
from autograder.record.roster import Student


@dataclass(frozen=True)
class Mark:
    """One graded cell. `score` is the person's if there is one, else the grader's."""

    score: float
    max_score: float
    by_hand: bool
    waits: bool  # for a person


@dataclass(frozen=True)
class Marks:
    """One submission in the gradebook. Times are UTC; None is not known, or not set."""

    cells: dict[str, Mark]  # by the cell's name: "L1-1"
    comments: dict[str, str]  # what a person wrote, by the name of the answer cell
    score: float
    max_score: float
    penalty: float
    handed_in: dt.datetime | None
    due: dt.datetime | None  # for this student, an extension included
    seconds_late: float

    @property
    def total(self) -> float:
        return max(0.0, self.score - self.penalty)

    @property
    def waiting(self) -> list[str]:
        return [name for name, mark in self.cells.items() if mark.waits]


@dataclass(frozen=True)
class LessonMarks:
    """A lesson's marks by student id, and its deadline: the last of all, extensions included."""

    marks: dict[str, Marks]
    due: dt.datetime | None
    max_score: float


class MarkBook:
    """Reads a class's gradebook. Open it with `with`; AttnError if it can't be read."""

    def __init__(self, folder: ClassFolder) -> None:
        self._folder = folder

    def __enter__(self) -> MarkBook:
        self._rule = penalty_rule(self._folder)
        self._gradebook: Gradebook = self._folder.open_gradebook()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._gradebook.close()
        if isinstance(error, sqlalchemy.exc.SQLAlchemyError):
            raise gradebook_error(self._folder.gradebook_url, error) from None

    def id_of(self, student: str) -> str:
        """The student's id in the gradebook, and the name of their folders."""
        return id_in(self._gradebook, student)

    def people(self) -> dict[str, Student]:
        """Every student of the class by id, with what the gradebook knows of them."""
        return {
            student.id: Student(
                student.id,
                student.first_name or "",
                student.last_name or "",
                student.email or "",
            )
            for student in self._gradebook.students
        }

    def names(self) -> dict[str, str]:
        """Every student of the class by id: first and last name, or the id if there are none."""
        return {
            student.id: " ".join(filter(None, (student.first_name, student.last_name)))
            or student.id
            for student in self._gradebook.students
        }

    def of_lesson(self, lesson: str) -> LessonMarks:
        """The marks of a lesson; none if the gradebook doesn't know it."""
        try:
            assignment = self._gradebook.find_assignment(lesson)
        except MissingEntry:
            return LessonMarks({}, None, 0.0)
        marks = {
            submission.student.id: _marks(submission, self._rule)
            for submission in self._gradebook.assignment_submissions(lesson)
        }
        dues = [assignment.duedate, *(mark.due for mark in marks.values())]
        known = [due for due in dues if due is not None]
        return LessonMarks(marks, max(known, default=None), float(assignment.max_score))


def _marks(submission: Any, rule: PenaltyOf | None) -> Marks:
    cells: dict[str, Mark] = {}
    comments: dict[str, str] = {}
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            cells[grade.name] = Mark(
                score=float(grade.score),
                max_score=float(grade.max_score),
                by_hand=grade.manual_score is not None,
                waits=bool(grade.needs_manual_grade),
            )
        for comment in notebook.comments:
            if comment.manual_comment and comment.manual_comment.strip():
                comments[comment.name] = comment.manual_comment
    # what the gradebook keeps may be older than a deadline that was moved or a mark given by hand
    penalty = submission.late_submission_penalty or 0.0
    if rule is not None:
        penalty = sum(rule(notebook) for notebook in submission.notebooks)
    return Marks(
        cells=dict(sorted(cells.items())),
        comments=comments,
        score=float(submission.score),
        max_score=float(submission.max_score),
        penalty=float(penalty),
        handed_in=submission.timestamp,
        due=submission.duedate,
        seconds_late=float(submission.total_seconds_late),
    )


def lost(marks: Mapping[str, Mark], cell: str) -> float:
    """Points that a cell lost; 0 for one that is not in the gradebook or still waits."""
    mark = marks.get(cell)
    return 0.0 if mark is None or mark.waits else max(0.0, mark.max_score - mark.score)
