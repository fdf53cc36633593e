"""Lesson 1 in Notebook 7, from the first check to handing in. Its panels: test_gallery.py."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from autograder.course import find_course
from tests.browser.conftest import open_lab
from tests.browser.driver import Lab, outside, troubles
from tests.browser.server import Server, free_port, private_environment, serving
from tests.browser.test_course import LESSON, OWN_PANEL, POOL, STUB, changed, look, report_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A plain Notebook 7 in a copy of lesson 1's folder."""
    if os.name == "nt":
        pytest.skip("ends Jupyter with a signal to its process group")
    folder = tmp_path_factory.mktemp("notebook7")
    shutil.copy(find_course().lesson(1).released_notebook, folder / LESSON)
    command = [sys.executable, "-m", "notebook", "--no-browser", "--port", str(free_port())]
    options = ["--JupyterNotebookApp.expose_app_in_browser=True"]
    options += ["--allow-root"] if os.geteuid() == 0 else []
    environment = private_environment(folder / "home", HERE=str(folder))
    with serving([*command, *options], folder, environment) as server:
        yield server


@pytest.fixture(scope="module")
def lesson(plain_server: Server, browser: Browser) -> Iterator[Lab]:
    """Lesson 1, its cells run once with nothing written yet."""
    with open_lab(browser) as lab:
        lab.go(f"{plain_server.root}/notebooks/{LESSON}?token={plain_server.token}", anew=False)
        lab.wait_for_notebook(LESSON)
        lab.run_all()
        assert list(troubles(lab.cells())) == []
        yield lab
        assert outside(lab.requests, plain_server.root) == []
        lab.shut_down()


def test_checks_answer_and_hints_help(lesson: Lab) -> None:
    lesson.replace_line(
        "L1-1-answer", STUB, ["return (x_TD * w_T[:, None]).sum(axis=0) / len(w_T)"]
    )
    lesson.run("L1-1-answer")
    report = report_of(lesson.run("L1-1"))
    expect(report).to_contain_text("behaves as if you divided by the number of words T.")
    cell = lesson.insert_below("L1-1", 'hint("L1.1")')
    expect(lesson.run(cell).get_by_text("Hint 1 of 3.")).to_be_visible()


def test_a_slider_moves_the_learners_own_picture(lesson: Lab) -> None:
    lesson.write("L1-3-answer", POOL)
    lesson.run("L1-3-answer")
    expect(report_of(lesson.run("L1-3"))).to_contain_text("7 of 7 points")
    panel = lesson.run(OWN_PANEL).locator(".jp-OutputArea-output:has(.widget-slider)")
    picture, words = panel.locator("svg[role=img]"), panel.get_by_role("status")
    expect(panel).to_contain_text("attention_pool does it")
    before = look(picture, words)
    box = panel.get_by_label("direction of u (°)")
    box.focus()  # on a slider's handle, arrow keys are this program's own: they move to other cells
    for _ in range(3):
        box.press("ArrowUp")
    expect(box).to_have_value("15")
    before = changed(picture, words, before)

    label = lesson.page.get_by_label("direction of u (°)")
    row = panel.locator(".widget-hbox", has=label)
    row.get_by_role("slider").hover()
    lesson.page.mouse.down()
    track = row.locator(".noUi-base").bounding_box()
    assert track is not None
    end = track["x"] + 0.9 * track["width"], track["y"] + track["height"] / 2
    lesson.page.mouse.move(*end, steps=8)
    lesson.page.mouse.up()
    expect(box).to_have_value("145")
    changed(picture, words, before)


def test_what_is_saved_is_handed_in_and_graded(
    lesson: Lab, plain_server: Server, tmp_path: Path
) -> None:
    lesson.write("L1-3-answer", POOL)
    lesson.save()
    saved = Path(plain_server.environment["HERE"]) / LESSON
    command = [sys.executable, "-m", "autograder.cli", "grade", str(saved), "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    [row] = json.loads(done.stdout)
    points = {verdict["exercise"]: verdict["points"] for verdict in row["exercises"]}
    assert points["L1.3"] == 7, done.stdout
    assert row["status"] == "graded"
