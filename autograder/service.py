"""Grading as a plain Python call, for services that keep submissions and results themselves.

    from autograder.service import grade

    result = grade("01_attention_scores", Path("ada.ipynb"), hidden_seed=2017)
    print(result.status, result.points, result.max_points)
    json.dumps(result.to_json())  # as `attn grade --json` prints it

There is no class's folder, no gradebook and nothing is written. Each call starts boxes of its own;
to grade a class at once there is `attn grade`. Who grades many submissions of one lesson prepares
its key once: `key = prepare("01_attention_scores", 2017)`, then `grade(key, submission)`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.boxes.box import BoxFault, Limits
from autograder.boxes.private import keep_private
from autograder.course import LESSON_FOLDER, Course, LessonFolder, find_course
from autograder.errors import AttnError
from autograder.grading.one_notebook import grade_alone
from autograder.grading.one_submission import not_gradable
from autograder.grading.repair import UnreadableError
from autograder.grading.runner import described
from autograder.grading.submissions import beginning
from autograder.judging.key import LessonKey
from autograder.judging.make_key import make_key
from autograder.judging.results import SubmissionResult
from autograder.log import logger
from autograder.record.seed import user_seed

log = logger(__name__)
Result = SubmissionResult
Source = str | int | Path | LessonKey
Submission = Path | str | bytes | Mapping[str, Any]


def grade(
    source: Source,
    submission: Submission,
    *,
    hidden_seed: int | None = None,
    limits: Limits | None = None,
    student: str = "",
) -> Result:
    """Grade one submission, hidden cases included.

    source: a lesson: its name or number in the course that is installed ("01_attention_scores", 1),
    a folder with its authored files (01_name/01_name.py, 01_name/l1_1_….py), or what
    `prepare` gave.
    submission: a file's path, its bytes, or a notebook that is parsed already.
    hidden_seed: where the hidden cases come from, any integer that learners don't know; without it
    this user's own, the same in every call. Only for a source that isn't prepared.
    limits: `Limits(sandbox=False)` runs the submission with your own rights.

    What is wrong with the submission is in the result, never an exception: "not gradable" and why.
    AttnError if it is not the submission's fault: no such lesson or file, no sandbox here.
    """
    if isinstance(source, LessonKey):
        if hidden_seed is not None:
            raise AttnError("The lesson is prepared with a hidden seed already: give no other.")
        key = source
    else:
        key = prepare(source, hidden_seed)
    name = student or (Path(submission).stem if isinstance(submission, Path | str) else "")
    try:
        return grade_alone(name, _bytes(submission), key, limits or Limits())
    except UnreadableError as error:
        return not_gradable(name, key, str(error)).result
    except AttnError:
        raise
    except Exception as fault:
        log.error("The grader itself failed on %s, %s.", name, key.lesson, exc_info=fault)
        words = str(fault) if isinstance(fault, BoxFault) else described(fault)
        raise AttnError(f"The grader itself failed ({words}): grade it again.") from fault


def prepare(source: str | int | Path, hidden_seed: int | None = None) -> LessonKey:
    """A lesson's visible and hidden checks, made once for many calls of `grade`. AttnError."""
    return make_key(_lesson(source), user_seed() if hidden_seed is None else hidden_seed)


def _lesson(source: str | int | Path) -> LessonFolder:
    folder = Path(str(source))
    if isinstance(source, Path) or (isinstance(source, str) and folder.is_dir()):
        folder = folder.resolve()
        keep_private(folder.parent)
        lesson = LessonFolder(_Loose(folder.parent), folder.name)
        if not lesson.source.is_file():
            what = f"has no {lesson.source.name}"
        elif not LESSON_FOLDER.fullmatch(folder.name):
            what = "is not called like 01_name"
        elif not lesson.exercise_files():
            what = f"has no exercise, l{lesson.number}_1_….py"
        else:
            return lesson
        raise AttnError(f"{folder} is no lesson's folder: it {what}.")
    return find_course().lesson(source)


@dataclass(frozen=True)
class _Loose(Course):
    """Lessons that lie in a folder by themselves, without a course around it."""

    @property
    def solutions(self) -> Path:
        return self.root


def _bytes(submission: Submission) -> bytes:
    """The file as it was handed in; of one that is too large just enough to see that."""
    if isinstance(submission, bytes):
        return submission
    if isinstance(submission, Mapping):
        try:
            return json.dumps(submission).encode()
        except (TypeError, ValueError) as error:
            raise AttnError(f"The submission is no parsed notebook: {error}.") from None
        except RecursionError:
            raise UnreadableError("the file is nested too deeply to be a notebook") from None
    try:
        return beginning(Path(submission))
    except OSError as error:
        raise AttnError(f"{submission} can't be read: {error.strerror}.") from None
