"""Grading one submission: bytes in, result out. Pure but for the box it runs in."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable

import nbformat
from attnkit.checking.judge import no_answer

from autograder.boxes.box import Box, BoxFault, Limits
from autograder.boxes.flavours import fitting
from autograder.errors import AttnError
from autograder.grading.cell_run import CellRun, OpenBox
from autograder.grading.judged_answers import judged
from autograder.grading.repair import UnreadableError, answered_by_hand, assemble, frame_of
from autograder.judging.key import LessonKey
from autograder.judging.results import Graded, Status, SubmissionResult
from autograder.log import logger
from autograder.reading.readers import SHARED, Readers

log = logger(__name__)
TRIES = 3  # to grade a submission whose box is lost through no fault of its own


def grade_submission(
    student: str,
    raw: bytes,
    key: LessonKey,
    notes: tuple[str, ...] = (),
    *,
    open_box: Callable[[str], Box],
    limits: Limits | None = None,
    readers: Readers = SHARED,
) -> Graded:
    """Rebuild, run and judge one submission. Whatever is in `raw`, there is a result.

    `open_box` gives a box of a flavour (`boxes/flavours.py`).

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
    rebuilt = assemble(lifted, key)
    flavour = fitting(key.flavour, rebuilt.code())
    opening = _Opening(functools.partial(open_box, flavour))
    for left in reversed(range(TRIES)):
        run = CellRun(rebuilt, opening, limits)
        try:
            run.all()
            verdicts = judged(key, rebuilt, run)
            break
        except BoxFault as fault:
            if not left:
                raise
            log.warning("%s, %s: its box is lost; once more.", student, key.lesson, exc_info=fault)
            rebuilt = assemble(lifted, key)  # without the outputs of this try
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
        repairs=(*notes, *rebuilt.repairs, *run.notes()),
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
