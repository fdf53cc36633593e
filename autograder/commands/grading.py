"""`attn check`, `judge`, `grade` and `grade-demo`: from an answer to a verdict."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.commands.base import (
    JsonFlag,
    UnsafeFlag,
    app,
    console,
    errors,
    print_json,
    progress_bar,
    refuse_unwritable,
    write_json_rows,
)

if TYPE_CHECKING:
    from autograder.grading.plan import GradeOptions


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="The notebook to check.")],
    lesson: Annotated[
        str | None, typer.Option(help="The lesson of a notebook that does not tell it.")
    ] = None,
    unsafe: UnsafeFlag = False,
    as_json: JsonFlag = False,
    github_classroom: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Append the result for GitHub Classroom's reporter to FILE: $GITHUB_OUTPUT.",
        ),
    ] = None,
) -> None:
    """Run a notebook's visible checks in a fresh process, exactly as grading would.

    Example: attn check lessons/01_attention_scores/01_attention_scores.ipynb
    """
    from autograder import views
    from autograder.course import find_course
    from autograder.grading.one_notebook import check_notebook
    from autograder.text import gather

    with errors.status(f"Checking {notebook.name} …"):
        result = check_notebook(find_course(), notebook, not unsafe, lesson)
    if github_classroom is not None:
        from autograder.exporting.github_classroom import append_output

        append_output(result, github_classroom)
    if as_json:
        print_json(result.to_json())
    else:
        for verdict in result.exercises:
            views.verdict_table(verdict, console)
        for note in gather(result.repairs):
            console.print(note, markup=False, highlight=False, soft_wrap=True)
        if result.reason:
            console.print(f"{result.status}: {result.reason}", markup=False)
    raise typer.Exit(0 if all(verdict.passed for verdict in result.exercises) else 1)


@app.command()
def judge(
    exercise: Annotated[str, typer.Argument(help="The exercise, such as L1.3.")],
    answer: Annotated[Path, typer.Argument(help="A file that defines its function(s).")],
    unsafe: UnsafeFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Judge one file that answers one exercise, hidden cases included.

    Example: attn judge L1.3 answer.py --json
    """
    from autograder import views
    from autograder.course import find_course
    from autograder.grading.one_answer import judge_file

    verdict = judge_file(find_course(), exercise, answer, not unsafe)
    if as_json:
        print_json(verdict.to_json())
    else:
        views.verdict_table(verdict, console)
    raise typer.Exit(0 if verdict.passed else 1)


@app.command()
def grade(
    path: Annotated[Path, typer.Argument(help="A notebook, or nbgrader's submitted/ folder.")],
    course: Annotated[
        Path | None,
        typer.Option(help="The class's folder; default: the one that PATH lies in."),
    ] = None,
    lesson: Annotated[str | None, typer.Option(help="Grade this lesson only.")] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Submissions graded at once on this machine.")
    ] = os.cpu_count() or 1,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Grade on the Dask cluster of this scheduler, such as tcp://host:8786."),
    ] = None,
    gradebook: Annotated[
        str | None,
        typer.Option(help="A new class's gradebook, such as postgresql://user@host/database."),
    ] = None,
    force: Annotated[bool, typer.Option(help="Grade again what is graded already.")] = False,
    cell_seconds: Annotated[float, typer.Option(min=0.1, help="Longest time for one cell.")] = 60.0,
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Run the course's own cells and draw its pictures, too."),
    ] = False,
    unsafe: UnsafeFlag = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all results to this file; - prints them.")
    ] = None,
) -> None:
    """Grade submissions and record them in nbgrader's gradebook.

    It can be stopped and started again at any time: what is graded already, and unchanged, is not
    graded again.

    Example: attn grade class/submitted --json results.json
    """
    with _stoppable():
        from autograder.boxes.box import Limits
        from autograder.grading.plan import GradeOptions

        options = GradeOptions(
            class_folder=course,
            lesson=lesson,
            workers=workers,
            force=force,
            scheduler=scheduler,
            gradebook=gradebook,
            limits=Limits(cell_seconds=cell_seconds, everything=everything, sandbox=not unsafe),
        )
        raise typer.Exit(_graded(path, options, json_file))


def _graded(path: Path, options: GradeOptions, json_file: Path | None) -> int:
    """Grade, and show and write what came of it; the exit code."""
    from autograder.course import find_course
    from autograder.grading.grade import grade_path

    refuse_unwritable(json_file)
    results, known, late = [], 0, {}
    lists: dict[tuple[str, str], tuple[bool | None, tuple[str, ...]]] = {}
    # closed before anything else is said: then no process of ours is left
    with grade_path(find_course(), path, options) as steps, progress_bar() as bar:
        task = bar.add_task("Grading", total=None)
        for step in steps:
            results.append(step.result)
            known += step.known
            where = step.result.student, step.result.lesson
            late[where], lists[where] = step.seconds_late, (step.on_list, step.may_be)
            bar.update(task, total=step.total, completed=step.done)
    from autograder import views

    results.sort(key=lambda r: (r.lesson, r.student))
    if json_file is not None:
        rows = ((result.to_json(), *lists[result.student, result.lesson]) for result in results)
        listed = ({**row, "on_roster": on, "may_be": list(who)} for row, on, who in rows)
        write_json_rows(listed, json_file)
    if json_file is None or str(json_file) != "-":
        views.class_table(results, console, late)
    bad = [r for r in results if r.status != "graded"]
    errors.print(_summary(len(results), known, len(bad), results))
    for sentence in _left_over(steps.strays, lists):
        errors.print(sentence, markup=False, highlight=False)
    return 1 if bad else 0


def _left_over(
    strays: Sequence[str], lists: Mapping[tuple[str, str], tuple[bool | None, tuple[str, ...]]]
) -> Iterator[str]:
    """What was left out, and who was graded without being on the class's list."""
    from autograder.text import listed

    if strays:
        yield f"Left out of grading: {'; '.join(strays)}."
    unknown = {student: who for (student, _), (on, who) in sorted(lists.items()) if on is False}
    if unknown:
        named = [
            student + (f" (perhaps {' or '.join(who)})" if who else "")
            for student, who in unknown.items()
        ]
        yield (
            f"Graded, but not on the class's list: {listed(named, 50)}; if a name is wrong, rename "
            "the folder in submitted/, `attn course forget` the wrong name, and grade again."
        )


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let Ctrl-C and a polite `kill` end grading cleanly, saying how to go on."""

    def stop(number: int, frame: object) -> None:
        for name in handled:  # it is being stopped already
            signal.signal(name, signal.SIG_IGN)
        raise _StoppedError(number)

    handled = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in handled]
    try:
        yield
    except _StoppedError as stopped:
        errors.print(
            "Stopped. What is graded is recorded; the same command goes on from there.",
            markup=False,
        )
        raise typer.Exit(128 + stopped.number) from None
    finally:
        for number, handler in zip(handled, before, strict=True):
            signal.signal(number, handler)


class _StoppedError(BaseException):
    """A signal asked us to stop. No `except Exception` may keep it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _summary(total: int, known: int, bad: int, results: list[Any]) -> str:
    parts = [f"{total} submission{'s' * (total != 1)}"]
    if known:
        parts.append(f"{known} of them graded before and unchanged")
    if bad:
        parts.append(f"{bad} not or only partly gradable")
    said = " ".join({note for result in results for note in result.integrity})
    warning = ""
    if "no sandbox" in said:
        warning = " Their code ran without a sandbox: grade only notebooks you trust."
    elif "weaker sandbox" in said:
        warning = " Their code ran in the weaker sandbox: `attn doctor` tells what it lacks."
    return ", ".join(parts) + "." + warning


@app.command("grade-demo")
def grade_demo(
    folder: Annotated[
        Path, typer.Option(help="Where the sample class goes; it is made anew each time.")
    ] = Path("build/demo-class"),
    students: Annotated[int, typer.Option(min=1, max=500)] = 24,
    workers: Annotated[int, typer.Option(min=1)] = os.cpu_count() or 1,
) -> None:
    """Make a sample class, grade it, and print the class table.

    Example: attn grade-demo --folder /tmp/demo-class
    """
    from autograder.course import find_course
    from autograder.grading.plan import GradeOptions
    from autograder.grading.sample_class import make_sample_class

    made = make_sample_class(find_course(), folder, students=students)
    console.print(f"A class of {len(made)} students is in {folder}.", markup=False)
    with _stoppable():
        _graded(folder / "submitted", GradeOptions(workers=workers), folder / "results.json")
    console.print(
        f"Look at it with nbgrader's own tools: cd {quote(str(folder))}, then `nbgrader export` or "
        "`jupyter lab` and the formgrader tab.",
        markup=False,
    )
