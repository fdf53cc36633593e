"""Finding a learner's answers and own cells in a submitted file, beside the released notebook.

A submission is data that may be damaged. The released notebook is the frame; the answers are lifted
into it, by id, then by content, and the learner's own extra cells are kept where they stood. What
was repaired is noted. What comes out is a list of cells; nobody's notebook is made here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.reading.dependencies import unneeded_cells
from autograder.reading.notebook import Cell, UnreadableError, read_notebook

_DEFINES = re.compile(r"^(?:async )?def +(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class FrameCell:
    """A cell of the released notebook, as far as it matters where an answer belongs."""

    id: str
    kind: str
    source: str
    name: str  # for a person who reads of it: "L1.1" for an answer cell
    grade_id: str = ""  # "" for a cell that nbgrader has not marked
    is_answer: bool = False
    is_graded: bool = False
    functions: tuple[str, ...] = ()  # that an answer defines


@dataclass(frozen=True)
class Frame:
    """The released notebook into which answers are lifted."""

    cells: tuple[FrameCell, ...]

    def to_json(self) -> str:
        return json.dumps([vars(cell) for cell in self.cells])

    @classmethod
    def from_json(cls, text: str) -> Frame:
        read = json.loads(text)
        return cls(tuple(FrameCell(**{**c, "functions": tuple(c["functions"])}) for c in read))

    @cached_property
    def by_id(self) -> dict[str, FrameCell]:
        return {cell.id: cell for cell in self.cells}

    @cached_property
    def by_mark(self) -> dict[str, str]:
        return {cell.grade_id: cell.id for cell in self.cells if cell.grade_id}

    @cached_property
    def by_text(self) -> dict[tuple[str, str], str]:
        return {(cell.kind, cell.source): cell.id for cell in self.cells if cell.source.strip()}


@dataclass(frozen=True)
class LiftedCell:
    """A cell of the notebook to run: a released one, or one of the learner's own."""

    given: str  # the released cell's id; "" for an own one
    kind: str
    text: str | None  # what the learner wrote; None: it stands as it was released


@dataclass(frozen=True)
class Lifted:
    """What a submitted file comes to."""

    cells: list[LiftedCell]
    repairs: list[str]
    unneeded: list[int]  # indices of code cells that grading can leave out


def lift(raw: bytes, frame: Frame, everything: bool = False) -> Lifted:
    """The answers and own cells of a submitted file, in the released notebook's order.

    With `everything`, no cell is looked at for being needed. UnreadableError if the file holds no
    notebook, or nothing of this lesson.
    """
    found = _Found(read_notebook(raw), frame)
    answers = {}
    for cell in frame.cells:
        if cell.is_answer:
            source = found.answer(cell)
            if source is not None:
                answers[cell.id] = source
    if not found.placed:
        raise UnreadableError("it is a notebook, but not of this lesson")
    own = found.own_cells()
    cells = own.get("", [])
    for cell in frame.cells:
        cells.append(LiftedCell(cell.id, cell.kind, answers.get(cell.id)))
        cells += own.get(cell.id, [])
    unneeded = [] if everything else sorted(_unneeded(cells, frame))
    return Lifted(cells, list(dict.fromkeys(found.repairs)), unneeded)


def _unneeded(cells: Sequence[LiftedCell], frame: Frame) -> set[int]:
    own: list[str] = []
    given: dict[int, str] = {}
    checks: set[int] = set()
    for index, cell in enumerate(cells):
        if cell.kind != "code":
            continue
        released = frame.by_id.get(cell.given)
        if cell.text is not None:
            own.append(cell.text)
        elif released is None or released.is_answer:
            own.append(released.source if released else "")
        elif released.is_graded:
            checks.add(index)
        else:
            given[index] = released.source
    return checks | unneeded_cells(own, given)


class _Found:
    """Submitted cells, and which of them is which released one."""

    def __init__(self, cells: list[Cell], frame: Frame) -> None:
        self._cells, self._frame = cells, frame
        self.repairs: list[str] = []
        self.placed: dict[int, str] = {}  # index of a submitted cell -> id of the released one
        for i, cell in enumerate(cells):
            where = (
                frame.by_mark.get(cell.grade_id)
                or (cell.id if cell.id in frame.by_id else "")
                or frame.by_text.get((cell.kind, cell.source), "")
            )
            if where:
                self.placed[i] = where

    @cached_property
    def _defined(self) -> list[set[str]]:
        """Names of the functions that each cell defines, by its text."""
        return [
            {match[1] for match in _DEFINES.finditer(cell.source)} if cell.kind == "code" else set()
            for cell in self._cells
        ]

    def answer(self, released: FrameCell) -> str | None:
        """The learner's text for one answer cell, or None if there is none to be found."""
        name = released.name
        marked = [i for i, where in self.placed.items() if where == released.id]
        if marked:
            if len(marked) > 1:
                self.repairs.append(
                    f"{name}: the answer cell was there {len(marked)} times; the last counts"
                )
            cell = self._cells[marked[-1]]
            if cell.kind != released.kind:
                self.repairs.append(f"{name}: the answer cell had become a {cell.kind[:20]} cell")
            return cell.source
        if released.kind == "code":
            place, how = self._defining(released.functions), "found in a cell without its mark"
        else:
            place = self._behind_question(released)
            how = "found behind its question, without its mark"
        if place is None:
            self.repairs.append(f"{name}: the answer cell was missing")
            return None
        self.placed[place] = released.id
        self.repairs.append(f"{name}: the answer was {how}")
        return self._cells[place].source

    def _defining(self, functions: Sequence[str]) -> int | None:
        """The last unplaced cell that defines one of these functions."""
        for i in reversed(range(len(self._cells))):
            if i not in self.placed and self._defined[i].intersection(functions):
                return i
        return None

    def _behind_question(self, released: FrameCell) -> int | None:
        """The unplaced prose cell that stands where a free-text answer belongs."""
        ids = list(self._frame.by_id)
        before = ids[max(ids.index(released.id) - 1, 0)]
        for i, where in self.placed.items():
            after = i + 1
            if where == before and after < len(self._cells) and after not in self.placed:
                return after if self._cells[after].kind == "markdown" else None
        return None

    def own_cells(self) -> dict[str, list[LiftedCell]]:
        """The learner's own cells, by the id of the released cell after which they stand.

        A given cell that was changed counts as an own cell behind the original: an import added
        there is still made. A changed check cell is dropped: the judge does not need it.
        """
        own: dict[str, list[LiftedCell]] = {}
        anchor = ""
        for i, cell in enumerate(self._cells):
            where = self.placed.get(i)
            if where is not None:
                anchor = where
                released = self._frame.by_id[where]
                if released.is_answer or cell.source == released.source:
                    continue
                if released.grade_id:
                    self.repairs.append(
                        f"{released.name}: the check cell had been changed; ours was used"
                    )
                    continue
                if released.kind != "code":
                    continue
            if cell.kind in ("code", "markdown") and cell.source.strip():
                own.setdefault(anchor, []).append(LiftedCell("", cell.kind, cell.source))
        return own


def frame_cell(node: dict[str, Any], name: str, functions: Sequence[str] = ()) -> FrameCell:
    """A cell of a released notebook as part of a frame."""
    marks = node["metadata"].get("nbgrader", {})
    return FrameCell(
        node["id"],
        node["cell_type"],
        node["source"],
        name,
        marks.get("grade_id", ""),
        bool(marks.get("solution")),
        bool(marks.get("grade")),
        tuple(functions),
    )
