"""How Blackboard, Brightspace, ILIAS and Teams call what one downloads of them all at once.

Blackboard   gradebook_COURSE_ASSIGNMENT_LOGIN_attempt_2026-10-05-18-03-22_its-name.ipynb
Brightspace  12345-67890 - Ada Lovelace - Oct 5, 2026 603 PM/its-name.ipynb, or all as one name
ILIAS        Lovelace_Ada_LOGIN_4711/its-name.ipynb, in some versions with spaces
Teams        Submitted files/Ada Lovelace/ASSIGNMENT/Version 2/its-name.ipynb

None of these forms is sure: a folder of one's own may look the same. What they tell counts only if
it is a student of the class.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_BLACKBOARD = re.compile(
    r"(?P<before>[^/]+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>[^/]+)|\.txt)", re.DOTALL
)
_BRIGHTSPACE = re.compile(
    r"\d+-\d+ - (?P<who>[^/]+?) ?- (?P<time>[^/-]*\b\d{4},? \d{1,4}(?: ?[AP]M)?)"
    r"(?: - (?P<rest>[^/]+))?",
    re.DOTALL | re.IGNORECASE,
)
_ILIAS = re.compile(
    r"(?P<last>[^_/]+)_(?P<first>[^_/]+)_(?P<login>[^/]+)_\d+"
    r"|(?P<name>[^/]+) (?P<mail>[^\s/]+@[^\s/]+) \d+",
    re.DOTALL,
)
_TEAMS = re.compile(r"[^\W\d_]+ (?P<number>\d{1,3})")
_CLOCK = re.compile(r"\b(\d{1,2}?)(\d\d)( ?[AP]M)?\Z", re.IGNORECASE)
MOST_LETTERS = 300  # of a name: what is longer takes long to be compared, and no system writes it
MOST_WORDS = 6  # of a login with underscores in it


@dataclass(frozen=True)
class Told:
    """What a system's name for a file or a folder says of whose it is."""

    ids: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()  # it may be any of these
    name: str = ""
    time: dt.datetime | None = None  # as it is written there, without a zone
    rest: str = ""  # the student's own name for the file


def told_by(part: str) -> Told | None:
    """What a part of a place tells if it has a system's form."""
    if len(part) > MOST_LETTERS:
        return None
    if found := _BLACKBOARD.fullmatch(part):
        words = found["before"].split("_")[-MOST_WORDS:]
        ends = tuple("_".join(words[at:]) for at in range(len(words)))
        return Told(ends=ends, time=_time(found["time"]), rest=found["rest"] or "")
    if found := _BRIGHTSPACE.fullmatch(part):
        who = tuple(text.strip() for text in found["who"].split(" - "))  # an id may be before it
        return Told(who, (), who[-1], _time(found["time"]), found["rest"] or "")
    if found := _ILIAS.fullmatch(part):
        if found["mail"]:
            return Told((found["mail"],), name=found["name"])
        return Told((found["login"],), name=f"{found['last']} {found['first']}")
    return None


def is_blackboards(part: str) -> bool:
    return len(part) <= MOST_LETTERS and _BLACKBOARD.fullmatch(part) is not None


def version_of(folder: str) -> int:
    """Which version of their work a folder of Teams holds: 2 for "Version 2", in any language."""
    found = _TEAMS.fullmatch(folder)
    return int(found["number"]) if found else 0


def _time(text: str) -> dt.datetime | None:
    """A time as these systems write it: what a clock on the wall showed."""
    text = _CLOCK.sub(r"\1:\2\3", text.strip())
    for form in ("%Y-%m-%d-%H-%M-%S", "%b %d, %Y %I:%M %p", "%d %b, %Y %H:%M", "%b %d, %Y %H:%M"):
        try:
            return dt.datetime.strptime(text, form)
        except ValueError:
            continue
    return None
