"""What VS Code, Colab and Kaggle save is graded as any other file, by `attn grade` and nbgrader.

Protects marks from a program's own metadata, an older format and lost ids; and people from silence
where a file's marks are gone.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.authoring.build import build_lesson
from autograder.course import Course
from autograder.feedback.publish import FeedbackOptions, write_feedback
from autograder.grading.grade import GradeOptions, grade_path
from autograder.judging.results import SubmissionResult
from autograder.record.class_folder import ClassFolder
from tests.grading.programs import PROGRAMS, STATES, saved_by
from tests.small_course import answered, build_course

LESSON = "01_pair"
ANSWERS = {
    "L1-1-answer": "def double(x_T):\n    return x_T + x_T",
    "L1-2-answer": "def triple(x_T):\n    return 3 * x_T",
}
KEPT = [name for name in PROGRAMS if name != "without-marks"]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("pair", tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def handed_in(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class in which everybody has all right, each in another program."""
    folder = tmp_path_factory.mktemp("programs") / "class"
    built = build_lesson(course.lesson(LESSON))
    source = folder / "source" / LESSON / f"{LESSON}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(built.source, source)
    for program in PROGRAMS:
        file = folder / "submitted" / program / LESSON / f"{LESSON}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_bytes(saved_by(program, answered(built.release, ANSWERS)))
    return folder


@pytest.fixture(scope="module")
def rows(course: Course, handed_in: Path) -> dict[str, SubmissionResult]:
    with grade_path(course, handed_in, GradeOptions(workers=2)) as steps:
        return {step.result.student: step.result for step in steps}


@pytest.mark.parametrize("program", KEPT)
def test_right_answers_have_full_marks_and_nothing_is_mended(
    program: str, rows: dict[str, SubmissionResult]
) -> None:
    row = rows[program]
    assert (row.points, row.max_points) == (6, 6)
    assert (row.status, row.repairs) == ("graded", ())


def test_lost_marks_cost_none_and_are_told(rows: dict[str, SubmissionResult]) -> None:
    row = rows["without-marks"]
    found = "the answer was found in a cell without its mark"
    assert (row.points, row.repairs) == (6, (f"L1.1: {found}", f"L1.2: {found}"))


def test_feedback_is_written_of_widgets_that_nbconvert_stops_on(
    course: Course, handed_in: Path, rows: dict[str, SubmissionResult]
) -> None:
    """Protects a page for each learner: Colab's widget states are not as the format has them."""
    file = handed_in / "submitted" / "colab" / LESSON / f"{LESSON}.ipynb"
    assert "state" not in json.loads(file.read_bytes())["metadata"]["widgets"][STATES]
    list(write_feedback(course, handed_in, FeedbackOptions()))
    for program in PROGRAMS:
        page = handed_in / "feedback" / program / LESSON / f"{LESSON}.html"
        said = page.read_text("utf-8")
        assert "<td>4/4</td>" in said or "4 of 4 points" in said
        assert "2 of 2 points" in said


@pytest.mark.slow
def test_stock_nbgrader_grades_what_has_kept_its_marks(
    course: Course, handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTNKIT_RELEASED", str(course.released))
    stock = ClassFolder(tmp_path / "stock")
    for part in ("source", "submitted"):
        shutil.copytree(handed_in / part, stock.root / part)
    stock.open_gradebook().close()
    api = stock.api()
    assert api.generate_assignment(LESSON)["success"]
    for program in PROGRAMS:
        assert api.autograde(LESSON, program)["success"]
    with Gradebook(stock.gradebook_url) as gradebook:
        scores = {name: gradebook.find_submission(LESSON, name).score for name in PROGRAMS}
    # without a word: on the page of other ways in, and a reason to grade by `attn grade`
    assert scores.pop("without-marks") == 0
    assert scores == dict.fromkeys(KEPT, 6)
