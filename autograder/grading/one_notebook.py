"""One notebook, judged by itself: `attn check`, and a service's submissions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.boxes.box import Box, Limits
from autograder.boxes.flavours import flavour_of, plain
from autograder.boxes.opening import BoxesAhead
from autograder.course import Course, LessonFolder
from autograder.errors import AttnError
from autograder.grading.submissions import read_file
from autograder.reading.notebook import UnreadableError
from autograder.reading.readers import SHARED

if TYPE_CHECKING:
    from autograder.judging.key import LessonKey
    from autograder.judging.results import SubmissionResult


def check_notebook(
    course: Course, notebook: Path, sandbox: bool = True, lesson: str | None = None
) -> SubmissionResult:
    """Run a notebook's visible checks as grading would: same repairs, same box, same judge.

    `lesson` is taken for the one of a notebook that doesn't tell. AttnError if it tells another.
    """
    raw = read_file(notebook)
    try:
        own = SHARED.lesson_of(raw, [folder.name for folder in course.lesson_folders()])
    except UnreadableError as error:
        raise AttnError(f"{notebook} can't be checked: {error}.") from None
    if own is None and lesson is None:
        raise AttnError(
            f"{notebook} is not a notebook of this course, or nothing in it tells the lesson any "
            "more: then name it with --lesson."
        )
    folder = course.lesson(lesson or own or "")
    if own not in (None, folder.name):
        raise AttnError(f"{notebook} is of {own}, not of {folder.name}: leave out --lesson.")
    flavour = plain(flavour_of(_released_code(folder)))
    limits = Limits(sandbox=sandbox)
    with BoxesAhead(limits, flavour, once_a_boot=True) as ahead:
        ahead.start()  # while the lesson is read, and all that reads it is imported
        key = visible_key(folder)
        # in those boxes, whatever it imports: for one notebook, others are not there sooner
        return _graded(notebook.stem, raw, key, limits, lambda _: ahead.maker().open(flavour))


def grade_alone(student: str, raw: bytes, key: LessonKey, limits: Limits) -> SubmissionResult:
    """One submission in boxes of its own, recorded nowhere. AttnError if there can be no boxes."""
    with BoxesAhead(limits, plain(key.flavour)) as ahead:  # a file that is no notebook starts none
        return _graded(student, raw, key, limits, lambda _: ahead.maker().open(plain(key.flavour)))


def _graded(
    student: str, raw: bytes, key: LessonKey, limits: Limits, open_box: Callable[[str], Box]
) -> SubmissionResult:
    from autograder.grading.one_submission import grade_submission

    return grade_submission(student, raw, key, open_box=open_box, limits=limits).result


def _released_code(folder: LessonFolder) -> str:
    """The code of a released notebook. AttnError if there is none."""
    cells = json.loads(folder.released_text())["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def visible_key(folder: LessonFolder) -> LessonKey:
    """A key from what is released: no solution is needed, none is read."""
    from attnkit.checking.spec import ExerciseSpec
    from nbformat import v4

    from autograder.judging.key import LessonKey

    notebook = folder.released_text()
    data = json.loads(folder.released_data.read_text(encoding="utf-8"))
    visible = {item["id"]: ExerciseSpec.from_json(item) for item in data["exercises"]}
    # as it is: nbformat.read would take time to find it valid
    release = v4.reads(notebook)
    return LessonKey(folder.name, release, visible, {}, {})
