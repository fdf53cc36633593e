"""Tables for the terminal: how results look to a person. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.text import gather

if TYPE_CHECKING:  # a verdict on one answer waits for nothing that it does not need
    from attnkit.checking.verdict import Verdict

    from autograder.authoring.build import BuildReport
    from autograder.authoring.verify import Row
    from autograder.judging.results import SubmissionResult

PASS, FAIL = "[green]✓[/green]", "[red]✗[/red]"
ROWS_AT_ONCE = 100  # of a class: Rich holds a table as a whole, at some 5 KB a row


def kill_table(rows: Sequence[Row], console: Console) -> None:
    """Every variant of every exercise: what it should do and whether it did."""
    for exercise in dict.fromkeys(row.exercise for row in rows):
        table = Table(title=f"Kill table of {exercise}", title_justify="left")
        table.add_column("")
        table.add_column("kind")
        table.add_column("variant")
        table.add_column("points", justify="right")
        table.add_column("what the learner reads")
        for row in (r for r in rows if r.exercise == exercise):
            text = row.message if row.ok else row.explain()
            table.add_row(
                PASS if row.ok else FAIL,
                row.kind,
                escape(row.variant),
                f"{row.points}/{row.max_points}",
                escape(text),
            )
        console.print(table)
    wrong = [r for r in rows if r.kind == "wrong"]
    right = [r for r in rows if r.kind == "right"]
    named = sum(r.ok for r in wrong)
    passed = sum(r.ok for r in right)
    blind = [r for r in rows if r.kind == "blind"]
    lost = sum(r.ok for r in blind)
    pairs = [r for r in rows if r.kind == "pair"]
    apart = sum(r.ok for r in pairs)
    said = [
        f"{named} of {len(wrong)} wrong variants fail with their own diagnosis",
        f"{passed} of {len(right)} right variants pass",
        f"{lost} of {len(blind)} ways to answer without looking win nothing",
    ]
    if pairs:
        said.insert(1, f"of {apart} of {len(pairs)} pairs of functions any two mistakes are named")
    console.print(", ".join(said) + ".")


def mutant_report(rows: Sequence[Row], console: Console) -> None:
    """How many automatic mutants fell, which ones are allowed and why, which ones survive."""
    tried = [r for r in rows if r.kind == "mutant"]
    for row in (r for r in tried if r.ok and r.passed):
        console.print(f"{PASS} {escape(f'{row.exercise} {row.variant}')}")
        console.print(f"    {escape(row.message)}")
    for row in (r for r in tried if not r.ok):
        console.print(f"{FAIL} {escape(f'{row.exercise} {row.variant}')}")
        console.print("    This mutant of the solution passes every check:")
        for line in row.message.splitlines():
            colour = {"+": "green", "-": "red"}.get(line[:1], "dim")
            console.print(f"    [{colour}]{escape(line)}[/{colour}]", highlight=False)
    for row in (r for r in rows if r.kind != "mutant"):
        console.print(f"{FAIL} {escape(f'{row.exercise} {row.variant}: {row.message}')}")
    killed = sum(not r.passed for r in tried)
    allowed = sum(r.ok and r.passed for r in tried)
    survive = len(tried) - killed - allowed
    score = 100 * killed / max(1, killed + survive)
    console.print(
        f"{len(tried)} mutants of the solutions tried: {killed} killed ({score:.1f} % of those "
        f"that are mistakes), {allowed} allowed with a reason, {survive} surviving."
    )


def lint_report(rows: Sequence[Row], console: Console) -> None:
    """Cases that would let a mistake pass by accident."""
    for row in rows:
        console.print(f"{FAIL} {escape(f'{row.exercise}: {row.message}')}")
        console.print(f"    for example in {escape(row.variant)}", highlight=False)
    console.print(
        f"{len(rows)} finding{'s' * (len(rows) != 1)} on inputs that would let a mistake pass by "
        "accident."
    )


def verdict_table(verdict: Verdict, console: Console) -> None:
    """One exercise's checks."""
    table = Table(
        title=f"{verdict.exercise}: {verdict.points} of {verdict.max_points} points",
        title_justify="left",
    )
    table.add_column("")
    table.add_column("check")
    table.add_column("points", justify="right")
    for group in verdict.groups:
        if verdict.has_several_functions:
            names = f"[bold]{escape(', '.join(group.functions))}[/bold]"
            table.add_row("", names, f"{group.points}/{group.max_points}")
        for check in group.checks:
            mark = PASS if check.passed else FAIL
            table.add_row(mark, escape(check.name), f"{check.points}/{check.max_points}")
    console.print(table)
    for finding in verdict.findings:
        console.print(escape(finding.sentence))
        if finding.seen:
            console.print(escape(f"Seen in: {finding.seen}"))
    if verdict.passed:
        console.print(escape(verdict.message))
    for text in verdict.advice:
        console.print(escape(f"Worth knowing: {text}"))


def class_table(
    results: Sequence[SubmissionResult],
    console: Console,
    late: Mapping[tuple[str, str], float] | None = None,
) -> None:
    """One row per student and lesson: points by exercise, status, reason.

    `late` gives the seconds after the deadline by (student, lesson).
    """
    for lesson in dict.fromkeys(r.lesson for r in results):
        rows = sorted((r for r in results if r.lesson == lesson), key=lambda r: r.student)
        exercises = list(dict.fromkeys(v.exercise for r in rows for v in r.exercises))
        for first in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[first : first + ROWS_AT_ONCE]
            console.print(_class_rows("" if first else lesson, exercises, part, late or {}))
        for row in rows:
            notes = filter(None, [row.reason, *gather(row.repairs)])
            for note in notes:
                console.print(f"  {escape(row.student)}: {escape(note)}", highlight=False)


def _class_rows(
    title: str,
    exercises: Sequence[str],
    rows: Sequence[SubmissionResult],
    late: Mapping[tuple[str, str], float],
) -> Table:
    table = Table(
        title=title or None, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    table.add_column("student", no_wrap=True)
    for name in exercises:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("late", justify="right")
    for row in rows:
        points = {v.exercise: v.points for v in row.exercises}
        hours = late.get((row.student, row.lesson), 0.0) / 3600
        table.add_row(
            escape(row.student),
            *(str(points.get(name, "–")) for name in exercises),
            f"{row.points}/{row.max_points}",
            _status(row.status),
            f"{hours:.0f} h" if hours else "",
        )
    return table


def _status(status: str) -> str:
    colour = {"graded": "green", "partly graded": "yellow"}.get(status, "red")
    return f"[{colour}]{status}[/{colour}]"


def build_report(report: BuildReport, check: bool, console: Console) -> None:
    """What a build wrote or found."""
    verb = "differs from a build" if check else "written"
    for file in report.changed:
        console.print(f"{escape(str(file))}: {verb}")
    for file in report.backups:
        console.print(f"[yellow]Somebody had worked in it; kept as {escape(str(file))}[/yellow]")
    for finding in report.findings:
        console.print(f"{FAIL} {escape(finding)}")
    if not report.changed and not report.findings:
        console.print(f"{PASS} {len(report.unchanged)} files are what a build gives.")
