"""`attn export --format moodle`: the CSV that Moodle imports, and Moodle's own read back.

Moodle asks at import which column names the student (ID number or Email address) and which is which
grade item, so both are there, under the headings of Moodle's own export. "-" is Moodle's sign for
no grade.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.collecting.moodle_words import columns_of
from autograder.errors import AttnError
from autograder.exporting.cells import Cell, heading, number, text
from autograder.exporting.table import ClassTable, Entry, LessonColumn
from autograder.record.list_file import open_list
from autograder.text import id_key, plain_text

PERSON = ("First name", "Last name", "ID number", "Email address")
NO_GRADE = "-"
_SUFFIX = re.compile(r"\s*[(（][^()（）]*[)）]\s*\Z")  # "(Real)", "(Punkte)"


@dataclass(frozen=True)
class Difference:
    """A grade that Moodle has otherwise than the class's gradebook; None is no grade."""

    student: str
    lesson: str
    here: float | None
    there: float | None


def rows(table: ClassTable, with_feedback: bool = True) -> list[list[Cell]]:
    """A row for each student; for each lesson the grade and, if wanted, what was said of it."""
    head: list[Cell] = [*PERSON]
    used: set[str] = set()
    for lesson in table.lessons:
        head.append(heading(lesson.title, used))
        if with_feedback:
            head.append(heading(f"{lesson.title} (Feedback)", used))
    found: list[list[Cell]] = [head]
    for student in table.students:
        names = (student.first_name, student.last_name, student.id, student.email)
        row: list[Cell] = [text(name) for name in names]
        for lesson in table.lessons:
            entry = lesson.entries[student.id]
            row.append(number(entry.score) if entry.handed_in else NO_GRADE)
            if with_feedback:
                row.append(text(_feedback(entry)))
        found.append(row)
    return found


def _feedback(entry: Entry) -> str:
    """What was said of a submission, as plain text: Moodle shows it beside the grade."""
    if entry.result is None:
        return ""
    if entry.result.status == "not gradable":
        return f"Could not be graded: {entry.result.reason}."
    lines = []
    for verdict in entry.result.exercises:
        points, most = entry.points_of(verdict.exercise) or (verdict.points, verdict.max_points)
        said = " ".join(plain_text(f.sentence, 300, keep="") for f in verdict.findings)
        lines.append(f"{verdict.exercise} {number(points)}/{number(most)}{': ' * bool(said)}{said}")
    if entry.waiting:
        lines.append(f"{len(entry.waiting)} more to be marked by a person")
    if entry.penalty:
        lines.append(f"handed in late: {number(entry.penalty)} points off")
    return "\n".join(lines)


def read_back(
    file: Path, lessons: tuple[LessonColumn, ...], columns: Mapping[str, str] | None = None
) -> dict[str, dict[str, float | None]]:
    """Grades in a CSV of Moodle's, exported there or made here: by student, then by lesson's name.

    A student goes by ID number, else by e-mail address, in the form in which ids are compared.
    `columns` are headings that a person has named: of a lesson, or of `id` or `email`. AttnError.
    """
    named = dict(columns or {})
    read = open_list(file, "list of grades")
    lines = io.StringIO(read.text, newline="")
    try:
        found = list(csv.DictReader(lines, delimiter=read.delimiter, strict=True))
    except csv.Error as error:
        raise AttnError(f"{file} is no CSV: {error}.") from None
    head = list(found[0]) if found else []
    own: dict[str, str] = {what: named.pop(what) for what in ("id", "email") if what in named}
    people = columns_of(found, own)
    if not people["id"] and not people["email"]:
        shown = ", ".join(text(name, 60) for name in head)
        raise AttnError(
            f'{file} is no list of grades of Moodle\'s: it has neither a column "ID number" nor '
            '"Email address", in any language known here; if it is one, name it, --column '
            f'id="HEADING" or --column email="HEADING" (there are: {shown}).'
        )
    where = {lesson.name: _column_of(lesson, found, named.get(lesson.name)) for lesson in lessons}
    grades: dict[str, dict[str, float | None]] = {}
    for row in found:
        cells = (_bare((row.get(name) or "").strip()) for name in (*people["id"], *people["email"]))
        told = {name: _grade(row.get(column) or "") for name, column in where.items()}
        for who in filter(None, cells):
            grades.setdefault(id_key(who), told)
    return grades


def compare(
    table: ClassTable, file: Path, columns: Mapping[str, str] | None = None
) -> list[Difference]:
    """Where Moodle's grades differ from the class's: export them there after an import, and look.

    AttnError if the file is none, or a lesson has no column in it.
    """
    there = read_back(file, table.lessons, columns)
    found = []
    for student in table.students:
        theirs = there.get(id_key(student.id)) or there.get(id_key(student.email), {})
        for lesson in table.lessons:
            entry = lesson.entries[student.id]
            here = float(number(entry.score)) if entry.handed_in else None
            grade = theirs.get(lesson.name)
            same = here == grade
            if here is not None and grade is not None:
                same = abs(here - grade) < 0.011  # Moodle shows two places
            if not same:
                found.append(Difference(student.id, lesson.name, here, grade))
    return found


def _column_of(lesson: LessonColumn, rows: list[dict[str, str]], named: str | None) -> str:
    """The heading of a lesson's grades: "Assignment: Title (Real)" in Moodle's export.

    Others of that title hold percentages, letters or what was said; all in the teacher's language.
    """
    head = [name for name in (rows[0] if rows else {}) if name]
    if named is not None:
        found = [name for name in head if name.strip() == named.strip()]
    else:
        wanted = {lesson.title.casefold(), lesson.name.casefold()}
        ways = (lambda name: name, lambda name: _SUFFIX.sub("", name))  # a title may have brackets
        for way in ways:
            found = [name for name in head if _is_titled(way(_bare(name)), wanted)]
            found = [name for name in found if _holds_numbers(name, rows)] or found
            if found:
                break
    if len(found) == 1:
        return found[0]
    what = "more than one column" if found else "no column"
    shown = ", ".join(text(name, 60) for name in head if name not in PERSON)
    raise AttnError(
        f'The file has {what} for "{named or lesson.title}": name it with --column '
        f'{lesson.label}="HEADING" (there are: {shown}).'
    )


def _is_titled(heading: str, wanted: set[str]) -> bool:
    bare = heading.strip().casefold()
    return bare in wanted or any(bare.endswith(f": {title}") for title in wanted)


def _holds_numbers(name: str, rows: list[dict[str, str]]) -> bool:
    cells = ((row.get(name) or "").strip() for row in rows)
    return all(cell in ("", NO_GRADE) or _grade(cell) is not None for cell in cells)


def _bare(cell: str) -> str:
    """A text without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell.startswith("'") and text(cell[1:]) == cell else cell


def _grade(cell: str) -> float | None:
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return None  # "-", or nothing
