"""`attn course …`: a class of students."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.base import console, count, course_app, errors

CourseOption = Annotated[
    Path, typer.Option("--course", help="The class's folder; default: the one you are in.")
]


@course_app.command("new")
def course_new(
    folder: Annotated[Path, typer.Argument(help="The class's folder, which is made.")],
    lessons: Annotated[
        list[str] | None, typer.Option("--lesson", help="Only this lesson; may be repeated.")
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(help="CSV with a column id and, as they come, first_name, last_name, email."),
    ] = None,
) -> None:
    """Make a class: an nbgrader course directory with a gradebook and a hidden seed of its own.

    Example: attn course new autumn --roster students.csv
    """
    from autograder.classroom.new_class import new_class
    from autograder.course import find_course

    with errors.status("Making the class …"):
        made = new_class(find_course(), folder, lessons or [], roster)
    console.print(
        f"The class {folder} has {count(made.lessons, 'lesson')} and "
        f"{count(made.students, 'student')}. Hand out: attn course release LESSON --course "
        f"{folder}; bring back: attn course collect SOURCE --course {folder}; then: attn grade "
        f"{folder / 'submitted'}. Its hidden cases come from {folder / '.attn' / 'hidden_seed'}: "
        "keep that file, and keep it to yourself.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@course_app.command("release")
def course_release(
    lessons: Annotated[list[str], typer.Argument(metavar="LESSON…", help="By number or name.")],
    course: CourseOption = Path(),
    due: Annotated[
        str | None, typer.Option(help='When it is due, such as "2026-10-05 18:00".')
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="A folder, or a file.zip, that the notebooks are put into.")
    ] = None,
    exchange: Annotated[
        bool, typer.Option("--exchange", help="Into nbgrader's exchange, too.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what was handed out before.")
    ] = False,
) -> None:
    """Hand out lessons: as a folder, a zip file, or in nbgrader's exchange.

    Example: attn course release 1 2 --course autumn --due "2026-10-05 18:00" --to handout.zip
    """
    from autograder.classroom.deadline import read_time, said
    from autograder.classroom.release import ReleaseOptions, release
    from autograder.course import find_course
    from autograder.record.records import find_class

    moment = read_time(due, "The deadline") if due is not None else None
    folder = find_class(course)
    with errors.status("Handing out …"):
        names = release(find_course(), folder, lessons, ReleaseOptions(moment, to, exchange, force))
    places = [f"in {to}"] if to else []
    places += ["in the exchange"] if exchange else []
    where = " and ".join(places) or f"in {folder.root / 'release'}"
    until = f", due {said(moment)}" if moment else ""
    console.print(
        f"{', '.join(names)} can be had {where}{until}.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@course_app.command("forget")
def course_forget(
    student: Annotated[str, typer.Argument(help="The student's id.")],
    course: CourseOption = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Delete everything that a class holds of one student: files, results, marks.

    Example: attn course forget chen.wei --course autumn
    """
    from autograder.classroom.forget import forget, traces
    from autograder.course import find_course
    from autograder.record.records import find_class

    folder = find_class(course)
    found = traces(find_course(), folder, student)
    things = [str(path) for path in (*found.own, *found.shared)]
    things += ["the student's rows in the gradebook"] if found.in_gradebook else []
    if not yes:
        console.print("This deletes, for good:", markup=False)
        for thing in things:
            console.print(f"  {thing}", markup=False, highlight=False, soft_wrap=True)
        typer.confirm("Delete it?", abort=True)
    found = forget(find_course(), folder, student)
    console.print(
        f"The class {folder.root} holds nothing of {student} any more"
        + ("; make the report and exports anew for the others" if found.shared else "")
        + ". Copies elsewhere, such as in the exchange, in Canvas or in backups, are not touched.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
