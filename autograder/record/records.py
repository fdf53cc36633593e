"""A class's recorded results, read as `attn grade` has written them. Nothing is graded here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import sqlalchemy

from autograder.course import Course, LessonFolder
from autograder.errors import AttnError
from autograder.judging.results import SubmissionResult
from autograder.log import logger
from autograder.record.class_folder import ClassFolder, gradebook_name
from autograder.record.history import History
from autograder.text import plain_text

log = logger(__name__)


@dataclass(frozen=True)
class Recorded:
    """One recorded result, with the digest of what was graded and what is known of before."""

    result: SubmissionResult
    digest: str
    history: History


@dataclass(frozen=True)
class LessonRecords:
    """The recorded results of one lesson, by student; and the files that can't be read."""

    lesson: LessonFolder
    records: dict[str, Recorded]
    unreadable: tuple[str, ...]


def find_class(path: Path) -> ClassFolder:
    """The class at `path`: its folder, or the `submitted/` in it. AttnError if there is none."""
    root = path.parent if path.name == "submitted" else path
    if not root.is_dir():
        raise AttnError(f"There is no class at {path}: give its folder, or its submitted/ folder.")
    folder = ClassFolder(root)
    if not (root / "nbgrader_config.py").is_file() and not folder.state.is_dir():
        raise AttnError(
            f"{root} is no class's folder: it holds neither nbgrader_config.py nor .attn; "
            "`attn course new` makes one."
        )
    url = sqlalchemy.engine.make_url(folder.gradebook_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise AttnError(
            f"The gradebook {gradebook_name(folder.gradebook_url)} is gone: put it back, or grade "
            "again to make a new one (marks given by hand are only in the old one)."
        )
    return folder


def read_records(
    course: Course, folder: ClassFolder, lessons: Sequence[str] = ()
) -> list[LessonRecords]:
    """The recorded results of these lessons (none named: of all). AttnError if there are none."""
    wanted = [course.lesson(name) for name in lessons] or course.lesson_folders()
    found = [_of_lesson(folder, lesson) for lesson in wanted]
    found = [one for one in found if one.records or one.unreadable]
    if not found:
        which = f" for {', '.join(lesson.name for lesson in wanted)}" if lessons else ""
        raise AttnError(
            f"Nothing has been graded{which} in {folder.root}: run attn grade "
            f"{quote(str(folder.submitted))} first."
        )
    return found


def _of_lesson(folder: ClassFolder, lesson: LessonFolder) -> LessonRecords:
    records, unreadable = {}, []
    for file in sorted((folder.state / "results" / lesson.name).glob("*.json")):
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            result = SubmissionResult.from_json(data["result"])
            history = History.from_json(data.get("history"))
            records[result.student] = Recorded(result, str(data["digest"]), history)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("The record %s is damaged.", file, exc_info=error)
            unreadable.append(plain_text(file.stem, 80, keep=""))
    return LessonRecords(lesson, records, tuple(unreadable))
