"""The record: nbgrader's gradebook, the autograded notebooks, and what has been graded already.

One writer. The order makes a kill harmless at any moment: first the notebook (written aside, then
renamed), then the gradebook, last the record of the result. A submission without its record is
graded again, and recording it twice gives the same gradebook.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy.exc
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)

from autograder.course import cell_name
from autograder.files import disk_error, remove_parts, write_durably
from autograder.judging.results import Graded, SubmissionResult
from autograder.notebook_text import to_text
from autograder.record.class_folder import ClassFolder, gradebook_error
from autograder.record.class_list import ClassList, remember_newcomer
from autograder.record.history import History, record_file

_LONGEST_ID = 128  # letters of a student's id in nbgrader's tables


class Record:
    """Writes results into a class's folder and remembers which it has."""

    def __init__(self, folder: ClassFolder) -> None:
        self.folder = folder
        self._gradebook = folder.open_gradebook()
        self._cells: dict[str, _Cells] = {}
        self.class_list = ClassList(self._students(), folder.state)
        remove_parts(folder.autograded, folder.state)

    def close(self) -> None:
        self._gradebook.close()

    def _students(self) -> list[tuple[str, bool]]:
        """The ids in the gradebook, and whether more than an id is known of each."""
        told = Student.first_name, Student.last_name, Student.email
        rows = self._gradebook.db.query(Student.id, *told).all()
        return [(student, any(known)) for student, *known in rows]

    def known(self, student: str, lesson: str, digest: str) -> SubmissionResult | None:
        """The recorded result of this very submission, graded by this very key; else None."""
        try:
            data = json.loads(
                record_file(self.folder.state, student, lesson).read_text(encoding="utf-8")
            )
            if data["digest"] != digest:
                return None
            return SubmissionResult.from_json(data["result"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or cut off: grade again

    def keep(self, graded: Graded, digest: str, timestamp: dt.datetime | None) -> None:
        """Record one result durably. AttnError if the gradebook can't be written.

        Whatever else is raised, the gradebook is left as it was.
        """
        result = graded.result
        student = self.name_of(result.student)
        target = self.folder.autograded / student / result.lesson / f"{result.lesson}.ipynb"
        try:
            write_durably(target, to_text(graded.notebook))
            self._write_scores(result, timestamp)
            file = record_file(self.folder.state, result.student, result.lesson)
            history = History.from_json(_read_json(file).get("history"))
            history.add(digest, result, timestamp)
            data = {"digest": digest, "result": result.to_json(), "history": history.to_json()}
            write_durably(file, json.dumps(data, indent=1))
        except sqlalchemy.exc.SQLAlchemyError as error:
            self._gradebook.db.rollback()
            raise gradebook_error(self.folder.gradebook_url, error) from None
        except OSError as error:
            self._gradebook.db.rollback()
            raise disk_error(error) from None
        except Exception:
            self._gradebook.db.rollback()
            raise

    def late_by(self, student: str, lesson: str) -> float:
        """Seconds after the deadline, by the gradebook's due date; 0 if in time or none is set."""
        cells = self._cells_of(lesson)
        where = {"assignment_id": cells.assignment, "student_id": self.name_of(student)}
        submission = self._gradebook.db.query(SubmittedAssignment).filter_by(**where).one()
        return float(submission.total_seconds_late)

    def name_of(self, student: str) -> str:
        """The student's id in the gradebook, and the folder's name in `autograded/`.

        It is the name of the submitted folder; a server's gradebook holds only so many letters.
        """
        return id_in(self._gradebook, student)

    def _write_scores(self, result: SubmissionResult, timestamp: dt.datetime | None) -> None:
        """Everything of one submission in one transaction: it is there whole or not at all."""
        db = self._gradebook.db
        cells = self._cells_of(result.lesson)
        student = self.name_of(result.student)
        if db.get(Student, student) is None:
            remember_newcomer(self.folder.state, student)
            db.add(Student(id=student))
            db.flush()
        submission = _find_or_add(
            db, SubmittedAssignment, assignment_id=cells.assignment, student_id=student
        )
        if timestamp is not None:
            submission.timestamp = timestamp
        notebook = _find_or_add(
            db, SubmittedNotebook, notebook_id=cells.notebook, assignment_id=submission.id
        )
        own = db.query(Grade).filter_by(notebook_id=notebook.id)
        grades = {grade.cell_id: grade for grade in own}
        scores = {cell_name(v.exercise): v.points for v in result.exercises}
        for cell, name in cells.graded.items():
            grade = grades.get(cell) or _add(db, Grade, cell_id=cell, notebook_id=notebook.id)
            if name in scores:
                grade.auto_score = scores[name]
                # as nbgrader does: who changed the score looks at it again
                grade.needs_manual_grade = grade.manual_score is not None
            else:
                waits = result.manual.get(name, False)
                grade.auto_score = None if waits else 0
                grade.needs_manual_grade = waits and grade.manual_score is None
        written = db.query(Comment).filter_by(notebook_id=notebook.id)
        comments = {comment.cell_id: comment for comment in written}
        for cell, name in cells.commented.items():
            comment = comments.get(cell) or _add(db, Comment, cell_id=cell, notebook_id=notebook.id)
            comment.auto_comment = None if result.manual.get(name, True) else "No response."
        db.commit()
        db.expunge_all()

    def _cells_of(self, lesson: str) -> _Cells:
        if lesson not in self._cells:
            notebook = self._gradebook.find_notebook(lesson, lesson)
            self._cells[lesson] = _Cells(
                notebook.assignment.id,
                notebook.id,
                {c.id: c.name for c in (*notebook.grade_cells, *notebook.task_cells)},
                {c.id: c.name for c in (*notebook.solution_cells, *notebook.task_cells)},
            )
        return self._cells[lesson]


def _read_json(file: Path) -> dict[str, Any]:
    """The object in a file; an empty one if there is none, or half of one."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


@dataclass(frozen=True)
class _Cells:
    """The ids by which the gradebook knows a lesson, its notebook and its cells (id -> name)."""

    assignment: str
    notebook: str
    graded: dict[str, str]
    commented: dict[str, str]


def id_in(gradebook: Gradebook, student: str) -> str:
    """A student's id in this gradebook: a server's has room for so many letters only."""
    if gradebook.engine.dialect.name == "sqlite" or len(student) <= _LONGEST_ID:
        return student
    mark = hashlib.sha256(student.encode()).hexdigest()[:16]
    return f"{student[: _LONGEST_ID - 17]}~{mark}"


def _find_or_add(db: Any, kind: Any, **where: str) -> Any:
    """The row of this kind with these values, a new one if there is none."""
    return db.query(kind).filter_by(**where).one_or_none() or _add(db, kind, **where)


def _add(db: Any, kind: Any, **values: str) -> Any:
    row = kind(id=new_uuid(), **values)
    db.add(row)
    db.flush()  # rows that name it by its id come after it
    return row


def digest_of(raw: bytes, key_digest: str) -> str:
    """What a recorded result stands for: these bytes, judged with this key."""
    return hashlib.sha256(hashlib.sha256(raw).digest() + key_digest.encode()).hexdigest()
