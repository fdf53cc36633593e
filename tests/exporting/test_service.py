"""`autograder.service.grade`: one call, one result, whatever the submission is. On lesson 1."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import cli
from autograder.authoring.build import BuiltLesson, build_lesson
from autograder.boxes.box import Limits
from autograder.course import find_course
from autograder.errors import AttnError
from autograder.judging.key import LessonKey
from autograder.judging.make_key import key_of
from autograder.notebook_text import to_text
from autograder.service import Result, grade, prepare
from tests.quick_start import QUICK_START
from tests.small_course import RIGHT, answered, build_course

SEED = 31
LESSON = "01_attention_scores"


@pytest.fixture(scope="module")
def built() -> BuiltLesson:
    return build_lesson(find_course().lesson(1), SEED)


@pytest.fixture(scope="module")
def key(built: BuiltLesson) -> LessonKey:
    return key_of(built)


@pytest.fixture(scope="module")
def perfect(built: BuiltLesson, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's own answers, as a file."""
    answers = {
        cell.id: cell.source
        for cell in built.source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    file = tmp_path_factory.mktemp("service") / "ada.ipynb"
    file.write_text(to_text(answered(built.release, answers)), encoding="utf-8")
    return file


def facts(result: Result) -> dict[str, object]:
    """A result without what differs from one run to the next."""
    return {**json.loads(json.dumps(result.to_json())), "seconds": None}


@pytest.mark.slow
def test_a_perfect_submission_from_a_path_and_as_attn_grade_says_it(
    perfect: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = find_course().lesson(1).source.parent
    result = grade(folder, perfect, hidden_seed=SEED)
    assert (result.student, result.lesson, result.status) == ("ada", LESSON, "graded")
    assert result.points == result.max_points > 0
    assert all("sandbox" in note for note in result.integrity)
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result
    monkeypatch.chdir(perfect.parent)
    monkeypatch.setattr(sys, "argv", ["attn", "grade", str(perfect), "--json", "-"])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    [row] = json.loads(capsys.readouterr().out)
    said = facts(result)  # `attn grade` says besides who is on the class's list
    assert {name: {**row, "seconds": None}[name] for name in said} == said


def test_an_empty_submission_as_a_parsed_notebook(key: LessonKey, built: BuiltLesson) -> None:
    result = grade(key, nbformat.from_dict(built.release), student="zoe")
    assert (result.student, result.status, result.points) == ("zoe", "graded", 0)
    assert result.max_points == key.max_points
    assert grade(key, json.loads(to_text(built.release))).points == 0


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", ""),
        (b"\xff\xfe\x00not a notebook", ""),
        (
            b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
            "not of this lesson",
        ),
        (b" " * 20_000_001, "20 MB"),
    ],
)
def test_a_damaged_submission_has_a_result_with_a_reason(
    key: LessonKey, raw: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "bob.ipynb"
    file.write_bytes(raw)
    submissions: list[bytes | str | Path] = [raw, file, str(file)]
    for submission in submissions:
        result = grade(key, submission)
        assert (result.status, result.points) == ("not gradable", 0)
        assert result.max_points == key.max_points
        assert result.reason
        assert said in result.reason


def test_a_submission_cut_short(key: LessonKey, perfect: Path) -> None:
    result = grade(key, perfect.read_bytes()[:3000])
    assert result.status in ("not gradable", "graded")
    assert result.points < result.max_points


def test_a_lesson_of_its_own_needs_no_course_and_leaves_nothing(tmp_path: Path) -> None:
    course = build_course("mini", tmp_path / "course")
    folder = tmp_path / "alone" / "01_doubling"
    shutil.copytree(course.solutions / "01_doubling", folder)
    mini = prepare(folder, 7)
    shutil.rmtree(tmp_path / "course")
    before = sorted(tmp_path.rglob("*"))
    raw = to_text(answered(mini.release, {"L1-1-answer": RIGHT})).encode()
    result = grade(mini, raw, limits=Limits(cell_seconds=20))
    assert result.points == result.max_points
    assert mini.digest() == prepare(folder, 7).digest() != prepare(folder, 8).digest()
    assert sorted(p for p in tmp_path.rglob("*") if "__pycache__" not in p.parts) == before


def test_what_is_not_the_submissions_fault_is_an_error(key: LessonKey, tmp_path: Path) -> None:
    cases: tuple[tuple[Any, Any, int | None, str], ...] = (
        (key, tmp_path / "none.ipynb", None, "can't be read"),
        (key, b"", 3, "prepared with a hidden seed"),
        (key, {"cells": {1, 2}}, None, "no parsed notebook"),
        ("99_nothing", b"", 3, "no lesson"),
        (tmp_path, b"", 3, "no lesson's folder"),
        (Path("nowhere"), b"", 3, "no lesson's folder"),
    )
    for source, submission, seed, said in cases:
        with pytest.raises(AttnError, match=said):
            grade(source, submission, hidden_seed=seed)


def test_it_is_a_plain_call_in_a_plain_process(tmp_path: Path) -> None:
    """From another folder, with no terminal, without a word on stdout."""
    code = (
        "from autograder.service import grade\n"
        "result = grade(1, b'{', hidden_seed=1)\n"
        "assert result.status == 'not gradable', result\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1", **QUICK_START},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
