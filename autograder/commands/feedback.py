"""`attn feedback` and `attn report`: what a class's record tells learners, and instructors."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.base import (
    JsonFlag,
    app,
    console,
    count,
    errors,
    print_json,
    progress_bar,
    refuse_unwritable,
)
from autograder.errors import AttnError

ClassArgument = Annotated[
    Path, typer.Argument(metavar="CLASS", help="The class's folder, or its submitted/ folder.")
]
LessonsOption = Annotated[
    list[str] | None, typer.Option("--lesson", help="Only this lesson; may be repeated.")
]


class When(StrEnum):
    """When learners may read what."""

    now = "now"
    after_deadline = "after-deadline"
    with_solutions = "with-solutions"


@app.command()
def feedback(
    path: ClassArgument,
    lessons: LessonsOption = None,
    students: Annotated[
        list[str] | None, typer.Option("--student", help="Only this student; may be repeated.")
    ] = None,
    policy: Annotated[
        When,
        typer.Option(
            help="now; after-deadline: nothing before the last deadline has passed; "
            "with-solutions: the same, and solutions are shown."
        ),
    ] = When.now,
    force: Annotated[bool, typer.Option(help="Write again what is there, unchanged.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a page for each student and lesson that is graded, for nbgrader's release_feedback.

    Example: attn feedback autumn --lesson 1
    """
    from autograder.course import find_course
    from autograder.feedback.publish import FeedbackOptions, write_feedback

    options = FeedbackOptions(tuple(lessons or ()), tuple(students or ()), policy.value, force)
    pages = []
    steps = write_feedback(find_course(), path, options)
    with progress_bar() as bar:
        task = bar.add_task("Writing feedback", total=None)
        for step in steps:
            pages.append(step.page)
            bar.update(task, total=step.total, completed=step.done)
    states = Counter(page.state for page in pages)
    if as_json:
        print_json([{**vars(page), "file": str(page.file)} for page in pages])
    else:
        said = ", ".join(f"{states[state]} {state}" for state in states)
        console.print(f"{count(pages, 'page')} of feedback: {said}.", markup=False, highlight=False)
        held: dict[tuple[str, str], list[str]] = {}
        for page in pages:
            if page.reason:
                held.setdefault((page.lesson, page.reason), []).append(page.student)
        for (lesson, reason), who in held.items():
            names = ", ".join(who[:5]) + (f" and {len(who) - 5} more" if len(who) > 5 else "")
            console.print(
                f"  {lesson}, {names}: {reason}.", markup=False, highlight=False, soft_wrap=True
            )
    damaged = any("damaged" in page.reason for page in pages)
    raise typer.Exit(1 if damaged else 0)


@app.command()
def report(
    path: ClassArgument,
    lessons: LessonsOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the page goes; default: CLASS/report.html.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a class on one page: totals, checks, misconceptions, who needs help, look-alikes.

    Example: attn report autumn --lesson 1 --out report.html
    """
    from autograder.course import find_course
    from autograder.files import private_mode, write_durably
    from autograder.record.records import find_class
    from autograder.reporting.report import class_report

    target = out or find_class(path).root / "report.html"
    if out is not None or not as_json:
        refuse_unwritable(target)
    with errors.status("Gathering …"):
        made = class_report(find_course(), path, lessons or ())
    if as_json:
        print_json(made.to_json())
    if out is not None or not as_json:
        try:
            write_durably(target, made.to_html(), mode=private_mode(target.parent))
        except OSError as error:
            raise AttnError(f"{target} can't be written: {error.strerror}.") from None
    if not as_json:
        counted = count(made.lessons, "lesson")
        console.print(
            f"The report on {counted} is in {target}.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
