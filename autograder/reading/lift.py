"""Finding a learner's answers and own cells in a submitted file, beside the released notebook.

A submission is data that may be damaged. The released notebook is the frame; the answers are lifted
into it, by id, then by content, and the learner's own extra cells are kept where they stood. What
was repaired is noted. What comes out is a list of cells; nobody's notebook is made here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from autograder.reading.definitions import defined, stubs_in, without_stubs
from autograder.reading.dependencies import unneeded_cells
from autograder.reading.frame import Frame as Frame
from autograder.reading.frame import FrameCell as FrameCell
from autograder.reading.imports import spared_cells
from autograder.reading.notebook import UnreadableError, read_notebook
from autograder.reading.placing import Found
from autograder.reading.placing import LiftedCell as LiftedCell
from autograder.reading.standing import Standing as Standing
from autograder.reading.standing import standings

MOST_PICTURES = 200  # that were pasted into a notebook's texts
MOST_PICTURE_LETTERS = 10_000_000  # of all of them together, as base64


@dataclass(frozen=True)
class Lifted:
    """What a submitted file comes to."""

    cells: list[LiftedCell]
    repairs: list[str]
    unneeded: list[int]  # indices of code cells that grading can leave out
    standing: list[Standing] = field(default_factory=list)  # what is to be remembered where
    # others of the course's own, without imports that nobody uses
    spared: dict[int, str] = field(default_factory=dict)


def lift(raw: bytes, frame: Frame, everything: bool = False) -> Lifted:
    """The answers and own cells of a submitted file, in the released notebook's order.

    With `everything`, no cell is looked at for being needed. UnreadableError if the file holds no
    notebook, or nothing of this lesson.
    """
    submitted, notes = read_notebook(raw)
    found = Found(submitted, frame)
    for cell in frame.cells:
        if cell.is_answer:
            found.look_for(cell)
    found.look_elsewhere()
    if not found.placed:
        raise UnreadableError("it is a notebook, but not of this lesson")
    cells = _with_few_pictures(found.cells(), found.repairs)
    cells = _without_stubs(cells, frame, found.repairs)
    code = _Code(cells, frame)
    unneeded = set() if everything else code.checks.keys() | unneeded_cells(*code.texts())
    own, given = code.texts(without=unneeded)
    checks = {i: c.checks for i, c in code.checks.items() if c.id in found.placed.values()}
    standing = standings(own, given, checks, frame)
    spared = {} if everything else spared_cells(own, given)
    repairs = list(dict.fromkeys([*notes, *found.repairs]))
    return Lifted(cells, repairs, sorted(unneeded), standing, spared)


def _with_few_pictures(cells: Sequence[LiftedCell], repairs: list[str]) -> list[LiftedCell]:
    """The same cells, with no more pasted pictures than a graded copy is to hold."""
    kept: list[LiftedCell] = []
    letters = number = dropped = 0
    for cell in cells:
        pictures = []
        for picture in cell.pictures:
            if number < MOST_PICTURES and letters + len(picture.data) <= MOST_PICTURE_LETTERS:
                pictures.append(picture)
                number, letters = number + 1, letters + len(picture.data)
            else:
                dropped += 1
        kept.append(replace(cell, pictures=tuple(pictures)) if cell.pictures else cell)
    if dropped:
        repairs.append(
            f"{dropped} pasted picture{'s' * (dropped != 1)} did not fit into the graded copy; "
            "look into the notebook that was handed in"
        )
    return kept


def _without_stubs(
    cells: Sequence[LiftedCell], frame: Frame, repairs: list[str]
) -> list[LiftedCell]:
    """The same cells, but no stub is run over a function that stands further up."""
    left = []
    written: set[str] = set()
    for cell in cells:
        released = frame.by_id.get(cell.given)
        is_own = released is None or released.is_answer
        text = released.source if released and cell.text is None else cell.text or ""
        if is_own and cell.kind == "code" and any(name in text for name in frame.stubs):
            stubs = stubs_in(text, frame.stubs)
            if stubs & written:
                text = without_stubs(text, stubs & written, frame.stubs)
                cell = replace(cell, text=text)
                for answer in frame.cells:
                    if stubs & written & {*answer.functions}:
                        repairs.append(
                            f"{answer.name}: its stub was left out, for it is written further up"
                        )
            written |= (defined(text) - stubs) & frame.stubs.keys()
        left.append(cell)
    return left


class _Code:
    """The code cells of a list: the learner's, the course's, and those in which it checks."""

    def __init__(self, cells: Sequence[LiftedCell], frame: Frame) -> None:
        self._own: dict[int, str] = {}
        self._given: dict[int, str] = {}
        self.checks: dict[int, FrameCell] = {}
        for index, cell in enumerate(cells):
            released = frame.by_id.get(cell.given)
            if cell.kind != "code":
                continue
            if cell.text is not None:
                self._own[index] = cell.text
            elif released is None or released.is_answer:
                self._own[index] = released.source if released else ""
            elif released.is_graded:
                self.checks[index] = released
            else:
                self._given[index] = released.source

    def texts(self, without: Collection[int] = ()) -> tuple[dict[int, str], dict[int, str]]:
        """The learner's own cells and the course's, but for its checks, by index."""
        own, given = (
            {i: text for i, text in cells.items() if i not in without}
            for cells in (self._own, self._given)
        )
        return own, given
