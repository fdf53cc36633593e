"""`attn export` as a person runs it: what it writes, what it says, what it refuses."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from autograder.cli import app
from autograder.errors import AttnError
from autograder.record.class_folder import ClassFolder, only_grader
from tests.classroom.graded_class import DUE, LESSON, GradedClass

Run = Callable[..., Result]


@pytest.fixture
def attn(nasty_class: GradedClass, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ATTN_ROOT", str(nasty_class.course.root))

    def run(*command: str) -> Result:
        return CliRunner().invoke(app, ["export", str(nasty_class.folder), *command])

    return run


def test_it_writes_into_the_class_and_says_what_is_still_open(
    attn: Run, nasty_class: GradedClass
) -> None:
    done = attn()
    assert done.exit_code == 0, done.output
    file = nasty_class.folder / "export" / "marks.csv"
    assert str(file) in done.stdout
    assert "1 lesson of 7 students: 1 file" in done.stdout
    assert "answers that a person has still to mark, counted as 0:" in done.stderr
    assert "\x1b" not in done.output  # no colour where there is no terminal
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = json.loads(attn("--format", "moodle", "--json").stdout)
    assert made["lessons"] == [LESSON]
    assert "without an e-mail address: dot, zoe, cy" in made["notes"]


def test_a_moved_deadline_moves_what_is_exported_and_the_gradebook(
    attn: Run, nasty_class: GradedClass, tmp_path: Path
) -> None:
    def penalties() -> tuple[float, float]:
        assert attn("--format", "gradescope", "--out", str(tmp_path)).exit_code == 0
        file = tmp_path / "ada" / LESSON / "results.json"
        with folder.open_gradebook() as gradebook:
            kept = gradebook.find_submission(LESSON, "ada").late_submission_penalty
        return json.loads(file.read_text("utf-8"))["extra_data"]["late_penalty"], float(kept)

    folder = ClassFolder(nasty_class.folder)
    first = penalties()
    assert first[0] > 0
    assert first[0] == pytest.approx(first[1], abs=0.006)
    try:
        with folder.open_gradebook() as gradebook:
            gradebook.update_or_create_assignment(LESSON, duedate=DUE.replace(day=6))
        assert penalties() == (0, 0)
    finally:
        with folder.open_gradebook() as gradebook:
            gradebook.update_or_create_assignment(LESSON, duedate=DUE)
    assert penalties() == first


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["--format", "junit", "--excel"], "--excel means nothing for junit"),
        (["--format", "canvas", "--detail"], "--detail means nothing for canvas"),
        (["--template", "x.csv"], "--template means nothing for csv"),
        (["--format", "canvas", "--column", "1=x"], "without --template"),
        (["--format", "canvas", "--column", "1"], "the heading of its column"),
        (["--no-feedback"], "--no-feedback means nothing for csv"),
        (["--compare", "x.csv"], "--compare means nothing for csv"),
        (["--lesson", "9"], 'no lesson "9"'),
        (["--out", "/nowhere/marks.csv"], "a folder that exists"),
        (["--format", "moodle", "--compare", "/nowhere.csv"], "can't be read"),
        (["--format", "canvas", "--template", "/nowhere.csv"], "can't be read"),
    ],
)
def test_what_makes_no_sense_is_told(attn: Run, command: list[str], said: str) -> None:
    done = attn(*command)
    assert isinstance(done.exception, AttnError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)


def test_penalties_wait_while_somebody_grades(attn: Run, nasty_class: GradedClass) -> None:
    with only_grader(nasty_class.folder):
        done = attn()
    assert isinstance(done.exception, AttnError)
    assert "let it finish" in str(done.exception)


def test_a_file_that_is_there_stays_whole_if_the_disk_fails(
    attn: Run, nasty_class: GradedClass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "marks.csv"
    assert attn("--out", str(file)).exit_code == 0
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    done = attn("--out", str(file), "--detail")
    assert "No space left" in str(done.exception)
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["marks.csv"]
