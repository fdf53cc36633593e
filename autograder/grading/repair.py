"""Rebuilding a submission from the released notebook.

Nothing of a submitted file is read here: a process of its own does that (`autograder/reading/`),
and gives the learner's answers and own cells as texts. The notebook to run is made of the released
one and these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course import answer_cell, cell_name, exercise_of_cell
from autograder.judging.key import LessonKey
from autograder.reading.frame import Frame, frame_cell
from autograder.reading.lift import Lifted, Standing
from autograder.reading.notebook import UnreadableError as UnreadableError
from autograder.reading.readers import SHARED, Readers
from autograder.record.answers import mark_part, mark_unwritten, part_of
from autograder.text import plain_text

_LONGEST_REPAIR = 300


@dataclass
class Rebuilt:
    """The notebook to run, which cell answers what, and what had to be mended."""

    notebook: NotebookNode
    answers: dict[str, tuple[int, ...]]  # exercise id -> indices of the cells of its answer
    repairs: list[str] = field(default_factory=list)
    unneeded: frozenset[int] = frozenset()  # indices of cells that grading can leave out
    # exercise id -> cells after which what stands is to be remembered for it
    standing: dict[str, tuple[Standing, ...]] = field(default_factory=dict)
    spared: dict[int, str] = field(default_factory=dict)  # cells without imports that nobody uses

    def to_run(self, index: int) -> str:
        """What runs of a cell."""
        return self.spared.get(index, str(self.notebook.cells[index].source))

    def code(self) -> str:
        """All that runs of it."""
        cells = enumerate(self.notebook.cells)
        code = (i for i, cell in cells if cell.cell_type == "code" and i not in self.unneeded)
        return "\n".join(map(self.to_run, code))


def rebuild(
    raw: bytes, key: LessonKey, everything: bool = False, readers: Readers = SHARED
) -> Rebuilt:
    """Lift the answers of a submitted file into the lesson's released notebook.

    UnreadableError if the file holds no notebook, or nothing of this lesson.
    """
    return assemble(readers.lift(raw, frame_of(key), everything), key)


def frame_of(key: LessonKey) -> Frame:
    """What must be known of a lesson to find its answers: the released notebook, nothing hidden."""
    cells = []
    checked = {cell_name(exercise): answer_cell(exercise) for exercise in key.visible}
    for node in key.release.cells:
        name = _readable(node.id)
        is_code = node.cell_type == "code" and name in key.visible
        functions = tuple(key.visible[name].functions) if is_code else ()
        checks = checked.get(node.id, "")
        cells.append(frame_cell(node, name, functions, checks))
    return Frame(tuple(cells))


def assemble(lifted: Lifted, key: LessonKey) -> Rebuilt:
    """The notebook to run, new each time: what is run in it leaves no trace in another."""
    release = key.release
    originals = {node.id: node for node in release.cells}
    notebook = nbformat.from_dict({**release, "cells": []})
    in_parts = {cell.part_of for cell in lifted.cells}
    number = 0
    for cell in lifted.cells:
        if cell.given:
            node = nbformat.from_dict(originals[cell.given])
            if cell.text is not None:
                node.source = cell.text
            elif cell.given in in_parts:
                mark_unwritten(node)
        else:
            number += 1
            node = _own_cell(cell.kind, cell.text or "", f"own-{number}")
            if cell.part_of:
                mark_part(node, cell.part_of)
        if cell.pictures:
            node.attachments = {p.name: {p.kind: p.data} for p in cell.pictures}
        notebook.cells.append(node)
    answers = {spec_id: _cells_of(answer_cell(spec_id), lifted) for spec_id in key.visible}
    repairs = [plain_text(repair, _LONGEST_REPAIR, keep="") for repair in lifted.repairs]
    standing = {
        spec_id: tuple(s for s in lifted.standing if s.answer == answer_cell(spec_id))
        for spec_id in key.visible
    }
    unneeded = frozenset(lifted.unneeded)
    return Rebuilt(notebook, answers, repairs, unneeded, standing, lifted.spared)


def _cells_of(answer: str, lifted: Lifted) -> tuple[int, ...]:
    """The cells of one answer: those in which it is written, or the released one if in none."""
    own = [i for i, cell in enumerate(lifted.cells) if cell.part_of == answer]
    (place,) = (i for i, cell in enumerate(lifted.cells) if cell.given == answer)
    return tuple(sorted({*own, *([place] if lifted.cells[place].text or not own else ())}))


def answered_by_hand(notebook: NotebookNode, release: NotebookNode) -> dict[str, bool]:
    """For each free-text cell whether it waits for a person: it does if anything was written."""
    released = {cell.id: cell.source for cell in release.cells}
    in_parts = {part_of(cell) for cell in notebook.cells}
    state = {}
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade") and marks.get("solution"):
            is_changed = cell.source != released[cell.id] or bool(cell.get("attachments"))
            state[marks["grade_id"]] = is_changed or cell.id in in_parts
    return state


def _own_cell(kind: str, source: str, name: str) -> NotebookNode:
    # as it is: nbformat's new_code_cell would take time to find it valid
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return nbformat.from_dict(cell)


def _readable(cell_id: str) -> str:
    return exercise_of_cell(cell_id) if cell_id.endswith("-answer") else cell_id
