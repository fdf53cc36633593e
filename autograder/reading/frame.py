"""The frame: what reading a submission must know of the notebook that was handed out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.reading.definitions import stubs_of
from autograder.reading.look import essence


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
    checks: str = ""  # of a check cell: the id of the answer cell whose functions it checks


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

    @cached_property
    def essences(self) -> dict[str, str]:
        """What of each cell is more than its look, by its id."""
        return {cell.id: essence(cell.kind, cell.source) for cell in self.cells}

    @cached_property
    def by_essence(self) -> dict[tuple[str, str], str]:
        return {(cell.kind, self.essences[cell.id]): cell.id for cell in self.cells}

    @cached_property
    def longest(self) -> int:
        """More letters than any of the cells has, in whatever look."""
        return 1_000 + 3 * max((len(cell.source) for cell in self.cells), default=0)

    @cached_property
    def stubs(self) -> dict[str, str]:
        """What is in each function of an exercise while nobody has written it."""
        return {
            name: inside
            for cell in self.cells
            for name, inside in stubs_of(cell.source, cell.functions).items()
        }


def frame_cell(
    node: dict[str, Any], name: str, functions: Sequence[str] = (), checks: str = ""
) -> FrameCell:
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
        checks,
    )
