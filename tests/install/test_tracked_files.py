"""What is kept in git: what README.md shows, and nothing that a command left behind."""

import fnmatch
import tomllib
from pathlib import Path

import pytest

from tests.command_lines import ROOT

TOP_LEVEL = {
    "README.md", "LICENSE", "Makefile", "pyproject.toml", "environment.yml",
    "lessons", "solutions", "autograder", "tests",
    ".ci", ".github", ".gitattributes", ".gitignore", ".lock", ".pre-commit-config.yaml",
}  # fmt: skip

# what an earlier version made, and no later one can make again
KEPT = {"tests/fixtures/class_of_0_1_0.zip"}
DOWNLOADED_OR_BUILT = (
    ".whl",
    ".gz",
    ".zip",
    ".egg",
    ".so",
    ".npy",
    ".npz",
    ".keras",
    ".db",
    ".log",
)


def test_every_test_is_collected(pytestconfig: pytest.Config, tracked: list[Path]) -> None:
    """pytest goes into no folder called build, and says nothing of the tests in there."""
    passed_over = [str(pattern) for pattern in pytestconfig.getini("norecursedirs")]
    files = [path for path in tracked if path.parts[0] == "tests" and path.suffix == ".py"]
    assert files
    lost = [
        path
        for path in files
        for part in path.parent.parts
        if any(fnmatch.fnmatch(part, pattern) for pattern in passed_over)
    ]
    assert not lost


def test_the_top_level_is_what_the_readme_shows(tracked: list[Path]) -> None:
    assert {path.parts[0] for path in tracked} == TOP_LEVEL


def test_nothing_downloaded_or_built_is_tracked(tracked: list[Path]) -> None:
    found = {path.as_posix() for path in tracked if path.suffix in DOWNLOADED_OR_BUILT}
    assert found == KEPT


def test_the_map_of_the_tests_names_each_folder_and_mark(tracked: list[Path]) -> None:
    page = (ROOT / "tests" / "README.md").read_text("utf-8")
    folders = {path.parts[1] for path in tracked if path.parts[0] == "tests" and path.parts[2:]}
    assert [name for name in sorted(folders) if f"`{name}/`" not in page] == []
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]
    marks = [line.partition(":")[0] for line in settings["ini_options"]["markers"]]
    assert [mark for mark in marks if f"`{mark}`" not in page] == []
