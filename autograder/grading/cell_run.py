"""One submission's cells on their way through a box or, after one that ends or blocks it, boxes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode

from autograder.boxes.box import Box, BoxError, CellResult, Limits
from autograder.boxes.outputs import size_of
from autograder.closing import Closing
from autograder.grading.repair import Rebuilt

OpenBox = Callable[[], Box]
MOST_OUTPUT_BYTES = 10_000_000  # of all cells together; more is dropped
MOST_OUTPUTS = 5_000  # likewise: to write one takes a tenth of a millisecond
LEFT_OUT = "(not run while grading: no answer leans on this cell)\n"


class CellRun(Closing):
    """Runs the cells, keeps the box in which they have run, and knows what went wrong in which.

    A cell that blocks or ends a box is stopped for good: another box is made without it when the
    next one is needed. All cells together have `Limits.submission_seconds`, and so have all checks.
    """

    def __init__(self, rebuilt: Rebuilt, open_box: OpenBox, limits: Limits) -> None:
        self.rebuilt, self._open_box = rebuilt, open_box
        self._most_seconds = limits.submission_seconds
        self._deadline = 0.0
        self._waited = 0.0  # of boxes that are closed
        self.seconds = {"start": 0.0, "run": 0.0, "judge": 0.0}
        self.lost: list[str] = []  # why something could not be graded
        self.stopped: dict[int, str] = {}  # cells that block or end a box: index -> reason
        self.failed: dict[int, CellResult] = {}  # cells that stop with an error
        self.skipped: dict[int, str] = {}  # cells of which something was left out: index -> what
        # how often a box has ended in a cell, by its index, or in an exercise's checks, by its id
        self._deaths: Counter[int | str] = Counter()
        self._kept = {s.cell for places in rebuilt.standing.values() for s in places}
        self._output_bytes = 0
        self._box: Box | None = None
        self.end = 0  # the first cell that is not run
        self.kind = ""

    def all(self) -> None:
        """Run the cells that answers lean on; those who judge have as much time again."""
        cells = self.rebuilt.notebook.cells
        self._deadline = self._now() + self._most_seconds
        self.end = len(cells)
        for index, cell in enumerate(cells):
            if index in self.rebuilt.unneeded:
                if not _is_check(cell):  # in a check cell the verdict will stand
                    cell.outputs = [_stream(LEFT_OUT)]
            elif cell.cell_type == "code":
                if self.is_late():
                    self.lost.append(f"{self._name(index)} and what follows: {self.late()}")
                    self.end = index
                    self.close()  # what it holds may be half of what it should
                    break
                self._run_cell(index)
            if self._box is not None:
                self._keep(self._box, index)
        self._deadline = self._now() + self._most_seconds

    def box(self) -> Box:
        """The box in which all cells have run, or another one in which they have run again."""
        return self._ready_box(self.end)

    def forget(self) -> None:
        """Nothing that the calls so far have done is there when the next ones are made."""
        if self._box is not None:
            try:
                self._box.forget()
            except BoxError:  # it has ended: the next one is made anew
                self.close()

    def is_late(self) -> bool:
        return self._now() > self._deadline

    def late(self) -> str:
        """What is said of what there was no time for."""
        return f"not run, because the cells take longer than {self._most_seconds:g} s altogether"

    def may_try_again(self, what: int | str) -> bool:
        """Whether a cell, or an exercise's checks, in which a box ended are tried once more.

        A box may end by somebody else's hand: a machine short of memory ends what it likes.
        """
        self._deaths[what] += 1
        return self._deaths[what] == 1

    def notes(self) -> list[str]:
        """What was left out of cells because something isn't there where they are graded."""
        return [f"{self._name(index)}: {what}" for index, what in self.skipped.items()]

    def close(self) -> None:
        """End the box in use; if one is needed again, it is made anew."""
        if self._box is not None:
            self._waited += self._box.waited_seconds()
            self._box.close()
            self._box = None

    def _now(self) -> float:
        """A clock that stands still while a box waits for a processor that others have."""
        waited = self._waited + (self._box.waited_seconds() if self._box else 0.0)
        return time.perf_counter() - waited

    def _ready_box(self, before: int) -> Box:
        """The box in use, or a new one in which the cells before `before` have run again.

        A cell that ends or blocks the new box, behaving differently each time, is left out too.
        """
        while self._box is None:
            start = time.perf_counter()
            self._box = self._open_box()
            self.kind = self._box.kind
            self.seconds["start"] += time.perf_counter() - start
            self._run_again(self._box, before)
        return self._box

    def _run_again(self, box: Box, before: int) -> None:
        for index, cell in enumerate(self.rebuilt.notebook.cells[:before]):
            if self.is_late():
                return
            skip = index in self.stopped or index in self.rebuilt.unneeded or _is_check(cell)
            if cell.cell_type == "code" and not skip:
                again = box.run_cell(self.rebuilt.to_run(index))
                if again.status == "dead" and self.may_try_again(index):
                    self.close()
                    return
                if again.status in ("timeout", "dead"):
                    self._blame(index, again.reason)
                    return
            self._keep(box, index)

    def _keep(self, box: Box, index: int) -> None:
        """After some cells the box is to remember what stands: see `reading/standing.py`."""
        if index in self._kept:
            box.keep(index)

    def _run_cell(self, index: int) -> None:
        cell = self.rebuilt.notebook.cells[index]
        box = self._ready_box(index)
        start = time.perf_counter()
        result = box.run_cell(self.rebuilt.to_run(index))
        self.seconds["run"] += time.perf_counter() - start
        if result.status == "dead" and self.may_try_again(index):
            self.close()
            self._run_cell(index)
            return
        truncated = result.truncated
        for output in result.outputs:
            size = max(len(json.dumps(output)), size_of(output))
            self._output_bytes += max(size, MOST_OUTPUT_BYTES // MOST_OUTPUTS)
            if self._output_bytes > MOST_OUTPUT_BYTES:
                truncated = True
                break
            cell.outputs.append(nbformat.from_dict(output))
        if truncated:
            cell.outputs.append(_stream("(the rest of the output was cut off)\n"))
        if result.status in ("timeout", "dead"):
            cell.outputs.append(_stream(f"This cell was stopped: {result.reason}.\n"))
            self._blame(index, result.reason)
        elif result.status == "error" and not result.went_on:
            self.failed[index] = result
        if result.skipped:
            self.skipped[index] = result.left_out

    def _blame(self, index: int, reason: str) -> None:
        self.stopped[index] = reason
        self.lost.append(f"{self._name(index)}: {reason}")
        self.close()

    def _name(self, index: int) -> str:
        answers = {i: name for name, cells in self.rebuilt.answers.items() for i in cells}
        return answers.get(index, f"cell {index + 1}")


def _is_check(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _stream(text: str) -> NotebookNode:
    # as it is: nbformat's new_output would take time to find it valid
    return nbformat.from_dict({"output_type": "stream", "name": "stdout", "text": text})
