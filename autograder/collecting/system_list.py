"""The list of people that a system exports: who has the number that is in its files' names."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.collecting.moodle_words import columns_of, time_of
from autograder.errors import AttnError
from autograder.record.headings import HEADINGS
from autograder.record.list_file import ListText, open_list
from autograder.text import plain_text

_NUMBER = re.compile(r"(.*?)(\d+)\s*", re.DOTALL)  # "Participant 2201"


@dataclass(frozen=True)
class Listed:
    """A line of the list: what it says of the person with that number."""

    ids: tuple[str, ...]
    name: str
    time: dt.datetime | None = None  # when their work was last changed, as the list writes it
    stands_for: str = ""  # what a system calls somebody whose name it hides: "Participant"


@dataclass
class SystemList:
    """People by their numbers, and what is to be said of the list as a whole."""

    people: dict[str, Listed] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)  # on GitHub -> what the school calls them
    note: str = ""


def read_list(file: Path, columns: Mapping[str, str] | None = None) -> SystemList:
    """A gradebook exported from Canvas, or a grading worksheet of Moodle's, in any language known;
    or the roster of GitHub Classroom, `classroom_roster.csv`.

    `columns` are headings that a person names: `number`, `id`, `email`, `name` or `time`. AttnError
    if it is no such list, or nothing of it but the number is understood.
    """
    named = dict(columns or {})
    if unknown := [what for what in named if what not in HEADINGS]:
        raise AttnError(
            f"--list-column {unknown[0]}=…: there are {', '.join(HEADINGS)}, each for what a "
            "column holds."
        )
    read = open_list(file, "list")
    rows = _rows(file, read)
    if rows and {"identifier", "github_username"} <= rows[0].keys():
        told = ((row["github_username"], row["identifier"]) for row in rows)
        logins = {login: who for login, who in told if login and who}
        return SystemList(logins=logins, note=read.note)
    where = columns_of(rows, named)
    heads = ", ".join(f'"{plain_text(head, 60, keep="")}"' for head in (rows[0] if rows else {}))
    if not where["number"]:
        raise AttnError(
            f'{file} is neither a gradebook exported from Canvas (with a column "ID") nor a '
            'grading worksheet of Moodle\'s (with a column "Identifier"): if it is, name the '
            f'column of the numbers, --list-column number="HEADING" (there are: {heads}).'
        )
    if not any(where[what] for what in ("id", "email", "name", "first name", "last name")):
        raise AttnError(
            f"Of the list {file} nothing but the number is understood: name the column of the ids "
            f'or e-mail addresses, --list-column email="HEADING" (there are: {heads}).'
        )
    found = SystemList(note=read.note)
    unread = []
    for row in rows:
        digits = _NUMBER.fullmatch(_cell(row, where["number"]))
        if digits:
            said = _cell(row, where["time"])
            time = time_of(said)
            if time is None and any(letter.isdigit() for letter in said):
                unread.append(said)
            found.people[digits[2]] = _listed(row, where, time, digits[1].strip())
    if unread:
        said = (
            f'{len(unread)} of its times are not understood, such as "'
            f'{plain_text(unread[0], 60, keep="")}": that work counts as handed in at a time that '
            "nobody knows"
        )
        found.note = "; ".join(filter(None, (read.note, said)))
    return found


def _listed(
    row: Mapping[str, str | None],
    where: Mapping[str, list[str]],
    time: dt.datetime | None,
    stands_for: str,
) -> Listed:
    heads = dict.fromkeys((*where["id"], *where["email"]))
    ids = tuple(text for head in heads if (text := _cell(row, [head])))
    parts = (_cell(row, where[part]) for part in ("first name", "last name"))
    name = _cell(row, where["name"]) or " ".join(filter(None, parts))
    return Listed(ids, name, time, stands_for)


def _cell(row: Mapping[str, str | None], heads: list[str]) -> str:
    """What stands in the first of these columns that holds something."""
    return next((text for head in heads if (text := str(row.get(head) or "").strip())), "")


def _rows(file: Path, read: ListText) -> list[dict[str, str | None]]:
    lines = io.StringIO(read.text, newline="")
    try:
        return list(csv.DictReader(lines, delimiter=read.delimiter))
    except csv.Error as error:
        raise AttnError(f"The list {file} is no CSV: {error}.") from None
