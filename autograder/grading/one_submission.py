"""Grading one submission: bytes in, result out. Pure but for the box it runs in."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections import Counter
from collections.abc import Callable

import nbformat
from attnkit.checking.report import Report
from attnkit.checking.verdict import Verdict, no_answer
from nbformat import NotebookNode

from autograder.boxes.box import Box, BoxDiedError, BoxError, BoxFault, CellResult, Limits
from autograder.boxes.outputs import size_of
from autograder.boxes.plain_kernel import KernelBox
from autograder.course import cell_name
from autograder.errors import AttnError
from autograder.grading.repair import (
    Rebuilt,
    UnreadableError,
    answered_by_hand,
    assemble,
    frame_of,
)
from autograder.judging.judge import Judged, judge_hidden_calls, judge_visible_calls
from autograder.judging.key import LessonKey
from autograder.judging.results import Graded, Status, SubmissionResult
from autograder.log import logger
from autograder.reading.readers import SHARED, Readers

log = logger(__name__)
OpenBox = Callable[[], Box]
MOST_OUTPUT_BYTES = 10_000_000  # of all cells together; more is dropped
MOST_OUTPUTS = 5_000  # likewise: to write one takes a tenth of a millisecond
LEFT_OUT = "(not run while grading: no answer leans on this cell)\n"
TRIES = 3  # to grade a submission whose box is lost through no fault of its own


def grade_submission(
    student: str,
    raw: bytes,
    key: LessonKey,
    notes: tuple[str, ...] = (),
    open_box: OpenBox = KernelBox,
    limits: Limits | None = None,
    readers: Readers = SHARED,
) -> Graded:
    """Rebuild, run and judge one submission. Whatever is in `raw`, there is a result.

    Of the limits, `submission_seconds` and `everything` are seen to here, the others by the box.
    BoxFault if boxes are lost again and again through no fault of the submission's; what else is
    raised is the machine's fault or ours, too.
    """
    limits = limits or Limits()
    start = time.perf_counter()
    try:
        lifted = readers.lift(raw, frame_of(key), limits.everything)
    except UnreadableError as error:
        return not_gradable(student, key, str(error), notes)
    opening = _Opening(open_box)
    for left in reversed(range(TRIES)):
        rebuilt = assemble(lifted, key)  # without the outputs of a try before
        run = _Run(key, rebuilt, opening, limits)
        try:
            verdicts = run.all()
            break
        except BoxFault as fault:
            if not left:
                raise
            log.warning("%s, %s: its box is lost; once more.", student, key.lesson, exc_info=fault)
        except (AttnError, OSError, MemoryError):
            raise
        except Exception as error:  # all that is left to stumble over is what it has sent
            if opening.failed:
                raise
            log.error("%s, %s can't be judged.", student, key.lesson, exc_info=error)
            reason = f"the grader can't make sense of what it gives back ({place_of(error)})"
            return not_gradable(student, key, reason, notes)
        finally:
            run.close()
    lost = run.lost
    status: Status = "partly graded" if lost else "graded"
    seconds = {
        **{name: round(spent, 3) for name, spent in run.seconds.items()},
        "total": round(time.perf_counter() - start, 3),
    }
    result = SubmissionResult(
        student=student,
        lesson=key.lesson,
        status=status,
        reason="; ".join(lost),
        exercises=verdicts,
        repairs=(*notes, *rebuilt.repairs),
        integrity=(f"ran in a {run.kind}",),
        manual=answered_by_hand(rebuilt.notebook, key.release),
        seconds=seconds,
    )
    return Graded(result, rebuilt.notebook)


def not_gradable(student: str, key: LessonKey, reason: str, notes: tuple[str, ...] = ()) -> Graded:
    """The row of a submission that can't be graded: no points, a reason, an empty notebook."""
    message = "The submission could not be read."
    verdicts = tuple(no_answer(spec, message) for spec in key.visible.values())
    notebook = nbformat.from_dict(key.release)
    notice = nbformat.v4.new_markdown_cell(
        f"**This submission could not be graded:** {reason}.", id="not-gradable"
    )
    notebook.cells.insert(0, notice)
    result = SubmissionResult(
        student=student,
        lesson=key.lesson,
        status="not gradable",
        reason=reason,
        exercises=verdicts,
        repairs=notes,
        manual=dict.fromkeys(key.manual, False),
    )
    return Graded(result, notebook)


class _Opening:
    """Opens boxes, and knows whether that has failed: then no submission is to blame."""

    def __init__(self, open_box: OpenBox) -> None:
        self._open_box, self.failed = open_box, False

    def __call__(self) -> Box:
        self.failed = True
        box = self._open_box()
        self.failed = False
        return box


def place_of(error: BaseException) -> str:
    """What kind of error it is and where it arose: for a person who looks into it."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None:
        return type(error).__name__
    file = os.path.basename(step.tb_frame.f_code.co_filename)
    return f"{type(error).__name__} in {file}, line {step.tb_lineno}"


class _Run:
    """One submission's way through its box or, after a cell that ends or blocks it, its boxes."""

    def __init__(self, key: LessonKey, rebuilt: Rebuilt, open_box: OpenBox, limits: Limits) -> None:
        self.key, self.rebuilt, self._open_box = key, rebuilt, open_box
        self._most_seconds = limits.submission_seconds
        self._left_out = rebuilt.unneeded
        self._deadline = 0.0
        self._waited = 0.0  # of boxes that are closed
        self.seconds = {"start": 0.0, "run": 0.0, "judge": 0.0}
        self.lost: list[str] = []  # why something could not be graded
        self._culprits: dict[int, str] = {}  # cells that block or end a box: index -> reason
        self._failed: dict[int, CellResult] = {}  # cells that stop with an error
        # how often a box has ended in a cell, by its index, or in an exercise's checks, by its id
        self._deaths: Counter[int | str] = Counter()
        self._output_bytes = 0
        self._box: Box | None = None
        self._end = 0
        self.kind = ""

    def all(self) -> tuple[Verdict, ...]:
        cells = self.rebuilt.notebook.cells
        self._deadline = self._now() + self._most_seconds
        self._end = len(cells)  # the first cell that is not run
        for index, cell in enumerate(cells):
            if index in self._left_out:
                if not _is_check(cell):  # in a check cell the verdict will stand
                    cell.outputs = [_stream(LEFT_OUT)]
            elif cell.cell_type == "code":
                if self._is_late():
                    self.lost.append(f"{self._name(index)} and what follows: {self._late()}")
                    self._end = index
                    self.close()  # what it holds may be half of what it should
                    break
                self._run_cell(index)
        self._deadline = self._now() + self._most_seconds
        seen = [self._judge_visible(exercise_id) for exercise_id in self.key.visible]
        self._forget()
        verdicts = tuple(self._explained(self._judge_hidden(verdict)) for verdict in seen)
        for verdict in verdicts:
            self._show_verdict(verdict)
        return verdicts

    def _is_late(self) -> bool:
        return self._now() > self._deadline

    def _now(self) -> float:
        """A clock that stands still while a box waits for a processor that others have."""
        waited = self._waited + (self._box.waited_seconds() if self._box else 0.0)
        return time.perf_counter() - waited

    def _late(self) -> str:
        return f"not run, because the cells take longer than {self._most_seconds:g} s altogether"

    def close(self) -> None:
        if self._box is not None:
            self._waited += self._box.waited_seconds()
            self._box.close()
            self._box = None

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
            if self._is_late():
                return
            skip = index in self._culprits or index in self._left_out or _is_check(cell)
            if cell.cell_type == "code" and not skip:
                again = box.run_cell(cell.source)
                if again.status == "dead" and self._may_try_again(index):
                    self.close()
                    return
                if again.status in ("timeout", "dead"):
                    self._blame(index, again.reason)
                    return

    def _run_cell(self, index: int) -> None:
        cell = self.rebuilt.notebook.cells[index]
        box = self._ready_box(index)
        start = time.perf_counter()
        result = box.run_cell(cell.source)
        self.seconds["run"] += time.perf_counter() - start
        if result.status == "dead" and self._may_try_again(index):
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
        elif result.status == "error":
            self._failed[index] = result

    def _may_try_again(self, what: int | str) -> bool:
        """Whether a cell, or an exercise's checks, in which a box ended are tried once more.

        A box may end by somebody else's hand: a machine short of memory ends what it likes.
        """
        self._deaths[what] += 1
        return self._deaths[what] == 1

    def _blame(self, index: int, reason: str) -> None:
        self._culprits[index] = reason
        self.lost.append(f"{self._name(index)}: {reason}")
        self.close()

    def _name(self, index: int) -> str:
        answers = {where: name for name, where in self.rebuilt.answers.items()}
        return answers.get(index, f"cell {index + 1}")

    def _forget(self) -> None:
        """Nothing that the visible calls have done is there when the hidden ones are made."""
        if self._box is not None:
            try:
                self._box.forget()
            except BoxError:  # it has ended: the next one is made anew
                self.close()

    def _judge_visible(self, exercise_id: str) -> Verdict:
        visible = self.key.visible[exercise_id]
        return self._asked(exercise_id, lambda box: judge_visible_calls(box, visible))

    def _judge_hidden(self, verdict: Verdict) -> Verdict:
        """What is left of a verdict when fresh inputs have been tried; nothing is said of these."""
        visible, hidden = self.key.visible[verdict.exercise], self.key.hidden.get(verdict.exercise)
        if hidden is None or not verdict.points:
            return verdict
        return self._asked(
            verdict.exercise, lambda box: judge_hidden_calls(box, verdict, visible, hidden)
        )

    def _explained(self, verdict: Verdict) -> Verdict:
        """With the error of the answer cell: one that stops half-way may leave no function."""
        cell = self.rebuilt.answers[verdict.exercise]
        if verdict.passed or cell not in self._failed:
            return verdict
        sentence = f"The answer cell stops with {self._failed[cell].reason}. {verdict.message}"
        return dataclasses.replace(verdict, message=sentence)

    def _asked(self, exercise_id: str, ask: Callable[[Box], Judged]) -> Verdict:
        """What the checks of an exercise give in a box where the cells have run."""
        visible, cell = self.key.visible[exercise_id], self.rebuilt.answers[exercise_id]
        if cell in self._culprits:
            return no_answer(visible, f"The answer cell was stopped: {self._culprits[cell]}.")
        if cell >= self._end:
            return no_answer(visible, f"The answer cell was {self._late()}.")
        box = self._ready_box(self._end)
        if self._is_late():
            self.lost.append(f"{exercise_id}: {self._late()}")
            return no_answer(visible, f"The checks were {self._late()}.")
        start = time.perf_counter()
        verdict, error = ask(box)
        self.seconds["judge"] += time.perf_counter() - start
        if error is None:
            return verdict
        if not error.usable:
            self.close()
        if isinstance(error, BoxDiedError) and self._may_try_again(exercise_id):
            return self._asked(exercise_id, ask)
        self.lost.append(f"{exercise_id}: {error}")
        if not error.usable:
            self._culprits[cell] = str(error)
        return verdict

    def _show_verdict(self, verdict: Verdict) -> None:
        """Put our verdict in place of what the check cell said: formgrader and feedback show it."""
        report = Report(self.key.visible[verdict.exercise], verdict, {})
        grade_id = cell_name(verdict.exercise)
        for cell in self.rebuilt.notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
                # as they are: nbformat's new_output would take time to find them valid
                cell.outputs = nbformat.from_dict(
                    [
                        {
                            "output_type": "display_data",
                            "metadata": {},
                            "data": report.mimebundle(),
                        },
                        {
                            "output_type": "execute_result",
                            "metadata": {},
                            "data": {"text/plain": str(verdict.points)},
                            "execution_count": cell.get("execution_count"),
                        },
                    ]
                )


def _is_check(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _stream(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)
