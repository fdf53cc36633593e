"""`attn course collect`: notebooks from a folder or a zip, put to where a class is graded.

Nothing is lost: what was in that place before is kept in `.attn/replaced/`, work that is older than
what is there stays out, and what can't be told whose or which it is stays where it was, listed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.classroom.roster import Student, why_no_id
from autograder.collecting.files import HandedFile, Refused, handed_files
from autograder.collecting.layouts import Clue, Layout, clue_of, layout_of
from autograder.collecting.people import Found, People, read_list
from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.class_folder import ClassFolder, only_grader
from autograder.grading.disk import disk_error, write_durably
from autograder.grading.gradebook import read_timestamp
from autograder.grading.repair import UnreadableError, lesson_of

_STAMP = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True)
class CollectOptions:
    """What was asked for. `time`: when work came in that doesn't tell, UTC without a zone."""

    lesson: str | None = None
    layout: Layout | None = None
    people: Path | None = None
    time: dt.datetime | None = None
    add: bool = False  # students who are not in the class are added to it


@dataclass(frozen=True)
class Taken:
    """A submission that is in its place: `new`, `replaced` (an earlier one), `unchanged`."""

    student: str
    lesson: str
    state: str
    file: str
    by: str
    time: dt.datetime | None = None
    late: bool = False  # marked as late by the system it came from


@dataclass(frozen=True)
class Problem:
    """A file that was not collected, and why."""

    file: str
    reason: str


@dataclass
class Collected:
    """What came of it."""

    layout: str
    taken: list[Taken] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "layout": self.layout,
            "taken": [
                {**vars(one), "time": one.time.strftime(_STAMP) if one.time else None}
                for one in self.taken
            ],
            "problems": [vars(problem) for problem in self.problems],
            "added": self.added,
        }


@dataclass(frozen=True)
class _Work:
    """A notebook, whose and of which lesson it is."""

    student: str
    lesson: str
    by: str
    clue: Clue
    file: HandedFile
    time: dt.datetime | None


def collect(
    course: Course, folder: ClassFolder, source: Path, options: CollectOptions
) -> Collected:
    """Put what `source` holds to where the class is graded. AttnError for the source as a whole."""
    names = [lesson.name for lesson in course.lesson_folders()]
    wanted = course.lesson(options.lesson).name if options.lesson else None
    listed = read_list(options.people) if options.people else {}
    with only_grader(folder.root):
        found = list(handed_files(source))
        if not any(isinstance(one, HandedFile) for one in found):
            raise AttnError(f"There is no notebook in {source}.")
        layout = options.layout or layout_of([one.parts for one in found], names)
        people = People(_students(folder), listed)
        if not people.students and not options.add:
            raise AttnError(
                f"The class {folder.root} has no students yet: give their list to `attn course new "
                "--roster`, add them in formgrader, or collect with --add-students."
            )
        made = Collected(layout)
        works = list(_told(found, layout, names, wanted, people, options, made))
        for work in _one_each(works, made):
            _put(folder, work, made)
        if made.added:
            _enrol(folder, made)
    made.taken.sort(key=lambda one: (one.lesson, one.student))
    made.problems.sort(key=lambda one: one.file)
    return made


def _students(folder: ClassFolder) -> list[Student]:
    with folder.open_gradebook() as gradebook:
        return [
            Student(s.id, s.first_name or "", s.last_name or "", s.email or "")
            for s in gradebook.students
        ]


def _told(
    found: Sequence[HandedFile | Refused],
    layout: Layout,
    lessons: Sequence[str],
    wanted: str | None,
    people: People,
    options: CollectOptions,
    made: Collected,
) -> Iterable[_Work]:
    """The works among the files; what is none is put among the problems."""
    have = set()  # who has a notebook: other files beside it are nobody's trouble
    refused: list[tuple[Refused, Clue | None]] = []
    for one in found:
        clue = clue_of(one.parts, layout, lessons)
        if isinstance(one, Refused):
            refused.append((one, clue))
            continue
        if clue is None:
            made.problems.append(Problem(one.shown, f"it is not in the layout {layout!r}"))
            continue
        have.add(clue.who)
        owner = people.find(clue)
        if not owner.student and options.add and layout in ("tree", "names"):
            owner = _newcomer(clue, people, owner)
        if not owner.student:
            made.problems.append(Problem(one.shown, owner.reason))
            continue
        lesson, reason = _lesson(one, clue, lessons, wanted)
        if reason:
            made.problems.append(Problem(one.shown, reason))
        elif lesson is not None:
            if owner.by == "new" and owner.student not in made.added:
                made.added.append(owner.student)
            entry = people.listed.get(clue.number)
            time = one.time or (entry.time if entry else None) or options.time
            yield _Work(owner.student, lesson, owner.by, clue, one, time)
    for file, clue in refused:
        # a file of nobody's that is no notebook: data, a list of marks
        if file.other and (clue is None or clue.who in have or not people.find(clue).student):
            continue
        made.problems.append(Problem(file.shown, file.reason))


def _newcomer(clue: Clue, people: People, owner: Found) -> Found:
    """Who is not in the class, by the last word that may be an id."""
    if owner.reason.startswith("it could be"):
        return owner
    if not clue.ids:
        return owner
    reason = why_no_id(clue.ids[-1])
    return Found(reason=reason) if reason else Found(clue.ids[-1], "new")


def _lesson(
    file: HandedFile, clue: Clue, lessons: Sequence[str], wanted: str | None
) -> tuple[str | None, str]:
    """The lesson of a notebook; None without a reason if it is of another than was asked for."""
    try:
        own = lesson_of(file.raw, lessons)
    except UnreadableError:
        own = None  # damaged: it is collected, and grading says what is wrong with it
    placed = clue.lesson or own
    if clue.lesson and own and own != clue.lesson:
        return None, f"it lies in {clue.lesson}, and is a notebook of {own}"
    if placed is None and wanted is None:
        return None, "it does not tell which lesson it is of: name it with --lesson"
    if wanted is not None and placed not in (None, wanted):
        return None, ""
    return placed or wanted, ""


def _one_each(works: Sequence[_Work], made: Collected) -> Iterable[_Work]:
    """Of several notebooks for one lesson the last one handed in, if that can be told."""
    by_place: dict[tuple[str, str], list[_Work]] = {}
    for work in works:
        by_place.setdefault((work.student, work.lesson), []).append(work)
    for (student, lesson), several in by_place.items():
        if len({work.file.raw for work in several}) == 1:
            yield several[0]
            continue
        order = sorted(several, key=_age)
        if _age(order[-1]) == _age(order[-2]):
            names = ", ".join(work.file.shown for work in several)
            for work in several:
                made.problems.append(
                    Problem(
                        work.file.shown,
                        f"{student} has {len(several)} notebooks for {lesson} here ({names}): keep "
                        "one",
                    )
                )
            continue
        yield order[-1]


def _age(work: _Work) -> tuple[dt.datetime, int]:
    return (work.file.time or dt.datetime.min, work.clue.attempt)


def _put(folder: ClassFolder, work: _Work, made: Collected) -> None:
    """Write a work to its place, unless what is there is the same or newer."""
    target = folder.submitted / work.student / work.lesson / f"{work.lesson}.ipynb"
    state = "new"
    try:
        if target.exists():
            before = target.read_bytes()
            stamp = read_timestamp(target)
            if before == work.file.raw:
                state = "unchanged"
            elif stamp and work.time and stamp > work.time:
                made.problems.append(
                    Problem(work.file.shown, f"what {work.student} has there is newer, of {stamp}")
                )
                return
            else:
                state = "replaced"
                _keep(folder, work, before)
        if state != "unchanged":
            write_durably(target, work.file.raw)
        if work.time is not None and (state != "unchanged" or read_timestamp(target) is None):
            write_durably(target.parent / "timestamp.txt", work.time.strftime(_STAMP) + "\n")
        elif state == "replaced":  # the earlier one's time is not this one's
            (target.parent / "timestamp.txt").unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error) from None
    made.taken.append(
        Taken(work.student, work.lesson, state, work.file.shown, work.by, work.time, work.clue.late)
    )


def _keep(folder: ClassFolder, work: _Work, before: bytes) -> None:
    kept = folder.state / "replaced" / work.lesson / work.student
    number = 1
    while (file := kept / f"{number}.ipynb").exists():
        number += 1
    write_durably(file, before, mode=0o600)


def _enrol(folder: ClassFolder, made: Collected) -> None:
    with folder.open_gradebook() as gradebook:
        for student in made.added:
            gradebook.update_or_create_student(student)
