"""The class report: what it counts, whom it names, and that the page stands alone."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import sync_playwright

from autograder import browser as browsers
from autograder import cli
from autograder.grading.grade import GradeOptions, grade_path
from autograder.judging.results import Graded, SubmissionResult
from autograder.record.class_folder import ClassFolder
from autograder.record.gradebook import Record
from autograder.record.history import History
from autograder.record.records import read_records
from autograder.reporting.report import ClassReport, class_report
from tests.classroom.graded_class import (
    EVIL,
    EVIL_ID,
    LESSON,
    GradedClass,
    graded_class,
    hand_in,
    headings,
    skip_no_level,
)
from tests.small_course import answered


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    return graded_class(tmp_path_factory).copy(tmp_path_factory.mktemp("report") / "autumn")


@pytest.fixture(scope="module")
def report(made: GradedClass) -> ClassReport:
    return class_report(made.course, made.folder)


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> GradedClass:
    return graded_class(tmp_path_factory).copy(tmp_path / "autumn")


# --- what it counts ---


def test_everybody_of_the_class_has_a_row(report: ClassReport) -> None:
    (lesson,) = report.lessons
    rows = {row.student: row for row in lesson.summary.rows}
    assert set(rows) == {"ada", "ben", "cy", "dot", "zoe", "max", EVIL_ID}
    assert (rows["max"].status, rows["max"].total) == ("not handed in", None)
    assert (rows["dot"].status, rows["dot"].total) == ("not gradable", None)
    assert (rows["ada"].name, rows["ada"].total) == ("Ada Łukasz", 6)
    assert rows["ada"].points == {"L1-1": 4, "L1-2": 2, "L1-why": None}
    assert (lesson.summary.handed_in, lesson.summary.max_points) == (6, 7)
    assert lesson.summary.waiting == 3


def test_answers_checks_and_misconceptions_are_counted(report: ClassReport) -> None:
    summary = report.lessons[0].summary
    first, second = summary.exercises
    assert (first.passed, first.named, first.other, first.empty) == (2, 2, 0, 1)
    assert (second.passed, second.named, second.other, second.empty) == (2, 0, 2, 1)
    assert {c.name: (c.passed, c.of) for c in first.checks} == {
        "two numbers by hand": (4, 4),
        "any numbers": (2, 4),
        "leaves its input alone": (2, 4),
    }
    (mistake,) = summary.mistakes
    assert (mistake.exercise, mistake.id) == ("L1.1", "squares")
    assert mistake.sentence == "You squared the numbers: double means times two."
    assert set(mistake.students) == {"ben", EVIL_ID}


def test_who_needs_help_most_stands_first_and_with_what(report: ClassReport) -> None:
    needs = report.lessons[0].summary.help
    assert [(one.student, one.need) for one in needs] == [
        ("zoe", 6), (EVIL_ID, 5), ("ben", 3), ("cy", 2)
    ]  # fmt: skip
    assert [(loss.exercise, loss.points) for loss in needs[0].lost] == [("L1.1", 4), ("L1.2", 2)]
    assert needs[0].lost[0].because == "not written"
    assert needs[2].lost[0].because == (
        "`double` behaves as if you squared the numbers: double means times two."
    )


def test_points_given_by_hand_count_for_who_needs_help(fresh: GradedClass) -> None:
    with ClassFolder(fresh.folder).open_gradebook() as gradebook:
        gradebook.find_grade("L1-1", LESSON, LESSON, "ben").manual_score = 4
        gradebook.db.commit()
    summary = class_report(fresh.course, fresh.folder).lessons[0].summary
    assert "ben" not in {one.student for one in summary.help}


def test_what_was_seen_in_grading_is_told(report: ClassReport) -> None:
    summary = report.lessons[0].summary
    (failed,) = summary.failed
    assert failed.students == ("dot",)
    assert failed.text.startswith("not gradable: the file is not valid JSON")
    assert not summary.flickering
    assert not summary.integrity  # all ran in the sandbox


def test_who_is_not_on_the_list_is_named(fresh: GradedClass) -> None:
    with ClassFolder(fresh.folder).open_gradebook() as gradebook:
        gradebook.add_student("zoé", first_name="Zoé")
    report = class_report(fresh.course, fresh.folder)
    strangers = {one.student: one.may_be for one in report.lessons[0].summary.strangers}
    assert strangers == {"cy": (), "dot": (), EVIL_ID: (), "zoe": ("zoé",)}
    said = html.unescape(re.sub(r"<[^>]*>", " ", report.to_html()))
    assert "Not on the class's list" in said
    assert "zoe   (perhaps  zoé , Zoé)" in said


def test_a_check_that_flickers_is_named(fresh: GradedClass) -> None:
    """The same submission, graded again with the same key, and another verdict."""
    folder = ClassFolder(fresh.folder)
    found = read_records(fresh.course, folder)[0].records["ada"]
    exercise = found.result.exercises[0]
    checks = list(exercise.checks)
    checks[1] = dataclasses.replace(checks[1], passed=False, points=0)
    other = dataclasses.replace(exercise, passed=False, checks=tuple(checks))
    result = dataclasses.replace(found.result, exercises=(other, *found.result.exercises[1:]))
    file = fresh.folder / "autograded" / "ada" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(file, as_version=4)
    record = Record(folder)
    record.keep(Graded(result, notebook), found.digest, None)
    record.close()
    summary = class_report(fresh.course, fresh.folder).lessons[0].summary
    assert [(note.text, note.students) for note in summary.flickering] == [
        ("L1.1: any numbers", ("ada",))
    ]


LONG = """
def spread(numbers):
    # {note}
    kept, total = [], 0.0
    for place, number in enumerate(numbers):
        if place % 2 == 0 and number > total:
            kept.append((place, float(number) - total))
        elif number < -total:
            kept.insert(0, (place, total + float(number)))
        total = total * 0.5 + abs(float(number)) / (place + 1)
    width = max(first for first, _ in kept) if kept else len(numbers)
    table = {{first: [second] * width for first, second in kept}}
    while len(table) < width and total > 1e-3:
        table[len(table)] = [total, *table.get(width - 1, [])][:width]
        total = total / (len(table) + width)
    return sorted(table.items(), key=lambda pair: (-len(pair[1]), pair[0]))
"""


def test_cells_that_look_alike_stand_side_by_side(fresh: GradedClass) -> None:
    """Here in cells of their own, one with other names and another comment."""
    answers = {"L1-1-answer": "def double(x_T):\n    return 2 * x_T"}
    copied = re.sub(r"\b(kept|total|number|place)\b", r"my_\1", LONG).format(note=EVIL)
    for student, extra in (("ben", LONG.format(note="mine")), ("zoe", copied)):
        notebook = answered(fresh.built.release, answers, {2: extra})
        hand_in(fresh.folder, student, notebook)
    list(grade_path(fresh.course, fresh.submitted, GradeOptions(workers=2)))
    report = class_report(fresh.course, fresh.folder)
    (pair,) = report.lessons[0].alike
    assert (pair.first, pair.second, pair.exercises) == ("ben", "zoe", ("own cells",))
    assert pair.share > 0.9
    source = report.to_html()
    assert "Ben O&#39;Neill and zoe: own cells" in source
    assert "kept.append((place, float(number) - total))" in html.unescape(source)
    assert "my_kept.append((my_place, float(my_number) - my_total))" in html.unescape(source)
    assert EVIL in html.unescape(source)
    assert EVIL not in source


def test_another_version_or_other_checks_are_no_flicker() -> None:
    def result(bits: str) -> SubmissionResult:
        from attnkit.checking.verdict import CheckVerdict, Verdict

        checks = tuple(CheckVerdict(str(i), b == "1", 0, "", 1) for i, b in enumerate(bits))
        verdict = Verdict("L1.1", False, 0, 3, None, "", checks)
        return SubmissionResult("ada", LESSON, "graded", "", (verdict,))

    history = History()
    for digest, bits in (("a", "110"), ("b", "010"), ("", "000"), ("b", "010"), ("c", "11")):
        history.add(digest, result(bits), None)
        assert not history.flickering()
    history.add("c", result("01"), None)
    assert history.flickering() == {"L1.1": [0]}
    assert History.from_json(json.loads(json.dumps(history.to_json()))) == history
    gradings = {"handed_in": [], "gradings": [{"times": "x"}]}
    unlike: tuple[Any, ...] = (None, [], {"handed_in": 3}, gradings)
    for damaged in unlike:
        assert History.from_json(damaged) == History()


# --- the page ---


def test_the_page_says_what_was_counted_and_shows_learners_words_as_text(
    report: ClassReport,
) -> None:
    source = report.to_html()
    said = " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", source)).split())
    assert "6 of 7 handed in" in said
    assert "You squared the numbers: double means times two." in said
    assert "any numbers 50 %" in said
    assert "Max Away not handed in" in said
    assert "No flickering check is known." in said
    assert "How long somebody worked, and how often a check was run, is not known" in said
    assert EVIL_ID in html.unescape(source)
    assert EVIL_ID not in source
    assert EVIL not in source
    assert "<script" not in source
    assert not re.search(r'(?:href|src)="(?!#|data:)', source)
    labels = re.findall(r'<svg role="img" aria-label="([^"]*)"', source)
    assert len(labels) == 3
    assert "L1.1: 2 pass all checks, 2 show a known mistake" in labels[1]
    ids = re.findall(r'\sid="([^"]*)"', source)
    assert len(ids) == len(set(ids))
    assert skip_no_level(headings(source))


@pytest.fixture
def opened(browser_path: Path) -> Iterator[Any]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser_path, args=browsers.launch_arguments(), timeout=300_000
        )
        yield started
        started.close()


@pytest.mark.browser
def test_in_a_browser_the_page_fits_a_phone_follows_the_theme_and_asks_for_nothing(
    report: ClassReport, opened: Any, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    page.write_text(report.to_html(), encoding="utf-8")
    colours = set()
    for width, scheme in ((360, "light"), (360, "dark"), (1280, "light")):
        viewport = {"width": width, "height": 800}
        context = opened.new_context(viewport=viewport, color_scheme=scheme, offline=True)
        tab = context.new_page()
        wanted: list[str] = []
        complaints: list[str] = []
        tab.on("request", lambda request, wanted=wanted: wanted.append(request.url))
        tab.on("console", lambda said, complaints=complaints: complaints.append(said.text))
        tab.goto(page.as_uri())
        assert wanted == [page.as_uri()]
        assert not complaints
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        fill = "getComputedStyle(document.querySelector('svg text')).fill"
        colours.add((scheme, tab.evaluate(fill)))
        context.close()
    assert len(colours) == 2  # words of a chart are dark on light pages and light on dark ones
    assert len({colour for _, colour in colours}) == 2


# --- the command ---


def test_the_command_writes_a_page_for_its_owner_only_and_prints_json(
    fresh: GradedClass, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTN_ROOT", str(fresh.course.root))

    def run(*options: str) -> str:
        monkeypatch.setattr(sys, "argv", ["attn", "report", str(fresh.folder), *options])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        return capsys.readouterr().out

    assert "The report on 1 lesson is in" in run("--lesson", "1")
    page = fresh.folder / "report.html"
    assert page.stat().st_mode & 0o077 == 0
    assert page.read_text("utf-8").rstrip().endswith("</html>")
    data = json.loads(run("--json"))
    (lesson,) = data["lessons"]
    assert data["students"]["ada"] == "Ada Łukasz"
    assert [m["id"] for m in lesson["mistakes"]] == ["squares"]
    assert {"rows", "exercises", "help", "flickering", "repairs", "integrity", "alike"} <= set(
        lesson
    )
