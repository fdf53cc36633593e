"""`attn course …`: a class of students."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.base import console, count, course_app, errors


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
        f"{count(made.students, 'student')}. Hand out {folder / 'release'}; what comes back goes "
        f"to {folder / 'submitted'}/STUDENT/LESSON/LESSON.ipynb; then: attn grade "
        f"{folder / 'submitted'}. Its hidden cases come from {folder / '.attn' / 'hidden_seed'}: "
        "keep that file, and keep it to yourself.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
