"""`attn course new`: a class that nbgrader takes for its own, with hidden cases nobody else has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder import cli
from autograder.classroom.new_class import new_class
from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.grade import GradeOptions, grade_path
from autograder.judging.make_key import make_key
from autograder.record.roster import read_roster
from tests.small_course import raw

ROSTER = "\ufeffID;First_Name;last_name\nada;Ada;Lovelace, Countess\n\nnoether;Emmy;Nöther\n"

# `nbgrader db student list`, then `nbgrader db assignment list`, with one start of it
LIST = """
from nbgrader.apps.dbapp import DbAssignmentListApp, DbStudentListApp
for listing in (DbStudentListApp, DbAssignmentListApp):
    listing.launch_instance(argv=[])
    listing.clear_instance()
"""


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "students.csv"
    file.write_text(ROSTER, encoding="utf-8")
    return file


def run_attn(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["attn", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(caught.value.code or 0)


def test_a_new_class_is_listed_by_nbgrader_with_its_students_and_lessons(
    mini_course: Course, roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTN_ROOT", str(mini_course.root))
    root = tmp_path / "autumn"
    assert run_attn(monkeypatch, "course", "new", root, "--roster", roster) == 0
    done = subprocess.run(
        [sys.executable, "-c", LIST], cwd=root, capture_output=True, text=True, check=True
    )
    listed = done.stdout + done.stderr
    assert "ada (Lovelace, Countess, Ada)" in listed
    assert "noether (Nöther, Emmy)" in listed
    assert mini_course.lesson_folders()[0].name in listed
    assert (root / "submitted").is_dir()
    assert root.stat().st_mode & 0o077 == 0  # learners may have accounts on the same machine
    assert (root / ".attn" / "hidden_seed").stat().st_mode & 0o077 == 0
    assert "/.attn/" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_two_classes_have_different_hidden_cases_and_one_class_the_same_twice(
    mini_course: Course,
    tmp_path: Path,
    submission: Callable[..., NotebookNode],
) -> None:
    lesson = mini_course.lesson_folders()[0]
    seeds = []
    for name in ("spring", "autumn"):
        made = new_class(mini_course, tmp_path / name, [], None)
        seeds.append(made.folder.hidden_seed())
    cases = [
        json.dumps(make_key(lesson, seed).hidden["L1.1"].wire_calls())
        for seed in (*seeds, seeds[0])
    ]
    assert cases[0] != cases[1]
    assert cases[0] == cases[2]
    handed_in = tmp_path / "spring" / "submitted" / "ada" / lesson.name / f"{lesson.name}.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_bytes(raw(submission("def double(x_T):\n    return x_T**2")))
    scores = []
    for _ in range(2):
        (step,) = grade_path(
            mini_course, tmp_path / "spring" / "submitted", GradeOptions(force=True)
        )
        scores.append([(v.points, v.diagnosis, v.message) for v in step.result.exercises])
    assert scores[0] == scores[1]
    assert scores[0][0][1] == "squares"
    with Gradebook(f"sqlite:///{tmp_path / 'spring' / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(lesson.name, "ada").score == scores[0][0][0]


@pytest.mark.parametrize("there", ["a class", "a file", "something"])
def test_nothing_that_is_there_is_touched(mini_course: Course, tmp_path: Path, there: str) -> None:
    root = tmp_path / "taken"
    if there == "a file":
        root.write_text("mine", encoding="utf-8")
    else:
        root.mkdir()
        (root / ("gradebook.db" if there == "a class" else "notes.txt")).write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AttnError, match="name a new folder"):
        new_class(mini_course, root, [], None)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,email\nada,a@b.c\n", 'no column "id" in its first line .found: name, email.'),
        ("", "found: nothing"),
        ("id\nada\nada\n", "line 3 of the roster .*: the id 'ada' is there twice"),
        ("id,email\n,a@b.c\n", "line 2 of the roster .* has no id"),
        ("id\n../ada\n", "can't be the name of a folder"),
        ("id\na\x07da\n", "characters that can't be shown"),
    ],
)
def test_a_roster_that_cannot_be_used_is_refused_before_anything_is_made(
    mini_course: Course, tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(AttnError, match=sentence):
        new_class(mini_course, tmp_path / "class", [], file)
    assert not (tmp_path / "class").exists()


def test_a_roster_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes("id\nNöther\n".encode("latin-1"))
    with pytest.raises(AttnError, match="not UTF-8"):
        read_roster(file)
    with pytest.raises(AttnError, match="can't be read"):
        read_roster(tmp_path / "nowhere.csv")


def test_ids_that_look_like_formulas_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text('id,first_name\n"=1+1","O\'Hara, ""Sam"""\n', encoding="utf-8")
    (student,) = read_roster(file).students
    assert (student.id, student.first_name) == ("=1+1", 'O\'Hara, "Sam"')
