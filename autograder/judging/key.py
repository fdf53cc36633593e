"""What the judge knows of a lesson and a submission never sees: the hidden checks."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from attnkit.checking.spec import ExerciseSpec
from nbformat import NotebookNode

from autograder.boxes.flavours import flavour_of
from autograder.notebook_text import to_text


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
    given: str = ""  # imports and functions of the lesson that an answer in a file may use

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
