"""`attn export`: a class's marks for a spreadsheet, Canvas, Moodle, Gradescope, or a CI system."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.base import JsonFlag, app, console, count, errors, print_json
from autograder.commands.feedback import ClassArgument, LessonsOption
from autograder.errors import AttnError


class FormatName(StrEnum):
    """What reads the marks."""

    csv = "csv"
    canvas = "canvas"
    moodle = "moodle"
    gradescope = "gradescope"
    junit = "junit"


@app.command()
def export(
    path: ClassArgument,
    format_: Annotated[FormatName, typer.Option("--format", help="What reads the marks.")] = (
        FormatName.csv
    ),
    lessons: LessonsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where they go; default: in CLASS/export/. Gradescope's is a folder."),
    ] = None,
    detail: Annotated[bool, typer.Option(help="csv: a row for each exercise.")] = False,
    excel: Annotated[
        bool, typer.Option(help="CSV files begin with the mark by which Excel knows UTF-8.")
    ] = False,
    feedback: Annotated[bool, typer.Option(help="moodle: with what the checks said.")] = True,
    template: Annotated[
        Path | None, typer.Option(help="canvas: a file exported from Canvas, to be filled in.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            help='A lesson\'s column in --template or --compare, such as 1="Scores (4711)"; in '
            "--compare also that of id or email.",
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(help="moodle: write nothing, but tell how Moodle's own export differs."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Export marks as the gradebook has them: by hand, too, and late penalties brought up to date.

    Example: attn export autumn --format canvas --template grades.csv --out filled.csv
    """
    from autograder.course import find_course
    from autograder.exporting.write import ExportOptions, compare_with_moodle, export_class

    if compare is not None:
        if format_ is not FormatName.moodle:
            raise AttnError(f"--compare means nothing for {format_.value}.")
        named = dict(_column(text) for text in columns or ())
        found = compare_with_moodle(find_course(), path, compare, tuple(lessons or ()), named)
        if as_json:
            print_json([vars(one) for one in found])
        else:
            for one in found:
                here, there = ("–" if x is None else f"{x:g}" for x in (one.here, one.there))
                line = f"{one.student}, {one.lesson}: {here} here, {there} in {compare.name}"
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            console.print(f"{count(found, 'difference')}.", highlight=False)
        raise typer.Exit(1 if found else 0)
    options = ExportOptions(
        format=format_.value,
        lessons=tuple(lessons or ()),
        out=out,
        detail=detail,
        excel=excel,
        feedback=feedback,
        template=template,
        columns=dict(_column(text) for text in columns or ()),
    )
    with errors.status("Exporting …"):
        made = export_class(find_course(), path, options)
    if as_json:
        print_json({**vars(made), "target": str(made.target)})
        return
    files = f"{made.files} file{'s' * (made.files != 1)}"
    what = f"{count(made.lessons, 'lesson')} of {made.students} student{'s' * (made.students != 1)}"
    where = f"in {made.target}" if format_ is not FormatName.gradescope else f"below {made.target}"
    console.print(f"{what}: {files} {where}.", markup=False, highlight=False, soft_wrap=True)
    for note in made.notes:
        errors.print(f"  {note}", markup=False, highlight=False, soft_wrap=True)


def _column(text: str) -> tuple[str, str]:
    lesson, equals, heading = text.partition("=")
    if not equals or not heading.strip():
        raise AttnError(f'--column {text}: write the lesson, "=", and the heading of its column.')
    return lesson.strip(), heading
