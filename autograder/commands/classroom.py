"""`attn course …`: a class of students."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.commands.base import (
    JsonFlag,
    console,
    count,
    course_app,
    errors,
    print_json,
)

if TYPE_CHECKING:
    from autograder.record.roster import Roster

CourseOption = Annotated[
    Path, typer.Option("--course", help="The class's folder; default: the one you are in.")
]
IdColumnOption = Annotated[
    str, typer.Option("--id-column", help="The heading of the roster's column with the ids.")
]


@course_app.command("new")
def course_new(
    folder: Annotated[Path, typer.Argument(help="The class's folder, which is made.")],
    lessons: Annotated[
        list[str] | None, typer.Option("--lesson", help="Only this lesson; may be repeated.")
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            help="CSV with a column id and, as they come, first_name, last_name, email; or as "
            "Canvas and Moodle export it."
        ),
    ] = None,
    id_column: IdColumnOption = "",
) -> None:
    """Make a class: an nbgrader course directory with a gradebook and a hidden seed of its own.

    Example: attn course new autumn --roster students.csv
    """
    from autograder.classroom.new_class import new_class
    from autograder.course import find_course

    with errors.status("Making the class …"):
        made = new_class(find_course(), folder, lessons or [], roster, id_column)
    students = made.roster.students if made.roster else ()
    named, submitted = quote(str(folder)), quote(str(folder / "submitted"))
    console.print(
        f"The class {folder} has {count(made.lessons, 'lesson')} and "
        f"{count(students, 'student')}{_ids_from(made.roster)}. "
        f"Hand out: attn course release LESSON --course {named}; bring back: attn course collect "
        f"SOURCE --course {named}; then: attn grade {submitted}. Its hidden cases come "
        f"from {folder / '.attn' / 'hidden_seed'}: keep that file, and keep it to yourself.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    _tell_note(roster, made.roster)


def _tell_note(file: Path | None, roster: Roster | None) -> None:
    """Say how a roster was read, if that isn't sure."""
    if roster is not None and roster.note:
        said = f"The roster {file}: {roster.note}."
        errors.print(said, markup=False, highlight=False, soft_wrap=True)


def _ids_from(roster: Roster | None) -> str:
    """Which column the ids are from, if it isn't clear from its name."""
    from autograder.text import plain_text

    if roster is None or roster.ids_from.casefold() == "id":
        return ""
    return f' (ids from the column "{plain_text(roster.ids_from, 80, keep="")}")'


@course_app.command("roster")
def course_roster(
    file: Annotated[Path, typer.Argument(help="The newer roster, as for attn course new.")],
    course: CourseOption = Path(),
    id_column: IdColumnOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Bring a class's list up to date: who is new is added, who is gone is named, nobody deleted.

    Example: attn course roster students.csv --course autumn
    """
    from autograder.classroom.enrol import enrol
    from autograder.record.records import find_class
    from autograder.record.roster import read_roster
    from autograder.text import listed

    roster = read_roster(file, id_column)
    folder = find_class(course)
    done = enrol(folder, roster)
    _tell_note(file, roster)
    if as_json:
        print_json(vars(done))
        return
    words = [f"{count(roster.students, 'student')} of the roster{_ids_from(roster)}"]
    words += [f"new: {listed(done.added, 50)}"] if done.added else ["nobody is new"]
    if done.renewed:
        words.append(f"with another name or address: {listed(done.renewed, 50)}")
    _say("; ".join(words) + ".")
    if done.gone:
        _say(
            f"Not on the roster, but on the class's list, where they stay: "
            f"{listed(done.gone, 50)}. Who is to be deleted with everything, or has got another "
            f"id: attn course forget ID --course {quote(str(course))}."
        )


def _say(sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


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
    from autograder.record.late import class_zone
    from autograder.record.records import find_class

    folder = find_class(course)
    zone = class_zone(folder.root)
    moment = read_time(due, "The deadline", zone) if due is not None else None
    with errors.status("Handing out …"):
        names = release(find_course(), folder, lessons, ReleaseOptions(moment, to, exchange, force))
    places = [f"in {to}"] if to else []
    places += ["in the exchange"] if exchange else []
    where = " and ".join(places) or f"in {folder.root / 'release'}"
    until = f", due {said(moment, zone)}" if moment else ""
    console.print(
        f"{', '.join(names)} can be had {where}{until}.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


class Visible(StrEnum):
    """When students see what each check says, in Gradescope's own words."""

    visible = "visible"
    after_due_date = "after_due_date"
    after_published = "after_published"


@course_app.command("gradescope")
def course_gradescope(
    lesson: Annotated[str, typer.Argument(help="By number or name.")],
    out: Annotated[Path, typer.Option(help="The zip file, which is made.")] = Path(
        "autograder.zip"
    ),
    course: CourseOption = Path(),
    minutes: Annotated[
        int,
        typer.Option(min=3, max=40, help="After how many Gradescope ends it, as is set there."),
    ] = 10,
    visibility: Annotated[
        Visible, typer.Option(help="When students see what each check says.")
    ] = Visible.visible,
) -> None:
    """Make the zip file from which Gradescope grades a lesson, hidden checks included.

    Its hidden checks come from a seed that the class has for Gradescope alone: drawn once, in
    .attn/gradescope_seed of the class's folder. Made again, the zip file has the same checks.

    Example: attn course gradescope 1 --course autumn --out autograder.zip
    """
    from autograder.course import find_course
    from autograder.gradescope.zip_file import Options, make_zip
    from autograder.record.records import find_class

    folder = find_class(course)
    with errors.status("Making the zip file …"):
        options = Options(out, minutes, visibility.value)
        made = make_zip(find_course(), folder, lesson, options)
    _say(
        f"{out} ({made.bytes / 1e6:.1f} MB) grades {made.lesson} on Gradescope. Make a programming "
        f"assignment there with {made.points} autograder points"
        + (f" and {made.by_hand} by hand, for answers in words" if made.by_hand else "")
        + f", a timeout of {minutes} minutes or more and at least {made.memory_gb:g} GB of memory, "
        "upload the file, and look at what Test Autograder says. The hidden checks come from "
        f"{made.seed_file}: keep that file, and keep both to yourself."
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
        try:
            typer.confirm("Delete it?", abort=True)
        except typer.Abort:
            errors.print("Nothing was deleted. Where nobody can be asked, add --yes.", markup=False)
            raise typer.Exit(1) from None
    found = forget(find_course(), folder, student)
    console.print(
        f"The class {folder.root} holds nothing of {student} any more"
        + ("; make the report and exports anew for the others" if found.shared else "")
        + ". Copies elsewhere, such as in the exchange, in Canvas or in backups, are not touched.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
