"""`attn course forget`: everything that a class's folder and gradebook hold of one student."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
import sqlalchemy.exc
from nbgrader.api import MissingEntry

from autograder.course import Course
from autograder.errors import AttnError
from autograder.files import disk_error
from autograder.record.class_folder import ClassFolder, gradebook_error, only_grader
from autograder.record.class_list import newcomer_file
from autograder.record.gradebook import id_in
from autograder.record.history import record_file

TREES = ("submitted", "autograded", "feedback", "submitted_zip")


@dataclass(frozen=True)
class Traces:
    """What there is of a student: files and folders of theirs, pages of the class that name them,
    and whether the gradebook knows them.
    """

    own: tuple[Path, ...]
    shared: tuple[Path, ...]
    in_gradebook: bool


def traces(course: Course, folder: ClassFolder, student: str) -> Traces:
    """What would be deleted. AttnError if there is nothing."""
    if not student or "/" in student or "\\" in student or student in (".", ".."):
        raise AttnError(f'"{student}" can\'t be the id of a student.')
    lessons = [lesson.name for lesson in course.lesson_folders()]
    own = [folder.root / tree / student for tree in TREES]
    own += [record_file(folder.state, student, lesson) for lesson in _recorded(folder, lessons)]
    own += [folder.state / "replaced" / lesson / student for lesson in lessons]
    with folder.open_gradebook() as gradebook:
        name = id_in(gradebook, student)
        known = any(s.id == name for s in gradebook.students)
    own += [newcomer_file(folder.state, name)]
    shared = [folder.root / "report.html", *sorted((folder.root / "export").glob("*"))]
    found = Traces(
        tuple(path for path in own if path.exists() or path.is_symlink()),
        tuple(path for path in shared if path.exists()),
        known,
    )
    if not found.own and not found.in_gradebook:
        raise AttnError(
            f'The class {folder.root} holds nothing of a student "{student}": look for the id in '
            "formgrader or in submitted/."
        )
    return found


def _recorded(folder: ClassFolder, lessons: list[str]) -> list[str]:
    """Lessons with results, also such as the course does not have any more."""
    results = folder.state / "results"
    there = [path.name for path in results.iterdir() if path.is_dir()] if results.is_dir() else []
    return sorted({*lessons, *there})


def forget(course: Course, folder: ClassFolder, student: str) -> Traces:
    """Delete it: first the files, then the gradebook's rows, so that a kill leaves a name to ask
    for again. What several students share (the report, exports) is deleted whole. AttnError.
    """
    with only_grader(folder.root):
        found = traces(course, folder, student)
        try:
            for path in (*found.own, *found.shared):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error) from None
        try:
            with folder.open_gradebook() as gradebook:
                gradebook.remove_student(id_in(gradebook, student))
                _wipe_free_pages(gradebook.engine)
        except MissingEntry:
            pass  # never in the gradebook, or gone by an earlier try
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise gradebook_error(folder.gradebook_url, error) from None
    return found


def _wipe_free_pages(engine: sqlalchemy.Engine) -> None:
    """SQLite may leave what was deleted in its file until the room is needed."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sqlalchemy.text("VACUUM"))
