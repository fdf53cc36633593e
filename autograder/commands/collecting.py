"""`attn course collect`: from Canvas, Moodle, a mailbox or the exchange to submitted/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.commands.base import JsonFlag, console, count, course_app, errors, print_json
from autograder.commands.classroom import CourseOption
from autograder.errors import AttnError

if TYPE_CHECKING:
    from autograder.collecting.results import Collected
    from autograder.course import Course
    from autograder.record.class_folder import ClassFolder


class Layouts(StrEnum):
    """How the files of a source are named."""

    canvas = "canvas"
    moodle = "moodle"
    tree = "tree"
    names = "names"


@course_app.command("collect")
def course_collect(
    source: Annotated[
        Path | None,
        typer.Argument(help="A folder or a zip file: from Canvas, Moodle, by mail; or --exchange."),
    ] = None,
    course: CourseOption = Path(),
    lesson: Annotated[
        str | None,
        typer.Option(
            help="Only this lesson; what does not tell, of who has none that does, is it."
        ),
    ] = None,
    exchange: Annotated[bool, typer.Option("--exchange", help="From nbgrader's exchange.")] = False,
    layout: Annotated[
        Layouts | None, typer.Option(help="How files are named; default: as most of them are.")
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            help="How files are called, if that is in no layout: "
            "'{id}_{anything}/{lesson}.ipynb'. There are {id}, {name}, {number}, {lesson}, "
            "{anything} (letters of one name) and {folders}."
        ),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            help="Who has which number: Canvas's gradebook, Moodle's worksheet; or GitHub's roster."
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--list-column",
            help='What a column of that list holds, such as email="Adresse"; '
            "there are number, id, email, name and time.",
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(help='When work came in that does not tell, such as "2026-10-05 18:00".'),
    ] = None,
    add: Annotated[
        bool, typer.Option("--add-students", help="Take in who is not in the class yet.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring submissions to where they are graded, each to its student; list what can't be told.

    Example: attn course collect submissions.zip --course autumn --lesson 1
    """
    from autograder.course import find_course
    from autograder.record.records import find_class

    folder = find_class(course)
    if (source is None) == (not exchange):
        raise AttnError("Give either a folder or zip file to collect from, or --exchange.")
    if source is None:
        _collect_from_exchange(find_course(), folder, lesson)
        return
    if pattern is not None and layout is not None:
        raise AttnError("Give either --layout or --pattern, for the pattern is the layout.")
    from autograder.classroom.deadline import read_time
    from autograder.collecting.collect import CollectOptions, collect
    from autograder.record.late import class_zone

    zone = class_zone(folder.root)
    options = CollectOptions(
        lesson=lesson,
        layout=layout.value if layout else None,
        people=people,
        columns=dict(_column(text) for text in columns or ()),
        time=read_time(time, "The time", zone) if time is not None else None,
        add=add,
        pattern=pattern,
    )
    with errors.status("Collecting …"):
        made = collect(find_course(), folder, source, options)
    if as_json:
        print_json(made.to_json())
    else:
        for line in _collected_lines(made):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1 if made.problems else 0)


def _column(text: str) -> tuple[str, str]:
    what, equals, heading = text.partition("=")
    if not equals or not heading.strip():
        raise AttnError(f'--list-column {text}: write what it holds, "=", and its heading.')
    return what.strip().casefold(), heading


def _collected_lines(made: Collected) -> list[str]:
    """What came of it, for a person: counts first, then what has to be looked at."""
    states = Counter(one.state for one in made.taken)
    kinds = [state for state in ("new", "replaced", "unchanged") if states[state]]
    said = ", ".join(f"{states[state]} {state}" for state in kinds)
    lines = [f"{count(made.taken, 'submission')} in the layout {made.layout}: {said or 'none'}."]
    by_name = [f"{one.student} ({one.file})" for one in made.taken if one.by == "name"]
    if by_name:
        lines.append(f"Found by the person's name only: {_few(by_name)}.")
    late = [one.student for one in made.taken if one.late and one.time is None]
    if late:
        lines.append(
            f"Marked as late where they come from, but not how late: {_few(late)}. To have it "
            "count, collect with --time."
        )
    if made.added:
        lines.append(f"New in the class: {_few(made.added)}.")
    lines += [f"{note.file}: {note.text}." for note in made.notes]
    if made.problems:
        lines.append(f"{count(made.problems, 'file')} not collected:")
        lines += [f"  {problem.file}: {problem.reason}." for problem in made.problems]
    return lines


def _few(names: Iterable[str], most: int = 10) -> str:
    told = list(names)
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return ", ".join(told[:most]) + more


def _collect_from_exchange(course: Course, folder: ClassFolder, lesson: str | None) -> None:
    from autograder.classroom.exchange import collect_from_exchange

    names = [course.lesson(lesson).name] if lesson else _released(course, folder)
    for name in names:
        with errors.status(f"Collecting {name} …"):
            warnings = collect_from_exchange(folder, name)
        there = len(list(folder.submitted.glob(f"*/{name}/*.ipynb")))
        console.print(f"{name}: {there} submitted.", markup=False, highlight=False)
        for warning in warnings:
            errors.print(f"  {warning}", markup=False, highlight=False, soft_wrap=True)


def _released(course: Course, folder: ClassFolder) -> list[str]:
    names = [lesson.name for lesson in course.lesson_folders()]
    return [name for name in names if (folder.root / "release" / name).is_dir()]
