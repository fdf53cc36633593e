"""A class: graded in parallel, recorded once, read by nbgrader itself.

All of it with each kind of gradebook: a file, and a database of a real PostgreSQL server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.boxes.opening import BoxesAhead
from autograder.course import Course, find_course
from autograder.grading.grade import GradeOptions, grade_path
from autograder.grading.sample_class import SampleStudent, make_sample_class
from autograder.judging.results import SubmissionResult
from autograder.record.class_folder import ClassFolder, open_class
from tests.grading.conftest import Attn
from tests.quick_start import QUICK_START

LESSON = "01_doubling"


def open_gradebook(class_folder: Path) -> Gradebook:
    """As nbgrader opens it: at the address that the class's configuration names."""
    return Gradebook(ClassFolder(class_folder).gradebook_url)


def scores(class_folder: Path, lesson: str = LESSON) -> dict[str, list[tuple[object, ...]]]:
    """Everything the gradebook knows of each student's submission."""
    with open_gradebook(class_folder) as gradebook:
        return {
            s.student.id: [
                (g.name, g.auto_score, g.manual_score, g.needs_manual_grade)
                for g in sorted(s.notebooks[0].grades, key=lambda g: g.name)
            ]
            + [(s.total_seconds_late > 0,)]
            for s in gradebook.assignment_submissions(lesson)
        }


def grade(course: Course, folder: Path, **options: object) -> list[SubmissionResult]:
    steps = grade_path(course, folder / "submitted", GradeOptions(workers=2, **options))  # type: ignore[arg-type]
    return [step.result for step in steps]


@pytest.fixture(scope="module")
def small_class(
    mini_course: Course,
    tmp_path_factory: pytest.TempPathFactory,
    new_gradebook: Callable[[], str | None],
) -> tuple[Path, list[SampleStudent]]:
    folder = tmp_path_factory.mktemp("small") / "class"
    made = make_sample_class(mini_course, folder, students=24, gradebook=new_gradebook())
    grade(mini_course, folder)
    return folder, made


def test_every_student_gets_what_the_submission_was_made_to_get(
    small_class: tuple[Path, list[SampleStudent]], mini_course: Course
) -> None:
    folder, made = small_class
    results = {r.student: r for r in grade(mini_course, folder)}
    assert len(results) == len(made) == 24
    recorded = scores(folder)
    for student in made:
        result = results[student.student]
        assert (result.status, result.points) == (student.status, sum(student.points.values()))
        assert result.max_points == 4
        by_name = {row[0]: row[1] for row in recorded[student.student][:-1]}
        assert by_name["L1-1"] == result.points
        assert recorded[student.student][-1] == (student.kind == "late",)


def test_free_text_waits_for_a_person_unless_it_is_empty(
    small_class: tuple[Path, list[SampleStudent]],
) -> None:
    folder, made = small_class
    recorded = scores(folder)
    for student in made:
        (row,) = [row for row in recorded[student.student] if row[0] == "L1-why"]
        answered = student.kind not in ("empty", "foreign", "truncated")
        assert row[1:] == ((None, None, True) if answered else (0.0, None, False))


def test_the_same_class_is_made_again_from_the_same_seed(
    small_class: tuple[Path, list[SampleStudent]], mini_course: Course, tmp_path: Path
) -> None:
    folder, _ = small_class
    make_sample_class(mini_course, tmp_path / "again", students=24)
    for file in (p for p in (folder / "submitted").rglob("*") if p.is_file()):
        again = tmp_path / "again" / file.relative_to(folder)
        assert again.read_bytes() == file.read_bytes()


def test_nbgrader_exports_the_class(small_class: tuple[Path, list[SampleStudent]]) -> None:
    folder, made = small_class
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--to", "grades.csv"],
        cwd=folder,
        env={**os.environ, **QUICK_START},
        check=True,
        capture_output=True,
        timeout=120,
    )
    lines = (folder / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(made)
    perfect = next(s.student for s in made if s.kind == "perfect")
    assert any(f",{perfect}," in line and ",4.0,6.0" in line for line in lines)


@pytest.fixture
def fresh(mini_course: Course, tmp_path: Path, new_gradebook: Callable[[], str | None]) -> Path:
    folder = tmp_path / "class"
    make_sample_class(mini_course, folder, students=6, gradebook=new_gradebook())
    return folder


def test_a_class_that_was_killed_while_being_set_up_is_set_up_again(
    mini_course: Course, tmp_path: Path
) -> None:
    """The new source is there, the release is still an older one, or half of one."""
    folders = mini_course.lesson_folders()
    open_class(tmp_path / "class", folders)
    release = tmp_path / "class" / "release" / LESSON / f"{LESSON}.ipynb"
    whole = release.read_text(encoding="utf-8")
    for left in (whole.replace("Doubling", "Halving"), whole[:200]):
        release.write_text(left, encoding="utf-8")
        open_class(tmp_path / "class", folders)
        assert release.read_text(encoding="utf-8") == whole


def test_what_is_graded_and_unchanged_is_skipped_and_force_grades_it_again(
    mini_course: Course, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(**options: object) -> list[bool]:
        settings = GradeOptions(workers=2, **options)  # type: ignore[arg-type]
        return [step.known for step in grade_path(mini_course, fresh, settings)]

    assert known() == [False] * 6
    with monkeypatch.context() as patch:  # nor is a sandbox started for nothing
        patch.setattr(BoxesAhead, "start", lambda self: pytest.fail("there is nothing to run"))
        assert known() == [True] * 6
    one = next((fresh / "submitted").rglob("*.ipynb"))
    one.write_bytes(one.read_bytes() + b"\n")
    assert sorted(known()) == [False] + [True] * 5
    assert known(force=True) == [False] * 6


def test_manual_scores_and_comments_survive_grading_again(mini_course: Course, fresh: Path) -> None:
    grade(mini_course, fresh)
    student = next(p.name for p in sorted((fresh / "submitted").iterdir()))
    with open_gradebook(fresh) as gradebook:
        manual = gradebook.find_grade("L1-why", LESSON, LESSON, student)
        manual.manual_score, manual.needs_manual_grade = 1.5, False
        gradebook.find_comment("L1-why", LESSON, LESSON, student).manual_comment = "Nearly."
        gradebook.db.commit()
    grade(mini_course, fresh, force=True)
    with open_gradebook(fresh) as gradebook:
        assert gradebook.find_grade("L1-why", LESSON, LESSON, student).manual_score == 1.5
        assert not gradebook.find_grade("L1-why", LESSON, LESSON, student).needs_manual_grade
        comment = gradebook.find_comment("L1-why", LESSON, LESSON, student)
        assert comment.manual_comment == "Nearly."


def test_json_has_the_promised_form(attn: Attn, fresh: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    code, _, err = attn("grade", fresh / "submitted", "--json", out)
    assert code == 0, err
    rows = json.loads(out.read_text(encoding="utf-8"))
    assert len(rows) == 6
    for row in rows:
        assert {
            "student",
            "lesson",
            "status",
            "reason",
            "points",
            "max_points",
            "repairs",
            "integrity",
            "exercises",
            "seconds",
        } <= row.keys()
        assert "sandbox" in row["integrity"][0]
        for exercise in row["exercises"]:
            assert {
                "exercise",
                "passed",
                "points",
                "max_points",
                "diagnosis",
                "message",
                "checks",
            } <= exercise.keys()
            assert {"name", "passed", "points", "message"} <= exercise["checks"][0].keys()


LESSONS = [folder.name for folder in find_course().lesson_folders()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lesson", "students"),
    [
        (LESSONS[0], 10),
        *(pytest.param(n, 24, marks=pytest.mark.exhaustive) for n in LESSONS),
    ],
)
def test_a_class_in_a_real_lesson(lesson: str, students: int, tmp_path: Path) -> None:
    """Every student gets the points and the diagnoses that the submission was made to get."""
    course = find_course()
    made = make_sample_class(course, tmp_path / "class", students, lesson=lesson)
    results = {r.student: r for r in grade(course, tmp_path / "class")}
    for student in made:
        result = results[student.student]
        assert result.status == student.status
        got = {v.exercise: (v.points, v.diagnosis) for v in result.exercises}
        for exercise, points in student.points.items():
            assert got[exercise] == (points, student.diagnoses[exercise]), student.student
        assert result.points == sum(student.points.values())
