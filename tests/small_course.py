"""Small courses without data, so that a submission takes a second; and how notebooks are made."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.authoring import Exercise
from autograder.authoring import build as building
from autograder.course import Course
from autograder.notebook_text import to_text

FIXTURES = Path(__file__).parent / "fixtures"
HIDDEN_SEED = 99
RIGHT = "def double(x_T):\n    return x_T + x_T"
WRONG = "def double(x_T):\n    return x_T**2"  # one of four points, named "squares"


def tiny_exercise(*functions: str) -> Exercise:
    """An exercise L9.1 without anything in it."""
    solve = functions if len(functions) > 1 else functions[0]
    return Exercise(
        "A test", solve=solve, difficulty=1, importance=1, minutes=1, hints="", id="L9.1"
    )


def build_course(name: str, root: Path) -> Course:
    """A fixture course copied to `root` and built there."""
    shutil.copytree(FIXTURES / name, root, dirs_exist_ok=True)
    (root / "lessons").mkdir(exist_ok=True)
    course = Course(root)
    building.build(course, run=False)
    return course


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.id == name)


def answered(
    release: NotebookNode, answers: dict[str, str], extra: dict[int, str] | None = None
) -> NotebookNode:
    """A released notebook with answers by cell id and extra code cells by position."""
    notebook = nbformat.from_dict(release)
    for name, source in answers.items():
        cell(notebook, name).source = source
    for n, (position, source) in enumerate(sorted((extra or {}).items(), reverse=True)):
        notebook.cells.insert(position, nbformat.v4.new_code_cell(source, id=f"extra-{n}"))
    return notebook


def raw(notebook: NotebookNode) -> bytes:
    return to_text(notebook).encode()
