"""Which student of the roster is meant? By id, by the system's list of people, or by a name.

Nothing is guessed: who could be two students is nobody, and says why.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.collecting.layouts import Clue
from autograder.collecting.system_list import Listed
from autograder.record.roster import Student
from autograder.text import id_key, plain_text


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


@dataclass
class People:
    """The students of a class, looked up by what files tell of them."""

    students: Sequence[Student]
    listed: dict[str, Listed] = field(default_factory=dict)
    logins: Mapping[str, str] = field(default_factory=dict)  # of another system -> an id, or a name

    def __post_init__(self) -> None:
        self._newcomers: set[str] = set()
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._spelt: dict[str, set[str]] = {}
        for student in self.students:
            for word in filter(None, (student.id, student.email)):
                self._ids.setdefault(id_key(word), set()).add(student.id)
            for name in _spellings(student):
                self._names.setdefault(letters(name), set()).add(student.id)
                self._spelt.setdefault(_spelt(name), set()).add(student.id)
        logins: dict[str, set[str]] = {}
        for login, who in self.logins.items():
            meant = self._ids.get(id_key(who)) or self._called(who)
            logins.setdefault(id_key(login), set()).update(meant)
        for login, meant in logins.items():
            self._ids.setdefault(login, set()).update(meant)

    def add(self, student: str) -> None:
        """Know somebody from now on who is not in the class yet, by an id only."""
        self._newcomers.add(student)
        self._ids.setdefault(id_key(student), set()).add(student)

    def find(self, clue: Clue) -> Found:
        """Whose file it is."""
        entry = self.listed.get(clue.number) if clue.number else None
        ways = [*(("id", self._with_ids([text])) for text in clue.ids)]
        ways.append(("id", self._with_ids(clue.ends)))
        if entry is not None:
            ways += [("list", self._with_ids(entry.ids)), ("list", self._called(entry.name))]
        elif self.listed and clue.number:
            return Found(reason=f"the list has nobody with the number {clue.number}")
        ways.append(("name", self._called(clue.name)))
        for by, found in ways:
            if len(found) == 1:
                (student,) = found
                if by == "list" and entry is not None and not self._agree(clue, entry, student):
                    said = plain_text(clue.name, 80, keep="")
                    of = plain_text(entry.name, 80, keep="") or student
                    reason = f"it is called {said!r}, but {clue.number} is {of!r} in the list"
                    return Found(reason=f"{reason}: it may be a group's work", several=True)
                return Found(student, "new" if student in self._newcomers else by)
            if found:
                return Found(reason=f"it could be {' or '.join(sorted(found))}", several=True)
        return Found(reason="no student of the class is called so")

    def _with_ids(self, words: Iterable[str]) -> set[str]:
        return set().union(*(self._ids.get(id_key(word), set()) for word in words if word))

    def _called(self, name: str) -> set[str]:
        """Who is called so. Of several who differ in accents only, a name that has any tells one;
        of one without, a system may have taken them away.
        """
        found = self._names.get(letters(name), set())
        if len(found) > 1 and _spelt(name) != letters(name):
            return self._spelt.get(_spelt(name), found)
        return found

    def _agree(self, clue: Clue, entry: Listed, student: str) -> bool:
        """Whether the name in a file's name may be that of whom the list has under its number.

        Of a group's work, that is the group's name, and the number one member's, or the group's. A
        system puts names in one order here and in another there; Moodle a group's before a
        person's: `Group 1-Ada Lovelace`.
        """
        own = next((one for one in self.students if one.id == student), Student(student))
        known = {entry.name, f"{own.first_name} {own.last_name}", entry.stands_for}
        alike = [sorted(told) for told in map(letters, known) if told]
        said = (clue.name, clue.name.rpartition("-")[2])
        is_told = entry.name or own.first_name or own.last_name
        return not clue.name or not is_told or any(sorted(letters(name)) in alike for name in said)


def letters(name: str) -> str:
    """A name without capitals, accents, spaces and signs, as systems write it into file names.

    Letters that are no Latin ones with a mark stay as they are.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())


def _spelt(name: str) -> str:
    """The same with its accents."""
    whole = unicodedata.normalize("NFC", name.casefold())
    return "".join(c for c in whole if c.isalnum() or unicodedata.combining(c))


def _spellings(student: Student) -> set[str]:
    """`Ada Lovelace`, and sorted: `Lovelace, Ada`."""
    first, last = student.first_name, student.last_name
    return {name for name in (first + last, last + first) if letters(name)}
