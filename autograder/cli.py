"""The command `attn`: one thin function per command; the work is done elsewhere.

Exit codes: 0 fine, 1 the work was done and something in it failed, 2 wrong use.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.errors import AttnError

app = typer.Typer(
    name="attn",
    help="Attention Kit: open, build, prove and grade the course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
course_app = typer.Typer(help="A class of students.", no_args_is_help=True)
app.add_typer(course_app, name="course")
console = Console()
errors = Console(stderr=True)

UnsafeFlag = Annotated[
    bool,
    typer.Option("--unsafe-no-sandbox", help="Run learners' code with your own rights."),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the start page; further options go to JupyterLab.

    Example: attn lab --no-browser --port 8899
    """
    from autograder.lab import open_lab

    raise typer.Exit(open_lab(list(context.args)))


@app.command()
def build(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="Only these lessons, by number or name; none: all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if lessons/ is not up to date.")
    ] = False,
    run: Annotated[
        bool, typer.Option(help="Run the solved and the released notebooks in fresh kernels.")
    ] = True,
) -> None:
    """Make lessons/ from solutions/, with proofs.

    Example: attn build --check
    """
    from autograder import views
    from autograder.authoring.build import build as build_all
    from autograder.course import find_course

    course = find_course()
    with errors.status("Building …"):
        report = build_all(course, lessons or [], check=check, run=run)
    views.build_report(report, check, console)
    raise typer.Exit(1 if report.findings or (check and report.changed) else 0)


@app.command()
def verify(
    exercises: Annotated[
        list[str] | None, typer.Argument(help="L1.3 for an exercise, L1 for a lesson; none: all.")
    ] = None,
    mutants: Annotated[
        bool, typer.Option(help="Change the solutions in every small way; the checks must notice.")
    ] = True,
    as_json: JsonFlag = False,
) -> None:
    """Prove the checks: wrong answers fail by name, right ones pass, mutants fall.

    Prints the kill table, then the automatic mutants of the solutions that pass every check, then
    the cases that would let a mistake pass by accident.

    Example: attn verify L1.3
    """
    from autograder import views
    from autograder.authoring.build import AUTHOR_SEED
    from autograder.authoring.lint import lint
    from autograder.authoring.mutants import try_mutants
    from autograder.authoring.verify import subjects, verify_exercise
    from autograder.course import find_course

    with errors.status("Trying every variant …") as status:
        tried = subjects(find_course(), exercises or [])
        table = [
            row
            for s in tried
            for row in verify_exercise(s.exercise, s.reference, s.spec, AUTHOR_SEED)
        ]
        findings = list(lint(tried, AUTHOR_SEED))
        changed = []
        for row in try_mutants(tried, AUTHOR_SEED) if mutants else ():
            changed.append(row)
            status.update(f"Trying mutants: {len(changed)}, now of {row.exercise} …")
    rows = [*table, *changed, *findings]
    if as_json:
        _print_json([row.to_json() for row in rows])
    else:
        views.kill_table(table, console)
        if mutants:
            views.mutant_report(changed, console)
        views.lint_report(findings, console)
    raise typer.Exit(0 if all(row.ok for row in rows) else 1)


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="The notebook to check.")],
    unsafe: UnsafeFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Run a notebook's visible checks in a fresh process, exactly as grading would.

    Example: attn check lessons/01_attention_scores/01_attention_scores.ipynb
    """
    from autograder import views
    from autograder.course import find_course
    from autograder.grading.single import check_notebook

    with errors.status(f"Checking {notebook.name} …"):
        result = check_notebook(find_course(), notebook, not unsafe)
    if as_json:
        _print_json(result.to_json())
    else:
        for verdict in result.exercises:
            views.verdict_table(verdict, console)
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
    from autograder.grading.single import judge_file

    verdict = judge_file(find_course(), exercise, answer, not unsafe)
    if as_json:
        _print_json(verdict.to_json())
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
        from autograder import views
        from autograder.boxes.box import Limits
        from autograder.course import find_course
        from autograder.grading.grade import GradeOptions, grade_path
        from autograder.grading.submissions import listed

        options = GradeOptions(
            class_folder=course,
            lesson=lesson,
            workers=workers,
            force=force,
            scheduler=scheduler,
            gradebook=gradebook,
            limits=Limits(cell_seconds=cell_seconds, sandbox=not unsafe),
        )
        _refuse_unwritable(json_file)
        results, known, late = [], 0, {}
        strays: tuple[str, ...] = ()
        steps = grade_path(find_course(), path, options)
        # closed before anything else is said: then no process of ours is left
        with contextlib.closing(steps), _progress_bar() as bar:
            task = bar.add_task("Grading", total=None)
            for step in steps:
                results.append(step.result)
                known += step.known
                late[step.result.student, step.result.lesson] = step.seconds_late
                strays = step.strays
                bar.update(task, total=step.total, completed=step.done)
    results.sort(key=lambda r: (r.lesson, r.student))
    if json_file is not None:
        _write_json([result.to_json() for result in results], json_file)
    if json_file is None or str(json_file) != "-":
        views.class_table(results, console, late)
    bad = [r for r in results if r.status != "graded"]
    errors.print(_summary(len(results), known, len(bad), results))
    if strays:
        names = listed(strays)
        errors.print(
            f"Not graded, because no student's folder: {names}.", markup=False, highlight=False
        )
    raise typer.Exit(1 if bad else 0)


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
        f"The class {folder} has {_count(made.lessons, 'lesson')} and "
        f"{_count(made.students, 'student')}. Hand out {folder / 'release'}; what comes back goes "
        f"to {folder / 'submitted'}/STUDENT/LESSON/LESSON.ipynb; then: attn grade "
        f"{folder / 'submitted'}. Its hidden cases come from {folder / '.attn' / 'hidden_seed'}: "
        "keep that file, and keep it to yourself.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"


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
    from autograder.grading.sample_class import make_sample_class

    made = make_sample_class(find_course(), folder, students=students)
    console.print(f"A class of {len(made)} students is in {folder}.", markup=False)
    try:
        grade(
            folder / "submitted",
            workers=workers,
            cell_seconds=60.0,
            json_file=folder / "results.json",
        )
    except typer.Exit as exit_:
        if exit_.exit_code == 2:
            raise
    console.print(
        f"Look at it with nbgrader's own tools: cd {folder}, then `nbgrader export` or "
        "`jupyter lab` and the formgrader tab.",
        markup=False,
    )


@app.command()
def doctor(as_json: JsonFlag = False) -> None:
    """Tell what of this machine works, by trying it.

    Example: attn doctor
    """
    from autograder.doctor import run

    raise typer.Exit(run(as_json))


def _progress_bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        disable=not errors.is_terminal,
    )


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=1, ensure_ascii=False))


def _refuse_unwritable(file: Path | None) -> None:
    """Say so before the work that a result file can't be written."""
    if file is None or str(file) == "-":
        return
    if file.is_dir() or not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        raise AttnError(f"{file} can't be written: name a file in a folder that exists.")


def _write_json(data: Any, file: Path) -> None:
    from autograder.grading.disk import write_durably

    if str(file) == "-":
        _print_json(data)
        return
    try:
        write_durably(file, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise AttnError(f"{file} can't be written: {error.strerror}.") from None


def main() -> None:
    """Run `attn`; errors that a person meets are one sentence."""
    try:
        app()
    except AttnError as error:
        errors.print(f"attn: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        errors.print(
            "\nStopped. What is graded is recorded; the same command goes on from there.",
            markup=False,
        )
        sys.exit(130)


if __name__ == "__main__":
    main()
