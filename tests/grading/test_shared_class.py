"""A class's folder whatever it is called, wherever its parts lie, and whoever shares it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.classroom.new_class import new_class
from autograder.course import Course
from autograder.errors import AttnError
from autograder.exporting.write import ExportOptions, export_class
from autograder.files import private_mode
from autograder.grading.grade import grade_path
from autograder.grading.plan import GradeOptions
from autograder.notebook_text import to_text
from autograder.record.class_folder import ClassFolder, only_grader
from tests.small_course import RIGHT

NAMES = ["Why attention? (Mon)", "100%41", "a#b&c=d;e@f:g", "Größe 注意", "it's “here” $HOME"]


def hand_in(root: Path, course: Course, student: str, notebook: NotebookNode) -> None:
    name = course.lesson_folders()[0].name
    folder = root / "submitted" / student / name
    folder.mkdir(parents=True)
    (folder / f"{name}.ipynb").write_text(to_text(notebook), "utf-8")


def graded(course: Course, root: Path) -> dict[str, float]:
    with grade_path(course, root / "submitted", GradeOptions(workers=1)) as steps:
        return {step.result.student: step.result.points for step in steps}


@pytest.mark.parametrize("name", NAMES)
def test_a_class_has_its_own_gradebook_whatever_it_is_called(
    mini_course: Course, tmp_path: Path, name: str
) -> None:
    """nbgrader and our own commands read and write that one, and nothing lies beside the class."""
    roster = tmp_path / "roster.csv"
    roster.write_text("id\nada\n", "utf-8")
    root = tmp_path / "classes" / name
    new_class(mini_course, root, [], roster)
    assert [file.name for file in root.parent.iterdir()] == [name]
    database = sqlite3.connect(root / "gradebook.db")
    assert database.execute("SELECT id FROM student").fetchall() == [("ada",)]
    database.close()
    nbgrader = [str(Path(sys.executable).with_name("nbgrader")), "db", "student", "add", "wei"]
    if name == NAMES[0]:
        subprocess.run(nbgrader, cwd=root, capture_output=True, check=True)
        with ClassFolder(root).open_gradebook() as gradebook:
            assert sorted(student.id for student in gradebook.students) == ["ada", "wei"]
        assert [file.name for file in root.parent.iterdir()] == [name]


def test_a_gradebook_that_an_earlier_version_mislaid_is_named(
    mini_course: Course, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    root = tmp_path / "Why? (Mon)"
    new_class(mini_course, root, [], None)
    hand_in(root, mini_course, "ada", submission(RIGHT))
    (root / "nbgrader_config.py").write_text("c = get_config()\n", "utf-8")  # it said no address
    shutil.move(root / "gradebook.db", tmp_path / "Why")
    with pytest.raises(AttnError, match=r"earlier version kept .*/Why, because .*gradebook\.db\.$"):
        graded(mini_course, root)
    shutil.move(tmp_path / "Why", root / "gradebook.db")
    assert graded(mini_course, root)["ada"] > 0


@pytest.mark.parametrize("called", ["submitted", "uploads"])
def test_submissions_that_lie_elsewhere_are_graded_in_the_class_that_the_path_names(
    mini_course: Course, tmp_path: Path, submission: Callable[..., NotebookNode], called: str
) -> None:
    root, elsewhere = tmp_path / "autumn", tmp_path / "disk" / called
    new_class(mini_course, root, [], None)
    (root / "submitted").rmdir()
    elsewhere.mkdir(parents=True)
    (root / "submitted").symlink_to(elsewhere)
    hand_in(root, mini_course, "ada", submission(RIGHT))
    seed = (root / ".attn" / "hidden_seed").read_text("ascii")
    points = graded(mini_course, root)
    assert points["ada"] > 0
    assert sorted(file.name for file in elsewhere.parent.rglob("*")) == sorted(
        file.name for file in (elsewhere, *elsewhere.rglob("*"))
    )
    assert (root / ".attn" / "hidden_seed").read_text("ascii") == seed
    assert (root / "autograded" / "ada").is_dir()


def shared(root: Path, group: int) -> None:
    """A folder as two graders of one group share it."""
    for folder in (root, *(file for file in root.rglob("*"))):
        os.chown(folder, -1, group)
        more = stat.S_ISGID | 0o070 if folder.is_dir() else 0o060
        folder.chmod(folder.stat().st_mode | more)


def test_what_holds_marks_is_its_owners_or_that_of_the_graders_who_share_the_class(
    mini_course: Course, tmp_path: Path, submission: Callable[..., NotebookNode]
) -> None:
    root = tmp_path / "autumn"
    new_class(mini_course, root, [], None)
    hand_in(root, mini_course, "ada", submission(RIGHT))
    graded(mini_course, root)
    assert private_mode(root / "export") == 0o600
    root.chmod(0o770)  # of a group, but what is made in it would be of another
    assert private_mode(root / "export") == 0o600
    shared(root, os.getgid())
    assert private_mode(root / "export") == 0o660
    before = os.umask(0o007)
    try:
        made = export_class(mini_course, root, ExportOptions(format="csv"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.target.stat().st_mode) == 0o660


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two graders")
def test_two_graders_of_one_group_hold_the_lock_in_turn(
    mini_course: Course, tmp_path: Path
) -> None:
    """Whoever made it, also where an earlier version gave the group no right to write to it."""
    root = tmp_path / "autumn"
    new_class(mini_course, root, [], None)
    group = 60_777
    shared(root, group)
    for folder in (tmp_path, *tmp_path.parents):
        if folder == Path("/tmp"):
            break
        folder.chmod(0o755)
    lock = root / ".attn" / "lock"
    for grader in (60_001, 60_002):
        assert as_another(grader, group, lambda: take(root)) == {"held": True}
    lock.chmod(0o640)  # the first grader's
    assert as_another(60_002, group, lambda: take(root)) == {"held": True}
    with only_grader(root):
        said = as_another(60_002, group, lambda: take(root))
    assert "Another `attn grade` is at work" in str(said["error"])


def take(root: Path) -> dict[str, object]:
    try:
        with only_grader(root):
            return {"held": True}
    except AttnError as error:
        return {"error": str(error)}


def as_another(user: int, group: int, do: Callable[[], dict[str, object]]) -> dict[str, object]:
    """What it gives in a process of another user's."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.umask(0o007)
            os.setgroups([group])
            os.setgid(group)
            os.setuid(user)
            os.write(writer, json.dumps(do()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        text = told.read()
    os.waitpid(process, 0)
    found: dict[str, object] = json.loads(text)
    return found
