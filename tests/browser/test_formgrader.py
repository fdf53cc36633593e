"""An instructor's way: a class that we graded, in nbgrader's own formgrader, marked by hand."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import FrameLocator, Response, expect

from autograder.authoring import build as building
from autograder.course import Course
from autograder.grading.grade import GradeOptions, grade_path
from autograder.grading.sample_class import SampleStudent, make_sample_class
from tests.browser.conftest import EXPOSE, Shoot
from tests.browser.driver import Lab
from tests.browser.server import Server, free_port, private_environment, serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.exhaustive,  # grading/test_class.py: nbgrader exports ours, marks by hand survive
]

MINI = Path(__file__).parents[1] / "fixtures" / "mini"
LESSON = "01_doubling"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, SampleStudent]]:
    """The folder of a small class that has just been graded, and its students by name."""
    folder = tmp_path_factory.mktemp("instructor")
    shutil.copytree(MINI, folder / "course")
    (folder / "course" / "lessons").mkdir(exist_ok=True)
    course = Course(folder / "course")
    building.build(course, run=False)
    made = make_sample_class(course, folder / "class", students=6)
    assert len(list(grade_path(course, folder / "class" / "submitted", GradeOptions()))) == 6
    return folder / "class", {student.student: student for student in made}


@pytest.fixture(scope="module")
def class_server(
    graded: tuple[Path, dict[str, SampleStudent]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A plain `jupyter lab` in the class's folder, as the README says."""
    if os.name == "nt":
        pytest.skip("ends JupyterLab with a signal to its process group")
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", EXPOSE]
    options = ["--port", str(free_port()), *(["--allow-root"] if os.geteuid() == 0 else [])]
    environment = private_environment(tmp_path_factory.mktemp("home"))
    with serving([*command, *options], graded[0], environment) as server:
        yield server


def test_formgrader_shows_our_verdicts_and_takes_marks(
    graded: tuple[Path, dict[str, SampleStudent]],
    class_server: Server,
    lab: Lab,
    shoot: Shoot,
) -> None:
    """Protects nbgrader's own tools on our gradebook: list, one submission, a mark by hand."""
    folder, students = graded
    lab.go(class_server.url)
    lab.page.get_by_role("menuitem", name="Nbgrader").click()
    lab.page.locator(".lm-Menu").get_by_text("Formgrader", exact=True).click()
    grader = lab.page.frame_locator("iframe")
    assignment = grader.get_by_role("row").filter(has_text=LESSON)
    expect(assignment).to_have_count(1)
    expect(assignment.locator("td.num-submissions")).to_have_text(str(len(students)))

    list_submissions(grader, LESSON)
    for name, student in students.items():
        row = grader.get_by_role("row").filter(has=lab.page.locator("a.name-shown", has_text=name))
        expect(row.locator(".code-score")).to_have_text(f"{sum(student.points.values())} / 4")

    grader.get_by_role("button", name="Show All Names").click()
    student = next(s for s in students.values() if s.diagnoses.get("L1.1") == "squares")
    grader.get_by_role("link", name=student.student, exact=True).click()
    see_the_verdict(grader)
    mark = grader.locator("input#L1-why")
    expect(mark).to_have_class(re.compile("needs_manual_grade"))
    mark.fill("2")
    with lab.page.expect_response(saves_a_grade):
        mark.press("Tab")
    shoot(lab, "formgrader")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission_notebook(LESSON, LESSON, student.student)
        grades = {grade.name: grade.score for grade in submission.grades}
    assert grades == {"L1-1": 1, "L1-why": 2}


def list_submissions(grader: FrameLocator, lesson: str) -> None:
    """Formgrader's way to the submissions of a lesson's notebook, which is called as the lesson is.

    Each page has links with that name, so each must be there before one is clicked.
    """
    grader.get_by_role("link", name="Manual Grading").click()
    expect(grader.get_by_role("columnheader", name="Assignment ID")).to_be_visible()
    grader.get_by_role("link", name=lesson).click()
    expect(grader.get_by_role("columnheader", name="Notebook ID")).to_be_visible()
    grader.get_by_role("link", name=lesson).click()
    expect(grader.get_by_role("columnheader", name="Submission ID")).to_be_visible()


def saves_a_grade(answer: Response) -> bool:
    """Formgrader's own, and not what JupyterLab saves meanwhile: its workspace, for one."""
    return answer.request.method == "PUT" and "/api/grade/" in answer.url


def see_the_verdict(grader: FrameLocator) -> None:
    """The autograded notebook's own page, with our table in it and the score beside it."""
    report = grader.locator(".attn-report").first
    expect(report).to_contain_text("L1.1 · Double it: 1 of 4 points")
    expect(report).to_contain_text("behaves as if you squared the numbers: double means times two.")
    expect(report.get_by_text("✓ pass")).to_have_count(1)
    expect(grader.locator("input#L1-1")).to_have_attribute("placeholder", "1")
