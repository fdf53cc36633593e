"""`attn export --format csv`: a class for a spreadsheet, by student or by exercise."""

from __future__ import annotations

from autograder.course import exercise_of_cell
from autograder.exporting.cells import Cell, number, text
from autograder.exporting.table import ClassTable, Entry, LessonColumn
from autograder.record.roster import Student

PERSON = ("id", "last_name", "first_name", "email")


def by_student(table: ClassTable) -> list[list[Cell]]:
    """A row for each student; for each lesson score, most points, status, hours late, penalty."""
    head: list[Cell] = [*PERSON]
    for lesson in table.lessons:
        parts = ("score", "max", "status", "hours_late", "penalty")
        head += [f"{lesson.name}_{part}" for part in parts]
    rows: list[list[Cell]] = [head]
    for student in table.students:
        row = _person(student)
        for lesson in table.lessons:
            entry = lesson.entries[student.id]
            score = number(entry.score) if entry.handed_in else None
            late = number(entry.hours_late) if entry.handed_in else None
            penalty = number(entry.penalty) if entry.handed_in else None
            row += [score, number(entry.max_score), text(entry.status), late, penalty]
        rows.append(row)
    return rows


def by_exercise(table: ClassTable) -> list[list[Cell]]:
    """A row for each student and exercise or question of what was handed in.

    `by_hand` says that a person gave the score; `message` is what the learner reads.
    """
    names = ("lesson", "exercise", "score", "max", "status", "by_hand", "misconception", "message")
    rows: list[list[Cell]] = [[*PERSON, *names]]
    for student in table.students:
        person = _person(student)
        for lesson in table.lessons:
            entry = lesson.entries[student.id]
            if entry.handed_in:
                rows += [[*person, *row] for row in _exercises(lesson, entry)]
    return rows


def _exercises(lesson: LessonColumn, entry: Entry) -> list[list[Cell]]:
    verdicts = {v.exercise: v for v in entry.result.exercises} if entry.result else {}
    marks = entry.marks.cells if entry.marks else {}
    by_name = {exercise_of_cell(cell): mark for cell, mark in marks.items()}
    rows: list[list[Cell]] = []
    for exercise in dict.fromkeys([*verdicts, *by_name]):
        verdict, mark = verdicts.get(exercise), by_name.get(exercise)
        status = "passed" if verdict and verdict.passed else "failed" if verdict else "marked"
        if mark and mark.waits:
            status = "to be marked"
        points = (mark.score, mark.max_score) if mark else (0.0, 0.0)
        if mark is None and verdict is not None:
            points = (float(verdict.points), float(verdict.max_points))
        rows.append(
            [
                text(lesson.name),
                text(exercise),
                None if mark and mark.waits else number(points[0]),
                number(points[1]),
                status,
                "yes" if mark and mark.by_hand else "no",
                text("; ".join(verdict.diagnoses)) if verdict else "",
                text(verdict.said) if verdict else "",
            ]
        )
    return rows


def _person(student: Student) -> list[Cell]:
    return [text(t) for t in (student.id, student.last_name, student.first_name, student.email)]
