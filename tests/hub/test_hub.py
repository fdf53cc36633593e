"""A class on a real JupyterHub, learners and an instructor: from release to feedback.

Real accounts, real passwords, the real proxy, nbgrader's own services, formgrader in a browser.
Two learners in every test run, ten in `test-all`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from nbgrader.api import Gradebook
from playwright.sync_api import expect, sync_playwright

from autograder import browser as browsers
from autograder.course import find_course
from autograder.grading.sample_class import SampleStudent, make_sample_class
from tests.browser.conftest import open_lab, screenshot_folder
from tests.browser.driver import LOAD_MS, Lab
from tests.browser.test_formgrader import list_submissions, saves_a_grade
from tests.hub import machine as machines
from tests.hub import proxy
from tests.hub.machine import ROOT, Machine
from tests.hub.server import Hub, Learner, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COURSE, GRADER, INSTRUCTOR, PASSWORD = "autumn", "grader-autumn", "ines", "walk the dog"
AT_ONCE = 3
HUB = ROOT / "autograder" / "hub"


class Class:
    """A machine with a class on it, as the README says, and what its learners will hand in."""

    def __init__(self, made: Path, learners: int) -> None:
        course = find_course()
        self.students = {s.student: s for s in make_sample_class(course, made, learners)}
        self.lesson = course.lesson(1).name
        self.answers = {
            name: made / "submitted" / name / self.lesson / f"{self.lesson}.ipynb"
            for name in self.students
        }
        self.machine = Machine([GRADER, INSTRUCTOR, *self.students], PASSWORD)
        self.srv = self.machine.srv
        os.chown(self.srv, self.machine.ids[GRADER], -1)
        self.exchange = self.srv / "exchange"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)
        self.settings = self.srv / "hub.toml"
        told = (HUB / "hub.toml").read_text("utf-8").replace("/srv/autumn", str(self.srv))
        self.settings.write_text(told.replace('["ada"]', f'["{INSTRUCTOR}"]'), encoding="utf-8")
        roster = "id,first_name,last_name\n" + "".join(f"{name},,\n" for name in self.students)
        (self.srv / "students.csv").write_text(roster, encoding="utf-8")
        self.folder = self.srv / COURSE

    def grader(self, *command: str, cwd: Path | None = None) -> str:
        """What the account that owns the class types into its terminal."""
        more = {"ATTN_HUB": str(self.settings), "JUPYTER_CONFIG_PATH": str(HUB / "jupyter")}
        return self.machine.run(GRADER, *command, cwd=cwd or self.folder, more=more)


@pytest.fixture(params=[2, pytest.param(10, marks=pytest.mark.exhaustive)])
def school(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Class]:
    """The class, just made; skipped, or failed where it is required, if there can be no hub."""
    why = machines.why_not() or (None if proxy.program() else "the hub's proxy is not installed")
    if why is not None:
        assert not proxy.is_required(), f"ATTN_REQUIRE_HUB is set, but {why}"
        pytest.skip(f"no hub: {why}")
    made = Class(tmp_path_factory.mktemp("sample") / "class", request.param)
    try:
        yield made
    finally:
        made.machine.close()


@pytest.mark.exhaustive  # its parts: test_settings.py, and what follows a class anywhere
def test_a_class_goes_the_whole_way_on_a_hub(school: Class, browser_path: Path) -> None:
    """Protects what the README of autograder/hub promises, in its own order."""
    school.grader("attn", "course", "new", COURSE, "--lesson", "1", "--roster", "students.csv",
                  cwd=school.srv)  # fmt: skip
    school.grader("attn", "course", "release", "1", "--exchange")
    with running(school.machine, school.settings) as hub:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = [pool.submit(work, school, hub, each) for each in school.students.values()]
        for each in done:
            keeps_out(school, hub, each.result())
        said = school.grader("attn", "course", "collect", "--exchange", "--lesson", "1")
        assert str(len(school.students)) in said
        school.grader("attn", "grade", "submitted", "--json", str(school.srv / "results.json"))
        graded_as_expected(school)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=browsers.launch_arguments(), timeout=300_000
            )
            with open_lab(browser) as lab:
                mark_by_hand(school, hub, lab)
            browser.close()
        school.grader("attn", "feedback", ".")
        school.grader("nbgrader", "release_feedback", school.lesson)
        read_feedback(school, hub.learner(next(iter(school.students))))


def work(school: Class, hub: Hub, student: SampleStudent) -> Learner:
    """Fetch, write, validate, hand in."""
    learner = hub.start(student.student)
    lesson, path = school.lesson, f"{school.lesson}/{school.lesson}.ipynb"
    listed = learner.exchange("fetch", COURSE, lesson)
    assert [entry["status"] for entry in listed if entry["assignment_id"] == lesson] == ["fetched"]
    fetched = learner.read(path)
    assert "BEGIN SOLUTION" not in json.dumps(fetched)
    learner.write(path, json.loads(school.answers[student.student].read_text("utf-8")))
    if student.kind == "perfect":
        validated = learner.validate(path)
        assert validated["success"], validated
        value = validated["value"]
        results = json.loads(value) if isinstance(value, str) else value
        assert not results.get("failed"), results
    learner.exchange("submit", COURSE, lesson)
    return learner


def keeps_out(school: Class, hub: Hub, learner: Learner) -> None:
    """A learner gets nowhere without business there, now that everybody's server is up."""
    assert learner.get("formgrader").status_code == 404, "learners have no formgrader"
    for there in ("user/" + next(iter(school.students)), f"services/{COURSE}"):
        if not learner.url.endswith(there):
            answer = requests.get(
                f"{hub.url}/{there}/api/contents", headers=learner.headers, timeout=120
            )
            assert answer.status_code in (403, 424, 503), (there, answer.status_code)
    with pytest.raises(AssertionError, match="Permission denied"):
        school.machine.run(learner.name, "ls", school.folder)


def graded_as_expected(school: Class) -> None:
    """Everybody has the points that the sample class was made for."""
    rows = json.loads((school.srv / "results.json").read_text("utf-8"))
    found_by_name = {
        row["student"]: {e["exercise"]: e["points"] for e in row["exercises"]} for row in rows
    }
    assert set(found_by_name) == set(school.students)
    for name, student in school.students.items():
        found = found_by_name[name]
        assert {key: found.get(key) for key in student.points} == student.points, name


def mark_by_hand(school: Class, hub: Hub, lab: Lab) -> None:
    """The instructor logs in, opens formgrader on the class's server, and marks an answer."""
    page = lab.page
    page.goto(f"{hub.url}/services/{COURSE}/lab", timeout=LOAD_MS)
    for password in ("a guess", PASSWORD):
        page.get_by_label("Username").fill(INSTRUCTOR)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        if password != PASSWORD:
            expect(page.get_by_text("Invalid username or password")).to_be_visible(timeout=LOAD_MS)
    page.wait_for_function("window.jupyterapp !== undefined", timeout=LOAD_MS)
    lab.go(f"{hub.url}/services/{COURSE}/lab")
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.locator(".lm-Menu").get_by_text("Formgrader", exact=True).click()
    grader = page.frame_locator("iframe")
    row = grader.get_by_role("row").filter(has_text=school.lesson)
    expect(row.locator("td.num-submissions")).to_have_text(
        str(len(school.students)), timeout=LOAD_MS
    )
    list_submissions(grader, school.lesson)
    name = next(iter(school.students))
    row = grader.get_by_role("row").filter(has=page.locator("a.name-shown", has_text=name))
    expect(row.locator(".code-score")).to_have_text(
        f"{sum(school.students[name].points.values())} / 27"
    )
    grader.get_by_role("button", name="Show All Names").click()
    before = totals(school, name)
    grader.get_by_role("link", name=name, exact=True).click()
    mark = grader.locator("input.score.needs_manual_grade").first
    mark.scroll_into_view_if_needed()
    mark.fill("1.5")
    with page.expect_response(saves_a_grade):
        mark.press("Tab")
    folder = screenshot_folder()
    if folder is not None:
        page.screenshot(path=folder / "hub-formgrader.png", animations="disabled", caret="hide")
    assert totals(school, name) == before + 1.5


def totals(school: Class, name: str) -> float:
    with Gradebook(f"sqlite:///{school.folder / 'gradebook.db'}") as gradebook:
        return float(gradebook.find_submission(school.lesson, name).score)


def read_feedback(school: Class, learner: Learner) -> None:
    """Fetched by the button, and readable on the learner's own server."""
    learner.exchange("fetch_feedback", COURSE, school.lesson)
    listed = learner.get(f"api/contents/{school.lesson}/feedback").json()["content"]
    assert listed, "no feedback was fetched"
    pages = learner.get(f"api/contents/{listed[0]['path']}").json()["content"]
    page = learner.get(f"api/contents/{pages[0]['path']}").json()["content"]
    assert "L1.1" in page
    assert learner.name in page or school.lesson in page
    assert page.lstrip().lower().startswith("<!doctype html")
