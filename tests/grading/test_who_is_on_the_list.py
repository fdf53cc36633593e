"""Each entry of `submitted/` is a row, or is left out with a reason; strangers are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.classroom.forget import forget
from autograder.classroom.new_class import new_class
from autograder.course import Course
from autograder.record.class_folder import ClassFolder
from autograder.record.class_list import ClassList, newcomer_file
from tests.grading.conftest import Attn
from tests.small_course import RIGHT, raw


def test_who_is_not_on_the_list_is_graded_and_named_and_what_is_left_out_is_told(
    mini_course: Course, submission: Callable[..., NotebookNode], attn: Attn, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("id\nada\nbob\nwei\n")
    folder = new_class(mini_course, tmp_path / "class", [], roster).folder
    (lesson,) = (one.name for one in mini_course.lesson_folders())
    for name in ("Ada", "weii", "bob", "bobb", "zoe", ".carl", ".ipynb_checkpoints"):
        (folder.submitted / name / lesson).mkdir(parents=True)
        (folder.submitted / name / lesson / f"{lesson}.ipynb").write_bytes(raw(submission(RIGHT)))
    (folder.submitted / ".DS_Store").write_bytes(b"")
    (folder.submitted / "late.zip").write_bytes(b"")
    (folder.submitted / "dora").mkdir()
    (folder.submitted / "gone").symlink_to("nowhere")
    out = tmp_path / "rows.json"

    def graded() -> tuple[dict[str, tuple[bool, list[str]]], str]:
        code, _, err = attn("grade", folder.root, "--json", out, "--workers", 1)
        assert code == 0, err
        rows = json.loads(out.read_text("utf-8"))
        assert all(row["points"] == 4 for row in rows)
        return {r["student"]: (r["on_roster"], r["may_be"]) for r in rows}, " ".join(err.split())

    places, said = graded()
    assert places == {
        "Ada": (False, ["ada"]),
        "weii": (False, ["wei"]),
        "bob": (True, []),
        "bobb": (False, []),  # bob has handed in himself
        "zoe": (False, []),
    }
    wanted = "not on the class's list: Ada (perhaps ada), bobb, weii (perhaps wei), zoe; if a name"
    assert wanted in said
    for left_out in (
        ".DS_Store, gone (no folder)",
        ".carl (its name begins with a dot, which hides it: rename it to the student's id)",
        ".ipynb_checkpoints (a tool keeps its own things there)",
        "dora (no lesson's folder or notebook is in it)",
        "late.zip (a zip file: `attn course collect` takes it apart)",
    ):
        assert left_out in said
    assert graded()[0] == places  # by now the gradebook has them all

    with Gradebook(folder.gradebook_url) as gradebook:
        gradebook.update_or_create_student("zoe", first_name="Zoe")
    forget(mini_course, ClassFolder(folder.root), "weii")
    assert not newcomer_file(folder.state, "weii").exists()
    assert graded()[0] == {name: places[name] for name in ("Ada", "bob", "bobb")} | {
        "zoe": (True, [])
    }


def test_a_class_without_a_list_misses_nobody(tmp_path: Path) -> None:
    """As one that is graded without `attn course new`: who handed in is the class."""
    newcomer_file(tmp_path, "ada").parent.mkdir(parents=True)
    newcomer_file(tmp_path, "ada").touch()
    assert ClassList([], tmp_path).has("ada") is None
    assert ClassList([("ada", False)], tmp_path).has("bob") is None
    assert ClassList([("ada", True)], tmp_path).has("bob") is False


@pytest.mark.parametrize(
    ("student", "may_be"),
    [
        ("S1234", ["s1234"]),
        ("s1243", ["s1234"]),
        ("s123", ["s1234"]),
        ("s12345", ["s1234"]),
        ("s1294", ["s1234"]),
        ("s1254", ["s1234", "s1255"]),
        ("s2143", []),
        ("", []),
        ("z\u0061\u0308h", ["z\u00e4h"]),
    ],
)
def test_who_that_may_be(student: str, may_be: list[str], tmp_path: Path) -> None:
    names = [("s1234", False), ("s1255", False), ("z\u00e4h", False)]
    assert ClassList(names, tmp_path).may_be(student, ()) == may_be
