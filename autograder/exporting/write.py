"""`attn export`: gather a class's marks, put them into a format, write it whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from autograder.course import Course
from autograder.errors import AttnError
from autograder.exporting import canvas, csv_files, gradescope, junit, moodle
from autograder.exporting.cells import to_csv
from autograder.exporting.table import ClassTable, class_table
from autograder.files import private_mode, write_durably
from autograder.record.class_folder import ClassFolder, only_grader
from autograder.record.late import penalty_rule, update_penalties
from autograder.record.records import find_class
from autograder.text import listed

Format = Literal["csv", "canvas", "moodle", "gradescope", "junit"]
DEFAULT_NAMES: dict[Format, str] = {
    "csv": "marks.csv",
    "canvas": "canvas.csv",
    "moodle": "moodle.csv",
    "gradescope": "gradescope",  # a folder
    "junit": "junit.xml",
}


@dataclass(frozen=True)
class ExportOptions:
    """What `attn export` was asked to do."""

    format: Format = "csv"
    lessons: tuple[str, ...] = ()  # none: all
    out: Path | None = None  # None: in export/ in the class's folder
    detail: bool = False  # csv: by exercise
    excel: bool = False  # CSV with the mark by which Excel knows UTF-8
    feedback: bool = True  # moodle: with what was said
    template: Path | None = None  # canvas: a file exported there
    columns: Mapping[str, str] = field(default_factory=dict)  # canvas: lesson -> heading


@dataclass(frozen=True)
class Exported:
    """What was written, and what a person should know about it."""

    target: Path
    files: int
    students: int
    lessons: tuple[str, ...]
    notes: tuple[str, ...] = ()


def export_class(course: Course, path: Path, options: ExportOptions) -> Exported:
    """Export the class at `path`. AttnError; then nothing, or the whole of what was there before,
    is left in a file's place.
    """
    folder = find_class(path)
    _refuse_misfits(options)
    table = table_of(course, folder, options.lessons)
    target = options.out or folder.root / "export" / _default_name(options)
    _refuse_bad_target(target, options)
    notes = list(_notes(table))
    if options.format == "gradescope":
        texts = [(target / place, text) for place, text in gradescope.files(table)]
    else:
        text, more = _text(course, table, options)
        notes += more
        texts = [(target, text)]
    for file, text in texts:
        try:
            write_durably(file, text, mode=private_mode(file.parent))  # it holds marks
        except OSError as error:
            raise AttnError(f"{file} can't be written: {error.strerror}.") from None
    names = tuple(lesson.name for lesson in table.lessons)
    return Exported(target, len(texts), len(table.students), names, tuple(notes))


def table_of(course: Course, folder: ClassFolder, lessons: tuple[str, ...]) -> ClassTable:
    """The class's marks, after the gradebook's penalties are brought up to date. AttnError."""
    names = [course.lesson(name).name for name in lessons]
    every = names or [lesson.name for lesson in course.lesson_folders()]
    if penalty_rule(folder) is not None:
        with only_grader(folder.root):
            update_penalties(folder, every)
    return class_table(course, folder, names)


def _text(course: Course, table: ClassTable, options: ExportOptions) -> tuple[str, list[str]]:
    """The one file's text, and what is to be said about it."""
    if options.format == "junit":
        return junit.to_xml(table), []
    if options.format == "csv":
        make = csv_files.by_exercise if options.detail else csv_files.by_student
        return to_csv(make(table), bom=options.excel), []
    if options.format == "moodle":
        without = [student.id for student in table.students if not student.email]
        notes = [f"without an e-mail address: {listed(without, 10)}"] if without else []
        return to_csv(moodle.rows(table, options.feedback), bom=options.excel), notes
    if options.template is None:
        return to_csv(canvas.plain(table), bom=options.excel), []
    columns = {course.lesson(name).name: title for name, title in options.columns.items()}
    filled = canvas.fill(table, options.template, columns)
    notes = []
    if filled.not_in_template:
        notes.append(f"not in {options.template.name}: {listed(filled.not_in_template, 10)}")
    if filled.not_in_class:
        who = listed([f'"{name}"' for name in filled.not_in_class], 10)
        notes.append(f"in {options.template.name}, but nobody in the class, or not one only: {who}")
    if filled.other_points:
        lessons = listed(filled.other_points, 10)
        notes.append(f"worth another number of points in Canvas than here: {lessons}")
    return filled.text, notes


def _notes(table: ClassTable) -> list[str]:
    notes = []
    if table.waiting:
        notes.append(f"answers that a person has still to mark, counted as 0: {table.waiting}")
    damaged = [
        student.id
        for student in table.students
        if any(lesson.entries[student.id].status == "record damaged" for lesson in table.lessons)
    ]
    if damaged:
        notes.append(f"the record is damaged, grade again: {listed(damaged, 10)}")
    return notes


def _refuse_misfits(options: ExportOptions) -> None:
    """An option that another format has would be overlooked."""
    wrong = {
        "--detail": options.detail and options.format != "csv",
        "--excel": options.excel and options.format in ("gradescope", "junit"),
        "--template": options.template is not None and options.format != "canvas",
        "--column": bool(options.columns) and options.template is None,
        "--no-feedback": not options.feedback and options.format != "moodle",
    }
    for name, misfits in wrong.items():
        if misfits:
            place = "without --template" if name == "--column" else f"for {options.format}"
            raise AttnError(f"{name} means nothing {place}.")


def _refuse_bad_target(target: Path, options: ExportOptions) -> None:
    if options.format == "gradescope":
        if target.exists() and not target.is_dir():
            raise AttnError(f"{target} is a file: name a folder.")
        return
    if target.is_dir():
        raise AttnError(f"{target} is a folder: name a file.")
    if options.out is not None and not target.parent.is_dir():
        raise AttnError(f"{target} can't be written: name a file in a folder that exists.")
    template = options.template
    with contextlib.suppress(OSError):
        if template is not None and target.exists() and target.samefile(template):
            raise AttnError(f"{target} is the template itself: name another file with --out.")


def _default_name(options: ExportOptions) -> str:
    return "marks_by_exercise.csv" if options.detail else DEFAULT_NAMES[options.format]


def compare_with_moodle(
    course: Course,
    path: Path,
    file: Path,
    lessons: tuple[str, ...] = (),
    columns: Mapping[str, str] | None = None,
) -> list[moodle.Difference]:
    """How a CSV that Moodle exported differs from the class at `path`. AttnError.

    `columns` are headings by the lesson, or by `id` or `email`, that they hold.
    """
    named = {
        what if what in ("id", "email") else course.lesson(what).name: heading
        for what, heading in (columns or {}).items()
    }
    return moodle.compare(table_of(course, find_class(path), lessons), file, named)
