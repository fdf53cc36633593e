"""A class's marks as one table: what every export is made from.

Scores are the gradebook's, so marks given by hand and penalties are in them; what the checks said
comes from the record of results. Nothing hidden is in either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course import Course, LessonFolder, cell_name
from autograder.errors import AttnError
from autograder.judging.results import SubmissionResult
from autograder.record.class_folder import ClassFolder
from autograder.record.lesson_facts import lesson_facts
from autograder.record.marks import LessonMarks, MarkBook, Marks
from autograder.record.records import LessonRecords, read_records
from autograder.record.roster import Student

MISSING = "not handed in"
DAMAGED = "record damaged"
WAITS = "to be marked"


@dataclass(frozen=True)
class Entry:
    """One student's work on one lesson. Points are after the penalty, `penalty` is what it took."""

    status: str  # as in the result, or one of those above
    score: float
    max_score: float
    penalty: float = 0.0
    hours_late: float = 0.0
    waiting: tuple[str, ...] = ()  # answers that a person has still to mark
    result: SubmissionResult | None = None
    marks: Marks | None = None

    @property
    def handed_in(self) -> bool:
        return self.status != MISSING

    def points_of(self, exercise: str) -> tuple[float, float] | None:
        """Points and most points of an exercise as the gradebook has them; None if it has none."""
        mark = self.marks.cells.get(cell_name(exercise)) if self.marks else None
        return (mark.score, mark.max_score) if mark else None


@dataclass(frozen=True)
class LessonColumn:
    """One lesson of the table: its title, how much it is worth, and the class's work by student."""

    name: str
    label: str
    title: str
    max_score: float
    entries: dict[str, Entry]


@dataclass(frozen=True)
class ClassTable:
    """The class: every student of roster and record, and the lessons that have been graded."""

    students: tuple[Student, ...]
    lessons: tuple[LessonColumn, ...]

    @property
    def waiting(self) -> int:
        """How many answers a person has still to mark."""
        entries = [e for lesson in self.lessons for e in lesson.entries.values()]
        return sum(len(entry.waiting) for entry in entries)


def class_table(course: Course, folder: ClassFolder, lessons: Sequence[str] = ()) -> ClassTable:
    """Gather it. AttnError if nothing is graded, or the gradebook can't be read."""
    found = read_records(course, folder, list(dict.fromkeys(lessons)))
    with MarkBook(folder) as book:
        people = book.people()
        for one in found:
            for student in one.records:
                # a server's gradebook may have cut a long id
                known = people.get(book.id_of(student), Student(student))
                whole = Student(student, known.first_name, known.last_name, known.email)
                people[book.id_of(student)] = whole
        by_name = sorted(people, key=lambda key: (people[key].last_name.casefold(), key.casefold()))
        students = {key: people[key] for key in by_name}
        columns = tuple(_column(folder, one, book, students) for one in found)
    return ClassTable(tuple(students.values()), columns)


def _column(
    folder: ClassFolder, found: LessonRecords, book: MarkBook, students: dict[str, Student]
) -> LessonColumn:
    lesson: LessonFolder = found.lesson
    of_lesson: LessonMarks = book.of_lesson(lesson.name)
    results = {book.id_of(s): recorded.result for s, recorded in found.records.items()}
    damaged = {book.id_of(student) for student in found.unreadable}
    try:
        title = lesson_facts(folder, lesson).title
    except AttnError:  # a lesson that is not built any more has marks all the same
        title = lesson.name
    most = of_lesson.max_score
    entries = {
        student.id: _entry(results.get(key), of_lesson.marks.get(key), key in damaged, most)
        for key, student in students.items()
    }
    return LessonColumn(lesson.name, lesson.label, title, most, entries)


def _entry(
    result: SubmissionResult | None, marks: Marks | None, damaged: bool, most: float
) -> Entry:
    if result is None and marks is None and not damaged:
        return Entry(MISSING, 0.0, most)
    if marks is None:
        points = float(result.points) if result else 0.0
        return Entry(result.status if result else DAMAGED, points, most, result=result)
    status = result.status if result else DAMAGED if damaged else "graded"
    if status == "graded" and marks.waiting:
        status = WAITS
    return Entry(
        status,
        marks.total,
        marks.max_score,
        marks.penalty,
        marks.seconds_late / 3600,
        tuple(marks.waiting),
        result,
        marks,
    )
