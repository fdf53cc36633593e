"""The one entrance to grading: what there is at a path, graded step by step."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.closing import Closing
from autograder.course import Course
from autograder.grading.plan import GradeOptions as GradeOptions
from autograder.grading.plan import Plan, make_plan

if TYPE_CHECKING:
    from autograder.grading.batch import Progress


def grade_path(course: Course, path: Path, options: GradeOptions) -> Grading:
    """Grade everything at `path`. AttnError if that is nothing.

    The grading that is returned gives each result as soon as it is recorded; close it if not all
    of them are taken.
    """
    return Grading(course, path, options)


class Grading(Iterator["Progress"], Closing):
    """A path's submissions on their way. `strays` says what is left out, and why.

    Closing it ends everything that it has started: no process of ours is left.
    """

    def __init__(self, course: Course, path: Path, options: GradeOptions) -> None:
        plan = make_plan(course, path, options)
        self.strays = plan.strays
        self._boxes = plan.boxes(options)  # the sandbox starts
        self._steps = self._graded(plan, options)

    def __next__(self) -> Progress:
        return next(self._steps)

    def _graded(self, plan: Plan, options: GradeOptions) -> Generator[Progress, None, None]:
        # nbgrader takes a second to import, in which the sandbox starts
        from autograder.grading.batch import grade_plan

        with self._boxes:
            yield from grade_plan(plan, options, self._boxes)

    def close(self) -> None:
        self._steps.close()
        self._boxes.close()
