"""Which submitted cell is which released one, which are an answer, and which the learner's own.

By nbgrader's mark, by the cell's id, then by content. An answer may stand in several cells: a tool
that splits or copies a cell repeats its mark, and one that drops marks leaves what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from autograder.reading.definitions import defined, is_unwritten, stubs_in
from autograder.reading.frame import Frame, FrameCell
from autograder.reading.look import essence
from autograder.reading.notebook import Cell, Picture
from autograder.reading.standing import exercises_checked
from autograder.reading.words import PROSE, own_words, question_of, written_into


@dataclass(frozen=True)
class LiftedCell:
    """A cell of the notebook to run: a released one, or one of the learner's own."""

    given: str  # the released cell's id; "" for an own one
    kind: str
    text: str | None  # what the learner wrote; None: it stands as it was released
    part_of: str = ""  # an own one: the released answer cell's id, if it is part of that answer
    pictures: tuple[Picture, ...] = ()


class Found:
    """Submitted cells, and which of them is which released one."""

    def __init__(self, cells: list[Cell], frame: Frame) -> None:
        self._cells, self._frame = cells, frame
        self.repairs: list[str] = []
        # each is: index of a submitted cell -> id of the released one
        self.placed: dict[int, str] = {}  # those that take its place
        self.main: dict[int, str] = {}  # of these the answers
        self.part_of: dict[int, str] = {}  # others in which more of an answer is written
        self.left_out: set[int] = set()  # copies in which nothing is
        self._unanswered: list[FrameCell] = []  # questions to which no words were found
        self._were_text: dict[
            int, str
        ] = {}  # own cells that were given texts, and where they stood
        for i, cell in enumerate(cells):
            where = (
                frame.by_mark.get(cell.grade_id)
                or (cell.id if cell.id in frame.by_id else "")
                or frame.by_text.get((cell.kind, cell.source), "")
            )
            if where and self._has_become_code(cell, frame.by_id[where]):
                self._were_text[i] = where
            elif where:
                self.placed[i] = where
        there = set(self.placed.values())
        for i, cell in enumerate(cells):
            # to parse a longer one takes time, and none of the course's has so much added to it
            if i not in self.placed and 0 < len(cell.source.strip()) < frame.longest:
                where = frame.by_essence.get((cell.kind, essence(cell.kind, cell.source)), "")
                if where and where not in there:
                    self.placed[i] = where

    @staticmethod
    def _has_become_code(cell: Cell, released: FrameCell) -> bool:
        """Whether a given text was made a code cell, and code written there: it is an own cell."""
        is_text = released.kind != "code" and not released.is_answer
        return is_text and cell.kind == "code" and cell.source.split() != released.source.split()

    @cached_property
    def _defined(self) -> list[frozenset[str]]:
        """Names that each cell of the learner's defines, by its text."""
        known, by_id = self._frame.stubs, self._frame.by_id
        return [
            defined(cell.source) - stubs_in(cell.source, known)
            if cell.kind == "code"
            and (i not in self.placed or by_id[self.placed[i]].is_answer)
            and any(name in cell.source for name in known)
            else frozenset()
            for i, cell in enumerate(self._cells)
        ]

    def look_for(self, released: FrameCell) -> None:
        """Find what the learner wrote for one answer: in one cell or in several, marked or not."""
        marked = [i for i, where in self.placed.items() if where == released.id]
        written = [i for i in marked if not self._is_unwritten(i, released)]
        if released.kind != "code":
            self._look_for_words(released, marked, written)
            return
        if not any(self._defines(i, released) for i in written):
            written = sorted({*written, *self._up_to_its_check(self._unmarked(released), released)})
        if marked or written:
            main = self._main(released, marked, written)
            self._place(released, main, marked, written)
        elif not any(self._defines(i, released) for i in range(len(self._cells))):
            self.repairs.append(f"{released.name}: the answer cell was missing")

    def _look_for_words(
        self, released: FrameCell, marked: Sequence[int], written: Sequence[int]
    ) -> None:
        """The same for an answer in words, which may stand in cells around the one meant for it."""
        behind = (question_of(released, self._frame), released.id)
        near = own_words(self._cells, self.placed, self._written_into, behind, self._were_text)
        if written:  # code beside it is an experiment
            near = [i for i in near if i in self._written_into or self._cells[i].kind in PROSE]
        new = [i for i in near if i not in self._written_into and self._cells[i].kind == "markdown"]
        if marked or new:
            main = self._main(released, marked, written) if marked else new[0]
            self._place(released, main, marked, [*written, *near])
        else:
            self.part_of |= dict.fromkeys(near, released.id)
            if not near:
                self.repairs.append(f"{released.name}: the answer cell was missing")
        if not near and not written:
            self._unanswered.append(released)
        elif marked and near:
            self.repairs.append(f"{released.name}: words in cells beside it belong to the answer")

    def look_elsewhere(self) -> None:
        """Words that stand anywhere else may be the answer to a question that has none yet."""
        left = (i for i in range(len(self._cells)) if i not in self.part_of)
        own = [
            i
            for i in left
            if i in self._written_into
            or (i not in self.placed and i not in self.left_out and self._is_prose(i))
        ]
        for released in self._unanswered[:1] if own else ():
            self.part_of |= dict.fromkeys(own, released.id)
            self.repairs.append(
                f"{released.name}: words in other cells are shown with it, for it has none itself"
            )

    def _is_prose(self, index: int) -> bool:
        cell = self._cells[index]
        return cell.kind == "markdown" and bool(cell.source.strip() or cell.pictures)

    @cached_property
    def _written_into(self) -> dict[int, str]:
        """What was written into the course's own texts, by the cell's index."""
        questions = {
            question_of(cell, self._frame)
            for cell in self._frame.cells
            if cell.is_answer and cell.kind != "code"
        }
        found = {}
        for i, where in self.placed.items():
            released, cell = self._frame.by_id[where], self._cells[i]
            is_text = released.kind == cell.kind == "markdown" and not released.is_answer
            if is_text and not self._is_as_given(cell, released):
                found[i] = written_into(cell.source, released, where in questions)
        return {i: text for i, text in found.items() if text}

    def _main(self, released: FrameCell, marked: Sequence[int], written: Sequence[int]) -> int:
        """The cell that takes the answer's place: the last one in which it is written.

        One that is empty keeps its place if something is written only elsewhere, or further down.
        """
        before = self._up_to_its_check(written, released)
        own = [i for i in before if i in marked or not marked]
        empty = [i for i in marked if i not in written]
        if empty and (not own or empty[0] < self._check_of(released) < own[0]):
            return empty[0]
        return ([i for i in own if self._defines(i, released)] or own)[-1]

    def _place(
        self, released: FrameCell, main: int, marked: Sequence[int], written: Sequence[int]
    ) -> None:
        """Place the one; the others are part of the answer where they are, or left out if empty."""
        for i in marked:
            del self.placed[i]
        self.placed[main] = self.main[main] = released.id
        self.part_of |= {i: released.id for i in written if i != main}
        self.left_out.update(i for i in marked if i != main and i not in written)
        name, kind = released.name, self._cells[main].kind
        if not marked:
            how = "in a cell" if released.kind == "code" else "behind its question,"
            self.repairs.append(f"{name}: the answer was found {how} without its mark")
            return
        if kind != released.kind:
            self.repairs.append(f"{name}: the answer cell had become a {kind[:20]} cell")
        if len(marked) > 1:
            what = "all that is written in them counts, in its order"
            self.repairs.append(f"{name}: the answer cell was there {len(marked)} times; {what}")

    def _is_unwritten(self, index: int, released: FrameCell) -> bool:
        return self._has_nothing(self._cells[index], released)

    def _has_nothing(self, cell: Cell, released: FrameCell) -> bool:
        stubs = self._frame.stubs
        own = {name: stubs[name] for name in released.functions if name in stubs}
        return is_unwritten(cell.source, released.source, own) and not cell.pictures

    def _defines(self, index: int, released: FrameCell) -> bool:
        return not self._defined[index].isdisjoint(released.functions)

    def _unmarked(self, released: FrameCell) -> list[int]:
        """The learner's own cells that define one of an answer's functions."""
        taken = self.placed.keys() | self.part_of.keys()
        own = (i for i in range(len(self._cells)) if i not in taken)
        return [i for i in own if self._defines(i, released)]

    def _up_to_its_check(self, cells: Sequence[int], released: FrameCell) -> list[int]:
        """Those that stand before the functions are checked; all of them if none does.

        What follows is an experiment, unless nothing had been written yet.
        """
        check = self._check_of(released)
        return [i for i in cells if i <= check] or list(cells)

    def _check_of(self, released: FrameCell) -> int:
        """The cell in which an answer's functions are checked first; past the last if in none."""
        return self._checked.get(released.id, len(self._cells))

    @cached_property
    def _checked(self) -> dict[str, int]:
        """Where the functions of each answer are checked first, by the answer cell's id."""
        answers = {cell.name: cell.id for cell in self._frame.cells if cell.is_answer}
        found: dict[str, int] = {}
        for i, cell in enumerate(self._cells):
            given = self._frame.by_id.get(self.placed.get(i, ""))
            if given is not None and given.checks:
                found.setdefault(given.checks, i)
            elif cell.kind == "code":
                for exercise in exercises_checked(cell.source):
                    found.setdefault(answers.get(exercise, ""), i)
        return found

    def cells(self) -> list[LiftedCell]:
        """The released cells with the answers, and the learner's own ones where they stood."""
        answers = {name: self._cells[i] for i, name in self.main.items()}
        own = self.own_cells()
        cells = own.get("", [])
        for cell in self._frame.cells:
            answer = answers.get(cell.id)
            if answer is None or self._has_nothing(answer, cell):
                cells.append(LiftedCell(cell.id, cell.kind, None))
            else:
                pictures = answer.pictures if cell.kind == "markdown" else ()
                cells.append(LiftedCell(cell.id, cell.kind, answer.source, "", pictures))
            cells += own.get(cell.id, [])
        return cells

    def _is_as_given(self, cell: Cell, released: FrameCell) -> bool:
        """Whether a given cell is as it was, but for what editors and formatters do to it."""
        if cell.source == released.source:
            return True
        return (
            cell.kind == released.kind
            and essence(cell.kind, cell.source) == self._frame.essences[released.id]
        )

    def own_cells(self) -> dict[str, list[LiftedCell]]:
        """The learner's own cells, by the id of the released cell after which they stand.

        A given cell that was changed counts as an own cell behind the original: an import added
        there is still made. A changed check cell is dropped, for the judge does not need it, unless
        it defines something.
        """
        own: dict[str, list[LiftedCell]] = {}
        anchor = ""
        for i, cell in enumerate(self._cells):
            where = self.placed.get(i)
            if i in self.left_out:
                continue
            if i in self.part_of and where is None:
                answer = self._frame.by_id[self.part_of[i]]
                kind = cell.kind if answer.kind != "code" else "code"
                own.setdefault(anchor, []).append(self._own(cell, kind, answer.id))
                continue
            if where is not None:
                anchor = where
                released = self._frame.by_id[where]
                if released.is_answer or self._is_as_given(cell, released):
                    continue
                if released.grade_id:
                    self.repairs.append(
                        f"{released.name}: the check cell had been changed; ours was used"
                    )
                    if not self._defines_more(cell, released):
                        continue
                elif released.kind != "code":
                    if text := self._written_into.get(i, ""):
                        part = LiftedCell(
                            "", "markdown", text, self.part_of.get(i, ""), cell.pictures
                        )
                        own.setdefault(anchor, []).append(part)
                    continue
            if cell.kind in ("code", *PROSE) and (cell.source.strip() or cell.pictures):
                own.setdefault(anchor, []).append(self._own(cell, cell.kind))
        return own

    def _defines_more(self, cell: Cell, released: FrameCell) -> bool:
        names = defined(cell.source) if cell.kind == "code" else frozenset[str]()
        return not names <= defined(released.source)

    def _own(self, cell: Cell, kind: str, answer: str = "") -> LiftedCell:
        """A cell of the learner's own; a raw one as text, which all tools show."""
        if kind == "code":
            return LiftedCell("", kind, cell.source, answer)
        return LiftedCell("", "markdown", cell.source, answer, cell.pictures)
