"""Is anything answered in a notebook? As grading would find it, beside the notebook handed out."""

from __future__ import annotations

from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.one_notebook import visible_key
from autograder.grading.repair import UnreadableError, frame_of
from autograder.reading.frame import Frame
from autograder.reading.readers import SHARED


class Answers:
    """Looks for answers in notebooks of a course's lessons; asked only where there are several."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._frames: dict[str, Frame | None] = {}

    def are_in(self, raw: bytes, lesson: str) -> bool:
        """Whether somebody has written something for an exercise or a question of that lesson.

        Of a lesson that is not built here, nobody can tell, so that all count as answered.
        """
        if lesson not in self._frames:
            self._frames[lesson] = self._frame(lesson)
        frame = self._frames[lesson]
        if frame is None:
            return True
        try:
            cells = SHARED.lift(raw, frame, everything=True).cells
        except UnreadableError:
            return False
        return any(
            cell.part_of or (cell.given and cell.text is not None) or cell.pictures
            for cell in cells
        )

    def _frame(self, lesson: str) -> Frame | None:
        try:
            return frame_of(visible_key(self._course.lesson(lesson)))
        except AttnError:
            return None
