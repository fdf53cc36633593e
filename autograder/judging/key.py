"""What the judge knows of a lesson and a submission never sees: the hidden checks."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from attnkit.checking.spec import ExerciseSpec
from nbformat import NotebookNode

from autograder.authoring.build import BuiltLesson, build_lesson
from autograder.authoring.notebooks import to_text
from autograder.boxes.flavours import flavour_of
from autograder.course import LessonFolder


@dataclass(frozen=True)
class LessonKey:
    """A lesson's released notebook, its visible checks and a class's hidden ones.

    Holds plain data only, no code of a solution, so it can be handed to any worker.
    """

    lesson: str
    release: NotebookNode
    visible: dict[str, ExerciseSpec]
    hidden: dict[str, ExerciseSpec]
    manual: dict[str, int]  # grade id of each free-text cell -> points

    @property
    def max_points(self) -> int:
        return sum(spec.points for spec in self.visible.values())

    @property
    def flavour(self) -> str:
        """What a warm process has imported already for this lesson: "numpy", or "keras" too."""
        code = (cell.source for cell in self.release.cells if cell.cell_type == "code")
        return flavour_of("\n".join(code))

    def digest(self) -> str:
        """Changes whenever a submission would have to be graded anew."""
        parts = [to_text(self.release)]
        for specs in (self.visible, self.hidden):
            parts += [json.dumps(spec.to_json(), sort_keys=True) for spec in specs.values()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def make_key(folder: LessonFolder, hidden_seed: int) -> LessonKey:
    """Build a lesson's key from its sources and a class's hidden seed."""
    return key_of(build_lesson(folder, hidden_seed))


def key_of(built: BuiltLesson) -> LessonKey:
    """The key of a lesson that is built already, with the hidden seed it was built with."""
    manual = {c.grade_id: c.points for c in built.lesson.cells if c.role == "manual"}
    return LessonKey(built.folder.name, built.release, built.specs, built.hidden, manual)
