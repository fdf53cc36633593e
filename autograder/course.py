"""Where things lie: the checkout with its solutions and lessons, and the lessons in it."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.exercise import Exercise
from autograder.errors import AttnError, AuthorError

LESSON_FOLDER = re.compile(r"(\d\d)_[a-z0-9_]+")


@dataclass(frozen=True)
class Course:
    """A checkout of the course: `solutions/` is authored, `lessons/` is generated from it."""

    root: Path

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def lessons(self) -> Path:
        return self.root / "lessons"

    @property
    def released(self) -> Path:
        """Where the data of the visible checks go."""
        return self.lessons / "attnkit" / "released"

    def lesson_folders(self) -> list[LessonFolder]:
        folders = sorted(p for p in self.solutions.iterdir() if LESSON_FOLDER.fullmatch(p.name))
        return [LessonFolder(self, folder.name) for folder in folders]

    def pages(self) -> list[Path]:
        """Pages are notebooks without exercises: `solutions/00_start_here.py`."""
        return sorted(self.solutions.glob("[0-9][0-9]_*.py"))

    def lesson(self, wanted: str | int) -> LessonFolder:
        """The lesson called 1, "01", "L1" or "01_attention_scores"."""
        folders = self.lesson_folders()
        text = str(wanted).removeprefix("L")
        for folder in folders:
            if folder.name == wanted or (text.isdecimal() and int(text) == folder.number):
                return folder
        names = ", ".join(folder.name for folder in folders)
        raise AttnError(f'There is no lesson "{wanted}" in {self.solutions} (there are: {names}).')

    def exercise_lesson(self, exercise_id: str) -> LessonFolder:
        """The lesson of an exercise such as "L1.3"; AttnError names the exercises there are."""
        number = re.match(r"L(\d+)\.", exercise_id)
        folders = [f for f in self.lesson_folders() if number and f.number == int(number[1])]
        for folder in folders or self.lesson_folders():
            exercises = folder.exercises()
            if exercise_id in exercises:
                return folder
        known = [i for folder in (folders or self.lesson_folders()) for i in folder.exercises()]
        raise AttnError(f'There is no exercise "{exercise_id}" (there are: {", ".join(known)}).')


@dataclass(frozen=True)
class LessonFolder:
    """The two authored files of one lesson and the notebook that comes of them."""

    course: Course
    name: str  # "01_attention_scores": also nbgrader's name for assignment and notebook

    @property
    def number(self) -> int:
        return int(self.name[:2])

    @property
    def source(self) -> Path:
        return self.course.solutions / self.name / f"{self.name}.py"

    @property
    def exercises_file(self) -> Path:
        return self.course.solutions / self.name / "exercises.py"

    @property
    def released_notebook(self) -> Path:
        return self.course.lessons / self.name / f"{self.name}.ipynb"

    def exercises(self) -> dict[str, Exercise]:
        """The lesson's exercises by id, in order."""
        return _load_exercises(self.exercises_file)


def find_course() -> Course:
    """The checkout that this package was installed from, or the one around the current folder."""
    named = os.environ.get("ATTN_ROOT")
    here = [Path(__file__).parents[1], Path.cwd(), *Path.cwd().parents]
    candidates = [Path(named)] if named else here
    for root in candidates:
        if (root / "solutions").is_dir() and (root / "lessons").is_dir():
            return Course(root.resolve())
    raise AttnError(
        f"No course here: neither {candidates[0]} nor a folder above {Path.cwd()} holds "
        "`solutions/` and `lessons/`; run attn inside a checkout of the Attention Kit."
    )


@functools.cache
def _load_exercises(file: Path) -> dict[str, Exercise]:
    if not file.is_file():
        raise AuthorError("a lesson's folder needs an exercises.py.", file)
    name = f"attn_exercises_{file.parent.name}"
    module_spec = importlib.util.spec_from_file_location(name, file)
    assert module_spec is not None
    assert module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[name] = module  # inspect.getsource looks here
    try:
        module_spec.loader.exec_module(module)
    except AuthorError:
        raise
    except Exception as error:
        line = error.__traceback__ and _line_in(error, file)
        raise AuthorError(f"{type(error).__name__}: {error}", file, line or None) from error
    exercises = getattr(module, "EXERCISES", None)
    if not exercises:
        raise AuthorError("exercises.py must end with EXERCISES = (…), in lesson order.", file)
    found: dict[str, Exercise] = {}
    for exercise in exercises:
        if exercise.id in found:
            raise AuthorError(f"exercise {exercise.id} is declared twice.", file, exercise.line)
        found[exercise.id] = exercise
    return found


def _line_in(error: BaseException, file: Path) -> int | None:
    line = None
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == str(file):
            line = frame.tb_lineno
        frame = frame.tb_next
    return error.lineno if isinstance(error, SyntaxError) else line
