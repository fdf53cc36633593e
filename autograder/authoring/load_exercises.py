"""The exercises of a lesson: its folder's files called l5_1_….py, l5_2_….py and so on."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path

from attnkit.cache import digest

from autograder.authoring.exercise import Exercise
from autograder.authoring.lesson import BEGIN_SOLUTION, END_SOLUTION, LessonCell, read_lesson
from autograder.course import LessonFolder, exercise_of_file
from autograder.errors import AuthorError
from autograder.versions import digest_of


def declared_exercises(folder: LessonFolder) -> dict[str, Exercise]:
    """A lesson's exercises by id, in order. AuthorError names what is wrong with a file."""
    files = tuple(sorted(folder.path.glob("*.py")))
    return _load(folder, digest_of(files))


@functools.cache
def _load(folder: LessonFolder, content: str) -> dict[str, Exercise]:
    """The exercises of a folder whose files hold this content, by its digest.

    Each file is a module of one package, so that they can share one: `from .shared import …`.
    """
    files = folder.exercise_files()
    if not files:
        raise AuthorError(
            f"no exercise here: a file l{folder.number}_1_….py is wanted.", folder.path
        )
    package = f"attn_exercises_{folder.name}_{digest(f'{folder.path} {content}')}"
    spec = ModuleSpec(package, None, is_package=True)
    spec.submodule_search_locations = [str(folder.path)]
    sys.modules[package] = module_from_spec(spec)
    importlib.invalidate_caches()
    found: dict[str, Exercise] = {}
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # it is an author's folder
    try:
        for file in files:
            exercise = _exercise_in(file, folder.number, f"{package}.{file.stem}")
            if exercise.id in found:
                other = Path(found[exercise.id].file).name
                raise AuthorError(
                    f"{exercise.id} is declared in {other}, too.", file, exercise.line
                )
            found[exercise.id] = exercise
    except BaseException:
        for name in [n for n in sys.modules if f"{n}.".startswith(f"{package}.")]:
            del sys.modules[name]
        raise
    finally:
        sys.dont_write_bytecode = writes
    answers = functools.cache(lambda: {c.name: c for c in read_lesson(folder.source).answers()})
    for exercise in found.values():
        exercise.solution_cell = functools.partial(_solution_cell, exercise, answers)
    return found


def _exercise_in(file: Path, lesson: int, module: str) -> Exercise:
    try:
        exercise = getattr(importlib.import_module(module), "exercise", None)
    except AuthorError:
        raise
    except Exception as error:
        place, line = _place_of(error, file)
        raise AuthorError(f"{type(error).__name__}: {error}", place, line) from error
    if not isinstance(exercise, Exercise):
        raise AuthorError("an exercise's file says exercise = Exercise(…).", file)
    if exercise.id != exercise_of_file(file) or not exercise.id.startswith(f"L{lesson}."):
        message = f"{exercise.id} stands in a file or a folder that is called for another exercise."
        raise AuthorError(message, file, exercise.line)
    return exercise


def _solution_cell(exercise: Exercise, answers: Callable[[], dict[str, LessonCell]]) -> str:
    cell = answers().get(exercise.id)
    if cell is None:
        raise AuthorError(f"{exercise.id} has no answer cell.", exercise.file, exercise.line)
    return "\n".join(
        line
        for line in cell.source.splitlines()
        if BEGIN_SOLUTION not in line and END_SOLUTION not in line
    )


def _place_of(error: BaseException, file: Path) -> tuple[str, int | None]:
    """Where in the file, or in one beside it, the error was made."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    found: tuple[str, int | None] = (str(file), None)
    frame = error.__traceback__
    while frame is not None:
        if Path(frame.tb_frame.f_code.co_filename).parent == file.parent:
            found = frame.tb_frame.f_code.co_filename, frame.tb_lineno
        frame = frame.tb_next
    return found
