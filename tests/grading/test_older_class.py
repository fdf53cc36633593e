"""A class that version 0.1.0 made and graded goes on: read, exported, graded again.

`class_of_0_1_0.zip` is such a class of the course `pair`, as that version left it: five students,
of whom one handed in two days late, one a broken file, and one has a mark given by hand.
"""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import pytest
from traitlets.utils.importstring import import_item
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course
from autograder.grading.grade import GradeOptions, grade_path
from autograder.record.class_folder import ClassFolder
from autograder.record.late import ClassLatePolicy
from autograder.record.records import read_records
from tests.small_course import FIXTURES, build_course

LESSON = "01_pair"
POINTS = {"ada": 6, "ben": 3, "cy": 4, "dot": 0, "zoe": 0}


@pytest.fixture(scope="module")
def pair_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("pair", tmp_path_factory.mktemp("pair"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with zipfile.ZipFile(FIXTURES / "class_of_0_1_0.zip") as packed:
        packed.extractall(tmp_path)
    return tmp_path / "autumn"


def marks(folder: Path) -> dict[str, tuple[float, float]]:
    """What the gradebook has for each student: the score, and what being late takes off it."""
    with ClassFolder(folder).open_gradebook() as gradebook:
        found = gradebook.assignment_submissions(LESSON)
        return {s.student.id: (s.score, s.late_submission_penalty or 0.0) for s in found}


def test_its_records_are_read_and_exported_as_they_are(
    pair_course: Course, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lesson,) = read_records(pair_course, ClassFolder(folder))
    assert lesson.unreadable == ()
    assert {name: one.result.points for name, one in lesson.records.items()} == POINTS
    monkeypatch.setenv("ATTN_ROOT", str(pair_course.root))
    before = marks(folder)
    for command in (["export"], ["report"], ["feedback"]):
        done = CliRunner().invoke(app, [*command, str(folder)])
        assert done.exit_code == 0, done.output
    with (folder / "export" / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert {row[0] for row in rows[1:]} == POINTS.keys()
    assert marks(folder) == before


def test_graded_again_it_has_the_marks_that_it_had(pair_course: Course, folder: Path) -> None:
    before = marks(folder)
    assert before["ada"] == (7.0, 0.0)  # with the point that a person gave
    assert before["ben"][0] == 3
    assert before["ben"][1] == pytest.approx(0.6)

    def grade() -> dict[str, tuple[int, bool]]:
        steps = grade_path(pair_course, folder / "submitted", GradeOptions())
        return {step.result.student: (step.result.points, step.known) for step in steps}

    assert {name: points for name, (points, _) in grade().items()} == POINTS
    assert marks(folder) == before
    assert grade() == {name: (points, True) for name, points in POINTS.items()}


def test_what_its_configuration_names_is_there(folder: Path) -> None:
    """nbgrader's own `autograde` takes a class's late policy by its name in the class's folder."""
    text = (folder / "nbgrader_config.py").read_text("utf-8")
    named = re.findall(r'^c\.AssignLatePenalties\.plugin_class = "(.+)"$', text, re.MULTILINE)
    assert [import_item(name) for name in named] == [ClassLatePolicy]
