"""One notebook or one answer file, judged by itself: `attn check` and `attn judge`."""

from __future__ import annotations

import contextlib
import functools
import json
from pathlib import Path

import nbformat
from attnkit.checking.judge import no_answer
from attnkit.checking.spec import ExerciseSpec
from attnkit.checking.verdict import Verdict

from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import lesson_of_exercise
from autograder.boxes.box import Box, Limits
from autograder.boxes.maker import BoxMaker, open_boxes
from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.batch import user_seed
from autograder.grading.one_submission import grade_submission
from autograder.grading.repair import UnreadableError, lesson_of
from autograder.grading.submissions import MAX_BYTES
from autograder.judging.judge import judge_in_box
from autograder.judging.key import LessonKey, make_key
from autograder.judging.results import SubmissionResult


def check_notebook(course: Course, notebook: Path, sandbox: bool = True) -> SubmissionResult:
    """Run a notebook's visible checks as grading would: same repairs, same box, same judge."""
    raw = _read(notebook)
    names = [folder.name for folder in course.lesson_folders()]
    try:
        lesson = lesson_of(raw, names)
    except UnreadableError as error:
        raise AttnError(f"{notebook} can't be checked: {error}.") from None
    if lesson is None:
        raise AttnError(f"{notebook} is not a notebook of this course.")
    key = _visible_key(course, lesson)
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


def judge_file(course: Course, exercise_id: str, answer: Path, sandbox: bool = True) -> Verdict:
    """Judge a Python file that defines one exercise's functions, hidden cases included."""
    exercise_id = exercise_id.upper()
    folder = lesson_of_exercise(course, exercise_id)
    source = _read(answer).decode("utf-8", errors="replace")
    key = make_key(folder, user_seed())
    visible = key.visible[exercise_id]
    given = read_lesson(folder.source).given()
    with open_boxes(Limits(), sandbox, key.flavour) as boxes, boxes.open(key.flavour) as box:
        box.run_cell(given)
        ran = box.run_cell(source)
        if ran.status in ("timeout", "dead"):
            return no_answer(visible, f"{answer.name} was stopped: {ran.reason}.")
        verdict, _ = judge_in_box(box, visible, key.hidden[exercise_id])
    if ran.status == "error" and not verdict.passed:
        return verdict.stopped_by(f"{answer.name} stops with {ran.reason}.")
    return verdict


def _visible_key(course: Course, lesson: str) -> LessonKey:
    """A key from what is released: no solution is needed, none is read."""
    folder = course.lesson(lesson)
    data_file = course.released / f"L{folder.number}.json"
    if not data_file.is_file() or not folder.released_notebook.is_file():
        raise AttnError(f"{folder.name} is not built yet: run `attn build`.")
    data = json.loads(data_file.read_text(encoding="utf-8"))
    visible = {item["id"]: ExerciseSpec.from_json(item) for item in data["exercises"]}
    release = nbformat.read(folder.released_notebook, as_version=4)
    return LessonKey(lesson, release, visible, {}, {})


def _read(file: Path) -> bytes:
    """What a file holds, of one that is too large just enough to see that."""
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise AttnError(f"{file} can't be read: {error.strerror}.") from None
