"""Whose is each file of a source? The outermost part of its place that tells it decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from autograder.collecting.layouts import (
    Clue,
    Layout,
    Parts,
    base_of,
    clue_at,
    has_form,
    shared_folders,
)
from autograder.collecting.outside import OuterFile
from autograder.collecting.pattern import Pattern
from autograder.collecting.people import Found, People
from autograder.record.roster import why_no_id
from autograder.text import one_form

LONGEST_ID = 128  # letters of a student's id in nbgrader's tables
_LONGEST_NAME = 255  # bytes of a folder's name on most disks


@dataclass(frozen=True)
class Owned:
    """A file of the source and whose it is; no `clue` if it is not where students' files are."""

    file: OuterFile
    clue: Clue | None
    found: Found


class Owners:
    """Tells whose the files of one source are, and who is new."""

    def __init__(
        self,
        layout: Layout,
        lessons: Sequence[str],
        people: People,
        add: bool,
        pattern: Pattern | None = None,
    ) -> None:
        self._layout = layout
        self._pattern = pattern
        self._lessons = lessons
        self._people = people
        self._add = add and layout in ("tree", "names", "pattern")
        self._bases: set[Parts] = set()
        self._wrapper: Parts = ()

    def of(self, files: Sequence[OuterFile]) -> list[Owned]:
        """All files of the source with their owners, in the same order."""
        if self._pattern is not None:
            return [self._one(file) for file in files]
        places = [file.parts for file in files if not file.problem]
        self._bases = {base for place in places for base in self._bases_by(place)}
        self._wrapper = shared_folders(places)
        if any(len(place) - 1 == len(self._wrapper) for place in places):
            self._wrapper = self._wrapper[:-1]  # that file lies in a folder that may be a student's
        return [self._one(file) for file in files]

    def _bases_by(self, place: Parts) -> Iterator[Parts]:
        """The folder that students' folders lie in, if this place shows one.

        In `names` a student's file shows one, too: a folder beside it is somebody's as well.
        """
        names = self._layout == "names"
        for at in range(len(place) if names else len(place) - 1):
            if names:
                clue = clue_at(place, at, "names", self._lessons)
                shows = clue is not None and not self._people.find(clue).is_nobody
            else:
                shows = has_form(place, at, self._layout, self._lessons)
            if shows:
                yield place[:at]
                return

    def _one(self, file: OuterFile) -> Owned:
        clues = list(self._clues(file.parts))
        if not clues:
            what = f"it is not in the layout {self._layout!r}"
            if self._pattern is not None:
                what = f"it does not fit the pattern {self._pattern.text!r}"
            return Owned(file, None, Found(reason=what))
        for clue in clues:
            found = self._people.find(clue)
            if not found.is_nobody:
                return Owned(file, clue, found)
        clue = self._newest(file.parts, clues)
        found = self._people.find(clue)
        able = not file.problem and (file.is_notebook or file.is_zip)
        if self._add and able and clue.ids:
            found = self._newcomer(one_form(clue.ids[-1]))
        return Owned(file, clue, found)

    def _clues(self, place: Parts) -> Iterator[Clue]:
        """What tells the owner: one part of the place; in layout `names`, where no folder is known
        to be a student's, each, the outermost first.
        """
        if self._pattern is not None:
            fit = self._pattern.clue(place)
            yield from [fit] if fit else []
            return
        base = base_of(place, self._bases)
        told = (clue_at(place, at, self._layout, self._lessons) for at in range(len(place)))
        if self._layout == "names":
            clues = (clue for clue in islice(told, len(base or ()), None) if clue is not None)
            yield from clues if base is None else islice(clues, 1)
            return
        if base is not None:
            at = len(base)
        elif self._layout == "tree" and place[:-1] in self._bases:  # beside students' folders
            at = len(place) - 1
        else:
            forms = (has_form(place, i, self._layout, self._lessons) for i in range(len(place)))
            at = next((i for i, form in enumerate(forms) if form), len(place) - 1)
        clue = clue_at(place, at, self._layout, self._lessons)
        if clue is not None:
            yield clue

    def _newest(self, place: Parts, clues: Sequence[Clue]) -> Clue:
        """By what somebody who is not in the class is called: in `names` by the outermost part
        that is not shared by all.
        """
        if self._layout != "names" or len(clues) == 1:
            return clues[0]
        own = [place[at] for at in range(len(self._wrapper), len(place) - 1)]
        return next((clue for clue in clues if clue.who in own), clues[-1])

    def _newcomer(self, name: str) -> Found:
        reason = why_no_id(name)
        if not reason and (len(name) > LONGEST_ID or len(name.encode()) > _LONGEST_NAME):
            reason = f"{name[:40]!r}… is too long for an id"
        if reason:
            return Found(reason=reason)
        self._people.add(name)
        return Found(name, "new")
