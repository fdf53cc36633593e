"""A small course, graded often: one exercise, no data, so that a submission takes a second."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring import build as building
from autograder.authoring.notebooks import to_text
from autograder.course import Course
from autograder.judging.key import LessonKey, make_key

MINI = Path(__file__).parents[1] / "fixtures" / "mini"
HIDDEN_SEED = 99
RIGHT = "def double(x_T):\n    return x_T + x_T"
WRONG = "def double(x_T):\n    return x_T**2"  # one of four points, named "squares"


@pytest.fixture(scope="session")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("mini")
    shutil.copytree(MINI, root, dirs_exist_ok=True)
    (root / "lessons").mkdir(exist_ok=True)
    course = Course(root)
    building.build(course, run=False)
    return course


@pytest.fixture(scope="session")
def mini_key(mini_course: Course) -> LessonKey:
    return make_key(mini_course.lesson_folders()[0], HIDDEN_SEED)


@pytest.fixture
def submission(mini_key: LessonKey) -> Callable[..., NotebookNode]:
    """Makes a submitted notebook: the answer's source, extra cells by position."""

    def make(answer: str | None = RIGHT, extra: dict[int, str] | None = None) -> NotebookNode:
        notebook = nbformat.from_dict(mini_key.release)
        if answer is not None:
            cell(notebook, "L1-1-answer").source = answer
        for n, (position, source) in enumerate(sorted((extra or {}).items(), reverse=True)):
            notebook.cells.insert(position, nbformat.v4.new_code_cell(source, id=f"extra-{n}"))
        return notebook

    return make


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.id == name)


def raw(notebook: NotebookNode) -> bytes:
    return to_text(notebook).encode()
