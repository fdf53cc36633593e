"""A program that fails while a site is built: what is wrong is said, and its log stays."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.errors import AttnError
from autograder.site import programs


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "page.md:3: WARNING: no such page\nanother\nbuild finished",
            "page.md:3: WARNING: no such page",
        ),
        ("Traceback …\nValueError: not a wheel\nNode.js v20", "ValueError: not a wheel"),
        ("first\nlast words", "last words"),
        ("", "nothing"),
    ],
)
def test_the_telling_line_is_told_and_all_are_kept(said: str, told: str, tmp_path: Path) -> None:
    log = tmp_path / "program.log"
    code = f"print({said!r}); raise SystemExit(3)"
    with pytest.raises(AttnError) as failure:
        programs.run("Sphinx", [sys.executable, "-c", code], log)
    assert str(failure.value) == f"Sphinx stopped, saying '{told}'; {log} has all its words."
    assert log.read_text().strip() == said


def test_a_program_runs_where_and_with_what_it_is_told(tmp_path: Path) -> None:
    code = "import os; print(os.getcwd(), os.environ['KIND'])"
    log = tmp_path / "program.log"
    command = [sys.executable, "-c", code]
    programs.run("It", command, log, folder=tmp_path, settings={"KIND": "site"})
    assert log.read_text().split() == [str(tmp_path.resolve()), "site"]
