"""A browser, a course to learn in and a page: what the browser tests share.

With `ATTN_SCREENSHOTS=folder` they also save what they saw there, in the light and the dark theme.
The README's picture is one of these files: see `test_course.py`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, ViewportSize, sync_playwright

from autograder import browser as browsers
from autograder.course import find_course
from tests.browser.driver import Lab
from tests.browser.server import Server, free_port, private_environment, serving

SIZE: ViewportSize = {"width": 1400, "height": 900}
EXPOSE = "--LabApp.expose_app_in_browser=True"  # for the tests only: see driver.py


# Playwright keeps an event loop running in this thread for as long as it is open, and other tests
# need that place: so these fixtures end with this folder, not with the whole run.


@pytest.fixture(scope="package")
def browser(browser_path: Path) -> Iterator[Browser]:
    """One headless browser for all tests here; each page gets a profile of its own."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser_path, args=browsers.launch_arguments(), timeout=300_000
        )
        yield started
        started.close()


@pytest.fixture(scope="package")
def course_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`attn lab` on a copy of the course, so that no test writes into the checkout's notebooks."""
    if os.name == "nt":
        pytest.skip("ends JupyterLab with a signal to its process group")
    folder = tmp_path_factory.mktemp("learner")
    copy, course = folder / "course", find_course()
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "backup-*")
    for part in (course.lessons, course.solutions):
        shutil.copytree(part, copy / part.name, ignore=ignored)
    command = [sys.executable, "-m", "autograder.cli", "lab", "--no-browser"]
    options = ["--port", str(free_port()), EXPOSE]
    environment = private_environment(folder / "home", ATTN_ROOT=str(copy))
    with serving([*command, *options], copy, environment) as server:
        yield server


@pytest.fixture(scope="package")
def progress(course_server: Server) -> Path:
    """The file in which that learner's progress is kept."""
    return Path(course_server.environment["ATTNKIT_PROGRESS"])


_open: list[Lab] = []


@contextlib.contextmanager
def open_lab(browser: Browser) -> Iterator[Lab]:
    """A page for JupyterLab, with no memory of other pages."""
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    lab = Lab(context.new_page())
    _open.append(lab)
    try:
        yield lab
    finally:
        _open.remove(lab)
        context.close()


@pytest.fixture
def lab(browser: Browser) -> Iterator[Lab]:
    """A page of a test's own, closed when it is over, so that it saves nothing later."""
    with open_lab(browser) as opened:
        yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the pages showed when a test failed, for whoever looks for the reason."""
    report = yield
    folder = screenshot_folder()
    if report.failed and folder:
        for number, opened in enumerate(_open):
            with contextlib.suppress(Error):
                name = f"failed-{report.nodeid.rpartition('::')[2]}-{number}.png"
                opened.page.screenshot(path=folder / name)
    return report


def screenshot_folder() -> Path | None:
    """Where screenshots go: nowhere, unless `ATTN_SCREENSHOTS` names a folder."""
    named = os.environ.get("ATTN_SCREENSHOTS")
    if not named:
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)


Shoot = Callable[[Lab, str], None]


@pytest.fixture(scope="session")
def shoot() -> Shoot:
    """Saves what a page shows to `ATTN_SCREENSHOTS`, light and dark, if that is set."""

    def save(lab: Lab, name: str) -> None:
        folder = screenshot_folder()
        if folder is None:
            return
        lab.page.mouse.move(0, 0)
        for theme, suffix in (("Light", ""), ("Dark", "-dark")):
            lab.use_theme(f"JupyterLab {theme}")
            file = folder / f"{name}{suffix}.png"
            lab.page.screenshot(path=file, animations="disabled", caret="hide")
        lab.use_theme("JupyterLab Light")

    return save
