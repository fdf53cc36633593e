"""A lesson's visible checks as they were worked out before, for the same sources and libraries.

Lesson 8's misconceptions are Keras models, some three hundred of them: half a minute that a grader
should not wait for each time. Only visible checks are kept, which are public; hidden ones never.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from attnkit.cache import cached, digest
from attnkit.checking.spec import ExerciseSpec

from autograder.authoring.exercise import Exercise
from autograder.authoring.specs import PUBLIC_SEED, make_spec
from autograder.course import LessonFolder
from autograder.versions import what_decides

Specs = dict[str, ExerciseSpec]

# Making a small lesson's checks anew takes no longer than to be sure that nothing has changed.
_LEAST_SECONDS = 1.0


def kept_specs(
    folder: LessonFolder,
    exercises: Mapping[str, Exercise],
    reference: Mapping[str, Any],
    *,
    anew: bool = False,
) -> Specs:
    """What `visible_specs` gives, from the user's cache folder if it was slow once.

    `anew` works it out and keeps it: after a build, whoever grades or verifies needn't.
    """
    name = f"checks/{digest(f'{PUBLIC_SEED} {what_decides(folder.path)}')}.json"
    return cached(
        name,
        lambda: visible_specs(exercises, reference),
        lambda file: _read(file, list(exercises)),
        _write,
        least_seconds=_LEAST_SECONDS,
        anew=anew,
    )


def visible_specs(exercises: Mapping[str, Exercise], reference: Mapping[str, Any]) -> Specs:
    """The visible checks of a lesson's exercises, worked out now."""
    return {e.id: make_spec(e, reference, PUBLIC_SEED) for e in exercises.values()}


def _read(file: Path, wanted: list[str]) -> Specs:
    try:
        found = [ExerciseSpec.from_json(item) for item in json.loads(file.read_text("utf-8"))]
    except TypeError as error:  # JSON, but of something else
        raise ValueError(str(error)) from error
    if [spec.id for spec in found] != wanted:
        raise ValueError("other exercises")
    return {spec.id: spec for spec in found}


def _write(specs: Specs, out: IO[bytes]) -> None:
    out.write(json.dumps([spec.to_json() for spec in specs.values()]).encode())
