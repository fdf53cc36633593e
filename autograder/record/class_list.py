"""A class's list: who handed in without being on it, and who of it that may be.

On the list is whom a roster, a teacher or collecting has put into the gradebook. Grading puts there
whoever has handed in, too; it remembers these in `.attn/newcomers`, until they are given a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

from autograder.text import id_key

MOST = 3  # of those it may be


def newcomer_file(state: Path, student: str) -> Path:
    """Says by being there that grading has put a student into the gradebook, by an id only."""
    name = student
    if len(student.encode()) > 200:  # a file's name holds 255 bytes on most disks
        name = hashlib.sha256(student.encode()).hexdigest()
    return state / "newcomers" / name


def remember_newcomer(state: Path, student: str) -> None:
    """Remember that grading puts this student into the gradebook."""
    file = newcomer_file(state, student)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


class ClassList:
    """The ids on a class's list; empty if it has none: then nobody is missing from it."""

    def __init__(self, students: Iterable[tuple[str, bool]], state: Path) -> None:
        """`students` are those of the gradebook: an id, and whether it has a name or an address."""
        folder = state / "newcomers"
        new = {file.name for file in folder.iterdir()} if folder.is_dir() else set()
        self.ids = {
            student
            for student, is_named in students
            if is_named or newcomer_file(state, student).name not in new
        }

    def has(self, student: str) -> bool | None:
        """Whether a student is on the list; None if there is no list."""
        return student in self.ids if self.ids else None

    def may_be(self, student: str, handed_in: Collection[str]) -> list[str]:
        """Who of the list that may be: the same but for capitals or, if they are missing, a letter.

        Two letters that have changed places count as one.
        """
        own = id_key(student)
        near = [other for other in sorted(self.ids) if id_key(other) == own]
        if not near:
            missing = sorted(self.ids.difference(handed_in))
            near = [other for other in missing if _one_letter_apart(own, id_key(other))]
        return near[:MOST]


def _one_letter_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1 or not min(len(one), len(other)):
        return False
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) == 1 or (len(one) == 2 and one[::-1] == other)
