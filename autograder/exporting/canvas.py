"""`attn export --format canvas`: the CSV that Canvas's gradebook imports.

Its layout is that of Canvas's own export: Student, ID, SIS User ID, SIS Login ID, Section, then a
column for each assignment, "Title (id)"; the row "Points Possible"; a row for each student. Without
an id Canvas looks for the title, and offers to make an assignment of that name. Best is to fill in
a file that Canvas exported: its students, ids, order and columns are kept.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AttnError
from autograder.exporting.cells import BOM, Cell, heading, number, text, to_csv
from autograder.exporting.table import ClassTable, LessonColumn
from autograder.record.roster import Student
from autograder.text import id_key

POINTS_POSSIBLE = "    Points Possible"
PERSON = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
NAMES = ("Student", "LastName", "FirstName")
TEST_STUDENT = (["Student, Test"], ["Test Student"], ["Student", "Test"])
_WITH_ID = re.compile(r"^(?P<title>.*?)\s*\((?P<id>\d+)\)\s*$", re.DOTALL)
MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Filled:
    """A template filled in, and who could not be matched with whom."""

    text: str
    not_in_template: tuple[str, ...]  # students of the class, by id
    not_in_class: tuple[str, ...]  # rows of the template, by Canvas's name
    other_points: tuple[str, ...]  # lessons that are worth something else there


def plain(table: ClassTable) -> list[list[Cell]]:
    """Rows without a template. The student's id stands for both of the school's ids."""
    used: set[str] = set()
    head: list[Cell] = [*PERSON, *(heading(lesson.title, used) for lesson in table.lessons)]
    points: list[Cell] = [POINTS_POSSIBLE, None, None, None, None]
    points += [number(lesson.max_score) for lesson in table.lessons]
    rows = [head, points]
    for student in table.students:
        own = text(student.id)
        row: list[Cell] = [text(_sortable(student)), None, own, own, None]
        for lesson in table.lessons:
            entry = lesson.entries[student.id]
            row.append(number(entry.score) if entry.handed_in else None)
        rows.append(row)
    return rows


def _sortable(student: Student) -> str:
    """A name as Canvas sorts it: "Lovelace, Ada"."""
    return ", ".join(filter(None, (student.last_name, student.first_name))) or student.id


def fill(table: ClassTable, template: Path, columns: Mapping[str, str]) -> Filled:
    """Fill in a file exported from Canvas; whoever handed in nothing keeps what stands there.

    columns: the heading of a lesson's column, by the lesson's name, where its title does not tell.
    AttnError if the file is no such export, or a lesson has no column in it.
    """
    rows, delimiter, bom = _read(template)
    head = rows[0]
    where = {
        lesson.name: _column_of(lesson, head, columns.get(lesson.name), template)
        for lesson in table.lessons
    }
    if len(set(where.values())) < len(where):
        raise AttnError(
            f"Two lessons would go into one column of {template}: name them by --column."
        )
    people = _matched(table, rows)
    unmatched = []
    for index, row in enumerate(rows):
        student = people.get(index)
        if student is None:
            if _is_person(index, row) and not _is_test_student(head, row):
                unmatched.append(row[0])
            continue
        for lesson in table.lessons:
            entry = lesson.entries[student]
            if entry.handed_in:
                row[where[lesson.name]] = str(number(entry.score))
    names = [i for i, name in enumerate(head) if name in NAMES]
    for index, row in enumerate(rows):
        if _is_person(index, row):
            for place in names:
                row[place] = text(row[place])
    found = set(people.values())
    missing = tuple(student.id for student in table.students if student.id not in found)
    worth = next((row for row in rows if "Points Possible" in row[0]), None)
    other = [
        lesson.title
        for lesson in table.lessons
        if worth and not _is_worth(worth[where[lesson.name]], lesson.max_score)
    ]
    return Filled(to_csv(rows, delimiter, bom), missing, tuple(unmatched), tuple(other))


def _is_worth(cell: str, points: float) -> bool:
    try:
        return abs(float(cell.replace(",", ".")) - points) < 0.01
    except ValueError:
        return False


def _read(template: Path) -> tuple[list[list[str]], str, bool]:
    """The template's rows, made equally long; its delimiter; whether it begins with a mark."""
    try:
        if template.stat().st_size > MOST_BYTES:
            raise AttnError(f"{template} is no gradebook: it is larger than {MOST_BYTES:,} bytes.")
        raw = template.read_bytes().decode("utf-8")
    except OSError as error:
        raise AttnError(f"The template {template} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise AttnError(f"The template {template} is not UTF-8, which Canvas writes.") from None
    bom, raw = raw.startswith(BOM), raw.removeprefix(BOM)
    first = raw.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise AttnError(f"The template {template} is no CSV: {error}.") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    head = rows[0] if rows else []
    if "ID" not in head or "Section" not in head or head[0] not in NAMES:
        raise AttnError(
            f"{template} is no gradebook exported from Canvas: its first line must begin with "
            f"{', '.join(PERSON)}."
        )
    longest = len(head)
    if any(len(row) > longest for row in rows):
        raise AttnError(f"{template} has a row that is longer than its first line.")
    return [row + [""] * (longest - len(row)) for row in rows], delimiter, bom


def _column_of(lesson: LessonColumn, head: list[str], named: str | None, template: Path) -> int:
    """The place of a lesson's column: the heading that was named, or the lesson's title or name."""
    if named is not None:
        wanted = {named.strip().casefold()}
    else:
        wanted = {lesson.title.casefold(), lesson.name.casefold()}
    own = head[head.index("Section") + 1 :]
    found = []
    for index, name in enumerate(own, head.index("Section") + 1):
        match = _WITH_ID.match(name)
        known = {name.strip().casefold()}
        if match:
            known |= {match["title"].casefold(), match["id"]}
        if known & wanted:
            found.append(index)
    if len(found) == 1:
        return found[0]
    what = "more than one column" if found else "no column"
    shown = ", ".join(text(name, 60) for name in own if _WITH_ID.match(name)) or "none"
    raise AttnError(
        f'{template} has {what} for "{named or lesson.title}": name it with --column '
        f'{lesson.label}="HEADING" (there are: {shown}).'
    )


def _is_person(index: int, row: list[str]) -> bool:
    """Whether a row is a student's: not the heading, the points, or Canvas's row on posting."""
    return index > 0 and bool(row[0].strip()) and "Points Possible" not in row[0]


def _is_test_student(head: list[str], row: list[str]) -> bool:
    """Whether a row is the student whom Canvas makes for a teacher's own look at a course.

    It has a login of 40 letters or so, but no id of the school's.
    """
    name = [row[i].strip() for i, column in enumerate(head) if column in NAMES]
    school = head.index("SIS User ID") if "SIS User ID" in head else None
    return name in TEST_STUDENT and (school is None or not row[school].strip())


def _matched(table: ClassTable, rows: list[list[str]]) -> dict[int, str]:
    """Which row is whose, by the school's ids, Canvas's own, or the e-mail address as a login.

    A row that fits two students, and a student whom two rows fit, are left out: nothing is guessed.
    """
    by_id: dict[str, set[str]] = {}
    by_mail: dict[str, set[str]] = {}
    for student in table.students:
        by_id.setdefault(id_key(student.id), set()).add(student.id)
        if student.email:
            by_mail.setdefault(id_key(student.email), set()).add(student.id)
    head = rows[0]
    places = [head.index(name) for name in PERSON[1:4] if name in head]
    login = head.index("SIS Login ID") if "SIS Login ID" in head else None
    found: dict[int, str] = {}
    for index, row in enumerate(rows):
        if not _is_person(index, row):
            continue
        fitting = {who for place in places for who in by_id.get(id_key(row[place]), ())}
        if login is not None:
            fitting |= by_mail.get(id_key(row[login]), set())
        if len(fitting) == 1:
            found[index] = fitting.pop()
    times = Counter(found.values())
    return {index: student for index, student in found.items() if times[student] == 1}
