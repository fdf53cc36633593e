"""Which browser the tests take, and what happens without one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import browser

posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that may be named as a browser."""
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setenv("ATTN_BROWSER", str(program))
    return program


@posix
def test_the_named_browser_counts(named: Path) -> None:
    assert browser.find() == named


@posix
def test_a_browser_that_does_not_start_is_none(named: Path) -> None:
    named.write_text("#!/bin/sh\necho install me with snap >&2\nexit 1\n")
    assert browser.find() is None


def test_nothing_is_installed_in_the_place_of_a_named_one() -> None:
    for required, code in (("0", 0), ("1", 2)):
        done = subprocess.run(
            [sys.executable, "-m", "autograder.browser"],
            env={**os.environ, "ATTN_BROWSER": "/no/such", "ATTN_REQUIRE_BROWSER": required},
            capture_output=True,
            text=True,
        )
        assert done.returncode == code
        assert "ATTN_BROWSER=/no/such does not start" in done.stderr


@pytest.mark.parametrize(
    ("required", "code", "told"),
    [
        ("0", 0, "1 browser test(s) were SKIPPED"),
        ("1", 1, "no browser starts here, and ATTN_REQUIRE_BROWSER is set"),
    ],
)
def test_browser_tests_without_a_browser(
    required: str, code: int, told: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    conftest = Path(__file__).parents[1] / "conftest.py"
    (tmp_path / "conftest.py").write_bytes(conftest.read_bytes())
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser: needs a browser\n")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.mark.browser\ndef test_it(): pass\ndef test_else(): pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "ATTN_BROWSER": "/no/such", "ATTN_REQUIRE_BROWSER": required},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout
    assert told in done.stdout
    if code == 0:
        last = done.stdout.splitlines()[-4:]
        assert "NOT EVERYTHING WAS TESTED" in last[0]
