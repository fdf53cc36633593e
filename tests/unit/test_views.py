"""The class table: complete, readable, and laid out in parts."""

from __future__ import annotations

import io

from attnkit.checking.verdict import Verdict
from rich.console import Console

from autograder import views
from autograder.judging.results import SubmissionResult

LESSONS = ("01_doubling", "02_halving")


def results(students: int) -> list[SubmissionResult]:
    return [
        SubmissionResult(
            student=f"student-{number:04}",
            lesson=lesson,
            status="graded" if number else "not gradable",
            reason="" if number else "it is no notebook",
            exercises=tuple(
                Verdict(f"L1.{k}", True, number % 4, 3, None, "", ()) for k in range(1, 6)
            ),
        )
        for number in range(students)
        for lesson in LESSONS
    ]


def printed(rows: list[SubmissionResult]) -> str:
    out = io.StringIO()
    views.class_table(rows, Console(file=out, width=100), {("student-0001", LESSONS[0]): 7_200.0})
    return out.getvalue()


def test_each_student_has_a_row_in_each_lesson_and_each_lesson_a_heading() -> None:
    lines = printed(results(250)).splitlines()
    for lesson in LESSONS:
        assert sum(line.strip() == lesson for line in lines) == 1
    names = [line.split()[0] for line in lines if "graded" in line.split()]
    late = [line.split()[0] for line in lines if line.split()[-2:] == ["2", "h"]]
    assert names == 2 * [f"student-{number:04}" for number in range(1, 250)]
    assert late == ["student-0001"]
    assert sum(line.strip() == "student-0000: it is no notebook" for line in lines) == 2


def test_a_large_class_is_laid_out_a_hundred_rows_at_a_time() -> None:
    """Rich holds a table as a whole until it's printed; each part names its columns again."""
    words = [line.split()[:2] for line in printed(results(250)).splitlines()]
    parts = " ".join(
        "head" if start == ["student", "L1.1"] else "row"
        for start in words
        if start and (start[0] == "student" or start[0][-4:].isdigit())
    ).split("head")
    assert [part.count("row") for part in parts] == [0, 100, 100, 50, 100, 100, 50]
