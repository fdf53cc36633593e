"""The list of a class's students, from a CSV file as universities, Canvas and Moodle write it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AttnError
from autograder.record.headings import HEADINGS, plain_heading
from autograder.record.list_file import open_list
from autograder.text import id_key, listed, one_form

COLUMNS = ("id", "first_name", "last_name", "email")  # nbgrader's names of them
MOST_LETTERS = 200
_FIRST, _LAST, _EMAIL, _NAME, _IDS = (
    tuple(map(plain_heading, (own, *HEADINGS[what])))
    for own, what in (
        ("first_name", "first name"),
        ("last_name", "last name"),
        ("email", "email"),
        ("name", "name"),
        ("id", "id"),  # of these, the first that everybody has
    )
)
_CANVAS_IDS = ("sis user id", "sis login id")
_CANVAS = (  # headings that Canvas's export has, and some of which it has besides
    ({"student"}, {*_CANVAS_IDS, "section"}),  # "Lovelace, Ada"
    ({"lastname", "firstname"}, {*_CANVAS_IDS}),
)
_NOBODY = {"student, test", "test student"}  # Canvas's own, for teachers to try things out
# what spreadsheets make of long numbers, and of texts that look like formulas
_EATEN = re.compile(r"[+-]?\d+([.,]\d+)?E[+-]\d+|\d+[.,]0+|#+|#[A-Z0-9/]+[!?]|#N/A", re.IGNORECASE)


@dataclass(frozen=True)
class Student:
    """One student; `id` is the name of their folder in `submitted/`."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Roster:
    """The students of a list, the heading of the column that their ids are from, and what a person
    should know of how it was read.
    """

    students: tuple[Student, ...]
    ids_from: str = "id"
    note: str = ""


def read_roster(file: Path, id_column: str = "") -> Roster:
    """The students of a CSV file with a column `id` and, if it has them, names and email.

    Files exported from Canvas and Moodle are recognised by their headings; `id_column` names the
    column in any other. AttnError names the line of what can't be used.
    """
    read = open_list(file, "roster")
    above = read.above
    reader = csv.DictReader(io.StringIO(read.text), delimiter=read.delimiter, restkey="more")
    try:
        shown = [str(name).strip() for name in reader.fieldnames or ()]
        reader.fieldnames = [plain_heading(name) for name in shown]
        rows = [
            (
                reader.line_num + above,
                {name: str(row.get(name) or "").strip() for name in reader.fieldnames},
            )
            for row in reader
        ]
    except csv.Error as error:
        where = f"after line {reader.line_num + above}"
        raise AttnError(f"The roster {file} is no CSV {where}: {error}.") from None
    headings = dict(zip(reader.fieldnames, shown, strict=True))
    rows = [(line, row) for line, row in rows if any(row.values())]
    is_canvas = any(
        names <= headings.keys() and not headings.keys().isdisjoint(besides)
        for names, besides in _CANVAS
    )
    if is_canvas:
        rows = [(line, row) for line, row in rows if _is_person(row)]
    wanted = plain_heading(id_column)
    column = _id_column(file, headings, [row for _, row in rows], wanted, is_canvas)
    students: dict[str, tuple[int, Student]] = {}
    for line, row in rows:
        student = _student(row, column, is_canvas)
        where = f"line {line} of the roster {file}"
        _refuse_bad_id(student.id, where)
        if not student.id.isascii() and not read.is_sure:
            raise AttnError(f"{where}: the id {student.id!r} may be misread, for {read.note}.")
        before = students.get(id_key(student.id))
        if before is not None:
            raise AttnError(f"{where}: {_twins(student.id, before[1].id, before[0])}.")
        students[id_key(student.id)] = line, student
    found = tuple(student for _, student in students.values())
    return Roster(found, headings[column], read.note)


def _is_person(row: Mapping[str, str]) -> bool:
    """Whether a row of Canvas's is a person's: some tell of points, one is for trying out."""
    name = row.get("student") or f"{row.get('lastname', '')}, {row.get('firstname', '')}"
    if name.casefold() in _NOBODY:
        return False
    return any(row.get(name) for name in ("id", *_CANVAS_IDS))


def _id_column(
    file: Path,
    headings: Mapping[str, str],
    rows: Sequence[Mapping[str, str]],
    wanted: str,
    is_canvas: bool,
) -> str:
    """The heading, without capitals, of the column with the students' ids. AttnError."""
    found = listed(list(headings.values()), 20) or "nothing"
    if wanted:
        if wanted not in headings:
            raise AttnError(f"The roster {file} has no such column for ids (found: {found}).")
        return wanted
    if is_canvas:
        # Canvas's own column ID holds numbers that mean nothing outside of it: better than none
        told = [name for name in _CANVAS_IDS if name in headings] or ["id"]
    elif "id" in headings:
        told = ["id"]
    else:
        told = [name for name in (*_IDS, *_EMAIL) if name in headings and name != "email"]
    told = [name for name in told if name in headings]
    if told:
        return next((name for name in told if all(row[name] for row in rows)), told[0])
    raise AttnError(
        f'The roster {file} has no column "id" in its first line (found: {found}): name the '
        "column with the ids by --id-column; known columns are "
        f"{', '.join(COLUMNS)}, and those of Canvas's and Moodle's exports."
    )


def _student(row: Mapping[str, str], id_column: str, is_canvas: bool) -> Student:
    def first_of(names: Sequence[str]) -> str:
        return next((row[name] for name in names if row.get(name)), "")[:MOST_LETTERS]

    first, last, email = first_of(_FIRST), first_of(_LAST), first_of(_EMAIL)
    if not first and not last:
        last, comma, first = (part.strip() for part in first_of(_NAME).partition(","))
        if not comma:
            first, last = last, ""
    if is_canvas:
        login = row.get("sis login id", "")
        email = email or (login if "@" in login else "")
    return Student(one_form(row[id_column])[:MOST_LETTERS], first, last, email)


def _refuse_bad_id(name: str, where: str) -> None:
    if not name:
        raise AttnError(f"{where} has no id.")
    if _EATEN.fullmatch(name):
        raise AttnError(
            f"{where}: {name!r} is what a spreadsheet has made of an id: format the column as text "
            "before the list is opened in it, and save it again."
        )
    reason = why_no_id(name)
    if reason:
        raise AttnError(f"{where}: {reason}.")


def _twins(name: str, before: str, line: int) -> str:
    if name == before:
        return f"the id {name!r} is there twice (line {line})"
    return (
        f"the id {name!r} is the same as {before!r} (line {line}) but for capitals, so on many "
        "disks the two would share a folder: give one of them another id"
    )


def why_no_id(name: str) -> str:
    """What is wrong with an id, "" if nothing is. It is a folder's name: nothing that leads
    elsewhere, or that a terminal can't show.
    """
    if not name or name[0] == "." or "/" in name or "\\" in name:
        return f"{name!r} can't be the name of a folder, so it can't be an id"
    if not name.isprintable():
        return f"the id {name!r} holds characters that can't be shown"
    return ""
