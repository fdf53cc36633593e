"""What all tests share: a browser or a loud word that there is none, and no trace left at home."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from autograder import browser
from tests import kept_boxes as kept

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

_home = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()
_browser = pytest.StashKey[Path | None]()

# By itself, Hypothesis fails a test whose example takes 200 ms, or whose examples are made slowly:
# on a busy machine any may.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Keep tests away from this user's progress and Jupyter settings, and those from the tests."""
    home = tempfile.TemporaryDirectory(prefix="attn-tests-", ignore_cleanup_errors=True)
    config.stash[_home] = home
    os.environ["ATTNKIT_PROGRESS"] = str(Path(home.name, "progress.jsonl"))
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        os.environ[name] = str(Path(home.name, name.lower()))
    os.environ["XDG_DATA_HOME"] = str(Path(home.name, "data"))  # on Linux, a grader's hidden seed
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        os.environ.pop(name, None)


def pytest_collection_finish() -> None:
    """What is imported by now stays: Python need not look through it for garbage again and again.

    It takes a twelfth of the processor's time of a test run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_home].cleanup()


@pytest.hookimpl(optionalhook=True)  # which there is with pytest-xdist only
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """`--dist loadfile` keeps some files together as well: see `scheduling.py`."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.scheduling import GroupScheduling

    return GroupScheduling(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A browser test without a browser: skipped, or failed where a browser is required."""
    if item.get_closest_marker("browser") is None or found_browser(item.config) is not None:
        return
    if browser.is_required():
        pytest.fail("no browser starts here, and ATTN_REQUIRE_BROWSER is set", pytrace=False)
    pytest.skip("no browser: Chromium or Chrome is needed")


def found_browser(config: pytest.Config) -> Path | None:
    """The browser that starts, looked for once."""
    if _browser not in config.stash:
        config.stash[_browser] = browser.find()
    return config.stash[_browser]


@pytest.fixture(scope="session")
def browser_path(pytestconfig: pytest.Config) -> Path:
    """The browser to hand to Playwright as `executable_path`, with browser.launch_arguments()."""
    found = found_browser(pytestconfig)
    if found is None:
        pytest.skip("no browser: Chromium or Chrome is needed")
    return found


@pytest.fixture(scope="session", autouse=True)
def kept_boxes() -> Iterator[kept.Keeper]:
    """Grading inside this process does not start a sandbox each time: see `kept_boxes.py`."""
    with kept.keeping() as keeper:
        yield keeper


@pytest.fixture
def progress_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A progress file of the test's own."""
    file = tmp_path / "progress" / "progress.jsonl"
    monkeypatch.setenv("ATTNKIT_PROGRESS", str(file))
    return file


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say it loudly, last, when browser tests were skipped."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if "no browser: " in str(report.longrepr)
    ]
    if not skipped:
        return
    terminalreporter.section("NOT EVERYTHING WAS TESTED", sep="!", red=True, bold=True)
    terminalreporter.line(
        f"{len(skipped)} browser test(s) were SKIPPED: no Chromium or Chrome starts here.",
        red=True,
        bold=True,
    )
    terminalreporter.line(
        "Install one (Debian, Ubuntu: sudo apt-get install chromium), or name one: "
        "ATTN_BROWSER=/path/to/chrome make test",
        red=True,
    )
