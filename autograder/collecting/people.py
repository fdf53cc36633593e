"""Which student of the roster is meant? By id, by the system's list of people, or by a name.

Nothing is guessed: who could be two students is nobody, and says why.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dateutil import parser as date_parser

from autograder.collecting.layouts import Clue
from autograder.errors import AttnError
from autograder.record.roster import Student
from autograder.text import id_key

MOST_BYTES = 50_000_000
# columns of a list that may hold a student's id, as Canvas and Moodle call them
_IDS = ("sis user id", "sis login id", "id number", "username", "email address", "email", "login")
_NAMES = ("student", "full name", "name")
_FIRST, _LAST = ("first name", "firstname"), ("surname", "last name", "lastname")
_TIMES = ("last modified (submission)",)
_PARTICIPANT = re.compile(r"(\d+)\s*$")


@dataclass(frozen=True)
class Found:
    """A student, and how they were found; or nobody, and why not."""

    student: str = ""
    by: str = ""  # "id", "list" or "name"; "new" is who is not in the class yet
    reason: str = ""
    several: bool = False  # it could be more than one

    @property
    def is_nobody(self) -> bool:
        """Whether nothing was found: neither one student nor several it could be."""
        return not self.student and not self.several


@dataclass(frozen=True)
class Listed:
    """A line of the system's list: what it says of the person with that number."""

    ids: tuple[str, ...]
    name: str
    time: dt.datetime | None = None  # when their work was last changed; UTC without a zone


def read_list(file: Path) -> dict[str, Listed]:
    """People by the number that the system's downloads have in their names.

    A gradebook exported from Canvas (column `ID`), or a grading worksheet of Moodle's (column
    `Identifier`). AttnError if it is neither.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise AttnError(f"{file} is no list: it is larger than {MOST_BYTES:,} bytes.")
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise AttnError(f"The list {file} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise AttnError(f"The list {file} is not UTF-8, which Canvas and Moodle write.") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise AttnError(f"The list {file} is no CSV: {error}.") from None
    head = {str(name).strip().casefold(): name for name in (rows[0] if rows else {}) if name}
    number = next((head[name] for name in ("identifier", "id") if name in head), None)
    if number is None:
        raise AttnError(
            f'{file} is neither a gradebook exported from Canvas (with a column "ID") nor a '
            'grading worksheet of Moodle\'s (with a column "Identifier").'
        )
    found = {}
    for row in rows:
        digits = _PARTICIPANT.search(str(row.get(number) or ""))
        if digits:
            found[digits[1]] = _listed(row, head)
    return found


def _listed(row: dict[str, str | None], head: dict[str, str]) -> Listed:
    def cells(names: Sequence[str]) -> list[str]:
        told = (str(row.get(head[name]) or "").strip() for name in names if name in head)
        return [text for text in told if text]

    name = next(iter(cells(_NAMES)), "") or " ".join(cells(_FIRST)[:1] + cells(_LAST)[:1])
    return Listed(tuple(cells(_IDS)), name, _time(next(iter(cells(_TIMES)), "")))


def _time(text: str) -> dt.datetime | None:
    """A time as Moodle writes it in English, in this machine's zone, as UTC without a zone."""
    if not any(letter.isdigit() for letter in text):
        return None  # "-": nothing handed in
    try:
        return date_parser.parse(text).astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


@dataclass
class People:
    """The students of a class, looked up by what files tell of them."""

    students: Sequence[Student]
    listed: dict[str, Listed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._newcomers: set[str] = set()
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for student in self.students:
            for word in filter(None, (student.id, student.email)):
                self._ids.setdefault(id_key(word), set()).add(student.id)
            for name in _spellings(student):
                self._names.setdefault(name, set()).add(student.id)

    def add(self, student: str) -> None:
        """Know somebody from now on who is not in the class yet, by an id only."""
        self._newcomers.add(student)
        self._ids.setdefault(id_key(student), set()).add(student)

    def find(self, clue: Clue) -> Found:
        """Whose file it is."""
        entry = self.listed.get(clue.number) if clue.number else None
        ways: list[tuple[str, dict[str, set[str]], Iterable[str]]] = [
            ("id", self._ids, map(id_key, clue.ids))
        ]
        if entry is not None:
            ways.append(("list", self._ids, map(id_key, entry.ids)))
            ways.append(("list", self._names, [letters(entry.name)]))
        elif self.listed and clue.number:
            return Found(reason=f"the list has nobody with the number {clue.number}")
        ways.append(("name", self._names, [letters(clue.name)]))
        for by, known, words in ways:
            found = _all(known, words)
            if len(found) == 1:
                student = found.pop()
                return Found(student, "new" if student in self._newcomers else by)
            if found:
                return Found(reason=f"it could be {' or '.join(sorted(found))}", several=True)
        return Found(reason="no student of the class is called so")


def _all(known: dict[str, set[str]], words: Iterable[str]) -> set[str]:
    return set().union(*(known.get(word, set()) for word in words if word))


def letters(name: str) -> str:
    """A name without capitals, accents, spaces and signs, as systems write it into file names.

    Letters that are no Latin ones with a mark stay as they are.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())


def _spellings(student: Student) -> set[str]:
    """`Ada Lovelace`, and sorted: `Lovelace, Ada`."""
    first, last = student.first_name, student.last_name
    return {name for name in (letters(first + last), letters(last + first)) if name}
