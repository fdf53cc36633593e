"""A lesson as a class has it: without exercises and questions that it got after handing in began.

nbgrader adds no cells to a notebook of which it has results, and nobody in such a class was asked
for them. A class without results yet gets the whole lesson.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Container

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

from autograder.course import answer_cell, cell_name
from autograder.notebook_text import to_text
from autograder.record.kept_key import ClassLesson


def as_handed_out(gradebook: Gradebook, lesson: ClassLesson) -> ClassLesson:
    """The lesson less what the gradebook, which has results of it, doesn't know.

    If the lesson lacks something that was handed out, it comes back whole: nbgrader refuses it.
    """
    key = lesson.key
    known = _graded_cells(gradebook, key.lesson)
    cells = {cell_name(name): name for name in key.visible} | {name: name for name in key.manual}
    added = {name for cell, name in cells.items() if cell not in known}
    if not added or not known or not known <= cells.keys():
        return lesson
    gone = {f(name) for name in added for f in (cell_name, answer_cell)}
    release = _without(key.release, gone)
    kept = dataclasses.replace(
        key,
        release=release,
        visible={name: spec for name, spec in key.visible.items() if name not in added},
        hidden={name: spec for name, spec in key.hidden.items() if name not in added},
        manual={name: points for name, points in key.manual.items() if name not in added},
    )
    source = _without(nbformat.v4.reads(lesson.source), gone)
    return ClassLesson(kept, to_text(source), to_text(release))


def _graded_cells(gradebook: Gradebook, lesson: str) -> set[str]:
    """The cells that give points, if anybody has results of them."""
    try:
        notebook = gradebook.find_notebook(lesson, lesson)
    except MissingEntry:
        return set()
    return {cell.name for cell in notebook.grade_cells} if notebook.submissions else set()


def _without(notebook: NotebookNode, gone: Container[str]) -> NotebookNode:
    kept: NotebookNode = nbformat.from_dict(notebook)
    kept.cells = [cell for cell in kept.cells if cell.get("id") not in gone]
    return kept
