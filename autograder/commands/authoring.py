"""`attn build` and `attn verify`: an author's two commands."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.commands.base import JsonFlag, app, console, errors, print_json


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
    from autograder.authoring.verify import subjects, table
    from autograder.course import find_course

    with errors.status("Trying every variant …") as status:
        tried = subjects(find_course(), exercises or [])
        kill_table = [row for subject in tried for row in table(subject, AUTHOR_SEED)]
        findings = list(lint(tried, AUTHOR_SEED))
        changed = []
        for row in try_mutants(tried, AUTHOR_SEED) if mutants else ():
            changed.append(row)
            status.update(f"Trying mutants: {len(changed)}, now of {row.exercise} …")
    rows = [*kill_table, *changed, *findings]
    if as_json:
        print_json([row.to_json() for row in rows])
    else:
        views.kill_table(kill_table, console)
        if mutants:
            views.mutant_report(changed, console)
        views.lint_report(findings, console)
    raise typer.Exit(0 if all(row.ok for row in rows) else 1)
