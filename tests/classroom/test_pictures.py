"""The pictures of a feedback page and of a class report in the documentation, made anew by

ATTN_SCREENSHOTS=build/shots make test-all ARGS="tests/classroom/test_pictures.py"
cp build/shots/feedback.png build/shots/report.png .github/
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from autograder import browser as browsers
from autograder.course import Course, find_course
from autograder.feedback.publish import FeedbackOptions, write_feedback
from autograder.grading.grade import GradeOptions, grade_path
from autograder.grading.sample_class import make_sample_class
from autograder.record.class_folder import ClassFolder
from autograder.reporting.report import class_report

pytestmark = [pytest.mark.browser, pytest.mark.exhaustive]
STUDENTS = 48
WHOSE = "moreau.camille"


@pytest.mark.skipif("ATTN_SCREENSHOTS" not in os.environ, reason="ATTN_SCREENSHOTS is not set")
def test_take_the_pictures(tmp_path: Path, browser_path: Path) -> None:
    course, folder = find_course(), tmp_path / "autumn"
    shots = Path(os.environ["ATTN_SCREENSHOTS"])
    shots.mkdir(parents=True, exist_ok=True)
    page = a_class(course, folder)
    report = folder / "report.html"
    report.write_text(class_report(course, folder).to_html(), encoding="utf-8")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser_path, args=browsers.launch_arguments(), timeout=300_000
        )
        for suffix, scheme in (("", "light"), ("-dark", "dark")):
            shoot(started, report, shots / f"report{suffix}.png", scheme, 1180, 1000)
            shoot(started, page, shots / f"feedback{suffix}.png", scheme, 820, 1240)
        started.close()


def a_class(course: Course, folder: Path) -> Path:
    """A sample class with names, graded, some of it marked by hand; one student's page."""
    made = make_sample_class(course, folder, students=STUDENTS)
    lesson = made[0].lesson
    list(grade_path(course, folder, GradeOptions(workers=2)))
    with ClassFolder(folder).open_gradebook() as gradebook:
        for student in made:
            last, _, first = student.student.partition(".")
            gradebook.update_or_create_student(
                student.student, first_name=first.title(), last_name=last.title()
            )
        for submission in gradebook.assignment_submissions(lesson)[::2]:
            for grade in submission.notebooks[0].grades:
                if grade.needs_manual_grade:
                    grade.manual_score, grade.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    for step in write_feedback(course, folder, FeedbackOptions(students=(WHOSE,))):
        page = step.page.file
    return page


def shoot(browser: Browser, page: Path, target: Path, scheme: str, wide: int, high: int) -> None:
    """What a window of this size shows, with as few colours as it needs: small in a repository."""
    context = browser.new_context(
        viewport={"width": wide, "height": high},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    tab = context.new_page()
    tab.goto(page.as_uri())
    png = tab.screenshot(animations="disabled")
    context.close()
    with Image.open(io.BytesIO(png)) as image:
        plain, every = image.convert("RGB"), Image.Quantize.MAXCOVERAGE  # rare colours, too
        few = plain.quantize(256, method=every, dither=Image.Dither.NONE)
        few.save(target, optimize=True)
    assert target.stat().st_size < 150_000
