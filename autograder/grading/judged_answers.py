"""The verdicts on one submission's answers, asked of the box in which its cells have run."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import nbformat
from attnkit.checking.judge import no_answer
from attnkit.checking.report import Report
from attnkit.checking.verdict import Verdict

from autograder.boxes.box import Box, BoxDiedError, BoxError
from autograder.course import cell_name
from autograder.grading.cell_run import CellRun
from autograder.grading.repair import Rebuilt
from autograder.judging.judge import Judged, judge_hidden_calls, judge_visible_calls
from autograder.judging.key import LessonKey
from autograder.reading.lift import Standing


def judged(key: LessonKey, rebuilt: Rebuilt, run: CellRun) -> tuple[Verdict, ...]:
    """The verdicts on all exercises, which also take the place of what the check cells said.

    First all visible calls, then all hidden ones: see `judging/judge.py`.
    """
    judging = _Judging(key, rebuilt, run)
    seen = [judging.visible(exercise_id) for exercise_id in key.visible]
    run.forget()  # what the visible calls have done
    verdicts = tuple(judging.explained(judging.hidden(verdict)) for verdict in seen)
    for verdict in verdicts:
        judging.show(verdict)
    return verdicts


class _Judging:
    def __init__(self, key: LessonKey, rebuilt: Rebuilt, run: CellRun) -> None:
        self._key, self._rebuilt, self._run = key, rebuilt, run
        self._stood: dict[str, Standing | None] = {}  # what an exercise's visible calls decided for

    def visible(self, exercise_id: str) -> Verdict:
        """The better verdict of what stood where it was checked, and what stands in the end.

        For most they are the same. Which one it is the visible calls decide; hidden ones are asked
        of that one only.
        """
        visible = self._key.visible[exercise_id]
        tried: list[tuple[Standing | None, Verdict, BoxError | None]] = []
        for place in (*self._rebuilt.standing.get(exercise_id, ()), None):
            ask = functools.partial(judge_visible_calls, visible=visible, kept=_number(place))
            tried.append((place, *self._tried(exercise_id, ask)))
            if tried[-1][1].passed:
                break
        # of equal ones the first
        place, verdict, error = max(tried, key=lambda one: (one[1].points, one[2] is None))
        self._stood[exercise_id] = place
        return self._noted(verdict, error)

    def hidden(self, verdict: Verdict) -> Verdict:
        """What is left of a verdict when fresh inputs have been tried; nothing is said of these."""
        visible = self._key.visible[verdict.exercise]
        hidden = self._key.hidden.get(verdict.exercise)
        place = self._stood[verdict.exercise]
        if place is not None and place.renewed:
            self._rebuilt.repairs.append(
                f"{verdict.exercise}: {' and '.join(place.renewed)} became something else in a "
                "later cell; what was there when it was checked counts"
            )
        if hidden is None or not verdict.points:
            return verdict
        kept = _number(place)
        return self._noted(
            *self._tried(
                verdict.exercise,
                lambda box: judge_hidden_calls(box, verdict, visible, hidden, kept),
            )
        )

    def explained(self, verdict: Verdict) -> Verdict:
        """With the error of the answer cell: one that stops half-way may leave no function."""
        run, cells = self._run, self._rebuilt.answers[verdict.exercise]
        reasons = [f"stops with {run.failed[i].reason}" for i in cells if i in run.failed]
        stopped = [f"was stopped: {run.stopped[i]}" for i in cells if i in run.stopped]
        if len(stopped) < len(cells):  # of an answer that was stopped altogether it is said already
            reasons += stopped
        left_out = [run.skipped[i] for i in cells if i in run.skipped]
        if verdict.passed or not reasons + left_out:
            return verdict
        if reasons:
            return verdict.stopped_by(f"The answer cell {reasons[-1]}.")
        return verdict.stopped_by(f"In the answer cell {left_out[-1]}.")

    def _tried(self, exercise_id: str, ask: Callable[[Box], Judged]) -> Judged:
        """What the checks of an exercise give in a box where the cells have run."""
        run = self._run
        visible, cells = self._key.visible[exercise_id], self._rebuilt.answers[exercise_id]
        if all(cell >= run.end for cell in cells):
            return no_answer(visible, f"The answer cell was {run.late()}."), None
        if all(cell in run.stopped or cell >= run.end for cell in cells):
            reason = next(run.stopped[cell] for cell in cells if cell in run.stopped)
            return no_answer(visible, f"The answer cell was stopped: {reason}."), None
        box = run.box()
        if run.is_late():
            run.lost.append(f"{exercise_id}: {run.late()}")
            return no_answer(visible, f"The checks were {run.late()}."), None
        start = time.perf_counter()
        verdict, error = ask(box)
        run.seconds["judge"] += time.perf_counter() - start
        if error is not None and not error.usable:
            run.close()
        if isinstance(error, BoxDiedError) and run.may_try_again(exercise_id):
            return self._tried(exercise_id, ask)
        return verdict, error

    def _noted(self, verdict: Verdict, error: BoxError | None) -> Verdict:
        """The verdict; what kept the checks from being made is remembered."""
        if error is not None:
            self._run.lost.append(f"{verdict.exercise}: {error}")
            if not error.usable:
                cells = self._rebuilt.answers[verdict.exercise]
                self._run.stopped |= dict.fromkeys(cells, str(error))
        return verdict

    def show(self, verdict: Verdict) -> None:
        """Put our verdict in place of what the check cell said: formgrader and feedback show it."""
        report = Report(self._key.visible[verdict.exercise], verdict, {})
        grade_id = cell_name(verdict.exercise)
        for cell in self._rebuilt.notebook.cells:
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


def _number(place: Standing | None) -> int | None:
    return place.cell if place else None
