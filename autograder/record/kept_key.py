"""A lesson's key with this user's own seed, as it was made before for the same sources.

A single verdict asks for one exercise, so a kept key has a line for each: the others are not read.
It lies beside the seed that all of it follows from, readable by its owner, and no box shows that
folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from attnkit.cache import cached, digest
from attnkit.checking.spec import ExerciseSpec

from autograder.course import LessonFolder
from autograder.record.seed import user_folder, user_seed
from autograder.versions import what_decides


@dataclass(frozen=True)
class ExerciseKey:
    """What a verdict on one exercise needs."""

    visible: ExerciseSpec
    hidden: ExerciseSpec
    given: str  # imports and functions of the lesson that an answer in a file may use
    flavour: str  # of the lesson's boxes


def exercise_key(folder: LessonFolder, exercise_id: str) -> ExerciseKey:
    """The key of one exercise of this lesson, with this user's seed. AuthorError, AttnError."""
    seed = user_seed()
    name = f"keys/{digest(f'{seed} {folder.name} {what_decides(folder.path)}')}.jsonl"
    lines = cached(
        name,
        lambda: _lines(folder, seed),
        lambda file: _read(file, exercise_id),
        _write,
        private=user_folder(),
    )
    return _exercise(lines, exercise_id)


def _lines(folder: LessonFolder, seed: int) -> Sequence[str]:
    """The key made now: what holds for all exercises, their visible checks, their hidden ones."""
    from autograder.judging.make_key import make_key  # an author's part of the program, and slow

    key = make_key(folder, seed)
    head = {"exercises": list(key.visible), "given": key.given, "flavour": key.flavour}
    specs = [*key.visible.values(), *(key.hidden[name] for name in key.visible)]
    return [json.dumps(part) for part in (head, *(spec.to_json() for spec in specs))]


def _exercise(lines: Sequence[str], exercise_id: str) -> ExerciseKey:
    head = json.loads(lines[0])
    names: list[str] = head["exercises"]
    place = 1 + names.index(exercise_id)
    visible, hidden = (
        ExerciseSpec.from_json(json.loads(lines[i])) for i in (place, place + len(names))
    )
    return ExerciseKey(visible, hidden, head["given"], head["flavour"])


def _read(file: Path, exercise_id: str) -> Sequence[str]:
    lines = file.read_text("utf-8").split("\n")
    try:
        found = _exercise(lines, exercise_id)
    except (TypeError, IndexError) as error:  # lines that say something else
        raise ValueError(str(error)) from error
    if not found.visible.id == found.hidden.id == exercise_id:
        raise ValueError("another exercise's checks")
    return lines


def _write(lines: Sequence[str], out: IO[bytes]) -> None:
    out.write("\n".join(lines).encode())
