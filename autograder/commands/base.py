"""What all commands have in common: the program, its two consoles, results as JSON, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from autograder.errors import AttnError
from autograder.output import as_json, json_for_stdout

if TYPE_CHECKING:
    from rich.progress import Progress

app = typer.Typer(
    name="attn",
    help="Attention Kit: open, build, prove and grade the course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help in boxes takes as long to import as all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)
course_app = typer.Typer(help="A class of students.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(course_app, name="course")
console = Console()
errors = Console(stderr=True)

UnsafeFlag = Annotated[
    bool,
    typer.Option("--unsafe-no-sandbox", help="Run learners' code with your own rights."),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def count(things: Sequence[object], name: str) -> str:
    """Things with their number: `3 lessons`, `1 lesson`."""
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"


def progress_bar() -> Progress:
    """A bar on stderr, where a terminal is there; otherwise nothing is written."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        disable=not errors.is_terminal,
    )


def print_json(data: Any) -> None:
    """JSON on stdout, whole, whatever stdout can show."""
    print(json_for_stdout(data))


def refuse_unwritable(file: Path | None) -> None:
    """Say so before the work that a result file can't be written."""
    if file is None or str(file) == "-":
        return
    if file.is_dir() or not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        raise AttnError(f"{file} can't be written: name a file in a folder that exists.")


def write_json(data: Any, file: Path) -> None:
    """JSON into a file, whole or not at all; `-` is stdout."""
    _write([_writer(file)(data), "\n"], file)


def write_json_rows(rows: Iterable[Any], file: Path) -> None:
    """A list as JSON, as `write_json` would write it, but one row of it in memory at a time."""
    _write(_rows(rows, _writer(file)), file)


def _writer(file: Path) -> Callable[[Any], str]:
    return json_for_stdout if str(file) == "-" else as_json


def _rows(rows: Iterable[Any], written: Callable[[Any], str]) -> Iterator[str]:
    before = "["
    for row in rows:
        yield f"{before}\n{written(row)}".replace("\n", "\n ")
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _write(pieces: Iterable[str], file: Path) -> None:
    from autograder.files import write_durably

    if str(file) == "-":
        sys.stdout.writelines(pieces)
        return
    try:
        write_durably(file, pieces)
    except OSError as error:
        raise AttnError(f"{file} can't be written: {error.strerror}.") from None
