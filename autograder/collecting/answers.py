"""Is anything answered in a notebook? As grading would find it, beside the notebook handed out."""

from __future__ import annotations

from collections.abc import Callable

from autograder.errors import AttnError
from autograder.grading.repair import UnreadableError, frame_of
from autograder.judging.key import LessonKey
from autograder.reading.frame import Frame
from autograder.reading.readers import SHARED


class Answers:
    """Looks for answers in notebooks of lessons; asked only where there are several.

    `key_of` gives the key of a lesson, or raises AttnError if it is not built here.
    """

    def __init__(self, key_of: Callable[[str], LessonKey]) -> None:
        self._key_of = key_of
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
            return frame_of(self._key_of(lesson))
        except AttnError:
            return None
