"""One notebook, judged by itself: `attn check`."""

from __future__ import annotations

import contextlib
import functools
import json
from pathlib import Path

import nbformat
from attnkit.checking.spec import ExerciseSpec

from autograder.boxes.box import Box, Limits
from autograder.boxes.maker import BoxMaker, open_boxes
from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.one_submission import grade_submission
from autograder.grading.repair import UnreadableError, lesson_of
from autograder.grading.submissions import read_file
from autograder.judging.key import LessonKey
from autograder.judging.results import SubmissionResult


def check_notebook(course: Course, notebook: Path, sandbox: bool = True) -> SubmissionResult:
    """Run a notebook's visible checks as grading would: same repairs, same box, same judge."""
    raw = read_file(notebook)
    names = [folder.name for folder in course.lesson_folders()]
    try:
        lesson = lesson_of(raw, names)
    except UnreadableError as error:
        raise AttnError(f"{notebook} can't be checked: {error}.") from None
    if lesson is None:
        raise AttnError(f"{notebook} is not a notebook of this course.")
    key = visible_key(course, lesson)
    return grade_alone(notebook.stem, raw, key, Limits(sandbox=sandbox))


def grade_alone(student: str, raw: bytes, key: LessonKey, limits: Limits) -> SubmissionResult:
    """One submission in boxes of its own, recorded nowhere. AttnError if there can be no boxes."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def boxes() -> BoxMaker:  # a file that is no notebook needs none
            return stack.enter_context(open_boxes(limits, flavour=key.flavour))

        def open_box() -> Box:
            return boxes().open(key.flavour)

        return grade_submission(student, raw, key, open_box=open_box, limits=limits).result


def visible_key(course: Course, lesson: str) -> LessonKey:
    """A key from what is released: no solution is needed, none is read."""
    folder = course.lesson(lesson)
    data_file = course.released / f"L{folder.number}.json"
    if not data_file.is_file() or not folder.released_notebook.is_file():
        raise AttnError(f"{folder.name} is not built yet: run `attn build`.")
    data = json.loads(data_file.read_text(encoding="utf-8"))
    visible = {item["id"]: ExerciseSpec.from_json(item) for item in data["exercises"]}
    release = nbformat.read(folder.released_notebook, as_version=4)
    return LessonKey(lesson, release, visible, {}, {})
