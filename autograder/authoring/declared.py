"""The exercises that a lesson's exercises.py declares."""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
from pathlib import Path

from autograder.authoring.exercise import Exercise
from autograder.course import Course, LessonFolder
from autograder.errors import AttnError, AuthorError


def declared_exercises(folder: LessonFolder) -> dict[str, Exercise]:
    """A lesson's exercises by id, in order. AuthorError names what is wrong with the file."""
    return _load(folder.exercises_file)


def lesson_of_exercise(course: Course, exercise_id: str) -> LessonFolder:
    """The lesson of an exercise such as "L1.3"; AttnError names the exercises there are."""
    number = re.match(r"L(\d+)\.", exercise_id)
    folders = course.lesson_folders()
    near = [folder for folder in folders if number and folder.number == int(number[1])] or folders
    known = {name: folder for folder in near for name in declared_exercises(folder)}
    if exercise_id not in known:
        raise AttnError(f'There is no exercise "{exercise_id}" (there are: {", ".join(known)}).')
    return known[exercise_id]


@functools.cache
def _load(file: Path) -> dict[str, Exercise]:
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
