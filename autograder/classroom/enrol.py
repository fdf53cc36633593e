"""`attn course roster`: a class's list brought up to date in mid-term, by a newer roster.

Who is new is added, names and addresses are renewed, and who is gone is named; nobody is deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy.exc
from nbgrader.api import Gradebook

from autograder.errors import AttnError
from autograder.files import disk_error
from autograder.record.class_folder import ClassFolder, gradebook_error, only_grader
from autograder.record.class_list import ClassList, newcomer_file
from autograder.record.gradebook import id_in
from autograder.record.roster import Roster, Student
from autograder.text import id_key

_TOLD = ("first_name", "last_name", "email")


@dataclass(frozen=True)
class Enrolled:
    """What a roster has changed in a class, each by the student's id."""

    added: tuple[str, ...]
    renewed: tuple[str, ...]  # their name or address was another, or unknown
    same: tuple[str, ...]
    gone: tuple[str, ...]  # on the class's list, but not on the roster: they stay


def enrol(folder: ClassFolder, roster: Roster) -> Enrolled:
    """Put a roster's students on a class's list. AttnError, before anything is changed.

    A student is known again by the id, whatever its capitals: the class's own spelling stays.
    """
    if not roster.students:
        raise AttnError("The roster names nobody: nothing was changed.")
    with only_grader(folder.root):
        try:
            with folder.open_gradebook() as gradebook:
                done = _put(gradebook, folder, roster.students)
                gradebook.db.commit()
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise gradebook_error(folder.gradebook_url, error) from None
        except OSError as error:
            raise disk_error(error) from None
    return done


def _put(gradebook: Gradebook, folder: ClassFolder, students: Sequence[Student]) -> Enrolled:
    there = {row.id: row for row in gradebook.students}
    known = [(name, any(getattr(row, what) for what in _TOLD)) for name, row in there.items()]
    listed = ClassList(known, folder.state).ids
    alike: dict[str, list[str]] = {}
    for name in there:
        alike.setdefault(id_key(name), []).append(name)
    added: list[str] = []
    renewed: list[str] = []
    same: list[str] = []
    meant = set()
    for student in students:
        name = id_in(gradebook, student.id)
        if name not in there:
            name = min(alike.get(id_key(name), [name]), key=lambda one: (one not in listed, one))
        is_changed = False
        if name in there:
            is_changed = _renew(there[name], student)
        else:
            gradebook.add_student(name, **_told(student))
        # who had handed in without being on the list is on it now
        newcomer_file(folder.state, name).unlink(missing_ok=True)
        (added if name not in listed else renewed if is_changed else same).append(name)
        meant.add(name)
    return Enrolled(tuple(added), tuple(renewed), tuple(same), tuple(sorted(listed - meant)))


def _told(student: Student) -> dict[str, str]:
    """What a roster tells of a student. What it leaves out stays as it was."""
    return {what: value for what in _TOLD if (value := getattr(student, what))}


def _renew(row: Any, student: Student) -> bool:
    """Bring a student's row up to date; whether that changed it."""
    told = {what: value for what, value in _told(student).items() if getattr(row, what) != value}
    for what, value in told.items():
        setattr(row, what, value)
    return bool(told)
