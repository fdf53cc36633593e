"""`attn course collect`: notebooks from a folder or a zip, put to where a class is graded.

Nothing is lost: what was in that place before is kept in `.attn/replaced/`, work that is older than
what is there stays out, and what can't be told whose or which it is stays where it was, listed.

One student after the other: whatever one of them handed in costs nobody else's work. The outer
source is read by its names (`outside.py`), which tell the layout (`layouts.py`) and the owner of
each file (`owners.py`); what is in a student's files (`uploads.py`) is their work and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.collecting.answers import Answers
from autograder.collecting.layouts import Layout, layout_of, own_folder
from autograder.collecting.one_student import Collector
from autograder.collecting.outside import Parts, outer_files
from autograder.collecting.owners import Owned, Owners
from autograder.collecting.pattern import Pattern
from autograder.collecting.people import People
from autograder.collecting.placing import enrol
from autograder.collecting.results import Collected, Note
from autograder.collecting.system_list import SystemList, read_list
from autograder.collecting.times import Times, stamps
from autograder.collecting.uploads import Unpacker
from autograder.collecting.works import Wish
from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.one_notebook import visible_key
from autograder.record.class_folder import ClassFolder, only_grader
from autograder.record.late import class_zone
from autograder.record.roster import Student


@dataclass(frozen=True)
class CollectOptions:
    """What was asked for. Times are UTC without a zone."""

    lesson: str | None = None
    layout: Layout | None = None
    people: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # of that list, as a person names them
    time: dt.datetime | None = None  # when work came in that doesn't tell
    add: bool = False  # students who are not in the class are added to it
    pattern: str | None = None  # how files are called, if that is in no layout
    now: dt.datetime | None = None  # by the collecting clock, if that is not this machine's


def collect(
    course: Course, folder: ClassFolder, source: Path, options: CollectOptions
) -> Collected:
    """Put what `source` holds to where the class is graded. AttnError for the source as a whole."""
    names = [lesson.name for lesson in course.lesson_folders()]
    wanted = course.lesson(options.lesson).name if options.lesson else None
    pattern = Pattern(options.pattern, names) if options.pattern is not None else None
    system = read_list(options.people, options.columns) if options.people else SystemList()
    zone = class_zone(folder.root)
    with only_grader(folder.root):
        files = outer_files(source, lambda place: own_folder(place, names))
        able = [file.parts for file in files if not file.problem]
        if not any(file.is_notebook or file.is_zip for file in files):
            raise AttnError(f"There is no notebook in {source}.")
        layout = "pattern" if pattern else options.layout or layout_of(able, names)
        if pattern and not any(pattern.clue(place) for place in able):
            shown = next(file.shown for file in files if file.is_notebook or file.is_zip)
            raise AttnError(
                f'No file in {source} fits the pattern "{pattern.text}": one is called "{shown}".'
            )
        people = People(_students(folder), system.people, system.logins)
        if not people.students and not options.add:
            raise AttnError(
                f"The class {folder.root} has no students yet: give their list to `attn course new "
                "--roster`, add them in formgrader, or collect with --add-students."
            )
        made = Collected(layout)
        if options.people and system.note:
            made.notes.append(Note(str(options.people), system.note))
        owned = Owners(layout, names, people, options.add, pattern).of(files)
        late_is_told = any(one.clue is not None and one.clue.late for one in owned)
        times = Times(options.now, options.time, system.people, zone, late_is_told)
        with Unpacker(source) as unpacker:
            stamp = stamps(files, layout, names, unpacker.text)

            def when(one: Owned) -> tuple[dt.datetime | None, str]:
                return times.of(one, stamp(one.file))

            pages = [f"{page.stem}.ipynb" for page in course.pages()] + [course.glossary.name]
            wish = Wish(names, wanted, layout, pages)
            answers = Answers(lambda lesson: visible_key(course.lesson(lesson)))
            collector = Collector(folder, unpacker, wish, times, answers, when, made)
            students, nobodys = _by_owner(owned, names)
            for own in students:
                collector.student(own)
            for own in nobodys:
                collector.nobody(own)
        if not collector.seen and not made.problems:
            raise AttnError(f"There is no notebook in {source}.")
        if made.added:
            enrol(folder, made)
    made.sort()
    return made


def _students(folder: ClassFolder) -> list[Student]:
    with folder.open_gradebook() as gradebook:
        return [
            Student(s.id, s.first_name or "", s.last_name or "", s.email or "")
            for s in gradebook.students
        ]


def _by_owner(
    owned: Iterable[Owned], lessons: Sequence[str]
) -> tuple[list[list[Owned]], list[list[Owned]]]:
    """Each student's files together; and each of those persons' who are no students."""
    students: dict[str, list[Owned]] = {}
    nobodys: dict[str | Parts, list[Owned]] = {}
    for one in owned:
        if one.found.student:
            students.setdefault(one.found.student, []).append(one)
        else:
            place = one.file.parts
            who = one.clue.who if one.clue else own_folder(place, lessons) or place
            nobodys.setdefault(who, []).append(one)
    return list(students.values()), list(nobodys.values())
