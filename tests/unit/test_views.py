"""The class table: complete, readable, and no larger in memory for a larger class."""

from __future__ import annotations

import io
import os
import tracemalloc

from attnkit.verdict import Verdict
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


def test_a_table_of_ten_times_the_rows_takes_no_more_memory() -> None:
    peaks = []
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        for students in (100, 1_000):
            rows = results(students)
            tracemalloc.start()
            views.class_table(rows, Console(file=nowhere, width=100))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0], peaks
