"""The verdicts on one submission's answers, asked of the box in which its cells have run."""

from __future__ import annotations

import time
from collections.abc import Callable

import nbformat
from attnkit.checking.judge import no_answer
from attnkit.checking.report import Report
from attnkit.checking.verdict import Verdict

from autograder.boxes.box import Box, BoxDiedError
from autograder.course import cell_name
from autograder.grading.cell_run import CellRun
from autograder.grading.repair import Rebuilt
from autograder.judging.judge import Judged, judge_hidden_calls, judge_visible_calls
from autograder.judging.key import LessonKey


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

    def visible(self, exercise_id: str) -> Verdict:
        visible = self._key.visible[exercise_id]
        return self._asked(exercise_id, lambda box: judge_visible_calls(box, visible))

    def hidden(self, verdict: Verdict) -> Verdict:
        """What is left of a verdict when fresh inputs have been tried; nothing is said of these."""
        visible = self._key.visible[verdict.exercise]
        hidden = self._key.hidden.get(verdict.exercise)
        if hidden is None or not verdict.points:
            return verdict
        return self._asked(
            verdict.exercise, lambda box: judge_hidden_calls(box, verdict, visible, hidden)
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

    def _asked(self, exercise_id: str, ask: Callable[[Box], Judged]) -> Verdict:
        """What the checks of an exercise give in a box where the cells have run."""
        run = self._run
        visible, cells = self._key.visible[exercise_id], self._rebuilt.answers[exercise_id]
        if all(cell >= run.end for cell in cells):
            return no_answer(visible, f"The answer cell was {run.late()}.")
        if all(cell in run.stopped or cell >= run.end for cell in cells):
            reason = next(run.stopped[cell] for cell in cells if cell in run.stopped)
            return no_answer(visible, f"The answer cell was stopped: {reason}.")
        box = run.box()
        if run.is_late():
            run.lost.append(f"{exercise_id}: {run.late()}")
            return no_answer(visible, f"The checks were {run.late()}.")
        start = time.perf_counter()
        verdict, error = ask(box)
        run.seconds["judge"] += time.perf_counter() - start
        if error is None:
            return verdict
        if not error.usable:
            run.close()
        if isinstance(error, BoxDiedError) and run.may_try_again(exercise_id):
            return self._asked(exercise_id, ask)
        run.lost.append(f"{exercise_id}: {error}")
        if not error.usable:
            run.stopped |= dict.fromkeys(cells, str(error))
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
