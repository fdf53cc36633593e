"""A lesson's key as it was made before, for the same sources and the same hidden seed.

A single verdict asks for one exercise, so a kept key has a line for each: the others are not read.
A class asks for all of it. It lies beside this user's seed, readable by its owner, and no box shows
that folder; whoever keeps a key has the seed that all of it follows from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from attnkit.cache import cached, digest
from attnkit.checking.spec import ExerciseSpec

from autograder.course import LessonFolder
from autograder.files import user_folder
from autograder.record.seed import user_seed
from autograder.versions import what_decides

if TYPE_CHECKING:
    from autograder.judging.key import LessonKey

T = TypeVar("T")


@dataclass(frozen=True)
class ExerciseKey:
    """What a verdict on one exercise needs."""

    visible: ExerciseSpec
    hidden: ExerciseSpec
    given: str  # imports and functions of the lesson that an answer in a file may use


@dataclass(frozen=True)
class ClassLesson:
    """A lesson as a class grades it."""

    key: LessonKey
    source: str  # nbgrader's source notebook, hidden tests included
    release: str  # the notebook that is handed out


def exercise_key(folder: LessonFolder, exercise_id: str) -> ExerciseKey:
    """The key of one exercise of this lesson, with this user's seed. AuthorError, AttnError."""
    return _found(folder, user_seed(), lambda lines: _exercise(lines, exercise_id))


def class_lesson(folder: LessonFolder, seed: int) -> ClassLesson:
    """A lesson with a class's hidden seed. AuthorError names file and line."""
    return _found(folder, seed, _class_lesson)


def _found(folder: LessonFolder, seed: int, part: Callable[[Sequence[str]], T]) -> T:
    """Part of a kept key; if there is none that can be read, it is made now."""
    taken: list[T] = []

    def read(file: Path) -> Sequence[str]:
        lines = file.read_text("utf-8").split("\n")
        try:
            taken.append(part(lines))
        except (TypeError, IndexError) as error:  # lines that say something else
            raise ValueError(str(error)) from error
        return lines

    name = f"keys/{digest(f'{seed} {folder.name} {what_decides(folder.path)}')}.jsonl"
    lines = cached(name, lambda: _lines(folder, seed), read, _write, private=user_folder())
    return taken[0] if taken else part(lines)


def _lines(folder: LessonFolder, seed: int) -> Sequence[str]:
    """The key made now: what holds for all exercises, visible checks, hidden ones, notebooks."""
    # an author's part of the program, slow to import
    from autograder.authoring.build import build_lesson
    from autograder.judging.make_key import key_of
    from autograder.notebook_text import to_text

    built = build_lesson(folder, seed)
    key = key_of(built)
    head = {
        "lesson": key.lesson,
        "exercises": list(key.visible),
        "given": key.given,
        "manual": key.manual,
    }
    specs = [*key.visible.values(), *(key.hidden[name] for name in key.visible)]
    notebooks = (to_text(built.source), to_text(built.release))
    return [json.dumps(part) for part in (head, *(s.to_json() for s in specs), *notebooks)]


def _exercise(lines: Sequence[str], exercise_id: str) -> ExerciseKey:
    head = json.loads(lines[0])
    names: list[str] = head["exercises"]
    place = names.index(exercise_id)
    visible, hidden = (_spec(lines, i, exercise_id) for i in (place, place + len(names)))
    return ExerciseKey(visible, hidden, head["given"])


def _class_lesson(lines: Sequence[str]) -> ClassLesson:
    import nbformat

    from autograder.judging.key import LessonKey

    head = json.loads(lines[0])
    names: list[str] = head["exercises"]
    visible = {name: _spec(lines, i, name) for i, name in enumerate(names)}
    hidden = {name: _spec(lines, i, name) for i, name in enumerate(names, len(names))}
    source, release = (str(json.loads(lines[i])) for i in (2 * len(names) + 1, 2 * len(names) + 2))
    notebook = nbformat.v4.reads(release)
    key = LessonKey(head["lesson"], notebook, visible, hidden, head["manual"], head["given"])
    return ClassLesson(key, source, release)


def _spec(lines: Sequence[str], place: int, exercise_id: str) -> ExerciseSpec:
    spec = ExerciseSpec.from_json(json.loads(lines[1 + place]))
    if spec.id != exercise_id:
        raise ValueError("another exercise's checks")
    return spec


def _write(lines: Sequence[str], out: IO[bytes]) -> None:
    out.write("\n".join(lines).encode())
