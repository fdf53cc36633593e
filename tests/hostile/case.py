"""What a case of the corpus is: one student's submission, and the row that grading must give it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

LESSON = "01_pair"
DOUBLE = "def double(x_T):\n    return x_T + x_T"
TRIPLE = "def triple(x_T):\n    return 3 * x_T"
FULL = (4, 2)
LOST = "partly graded"
UNREADABLE = "not gradable"

File = Callable[[NotebookNode], bytes]
Folder = Callable[[Path, bytes], None]


@dataclass(frozen=True)
class Case:
    """One submission of two exercises, `double` (4 points) and `triple` (2 points).

    `first` and `last` are cells of the learner's own, before everything and after both answers.
    `file` makes the submitted bytes out of the answered notebook, `folder` puts them in place.
    `says` are words that must stand in the row: in its reason, a repair or an exercise's message.
    A case that `needs` a sandbox would reach beyond its kernel, and is not run without one.
    One that takes long or only varies its `twin`, another case or a test of the same kind, is
    graded by `make test-all` only.
    """

    name: str
    does: str
    points: tuple[int, int] = FULL
    status: str = "graded"
    says: tuple[str, ...] = ()
    double: str = DOUBLE
    triple: str = TRIPLE
    first: str = ""
    last: str = ""
    file: File | None = None
    folder: Folder | None = None
    student: str = ""  # the folder's name, if it is not the case's
    row: str = ""  # the student's name in the gradebook, if it is not the folder's
    needs: str = ""
    twin: str = ""

    @property
    def folder_name(self) -> str:
        return self.student or self.name

    @property
    def row_name(self) -> str:
        return self.row or self.folder_name
