"""The list of a class's students, from a CSV file as universities export them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AttnError

COLUMNS = ("id", "first_name", "last_name", "email")  # nbgrader's names of them
MOST_LETTERS = 200


@dataclass(frozen=True)
class Student:
    """One student; `id` is the name of their folder in `submitted/`."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""


def read_roster(file: Path) -> list[Student]:
    """The students of a CSV file with a column `id` and, if it has them, names and email.

    AttnError names the line of what can't be used.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise AttnError(f"The roster {file} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise AttnError(f"The roster {file} is not UTF-8: save it as CSV UTF-8.") from None
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:  # one column only
        dialect = "excel"
    reader = csv.DictReader(io.StringIO(text), dialect=dialect, restkey="more")
    header = [str(name).strip().lower() for name in reader.fieldnames or ()]
    if "id" not in header:
        raise AttnError(
            f'The roster {file} has no column "id" in its first line (found: '
            f"{', '.join(header) or 'nothing'}); known columns are {', '.join(COLUMNS)}."
        )
    reader.fieldnames = header
    students: dict[str, Student] = {}
    try:
        for row in reader:
            values = {name: (row.get(name) or "").strip()[:MOST_LETTERS] for name in COLUMNS}
            if not any(values.values()):
                continue
            where = f"line {reader.line_num} of the roster {file}"
            _refuse_bad_id(values["id"], where)
            if values["id"] in students:
                raise AttnError(f"{where}: the id {values['id']!r} is there twice.")
            students[values["id"]] = Student(**values)
    except csv.Error as error:
        where = f"after line {reader.line_num}"
        raise AttnError(f"The roster {file} is no CSV {where}: {error}.") from None
    return list(students.values())


def _refuse_bad_id(name: str, where: str) -> None:
    if not name:
        raise AttnError(f"{where} has no id.")
    reason = why_no_id(name)
    if reason:
        raise AttnError(f"{where}: {reason}.")


def why_no_id(name: str) -> str:
    """What is wrong with an id, "" if nothing is. It is a folder's name: nothing that leads
    elsewhere, or that a terminal can't show.
    """
    if not name or name[0] == "." or "/" in name or "\\" in name:
        return f"{name!r} can't be the name of a folder, so it can't be an id"
    if not name.isprintable():
        return f"the id {name!r} holds characters that can't be shown"
    return ""
