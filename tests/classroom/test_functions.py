"""An exercise of two functions through a class: results, feedback, report and exports; and results
of version 0.1.0, which knew one mistake an exercise, are read as they were."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.verify import verify
from autograder.course import Course
from autograder.exporting import csv_files, gradescope, junit, moodle
from autograder.exporting.lines import lines_of
from autograder.exporting.table import ClassTable, class_table
from autograder.feedback.publish import FeedbackOptions, write_feedback
from autograder.grading.grade import GradeOptions, grade_path
from autograder.judging.results import SubmissionResult
from autograder.record.class_folder import ClassFolder, open_class
from autograder.record.records import read_records
from autograder.reporting.report import class_report
from tests.classroom.graded_class import GradedClass, graded_class
from tests.small_course import answered, build_course, raw

LESSON = "01_both"
DOUBLE = "def double(x_T):\n    return {}\n\n\n"
TOTAL = "def total(x_T):\n    return {}\n"
ANSWERS = {
    "right": DOUBLE.format("x_T + x_T") + TOTAL.format("sum(x_T)"),
    "two": DOUBLE.format("x_T * x_T") + TOTAL.format("np.average(x_T)"),
    "one": DOUBLE.format("2 * x_T") + TOTAL.format("x_T.sum() / len(x_T)"),
    "odd": DOUBLE.format("x_T * x_T") + TOTAL.format("x_T.sum() + 1"),
    "half": DOUBLE.format("x_T * x_T") + TOTAL.format("x_T.sum() / 0 * nothing"),
}
SQUARES = "squared the numbers: double means times two."
MEAN = "divided by how many there are."
BOTH = f"`double` behaves as if you {SQUARES} `total` behaves as if you {MEAN}"

Class = tuple[Course, Path]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("both", tmp_path_factory.mktemp("both"))


@pytest.fixture(scope="module")
def graded(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Class:
    folder = tmp_path_factory.mktemp("class") / "autumn"
    open_class(folder, course.lesson_folders())
    release = course.lesson_folders()[0].released_notebook
    notebook = nbformat.read(release, as_version=4)
    for student, answer in ANSWERS.items():
        target = folder / "submitted" / student / LESSON
        target.mkdir(parents=True)
        (target / f"{LESSON}.ipynb").write_bytes(raw(answered(notebook, {"L1-1-answer": answer})))
    list(grade_path(course, folder / "submitted", GradeOptions()))
    return course, folder


def results(made: Class) -> dict[str, SubmissionResult]:
    (found,) = read_records(made[0], ClassFolder(made[1]))
    assert not found.unreadable
    return {student: record.result for student, record in found.records.items()}


def table_of(made: Class) -> ClassTable:
    return class_table(made[0], ClassFolder(made[1]))


def feedback(made: Class) -> dict[str, str]:
    """What a reader of each page can read, on one line."""
    pages = {}
    for step in write_feedback(*made, FeedbackOptions()):
        file = made[1] / "feedback" / step.page.student / LESSON / f"{LESSON}.html"
        text = re.sub(r"<(style|title)>.*?</\1>|<[^>]*>", " ", file.read_text("utf-8"), flags=re.S)
        pages[step.page.student] = " ".join(html.unescape(text).split())
    return pages


def without_functions(data: Any) -> Any:
    """A result as version 0.1.0 would have written it."""
    if isinstance(data, dict):
        return {
            key: without_functions(value)
            for key, value in data.items()
            if key not in ("functions", "stopped")
        }
    return [without_functions(item) for item in data] if isinstance(data, list) else data


def make_old(folder: Path) -> int:
    files = list((folder / ".attn" / "results").rglob("*.json"))
    for file in files:
        data = json.loads(file.read_text("utf-8"))
        file.write_text(json.dumps({**data, "result": without_functions(data["result"])}), "utf-8")
    return len(files)


def test_the_kill_table_has_the_pair(course: Course) -> None:
    rows = verify(course, [], 1)
    assert [row for row in rows if not row.ok] == []
    assert [row.message for row in rows if row.kind == "pair"] == ["4 pairs, both named in each."]


def test_each_function_is_judged_by_itself(graded: Class) -> None:
    found = {student: result.exercises[0] for student, result in results(graded).items()}
    assert {student: verdict.diagnoses for student, verdict in found.items()} == {
        "right": (),
        "two": ("squares", "mean"),
        "one": ("mean",),
        "odd": ("squares",),
        "half": ("squares",),
    }
    assert {student: verdict.points for student, verdict in found.items()} == {
        "right": 4, "two": 0, "one": 1, "odd": 0, "half": 0
    }  # fmt: skip
    assert (found["two"].diagnosis, found["two"].message) == (
        "squares",
        f"`double` behaves as if you {SQUARES}",
    )
    assert found["odd"].findings[1].message.startswith("All numbers count. `total` returned")
    assert "NameError" in found["half"].findings[1].message
    assert [one.points for one in found["one"].functions] == [1, 0]


def test_a_feedback_page_says_what_is_wrong_with_each_function(graded: Class) -> None:
    pages = feedback(graded)
    assert f"double behaves as if you {SQUARES} total behaves as if you {MEAN}" in pages["two"]
    assert "double 0/1 double: any numbers ✗ fail 0/1" in pages["two"]
    assert "double, total 0/1 inputs left alone ✗ fail" in pages["two"].replace(" ,", ",")
    assert f"total behaves as if you {MEAN}" in pages["one"]
    assert "double 1/1" in pages["one"]
    assert SQUARES not in pages["one"]


def test_the_report_counts_each_mistake_with_its_function(graded: Class) -> None:
    report = class_report(*graded)
    summary = report.lessons[0].summary
    assert [(m.function, m.id, m.students) for m in summary.mistakes] == [
        ("double", "squares", ("half", "odd", "two")),
        ("total", "mean", ("one", "two")),
    ]
    (exercise,) = summary.exercises
    assert (exercise.passed, exercise.named, exercise.other) == (1, 4, 0)
    assert [check.functions for check in exercise.checks] == [
        ("double",), ("total",), ("double", "total")
    ]  # fmt: skip
    because = {one.student: one.lost[0].because for one in summary.help}
    assert because["two"] == BOTH
    page = report.to_html()
    assert f"<code>total</code>: You {MEAN}" in page
    assert page.count('<th scope="rowgroup" colspan="3">') == 3


def test_exports_tell_both_mistakes_and_give_each_check_its_own(graded: Class) -> None:
    table = table_of(graded)
    entries = table.lessons[0].entries
    of_double, of_total, of_both = lines_of(entries["two"])
    assert of_double.misconceptions == ("squares",)
    assert (of_total.misconceptions, of_total.message.splitlines()[0]) == (
        ("mean",),
        f"`total` behaves as if you {MEAN}",
    )
    assert of_both.misconceptions == ("squares", "mean")
    assert gradescope.results(entries["two"])["tests"][2]["tags"] == ["squares", "mean"]
    head, *rows = csv_files.by_exercise(table)
    of_two = dict(zip(map(str, head), next(r for r in rows if str(r[0]) == "two"), strict=True))
    assert str(of_two["misconception"]) == "squares; mean"
    assert str(of_two["message"]) == BOTH
    assert 'type="squares mean"' in junit.to_xml(table)
    assert MEAN in str(moodle.rows(table))


def test_results_of_version_0_1_0_are_read_as_they_were(
    graded: Class, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing is known of functions in them: one mistake for the exercise and all its checks."""
    folder = tmp_path_factory.mktemp("old") / "autumn"
    shutil.copytree(graded[1], folder)
    assert make_old(folder) == len(ANSWERS)
    old = graded[0], folder
    verdict = results(old)["two"].exercises[0]
    assert (verdict.diagnosis, verdict.functions) == ("squares", ())
    assert verdict.message == f"`double` behaves as if you {SQUARES}"
    pages = feedback(old)
    assert SQUARES in pages["two"]
    assert MEAN not in pages["two"]
    assert "double: any numbers ✗ fail 0/1" in pages["two"]
    report = class_report(*old)
    assert [(m.id, m.students) for m in report.lessons[0].summary.mistakes] == [
        ("squares", ("half", "odd", "two")),
        ("mean", ("one",)),
    ]
    assert MEAN in report.to_html()
    lines = lines_of(table_of(old).lessons[0].entries["two"])
    assert [line.misconceptions for line in lines] == [("squares",)] * 3
    assert lines[0].message.splitlines()[0] == f"`double` behaves as if you {SQUARES}"


def test_an_old_class_of_exercises_of_one_function_gives_the_same_pages_and_exports(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = graded_class(tmp_path_factory).copy(tmp_path_factory.mktemp("same") / "autumn")

    def everything() -> tuple[Any, ...]:
        now: Class = made.course, made.folder
        report = class_report(*now)
        pages = {
            step.page.student: re.sub(
                r'made-from" content="\w+', "", _page(made, step.page.student)
            )
            for step in write_feedback(*now, FeedbackOptions())
        }
        table = table_of(now)
        return pages, report.lessons[0].summary, csv_files.by_exercise(table), junit.to_xml(table)

    before = everything()
    assert make_old(made.folder) == 6
    assert everything() == before


def _page(made: GradedClass, student: str) -> str:
    return made.page(student).read_text("utf-8")
