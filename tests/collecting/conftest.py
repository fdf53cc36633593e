"""A class with students whose names are hard to tell apart, or to write into a file's name."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from autograder.classroom.new_class import new_class
from autograder.collecting.collect import CollectOptions, collect
from autograder.collecting.results import Collected
from autograder.course import Course
from autograder.record.class_folder import ClassFolder
from tests.small_course import RIGHT, answered, build_course, raw

LESSON = "01_doubling"
NOW = dt.datetime(2027, 1, 1)  # whatever this machine's clock says
ROSTER = """id,first_name,last_name,email
ada,Ada,Lovelace,ada@example.org
4711,José,Łukasz-Öztürk,jose@example.org
chen.wei,Wei,Chen,wei@example.org
k1,Kim,Lee,kim.one@example.org
k2,Kim,Lee,kim.two@example.org
taro,太郎,山田,taro@example.org
"""


@dataclass
class Collecting:
    """A class, and how its students' files come in."""

    course: Course
    folder: ClassFolder
    released: nbformat.NotebookNode

    def notebook(self, words: str = "") -> bytes:
        """An answered notebook; other words make another one."""
        return raw(answered(self.released, {"L1-1-answer": f"{RIGHT}  # {words}"}))

    def collect(self, source: Path, **options: object) -> Collected:
        options.setdefault("now", NOW)
        return collect(self.course, self.folder, source, CollectOptions(**options))  # type: ignore[arg-type]

    def at(self, student: str) -> Path:
        return self.folder.submitted / student / LESSON / f"{LESSON}.ipynb"

    def students(self) -> set[str]:
        with self.folder.open_gradebook() as gradebook:
            return {student.id for student in gradebook.students}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Path]:
    root = tmp_path_factory.mktemp("collecting")
    course = build_course("mini", root / "course")
    roster = root / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    new_class(course, root / "autumn", [], roster)
    return course, root / "autumn"


@pytest.fixture
def class_(made_once: tuple[Course, Path], tmp_path: Path) -> Collecting:
    course, made = made_once
    shutil.copytree(made, tmp_path / "autumn")
    released = nbformat.read(course.lesson_folders()[0].released_notebook, as_version=4)
    return Collecting(course, ClassFolder(tmp_path / "autumn"), released)
