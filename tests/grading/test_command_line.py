"""The command `attn`: bad input gets one clear sentence and exit code 2, and nothing is lost."""

from __future__ import annotations

import functools
import importlib.metadata
import io
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course import Course
from tests.grading.conftest import Attn
from tests.small_course import RIGHT, WRONG, raw

LESSON = "01_doubling"


def tree(folder: Path, **students: dict[str, bytes]) -> Path:
    """A submitted/ tree: tree(folder, ada={"01_doubling/01_doubling.ipynb": b"…"})."""
    for student, files in students.items():
        for name, data in files.items():
            file = folder / "submitted" / student / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    return folder / "submitted"


def assert_one_sentence(code: int, out: str, err: str, *words: str) -> None:
    assert code == 2
    assert out == ""
    assert err.startswith("attn: ")
    assert err.strip().count("\n") == 0
    assert "Traceback" not in err
    for word in words:
        assert word in err


def test_wrong_paths(attn: Attn, tmp_path: Path) -> None:
    assert_one_sentence(*attn("grade", tmp_path / "nowhere"), "nothing at")
    (tmp_path / "empty" / "submitted").mkdir(parents=True)
    assert_one_sentence(
        *attn("grade", tmp_path / "empty"), "No submissions", "<student>/<lesson>", "collect"
    )
    (tmp_path / "notes.txt").write_text("x")
    assert_one_sentence(*attn("grade", tmp_path / "notes.txt"), "not a notebook")
    for name in ("all.zip", "ALL.ZIP", "all.tar.gz", "all.7z"):
        (tmp_path / name).write_bytes(b"PK")
        for command in (["grade"], ["check"], ["judge", "L1.1"]):
            said = attn(*command, tmp_path / name)
            assert_one_sentence(*said, name, "attn course collect", "--course", "attn grade")
    (tmp_path / "answer.py").write_text(RIGHT)
    assert_one_sentence(*attn("grade", tmp_path / "answer.py"), "attn judge EXERCISE")
    assert_one_sentence(*attn("check", tmp_path / "no.ipynb"), "can't be read")
    assert_one_sentence(*attn("judge", "L1.1", tmp_path / "no.py"), "can't be read")


def test_the_version_is_told(attn: Attn) -> None:
    code, out, err = attn("--version")
    assert (code, out, err) == (0, f"attn {importlib.metadata.version('attention-kit')}\n", "")


def test_a_letter_that_the_encoding_lacks_stops_nothing(
    attn: Attn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a system's encoding has no ✗ and no 王: signs are replaced, JSON is whole."""
    (tmp_path / "wrong.py").write_text("def double(x_T):\n    return 王", encoding="utf-8")
    for more in ((), ("--json",)):
        written = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "cp1252", write_through=True))
        code, _, err = attn("judge", "L1.1", tmp_path / "wrong.py", *more)
        assert (code, err) == (1, "")
        if more:
            assert "王" in json.loads(written.getvalue())["message"]
        else:
            assert rb"\u738b" in written.getvalue()


def test_a_folder_that_belongs_to_no_class_is_not_written_to(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    submitted = tree(tmp_path, ada={f"{LESSON}/{LESSON}.ipynb": raw(submission())})
    handed_in = submitted.rename(tmp_path / "handed-in")
    assert_one_sentence(*attn("grade", handed_in), "no class's submitted/", "--course")
    assert [p.name for p in tmp_path.iterdir()] == ["handed-in"]
    assert attn("grade", handed_in, "--course", tmp_path / "class")[0] == 0
    assert (tmp_path / "class" / "gradebook.db").is_file()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["class", "handed-in"]


def test_wrong_names(attn: Attn, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(RIGHT)
    assert_one_sentence(*attn("judge", "L7.9", answer), 'no exercise "L7.9"', "L1.1")
    assert_one_sentence(*attn("verify", "L9"), 'no lesson "L9"', LESSON)
    submitted = tree(tmp_path, ada={f"{LESSON}/{LESSON}.ipynb": b"{}"})
    assert_one_sentence(*attn("grade", submitted, "--lesson", "7"), 'no lesson "7"')


def test_no_course_here(attn: Attn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTN_ROOT", str(tmp_path))
    assert_one_sentence(*attn("verify"), "No course here")


def test_a_notebook_of_another_course(attn: Attn, tmp_path: Path) -> None:
    other = tmp_path / "other.ipynb"
    other.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}))
    assert_one_sentence(*attn("grade", other), "not a notebook of this course", "--lesson")
    assert_one_sentence(*attn("check", other), "not a notebook of this course")
    other.write_text("{")
    assert_one_sentence(*attn("grade", other), "not valid JSON")


@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write where nobody else may"
)
def test_an_unwritable_gradebook(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    submitted = tree(tmp_path, ada={f"{LESSON}/{LESSON}.ipynb": raw(submission())})
    (tmp_path / "gradebook.db").touch()
    (tmp_path / "gradebook.db").chmod(0o400)
    assert_one_sentence(*attn("grade", submitted), "gradebook.db can't be written")


def test_a_gradebook_that_somebody_else_holds(
    attn: Attn,
    tmp_path: Path,
    submission: Callable[..., NotebookNode],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submitted = tree(tmp_path, ada={f"{LESSON}/{LESSON}.ipynb": raw(submission())})
    assert attn("grade", submitted)[0] == 0
    other = sqlite3.connect(tmp_path / "gradebook.db")
    other.execute("BEGIN EXCLUSIVE")
    with monkeypatch.context() as patch:  # SQLite waits for five seconds, once and again
        impatient = functools.partial(sqlite3.dbapi2.connect, timeout=0.1)
        patch.setattr(sqlite3.dbapi2, "connect", impatient)
        code, out, err = attn("grade", submitted, "--force")
    other.close()
    assert_one_sentence(code, out, err, "gradebook", "locked")
    assert attn("grade", submitted, "--force")[0] == 0


def test_a_gradebook_that_is_none(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    submitted = tree(tmp_path, ada={f"{LESSON}/{LESSON}.ipynb": raw(submission())})
    (tmp_path / "gradebook.db").write_bytes(b"this is no database at all" * 99)
    assert_one_sentence(*attn("grade", submitted), "gradebook")
    assert (tmp_path / "gradebook.db").read_bytes().startswith(b"this is no database")


def test_a_gradebook_that_is_a_folder_and_a_result_file_that_cannot_be(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    submitted = tree(tmp_path, ada={f"{LESSON}/{LESSON}.ipynb": raw(submission())})
    unwritable = tmp_path / "no" / "such" / "folder.json"
    assert_one_sentence(*attn("grade", submitted, "--json", unwritable), "can't be written")
    (tmp_path / "gradebook.db").mkdir()
    assert_one_sentence(*attn("grade", submitted), "gradebook")


def test_every_odd_folder_gets_its_row_and_the_others_are_graded(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    right, wrong = raw(submission(RIGHT)), raw(submission(WRONG))
    submitted = tree(
        tmp_path,
        ada={f"{LESSON}/{LESSON}.ipynb": right},
        ben={f"{LESSON}/{LESSON}.ipynb": wrong},
        cleo={f"{LESSON}/first.ipynb": right, f"{LESSON}/second.ipynb": right},
        dora={f"{LESSON}/renamed.ipynb": right},
        emil={f"{LESSON}/{LESSON}.ipynb": right, f"{LESSON}/{LESSON} (1).ipynb": wrong},
        fatma={f"{LESSON}/notes.txt": b"none"},
        gus={"02_unheard_of/02_unheard_of.ipynb": right},
        hana={f"{LESSON}/{LESSON}.ipynb": right, ".ipynb_checkpoints/x.ipynb": wrong},
    )
    (submitted / "stray.txt").write_text("not a student")
    link = submitted / "ivo" / LESSON / f"{LESSON}.ipynb"
    link.parent.mkdir(parents=True)
    link.symlink_to(submitted / "ada" / LESSON / f"{LESSON}.ipynb")
    code, out, _ = attn("grade", submitted, "--json", "-")
    assert code == 1
    assert "sandbox" in json.loads(out)[0]["integrity"][0]
    rows = {row["student"]: row for row in json.loads(out)}
    got = {name: (row["status"], row["points"]) for name, row in rows.items()}
    assert got == {
        "ada": ("graded", 4),
        "ben": ("graded", 1),
        "cleo": ("not gradable", 0),
        "dora": ("graded", 4),
        "emil": ("graded", 4),
        "fatma": ("not gradable", 0),
        "gus": ("not gradable", 0),
        "hana": ("graded", 4),
        "ivo": ("not gradable", 0),
    }
    assert "first.ipynb, second.ipynb; keep one" in rows["cleo"]["reason"]
    assert "was called renamed.ipynb" in rows["dora"]["repairs"][0]
    assert "was not graded" in rows["emil"]["repairs"][0]
    assert "no notebook" in rows["fatma"]["reason"]
    assert 'no lesson called "02_unheard_of"' in rows["gus"]["reason"]
    assert "a link" in rows["ivo"]["reason"]


def test_one_notebook_is_graded_without_a_class(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    notebook = tmp_path / "ada.ipynb"
    notebook.write_bytes(raw(submission(WRONG)))
    code, out, _ = attn("grade", notebook, "--json", "-")
    assert code == 0
    (row,) = json.loads(out)
    assert (row["student"], row["lesson"], row["points"]) == ("ada", LESSON, 1)
    assert [p.name for p in tmp_path.iterdir()] == ["ada.ipynb"]


def test_judge_gives_the_promised_json_and_exit_codes(attn: Attn, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(RIGHT)
    code, out, _ = attn("judge", "L1.1", answer, "--json")
    assert (code, json.loads(out)["passed"]) == (0, True)
    answer.write_text(WRONG)
    code, out, _ = attn("judge", "l1.1", answer, "--json")
    verdict = json.loads(out)
    assert code == 1
    assert verdict["diagnosis"] == "squares"
    assert (verdict["points"], verdict["max_points"]) == (1, 4)
    assert [check["points"] for check in verdict["checks"]] == [1, 0, 0]
    answer.write_text("import nothing_like_it\n")
    code, out, _ = attn("judge", "L1.1", answer, "--json")
    assert code == 1
    assert "ModuleNotFoundError" in json.loads(out)["message"]


def test_check_runs_the_visible_checks(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    notebook = tmp_path / "mine.ipynb"
    saved = submission(RIGHT)
    saved.metadata = nbformat.from_dict({"colab": {}})  # its cells' marks tell the lesson
    notebook.write_bytes(raw(saved))
    assert attn("check", notebook)[0] == 0
    notebook.write_bytes(raw(submission(WRONG)))
    code, out, _ = attn("check", notebook)
    assert code == 1
    assert "behaves as if you squared the numbers" in out


def test_verify_fails_if_a_wrong_answer_survives(
    attn: Attn, mini_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A right function declared as a misconception must be reported as a survivor."""
    import shutil

    shutil.copytree(mini_course.root, tmp_path / "course")
    file = tmp_path / "course" / "solutions" / LESSON / "l1_1_double.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("return x_T / 2", "return x_T * 2.0"), encoding="utf-8")
    monkeypatch.setenv("ATTN_ROOT", str(tmp_path / "course"))
    code, out, _ = attn("verify", "--json")
    assert code == 1
    (bad,) = [row for row in json.loads(out) if not row["ok"]]
    assert (bad["variant"], bad["passed"]) == ("halves", True)


@pytest.mark.parametrize(
    "command", ["lab", "build", "verify", "check", "judge", "grade", "doctor", "grade-demo"]
)
def test_every_command_has_help_with_an_example(attn: Attn, command: str) -> None:
    if command == "lab":  # its options are JupyterLab's
        return
    code, out, _ = attn(command, "--help")
    assert code == 0
    assert f"Example: attn {command}" in out


def test_gradebook_addresses_that_are_none_or_lead_nowhere_or_elsewhere(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    submitted = tree(tmp_path, ada={f"{LESSON}/{LESSON}.ipynb": raw(submission())})
    no_address = attn("grade", submitted, "--gradebook", "nonsense")
    assert_one_sentence(*no_address, "no address of a gradebook", "postgresql://")
    nobody = "postgresql://attn:secret@127.0.0.1:1/autumn"
    code, out, err = attn("grade", submitted, "--gradebook", nobody)
    assert_one_sentence(code, out, err, "postgresql://attn:***@127.0.0.1:1/autumn", "can't be used")
    assert "secret" not in err
    config = tmp_path / "nbgrader_config.py"
    assert nobody in config.read_text(encoding="utf-8")
    assert config.stat().st_mode & 0o077 == 0
    elsewhere = attn("grade", submitted, "--gradebook", "sqlite:///other.db")
    assert_one_sentence(*elsewhere, "nbgrader_config.py", "c.CourseDirectory.db_url")
    config.write_text("c.CourseDirectory.db_url = ", encoding="utf-8")
    assert_one_sentence(*attn("grade", submitted), "nbgrader_config.py can't be read")
    config.write_text("c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///mine.db'\n")
    assert attn("grade", submitted)[0] == 0
    assert (tmp_path / "mine.db").is_file()
    assert not (tmp_path / "gradebook.db").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('submitted_directory = "eingereicht"', "rename the folder eingereicht to submitted"),
        ('autograded_directory = "benotet"', "rename the folder benotet to autograded"),
        ('directory_structure = "{student_id}/{nbgrader_step}"', "put the folders so"),
    ],
)
def test_other_folders_of_nbgraders_are_refused_before_anything_is_written(
    attn: Attn, tmp_path: Path, submission: Callable[..., NotebookNode], line: str, said: str
) -> None:
    tree(tmp_path, ada={f"{LESSON}/{LESSON}.ipynb": raw(submission())}).rename(
        tmp_path / "eingereicht"
    )
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.{line}\n")
    before = sorted(tmp_path.rglob("*"))
    for command in (
        ("grade", tmp_path / "eingereicht", "--course", tmp_path),
        ("course", "collect", tmp_path / "eingereicht", "--course", tmp_path),
        ("course", "release", "1", "--course", tmp_path),
        ("report", tmp_path),
    ):
        assert_one_sentence(*attn(*command), "c.CourseDirectory", said, "attn course new")
        assert sorted(tmp_path.rglob("*")) == before


def test_nbgraders_own_names_may_be_written_out(attn: Attn, tmp_path: Path) -> None:
    names = "".join(
        f'c.CourseDirectory.{step}_directory = "{step}"\n' for step in ("source", "submitted")
    )
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{names}")
    assert_one_sentence(*attn("report", tmp_path), "The gradebook", "is gone")
